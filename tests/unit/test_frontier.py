"""The frontier's figure, on votes whose radii are known."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from bagcert.fastpath.certification.bulk import certify_votes
from bagcert.fastpath.learners.wavelets.prior_ridge import KEPT, PriorRidge
from bagcert.fastpath.paper.figures.frontier import PUBLISHED, Panel, frontier
from bagcert.fastpath.paper.figures.made import Request
from bagcert.fastpath.paper.figures.scale import Scale
from bagcert.fastpath.votes.votes import Votes
from bagcert.reference.bounds import Method

ALPHA = Fraction(1, 1000)


def votes(k: int, models: int) -> Votes:
    """Three examples: one unanimous, one that leads by a little, and one that is wrong."""
    counts = np.array([[models, 0], [models - models // 3, models // 3], [0, models]])
    return Votes(counts, labels=np.zeros(3, np.int64))


def test_each_ensemble_has_a_curve_in_each_panel() -> None:
    asked = [(20, 300), (30, 300), (30, 600)]
    radii = range(0, 2001, 50)
    made = frontier(votes, dataset="mnist", n=60_000, alpha=ALPHA, radii=radii, ensembles=asked)
    assert made.panels == ("selected", "simuem")
    assert [(curve.panel, curve.series) for curve in made.curves] == [
        (panel, f"k = {k}, N = {models}") for panel in made.panels for k, models in asked
    ]
    for curve in made.curves:
        k, models = (int(part.split(" = ")[1]) for part in curve.series.split(", "))
        found = certify_votes(
            votes(k, models).counts, 60_000, k, ALPHA, method=Method(curve.panel)
        ).radius[:2]
        due = [Fraction(int((found >= r).sum()), 3) for r in radii]
        assert list(curve.accuracy) == due
    assert dict(made.statements) == {
        "certified accuracy falls faster, the larger k is": True,
        "more than the published 91.1% at k = 30, r = 100": False,
    }


def test_the_published_number_is_of_mnist_alone_and_must_be_passed() -> None:
    def unanimous(k: int, models: int) -> Votes:
        return Votes(np.array([[models, 0]]), labels=np.zeros(1, np.int64))

    k, r, _ = PUBLISHED
    given = {"n": 60_000, "alpha": ALPHA, "radii": (0, r), "ensembles": [(k, 300)]}
    of_mnist = frontier(unanimous, dataset="mnist", **given)  # type: ignore[arg-type]
    assert of_mnist.statements[1] == ("more than the published 91.1% at k = 30, r = 100", True)
    other = frontier(unanimous, dataset="mnist17", **given)  # type: ignore[arg-type]
    assert len(other.statements) == 1


def test_other_learners_have_panels_of_their_own_and_the_line_of_what_they_know() -> None:
    radii, alone = (0, 50, 2000), Fraction(2, 3)
    made = frontier(
        votes, dataset="mnist", n=60_000, alpha=ALPHA, radii=radii, ensembles=[(20, 300)],
        others=[
            Panel("transfer", votes, [(30, 600), (20, 300)], alone),
            Panel("transduction", votes, [(20, 300)]),
        ],
    )  # fmt: skip
    assert made.panels == ("selected", "simuem", "transfer", "transduction")
    (only,) = (curve for curve in made.curves if curve.panel == "transduction")
    assert only.accuracy == made.curves[0].accuracy
    line, *curves = (curve for curve in made.curves if curve.panel == "transfer")
    assert line.accuracy == (alone,) * 3
    assert [curve.series for curve in curves] == ["k = 30, N = 600", "k = 20, N = 300"]
    assert curves[1].accuracy == made.curves[0].accuracy
    assert len(made.statements) == 1  # on the project's own curves alone


@pytest.mark.parametrize(("name", "said"), [("frontier", False), ("figure2", True)])
def test_the_record_names_the_method_where_it_matters(name: str, said: bool) -> None:
    request = Request(
        Scale.FULL, Path(), None, 1000, 2, ALPHA, Method.COHEN, None, False
    )  # fmt: skip
    command = f"bagcert reproduce {name} --scale full --seed 2 --models 1000 --alpha 1/1000"
    assert request.notes(name, 1)["command"] == command + (" --method cohen" if said else "")


def test_what_the_prior_knows_is_its_mean() -> None:
    features = np.zeros((2, 128 + KEPT + 10), np.float32)
    features[0, -3], features[1, -10:] = 0.1, -0.1
    np.testing.assert_array_equal(PriorRidge().expected(features), [7, 0])


def test_votes_without_labels_are_refused() -> None:
    with pytest.raises(ValueError, match="labels"):
        frontier(
            lambda k, models: Votes(np.array([[models, 0]])),
            dataset="mnist", n=100, alpha=ALPHA, radii=(0,), ensembles=[(3, 10)],
        )  # fmt: skip

"""Curves of certified accuracy: exact shares, the statements that they show, their files."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Picture

from bagcert.fastpath.paper.figures.curves import (
    WITHOUT_D,
    Curve,
    Figure,
    certified_accuracy,
    colour_of,
    floored,
    read_figure,
)
from bagcert.fastpath.paper.figures.exhibits import draw, print_exhibit, read_csv, write_csv
from bagcert.fastpath.paper.figures.figure2 import falls_faster, figure2
from bagcert.fastpath.paper.figures.figure3 import figure3a, figure3b
from bagcert.fastpath.paper.figures.times import Times
from bagcert.fastpath.votes.votes import Votes
from bagcert.reference import Certificate, certify

F = Fraction


def simulated(k: int, models: int = 200, examples: int = 40) -> Votes:
    """Votes of models that are right more often, the larger k is; always the same ones."""
    drawn = np.random.Generator(np.random.Philox(5)).random((models, examples, 2))
    labels = np.arange(examples) % 3
    right = drawn[:, :, 0] < np.linspace(0.5, 0.95, examples) + k / 400
    wrong = (labels + 1 + (drawn[:, :, 1] < 0.5)) % 3
    predictions = np.where(right, labels, wrong).astype(np.int32)
    counts = np.stack([(predictions == j).sum(axis=0) for j in range(3)], axis=1)
    return Votes(counts, labels=labels, predictions=predictions)


def test_certified_accuracy_counts_right_rows_with_a_radius_that_large() -> None:
    votes = simulated(20)
    assert votes.labels is not None
    alpha, radii = F(1, 100), [0, 1, 2, 5, 8, 13, 21, 34, 300]
    labels = np.where(np.arange(40) < 5, (votes.labels + 1) % 3, votes.labels)  # five are wrong
    found = certified_accuracy(votes.counts, labels, radii, n=300, k=20, alpha=alpha)
    certain = [certify(row.tolist(), 300, 20, alpha / 40) for row in votes.counts]
    due = [
        F(sum(isinstance(c, Certificate) and c.label == t and c.radius >= r
              for c, t in zip(certain, labels, strict=True)), 40)
        for r in radii
    ]  # fmt: skip
    assert list(found) == due
    assert 0 < due[3] < due[0] < 1
    assert due[-1] == 0


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (F(2, 3), 2, "0.66"),
        (F(0), 3, "0.000"),
        (F(1), 2, "1.00"),
        (F(9999, 10000), 2, "0.99"),
        (F(100), 2, "100.00"),
        (F(1, 10**6), 6, "0.000001"),
    ],
)
def test_decimals_are_rounded_down(value: Fraction, digits: int, text: str) -> None:
    assert floored(value, digits) == text


@pytest.fixture(scope="module")
def made() -> Figure:
    figure = figure2(
        simulated, dataset="a stand-in", n=300, k=20, alpha=F(1, 100),
        radii=range(0, 40), ks=(10, 20, 40), alphas=(F(1, 10), F(1, 1000)),
        prefixes=(30, 60, 200),
    )  # fmt: skip
    return replace(figure, notes={"command": "a test"})


def test_figure2_has_its_panels_and_its_statements(made: Figure) -> None:
    assert made.panels == ("k", "α", "N")
    assert [curve.series for curve in made.curves] == [
        "k = 10", "k = 20", "k = 40", "α = 1/1000", "α = 1/10", "N = 30", "N = 60", "N = 200",
    ]  # fmt: skip
    assert [seen for _, seen in made.statements] == [True, True, True, True]
    # The curve at the base setting is the same, whichever panel it stands in.
    by_name = {curve.series: curve.accuracy for curve in made.curves}
    assert by_name["k = 20"] == by_name["N = 200"]
    assert by_name["k = 20"] != by_name["α = 1/10"]


def test_a_statement_that_does_not_hold_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    def backwards(k: int) -> Votes:
        """The same votes whatever k is, and the last quarter of the models all wrong."""
        votes = simulated(20)
        assert votes.labels is not None
        assert votes.predictions is not None
        rows = votes.predictions.copy()
        rows[150:] = (votes.labels + 1) % 3  # prefixes get worse
        counts = np.stack([(rows == j).sum(axis=0) for j in range(3)], axis=1)
        return Votes(counts, labels=votes.labels, predictions=rows)

    found = figure2(
        backwards, dataset="a stand-in", n=300, k=20, alpha=F(1, 100), radii=[0],
        ks=(10, 20), alphas=(F(1, 10), F(1, 1000)), prefixes=(100, 200),
    )  # fmt: skip
    assert [seen for _, seen in found.statements] == [False, False, True, False]
    print_exhibit(found)
    printed = capsys.readouterr().out
    assert printed.count("NOT SEEN") == 3
    assert printed.count("\nseen:") == 1


@pytest.mark.parametrize(
    ("values", "seen"),
    [
        (((8, 8, 8), (8, 8, 8)), False),  # neither is below half: nothing is told
        (((8, 8, 8), (8, 8, 3)), True),
        (((8, 8, 3), (8, 8, 8)), False),
        (((8, 8, 3), (8, 8, 3)), False),
        (((8, 8, 8), (8, 8, 8), (8, 4, 3)), True),  # half is not below half
        (((8, 8, 8), (8, 3, 3), (8, 8, 3)), False),
        (((8, 8, 3), (8, 3, 3), (0, 0, 0)), True),
    ],
)
def test_which_curve_falls_first(values: tuple[tuple[int, ...], ...], seen: bool) -> None:
    curves = [Curve("k", "", tuple(F(value, 8) for value in row)) for row in values]
    assert falls_faster(curves, range(len(curves)), (0, 10, 20)) is seen


def test_votes_without_predictions_are_refused() -> None:
    def counted(k: int) -> Votes:
        return Votes(simulated(k).counts, labels=simulated(k).labels)

    with pytest.raises(ValueError, match="must keep predictions"):
        figure2(
            counted, dataset="x", n=300, k=20, alpha=F(1, 100), radii=[0],
            ks=(20,), alphas=(F(1, 2),), prefixes=(10,),
        )  # fmt: skip


def test_the_files(made: Figure, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    write_csv(made, path)
    notes, rows = read_csv(path)
    assert notes == {"command": "a test"}
    assert len(rows) == 8 * 40
    assert {row["panel"] for row in rows} == {"k", "α", "N"}
    first = rows[0]
    assert (first["series"], first["r"]) == ("k = 10", "0")
    assert F(first["exactly"]) == made.curves[0].accuracy[0]
    assert 0 <= F(first["exactly"]) - F(first["certified_accuracy"]) < F(1, 10**6)
    again = read_figure(path)
    assert (again.name, again.radii, again.curves) == ("f", made.radii, made.curves)
    assert again.notes == made.notes
    picture = tmp_path / "f.png"
    draw(made, picture)
    assert picture.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="exists already"):
        draw(made, picture)
    whole: Any = Figure("one", "t", (0,), (Curve("p", "s", (F(1),)),), (), {})
    draw(whole, picture, force=True)


def test_the_first_radius_is_drawn_and_every_radius_near_it() -> None:
    radii = (0, 1, 2, 4, 30)
    falling = tuple(F(4 - i, 5) for i in range(5))
    figure = figure3b(
        {"ours": falling, "theirs": (F(1, 2),) + (F(0),) * 4}, dataset="x", radii=radii
    )
    picture = Picture()
    figure.paint(picture)
    (axes,) = picture.axes
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    places = [(np.ravel(line.get_xdata())[0], np.ravel(line.get_ydata())[0]) for line in dots]
    assert places == [(0, 0.8), (0, 0.5)]
    assert [line.get_color() for line in dots] == [line.get_color() for line in axes.lines[::2]]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["0", "1", "2", "5", "10", "20"]
    at = axes.transData.transform([(r, 0) for r in radii])[:, 0]
    assert at[3] - at[0] > (at[4] - at[0]) / 5  # four of thirty radii have more than their share
    assert at[2] - at[1] == pytest.approx(at[1] - at[0])
    assert axes.get_xlabel() == "poisoned training examples, r"
    assert axes.get_ylabel() == "certified accuracy"


def painted(curves: list[Curve]) -> Any:
    """The axes of a figure at r = 0, 1 and 2, laid out as they are written."""
    picture = Picture(layout="constrained")
    FigureCanvasAgg(picture)
    Figure("f", "t", (0, 1, 2), tuple(curves), ()).paint(picture)
    picture.draw_without_rendering()
    return picture.axes


def curve(panel: str, series: str) -> Curve:
    return Curve(panel, series, (F(1), F(2, 3), F(0)))


def test_a_k_has_one_colour_in_every_panel_and_no_two_have_the_same() -> None:
    sizes = (10, 20, 30, 40, 50, 70, 100, 150, 200)
    assert len({colour_of(f"k = {k}, N = 1000") for k in sizes} | {None, colour_of("k = 7")}) == 11
    first, second = painted(
        [curve("a", "k = 20"), curve("a", "k = 50"), curve("b", "k = 50"), curve("b", "k = 50, N")]
    )
    shown = {line.get_label(): line for axes in (first, second) for line in axes.lines}
    assert first.lines[2].get_color() == shown["k = 50"].get_color() == colour_of("k = 50")
    assert shown["k = 20"].get_color() == colour_of("k = 20") != colour_of("k = 50")
    assert [shown[name].get_linestyle() for name in ("k = 50", "k = 50, N")] == ["-", "-."]
    assert colour_of("α = 1/10") is colour_of("bagging, k = 50") is None


def test_what_is_known_without_d_is_black_and_dashed_with_its_value() -> None:
    (axes,) = painted([Curve("a", WITHOUT_D, (F(2, 3),) * 3), curve("a", "k = 20")])
    line = axes.lines[0]
    assert (line.get_color(), line.get_linestyle()) == ("black", "--")
    assert line.get_label() == f"{WITHOUT_D}: 66.66 %"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        line.get_label(), "k = 20",
    ]  # fmt: skip


@pytest.mark.parametrize(("panels", "rows"), [(1, [1]), (3, [3]), (4, [2, 2]), (5, [2, 2, 1])])
def test_panels_are_wrapped_and_no_legend_hides_a_curve(panels: int, rows: list[int]) -> None:
    every = painted([curve(str(i), f"k = {k}") for i in range(panels) for k in (20, 30, 50)])
    tops = [round(axes.get_position().y1, 6) for axes in every]
    assert [tops.count(top) for top in dict.fromkeys(tops)] == rows
    boxes = [axes.get_window_extent() for axes in every]
    for axes in every:
        legend = axes.get_legend().get_window_extent()
        assert not any(legend.overlaps(box) for box in boxes)
        assert axes.figure.bbox.y0 <= legend.y0 < legend.y1 <= axes.figure.bbox.y1


def test_nothing_is_seen_where_there_is_nothing_to_see() -> None:
    def hopeless(k: int) -> Votes:
        rows = np.arange(200 * 40).reshape(200, 40) % 3  # a third of the votes for each label
        counts = np.stack([(rows == j).sum(axis=0) for j in range(3)], axis=1)
        return Votes(counts, labels=np.zeros(40, int), predictions=rows.astype(np.int32))

    found = figure2(
        hopeless, dataset="x", n=300, k=20, alpha=F(1, 100), radii=range(9),
        ks=(10, 20), alphas=(F(1, 2), F(1, 3)), prefixes=(50, 200),
    )  # fmt: skip
    nothing = (F(0),) * 9
    both = {"first": nothing, "second": nothing}
    others = (make(both, dataset="x", radii=range(9)) for make in (figure3a, figure3b))
    for figure in (found, *others):
        assert not any(seen for _, seen in figure.statements)
    resumed = Times("figure3c", "t", {"ours": (9, {"a": 1.0}), "theirs": (9, {"a": 2.0})}, True)
    assert not resumed.statements[0][1]
    assert replace(resumed, resumed=False).statements[0][1]

"""Explanations word for word: `explanations.json` holds what was read over and found right."""

import json
from dataclasses import FrozenInstanceError, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from bagcert.reference import Header, Row, certify
from bagcert.reference.explanation import steps
from bagcert.reference.explanation.steps import Explanation, explain
from bagcert.reference.explanation.story import _worst, as_fields, as_story
from bagcert.reference.poisoning import Poisoned
from bagcert.reference.residuals import Residual
from bagcert.reference.theorem1 import Worst, certified_poisoning_size

CASES = json.loads(Path(__file__).with_name("explanations.json").read_text())


def explained(
    counts: list[int], truth: int | None = None, **changes: Any
) -> tuple[Header, Explanation]:
    fields: dict[str, Any] = {"n": 60, "k": 3, "alpha": "1/10", "examples": 1, **changes}
    fields |= {"classes": len(counts), "models": sum(counts), "alpha": Fraction(fields["alpha"])}
    if "class_names" in fields:
        fields["class_names"] = tuple(fields["class_names"])
    made = Header(**fields)
    outcome = certify(
        counts, made.n, made.k, made.level,
        method=made.method, attack=made.attack, residual=made.residual,
    )  # fmt: skip
    return made, explain(made, Row(7, counts, outcome, truth))


def story(made: Header, found: Explanation) -> list[str]:
    """The titles, and under each its lines."""
    lines = []
    for title, below in as_story(made, found):
        lines += [title, *(f"  {line}" for line in below)]
    return lines


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["what"])
def test_an_explanation_word_for_word(case: dict[str, Any]) -> None:
    made, found = explained(case["counts"], case["truth"], **case["header"])
    assert story(made, found) == case["story"]
    assert as_fields(made, found) == case["fields"]


def test_a_label_that_depends_on_the_other_test_examples_is_said_to() -> None:
    """Only where the votes say so, and only of what is certified."""
    words = (
        "  By the learner's own statement the label may depend on the other test examples: this",
        "  is about all 9 of them as they stood, and nobody may change another.",
    )
    plain = story(*explained([30, 5, 5], examples=9))
    for stated, said in (("true", words), ("false", ()), (None, ())):
        notes = {} if stated is None else {"transductive": stated}
        found = story(*explained([30, 5, 5], examples=9, provenance=notes))
        assert found == [*plain[:3], *said, *plain[3:]]
    (_, claim), *_ = as_story(*explained([20, 20], provenance={"transductive": "true"}))
    assert len(claim) == 1


def test_a_sign_test_at_its_level_and_too_near_to_tell() -> None:
    """At c = 2 a hundredth of the level is the sign test's; 2^-20 is enclosed as itself."""
    near, nearer = Fraction(1, 2**30), Fraction(1, 2**56)
    for models, off, word in (
        (20, Fraction(0), "at most"), (20, near, "at most"), (20, -near, "above"),
        (40, Fraction(0), "next to"), (40, nearer, "at most"), (40, -nearer, "above"),
    ):  # fmt: skip
        due = Fraction(1, 2**models) + off
        made, found = explained([models, 0], alpha=100 * due)
        assert found.levels.sign_test == due
        told = story(made, found)
        (line,) = (line for line in told if "with probability" in line)
        assert f", {word} " in line, (models, off)
        # What passes the test is not said to lack it.
        assert any("a sign test of at most" in line for line in told) == (word == "above")


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [(0, 0, "at most"), (-1, 0, "at most"), (0, 1, "next to"), (-1, 1, "next to"), (1, 2, "above")],
)
def test_an_enclosure_around_the_level(low: int, high: int, word: str) -> None:
    made, found = explained([30, 5, 5])
    sign = found.levels.sign_test
    assert sign is not None
    hair = Fraction(1, 2**100)
    found = replace(found, sign_test=(sign + low * hair, sign + high * hair))
    (line,) = (line for line in story(made, found) if "with probability" in line)
    assert f", {word} " in line


def test_shares_of_votes_that_need_more_models_than_there_may_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = "  with the same shares of votes: more models than the limit allows"
    for most, found_with in ((49, None), (99, None), (100, 100), (101, 100)):
        monkeypatch.setattr(steps, "MAX_MODELS", most)
        made, found = explained([40, 10], n=3, k=1, alpha="1/100")
        assert (found.target, found.limit) == (0, 0)
        assert found.more_models == found_with
        assert (said in story(made, found)) == (found_with is None)
    # Where the shares themselves would not reach it, nothing is promised.
    assert said not in story(*explained([40, 0, 0], n=9, k=2, attack="insert"))


def test_a_level_of_one_half_is_the_first_without_a_limit() -> None:
    for alpha, limited in (("50/99", False), ("4999/9900", True)):
        made, found = explained([9, 1], k=2, alpha=alpha)
        assert (found.levels.bound < Fraction(1, 2)) == limited
        assert (found.limit is not None) == limited
        assert any("however many models" in line for line in story(made, found)) == limited


def test_equal_shares_have_the_radius_of_equal_bounds() -> None:
    half = Fraction(1, 2)
    for n in (60, 61):
        due = certified_poisoning_size(n, 1, half, half, residual=Residual.INTEGRAL)
        _, found = explained([20, 20], n=n, k=1, method="cohen", residual="integral")
        assert found.limit == due
        assert (due is None) == (n == 60)


@pytest.mark.parametrize(
    ("size", "kept", "kinds"),
    [
        (9, 9, ""), (9, 7, " (2 modified)"), (7, 7, " (2 deleted)"), (12, 9, " (3 inserted)"),
        (8, 5, " (3 modified, 1 deleted)"), (10, 8, " (1 modified, 1 inserted)"),
    ],
)  # fmt: skip
def test_what_the_worst_attack_does(size: int, kept: int, kinds: str) -> None:
    made = Header(9, 2, 2, 40, 1, Fraction(1, 10))
    first, margin = _worst(made, Worst(Poisoned(size, kept), Fraction(-5)))
    assert first == f"worst attack: n' = {size} examples, m = {kept} of them kept{kinds}"
    assert margin == "margin: [0.061728395061, 0.061728395062] = 0x5/9^2"


def test_a_row_that_claims_more_less_or_otherwise_is_refused() -> None:
    made = Header(60, 3, 3, 40, 1, Fraction(1, 10))
    rows = ([40, 0, 0], [39, 1, 0], [0, 40, 0], [20, 20, 0])
    outcomes = [certify(row, 60, 3, made.level) for row in rows]
    for i, row in enumerate(rows):
        for j, outcome in enumerate(outcomes):
            if i == j:
                assert explain(made, Row(1, row, outcome)).row.counts == row
            else:
                with pytest.raises(ValueError, match="index 1: claims"):
                    explain(made, Row(1, row, outcome))


def test_fields_hold_every_digit_and_words_do_not() -> None:
    made, found = explained([990, 10], n=60_000, k=100, alpha="1/1000")
    words = next(line for line in story(made, found) if "gap of lists (paper)" in line)
    fields = as_fields(made, found)["gap"]
    assert len(words) < 200
    assert len(fields) > 300
    lists, rest = fields.split(" = ")[-1].split("/")
    assert Fraction(int(lists, 16)) == found.gap
    assert rest == "60000^100"


def test_a_true_label_on_either_side_is_not_what_is_predicted() -> None:
    for truth, word in ((0, "not what is predicted"), (1, "correct"), (2, "not what is predicted")):
        made, found = explained([5, 30, 5], truth)
        assert f"  true label: {truth}, {word}" in story(made, found)


def test_an_explanation_is_not_changed() -> None:
    _, found = explained([30, 5, 5])
    with pytest.raises(FrozenInstanceError):
        found.label = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("top", "n", "k", "changes"),
    [(31, 12, 4, "0 changes"), (36, 12, 4, "1 change"), (36, 30, 3, "3 changes")],
)
def test_one_change_is_not_spelled_as_several(top: int, n: int, k: int, changes: str) -> None:
    line = story(*explained([top, 40 - top], n=n, k=k))[1]
    assert line == f"  However an attacker spends {changes} on the {n} training examples,"

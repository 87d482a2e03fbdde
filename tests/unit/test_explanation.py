"""An explanation against a second route: brute force over moved votes, eq (4) at r and r + 1."""

import json
from fractions import Fraction
from math import comb
from pathlib import Path
from typing import Any

import pytest

from bagcert.reference import Abstention, Certificate, Header, Row, certify, write_certificate
from bagcert.reference.arithmetic.spelling import scientific
from bagcert.reference.explanation.steps import Explanation, _after_moving, explain
from bagcert.reference.theorem1 import certified_poisoning_size, scanned_radius
from tests.command import bagcert

COUNTS = [
    (40, 0, 0), (39, 1, 0), (30, 5, 5), (20, 20, 0), (22, 18, 0), (14, 13, 13), (0, 3, 37),
    (24, 8, 8), (26, 14, 0),
]  # fmt: skip


def header(**changes: Any) -> Header:
    fields: dict[str, Any] = {
        "n": 60, "k": 3, "classes": 3, "models": 40, "examples": 1, "alpha": Fraction(1, 10),
    }  # fmt: skip
    return Header(**fields | changes)


def explained(counts: tuple[int, ...], made: Header) -> Explanation:
    outcome = certify(
        counts, made.n, made.k, made.level,
        method=made.method, attack=made.attack, residual=made.residual,
    )  # fmt: skip
    return explain(made, Row(0, counts, outcome))


def radius_of(counts: list[int], made: Header) -> int:
    outcome = certify(
        counts, made.n, made.k, made.level,
        method=made.method, attack=made.attack, residual=made.residual,
    )  # fmt: skip
    return outcome.radius if isinstance(outcome, Certificate) else -1


def moved_one_by_one(counts: tuple[int, ...], votes: int) -> list[int]:
    found = list(counts)
    label = found.index(max(found))
    for _ in range(votes):
        others = [count if j != label else -1 for j, count in enumerate(found)]
        found[others.index(max(others))] -= 1
        found[label] += 1
    return found


@pytest.mark.parametrize("counts", [*COUNTS, (2, 20, 9, 9), (5, 5, 5, 25), (24, 10, 3, 3)])
def test_votes_move_from_the_strongest_others(counts: tuple[int, ...]) -> None:
    label = counts.index(max(counts))
    for votes in range(40 - max(counts) + 1):
        assert _after_moving(counts, label, votes) == moved_one_by_one(counts, votes)


@pytest.mark.parametrize("counts", COUNTS)
@pytest.mark.parametrize("attack", ["any", "modify", "delete", "insert"])
@pytest.mark.parametrize(
    ("method", "residual"), [("selected", "paper"), ("simuem", "none"), ("cohen", "integral")]
)
def test_every_number_is_met_by_brute_force(
    counts: tuple[int, ...], attack: str, method: str, residual: str
) -> None:
    made = header(attack=attack, method=method, residual=residual)
    found = explained(counts, made)
    radius = radius_of(list(counts), made)
    assert found.radius == (None if radius < 0 else radius)
    assert found.target == radius + 1
    if found.gap > 0 and found.p_lower > found.p_upper and radius >= 0:
        assert scanned_radius(made.n, made.k, found.gap, made.attack) == radius
    if found.at_radius is not None:
        assert found.at_radius.left < 0
    assert found.beyond is not None
    assert found.needed_gap is not None
    if radius >= 0:
        # Exactly at the needed gap the target is not yet certified; a hair above it is.
        assert found.beyond.left >= 0
        hair = Fraction(1, 7)
        for gap, due in ((found.needed_gap, radius), (found.needed_gap + hair, found.target)):
            assert scanned_radius(made.n, made.k, gap, made.attack) >= due  # type: ignore[operator]
        at = scanned_radius(made.n, made.k, found.needed_gap, made.attack)
        assert at is None or at < found.target
    else:
        assert found.needed_gap == 0
    enough = [
        votes
        for votes in range(1, 40 - max(counts) + 1)
        if radius_of(moved_one_by_one(counts, votes), made) >= found.target
    ]
    assert found.moved_votes == (enough[0] if enough else None)
    times = [t for t in (2, 4, 8, 16) if radius_of([t * x for x in counts], made) >= found.target]
    if times:
        assert found.more_models == 40 * times[0]
    for t in (1, 5, 50, 500):
        reached = radius_of([t * x for x in counts], made)
        assert reached <= (-1 if found.limit is None else found.limit)


def test_the_sign_test_is_enclosed_and_the_limit_is_left_out_where_it_is_none() -> None:
    found = explained((26, 14, 0), header())
    exact = Fraction(sum(comb(40, i) for i in range(26, 41)), 2**40)
    low, high = found.sign_test
    assert low <= exact <= high
    assert high - low < exact / 2**80
    loose = explained((26, 14), header(classes=2, alpha=Fraction(2, 3), method="cohen"))
    assert loose.levels.bound < Fraction(1, 2)
    assert loose.limit is not None
    very_loose = explained((26, 14), header(classes=2, alpha=Fraction(199, 200)))
    assert very_loose.levels.bound >= Fraction(1, 2)
    assert very_loose.limit is None


@pytest.mark.parametrize(("method", "other"), [("selected", 5), ("simuem", 5), ("cohen", 10)])
def test_the_limit_is_the_radius_of_the_shares_themselves(method: str, other: int) -> None:
    made = header(method=method)
    due = certified_poisoning_size(60, 3, Fraction(30, 40), Fraction(other, 40))
    assert explained((30, 5, 5), made).limit == due


def test_delete_at_its_end_wants_nothing_more() -> None:
    made = header(n=5, k=1, attack="delete", residual="none", models=1000, classes=2)
    found = explained((1000, 0), made)
    assert found.radius == 4
    assert (found.beyond, found.needed_gap, found.moved_votes, found.more_models) == (None,) * 4


def test_a_row_that_claims_what_its_counts_do_not_give_is_refused() -> None:
    made = header()
    honest = certify((40, 0, 0), 60, 3, made.level)
    with pytest.raises(ValueError, match="index 3: claims"):
        explain(made, Row(3, (39, 1, 0), honest))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(1, 3), "[3.333e-1, 3.334e-1]"),
        (Fraction(1), "1.000e+0"),
        (Fraction(99999, 10**8), "[9.999e-4, 1.000e-3]"),
        (Fraction(1, 10**300), "1.000e-300"),
        (Fraction(10**20 + 1), "[1.000e+20, 1.001e+20]"),
        (Fraction(9, 10), "9.000e-1"),
    ],
)
def test_scientific_notation_encloses(value: Fraction, text: str) -> None:
    assert scientific(value, value) == text
    ends = [Fraction(end) for end in text.strip("[]").split(", ")]
    assert ends[0] <= value <= ends[-1]


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    counts = [(990, 10), (700, 300), (501, 499), (400, 600)]
    made = header(
        n=60_000, k=100, classes=2, models=1000, examples=len(counts), alpha=Fraction(1, 1000),
        class_names=("cat", "dog\x1b[2J\n"),
    )  # fmt: skip
    rows = [
        Row(3 * i + 1, row, certify(row, 60_000, 100, made.level), 0)
        for i, row in enumerate(counts)
    ]
    write_certificate(tmp_path / "c.jsonl", made, rows)
    return tmp_path / "c.jsonl"


def test_the_story_in_words(certificate: Path) -> None:
    status, out, error = bagcert("explain", certificate, "--index", 4)
    assert (status, error) == (0, "")
    for words in (
        "example 4: label 0 (cat), certified at radius 95",
        "700 of 1000 models for it, 300 for label 1 (dog\\x1b[2J\\n), the runner-up",
        "true label: 0 (cat), correct",
        "1/4000 for this one",
        "why radius 95", "why not 96", "n' = 60000 examples, m = 59904 of them kept (96 modified)",
        "what would certify 96", "of their votes moved here",
    ):  # fmt: skip
        assert words in out
    assert all(line.isprintable() for line in out.split("\n"))
    status, out, _ = bagcert("explain", certificate, "--index", 7)
    assert status == 0
    assert "example 7: label 0 (cat), not certified (selection)" in out
    assert "a sign test of at most" in out
    status, out, _ = bagcert("explain", certificate, "--index", 10)
    assert "not what is predicted" in out


@pytest.mark.parametrize(
    ("votes", "words"), [("700,300", "1 change on"), ("990,10", "5 changes on")]
)
def test_one_change_is_not_several(votes: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "v.csv"
    path.write_text(f"{votes}\n")
    output = tmp_path / "c.jsonl"
    assert bagcert("certify", path, "--n", 20, "--k", 2, "-o", output)[0] == 0
    assert f"  However an attacker spends {words}" in bagcert("explain", output, "--index", 0)[1]


def test_radius_answers_the_fields_of_an_explanation(certificate: Path) -> None:
    status, out, _ = bagcert("explain", certificate, "--index", 1, "--json")
    found = json.loads(out)
    assert status == 0
    assert found["p_lower"].startswith("0x1.")
    options = ("--n", 60_000, "--k", 100, "--p-lower", found["p_lower"], "--p-upper",
               found["p_upper"], "--json")  # fmt: skip
    status, out, _ = bagcert("radius", *options)
    again = json.loads(out)
    assert status == 0
    assert again["radius"] == found["radius"]
    assert again["margin_at_radius"] == found["worst_at_radius"]["margin"]
    assert again["margin_beyond"] == found["worst_there"]["margin"]
    assert (again["worst_size"], again["kept"]) == (
        found["worst_there"]["size"], found["worst_there"]["kept"],
    )  # fmt: skip
    for wrong in ("0x1.0p-1", "0X1.8000000000000p-1", "0x1.0000000000000p+1"):
        status, _, error = bagcert("radius", "--n", 9, "--k", 2, "--p-lower", wrong, "--p-upper", 0)
        assert status == 2
        assert "--p-lower" in error


def test_only_what_is_valid_and_there_is_explained(certificate: Path) -> None:
    status, _, error = bagcert("explain", certificate, "--index", 2)
    assert status == 2
    assert "--index: there is no example 2; the file has 4, from 1 to 10" in error
    certificate.write_text(certificate.read_text().replace('"radius":95', '"radius":94'))
    status, out, _ = bagcert("explain", certificate, "--index", 1)
    assert status == 1
    assert out.startswith("INVALID line 3, radius")
    status, out, error = bagcert("explain", certificate.parent / "none", "--index", 1)
    assert (status, out) == (2, "")
    assert isinstance(certify((501, 499), 60_000, 100, "1/4000"), Abstention)

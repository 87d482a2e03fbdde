"""reference/MATHEMATICS.md: the names that it points to, and the numbers it rests on."""

import re
from fractions import Fraction
from math import comb
from pathlib import Path

import pytest

import bagcert.proofs_checks
import bagcert.reference
from bagcert.proofs_checks.ledger.coq import claims_of
from bagcert.proofs_checks.ledger.ledger import LEDGER
from bagcert.reference import Method, certified_poisoning_size
from bagcert.reference.arithmetic.tails import tail_at_most
from bagcert.reference.bounds import (
    Levels,
    clopper_pearson_lower,
    clopper_pearson_upper,
    levels,
)

ROOM = Path(bagcert.reference.__file__).parent
COQ = Path(bagcert.proofs_checks.__file__).parent / "coq"
PAGE = (ROOM / "MATHEMATICS.md").read_text(encoding="utf-8")
HALF, ULP = Fraction(1, 2), Fraction(1, 2**53)

# --- names ------------------------------------------------------------------------------------


def named(kind: str) -> set[str]:
    """The names after ``claims`` or ``Coq`` in the quoted lines."""
    quotes = " ".join(line.removeprefix("> ") for line in PAGE.splitlines() if line[:2] == "> ")
    found: set[str] = set()
    for names in re.findall(rf"{kind} ((?:`[\w-]+`(?:, )?)+)", quotes):
        found.update(re.findall(r"`([\w-]+)`", names))
    return found


def theorems() -> set[str]:
    return set(re.findall(r"^Theorem (\w+)", (COQ / "Statements.v").read_text(), re.MULTILINE))


def test_each_entry_of_the_ledger_has_its_place() -> None:
    from_coq = {claim.id for claim in claims_of()}
    entries = {claim.id for claim in LEDGER} - from_coq
    assert entries - named("claims") - set(re.findall(r"\| `(erratum-\d+)` \|", PAGE)) == set()
    assert named("claims") - entries == set()


def test_each_theorem_of_statements_has_its_place() -> None:
    assert theorems() - named("Coq") == set()
    assert named("Coq") - theorems() == set()


def test_the_counterexamples_named_are_proved() -> None:
    sharp = "".join((COQ / name).read_text() for name in ("Sharp.v", "Needed.v"))
    proved = set(re.findall(r"^(?:Theorem|Lemma) (\w+)", sharp, re.MULTILINE))
    cited = set(re.findall(r"`(\w+_no_more|\w*needs_\w+|\w+_strict)`", PAGE))
    assert len(cited) >= 7
    assert cited - proved == set()


# --- section 10: property S -------------------------------------------------------------------


def separated(total: int, beta: Fraction) -> bool:
    """S(N, β): L(x) > U(y+1) implies L(x-1) > U(y); the least x of each y decides, as L rises."""
    low = [clopper_pearson_lower(x, total, beta) for x in range(total + 1)]
    up = [clopper_pearson_upper(y, total, beta) for y in range(total + 1)]
    x = 1
    for y in range(total):
        while x + y < total and low[x] <= up[y + 1]:
            x += 1
        if x + y < total and low[x - 1] <= up[y]:
            return False
    return True


@pytest.mark.parametrize(
    "beta", ["99/200", "1/3", "1/5", "1/10", "1/20", "1/1000", "1/30000", "1/100000000"]
)
def test_property_s_for_small_ensembles(beta: str) -> None:
    assert all(separated(total, Fraction(beta)) for total in range(1, 41))


def test_property_s_for_the_header_of_mnist() -> None:
    assert levels(Fraction(1, 1000) / 10_000, 10, Method.SIMUEM).bound == Fraction(1, 10**8)
    assert separated(1000, Fraction(1, 10**8))


# --- section 12: base models without an answer --------------------------------------------------

TOTAL, LEVEL = 60, Fraction(1, 20)


def issued_and_wrong(at: Levels, first: Fraction, second: Fraction) -> Fraction:
    """Pr(issued and wrong) of ``selected`` for two labels and models without an answer, exactly."""
    assert first > second
    assert at.sign_test is not None
    low = [clopper_pearson_lower(x, TOTAL, at.bound) for x in range(TOTAL + 1)]
    up = [clopper_pearson_upper(x, TOTAL, at.bound) for x in range(TOTAL + 1)]
    none, found = 1 - first - second, Fraction(0)
    for x in range(TOTAL + 1):
        for y in range(TOTAL + 1 - x):
            top, next_ = max(x, y), min(x, y)
            p_lower, p_upper = low[top], min(up[next_], 1 - low[top])
            if p_lower <= p_upper or not tail_at_most(top + next_, top, HALF, at.sign_test):
                continue
            if x < y or p_lower > first or p_upper < second:
                ways = comb(TOTAL, x) * comb(TOTAL - x, y)
                found += ways * first**x * second**y * none ** (TOTAL - x - y)
    return found


def beside_bounds(at: Levels, x: int, y: int) -> tuple[Fraction, Fraction]:
    """Probabilities that the bounds of the counts x and y just miss."""
    first = clopper_pearson_lower(x, TOTAL, at.bound) - ULP
    return first, clopper_pearson_upper(y, TOTAL, at.bound) + ULP


def test_two_labels_and_no_answer_break_the_level_of_two_classes() -> None:
    at = levels(LEVEL, 2, Method.SELECTED)
    first, second = beside_bounds(at, 27, 0)
    assert (round(float(first), 4), round(float(second), 4)) == (0.3396, 0.0489)
    ratio = issued_and_wrong(at, first, second) / LEVEL
    assert Fraction(189, 100) < ratio < Fraction(190, 100)


@pytest.mark.parametrize(("x", "y"), [(27, 0), (30, 0), (35, 1), (45, 2), (55, 0)])
def test_two_labels_and_no_answer_keep_the_level_of_three_classes(x: int, y: int) -> None:
    at = levels(LEVEL, 3, Method.SELECTED)
    assert at == Levels((LEVEL - LEVEL / 100) / 2, LEVEL / 200)
    ratio = issued_and_wrong(at, *beside_bounds(at, x, y)) / LEVEL
    assert Fraction(2, 5) < ratio <= 1


def test_models_that_are_left_out_overstate_the_radius() -> None:
    """n = 10, k = 1, and a learner that answers the label of its one example, or nothing."""
    clean = ["l"] * 5 + [""] * 5
    poisoned = ["s"] * 3 + clean[3:]
    changed = sum(one != other for one, other in zip(clean, poisoned, strict=True))
    assert poisoned.count("s") > poisoned.count("l")
    left_out, counted = (
        certified_poisoning_size(10, 1, Fraction(clean.count("l"), total), 0, residual="none")
        for total in (len(clean) - clean.count(""), len(clean))
    )
    assert (left_out, counted) == (4, 2)
    assert changed == 3

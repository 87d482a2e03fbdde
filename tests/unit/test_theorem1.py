"""Theorem 1's functions one by one: what they accept, and where each bisection turns."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from bagcert.reference import Abstention, Attack, Method, Residual
from bagcert.reference.algorithm1 import certify_bounds, certify_row, witness_size
from bagcert.reference.bounds import LabelBounds, Reason
from bagcert.reference.corollaries import radius
from bagcert.reference.poisoning import kept_examples, poisoned_sizes
from bagcert.reference.residuals import gap, require_sound
from bagcert.reference.setting import Setting
from bagcert.reference.theorem1 import (
    bisected_radius,
    certified_poisoning_size,
    scanned_radius,
    survives,
    worst_poisoning,
    worst_size,
)
from bagcert.reference.theorem2.assumptions import targets, unmet_assumption


@pytest.mark.parametrize("attack", list(Attack))
def test_an_attack_by_its_name_is_the_member(attack: Attack) -> None:
    # With n = 60, k = 3 and r = 10 the worst n' of "any" decides beyond r*, not n' = n alone.
    excess = Fraction(60**3)
    spelled = attack.value
    for function in (bisected_radius, scanned_radius, radius):
        assert function(60, 3, excess, spelled) == function(60, 3, excess, attack)
    assert bisected_radius(60, 3, excess, spelled) == scanned_radius(60, 3, excess, attack)
    for r in (0, 10, 32, 59, 60):
        assert worst_poisoning(60, 3, r, excess, spelled) == worst_poisoning(
            60, 3, r, excess, attack
        )
        assert survives(60, 3, r, excess, spelled) == survives(60, 3, r, excess, attack)
        assert witness_size(60, 3, r, spelled) == witness_size(60, 3, r, attack)


def test_a_residual_by_its_name_is_the_member() -> None:
    low, high = Fraction(3, 5), Fraction(1, 5)
    for residual in Residual:
        assert gap(3, 1, low, high, residual.value) == gap(3, 1, low, high, residual)
        assert targets(3, 1, low, high, residual.value) == targets(3, 1, low, high, residual)
        assert unmet_assumption(3, 1, low, high, 3, residual.value) == unmet_assumption(
            3, 1, low, high, 3, residual
        )


UNKNOWN: list[Callable[[], Any]] = [
    lambda: bisected_radius(60, 3, Fraction(1), "flip"),
    lambda: bisected_radius(1, 3, Fraction(1), "flip"),
    lambda: bisected_radius(60, 3, Fraction(0), "flip"),
    lambda: scanned_radius(60, 3, Fraction(1), "flip"),
    lambda: worst_poisoning(60, 3, 1, Fraction(1), "flip"),
    lambda: witness_size(60, 3, 1, "flip"),
    lambda: radius(60, 3, Fraction(1), "flip"),
    lambda: gap(3, 1, Fraction(1), Fraction(0), "flip"),
    lambda: require_sound("flip", ignores_seed=True),
]


@pytest.mark.parametrize("call", UNKNOWN)
def test_unknown_names_are_refused(call: Callable[[], Any]) -> None:
    with pytest.raises(ValueError, match="must be one of"):
        call()


def test_integral_wants_learners_that_ignore_their_seed() -> None:
    for residual in (Residual.INTEGRAL, "integral"):
        require_sound(residual, ignores_seed=True)
        with pytest.raises(ValueError, match="'integral' is sound only"):
            require_sound(residual, ignores_seed=False)
        with pytest.raises(ValueError, match="'integral' is sound only"):
            require_sound(residual, ignores_seed="no")  # type: ignore[arg-type]
    require_sound("paper", ignores_seed=False)
    require_sound(Residual.NONE, ignores_seed=False)


def test_bisection_at_the_ends_of_its_range() -> None:
    for n in (1, 2, 3):
        for attack in Attack:
            for lists in (0, 1, n**2):
                excess = Fraction(lists)
                assert bisected_radius(n, 2, excess, attack) == scanned_radius(n, 2, excess, attack)
    assert worst_size(5, 2, 0) == 5
    assert worst_size(1, 1, 1) == 1
    assert worst_size(10**12, 3, 10**12) == 2 * 10**12
    with pytest.raises(ValueError, match="r must be at most"):
        worst_size(5, 2, 10**12 + 1)


def test_eq_4_decides_at_the_tie_and_half_a_list_either_side() -> None:
    # n = 3, k = 1, r = 1, n' = 3: the left side is 3 - 2 * 2 + 3 - G = 2 - G.
    for halves, left in ((3, Fraction(1, 2)), (4, Fraction(0)), (5, Fraction(-1, 2))):
        excess = Fraction(halves, 2)
        for attack in (Attack.ANY, Attack.MODIFY):
            worst = worst_poisoning(3, 1, 1, excess, attack)
            assert worst is not None
            assert worst.left == left
            assert survives(3, 1, 1, excess, attack) == (left < 0)


def test_the_least_gap_is_a_certificate_and_none_is_not() -> None:
    # n = 2, k = 1: G = 2 (p_l - p_s) with `none`; 1/2 and 1 certify r = 0, and 0 nothing.
    for low, due in (("3/4", 0), ("1", 0), ("1/2", None), ("1/4", None)):
        assert certified_poisoning_size(2, 1, low, "1/2", residual="none") == due
    assert certified_poisoning_size(2, 1, "1/2", 0) == 0  # `paper`: one list
    assert certified_poisoning_size(2, 1, "1/2", "1/2") is None


def test_worst_size_wants_an_example_and_no_negative_budget() -> None:
    assert worst_size(1, 1, 0) == 1
    for n, r in ((0, 1), (5, -1)):
        with pytest.raises(ValueError, match="must be at least"):
            worst_size(n, 2, r)


def test_the_sizes_that_a_budget_allows() -> None:
    for n, r, due in ((3, 0, [3]), (3, 2, [1, 2, 3, 4, 5]), (3, 3, [*range(1, 7)]), (1, 1, [1, 2]),
                      (2, 5, [*range(1, 8)])):  # fmt: skip
        assert list(poisoned_sizes(n, r)) == due
    for attack, due in (("modify", [3]), ("delete", [1]), ("insert", [5])):
        assert list(poisoned_sizes(3, 2, attack)) == due
    assert list(poisoned_sizes(3, 3, "modify")) == [3]
    assert list(poisoned_sizes(3, 4, "delete")) == []
    for n, r in ((0, 0), (1, -1)):
        with pytest.raises(ValueError, match="must be at least"):
            poisoned_sizes(n, r)


def test_the_examples_that_are_kept_at_least() -> None:
    for n, size, r, due in ((5, 5, 2, 3), (5, 7, 2, 5), (5, 3, 2, 3), (5, 5, 5, 0), (5, 5, 6, 0),
                            (5, 6, 5, 1)):  # fmt: skip
        assert kept_examples(n, size, r) == due


def test_the_witness_is_the_size_at_which_eq_4_fails_most() -> None:
    for size, attack, due in ((3, "modify", 5), (1, "insert", 7), (0, "insert", 6),
                              (3, "delete", 1), (0, "delete", 4), (4, "delete", None)):  # fmt: skip
        assert witness_size(5, 2, size, attack) == due
    for size in range(5):
        assert witness_size(5, 2, size, "any") == worst_size(5, 2, size + 1)


def test_certify_abstains_at_a_gap_of_nothing_and_not_at_half_a_list() -> None:
    # n = 2, k = 1: `none` has G = 2 (p_l - p_s).
    def claim(low: str, residual: str) -> object:
        bounds = LabelBounds(1, 0, Fraction(low), Fraction(1, 2))
        setting = Setting(
            2, 1, 2, 9, Fraction(1, 2), Method.COHEN, Attack.MODIFY, Residual(residual)
        )
        return certify_bounds(bounds, setting)

    assert claim("1/2", "none") == Abstention(Reason.RESIDUAL)
    assert claim("3/4", "none") == (1, 0, Fraction(3, 4), Fraction(1, 2), 0, 2)
    assert claim("3/4", "paper") == Abstention(Reason.RESIDUAL)  # floor(3/2) - ceil(1)
    assert claim("1", "paper") == (1, 0, 1, Fraction(1, 2), 0, 2)


def test_a_row_is_certified_from_its_bounds_or_abstains_with_their_reason() -> None:
    setting = Setting(2, 1, 2, 2, Fraction(2, 3), Method.COHEN, Attack.MODIFY, Residual.NONE)
    assert certify_row([1, 1], setting) == Abstention(Reason.BOUNDS)
    found = certify_row([0, 2], setting)
    assert not isinstance(found, Abstention)
    assert (found.label, found.radius, found.p_lower + found.p_upper) == (1, 0, 1)


def test_gaps_of_nine_lists() -> None:
    # p_l n^k = 9/2 and p_s n^k = 9/4.
    for residual, due in (("paper", Fraction(1)), ("none", Fraction(9, 4)), ("integral", 3)):
        assert gap(3, 2, Fraction(1, 2), Fraction(1, 4), residual) == due

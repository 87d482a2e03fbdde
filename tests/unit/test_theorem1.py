"""Theorem 1's functions one by one: what they accept, and where each bisection turns."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from bagcert.reference import Attack, Residual
from bagcert.reference.algorithm1 import witness_size
from bagcert.reference.corollaries import radius
from bagcert.reference.residuals import gap, require_sound
from bagcert.reference.theorem1 import (
    bisected_radius,
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

"""Three routes to r*: the corollaries' roots, bisection over eq (4), the scan that defines it."""

from bisect import bisect
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bagcert.reference import Attack, Residual, certified_poisoning_size
from bagcert.reference.corollaries import radius
from bagcert.reference.poisoning import Poisoned, kept_examples, poisoned_sizes
from bagcert.reference.residuals import gap
from bagcert.reference.theorem1 import (
    bisected_radius,
    gap_of,
    left_side,
    scanned_radius,
    survives,
    worst_size,
)


@pytest.mark.parametrize("attack", list(Attack))
def test_all_routes_agree_on_every_gap_of_small_settings(attack: Attack) -> None:
    cases = 0
    for n, k in product(range(1, 8), range(1, 5)):
        for halves in range(-1, 2 * n**k + 1):  # every half of a list: ties and either side
            excess = Fraction(halves, 2)
            scanned = scanned_radius(n, k, excess, attack)
            assert bisected_radius(n, k, excess, attack) == scanned
            closed = radius(n, k, excess, attack) if excess > 0 else None
            assert closed == scanned, (n, k, excess)
            cases += 1
    assert cases == 11_312


def test_worst_size_is_the_unique_maximum_of_the_left_side() -> None:
    for n, k in product(range(1, 9), range(1, 6)):
        for r in range(2 * n + 3):  # beyond n, where m is clipped at 0
            sides = {
                size: left_side(n, k, Poisoned(size, kept_examples(n, size, r)), Fraction(0))
                for size in poisoned_sizes(n, r)
            }
            largest = max(sides.values())
            assert [size for size, side in sides.items() if side == largest] == [
                worst_size(n, k, r)
            ], (n, k, r)


def test_the_three_regimes_of_eq_7_all_occur() -> None:
    worst = {worst_size(100, 3, r) for r in range(1, 101)}
    assert 100 in worst
    assert 200 in worst
    assert any(100 < size < 100 + r for r in range(1, 100) for size in [worst_size(100, 3, r)])


settings = st.integers(1, 10**12).flatmap(
    lambda n: st.tuples(st.just(n), st.integers(1, min(400, 2**14 // n.bit_length())))
)


@given(settings, st.integers(0, 2**53), st.integers(0, 2**53), st.sampled_from(list(Residual)))
def test_roots_agree_with_bisection_at_any_scale(
    setting: tuple[int, int], top: int, second: int, residual: Residual
) -> None:
    n, k = setting
    low, high = Fraction(max(top, second), 2**53), Fraction(min(top, second), 2**53)
    for attack in Attack:
        closed = certified_poisoning_size(n, k, low, high, attack=attack, residual=residual)
        excess = gap(n, k, low, high, residual)
        assert closed == bisected_radius(n, k, excess, attack)


@given(settings, st.data())
def test_on_a_tie_the_radius_is_one_less_than_one_list_above_it(
    setting: tuple[int, int], data: st.DataObject
) -> None:
    n, k = setting
    # Ties of no more than n^k lists, which is the largest gap: half of the lists are kept at least.
    most = bisect(range(1, n + 1), False, key=lambda r: 2 * (n - r) ** k < n**k)
    assume(most > 0)
    r = data.draw(st.integers(1, most))
    tie = Fraction(2 * n**k - 2 * (n - r) ** k)  # eq (4) at n' = n is exactly 0 here
    assert tie <= n**k
    assert radius(n, k, tie, Attack.MODIFY) == r - 1
    assert radius(n, k, tie + Fraction(1, 10**9), Attack.MODIFY) >= r
    for attack in (Attack.ANY, Attack.MODIFY):
        assert not survives(n, k, r, tie, attack)
        assert survives(n, k, r, tie + Fraction(1, 2), attack)


def test_the_attacks_are_ordered_and_delete_can_reach_its_end() -> None:
    for n, k, lists in ((1, 1, 1), (5, 2, 25), (60_000, 100, 60_000**100)):
        for excess in (Fraction(1, 3), Fraction(lists, 2), Fraction(lists)):
            found = {attack: radius(n, k, excess, attack) for attack in Attack}
            assert found[Attack.ANY] == found[Attack.MODIFY]
            assert found[Attack.MODIFY] <= found[Attack.INSERT] <= found[Attack.DELETE] <= n - 1
    assert radius(60_000, 100, Fraction(60_000**100), Attack.DELETE) == 59_999


def test_radii_above_the_cap_of_the_papers_code() -> None:
    assert certified_poisoning_size(10**9, 1000, "0.9", "0.05") == 553_232
    assert certified_poisoning_size(10**12, 37, "0.9", "0.05") == 14_845_066_995


def test_integral_can_certify_where_the_bounds_cross() -> None:
    chosen = {"attack": "any", "residual": "integral"}
    *_, excess = gap_of(3, 1, "0.45", "0.55", **chosen)
    assert excess == 1  # MATHEMATICS.md: Certify abstains on p_l <= p_s before it looks at G

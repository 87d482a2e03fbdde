"""Ranks and deals: every list has one place, and every label its share, exactly."""

from fractions import Fraction
from itertools import product

import pytest

from bagcert.reference.theorem2.ranking import Deal, position, uniform_below


@pytest.mark.parametrize("n", [1, 2, 3, 4])
@pytest.mark.parametrize("k", [1, 2, 3])
def test_every_list_has_one_place_and_shared_lists_come_last_in_order(n: int, k: int) -> None:
    for kept in range(n + 1):
        lists = list(product(range(n), repeat=k))
        removed = [drawn for drawn in lists if max(drawn) >= kept]
        shared = [drawn for drawn in lists if max(drawn) < kept]
        assert [position(drawn, n, kept) for drawn in removed + shared] == list(range(n**k))


def test_a_place_at_full_scale_is_counted_exactly() -> None:
    n, k, kept = 60_000, 100, 59_668
    assert position([0] * k, n, kept) == n**k - kept**k
    assert position([kept - 1] * k, n, kept) == n**k - 1
    assert position([n - 1] * k, n, kept) == n**k - kept**k - 1
    # The first list outside E: zeros, then the first removed example.
    assert position([0] * (k - 1) + [kept], n, kept) == 0


@pytest.mark.parametrize("unit", [1, 2, 7])
@pytest.mark.parametrize(("low", "high"), [(5, 3), (0, 4), (12, 12), (10, 1), (13, 0), (7, 5)])
def test_the_shares_of_all_places_are_the_blocks(unit: int, low: int, high: int) -> None:
    total = -(-(low + 2 * high + 1) // unit)
    labels = 2 + -(-(unit * total - low - high) // high) if high else 2
    if not high:
        total, low = total + 1, unit * (total + 1)
    deal = Deal(unit, total, low, high)
    seen = dict.fromkeys(range(labels), 0)
    for place in range(total):
        shares = dict(deal.shares(place))
        assert sum(shares.values()) == unit
        for label, parts in shares.items():
            seen[label] += parts
    assert seen[0] == low
    assert all(parts <= high for label, parts in seen.items() if label)
    assert all(seen[label] == end - start for label in seen for start, end in [deal.block(label)])
    assert seen[1] == high


def test_draws_are_exact_reproducible_and_uniform() -> None:
    bound, draws = 5, 5000
    counts = [0] * bound
    for seed in range(draws):
        value = uniform_below(bound, seed, [1, 2])
        assert value == uniform_below(bound, seed, [1, 2])
        counts[value] += 1
    # Six standard deviations of Bin(5000, 1/5): 28.3 each.
    assert all(abs(count - draws // bound) < 170 for count in counts)
    assert uniform_below(1, 3, [0]) == 0
    big = 10**40
    assert len({uniform_below(big, 1, [i]) for i in range(50)}) == 50
    assert Fraction(max(uniform_below(big, 1, [i]) for i in range(50)), big) > Fraction(4, 5)

"""Clopper–Pearson by integer tails against python-flint enclosures and exact sums, bit for bit."""

from fractions import Fraction
from math import comb

import pytest
from flint import arb, ctx, fmpq
from hypothesis import given
from hypothesis import strategies as st

from bagcert.reference import clopper_pearson_lower, clopper_pearson_upper
from bagcert.reference.arithmetic.tails import tail_at_most

ULP = Fraction(1, 2**53)


def exact_tail(total: int, count: int, q: Fraction) -> Fraction:
    """Pr(Bin(N, q) >= x), by its definition."""
    terms = (comb(total, i) * q**i * (1 - q) ** (total - i) for i in range(count, total + 1))
    return sum(terms, Fraction(0))


def flint_at_most(total: int, count: int, q: Fraction, level: Fraction) -> bool:
    """Decide the tail through the regularised incomplete beta function in ball arithmetic."""
    for precision in (128, 256, 512, 1024, 2048):
        ctx.prec = precision
        at = arb(fmpq(q.numerator, q.denominator))
        tail = at.beta_lower(count, total - count + 1, regularized=True)
        bound = arb(fmpq(level.numerator, level.denominator))
        if tail < bound:
            return True
        if tail > bound:
            return False
    raise ArithmeticError(f"flint cannot decide N = {total}, x = {count}, q = {q}")


def is_canonical(total: int, count: int, beta: Fraction, value: Fraction) -> bool:
    """Whether flint finds ``value`` sound and its upper neighbour not."""
    assert (value * 2**53).denominator == 1
    sound = value == 0 or flint_at_most(total, count, value, beta)
    beyond = value + ULP
    return sound and (beyond >= 1 or not flint_at_most(total, count, beyond, beta))


@pytest.mark.parametrize("total", [2, 3, 7, 60, 1000])
@pytest.mark.parametrize("beta", ["1/3", "1/20000", "0.00000001", "7/10", "99/100"])
def test_lower_bounds_are_canonical_by_flint(total: int, beta: str) -> None:
    level = Fraction(beta)
    near_ends = {1, 2, total // 2, total // 2 + 1, total - 1, total}
    for count in sorted(x for x in near_ends if 1 <= x <= total):
        value = clopper_pearson_lower(count, total, beta)
        assert is_canonical(total, count, level, value), (total, count, beta)


@pytest.mark.parametrize("count", [1, 17, 99_999, 100_000])
def test_lower_bounds_of_many_votes_are_canonical_by_flint(count: int) -> None:
    value = clopper_pearson_lower(count, 100_000, "1/100000000")
    assert is_canonical(100_000, count, Fraction(1, 10**8), value)


@given(st.integers(1, 400), st.data())
def test_random_bounds_are_canonical_by_flint(total: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, total))
    # An odd denominator: no power of two, so no exact tie that balls could not decide.
    beta = Fraction(data.draw(st.integers(1, 999)), 1001 ** data.draw(st.integers(1, 3)))
    assert is_canonical(total, count, beta, clopper_pearson_lower(count, total, beta))


def test_small_bounds_against_the_definition() -> None:
    for total in range(1, 7):
        for count in range(1, total + 1):
            for beta in (Fraction(1, 4), Fraction(1, 2), Fraction(1, 64), Fraction(2, 3)):
                value = clopper_pearson_lower(count, total, beta)
                assert exact_tail(total, count, value) <= beta
                assert value + ULP == 1 or exact_tail(total, count, value + ULP) > beta
                upper = clopper_pearson_upper(total - count, total, beta)
                assert upper == 1 - value


def test_exact_ties_are_sound_and_one_ulp_above_is_not() -> None:
    # Pr(Bin(N, 1/2) >= N) = 2^-N exactly; Pr(Bin(3, 1/2) >= 2) = 1/2 exactly.
    for total, count, beta in ((1, 1, "1/2"), (10, 10, "1/1024"), (3, 2, "1/2")):
        assert clopper_pearson_lower(count, total, beta) == Fraction(1, 2)
        assert tail_at_most(total, count, Fraction(1, 2), Fraction(beta))
        assert not tail_at_most(total, count, Fraction(1, 2) + ULP, Fraction(beta))
        smaller = Fraction(beta) - Fraction(1, 10**39)
        assert clopper_pearson_lower(count, total, smaller) == Fraction(1, 2) - ULP


def test_zero_and_all_votes() -> None:
    assert clopper_pearson_lower(0, 9, "1/2") == 0
    assert clopper_pearson_upper(9, 9, "1/2") == 1
    assert clopper_pearson_upper(0, 1, "3/4") == Fraction(1, 4)


@given(st.integers(1, 12), st.data())
def test_tails_against_the_definition_on_both_sides_of_the_mode(
    total: int, data: st.DataObject
) -> None:
    count = data.draw(st.integers(0, total))
    q = Fraction(data.draw(st.integers(0, 24)), 24)
    tail = exact_tail(total, count, q)
    assert tail_at_most(total, count, q, tail)
    if tail > 0:
        assert not tail_at_most(total, count, q, tail * (1 - Fraction(1, 10**60)))


def test_a_million_votes_are_canonical_by_flint() -> None:
    value = clopper_pearson_lower(999_000, 10**6, "1/100000000")
    assert is_canonical(10**6, 999_000, Fraction(1, 10**8), value)

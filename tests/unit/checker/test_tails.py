"""The kernel's arithmetic and its binomial tails, beside exact sums."""

import itertools
import math
import random
from fractions import Fraction

import pytest

from bagcert.reference import checker
from tests.vectors.certificates.oracle import ONE, exact_lower, exact_tail

Spent = list[tuple[int, int]]
HALF = ONE // 2


def boundary_points() -> list[int]:
    near = [1, 2, 3, 2**26, ONE // 3, ONE // 2 - 1, ONE // 2, ONE // 2 + 1]
    return sorted({*near, *(ONE - t for t in near), ONE // 4, ONE // 8 * 7})


# --- enclosures ----------------------------------------------------------------------------------


def inside(found: checker.Between, value: int | Fraction) -> bool:
    low, high, shift = found
    return low * Fraction(2) ** shift <= value <= high * Fraction(2) ** shift


@pytest.mark.parametrize("bits", [1, 2, 3, 8, 96])
def test_powers_and_factorials_are_enclosed(bits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checker, "SHORT", 0)
    for base, exponent in itertools.product((0, 1, 2, 3, 10, 12345, 2**40 - 1), range(13)):
        assert inside(checker.power(base, exponent, bits), base**exponent)
    for n in (0, 1, 2, 31, 32, 33, 63, 64, 65, 100):
        assert inside(checker.factorial(n, bits), math.factorial(n))


def test_what_fits_is_exact_and_what_is_cut_keeps_its_bits() -> None:
    assert checker.power(10**6, 100, 96) == (10**600, 10**600, 0)
    assert checker.power(3, 2048, 96) == (3**2048, 3**2048, 0)  # 2048 times two bits: short
    assert checker.power(2**16 + 1, 241, 96)[2] > 3000  # 17 times 241: one bit more than 4,096
    low, high, shift = checker.power(3, 10**5, 96)
    assert high.bit_length() in (96, 97)
    assert (high - low).bit_length() < 25
    assert shift > 10**5
    assert checker.power(3, 5000, 2**14) == (3**5000, 3**5000, 0)


def test_sums_are_enclosed() -> None:
    rng = random.Random(3)
    for _ in range(500):
        terms, value = [], Fraction(0)
        for _ in range(rng.randint(1, 4)):
            low, shift, factor = rng.randrange(9), rng.randint(-4, 4), rng.randint(-3, 3)
            v = low * Fraction(2) ** shift
            terms.append((factor, (low, low, shift)))
            value += factor * v
        assert inside(checker.total(*terms), value)


def test_the_continued_fraction_encloses_the_hazard_at_any_length() -> None:
    """Coarse units, so that every rounding shows; the ends close in on the value."""
    for N, x, t, s in itertools.product(range(1, 9), range(1, 9), (1, 3, 7), (1, 2, 5)):
        if x > N or (N - x) * t > (x + 1) * s:
            continue
        terms = [Fraction(math.comb(N, i) * t**i * s ** (N - i)) for i in range(x, N + 1)]
        value = terms[0] / sum(terms)
        for bits, steps in itertools.product((3, 8, 60), range(1, 9)):
            found = checker.hazard(N, x, t, s, bits, steps)
            assert inside(found, value), (N, x, t, s, bits, steps)
        low, high, shift = checker.hazard(N, x, t, s, 200, N)
        assert (high - low) * Fraction(2) ** shift < Fraction(1, 2**180)


# --- tails ---------------------------------------------------------------------------------------


def test_tails_agree_with_exact_sums_on_and_beside_every_boundary() -> None:
    sliver = Fraction(1, 10**60)
    for N in range(1, 9):
        for x, t in itertools.product(range(1, N + 1), boundary_points()):
            p = exact_tail(N, x, t)
            for beta in (p, p - sliver, p + sliver, Fraction(1, 1000), Fraction(2, 3)):
                if 0 < beta < 1:
                    assert checker.tail_at_most(N, x, t, beta) is (p <= beta), (N, x, t, beta)


@pytest.mark.parametrize("beta", [Fraction(1, 2), Fraction(3, 8), Fraction(1, 2**53)])
def test_a_single_vote_meets_a_dyadic_level_exactly(beta: Fraction) -> None:
    t = int(beta * ONE)
    assert checker.tail_at_most(1, 1, t, beta)
    assert not checker.tail_at_most(1, 1, t + 1, beta)
    assert not checker.tail_at_most(1, 1, t, beta - Fraction(1, 2**200))
    assert checker.tail_at_most(1, 1, t, beta + Fraction(1, 2**200))


def test_a_difference_of_one_decides_at_once() -> None:
    """In whole numbers: 4 beta.numerator - beta.denominator = 1; then between 1 and 2 units."""
    assert checker.tail_at_most(1, 1, ONE // 4, Fraction(1, 3))
    assert not checker.tail_at_most(1, 1, ONE // 4, Fraction(1, 5))
    spent: Spent = []
    assert exact_tail(2, 1, ONE // 4) == Fraction(7, 16)
    for beta, holds in ((Fraction(1, 2), True), (Fraction(13, 30), False)):
        spent.clear()
        found = checker.tail_at_most(2, 1, ONE // 4, beta, lambda *cost: spent.append(cost))
        assert found is holds
        assert spent == [(101, 96)]


def test_a_tail_below_the_mode() -> None:
    """An early exit that took the lower tail for its terms was wrong here: 15/16 > 4/5."""
    assert exact_tail(4, 1, 2**52) == Fraction(15, 16)
    assert not checker.tail_at_most(4, 1, 2**52, Fraction(4, 5))
    assert checker.tail_at_most(4, 1, 2**52, Fraction(15, 16))


def test_exact_ties_of_many_votes_are_decided() -> None:
    assert checker.tail_at_most(120, 120, ONE // 2, Fraction(1, 2**120))
    assert not checker.tail_at_most(120, 120, ONE // 2, Fraction(1, 2**120 + 1))
    assert checker.tail_at_most(40, 1, ONE // 2, 1 - Fraction(1, 2**40))
    assert not checker.tail_at_most(40, 1, ONE // 2, 1 - Fraction(1, 2**40 - 1))
    assert checker.tail_at_most(10**6 - 1, 500_000, ONE // 2, Fraction(1, 2))
    assert not checker.tail_at_most(10**6 - 1, 500_000, ONE // 2, Fraction(10**30 - 1, 2 * 10**30))


@pytest.mark.parametrize(("N", "x"), [(60, 1), (60, 31), (60, 58), (300, 297), (300, 150)])
def test_tails_of_larger_ensembles_agree_one_list_beside_the_tie(N: int, x: int) -> None:
    for t in (ONE // 7, ONE // 2 + 1, ONE // 5 * 4, ONE - 3):
        p = exact_tail(N, x, t)
        assert checker.tail_at_most(N, x, t, p)
        assert not checker.tail_at_most(N, x, t, p - Fraction(1, 2 * ONE**N))


def test_tails_of_random_ensembles_turn_where_exact_sums_do() -> None:
    rng = random.Random(5)
    for _ in range(60):
        N = rng.choice((2, 7, 30, 90))
        x = rng.randint(1, N)
        beta = rng.choice((Fraction(9, 20), Fraction(1, 100), Fraction(1, 10**9), Fraction(3, 8)))
        t = exact_lower(N, x, beta)
        assert t == 0 or checker.tail_at_most(N, x, t, beta)
        assert t + 1 == ONE or not checker.tail_at_most(N, x, t + 1, beta)


def test_too_few_steps_only_cost_more() -> None:
    """At the mean and with every x: the first number of steps is a guess, the answer is not."""
    for N in (1000, 10**5):
        for x in (1, N // 2, N - 1):
            t = x * ONE // N
            assert not checker.tail_at_most(N, x, t, Fraction(1, 10))
            assert checker.tail_at_most(N, x, t, Fraction(9, 10))


def test_precision_is_paid_for() -> None:
    spent: Spent = []

    def spend(steps: int, bits: int) -> None:
        spent.append((steps, bits))

    p = exact_tail(60, 31, ONE // 7)
    assert checker.tail_at_most(60, 31, ONE // 7, p, spend)
    assert [bits for _, bits in spent] == [96 << i for i in range(7)]  # the last is the exact sum
    for N, doublings in ((1, 0), (3, 1), (97, 7)):  # the sum has 64 N bits at most: 192 at N = 3
        spent.clear()
        assert checker.tail_at_most(N, N // 2 + 1, 3, exact_tail(N, N // 2 + 1, 3), spend)
        assert spent[-1] == (N, 96 << doublings)
        assert len(spent) == doublings + 1
    spent.clear()
    assert checker.tail_at_most(200, 100, ONE // 1024, exact_tail(200, 100, ONE // 1024), spend)
    assert spent[:4] == [(116, 96), (132, 192), (164, 384), (200, 768)]  # 16 steps, doubled
    spent.clear()
    assert not checker.tail_at_most(10**6, 700_000, ONE // 4 * 3, Fraction(1, 1000), spend)
    assert len(spent) == 1
    assert spent[0][0] < 1000


@pytest.mark.parametrize(
    ("N", "x", "t"),
    [
        (10**6, 500_100, HALF), (10**6, 700_000, ONE // 4 * 3), (10**6, 999_999, HALF),
        (9_999, 5_400, HALF), (9_999, 5_001, HALF), (9_999, 4_990, HALF), (20, 12, ONE // 3),
        (81, 50, HALF), (80, 50, HALF), (10, 4, HALF), (11, 5, HALF), (10**6, 500_450, HALF),
    ],
)  # fmt: skip
def test_a_tail_costs_what_the_budget_says(N: int, x: int, t: int) -> None:
    """100 + min(N - x, steps), steps = 16 + min(18 N^(1/4), 300 / z^2), on the side summed."""
    spent: Spent = []
    checker.tail_at_most(N, x, t, Fraction(1, 10**6), lambda *cost: spent.append(cost))
    p = Fraction(t, ONE)
    if (N - x) * p > (x + 1) * (1 - p):
        x, p = N - x + 1, 1 - p
    z2 = (x - N * p) ** 2 / (N * p * (1 - p))
    steps = 18 * math.isqrt(math.isqrt(N))
    if steps * z2 > 300:
        steps = math.floor(300 / z2)
    assert spent[0] == (100 + min(N - x, 16 + steps), 96)

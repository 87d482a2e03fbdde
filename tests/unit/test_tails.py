"""Binomial tails by a continued fraction: enclosures from every depth, and the factorials kept."""

from fractions import Fraction
from math import comb, factorial

import pytest

from bagcert.reference.arithmetic import tails
from bagcert.reference.arithmetic.tails import tail_enclosure


def quotient(total: int, count: int, q: Fraction) -> Fraction:
    """``Pr(Bin(N, q) >= x) / Pr(Bin(N, q) = x)``, term by term."""
    odds = q / (1 - q)
    return sum(
        (Fraction(comb(total, x), comb(total, count)) * odds ** (x - count)
         for x in range(count, total + 1)),
        Fraction(0),
    )  # fmt: skip


@pytest.mark.parametrize("precision", [8, 16, 96])
def test_every_depth_encloses_the_series_and_the_last_is_exact(precision: int) -> None:
    unit = Fraction(1, 1 << precision)
    open_ends = 0
    for total in (1, 2, 3, 9, 14):
        for count in range(1, total + 1):
            for q in (Fraction(1, 9), Fraction(1, 2), Fraction(5, 6), Fraction(2**53 - 1, 2**53)):
                if (total - count) * q > (count + 1) * (1 - q):
                    continue  # below the mode the complement is asked
                due = quotient(total, count, q)
                for depth in range(total - count + 1):
                    low, high = tails._from_depth(depth, total, count, q, precision)
                    assert low * unit <= due
                    open_ends += high is None
                    assert high is None or due <= high * unit
                low, high = tails._series(total, count, q, precision)
                assert low * unit <= due <= high * unit
                assert precision < 96 or (high - low) * unit < due / 2**80
    assert open_ends  # an end that is not known is said to be none


def test_deeper_is_narrower() -> None:
    q = Fraction(29, 100)
    widths = []
    for depth in (4, 8, 16, 32, 64):
        low, high = tails._from_depth(depth, 100_000, 30_000, q, 200)
        assert high is not None
        widths.append(high - low)
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < widths[0] >> 60


@pytest.mark.parametrize("number", [0, 1, 255, 256, 257, 511, 512, 2000])
def test_factorials_beside_those_that_are_kept(number: int) -> None:
    tails._kept_factorials.cache_clear()
    for order in ((number,), (2000, number)):  # fresh, and with all before it kept
        for asked in order:
            found = tails._factorial(asked, 96)
        unit = Fraction(2) ** found.exponent
        assert found.low * unit <= factorial(number) <= found.high * unit
        assert (found.high - found.low) << 80 <= found.high


def test_enclosures_of_large_tails_hold_the_exact_sum() -> None:
    total = 700
    cases = ((350, "1/2"), (400, "1/2"), (600, "3/4"), (20, "1/2"), (700, "9/10"), (1, "1/1000"))
    for count, q in ((count, Fraction(text)) for count, text in cases):
        exact = sum(comb(total, x) * q**x * (1 - q) ** (total - x) for x in range(count, total + 1))
        for precision in (24, 96, 400):
            found = tail_enclosure(total, count, q, precision)
            unit = Fraction(2) ** found.exponent
            assert found.low * unit <= exact <= found.high * unit
        assert (found.high - found.low) * unit < exact / 2**130 + Fraction(1, 2**300)

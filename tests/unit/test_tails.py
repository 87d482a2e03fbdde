"""Binomial tails by a continued fraction: enclosures from every depth, and the factorials kept."""

from fractions import Fraction
from math import comb, factorial
from typing import Any

import pytest

from bagcert.reference.arithmetic import tails
from bagcert.reference.arithmetic.tails import (
    Enclosure,
    point_enclosure,
    power_enclosure,
    tail_at_most,
    tail_enclosure,
)


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
    for total in (1, 2, 3, 9, 14):
        for count in range(1, total + 1):
            for q in (Fraction(1, 9), Fraction(1, 2), Fraction(5, 6), Fraction(2**53 - 1, 2**53)):
                if (total - count) * q > (count + 1) * (1 - q):
                    continue  # below the mode the complement is asked
                due = quotient(total, count, q)
                for depth in range(min(1, total - count), total - count + 1):
                    low, high = tails._from_depth(depth, total, count, q, precision)
                    assert 1 << precision <= low <= due / unit <= high
                    assert high * unit <= total - count + 1
                low, high = tails._series(total, count, q, precision)
                assert low * unit <= due <= high * unit
                assert precision < 96 or (high - low) * unit < due / 2**80


def test_deeper_is_narrower() -> None:
    q = Fraction(29, 100)
    widths = []
    for depth in (4, 8, 16, 32, 64):
        low, high = tails._from_depth(depth, 100_000, 30_000, q, 200)
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


@pytest.mark.parametrize("precision", [3, 5, 96])
def test_tails_are_enclosed_on_either_side_of_the_mode(precision: int) -> None:
    for total in (1, 2, 3, 5, 9):
        for count in range(1, total + 1):
            for q in (Fraction(d, 20) for d in range(1, 20)):
                due = sum(comb(total, x) * q**x * (1 - q) ** (total - x)
                          for x in range(count, total + 1))  # fmt: skip
                found = tail_enclosure(total, count, q, precision)
                low, high = ends(found)
                assert 0 <= low <= due <= high


@pytest.mark.parametrize(("total", "count"), [(20, 9), (24, 11), (34, 16), (42, 17), (40, 19)])
def test_a_precision_too_low_says_no_more_than_of_any_probability(total: int, count: int) -> None:
    found = tail_enclosure(total, count, Fraction(2**52 + 1, 2**53), 3)
    assert ends(found) == (0, 1)


@pytest.mark.parametrize(("total", "count"), [(1000, 400), (1000, 600), (10**5, 49_000)])
def test_tails_are_decided_by_few_steps(
    total: int, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the exact sum nor a fraction as deep as there are votes."""
    depths: list[int] = []
    original = tails._from_depth

    def noted(depth: int, *others: Any) -> tuple[int, int]:
        depths.append(depth)
        return original(depth, *others)

    monkeypatch.setattr(tails, "_from_depth", noted)
    monkeypatch.delattr(tails, "_exact_tail")
    tail = Fraction(0) if 2 * count > total else Fraction(1)  # to 10^-9
    for level in (Fraction(1, 10**20), Fraction(1, 10**5), 1 - Fraction(1, 10**5)):
        assert tail_at_most(total, count, Fraction(1, 2), level) is (tail < level > 10**-19)
    assert tail_at_most(total, count, Fraction(1, 2), 1 - Fraction(1, 10**20))
    assert max(depths) <= 128


def ends(found: Enclosure) -> tuple[Fraction, Fraction]:
    unit = Fraction(2) ** found.exponent
    return found.low * unit, found.high * unit


def test_products_and_quotients_are_enclosed_to_the_unit() -> None:
    values = [Enclosure(low, low + more, e) for low in (1, 3, 7, 10, 255)
              for more in (0, 1) for e in (-2, 0, 3)]  # fmt: skip
    for one in values:
        for other in values:
            (a, b), (c, d) = ends(one), ends(other)
            for precision in (1, 2, 5, 40):
                for found, low, high in (
                    (one.times(other, precision), a * c, b * d),
                    (one.over(other, precision), a / d, b / c),
                ):
                    assert ends(found)[0] <= low <= high <= ends(found)[1]
                    assert found.high.bit_length() <= precision + 1
                    width = ends(found)[1] - ends(found)[0] - (high - low)
                    assert width < 2 * high / 2 ** (precision - 1)


def test_an_end_is_rounded_where_it_is_too_long_and_not_before() -> None:
    assert Enclosure(15, 15, 2).rounded(4) == (15, 15, 2)
    assert Enclosure(16, 16, 2).rounded(4) == (8, 8, 3)
    assert Enclosure(17, 17, 2).rounded(4) == (8, 9, 3)
    assert Enclosure(16, 16, 2).rounded(5) == (16, 16, 2)


@pytest.mark.parametrize(
    ("enclosure", "level", "due"),
    [
        ((2, 3, 0), "1", 1), ((2, 3, 0), "2", None), ((2, 3, 0), "5/2", None), ((2, 3, 0), "3", -1),
        ((2, 3, 0), "4", -1), ((1, 1, 3), "8", -1), ((1, 1, 3), "7", 1), ((1, 1, -3), "1/8", -1),
        ((1, 1, -3), "1/9", 1), ((1, 2, -1), "1/2", None), ((1, 2, 1), "3", None),
        ((2, 3, -1), "1", None), ((2, 3, 1), "4", None), ((2, 3, 1), "6", -1),
        ((2, 3, -1), "3/2", -1),
    ],
)  # fmt: skip
def test_a_comparison_is_open_only_between_the_ends(
    enclosure: tuple[int, int, int], level: str, due: int | None
) -> None:
    assert Enclosure(*enclosure).compared_to(Fraction(level)) == due


def test_tails_at_the_ends_of_the_domain() -> None:
    almost = Fraction(10**40 - 1, 10**40)
    for count, q in ((0, Fraction(0)), (0, Fraction(1, 2)), (0, Fraction(1)), (2, Fraction(1))):
        assert tail_at_most(3, count, q, Fraction(1))  # the tail is 1
        assert not tail_at_most(3, count, q, almost)
    for count in (1, 3):
        assert tail_at_most(3, count, Fraction(0), Fraction(0))  # the tail is 0
    assert not tail_at_most(3, 3, Fraction(1, 2), Fraction(0))


@pytest.mark.parametrize("precision", [1, 2, 3, 24, 96])
def test_powers_are_enclosed(precision: int) -> None:
    for base in (0, 1, 2, 3, 10, 2**53 - 1):
        for exponent in (*range(9), 100):
            low, high = ends(power_enclosure(base, exponent, precision))
            assert low <= base**exponent <= high


@pytest.mark.parametrize("precision", [24, 96])
def test_single_terms_are_enclosed(precision: int) -> None:
    for total in (1, 2, 7, 40):
        for count in range(1, total + 1):
            for q in (Fraction(1, 3), Fraction(1, 2), Fraction(9, 10)):
                due = comb(total, count) * q**count * (1 - q) ** (total - count)
                low, high = ends(point_enclosure(total, count, q, precision))
                assert low <= due <= high
                assert high - low < due / 2 ** (precision - 16)


def test_exact_tails_by_their_definition_from_either_side() -> None:
    for total in (1, 2, 3, 6):
        for count in range(1, total + 1):
            for q in (Fraction(1, 3), Fraction(1, 2), Fraction(4, 5)):
                terms = [comb(total, x) * q**x * (1 - q) ** (total - x) for x in range(total + 1)]
                assert tails._exact_tail(total, count, q) == sum(terms[count:])

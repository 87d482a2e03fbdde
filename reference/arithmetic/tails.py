"""Binomial tails ``Pr(Bin(N, q) >= x)``, decided against a level in integers.

No float and no tolerance: a tail is enclosed between two integers times a power of two, every
rounding goes outward, and the precision is doubled until the comparison is decided. Where the
precision would exceed the size of the exact integers (an exact tie, say) those are compared.
"""

from fractions import Fraction
from functools import lru_cache
from math import comb, prod
from typing import Final, NamedTuple

__all__ = ["Enclosure", "point_enclosure", "power_enclosure", "tail_at_most", "tail_enclosure"]

#: First precision in bits; two neighbours on the 2^-53 grid differ by more than its error.
_FIRST_PRECISION: Final = 96
#: Factors multiplied exactly between two roundings of a long product.
_CHUNK: Final = 32
#: Between two factorials that are kept.
_APART: Final = 256
#: First depth of the continued fraction.
_FIRST_DEPTH: Final = 16


class Enclosure(NamedTuple):
    """``low * 2^exponent <= value <= high * 2^exponent``, for a value >= 0."""

    low: int
    high: int
    exponent: int

    def rounded(self, precision: int) -> "Enclosure":
        """Return an enclosure of this one whose upper end has about ``precision`` bits."""
        excess = self.high.bit_length() - precision
        if excess <= 0:
            return self
        return Enclosure(self.low >> excess, -(-self.high >> excess), self.exponent + excess)

    def times(self, other: "Enclosure", precision: int) -> "Enclosure":
        """Return an enclosure of the product of two values >= 0."""
        return Enclosure(
            self.low * other.low, self.high * other.high, self.exponent + other.exponent
        ).rounded(precision)

    def over(self, other: "Enclosure", precision: int) -> "Enclosure":
        """Return an enclosure of the quotient; the divisor's lower end must be positive."""
        shift = precision + other.high.bit_length()
        return Enclosure(
            (self.low << shift) // other.high,
            -(-(self.high << shift) // other.low),
            self.exponent - other.exponent - shift,
        ).rounded(precision)

    def compared_to(self, level: Fraction) -> int | None:
        """Return -1 if the value is certainly <= level, 1 if certainly above, None if open."""
        numerator, denominator = level.numerator, level.denominator
        if self.exponent >= 0:
            denominator <<= self.exponent
        else:
            numerator <<= -self.exponent
        if self.high * denominator <= numerator:
            return -1
        return 1 if self.low * denominator > numerator else None


def tail_at_most(total: int, count: int, q: Fraction, level: Fraction) -> bool:
    """Say whether ``Pr(Bin(total, q) >= count) <= level``, exactly.

    Domain: total >= 1, 0 <= count <= total, 0 <= q <= 1, level >= 0 (all of them exact).
    """
    if count == 0 or q == 1:
        return level >= 1
    if q == 0:
        return True
    precision, exact_size = _FIRST_PRECISION, total * q.denominator.bit_length()
    while precision < exact_size + _FIRST_PRECISION:
        decided = tail_enclosure(total, count, q, precision).compared_to(level)
        if decided is not None:
            return decided < 0
        precision *= 2
    return _exact_tail(total, count, q) <= level


def tail_enclosure(total: int, count: int, q: Fraction, precision: int) -> Enclosure:
    """Return an enclosure of ``Pr(Bin(total, q) >= count)``.

    Domain: 1 <= count <= total, 0 < q < 1. What is summed lies away from the mode, where terms
    fall; if count lies on the other side of the mode, the complement is summed.
    """
    hit, miss = q.numerator, q.denominator - q.numerator
    if (total - count) * hit <= (count + 1) * miss:
        return _falling_sum(total, count, q, precision)
    rest = _falling_sum(total, total - count + 1, 1 - q, precision)
    if rest.exponent > 0:  # only at a precision too low to say anything
        return Enclosure(0, 1, 0)
    one = 1 << -rest.exponent
    return Enclosure(max(0, one - rest.high), one - rest.low, rest.exponent)


def point_enclosure(total: int, count: int, q: Fraction, precision: int) -> Enclosure:
    """Return an enclosure of ``Pr(Bin(total, q) = count)``, for 0 < q < 1."""
    hit, miss, whole = q.numerator, q.denominator - q.numerator, q.denominator
    ways = _choose(total, min(count, total - count), precision)
    hits = power_enclosure(hit, count, precision).times(
        power_enclosure(miss, total - count, precision), precision
    )
    return ways.times(hits, precision).over(power_enclosure(whole, total, precision), precision)


def _falling_sum(total: int, count: int, q: Fraction, precision: int) -> Enclosure:
    """Enclose ``Pr(Bin(total, q) >= count)``: the probability of count itself times a series."""
    low, high = _series(total, count, q, precision)
    series = Enclosure(low, high, -precision)
    return series.times(point_enclosure(total, count, q, precision), precision)


def _series(total: int, count: int, q: Fraction, precision: int) -> tuple[int, int]:
    """Enclose ``Pr(Bin(N, q) >= x) / Pr(Bin(N, q) = x)``, in units of ``2^-precision``.

    The quotient is Gauss's hypergeometric F(1, -M; x + 1; -w), M = N - x and w = q / (1 - q).
    With H_2m = F(-(M - m), m; x + 2m; -w) and H_2m+1 = F(-(M - m), m + 1; x + 2m + 1; -w), two
    contiguous relations say

        H_2m = H_2m+1 - α_m H_2m+2,     α_m = (M - m) (x + m) w / ((x + 2m) (x + 2m + 1)),
        H_2m-1 = H_2m + β_m H_2m+1,     β_m = m (N + m) w / ((x + 2m - 1) (x + 2m)).

    Every H is a sum of terms >= 0 that begins with 1, so R_m = H_2m+1 / H_2m is positive, and

        R_m-1 = 1 / (1 - α_m-1 / (1 + β_m R_m)),     R_0 the quotient,  R_M = 1,  R_m >= 1.

    R_m-1 falls in R_m; so an enclosure of one is an enclosure of the other, ends exchanged, and
    "from 1 to infinity" is one to begin with at any depth m: deeper is narrower, and M is exact.

    Domain: x at or above the mode, M w <= x + 1: so α_0 <= 1, and no other α is greater.
    """
    missed, widest = total - count, 1 << 3 * precision // 8
    depth = _FIRST_DEPTH
    while True:
        low, high = _from_depth(min(depth, missed), total, count, q, precision)
        if high - low <= widest or depth >= missed:
            return low, high
        depth *= 2


def _from_depth(depth: int, total: int, count: int, q: Fraction, precision: int) -> tuple[int, int]:
    """Enclose R_0 of :func:`_series` from R at ``depth``: of 1 to M, or of 0 where M is 0."""
    hit, miss = q.numerator, q.denominator - q.numerator
    missed, one = total - count, 1 << precision
    low = high = one
    for m in range(depth, 0, -1):
        y = count + 2 * m
        whole = (y - 1) * y * miss << precision
        rise = m * (total + m) * hit
        fall = (missed - m + 1) * (count + m - 1) * hit * y << precision
        # R_m-1 = D / (D - fall) with D = (y - 2) (whole + rise R_m), all over one denominator.
        above, below = (y - 2) * (whole + rise * low), (y - 2) * (whole + rise * high)
        high = -((above << precision) // (fall - above))
        low = (below << precision) // (below - fall)
        if m == depth < missed:
            low = one  # what R_m-1 falls to as R_m grows without end
    return low, high


@lru_cache(maxsize=4096)
def _choose(total: int, count: int, precision: int) -> Enclosure:
    """Enclose the binomial coefficient C(total, count)."""
    below = _factorial(count, precision).times(_factorial(total - count, precision), precision)
    return _factorial(total, precision).over(below, precision)


def _factorial(number: int, precision: int) -> Enclosure:
    """Enclose ``number!``, from the nearest factorial below it that is kept."""
    kept = _kept_factorials(precision)
    while len(kept) <= number // _APART:
        kept.append(_times_following(kept[-1], (len(kept) - 1) * _APART, _APART, precision))
    nearest = number // _APART
    return _times_following(kept[nearest], nearest * _APART, number % _APART, precision)


@lru_cache(maxsize=8)
def _kept_factorials(precision: int) -> list[Enclosure]:
    """The factorials of 0, 256, 512, ... as far as they have been asked for."""
    return [Enclosure(1, 1, 0)]


def _times_following(start: Enclosure, above: int, length: int, precision: int) -> Enclosure:
    """Enclose ``start (above + 1) (above + 2) ... (above + length)``."""
    result, end = start, above + length + 1
    for first in range(above + 1, end, _CHUNK):
        factor = prod(range(first, min(first + _CHUNK, end)))
        result = result.times(Enclosure(factor, factor, 0), precision)
    return result


def power_enclosure(base: int, exponent: int, precision: int) -> Enclosure:
    """Enclose ``base^exponent`` by squaring."""
    low = high = 1
    shift = 0
    for bit in bin(exponent)[2:]:
        low, high, shift = low * low, high * high, 2 * shift
        if bit == "1":
            low, high = low * base, high * base
        excess = high.bit_length() - precision
        if excess > 0:
            low, high, shift = low >> excess, -(-high >> excess), shift + excess
    return Enclosure(low, high, shift)


def _exact_tail(total: int, count: int, q: Fraction) -> Fraction:
    """Return ``Pr(Bin(total, q) >= count)`` as a rational; the shorter side is summed."""
    if 2 * count <= total:
        return 1 - _exact_tail(total, total - count + 1, 1 - q)
    hit, miss = q.numerator, q.denominator - q.numerator
    lists = sum(comb(total, i) * hit**i * miss ** (total - i) for i in range(count, total + 1))
    return Fraction(lists, q.denominator**total)

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

    Domain: 1 <= count <= total, 0 < q < 1. The terms are summed away from the mode, where they
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
    """Enclose ``Pr(Bin(total, q) >= count)`` for a count at or above the mode.

    With ``t_0 = 1`` and ``t_j = t_{j-1} ρ_j``, ``ρ_j = (N - x - j + 1) q / ((x + j) (1 - q))``,
    the tail is the probability of x itself times ``Σ t_j``. The ρ_j fall and ρ_1 <= 1, so
    rounding each term down loses at most 1 more a step (j units in ``t_j``), and what follows
    ``t_{j-1}`` is at most ``t_{j-1} ρ_j / (1 - ρ_j)``.
    """
    hit, miss = q.numerator, q.denominator - q.numerator
    scale = 1 << precision
    term, low, slack = scale, scale, 0
    steps = total - count
    for j in range(1, steps + 1):
        up, down = (steps - j + 1) * hit, (count + j) * miss
        if up < down and (term + j) * up < down - up:  # all the rest is below one unit
            slack += 1
            break
        term = term * up // down
        low += term
        slack += j
    series = Enclosure(low, low + slack, -precision)
    return series.times(point_enclosure(total, count, q, precision), precision)


@lru_cache(maxsize=4096)
def _choose(total: int, count: int, precision: int) -> Enclosure:
    """Enclose the binomial coefficient C(total, count)."""
    above = _consecutive(total - count + 1, count, precision)
    return above.over(_consecutive(1, count, precision), precision)


def _consecutive(first: int, length: int, precision: int) -> Enclosure:
    """Enclose ``first (first + 1) ... (first + length - 1)``."""
    result = Enclosure(1, 1, 0)
    for start in range(first, first + length, _CHUNK):
        factor = prod(range(start, min(start + _CHUNK, first + length)))
        result = result.times(Enclosure(factor, factor, 0), precision)
    return result


def power_enclosure(base: int, exponent: int, precision: int) -> Enclosure:
    """Enclose ``base^exponent`` by squaring."""
    result = Enclosure(1, 1, 0)
    for bit in bin(exponent)[2:]:
        result = result.times(result, precision)
        if bit == "1":
            result = result.times(Enclosure(base, base, 0), precision)
    return result


def _exact_tail(total: int, count: int, q: Fraction) -> Fraction:
    """Return ``Pr(Bin(total, q) >= count)`` as a rational; the shorter side is summed."""
    if 2 * count <= total:
        return 1 - _exact_tail(total, total - count + 1, 1 - q)
    hit, miss = q.numerator, q.denominator - q.numerator
    lists = sum(comb(total, i) * hit**i * miss ** (total - i) for i in range(count, total + 1))
    return Fraction(lists, q.denominator**total)

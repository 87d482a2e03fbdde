"""Rosenfeld et al. (ICML 2020): the published radius of smoothing, by a divergence.

It is what the field compares with; the exact radius (:mod:`bagcert.reference.related.smoothing`) is
never less, and where a model is sure about twice as large.
"""

from fractions import Fraction
from math import lcm

from bagcert.reference.arithmetic.arguments import as_integer
from bagcert.reference.related.smoothing import MAX_BITS, checked_bounds, largest

__all__ = ["closed_form_bits"]


def closed_form_bits(
    p_lower: Fraction | int | str,
    p_upper: Fraction | int | str,
    beta: Fraction | int | str,
    bits: int,
) -> int | None:
    """Return the floor of the published closed form, at most ``bits``; None if p_l <= p_s.

    The largest F with ``F (1 - 2β) ln((1-β)/β) <= -ln(1 - (√p_l - √p_s)^2)``; for p_s = 1 - p_l
    that is Rosenfeld et al.'s ``F <= ln(4 p (1-p)) / (2 (1-2β) ln(β/(1-β)))``. The left side is the
    divergence KL(attacked || clean) of F flipped bits; the right side the least divergence to a
    law with Pr(l) = Pr(s). So :func:`~bagcert.reference.related.certified_bits` is never less.

    Not even where both sides are equal, F >= 1. Overturning l at equality would need the least
    divergent law itself, whose likelihood ratios on what answers l, s and another label are
    constants with ``ρ_l ρ_s = ρ_other^2``. Then each answers on one weight u, the others on the
    one in the middle; all F + 1 weights are answered on, so F <= 2, and l has u = 0 and s has
    u = F, since p_l > p_s. But there l is left with β^F and s has (1-β)^F, which is more.

    Decided in integers: with β = a/b, R = (b-a)/a, p_l = i/c and p_s = j/c it reads
    ``R^(F (b-2a)) (u + √v)^b <= c^b``, u = c - i - j, v = 4 i j.
    Arguments as :func:`~bagcert.reference.related.certified_bits`.

    >>> closed_form_bits("99/100", "1/100", "3/10", 13_007 * 785)
    4
    >>> closed_form_bits("9/10", "1/10", "3/8", 100)  # a tie: ln(5/3) on both sides of F = 4
    4
    """
    low, high, rate = checked_bounds(p_lower, p_upper, beta)
    bits = as_integer("bits", bits, 0, MAX_BITS)
    if low <= high:
        return None
    if rate == 0:
        return 0
    if low == 1 or high == 0 or 2 * rate == 1:
        return bits
    a, b = rate.numerator, rate.denominator
    c = lcm(low.denominator, high.denominator)
    i, j = int(low * c), int(high * c)
    square = 4 * i * j
    x, root = _surd_power(c - i - j, square, b)
    y, scale = root * root * square, c**b
    above, below = (b - a) ** (b - 2 * a), a ** (b - 2 * a)

    def within(flips: int) -> bool:
        more, fewer = above**flips, below**flips * scale
        rest = fewer - x * more
        return bool(rest >= 0 and y * more * more <= rest * rest)

    return largest(within, bits)


def _surd_power(rational: int, square: int, exponent: int) -> tuple[int, int]:
    """Return (X, Y) with ``(u + √v)^exponent = X + Y √v``, by squaring."""
    whole, root = 1, 0
    for bit in bin(exponent)[2:]:
        whole, root = whole * whole + root * root * square, 2 * whole * root
        if bit == "1":
            whole, root = whole * rational + root * square, whole + root * rational
    return whole, root

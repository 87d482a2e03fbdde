"""Where a binomial tail crosses a level, on a grid: a good start, then a proof.

Newton's method finds a start; nothing rests on it. The answer is decided by exact tail tests at
the two neighbouring grid points, so a poor start costs time and never soundness.
"""

from fractions import Fraction
from typing import Final

from bagcert.reference.arithmetic.tails import point_enclosure, tail_at_most, tail_enclosure

__all__ = ["largest_sound"]

_PRECISION: Final = 96
_ONE: Final = 1 << _PRECISION
_LN2: Final = 0xB17217F7D1CF79ABC9E3B398 << (_PRECISION - 96)  # ln 2 in units of 2^-96
_STEPS: Final = 40


def largest_sound(
    count: int, total: int, beta: Fraction, grid: int, start: int | None = None
) -> int:
    """Return the largest t in [0, grid) with ``Pr(Bin(total, t/grid) >= count) <= beta``.

    Domain: 1 <= count <= total, 0 < beta < 1, grid >= 1. Newton's method begins at ``start``, a
    guess that decides the time and never the answer.
    Post-condition: the tail at t/grid is at most beta and the tail at (t + 1)/grid exceeds it;
    both are decided by
    :func:`~bagcert.reference.arithmetic.tails.tail_at_most`.
    """

    def sound(t: int) -> bool:
        return tail_at_most(total, count, Fraction(t, grid), beta)

    guess = _ONE * count // (total + 1) if start is None else (start << _PRECISION) // grid
    found = _newton(count, total, beta, max(1, min(_ONE - 1, guess)))
    low = max(0, min(grid - 1, found * grid >> _PRECISION))
    step = 1
    if sound(low):  # t = grid is never sound: the tail is 1 there
        high = low + step
        while high < grid and sound(high):
            low, step = high, 2 * step
            high = low + step
        high = min(high, grid)
    else:
        high = low
        low = high - step
        while low > 0 and not sound(low):
            high, step = low, 2 * step
            low = high - step
        low = max(low, 0)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if sound(middle) else (low, middle)
    return low


def _newton(count: int, total: int, beta: Fraction, q: int) -> int:
    """Approximate the q of ``Pr(Bin(N, q) >= x) = beta`` from a guess, in units of 2^-96.

    Newton on ``ln Pr`` as a function of ``ln q``, whose slope is ``x pmf(x) / Pr``
    (d Pr / dq is the beta density ``x pmf(x) / q``). It is exactly linear at x = N.
    """
    target = _log(beta.numerator) - _log(beta.denominator)
    for _ in range(_STEPS):
        at = Fraction(q, _ONE)
        tail = tail_enclosure(total, count, at, _PRECISION)
        point = point_enclosure(total, count, at, _PRECISION)
        excess = _log(tail.low) + tail.exponent * _LN2 - target
        # z = excess / slope, with both probabilities brought to one power of two.
        shift = tail.exponent - point.exponent
        z = (excess * tail.low << max(shift, 0)) // (count * point.low << max(-shift, 0))
        factor = _ONE + abs(z) + (z * z >> _PRECISION + 1)  # about exp|z|
        moved = q * _ONE // factor if z > 0 else q * factor >> _PRECISION
        moved = max(1, min(moved, (q + _ONE) // 2))
        if abs(moved - q) <= q >> 40:  # the next step would be some N times its square
            return moved
        q = moved
    return q


def _log(value: int) -> int:
    """Approximate ln(value) in units of 2^-96, for value >= 1: 2 atanh((v - 1)/(v + 1))."""
    bits = value.bit_length() - 1
    scaled = value << _PRECISION >> bits  # in [1, 2)
    ratio = ((scaled - _ONE) << _PRECISION) // (scaled + _ONE)
    square, power, total = ratio * ratio >> _PRECISION, ratio, 0
    for odd in range(1, 60, 2):
        total += power // odd
        power = power * square >> _PRECISION
    return bits * _LN2 + 2 * total

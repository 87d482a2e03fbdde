"""Eq (21) and (39): the gap between the two label bounds, in units of one list.

There are n^k equally likely lists of k examples. The paper rounds the bounds to multiples of
n^-k, ``p_l - δ_l`` and ``p_s + δ_s``; MATHEMATICS.md shows that this is not needed, and that it
may be done the other way round for deterministic learners.
"""

from enum import StrEnum
from fractions import Fraction

__all__ = ["Residual", "gap"]


class Residual(StrEnum):
    """How the bounds p_l, p_s become the gap G (MATHEMATICS.md, Theorem 1 in integers)."""

    #: ``floor(p_l n^k) - ceil(p_s n^k)``: eq (4), (21), (39). Sound for any base learner.
    PAPER = "paper"
    #: ``(p_l - p_s) n^k``, a rational. Sound for any base learner, and never below ``paper``.
    NONE = "none"
    #: ``ceil(p_l n^k) - floor(p_s n^k)``. Sound only for base learners that ignore their seed:
    #: their vote masses are integers.
    INTEGRAL = "integral"


def gap(n: int, k: int, p_lower: Fraction, p_upper: Fraction, residual: Residual) -> Fraction:
    """Return G, the certified lead of the top label in lists: ``G <= n^k``.

    An integer for ``paper`` and ``integral``. No certificate exists where ``G <= 0``.

    >>> gap(2, 1, Fraction(3, 5), Fraction(2, 5), Residual.PAPER)   # MATHEMATICS.md, erratum 6
    Fraction(0, 1)
    """
    lists: int = n**k
    low, high = p_lower * lists, p_upper * lists
    match residual:
        case Residual.PAPER:
            return Fraction(low.__floor__() - high.__ceil__())
        case Residual.NONE:
            return low - high
        case Residual.INTEGRAL:
            return Fraction(low.__ceil__() - high.__floor__())

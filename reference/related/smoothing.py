"""Rosenfeld et al. (ICML 2020): randomised smoothing of the training set, as the paper extends it.

Each bit of the training set (d binarised features and a label of one bit: d + 1 an example) is
flipped independently with probability β < 1/2 before a base model is trained. ``p_l`` bounds the
probability that such a model answers l from below, ``p_s`` that of every other label from above.

An attacker who flips F bits moves the law of the noise on those F bits. A pattern of u flips on
them has ``C(F, u) β^u (1-β)^(F-u)`` of the clean mass and ``C(F, u) β^(F-u) (1-β)^u`` of the
attacked one. By the lemma of Neyman and Pearson the least attacked probability of an event of
clean probability p is ``L(F, p)``: patterns are filled in the order of u = 0, 1, ..., F until their
clean mass is p, the last in part. The largest attacked probability of an event of clean
probability p is ``1 - L(F, 1 - p)``. So l survives F flips exactly where

    L(F, p_l) + L(F, 1 - p_s) > 1.

L falls in F (F flips are a function of F + 1), so at most F flips are covered by F. The attack is
``modify`` alone: inserted or deleted examples change how many bits there are.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from math import comb, isqrt
from typing import Final

from bagcert.reference.arithmetic.arguments import as_integer, as_probability, as_rational
from bagcert.reference.arithmetic.limits import MAX_EXAMPLES
from bagcert.reference.arithmetic.tails import (
    Enclosure,
    power_enclosure,
    tail_at_most,
    tail_enclosure,
)

__all__ = [
    "MAX_BITS",
    "MAX_DENOMINATOR",
    "attacked_bounds",
    "certified_bits",
    "certified_examples",
    "checked_bounds",
    "largest",
    "least_attacked",
]

#: Most bits of a training set, n (d + 1).
MAX_BITS: Final = 10**8
#: Largest denominator of β.
MAX_DENOMINATOR: Final = 1000
#: Most bits flipped where masses are formed exactly.
MAX_EXACT_FLIPS: Final = 20_000
_FIRST_PRECISION: Final = 128


def attacked_bounds(
    p_lower: Fraction | int | str,
    p_upper: Fraction | int | str,
    beta: Fraction | int | str,
    flips: int,
) -> tuple[Fraction, Fraction]:
    """Return the least probability of l and the largest of s once ``flips`` bits are flipped.

    Both are attained by learners consistent with the clean bounds, and exact. Domain: as
    :func:`certified_bits`; 0 <= flips <= 20,000.

    >>> attacked_bounds("9/10", "1/10", "1/4", 1)
    (Fraction(7, 10), Fraction(3, 10))
    """
    low, high, rate = checked_bounds(p_lower, p_upper, beta)
    flips = as_integer("flips", flips, 0, MAX_EXACT_FLIPS)
    return least_attacked(flips, low, rate), 1 - least_attacked(flips, 1 - high, rate)


def certified_bits(
    p_lower: Fraction | int | str,
    p_upper: Fraction | int | str,
    beta: Fraction | int | str,
    bits: int,
) -> int | None:
    """Return the largest F <= ``bits`` whose flips cannot overturn l; None if p_l <= p_s.

    Guarantee: with F returned, every change of at most F of the training set's bits leaves
    Pr(l) > Pr(j) for all j ≠ l; and for F < ``bits`` a learner consistent with the bounds and
    F + 1 flips exist with Pr(l) <= Pr(s), if p_l + p_s <= 1. (Else p_s stands for 1 - p_l.)

    ``bits`` is all there are, so the answer may be ``bits``: where p_l = 1 or p_s = 0, and β > 0,
    or where β = 1/2, no attack on the bits succeeds. Without noise (β = 0) it is 0. The
    comparison is decided by enclosures whose precision is raised, and in exact integers where
    that does not decide it (a tie).

    Args:
        p_lower, p_upper: p_l and p_s, exact rationals in [0, 1].
        beta: β, an exact rational in [0, 1/2], its denominator at most 1000.
        bits: n (d + 1), the bits of the training set, 0 <= bits <= 10**8.

    >>> certified_bits("99/100", "1/100", "3/10", 13_007 * 785)
    7
    """
    low, high, rate = checked_bounds(p_lower, p_upper, beta)
    bits = as_integer("bits", bits, 0, MAX_BITS)
    if low <= high:
        return None
    if rate == 0:
        return 0
    if low == 1 or high == 0 or 2 * rate == 1:
        return bits
    search = _Search((low, 1 - high), rate)
    return largest(search.survives, bits)


def certified_examples(
    p_lower: Fraction | int | str,
    p_upper: Fraction | int | str,
    beta: Fraction | int | str,
    n: int,
    features: int,
) -> int | None:
    """Return ``floor(F / (d + 1))``: how many of the n examples may be modified in any way.

    An example has ``features`` = d bits and a label of one bit, all of which may be flipped.
    Guarantee, domain and None as :func:`certified_bits` with ``bits = n (d + 1)``; the result is
    at most n.

    >>> certified_examples("99/100", "1/100", "3/10", 13_007, 784)
    0
    """
    n = as_integer("n", n, 1, MAX_EXAMPLES)
    width = as_integer("features", features, 0, MAX_BITS) + 1
    flips = certified_bits(p_lower, p_upper, beta, n * width)
    return None if flips is None else flips // width


def least_attacked(flips: int, p: Fraction, beta: Fraction) -> Fraction:
    """Return L(F, p), exactly: the definition, mass by mass, in integers over b^F.

    Domain: flips >= 0, 0 <= p <= 1, 0 <= β <= 1/2, all exact. F + 1 steps of F-digit integers.

    >>> least_attacked(1, Fraction(2, 3), Fraction(1, 3))
    Fraction(1, 3)
    """
    hit, miss = beta.numerator, beta.denominator - beta.numerator
    whole, unit = beta.denominator**flips, p.denominator
    left, attacked = p.numerator * whole, 0
    for u in range(flips + 1):
        ways = comb(flips, u)
        clean = unit * ways * hit**u * miss ** (flips - u)
        moved = ways * hit ** (flips - u) * miss**u
        if clean >= left:
            return Fraction(attacked + Fraction(left * moved, clean), whole)
        left, attacked = left - clean, attacked + moved
    raise ArithmeticError("the patterns' masses do not sum to one")


def checked_bounds(
    p_lower: object, p_upper: object, beta: object
) -> tuple[Fraction, Fraction, Fraction]:
    """Return p_l, p_s (at most 1 - p_l: the others share what is left) and β."""
    low, high = as_probability("p_lower", p_lower), as_probability("p_upper", p_upper)
    rate = as_rational("beta", beta)
    if not 0 <= 2 * rate <= 1 or rate.denominator > MAX_DENOMINATOR:
        raise ValueError(
            f"beta must lie in [0, 1/2], with a denominator of at most {MAX_DENOMINATOR}"
        )
    return low, min(high, 1 - low), rate


def largest(holds: Callable[[int], bool], most: int, start: int = 0) -> int:
    """Return the largest F in [0, most] where the falling predicate ``holds``, as it does at 0.

    The search begins at ``start``, a guess that decides the time and never the answer.
    """
    low, high, step = 0, most + 1, 1
    at = min(max(start, 1), most)
    while low < at < high:
        if holds(at):
            low, at = at, at + step
        else:
            high, at = at, at - step
        step *= 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


class _Search:
    """Decides ``L(F, p_l) + L(F, 1 - p_s) > 1`` for one F after another, 0 < β < 1/2.

    It remembers where the filling stopped at the last F, to begin near by at the next.
    """

    def __init__(self, levels: tuple[Fraction, Fraction], beta: Fraction) -> None:
        self.levels, self.beta = levels, beta
        self.last = dict.fromkeys(levels, (0, 0))

    def survives(self, flips: int) -> bool:
        """Say whether l survives F flips."""
        places = [self.boundary(flips, p) for p in self.levels]
        precision = _FIRST_PRECISION
        while precision < flips * self.beta.denominator.bit_length() + _FIRST_PRECISION:
            least = most = 0
            for p, place in zip(self.levels, places, strict=True):
                low, high = _least_enclosure(flips, p, self.beta, place, precision)
                least, most = least + low, most + high
            if least > 1 << precision:
                return True
            if most <= 1 << precision:
                return False
            precision *= 2
        return sum(least_attacked(flips, p, self.beta) for p in self.levels) > 1

    def boundary(self, flips: int, p: Fraction) -> int:
        """Return where the filling stops: the least u with ``Pr(Bin(F, β) <= u) >= p``.

        The guess: as many standard deviations from the mean as at the last F.
        """
        before, place = self.last[p]
        hit, whole = self.beta.numerator, self.beta.denominator
        guess = flips * hit // whole
        if before:
            away = place - before * hit // whole
            guess += away * isqrt((flips << 20) // before) >> 10
        found = largest(lambda u: not tail_at_most(flips, u, self.beta, 1 - p), flips, guess)
        self.last[p] = flips, found
        return found


@lru_cache(maxsize=4)  # p_l and 1 - p_s are one number for two classes
def _least_enclosure(
    flips: int, p: Fraction, beta: Fraction, place: int, precision: int
) -> tuple[int, int]:
    """Enclose L(F, p) in units of 2^-precision; ``place`` is where the filling stops.

    ``L = Pr(Bin(F, β) >= F - u + 1) + (Pr(Bin(F, β) >= u) - (1 - p)) (β / (1-β))^(F - 2u)``.
    """
    whole, missing = (0, 0), (1 << precision, 1 << precision)
    if place > 0:
        whole = _fixed(tail_enclosure(flips, flips - place + 1, beta, precision), precision)
        missing = _fixed(tail_enclosure(flips, place, beta, precision), precision)
    rest = (1 - p) * (1 << precision)
    part = Enclosure(
        max(0, missing[0] - rest.__ceil__()), missing[1] - rest.__floor__(), -precision
    )
    hit, miss, turns = beta.numerator, beta.denominator - beta.numerator, flips - 2 * place
    if turns < 0:
        hit, miss, turns = miss, hit, -turns
    ratio = power_enclosure(hit, turns, precision).over(
        power_enclosure(miss, turns, precision), precision
    )
    share = _fixed(part.times(ratio, precision), precision)
    return whole[0] + share[0], whole[1] + share[1]


def _fixed(value: Enclosure, precision: int) -> tuple[int, int]:
    """Return both ends in units of 2^-precision, rounded outward."""
    shift = value.exponent + precision
    if shift >= 0:
        return value.low << shift, value.high << shift
    return value.low >> -shift, -(-value.high >> -shift)

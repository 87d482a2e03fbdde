"""How often a certificate is issued and wrong, exactly: the multinomial law summed in integers.

What "issued" and "wrong" mean stands in :mod:`bagcert.proofs_checks.coverage.rules`.
Probabilities are rationals: with p = (a_1, ..., a_c) / d the law of N votes is
``N! / Π x_i! · Π a_i^x_i / d^N``. At c = 2 the worst case is bounded over *all* p, not a grid:
:func:`worst_of_two`.

Run ``python -m bagcert.proofs_checks.coverage.exact [--full]``; exit status 1 if a level is
exceeded.
"""

import sys
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import comb, lcm, prod
from typing import Final, NamedTuple

from bagcert.proofs_checks.coverage.rules import (
    Issued,
    Probabilities,
    Rule,
    by_method,
    is_wrong,
    issued,
    vectors,
)
from bagcert.reference.bounds import Method, proven_level

__all__ = [
    "FULL",
    "QUICK",
    "Case",
    "WorstOfTwo",
    "beside_bounds",
    "binomial_tail",
    "check",
    "grid",
    "probability",
    "worst_of_grid",
    "worst_of_two",
]

_ULP: Final = Fraction(1, 2**53)
_ONE: Final = Fraction(1)


class WorstOfTwo(NamedTuple):
    """Pr(issued and wrong) at c = 2, over every p: ``value <= supremum <= bound``."""

    #: The probability at p = (top, 1 - top).
    value: Fraction
    top: Fraction
    bound: Fraction


def probability(outcomes: Sequence[tuple[int, ...]], p: Probabilities) -> Fraction:
    """Return the multinomial probability of a set of count vectors of one total, exactly."""
    if not outcomes:
        return Fraction(0)
    if sum(p) != 1 or min(p) < 0:
        raise ValueError(f"p must be probabilities that sum to 1, not {p}")
    total, whole = sum(outcomes[0]), lcm(*(q.denominator for q in p))
    weights = [int(q * whole) for q in p]
    powers = [[weight**i for i in range(total + 1)] for weight in weights]
    lists = sum(
        _ways(counts) * prod(table[x] for table, x in zip(powers, counts, strict=True))
        for counts in outcomes
    )
    return Fraction(lists, whole**total)


@lru_cache(maxsize=2**17)
def _ways(counts: tuple[int, ...]) -> int:
    """The multinomial coefficient N! / Π x_i!."""
    return prod(comb(sum(counts[: i + 1]), x) for i, x in enumerate(counts))


def grid(classes: int, parts: int) -> Iterator[Probabilities]:
    """Yield every p of multiples of 1/parts with p_1 >= p_2 >= ...: labels can be renamed."""
    for counts in vectors(parts, classes):
        if all(a >= b for a, b in pairwise(counts)):
            yield tuple(Fraction(x, parts) for x in counts)


def beside_bounds(p: Probabilities, outcomes: Sequence[Issued]) -> Probabilities | None:
    """Move p_1 to just below a lower bound, p_2 to just above an upper one: both then fail.

    What is left goes to p_3. None where there is no such p with p_1 >= p_2 >= p_3 >= 0.
    """
    above = min((one.bounds.p_lower for one in outcomes if one.bounds.p_lower > p[0]), default=_ONE)
    below = max((one.bounds.p_upper for one in outcomes if one.bounds.p_upper < p[1]), default=None)
    if below is None:
        return None
    first, second = above - _ULP, below + _ULP
    third = 1 - first - second - sum(p[3:], Fraction(0))
    return (first, second, third, *p[3:]) if first >= second >= third >= 0 else None


def worst_of_grid(
    outcomes: Sequence[Issued], points: Iterator[Probabilities]
) -> tuple[Fraction, Probabilities]:
    """Return the largest Pr(issued and wrong) over the points and those beside bounds; its p."""

    def at(p: Probabilities) -> Fraction:
        return probability([one.counts for one in outcomes if is_wrong(one.bounds, p)], p)

    grids = list(points)
    moved = {beside_bounds(p, outcomes) for p in grids} - {None}
    return max((at(p), p) for p in (*grids, *(p for p in moved if p is not None)))


def worst_of_two(total: int, rule: Rule) -> WorstOfTwo:
    """Enclose the largest Pr(issued and wrong) over every p = (q, 1 - q) with q >= 1/2.

    Between two neighbouring bounds the wrong votes are the same: for label 0 from some count on,
    whose probability grows with q, and for label 1 up to some count, whose probability falls. So
    on such a piece the former is at most its value at the right end, the latter at the left. That
    votes have this form is checked; that both labels are treated alike (which makes q >= 1/2 no
    loss) as well.

    Raises:
        ArithmeticError: the wrong votes do not have that form.
    """
    outcomes = issued(total, 2, rule)
    known = {one.counts: one.bounds for one in outcomes}
    for (a, b), bounds in known.items():
        mirror = known.get((b, a))
        if mirror is None or mirror[2:] != bounds[2:] or mirror.label != 1 - bounds.label:
            raise ArithmeticError(f"the rule treats labels differently at {(a, b)}")
    ends = {max(one.bounds.p_lower, 1 - one.bounds.p_upper) for one in outcomes}
    breaks = [Fraction(1, 2), *sorted(end for end in ends if Fraction(1, 2) < end <= 1), _ONE]
    best, bound = (Fraction(0), Fraction(1, 2)), Fraction(0)
    for left, right in pairwise(breaks):
        wrong = [one for one in outcomes if is_wrong(one.bounds, (left, 1 - left))]
        above = [one.counts[0] for one in wrong if one.bounds.label == 0]
        below = [one.counts[0] for one in wrong if one.bounds.label == 1]
        first, last = min(above, default=total + 1), max(below, default=-1)
        if len(above) != total + 1 - first or len(below) != last + 1:
            raise ArithmeticError("wrong votes are not the extreme ones")
        rising, falling = (
            binomial_tail(total, first, right),
            1 - binomial_tail(total, last + 1, left),
        )
        bound = max(bound, rising + falling)
        for q in {left, max(left, right - _ULP)}:
            best = max(
                best, (binomial_tail(total, first, q) + 1 - binomial_tail(total, last + 1, q), q)
            )
    return WorstOfTwo(*best, bound)


def binomial_tail(total: int, count: int, q: Fraction) -> Fraction:
    """Return ``Pr(Bin(N, q) >= x)`` by its definition, in integers, for 0 <= x <= N + 1."""
    hit, miss = q.numerator, q.denominator - q.numerator
    lists, misses = 0, 1
    for i in range(total, count - 1, -1):  # Horner: the sum over j >= i, over hit^i
        lists = lists * hit + comb(total, i) * misses
        misses *= miss
    return Fraction(lists * hit**count, q.denominator**total)


class Case(NamedTuple):
    """One setting of a method: N votes for c labels at level a, on a grid of 1/parts."""

    total: int
    classes: int
    alpha: Fraction
    #: Unused at c = 2, where every p is covered.
    parts: int = 12


_LEVELS: Final = (Fraction(1, 20), Fraction(1, 100), Fraction(1, 1000))
#: Seconds.
QUICK: Final = (
    *(Case(total, 2, alpha) for total in (5, 20, 60, 200) for alpha in _LEVELS),
    *(Case(total, c, alpha) for total, c in ((60, 3), (24, 4), (14, 5)) for alpha in _LEVELS[::2]),
)
#: Minutes.
FULL: Final = (
    *QUICK,
    *(Case(total, 2, alpha) for total in (1, 2, 3, 10, 100, 400) for alpha in _LEVELS),
    *(Case(150, 3, alpha, 30) for alpha in _LEVELS),
    *(Case(40, 4, alpha, 16) for alpha in _LEVELS),
)


def check(method: Method, case: Case) -> tuple[Fraction, Fraction, Probabilities]:
    """Return (bound, largest value found, its p) of Pr(issued and wrong), in units of ``alpha``.

    At c = 2 the bound is for every p; for more classes it is the value.
    """
    rule = by_method(method, case.alpha)
    if case.classes == 2:
        two = worst_of_two(case.total, rule)
        return two.bound / case.alpha, two.value / case.alpha, (two.top, 1 - two.top)
    value, p = worst_of_grid(issued(case.total, case.classes, rule), grid(case.classes, case.parts))
    return value / case.alpha, value / case.alpha, p


def main(argv: list[str]) -> int:
    """Print the largest probability of each method and case; 1 if one exceeds its level."""
    exceeded = 0
    for method in Method:
        for case in FULL if argv == ["--full"] else QUICK:
            bound, value, p = check(method, case)
            allowed = proven_level(case.alpha, case.classes, method) / case.alpha
            exceeded += bound > allowed
            print(
                f"{method:<9} N={case.total:<4} c={case.classes} a={case.alpha!s:<7}"
                f" {float(value):.4f} a, at most {float(bound):.4f} a of {float(allowed):.4f} a,"
                f" p = ({', '.join(f'{float(q):.4f}' for q in p)})"
            )
    return 1 if exceeded else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

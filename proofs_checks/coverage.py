"""How often a certificate is issued and wrong, exactly: the multinomial law summed in integers.

**Wrong** means that eq (2) is false of what was issued: ``p_l`` exceeds the label's probability, or
``p_s`` lies below another label's. (``p_l > p_s`` is required of every certificate, so a label that
is not the only most probable one is wrong as well.) **Issued** means that a rule returns a label
and bounds with ``p_l > p_s``; residuals and radii come later and can only take certificates back.

A rule turns counts into such bounds. The product's own are taken from
:func:`bagcert.reference.label_bounds` itself; beside them stand the paper's, as printed.

Probabilities are rationals: with p = (a_1, ..., a_c) / d the law of N votes is
``N! / Π x_i! · Π a_i^x_i / d^N``. At c = 2 the worst case is bounded over *all* p, not a grid:
:func:`worst_of_two`.

Run ``python -m bagcert.proofs_checks.coverage [--full]``; exit status 1 if a level is exceeded.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import comb, lcm, prod
from typing import Final, NamedTuple

from bagcert.reference.bounds import (
    Abstention,
    LabelBounds,
    Method,
    clopper_pearson_lower,
    clopper_pearson_upper,
    label_bounds,
    proven_level,
    rank,
)

__all__ = [
    "Case",
    "Issued",
    "Probabilities",
    "Rule",
    "WorstOfTwo",
    "as_read_cohen",
    "as_read_simuem",
    "binomial_tail",
    "by_method",
    "check",
    "event_72",
    "grid",
    "is_wrong",
    "issued",
    "probability",
    "vectors",
    "worst_of_grid",
    "worst_of_two",
]

#: Label probabilities, summing to 1.
Probabilities = tuple[Fraction, ...]
#: Counts to a label with bounds, or None where there is no certificate.
Rule = Callable[[Sequence[int]], LabelBounds | None]

_ULP: Final = Fraction(1, 2**53)
_ONE: Final = Fraction(1)


class Issued(NamedTuple):
    """Votes for which a certificate is issued, and what it says."""

    counts: tuple[int, ...]
    bounds: LabelBounds


class WorstOfTwo(NamedTuple):
    """Pr(issued and wrong) at c = 2, over every p: ``value <= supremum <= bound``."""

    #: The probability at p = (top, 1 - top).
    value: Fraction
    top: Fraction
    bound: Fraction


def by_method(method: Method, alpha: Fraction) -> Rule:
    """The product's rule for one example at level ``alpha``."""

    def rule(counts: Sequence[int]) -> LabelBounds | None:
        found = label_bounds(counts, alpha, method=method)
        return None if isinstance(found, Abstention) else found

    return rule


def as_read_cohen(alpha: Fraction) -> Rule:
    """The method of [12] as usually read: one lower bound, at level ``alpha`` itself."""
    return by_method(Method.COHEN, 2 * alpha)  # which spends half of its level on the bound


def as_read_simuem(alpha: Fraction, *, at_zero: Callable[[int, Fraction], Fraction]) -> Rule:
    """SimuEM with eq (6) as printed: the upper bound is a quantile of Beta(n_j, N - n_j + 1).

    That is ``1 - lower(N - n_j + 1)``, here rounded up to the grid of 2^-53, in eq (6)'s favour.
    It does not exist at n_j = 0: ``at_zero(N, β)`` stands in.
    """

    def rule(counts: Sequence[int]) -> LabelBounds | None:
        total, beta = sum(counts), alpha / len(counts)
        label, runner_up = rank(counts)
        lower, second = clopper_pearson_lower(counts[label], total, beta), counts[runner_up]
        if second:
            upper = 1 - clopper_pearson_lower(total - second + 1, total, beta)
        else:
            upper = at_zero(total, beta)
        upper = min(upper, 1 - lower)
        return LabelBounds(label, runner_up, lower, upper) if lower > upper else None

    return rule


def is_wrong(bounds: LabelBounds, p: Probabilities) -> bool:
    """Say whether eq (2) is false of the bounds: the definition above."""
    others = max(q for j, q in enumerate(p) if j != bounds.label)
    return bounds.p_lower > p[bounds.label] or bounds.p_upper < others


def vectors(total: int, classes: int) -> Iterator[tuple[int, ...]]:
    """Yield every vector of ``classes`` counts that sum to ``total``."""
    if classes == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in vectors(total - first, classes - 1):
            yield (first, *rest)


def issued(total: int, classes: int, rule: Rule) -> list[Issued]:
    """Return every vector of counts for which the rule issues a certificate."""
    found = ((counts, rule(counts)) for counts in vectors(total, classes))
    return [Issued(counts, bounds) for counts, bounds in found if bounds is not None]


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


def event_72(total: int, alpha: Fraction, p: Probabilities) -> list[tuple[int, ...]]:
    """Return the counts for which the event of (72) fails: abstaining is no way out of it.

    The event: ``p_l >= lower_l`` and ``p_j <= upper_j`` for every other j, at α/(e c) each, where
    l is the label that the same votes chose; with eq (6) corrected.
    """
    beta = alpha / len(p)
    lower = [clopper_pearson_lower(x, total, beta) for x in range(total + 1)]
    upper = [clopper_pearson_upper(x, total, beta) for x in range(total + 1)]

    def holds(counts: tuple[int, ...]) -> bool:
        label, _ = rank(counts)
        return all(
            lower[x] <= q if j == label else q <= upper[x]
            for j, (x, q) in enumerate(zip(counts, p, strict=True))
        )

    return [counts for counts in vectors(total, len(p)) if not holds(counts)]


def grid(classes: int, parts: int) -> Iterator[Probabilities]:
    """Yield every p of multiples of 1/parts with p_1 >= p_2 >= ...: labels can be renamed."""
    for counts in vectors(parts, classes):
        if all(a >= b for a, b in pairwise(counts)):
            yield tuple(Fraction(x, parts) for x in counts)


def worst_of_grid(
    outcomes: Sequence[Issued], points: Iterator[Probabilities]
) -> tuple[Fraction, Probabilities]:
    """Return the largest Pr(issued and wrong) over some p, and that p."""

    def at(p: Probabilities) -> Fraction:
        return probability([one.counts for one in outcomes if is_wrong(one.bounds, p)], p)

    return max((at(p), p) for p in points)


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
    lists = sum(comb(total, i) * hit**i * miss ** (total - i) for i in range(count, total + 1))
    return Fraction(lists, q.denominator**total)


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

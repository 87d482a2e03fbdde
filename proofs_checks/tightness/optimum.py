"""The other side of Theorem 2: the worst margin over *all* learners, as an exact optimum.

A learner matters to bagging under D and D' only through how much of each region it gives each
label: E (the m^k lists of both), B (lists of D alone), B' (lists of D' alone). With x[j, R] >= 0
the lists of region R that answer j, eq (2) and "D' prefers l least" are a linear programme:

    minimise    (x[l,E] + x[l,B']) - (x[s,E] + x[s,B'])
    subject to  sum_j x[j,R] = |R| for each region,
                x[l,E] + x[l,B] >= L,    x[j,E] + x[j,B] <= S for every j other than l.

Relabelling makes s any other label, and ``Pr'(l) - max_j Pr'(j) = min_j (Pr'(l) - Pr'(j))``, so
its value is the smallest margin there is. A randomised learner may take any x, a deterministic
one any integral x, with the bounds rounded to P and S. Nothing of Theorems 1 and 2 is used: the
optimum is shown by a feasible x and a feasible dual solution of equal value, both checked here.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from bagcert.reference.arithmetic.arguments import (
    as_integer,
    as_member,
    as_probability,
    check_setting,
)
from bagcert.reference.arithmetic.limits import MAX_CLASSES
from bagcert.reference.poisoning import Attack, Poisoned, kept_examples, poisoned_sizes
from bagcert.reference.residuals import Residual
from bagcert.reference.theorem2.assumptions import as_budget, targets

__all__ = ["Dual", "Optimum", "Primal", "Programme", "optimum", "optimum_radius", "worst_margin"]


class Programme(NamedTuple):
    """The linear programme's data, in lists."""

    #: |E|, |B| and |B'|.
    shared: int
    removed: int
    inserted: int
    #: L and S: bounds of eq (2) in lists.
    low: Fraction
    high: Fraction
    #: c >= 2.
    classes: int


class Primal(NamedTuple):
    """A learner: lists given to l, to s, and to the other c - 2 labels together, in (E, B, B')."""

    top: tuple[Fraction, Fraction, Fraction]
    second: tuple[Fraction, Fraction, Fraction]
    others: tuple[Fraction, Fraction, Fraction]


class Dual(NamedTuple):
    """Multipliers: of the regions (E, B, B'), of l's bound, of s's, and of each other label's."""

    regions: tuple[int, int, int]
    top: int
    second: int
    other: int


class Optimum(NamedTuple):
    """The smallest margin at one (n', m), with its proof."""

    #: ``min (Pr'(l) - max_j Pr'(j))``, a probability.
    margin: Fraction
    programme: Programme
    #: A learner that attains it.
    primal: Primal
    #: Why none is worse.
    dual: Dual


#: Dual solutions of which one is optimal, each for one pattern of binding constraints.
DUALS = (
    Dual((-1, 0, -1), 0, 0, 0),  # l avoids E, s fills it
    Dual((0, 0, -1), 0, 1, 0),  # l avoids E, S binds
    Dual((0, -1, -1), 1, 1, 0),  # L and S bind: Theorem 2's case
    Dual((-1, -2, -1), 2, 0, 0),  # L binds twice: s has what L leaves
    Dual((1, 0, -1), 0, 2, 1),  # every S binds: l has what the others cannot take
)


def optimum(
    n: int,
    k: int,
    p_lower: Fraction | int | str,
    p_upper: Fraction | int | str,
    classes: int,
    poisoned: Poisoned,
    residual: Residual | str = Residual.NONE,
) -> Optimum:
    """Return the smallest ``Pr'(l) - max_j Pr'(j)`` over learners consistent with eq (2).

    Over all learners; for ``integral`` over the deterministic ones (for ``paper`` over all:
    it is a bound on any learner). Holds with or without Theorem 2's assumptions.

    Raises:
        TypeError, ValueError: an argument outside its domain, as in Theorem 1.
        ArithmeticError: the proof does not verify.

    >>> optimum(3, 1, "3/5", "1/5", 3, Poisoned(3, 2), "integral").margin  # Theorem 2
    Fraction(1, 3)
    """
    n, k = check_setting(n, k)
    residual = as_member("residual", residual, Residual)
    classes = as_integer("classes", classes, 2, MAX_CLASSES)
    size = as_integer("poisoned.size", poisoned.size, 1)
    kept = as_integer("poisoned.kept", poisoned.kept, 0, min(n, size))
    as_budget("poisoned.size - n", max(0, size - n), n, k)
    low, high = targets(
        n, k, as_probability("p_lower", p_lower), as_probability("p_upper", p_upper), residual
    )
    shared = kept**k
    programme = Programme(shared, n**k - shared, size**k - shared, low, high, classes)
    primal = _attain(programme)
    dual = max(DUALS, key=lambda candidate: _dual_value(programme, candidate))
    value = _verified(programme, primal, dual, integral=residual is Residual.INTEGRAL)
    return Optimum(value / size**k, programme, primal, dual)


def worst_margin(
    n: int,
    k: int,
    p_lower: Fraction | int | str,
    p_upper: Fraction | int | str,
    classes: int,
    radius: int,
    attack: Attack | str = Attack.ANY,
    residual: Residual | str = Residual.NONE,
) -> Optimum | None:
    """Return the smallest optimum over every D' within ``radius``; None if there is no such D'.

    For ``any`` it is the one at n' = n, at every r, whatever the bounds. With
    ``l = max(L, n^k - (c-1) S)`` and ``s = min(S, n^k - L)`` the optimum's value is

        margin + 1 = [max(0, m^k - (n^k - l)) + max(0, m^k - s)] / n'^k,

    where ``n^k - l >= 0`` and ``s >= 0``. It does not rise as m falls, so all r changes are
    spent. Below n, m = n - r is fixed and n'^k grows towards n' = n; above, m = n' - r, and
    ``(m^k - a) / n'^k = (1 - r/n')^k - a / n'^k`` does not fall in n' for a >= 0. So
    modification is the worst attack, as a probability, without Corollary 1.
    """
    n, k = check_setting(n, k)
    radius = as_budget("radius", radius, n, k)
    attack = as_member("attack", attack, Attack)
    sizes = poisoned_sizes(n, radius, Attack.MODIFY if attack is Attack.ANY else attack)
    if not sizes:
        return None
    poisoned = Poisoned(sizes[0], kept_examples(n, sizes[0], radius))
    return optimum(n, k, p_lower, p_upper, classes, poisoned, residual)


def optimum_radius(
    n: int,
    k: int,
    p_lower: Fraction | int | str,
    p_upper: Fraction | int | str,
    classes: int,
    attack: Attack | str = Attack.ANY,
    residual: Residual | str = Residual.NONE,
) -> int | None:
    """Return the last r at which every consistent learner keeps the vote; None if r = 0 fails.

    By bisection: the margin does not rise with r (see :func:`worst_margin`). At most n - 1:
    nothing is kept at r = n, and ``insert`` needs ``(n + r)^k < n^k + l - s <= 2 n^k``. It is r*
    wherever Theorem 2's assumptions hold, and can exceed it elsewhere.

    >>> optimum_radius(3, 1, "3/5", "1/5", 3, residual="integral")   # where r* is 0
    1
    """

    def survives(radius: int) -> bool:
        worst = worst_margin(n, k, p_lower, p_upper, classes, radius, attack, residual)
        return worst is None or worst.margin > 0

    if not survives(0):
        return None
    low, high = 0, n - 1
    while low < high:
        r = (low + high + 1) // 2
        low, high = (r, high) if survives(r) else (low, r - 1)
    return low


def _attain(programme: Programme) -> Primal:
    """Return the learner that gives l its least and s its most, l off E and s on E first."""
    shared, removed, inserted, low, high, classes = programme
    lists = shared + removed
    # Where no learner attains both bounds, the one that cannot be met gives way.
    top = max(low, lists - (classes - 1) * high)
    second = min(high, lists - low)
    top_shared = max(Fraction(0), top - removed)
    second_shared = min(second, Fraction(shared))
    zero = Fraction(0)
    tops = (top_shared, top - top_shared, zero)
    seconds = (second_shared, second - second_shared, Fraction(inserted))
    others = (shared - tops[0] - seconds[0], removed - tops[1] - seconds[1], zero)
    return Primal(tops, seconds, others)


def _dual_value(programme: Programme, dual: Dual) -> Fraction:
    sizes = (programme.shared, programme.removed, programme.inserted)
    regions = sum(z * size for z, size in zip(dual.regions, sizes, strict=True))
    capped = dual.second + (programme.classes - 2) * dual.other
    return regions + dual.top * programme.low - capped * programme.high


def _primal_violations(programme: Programme, primal: Primal) -> Iterator[str]:
    if min(part for given in primal for part in given) < 0:
        yield "the primal solution gives a label less than no list"
    regions = (programme.shared, programme.removed, programme.inserted)
    if tuple(map(sum, zip(*primal, strict=True))) != regions:
        yield "the primal solution does not share out a region"
    if sum(primal.top[:2]) < programme.low or sum(primal.second[:2]) > programme.high:
        yield "the primal solution is not consistent with eq (2)"
    # Dealt evenly, or, where lists are whole, in blocks of at most S.
    if sum(primal.others[:2]) > (programme.classes - 2) * programme.high:
        yield "the primal solution overfills the other labels"
    if programme.classes == 2 and any(primal.others):
        yield "the primal solution uses labels that do not exist"


def _dual_violations(dual: Dual) -> Iterator[str]:
    if min(dual.top, dual.second, dual.other) < 0:
        yield "the dual solution has a negative multiplier"
    # For l, s and any other label: its multiplier in D, and its cost in (E, B, B').
    columns = (
        (dual.top, (1, 0, 1)),
        (-dual.second, (-1, 0, -1)),
        (-dual.other, (0, 0, 0)),
    )
    for bound, costs in columns:
        reduced = (dual.regions[0] + bound, dual.regions[1] + bound, dual.regions[2])
        if any(paid > cost for paid, cost in zip(reduced, costs, strict=True)):
            yield "the dual solution is infeasible"


def _verified(programme: Programme, primal: Primal, dual: Dual, *, integral: bool) -> Fraction:
    """Return the common value of both solutions, in lists; weak duality makes it the optimum."""
    for violation in (*_primal_violations(programme, primal), *_dual_violations(dual)):
        raise ArithmeticError(violation)
    if integral and any(part.denominator != 1 for row in primal for part in row):
        raise ArithmeticError("the primal solution is not integral")
    value = primal.top[0] + primal.top[2] - primal.second[0] - primal.second[2]
    if value != _dual_value(programme, dual):
        raise ArithmeticError("the primal and the dual solution differ: no proof of optimality")
    return value

"""Algorithm 1, Certify: from one test example's vote counts to a certificate or an abstention."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from bagcert.reference.arithmetic.arguments import as_member, as_rational
from bagcert.reference.bounds import (
    Abstention,
    LabelBounds,
    Method,
    Reason,
    checked_counts,
    label_bounds,
)
from bagcert.reference.corollaries import radius
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual, gap
from bagcert.reference.setting import Setting
from bagcert.reference.theorem1 import worst_size

__all__ = ["Certificate", "certify", "certify_bounds", "certify_row", "witness_size"]


class Certificate(NamedTuple):
    """However an attacker spends ``radius`` changes, bagging predicts ``label`` here."""

    label: int
    runner_up: int
    p_lower: Fraction
    p_upper: Fraction
    #: r*: the largest budget survived, 0 <= r* <= n - 1.
    radius: int
    #: The n' that maximises the left side of eq (4) at r* + 1, where it is not negative; None
    #: exactly where no larger attack exists (``delete`` with r* = n - 1).
    worst_size: int | None


def certify(
    counts: Sequence[int],
    n: int,
    k: int,
    level: Fraction | int | str,
    *,
    method: Method | str = Method.SELECTED,
    attack: Attack | str = Attack.ANY,
    residual: Residual | str = Residual.PAPER,
) -> Certificate | Abstention:
    """Certify one test example, or abstain with the first reason that applies.

    Guarantee (Theorems 1 and 3): over the draw of the N votes, the probability that a
    certificate is returned and some poisoned set within its radius changes bagging's prediction
    h(D, x) or its label is not h(D, x) is at most
    :func:`~bagcert.reference.bounds.proven_level` of ``level``. ``residual="integral"`` wants
    base learners that ignore their seed.

    Args:
        counts: votes for each of the c >= 2 labels, by position, summing to N >= 1
            (:func:`~bagcert.reference.bounds.checked_counts`).
        n: training examples, 1 <= n <= 10**12.
        k: examples in a list, k >= 1 and k * bit_length(n) <= 2**20.
        level: a, what this one example gets, an exact rational, 0 < level < 1.
        method: how the level is spent.
        attack: what the attacker may do.
        residual: how the bounds become the gap G.

    Raises:
        TypeError: a float, a bool, or another type where an exact number is due.
        ValueError: an argument outside its domain.

    >>> certify([990, 10], 60_000, 100, "0.001").radius
    386
    >>> certify([510, 490], 60_000, 100, "0.001")
    Abstention(reason=<Reason.SELECTION: 'selection'>)
    """
    votes, total = checked_counts(counts)
    setting = Setting(
        n,
        k,
        len(votes),
        total,
        as_rational("level", level),
        as_member("method", method, Method),
        as_member("attack", attack, Attack),
        as_member("residual", residual, Residual),
    )
    return certify_row(votes, setting)


def certify_row(counts: Sequence[int], setting: Setting) -> Certificate | Abstention:
    """Certify one example in a setting whose c and N are those of ``counts``."""
    bounds = label_bounds(counts, setting.level, method=setting.method)
    if isinstance(bounds, Abstention):
        return bounds
    return certify_bounds(bounds, setting)


def certify_bounds(bounds: LabelBounds, setting: Setting) -> Certificate | Abstention:
    """Finish Certify for an example whose bounds are known, with ``p_lower > p_upper``."""
    n, k, attack = setting.n, setting.k, setting.attack
    excess = gap(n, k, bounds.p_lower, bounds.p_upper, setting.residual)
    if excess <= 0:
        return Abstention(Reason.RESIDUAL)
    size = radius(n, k, excess, attack)
    return Certificate(*bounds, size, witness_size(n, k, size, attack))


def witness_size(n: int, k: int, radius: int, attack: Attack | str) -> int | None:
    """Return the n' that maximises the left side of eq (4) at ``radius + 1``.

    None exactly where there is no such attack: ``delete`` with radius n - 1.
    """
    r = radius + 1
    match as_member("attack", attack, Attack):
        case Attack.ANY:
            return worst_size(n, k, r)
        case Attack.MODIFY:
            return n
        case Attack.INSERT:
            return n + r
        case Attack.DELETE:
            return n - r if r < n else None

"""Theorem 1: bagging's vote survives every poisoning within r, where eq (4) holds.

Multiplied by n^k, eq (4) is a statement about integers (MATHEMATICS.md):

    n'^k - 2 m^k + n^k - G < 0    for every n' that budget r allows,

with m the examples kept at n'. The left side's growth in r makes "holds at r" monotone, and r*,
the certified poisoning size, is the last r at which it holds. Three routes compute it and must
agree: the corollaries' integer roots (what :func:`certified_poisoning_size` uses), a bisection
over r with the worst n' of eq (7), and a scan over every r and every n', which is the definition.
"""

from fractions import Fraction
from typing import NamedTuple

from bagcert.reference.arithmetic.arguments import (
    as_integer,
    as_member,
    as_probability,
    check_setting,
)
from bagcert.reference.corollaries import radius
from bagcert.reference.poisoning import Attack, Poisoned, kept_examples, poisoned_sizes
from bagcert.reference.residuals import Residual, gap

__all__ = [
    "Worst",
    "bisected_radius",
    "certified_poisoning_size",
    "gap_of",
    "left_side",
    "scanned_radius",
    "worst_poisoning",
    "worst_size",
]


class Worst(NamedTuple):
    """The poisoning that maximises the left side of eq (4) at one budget r."""

    #: n' and m.
    poisoned: Poisoned
    #: ``n'^k - 2 m^k + n^k - G``: the budget is survived exactly where this is negative.
    left: Fraction


def certified_poisoning_size(
    n: int,
    k: int,
    p_lower: Fraction | int | str,
    p_upper: Fraction | int | str,
    *,
    attack: Attack | str = Attack.ANY,
    residual: Residual | str = Residual.PAPER,
) -> int | None:
    """Return r*, the largest r with h(D', x) = l for all D' in B(D, r); None if not even r = 0.

    Guarantee (Theorem 1): if ``p_l >= p_lower`` and ``p_j <= p_upper`` for every other label j
    (eq 2), then every poisoned set within r* of D, by ``attack``, gives label l strictly more
    probability than any other label. ``0 <= r* <= n - 1``. With ``residual="integral"`` this
    holds for base learners that ignore their seed; with the others, for all.

    Args:
        n: training examples, 1 <= n <= 10**12.
        k: examples in a list, k >= 1 and k * bit_length(n) <= 2**20.
        p_lower: lower bound of the top label's probability, an exact rational in [0, 1].
        p_upper: upper bound of every other label's probability, an exact rational in [0, 1].
        attack: what the attacker may do.
        residual: how the bounds become the gap G.

    Raises:
        TypeError: a float, a bool, or another type where an exact number is due.
        ValueError: an argument outside its domain.

    >>> certified_poisoning_size(60_000, 100, "0.9", "0.05")
    331
    >>> certified_poisoning_size(2, 1, "3/5", "2/5") is None
    True
    """
    n, k, attack, excess = gap_of(n, k, p_lower, p_upper, attack=attack, residual=residual)
    return radius(n, k, excess, attack) if excess > 0 else None


def gap_of(
    n: int,
    k: int,
    p_lower: Fraction | int | str,
    p_upper: Fraction | int | str,
    *,
    attack: Attack | str = Attack.ANY,
    residual: Residual | str = Residual.PAPER,
) -> tuple[int, int, Attack, Fraction]:
    """Check the arguments of Theorem 1 and return ``(n, k, attack, G)``.

    Domain and errors as :func:`certified_poisoning_size`. Where ``p_lower <= p_upper`` the
    result has G <= 0, except that ``integral`` can round a positive gap into being.
    """
    n, k = check_setting(n, k)
    low, high = as_probability("p_lower", p_lower), as_probability("p_upper", p_upper)
    attack = as_member("attack", attack, Attack)
    return n, k, attack, gap(n, k, low, high, as_member("residual", residual, Residual))


def left_side(n: int, k: int, poisoned: Poisoned, excess: Fraction) -> Fraction:
    """Return ``n'^k - 2 m^k + n^k - G``, the left side of eq (4) times n^k."""
    lists: int = poisoned.size**k - 2 * poisoned.kept**k + n**k
    return lists - excess


def worst_size(n: int, k: int, r: int) -> int:
    """Eq (7): the unique n' in [max(1, n - r), n + r] that maximises the left side of eq (4).

    For n' < n the kept examples are m = n - r whatever n' is, so n' = n is at least as bad.
    From n on, the left side rises from n' = x - 1 to x exactly while

        x^k - (x-1)^k > 2 [(x-r)^k - (x-r-1)^k],

    and the ratio of the two brackets falls in x, so bisection finds the last such x. Comparing
    neighbours also answers at k = 1, where the paper's (k-1)-th root does not exist
    (MATHEMATICS.md, erratum 8). Two neighbours' values differ by an odd number: no ties.

    Domain: n, k >= 1, r >= 0. Above r = n the kept examples are clipped at 0 and the largest
    n' with m = 0 is compared in the same way.

    >>> worst_size(10, 3, 2), worst_size(10, 3, 6), worst_size(10, 3, 10)
    (10, 16, 20)
    """
    n, r = as_integer("n", n, 1), as_integer("r", r, 0)
    low, high = n, n + r
    while low < high:
        x = (low + high + 1) // 2
        kept, before = kept_examples(n, x, r), kept_examples(n, x - 1, r)
        if x**k - (x - 1) ** k > 2 * (kept**k - before**k):
            low = x
        else:
            high = x - 1
    return low


def worst_poisoning(n: int, k: int, r: int, excess: Fraction, attack: Attack) -> Worst | None:
    """Return the worst (n', m) at budget r and the left side there; None if no attack exists.

    None occurs only for ``delete`` with r >= n. ``excess`` is G.
    """
    sizes = poisoned_sizes(n, r, attack)
    if not sizes:
        return None
    size = worst_size(n, k, r) if attack is Attack.ANY else sizes[0]
    poisoned = Poisoned(size, kept_examples(n, size, r))
    return Worst(poisoned, left_side(n, k, poisoned, excess))


def survives(n: int, k: int, r: int, excess: Fraction, attack: Attack) -> bool:
    """Say whether eq (4) holds at r for every n' of ``attack`` (vacuously where there is none)."""
    worst = worst_poisoning(n, k, r, excess, attack)
    return worst is None or worst.left < 0


def bisected_radius(n: int, k: int, excess: Fraction, attack: Attack) -> int | None:
    """Algorithm 1's BinarySearch: r* by bisection over eq (4), None where r = 0 fails.

    The second route to :func:`certified_poisoning_size`: it takes no root and no corollary.
    """
    if excess <= 0:
        return None
    low, high = 0, n - 1
    while low < high:
        r = (low + high + 1) // 2
        if survives(n, k, r, excess, attack):
            low = r
        else:
            high = r - 1
    return low


def scanned_radius(n: int, k: int, excess: Fraction, attack: Attack) -> int | None:
    """Return r* by its definition: try r = 0, 1, ... and at each r every n' of eq (1).

    For small n only: O(n^2) powers.
    """

    def holds(r: int) -> bool:
        return all(
            left_side(n, k, Poisoned(size, kept_examples(n, size, r)), excess) < 0
            for size in poisoned_sizes(n, r, attack)
        )

    best = None
    for r in range(n):
        if not holds(r):
            break
        best = r
    return best

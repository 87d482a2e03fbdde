"""Corollaries 1-3: the certified poisoning size in closed form, by one integer root each.

The paper writes them with real k-th roots, ``⌈n (1 - (1 - Δ/2)^(1/k)) - 1⌉`` and its siblings,
Δ = G / n^k. Here the same inequality is solved in integers: ``t^k <= a`` has the largest
solution ``floor_root(a, k)``, and no real number is ever formed.

Each function wants 0 < G <= n^k and returns r* with 0 <= r* <= n - 1, the largest r at which
eq (4) holds for its attack.
"""

from fractions import Fraction

from bagcert.reference.arithmetic.roots import floor_root
from bagcert.reference.poisoning import Attack

__all__ = ["delete_radius", "insert_radius", "modify_radius", "radius"]


def modify_radius(n: int, k: int, gap: Fraction) -> int:
    """Corollary 1: the largest r with ``2 n^k - 2 (n - r)^k - G < 0``.

    Equivalent to ``(n - r)^k > n^k - G/2``; a power is an integer, so the right side may be
    rounded down.

    >>> modify_radius(10, 1, Fraction(10))
    4
    """
    return n - 1 - floor_root((n**k - gap / 2).__floor__(), k)


def delete_radius(n: int, k: int, gap: Fraction) -> int:
    """Corollary 2: the largest r with ``n^k - (n - r)^k - G < 0``.

    At G = n^k it is n - 1, and no larger attack exists: one example must be left.

    >>> delete_radius(10, 1, Fraction(10))
    9
    """
    return n - 1 - floor_root((n**k - gap).__floor__(), k)


def insert_radius(n: int, k: int, gap: Fraction) -> int:
    """Corollary 3: the largest r with ``(n + r)^k - n^k - G < 0``.

    >>> insert_radius(10, 1, Fraction(10))
    9
    """
    return floor_root((n**k + gap).__ceil__() - 1, k) - n


def radius(n: int, k: int, gap: Fraction, attack: Attack) -> int:
    """Return r* for ``attack``; against any poisoning Corollary 1 is exact.

    If eq (4) holds for n' = n at r, then ``2 (n - r)^k > n^k`` because G <= n^k, and there the
    left side only falls as n' leaves n (MATHEMATICS.md, "Modification is the worst attack"):
    ``r*(any) = r*(modify) <= r*(insert) <= r*(delete)``.
    """
    match attack:
        case Attack.ANY | Attack.MODIFY:
            return modify_radius(n, k, gap)
        case Attack.DELETE:
            return delete_radius(n, k, gap)
        case Attack.INSERT:
            return insert_radius(n, k, gap)

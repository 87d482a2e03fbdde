"""Eq (1): which poisoned data sets an attacker with budget r can reach.

``B(D, r) = {D' : max(|D|, |D'|) - |D ∩ D'| <= r}``. A poisoned set matters to the theory only
through its size ``n' = |D'|`` and ``m = |D ∩ D'|``, the number of examples it has kept. D is
indexed: of two equal rows each is its own element.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from bagcert.reference.arithmetic.arguments import as_integer, as_member

__all__ = ["Attack", "Poisoned", "kept_examples", "poisoned_sizes"]


class Attack(StrEnum):
    """What the attacker may do to the training set, within the budget r of eq (1)."""

    #: Modify, delete and insert: every n' from max(1, n - r) to n + r (Theorem 1).
    ANY = "any"
    #: Replace examples: n' = n, m = n - r (Corollary 1).
    MODIFY = "modify"
    #: Remove examples: n' = m = n - r (Corollary 2).
    DELETE = "delete"
    #: Add examples: n' = n + r, m = n (Corollary 3).
    INSERT = "insert"


class Poisoned(NamedTuple):
    """A poisoned data set D', as far as the theory sees it."""

    #: n' = |D'| >= 1.
    size: int
    #: m = |D ∩ D'|, 0 <= m <= min(n, n').
    kept: int


def kept_examples(n: int, size: int, r: int) -> int:
    """Return the fewest kept examples, ``m = max(0, max(n, n') - r)``.

    The clip at 0 matters where r > n: an even k would hide a negative base in eq (4)
    (MATHEMATICS.md, erratum 7). The result never exceeds min(n, n') for the sizes that
    :func:`poisoned_sizes` gives.
    """
    return max(0, max(n, size) - r)


def poisoned_sizes(n: int, r: int, attack: Attack | str = Attack.ANY) -> Sequence[int]:
    """Return the sizes n' >= 1 that budget r allows, ascending (eq 1).

    For one kind of attack alone the single size at which all r changes are spent: by
    monotonicity in r the others cannot be worse. Empty for ``delete`` with r >= n, where
    nothing would be left.

    >>> list(poisoned_sizes(3, 1)), list(poisoned_sizes(3, 3, "delete"))
    ([2, 3, 4], [])
    """
    n, r = as_integer("n", n, 1), as_integer("r", r, 0)
    match as_member("attack", attack, Attack):
        case Attack.ANY:
            return range(max(1, n - r), n + r + 1)
        case Attack.MODIFY:
            return range(n, n + 1)
        case Attack.DELETE:
            return range(n - r, n - r + 1) if r < n else range(0)
        case Attack.INSERT:
            return range(n + r, n + r + 1)

"""Every deterministic learner, by brute force: the smallest margin that two bounds allow.

A deterministic learner is a label for each list. Of all of them, ``table[a, b]`` holds the
smallest ``Pr'(l) - max_j Pr'(j)``, in lists of D', over those that give l at least a lists of D
and every other label at most b: the learners consistent with eq (2) for P = a, S = b. It is found
by going through the learners and keeping the smallest; no inequality of the paper is used.
"""

from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt

from bagcert.reference.poisoning import Poisoned

__all__ = ["Table", "counted_margins", "lists_of", "literal_margins"]

#: Margins, at ``[a, b]``; :data:`NONE` where no learner is consistent.
Table = npt.NDArray[np.int64]

#: Larger than any margin.
NONE: Final = np.iinfo(np.int64).max


def lists_of(n: int, k: int, poisoned: Poisoned) -> tuple[list[tuple[int, ...]], ...]:
    """Return all lists of D and all lists of D': entries below n are clean, from n on inserted."""
    tampered = [*range(poisoned.kept), *range(n, n + poisoned.size - poisoned.kept)]
    return list(product(range(n), repeat=k)), list(product(tampered, repeat=k))


def literal_margins(n: int, k: int, poisoned: Poisoned, classes: int) -> tuple[Table, int]:
    """Go through all ``c^|lists of D or D'|`` learners; return the table and their number.

    Domain: at most some 10^7 learners; memory grows with them.
    """
    clean_lists, tampered_lists = map(set, lists_of(n, k, poisoned))
    union = sorted(clean_lists | tampered_lists)
    learners = np.arange(classes ** len(union))
    clean = np.zeros((classes, learners.size), np.int32)
    tampered = np.zeros_like(clean)
    for place, drawn in enumerate(union):
        answers = learners // classes**place % classes
        for label in range(classes):
            clean[label] += (answers == label) * (drawn in clean_lists)
            tampered[label] += (answers == label) * (drawn in tampered_lists)
    table = np.full((n**k + 1, n**k + 1), NONE)
    margins = tampered[0].astype(np.int64) - tampered[1:].max(axis=0)
    np.minimum.at(table, (clean[0], clean[1:].max(axis=0)), margins)
    return _at_least_and_at_most(table), learners.size


def counted_margins(shared: int, removed: int, classes: int) -> tuple[Table, int]:
    """Go through all learners by how many lists of E and of B they give to l and to s.

    Returns the table of ``E's lists that answer l - those that answer s``, and the number of
    combinations gone through. What is left of D goes to the other c - 2 labels as evenly as it
    can. On B' all lists answer s: subtract |B'| for the margin. That another label s may be
    meant changes nothing, as labels can be renamed. Agrees with :func:`literal_margins`.
    """
    lists = shared + removed
    table = np.full((lists + 1, lists + 1), NONE)
    tops, seconds = _pairs(removed, classes)
    combinations = 0
    for top, second in zip(*_pairs(shared, classes), strict=True):
        low, high = tops + top, seconds + second
        if classes > 2:
            evenly = -(-(lists - low - high) // (classes - 2))
            high = np.maximum(high, evenly)
        table[low, high] = np.minimum(table[low, high], top - second)
        combinations += tops.size
    return _at_least_and_at_most(table), combinations


def _pairs(size: int, classes: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return every (to l, to s) with a sum of at most ``size``; equal to it for two classes."""
    tops, seconds = np.indices((size + 1, size + 1)).reshape(2, -1)
    chosen = tops + seconds == size if classes == 2 else tops + seconds <= size
    return tops[chosen], seconds[chosen]


def _at_least_and_at_most(table: Table) -> Table:
    """Turn "exactly a, exactly b" into "at least a, at most b"."""
    at_least = np.minimum.accumulate(table[::-1], axis=0)[::-1]
    return np.minimum.accumulate(at_least, axis=1)

"""Blocks of one size in which each example has its own place, whichever others are computed.

An example's place among the rows of a call may decide how it rounds. So example i of a data set
stands at place i mod size in whatever block it is, with zeros where nobody stands; what is computed
of it is then the same whether the whole data set is computed or a few examples of it.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["CHANCE", "Blocks", "Rows", "one_of"]

#: No learner can foresee which examples are asked for again.
CHANCE: Final = random.SystemRandom()
#: Some rows of an array, by their numbers.
Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Blocks:
    """Row j of an array is example ``indices[j]`` of its data set; ``indices`` are distinct."""

    indices: NDArray[np.int64]
    size: int

    def cover(self) -> list[Rows]:
        """Return all rows in as few blocks as there can be, in none two of one place.

        Guarantee: at most ceil(n/size) blocks for indices in [0, n); for all n of them, in order,
        these are the rows' pieces of ``size``.
        """
        places = self._places(np.arange(len(self.indices)))
        order = np.argsort(places, kind="stable")
        first = np.searchsorted(places[order], places[order])
        block = np.empty_like(order)
        block[order] = np.arange(len(order)) - first  # the how-manieth of its place
        ends = np.cumsum(np.bincount(block))[:-1]
        return np.split(np.argsort(block, kind="stable"), ends) if len(order) else []

    def filled(self, rows: Rows, values: NDArray[Any]) -> NDArray[Any]:
        """Return the block (size, ...) with ``values`` (len(rows), ...) at the rows' places."""
        block = np.zeros((self.size, *values.shape[1:]), values.dtype)
        block[self._places(rows)] = values
        return block

    def taken(self, rows: Rows, found: NDArray[Any]) -> NDArray[Any]:
        """Return what was ``found`` (size, ...) of a block for some rows, in their order."""
        taken: NDArray[Any] = found[self._places(rows)]
        return taken

    def mixed(self, among: Sequence[int]) -> Rows:
        """Draw a row of ``among`` for half of the places that they have.

        The others stay empty: where few rows are left to draw from, company changes all the same.
        """
        rows = CHANCE.sample(among, min(len(among), 4 * self.size))
        found = dict(zip(self._places(rows).tolist(), rows, strict=True))
        kept = CHANCE.sample(sorted(found), -(-len(found) // 2))
        return np.array([found[place] for place in kept], np.int64)

    def changed(self, rows: Rows, again: NDArray[Any], values: NDArray[Any]) -> int | None:
        """Return an example whose row of ``values`` is not what a block has ``again``, or None."""
        for row, found in zip(rows, self.taken(rows, again), strict=True):
            if not np.array_equal(found, values[row]):
                return int(self.indices[row])
        return None

    def _places(self, rows: Rows | Sequence[int]) -> NDArray[np.int64]:
        places: NDArray[np.int64] = self.indices[rows] % self.size
        return places


def one_of(rows: Rows) -> Rows:
    """Draw one of some rows."""
    return rows[[CHANCE.randrange(len(rows))]]

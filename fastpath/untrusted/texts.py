"""Columns of texts that strangers wrote, such as true labels: each text once, and where it stands.

Memory is bounded by the texts that can be labels, not by the rows: of those that can be none only
the first is kept, because one is enough to refuse the column.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.untrusted.integers import as_integers
from bagcert.fastpath.untrusted.maps import Growing

__all__ = ["GrowingTexts", "Texts"]

#: Rows that are gathered before they are added.
_BLOCK: Final = 2**16


@dataclass(frozen=True, eq=False)
class Texts:
    """A column of texts.

    Args:
        rows: each text that stands there, and the first row in which it does, by that row; of
            texts that can be no label the first alone.
        known: the texts by their numbers; one may have two.
        numbers: parts that make up (rows,) int32: the number of each row's text. Where the text
            can be no label, that of the first such one.
    """

    rows: dict[str, int]
    known: tuple[str, ...]
    numbers: tuple[NDArray[np.int32], ...]

    def after(self, text: str) -> "Texts":
        """Return the column with one more row before its first."""
        rows = {text: 0} | {other: row + 1 for other, row in self.rows.items() if other != text}
        first = np.array([len(self.known)], np.int32)
        return Texts(rows, (*self.known, text), (first, *self.numbers))


class GrowingTexts:
    """A column of texts that come one after another; a context, as :class:`Growing` is.

    Args:
        name: what errors call it.
        names: the labels' names; may be empty.
        classes: c; a label may be a position from 0 below it, too.
    """

    def __init__(self, name: str, names: Sequence[str], classes: int) -> None:
        self._names, self._classes = frozenset(names), classes
        self._numbers: dict[str, int] = {}
        self._first: list[int] = []
        self._stray: int | None = None
        self._rows = 0
        self._block = array("i")
        self._growing = Growing(name, np.int32)

    def __enter__(self) -> Self:
        self._growing.__enter__()
        return self

    def __exit__(self, *raised: object) -> None:
        self._growing.__exit__(*raised)

    def add(self, text: str) -> None:
        """Add a row.

        Raises:
            ArrayError: as :meth:`Growing.add`.
        """
        number = self._numbers.get(text)
        self._block.append(self._number(text) if number is None else number)
        self._rows += 1
        if len(self._block) == _BLOCK:
            self._flush()

    def texts(self) -> Texts:
        """Return the column.

        Raises:
            ArrayError: as :meth:`Growing.add`.
        """
        self._flush()
        rows = dict(zip(self._numbers, self._first, strict=True))
        numbers = (self._growing.array(),) if self._rows else ()
        return Texts(rows, tuple(self._numbers), numbers)

    def _number(self, text: str) -> int:
        (position,) = as_integers([text])
        if text not in self._names and (position is None or position >= self._classes):
            if self._stray is not None:
                return self._stray
            self._stray = len(self._numbers)
        self._first.append(self._rows)
        return self._numbers.setdefault(text, len(self._numbers))

    def _flush(self) -> None:
        if self._block:
            self._growing.add(np.frombuffer(self._block, np.int32))
            self._block = array("i")

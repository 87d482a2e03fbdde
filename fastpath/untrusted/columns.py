"""What the columns of a table are: counts, true labels, row names, or not wanted; asked by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.untrusted.errors import VotesError, shown
from bagcert.fastpath.untrusted.maps import blocks
from bagcert.fastpath.untrusted.table_options import TableOptions
from bagcert.fastpath.untrusted.texts import Texts

__all__ = ["Columns", "Table", "ask_about", "looks_like_number"]

#: Names of columns that are seldom a class: they are asked about, whatever they hold.
_ASKED: Final = frozenset(
    (
        "label",
        "labels",
        "truth",
        "target",
        "y_true",
        "true_label",
        "ground_truth",
        "total",
        "totals",
        "sum",
        "index",
        "id",
        "row",
        "row_names",
        "rownames",
    )
)
#: What a column can be that is no class, and the option that says so.
_USES: Final = {
    "--label-column": "true labels",
    "--index-column": "row numbers",
    "--drop-column": "a total",
}


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of numbers, (rows, columns) int64, and what stood beside them.

    ``numbers`` are read-only, and a map where they are many; ``names`` are the columns' names,
    from the file where ``named``; ``labels`` the texts of the label column, or None.
    """

    numbers: NDArray[np.int64]
    names: tuple[str, ...]
    named: bool
    labels: Texts | None


class Columns:
    """The columns of one table by place: which are numbers, and which is what else.

    Raises:
        VotesError: a name that is stated and not there, or there twice, or stated for two uses.
    """

    def __init__(
        self, names: Sequence[str], named: bool, options: TableOptions, table: str
    ) -> None:
        self.names, self.named, self.width = list(names), named, len(names)
        self._table = table
        uses = [
            *(("--label-column", name) for name in (options.label_column,) if name is not None),
            *(("--index-column", name) for name in (options.index_column,) if name is not None),
            *(("--drop-column", name) for name in options.drop_columns),
            *(("--keep-column", name) for name in options.keep_columns),
        ]
        places: dict[int, str] = {}
        for use, name in uses:
            place = self._place(name, use)
            if place in places:
                raise VotesError(f"{table}: column {name!r:.60}: {places[place]}, or {use}?")
            places[place] = use
        self.label = next((p for p, use in places.items() if use == "--label-column"), None)
        #: An unnamed first column: R's and pandas' row names.
        self._unnamed = named and names[0] == "" and 0 not in places
        self._rows = 0
        self._from: int | None = None
        left_out = {place for place, use in places.items() if use != "--keep-column"}
        if self._unnamed:
            left_out.add(0)
        self.numbers = [place for place in range(self.width) if place not in left_out]
        if not self.numbers:
            raise VotesError(f"{table}: no column of numbers is left")

    def _place(self, name: str, use: str) -> int:
        places = [place for place, found in enumerate(self.names) if found == name]
        if len(places) != 1:
            known = ", ".join(shown(found, 20) for found in self.names[:8])
            what = "is there twice" if places else f"is not there; there is {known}"
            raise VotesError(f"{self._table}: {use} {name!r:.60}: {what}")
        return places[0]

    def check_row_name(self, cells: Sequence[str], where: str) -> None:
        """Hold an unnamed first column to what row names are: words, or 0 1 2, or 1 2 3.

        Raises:
            VotesError: it holds other numbers, and may be a class.
        """
        if not self._unnamed:
            return
        cell, row = cells[0], self._rows
        self._rows += 1
        if not looks_like_number(cell):
            return
        if row == 0 and cell in ("0", "1"):
            self._from = int(cell)
        if self._from is None or cell != str(self._from + row):
            raise VotesError(
                f"{where}: the first column has no name, and {shown(cell, 40)} is no row number: "
                f"say --index-column '' if it is not a class, --keep-column '' if it is"
            )

    def no_count(self, place: int, cell: str) -> str:
        """What to say of a cell that is no count: its column, and what else that could be."""
        said = shown(self.names[place])
        if looks_like_number(cell):
            return f" (column {said})"
        uses = ", ".join(f"{option} {said} for {what}" for option, what in _USES.items())
        return f"; if column {said} is no class, say {uses}"


def ask_about(table: Table, options: TableOptions) -> None:
    """Refuse counts of which a column could be a label, a row number or a total.

    Raises:
        VotesError: naming the column, and what to type if it is one, or a class.
    """
    kept = set(options.keep_columns)
    counts, width = table.numbers, len(table.names)
    if table.named:
        for name in table.names:
            if name.lower() in _ASKED and name not in kept:
                raise _question(name, "by its name")
    if width < 3:
        return
    total, constant = np.ones(width, bool), np.ones(width, bool)
    level, others = True, np.zeros(width, bool)
    first_sum = int(counts[0].sum())
    for part in blocks(counts):
        sums = part.sum(axis=1)
        total &= (2 * part == sums[:, None]).all(axis=0)
        constant &= (part == counts[0]).all(axis=0)
        level = level and bool((sums == first_sum).all())
        left = sums[:, None] - part
        others = others | (left != first_sum - counts[0]).any(axis=0)
    for place, name in enumerate(table.names):
        if name in kept:
            continue
        if total[place] and counts[0, place]:
            raise _question(name, "the sum of the others in every row", use="--drop-column")
        if not level and not others[place]:
            raise _question(name, "without it the rows sum to one N, with it they do not")
        one_value = constant[place] and not constant.all()
        if level and one_value and 0 < counts[0, place] < width - 1:
            raise _question(name, f"{counts[0, place]} in every row")


def _question(name: str, why: str, use: str = "--label-column") -> VotesError:
    said = shown(name)
    uses = dict(_USES)
    first = f"{use} {said} for {uses.pop(use)}"
    rest = "".join(f", {option} {said} for {what}" for option, what in uses.items())
    return VotesError(
        f"counts: column {said} may be no class ({why}): say {first}{rest}, "
        f"--keep-column {said} if it is a class"
    )


def looks_like_number(cell: str) -> bool:
    """Whether a cell can be read as any number at all."""
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True

"""How a text table is to be read, as a user states it; no numpy, so that commands start fast."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

__all__ = ["LabelKind", "TableOptions"]


class LabelKind(StrEnum):
    """What the texts of true labels are."""

    NAMES = "names"
    POSITIONS = "positions"


@dataclass(frozen=True, kw_only=True)
class TableOptions:
    """How a text table is to be read, where that cannot be told without guessing.

    Columns are named as in the header row; where there is none they are called 1, 2, and so on.

    Args:
        separator: ``comma``, ``semicolon`` or ``tab``; None: the one that the first line holds.
        header: whether the first line holds the columns' names; None: where no cell is a number.
        label_column: the column of true labels.
        index_column: a column of row names or numbers, which is not read.
        drop_columns: columns that are not read, such as totals.
        keep_columns: columns that are counts of a class although they look like something else.
        labels: a file of true labels, one a line in the order of the rows.
        label_kind: whether true labels are ``names`` of columns or ``positions`` from 0; None: as
            they must be, where only one of the two fits.
    """

    separator: str | None = None
    header: bool | None = None
    label_column: str | None = None
    index_column: str | None = None
    drop_columns: tuple[str, ...] = ()
    keep_columns: tuple[str, ...] = ()
    labels: Path | None = None
    label_kind: LabelKind | None = None

    @property
    def of_columns(self) -> bool:
        """Whether anything is stated that only a text table can have."""
        plain = TableOptions(labels=self.labels, label_kind=self.label_kind)
        return self != plain

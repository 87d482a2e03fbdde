"""How every figure is written, drawn and printed: a table, a picture, the paper's statements."""

import csv
import io
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Protocol

from bagcert.reference.terminal.outputs import written_aside
from bagcert.reference.terminal.tables import print_table

__all__ = ["Columns", "Exhibit", "as_fields", "draw", "print_exhibit", "read_csv", "write_csv"]

#: A table: the names of its columns, and its rows.
Columns = tuple[Sequence[str], list[Sequence[object]]]


class Exhibit(Protocol):
    """A figure of the paper, made again."""

    @property
    def name(self) -> str:
        """What `bagcert reproduce` calls it."""

    @property
    def title(self) -> str:
        """What stands above its picture."""

    @property
    def statements(self) -> tuple[tuple[str, bool], ...]:
        """What the paper states, and whether this figure shows it."""

    @property
    def notes(self) -> Mapping[str, str]:
        """How it was made: the command, the version, the commit, the seconds."""

    def table(self) -> Columns:
        """Return all of it, as its file holds it."""

    def printed(self) -> list[Columns]:
        """Return the tables that are printed of it."""

    def fields(self) -> dict[str, Any]:
        """Return what it shows as JSON values."""

    def paint(self, picture: Any) -> None:
        """Draw it on an empty matplotlib figure."""


def write_csv(figure: Exhibit, path: str | PathLike[str], *, force: bool = False) -> None:
    """Write the figure's table; the notes stand above as lines that begin with #.

    Raises:
        OutputError: ``path`` exists and ``force`` is false, or cannot be written.
    """
    text = io.StringIO()
    for name, note in figure.notes.items():
        text.write(f"# {name}: {note}\n")
    columns, table = figure.table()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(columns)
    rows.writerows(table)
    with written_aside(path, force=force) as file:
        file.write(text.getvalue().encode())


def read_csv(path: str | PathLike[str]) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Return the notes and the rows of a file that :func:`write_csv` wrote."""
    lines = Path(path).read_text("utf-8").splitlines()
    notes = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# "))
    return notes, list(csv.DictReader(line for line in lines if not line.startswith("#")))


def draw(figure: Exhibit, path: str | PathLike[str], *, force: bool = False) -> None:
    """Draw the figure as a PNG.

    Raises:
        OutputError: ``path`` exists and ``force`` is false, or cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Picture

    picture = Picture(layout="constrained")
    FigureCanvasAgg(picture)
    figure.paint(picture)
    picture.suptitle(figure.title)
    image = io.BytesIO()
    picture.savefig(image, format="png", dpi=150)
    with written_aside(path, force=force) as file:
        file.write(image.getvalue())


def print_exhibit(figure: Exhibit) -> None:
    """Print the figure, then the paper's statements beside what is seen, then the notes."""
    print(figure.title)
    for heads, rows in figure.printed():
        print_table(heads, rows)
    for statement, seen in figure.statements:
        print(f"{'seen' if seen else 'NOT SEEN'}: {statement}")
    for name, note in figure.notes.items():
        print(f"{name}: {note}")


def as_fields(figure: Exhibit) -> dict[str, Any]:
    """Return a figure as one JSON object."""
    return {**figure.fields(), "statements": dict(figure.statements), **figure.notes}

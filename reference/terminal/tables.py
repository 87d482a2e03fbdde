"""Tables on standard output, by rich: every cell printable, nothing cut where nobody watches."""

import sys
from collections.abc import Iterable, Sequence

from bagcert.reference.terminal.printable import printable

__all__ = ["print_table"]

#: Columns of a pipe or a file, which have no width.
_WIDE = 10_000


def print_table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table to standard output; ``None`` is ``none``.

    A column stands to the right where each of its cells is a number, a text that begins with a
    digit (a share, a count with its share), ``None`` or empty.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    cells = [list(row) for row in rows]
    for place, head in enumerate(heads):
        numbers = all(_number(row[place]) for row in cells)
        table.add_column(Text(printable(head)), justify="right" if numbers else "left")
    for row in cells:
        table.add_row(*(Text("none" if x is None else printable(str(x))) for x in row))
    watched = sys.stdout.isatty()
    # A notebook gets plain text too: nothing there but a browser reads its HTML or its colours.
    Console(
        file=sys.stdout,
        width=None if watched else _WIDE,
        highlight=False,
        force_terminal=watched,
        force_jupyter=False,
    ).print(table)


def _number(cell: object) -> bool:
    return isinstance(cell, int | None) or cell == "" or str(cell)[:1].isdecimal()

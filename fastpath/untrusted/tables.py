"""Tables of integers in text files: what R, pandas, Excel and LibreOffice write, never guessed at.

Read by itself: a header row, quotes, ``,`` or ``;`` or a tab between the columns, a byte-order
mark, LF or CRLF, blank lines at the end, ``12.0`` and ``1e+05``, and an unnamed first column of
row names (R's and pandas' default). Whatever could be read in two ways is refused with the option
that decides it. Lines, columns and rows are bounded before memory is asked for.
"""

import csv
import re
from array import array
from collections.abc import Iterator
from decimal import Decimal
from itertools import chain
from typing import IO, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.untrusted.columns import Columns, Table, looks_like_number, shown
from bagcert.fastpath.untrusted.errors import VotesError
from bagcert.fastpath.untrusted.table_options import TableOptions

__all__ = ["MAX_NUMBERS", "as_integers", "read_labels", "read_table"]

#: Most numbers in a text file: 1 GiB of int64.
MAX_NUMBERS: Final = 2**27
#: Longest line in bytes, and the longest true label in characters.
_LINE: Final = 2**20
_LABEL: Final = 256
#: Most digits of a number: it fits 64 bits.
_DIGITS: Final = 18

#: A count as text: digits, digits and zeros after the point, or R's way with round numbers.
_NUMBER: Final = re.compile(
    rf"(?P<plain>[0-9]{{1,{_DIGITS}}})(?:[.,]0{{1,17}})?"
    r"|(?P<power>[0-9](?:\.[0-9]{1,15})?e\+?[0-9]{1,2})",
    re.IGNORECASE,
)
_SEPARATORS: Final = {"comma": ",", "semicolon": ";", "tab": "\t"}
_REMARKS: Final = ("sep=,", "sep=;")
_MARK: Final = "\ufeff"


def read_table(file: IO[bytes], name: str, options: TableOptions) -> Table:
    """Return the columns of numbers in a text file, their names, and what the label column says.

    Memory: 8 bytes a number, and as much again while it grows.

    Args:
        file: UTF-8 text.
        name: what errors call the table.
        options: what its columns are, where that cannot be told without guessing.

    Raises:
        VotesError: naming the line and the column: not integers, ragged, empty, too long, too
            many, or a table that could be read in two ways; the message says what to type.
    """
    lines = _lines(file, name)
    first = next(lines, None)
    if first is None:
        raise VotesError(f"{name}: the file is empty")
    separator = _separator(first[1], options.separator, name)
    cells = _cells(first[1], separator, f"{name}: line 1")
    named = _is_header(cells, options.header, name)
    names = cells if named else [str(place) for place in range(1, len(cells) + 1)]
    columns = Columns(names, named, options, name)
    numbers, labels = array("q"), list[str]()
    for number, line in lines if named else chain([first], lines):
        where = f"{name}: line {number}"
        cells = _cells(line, separator, where)
        if len(cells) != columns.width:
            raise VotesError(f"{where}: {len(cells)} cells where line 1 has {columns.width}")
        columns.check_row_name(cells, where)
        if columns.label is not None:
            labels.append(_label(cells[columns.label], where))
        if len(numbers) + len(columns.numbers) > MAX_NUMBERS:
            raise VotesError(f"{where}: more than {MAX_NUMBERS} numbers; use .npz")
        try:
            numbers.extend(map(_integer, map(cells.__getitem__, columns.numbers)))
        except ValueError as error:
            found = as_integers([cells[place] for place in columns.numbers])
            wrong = columns.numbers[found.index(None)]
            raise VotesError(f"{where}: {error}{columns.no_count(wrong, cells[wrong])}") from None
    if not numbers:
        raise VotesError(f"{name}: there is no row under the header")
    table: NDArray[np.int64] = np.frombuffer(numbers, np.int64).reshape(-1, len(columns.numbers))
    stated = tuple(columns.names[place] for place in columns.numbers)
    return Table(table, stated, columns.named, tuple(labels) if columns.label is not None else None)


def read_labels(file: IO[bytes], name: str, examples: int) -> list[str]:
    """Return the true labels of a text file: one a line, after an unnamed column of row names.

    One line more than there are examples is a header row.

    Raises:
        VotesError: naming the line: not one label for each example, or what is no text.
    """
    found: list[str] = []
    separator, width = "", 0
    for number, line in _lines(file, name):
        where = f"{name}: line {number}"
        separator = separator or _separator(line, None, name)
        cells = _cells(line, separator, where)
        if not width:
            width = 2 if len(cells) == 2 and not cells[0] else 1
        if len(cells) != width:
            raise VotesError(f"{where}: {len(cells)} cells, where one label is due")
        found.append(_label(cells[-1], where))
        if len(found) > examples + 1:
            break
    if len(found) == examples + 1:
        return found[1:]
    if len(found) != examples or width == 2:
        raise VotesError(f"{name}: the file does not hold one label for each of {examples} rows")
    return found


def as_integers(texts: list[str]) -> list[int | None]:
    """Return each text as the integer that it spells in a table, or None."""
    found: list[int | None] = []
    for text in texts:
        try:
            found.append(_integer(text))
        except ValueError:
            found.append(None)
    return found


def _lines(file: IO[bytes], name: str) -> Iterator[tuple[int, str]]:
    """Yield the lines by number, without their ends; blank ones are allowed at the end alone."""
    blank = 0
    for number, line in enumerate(iter(lambda: file.readline(_LINE + 1), b""), start=1):
        where = f"{name}: line {number}"
        if len(line) > _LINE:
            raise VotesError(f"{where}: longer than {_LINE} bytes")
        if number == 1 and line[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise VotesError(f"{where}: is UTF-16; save the table as 'CSV UTF-8'")
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            raise VotesError(f"{where}: is not UTF-8; save the table as 'CSV UTF-8'") from None
        if number == 1:
            text = text.removeprefix(_MARK)
            if text.strip().lower() in _REMARKS:
                raise VotesError(f"{where}: tells Excel the separator and is no row; remove it")
        text = text.removesuffix("\n").removesuffix("\r")
        if not text.strip():
            blank = blank or number
            continue
        if blank:
            raise VotesError(f"{name}: line {blank}: is empty, between others; remove it")
        yield number, text


def _separator(line: str, stated: str | None, name: str) -> str:
    """The one separator that the first line holds outside quotes; a single column has none."""
    if stated is not None:
        if stated not in (*_SEPARATORS, *_SEPARATORS.values()):
            raise VotesError(f"separator: must be {', '.join(_SEPARATORS)}, not {stated!r:.20}")
        return _SEPARATORS.get(stated, stated)
    bare = re.sub('"[^"]*"', "", line)
    found = [word for word, sign in _SEPARATORS.items() if sign in bare]
    if len(found) > 1:
        raise VotesError(
            f"{name}: line 1: holds {' and '.join(found)}; say what stands between the columns: "
            f"--separator {found[-1]}"
        )
    return _SEPARATORS[found[0]] if found else ","


def _cells(line: str, separator: str, where: str) -> list[str]:
    """The cells of one line; a quoted cell may hold separators, but no line end."""
    try:
        (cells,) = csv.reader([line], delimiter=separator, strict=True)
    except (csv.Error, ValueError) as error:
        raise VotesError(f"{where}: {error}") from None
    return [cell.strip(" ") for cell in cells]


def _is_header(cells: list[str], stated: bool | None, name: str) -> bool:
    """Whether the first line holds the columns' names."""
    if stated is not None:
        return stated
    places = [str(place) for place in range(len(cells))]
    if len(cells) > 1 and cells == places:
        raise VotesError(
            f"{name}: line 1: could be the names 0 to {places[-1]}, or numbers: "
            f"say --header, or --no-header"
        )
    numeric = [looks_like_number(cell) for cell in cells]
    if all(numeric):
        return False
    if not any(numeric) or cells[0] == "":
        return True
    odd = next(cell for cell, number in zip(cells, numeric, strict=True) if not number)
    raise VotesError(
        f"{name}: line 1: {shown(odd, 40)} is not a plain integer; if the line holds the columns' "
        f"names, say --header"
    )


def _integer(cell: str) -> int:
    if len(cell) <= _DIGITS and cell.isascii() and cell.isdigit():  # nearly all of them
        return int(cell)
    match = _NUMBER.fullmatch(cell)
    if match is None:
        raise ValueError(f"{shown(cell, 40)} is not a plain integer")
    if match["plain"] is not None:
        return int(match["plain"])
    value = Decimal(cell)
    if value != value.to_integral_value() or value >= 10**18:
        raise ValueError(f"{shown(cell, 40)} is not a plain integer")
    return int(value)


def _label(cell: str, where: str) -> str:
    if not cell or len(cell) > _LABEL:
        raise VotesError(f"{where}: the true label {shown(cell, 40)} is empty or too long")
    return cell

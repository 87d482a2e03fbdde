"""Tables of integers in text files: what R, pandas, Excel and LibreOffice write, never guessed at.

Read by itself: a header row, quotes, ``,`` or ``;`` or a tab between the columns, a byte-order
mark, LF or CRLF, blank lines at the end, ``12.0`` and ``1e+05``, and an unnamed first column of
row names (R's and pandas' default). Whatever could be read in two ways is refused with the option
that decides it. Lines, columns and rows are bounded before memory is asked for.
"""

import csv
import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import IO, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.untrusted.columns import Columns, Table, looks_like_number
from bagcert.fastpath.untrusted.errors import VotesError, shown
from bagcert.fastpath.untrusted.integers import as_integers, integer_in
from bagcert.fastpath.untrusted.maps import Growing
from bagcert.fastpath.untrusted.table_options import TableOptions
from bagcert.fastpath.untrusted.texts import GrowingTexts, Texts

__all__ = ["MAX_NUMBERS", "read_labels", "read_table"]

#: Most numbers in a text file: 1 GiB of int64.
MAX_NUMBERS: Final = 2**27
#: Numbers that are gathered before they are added to the others.
_BLOCK: Final = 2**16
#: Longest line in bytes, and the longest true label in characters.
_LINE: Final = 2**20
_LABEL: Final = 256
_SEPARATORS: Final = {"comma": ",", "semicolon": ";", "tab": "\t"}
_REMARKS: Final = ("sep=,", "sep=;")
_MARK: Final = "\ufeff"


def read_table(file: IO[bytes], name: str, options: TableOptions) -> Table:
    """Return the columns of numbers in a text file, their names, and what the label column says.

    Memory: 8 bytes a number, and as much again for a moment; numbers of more than
    :data:`~bagcert.fastpath.untrusted.maps.IN_MEMORY` bytes lie in a file without a name
    instead, and memory does not grow with the rows. The file is read once.

    Args:
        file: UTF-8 text.
        name: what errors call the table.
        options: what its columns are, where that cannot be told without guessing.

    Raises:
        VotesError: naming the line and the column: not integers, ragged, empty, too long, too
            many, or a table that could be read in two ways; the message says what to type.
        ArrayError: there is no room for the file without a name.
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
    rows = _rows(lines if named else chain([first], lines), separator, columns, name)
    stated = tuple(columns.names[place] for place in columns.numbers)
    width, found = len(stated), 0
    with (
        Growing(name, np.int64, (width,)) as numbers,
        GrowingTexts("labels", stated if named else (), width) as labels,
    ):
        for block in _blocks(rows, columns, labels):
            numbers.add(block)
            found += len(block)
        if not found:
            raise VotesError(f"{name}: there is no row under the header")
        texts = labels.texts() if columns.label is not None else None
        return Table(numbers.array(), stated, columns.named, texts)


def read_labels(
    file: IO[bytes], name: str, examples: int, names: Sequence[str], classes: int
) -> Texts:
    """Return the true labels of a text file: one a line, after an unnamed column of row names.

    One line more than there are examples is a header row.

    Args:
        file: UTF-8 text.
        name: what errors call the labels.
        examples: e.
        names: of the classes; may be empty.
        classes: c.

    Raises:
        VotesError: naming the line: not one label for each example, or what is no text.
        ArrayError: there is no room for a file without a name.
    """
    separator, width, count, first = "", 0, 0, ""
    with GrowingTexts(name, names, classes) as rest:
        for number, line in _lines(file, name):
            where = f"{name}: line {number}"
            separator = separator or _separator(line, None, name)
            cells = _cells(line, separator, where)
            if not width:
                width = 2 if len(cells) == 2 and not cells[0] else 1
            if len(cells) != width:
                raise VotesError(f"{where}: {len(cells)} cells, where one label is due")
            label = _label(cells[-1], where)
            count += 1
            if count == 1:
                first = label
            else:
                rest.add(label)
            if count > examples + 1:
                break
        if count == examples + 1:
            return rest.texts()
        if count != examples or width == 2:
            raise VotesError(
                f"{name}: the file does not hold one label for each of {examples} rows"
            )
        return rest.texts().after(first)


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


def _rows(
    lines: Iterable[tuple[int, str]], separator: str, columns: Columns, name: str
) -> Iterator[tuple[str, list[str]]]:
    """Yield the cells of each row, as many as there are columns, after where they stand."""
    for number, line in lines:
        where = f"{name}: line {number}"
        cells = _cells(line, separator, where)
        if len(cells) != columns.width:
            raise VotesError(f"{where}: {len(cells)} cells where line 1 has {columns.width}")
        columns.check_row_name(cells, where)
        yield where, cells


def _blocks(
    rows: Iterable[tuple[str, list[str]]], columns: Columns, labels: GrowingTexts
) -> Iterator[NDArray[np.int64]]:
    """Yield the numbers of consecutive rows, (some, columns) int64; add what labels there are."""
    numbers, before = array("q"), 0
    width = len(columns.numbers)
    for where, cells in rows:
        if columns.label is not None:
            labels.add(_label(cells[columns.label], where))
        if before + len(numbers) + width > MAX_NUMBERS:
            raise VotesError(f"{where}: more than {MAX_NUMBERS} numbers; use .npz")
        try:
            numbers.extend(map(integer_in, map(cells.__getitem__, columns.numbers)))
        except ValueError as error:
            found = as_integers([cells[place] for place in columns.numbers])
            wrong = columns.numbers[found.index(None)]
            raise VotesError(f"{where}: {error}{columns.no_count(wrong, cells[wrong])}") from None
        if len(numbers) >= _BLOCK:
            yield np.frombuffer(numbers, np.int64).reshape(-1, width)
            before += len(numbers)
            numbers = array("q")
    if numbers:
        yield np.frombuffer(numbers, np.int64).reshape(-1, width)


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


def _label(cell: str, where: str) -> str:
    if not cell or len(cell) > _LABEL:
        raise VotesError(f"{where}: the true label {shown(cell, 40)} is empty or too long")
    return cell

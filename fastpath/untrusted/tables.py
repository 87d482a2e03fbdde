"""Integer tables from files that strangers made: .npz, .npy and .csv, nothing ever unpickled.

What .npz and .npy may hold is judged in :mod:`bagcert.fastpath.untrusted.arrays`, before any
memory is asked for; here integers become int64, and text tables are read.
"""

import re
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.untrusted import arrays
from bagcert.fastpath.untrusted.arrays import MAX_CELLS, ArrayError

__all__ = ["VotesError", "read_csv", "read_npy", "read_npz"]

_LINE: Final = 2**20
_CELL = re.compile(rb"[0-9]{1,18}")


class VotesError(ArrayError):
    """Votes that cannot be used: the message names the file, the field, and what to do."""


def read_npz(path: Path, members: frozenset[str]) -> dict[str, NDArray[Any]]:
    """Return the arrays of an .npz file by name; integers as int64, ``header`` as text.

    Only the names in ``members`` may occur, each once.

    Raises:
        ArrayError: not a zip file, an unknown, repeated, encrypted, oversized or damaged member.
    """
    kinds = {name: "U" if name == "header" else "iu" for name in members}
    found = arrays.read_npz(path, kinds)
    if "header" in found and found["header"].shape != ():
        raise VotesError("header: must be one string")
    return {
        name: array if name == "header" else _as_int64(array, name) for name, array in found.items()
    }


def read_npy(path: Path, name: str) -> NDArray[np.int64]:
    """Return the array of an .npy file as int64; ``name`` is what errors call it.

    Raises:
        ArrayError: not an .npy file, another type than integers, oversized, or damaged.
    """
    return _as_int64(arrays.read_npy(path, name, "iu"), name)


def read_csv(path: Path, name: str) -> NDArray[np.int64]:
    """Return a table of plain integers, comma separated, one row a line, no header row.

    Lines end in LF or CRLF; the last line end may be missing.

    Raises:
        VotesError: naming the line: not integers, ragged, empty, too long, or too many.
    """
    rows: list[NDArray[np.int64]] = []
    width = 0
    with path.open("rb") as stream:
        for number, line in enumerate(iter(lambda: stream.readline(_LINE + 1), b""), start=1):
            where = f"{name}: line {number}"
            if len(line) > _LINE:
                raise VotesError(f"{where}: longer than {_LINE} bytes")
            cells = line.rstrip(b"\n").removesuffix(b"\r").split(b",")
            for cell in cells:
                if not _CELL.fullmatch(cell):
                    raise VotesError(
                        f"{where}: {cell[:40]!r} is not a plain integer (no sign, no header row)"
                    )
            width = width or len(cells)
            if len(cells) != width:
                raise VotesError(f"{where}: {len(cells)} numbers where line 1 has {width}")
            if number * width > MAX_CELLS:
                raise VotesError(f"{where}: more than {MAX_CELLS} numbers; use .npz")
            rows.append(np.array([int(cell) for cell in cells], dtype=np.int64))
    if not rows:
        raise VotesError(f"{name}: the file is empty")
    return np.stack(rows)


def _as_int64(array: NDArray[Any], name: str) -> NDArray[np.int64]:
    if array.dtype.kind == "u" and array.max() > np.uint64(2**63 - 1):
        raise VotesError(f"{name}: {array.max()} is too large")
    return np.ascontiguousarray(array, dtype=np.int64)

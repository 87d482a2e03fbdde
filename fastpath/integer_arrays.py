"""Integer tables from files that strangers made: .npz, .npy and .csv, nothing ever unpickled.

Every limit is enforced before the memory that it guards is asked for: an array's header is read
first, its type and shape are judged, and its size is compared with what the file holds.
"""

import re
import zipfile
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

__all__ = ["MAX_CELLS", "VotesError", "read_csv", "read_npy", "read_npz"]

#: Most numbers in one table: 8 GiB of int64.
MAX_CELLS: Final = 2**30
#: Longest votes header, in characters.
MAX_TEXT: Final = 2**22
#: Largest compressed array; larger ones must be stored, so that no small file unpacks to GiBs.
MAX_INFLATED: Final = 2**28

_CHUNK: Final = 2**22
_LINE: Final = 2**20
_CELL = re.compile(rb"[0-9]{1,18}")


class VotesError(ValueError):
    """Votes that cannot be used: the message names the file, the field, and what to do."""


def read_npz(path: Path, members: frozenset[str]) -> dict[str, NDArray[Any]]:
    """Return the arrays of an .npz file by name; integers as int64, ``header`` as text.

    Only the names in ``members`` may occur, each once.

    Raises:
        VotesError: not a zip file, an unknown, repeated, encrypted, oversized or damaged member.
    """
    with path.open("rb") as file:
        try:
            return _read_members(file, members)
        except (VotesError, MemoryError):
            raise
        except Exception as error:  # zipfile and zlib raise what they please on damaged members
            raise VotesError(
                f"not a readable .npz file: {type(error).__name__}: {error}"
            ) from error


def read_npy(path: Path, name: str) -> NDArray[Any]:
    """Return the array of an .npy file as int64; ``name`` is what errors call it.

    Raises:
        VotesError: not an .npy file, another type than integers, oversized, or damaged.
    """
    with path.open("rb") as stream:
        return _read_array(stream, name, path.stat().st_size)


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


def _read_members(file: IO[bytes], members: frozenset[str]) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            name = info.filename.removesuffix(".npy")
            if name not in members or name == info.filename:
                known = ", ".join(sorted(members))
                raise VotesError(f"{info.filename!r:.80}: unknown array; there may be {known}")
            if name in arrays:
                raise VotesError(f"{name}: occurs twice; write the file again")
            if info.compress_type != zipfile.ZIP_STORED and info.file_size > MAX_INFLATED:
                raise VotesError(
                    f"{name}: {info.file_size} bytes compressed; over {MAX_INFLATED} they must "
                    f"be stored (numpy.savez, not savez_compressed)"
                )
            with archive.open(info) as stream:
                arrays[name] = _read_array(stream, name, info.file_size)
    return arrays


def _read_array(stream: IO[bytes], name: str, size: int) -> NDArray[Any]:
    shape, fortran, dtype, start = _array_header(stream, name)
    if name == "header":
        if dtype.kind != "U" or shape != () or dtype.itemsize > 4 * MAX_TEXT:
            raise VotesError(f"header: must be one string of at most {MAX_TEXT} characters")
    elif dtype.kind not in "iu":
        raise VotesError(f"{name} must be integers, not {dtype}")
    cells = 1
    for length in shape:
        cells *= length
    if cells > MAX_CELLS or not all(length > 0 for length in shape):
        raise VotesError(f"{name}: shape {shape} is empty or has more than {MAX_CELLS} numbers")
    if start + cells * dtype.itemsize != size:
        raise VotesError(
            f"{name}: shape {shape} of {dtype} needs {cells * dtype.itemsize} bytes, "
            f"the file holds {size - start}; it is damaged or truncated"
        )
    data = bytearray()
    while chunk := stream.read(_CHUNK):
        data += chunk
        if len(data) > size - start:
            raise VotesError(f"{name}: holds more bytes than it declares; it is damaged")
    if len(data) != size - start:
        raise VotesError(f"{name}: is truncated")
    array = np.frombuffer(bytes(data) if name == "header" else data, dtype=dtype)
    array = array.reshape(shape, order="F" if fortran else "C")
    if name == "header":
        return array
    if dtype.kind == "u" and array.max() > np.uint64(2**63 - 1):
        raise VotesError(f"{name}: {array.max()} is too large")
    return np.ascontiguousarray(array, dtype=np.int64)


def _array_header(
    stream: IO[bytes], name: str
) -> tuple[tuple[int, ...], bool, "np.dtype[Any]", int]:
    """Return shape, Fortran order, dtype, and the length of what stood before the data."""
    try:
        version = npy.read_magic(stream)
        if version == (1, 0):
            shape, fortran, dtype = npy.read_array_header_1_0(stream)
        elif version == (2, 0):
            shape, fortran, dtype = npy.read_array_header_2_0(stream)
        else:
            raise ValueError(f"format version {version}")
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError) as error:
        raise VotesError(f"{name}: not an .npy array: {str(error)[:200]}") from error
    return shape, fortran, dtype, stream.tell()

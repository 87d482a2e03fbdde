"""Arrays from files that strangers made, .npz and .npy, nothing ever unpickled.

Every limit is enforced before the memory that it guards is asked for: an array's header is read
first, its type and shape are judged, and its size is compared with what the file holds.
"""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

__all__ = ["MAX_CELLS", "MAX_TEXT", "ArrayError", "read_npy", "read_npz"]

#: Most numbers in one array: 8 GiB of int64.
MAX_CELLS: Final = 2**30
#: Most characters of text in one array.
MAX_TEXT: Final = 2**22
#: Largest compressed array; larger ones must be stored, so that no small file unpacks to GiBs.
MAX_INFLATED: Final = 2**28

_CHUNK: Final = 2**22
#: What an array may hold, as numpy's kinds spell it, and how an error says so.
_KINDS: Final = {"iu": "integers", "iuf": "integers or floats", "U": "one string, or strings"}


class ArrayError(ValueError):
    """An array that cannot be used: the message names it, and says what to do."""


def read_npz(path: Path, members: Mapping[str, str]) -> dict[str, NDArray[Any]]:
    """Return the arrays of an .npz file by name, each of the type in which it was stored.

    Args:
        path: the file.
        members: the names that may occur, each once, with the kinds of numpy type allowed
            there: ``iu``, ``iuf``, or ``U`` for text.

    Raises:
        ArrayError: not a zip file, an unknown, repeated, encrypted, oversized or damaged member.
    """
    with path.open("rb") as file:
        try:
            return _read_members(file, members)
        except (ArrayError, MemoryError):
            raise
        except Exception as error:  # zipfile and zlib raise what they please on damaged members
            raise ArrayError(
                f"not a readable .npz file: {type(error).__name__}: {error}"
            ) from error


def read_npy(path: Path, name: str, kinds: str) -> NDArray[Any]:
    """Return the array of an .npy file; ``name`` is what errors call it, ``kinds`` as above.

    Raises:
        ArrayError: not an .npy file, another type, oversized, or damaged.
    """
    with path.open("rb") as stream:
        return _read_array(stream, name, kinds, path.stat().st_size)


def _read_members(file: IO[bytes], members: Mapping[str, str]) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            name = info.filename.removesuffix(".npy")
            if name not in members or name == info.filename:
                known = ", ".join(sorted(members))
                raise ArrayError(f"{info.filename!r:.80}: unknown array; there may be {known}")
            if name in arrays:
                raise ArrayError(f"{name}: occurs twice; write the file again")
            if info.compress_type != zipfile.ZIP_STORED and info.file_size > MAX_INFLATED:
                raise ArrayError(
                    f"{name}: {info.file_size} bytes compressed; over {MAX_INFLATED} they must "
                    f"be stored (numpy.savez, not savez_compressed)"
                )
            with archive.open(info) as stream:
                arrays[name] = _read_array(stream, name, members[name], info.file_size)
    return arrays


def _read_array(stream: IO[bytes], name: str, kinds: str, size: int) -> NDArray[Any]:
    shape, fortran, dtype, start = _array_header(stream, name)
    if dtype.kind not in kinds:
        raise ArrayError(f"{name} must be {_KINDS[kinds]}, not {dtype}")
    cells = 1
    for length in shape:
        cells *= length
    if cells > MAX_CELLS or not all(length > 0 for length in shape):
        raise ArrayError(f"{name}: shape {shape} is empty or has more than {MAX_CELLS} numbers")
    if dtype.kind == "U" and cells * dtype.itemsize > 4 * MAX_TEXT:
        raise ArrayError(f"{name}: has more than {MAX_TEXT} characters")
    if start + cells * dtype.itemsize != size:
        raise ArrayError(
            f"{name}: shape {shape} of {dtype} needs {cells * dtype.itemsize} bytes, "
            f"the file holds {size - start}; it is damaged or truncated"
        )
    data = bytearray()
    while chunk := stream.read(_CHUNK):
        data += chunk
        if len(data) > size - start:
            raise ArrayError(f"{name}: holds more bytes than it declares; it is damaged")
    if len(data) != size - start:
        raise ArrayError(f"{name}: is truncated")
    if dtype.kind == "U" and dtype.itemsize:
        points = np.frombuffer(data, dtype.str[0] + "u4")  # of the same byte order
        if (points > 0x10FFFF).any() or ((points >= 0xD800) & (points < 0xE000)).any():
            raise ArrayError(f"{name}: holds what is no character")
    found = np.frombuffer(bytes(data) if dtype.kind == "U" else data, dtype=dtype)
    return found.reshape(shape, order="F" if fortran else "C")


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
        raise ArrayError(f"{name}: not an .npy array: {str(error)[:200]}") from error
    return shape, fortran, dtype, stream.tell()

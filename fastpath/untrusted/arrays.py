"""Arrays from files that strangers made, .npz and .npy, nothing ever unpickled.

Every limit is enforced before the memory that it guards is asked for: an array's header is read
first, its type and shape are judged, and its size is compared with what the file holds. Numbers
are read in chunks, straight into the type in which they are used: beside that array a few
megabytes are needed, and as much again where it is stored in Fortran's order. An array that may
be mapped takes no memory beyond :data:`~bagcert.fastpath.untrusted.maps.IN_MEMORY`: it lies in a
file without a name.
"""

import io
import math
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from bagcert.fastpath.untrusted.errors import ArrayError
from bagcert.fastpath.untrusted.maps import IN_MEMORY, mapped

__all__ = ["MAX_CELLS", "MAX_TEXT", "MAX_UNPACKED", "Expected", "read_npy", "read_npz"]

#: Most numbers in one array: 8 GiB of int64.
MAX_CELLS: Final = 2**30
#: Most characters of text in one array.
MAX_TEXT: Final = 2**22
#: Most bytes that the compressed arrays of a file may take together, as they are stored and as
#: they are used; larger ones must be stored, so that no small file fills the memory.
MAX_UNPACKED: Final = 2**28

_CHUNK: Final = 2**22
#: Longest header of an array: numpy's own limit, and what stands before it.
_HEADER: Final = 10_000 + 16
#: What an array may hold, as numpy's kinds spell it, and how an error says so.
_KINDS: Final = {"iu": "integers", "iuf": "integers or floats", "U": "one string, or strings"}


@dataclass(frozen=True)
class Expected:
    """What an array may be: kinds of numpy type (``iu``, ``iuf``, or ``U`` for text), at most so
    many numbers, the type of integers in which it is used (None: the one it is stored in), and
    whether it may be a map of a file without a name, for whoever reads it block by block.
    """

    kinds: str
    dtype: type[np.integer[Any]] | None = None
    most: int = MAX_CELLS
    mapped: bool = False


def read_npz(file: IO[bytes], members: Mapping[str, Expected]) -> dict[str, NDArray[Any]]:
    """Return the arrays of an .npz file by name, read-only.

    Args:
        file: can be read anywhere.
        members: the names that may occur, each once, and what is expected there.

    Raises:
        ArrayError: not a zip file, an unknown, repeated, encrypted, oversized or damaged member.
    """
    try:
        return _read_members(file, members)
    except (ArrayError, MemoryError):
        raise
    except Exception as error:  # zipfile and zlib raise what they please on damaged members
        told = f"{type(error).__name__}: {str(error)[:200]}"
        raise ArrayError(f"not a readable .npz file: {told}") from error


def read_npy(file: IO[bytes], name: str, expected: Expected) -> NDArray[Any]:
    """Return the array of an .npy file, read-only; ``name`` is what errors call it.

    Raises:
        ArrayError: not an .npy file, another type, oversized, or damaged.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return _Array(file, name, expected, size).read()


def _read_members(file: IO[bytes], members: Mapping[str, Expected]) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    unpacked = 0
    # zipfile finds an archive behind other bytes, and numpy does not.
    file.seek(0)
    if file.read(2) != b"PK":
        raise ArrayError("not a readable .npz file: it does not begin as one")
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            name = info.filename.removesuffix(".npy")
            if name not in members or name == info.filename:
                known = ", ".join(sorted(members))
                raise ArrayError(f"{info.filename!r:.80}: unknown array; there may be {known}")
            if name in arrays:
                raise ArrayError(f"{name}: occurs twice; write the file again")
            with archive.open(info) as stream:
                array = _Array(stream, name, members[name], info.file_size)
                if info.compress_type != zipfile.ZIP_STORED:
                    unpacked += max(info.file_size, array.bytes_in_use)
                if unpacked > MAX_UNPACKED:
                    raise ArrayError(
                        f"{name}: compressed arrays would take {unpacked} bytes unpacked; over "
                        f"{MAX_UNPACKED} they must be stored (numpy.savez, not savez_compressed)"
                    )
                arrays[name] = array.read()
    return arrays


class _Array:
    """One array in a stream: judged when it is made, read when :meth:`read` is called."""

    def __init__(self, stream: IO[bytes], name: str, expected: Expected, size: int) -> None:
        self._stream, self._name, self._mapped = stream, name, expected.mapped
        head = stream.read(_HEADER)
        self._shape, self._fortran, self._stored, start = _array_header(head, name)
        self._ahead = head[start:]
        stored = self._stored
        if stored.kind not in expected.kinds:
            raise ArrayError(f"{name} must be {_KINDS[expected.kinds]}, not {stored}")
        self._cells = math.prod(self._shape)
        if self._cells > expected.most or not all(length > 0 for length in self._shape):
            raise ArrayError(
                f"{name}: shape {self._shape} is empty or has more than {expected.most} numbers"
            )
        if stored.kind == "U" and self._cells * stored.itemsize > 4 * MAX_TEXT:
            raise ArrayError(f"{name}: has more than {MAX_TEXT} characters")
        held = size - start
        if self._cells * stored.itemsize != held:
            raise ArrayError(
                f"{name}: shape {self._shape} of {stored} needs {self._cells * stored.itemsize} "
                f"bytes, the file holds {held}; it is damaged or truncated"
            )
        self._used = stored if expected.dtype is None else np.dtype(expected.dtype)

    @property
    def bytes_in_use(self) -> int:
        """What the array takes once it is read."""
        return self._cells * self._used.itemsize

    def read(self) -> NDArray[Any]:
        """Return the array, read-only.

        Raises:
            ArrayError: truncated, too long, no text, or a number that the type does not hold.
        """
        flat = self._text() if self._stored.kind == "U" else self._numbers()
        if self._ahead or self._stream.read(1):
            raise ArrayError(f"{self._name}: holds more bytes than it declares; it is damaged")
        found = flat
        if flat.shape != self._shape:
            found = flat.reshape(self._shape, order="F" if self._fortran else "C").copy(order="C")
        found.setflags(write=False)
        return found

    def _numbers(self) -> NDArray[Any]:
        in_c_order = self._shape if not self._fortran else (self._cells,)
        if self._mapped and self.bytes_in_use > IN_MEMORY and not self._fortran:
            return mapped(self._name, self._parts(), in_c_order, self._used)
        found = np.empty(in_c_order, self._used)
        flat, first = found.reshape(-1), 0
        for data in self._parts():
            flat[first : first + len(data)] = data
            first += len(data)
        return found

    def _parts(self) -> Iterator[NDArray[Any]]:
        """The numbers as they are stored, chunk by chunk, each of them within the type."""
        whole = self._stored == self._used or self._stored.kind == "f"
        step = _CHUNK // self._stored.itemsize
        for first in range(0, self._cells, step):
            size = min(step, self._cells - first) * self._stored.itemsize
            data = np.frombuffer(self._take(size), self._stored)
            if not whole and not np.can_cast(self._stored, self._used):
                self._check_range(data)
            yield data

    def _check_range(self, data: NDArray[Any]) -> None:
        limits = np.iinfo(self._used)
        for value in (int(data.min()), int(data.max())):
            if not limits.min <= value <= limits.max:
                raise ArrayError(f"{self._name}: {value} is too large for a number here")

    def _text(self) -> NDArray[Any]:
        data = self._take(self._cells * self._stored.itemsize)
        if self._stored.itemsize:
            points = np.frombuffer(data, self._stored.str[0] + "u4")  # of the same byte order
            if (points > 0x10FFFF).any() or ((points >= 0xD800) & (points < 0xE000)).any():
                raise ArrayError(f"{self._name}: holds what is no character")
        return np.frombuffer(data, self._stored, count=self._cells)

    def _take(self, size: int) -> bytes:
        data, self._ahead = self._ahead[:size], self._ahead[size:]
        data += self._stream.read(size - len(data))
        if len(data) != size:
            raise ArrayError(f"{self._name}: is truncated")
        return data


def _array_header(head: bytes, name: str) -> tuple[tuple[int, ...], bool, "np.dtype[Any]", int]:
    """Return shape, Fortran order, dtype, and the length of what stood before the data."""
    stream = io.BytesIO(head)
    try:
        version = npy.read_magic(stream)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # numpy tells of headers that Python 2 spelled
            if version == (1, 0):
                shape, fortran, dtype = npy.read_array_header_1_0(stream)
            elif version == (2, 0):
                shape, fortran, dtype = npy.read_array_header_2_0(stream)
            else:
                raise ValueError(f"format version {version}")
    except Exception as error:  # numpy's parsers raise more kinds than they name
        raise ArrayError(f"{name}: not an .npy array: {str(error)[:200]}") from error
    return shape, fortran, dtype, stream.tell()

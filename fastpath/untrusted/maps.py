"""Arrays too large for memory: in files without a name, mapped, and read block by block.

Such a file is this process's own copy: nobody else can change it, and it is gone when the process
ends, however that ends. It takes its bytes of the folder that ``TMPDIR`` names.
"""

import mmap
from collections.abc import Iterable, Iterator
from contextlib import suppress
from tempfile import TemporaryFile
from typing import IO, Any, Final, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from bagcert.fastpath.untrusted.errors import ArrayError

__all__ = ["IN_MEMORY", "Growing", "blocks", "is_own_map", "mapped", "release_pages"]

#: Most bytes of an array that is held in memory although it may be mapped.
IN_MEMORY: Final = 2**24
#: Numbers in a block.
_CHUNK: Final = 2**20


class Growing:
    """An array whose rows come one part after another, as many as there are.

    It is held in memory up to so many bytes, and in a file without a name beyond them. A context,
    at whose end the file is closed; the array that was made of it stays.

    Args:
        name: what errors call it.
        dtype: the type of its numbers.
        row: the shape of one of its rows.
        held: most bytes in memory; None: :data:`IN_MEMORY`.
    """

    def __init__(
        self, name: str, dtype: DTypeLike, row: tuple[int, ...] = (), *, held: int | None = None
    ) -> None:
        self._name, self._dtype, self._row = name, np.dtype(dtype), row
        self._most = IN_MEMORY if held is None else held
        self._parts: list[NDArray[Any]] = []
        self._bytes, self._rows = 0, 0
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        if self._file is not None:
            with suppress(OSError):  # what could not be written is not wanted any more
                self._file.close()

    def add(self, part: NDArray[Any]) -> None:
        """Add rows, which must not be changed afterwards.

        Raises:
            ArrayError: there is no room for the file; the message says what to do.
        """
        part = np.ascontiguousarray(part, self._dtype)
        self._parts.append(part)
        self._rows += len(part)
        self._bytes += part.nbytes
        if self._bytes > self._most:
            self._store()

    def array(self) -> NDArray[Any]:
        """Return all rows, at least one, as an array that is read-only.

        Raises:
            ArrayError: as :meth:`add`.
        """
        if self._file is None:
            found = np.concatenate(self._parts)
            found.setflags(write=False)
            return found
        self._store()
        return np.memmap(self._file, self._dtype, "r", shape=(self._rows, *self._row))

    def _store(self) -> None:
        try:
            if self._file is None:
                self._file = TemporaryFile()  # noqa: SIM115  # closed where this context ends
            for part in self._parts:
                self._file.write(part.data)
            self._file.flush()
        except OSError as error:
            raise ArrayError(
                f"{self._name}: no room for a copy: {error.strerror}; let TMPDIR name a folder "
                f"with room"
            ) from error
        self._parts.clear()


def mapped(
    name: str, parts: Iterable[NDArray[Any]], shape: tuple[int, ...], dtype: "np.dtype[Any]"
) -> NDArray[Any]:
    """Return the numbers of ``parts``, one after another, as a map that is read-only.

    Raises:
        ArrayError: there is no room for the file; the message says what to do.
    """
    with Growing(name, dtype, held=0) as growing:
        for part in parts:
            growing.add(part)
        return growing.array().reshape(shape)


def blocks(array: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Yield consecutive rows, some million numbers at a time; a map's memory is given back."""
    step = max(1, _CHUNK // max(1, array[:1].size))
    for start in range(0, len(array), step):
        yield array[start : start + step]
        release_pages(array)


def is_own_map(array: NDArray[Any]) -> bool:
    """Whether nobody but this process can change what is mapped: a file without a name."""
    return type(array) is np.memmap and array.filename is None and array.mode == "r"


def release_pages(*arrays: Any) -> None:
    """Give back the memory of file-backed maps; their content stays in the file."""
    advice = getattr(mmap, "MADV_DONTNEED", None)
    for array in arrays:
        # In a copy-on-write map the pages are the only copy.
        if advice is not None and isinstance(array, np.memmap) and array.mode != "c":
            array._mmap.madvise(advice)  # type: ignore[attr-defined]

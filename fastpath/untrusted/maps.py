"""Arrays too large for memory: in files without a name, mapped, and read block by block.

Such a file is this process's own copy: nobody else can change it, and it is gone when the process
ends, however that ends. It takes its bytes of the folder that ``TMPDIR`` names.
"""

import mmap
from collections.abc import Iterable
from tempfile import TemporaryFile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.untrusted.errors import ArrayError

__all__ = ["is_own_map", "mapped", "release_pages"]


def mapped(
    name: str, parts: Iterable[NDArray[Any]], shape: tuple[int, ...], dtype: "np.dtype[Any]"
) -> NDArray[Any]:
    """Return the numbers of ``parts``, one after another, as a map that is read-only.

    Raises:
        ArrayError: there is no room for the file; the message says what to do.
    """
    try:
        with TemporaryFile() as file:
            for part in parts:
                file.write(np.ascontiguousarray(part, dtype).data)
            file.flush()
            return np.memmap(file, dtype, "r", shape=shape)
    except OSError as error:
        raise ArrayError(
            f"{name}: no room for a copy: {error.strerror}; let TMPDIR name a folder with room"
        ) from error


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

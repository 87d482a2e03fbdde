"""Files that strangers named: a plain file as it lies, a pipe read once and within bounds."""

import io
import os
import stat
from pathlib import Path
from typing import BinaryIO, Final

__all__ = ["MAX_PIPED", "opened"]

#: Most bytes that are read from what is no plain file.
MAX_PIPED: Final = 2**28

_CHUNK: Final = 2**20


def opened(path: Path) -> tuple[BinaryIO, bool]:
    """Return a file that can be read anywhere, and whether it is a plain one.

    A pipe (a process substitution) is read to its end, into memory. A named pipe that nobody
    writes to is empty: it is never waited for.

    Raises:
        ValueError: more than :data:`MAX_PIPED` bytes came from a pipe or a device.
        OSError: it cannot be opened or read.
    """
    unwaiting = getattr(os, "O_NONBLOCK", 0)
    # Opened by name, so that the handle of a folder, which is refused, is closed.
    file = open(path, "rb", opener=lambda name, flags: os.open(name, flags | unwaiting))  # noqa: SIM115
    handle = file.fileno()
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return file, True
    with file:
        if hasattr(os, "set_blocking"):
            os.set_blocking(handle, True)
        content = io.BytesIO()
        while chunk := file.read(_CHUNK):
            content.write(chunk)
            if content.tell() > MAX_PIPED:
                raise ValueError(f"{path}: more than {MAX_PIPED} bytes; write them to a file first")
    content.seek(0)
    return content, False

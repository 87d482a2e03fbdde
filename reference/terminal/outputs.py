"""Files that are whole or absent: written aside, then renamed."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

__all__ = ["OutputError", "refuse_existing", "written_aside"]


class OutputError(ValueError):
    """An output path exists or cannot be written; the message says what to do."""


def refuse_existing(path: str | os.PathLike[str], *, force: bool = False) -> None:
    """Refuse an output path before the work whose result it is to hold.

    Raises:
        OutputError: as :func:`written_aside` would, after the work.
    """
    target = Path(path)
    if target.is_dir():
        raise OutputError(f"{target}: is a folder; name a file")
    if target.exists() and not force:
        raise OutputError(f"{target}: exists already; pass --force (force=True) to replace it")
    if not target.parent.is_dir():
        raise OutputError(f"{target}: its folder does not exist; create {target.parent} first")
    if not os.access(target.parent, os.W_OK):
        raise OutputError(f"{target}: its folder cannot be written; choose another")


@contextmanager
def written_aside(path: str | os.PathLike[str], *, force: bool = False) -> Iterator[BinaryIO]:
    """Yield a binary file beside ``path`` that takes its name only if the block succeeds.

    Guarantee: after any exception or kill, ``path`` holds what it held before; there is never
    half a file under that name.

    Raises:
        OutputError: ``path`` exists and ``force`` is false, its folder cannot be written, or the
            disk is full.
    """
    refuse_existing(path, force=force)
    target = Path(path)
    try:
        handle, aside = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        raise OutputError(f"{target}: cannot be written: {error.strerror}") from error
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(aside, 0o666 & ~umask)  # mkstemp makes private files
        os.replace(aside, target)
    except BaseException as error:
        Path(aside).unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:  # a write: a full disk, mostly
            raise OutputError(f"{target}: cannot be written: {error.strerror}") from error
        raise

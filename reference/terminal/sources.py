"""A stranger's file, read once: its bytes are taken in hand before any question is put to them.

A path may lead elsewhere a moment later (a link that is turned, a file that is written again), and
a pipe gives its bytes once.
"""

import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from io import FileIO
from tempfile import TemporaryFile
from typing import BinaryIO, Final, cast

__all__ = ["MAX_BYTES", "PATIENCE", "STANDARD_INPUT", "SourceError", "bytes_given", "bytes_of"]

#: What names standard input on a command line; a file of that name needs its whole path.
STANDARD_INPUT: Final = "-"
#: Most bytes of a file as it lies on the disk.
MAX_BYTES: Final = 2**34
#: Seconds for which a FIFO may stand without a writer.
PATIENCE: Final = 5.0
_PAUSE: Final = 0.05
_BLOCK: Final = 2**18
# Without it, opening a FIFO waits for a writer, for ever. Windows has neither.
_NOT_WAITING: Final = getattr(os, "O_NONBLOCK", 0)


class SourceError(ValueError):
    """A file that cannot be taken in hand; the message names it."""


@contextmanager
def bytes_of(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open ``path`` once, copy all its bytes to a file without a name, and yield that file.

    Guarantee: what is read from the result, however often, are the same bytes, whatever becomes
    of the path meanwhile. A pipe, a process substitution (``<(zcat c.gz)``) and a FIFO work.

    Raises:
        OSError: it cannot be read.
        SourceError: there is no room for the copy; a FIFO to which nobody writes for
            :data:`PATIENCE` seconds; or more than :data:`MAX_BYTES`.
    """
    name = os.fspath(path)
    with _temporary(name) as kept:
        with open(path, "rb", buffering=0, opener=_opened) as source:
            _copy(_first(source, name), source, kept, name)
        yield kept


@contextmanager
def bytes_given(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Yield the bytes of what a command line names: ``-`` is standard input, else :func:`bytes_of`.

    The same guarantee and the same limit: standard input is copied once, to its end.

    Raises:
        OSError, SourceError: as :func:`bytes_of`; or standard input is closed.
    """
    if os.fspath(path) != STANDARD_INPUT:
        with bytes_of(path) as kept:
            yield kept
        return
    if sys.stdin is None:  # its descriptor may be another file's by now
        raise SourceError(f"{STANDARD_INPUT}: standard input is closed; name a file")
    with _temporary(STANDARD_INPUT) as kept:
        source = sys.stdin.buffer
        _copy(_next(source), source, kept, STANDARD_INPUT)
        yield kept


@contextmanager
def _temporary(name: str) -> Iterator[BinaryIO]:
    """A file without a name, for a copy of what is called ``name``."""
    with ExitStack() as stack:
        with _room_for(name):
            kept = stack.enter_context(TemporaryFile())
        try:
            yield cast(BinaryIO, kept)
        finally:
            with suppress(OSError):  # what is buffered may not fit, again
                kept.close()


@contextmanager
def _room_for(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SourceError(
            f"{name}: cannot be copied: {error.strerror}; let TMPDIR name a folder with room"
        ) from error


def _copy(block: bytes, source: BinaryIO | FileIO, kept: BinaryIO, name: str) -> None:
    """Copy a first block and what follows it to a file, and go to that file's beginning."""
    while block:
        if kept.tell() + len(block) > MAX_BYTES:
            raise SourceError(f"{name}: longer than {MAX_BYTES} bytes")
        with _room_for(name):
            kept.write(block)
        block = _next(source)
    with _room_for(name):
        kept.seek(0)


def _next(source: BinaryIO | FileIO) -> bytes:
    """Return the next block, empty at the end; wait where somebody made a pipe that does not."""
    block: bytes | None
    while (block := source.read(_BLOCK)) is None:
        time.sleep(_PAUSE)
    return block


def _opened(path: str, flags: int) -> int:
    return os.open(path, flags | _NOT_WAITING)


def _first(source: FileIO, name: str) -> bytes:
    """Return the first block; from here on, reading waits."""
    waits = stat.S_ISFIFO(os.fstat(source.fileno()).st_mode)
    patience = time.monotonic() + PATIENCE
    while True:
        # None is a pipe that has a writer and no bytes yet; b"" one without a writer, or the end.
        block = source.read(_BLOCK)
        if block != b"" or not waits:
            break
        if time.monotonic() > patience:
            raise SourceError(f"{name}: a pipe to which nobody writes; start its writer first")
        time.sleep(_PAUSE)
    if _NOT_WAITING:
        os.set_blocking(source.fileno(), True)
    return _next(source) if block is None else block

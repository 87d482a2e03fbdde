"""Standard output is ours: what foreign code prints while it runs goes to standard error."""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress

__all__ = ["own_output"]


@contextmanager
def own_output() -> Iterator[None]:
    """Send to standard error whatever is written to standard output inside the block.

    Python's ``print`` and libraries in C alike (liblinear's ``verbose``, say): the file descriptor
    itself is turned, for this process and those that it starts. One such block at a time.
    """
    sys.stdout.flush()
    _flush_libraries()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        _flush_libraries()
        os.dup2(kept, 1)
        os.close(kept)


def _flush_libraries() -> None:
    """Write out what C's own buffers hold, while it goes where it belongs."""
    with suppress(OSError, AttributeError, TypeError):  # Windows has no library of that name
        ctypes.CDLL(None).fflush(None)

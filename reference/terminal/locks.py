"""Locks on files that end with the process that holds them."""

import fcntl
import os
import tempfile
from pathlib import Path

__all__ = ["lock_file"]


def lock_file(path: Path) -> int:
    """Return a handle that holds the lock on ``path``, made if need be, until it is closed.

    The lock also ends with the process, however that ends; a program that it starts does not
    inherit it. A file of that name appears only once it is locked.

    Raises:
        BlockingIOError: another handle holds it.
        OSError: the file cannot be made.
    """
    while True:
        handle, aside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            os.link(aside, path)
            return handle
        except FileExistsError:
            os.close(handle)
        finally:
            os.unlink(aside)
        try:
            handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            continue  # its holder is done with it, just now
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(handle), os.stat(path)):
                return handle
        except FileNotFoundError:
            pass
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)

"""Locks on files that end with the process that holds them."""

import errno
import os
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

__all__ = ["HeldLock", "lock_file"]

#: What :func:`lock_file` returns: ``release()`` ends it.
HeldLock = BaseFileLock


def lock_file(path: Path) -> HeldLock:
    """Hold the lock on ``path``, a file made if need be, until it is released.

    The lock also ends with the process, however that ends. The file stays: removing it would
    let two processes lock different files under one name. Where the file system knows no locks
    the library falls back to a file that names its holder.

    Raises:
        BlockingIOError: somebody holds it, in this process or another.
        OSError: the file cannot be made.
    """
    lock = FileLock(path, thread_local=False)
    try:
        lock.acquire(blocking=False)
    except Timeout as error:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN), str(path)) from error
    return lock

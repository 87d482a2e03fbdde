"""Locks on files that end with the process that holds them."""

import errno
import os
import warnings
from pathlib import Path
from typing import Final

from filelock import BaseFileLock, FileLock, SoftFileLock, Timeout

__all__ = ["HeldLock", "lock_file"]

#: What :func:`lock_file` returns: ``release()`` ends it.
HeldLock = BaseFileLock

#: Errors with which a file system says that it knows no locks.
_UNKNOWN: Final = frozenset(
    {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK, errno.EINVAL, errno.EPERM}
)


def lock_file(path: Path) -> HeldLock:
    """Hold the lock on ``path``, a file made if need be, until it is released.

    The lock also ends with the process, however that ends. The file stays: removing it would
    let two processes lock different files under one name. Where the file system knows no locks
    a file that names its holder stands for one.

    Raises:
        BlockingIOError: somebody holds it, in this process or another.
        OSError: the file cannot be made.
    """
    fresh = not os.path.lexists(path)
    try:
        try:
            return _acquired(FileLock(path, thread_local=False))
        except OSError as error:
            if isinstance(error, Timeout) or error.errno not in _UNKNOWN:
                raise
        if fresh and path.stat().st_size == 0:  # made by the attempt: it would name no holder
            path.unlink()
        return _acquired(SoftFileLock(path, thread_local=False))
    except Timeout as error:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN), str(path)) from error


def _acquired(lock: BaseFileLock) -> BaseFileLock:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library's own word about such file systems
        lock.acquire(blocking=False)
    return lock

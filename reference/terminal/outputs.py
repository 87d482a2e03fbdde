"""Files that are whole or absent: written aside, then given their name.

One set of rules for every output of every command:

- a name that exists is refused without ``force``, also one that somebody else makes meanwhile;
- an output is never also an input of the same command;
- a link is followed to the file that it names, and a file keeps its mode;
- a device or a pipe is written into, once the whole output is known, and never replaced;
- a name's ending says what is in the file, or is refused before the work.
"""

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

__all__ = ["OutputError", "refuse_existing", "refuse_suffix", "written_aside"]

#: What a file being written is called, whatever its name will be: names may be 255 bytes long.
_ASIDE: Final = ".bagcert-"
#: Errors with which a file system says that it has no such operation.
_UNKNOWN: Final = frozenset(
    {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM}
)


class OutputError(ValueError):
    """An output path exists or cannot be written; the message says what to do."""


def refuse_existing(
    path: str | os.PathLike[str],
    *,
    force: bool = False,
    inputs: Sequence[str | os.PathLike[str]] = (),
) -> None:
    """Refuse an output path before the work whose result it is to hold.

    Args:
        path: where the output is to go.
        force: whether a regular file of that name may be replaced.
        inputs: files that the same command reads; ``path`` must be none of them.

    Raises:
        OutputError: as :func:`written_aside` would, after the work; or ``path`` is an input.
    """
    if os.fspath(path) == "-":
        raise OutputError("-: standard output carries the command's own answer; name a file")
    target = Path(path)
    for source in inputs:
        with suppress(OSError):
            if os.path.samefile(target, source):
                raise OutputError(f"{target}: is also what is read; choose another name for it")
    if target.is_dir():
        raise OutputError(f"{target}: is a folder; name a file")
    if _is_stream(target):
        return
    if os.path.lexists(target) and not force:
        raise OutputError(f"{target}: exists already; pass --force (force=True) to replace it")
    folder = _followed(target).parent
    if not folder.is_dir():
        raise OutputError(f"{target}: its folder does not exist; create {folder} first")
    if not os.access(folder, os.W_OK):
        raise OutputError(f"{target}: its folder cannot be written; choose another")


def refuse_suffix(path: str | os.PathLike[str], *suffixes: str) -> None:
    """Refuse an output whose name does not say what will be in it.

    ``suffixes`` are those allowed, in lowercase, each with its dot (``.jsonl.gz`` is one).

    Raises:
        OutputError: the name ends in none of them; one in another case is refused as well.
    """
    target = Path(path)
    if not _is_stream(target) and not target.name.endswith(suffixes):
        raise OutputError(f"{target}: must end in {' or '.join(suffixes)}, which says what it is")


@contextmanager
def written_aside(path: str | os.PathLike[str], *, force: bool = False) -> Iterator[BinaryIO]:
    """Yield a binary file that takes the name ``path`` only if the block succeeds.

    Guarantee: after any exception or kill, ``path`` holds what it held before; there is never
    half a file under that name. Without ``force`` no file is replaced, not even one made while
    the block ran. (A device or a pipe gets the whole output at once, and no such guarantee.)

    Raises:
        OutputError: ``path`` exists and ``force`` is false, its folder cannot be written, or the
            disk is full.
    """
    refuse_existing(path, force=force)
    target = Path(path)
    stream = _is_stream(target)
    final = _followed(target)
    try:
        handle, name = tempfile.mkstemp(prefix=_ASIDE, dir=None if stream else final.parent)
    except OSError as error:
        raise OutputError(f"{target}: cannot be written: {error.strerror}") from error
    aside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            with _where_known():
                os.fsync(file.fileno())
        if stream:
            with aside.open("rb") as whole, target.open("wb") as pipe:
                shutil.copyfileobj(whole, pipe)
        else:
            _keep_mode(aside, final)
            _rename(aside, final, target, force=force)
    except BaseException as error:
        if isinstance(error, OSError) and error.filename is None:  # a write: a full disk, mostly
            raise OutputError(f"{target}: cannot be written: {error.strerror}") from error
        raise
    finally:
        aside.unlink(missing_ok=True)


def _is_stream(target: Path) -> bool:
    """Whether something that is no regular file and no folder bears the name."""
    try:
        mode = target.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _followed(target: Path) -> Path:
    """The file that a link names; anything else is itself."""
    return Path(os.path.realpath(target)) if target.is_symlink() else target


def _keep_mode(aside: Path, final: Path) -> None:
    try:
        mode = stat.S_IMODE(final.stat().st_mode)
    except FileNotFoundError:
        umask = os.umask(0)
        os.umask(umask)
        mode = 0o666 & ~umask  # mkstemp makes private files
    with _where_known():
        aside.chmod(mode)


def _rename(aside: Path, final: Path, target: Path, *, force: bool) -> None:
    """Give the file its name; without ``force`` only if nothing has it."""
    if force:
        os.replace(aside, final)
        return
    try:
        with _where_known():
            os.link(aside, final)
            return
        # No hard links here: take the name first, so that whoever comes later is told.
        os.close(os.open(final, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except FileExistsError:
        raise OutputError(
            f"{target}: was made by somebody else meanwhile; pass --force to replace it"
        ) from None
    os.replace(aside, final)


@contextmanager
def _where_known() -> Iterator[None]:
    """Do without what the file system does not know: the whole file still takes its name."""
    try:
        yield
    except OSError as error:
        if error.errno not in _UNKNOWN:
            raise

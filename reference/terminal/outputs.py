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
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO, Final, cast

__all__ = ["OutputError", "refuse_existing", "refuse_suffix", "written_aside"]

#: What a file is called where it needs a name before its own, which may be 255 bytes long.
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

    Guarantee: after any exception or kill, ``path`` holds what it held before, or all that the
    block wrote; there is never half a file under that name. Without ``force`` no file is
    replaced, not even one made while the block ran. Until it is whole the file has no name, so
    that a kill leaves nothing; where the system knows no such files, and for the instant in which
    another file is replaced, it is called ``.bagcert-`` and eight characters, which no command
    reads. (A device or a pipe gets the whole output at once, and no such guarantee.)

    Raises:
        OutputError: ``path`` exists and ``force`` is false, its folder cannot be written, or the
            disk is full.
    """
    refuse_existing(path, force=force)
    target = Path(path)
    stream = _is_stream(target)
    final = _followed(target)
    try:
        aside = _nameless(None if stream else final.parent)
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        with aside as file:
            yield cast(BinaryIO, file)
            file.flush()
            try:
                if stream:
                    with target.open("wb") as pipe:
                        _copy(file, pipe)
                else:
                    _give_name(file, final, target, force=force)
            except OSError as error:
                raise _unwritable(target, error) from error
    except OSError as error:
        if error.filename is None:  # a write: a full disk, mostly
            raise _unwritable(target, error) from error
        raise


def _unwritable(target: Path, error: OSError) -> OutputError:
    return OutputError(f"{target}: cannot be written: {error.strerror}")


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


def _nameless(folder: Path | None) -> IO[bytes]:
    """Open a file without a name, which can take one where the system can give it."""
    if folder is not None and hasattr(os, "O_TMPFILE"):
        with suppress(OSError):  # a file system that has none, or an error that comes again below
            return os.fdopen(os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o600), "w+b")
    return tempfile.TemporaryFile(dir=folder)  # can never be linked: it is copied


def _give_name(file: IO[bytes], final: Path, target: Path, *, force: bool) -> None:
    """Let a whole file take its name; without ``force`` only if nothing has it."""
    _settle(file, final)
    if not _named(file, final):
        aside = final.parent / f"{_ASIDE}{secrets.token_hex(4)}"
        try:
            if not _named(file, aside):
                with aside.open("xb") as copy:
                    _copy(file, copy)
                    copy.flush()
                    _settle(copy, final)
            _rename(aside, final, target, force=force)
        finally:
            aside.unlink(missing_ok=True)
    with suppress(OSError):  # the file has its name; let the name outlast a power cut, too
        _sync(final.parent)


def _settle(file: IO[bytes], final: Path) -> None:
    """Let the content reach the disk, and give the file the mode that is due."""
    with _where_known():
        os.fsync(file.fileno())
    try:
        mode = stat.S_IMODE(final.stat().st_mode)
    except FileNotFoundError:
        umask = os.umask(0)
        os.umask(umask)
        mode = 0o666 & ~umask  # a temporary file is private
    if hasattr(os, "fchmod"):
        with _where_known():
            os.fchmod(file.fileno(), mode)


def _named(file: IO[bytes], path: Path) -> bool:
    """Whether a file without a name could take this one, which nothing else has."""
    try:
        # With a folder given, the link is followed to the file that is open: linkat(2).
        os.link(f"/proc/self/fd/{file.fileno()}", path, src_dir_fd=0, follow_symlinks=True)
    except (OSError, NotImplementedError):
        return False
    return True


def _copy(file: IO[bytes], into: IO[bytes]) -> None:
    file.seek(0)
    shutil.copyfileobj(file, into)


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


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _where_known() -> Iterator[None]:
    """Do without what the file system does not know: the whole file still takes its name."""
    try:
        yield
    except OSError as error:
        if error.errno not in _UNKNOWN:
            raise

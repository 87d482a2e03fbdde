"""Finished shards of a training run, kept in a folder, believed only when their checksum holds."""

import hashlib
import io
import json
import os
import re
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from bagcert.fastpath.untrusted.errors import ArrayError
from bagcert.fastpath.votes.file import parse_votes, store_votes
from bagcert.fastpath.votes.votes import Votes
from bagcert.reference.terminal.locks import lock_file
from bagcert.reference.terminal.outputs import written_aside

__all__ = ["Checkpoint", "ForeignCheckpointError", "discard"]

_FORMAT: Final = "bagcert-checkpoint/3"
_MANIFEST: Final = "bagcert-checkpoint.json"
_LOCK: Final = "bagcert-checkpoint.lock"
#: The last bytes of a shard file: this mark, then a SHA-256.
_MARK: Final = f"{_FORMAT} ".encode()
_CHECKSUM: Final = 64
_SHARD: Final = re.compile(r"models-[0-9]{7}-[0-9]{7}\.npz")
#: What a killed run left of a file that it was writing aside: under a name made for that, and
#: with the start of an archive or of a manifest, if anything.
_REMAINS: Final = re.compile(
    rf"\.(?:{_SHARD.pattern}|{re.escape(_MANIFEST)})\.[^.]{{8}}|\.bagcert-[^.]{{8}}"
)
_STARTS: Final = (b"", b"PK", b'{"')
#: More than a votes file's header takes.
_HEADER: Final = 2**25


class ForeignCheckpointError(ValueError):
    """A folder with finished shards of a run with other settings: hours of work may be in it."""


class Checkpoint:
    """The folder of one run, identified by the SHA-256 ``run`` of everything that decides votes.

    A shard file is the votes file of its models, each array in the smallest type that holds it
    (0.1 MB for 100 models on MNIST, predictions not kept), so that ``bagcert merge`` joins what a
    run left behind. Its last bytes, the archive's comment, are this format's mark and a SHA-256
    over (run, file name, content). That finds damage and mix-ups, not forgery: whoever may write
    the folder may write votes. A run holds the folder for itself until it is closed, or its
    process ends, however that ends.

    Only files that carry the mark, and what killed runs left half written, are ever removed. A
    folder without finished shards belongs to nobody: it is taken over, and when the run ends
    without one it is left as it was found.

    Raises:
        ForeignCheckpointError: the folder holds shards of a run with other settings.
        ValueError: another run is at work in it, or its manifest is no plain file.
        OSError: the folder cannot be made or read.
    """

    def __init__(
        self, folder: str | os.PathLike[str], run: bytes, examples: int, classes: int
    ) -> None:
        self._folder, self._run = Path(folder), run
        self._examples, self._classes = examples, classes
        manifest = {"format": _FORMAT, "header_sha256": run.hex()}
        path = self._folder / _MANIFEST
        self._made = not self._folder.exists()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._hold = ExitStack()
        self._hold.enter_context(_held(self._folder))
        try:
            found = _manifest(path)
            if found not in (None, manifest) and _shards(self._folder):
                raise ForeignCheckpointError(
                    f"checkpoint: {folder} belongs to a run with other settings, data or "
                    f"versions; name another folder, or delete this one"
                )
            _remove(_remains(self._folder))
            with written_aside(path, force=True) as file:
                file.write(json.dumps(manifest, sort_keys=True).encode() + b"\n")
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Checkpoint":
        """Return the checkpoint itself; the block ends its hold on the folder."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of the folder."""
        self.close()

    def close(self) -> None:
        """Let go of the folder, so that another run may use it; without a shard it is undone."""
        with self._hold:
            if not _shards(self._folder):
                _clear(self._folder, remove=self._made)

    def load(self, models: range, *, predictions: bool) -> Votes | None:
        """Return the votes saved for ``models``, or None if there are none, whole, that serve.

        Args:
            models: the shard's range; one saved under other bounds does not serve.
            predictions: only a shard that keeps its predictions serves.
        """
        path = self._path(models)
        content = _content(path, self._most_bytes(len(models)))
        if content is None or content[-_CHECKSUM:] != self._checksum(path.name, content):
            return None
        try:
            found = parse_votes(io.BytesIO(content))
        except ArrayError:
            return None
        if found.counts.shape != (self._examples, self._classes) or found.models != len(models):
            return None
        if predictions:
            return found if found.predictions is not None else None
        return replace(found, predictions=None)

    def save(self, models: range, votes: Votes) -> None:
        """Keep the votes of a shard, whole or not at all."""
        path, buffer = self._path(models), io.BytesIO()
        store_votes(votes, buffer, narrow=True, comment=_MARK + bytes(_CHECKSUM))
        content = buffer.getvalue()
        if os.path.lexists(path) and not _is_shard(path):
            path.replace(path.with_name(f"{path.name}.unread"))  # damaged, or not ours to remove
        with written_aside(path, force=True) as file:
            file.write(content[:-_CHECKSUM] + self._checksum(path.name, content))

    def _most_bytes(self, models: int) -> int:
        e, c = self._examples, self._classes
        return 8 * e * (c + 1) + 4 * models * e + 32 * models + _HEADER

    def _path(self, models: range) -> Path:
        return self._folder / f"models-{models.start:07d}-{models.stop:07d}.npz"

    def _checksum(self, name: str, content: bytes) -> bytes:
        body = memoryview(content)[:-_CHECKSUM]
        digest = hashlib.sha256(self._run + name.encode() + b"\0")
        digest.update(body)
        return digest.hexdigest().encode()


def discard(folder: str | os.PathLike[str]) -> None:
    """Remove a checkpoint that is no longer needed: its own files, then the folder if empty.

    Raises:
        ValueError: a run is at work in it.
        OSError: a file cannot be removed.
    """
    place = Path(folder)
    with _held(place):
        _remove([*_remains(place), *_shards(place)])
        _clear(place, remove=True)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    try:
        lock = lock_file(folder / _LOCK)
    except BlockingIOError as error:
        raise ValueError(f"checkpoint: another run is at work in {folder}") from error
    try:
        yield
    finally:
        lock.release()


def _manifest(path: Path) -> Any:
    """Return what the manifest says; None if there is none, or it is damaged.

    Nothing rests on it, since every shard names its run.
    """
    if not os.path.lexists(path):
        return None
    if not _is_plain(path):
        raise ValueError(f"checkpoint: {path} is no plain file; remove it, or name another folder")
    try:
        found = json.loads(path.read_bytes()[: 2**16])
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _shards(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if _is_shard(path)]


def _is_shard(path: Path) -> bool:
    """Whether it is a finished shard of any run: a plain file that ends with the mark."""
    if not _SHARD.fullmatch(path.name) or not _is_plain(path):
        return False
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - len(_MARK) - _CHECKSUM))
        return file.read(len(_MARK)) == _MARK


def _remains(folder: Path) -> list[Path]:
    found = []
    for path in folder.iterdir():
        if _REMAINS.fullmatch(path.name) and _is_plain(path):
            with path.open("rb") as file:
                if file.read(2) in _STARTS:
                    found.append(path)
    return found


def _clear(folder: Path, *, remove: bool) -> None:
    """Remove the manifest and the lock, which the caller holds, and the folder if it is empty."""
    _remove([path for name in (_MANIFEST, _LOCK) if _is_plain(path := folder / name)])
    if remove and not any(folder.iterdir()):
        folder.rmdir()


def _content(path: Path, most: int) -> bytes | None:
    if not _is_plain(path) or path.stat().st_size > most:
        return None
    return path.read_bytes()


def _is_plain(path: Path) -> bool:
    """Whether it is there and a plain file: no link, folder, pipe or device."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return False


def _remove(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)

"""Finished shards of a training run, kept in a folder, believed only when their checksum holds."""

import hashlib
import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.training.shards import Shard
from bagcert.reference.terminal.locks import HeldLock, lock_file
from bagcert.reference.terminal.outputs import written_aside

__all__ = ["Checkpoint", "discard"]

_MANIFEST: Final = "bagcert-checkpoint.json"
_LOCK: Final = "bagcert-checkpoint.lock"
_SHARDS: Final = "models-*"
#: What killed runs left of files that they were writing aside.
_REMAINS: Final = (f".{_SHARDS}", f".{_MANIFEST}.*", f".{_LOCK}.*")
_CHECKSUM: Final = 32


class Checkpoint:
    """The folder of one run, identified by the SHA-256 ``run`` of its votes header.

    A shard file is a SHA-256 over (run, file name, data), then the data, in the smallest unsigned
    little-endian type that holds them: the label rows (``.predictions``), or where those are not
    kept the counts and the digests (``.counts``: 0.1 MB for 100 models on MNIST). The checksum
    finds damage and mix-ups, not forgery: whoever may write the folder may write votes. A run
    holds the folder for itself until it is closed, or its process ends, however that ends.

    Raises:
        ValueError: the folder belongs to a run with other settings, or to one at work.
        OSError: the folder cannot be made or read.
    """

    def __init__(
        self, folder: str | os.PathLike[str], run: bytes, examples: int, classes: int
    ) -> None:
        self._folder, self._run = Path(folder), run
        self._examples, self._classes = examples, classes
        manifest = {"format": "bagcert-checkpoint/2", "header_sha256": run.hex()}
        path = self._folder / _MANIFEST
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock = _locked(self._folder)
        try:
            found = json.loads(path.read_bytes()) if path.exists() else None
        except (ValueError, RecursionError):
            found = None  # damaged: nothing rests on it, since every shard names its run
        if isinstance(found, dict) and found != manifest:
            self.close()
            raise ValueError(
                f"checkpoint: {folder} belongs to a run with other settings, data or "
                f"versions; name another folder, or delete this one"
            )
        _remove(self._folder, *_REMAINS)
        with written_aside(path, force=True) as file:
            file.write(json.dumps(manifest, sort_keys=True).encode() + b"\n")

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
        """Let go of the folder, so that another run may use it."""
        self._lock.release()

    def load(self, models: range, *, predictions: bool) -> Shard | None:
        """Return the shard saved for ``models``, or None if there is none, whole, that serves.

        Args:
            models: the shard's range; one saved under other bounds does not serve.
            predictions: only a shard that keeps its predictions serves.
        """
        e, c, m = self._examples, self._classes, len(models)
        data = self._read(models, "predictions", [((m, e), c - 1)])
        if data is not None:
            return Shard.of(models, data[0].astype(np.int32), c, keep=predictions)
        if predictions:
            return None
        data = self._read(models, "counts", [((e, c), m), ((m, 32), 255)])
        if data is None:
            return None
        return Shard(models, data[0].astype(np.int64), data[1].astype(np.uint8))

    def save(self, shard: Shard) -> None:
        """Keep a shard, whole or not at all."""
        arrays: list[tuple[NDArray[Any], int]]
        kind, arrays = "counts", [(shard.counts, len(shard.models)), (shard.digests, 255)]
        if shard.predictions is not None:
            kind, arrays = "predictions", [(shard.predictions, self._classes - 1)]
        data = b"".join(array.astype(_smallest(most)).tobytes() for array, most in arrays)
        path = self._path(shard.models, kind)
        with written_aside(path, force=True) as file:
            file.write(self._checksum(path.name, data) + data)

    def _read(
        self, models: range, kind: str, parts: list[tuple[tuple[int, int], int]]
    ) -> list[NDArray[Any]] | None:
        """Return the arrays of a file, each given as its shape and largest value."""
        path = self._path(models, kind)
        sizes = [rows * columns * _smallest(most).itemsize for (rows, columns), most in parts]
        if not path.is_file() or path.stat().st_size != _CHECKSUM + sum(sizes):
            return None
        content = path.read_bytes()
        if content[:_CHECKSUM] != self._checksum(path.name, content[_CHECKSUM:]):
            return None
        found, start = [], _CHECKSUM
        for (shape, most), size in zip(parts, sizes, strict=True):
            part = np.frombuffer(content[start : start + size], dtype=_smallest(most))
            found.append(part.reshape(shape))
            start += size
        return found

    def _path(self, models: range, kind: str) -> Path:
        return self._folder / f"models-{models.start:07d}-{models.stop:07d}.{kind}"

    def _checksum(self, name: str, data: bytes) -> bytes:
        return hashlib.sha256(self._run + name.encode() + b"\0" + data).digest()


def discard(folder: str | os.PathLike[str]) -> None:
    """Remove a checkpoint that is no longer needed: its own files, then the folder if empty.

    Raises:
        ValueError: a run is at work in it.
        OSError: a file cannot be removed.
    """
    place = Path(folder)
    lock = _locked(place)
    try:
        _remove(place, *_REMAINS, _SHARDS, _MANIFEST, _LOCK)
    finally:
        lock.release()
    if not any(place.iterdir()):
        place.rmdir()


def _locked(folder: Path) -> HeldLock:
    try:
        return lock_file(folder / _LOCK)
    except BlockingIOError as error:
        raise ValueError(f"checkpoint: another run is at work in {folder}") from error


def _remove(folder: Path, *patterns: str) -> None:
    for pattern in patterns:
        for path in folder.glob(pattern):
            path.unlink(missing_ok=True)


def _smallest(most: int) -> "np.dtype[Any]":
    """Return the smallest little-endian unsigned type that holds 0..most."""
    return np.dtype(np.min_scalar_type(most)).newbyteorder("<")

"""Finished shards of a training run, kept in a folder, believed only when their checksum holds."""

import hashlib
import json
import os
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bagcert.reference.files import written_aside

__all__ = ["Checkpoint"]

_MANIFEST: Final = "bagcert-checkpoint.json"
_CHECKSUM: Final = 32


class Checkpoint:
    """The folder of one run, identified by the SHA-256 ``run`` of its votes header.

    A shard file is a SHA-256 over (run, first model, data), then the data: the label rows as
    little-endian int32. The checksum finds damage and mix-ups, not forgery: whoever may write
    the folder may write votes.

    Raises:
        ValueError: the folder belongs to a run with other settings.
        OSError: the folder cannot be made or read.
    """

    def __init__(self, folder: str | os.PathLike[str], run: bytes, examples: int) -> None:
        self._folder, self._run, self._examples = Path(folder), run, examples
        manifest = {"format": "bagcert-checkpoint/1", "header_sha256": run.hex()}
        path = self._folder / _MANIFEST
        if path.exists():
            try:
                found = json.loads(path.read_bytes())
            except (ValueError, RecursionError):
                found = None  # damaged: nothing rests on it, since every shard names its run
            if isinstance(found, dict) and found != manifest:
                raise ValueError(
                    f"checkpoint: {folder} belongs to a run with other settings, data or "
                    f"versions; name another folder, or delete this one"
                )
        self._folder.mkdir(parents=True, exist_ok=True)
        with written_aside(path, force=True) as file:
            file.write(json.dumps(manifest, sort_keys=True).encode() + b"\n")

    def load(self, models: range) -> NDArray[np.int32] | None:
        """Return the label rows (len(models), e) saved for ``models``, or None if none hold."""
        path = self._path(models)
        size = _CHECKSUM + 4 * len(models) * self._examples
        if not path.is_file() or path.stat().st_size != size:
            return None
        content = path.read_bytes()
        checksum, data = content[:_CHECKSUM], content[_CHECKSUM:]
        if checksum != self._checksum(models, data):
            return None
        rows = np.frombuffer(data, dtype="<i4").reshape(len(models), self._examples)
        return rows.astype(np.int32)

    def save(self, models: range, rows: NDArray[np.int32]) -> None:
        """Keep the label rows of ``models``, whole or not at all."""
        data = rows.astype("<i4").tobytes()
        with written_aside(self._path(models), force=True) as file:
            file.write(self._checksum(models, data) + data)

    def _path(self, models: range) -> Path:
        return self._folder / f"models-{models.start:07d}-{models.stop:07d}.bin"

    def _checksum(self, models: range, data: bytes) -> bytes:
        return hashlib.sha256(self._run + models.start.to_bytes(8, "little") + data).digest()

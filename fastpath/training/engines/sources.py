"""How a worker comes by what base models need: by files that all map, or by a journey and work."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.datasets import Dataset
from bagcert.fastpath.learners import Learner
from bagcert.fastpath.training.base_models import BaseModels
from bagcert.fastpath.training.engines.base import EngineError, Work
from bagcert.reference.terminal.locks import lock_file

__all__ = ["Mapped", "Source", "Travelled"]

_PREFIX: Final = "bagcert-prepared-"
#: Its name until it is locked.
_UNLOCKED: Final = "bagcert-unlocked-"
_LOCK: Final = "lock"
_ARRAYS: Final = ("train", "train_y", "test", "relations", "indices", "examples")


class Source(Protocol):
    """What is sent to a worker process, once."""

    def base_models(self) -> BaseModels:
        """Return the base models; called once in each worker process."""


@dataclass(frozen=True, eq=False)
class Travelled:
    """The data set itself, and which of its training examples are drawn: for workers anywhere."""

    dataset: Dataset
    learner: Learner
    drawn: NDArray[np.int64]

    def base_models(self) -> BaseModels:
        """Return the base models, whose features are computed here."""
        return BaseModels.prepare(self.dataset, self.learner, drawn=self.drawn)


@dataclass(frozen=True, eq=False)
class Mapped:
    """A folder of prepared arrays: for workers on one machine, which share its memory."""

    folder: Path
    learner: Learner
    classes: int

    @classmethod
    @contextmanager
    def made(
        cls,
        work: Work,
        shards: Sequence[range],
        preparing: Callable[[int, int], None] | None = None,
    ) -> Iterator["Mapped"]:
        """Prepare what ``shards`` draw in a new folder, which lasts as long as the block.

        What a killed process left behind is removed first: MNIST's Gram block has 2.4 GB.

        Raises:
            EngineError: the disk is full.
            LearnerError: as :meth:`BaseModels.prepare`.
        """
        _sweep()
        unlocked = Path(tempfile.mkdtemp(prefix=_UNLOCKED))
        held = lock_file(unlocked / _LOCK)
        folder = unlocked.rename(unlocked.with_name(unlocked.name.replace(_UNLOCKED, _PREFIX)))
        try:
            base = BaseModels.prepare(work.dataset, work.learner, preparing, work.drawn(shards))
            _save(base, folder)
            del base
            yield cls(folder, work.learner, work.dataset.classes)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            held.release()

    def base_models(self) -> BaseModels:
        """Return the base models, whose arrays are mapped, not read."""
        arrays: dict[str, Any] = {}
        for name in _ARRAYS:
            path = self.folder / f"{name}.npy"
            mapped = path.exists()
            arrays[name] = np.asarray(np.load(path, mmap_mode="r")) if mapped else None
        return BaseModels(self.learner, **arrays, classes=self.classes)


def _save(base: BaseModels, folder: Path) -> None:
    for name in _ARRAYS:
        array = getattr(base, name)
        if array is None:
            continue
        try:
            np.save(folder / f"{name}.npy", array, allow_pickle=False)
        except OSError as error:
            raise EngineError(
                f"engine: {folder} cannot hold {name}, {array.nbytes} bytes: {error}; "
                f"name a larger disk by TMPDIR"
            ) from error


def _sweep() -> None:
    """Remove this user's folders whose lock nobody holds: their process was killed.

    A folder is locked before it has the name that is looked for, so a new one is never swept.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        lock = folder / _LOCK
        try:
            if folder.is_symlink() or folder.stat().st_uid != os.getuid() or not lock.is_file():
                continue
            held = lock_file(lock)
        except OSError:  # held, or gone meanwhile
            continue
        shutil.rmtree(folder, ignore_errors=True)
        held.release()

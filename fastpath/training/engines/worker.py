"""What runs in a dask worker: base models prepared once in each process, and one task's shard."""

import signal
import threading
from typing import Any

import cloudpickle
from distributed import get_worker
from distributed.diagnostics.plugin import WorkerPlugin

from bagcert.fastpath.learners import LearnerError
from bagcert.fastpath.training.base_models import BaseModels
from bagcert.fastpath.training.engines.base import EngineError
from bagcert.fastpath.training.engines.sources import Source
from bagcert.fastpath.training.shards import Shard
from bagcert.fastpath.training.versions import software_versions

__all__ = ["BaseModelsPlugin", "DeafToInterrupts", "train_shard"]


class BaseModelsPlugin(WorkerPlugin):
    """Carries the source of base models to every worker, also to those that come later.

    The scheduler keeps it and hands it to each new worker: scattered data would be lost with the
    worker that holds it.
    """

    def __init__(self, source: Source, libraries: tuple[str, ...]) -> None:
        # By value where a worker cannot import it: a learner of the user's own.
        self._source = cloudpickle.dumps(source)
        self._libraries, self._versions = libraries, software_versions(libraries)
        self._lock: Any = None
        self._base: BaseModels | None = None

    def setup(self, worker: Any) -> None:
        """Make what cannot travel."""
        self._lock = threading.Lock()

    def base_models(self) -> BaseModels:
        """Return this process's base models; the first task prepares them, the others wait.

        Raises:
            EngineError: this worker runs other versions than the client.
        """
        here = software_versions(self._libraries)
        if here != self._versions:
            raise EngineError(f"a worker runs {here}, the client {self._versions}")
        with self._lock:
            if self._base is None:
                source: Source = cloudpickle.loads(self._source)
                self._base, self._source = source.base_models(), b""
            return self._base


class DeafToInterrupts(WorkerPlugin):
    """For workers in the client's own terminal: a Ctrl-C there is the client's to answer."""

    def setup(self, worker: Any) -> None:
        """Ignore SIGINT; a worker's event loop has its process's main thread."""
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, signal.SIG_IGN)


def train_shard(
    plugin: str, k: int, seed: int, models: range, keep: bool
) -> Shard | LearnerError | EngineError:
    """Return a shard, or the error that a second try would meet again."""
    try:
        carrier: Any = get_worker().plugins[plugin]
        base: BaseModels = carrier.base_models()
        return Shard.of(models, base.predict(k, seed, models), base.classes, keep=keep)
    except (LearnerError, EngineError) as error:
        return error

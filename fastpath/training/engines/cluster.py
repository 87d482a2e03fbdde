"""Training as tasks of a dask cluster, each shard one task.

Trust: dask's scheduler and workers run whatever code a client sends them, as pickles. They are one
party with the client; a scheduler's address must not be reachable by anybody else. The cluster
that is started here for want of an address listens on this machine alone, under TLS with keys made
for the occasion, since other users of the machine could connect to it too.
"""

import logging
import multiprocessing
import os
import uuid
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from typing import TYPE_CHECKING, Final

from bagcert.fastpath.learners import libraries_of
from bagcert.fastpath.training.engines.base import EngineError, Work
from bagcert.fastpath.training.engines.sources import Mapped, Source, Travelled
from bagcert.fastpath.training.shards import Shard
from bagcert.reference.arithmetic.arguments import as_integer

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["DaskEngine"]

#: Times that a task is tried again after an error that is not the learner's.
RETRIES: Final = 3
#: Shards that are under way for each worker thread: one at work, one on its way.
AHEAD: Final = 2
#: Seconds for a scheduler to answer.
PATIENCE: Final = 30
#: Most processes that are started on this machine.
MAX_WORKERS: Final = 1024


class DaskEngine:
    """Shards as tasks of a dask cluster: a worker that dies loses nothing but its time.

    Given an address, workers must be able to import bagcert, of this version; the data set
    travels to each worker process once, which prepares features once and keeps them. Without
    one, ``workers`` processes are started here, for as long as the run takes; features are
    prepared once, by this process, and the workers map them into memory as files.

    Args:
        scheduler: the address of a running scheduler, or None.
        workers: processes to start, in [1, 1024]; one for each core if None.

    Raises:
        TypeError: ``workers`` is not an integer.
        ValueError: ``workers`` is outside its domain, or an address was given as well.
    """

    def __init__(self, scheduler: str | None = None, workers: int | None = None) -> None:
        if scheduler is not None and workers is not None:
            raise ValueError("workers: a scheduler has workers of its own; name one of the two")
        if workers is not None:
            workers = as_integer("workers", workers, 1, MAX_WORKERS)
        self._scheduler, self._workers = scheduler, workers

    def run(
        self,
        work: Work,
        shards: Sequence[range],
        preparing: Callable[[int, int], None] | None = None,
    ) -> Generator[Shard, None, None]:
        """Yield the shards as they are finished
        (:class:`~bagcert.fastpath.training.engines.base.Engine`).

        Raises:
            ModuleNotFoundError: dask's ``distributed`` is not installed.
        """
        if not shards:
            return
        with ExitStack() as stack:
            stack.enter_context(_quiet())
            source: Source
            if self._scheduler is None:
                source = stack.enter_context(Mapped.made(work, shards, preparing))
                client = self._started(stack)
            else:
                source = Travelled(work.dataset, work.learner, work.drawn(shards))
                client = _connected(self._scheduler, stack)
            results = _results(client, source, work, shards)
            stack.callback(results.close)
            while True:
                with _lost(self._scheduler or "the cluster on this machine"):
                    found = next(results, None)
                if found is None:
                    return
                if not isinstance(found, Shard):
                    raise found
                yield found

    def _started(self, stack: ExitStack) -> "Client":
        from distributed import Client, LocalCluster
        from distributed.security import Security

        from bagcert.fastpath.training.engines.worker import DeafToInterrupts

        security = Security.temporary()
        with _script_is_guarded():
            cluster = LocalCluster(
                n_workers=self._workers or os.cpu_count(),
                threads_per_worker=1,
                host="127.0.0.1",
                protocol="tls",
                security=security,
                dashboard_address="127.0.0.1:0",
                memory_limit=None,  # mapped files would count as each worker's own
                silence_logs=logging.CRITICAL,
            )
        stack.enter_context(cluster)
        client = stack.enter_context(
            _closed(Client(cluster, security=security, set_as_default=False))
        )
        client.register_plugin(DeafToInterrupts())
        return client


@contextmanager
def _closed(client: "Client") -> Iterator["Client"]:
    """Close a client in the end, and say nothing if that fails.

    With its scheduler gone it may fail in any way (a RuntimeError of asyncio's, now and then). By
    then every shard was yielded, or an error that says what happened is on its way.
    """
    try:
        yield client
    finally:
        with suppress(Exception):
            client.close()


@contextmanager
def _script_is_guarded() -> Iterator[None]:
    """Say in one line what a script lacks whose worker processes run it again from its start.

    A process that multiprocessing has just started imports the script that it came from. If that
    starts processes in turn it cannot go on, and its parent waits in vain.

    Raises:
        EngineError: in the parent.
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise SystemExit(1)
    try:
        yield
    except RuntimeError as error:
        raise EngineError(
            "engine: no worker process could start; a script needs the line "
            "if __name__ == '__main__': before what it does, or its workers would do it again"
        ) from error


def _connected(scheduler: str, stack: ExitStack) -> "Client":
    from distributed import Client
    from distributed.comm.addressing import parse_address, parse_host_port
    from distributed.comm.registry import get_backend

    try:  # first: a client that was given no address keeps its process alive for a minute
        scheme, location = parse_address(scheduler)
        get_backend(scheme)
        parse_host_port(location)
    except ValueError as error:
        raise EngineError(f"engine: {scheduler} is no address: {error}") from error
    with _lost(scheduler):
        client = stack.enter_context(
            _closed(Client(scheduler, timeout=PATIENCE, set_as_default=False))
        )
        client.wait_for_workers(1, timeout=PATIENCE)
    return client


def _results(
    client: "Client", source: Source, work: Work, shards: Sequence[range]
) -> Generator[Shard | BaseException | None, None, None]:
    from distributed import KilledWorker, as_completed

    from bagcert.fastpath.training.engines.worker import BaseModelsPlugin, train_shard

    waiting = iter(shards)
    running = as_completed(loop=client.loop)

    def send(count: int) -> None:
        for models in islice(waiting, max(count, 0)):
            running.add(
                client.submit(
                    train_shard,
                    name,
                    work.k,
                    work.seed,
                    models,
                    work.keep_predictions,
                    retries=RETRIES,
                    pure=False,
                )
            )

    name = f"bagcert-{uuid.uuid4()}"
    client.register_plugin(BaseModelsPlugin(source, libraries_of(work.learner)), name=name)
    try:
        send(_window(client))
        for future in running:
            found: Shard | BaseException | None = None
            if future.status == "error":
                found = future.exception()
            if found is None or isinstance(found, KilledWorker):
                found = future.result()
            future.release()
            send(_window(client) - running.count())
            yield found
    finally:
        with suppress(Exception):  # as in _closed
            client.unregister_worker_plugin(name)


def _window(client: "Client") -> int:
    """Return how many shards may be under way: workers may come and go meanwhile."""
    threads: int = sum(client.nthreads().values())
    return AHEAD * max(1, threads)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep dask's client from logging tracebacks of what :func:`_lost` says in one line."""
    import distributed  # noqa: F401  # its import sets the level

    logger = logging.getLogger("distributed.client")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


@contextmanager
def _lost(where: str) -> Iterator[None]:
    """Say in one line what became of the cluster."""
    from distributed import CancelledError, KilledWorker

    try:
        yield
    except KilledWorker as error:
        raise EngineError(
            f"engine: several workers died on the same shard, for want of memory perhaps: {error}"
        ) from error
    except (OSError, CancelledError) as error:  # dask's timeouts and closed connections are both
        reason = " ".join(str(error).split())
        raise EngineError(f"engine: no connection to {where}: {reason}") from error

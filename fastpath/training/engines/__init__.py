"""Where base models are trained: in this process, or as tasks of a dask cluster."""

from bagcert.fastpath.training.engines.base import Engine, EngineError, Work
from bagcert.fastpath.training.engines.cluster import DaskEngine
from bagcert.fastpath.training.engines.local import LocalEngine

__all__ = ["ENGINES", "DaskEngine", "Engine", "EngineError", "LocalEngine", "Work", "load_engine"]

#: The names that :func:`load_engine` knows.
ENGINES = ("local", "dask")


def load_engine(name: str, scheduler: str | None = None, workers: int | None = None) -> Engine:
    """Return the engine called ``name``.

    Args:
        name: one of :data:`ENGINES`.
        scheduler: for dask: the address of a running scheduler, such as ``tcp://host:8786``.
        workers: for dask without a scheduler: processes started on this machine.

    Raises:
        ValueError: no such engine, or an option that it does not have.
        TypeError: ``workers`` is not an integer.
    """
    if name == "dask":
        return DaskEngine(scheduler, workers)
    if name != "local":
        raise ValueError(f"engine: there is no {name!r}; there is {', '.join(ENGINES)}")
    if scheduler is not None or workers is not None:
        raise ValueError("engine: local has no scheduler and no workers; choose dask")
    return LocalEngine()

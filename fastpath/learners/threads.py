"""Many small models on few cores: models side by side, and each in one thread of linear algebra.

A threaded product of a hundred rows spends its time waiting for its other threads, all the more on
a machine with other work; and how many threads it has may decide how it rounds. One thread a model
is faster, and leaves votes the same on any number of cores.
"""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import lru_cache
from typing import Final, TypeVar

from threadpoolctl import ThreadpoolController

__all__ = ["one_thread", "one_torch_thread", "side_by_side"]

_Found = TypeVar("_Found")
#: BLAS's number of threads is one for the whole process: two callers would undo each other's.
_ONE_THREAD: Final = threading.RLock()
#: In a thread that solves beside others: BLAS is held already, by the thread that waits for them.
_BESIDE: Final = threading.local()


def one_thread() -> AbstractContextManager[object]:
    """Hold BLAS and OpenMP to one thread for the block: every library of them that is loaded.

    A block that loads one for the first time is not held by it; the next block is.
    """
    held: AbstractContextManager[object] = _libraries(len(sys.modules)).limit(limits=1)
    return held


@lru_cache(maxsize=1)
def _libraries(modules: int) -> ThreadpoolController:
    """Find the libraries that are loaded: slow beside a small model, and they come with modules."""
    return ThreadpoolController()


def side_by_side(
    solve: Callable[[int], _Found],
    models: int,
    finished: Callable[[int], object] = lambda model: None,
) -> list[_Found]:
    """Return ``[solve(0), ..., solve(models - 1)]``, as many at a time as there are cores.

    ``solve`` must be safe to call in several threads; one model alone is solved in the calling
    thread. BLAS has one thread throughout. ``finished`` is called with each index, in order, by
    the calling thread.

    Raises:
        Whatever ``solve`` raises, of the first model that does.
    """
    results = []
    with ExitStack() as held:
        solved: Callable[..., Iterator[_Found]] = map
        if not getattr(_BESIDE, "others", False):
            held.enter_context(_ONE_THREAD)
            held.enter_context(one_thread())
            if models > 1:
                solved = held.enter_context(ThreadPoolExecutor(os.cpu_count(), "", _beside)).map
        for model, found in enumerate(solved(solve, range(models))):
            results.append(found)
            finished(model)
    return results


def _beside() -> None:
    _BESIDE.others = True


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """In the calling thread: torch's sums are then split alike on every number of cores."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)

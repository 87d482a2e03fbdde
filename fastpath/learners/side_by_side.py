"""Many small models on few cores: models side by side, and each in one thread of linear algebra.

A threaded product of a hundred rows spends its time waiting for its other threads, all the more on
a machine with other work; and how many threads it has may decide how it rounds. One thread a model
is faster, and leaves votes the same on any number of cores.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from threadpoolctl import threadpool_limits

__all__ = ["side_by_side"]

_Found = TypeVar("_Found")


def side_by_side(solve: Callable[[int], _Found], models: int) -> list[_Found]:
    """Return ``[solve(0), ..., solve(models - 1)]``, as many at a time as there are cores.

    ``solve`` must be safe to call in several threads. BLAS has one thread throughout.

    Raises:
        Whatever ``solve`` raises, of the first model that does.
    """
    with threadpool_limits(1), ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(solve, range(models)))

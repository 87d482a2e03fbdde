"""Models side by side: in order, one thread of BLAS each, whoever else calls."""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from bagcert.fastpath.learners.threads import side_by_side


def blas_threads() -> list[int]:
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


def test_results_and_calls_are_in_order() -> None:
    seen: list[int] = []

    def slow_first(model: int) -> int:
        time.sleep(0.05 * (model == 0))
        return model * model

    assert side_by_side(slow_first, 5, seen.append) == [0, 1, 4, 9, 16]
    assert seen == [0, 1, 2, 3, 4]
    assert side_by_side(slow_first, 0) == []
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda model: 1 // (model - 2), 4)


def test_two_callers_do_not_undo_each_other() -> None:
    def threads(model: int) -> list[int]:
        time.sleep(0.1)
        return blas_threads()

    np.eye(2) @ np.eye(2)  # BLAS is at hand
    before = blas_threads()
    with ThreadPoolExecutor(2) as callers:
        first = callers.submit(side_by_side, threads, 2)
        time.sleep(0.05)
        second = callers.submit(side_by_side, threads, 4)
        for found in (*first.result(), *second.result()):
            assert set(found) == {1}
    assert blas_threads() == before

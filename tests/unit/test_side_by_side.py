"""Models side by side: in order, one thread of BLAS each, whoever else calls."""

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_info, threadpool_limits

from bagcert.fastpath.learners.sklearn_models import fit_base_model
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


def test_it_may_be_called_within_itself() -> None:
    """By models beside others, which then do their own one after the other, and by one alone."""

    def inner(model: int) -> tuple[int, list[int]]:
        time.sleep(0.01)
        return threading.get_ident(), blas_threads()

    def outer(model: int) -> list[tuple[int, list[int]]]:
        return side_by_side(inner, 3)

    found: list[list[list[tuple[int, list[int]]]]] = []

    def run() -> None:
        found.extend(side_by_side(outer, models) for models in (1, 2))

    np.eye(2) @ np.eye(2)  # BLAS is at hand
    before = blas_threads()
    caller = threading.Thread(target=run, daemon=True)
    caller.start()
    caller.join(60)
    assert not caller.is_alive(), "it waits for itself"
    for of_models in found:
        for of_one in of_models:
            assert [threads for _, threads in of_one] == [[1] * len(before)] * 3
    for of_one in found[1]:
        assert len({thread for thread, _ in of_one}) == 1
    assert blas_threads() == before


def test_one_model_is_solved_by_its_caller() -> None:
    assert side_by_side(lambda model: threading.get_ident(), 1) == [threading.get_ident()]
    assert threading.get_ident() not in side_by_side(lambda model: threading.get_ident(), 2)


class Watching(DecisionTreeClassifier):  # type: ignore[misc]
    """A tree that remembers how many threads there were while it was fitted, and asked."""

    def fit(self, X: Any, y: Any) -> "Watching":
        self.fitted_with_ = every_pool()
        super().fit(X, y)
        return self

    def predict(self, X: Any) -> Any:
        self.asked_with_ = every_pool()
        return super().predict(X)


def every_pool() -> list[int]:
    return [pool["num_threads"] for pool in threadpool_info()]


def test_a_base_model_of_scikit_learn_has_one_thread() -> None:
    rows, labels = np.eye(6), np.arange(6) % 2
    with threadpool_limits(3):
        before = every_pool()
        assert 3 in before
        for seed in range(2):  # the second finds the libraries by memory
            made = fit_base_model(Watching(), rows, labels, seed)
            assert made.predict(rows).tolist() == labels.tolist()
            assert set(made.model.fitted_with_) == set(made.model.asked_with_) == {1}
            assert every_pool() == before


#: numpy's BLAS is there from the first; scikit-learn brings another, and OpenMP.
LATER = """
from threadpoolctl import threadpool_info, threadpool_limits
from bagcert.fastpath.learners.threads import one_thread

with one_thread():
    first = len(threadpool_info())
import sklearn.tree

with threadpool_limits(3):
    with one_thread():
        found = [pool["num_threads"] for pool in threadpool_info()]
    after = [pool["num_threads"] for pool in threadpool_info()]
assert len(found) > first, "nothing was loaded in between: the test shows nothing"
assert set(found) == {1}, found
assert set(after) == {3}, after
"""


def test_libraries_that_are_loaded_later_are_held_too() -> None:
    ran = subprocess.run([sys.executable, "-c", LATER], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr

"""Kernel ridge: against a plain second route, ties, duplicates, isolation of models."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from bagcert.fastpath.learners import (
    KernelRidge,
    LearnerError,
    Subsamples,
    learner_names,
    load_learner,
)

NONE = np.zeros(1, dtype=np.uint64)


def one(
    x: ArrayLike,
    y: ArrayLike,
    tested: ArrayLike,
    learner: KernelRidge | None = None,
    classes: int = 3,
) -> Any:
    batch = Subsamples(np.array([x], float), np.array([y]), classes)
    return (learner or KernelRidge()).fit_predict(batch, np.array(tested, float), NONE)[0].tolist()


def test_equals_the_plain_formula() -> None:
    rng = np.random.default_rng(0)
    x, y, tested = rng.random((8, 4)), rng.integers(0, 3, 8), rng.random((50, 4))
    learner = KernelRidge(0.7, 0.05)

    def kernel(a: NDArray[Any], b: NDArray[Any]) -> list[list[float]]:
        return [
            [math.exp(-0.7 * sum((p - q) ** 2 for p, q in zip(u, v, strict=True))) for v in b]
            for u in a
        ]

    given = np.array([[(c == label) - 1 / 3 for c in range(3)] for label in y])
    scores = kernel(tested, x) @ np.linalg.inv(np.array(kernel(x, x)) + 0.05 * np.eye(8)) @ given
    assert one(x, y, tested, learner) == scores.argmax(axis=1).tolist()


def test_smaller_label_wins_a_tie() -> None:
    # No label 0 or 2 anywhere near the far point: every score underflows to zero there.
    assert one([[0.0]], [1], [[0.0], [1e9]]) == [1, 0]


def test_duplicates_and_a_single_label_are_fine() -> None:
    assert one([[0.5], [0.5], [0.5]], [2, 2, 2], [[0.5], [0.4]]) == [2, 2]
    assert one([[0.5], [0.5], [0.5]], [2, 1, 2], [[0.5]]) == [2]


def test_models_do_not_see_each_other_or_the_seeds() -> None:
    rng = np.random.default_rng(1)
    x, y, tested = rng.random((30, 20, 64)), rng.integers(0, 10, (30, 20)), rng.random((40, 64))
    learner = KernelRidge()
    together = learner.fit_predict(Subsamples(x, y, 10), tested, np.zeros(30, np.uint64))
    for i in range(30):
        alone = Subsamples(x[i : i + 1], y[i : i + 1], 10)
        assert (learner.fit_predict(alone, tested, NONE + np.uint64(9)) == together[i]).all()


def test_scores_that_are_not_finite_name_the_row() -> None:
    batch = Subsamples(np.array([[[0.0]], [[np.nan]]]), np.array([[0], [0]]), 2)
    with pytest.raises(LearnerError, match="finite") as caught:
        KernelRidge().fit_predict(batch, np.array([[0.0]]), np.zeros(2, np.uint64))
    assert caught.value.row == 1


def test_settings_read_back() -> None:
    learner = KernelRidge(0.1 + 0.2, 1e-3)
    assert load_learner("kernel-ridge", learner.settings) == learner
    assert load_learner("kernel-ridge") == KernelRidge()
    assert learner.ignores_seed
    assert learner.name in learner_names()


@pytest.mark.parametrize("bad", [0.0, -1.0, math.inf, math.nan])
@pytest.mark.parametrize("name", ["gamma", "lam"])
def test_settings_outside_their_domain(name: str, bad: float) -> None:
    with pytest.raises(ValueError, match=f"{name} must be positive"):
        KernelRidge(**{name: bad})
    with pytest.raises(ValueError, match=f"learner_settings: {name}"):
        load_learner("kernel-ridge", {name: repr(bad)})


def test_unknown_names() -> None:
    with pytest.raises(ValueError, match=r"there is .*kernel-ridge"):
        load_learner("forest")
    with pytest.raises(ValueError, match="'width' is unknown"):
        load_learner("kernel-ridge", {"width": "1"})
    with pytest.raises(TypeError, match="gamma must be a float"):
        KernelRidge(gamma=True)


def test_features_are_the_example_flat() -> None:
    assert KernelRidge().features(np.array([[1, 2], [3, 4]])).tolist() == [1.0, 2.0, 3.0, 4.0]

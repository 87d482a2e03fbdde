"""Logistic regression with a ridge: against Newton's method in plain numpy, and at its edges."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bagcert.fastpath.learners import LearnerError, LogisticRegression, Subsamples, load_learner

NONE = np.zeros(1, np.uint64)


def newton(x: NDArray[Any], y: NDArray[Any], classes: int, lam: float) -> NDArray[Any]:
    """The minimum in all (d + 1) c coordinates, by the full Hessian."""
    z = np.column_stack([x, np.ones(len(x))])
    weights = np.zeros((z.shape[1], classes))
    for _ in range(60):
        scores = z @ weights
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        gradient = z.T @ (p - np.eye(classes)[y]) + lam * weights
        hessian = lam * np.eye(weights.size)
        for row, q in zip(z, p, strict=True):
            hessian += np.kron(np.outer(row, row), np.diag(q) - np.outer(q, q))
        weights -= np.linalg.solve(hessian, gradient.ravel()).reshape(weights.shape)
    assert np.abs(gradient).max() < 1e-9
    return weights


@pytest.mark.parametrize(("k", "d", "lam"), [(12, 4, 0.1), (5, 9, 1.0), (1, 3, 0.5)])
def test_equals_newtons_method(k: int, d: int, lam: float) -> None:
    rng = np.random.default_rng(k)
    x, y, tested = rng.random((k, d)), rng.integers(0, 3, k), rng.random((200, d))
    x[-1] = x[0]  # an example drawn twice
    due = newton(x, y, 3, lam)
    found = LogisticRegression(lam)._fitted(x, y, 3, 0)
    np.testing.assert_allclose(found, due, atol=1e-6)
    labels = LogisticRegression(lam).fit_predict(Subsamples(x[None], y[None], 3), tested, NONE)
    assert (labels[0] == (tested @ due[:-1] + due[-1]).argmax(axis=1)).all()


def test_one_class_has_a_minimum_and_wins() -> None:
    x, y = np.random.default_rng(0).random((1, 6, 4)), np.full((1, 6), 2)
    labels = LogisticRegression(1e-3).fit_predict(Subsamples(x, y, 4), x[0], NONE)
    assert (labels == 2).all()


def test_smaller_label_wins_a_tie_and_zero_features_are_fine() -> None:
    x, y = np.zeros((1, 2, 3)), np.array([[2, 1]])
    assert LogisticRegression().fit_predict(Subsamples(x, y, 3), np.zeros((1, 3)), NONE) == 1


def test_models_do_not_see_each_other_or_the_seeds() -> None:
    rng = np.random.default_rng(1)
    x, y, tested = rng.random((9, 20, 30)), rng.integers(0, 5, (9, 20)), rng.random((40, 30))
    together = LogisticRegression().fit_predict(Subsamples(x, y, 5), tested, np.zeros(9, np.uint64))
    for i in range(9):
        alone = Subsamples(x[i : i + 1], y[i : i + 1], 5)
        found = LogisticRegression().fit_predict(alone, tested, NONE + np.uint64(i))
        assert (found == together[i]).all()


def test_values_that_are_not_finite_name_the_row() -> None:
    x = np.ones((2, 3, 2))
    x[1, 0, 0] = np.nan
    batch = Subsamples(x, np.zeros((2, 3), int), 2)
    with pytest.raises(LearnerError, match="not finite") as caught:
        LogisticRegression().fit_predict(batch, np.ones((1, 2)), np.zeros(2, np.uint64))
    assert caught.value.row == 1


def test_settings_read_back() -> None:
    learner = LogisticRegression(0.1 + 0.2)
    assert load_learner("logistic-regression", learner.settings) == learner
    assert learner.ignores_seed
    for bad in ("0", "nan", "x", "1e9"):
        with pytest.raises(ValueError, match=r"learner_settings: .*lam"):
            load_learner("logistic-regression", {"lam": bad})
    with pytest.raises(TypeError, match="lam must be a float"):
        LogisticRegression(1)

"""Manifold regularisation by unlabelled digits, and the classes that a list lacks."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bagcert.fastpath.datasets import Dataset
from bagcert.fastpath.learners import LearnerError, ManifoldRidge, Subsamples, load_learner
from bagcert.fastpath.learners.wavelets.manifold_ridge import CONTRAST, NEIGHBOURS
from bagcert.fastpath.learners.wavelets.metric import DIRECTIONS, enlarged_digits
from bagcert.fastpath.training.ensemble import train_votes
from tests.blots import blots

MODULE = "bagcert.fastpath.learners.wavelets.manifold_ridge"
SEED = np.zeros(1, np.uint64)


def dataset(train: NDArray[np.float32]) -> Dataset:
    labels = np.arange(len(train)) % 2
    return Dataset("blots", train, labels, blots(20, 1), np.arange(20) % 2, 3, ("a", "b", "c"))


def test_votes_know_tall_from_broad_and_can_be_made_again() -> None:
    learner = ManifoldRidge()
    data = dataset(blots(40))
    votes = train_votes(data, learner, 6, 40, 1)
    assert (votes.counts.argmax(axis=1) == data.test_y).mean() >= 0.9
    assert load_learner("manifold-ridge", learner.settings) == learner
    assert votes.header is not None
    assert votes.header.learner == "manifold-ridge"
    assert votes.header.looked_at == ("mnist", "mnist17")
    with pytest.raises(ValueError, match=r"unseen must lie in \[0.0, 1.0\]"):
        load_learner("manifold-ridge", {"unseen": "-0.1"})
    with pytest.raises(ValueError, match="smoothness must be positive"):
        load_learner("manifold-ridge", {"smoothness": "0.0"})
    with pytest.raises(LearnerError, match="manifold-ridge wants images"):
        learner.features(np.zeros((8, 8)))


def test_the_kernel_is_that_of_a_penalty_on_the_digits_differences(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By the textbook's other route: one system of drawn examples and digits together.

    f = Σ a_i K(., z_i) over all points z minimises Σ (y - f)² over the drawn ones + λ f' f in the
    kernel's norm + λ μ f' L f over the digits: (J K + λ I + λ μ L K) a = y.
    """
    images, labels = enlarged_digits(CONTRAST)
    few = images[:60], labels[:60]
    monkeypatch.setattr(f"{MODULE}.enlarged_digits", lambda contrast: few)
    monkeypatch.setattr(f"{MODULE}.KEPT", 60)
    learner = ManifoldRidge(gamma=3.0, lam=0.02, smoothness=4.0, unseen=0.0)  # of no other test
    drawn, tested = images[100:107], images[200:230]
    given = labels[100:107]
    x, y = learner.features_of(drawn), learner.features_of(tested)
    assert x.shape == (7, DIRECTIONS + 60)
    every = np.concatenate([few[0], drawn, tested])
    near = learner.features_of(every)[:, :DIRECTIONS].astype(np.float64)
    kernel = np.exp(-2 * 3.0 * (1 - near @ near.T))
    like = near[:60] @ near[:60].T
    np.fill_diagonal(like, -2)
    linked = np.zeros((60, 60))
    for row in range(60):
        linked[row, np.argsort(-like[row])[:NEIGHBOURS]] = 1
    linked = np.maximum(linked, linked.T)
    size = 1 / np.sqrt(linked.sum(axis=1))
    laplacian = np.zeros((67, 67))
    laplacian[:60, :60] = np.eye(60) - size[:, None] * linked * size
    shown = np.diag([0.0] * 60 + [1.0] * 7)
    targets = np.concatenate([np.zeros((60, 10)), np.eye(10)[given] - 0.1])
    inner = kernel[:67, :67]
    system = shown @ inner + 0.02 * np.eye(67) + 0.02 * 4.0 * laplacian @ inner
    expected = kernel[67:, :67] @ np.linalg.solve(system, targets)
    products = learner._kernel(x, x).astype(np.float64) + 0.02 * np.eye(7)
    scores = learner._kernel(y, x) @ np.linalg.solve(products, targets[60:])
    np.testing.assert_allclose(scores, expected, atol=1e-3)
    assert np.abs(scores - kernel[67:, 60:67] @ np.linalg.solve(
        kernel[60:67, 60:67] + 0.02 * np.eye(7), targets[60:])).max() > 0.02  # fmt: skip
    found = learner.fit_predict(Subsamples(x[None], given[None], 10), y, SEED)[0]
    np.testing.assert_array_equal(found, expected.argmax(axis=1))


def test_a_class_that_the_list_lacks_by_hand() -> None:
    """k = 1, one drawn example of class 2: its score is K(x) (1 - 1/c) / (1 + λ), the others'
    -K(x) / (c (1 + λ)): a lead of K(x) / (1 + λ), with K(x) = 1 where x is the drawn example, and
    exp(-2γ) where it is orthogonal to it."""
    rows = np.zeros((2, DIRECTIONS + 256), np.float32)
    rows[0, 0] = rows[1, 1] = 1
    batch = Subsamples(rows[None, :1], np.array([[2]]), 4)

    def labels(unseen: float, lam: float = 1.0) -> list[int]:
        learner = ManifoldRidge(unseen=unseen, lam=lam)
        return learner.fit_predict(batch, rows, SEED)[0].tolist()  # type: ignore[no-any-return]

    assert labels(0.0) == [2, 2]
    assert labels(0.4999) == [2, 3]  # the first class from 2 on that was not drawn
    assert labels(0.5001) == [3, 3]
    assert labels(0.3, lam=0.002) == [2, 3]
    among = ManifoldRidge(neighbours=5)  # one test example alone keeps its scores, and their lead
    assert among.fit_predict(batch, rows[:1], SEED).tolist() == [[2]]


@pytest.mark.parametrize(
    ("given", "best", "expected"),
    [
        ([0, 1, 2, 3], 2, 2),  # nothing lacks
        ([0, 2, 3], 3, 1),  # round the end
        ([2], 2, 3),
        ([3], 3, 0),
        ([1, 2, 2], 1, 3),
        ([0, 1], 1, 2),
    ],
)
def test_which_class_it_is(given: list[int], best: int, expected: int) -> None:
    scores: NDArray[Any] = np.full((4, 2), -0.1, np.float32)
    scores[given] = 0.0
    scores[best] = [0.125, 0.5]  # leads of 0.225 and 0.6
    found = ManifoldRidge()._labels(scores, np.array(given))
    np.testing.assert_array_equal(found, [expected, best])

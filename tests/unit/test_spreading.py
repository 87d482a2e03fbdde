"""Scores spread among test examples: the graph by a second route, and what learners owe for it."""

import numpy as np
import pytest
from numpy.typing import NDArray

from bagcert.fastpath.datasets import Dataset
from bagcert.fastpath.learners import (
    KernelRidge,
    MetricRidge,
    PriorRidge,
    Subsamples,
    is_transductive,
)
from bagcert.fastpath.learners.spreading import KEPT, ROUNDS, neighbour_graph, spread
from bagcert.fastpath.training.base_models import BaseModels
from bagcert.fastpath.training.ensemble import train_votes
from tests.blots import blots


def on_the_sphere(rows: int, dimensions: int = 5, seed: int = 0) -> NDArray[np.float32]:
    found = np.random.default_rng(seed).standard_normal((rows, dimensions)).astype(np.float32)
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return found


def by_sorting(features: NDArray[np.float32], neighbours: int) -> NDArray[np.float64]:
    """S from its definition, dense and slow."""
    like = features.astype(np.float64) @ features.T.astype(np.float64)
    w = np.zeros_like(like)
    for i, row in enumerate(like):
        others = sorted((j for j in range(len(row)) if j != i), key=lambda j: -row[j])
        for j in others[:neighbours]:
            w[i, j] = w[j, i] = 1
    size = 1 / np.sqrt(w.sum(axis=1))
    found: NDArray[np.float64] = size[:, None] * w * size
    return found


@pytest.mark.parametrize(
    ("examples", "neighbours"), [(2, 1), (9, 1), (9, 3), (9, 8), (9, 100), (256, 4), (257, 4)]
)
def test_the_graph_is_what_its_definition_says(examples: int, neighbours: int) -> None:
    """At 256 and 257 examples the last block is whole, and of one row."""
    features = on_the_sphere(examples)
    found = neighbour_graph(features, neighbours).toarray()
    np.testing.assert_allclose(found, by_sorting(features, neighbours), rtol=1e-6)
    assert not found.diagonal().any()
    np.testing.assert_array_equal(found, found.T)


def test_one_example_alone_keeps_its_scores() -> None:
    graph = neighbour_graph(on_the_sphere(1), 8)
    scores = np.array([[0.25, -0.5]], np.float32)
    np.testing.assert_allclose(spread(graph, scores), scores, rtol=1e-5)


def test_spread_scores_solve_the_equation() -> None:
    """F = a S F + (1 - a) Y but for a^ROUNDS of what F was at first: S has norm 1."""
    features = on_the_sphere(60)
    y = np.random.default_rng(1).standard_normal((60, 3)).astype(np.float32)
    s = by_sorting(features, 4)
    limit = np.linalg.solve(np.eye(60) - KEPT * s, (1 - KEPT) * y.astype(np.float64))
    found = spread(neighbour_graph(features, 4), y)
    left = np.linalg.matrix_power(KEPT * s, ROUNDS) @ (y - limit)
    np.testing.assert_allclose(found, limit + left, atol=1e-5)
    assert np.abs(left).max() > 1e-3  # so that the number of rounds is seen


def test_a_lonely_mistake_among_its_like_is_put_right() -> None:
    """Two clusters; each model knows one example of each, and scores one of the tests wrongly."""
    near, far = np.eye(2, dtype=np.float32)
    tests = np.stack([near] * 6 + [far] * 6) + np.linspace(0, 0.1, 24, dtype=np.float32).reshape(
        12, 2
    )
    tests /= np.linalg.norm(tests, axis=1, keepdims=True)
    scores = np.zeros((12, 2), np.float32)
    scores[:6, 0] = scores[6:, 1] = 0.5
    scores[2] = (0.0, 0.4)
    found = spread(neighbour_graph(tests, 3), scores).argmax(axis=1)
    assert scores.argmax(axis=1).tolist() == [0, 0, 1, 0, 0, 0] + [1] * 6
    assert found.tolist() == [0] * 6 + [1] * 6


@pytest.mark.parametrize("kind", [MetricRidge, PriorRidge])
def test_labels_depend_on_the_other_test_images_and_on_no_undrawn_one(
    kind: type[MetricRidge],
) -> None:
    """Alone in the test set an image has the label that it has without neighbours."""
    drawn, tests = blots(3, 0), blots(40, 1)
    among, alone = kind(neighbours=5), kind()
    x = alone.features_of(drawn)
    batch = Subsamples(x[None], np.array([[0, 0, 1]]), 10)
    rows, seed = alone.features_of(tests), np.zeros(1, np.uint64)
    together = among.fit_predict(batch, rows, seed)[0]
    each = [among.fit_predict(batch, rows[i : i + 1], seed)[0, 0] for i in range(40)]
    np.testing.assert_array_equal(each, alone.fit_predict(batch, rows, seed)[0])
    assert (together != each).any()


def test_votes_say_so() -> None:
    train = blots(30, 0)
    data = Dataset(
        "blots", train, np.arange(30) % 2, blots(20, 1), np.arange(20) % 2, 2, ("a", "b")
    )
    for learner, due in ((MetricRidge(), None), (MetricRidge(neighbours=2), True)):
        header = train_votes(data, learner, 4, 2, 1).header
        assert header is not None
        assert header.transductive is due
    assert not is_transductive(KernelRidge())
    base = BaseModels.prepare(data, MetricRidge(neighbours=2))
    several = base.predict(4, 1, range(5))
    for model in range(5):
        np.testing.assert_array_equal(base.predict(4, 1, [model])[0], several[model])


def test_what_is_known_beforehand_is_spread_as_well() -> None:
    images = blots(40, 1)
    alone, among = PriorRidge(), PriorRidge(neighbours=5)
    rows = alone.features_of(images)
    scores = rows[:, -10:]
    np.testing.assert_array_equal(alone.expected(rows), scores.argmax(axis=1))
    graph = neighbour_graph(rows[:, :128], 5)
    np.testing.assert_array_equal(among.expected(rows), spread(graph, scores).argmax(axis=1))
    assert (among.expected(rows) != alone.expected(rows)).any()

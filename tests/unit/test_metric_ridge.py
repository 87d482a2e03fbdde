"""The learner in a metric that ignores deformations: what it owes, and what the metric is."""

from functools import partial
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from threadpoolctl import threadpool_info, threadpool_limits

from bagcert.fastpath.datasets import Dataset
from bagcert.fastpath.draws.lists import draw
from bagcert.fastpath.learners import (
    EnlargedRidge,
    LearnerError,
    ManifoldRidge,
    MetricRidge,
    PriorRidge,
    Subsamples,
    load_learner,
)
from bagcert.fastpath.learners.wavelets import manifold_ridge, prior_ridge
from bagcert.fastpath.learners.wavelets import metric as metrics
from bagcert.fastpath.learners.wavelets.deskew import deskew
from bagcert.fastpath.learners.wavelets.metric import (
    DIRECTIONS,
    directions,
    enlarged_digits,
    metric,
    moved,
)
from bagcert.fastpath.learners.wavelets.metric_ridge import gaussian
from bagcert.fastpath.learners.wavelets.prior_ridge import CONTRASTS
from bagcert.fastpath.training.base_models import BaseModels
from bagcert.fastpath.training.ensemble import train_votes
from tests.blots import blots


def dataset(train: NDArray[np.float32], classes: int = 2) -> Dataset:
    labels, names = np.arange(len(train)) % 2, tuple("abcdefghij"[:classes])
    return Dataset("blots", train, labels, blots(20, 1), np.arange(20) % 2, classes, names)


@pytest.mark.parametrize(
    "learner",
    [
        MetricRidge(),
        ManifoldRidge(),
        PriorRidge(),
        EnlargedRidge(),
        MetricRidge(neighbours=3),
        PriorRidge(neighbours=3),
    ],
)
def test_a_model_is_a_function_of_its_drawn_examples(learner: MetricRidge) -> None:
    """Neither another example of a block nor another model of a batch reaches it."""
    train = blots(300)
    base = BaseModels.prepare(dataset(train, 10), learner)
    several = base.predict(7, 3, range(6))
    for model in range(6):
        np.testing.assert_array_equal(base.predict(7, 3, [model])[0], several[model])
    # Every example that model 2 has not drawn is replaced: its labels stay, others' may not.
    kept = draw(3, 2, 300, 7)
    other = blots(300, 9)
    other[kept] = train[kept]
    again = BaseModels.prepare(dataset(other, 10), learner).predict(7, 3, [2])[0]
    np.testing.assert_array_equal(again, several[2])


def test_votes_know_tall_from_broad_and_can_be_made_again() -> None:
    learner = MetricRidge()
    data = dataset(blots(40))
    votes = train_votes(data, learner, 6, 40, 1)
    assert (votes.counts.argmax(axis=1) == data.test_y).mean() >= 0.9
    again = load_learner("metric-ridge", learner.settings)
    assert again == learner
    assert again.settings == {"gamma": "25.0", "lam": "0.01", "neighbours": "0"}
    assert votes.header is not None
    assert votes.header.versions is not None
    assert {"scikit-learn", "scipy"} <= set(votes.header.versions)


def test_other_shapes_and_settings_are_refused() -> None:
    with pytest.raises(LearnerError, match="wants images"):
        MetricRidge().features(np.zeros((8, 8)))
    with pytest.raises(ValueError, match="gamma must be positive"):
        load_learner("metric-ridge", {"gamma": "0.0"})
    with pytest.raises(ValueError, match="lamb"):
        load_learner("metric-ridge", {"lamb": "1.0"})
    with pytest.raises(ValueError, match=r"correlation must lie in \[0.0, 1.0\]"):
        load_learner("prior-ridge", {"correlation": "1.5"})
    assert PriorRidge().settings["correlation"] == "0.7"
    for refused in ("-1", "1001", "1.0"):
        with pytest.raises(ValueError, match="neighbours"):
            load_learner("metric-ridge", {"neighbours": refused})


def test_an_equation_solved_by_hand() -> None:
    """k = 1: K + λ = 1 + λ, so every score is a positive multiple of Y - 1/c: the drawn label."""
    rows = np.eye(DIRECTIONS, dtype=np.float32)[:4]
    batch = Subsamples(rows[None, :1], np.array([[2]]), 3)
    found = MetricRidge().fit_predict(batch, rows, np.zeros(1, np.uint64))
    np.testing.assert_array_equal(found, [[2, 2, 2, 2]])
    np.testing.assert_allclose(gaussian(rows, rows, 0.5), np.exp(np.eye(4) - 1), rtol=1e-6)


def test_directions_are_the_generalised_eigenvectors() -> None:
    from scipy import linalg

    random = np.random.default_rng(0)
    features, changes = random.random((9, 12)), random.random((2, 9, 12))
    found = directions(features, iter(changes), ridge=0.1, kept=4)
    flat = changes.reshape(-1, 12)
    s = flat.T @ flat / len(flat)
    r = s + 0.1 * np.linalg.eigvalsh(s)[-1] * np.eye(12)
    values, vectors = linalg.eigh(features.T @ features, r)
    expected: Any = vectors[:, ::-1][:, :4]
    np.testing.assert_allclose(np.abs(found), np.abs(expected), rtol=1e-3, atol=1e-4)
    assert (np.diff(values[::-1][:4]) < 0).all()


def test_the_metric_shrinks_what_the_maps_do() -> None:
    images, labels = enlarged_digits()
    assert images.shape == (1797, 28, 28)
    assert images.min() >= 0
    assert images.max() <= 1
    assert np.unique(labels).tolist() == list(range(10))
    assert not images[:, :4].any()
    assert images[:, 4].any()
    sharp, same = enlarged_digits(3.0)
    np.testing.assert_array_equal(same, labels)
    np.testing.assert_allclose(sharp, np.clip(3 * images.astype(np.float64) - 1, 0, 1), atol=1e-6)
    assert metric().shape == (3456, DIRECTIONS)
    assert metric() is metric()
    some = images[:20]
    learner = MetricRidge()
    here = learner.features_of(some)
    between = 1 - (here @ here.T)[labels[:20, None] != labels[None, :20]].mean()
    for other in moved(some):
        apart = 1 - (here * learner.features_of(other)).sum(axis=1).mean()
        assert apart < between / 4


@pytest.mark.parametrize(
    ("module", "spied", "made"),
    [
        (metrics, "directions", partial(metrics.metric.__wrapped__, 1.0, 4)),
        (manifold_ridge, "leading", lambda: manifold_ridge._digits.__wrapped__(12.0, 15.0)),
        (prior_ridge, "leading", lambda: prior_ridge._digits.__wrapped__(PriorRidge())),
    ],
)
def test_what_is_made_of_the_digits_is_made_in_one_thread(
    monkeypatch: pytest.MonkeyPatch, module: Any, spied: str, made: Any
) -> None:
    """How many threads share a sum decides how it rounds, and so would the machine a label."""
    seen: list[int] = []
    few = tuple(part[:40] for part in enlarged_digits())

    def spy(*given: Any, **more: Any) -> Any:
        seen.extend(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
        raise LearnerError("seen")

    monkeypatch.setattr(module, "enlarged_digits", lambda contrast=1.0: few)
    monkeypatch.setattr(module, "metric", lambda *given: np.ones((3456, 4), np.float32))
    monkeypatch.setattr(module, spied, spy)
    with threadpool_limits(3), pytest.raises(LearnerError, match="seen"):
        made()
    assert set(seen) == {1}
    assert len(seen) > 1  # scipy's as well as numpy's


def test_each_map_moves_and_the_identity_would_not() -> None:
    images = enlarged_digits()[0][:3]
    seen = [other.tobytes() for other in moved(images)]
    assert len(set(seen)) == 8
    assert images.tobytes() not in seen


def test_size_goes_half_of_the_way() -> None:
    image = np.zeros((1, 28, 28), np.float32)
    image[0, 6:22, 10:18] = 1  # 16 rows: a spread of 4.61 pixels
    found = deskew(image, (5.5, 4.0))[0]
    rows, columns = found.sum(axis=1), found.sum(axis=0)

    def spread(masses: NDArray[np.float32]) -> float:
        places = np.arange(28)
        mean = (places * masses).sum() / masses.sum()
        return float(np.sqrt(((places - mean) ** 2 * masses).sum() / masses.sum()))

    # Not 4.61 or 5.5, and not 2.29 or 4.0; reading between pixels blurs a little.
    assert spread(rows) == pytest.approx((4.61 * 5.5) ** 0.5, rel=0.04)
    assert spread(columns) == pytest.approx((2.29 * 4.0) ** 0.5, rel=0.04)
    assert not deskew(np.zeros((1, 28, 28)), (5.5, 4.0)).any()


@pytest.mark.parametrize("correlation", [0.9, 0.5])
def test_the_prior_is_a_gaussian_process_that_has_seen_the_digits(
    monkeypatch: pytest.MonkeyPatch, correlation: float
) -> None:
    """With every eigenvector, drawn examples and digits in one system give the same scores."""
    shown = {contrast: enlarged_digits(contrast) for contrast in CONTRASTS}
    few = {contrast: (images[:40], labels[:40]) for contrast, (images, labels) in shown.items()}
    module = "bagcert.fastpath.learners.wavelets.prior_ridge"
    monkeypatch.setattr(f"{module}.enlarged_digits", few.get)
    monkeypatch.setattr(f"{module}.KEPT", 80)
    # Settings of no other test: the digits are kept.
    learner = PriorRidge(gamma=3.0, lam=0.02, correlation=correlation)
    drawn, given, tested = blots(5), np.array([3, 1, 1, 4, 9]), blots(30, 4)
    x, y = learner.features_of(drawn), learner.features_of(tested)
    assert x.shape == (5, 128 + 80 + 10)
    found = learner.fit_predict(Subsamples(x[None], given[None], 10), y, np.zeros(1, np.uint64))[0]
    every = np.concatenate([images for images, _ in few.values()] + [drawn, tested])
    near = learner.features_of(every)[:, :128].astype(np.float64)
    kernel = np.exp(-2 * 3.0 * (1 - near @ near.T))
    kernel[:80, 80:] *= correlation
    kernel[80:, :80] *= correlation
    noise = np.diag([0.04] * 80 + [0.02] * 5)
    labels = np.concatenate([labels for _, labels in few.values()] + [given])
    scores = kernel[85:, :85] @ np.linalg.solve(kernel[:85, :85] + noise, np.eye(10)[labels] - 0.1)
    np.testing.assert_array_equal(found, scores.argmax(axis=1))
    with pytest.raises(LearnerError, match="not 2 classes"):
        learner.fit_predict(Subsamples(x[None], given[None] % 2, 2), y, np.zeros(1, np.uint64))

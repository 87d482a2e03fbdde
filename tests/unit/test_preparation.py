"""Work done ahead of the draws: of one example at a time, or refused."""

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray
from threadpoolctl import threadpool_info, threadpool_limits

from bagcert.fastpath.datasets import Dataset, load_dataset
from bagcert.fastpath.learners import (
    KernelRidge,
    LearnerError,
    ScatteringRidge,
    Subsamples,
    load_learner,
)
from bagcert.fastpath.learners.wavelets.deskew import deskew
from bagcert.fastpath.learners.wavelets.scattering import FEATURES, scatter
from bagcert.fastpath.training.ensemble import train_votes
from bagcert.fastpath.training.preparation import (
    BLOCK,
    check_features,
    prepared_features,
    prepared_relations,
)


def images(m: int, seed: int = 0) -> NDArray[np.float32]:
    drawn = np.random.Generator(np.random.Philox(seed))
    found = np.zeros((m, 28, 28), np.float32)
    for image in found:  # a bright blot somewhere
        y, x = drawn.integers(4, 18, 2)
        image[y : y + 6, x : x + 4] = drawn.random((6, 4))
    return found


class Peeking:
    """A learner that centres on the mean of what it sees: the usual mistake."""

    name, ignores_seed, settings = "peeking", True, dict[str, str]()

    def features(self, example: NDArray[Any]) -> NDArray[Any]:
        return example.reshape(-1)

    def features_of(self, examples: NDArray[Any]) -> NDArray[Any]:
        flat = examples.reshape(len(examples), -1)
        return np.asarray(flat - flat.mean(axis=0))

    def fit_predict(
        self, batch: Subsamples, test_features: NDArray[Any], seeds: NDArray[np.uint64]
    ) -> NDArray[Any]:
        return np.zeros((len(batch.labels), len(test_features)), np.int64)


#: What BLAS had for threads when features were asked for, and in which thread.
ASKED: list[tuple[int, int]] = []


class Watching(Peeking):
    """A learner that peeks at nothing but the number of BLAS's threads."""

    def features_of(self, examples: NDArray[Any]) -> NDArray[Any]:
        pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
        ASKED.extend((threading.get_ident(), pool["num_threads"]) for pool in pools)
        return examples.reshape(len(examples), -1)


def test_features_are_asked_for_with_one_thread_of_linear_algebra() -> None:
    """The first block by the caller: what it loads and keeps is then there for the others."""
    many, here = images(3 * BLOCK), threading.get_ident()
    ASKED.clear()
    with threadpool_limits(3):
        features = prepared_features(Watching(), many)
        assert {threads for _, threads in ASKED} == {1}
        assert ASKED[0][0] == here
        assert {thread for thread, _ in ASKED} != {here}
        ASKED.clear()
        check_features(Watching(), many, features, np.arange(len(many)), range(len(many)))
        assert set(ASKED) == {(here, 1)}


def dataset(m: int = 300) -> Dataset:
    labels = np.arange(m) % 2
    return Dataset("blots", images(m), labels, images(40, 1), labels[:40], 2, ("a", "b"))


def test_a_learner_that_peeks_is_refused() -> None:
    with pytest.raises(LearnerError, match="change with the other examples"):
        train_votes(dataset(), Peeking(), 5, 3, 1)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda x: x.reshape(-1), "one row for each example"),
        (lambda x: x.reshape(len(x), -1)[:3], "one row for each example"),
        (lambda x: np.full((len(x), 2), np.nan), "not finite"),
        (lambda x: [[0.0]] * len(x), "one row for each example"),
    ],
)
def test_features_of_the_wrong_kind_are_named(wrong: Any, words: str) -> None:
    learner = Peeking()
    learner.features_of = wrong  # type: ignore[method-assign]
    with pytest.raises(LearnerError, match=words):
        prepared_features(learner, images(10))


@pytest.mark.parametrize("normalisation", ["none", "deskew"])
def test_features_are_of_single_examples(normalisation: str) -> None:
    learner = ScatteringRidge(normalisation=normalisation)
    many = images(BLOCK + 3)
    found = prepared_features(learner, many)
    assert found.shape == (BLOCK + 3, FEATURES)
    assert FEATURES == 960
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(learner.features(many[BLOCK + 1]), found[BLOCK + 1], atol=1e-5)
    assert (prepared_features(learner, many) == found).all()


def test_scattering_is_blind_to_brightness_and_nearly_to_a_small_shift() -> None:
    image = images(1)
    shifted = np.roll(image, 1, axis=2)
    turned = np.rot90(image, axes=(1, 2))
    base, bright, near, far = (scatter(x)[0] for x in (image, 3 * image, shifted, turned))
    np.testing.assert_allclose(base, bright, atol=1e-5)
    assert base @ near > 0.97
    assert base @ far < base @ near
    assert (scatter(np.zeros((1, 28, 28), np.float32)) == 0).all()
    with pytest.raises(ValueError, match="at most 32"):
        scatter(np.zeros((1, 33, 28)))


def test_deskewing_undoes_a_slant_and_a_shift() -> None:
    upright = np.zeros((1, 28, 28), np.float32)
    upright[0, 6:22, 13:15] = 1
    slanted = np.stack([np.roll(row, (y - 13) // 3 + 2) for y, row in enumerate(upright[0])])[None]
    fixed = deskew(slanted)[0]
    rows, columns = np.indices((28, 28))
    mass = fixed.sum()
    mean_y, mean_x = (rows * fixed).sum() / mass, (columns * fixed).sum() / mass
    assert abs(mean_y - 13.5) < 0.1
    assert abs(mean_x - 13.5) < 0.1
    covariance = ((rows - mean_y) * (columns - mean_x) * fixed).sum() / mass
    before = ((rows - rows.mean()) * (columns - columns.mean()) * slanted[0]).sum() / slanted.sum()
    assert abs(covariance) < abs(before) / 10
    assert (deskew(np.zeros((2, 28, 28), np.float32)) == 0).all()


def test_votes_do_not_depend_on_sharding() -> None:
    data, learner = dataset(), ScatteringRidge()
    due = train_votes(data, learner, 10, 12, 3, keep_predictions=True)
    for shard in (1, 5, 12):
        found = train_votes(data, learner, 10, 12, 3, shard=shard, keep_predictions=True)
        assert (found.counts == due.counts).all()
        assert found.digests is not None
        assert due.digests is not None
        assert np.array_equal(found.digests, due.digests)


def test_a_model_is_plain_kernel_ridge_on_its_drawn_examples() -> None:
    """By another route: distances, and a least-squares solution."""
    data, learner = dataset(), ScatteringRidge(gamma=0.7, lam=0.1, normalisation="none")
    votes = train_votes(data, learner, 8, 1, 5, keep_predictions=True)
    from bagcert.fastpath.draws.lists import draw

    drawn = draw(5, 0, 300, 8)
    f = np.stack([learner.features(data.train_x[i]) for i in drawn]).astype(float)
    g = np.stack([learner.features(x) for x in data.test_x]).astype(float)

    def kernel(a: NDArray[Any], b: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(np.exp(-0.7 * ((a[:, None] - b[None]) ** 2).sum(axis=2)))

    targets = np.eye(2)[data.train_y[drawn]] - 0.5
    weights, *_ = np.linalg.lstsq(kernel(f, f) + 0.1 * np.eye(8), targets, rcond=None)
    assert votes.predictions is not None
    assert (votes.predictions[0] == (kernel(g, f) @ weights).argmax(axis=1)).mean() > 0.97


def test_settings_read_back_and_bad_ones_are_named() -> None:
    learner = ScatteringRidge(gamma=1.5, normalisation="none")
    assert load_learner(learner.name, learner.settings) == learner
    bad: list[tuple[Mapping[str, str], str]] = [
        ({"gamma": "0"}, "gamma must be positive"),
        ({"lam": "x"}, "must be a number"),
        ({"width": "1"}, "'width' is unknown"),
        ({"normalisation": "whiten"}, "none or deskew"),
    ]
    for settings, words in bad:
        with pytest.raises(ValueError, match=words):
            load_learner("scattering-ridge", settings)
    digits = pytest.importorskip("sklearn") and load_dataset("digits")
    with pytest.raises(LearnerError, match="wants images"):
        train_votes(digits, learner, 5, 1, 1)


class Remembers(KernelRidge):
    """Maps an example by what it has seen before: the mean of the first block, or of all so far."""

    if TYPE_CHECKING:  # an annotation alone would be a field, that is, a setting
        seen: list[NDArray[Any]]

    def __init__(self, batched: bool) -> None:
        super().__init__()
        object.__setattr__(self, "seen", [])
        if batched:
            object.__setattr__(self, "features_of", self._scaled)

    def features(self, example: NDArray[Any]) -> NDArray[Any]:
        self.seen.append(example.ravel())
        return np.asarray(example.ravel() - np.mean(self.seen, axis=0))

    def _scaled(self, examples: NDArray[Any]) -> NDArray[Any]:
        flat = examples.reshape(len(examples), -1)
        if not self.seen:
            self.seen.append(flat.mean(axis=0))
        return np.asarray(flat - self.seen[0])


class MeanRelation(ScatteringRidge):
    def relation(self, features: NDArray[Any], test_features: NDArray[Any]) -> NDArray[Any]:
        block = super().relation(features, test_features)
        return np.broadcast_to(block.mean(axis=0), block.shape).copy()


class Counts(KernelRidge):
    """Its fit remembers how many models there were before."""

    if TYPE_CHECKING:
        fitted: list[int]

    def __init__(self) -> None:
        super().__init__()
        object.__setattr__(self, "fitted", [0])

    def fit_predict(
        self, batch: Subsamples, test_features: NDArray[Any], seeds: NDArray[np.uint64]
    ) -> NDArray[np.int64]:
        labels = np.full((len(seeds), len(test_features)), self.fitted[0] % batch.classes)
        self.fitted[0] += 1
        return labels


@pytest.mark.parametrize("batched", [False, True])
def test_a_map_that_remembers_other_examples_is_refused(batched: bool) -> None:
    with pytest.raises(LearnerError, match="change with the other examples"):
        train_votes(dataset(), Remembers(batched), 5, 1, 1)


def test_relations_that_change_with_other_examples_are_refused() -> None:
    with pytest.raises(LearnerError, match=r"relations of example \d+ change"):
        train_votes(dataset(), MeanRelation(), 5, 1, 1)


def test_a_fit_remembers_no_other_fit() -> None:
    votes = train_votes(dataset(), Counts(), 5, 4, 1, shard=1)
    assert votes.counts[:, 0].tolist() == [4] * len(votes.counts)


def test_a_row_of_relations_does_not_depend_on_how_many_there_are() -> None:
    learner = ScatteringRidge()
    drawn = np.random.Generator(np.random.Philox(3))
    train = drawn.random((2049, 960), dtype=np.float32)
    train /= np.linalg.norm(train, axis=1, keepdims=True)
    whole = prepared_relations(learner, train, train[:333])
    one = prepared_relations(learner, train[2048:], train[:333])
    assert whole is not None
    assert one is not None
    # The last of 2,049, alone in its block, is as it is where it is the only one there is ...
    assert np.array_equal(whole[2048], one[0])
    # ... and the first is as it was without it.
    fewer = prepared_relations(learner, train[:2048], train[:333])
    assert np.array_equal(whole[:2048], np.asarray(fewer))


def test_features_that_are_no_finite_rows_of_one_length() -> None:
    class Ragged(KernelRidge):
        def features(self, example: NDArray[Any]) -> NDArray[Any]:
            return np.ones(1 + int(example.sum() > 12))

    class Nan(KernelRidge):
        def features(self, example: NDArray[Any]) -> NDArray[Any]:
            return np.full(2, np.nan)

    with pytest.raises(LearnerError, match=r"features of example \d+ are \d, not \d"):
        train_votes(dataset(), Ragged(), 5, 1, 1)
    with pytest.raises(LearnerError, match="are no finite row"):
        train_votes(dataset(), Nan(), 5, 1, 1)

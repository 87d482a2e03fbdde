"""Learners that use more than their k drawn examples, and how each is found out."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from bagcert.fastpath.datasets import Dataset, load_dataset
from bagcert.fastpath.learners import KernelRidge, LearnerError, ScatteringRidge, Subsamples
from bagcert.fastpath.training.ensemble import train_votes


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load_dataset("digits")


class Pooled(KernelRidge):
    """Every model is fitted on all drawn examples of its batch."""

    def fit_predict(self, batch: Any, test_features: Any, seeds: Any) -> Any:
        models, k, d = batch.features.shape
        pooled = Subsamples(
            batch.features.reshape(1, -1, d)[:, : 20 * k], batch.labels.reshape(1, -1)[:, : 20 * k],
            batch.classes,
        )  # fmt: skip
        return np.repeat(super().fit_predict(pooled, test_features, seeds[:1]), models, axis=0)


class Standardised(KernelRidge):
    """An honest slip: values are divided by the batch's deviation, not by the model's own."""

    def fit_predict(self, batch: Any, test_features: Any, seeds: Any) -> Any:
        scale = batch.features.std(axis=(0, 1)) + 1e-9
        scaled = Subsamples(batch.features / scale, batch.labels, batch.classes)
        return super().fit_predict(scaled, test_features / scale, seeds)


class Neighbour(KernelRidge):
    """Each model is given the label of its right neighbour's first example."""

    def fit_predict(self, batch: Any, test_features: Any, seeds: Any) -> Any:
        labels = batch.labels.copy()
        labels[:, 0] = np.roll(batch.labels[:, 0], 1)
        return super().fit_predict(
            Subsamples(batch.features, labels, batch.classes), test_features, seeds
        )


@pytest.mark.parametrize("learner", [Pooled(), Standardised(), Neighbour()])
def test_a_model_that_uses_others_examples_is_refused(digits: Dataset, learner: Any) -> None:
    with pytest.raises(
        LearnerError, match=r"model .* comes out otherwise when it is trained alone"
    ):
        train_votes(digits, learner, 20, 60, 1)


class Scribbler(KernelRidge):
    """Uses the test features in place, as torch does: it spoils them for whoever comes next."""

    def fit_predict(self, batch: Any, test_features: Any, seeds: Any) -> Any:
        assert test_features.flags.writeable  # or torch.from_numpy warns its user
        found = super().fit_predict(batch, test_features, seeds)
        test_features[...] = 0
        return found


def test_test_features_are_the_learners_own_each_time(digits: Dataset) -> None:
    found = train_votes(digits, Scribbler(), 20, 60, 1)
    assert (found.counts == train_votes(digits, KernelRidge(), 20, 60, 1).counts).all()


def test_the_header_states_the_class_that_ran(digits: Dataset) -> None:
    class Honest(KernelRidge):
        pass

    def stated(learner: Any) -> str:
        header = train_votes(digits, learner, 5, 3, 1).header
        assert header is not None
        return str(header.learner)

    assert stated(KernelRidge()) == "kernel-ridge"
    assert stated(Honest()).endswith("Honest")


@dataclass(frozen=True)
class Clipped(KernelRidge):
    """Features that remember: clipped at the largest values of all examples so far."""

    def features(self, example: Any) -> Any:
        found = super().features(example)
        seen: list[Any] = self.__dict__.setdefault("_seen", [found])
        seen[0] = np.maximum(seen[0], found)
        return np.minimum(found, seen[0] * 0.5)


def test_features_that_remember_are_refused(digits: Dataset) -> None:
    with pytest.raises(
        LearnerError, match=r"features of example .* change with the other examples"
    ):
        train_votes(digits, Clipped(), 5, 3, 1)


class Rare(ScatteringRidge):
    """Features of a block in which each example changes with the next one there."""

    def features_of(self, examples: Any) -> Any:
        found = super().features_of(examples)
        found[:-1] += found[1:] * np.float32(1e-6)
        return found


def test_a_block_in_which_one_example_sees_another_is_refused() -> None:
    rng = np.random.default_rng(0)
    data = Dataset(
        "images", rng.random((1200, 8, 8)), np.arange(1200) % 3, rng.random((5, 8, 8)),
        np.arange(5) % 3, 3, ("a", "b", "c"),
    )  # fmt: skip
    with pytest.raises(
        LearnerError, match=r"features of example .* change with the other examples"
    ):
        train_votes(data, Rare(), 5, 3, 1)


class Leaning(ScatteringRidge):
    """Relations of which each row depends on its neighbour's."""

    def relation(self, features: Any, test_features: Any) -> Any:
        found = super().relation(features, test_features)
        if len(found) > 100:
            found[:-1] = (found[:-1] + found[1:]) / 2
        return found


class Sly(ScatteringRidge):
    """As ``Leaning``, but in every other row only."""

    def relation(self, features: Any, test_features: Any) -> Any:
        found = super().relation(features, test_features)
        if len(found) > 100:
            found[1:-1:2] = (found[1:-1:2] + found[2::2]) / 2
        return found


@pytest.mark.parametrize("learner", [Leaning(), Sly()])
def test_relations_that_depend_on_a_neighbour_are_refused(learner: ScatteringRidge) -> None:
    rng = np.random.default_rng(0)
    data = Dataset(
        "images", rng.random((2100, 8, 8)), np.arange(2100) % 3, rng.random((5, 8, 8)),
        np.arange(5) % 3, 3, ("a", "b", "c"),
    )  # fmt: skip
    with pytest.raises(LearnerError, match=r"relations of example .* change"):
        train_votes(data, learner, 500, 12, 1)  # nearly all are drawn, neighbours among them

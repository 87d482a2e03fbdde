"""Enlarged lists: copies are functions of their image, and a model has seen them with its label."""

import numpy as np
import pytest
from numpy.typing import NDArray

from bagcert.fastpath.learners import (
    EnlargedRidge,
    LearnerError,
    ScatteringRidge,
    Subsamples,
    is_transductive,
    load_learner,
    looked_at_by,
    stated_name,
)
from bagcert.fastpath.learners.wavelets.enlarged_ridge import COPIES
from bagcert.fastpath.learners.wavelets.metric import moved, rotations
from bagcert.fastpath.learners.wavelets.scattering import FEATURES

SEED = np.zeros(1, np.uint64)


def strokes(m: int, seed: int = 0) -> NDArray[np.float32]:
    drawn = np.random.Generator(np.random.Philox(seed))
    found = np.zeros((m, 28, 28), np.float32)
    for place, image in enumerate(found):  # one stroke, or two
        for _ in range(1 + place % 2):
            y, x = drawn.integers(3, 13, 2)
            image[y : y + 12, x : x + 4] = 0.5 + drawn.random((12, 4)) / 2
    return found


def test_features_are_the_image_and_its_copies_side_by_side() -> None:
    images = strokes(5)
    found = EnlargedRidge().features_of(images)
    assert COPIES == 4
    assert found.shape == (5, 5 * FEATURES)
    plain = ScatteringRidge()
    np.testing.assert_array_equal(found[:, :FEATURES], plain.features_of(images))
    maps = [*rotations(8.0), np.diag([1 / 0.9, 1 / 0.9]), np.diag([1 / 1.1, 1 / 1.1])]
    for place, copy in enumerate(moved(images, maps), 1):
        part = found[:, place * FEATURES : (place + 1) * FEATURES]
        np.testing.assert_array_equal(part, plain.features_of(copy))
        assert not np.array_equal(part, found[:, :FEATURES])
    with pytest.raises(LearnerError, match="enlarged-ridge wants images"):
        EnlargedRidge().features_of(images[:, 1:])


def test_a_turn_goes_where_it_says() -> None:
    """A dot right of the middle, turned by 90 degrees and back; and grown away from it."""
    image = np.zeros((1, 29, 29), np.float32)
    image[0, 14, 20] = 1
    there, back = moved(image, rotations(90.0))
    assert np.argwhere(there[0] > 0.5).tolist() in ([[20, 14]], [[8, 14]])
    assert np.argwhere(back[0] > 0.5).tolist() in ([[20, 14]], [[8, 14]])
    assert not np.array_equal(there > 0.5, back > 0.5)
    (grown,) = moved(image, [np.eye(2) / 2])
    assert np.argwhere(grown[0] > 0.9).tolist() == [[14, 26]]


def test_a_model_is_plain_kernel_ridge_on_the_enlarged_list() -> None:
    """By another route: each copy asked for as an image of its own, distances, least squares."""
    train, tested = strokes(6), strokes(30, 5)
    learner, plain = EnlargedRidge(gamma=0.7, lam=0.1), ScatteringRidge()
    given = np.array([0, 1, 2, 2, 1, 0])
    batch = Subsamples(learner.features_of(train)[None], given[None], 3)
    found = learner.fit_predict(batch, learner.features_of(tested), SEED)[0]
    maps = [np.eye(2), *rotations(8.0), np.eye(2) / 0.9, np.eye(2) / 1.1]
    f = np.concatenate([plain.features_of(copy) for copy in moved(train, maps)]).astype(float)
    g = plain.features_of(tested).astype(float)

    def kernel(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.exp(-0.7 * ((a[:, None] - b[None]) ** 2).sum(axis=2)))

    targets = np.tile(np.eye(3)[given] - 1 / 3, (5, 1))
    weights, *_ = np.linalg.lstsq(kernel(f, f) + 0.1 * np.eye(30), targets, rcond=None)
    np.testing.assert_array_equal(found, (kernel(g, f) @ weights).argmax(axis=1))


def test_it_can_be_made_again_and_states_what_was_looked_at() -> None:
    learner = EnlargedRidge()
    assert load_learner("enlarged-ridge", learner.settings) == learner
    assert stated_name(learner) == "enlarged-ridge"
    assert looked_at_by(learner) == ("mnist", "mnist17")
    assert not is_transductive(learner)
    assert is_transductive(EnlargedRidge(neighbours=3))


def test_neighbours_are_those_of_the_test_images_themselves() -> None:
    learner, train, tested = EnlargedRidge(neighbours=3), strokes(6), strokes(30, 5)
    batch = Subsamples(learner.features_of(train)[None], np.arange(6)[None] % 2, 2)
    rows = learner.features_of(tested)
    found = learner.fit_predict(batch, rows, SEED)
    rows[:, FEATURES:] = 0  # the copies of a test image do not matter
    np.testing.assert_array_equal(learner.fit_predict(batch, rows, SEED), found)

"""What is random in one model: frozen values, ranges, independence of steps and purposes."""

import hashlib
import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from bagcert.fastpath.draws.flips import flips
from bagcert.fastpath.draws.lists import draw, model_seed, permutation
from bagcert.fastpath.draws.model_streams import kept, order, uniforms
from bagcert.fastpath.draws.streams import Purpose, philox
from bagcert.fastpath.learners.networks.augmentation import augmented

SEED = 2**64 - 3


def test_frozen_values() -> None:
    """A votes file made today must be made again by a later version."""
    assert order(SEED, 4, 8).tolist() == [7, 0, 4, 5, 1, 3, 6, 2]
    values = uniforms(SEED, Purpose.WEIGHTS, 2, 5, (3, 7)).astype("<f4").tobytes()
    due = "5e697af5cef5252ff7449f6e077b2e23e2460857b9891941ac6f1c354e878d92"
    assert hashlib.sha256(values).hexdigest() == due
    assert np.packbits(kept(SEED, 1, 2, (24,), 0.25)).tolist() == [125, 191, 90]


def test_orders_are_permutations_of_their_own() -> None:
    found = [tuple(order(s, e, 20)) for s, e in itertools.product((0, 1, SEED), range(30))]
    assert len(set(found)) == 90
    assert all(sorted(one) == list(range(20)) for one in found)
    assert order(0, 0, 1).tolist() == [0]


def test_uniforms_fill_the_unit_interval() -> None:
    values = uniforms(7, Purpose.WEIGHTS, 0, 0, (1000, 101))
    assert values.dtype == np.float32
    assert values.min() >= 0
    assert values.max() < 1
    assert ((values * 2**24) % 1 == 0).all()
    counts = np.histogram(values, 64, (0, 1))[0]
    assert ((counts - values.size / 64) ** 2 / (values.size / 64)).sum() < 120  # 63 + 7 sigma


def test_dropout_keeps_its_share_and_each_step_its_own() -> None:
    for rate in (0.0, 0.25, 0.5):
        share = kept(1, 0, 0, (400, 1000), rate).mean()
        assert abs(share - (1 - rate)) < 5 * 0.5 / 400_000**0.5
    masks = {
        kept(s, step, part, (999,), 0.5).tobytes()
        for s, step, part in itertools.product((0, 1), (0, 1, 2**40), (0, 3))
    }
    assert len(masks) == 12


def test_purposes_share_no_words() -> None:
    """Neither do two purposes by their numbers, nor is a model's index taken for a use."""
    found = {philox(purpose, 0).random_raw(4).tobytes() for purpose in Purpose}
    assert len(found) == len(Purpose)
    kinds: dict[int, set[bool]] = {}
    for purpose in Purpose:
        highest, use = purpose.value
        kinds.setdefault(highest, set()).add(use is None)
    assert all(len(kind) == 1 for kind in kinds.values())
    assert len([purpose for purpose in Purpose if purpose.value[1] is None]) == 4


def test_every_stream_is_what_it_was() -> None:
    """Drawn before the purposes were put in one place."""
    assert draw(7, 3, 60000, 5).tolist() == [26994, 36415, 46982, 39605, 57395]
    assert model_seed(7, 3) == 3845544696532098304
    assert permutation(1, 6).tolist() == [2, 4, 1, 3, 5, 0]
    assert np.packbits(flips(7, 3, (4, 8), Fraction(3, 10))).tolist() == [35, 132, 152, 245]
    due = {
        Purpose.WEIGHTS: [11525919, 7960147, 6426006],
        Purpose.ORDER: [6892429, 4683534, 11540599],
        Purpose.DROPOUT: [15463376, 4855875, 6226070],
        Purpose.AUGMENTATION: [9932647, 1107505, 1494273],
    }
    for purpose, values in due.items():
        assert (uniforms(7, purpose, 1, 2, (3,)) * 2**24).astype(int).tolist() == values


def test_images_move_within_their_bounds() -> None:
    ramp = np.broadcast_to(np.arange(20.0)[None, :, None, None], (300, 20, 10, 1))
    moved = augmented(ramp, 3, 0, rotation=0.0, shift=0.1, flip=False)[:, 10, :, 0] - 10
    assert (np.ptp(moved, axis=1) == 0).all()
    assert moved.min() >= -2  # two pixels at most
    assert moved.max() < 2
    assert abs(moved.mean()) < 5 * 2 / 3**0.5 / 300**0.5
    assert moved.std() > 1
    assert (augmented(ramp, 3, 0, rotation=0.0, shift=0.0, flip=False) == ramp).all()
    edge = augmented(ramp, 3, 0, rotation=0.0, shift=0.5, flip=False)
    assert edge.min() >= 0
    assert edge.max() <= 19


def test_images_move_across_as_well_and_are_mirrored_whole() -> None:
    ramp = np.broadcast_to(np.arange(10.0)[None, None, :, None], (200, 3, 10, 1))
    seen = augmented(ramp, 1, 0, rotation=0.0, shift=0.0, flip=True)
    mirrored = (seen == ramp[:, :, ::-1]).all(axis=(1, 2, 3))
    assert (mirrored | (seen == ramp).all(axis=(1, 2, 3))).all()
    assert 60 < mirrored.sum() < 140
    assert (augmented(ramp, 1, 0, rotation=0.0, shift=0.2, flip=False)[:, 0, 5, 0] != 5).all()
    assert (augmented(ramp, 1, 1, rotation=0.0, shift=0.0, flip=True) != seen).any()
    diagonal = np.eye(4, dtype=np.float32)[None, :, :, None]
    half = augmented(diagonal, 9, 0, rotation=0.0, shift=0.25, flip=False)
    np.testing.assert_allclose(half[0, :, :, 0].sum(axis=0)[1:3].sum(), 2, atol=1.01)


def test_images_are_turned_and_moved_as_scipy_does() -> None:
    """Keras's ImageDataGenerator is scipy's affine_transform, of order 1 and mode nearest."""
    ndimage = pytest.importorskip("scipy.ndimage")
    m, height, width = 40, 9, 12
    images = np.random.Generator(np.random.Philox(2)).random((m, height, width, 2), np.float32)
    found = augmented(images, SEED, 5, rotation=30.0, shift=0.2, flip=False)
    ways = uniforms(SEED, Purpose.AUGMENTATION, 5, 0, (m, 3)).astype(float)[:, :2]
    turns = uniforms(SEED, Purpose.AUGMENTATION, 5, 1, (m,)).astype(float)
    centre = np.array([(height - 1) / 2, (width - 1) / 2])
    for image, seen, way, turn in zip(images, found, ways, turns, strict=True):
        angle = np.pi / 180 * 30 * (2 * turn - 1)
        matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        offset = centre + matrix @ ((2 * way - 1) * 0.2 * (height, width) - centre)
        for channel in range(2):
            due = ndimage.affine_transform(
                image[:, :, channel].astype(float), matrix, offset, order=1, mode="nearest"
            )
            np.testing.assert_allclose(seen[:, :, channel], due, atol=2e-6)
    assert turns.min() < 0.1  # both ways
    assert turns.max() > 0.9


def test_images_are_augmented_each_by_its_place_step_and_seed() -> None:
    images = np.random.Generator(np.random.Philox(3)).random((6, 8, 8, 1), np.float32)
    ways: Any = {"rotation": 10.0, "shift": 0.1, "flip": True}
    due = augmented(images, 5, 2, **ways)
    assert (augmented(images, 5, 2, **ways) == due).all()
    others = images.copy()
    others[3:] = 0
    assert (augmented(others, 5, 2, **ways)[:3] == due[:3]).all()
    assert (augmented(images, 5, 3, **ways) != due).any(axis=(1, 2, 3)).all()
    assert (augmented(images, 6, 2, **ways) != due).any(axis=(1, 2, 3)).all()

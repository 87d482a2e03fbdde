"""What is random in one model: frozen values, ranges, independence of steps and purposes."""

import hashlib
import itertools

import numpy as np

from bagcert.fastpath.draws.model_streams import Purpose, kept, order, uniforms
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
    found = {uniforms(0, purpose, 0, 0, (4,)).tobytes() for purpose in Purpose}
    assert len(found) == len(Purpose)


def test_images_move_within_their_bounds() -> None:
    ramp = np.broadcast_to(np.arange(20.0)[None, :, None, None], (300, 20, 10, 1))
    moved = augmented(ramp, 3, 0, 0.1, False)[:, 10, :, 0] - 10  # two pixels at most
    assert (np.ptp(moved, axis=1) == 0).all()
    assert moved.min() >= -2
    assert moved.max() < 2
    assert abs(moved.mean()) < 5 * 2 / 3**0.5 / 300**0.5
    assert moved.std() > 1
    assert (augmented(ramp, 3, 0, 0.0, False) == ramp).all()
    edge = augmented(ramp, 3, 0, 0.5, False)
    assert edge.min() >= 0
    assert edge.max() <= 19


def test_images_move_across_as_well_and_are_mirrored_whole() -> None:
    ramp = np.broadcast_to(np.arange(10.0)[None, None, :, None], (200, 3, 10, 1))
    seen = augmented(ramp, 1, 0, 0.0, True)
    mirrored = (seen == ramp[:, :, ::-1]).all(axis=(1, 2, 3))
    assert (mirrored | (seen == ramp).all(axis=(1, 2, 3))).all()
    assert 60 < mirrored.sum() < 140
    assert (augmented(ramp, 1, 0, 0.2, False)[:, 0, 5, 0] != 5).all()
    assert (augmented(ramp, 1, 1, 0.0, True) != seen).any()
    half = augmented(np.eye(4, dtype=np.float32)[None, :, :, None], 9, 0, 0.25, False)
    np.testing.assert_allclose(half[0, :, :, 0].sum(axis=0)[1:3].sum(), 2, atol=1.01)

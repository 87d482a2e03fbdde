"""The compared methods, trained: exact noise, private steps, resuming, and their curves."""

import warnings
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bagcert.fastpath.datasets import Dataset
from bagcert.fastpath.draws.flips import flips
from bagcert.fastpath.paper.related.curves import ma_curve, smoothing_curve
from bagcert.fastpath.paper.related.private import PrivateAccuracies, _PrivateModels, train_private
from bagcert.fastpath.paper.related.smoothing import SmoothedVotes, _NoisyModels, smoothed_votes
from bagcert.fastpath.votes.votes import Votes
from bagcert.reference import Abstention, label_bounds
from bagcert.reference.related import (
    certified_examples,
    closed_form_bits,
    mean_accuracy,
    mean_accuracy_lower,
    private_accuracy,
    private_accuracy_by_error,
)


def images(n: int = 200, e: int = 40, classes: int = 2) -> Dataset:
    """Bars in a third of the image that the label names."""
    rng = np.random.default_rng(0)

    def some(count: int) -> tuple[np.ndarray, np.ndarray]:
        labels = np.arange(count) % classes
        x = rng.random((count, 8, 8)) * 0.4
        for image, label, at in zip(x, labels, rng.integers(0, 2, count), strict=True):
            image[3 * label + at] += 0.55
        return x, labels

    return Dataset("bars", *some(n), *some(e), classes, tuple("abc"[:classes]))


def test_flips_are_remainders_of_lanes() -> None:
    """Word for word: lanes of 16 bits, the last 65536 mod b of them drawn again."""
    for beta in (Fraction(3, 10), Fraction(1, 4), Fraction(1, 7), Fraction(499, 1000)):
        stream = np.random.Philox(key=(5 << 64) | 9, counter=4 << 192)
        a, b = beta.numerator, beta.denominator
        part = 2**16 // b
        count = 3000
        wanted: list[bool] = []
        while len(wanted) < count:
            for word in stream.random_raw(-(-(count - len(wanted)) // 4)):
                lanes = [int(word) >> shift & 0xFFFF for shift in (0, 16, 32, 48)]
                wanted += [lane // part < a for lane in lanes if lane < part * b]
        found = flips(9, 5, (30, 100), beta)
        assert found.ravel().tolist() == wanted[:count]
    assert not flips(0, 0, (5, 5), Fraction(0)).any()
    assert (flips(0, 1, (50,), Fraction(1, 2)) != flips(1, 0, (50,), Fraction(1, 2))).any()


def test_every_lane_value_is_dealt_in_equal_parts() -> None:
    """Of the 65,536 values of a lane those kept fall on flipped and not in the ratio of β."""
    for a, b in ((3, 10), (1, 3), (499, 1000)):
        part = 2**16 // b
        kept = part * b
        assert Fraction(sum(lane < part * a for lane in range(kept)), kept) == Fraction(a, b)


def test_the_share_of_flips() -> None:
    found = flips(1, 2, (1000, 1000), Fraction(3, 10))
    # Five standard deviations of a mean of 10^6 bits.
    assert abs(found.mean() - 0.3) < 5 * np.sqrt(0.21 / 10**6)
    assert abs((found[:, 1:] & found[:, :-1]).mean() - 0.09) < 0.002


def test_a_model_sees_its_noise_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    data = images()
    base = _NoisyModels(data, Fraction(3, 10))
    bits, labels = base.noisy(3, 4)
    flipped = flips(3, 4, (200, 65), Fraction(3, 10))
    assert (bits == ((data.train_x.reshape(200, 64) > 0.5) ^ flipped[:, :64])).all()
    assert (labels == ((data.train_y == 1) ^ flipped[:, 64])).all()
    base.bits, base.labels = bits, labels
    monkeypatch.setattr(base, "noisy", lambda seed, model: (bits, labels))
    assert (base.predict(0, 0) == _NoisyModels(data, Fraction(3, 10)).predict(3, 4)).all()


def test_smoothed_votes_resume_and_do_not_depend_on_the_shards(tmp_path: Path) -> None:
    data = images()
    whole = smoothed_votes(data, "1/10", 9, 7, keep_predictions=True)
    assert (whole.votes.counts.argmax(axis=1) == data.test_y).mean() > 0.9
    assert (whole.n, whole.features, whole.beta) == (200, 64, Fraction(1, 10))
    assert whole.votes.header is None  # `bagcert certify` refuses it: these are not bagged votes

    class Killed(Exception):
        pass

    def kill(done: int, total: int) -> None:
        if done >= 4:
            raise Killed

    with pytest.raises(Killed):
        smoothed_votes(data, "1/10", 9, 7, checkpoint=tmp_path, progress=kill, shard=2)
    done = []
    again = smoothed_votes(
        data, "1/10", 9, 7, checkpoint=tmp_path, progress=lambda d, t: done.append(d), shard=2
    )
    assert again.votes.digest == whole.votes.digest
    assert again.votes.digests is not None
    assert whole.votes.digests is not None
    assert np.array_equal(again.votes.digests, whole.votes.digests)
    alone = smoothed_votes(data, "1/10", 1, 7, first_model=6, keep_predictions=True)
    assert alone.votes.predictions is not None
    assert whole.votes.predictions is not None
    assert (alone.votes.predictions[0] == whole.votes.predictions[6]).all()
    for changed in (("1/5", 9, 7), ("1/10", 9, 8)):
        with pytest.raises(ValueError, match="other settings"):
            smoothed_votes(data, *changed, checkpoint=tmp_path)


def test_smoothing_wants_bits() -> None:
    with pytest.raises(ValueError, match="one bit"):
        smoothed_votes(images(classes=3), "3/10", 1, 0)
    with pytest.raises(TypeError, match="beta"):
        smoothed_votes(images(), 0.3, 1, 0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="beta"):
        smoothed_votes(images(), "1/2", 1, 0)


def test_smoothing_curve_is_the_reference_row_by_row() -> None:
    counts = np.array([[1000, 0], [0, 1000], [990, 10], [10, 990], [520, 480], [501, 499]])
    votes = Votes(counts, labels=np.array([0, 0, 0, 1, 0, 0]))
    smoothed = SmoothedVotes(votes, 50, 0, Fraction(45, 100), {})
    curve = smoothing_curve(smoothed, [0, 1, 60, 10**6], "1/10", scope="each")
    for row, bits, published, radius in zip(
        counts.tolist(), curve.bits, curve.closed_form, curve.radius, strict=True
    ):
        bounds = label_bounds(row, "1/10")
        if isinstance(bounds, Abstention):
            assert bits == published == radius == -1
            continue
        given = bounds.p_lower, bounds.p_upper, "0.45"
        assert radius == bits == certified_examples(*given, 50, 0)
        assert published == closed_form_bits(*given, 50) <= bits
    assert curve.accuracy[0] == (0, 3)
    assert curve.accuracy[-1] == (10**6, 0)
    wider = smoothing_curve(smoothed._replace(features=1), [0], "1/10", scope="each")
    assert (wider.radius == np.where(wider.bits < 0, -1, wider.bits // 2)).all()


class Flat:
    """Pixels as they are."""

    name, ignores_seed = "flat", True

    @property
    def settings(self) -> dict[str, str]:
        return {}

    def features(self, example: NDArray[Any]) -> NDArray[Any]:
        return example.ravel()

    def fit_predict(self, *_: object) -> NDArray[Any]:
        raise AssertionError("its map of examples is all that is asked for")


@pytest.fixture
def torch() -> Any:
    pytest.importorskip("opacus", reason="the extra compare is not installed")
    return pytest.importorskip("torch")


def test_private_models_resume(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, torch: Any) -> None:
    from bagcert.fastpath.paper.related import private as module

    monkeypatch.setattr(module, "_noise_multiplier", lambda epsilon, delta: 25 / epsilon)
    monkeypatch.setattr(module, "_STEPS", 30)
    data = images()
    whole = train_private(data, "50", "1/1000", 3, 7, features=Flat())
    assert whole.correct.min() > 30
    for _ in range(2):
        again = train_private(
            data, "50", "1/1000", 3, 7, features=Flat(), checkpoint=tmp_path, shard=2
        )
        assert (again.correct == whole.correct).all()
    alone = train_private(data, "50", "1/1000", 1, 7, features=Flat(), first_model=2)
    assert alone.correct[0] == whole.correct[2]
    with pytest.raises(ValueError, match="other settings"):
        train_private(data, "49", "1/1000", 3, 7, features=Flat(), checkpoint=tmp_path)


def test_noise_is_chosen_for_the_stated_epsilon(torch: Any) -> None:
    """Counted again from its steps, by opacus' other accountant as well, which is never below."""
    from opacus.accountants import PRVAccountant, RDPAccountant

    from bagcert.fastpath.paper.related import private as module

    sigma = module._noise_multiplier(0.3, 1e-5)
    counted = {}
    for accountant in (PRVAccountant(), RDPAccountant()):
        accountant.history = [(sigma, module._RATE, module._STEPS)]
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Optimal order is the")
            counted[type(accountant)] = accountant.get_epsilon(1e-5)
    assert 0.29 < counted[PRVAccountant] <= 0.3 < counted[RDPAccountant]


@pytest.mark.filterwarnings("ignore:Full backward hook is firing")  # as in train_private
def test_steps_are_clipped_sums_plus_noise(monkeypatch: pytest.MonkeyPatch, torch: Any) -> None:
    """One step on all examples, by hand: each gradient clipped, the sum over rate times n."""
    from bagcert.fastpath.paper.related import private as module

    for name, value in (("_RATE", 1.0), ("_STEPS", 1), ("_LEARNING_RATE", 2.0)):
        monkeypatch.setattr(module, name, value)
    seen = {}
    rng = np.random.default_rng(1)
    train, labels = rng.normal(size=(300, 5)), np.arange(300) % 2
    tested = np.eye(5)

    def weights(sigma: float, seed: int) -> np.ndarray:
        base = _PrivateModels(train, labels, tested, 2, sigma)
        original = torch.nn.Linear

        def remembered(*sizes: int) -> Any:
            seen["linear"] = original(*sizes)
            return seen["linear"]

        with monkeypatch.context() as patched:
            patched.setattr(torch.nn, "Linear", remembered)
            base.predict(seed)
        linear = seen["linear"]
        return np.column_stack([linear.weight.detach().numpy(), linear.bias.detach().numpy()])

    # At zero weights both probabilities are 1/2: the gradient is (1/2 - onehot) times (x, 1).
    inputs = np.column_stack([train, np.ones(300)])
    gradients = (0.5 - np.eye(2)[labels])[:, :, None] * inputs[:, None, :]
    norms = np.sqrt((gradients**2).sum(axis=(1, 2)))
    clipped = gradients * np.minimum(1, module._CLIP / norms)[:, None, None]
    assert (norms > module._CLIP).mean() > 0.9
    step = -2.0 * clipped.sum(axis=0) / 300
    assert np.allclose(weights(0.0, 1), step, atol=1e-6)
    noise = np.stack([weights(40.0, seed) - step for seed in range(60)]) * 300 / 2 / module._CLIP
    # 720 normal numbers of standard deviation 40: within five of its own standard errors.
    assert abs(noise.std() - 40) < 5 * 40 / np.sqrt(2 * noise.size)


def test_ma_curve_is_the_reference() -> None:
    correct = np.array([2147, 2152, 2150, 2140])
    made = PrivateAccuracies(correct, 2163, Fraction(3, 10), Fraction(1, 10**5), 1.0, {})
    average = mean_accuracy(correct.tolist(), 2163)
    lower = mean_accuracy_lower(correct.tolist(), 2163, "1/10")
    spent = "0.3", "0.00001"
    for r, point in zip((0, 1, 7, 50), ma_curve(made, (0, 1, 7, 50), "1/10"), strict=True):
        assert point == (
            r,
            private_accuracy(r, *spent, average),
            private_accuracy_by_error(r, *spent, average),
            private_accuracy(r, *spent, lower),
            private_accuracy(2 * r, *spent, lower),
            private_accuracy_by_error(r, *spent, lower),
            private_accuracy_by_error(2 * r, *spent, lower),
        )
    assert point[1:] == (0,) * 6

"""Training: shards, interruptions, damage, and learners that break their contract."""

import hashlib

import numpy as np
import pytest
import scipy

from bagcert.fastpath.datasets import Dataset, hold_out, load_dataset
from bagcert.fastpath.draws.lists import draw, model_seed
from bagcert.fastpath.learners import KernelRidge, LearnerError, ScatteringRidge
from bagcert.fastpath.training.ensemble import predict_models, train_votes


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


def small(**changes):
    rng = np.random.default_rng(0)
    fields = {
        "name": "small",
        "train_x": rng.random((30, 4)),
        "train_y": np.arange(30) % 3,
        "test_x": rng.random((6, 4)),
        "test_y": np.arange(6) % 3,
        "classes": 3,
        "class_names": ("a", "b", "c"),
    }
    return Dataset(**{**fields, **changes})


class Probe:
    """Returns what it is told to; remembers the batches it was given, of several models each."""

    name, ignores_seed = "probe", False

    @property
    def settings(self):
        return {}

    def __init__(self, answer):
        self.answer, self.seen = answer, []

    def __deepcopy__(self, memo):
        return self  # copies are what the training loop asks; this one is asked to remember

    def features(self, example):
        assert example.shape == (4,)
        return example

    def fit_predict(self, batch, test_features, seeds):
        if len(seeds) > 1:  # one alone is a spot check
            self.seen.append((batch, test_features, seeds))
        return self.answer(batch, test_features, seeds)


def test_digits_split_is_frozen(digits):
    assert digits.train_x.shape == (1437, 64)
    assert digits.test_x.shape == (360, 64)
    assert digits.train_x.min() == 0
    assert digits.train_x.max() == 1
    assert digits.digest == "79a1a15ddab969909a8bf479204badd80aba406f02aa2d278e27cdd94e8e93db"
    assert not digits.train_x.flags.writeable


def test_votes_do_not_depend_on_the_shards(digits):
    whole = train_votes(digits, KernelRidge(), 20, 120, 7, keep_predictions=True)
    for shard in (1, 7, 500):
        votes = train_votes(digits, KernelRidge(), 20, 120, 7, keep_predictions=True, shard=shard)
        assert (votes.predictions == whole.predictions).all()
        assert votes.digest == whole.digest
        assert (votes.digests == whole.digests).all()
    alone = predict_models(digits, KernelRidge(), 20, 7, [119, 3])
    assert (alone == whole.predictions[[119, 3]]).all()
    row = whole.predictions[5].astype("<i4").tobytes()
    assert whole.digests[5].tobytes() == hashlib.sha256(row).digest()
    assert (whole.counts.argmax(axis=1) == digits.test_y).mean() > 0.9
    assert whole.header["dataset_digest"] == digits.digest


def test_learner_is_given_the_drawn_examples_and_nothing_else():
    data, probe = small(), Probe(lambda batch, tested, seeds: np.zeros((len(seeds), 6), int))
    train_votes(data, probe, 5, 7, 3, shard=4)
    batch, tested, seeds = probe.seen[1]
    indices = np.array([draw(3, model, 30, 5) for model in (4, 5, 6)])
    assert (batch.features == data.train_x[indices]).all()
    assert (batch.labels == data.train_y[indices]).all()
    assert (tested == data.test_x).all()
    assert seeds.tolist() == [model_seed(3, model) for model in (4, 5, 6)]


class Interrupted(Exception):
    """Stands for a kill."""


@pytest.mark.parametrize("stop", [10, 20, 30])
def test_resumed_equals_uninterrupted(tmp_path, stop):
    data = small()
    whole = train_votes(data, KernelRidge(), 5, 35, 1, keep_predictions=True)

    def kill(done, total):
        assert total == 35
        if done == stop:
            raise Interrupted

    with pytest.raises(Interrupted):
        train_votes(data, KernelRidge(), 5, 35, 1, checkpoint=tmp_path, progress=kill, shard=10)
    done = []
    votes = train_votes(
        data, KernelRidge(), 5, 35, 1, keep_predictions=True, checkpoint=tmp_path, shard=10,
        progress=lambda *now: done.append(now),
    )  # fmt: skip
    assert (votes.predictions == whole.predictions).all()
    assert votes.digest == whole.digest
    assert done == [(10, 35), (20, 35), (30, 35), (35, 35)]


def _counting():
    return Probe(lambda batch, tested, seeds: np.tile(seeds % np.uint64(3), (6, 1)).T.astype(int))


def test_finished_shards_are_not_trained_again(tmp_path):
    train_votes(small(), _counting(), 5, 30, 1, checkpoint=tmp_path, shard=10)
    again = _counting()
    train_votes(small(), again, 5, 30, 1, checkpoint=tmp_path, shard=10)
    assert again.seen == []


@pytest.mark.parametrize("damage", ["flip", "cut", "grow", "empty", "swap", "checksum"])
def test_damaged_shards_are_trained_again(tmp_path, damage):
    whole = train_votes(small(), _counting(), 5, 30, 1, checkpoint=tmp_path, shard=10)
    first, second, _ = sorted(tmp_path.glob("*.counts"))
    content = bytearray(second.read_bytes())
    if damage == "flip":
        content[-4] ^= 1  # in a digest
    elif damage == "checksum":
        content[0] ^= 1
    elif damage == "cut":
        content = content[:-4]
    elif damage == "grow":
        content += b"\0\0\0\0"
    elif damage == "empty":
        content = bytearray()
    else:
        content = bytearray(first.read_bytes())
    second.write_bytes(content)
    again = _counting()
    votes = train_votes(small(), again, 5, 30, 1, checkpoint=tmp_path, shard=10)
    assert len(again.seen) == 1
    assert votes.digest == whole.digest


def test_damaged_manifest_is_made_again(tmp_path):
    train_votes(small(), _counting(), 5, 30, 1, checkpoint=tmp_path, shard=10)
    manifest = tmp_path / "bagcert-checkpoint.json"
    before = manifest.read_bytes()
    manifest.write_bytes(before[:9])
    train_votes(small(), _counting(), 5, 30, 1, checkpoint=tmp_path, shard=10)
    assert manifest.read_bytes() == before


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 2},
        {"k": 6},
        {"models": 31},
        {"learner": KernelRidge(0.3)},
        {"dataset": small(test_x=np.zeros((6, 4)))},
    ],
    ids=lambda other: next(iter(other)),
)
def test_other_settings_do_not_resume(tmp_path, other):
    base = {"dataset": small(), "learner": KernelRidge(), "k": 5, "models": 30, "seed": 1}
    train_votes(**base, checkpoint=tmp_path)
    with pytest.raises(ValueError, match=r"checkpoint: .* other settings"):
        train_votes(**{**base, **other}, checkpoint=tmp_path)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (3, "model 16: label 3 is outside 0..2"),
        (-1, "model 16: label -1 is outside 0..2"),
        (np.nan, "model 16: a label is NaN"),
        (0.0, "model 14: labels must be integers, not float64"),
    ],
)
def test_broken_labels_name_the_model(value, message):
    def answer(batch, tested, seeds):
        if len(seeds) != 4:
            return np.zeros((len(seeds), 6), dtype=int)
        rows = np.zeros((4, 6), dtype=type(value))  # the third shard: models 14 to 17
        rows[2, 5] = value
        return rows

    with pytest.raises(LearnerError, match=message):
        train_votes(small(), Probe(answer), 5, 18, 3, shard=7)


@pytest.mark.parametrize("answer", [np.zeros((5, 6), bool), np.zeros((5, 5), int), [[0] * 6] * 5])
def test_broken_output_is_refused(answer):
    with pytest.raises(LearnerError, match="model 0: labels"):
        train_votes(small(), Probe(lambda *_: answer), 5, 5, 3)


@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")
@pytest.mark.parametrize("base", [KernelRidge, ScatteringRidge])
def test_scores_that_are_not_numbers_name_the_model(base):
    rng = np.random.default_rng(1)
    images = {"train_x": rng.random((30, 28, 28)), "test_x": rng.random((6, 28, 28))}
    data = small(**images)
    with_it = [model for model in range(20) if 4 in draw(3, model, 30, 5)]
    assert 0 < with_it[0] < 14  # in the second shard, of models 7 to 13

    class Spoilt(base):
        """What a model makes of example 4 is not a number; what is computed ahead of it is."""

        if base is KernelRidge:

            def features(self, example):
                found = super().features(example)
                return found * 1e200 if (example == data.train_x[4]).all() else found

        else:

            def relation(self, features, test_features):
                found = super().relation(features, test_features)
                if len(features) == 5:  # a model's own kernel matrix
                    found[(features == self.features(data.train_x[4])).all(axis=1)] = np.nan
                return found

    message = f"model {with_it[0]}: {base().name} has scores that are not finite"
    with pytest.raises(LearnerError, match=message):
        train_votes(data, Spoilt(), 5, 20, 3, shard=7)


def test_a_learner_that_asks_for_the_data_set_is_refused():
    def peek(batch, tested, seeds):
        return batch.dataset.train_y[: len(tested)]

    with pytest.raises(AttributeError, match=r"there is no 'dataset'.* never the data set"):
        train_votes(small(), Probe(peek), 5, 5, 3)

    class Grasping(Probe):
        def fit_predict(self, batch, test_features, seeds, dataset):
            raise AssertionError

    with pytest.raises(TypeError, match="dataset"):
        train_votes(small(), Grasping(None), 5, 5, 3)


def test_a_checkpoint_without_predictions_does_not_serve_a_run_that_keeps_them(tmp_path):
    def rows(keep):
        probe = _counting()
        votes = train_votes(
            small(), probe, 5, 30, 1, shard=10, checkpoint=tmp_path, keep_predictions=keep
        )
        return len(probe.seen), votes

    assert rows(False)[0] == 3
    trained, votes = rows(True)
    assert trained == 3
    assert votes.predictions.shape == (30, 6)
    for path in tmp_path.glob("*.counts"):
        path.unlink()
    trained, again = rows(False)  # rows of labels hold the counts
    assert trained == 0
    assert again.predictions is None
    assert again.digest == votes.digest
    assert (again.digests == votes.digests).all()


def test_what_killed_runs_left_half_written_is_removed(tmp_path):
    train_votes(small(), _counting(), 5, 30, 1, checkpoint=tmp_path, shard=10)
    remains = [".models-0000000-0000010.counts.abc", ".bagcert-checkpoint.json.x"]
    for name in remains:
        (tmp_path / name).write_text("half")
    train_votes(small(), _counting(), 5, 30, 1, checkpoint=tmp_path, shard=10)
    assert not any((tmp_path / name).exists() for name in remains)


def test_arguments():
    with pytest.raises(ValueError, match="there is local"):
        train_votes(small(), KernelRidge(), 5, 5, 3, engine="cloud")
    with pytest.raises(ValueError, match="models must be"):
        train_votes(small(), KernelRidge(), 5, 0, 3)
    with pytest.raises(TypeError, match="k must be"):
        train_votes(small(), KernelRidge(), 5.0, 5, 3)
    with pytest.raises(ValueError, match="there is cifar10, digits"):
        load_dataset("cifar")


def test_hold_out_and_dataset_checks():
    data = hold_out(small(), 5)
    assert (data.test_x == small().train_x[-5:]).all()
    assert len(data.train_y) == 25
    with pytest.raises(ValueError, match="train_y: labels"):
        small(train_y=np.arange(30))
    with pytest.raises(ValueError, match="test_x"):
        small(test_x=np.full((6, 4), np.nan))
    assert small().digest != small(test_x=np.zeros((6, 4))).digest
    assert small().digest == small(train_y=(np.arange(30) % 3).astype(">i2")).digest


def test_the_header_states_the_libraries_that_decide_labels() -> None:
    class Borrowing(KernelRidge):
        libraries = ("scipy",)

    own = train_votes(small(), KernelRidge(), 5, 2, 3).header
    lent = train_votes(small(), Borrowing(), 5, 2, 3).header
    assert own is not None
    assert lent is not None
    assert "scipy" not in own["versions"]
    assert lent["versions"] == {**own["versions"], "scipy": scipy.__version__}

"""Training: shards, interruptions, damage, and learners that break their contract."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy
from numpy.typing import NDArray

from bagcert.fastpath.datasets import Dataset, hold_out, load_dataset
from bagcert.fastpath.draws.lists import draw, model_seed
from bagcert.fastpath.learners import (
    KernelRidge,
    LearnerError,
    LogisticRegression,
    ScatteringRidge,
    Subsamples,
    learner_names,
    load_learner,
    looked_at_by,
)
from bagcert.fastpath.training.checkpoints import ForeignCheckpointError, discard
from bagcert.fastpath.training.ensemble import predict_models, train_votes
from bagcert.fastpath.votes.file import read_votes, write_votes
from bagcert.fastpath.votes.merging import merge_votes
from bagcert.fastpath.votes.votes import Votes


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load_dataset("digits")


def small(**changes: Any) -> Dataset:
    rng = np.random.default_rng(0)
    fields: dict[str, Any] = {
        "name": "small",
        "train_x": rng.random((30, 4)),
        "train_y": np.arange(30) % 3,
        "test_x": rng.random((6, 4)),
        "test_y": np.arange(6) % 3,
        "classes": 3,
        "class_names": ("a", "b", "c"),
    }
    return Dataset(**{**fields, **changes})


def present(array: NDArray[Any] | None) -> NDArray[Any]:
    """The array, which the votes must have."""
    assert array is not None
    return array


class Probe:
    """Returns what it is told to; remembers the batches it was given, of several models each."""

    name, ignores_seed = "probe", False

    @property
    def settings(self) -> dict[str, str]:
        return {}

    def __init__(self, answer: Callable[..., Any]) -> None:
        self.answer = answer
        self.seen: list[tuple[Subsamples, NDArray[Any], NDArray[np.uint64]]] = []

    def __deepcopy__(self, memo: dict[int, Any]) -> "Probe":
        return self  # copies are what the training loop asks; this one is asked to remember

    def features(self, example: NDArray[Any]) -> NDArray[Any]:
        assert example.shape == (4,)
        return example

    def fit_predict(
        self, batch: Subsamples, test_features: NDArray[Any], seeds: NDArray[np.uint64]
    ) -> Any:
        if len(seeds) > 1:  # one alone is a spot check
            self.seen.append((batch, test_features, seeds))
        return self.answer(batch, test_features, seeds)


def test_digits_split_is_frozen(digits: Dataset) -> None:
    assert digits.train_x.shape == (1437, 64)
    assert digits.test_x.shape == (360, 64)
    assert digits.train_x.min() == 0
    assert digits.train_x.max() == 1
    assert digits.digest == "79a1a15ddab969909a8bf479204badd80aba406f02aa2d278e27cdd94e8e93db"
    assert not digits.train_x.flags.writeable


@pytest.mark.parametrize("name", sorted(set(learner_names()) - {"logistic-regression", "sklearn"}))
def test_learners_state_what_their_defaults_were_chosen_on(name: str) -> None:
    """Whose constants were scanned on a data set says so; of the other two nothing is known."""
    assert looked_at_by(load_learner(name))


def test_the_header_states_it(digits: Dataset) -> None:
    for learner, due in ((KernelRidge(), ("digits",)), (LogisticRegression(), None)):
        header = train_votes(digits, learner, 5, 1, 1).header
        assert header is not None
        assert header.looked_at == due


def test_votes_do_not_depend_on_the_shards(digits: Dataset) -> None:
    whole = train_votes(digits, KernelRidge(), 20, 120, 7, keep_predictions=True)
    assert whole.predictions is not None
    assert whole.digests is not None
    assert whole.header is not None
    for shard in (1, 7, 500):
        votes = train_votes(digits, KernelRidge(), 20, 120, 7, keep_predictions=True, shard=shard)
        assert np.array_equal(present(votes.predictions), whole.predictions)
        assert votes.digest == whole.digest
        assert np.array_equal(present(votes.digests), whole.digests)
    alone = predict_models(digits, KernelRidge(), 20, 7, [119, 3])
    assert (alone == whole.predictions[[119, 3]]).all()
    row = whole.predictions[5].astype("<i4").tobytes()
    assert whole.digests[5].tobytes() == hashlib.sha256(row).digest()
    assert (whole.counts.argmax(axis=1) == digits.test_y).mean() > 0.9
    assert whole.header.dataset_digest == digits.digest


def test_learner_is_given_the_drawn_examples_and_nothing_else() -> None:
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
def test_resumed_equals_uninterrupted(tmp_path: Path, stop: int) -> None:
    data = small()
    whole = train_votes(data, KernelRidge(), 5, 35, 1, keep_predictions=True)

    def kill(done: int, total: int) -> None:
        assert total == 35
        if done == stop:
            raise Interrupted

    with pytest.raises(Interrupted):
        train_votes(data, KernelRidge(), 5, 35, 1, checkpoint=tmp_path, progress=kill, shard=10)
    done: list[tuple[int, int]] = []
    votes = train_votes(
        data, KernelRidge(), 5, 35, 1, keep_predictions=True, checkpoint=tmp_path, shard=10,
        progress=lambda *now: done.append(now),
    )  # fmt: skip
    assert np.array_equal(present(votes.predictions), present(whole.predictions))
    assert votes.digest == whole.digest
    assert done == [(10, 35), (20, 35), (30, 35), (35, 35)]


def _counting() -> Probe:
    return Probe(lambda batch, tested, seeds: np.tile(seeds % np.uint64(3), (6, 1)).T.astype(int))


def test_finished_shards_are_not_trained_again(tmp_path: Path) -> None:
    train_votes(small(), _counting(), 5, 30, 1, checkpoint=tmp_path, shard=10)
    again = _counting()
    train_votes(small(), again, 5, 30, 1, checkpoint=tmp_path, shard=10)
    assert again.seen == []


@pytest.mark.parametrize("damage", ["flip", "cut", "grow", "empty", "swap", "checksum"])
def test_damaged_shards_are_trained_again(tmp_path: Path, damage: str) -> None:
    whole = train_votes(small(), _counting(), 5, 30, 1, checkpoint=tmp_path, shard=10)
    first, second, _ = sorted(tmp_path.glob("models-*"))
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


def test_damaged_manifest_is_made_again(tmp_path: Path) -> None:
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
def test_other_settings_do_not_resume(tmp_path: Path, other: dict[str, Any]) -> None:
    base: dict[str, Any] = {
        "dataset": small(),
        "learner": KernelRidge(),
        "k": 5,
        "models": 30,
        "seed": 1,
    }
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
def test_broken_labels_name_the_model(value: float, message: str) -> None:
    def answer(batch: Subsamples, tested: NDArray[Any], seeds: NDArray[np.uint64]) -> NDArray[Any]:
        if len(seeds) != 4:
            return np.zeros((len(seeds), 6), dtype=int)
        rows = np.zeros((4, 6), dtype=type(value))  # the third shard: models 14 to 17
        rows[2, 5] = value
        return rows

    with pytest.raises(LearnerError, match=message):
        train_votes(small(), Probe(answer), 5, 18, 3, shard=7)


@pytest.mark.parametrize("answer", [np.zeros((5, 6), bool), np.zeros((5, 5), int), [[0] * 6] * 5])
def test_broken_output_is_refused(answer: Callable[..., Any]) -> None:
    with pytest.raises(LearnerError, match="model 0: labels"):
        train_votes(small(), Probe(lambda *_: answer), 5, 5, 3)


@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")
@pytest.mark.parametrize("base", [KernelRidge, ScatteringRidge])
def test_scores_that_are_not_numbers_name_the_model(base: Any) -> None:
    rng = np.random.default_rng(1)
    images = {"train_x": rng.random((30, 28, 28)), "test_x": rng.random((6, 28, 28))}
    data = small(**images)
    with_it = [model for model in range(20) if 4 in draw(3, model, 30, 5)]
    assert 0 < with_it[0] < 14  # in the second shard, of models 7 to 13

    class Spoilt(base):  # type: ignore[misc]  # of a class that is chosen at run time
        """What a model makes of example 4 is not a number; what is computed ahead of it is."""

        if base is KernelRidge:

            def features(self, example: NDArray[Any]) -> Any:
                found = super().features(example)
                return found * 1e200 if (example == data.train_x[4]).all() else found

        else:

            def relation(self, features: NDArray[Any], test_features: NDArray[Any]) -> Any:
                found = super().relation(features, test_features)
                if len(features) == 5:  # a model's own kernel matrix
                    found[(features == self.features(data.train_x[4])).all(axis=1)] = np.nan
                return found

    message = f"model {with_it[0]}: {base().name} has scores that are not finite"
    with pytest.raises(LearnerError, match=message):
        train_votes(data, Spoilt(), 5, 20, 3, shard=7)


def test_a_learner_that_asks_for_the_data_set_is_refused() -> None:
    def peek(batch: Subsamples, tested: NDArray[Any], seeds: NDArray[np.uint64]) -> Any:
        return batch.dataset.train_y[: len(tested)]

    with pytest.raises(AttributeError, match=r"there is no 'dataset'.* never the data set"):
        train_votes(small(), Probe(peek), 5, 5, 3)

    class Grasping(Probe):
        def fit_predict(  # type: ignore[override]  # the fault that is refused
            self,
            batch: Subsamples,
            test_features: NDArray[Any],
            seeds: NDArray[np.uint64],
            dataset: Dataset,
        ) -> Any:
            raise AssertionError

    with pytest.raises(TypeError, match="dataset"):
        train_votes(small(), Grasping(lambda *_: None), 5, 5, 3)  # type: ignore[arg-type]


def test_a_checkpoint_without_predictions_does_not_serve_a_run_that_keeps_them(
    tmp_path: Path,
) -> None:
    def rows(keep: bool) -> tuple[int, Votes]:
        probe = _counting()
        votes = train_votes(
            small(), probe, 5, 30, 1, shard=10, checkpoint=tmp_path, keep_predictions=keep
        )
        return len(probe.seen), votes

    assert rows(False)[0] == 3
    trained, votes = rows(True)
    assert trained == 3
    assert present(votes.predictions).shape == (30, 6)
    trained, again = rows(False)  # rows of labels hold the counts
    assert trained == 0
    assert again.predictions is None
    assert again.digest == votes.digest
    assert np.array_equal(present(again.digests), present(votes.digests))


def test_what_killed_runs_left_half_written_is_removed(tmp_path: Path) -> None:
    train_votes(small(), _counting(), 5, 30, 1, checkpoint=tmp_path, shard=10)
    remains = {
        ".models-0000000-0000010.npz.abcd_123": b"PK half",
        ".bagcert-checkpoint.json.abcdefgh": b"",
        ".bagcert-xyz_1234": b'{"form',
    }
    others = {
        ".models-0000000-0000010.npz.abcd_124": b"mine",
        ".models-mine": b"PK",
        "models-final.txt": b"mine",
        "models-0000090-0000100.npz": b"PK, but no shard",
    }
    for name, content in {**remains, **others}.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "models-0000080-0000090.npz").symlink_to(tmp_path / "models-final.txt")
    (tmp_path / ".bagcert-abcdefgh").mkdir()
    train_votes(small(), _counting(), 5, 30, 1, checkpoint=tmp_path, shard=10)
    assert not any((tmp_path / name).exists() for name in remains)
    discard(tmp_path)
    kept = {path.name for path in tmp_path.iterdir()}
    assert kept == {*others, "models-0000080-0000090.npz", ".bagcert-abcdefgh"}
    assert all((tmp_path / name).read_bytes() == content for name, content in others.items())


def test_what_is_no_shard_gives_way_and_is_not_lost(tmp_path: Path) -> None:
    """A stranger's file under a shard's own name, and a link there."""
    mine = tmp_path / "mine"
    mine.write_bytes(b"mine")
    first, second = (tmp_path / f"models-00000{i}0-00000{i + 1}0.npz" for i in (0, 1))
    first.write_bytes(b"PK, mine as well")
    second.symlink_to(mine)
    whole = train_votes(small(), _counting(), 5, 30, 1, checkpoint=tmp_path, shard=10)
    assert mine.read_bytes() == b"mine"
    assert (tmp_path / f"{first.name}.unread").read_bytes() == b"PK, mine as well"
    assert (tmp_path / f"{second.name}.unread").is_symlink()
    again = _counting()
    votes = train_votes(small(), again, 5, 30, 1, checkpoint=tmp_path, shard=10)
    assert again.seen == []
    assert votes.digest == whole.digest


def test_a_finished_shard_is_a_part_that_merge_joins(tmp_path: Path) -> None:
    whole = train_votes(
        small(), _counting(), 5, 30, 1, checkpoint=tmp_path, shard=10, keep_predictions=True
    )
    joined = merge_votes([read_votes(path) for path in sorted(tmp_path.glob("models-*.npz"))])
    for votes in (whole, joined):
        write_votes(votes, tmp_path / "votes.npz", force=True)
        if votes is whole:
            due = (tmp_path / "votes.npz").read_bytes()
    assert (tmp_path / "votes.npz").read_bytes() == due
    assert np.load(tmp_path / "models-0000010-0000020.npz")["counts"].dtype == np.uint8


def test_a_folder_without_shards_belongs_to_nobody(tmp_path: Path) -> None:
    def train(seed: int, stop: int = False, folder: Path = tmp_path / "kept") -> Votes:
        def fail(*_: object) -> None:
            raise Interrupted

        probe = Probe(fail) if stop else _counting()
        return train_votes(small(), probe, 5, 30, seed, checkpoint=folder, shard=10)

    with pytest.raises(Interrupted):
        train(1, stop=True)
    assert not (tmp_path / "kept").exists()
    (tmp_path / "own").mkdir()
    with pytest.raises(Interrupted):
        train(1, stop=True, folder=tmp_path / "own")
    assert [*(tmp_path / "own").iterdir()] == []
    # Of a run that was killed before its first shard was finished:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "bagcert-checkpoint.json").write_text('{"format": "bagcert-checkpoint/3"}')
    train(2)
    with pytest.raises(ForeignCheckpointError, match="other settings"):
        train(1)


@pytest.mark.parametrize("kind", ["pipe", "link", "folder"])
def test_a_manifest_that_is_no_plain_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "bagcert-checkpoint.json"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to(tmp_path / "elsewhere")
    else:
        path.mkdir()
    with pytest.raises(ValueError, match="is no plain file; remove it"):
        train_votes(small(), _counting(), 5, 30, 1, checkpoint=tmp_path, shard=10)
    assert os.path.lexists(path)
    assert not (tmp_path / "elsewhere").exists()


def test_arguments() -> None:
    with pytest.raises(ValueError, match="there is local"):
        train_votes(small(), KernelRidge(), 5, 5, 3, engine="cloud")
    with pytest.raises(ValueError, match="models must be"):
        train_votes(small(), KernelRidge(), 5, 0, 3)
    with pytest.raises(TypeError, match="k must be"):
        train_votes(small(), KernelRidge(), 5.0, 5, 3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="there is cifar10, digits"):
        load_dataset("cifar")


def test_hold_out_and_dataset_checks() -> None:
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
    assert own.versions is not None
    assert "scipy" not in own.versions
    assert lent.versions == {**own.versions, "scipy": scipy.__version__}

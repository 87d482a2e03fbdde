"""Only drawn training examples are prepared, and each is what it is among all others."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bagcert.fastpath.datasets import Dataset
from bagcert.fastpath.draws.lists import draw, drawn_by
from bagcert.fastpath.learners import KernelRidge, Learner, ScatteringRidge, load_learner
from bagcert.fastpath.training import preparation
from bagcert.fastpath.training.base_models import BaseModels
from bagcert.fastpath.training.blocks import Blocks
from bagcert.fastpath.training.engines import LocalEngine
from bagcert.fastpath.training.ensemble import predict_models, train_votes
from bagcert.fastpath.training.preparation import BLOCK, prepared_features, prepared_relations
from tests.blots import blots

N, K, SEED = 600, 5, 3
LEARNERS: dict[str, dict[str, str]] = {
    "efficientnet-ridge": {"side": "32"},
    "enlarged-ridge": {},
    "kernel-ridge": {},
    "logistic-regression": {},
    "manifold-ridge": {},
    "metric-ridge": {"neighbours": "3"},
    "mnist-cnn": {"epochs": "1"},
    "prior-ridge": {},
    "scattering-ridge": {},
    "sklearn": {"estimator": "GaussianNB"},
}


def dataset(n: int = N) -> Dataset:
    labels = np.arange(n) % 2
    return Dataset("blots", blots(n), labels, blots(20, 1), labels[:20], 10, tuple("abcdefghij"))


def numbered(n: int = N) -> Dataset:
    """Example i is the number i, with the label i mod 7."""
    labels, x = np.arange(n) % 7, np.arange(1.0, n + 1)[:, None]
    return Dataset("numbers", x, labels, x[:4], labels[:4], 7, tuple("abcdefg"))


class Places(KernelRidge):
    """An example's place in its block decides its features, as it may decide their rounding."""

    def features_of(self, examples: NDArray[Any]) -> NDArray[Any]:
        return np.hstack([examples, np.arange(len(examples))[:, None]])

    def relation(self, features: NDArray[Any], test_features: NDArray[Any]) -> NDArray[Any]:
        place = np.arange(len(features))[:, None]
        return np.asarray(features[:, :1] + 1e4 * place + 0 * test_features[:, :1].T)

    def fit_predict(self, batch: Any, test_features: Any, seeds: Any) -> NDArray[np.int64]:
        """Each label holds whatever the model was given: as one number, modulo c."""
        found = []
        for row, (features, labels) in enumerate(zip(batch.features, batch.labels, strict=True)):
            given = features @ [3, 5] + labels + batch.related(row)[:, 0]
            found.append((given @ np.arange(1, len(given) + 1)).astype(int) % batch.classes)
        return np.repeat(np.array(found)[:, None], len(test_features), axis=1)


def test_what_models_draw() -> None:
    due = {int(i) for model in (8, 2) for i in draw(SEED, model, N, K)}
    found = drawn_by(SEED, [8, 2], N, K)
    assert found.tolist() == sorted(due)
    assert drawn_by(SEED, range(10**6), 4, 20).tolist() == [0, 1, 2, 3]  # and stops there
    assert drawn_by(SEED, [], 4, 20).tolist() == []


@pytest.mark.parametrize("name", LEARNERS)
def test_models_are_the_same_whichever_examples_are_prepared(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparation, "CHECKED", 1)  # others hold learners to the rule
    learner, data, models = load_learner(name, LEARNERS[name]), dataset(), [41, 2, 7]
    whole = BaseModels.prepare(data, learner)
    drawn = drawn_by(SEED, models, N, K)
    part = BaseModels.prepare(data, learner, drawn=drawn)
    assert len(part.train) == len(drawn) < 3 * K + 1
    assert part.train.dtype == whole.train.dtype
    assert np.array_equal(part.train, whole.train[drawn])
    assert (part.relations is None) == (whole.relations is None)
    if whole.relations is not None:
        assert np.array_equal(np.asarray(part.relations), whole.relations[drawn])
    due = whole.predict(K, SEED, models)
    assert len(np.unique(due)) > 1
    assert np.array_equal(part.predict(K, SEED, models), due)
    assert np.array_equal(predict_models(data, learner, K, SEED, models), due)
    votes = train_votes(data, learner, K, 1, SEED, first_model=41, keep_predictions=True)
    assert votes.predictions is not None
    assert np.array_equal(votes.predictions[0], due[0])


def test_no_example_is_taken_for_another_and_none_leaves_its_place() -> None:
    """Labels that hold all that a model was given, by hand and among all examples."""
    data, models = numbered(5000), [9, 4, 77, 500]
    found = predict_models(data, Places(), K, SEED, models)
    for row, model in zip(found, models, strict=True):
        i = draw(SEED, model, 5000, K)
        given = 3 * (i + 1) + 5 * (i % 256) + i % 7 + (i + 1) + 10_000 * (i % 2048)
        assert (row == given @ np.arange(1, K + 1) % 7).all()
    whole = BaseModels.prepare(data, Places()).predict(K, SEED, models)
    assert np.array_equal(found, whole)


def test_a_model_that_draws_what_was_not_prepared_is_refused() -> None:
    data = numbered()
    base = BaseModels.prepare(data, KernelRidge(), drawn=drawn_by(SEED, [1], N, K))
    assert base.predict(K, SEED, [1]).shape == (1, 4)
    missing = draw(SEED, 2, N, K)[0]
    with pytest.raises(ValueError, match=f"example {missing} is drawn and was not prepared"):
        base.predict(K, SEED, [2])
    last = BaseModels.prepare(data, KernelRidge(), drawn=np.array([0]))
    with pytest.raises(ValueError, match="is drawn and was not prepared"):
        last.predict(K, SEED, [2])


class Recorder:
    """The examples that a learner is asked for, by their number; zeros are nobody."""

    def __init__(self) -> None:
        self.seen: set[int] = set()

    def __deepcopy__(self, memo: dict[int, Any]) -> "Recorder":
        return self


class Recorded(KernelRidge):
    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        object.__setattr__(self, "recorder", recorder)

    def features(self, example: NDArray[Any]) -> NDArray[Any]:
        seen: Recorder = self.__dict__["recorder"]
        seen.seen.add(int(example[0]))
        return super().features(example)


class RecordedInBlocks(Recorded):
    def features_of(self, examples: NDArray[Any]) -> NDArray[Any]:
        return np.stack([self.features(example) for example in examples])


@pytest.mark.parametrize("kind", [Recorded, RecordedInBlocks])
def test_a_learner_is_asked_for_drawn_examples_only(kind: type[Recorded]) -> None:
    recorder = Recorder()
    predict_models(numbered(), kind(recorder), K, SEED, [3, 4])
    due = {1, 2, 3, 4} | {int(i) + 1 for i in drawn_by(SEED, [3, 4], N, K)}
    assert recorder.seen - {0} == due


@pytest.mark.parametrize(("learner", "times"), [(KernelRidge(), 1), (Places(), 2)])
@pytest.mark.parametrize("models", [[3, 4], range(30)], ids=str)
def test_progress_is_of_what_is_computed(
    learner: Learner, times: int, models: Sequence[int]
) -> None:
    done: list[tuple[int, int]] = []
    predict_models(numbered(), learner, K, SEED, models, preparing=lambda *at: done.append(at))
    total = times * len(drawn_by(SEED, models, N, K)) + 4
    assert done[0] == (0, total)
    assert done[-1] == (total, total)
    assert {of for _, of in done} == {total}
    assert sorted(set(done)) == done


def test_no_models_need_nothing() -> None:
    def never(done: int, total: int) -> None:
        raise AssertionError

    assert predict_models(numbered(), KernelRidge(), K, SEED, [], preparing=never).shape == (0, 4)


class Interrupted(Exception):
    """Stands for a kill."""


def test_a_run_that_goes_on_prepares_what_its_missing_models_draw(tmp_path: Path) -> None:
    data, learner = numbered(), Places()

    def train(**options: Any) -> Any:
        return train_votes(data, learner, K, 30, SEED, shard=10, keep_predictions=True, **options)

    def kill(done: int, total: int) -> None:
        if done == 20:
            raise Interrupted

    due = train()
    with pytest.raises(Interrupted):
        train(checkpoint=tmp_path, progress=kill)
    totals: set[int] = set()
    found = train(checkpoint=tmp_path, preparing=lambda done, total: totals.add(total))
    assert totals == {2 * len(drawn_by(SEED, range(20, 30), N, K)) + 4}
    assert np.array_equal(found.predictions, due.predictions)
    assert found.digest == due.digest


def test_an_engine_that_keeps_prepares_all_and_once() -> None:
    data, learner = numbered(), Places()
    keeping, done = LocalEngine(keep=True), list[tuple[int, int]]()
    for k in (3, K):
        found = train_votes(
            data, learner, k, 4, SEED, engine=keeping, preparing=lambda *at: done.append(at)
        )
        assert found.digest == train_votes(data, learner, k, 4, SEED).digest
    total = 2 * N + 4
    assert done.count((0, total)) == done.count((total, total)) == 1
    assert {of for _, of in done} == {total}


@pytest.mark.parametrize(
    "indices",
    [range(1000), range(5), [0], [255, 256, 511, 767], [3, 259, 4, 515, 771], [1023, 0]],
    ids=str,
)
def test_blocks_hold_each_row_once_at_its_own_place(indices: Any) -> None:
    at = np.array(indices, np.int64)
    blocks = Blocks(at, 256)
    parts = blocks.cover()
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(at)))
    _, crowd = np.unique(at % 256, return_counts=True)
    assert len(parts) == crowd.max()  # fewer cannot be, since they share a place
    for rows in parts:
        block = blocks.filled(rows, (at + 1)[rows][:, None])
        assert block.shape == (256, 1)
        assert np.count_nonzero(block) == len(rows)
        assert all(block[at[row] % 256, 0] == at[row] + 1 for row in rows)
        assert (blocks.taken(rows, block)[:, 0] == at[rows] + 1).all()
        assert blocks.changed(rows, block, at[:, None] + 1) is None
        block[at[rows[-1]] % 256] -= 1
        assert blocks.changed(rows, block, at[:, None] + 1) == at[rows[-1]]


def test_all_examples_lie_in_blocks_as_they_come() -> None:
    parts = Blocks(np.arange(600), 256).cover()
    assert [rows.tolist() for rows in parts] == [
        list(range(256)), list(range(256, 512)), list(range(512, 600)),
    ]  # fmt: skip
    assert Blocks(np.arange(0), 256).cover() == []


def test_a_mixed_block_fills_half_of_the_places_each_with_one_of_its_own() -> None:
    at = np.arange(7, 2000, 3)
    blocks = Blocks(at, 256)
    for among in (range(len(at)), [5], [0, 1, 2], list(range(0, len(at), 2))):
        rows = blocks.mixed(among)
        places = {int(at[row]) % 256 for row in rows}
        assert len(places) == len(rows)
        assert set(rows.tolist()) <= set(among)
        assert 0 < len(rows) <= 128
    assert len({tuple(sorted(blocks.mixed(range(len(at))).tolist())) for _ in range(5)}) > 1


class Neighbourly(ScatteringRidge):
    """Features, or relations, that change a little with the next row of the block."""

    def features_of(self, examples: NDArray[Any]) -> NDArray[np.float32]:
        found = super().features_of(examples)
        found[:-1] += found[1:] * np.float32(1e-6)
        return found


def test_few_examples_that_share_a_block_are_held_to_the_rule_as_well() -> None:
    beside = np.array([10, 11, 12, 13, BLOCK + 10, BLOCK + 11])
    with pytest.raises(ValueError, match=r"features of example (1\d|26\d) change with the other"):
        prepared_features(Neighbourly(), blots(N), indices=beside)

    class Mean(ScatteringRidge):
        def relation(self, features: NDArray[Any], test_features: NDArray[Any]) -> NDArray[Any]:
            block = super().relation(features, test_features)
            return np.broadcast_to(block.mean(axis=0), block.shape).copy()

    features = prepared_features(Mean(), blots(N), indices=beside)
    with pytest.raises(ValueError, match=r"relations of example (1\d|26\d) change"):
        prepared_relations(Mean(), features, features[:3], indices=beside)


class Uneven(KernelRidge):
    """Wider features for a block that holds a large number."""

    def features_of(self, examples: NDArray[Any]) -> NDArray[Any]:
        return np.zeros((len(examples), 1 + int(examples.max() > BLOCK)))


def test_blocks_of_several_widths_are_refused() -> None:
    with pytest.raises(ValueError, match="rows of one length and one type"):
        prepared_features(Uneven(), numbered().train_x)

"""Training the ensemble: N models on k drawn examples each, counted as hard votes.

Bagging as in Jia, Cao and Gong (AAAI 2021), Section 2, with each model a function of (data set,
learner, k, seed, model index) alone: sharding, interruptions and the other models change nothing.
"""

import hashlib
import platform
from collections.abc import Callable, Sequence
from os import PathLike
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bagcert import __version__
from bagcert.fastpath.checkpoints import Checkpoint
from bagcert.fastpath.datasets import Dataset
from bagcert.fastpath.learners import Learner, LearnerError, RelatesExamples, Subsamples
from bagcert.fastpath.preparation import features_of_all, relations_of_all
from bagcert.fastpath.subsampling import MAX_SEED, draw, model_seed
from bagcert.fastpath.votes import Votes, count_predictions, digest_rows
from bagcert.fastpath.votes_header import FORMAT, header_text
from bagcert.reference.exact import MAX_LIST_BITS, MAX_MODELS, as_integer

__all__ = ["ENGINES", "SHARD", "predict_models", "train_votes"]

#: Where models can be trained.
ENGINES: Final = ("local",)
#: Models trained, and saved, together.
SHARD: Final = 100


def train_votes(
    dataset: Dataset,
    learner: Learner,
    k: int,
    models: int,
    seed: int,
    *,
    engine: str = "local",
    checkpoint: str | PathLike[str] | None = None,
    keep_predictions: bool = False,
    progress: Callable[[int, int], None] | None = None,
    preparing: Callable[[int, int], None] | None = None,
    first_model: int = 0,
    shard: int = SHARD,
) -> Votes:
    """Return the votes of ``models`` base models on the data set's test examples.

    Model i sees the examples ``draw(seed, i, n, k)`` and the seed ``model_seed(seed, i)``.
    Guarantee: on one machine and its libraries the votes are a function of the first five
    arguments, bit for bit; interrupted, resumed, or sharded otherwise, they are the same.

    Args:
        dataset: training and test examples.
        learner: under the soundness rule (:mod:`bagcert.fastpath.learners.base`).
        k: draws per model, in [1, 2^20].
        models: N, in [1, 10^6].
        seed: of the ensemble, in [0, 2^64).
        engine: one of :data:`ENGINES`.
        checkpoint: a folder that keeps finished shards; resuming with other settings is refused.
        keep_predictions: keep the label rows (N, e), which ``audit --replay`` needs.
        progress: called with (models done, models) after each shard.
        preparing: called with (examples done, examples) while features are computed.
        first_model: the first model's index: parts of one ensemble are joined by
            :func:`~bagcert.fastpath.merging.merge_votes`.
        shard: models trained together; memory, not results, depends on it.

    Raises:
        TypeError: ``k``, ``models``, ``seed`` or ``shard`` is not an integer.
        ValueError: an argument outside its domain, or a checkpoint of other settings.
        LearnerError: the learner failed or broke its contract; the message names the model.
    """
    k = as_integer("k", k, 1, MAX_LIST_BITS)
    models = as_integer("models", models, 1, MAX_MODELS)
    seed = as_integer("seed", seed, 0, MAX_SEED)
    shard = as_integer("shard", shard, 1)
    first_model = as_integer("first_model", first_model, 0, MAX_MODELS - models)
    if engine not in ENGINES:
        raise ValueError(f"engine: there is no {engine!r}; there is {', '.join(ENGINES)}")
    header = _header(dataset, learner, k, models, seed, first_model)
    run = hashlib.sha256(header_text(header).encode()).digest()
    saved = None if checkpoint is None else Checkpoint(checkpoint, run, len(dataset.test_y))
    prepared = _Prepared(dataset, learner, preparing)

    counts = np.zeros((len(dataset.test_y), dataset.classes), dtype=np.int64)
    digests: list[NDArray[np.uint8]] = []
    kept: list[NDArray[np.int32]] = []
    end = first_model + models
    for first in range(first_model, end, shard):
        indices = range(first, min(first + shard, end))
        rows = saved.load(indices) if saved else None
        if rows is None:
            rows = prepared.predict(k, seed, indices)
            if saved:
                saved.save(indices, rows)
        counts += count_predictions(rows, dataset.classes)
        digests.append(digest_rows(rows))
        if keep_predictions:
            kept.append(rows)
        if progress:
            progress(indices.stop - first_model, models)
    return Votes(
        counts,
        labels=dataset.test_y,
        predictions=np.concatenate(kept) if kept else None,
        digests=np.concatenate(digests),
        header=header,
    )


def predict_models(
    dataset: Dataset, learner: Learner, k: int, seed: int, models: Sequence[int]
) -> NDArray[np.int32]:
    """Return the label rows (len(models), e), int32, of the named models: they are trained again.

    Raises:
        As :func:`train_votes`; a model index outside [0, 2^64) is a ``ValueError``.
    """
    k = as_integer("k", k, 1, MAX_LIST_BITS)
    prepared = _Prepared(dataset, learner)
    rows = [prepared.predict(k, seed, models[i : i + SHARD]) for i in range(0, len(models), SHARD)]
    return np.concatenate([np.empty((0, len(dataset.test_y)), dtype=np.int32), *rows])


class _Prepared:
    """Features of every example, each computed from that example alone."""

    def __init__(
        self,
        dataset: Dataset,
        learner: Learner,
        preparing: Callable[[int, int], None] | None = None,
    ) -> None:
        self.dataset, self.learner = dataset, learner
        related = isinstance(learner, RelatesExamples)
        total = len(dataset.train_y) * (1 + related) + len(dataset.test_y)
        done = 0

        def advance(examples: int) -> None:
            nonlocal done
            done += examples
            if preparing:
                preparing(done, total)

        self.train = features_of_all(learner, dataset.train_x, advance)
        self.test = features_of_all(learner, dataset.test_x, advance)
        self.relations = relations_of_all(learner, self.train, self.test, advance)
        self.test.setflags(write=False)

    def predict(self, k: int, seed: int, models: Sequence[int]) -> NDArray[np.int32]:
        data = self.dataset
        drawn = np.stack([draw(seed, model, len(data.train_y), k) for model in models])
        seeds = np.array([model_seed(seed, model) for model in models], dtype=np.uint64)
        relations = self.relations

        def related(row: int) -> NDArray[Any]:
            rows: NDArray[Any] = np.asarray(relations)[drawn[row]]
            return rows

        batch = Subsamples(
            self.train[drawn],
            data.train_y[drawn],
            data.classes,
            None if relations is None else related,
        )
        try:
            rows = self.learner.fit_predict(batch, self.test, seeds)
            return _checked(rows, (len(models), len(data.test_y)), data.classes)
        except LearnerError as error:
            raise LearnerError(f"model {models[error.row]}: {error}", error.row) from error


def _checked(rows: Any, shape: tuple[int, int], classes: int) -> NDArray[np.int32]:
    """Return a learner's output as int32; what it owes is checked, never assumed."""
    if not isinstance(rows, np.ndarray):
        raise LearnerError(f"labels must be a numpy array, not {type(rows).__name__}")
    if rows.dtype.kind == "f" and rows.shape == shape and np.isnan(rows).any():
        raise LearnerError("a label is NaN", int(np.isnan(rows).any(axis=1).argmax()))
    if rows.dtype.kind not in "iu":
        raise LearnerError(f"labels must be integers, not {rows.dtype}")
    if rows.shape != shape:
        raise LearnerError(f"labels have shape {rows.shape}, where {shape} is due")
    bad = (rows < 0) | (rows >= classes)
    if bad.any():
        row = int(bad.any(axis=1).argmax())
        raise LearnerError(f"label {rows[row][bad[row]][0]} is outside 0..{classes - 1}", row)
    return rows.astype(np.int32)


def _header(
    dataset: Dataset, learner: Learner, k: int, models: int, seed: int, first_model: int
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "n": len(dataset.train_y),
        "k": k,
        "models": models,
        "classes": dataset.classes,
        "seed": seed,
        "first_model": first_model,
        "learner": learner.name,
        "learner_settings": dict(learner.settings),
        "ignores_seed": learner.ignores_seed,
        "dataset": dataset.name,
        "dataset_digest": dataset.digest,
        "class_names": list(dataset.class_names),
        "versions": {
            "bagcert": __version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
    }

"""Training the ensemble: N models on k drawn examples each, counted as hard votes.

Bagging as in Jia, Cao and Gong (AAAI 2021), Section 2, with each model a function of (data set,
learner, k, seed, model index) alone: sharding, interruptions and the other models change nothing.
"""

from collections.abc import Callable, Sequence
from os import PathLike
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.datasets import Dataset
from bagcert.fastpath.draws.lists import drawn_by
from bagcert.fastpath.draws.streams import MAX_SEED
from bagcert.fastpath.learners import (
    Learner,
    is_transductive,
    libraries_of,
    looked_at_by,
    stated_name,
)
from bagcert.fastpath.training.base_models import BaseModels
from bagcert.fastpath.training.engines import ENGINES, Engine, Work, load_engine
from bagcert.fastpath.training.gathering import Ensemble, gather
from bagcert.fastpath.training.shards import ranges
from bagcert.fastpath.training.versions import software_versions
from bagcert.fastpath.votes.header import VotesHeader
from bagcert.fastpath.votes.votes import Votes
from bagcert.reference.arithmetic.arguments import as_integer
from bagcert.reference.arithmetic.limits import MAX_LIST_BITS, MAX_MODELS

__all__ = ["ENGINES", "SHARD", "predict_models", "train_votes"]

#: Models trained, and saved, together.
SHARD: Final = 100


def train_votes(
    dataset: Dataset,
    learner: Learner,
    k: int,
    models: int,
    seed: int,
    *,
    engine: str | Engine = "local",
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
    arguments, bit for bit; interrupted, resumed, sharded otherwise, or trained by another engine,
    they are the same. Memory, beside what the learner needs: 8 e c + 32 N bytes, and 4 N e more
    where predictions are kept.

    Args:
        dataset: training and test examples.
        learner: under the soundness rule (:mod:`bagcert.fastpath.learners.base`).
        k: draws per model, in [1, 2^20].
        models: N, in [1, 10^6].
        seed: of the ensemble, in [0, 2^64).
        engine: one of :data:`ENGINES`, or an engine with options of its own
            (:class:`~bagcert.fastpath.training.engines.DaskEngine`).
        checkpoint: a folder that keeps finished shards; resuming with other settings is refused,
            as is a folder in which another run is at work.
        keep_predictions: keep the label rows (N, e), which ``audit --replay`` needs.
        progress: called with (models done, models) after each shard.
        preparing: called with (examples done, examples) while features are computed.
        first_model: the first model's index: parts of one ensemble are joined by
            :func:`~bagcert.fastpath.votes.merging.merge_votes`.
        shard: models trained together; memory, not results, depends on it.

    Raises:
        TypeError: ``k``, ``models``, ``seed`` or ``shard`` is not an integer.
        ValueError: an argument outside its domain, or a checkpoint of other settings.
        LearnerError: the learner failed or broke its contract; the message names the model.
        EngineError: the engine lost what it works with.
    """
    k = as_integer("k", k, 1, MAX_LIST_BITS)
    models = as_integer("models", models, 1, MAX_MODELS)
    seed = as_integer("seed", seed, 0, MAX_SEED)
    shard = as_integer("shard", shard, 1)
    first_model = as_integer("first_model", first_model, 0, MAX_MODELS - models)
    chosen = load_engine(engine) if isinstance(engine, str) else engine
    header = _header(dataset, learner, k, models, seed, first_model)
    every = range(first_model, first_model + models)
    work = Work(dataset, learner, k, seed, keep_predictions)
    return gather(
        Ensemble(
            every, len(dataset.test_y), dataset.classes, header.text(), dataset.test_y, header
        ),
        lambda missing: chosen.run(work, missing, preparing),
        checkpoint=checkpoint,
        keep_predictions=keep_predictions,
        progress=progress,
        shard=shard,
    )


def predict_models(
    dataset: Dataset,
    learner: Learner,
    k: int,
    seed: int,
    models: Sequence[int],
    *,
    progress: Callable[[int, int], None] | None = None,
    preparing: Callable[[int, int], None] | None = None,
    shard: int = SHARD,
) -> NDArray[np.int32]:
    """Return the label rows (len(models), e), int32, of the named models: they are trained again.

    The arguments are those of :func:`train_votes`.

    Raises:
        As :func:`train_votes`; a model index outside [0, 2^64) is a ``ValueError``.
    """
    k = as_integer("k", k, 1, MAX_LIST_BITS)
    rows = np.empty((len(models), len(dataset.test_y)), dtype=np.int32)
    if not len(models):
        return rows
    drawn = drawn_by(seed, models, len(dataset.train_y), k)
    base = BaseModels.prepare(dataset, learner, preparing, drawn)
    for part in ranges(range(len(models)), shard):
        rows[part.start : part.stop] = base.predict(k, seed, models[part.start : part.stop])
        if progress:
            progress(part.stop, len(models))
    return rows


def _header(
    dataset: Dataset, learner: Learner, k: int, models: int, seed: int, first_model: int
) -> VotesHeader:
    """Return the header of the votes: made, and so checked, before anything is trained."""
    return VotesHeader(
        n=len(dataset.train_y),
        k=k,
        models=models,
        classes=dataset.classes,
        seed=seed,
        first_model=first_model,
        learner=stated_name(learner),
        learner_settings=dict(learner.settings),
        looked_at=looked_at_by(learner),
        transductive=is_transductive(learner) or None,
        ignores_seed=learner.ignores_seed,
        dataset=dataset.name,
        dataset_digest=dataset.digest,
        class_names=tuple(dataset.class_names),
        versions=software_versions(libraries_of(learner)),
    )

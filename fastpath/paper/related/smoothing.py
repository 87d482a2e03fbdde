"""Rosenfeld et al. (2020), trained: models on the whole noisy training set, their votes counted.

Each of the n (d + 1) bits, features and label, is flipped with probability β, anew for every
model; a model is a linear classifier on what it sees. Any function of the noisy training set is
allowed, so nothing here needs the soundness rule for bagged learners.

The base model: noisy pixels as ±1, pooled by Gaussians of 1.5 pixels on 14 × 14 places, then least
squares with an errors-in-variables correction. Noise adds ``4β(1-β) P'P`` to the pooled pixels'
covariance; four fifths of it are taken off again (all of it makes single models unstable), and a
tenth of the mean corrected variance is added as a ridge. Test images are binarised, not noisy,
and scaled by 1 - 2β, as noise scales the mean of a training image.

Four fifths, a tenth, 1.5 and 14 were chosen among 60 settings on MNIST 1/7's training split alone
(15 models on its first 11,007 images, tested on the other 2,000, β = 3/10); so were other kinds of
base model, less accurate ones.
"""

from collections.abc import Callable
from fractions import Fraction
from os import PathLike
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.datasets import Dataset
from bagcert.fastpath.draws.flips import flips
from bagcert.fastpath.draws.streams import MAX_SEED
from bagcert.fastpath.learners.threads import side_by_side
from bagcert.fastpath.training.gathering import Ensemble, gather, shards_of
from bagcert.fastpath.training.versions import software_versions
from bagcert.fastpath.votes.header import spelled
from bagcert.fastpath.votes.votes import Votes
from bagcert.reference.arithmetic.arguments import as_integer, as_rational
from bagcert.reference.arithmetic.limits import MAX_MODELS
from bagcert.reference.related.smoothing import MAX_DENOMINATOR

__all__ = ["SmoothedVotes", "smoothed_votes"]

_WIDTH: Final = 1.5
_PLACES: Final = 14
_CORRECTED: Final = 0.8
_RIDGE: Final = 0.1
#: Models trained, and saved, together.
_SHARD: Final = 20


class SmoothedVotes(NamedTuple):
    """Votes of a smoothed ensemble: no bagging certificate may be made of them.

    ``votes`` therefore has no header; n, d and β, which the smoothing certificate needs, are here.
    """

    votes: Votes
    n: int
    #: d: binary features of one example, its label not counted.
    features: int
    beta: Fraction
    #: What the votes depend on.
    identity: dict[str, Any]


def smoothed_votes(
    dataset: Dataset,
    beta: Fraction | int | str,
    models: int,
    seed: int,
    *,
    checkpoint: str | PathLike[str] | None = None,
    keep_predictions: bool = False,
    progress: Callable[[int, int], None] | None = None,
    first_model: int = 0,
    shard: int = _SHARD,
) -> SmoothedVotes:
    """Return the votes of ``models`` models, each on its own noisy copy of the training set.

    Guarantee: on one machine and its libraries the votes are a function of the first four
    arguments, bit for bit, interrupted, resumed or sharded otherwise; the noise is a function of
    (seed, model, n, d, β) anywhere.

    Args:
        dataset: images (h, w) with values in [0, 1] and two classes; a pixel above 1/2 is a 1.
        beta: β, an exact rational in [0, 1/2), its denominator at most 1000.
        models: N, in [1, 10^6].
        seed: in [0, 2^64).
        checkpoint: a folder that keeps finished shards; resuming with other settings is refused.
        keep_predictions: keep the label rows (N, e).
        progress: called with (models done, models) after each shard.
        first_model: the first model's index.
        shard: models trained together; what an interruption can lose.

    Raises:
        TypeError: ``beta`` is a float, or an integer is none.
        ValueError: an argument outside its domain, or a checkpoint of other settings.
    """
    rate = as_rational("beta", beta)
    if not 0 <= 2 * rate < 1 or rate.denominator > MAX_DENOMINATOR:
        raise ValueError(
            f"beta must lie in [0, 1/2), with a denominator of at most {MAX_DENOMINATOR}"
        )
    models = as_integer("models", models, 1, MAX_MODELS)
    seed = as_integer("seed", seed, 0, MAX_SEED)
    first_model = as_integer("first_model", first_model, 0, MAX_MODELS - models)
    shard = as_integer("shard", shard, 1)
    base = _NoisyModels(dataset, rate)
    identity = {
        "kind": "smoothing",
        "beta": str(rate),
        "seed": seed,
        "models": models,
        "first_model": first_model,
        "base": f"pooled least squares {_WIDTH} {_PLACES} {_CORRECTED} {_RIDGE}",
        "dataset": dataset.name,
        "dataset_digest": dataset.digest,
        "versions": software_versions(),
    }

    def predict(part: range) -> NDArray[np.int32]:
        return np.stack(side_by_side(lambda place: base.predict(seed, part[place]), len(part)))

    every = range(first_model, first_model + models)
    votes = gather(
        Ensemble(every, len(dataset.test_y), dataset.classes, spelled(identity), dataset.test_y),
        shards_of(predict, dataset.classes, keep=keep_predictions),
        checkpoint=checkpoint,
        keep_predictions=keep_predictions,
        progress=progress,
        shard=shard,
    )
    return SmoothedVotes(votes, len(dataset.train_y), base.bits.shape[1], rate, identity)


class _NoisyModels:
    """The models of one data set, each a function of (seed, its index)."""

    def __init__(self, dataset: Dataset, beta: Fraction) -> None:
        if dataset.classes != 2:
            raise ValueError(f"dataset: a label must be one bit, not one of {dataset.classes}")
        if dataset.train_x.ndim != 3:
            raise ValueError(f"dataset: images (h, w) are due, not {dataset.train_x.shape[1:]}")
        self.beta = beta
        self.bits = _binarised(dataset.train_x)
        self.labels = dataset.train_y.astype(np.bool_)
        height, width = dataset.train_x.shape[1:]
        self.pool = np.kron(_bells(height), _bells(width)).astype(np.float32)
        self.noise = float(4 * beta * (1 - beta)) * (self.pool.T @ self.pool).astype(np.float64)
        self.test = float(1 - 2 * beta) * (_signs(_binarised(dataset.test_x)) @ self.pool)

    def noisy(self, seed: int, model: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return the bits (n, d) and labels (n,) that one model sees."""
        n, d = self.bits.shape
        flipped = flips(seed, model, (n, d + 1), self.beta)
        return self.bits ^ flipped[:, :d], self.labels ^ flipped[:, d]

    def predict(self, seed: int, model: int) -> NDArray[np.int32]:
        """Return one model's labels (e,): 1 where its score is positive."""
        bits, labels = self.noisy(seed, model)
        seen = _signs(bits) @ self.pool
        mean = seen.mean(axis=0)
        seen -= mean
        targets = labels - labels.mean()
        covariance = (seen.T @ seen).astype(np.float64) / len(seen) - _CORRECTED * self.noise
        ridge = _RIDGE * np.trace(covariance - (1 - _CORRECTED) * self.noise) / len(mean)
        covariance[np.diag_indices_from(covariance)] += max(ridge, 1e-6)
        weights = np.linalg.solve(covariance, seen.T.astype(np.float64) @ targets)
        found: NDArray[np.int32] = ((self.test - mean) @ weights > 0).astype(np.int32)
        return found


def _binarised(images: NDArray[Any]) -> NDArray[np.bool_]:
    bits: NDArray[np.bool_] = images.reshape(len(images), -1) > 0.5
    return bits


def _signs(bits: NDArray[np.bool_]) -> NDArray[np.float32]:
    signs = bits.astype(np.float32)
    signs *= 2
    signs -= 1
    return signs


def _bells(side: int) -> NDArray[np.float64]:
    """Gaussians (side, 14) at even places, each of unit norm."""
    centres = (np.arange(_PLACES) + 0.5) * side / _PLACES - 0.5
    bells = np.exp(-((np.arange(side)[:, None] - centres) ** 2) / (2 * _WIDTH**2))
    found: NDArray[np.float64] = bells / np.sqrt((bells**2).sum(axis=0))
    return found

"""Ma et al. (2019), trained: differentially private models by opacus, their accuracies measured.

DP-SGD (Abadi et al. 2016) on a linear classifier of fixed features, each computed from its example
alone. Opacus samples (Poisson), clips each example's gradient, adds the noise, chooses its size,
and accounts for ε: its numbers are believed here, not proven. Neighbours in its sense differ by one
example added or removed: a replaced example counts twice (``Adjacency.ADD_REMOVE``).

Sampling rate 1/20, 200 steps, learning rate 20 and clipping norm 0.3 were chosen among 9 settings
on MNIST 1/7's training split alone (3 models on its first 11,007 images, tested on the other
2,000, ε = 3/10, δ = 10^-5). As is usual, their choice is not accounted for in ε.
"""

import warnings
from collections.abc import Callable
from fractions import Fraction
from os import PathLike
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.datasets import Dataset
from bagcert.fastpath.draws.lists import model_seed
from bagcert.fastpath.draws.streams import MAX_SEED
from bagcert.fastpath.learners import Learner, ScatteringRidge
from bagcert.fastpath.learners.threads import side_by_side
from bagcert.fastpath.training.gathering import Ensemble, gather, shards_of
from bagcert.fastpath.training.preparation import prepared_features
from bagcert.fastpath.training.versions import software_versions
from bagcert.fastpath.votes.header import spelled
from bagcert.reference.arithmetic.arguments import as_integer, as_level, as_rational
from bagcert.reference.arithmetic.limits import MAX_MODELS

__all__ = ["PrivateAccuracies", "train_private"]

_RATE: Final = 1 / 20
_STEPS: Final = 200
_LEARNING_RATE: Final = 20.0
_CLIP: Final = 0.3
#: Models trained, and saved, together.
_SHARD: Final = 20


class PrivateAccuracies(NamedTuple):
    """How many of the test examples each model labels rightly; the models are independent."""

    #: (N,) int64.
    correct: NDArray[np.int64]
    #: e, the test examples.
    examples: int
    epsilon: Fraction
    delta: Fraction
    #: σ: the noise's standard deviation in units of the clipping norm, as opacus chose it.
    noise_multiplier: float
    #: What the accuracies depend on.
    identity: dict[str, Any]


def train_private(
    dataset: Dataset,
    epsilon: Fraction | int | str,
    delta: Fraction | int | str,
    models: int,
    seed: int,
    *,
    features: Learner | None = None,
    checkpoint: str | PathLike[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
    preparing: Callable[[int, int], None] | None = None,
    first_model: int = 0,
    shard: int = _SHARD,
) -> PrivateAccuracies:
    """Return the clean test accuracies of ``models`` (ε, δ)-private models.

    Model i uses torch's generator seeded with ``model_seed(seed, i)``: on one machine and its
    libraries the result is a function of the first five arguments and ``features``, interrupted
    and resumed or not.

    Args:
        dataset: training and test examples.
        epsilon: ε of each model, as opacus' accountant (PRV) counts it: at most this.
        delta: δ, 0 < δ < 1.
        models: N, in [1, 10^6].
        seed: in [0, 2^64).
        features: whose map of single examples the linear model sees; scattering if not given.
        checkpoint: a folder that keeps finished shards; resuming with other settings is refused.
        progress: called with (models done, models) after each shard.
        preparing: called with (examples done, examples) while features are computed.
        first_model: the first model's index.
        shard: models trained together; what an interruption can lose.

    Raises:
        ImportError: opacus is not installed (the extra ``compare``).
        TypeError: a float where an exact number is due, or an integer is none.
        ValueError: an argument outside its domain, or a checkpoint of other settings.
    """
    import opacus
    import torch

    level, error = as_rational("epsilon", epsilon), as_level("delta", delta)
    if level <= 0:
        raise ValueError("epsilon must be positive: no noise suffices for 0")
    models = as_integer("models", models, 1, MAX_MODELS)
    seed = as_integer("seed", seed, 0, MAX_SEED)
    first_model = as_integer("first_model", first_model, 0, MAX_MODELS - models)
    shard = as_integer("shard", shard, 1)
    learner = ScatteringRidge(normalisation="none") if features is None else features
    sigma = _noise_multiplier(float(level), float(error))
    done, total = 0, len(dataset.train_y) + len(dataset.test_y)

    def advance(examples: int) -> None:
        nonlocal done
        done += examples
        if preparing:
            preparing(done, total)

    train = prepared_features(learner, dataset.train_x, advance)
    tested = prepared_features(learner, dataset.test_x, advance)
    base = _PrivateModels(train, dataset.train_y, tested, dataset.classes, sigma)
    identity = {
        "kind": "differential privacy",
        "epsilon": str(level),
        "delta": str(error),
        "noise_multiplier": repr(sigma),
        "seed": seed,
        "models": models,
        "first_model": first_model,
        "base": f"linear, DP-SGD {_RATE} {_STEPS} {_LEARNING_RATE} {_CLIP}",
        "features": {"learner": learner.name, **learner.settings},
        "dataset": dataset.name,
        "dataset_digest": dataset.digest,
        "versions": {
            **software_versions(),
            "opacus": opacus.__version__,
            "torch": str(torch.__version__),
        },
    }

    def one(seed: int) -> NDArray[np.int32]:
        torch.set_num_threads(1)  # of the calling thread, one of several
        return base.predict(seed)

    def predict(part: range) -> NDArray[np.int32]:
        seeds = [model_seed(seed, model) for model in part]
        threads = torch.get_num_threads()
        with warnings.catch_warnings():
            # The inputs are features, so no gradient flows to them: what torch warns of.
            warnings.filterwarnings("ignore", message="Full backward hook is firing")
            try:
                return np.stack(side_by_side(lambda place: one(seeds[place]), len(seeds)))
            finally:
                torch.set_num_threads(threads)

    every = range(first_model, first_model + models)
    votes = gather(
        Ensemble(every, len(dataset.test_y), dataset.classes, spelled(identity), dataset.test_y),
        shards_of(predict, dataset.classes, keep=True),
        checkpoint=checkpoint,
        keep_predictions=True,
        progress=progress,
        shard=shard,
    )
    correct = (np.asarray(votes.predictions) == dataset.test_y).sum(axis=1)
    return PrivateAccuracies(correct, len(dataset.test_y), level, error, sigma, identity)


def _noise_multiplier(epsilon: float, delta: float) -> float:
    """Return the σ for which opacus' accountant counts at most ε."""
    from opacus.accountants.utils import get_noise_multiplier

    with warnings.catch_warnings():
        # Of a bound that the accountant uses to choose its grid, not of its answer.
        warnings.filterwarnings("ignore", message="Optimal order is the")
        found = get_noise_multiplier(
            target_epsilon=epsilon,
            target_delta=delta,
            sample_rate=_RATE,
            steps=_STEPS,
            accountant="prv",
            epsilon_tolerance=epsilon / 300,
        )
    return float(found)


class _PrivateModels:
    """The models of one data set, each a function of its own seed."""

    def __init__(
        self,
        train: NDArray[Any],
        labels: NDArray[np.int64],
        tested: NDArray[Any],
        classes: int,
        sigma: float,
    ) -> None:
        import torch

        self.train, self.tested = (
            torch.tensor(part.astype(np.float32)) for part in (train, tested)
        )
        self.labels = torch.tensor(labels)
        self.classes, self.sigma = classes, sigma

    def predict(self, seed: int) -> NDArray[np.int32]:
        """Train one model and return its labels (e,)."""
        import torch
        from opacus import GradSampleModule
        from opacus.optimizers import DPOptimizer
        from opacus.utils.uniform_sampler import UniformWithReplacementSampler

        n, d = self.train.shape
        generator = torch.Generator().manual_seed(seed)
        linear = torch.nn.Linear(d, self.classes)
        torch.nn.init.zeros_(linear.weight)
        torch.nn.init.zeros_(linear.bias)
        module: Any = GradSampleModule(linear)
        optimiser = DPOptimizer(
            torch.optim.SGD(module.parameters(), lr=_LEARNING_RATE),
            noise_multiplier=self.sigma,
            max_grad_norm=_CLIP,
            expected_batch_size=max(1, int(_RATE * n)),
            generator=generator,
        )
        for drawn in UniformWithReplacementSampler(
            num_samples=n, sample_rate=_RATE, generator=generator, steps=_STEPS
        ):
            optimiser.zero_grad()
            scores = module(self.train[drawn])
            loss: Any = torch.nn.functional.cross_entropy(scores, self.labels[drawn])
            loss.backward()
            optimiser.step()
        with torch.no_grad():
            labels: NDArray[np.int32] = linear(self.tested).argmax(dim=1).numpy().astype(np.int32)
        return labels

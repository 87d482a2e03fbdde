"""Base learners under the soundness rule, by name (fastpath/README.md, the soundness rule)."""

from collections.abc import Callable, Mapping

from bagcert.fastpath.learners.base import (
    BatchedFeatures,
    Learner,
    LearnerError,
    RelatesExamples,
    Subsamples,
    UsesLibraries,
    libraries_of,
)
from bagcert.fastpath.learners.kernel_ridge import KernelRidge
from bagcert.fastpath.learners.logistic import LogisticRegression
from bagcert.fastpath.learners.networks.convnet import Cifar10Cnn, ConvNet, MnistCnn
from bagcert.fastpath.learners.sklearn import SklearnLearner
from bagcert.fastpath.learners.transfer import Transfer
from bagcert.fastpath.learners.wavelets.metric_ridge import MetricRidge
from bagcert.fastpath.learners.wavelets.scattering_ridge import ScatteringRidge

__all__ = [
    "BatchedFeatures",
    "Cifar10Cnn",
    "ConvNet",
    "KernelRidge",
    "Learner",
    "LearnerError",
    "LogisticRegression",
    "MetricRidge",
    "MnistCnn",
    "RelatesExamples",
    "ScatteringRidge",
    "SklearnLearner",
    "Subsamples",
    "Transfer",
    "UsesLibraries",
    "learner_names",
    "libraries_of",
    "load_learner",
]

_LEARNERS: dict[str, Callable[[Mapping[str, str]], Learner]] = {
    "cifar10-cnn": Cifar10Cnn.from_settings,
    "kernel-ridge": KernelRidge.from_settings,
    "logistic-regression": LogisticRegression.from_settings,
    "metric-ridge": MetricRidge.from_settings,
    "mnist-cnn": MnistCnn.from_settings,
    "scattering-ridge": ScatteringRidge.from_settings,
    "sklearn": SklearnLearner.from_settings,
}


def learner_names() -> tuple[str, ...]:
    """Return the names that :func:`load_learner` knows, sorted."""
    return tuple(sorted(_LEARNERS))


def load_learner(name: str, settings: Mapping[str, str] | None = None) -> Learner:
    """Return the learner called ``name``, with ``settings`` as a votes header spells them.

    Settings left out take the learner's fixed defaults.

    Raises:
        ValueError: no such learner, or no such setting; the message names those that exist.
    """
    if name not in _LEARNERS:
        raise ValueError(f"learner: there is no {name!r}; there is {', '.join(learner_names())}")
    return _LEARNERS[name](settings or {})

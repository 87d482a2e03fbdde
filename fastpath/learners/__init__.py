"""Base learners under the soundness rule, by name (fastpath/README.md, the soundness rule)."""

from collections.abc import Iterator, Mapping
from shlex import quote
from typing import Protocol

from bagcert.fastpath.learners.base import (
    BatchedFeatures,
    Learner,
    LearnerError,
    RelatesExamples,
    StatesWhatWasSeen,
    StatesWhetherTransductive,
    Subsamples,
    UsesLibraries,
    is_transductive,
    libraries_of,
    looked_at_by,
)
from bagcert.fastpath.learners.kernel_ridge import KernelRidge
from bagcert.fastpath.learners.logistic import LogisticRegression
from bagcert.fastpath.learners.networks.convnet import ConvNet
from bagcert.fastpath.learners.networks.efficientnet import EfficientNetRidge
from bagcert.fastpath.learners.networks.recipes import (
    Cifar10Cnn,
    Cifar10CnnKeras,
    MnistCnn,
    MnistCnnAuthors,
    MnistCnnKeras,
)
from bagcert.fastpath.learners.sklearn import SklearnLearner
from bagcert.fastpath.learners.transfer import Transfer
from bagcert.fastpath.learners.wavelets.enlarged_ridge import EnlargedRidge
from bagcert.fastpath.learners.wavelets.manifold_ridge import ManifoldRidge
from bagcert.fastpath.learners.wavelets.metric_ridge import MetricRidge
from bagcert.fastpath.learners.wavelets.prior_ridge import PriorRidge
from bagcert.fastpath.learners.wavelets.scattering_ridge import ScatteringRidge

__all__ = [
    "BatchedFeatures",
    "Cifar10Cnn",
    "Cifar10CnnKeras",
    "ConvNet",
    "EfficientNetRidge",
    "EnlargedRidge",
    "KernelRidge",
    "Learner",
    "LearnerError",
    "LogisticRegression",
    "ManifoldRidge",
    "MetricRidge",
    "MnistCnn",
    "MnistCnnAuthors",
    "MnistCnnKeras",
    "PriorRidge",
    "RelatesExamples",
    "ScatteringRidge",
    "SklearnLearner",
    "StatesWhatWasSeen",
    "StatesWhetherTransductive",
    "Subsamples",
    "Transfer",
    "UsesLibraries",
    "is_transductive",
    "learner_lines",
    "learner_names",
    "libraries_of",
    "load_learner",
    "looked_at_by",
    "stated_name",
]


class _Named(Protocol):
    @property
    def about(self) -> str: ...

    def defaults(self) -> Mapping[str, str]: ...

    def from_settings(self, settings: Mapping[str, str]) -> Learner: ...


_LEARNERS: dict[str, _Named] = {
    "cifar10-cnn": Cifar10Cnn,
    "cifar10-cnn-keras": Cifar10CnnKeras,
    "efficientnet-ridge": EfficientNetRidge,
    "enlarged-ridge": EnlargedRidge,
    "kernel-ridge": KernelRidge,
    "logistic-regression": LogisticRegression,
    "manifold-ridge": ManifoldRidge,
    "metric-ridge": MetricRidge,
    "mnist-cnn": MnistCnn,
    "mnist-cnn-authors": MnistCnnAuthors,
    "mnist-cnn-keras": MnistCnnKeras,
    "prior-ridge": PriorRidge,
    "scattering-ridge": ScatteringRidge,
    "sklearn": SklearnLearner,
}


def learner_names() -> tuple[str, ...]:
    """Return the names that :func:`load_learner` knows, sorted."""
    return tuple(sorted(_LEARNERS))


def learner_lines() -> Iterator[str]:
    """Yield a line on each learner; below it its settings, typed with their defaults."""
    for title in learner_names():
        settings = _LEARNERS[title].defaults()
        yield f"{title}: {_LEARNERS[title].about}"
        yield "  " + " ".join(quote(f"{name}={value}") for name, value in settings.items())


def load_learner(name: str, settings: Mapping[str, str] | None = None) -> Learner:
    """Return the learner called ``name``, with ``settings`` as a votes header spells them.

    Settings left out take the learner's fixed defaults.

    Raises:
        ValueError: no such learner, or no such setting; the message names those that exist.
    """
    if name not in _LEARNERS:
        raise ValueError(f"learner: there is no {name!r}; there is {', '.join(learner_names())}")
    return _LEARNERS[name].from_settings(settings or {})


def stated_name(learner: Learner) -> str:
    """Return what a votes header calls ``learner``: the class that really runs.

    Its name, where the registry makes that very class under it, or the registry does not know the
    name; else, for a subclass that goes under its parent's name, the qualified name of its class.
    """
    kind = type(learner)
    if _LEARNERS.get(learner.name, kind) is kind:
        return learner.name
    return f"{kind.__module__}.{kind.__qualname__}"

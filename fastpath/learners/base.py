"""What a base learner A is given, and what it owes (fastpath/README.md, the soundness rule).

The certificate speaks of A(g(D), x): a base model may depend on the training set through its k
drawn examples and on its own seed, and on nothing else that was computed from D. The interface
leaves no room for the usual mistake: a learner sees one example at a time, then the drawn
examples of some models, and never the data set.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BatchedFeatures",
    "Learner",
    "LearnerError",
    "RelatesExamples",
    "StatesWhatWasSeen",
    "StatesWhetherTransductive",
    "Subsamples",
    "UsesLibraries",
    "is_transductive",
    "libraries_of",
    "looked_at_by",
]


class LearnerError(ValueError):
    """A learner failed, or broke its contract; ``row`` is the place in the batch, if known."""

    def __init__(self, message: str, row: int = 0) -> None:
        super().__init__(message)
        self.row = row


@dataclass(frozen=True, eq=False)
class Subsamples:
    """The drawn examples of B models: ``features`` (B, k, d) and int64 ``labels`` (B, k).

    An example that was drawn twice is there twice. Labels lie in [0, classes).
    """

    features: NDArray[Any]
    labels: NDArray[np.int64]
    classes: int
    #: For a learner that :class:`RelatesExamples`: model b's (k, e) rows of relations, on demand.
    #: They may be overwritten by the same thread's next call.
    related: Callable[[int], NDArray[Any]] | None = None

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"there is no {name!r}: a base model is given its drawn examples and its seed, "
            f"never the data set (the soundness rule)"
        )


class Learner(Protocol):
    """A base learner: fixed hyper-parameters, a map of single examples, and a fit.

    ``ignores_seed`` claims that no output depends on the seeds; the residual ``integral`` is
    refused to votes without it. ``settings`` spells every hyper-parameter, for the header.
    """

    @property
    def name(self) -> str:
        """The name in the registry, and in the votes' header."""

    @property
    def ignores_seed(self) -> bool:
        """Whether the predictions are a function of the drawn examples alone."""

    @property
    def settings(self) -> Mapping[str, str]:
        """Every hyper-parameter, as strings from which the learner can be made again."""

    def features(self, example: NDArray[Any]) -> NDArray[Any]:
        """Return the (d,) features of ONE example: a fixed map that keeps no memory."""

    def fit_predict(
        self, batch: Subsamples, test_features: NDArray[Any], seeds: NDArray[np.uint64]
    ) -> NDArray[Any]:
        """Return hard labels (B, e), integers in [0, classes), for ``test_features`` (e, d).

        Row b may depend on ``batch.features[b]``, ``batch.labels[b]``, ``seeds[b]`` and the
        test features; not on the other rows, nor on how many there are. A learner whose label of
        one test example depends on the others states it (:class:`StatesWhetherTransductive`).

        Raises:
            LearnerError: a model cannot be fitted; ``row`` says which.
        """


@runtime_checkable
class UsesLibraries(Protocol):
    """A learner whose labels may depend on the versions of more than numpy."""

    @property
    def libraries(self) -> tuple[str, ...]:
        """Names of installed distributions; the votes' header states their versions."""


def libraries_of(learner: Learner) -> tuple[str, ...]:
    """Return the libraries that a learner names, none if it names none."""
    return learner.libraries if isinstance(learner, UsesLibraries) else ()


@runtime_checkable
class StatesWhatWasSeen(Protocol):
    """A learner whose default settings were chosen by looking at data sets that it names.

    A certificate for one of these does not cover an attacker who had changed the data set before
    the settings were chosen: they are a computation from it, if not one of this program's.
    """

    @property
    def looked_at(self) -> tuple[str, ...] | None:
        """Names of data sets whose training examples were looked at; None if nobody knows."""


def looked_at_by(learner: Learner) -> tuple[str, ...] | None:
    """Return what a learner states of that, None if it states nothing; () is "none of them"."""
    return learner.looked_at if isinstance(learner, StatesWhatWasSeen) else None


@runtime_checkable
class StatesWhetherTransductive(Protocol):
    """A learner whose label of one test example may depend on the other test examples.

    The theorem speaks of it as of any other: the test set is fixed while the training set is
    poisoned. But a certificate is then about the whole test set as it stands, and covers nobody
    who may change another test example. Nothing checks that a learner which should state it does.
    """

    @property
    def transductive(self) -> bool:
        """Whether it does, with the settings that it has."""


def is_transductive(learner: Learner) -> bool:
    """Return whether a learner states that it is; one that states nothing may be all the same."""
    return isinstance(learner, StatesWhetherTransductive) and learner.transductive


@runtime_checkable
class BatchedFeatures(Protocol):
    """A learner whose map of single examples is faster on many at once."""

    def features_of(self, examples: NDArray[Any]) -> NDArray[Any]:
        """Return the (m, d) features of m examples: row i a function of example i alone.

        The training loop holds the learner to it: for examples here and there it asks again
        with zeros in the place of all the others, and refuses any difference.
        """


@runtime_checkable
class RelatesExamples(Protocol):
    """A learner that uses each training example's relation to the test set, computed ahead."""

    def relation(self, features: NDArray[Any], test_features: NDArray[Any]) -> NDArray[Any]:
        """Return (m, e), row i a function of one training example's features and the test set."""

"""One base model of scikit-learn: fitted to k drawn rows, and asked for hard labels."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.learners.base import LearnerError
from bagcert.fastpath.learners.sklearn_parameters import random_states, remedy
from bagcert.fastpath.learners.threads import one_thread

__all__ = ["BaseModel", "NoModelError", "fit_base_model"]


class NoModelError(LearnerError):
    """The k rows, and nothing else, are why there is no model."""


@dataclass(frozen=True, eq=False)
class BaseModel:
    """What was fitted to one list: the labels that were drawn, and a model that numbers them."""

    #: The distinct labels of the list, ascending, integers in [0, c).
    present: NDArray[np.int64]
    #: A fitted classifier of 0..len(present) - 1; None where one label was drawn: it is constant.
    model: Any

    def predict(self, tested: Any) -> NDArray[np.int64]:
        """Return hard labels (e,), each one that was drawn.

        Raises:
            LearnerError: the model failed, or returned what is no label.
        """
        examples = len(tested) if hasattr(tested, "__len__") else tested.shape[0]
        if self.model is None:
            return np.full(examples, self.present[0])
        try:
            with warnings.catch_warnings(), one_thread():
                warnings.simplefilter("ignore")
                found = self.model.predict(tested)
        except Exception as error:  # whatever a stranger's estimator raises
            raise _fault(error)(
                f"sklearn: {type(self.model).__name__} cannot predict: {_said(error)}"
            ) from error
        if not isinstance(found, np.ndarray) or found.shape != (examples,):
            shape = getattr(found, "shape", type(found).__name__)
            raise LearnerError(f"sklearn: labels have shape {shape}, where ({examples},) is due")
        if found.dtype.kind not in "iu":
            raise LearnerError(f"sklearn: labels must be integers, not {found.dtype}")
        if found.size and (found.min() < 0 or found.max() >= len(self.present)):
            raise LearnerError("sklearn: a label is none of those that were drawn")
        return self.present[found]


def fit_base_model(estimator: Any, drawn: Any, given: NDArray[Any], seed: int) -> BaseModel:
    """Fit a fresh clone of ``estimator`` to k rows, duplicates included, and to nothing else.

    Args:
        estimator: a classifier that scikit-learn can clone.
        drawn: the k rows of features.
        given: their labels (k,), integers; they are renumbered from 0 without gaps.
        seed: the model's own, in [0, 2^64): its upper half is every ``random_state``.

    Raises:
        LearnerError: the estimator cannot be fitted to these rows; the message says what helps.
    """
    from sklearn.base import clone

    present, numbered = np.unique(given, return_inverse=True)
    if len(present) == 1:
        return BaseModel(present, None)
    _check_size(estimator, len(given))
    states = dict.fromkeys(random_states(estimator), seed >> 32)
    model = clone(estimator).set_params(**states)
    try:
        # One thread of BLAS, so that the number of cores changes no bit.
        with warnings.catch_warnings(), one_thread():
            warnings.simplefilter("ignore")
            return BaseModel(present, model.fit(drawn, numbered))
    except Exception as error:  # whatever a stranger's estimator raises
        raise _fault(error)(
            f"sklearn: {type(estimator).__name__} cannot be fitted to {len(given)} examples of "
            f"{len(present)} classes: {_said(error)}{remedy(estimator)}"
        ) from error


def _said(error: Exception) -> str:
    """The kind of an error and its first line: some libraries append a page of advice."""
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"


def _fault(error: Exception) -> type[LearnerError]:
    """What a failure is: of the rows, as numerical errors are; not of memory or of a parameter."""
    numerical = isinstance(error, (ValueError, ArithmeticError))
    return NoModelError if numerical and not isinstance(error, TypeError) else LearnerError


def _check_size(estimator: Any, k: int) -> None:
    """Refuse a tree that cannot split k examples: each model would learn nothing."""
    leaf = estimator.get_params(deep=False).get("min_samples_leaf")
    if isinstance(leaf, int) and leaf > 1 and k < 2 * leaf:
        raise LearnerError(
            f"sklearn: min_samples_leaf={leaf} leaves no split of {k} examples, so that "
            f"nothing is learned; set min_samples_leaf to 1, or k to at least {2 * leaf}"
        )

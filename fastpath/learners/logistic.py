"""Multinomial logistic regression with a ridge, for features made elsewhere (Figure 3(a))."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.learners.base import LearnerError, Subsamples
from bagcert.fastpath.learners.configured import Configured, own_values
from bagcert.fastpath.learners.settings import in_interval
from bagcert.fastpath.learners.threads import side_by_side

__all__ = ["LogisticRegression"]

#: Directions of the drawn examples below this share of the longest are rounding.
_RANK: Final = 1e-12
#: Largest entry of the gradient that counts as a minimum.
_FLAT: Final = 1e-4


@dataclass(frozen=True)
class LogisticRegression(Configured):
    """The W that minimises the sum over the k examples of -log softmax(W' z)_y + lam/2 |W|^2.

    z is the example with a 1 appended: the ridge holds the intercept as well, so that the minimum
    exists and is unique whatever the labels, one class alone included. The label is argmax W' z,
    between equal scores the smaller. No randomness. The W found by L-BFGS (scipy's) is within
    |gradient| / lam of the minimum, by strong convexity. Soundness: features are the example's own
    values; lam is a constant. Its default was given beforehand; where it comes from is not
    recorded, and the votes' header states nothing of it (``looked_at``).

    Args:
        lam: ridge, in [1e-6, 1e6].

    Raises:
        TypeError, ValueError: a setting outside its domain.
    """

    lam: float = 0.01

    title: ClassVar[str] = "logistic-regression"
    about: ClassVar[str] = "multinomial, with a ridge, on the raw values"
    needs: ClassVar[tuple[str, ...]] = ("scipy",)

    def __post_init__(self) -> None:
        in_interval("lam", self.lam, 1e-6, 1e6)

    def features(self, example: NDArray[Any]) -> NDArray[np.float64]:
        """Return the example's own values, flat, float64 of shape (d,)."""
        return own_values(example)

    def fit_predict(
        self, batch: Subsamples, test_features: NDArray[Any], seeds: NDArray[np.uint64]
    ) -> NDArray[np.int64]:
        """Return hard labels (B, e); ``seeds`` are ignored. Models are fitted one by one.

        Raises:
            LearnerError: the minimum was not found, or scores are not finite; ``row`` says whose.
        """

        def solve(row: int) -> NDArray[np.int64]:
            weights = self._fitted(batch.features[row], batch.labels[row], batch.classes, row)
            scores = test_features @ weights[:-1] + weights[-1]
            if not np.isfinite(scores).all():
                raise LearnerError("logistic-regression has scores that are not finite", row)
            found: NDArray[np.int64] = scores.argmax(axis=1)
            return found

        return np.stack(side_by_side(solve, len(batch.labels)))

    def _fitted(
        self, drawn: NDArray[Any], given: NDArray[np.int64], classes: int, row: int
    ) -> NDArray[np.float64]:
        """The (d + 1, c) weights, sought in the span of the k rows, where the minimum lies."""
        try:
            from scipy.optimize import minimize
            from scipy.special import log_softmax
        except ImportError as error:
            raise LearnerError(
                "logistic-regression needs scipy; type: pip install 'bagcert[fast]'", row
            ) from error

        extended = np.column_stack([drawn, np.ones(len(drawn))])
        if not np.isfinite(extended).all():
            raise LearnerError("logistic-regression was given values that are not finite", row)
        values, vectors = np.linalg.eigh(extended @ extended.T)
        kept = values > _RANK * values[-1]
        lengths = np.sqrt(values[kept])
        coordinates = vectors[:, kept] * lengths
        targets = np.eye(classes)[given]

        def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            weights = flat.reshape(-1, classes)
            logs = log_softmax(coordinates @ weights, axis=1)
            gradient = coordinates.T @ (np.exp(logs) - targets) + self.lam * weights
            value = -(logs * targets).sum() + self.lam / 2 * (flat @ flat)
            return float(value), gradient.ravel()

        found = minimize(
            loss,
            np.zeros(len(lengths) * classes),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": 5000, "maxfun": 20000, "ftol": 0.0, "gtol": 1e-8},
        )
        if not np.abs(found.jac).max() <= _FLAT:
            raise LearnerError(f"logistic-regression found no minimum: {found.message}", row)
        in_span = vectors[:, kept] / lengths @ found.x.reshape(-1, classes)
        weights: NDArray[np.float64] = extended.T @ in_span
        return weights

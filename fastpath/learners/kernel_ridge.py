"""Kernel ridge regression on one-hot labels, with a Gaussian kernel of fixed width.

The defaults are round numbers on a plateau, checked on digits' training split alone: for each
(gamma, lam), ``train_votes(hold_out(load_dataset("digits"), 360), KernelRidge(gamma, lam), 20,
1000, 1, keep_predictions=True)`` gave, one model's mean accuracy / the majority vote's:

    gamma    lam 0.001        lam 0.01         lam 0.1          lam 1.0
    0.0125   0.6071 / 0.9472  0.6151 / 0.9444  0.5835 / 0.9361  0.3668 / 0.8972
    0.025    0.6216 / 0.9472  0.6239 / 0.9444  0.6098 / 0.9389  0.4473 / 0.9083
    0.05     0.6351 / 0.9583  0.6351 / 0.9583  0.6269 / 0.9472  0.5186 / 0.9306
    0.1      0.6434 / 0.9583  0.6430 / 0.9583  0.6368 / 0.9556  0.5714 / 0.9333
    0.2      0.6435 / 0.9583  0.6431 / 0.9583  0.6388 / 0.9556  0.6006 / 0.9472

Looking at a training set to choose a constant is itself a computation from it. A certificate
holds for this learner with these constants, whatever the data become; it does not cover someone
who searches the table again on poisoned data.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.learners.base import LearnerError, Subsamples
from bagcert.fastpath.learners.configured import Configured, own_values
from bagcert.fastpath.learners.settings import positive
from bagcert.fastpath.learners.threads import side_by_side

__all__ = ["KernelRidge"]


@dataclass(frozen=True)
class KernelRidge(Configured):
    """Kernel ridge on the k drawn examples: (K + lam I) A = Y - 1/c, label argmax k(x)' A.

    K_ij = exp(-gamma |x_i - x_j|^2), Y is one-hot, c the number of classes; between equal scores
    the smaller label wins. lam keeps the system regular when an example was drawn twice. It has
    no randomness. Soundness: features are the example's own values; gamma and lam are constants
    of this file, not computed from any training set at run time.

    Args:
        gamma: inverse squared width, for features in [0, 1]; positive and finite.
        lam: ridge; positive and finite.

    Raises:
        ValueError: a setting outside its domain.
    """

    gamma: float = 0.1
    lam: float = 0.01

    title: ClassVar[str] = "kernel-ridge"
    about: ClassVar[str] = "kernel ridge on the raw values"
    chosen_on: ClassVar[tuple[str, ...] | None] = ("digits",)

    def __post_init__(self) -> None:
        positive("gamma", self.gamma)
        positive("lam", self.lam)

    def features(self, example: NDArray[Any]) -> NDArray[np.float64]:
        """Return the example's own values, flat, float64 of shape (d,)."""
        return own_values(example)

    def fit_predict(
        self, batch: Subsamples, test_features: NDArray[Any], seeds: NDArray[np.uint64]
    ) -> NDArray[np.int64]:
        """Return hard labels (B, e); ``seeds`` are ignored.

        Models are solved one by one: a stacked product may round differently with another
        number of models in the stack, and votes must not depend on how they were sharded.

        Raises:
            LearnerError: scores that are not finite; ``row`` says whose.
        """
        squares = (test_features * test_features).sum(axis=1)

        def solve(row: int) -> NDArray[np.int64]:
            drawn, given = batch.features[row], batch.labels[row]
            norms = (drawn * drawn).sum(axis=1)
            targets = np.eye(batch.classes)[given] - 1.0 / batch.classes
            kernel = self._kernel(drawn, norms, drawn, norms)
            kernel[np.diag_indices_from(kernel)] += self.lam
            try:
                weights = np.linalg.solve(kernel, targets)
            except np.linalg.LinAlgError as error:
                raise LearnerError(f"kernel-ridge cannot solve: {error}", row) from error
            scores = self._kernel(test_features, squares, drawn, norms) @ weights
            if not np.isfinite(scores).all():
                raise LearnerError("kernel-ridge has scores that are not finite", row)
            found: NDArray[np.int64] = scores.argmax(axis=1)
            return found

        return np.stack(side_by_side(solve, len(batch.labels)))

    def _kernel(
        self,
        x: NDArray[np.float64],
        x_squares: NDArray[np.float64],
        y: NDArray[np.float64],
        y_squares: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        distances = x_squares[:, None] + y_squares[None, :] - 2.0 * (x @ y.T)
        result: NDArray[np.float64] = np.exp(-self.gamma * np.maximum(distances, 0.0))
        return result

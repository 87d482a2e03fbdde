"""Kernel ridge with a kernel conditioned on scikit-learn's digits: what two learners share.

The mean of a Gaussian process with covariance K and noise λ is kernel ridge regression. Conditioned
on noisy values at the digits it has the covariance C(x, x') = K(x, x') - <φ(x), φ(x')>, where φ(x)
is a linear map of K(digits, x): a map of one image, fixed before any training set is seen.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.learners.wavelets.metric import DIRECTIONS
from bagcert.fastpath.learners.wavelets.metric_ridge import MetricRidge, gaussian

__all__ = ["ConditionedRidge", "leading"]


@dataclass(frozen=True)
class ConditionedRidge(MetricRidge, ABC):
    """:class:`MetricRidge` with C in the place of K; a subclass says what φ is."""

    #: Directions of the metric that a subclass works in.
    directions: ClassVar[int] = DIRECTIONS

    def features_of(self, examples: NDArray[Any]) -> NDArray[np.float32]:
        """Return the metric's features, then φ, of (m, 28, 28) images.

        Raises:
            LearnerError: images of another shape, or scikit-learn is not installed.
        """
        near = super().features_of(examples)
        digits, onto = self._digits()
        return np.concatenate([near, gaussian(near, digits, self.gamma) @ onto], axis=1)

    @abstractmethod
    def _digits(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The digits' features in the metric, and the matrix B of φ(x) = B^T K(digits, x).

        To be computed once, in one thread of linear algebra.
        """

    def _place(self, features: NDArray[Any]) -> NDArray[np.float32]:
        """The directions of the metric, without what the digits say of an image."""
        found: NDArray[np.float32] = features[:, : self.directions]
        return found

    def _phi(self, features: NDArray[Any]) -> NDArray[np.float32]:
        """φ of rows of features."""
        found: NDArray[np.float32] = features[:, self.directions :]
        return found

    def _kernel(self, x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.float32]:
        """C of rows of features."""
        near = gaussian(self._place(x), self._place(y), self.gamma)
        near -= self._phi(x) @ self._phi(y).T
        return near


def leading(
    near: NDArray[np.float32], gamma: float, kept: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return Λ and U: the ``kept`` largest eigenvalues of K(near, near), and their vectors."""
    from scipy import linalg

    products = gaussian(near, near, gamma).astype(np.float64)
    last = len(near) - 1
    values, vectors = linalg.eigh(products, subset_by_index=(last + 1 - kept, last))
    return values, vectors

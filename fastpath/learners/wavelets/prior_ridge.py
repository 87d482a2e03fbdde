"""Transfer: the metric's kernel ridge, on top of what other labelled digits already say.

What it uses: the k drawn examples, and scikit-learn's 1,797 digits **with their labels**, which
must be no part of the training set. Kernel ridge is the mean of a Gaussian process with covariance
K and noise λ; here the process has seen those digits first, with the same K and λ. No constant is
new but :data:`KEPT`. (λ of the digits' labels was also tried at 0.1 and 1 on MNIST's last 2,000
training images; it stayed the learner's own.)
"""

import threading
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.learners.base import LearnerError
from bagcert.fastpath.learners.wavelets.metric import DIRECTIONS, enlarged_digits
from bagcert.fastpath.learners.wavelets.metric_ridge import MetricRidge, gaussian

__all__ = ["KEPT", "PriorRidge"]

#: Leading eigenvectors of the digits' K that are kept: the process has seen these 256 combinations
#: of the digits' labels. A size of memory: all 1,797 do alike.
KEPT: Final = 256
#: Classes of the digits, which the drawn examples' labels continue.
_CLASSES: Final = 10
_ONCE: Final = threading.Lock()


@dataclass(frozen=True)
class PriorRidge(MetricRidge):
    """(C + λI) A = Y - 1/c - m(X), label argmax m(x) + C(x, X) A: m, C given the labelled digits.

    With φ(x) = (Λ + λ)^(-1/2) U^T K(digits, x), K(digits, digits) = U Λ U^T (the leading
    eigenvectors), and T the digits' one-hot labels less 1/10:

        m(x) = T^T U (Λ + λ)^(-1/2) φ(x),      C(x, x') = K(x, x') - <φ(x), φ(x')>.

    Between equal scores the smaller label wins. It has no randomness. Much of what it knows does
    not come from the training set and cannot be poisoned there: state beside its certificates what
    m alone gets right. Soundness is :class:`MetricRidge`'s.

    Args:
        gamma, lam: positive and finite.

    Raises:
        ValueError: a setting outside its domain.
    """

    title: ClassVar[str] = "prior-ridge"

    def features_of(self, examples: NDArray[Any]) -> NDArray[np.float32]:
        """Return (m, 64 + 256 + 10): the metric's features, φ, and m, of (m, 28, 28) images.

        Raises:
            LearnerError: images of another shape, or scikit-learn is not installed.
        """
        near = super().features_of(examples)
        with _ONCE:  # blocks of images are asked for in several threads
            digits, onto, expected = _digits(self)
        seen = gaussian(near, digits, self.gamma) @ onto
        return np.concatenate([near, seen, seen @ expected], axis=1)

    def _kernel(self, x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.float32]:
        """C of rows of features."""
        seen = slice(DIRECTIONS, DIRECTIONS + KEPT)
        near = gaussian(x[:, :DIRECTIONS], y[:, :DIRECTIONS], self.gamma)
        near -= x[:, seen] @ y[:, seen].T
        return near

    def _prior(self, rows: NDArray[Any], classes: int) -> NDArray[np.float32]:
        """m of rows of features."""
        if classes != _CLASSES:
            raise LearnerError(f"{self.name} is for the ten digits, not {classes} classes")
        found: NDArray[np.float32] = rows[:, DIRECTIONS + KEPT :]
        return found


@cache
def _digits(learner: PriorRidge) -> tuple[NDArray[np.float32], ...]:
    """The digits' features g, U (Λ + λ)^(-1/2), and (Λ + λ)^(-1/2) U^T T."""
    images, labels = enlarged_digits()
    near = np.concatenate(
        [MetricRidge.features_of(learner, images[i : i + 256]) for i in range(0, len(images), 256)]
    )
    values, vectors = np.linalg.eigh(gaussian(near, near, learner.gamma).astype(np.float64))
    onto = vectors[:, -KEPT:] / np.sqrt(values[-KEPT:] + learner.lam)
    expected = onto.T @ (np.eye(_CLASSES)[labels] - 1 / _CLASSES)
    return near, onto.astype(np.float32), expected.astype(np.float32)

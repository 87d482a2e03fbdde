"""Kernel ridge regression in a metric that ignores small deformations of images.

What it uses: the k drawn examples, and scikit-learn's digits without their labels, which must be no
part of the training set (:mod:`bagcert.fastpath.learners.wavelets.metric`, where it also stands
where γ and λ come from). Several widths at once, a mean of two or three Gaussians with γ from 6 to
100, gained at most 0.002 (100 models each at k = 20, 30 and 100 on the first 12,000 of MNIST's
training images, tested on 4,000 others of them), and are not offered.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.learners.base import LearnerError, Subsamples
from bagcert.fastpath.learners.configured import Configured
from bagcert.fastpath.learners.settings import positive
from bagcert.fastpath.learners.spreading import neighbour_graph, spread
from bagcert.fastpath.learners.threads import side_by_side
from bagcert.fastpath.learners.wavelets.metric import SIDE, metric, wide
from bagcert.reference.arithmetic.arguments import as_integer

__all__ = ["MetricRidge", "gaussian", "unit_rows"]


@dataclass(frozen=True)
class MetricRidge(Configured):
    """(K + λI) A = Y - 1/c with K = exp(-2γ (1 - <g, g'>)), g in the metric; label argmax k(x)' A.

    With ``neighbours`` the scores of the test examples are first spread among those that resemble
    one another (:mod:`bagcert.fastpath.learners.spreading`): a label then depends on the other test
    examples too, and a certificate is about the test set as it stands.

    Between equal scores the smaller label wins. It has no randomness. Soundness: g is a function of
    one image, by a map that is the same whatever the training set holds. That fails for a training
    set that holds scikit-learn's digits: it takes images of 28 × 28 pixels only, and whoever
    enlarges those digits into a training set voids the certificate.

    Args:
        gamma, lam: positive and finite.
        neighbours: 0 to 1000; 0 takes each test example by itself.

    Raises:
        TypeError, ValueError: a setting outside its domain.
    """

    gamma: float = 25.0
    lam: float = 0.01
    neighbours: int = 0

    title: ClassVar[str] = "metric-ridge"
    about: ClassVar[str] = "kernel ridge on 64 fixed directions of wavelet features; 28 × 28"
    needs: ClassVar[tuple[str, ...]] = ("scikit-learn", "scipy")
    chosen_on: ClassVar[tuple[str, ...] | None] = ("mnist", "mnist17")

    def __post_init__(self) -> None:
        positive("gamma", self.gamma)
        positive("lam", self.lam)
        as_integer("neighbours", self.neighbours, 0, 1000)

    @property
    def transductive(self) -> bool:
        """Whether a label depends on the other test examples."""
        return self.neighbours > 0

    def features(self, example: NDArray[Any]) -> NDArray[np.float32]:
        """Return the (64,) features of one (28, 28) image."""
        found: NDArray[np.float32] = self.features_of(example[None])[0]
        return found

    def features_of(self, examples: NDArray[Any]) -> NDArray[np.float32]:
        """Return the (m, 64) features, of unit norm, of (m, 28, 28) images.

        Raises:
            LearnerError: images of another shape, or scikit-learn is not installed.
        """
        self._check(examples)
        return self._in_the_metric(wide(examples))

    def fit_predict(
        self, batch: Subsamples, test_features: NDArray[Any], seeds: NDArray[np.uint64]
    ) -> NDArray[np.int64]:
        """Return hard labels (B, e); ``seeds`` are ignored. Models are solved one by one.

        Raises:
            LearnerError: a system that cannot be solved, or scores that are not finite.
        """

        graph = None
        if self.neighbours:
            graph = neighbour_graph(self._place(test_features), self.neighbours)

        def solve(row: int) -> NDArray[np.int64]:
            drawn, given = batch.features[row], batch.labels[row]
            targets = np.eye(batch.classes)[given] - 1.0 / batch.classes
            targets -= self._prior(drawn, batch.classes)
            kernel = self._kernel(drawn, drawn).astype(np.float64)
            kernel[np.diag_indices_from(kernel)] += self.lam
            try:
                weights = np.linalg.solve(kernel, targets)
            except np.linalg.LinAlgError as error:
                raise LearnerError(f"{self.name} cannot solve: {error}", row) from error
            scores = weights.T.astype(np.float32) @ self._kernel(drawn, test_features)
            scores += self._prior(test_features, batch.classes).T
            if graph is not None:
                scores = spread(graph, scores.T).T
            if not np.isfinite(scores).all():
                raise LearnerError(f"{self.name} has scores that are not finite", row)
            return self._labels(scores, given)

        return np.stack(side_by_side(solve, len(batch.labels)))

    def _check(self, examples: NDArray[Any]) -> None:
        """Raise unless these are images (m, 28, 28)."""
        if examples.shape[1:] != (SIDE, SIDE):
            raise LearnerError(
                f"{self.name} wants images ({SIDE}, {SIDE}), not {examples.shape[1:]}"
            )

    def _in_the_metric(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """<f, v> of each direction v, to unit norm."""
        return unit_rows(features @ metric())

    def _place(self, features: NDArray[Any]) -> NDArray[np.float32]:
        """What of the features says where an image is in the metric, of unit norm."""
        return features

    def _kernel(self, x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.float32]:
        """K of rows of features."""
        return gaussian(x, y, self.gamma)

    def _prior(self, rows: NDArray[Any], classes: int) -> NDArray[np.float32]:
        """What is expected of each class beyond 1/c before any example is drawn: (m, c)."""
        return np.zeros((len(rows), classes), np.float32)

    def _labels(self, scores: NDArray[np.float32], given: NDArray[np.int64]) -> NDArray[np.int64]:
        """The label of each column of scores (c, e); ``given`` are the drawn examples' (k,)."""
        found: NDArray[np.int64] = scores.argmax(axis=0)
        return found


def gaussian(x: NDArray[Any], y: NDArray[Any], gamma: float) -> NDArray[np.float32]:
    """Return exp(-2γ (1 - <x_i, y_j>)), float32, for rows of unit norm."""
    block: NDArray[np.float32] = x @ y.T
    block -= 1
    block *= np.float32(2 * gamma)
    return np.exp(block, out=block)


def unit_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return each row to unit norm; a row of zeros stays."""
    norms = np.sqrt((rows * rows).sum(axis=1, keepdims=True))
    found: NDArray[np.float32] = rows / np.maximum(norms, np.float32(1e-12))
    return found

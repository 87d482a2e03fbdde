"""Kernel ridge in a metric, along the shapes that unlabelled digits have; classes a list lacks.

What it uses: the k drawn examples, and scikit-learn's 1,797 digits **without their labels**, which
must be no part of the training set. Two things beyond ``metric-ridge``:

**Manifold regularisation** (M. Belkin, P. Niyogi, V. Sindhwani, JMLR 7, 2006; as a kernel: V.
Sindhwani, P. Niyogi, M. Belkin, ICML 2005). A score should change little between two digits that
resemble each other, so f' L f is penalised beside the norm of f, with L the normalised Laplacian of
the graph of the digits and their nearest neighbours. The test set is not in it.

**Classes that the list lacks.** Of ten classes, a list of 30 lacks one with probability about 0.35,
a list of 20 with 0.74, and a model that knows no other class gives all of its images away. Where no
class of the list leads those it lacks by ``unseen``, the label is one of those.

Where the constants come from: by models that drew from the first 3,000 of MNIST's training images
and were scored on images 55,000 to 56,499, among γ = 6, 12, 20, 25, smoothness 0.1 to 1,000, λ =
0.0001 to 0.01, and ``unseen`` = 0.2 to 0.5. A certificate for MNIST does not cover an attacker who
had changed those by then (``looked_at`` in the votes' header).
"""

import threading
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.learners.settings import positive
from bagcert.fastpath.learners.spreading import neighbour_graph
from bagcert.fastpath.learners.wavelets.metric import (
    DIRECTIONS,
    enlarged_digits,
    in_blocks,
    metric,
    wide,
)
from bagcert.fastpath.learners.wavelets.metric_ridge import MetricRidge, gaussian, unit_rows

__all__ = ["KEPT", "NEIGHBOURS", "ManifoldRidge"]

#: Of each digit, in the graph.
NEIGHBOURS: Final = 8
#: Leading eigenvectors of the digits' K that are kept: f is penalised as far as they show it.
KEPT: Final = 512
_ONCE: Final = threading.Lock()


@dataclass(frozen=True)
class ManifoldRidge(MetricRidge):
    """(C + λI) A = Y - 1/c, scores C(x, X) A; label argmax, or a class that the list lacks.

    With K of :class:`MetricRidge`, K(digits, digits) = U Λ U^T (the leading eigenvectors), L the
    normalised Laplacian of the digits' graph, and M = μ U^T L U,

        C(x, x') = K(x, x') - <φ(x), φ(x')>,   φ(x) = (I + R^T Λ R)^(-1/2) R^T U^T K(digits, x),

    where M = R R^T, which is the covariance of a Gaussian process that has seen R^T U^T f(digits)
    to be 0 at noise 1.

    Classes without a drawn example all have one score. Where the best class leads it by less than
    ``unseen``, the label is the first such class from the best one on, 0 following c - 1: spread
    over them, for nothing says which. Between equal scores the smaller label wins. It has no
    randomness. Soundness is :class:`MetricRidge`'s.

    Args:
        gamma, lam: positive and finite.
        neighbours: as of :class:`MetricRidge`.
        smoothness: μ, positive and finite.
        unseen: a lead, finite, 0 or larger; 0 never gives a class that the list lacks for its lead.

    Raises:
        TypeError, ValueError: a setting outside its domain.
    """

    gamma: float = 12.0
    lam: float = 0.002
    smoothness: float = 15.0
    unseen: float = 0.3

    title: ClassVar[str] = "manifold-ridge"

    def __post_init__(self) -> None:
        super().__post_init__()
        positive("smoothness", self.smoothness)
        if self.unseen:
            positive("unseen", self.unseen)

    def features_of(self, examples: NDArray[Any]) -> NDArray[np.float32]:
        """Return (m, 64 + 512): the metric's features and φ of (m, 28, 28) images.

        Raises:
            LearnerError: images of another shape, or scikit-learn is not installed.
        """
        near = super().features_of(examples)
        with _ONCE:  # blocks of images are asked for in several threads
            digits, onto = _digits(self.gamma, self.smoothness)
        return np.concatenate([near, gaussian(near, digits, self.gamma) @ onto], axis=1)

    def _place(self, features: NDArray[Any]) -> NDArray[np.float32]:
        """The directions of the metric."""
        found: NDArray[np.float32] = features[:, :DIRECTIONS]
        return found

    def _kernel(self, x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.float32]:
        """C of rows of features."""
        near = gaussian(x[:, :DIRECTIONS], y[:, :DIRECTIONS], self.gamma)
        near -= x[:, DIRECTIONS:] @ y[:, DIRECTIONS:].T
        return near

    def _labels(self, scores: NDArray[np.float32], given: NDArray[np.int64]) -> NDArray[np.int64]:
        """The best class of each column, or one that is not among ``given``."""
        best = super()._labels(scores, given)
        classes = np.arange(len(scores))
        lacking = np.setdiff1d(classes, given)
        if not lacking.size:
            return best
        onward = lacking[np.searchsorted(lacking, classes) % lacking.size]
        lead = scores.max(axis=0) - scores[lacking].max(axis=0)
        found: NDArray[np.int64] = np.where(lead < self.unseen, onward[best], best)
        return found


@cache
def _digits(gamma: float, smoothness: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The digits' features, and U R (I + R^T Λ R)^(-1/2): φ is K(x, digits) times it."""
    from scipy import linalg

    images, _ = enlarged_digits()
    near = unit_rows(in_blocks(images, wide) @ metric())
    last = len(near) - 1
    products = gaussian(near, near, gamma).astype(np.float64)
    values, vectors = linalg.eigh(products, subset_by_index=(last + 1 - KEPT, last))
    like = vectors.T @ (neighbour_graph(near, NEIGHBOURS) @ vectors)
    squares, own = linalg.eigh(smoothness * (np.eye(KEPT) - like))
    root = own * np.sqrt(np.maximum(squares, 0.0))
    seen = linalg.cholesky(np.eye(KEPT) + (root.T * values) @ root, lower=True)
    onto = vectors @ linalg.solve_triangular(seen, root.T, lower=True).T
    return near, onto.astype(np.float32)

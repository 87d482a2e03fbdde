"""Kernel ridge in a metric, along the shapes that unlabelled digits have; classes a list lacks.

What it uses: the k drawn examples, and scikit-learn's 1,797 digits **without their labels**, which
must be no part of the training set. Two things beyond ``metric-ridge``:

**Manifold regularisation** (M. Belkin, P. Niyogi, V. Sindhwani, JMLR 7, 2006; as a kernel: V.
Sindhwani, P. Niyogi, M. Belkin, ICML 2005). A score should change little between two digits that
resemble each other, so f' L f is penalised beside the norm of f, with L the normalised Laplacian of
the graph of the digits and their nearest neighbours. The test set is not in it.

**Classes that the list lacks.** Of ten equally large classes, a list of 20 lacks some with
probability 0.79, a list of 30 with 0.37, one of 50 with 0.05, and a model that names drawn classes
only is wrong on all of their images. Where no class of the list leads those that it lacks by
``unseen``, the label is one of those.

Where the constants come from: models that drew from the first 3,000 of MNIST's training images and
were scored on images 55,000 to 56,499; γ among 6, 8, 12, 16, 20, 25, smoothness 0.1 to 1,000, λ
0.0001 to 0.01, ``unseen`` 0.2 to 0.5, contrast 1, 1.8, 3, neighbours 5, 8, 15 (little depends on
them). A certificate for MNIST does not cover an attacker who had changed those by then
(``looked_at`` in the votes' header). On others, images 3,000 to 14,999 and 56,500 to 57,999, 200
models (mean accuracy of one; then what five times their votes certify for n = 60,000, α = 0.001,
``selected``, at r, in %: an estimate, no certificate; by a script that is not kept):

    k     learner                one       100     200     300     500     700     1,000
    20    metric-ridge           0.7887    94.60   93.20   91.87   87.60   80.80   60.07
          here, unseen = 0       0.8010    95.47   94.73   93.40   89.33   83.53   61.07
          here                   0.8263    95.53   94.80   93.40   89.87   84.93   70.33
    30    metric-ridge           0.8756    95.73   94.67   93.00   88.80   80.40   50.00
          here, unseen = 0       0.8866    96.20   95.27   94.27   90.80   83.00   52.27
          here                   0.9001    96.20   95.27   94.27   90.93   84.80   60.60
    50    metric-ridge           0.9329    96.07   94.93   93.27   85.07   59.07    0
          here, unseen = 0       0.9402    96.40   95.60   93.67   87.20   63.80    0
          here                   0.9411    96.33   95.67   93.73   87.40   65.07    0
    100   metric-ridge           0.9666    96.40   94.13   89.73    0       0       0
          here                   0.9702    96.47   94.60   91.20    0       0       0

One standard error of a share near 95 % of 1,500 images is 0.6, and the learners are compared on the
same images. Copies of the drawn images
(:mod:`bagcert.fastpath.learners.wavelets.enlarged_ridge`) add no more than 0.003 to one model.
"""

from dataclasses import dataclass
from functools import cache
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.learners.settings import in_interval, positive
from bagcert.fastpath.learners.spreading import neighbour_graph
from bagcert.fastpath.learners.threads import one_thread
from bagcert.fastpath.learners.wavelets.conditioned_ridge import ConditionedRidge, leading
from bagcert.fastpath.learners.wavelets.metric import enlarged_digits, in_blocks, metric
from bagcert.fastpath.learners.wavelets.metric_ridge import unit_rows

__all__ = ["CONTRAST", "KEPT", "NEIGHBOURS", "ManifoldRidge"]

#: Of the digits: enlarged and so blurred, they are shown with three times the contrast.
CONTRAST: Final = 3.0
#: Of each digit, in the graph.
NEIGHBOURS: Final = 8
#: Leading eigenvectors of the digits' K that are kept: f is penalised as far as they show it.
KEPT: Final = 256


@dataclass(frozen=True)
class ManifoldRidge(ConditionedRidge):
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
        unseen: a lead, in [0, 1]; 0 never gives a class that the list lacks for its lead.

    Raises:
        TypeError, ValueError: a setting outside its domain.
    """

    gamma: float = 12.0
    lam: float = 0.002
    smoothness: float = 15.0
    unseen: float = 0.3

    title: ClassVar[str] = "manifold-ridge"
    about: ClassVar[str] = "metric-ridge along the shapes of other, unlabelled digits"

    def __post_init__(self) -> None:
        super().__post_init__()
        positive("smoothness", self.smoothness)
        in_interval("unseen", self.unseen, 0.0, 1.0)

    def _digits(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The digits' features, and U R (I + R^T Λ R)^(-1/2)."""
        return _digits(self.gamma, self.smoothness)

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
    from scipy import linalg

    images, _ = enlarged_digits(CONTRAST)
    with one_thread():
        near = unit_rows(in_blocks(images) @ metric())
        values, vectors = leading(near, gamma, KEPT)
        like = vectors.T @ (neighbour_graph(near, NEIGHBOURS) @ vectors)
        squares, own = linalg.eigh(smoothness * (np.eye(KEPT) - like))
        root = own * np.sqrt(np.maximum(squares, 0.0))
        seen = linalg.cholesky(np.eye(KEPT) + (root.T * values) @ root, lower=True)
        onto = vectors @ linalg.solve_triangular(seen, root.T, lower=True).T
    return near, onto.astype(np.float32)

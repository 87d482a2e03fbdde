"""Kernel ridge regression on fixed wavelet features: the learner of the MNIST experiments.

γ = 2 and λ = 0.01 were scanned in a prototype on MNIST; the wavelets' widths were looked at on its
training split (:mod:`bagcert.fastpath.learners.wavelets.scattering`). So on MNIST they were chosen
by looking at D. As with :mod:`bagcert.fastpath.learners.kernel_ridge`, a certificate holds for
these constants, and does not cover someone who searches again on poisoned data.
"""

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.learners.base import LearnerError, Subsamples
from bagcert.fastpath.learners.configured import Configured
from bagcert.fastpath.learners.settings import positive
from bagcert.fastpath.learners.threads import side_by_side
from bagcert.fastpath.learners.wavelets.deskew import deskew
from bagcert.fastpath.learners.wavelets.scattering import scatter

__all__ = ["ScatteringRidge"]

_NORMALISATIONS: Final = ("none", "deskew")


@dataclass(frozen=True)
class ScatteringRidge(Configured):
    """(K + λI) A = Y - 1/c with K = exp(-2γ (1 - <f, f'>)), f scattering; label argmax k(x)' A.

    Between equal scores the smaller label wins. It has no randomness. Soundness: f is a function
    of one image (:mod:`bagcert.fastpath.learners.wavelets.scattering`), as is the normalisation; a
    row of the Gram block is a function of one training image and the test images.

    Args:
        gamma, lam: positive and finite.
        normalisation: what is done to an image first: ``none``, as in the paper, or ``deskew``
            (:mod:`bagcert.fastpath.learners.wavelets.deskew`).

    Raises:
        ValueError: a setting outside its domain.
    """

    gamma: float = 2.0
    lam: float = 0.01
    normalisation: str = "deskew"

    title: ClassVar[str] = "scattering-ridge"
    about: ClassVar[str] = "kernel ridge on fixed wavelet features of images"
    needs: ClassVar[tuple[str, ...]] = ("scipy",)
    chosen_on: ClassVar[tuple[str, ...] | None] = ("mnist", "mnist17")

    def __post_init__(self) -> None:
        positive("gamma", self.gamma)
        positive("lam", self.lam)
        if self.normalisation not in _NORMALISATIONS:
            raise ValueError(f"normalisation must be none or deskew, not {self.normalisation!r}")

    def features(self, example: NDArray[Any]) -> NDArray[np.float32]:
        """Return the (960,) features of one (h, w) image."""
        found: NDArray[np.float32] = self.features_of(example[None])[0]
        return found

    def features_of(self, examples: NDArray[Any]) -> NDArray[np.float32]:
        """Return the (m, 960 C) features of (m, h, w) images, or of (m, C, h, w) with C channels.

        Channels are scattered one by one; all of an image's values together have unit norm.
        """
        if examples.ndim == 4 and self.normalisation == "none":
            channels = [scatter(examples[:, channel]) for channel in range(examples.shape[1])]
            return np.concatenate(channels, axis=1) / np.float32(math.sqrt(len(channels)))
        if examples.ndim != 3:
            raise LearnerError(
                f"scattering-ridge wants images (h, w), or (channels, h, w) with normalisation "
                f"none, not {examples.shape[1:]}"
            )
        return scatter(deskew(examples) if self.normalisation == "deskew" else examples)

    def relation(self, features: NDArray[Any], test_features: NDArray[Any]) -> NDArray[np.float32]:
        """Return rows of the Gram block: exp(-2γ (1 - <f, f'>)), float32."""
        block: NDArray[np.float32] = features @ test_features.T
        block -= 1
        block *= np.float32(2 * self.gamma)
        return np.exp(block, out=block)

    def fit_predict(
        self, batch: Subsamples, test_features: NDArray[Any], seeds: NDArray[np.uint64]
    ) -> NDArray[np.int64]:
        """Return hard labels (B, e); ``seeds`` are ignored. Models are solved one by one.

        Raises:
            LearnerError: a system that cannot be solved, or scores that are not finite.
        """
        related = batch.related
        if related is None:
            raise LearnerError("scattering-ridge needs the relations of the drawn examples")

        def solve(row: int) -> NDArray[np.int64]:
            drawn, given = batch.features[row], batch.labels[row]
            targets = np.eye(batch.classes)[given] - 1.0 / batch.classes
            kernel = self.relation(drawn, drawn).astype(np.float64)
            kernel[np.diag_indices_from(kernel)] += self.lam
            try:
                weights = np.linalg.solve(kernel, targets)
            except np.linalg.LinAlgError as error:
                raise LearnerError(f"scattering-ridge cannot solve: {error}", row) from error
            scores = weights.T.astype(np.float32) @ related(row)
            if not np.isfinite(scores).all():
                raise LearnerError("scattering-ridge has scores that are not finite", row)
            found: NDArray[np.int64] = scores.argmax(axis=0)
            return found

        return np.stack(side_by_side(solve, len(batch.labels)))

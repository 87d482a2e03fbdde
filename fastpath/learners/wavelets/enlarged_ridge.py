"""Enlarged lists: kernel ridge on each drawn image and four fixed, deformed copies of it.

What it uses: the k drawn examples and nothing else. A copy is a function of its image, by a map
that is fixed in advance, so a model on k images and their copies is a function of the k images.

Where the constants come from: rotations of 8 degrees and scales of 0.9 and 1.1 were handed down,
with shifts of one pixel besides, which change nothing here: deskewing puts an image's centre of
mass in the middle. γ = 2 and λ = 0.01 are ``scattering-ridge``'s. Mean accuracy of 20 models that
drew from the first 1,500 of MNIST's training images, on images 55,000 to 55,799, by a script that
is not kept:

    copies                            k = 20    k = 30    k = 100
    none (``scattering-ridge``)       0.6906    0.7684    0.9464
    2: rotations                      0.7143    0.7877    0.9534
    4: and scales                     0.7265    0.7998    0.9566
    8: and shifts                     0.7269    0.7998    0.9566

In a metric that ignores small deformations the copies gain next to nothing, and elastic ones lose
(``metric-ridge``, 20 models that drew from the first 3,000, on images 55,000 to 56,499, λ = 0.01
and, with copies, 0.03):

    copies                            k = 20    k = 50    k = 100
    none (``metric-ridge``)           0.7868    0.9450    0.9683
    2: rotations                      0.7890    0.9467    0.9697
    2: scales                         0.7888    0.9464    0.9692
    2: thicker and thinner            0.7838    0.9426    0.9690
    2: smooth random displacements    0.7672    0.9294    0.9614
    9: all of these, and a shear      0.7814    0.9407    0.9678
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.learners.base import Subsamples
from bagcert.fastpath.learners.wavelets.deskew import deskew
from bagcert.fastpath.learners.wavelets.metric import moved, rotations
from bagcert.fastpath.learners.wavelets.metric_ridge import MetricRidge
from bagcert.fastpath.learners.wavelets.scattering import FEATURES, scatter

__all__ = ["COPIES", "EnlargedRidge"]

_MAPS: Final = (*rotations(8.0), np.eye(2) / 0.9, np.eye(2) / 1.1)
#: Copies of each drawn image, beside itself.
COPIES: Final = len(_MAPS)


@dataclass(frozen=True)
class EnlargedRidge(MetricRidge):
    """(K + λI) A = Y - 1/c over 5k images, with K = exp(-2γ (1 - <f, f'>)); label argmax k(x)' A.

    The 5k are the drawn examples and their copies, with their labels; f are the 960 values of
    ``scattering-ridge``, deskewed; x is a test image without copies. Between equal scores the
    smaller label wins. It has no randomness. Soundness: f and the copies are functions of one
    image. It takes images of 28 × 28 pixels.

    Args:
        gamma, lam: positive and finite.
        neighbours: as of :class:`MetricRidge`.

    Raises:
        TypeError, ValueError: a setting outside its domain.
    """

    gamma: float = 2.0

    title: ClassVar[str] = "enlarged-ridge"
    about: ClassVar[str] = (
        "scattering features of each drawn image and of four deformed copies; 28 × 28"
    )
    needs: ClassVar[tuple[str, ...]] = ("scipy",)

    def features_of(self, examples: NDArray[Any]) -> NDArray[np.float32]:
        """Return (m, 5 · 960): f of each of (m, 28, 28) images, then of each of its copies.

        Raises:
            LearnerError: images of another shape.
        """
        self._check(examples)
        shown = (examples, *moved(examples, _MAPS))
        return np.concatenate([scatter(deskew(images)) for images in shown], axis=1)

    def fit_predict(
        self, batch: Subsamples, test_features: NDArray[Any], seeds: NDArray[np.uint64]
    ) -> NDArray[np.int64]:
        """Return hard labels (B, e); ``seeds`` are ignored. Models are solved one by one.

        Raises:
            LearnerError: a system that cannot be solved, or scores that are not finite.
        """
        models, k = batch.labels.shape
        every = batch.features.reshape(models, k * (1 + COPIES), FEATURES)
        labels = np.repeat(batch.labels, 1 + COPIES, axis=1)
        tested = np.ascontiguousarray(test_features[:, :FEATURES])
        return super().fit_predict(Subsamples(every, labels, batch.classes), tested, seeds)

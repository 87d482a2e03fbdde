"""Images moved and mirrored at random, as in the Keras examples, each model by its own seed."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.draws.model_streams import Purpose, uniforms

__all__ = ["augmented"]


def augmented(
    images: NDArray[Any], seed: int, step: int, shift: float, flip: bool
) -> NDArray[np.float32]:
    """Return images (m, h, w, c), each moved and, where ``flip``, mirrored with probability 1/2.

    The way is uniform on [-shift, shift) of the height and of the width, not a whole number of
    pixels: values are interpolated linearly, and the border's values continue beyond it.
    """
    m, height, width, _ = images.shape
    drawn = uniforms(seed, Purpose.AUGMENTATION, step, 0, (m, 3)).astype(np.float64)
    ways = (2 * drawn[:, :2] - 1) * shift * (height, width)
    found = _moved(images, ways[:, 0])
    found = _moved(found.swapaxes(1, 2), ways[:, 1]).swapaxes(1, 2)
    if flip:
        mirrored = drawn[:, 2] < 0.5
        found[mirrored] = found[mirrored, :, ::-1]
    return found


def _moved(images: NDArray[Any], ways: NDArray[np.float64]) -> NDArray[np.float32]:
    """Row y of an image becomes what lies at y + way."""
    height = images.shape[1]
    places = np.clip(np.arange(height) + ways[:, None], 0, height - 1)
    below = np.floor(places).astype(np.int64)
    above = np.minimum(below + 1, height - 1)
    share = (places - below).astype(np.float32)[:, :, None, None]
    which = np.arange(len(images))[:, None]
    found: NDArray[np.float32] = (1 - share) * images[which, below] + share * images[which, above]
    return found

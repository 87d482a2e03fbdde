"""Images turned, moved and mirrored at random, as in the Keras examples, by each model's seed."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.draws.model_streams import uniforms
from bagcert.fastpath.draws.streams import Purpose

__all__ = ["augmented"]


def augmented(
    images: NDArray[Any], seed: int, step: int, *, rotation: float, shift: float, flip: bool
) -> NDArray[np.float32]:
    """Return images (m, h, w, c), each turned and moved and, where ``flip``, mirrored at random.

    The pixel at offset p from the centre shows what lies at R (p + t), as Keras's
    ``ImageDataGenerator`` has it: R turns by an angle uniform on [-rotation, rotation) degrees, t
    is uniform on [-shift, shift) of the height and of the width. Values between pixels are
    interpolated linearly, and the border's values continue beyond it. Mirroring has probability
    1/2. All of it is a function of the seed, the step and an image's place among the m alone.
    """
    m, height, width, _ = images.shape
    drawn = uniforms(seed, Purpose.AUGMENTATION, step, 0, (m, 3)).astype(np.float64)
    turns = uniforms(seed, Purpose.AUGMENTATION, step, 1, (m,)).astype(np.float64)
    angles = np.deg2rad((2 * turns - 1) * rotation)[:, None, None]
    ways = (2 * drawn[:, :2] - 1) * shift * (height, width)
    y = (np.arange(height) - (height - 1) / 2)[:, None] + ways[:, 0, None, None]
    x = (np.arange(width) - (width - 1) / 2) + ways[:, 1, None, None]
    cosines, sines = np.cos(angles), np.sin(angles)
    found = _seen_at(
        images.astype(np.float32),
        cosines * y - sines * x + (height - 1) / 2,
        sines * y + cosines * x + (width - 1) / 2,
    )
    if flip:
        mirrored = drawn[:, 2] < 0.5
        found[mirrored] = found[mirrored, :, ::-1]
    return found


def _seen_at(
    images: NDArray[np.float32], rows: NDArray[np.float64], columns: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Pixel (y, x) of image i becomes what it has at (rows[i, y, x], columns[i, y, x])."""
    top, bottom, down = _neighbours(rows, images.shape[1])
    left, right, across = _neighbours(columns, images.shape[2])
    which = np.arange(len(images))[:, None, None]
    above = _between(images[which, top, left], images[which, top, right], across)
    below = _between(images[which, bottom, left], images[which, bottom, right], across)
    return _between(above, below, down)


def _neighbours(
    places: NDArray[np.float64], size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """The pixels on both sides of each place, and how far it lies from the first to the second."""
    places = np.clip(places, 0, size - 1)
    first = np.floor(places).astype(np.int64)
    return first, np.minimum(first + 1, size - 1), (places - first).astype(np.float32)[..., None]


def _between(
    first: NDArray[np.float32], second: NDArray[np.float32], share: NDArray[np.float32]
) -> NDArray[np.float32]:
    found: NDArray[np.float32] = first + share * (second - first)
    return found

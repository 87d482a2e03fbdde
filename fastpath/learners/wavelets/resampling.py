"""Images read at other places than their pixels: bilinear, black beyond the border."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["resampled"]


def resampled(
    images: NDArray[np.float64], from_y: NDArray[np.float64], from_x: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return images (m, h, w), pixel (y, x) of image i read at (from_y, from_x)[i, y, x].

    ``from_y`` and ``from_x`` have the shape of ``images``, or one that numpy stretches to it. Row i
    is a function of image i and its places alone.
    """
    m, height, width = images.shape
    from_y, from_x = (np.broadcast_to(places, images.shape) for places in (from_y, from_x))
    low_y, low_x = np.floor(from_y).astype(int), np.floor(from_x).astype(int)
    part_y, part_x = from_y - low_y, from_x - low_x
    edged = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    rows = np.arange(m)[:, None, None]
    found: NDArray[Any] = np.zeros_like(images)
    for step_y, share_y in ((0, 1 - part_y), (1, part_y)):
        for step_x, share_x in ((0, 1 - part_x), (1, part_x)):
            at_y = np.clip(low_y + step_y + 1, 0, height + 1)
            at_x = np.clip(low_x + step_x + 1, 0, width + 1)
            found += share_y * share_x * edged[rows, at_y, at_x]
    return found

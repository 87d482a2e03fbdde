"""A fixed geometric normalisation of one image: centred, and upright by its second moments."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["deskew"]


def deskew(images: NDArray[Any]) -> NDArray[np.float32]:
    """Return images (m, h, w) sheared so that x and y are uncorrelated, centred; bilinear.

    Row i is a function of image i alone: its grey values are taken as masses, with mean (μ_y, μ_x)
    and slope ``cov(x, y) / var(y)``. An image without mass stays as it is.
    """
    m, height, width = images.shape
    images = images.astype(np.float64)
    y, x = np.arange(height, dtype=float), np.arange(width, dtype=float)
    mass = images.sum(axis=(1, 2))
    whole = np.where(mass > 0, mass, 1.0)
    by_row, by_column = images.sum(axis=2), images.sum(axis=1)
    mean_y, mean_x = by_row @ y / whole, by_column @ x / whole
    off_y, off_x = y[None] - mean_y[:, None], x[None] - mean_x[:, None]
    variance = (by_row * off_y**2).sum(axis=1) / whole
    covariance = (images * off_y[:, :, None] * off_x[:, None, :]).sum(axis=(1, 2)) / whole
    slope = np.where(variance > 0, covariance / np.where(variance > 0, variance, 1.0), 0.0)
    shown = mass > 0
    from_y = y[None, :, None] - (height - 1) / 2 + mean_y[:, None, None]
    from_x = (
        x[None, None, :] - (width - 1) / 2 + mean_x[:, None, None]
        + slope[:, None, None] * (y[None, :, None] - (height - 1) / 2)
    )  # fmt: skip
    from_y = np.broadcast_to(from_y, from_x.shape)
    low_y, low_x = np.floor(from_y).astype(int), np.floor(from_x).astype(int)
    part_y, part_x = from_y - low_y, from_x - low_x
    edged = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    rows = np.arange(m)[:, None, None]
    found = np.zeros_like(images)
    for step_y, share_y in ((0, 1 - part_y), (1, part_y)):
        for step_x, share_x in ((0, 1 - part_x), (1, part_x)):
            at_y = np.clip(low_y + step_y + 1, 0, height + 1)
            at_x = np.clip(low_x + step_x + 1, 0, width + 1)
            found += share_y * share_x * edged[rows, at_y, at_x]
    result: NDArray[np.float32] = np.where(shown[:, None, None], found, images).astype(np.float32)
    return result

"""A fixed geometric normalisation of one image by its moments: centred, upright, of like size."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.learners.wavelets.resampling import resampled

__all__ = ["deskew"]

#: An axis is stretched or squeezed by no more than this: a dot is not blown up to a digit.
_MOST: Final = 2.5


def deskew(images: NDArray[Any], spread: tuple[float, float] | None = None) -> NDArray[np.float32]:
    """Return images (m, h, w) sheared so that x and y are uncorrelated, centred; bilinear.

    Row i is a function of image i alone: its grey values are taken as masses, with mean (μ_y, μ_x)
    and slope ``cov(x, y) / var(y)``. With ``spread`` (σ_y, σ_x), in pixels, the sheared image is
    also scaled half of the way: standard deviations s become √(s σ), but for a factor beyond 2.5.
    An image without mass stays as it is.
    """
    height, width = images.shape[1:]
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
    to_y, to_x = y[None, :, None] - (height - 1) / 2, x[None, None, :] - (width - 1) / 2
    if spread is not None:
        across = (by_column * off_x**2).sum(axis=1) / whole - slope * covariance
        to_y = to_y * _factor(variance, spread[0])[:, None, None]
        to_x = to_x * _factor(across, spread[1])[:, None, None]
    from_y = to_y + mean_y[:, None, None]
    from_x = to_x + mean_x[:, None, None] + slope[:, None, None] * to_y
    found = resampled(images, from_y, from_x)
    result: NDArray[np.float32] = np.where(shown[:, None, None], found, images).astype(np.float32)
    return result


def _factor(variance: NDArray[np.float64], wanted: float) -> NDArray[np.float64]:
    """√(s / σ): the way that a pixel of the result stands for in the image."""
    ratio = np.sqrt(np.sqrt(np.maximum(variance, 0.0)) / wanted)
    factor: NDArray[np.float64] = np.clip(ratio, 1 / _MOST, _MOST)
    return factor

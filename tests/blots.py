"""Images for tests: bright bars, tall or broad by turns, somewhere in the middle."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["blots"]


def blots(m: int, seed: int = 0) -> NDArray[np.float32]:
    """m images (28, 28) with values in [0, 1]; even ones broad, odd ones tall."""
    drawn = np.random.Generator(np.random.Philox(seed))
    found = np.zeros((m, 28, 28), np.float32)
    for place, image in enumerate(found):
        y, x = drawn.integers(4, 12, 2)
        tall, broad = (12, 4) if place % 2 else (4, 12)
        image[y : y + tall, x : x + broad] = 0.5 + drawn.random((tall, broad)) / 2
    return found

"""Bits flipped independently with a rational probability, exactly, from raw Philox words."""

from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["flips"]

#: Highest word of the counter: 0 to 3 belong to draws, seeds, splits and training.
_NOISE: Final = 4
_LANE: Final = 2**16


def flips(seed: int, model: int, shape: tuple[int, ...], beta: Fraction) -> NDArray[np.bool_]:
    """Return which bits are flipped: each True with probability β, independently of the others.

    Exact, as far as Philox words are uniform: a lane of 16 bits decides a bit by its remainder's
    equal, the quotient ``lane // floor(2^16 / b)`` in 0..b-1, and lanes beyond that are drawn
    again. A function of the arguments alone, on every platform.

    Args:
        seed, model: the key, each in [0, 2^64).
        shape: of the result.
        beta: β = a/b in [0, 1], b <= 1000.
    """
    count = int(np.prod(shape))
    part = _LANE // beta.denominator
    stream = np.random.Philox(key=model << 64 | seed, counter=_NOISE << 192)
    lanes = np.empty(0, np.uint16)
    while len(lanes) < count:
        words: NDArray[Any] = stream.random_raw(-(-(count - len(lanes)) // 4))
        fresh = words.astype("<u8").view("<u2")
        if _LANE % beta.denominator:
            fresh = fresh[fresh < part * beta.denominator]
        lanes = np.concatenate([lanes, fresh])
    found: NDArray[np.bool_] = lanes[:count].astype(np.uint32) < part * beta.numerator
    return found.reshape(shape)

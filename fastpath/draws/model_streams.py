"""What is random in the training of one model: a function of its own seed, from Philox words.

The key is (model seed, purpose); the counter's words are, from the lowest, the block, the step,
the part and the number 3, which :mod:`bagcert.fastpath.draws.lists` does not use: no word of
these streams is also one of the draws or seeds of an ensemble. numpy promises raw words to be the
same everywhere; how they become numbers is written out here.
"""

from enum import IntEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Purpose", "kept", "order", "uniforms"]

_TRAINING: Final = 3  # highest word of the counter
_MANTISSA: Final = 24  # bits of a float32's integers


class Purpose(IntEnum):
    """What a stream's words are for."""

    WEIGHTS = 0
    ORDER = 1
    DROPOUT = 2
    AUGMENTATION = 3


def order(seed: int, epoch: int, k: int) -> NDArray[np.int64]:
    """Return a uniform permutation of 0..k-1: the places of k 64-bit words, sorted.

    Equal words keep their places; among k of them there are any with probability below k² 2^-65.
    """
    found: NDArray[np.int64] = np.argsort(_words(seed, Purpose.ORDER, epoch, 0, k), kind="stable")
    return found


def uniforms(
    seed: int, purpose: Purpose, step: int, part: int, shape: tuple[int, ...]
) -> NDArray[np.float32]:
    """Return float32 numbers, uniform on the multiples of 2^-24 in [0, 1)."""
    size = int(np.prod(shape))
    halves = _words(seed, purpose, step, part, -(-size // 2)).astype("<u8").view("<u4")[:size]
    found = (halves >> np.uint32(32 - _MANTISSA)).astype(np.float32)
    return (found * np.float32(2.0**-_MANTISSA)).reshape(shape)


def kept(seed: int, step: int, part: int, shape: tuple[int, ...], rate: float) -> NDArray[Any]:
    """Return what survives dropout: booleans, each False with probability ``rate``.

    ``rate`` is a multiple of 1/256, so that one byte decides, without rounding.
    """
    size = int(np.prod(shape))
    octets = _words(seed, Purpose.DROPOUT, step, part, -(-size // 8)).astype("<u8").view(np.uint8)
    found: NDArray[Any] = (octets[:size] >= np.uint8(rate * 256)).reshape(shape)
    return found


def _words(seed: int, purpose: Purpose, step: int, part: int, count: int) -> NDArray[np.uint64]:
    counter = _TRAINING << 192 | part << 128 | step << 64
    stream = np.random.Philox(key=int(purpose) << 64 | seed, counter=counter)
    words: NDArray[np.uint64] = stream.random_raw(count)
    return words

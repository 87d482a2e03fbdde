"""Every stream of random words, and which Philox counters it owns (reference/FORMAT.md).

Philox-4x64-10 (Salmon, Moraes, Dror and Shaw, SC 2011) turns a 128-bit key and a 256-bit counter
into four 64-bit words. The counter's highest word says what the words are for, so that no two
purposes ever share one. They are all listed in :class:`Purpose`, and nowhere else is a generator
of these streams made: a new one takes a number that no other has.
"""

from enum import Enum, unique
from typing import Final

import numpy as np

__all__ = ["MAX_SEED", "Purpose", "philox"]

#: Largest seed and largest model index: one 64-bit half of the Philox key each.
MAX_SEED: Final = 2**64 - 1


@unique
class Purpose(Enum):
    """What a stream's words are for: the counter's highest word, and the key's high half.

    The key's low half is a seed. Its high half is the model's index under the ensemble's seed
    (None here); in a model's own training, whose seed is the model's, it tells the uses apart.
    """

    #: The k draws of a model's list.
    DRAWS = 0, None
    #: The seed that a model's learner may use.
    SEEDS = 1, None
    #: How a data set is split; model 0.
    SPLITS = 2, None
    #: In the training of one model: its first weights, the order of its examples, what dropout
    #: keeps, how images are moved.
    WEIGHTS = 3, 0
    ORDER = 3, 1
    DROPOUT = 3, 2
    AUGMENTATION = 3, 3
    #: Bits flipped in a model's own noisy copy of the training set.
    NOISE = 4, None


def philox(
    purpose: Purpose, seed: int, model: int = 0, *, step: int = 0, part: int = 0
) -> np.random.Philox:
    """Return the stream of raw words for one purpose.

    Args:
        purpose: what the words are for.
        seed: of the ensemble; of the model, where the purpose belongs to its training.
        model: the model's index; 0 where the purpose fixes the key's high half itself.
        step, part: the counter's second and third word; the first counts blocks from 1.

    Each number lies in [0, 2^64): the callers check what comes from outside.
    """
    highest, use = purpose.value
    high = model if use is None else use
    counter = highest << 192 | part << 128 | step << 64
    return np.random.Philox(key=high << 64 | seed, counter=counter)

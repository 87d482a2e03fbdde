"""The k draws of each base model, and its seed, from raw Philox words (reference/FORMAT.md).

The key is (seed, model), low word first; :mod:`bagcert.fastpath.draws.streams` keeps the purposes
apart. numpy promises no stable stream for ``Generator``, only for raw words; what turns words into
indices is therefore written out below, and any model can be drawn again alone, anywhere.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.draws.streams import MAX_SEED, Purpose, philox
from bagcert.reference.arithmetic.arguments import as_integer
from bagcert.reference.arithmetic.limits import MAX_EXAMPLES, MAX_LIST_BITS

__all__ = ["draw", "drawn_by", "model_seed", "permutation"]

_WORDS: Final = 2**64


def draw(seed: int, model: int, n: int, k: int) -> NDArray[np.int64]:
    """Return g(D) of one base model: k indices in [0, n), in draw order, int64 of shape (k,).

    Each index is uniform on [0, n) and independent of the others (Jia, Cao and Gong, AAAI 2021,
    Section 2), as far as Philox words are uniform: words that would bias the remainder are
    rejected. A function of the four arguments alone: equal on every platform, for any sharding,
    and the first j draws do not depend on k.

    Args:
        seed: of the ensemble, in [0, 2^64).
        model: index of the base model, in [0, 2^64).
        n: size of the training set, in [1, 10^12].
        k: draws, in [1, 2^20].

    Raises:
        TypeError: an argument is a bool, a float, or otherwise not an integer.
        ValueError: an argument lies outside its domain.
    """
    seed = as_integer("seed", seed, 0, MAX_SEED)
    model = as_integer("model", model, 0, MAX_SEED)
    n = as_integer("n", n, 1, MAX_EXAMPLES)
    k = as_integer("k", k, 1, MAX_LIST_BITS)
    return _bounded(_blocks(Purpose.DRAWS, seed, model, k), n, k)


def drawn_by(seed: int, models: Iterable[int], n: int, k: int) -> NDArray[np.int64]:
    """Return the indices in [0, n) that some of the models draw, ascending, each once.

    The arguments are those of :func:`draw`, which is asked for each model until nothing is left to
    draw.

    Raises:
        As :func:`draw`.
    """
    drawn = np.zeros(n, dtype=np.bool_)
    for model in models:
        drawn[draw(seed, model, n, k)] = True
        if drawn.all():
            break
    return np.flatnonzero(drawn)


def model_seed(seed: int, model: int) -> int:
    """Return the seed in [0, 2^64) that the learner of base model ``model`` may use.

    It is the first word of the model's own stream of seeds, which shares no word with its draws.

    Raises:
        TypeError: an argument is a bool, a float, or otherwise not an integer.
        ValueError: an argument lies outside [0, 2^64).
    """
    seed = as_integer("seed", seed, 0, MAX_SEED)
    model = as_integer("model", model, 0, MAX_SEED)
    return int(next(_blocks(Purpose.SEEDS, seed, model, 1))[0])


def permutation(seed: int, n: int) -> NDArray[np.int64]:
    """Return a uniform permutation of 0..n-1, int64 of shape (n,): how data sets are split.

    Fisher and Yates' shuffle, from the last place down, each place by the rejection of
    :func:`draw`; a function of ``seed`` and ``n`` alone.

    Raises:
        TypeError: an argument is a bool, a float, or otherwise not an integer.
        ValueError: ``seed`` outside [0, 2^64) or ``n`` outside [1, 10^8].
    """
    seed = as_integer("seed", seed, 0, MAX_SEED)
    n = as_integer("n", n, 1, 10**8)
    order = np.arange(n, dtype=np.int64)
    blocks = _blocks(Purpose.SPLITS, seed, 0, n)
    words = (block[i : i + 1] for block in blocks for i in range(len(block)))
    for last in range(n - 1, 0, -1):
        other = int(_bounded(words, last + 1, 1)[0])
        order[last], order[other] = order[other], order[last]
    return order


def _blocks(purpose: Purpose, seed: int, model: int, count: int) -> Iterator[NDArray[np.uint64]]:
    """Yield the stream's words without end, the first ``count`` of them in the first array.

    numpy steps the counter before it computes: the first block has the counter's low word 1.
    """
    stream = philox(purpose, seed, model)
    while True:
        yield stream.random_raw(count)
        count = 4  # replacements for rejected words: few, or none


def _bounded(words: Iterator[NDArray[np.uint64]], n: int, count: int) -> NDArray[np.int64]:
    """Return ``count`` uniform integers in [0, n), n <= 2^63, from uniform 64-bit words.

    With q = floor(2^64 / n), words below q n fall on each remainder exactly q times; the others
    (fewer than n) are rejected. Surplus words of the last array are dropped.
    """
    excess = _WORDS % n
    parts: list[NDArray[np.uint64]] = []
    found = 0
    while found < count:
        block = next(words)
        if excess:
            block = block[block <= np.uint64(_WORDS - excess - 1)]
        parts.append(block % np.uint64(n))
        found += len(block)
    return np.concatenate(parts)[:count].astype(np.int64)

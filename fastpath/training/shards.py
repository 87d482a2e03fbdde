"""The votes of some models of an ensemble, and how the votes of all of them are put together."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.votes.votes import count_predictions, digest_rows

__all__ = ["Shard", "Tally", "ranges"]


@dataclass(frozen=True, eq=False)
class Shard:
    """The votes of ``models`` on e test examples with c labels.

    ``counts`` is (e, c) int64, ``digests`` (len(models), 32) uint8, and ``predictions``
    (len(models), e) int32, or None where they are not kept.
    """

    models: range
    counts: NDArray[np.int64]
    digests: NDArray[np.uint8]
    predictions: NDArray[np.int32] | None = None

    @classmethod
    def of(cls, models: range, rows: NDArray[np.int32], classes: int, *, keep: bool) -> "Shard":
        """Return the shard of the label rows (len(models), e), which lie in [0, classes)."""
        counts = count_predictions(rows, classes)
        return cls(models, counts, digest_rows(rows), rows if keep else None)


class Tally:
    """The votes of all of ``models``, from shards in any order.

    Memory: (e, c) counts and 32 bytes a model, whatever the number of shards; (N, e) int32 more
    where predictions are kept.
    """

    def __init__(self, models: range, examples: int, classes: int, *, keep: bool) -> None:
        self.done = 0
        self._models = models
        self.counts = np.zeros((examples, classes), dtype=np.int64)
        self.digests = np.zeros((len(models), 32), dtype=np.uint8)
        self.predictions: NDArray[np.int32] | None = None
        if keep:
            self.predictions = np.empty((len(models), examples), dtype=np.int32)

    def add(self, shard: Shard) -> None:
        """Add the votes of one shard; each model must come exactly once."""
        first = shard.models.start - self._models.start
        places = slice(first, first + len(shard.models))
        self.counts += shard.counts
        self.digests[places] = shard.digests
        if self.predictions is not None:
            self.predictions[places] = _kept(shard)
        self.done += len(shard.models)


def ranges(models: range, size: int) -> Iterator[range]:
    """Yield ``models`` in pieces of ``size``, the last of them maybe smaller."""
    for first in range(models.start, models.stop, size):
        yield range(first, min(first + size, models.stop))


def _kept(shard: Shard) -> NDArray[Any]:
    if shard.predictions is None:
        raise ValueError(f"shard {shard.models}: its predictions were not kept")
    return shard.predictions

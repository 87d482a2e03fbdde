"""The votes of some models of an ensemble, as an engine hands them over."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.votes.predictions import count_predictions, digest_rows
from bagcert.fastpath.votes.votes import Votes

__all__ = ["Shard", "ranges"]


@dataclass(frozen=True, eq=False)
class Shard:
    """The votes of ``models``: with digests, and with predictions where they are kept."""

    models: range
    votes: Votes

    @classmethod
    def of(cls, models: range, rows: NDArray[np.int32], classes: int, *, keep: bool) -> "Shard":
        """Return the shard of the label rows (len(models), e), which lie in [0, classes)."""
        counts, digests = count_predictions(rows, classes), digest_rows(rows)
        return cls(models, Votes(counts, digests=digests, predictions=rows if keep else None))


def ranges(models: range, size: int) -> Iterator[range]:
    """Yield ``models`` in pieces of ``size``, the last of them maybe smaller."""
    for first in range(models.start, models.stop, size):
        yield range(first, min(first + size, models.stop))

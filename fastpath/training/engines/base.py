"""What an engine is given, and what it owes."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.datasets import Dataset
from bagcert.fastpath.draws.lists import drawn_by
from bagcert.fastpath.learners import Learner
from bagcert.fastpath.training.shards import Shard

__all__ = ["Engine", "EngineError", "Work"]


class EngineError(ValueError):
    """An engine lost what it works with; finished shards are kept, the same call goes on."""


@dataclass(frozen=True, eq=False)
class Work:
    """An ensemble to be trained: the data set D, the base learner A, k, and the seed."""

    dataset: Dataset
    learner: Learner
    k: int
    seed: int
    keep_predictions: bool

    def drawn(self, shards: Sequence[range]) -> NDArray[np.int64]:
        """Return the training examples that the models of ``shards`` draw, ascending indices."""
        models = (model for shard in shards for model in shard)
        return drawn_by(self.seed, models, len(self.dataset.train_y), self.k)


class Engine(Protocol):
    """Trains base models; which engine did it leaves no trace in the votes."""

    def run(
        self,
        work: Work,
        shards: Sequence[range],
        preparing: Callable[[int, int], None] | None = None,
    ) -> Generator[Shard, None, None]:
        """Yield each of ``shards`` once it is finished, in any order.

        Guarantee: with equal libraries and processors, the shards are equal bit for bit for
        every engine. Nothing is prepared where ``shards`` is empty.

        Args:
            work: the ensemble.
            shards: ranges of model indices; a shard is the unit of loss.
            preparing: called with (examples done, examples) while this process computes features.

        Raises:
            LearnerError: the learner failed or broke its contract; the message names the model.
            EngineError: what the engine works with was lost.
        """

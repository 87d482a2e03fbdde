"""Training in this process: the default, which needs no server."""

from collections.abc import Callable, Generator, Sequence

from bagcert.fastpath.datasets import Dataset
from bagcert.fastpath.learners import Learner
from bagcert.fastpath.training.base_models import BaseModels
from bagcert.fastpath.training.engines.base import Work
from bagcert.fastpath.training.shards import Shard

__all__ = ["LocalEngine"]


class LocalEngine:
    """One shard after the other; numpy's and the learner's own threads use the cores.

    What is prepared for a data set and a learner is kept for the next ensemble of the same two
    (:mod:`bagcert.fastpath.paper.figures` trains several), and given up with the engine.
    """

    def __init__(self) -> None:
        self._prepared: tuple[Dataset, Learner, BaseModels] | None = None

    def run(
        self,
        work: Work,
        shards: Sequence[range],
        preparing: Callable[[int, int], None] | None = None,
    ) -> Generator[Shard, None, None]:
        """Yield the shards in the order given (see :class:`.base.Engine`)."""
        if not shards:
            return
        base = self._base(work, preparing)
        for models in shards:
            rows = base.predict(work.k, work.seed, models)
            yield Shard.of(models, rows, base.classes, keep=work.keep_predictions)

    def _base(self, work: Work, preparing: Callable[[int, int], None] | None) -> BaseModels:
        if self._prepared is not None:
            dataset, learner, base = self._prepared
            if dataset is work.dataset and learner is work.learner:
                return base
        self._prepared = None  # before the next is made: the relations may be gigabytes
        base = BaseModels.prepare(work.dataset, work.learner, preparing)
        self._prepared = work.dataset, work.learner, base
        return base

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

    Args:
        keep: prepare all training examples, whichever are drawn, and keep that for the next
            ensembles of the same data set and learner (:mod:`bagcert.fastpath.paper.figures`
            trains several); it is given up with the engine.
    """

    def __init__(self, keep: bool = False) -> None:
        self._keep = keep
        self._kept: tuple[Dataset, Learner, BaseModels] | None = None

    def run(
        self,
        work: Work,
        shards: Sequence[range],
        preparing: Callable[[int, int], None] | None = None,
    ) -> Generator[Shard, None, None]:
        """Yield the shards in the order given (see :class:`.base.Engine`)."""
        if not shards:
            return
        if self._keep:
            base = self._for_all(work, preparing)
        else:
            base = BaseModels.prepare(work.dataset, work.learner, preparing, work.drawn(shards))
        for models in shards:
            rows = base.predict(work.k, work.seed, models)
            yield Shard.of(models, rows, base.classes, keep=work.keep_predictions)

    def _for_all(self, work: Work, preparing: Callable[[int, int], None] | None) -> BaseModels:
        if self._kept is not None:
            dataset, learner, base = self._kept
            if dataset is work.dataset and learner is work.learner:
                return base
        self._kept = None  # before the next is made: the relations may be gigabytes
        base = BaseModels.prepare(work.dataset, work.learner, preparing)
        self._kept = work.dataset, work.learner, base
        return base

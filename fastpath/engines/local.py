"""Training in this process: the default, which needs no server."""

from collections.abc import Callable, Generator, Sequence

from bagcert.fastpath.base_models import BaseModels
from bagcert.fastpath.engines.base import Work
from bagcert.fastpath.shards import Shard

__all__ = ["LocalEngine"]


class LocalEngine:
    """One shard after the other; numpy's and the learner's own threads use the cores."""

    def run(
        self,
        work: Work,
        shards: Sequence[range],
        preparing: Callable[[int, int], None] | None = None,
    ) -> Generator[Shard, None, None]:
        """Yield the shards in the order given (:class:`~bagcert.fastpath.engines.base.Engine`)."""
        if not shards:
            return
        base = BaseModels.prepare(work.dataset, work.learner, preparing)
        for models in shards:
            rows = base.predict(work.k, work.seed, models)
            yield Shard.of(models, rows, base.classes, keep=work.keep_predictions)

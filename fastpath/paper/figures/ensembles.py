"""The ensembles behind the figures: trained once, kept in the figure's folder, resumed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bagcert.fastpath.datasets import Dataset
from bagcert.fastpath.learners import Learner
from bagcert.fastpath.training.checkpoints import discard
from bagcert.fastpath.training.engines import LocalEngine
from bagcert.fastpath.training.ensemble import train_votes
from bagcert.fastpath.votes.file import write_votes
from bagcert.fastpath.votes.votes import Votes
from bagcert.reference.terminal.outputs import refuse_existing

__all__ = ["Ensembles", "Progress"]

Progress = Callable[[int, int], None]


@dataclass
class Ensembles:
    """Trains the ensembles of one figure into ``folder``; interrupted, the same call resumes."""

    folder: Path
    models: int
    seed: int
    progress: Progress | None = None
    preparing: Progress | None = None
    force: bool = False
    #: Keeps the features and the Gram block from one k to the next.
    _engine: LocalEngine = field(default_factory=partial(LocalEngine, keep=True))

    def votes(
        self, name: str, dataset: Dataset, learner: Learner, k: int, *, predictions: bool = False
    ) -> Votes:
        """Return the votes of N models, written to ``NAME.npz`` as well.

        Raises:
            OutputError: the file exists and ``force`` is false.
            ValueError: as :func:`~bagcert.fastpath.training.ensemble.train_votes`.
        """
        refuse_existing(self.folder / f"{name}.npz", force=self.force)
        partial = self.folder / f"{name}.partial"
        votes = train_votes(
            dataset,
            learner,
            k,
            self.models,
            self.seed,
            engine=self._engine,
            checkpoint=partial,
            keep_predictions=predictions,
            progress=self.progress,
            preparing=self.preparing,
        )
        write_votes(votes, self.folder / f"{name}.npz", force=self.force)
        discard(partial)
        return votes

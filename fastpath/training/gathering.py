"""The votes of an ensemble, shard by shard: kept as they are finished, and taken up again."""

import hashlib
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from os import PathLike
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.training.checkpoints import Checkpoint
from bagcert.fastpath.training.shards import Shard, ranges
from bagcert.fastpath.votes.header import VotesHeader
from bagcert.fastpath.votes.merging import Tally
from bagcert.fastpath.votes.votes import Votes

__all__ = ["Ensemble", "gather", "shards_of"]


class Ensemble(NamedTuple):
    """Which models, what on, and everything that their predictions depend on."""

    models: range
    #: e, the test examples.
    examples: int
    classes: int
    #: A checkpoint of another identity is refused.
    identity: str
    #: True labels (e,), where they are known.
    labels: NDArray[np.int64] | None = None
    #: Of the votes of all models; None where they are not votes of bagging.
    header: VotesHeader | None = None

    def part(self, shard: Shard) -> Votes:
        """Return a shard as the votes file of its models alone, which ``bagcert merge`` joins."""
        header = self.header
        if header is not None:
            first, models = shard.models.start, len(shard.models)
            header = replace(header, first_model=first, models=models)
        return replace(shard.votes, labels=self.labels, header=header)


def gather(
    ensemble: Ensemble,
    run: Callable[[Sequence[range]], Generator[Shard, None, None]],
    *,
    checkpoint: str | PathLike[str] | None,
    keep_predictions: bool,
    progress: Callable[[int, int], None] | None,
    shard: int,
) -> Votes:
    """Return the votes of all models: ``run`` yields the shards that the checkpoint lacks.

    Guarantee: if a shard is a function of the identity and its range, so is the result,
    however often the work was interrupted.

    Raises:
        ForeignCheckpointError: the checkpoint belongs to another run.
        ValueError: another run is at work in it.
    """
    every, examples = ensemble.models, ensemble.examples
    tally = Tally(every, examples, ensemble.classes, predictions=keep_predictions)

    def add(models: range, votes: Votes) -> None:
        tally.add(models.start, votes)
        if progress:
            progress(tally.done, len(every))

    with ExitStack() as stack:
        saved: Checkpoint | None = None
        if checkpoint is not None:
            identity = hashlib.sha256(ensemble.identity.encode()).digest()
            saved = Checkpoint(checkpoint, identity, examples, ensemble.classes)
            stack.enter_context(saved)
        missing = []
        for models in ranges(every, shard):
            kept = saved.load(models, predictions=keep_predictions) if saved else None
            if kept is None:
                missing.append(models)
            else:
                add(models, kept)
        finished = run(missing)
        stack.callback(finished.close)
        for made in finished:
            if saved:
                saved.save(made.models, ensemble.part(made))
            add(made.models, made.votes)
    return tally.votes(ensemble.labels, ensemble.header)


def shards_of(
    predict: Callable[[range], NDArray[np.int32]], classes: int, *, keep: bool
) -> Callable[[Sequence[range]], Generator[Shard, None, None]]:
    """Return what :func:`gather` runs where ``predict`` gives the label rows of a range."""

    def run(parts: Sequence[range]) -> Generator[Shard, None, None]:
        for models in parts:
            yield Shard.of(models, predict(models), classes, keep=keep)

    return run

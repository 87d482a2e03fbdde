"""The votes of an ensemble, shard by shard: kept as they are finished, and taken up again."""

import hashlib
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack
from os import PathLike
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.training.checkpoints import Checkpoint
from bagcert.fastpath.training.shards import Shard, Tally, ranges
from bagcert.fastpath.votes.header import header_text

__all__ = ["Ensemble", "gather", "shards_of"]


class Ensemble(NamedTuple):
    """Which models, what on, and everything that their predictions depend on."""

    models: range
    examples: int
    classes: int
    #: JSON without floats: a checkpoint of another identity is refused.
    identity: dict[str, Any]


def gather(
    ensemble: Ensemble,
    run: Callable[[Sequence[range]], Generator[Shard, None, None]],
    *,
    checkpoint: str | PathLike[str] | None,
    keep_predictions: bool,
    progress: Callable[[int, int], None] | None,
    shard: int,
) -> Tally:
    """Return the votes of all models: ``run`` yields the shards that the checkpoint lacks.

    Guarantee: if a shard is a function of the identity and its range, so is the result,
    however often the work was interrupted.

    Raises:
        ValueError: the checkpoint belongs to another run.
    """
    identity = hashlib.sha256(header_text(ensemble.identity).encode()).digest()
    every, total = ensemble.models, len(ensemble.models)
    tally = Tally(every, ensemble.examples, ensemble.classes, keep=keep_predictions)

    def add(found: Shard) -> None:
        tally.add(found)
        if progress:
            progress(tally.done, total)

    with ExitStack() as stack:
        saved: Checkpoint | None = None
        if checkpoint is not None:
            saved = Checkpoint(checkpoint, identity, ensemble.examples, ensemble.classes)
            stack.enter_context(saved)
        missing = []
        for part in ranges(every, shard):
            kept = saved.load(part, predictions=keep_predictions) if saved else None
            if kept is None:
                missing.append(part)
            else:
                add(kept)
        finished = run(missing)
        stack.callback(finished.close)
        for made in finished:
            if saved:
                saved.save(made)
            add(made)
    return tally


def shards_of(
    predict: Callable[[range], NDArray[np.int32]], classes: int, *, keep: bool
) -> Callable[[Sequence[range]], Generator[Shard, None, None]]:
    """Return what :func:`gather` runs where ``predict`` gives the label rows of a range."""

    def run(parts: Sequence[range]) -> Generator[Shard, None, None]:
        for models in parts:
            yield Shard.of(models, predict(models), classes, keep=keep)

    return run

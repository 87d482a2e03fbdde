"""``bagcert train``: a data set, a learner and an engine by their names, and votes in a file.

Finished shards are kept beside the output, in ``OUTPUT.partial``, without being asked: nobody
plans to be interrupted, and by then it is too late to ask. The folder goes once the votes are
written. It costs little (0.1 MB for 100 models on MNIST, predictions not kept), and it is refused,
never overwritten, where it belongs to a run with other settings: hours of work may be in it. A
folder that was asked for, with ``--checkpoint``, stays.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from bagcert.fastpath.checkpoints import discard
from bagcert.fastpath.datasets import load_dataset
from bagcert.fastpath.engines import load_engine
from bagcert.fastpath.learners import load_learner
from bagcert.fastpath.training import train_votes
from bagcert.fastpath.votes import Votes, write_votes
from bagcert.reference.console import progress_bars, say
from bagcert.reference.files import refuse_existing

__all__ = ["Request", "run"]


class Request(NamedTuple):
    """The command line, as typed."""

    output: Path
    dataset: str
    learner: str
    settings: Mapping[str, str]
    data_dir: Path | None
    k: int
    models: int
    seed: int
    first_model: int
    predictions: bool
    checkpoint: Path | None
    engine: str
    scheduler: str | None
    workers: int | None
    force: bool


def run(request: Request) -> dict[str, Any]:
    """Train, write the votes, and return what is to be shown.

    Raises:
        ValueError: as :func:`~bagcert.fastpath.training.train_votes`, or an unknown name.
        KeyboardInterrupt: on Ctrl-C; its argument says where the finished shards are.
    """
    refuse_existing(request.output, force=request.force)
    learner = load_learner(request.learner, request.settings)
    engine = load_engine(request.engine, request.scheduler, request.workers)
    data = load_dataset(request.dataset, request.data_dir)
    beside = request.output.with_name(f"{request.output.name}.partial")
    folder = request.checkpoint or beside
    stages = ("features", len(data.train_y)), ("training", request.models)
    finished = 0

    try:
        with progress_bars(*stages) as (preparing, advance):

            def progress(done: int, total: int) -> None:
                nonlocal finished
                finished = done
                advance(done, total)

            votes = train_votes(
                data, learner, request.k, request.models, request.seed,
                engine=engine, checkpoint=folder, keep_predictions=request.predictions,
                first_model=request.first_model, progress=progress, preparing=preparing,
            )  # fmt: skip
        write_votes(votes, request.output, force=request.force)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            f"{finished} of {request.models} models are kept in {folder}; the same command goes on"
        ) from None
    if request.checkpoint is None:
        _discard(folder)
    return _fields(request, len(data.train_y), votes)


def _discard(folder: Path) -> None:
    try:
        discard(folder)
    except (OSError, ValueError) as error:  # the votes are written: this is no failure
        say(f"{folder} is no longer needed, but stays: {error}")


def _fields(request: Request, n: int, votes: Votes) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "votes": str(request.output),
        "n": n,
        "k": request.k,
        "models": request.models,
        "examples": votes.counts.shape[0],
        "votes_sha256": votes.digest,
    }
    if votes.labels is not None:
        right = int((votes.counts.argmax(axis=1) == votes.labels).sum())
        fields["majority_vote_correct"] = f"{right} of {len(votes.labels)}"
    return fields

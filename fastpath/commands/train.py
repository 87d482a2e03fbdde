"""``bagcert train``: a data set, a learner and an engine by their names, and votes in a file.

Finished shards are kept beside the output, in ``OUTPUT.partial``, without being asked: nobody
plans to be interrupted, and by then it is too late to ask. The folder goes once the votes are
written, or where no shard was finished. It costs little (0.1 MB for 100 models on MNIST,
predictions not kept). Where it holds shards of a run with other settings it is refused, since
hours of work may be in it; ``--force`` discards them with the output that they were for. A folder
that was asked for, with ``--checkpoint``, stays, and other runs' shards in it stay too, whatever
is forced. Only files that carry the checkpoint's own mark are ever removed.
"""

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from bagcert.fastpath.votes.votes import Votes

from bagcert.fastpath.commands.options import DataDir, Force, Scale, as_settings, datasets
from bagcert.reference.commands.options import Draws, Json, among
from bagcert.reference.terminal.console import command, progress_bars, say, show, tell
from bagcert.reference.terminal.listing import Group, listed

__all__ = ["train"]

#: Bytes of the longest name that usual file systems take.
_LONGEST: Final = 255


def _learners() -> tuple[str, ...]:
    from bagcert.fastpath.learners import learner_names

    return learner_names()


def _show_learners(asked: bool) -> None:
    from bagcert.fastpath.learners import learner_lines

    if asked:
        command(lambda: tell(*learner_lines()))()


@listed(Group.CERTIFY, "bagcert train --dataset digits --k 20 --models 1000 --seed 7 -o votes.npz")
def train(
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the votes go (.npz).")],
    dataset: Annotated[
        str,
        typer.Option(
            help="digits, mnist, mnist17, cifar10, or a file of arrays .npz; +no-label behind it "
            "adds a class for models without an answer.",
            autocompletion=datasets,
        ),
    ] = "digits",
    learner: Annotated[
        str,
        typer.Option(
            help="kernel-ridge, logistic-regression, scattering-ridge, enlarged-ridge, "
            "metric-ridge, manifold-ridge, prior-ridge, efficientnet-ridge, mnist-cnn, "
            "mnist-cnn-authors, mnist-cnn-keras, cifar10-cnn, cifar10-cnn-keras, or sklearn with "
            "--setting estimator=NAME. --learners says what each is, and its settings.",
            autocompletion=among(_learners),
        ),
    ] = "kernel-ridge",
    setting: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A setting of the learner; may be repeated."),
    ] = None,
    learners: Annotated[
        bool,
        typer.Option(
            "--learners",
            is_eager=True,
            callback=_show_learners,
            help="Print each learner with its settings and their defaults, and nothing else.",
        ),
    ] = False,
    data_dir: DataDir = None,
    scale: Scale = None,
    k: Draws = 20,
    models: Annotated[int, typer.Option(help="Models to train, N.")] = 1000,
    seed: Annotated[int, typer.Option(help="Seed of the draws, 0 to 2^64 - 1.")] = 0,
    first_model: Annotated[
        int, typer.Option(help="Index of the first model: for parts that `merge` joins.")
    ] = 0,
    predictions: Annotated[
        bool, typer.Option(help="Keep every model's predictions: audit --replay needs them.")
    ] = False,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            help="Folder that keeps finished work, from which the same command goes on; "
            "OUTPUT.partial, until done, if not given."
        ),
    ] = None,
    engine: Annotated[
        str,
        typer.Option(
            help="local: in this process; dask: on many processes.",
            autocompletion=among(lambda: ("local", "dask")),
        ),
    ] = "local",
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="dask: a scheduler that runs already.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="dask, on this machine: processes; one a core if not given.")
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Train N models on k examples each and count their votes on the test set.

    Interrupted, killed or out of disk, the same command goes on where it stopped, to the same file.
    """
    from bagcert.fastpath.datasets import NO_LABEL, load_dataset
    from bagcert.fastpath.learners import load_learner
    from bagcert.fastpath.training.checkpoints import ForeignCheckpointError, discard
    from bagcert.fastpath.training.engines import load_engine
    from bagcert.fastpath.training.ensemble import train_votes
    from bagcert.fastpath.votes.file import write_votes
    from bagcert.reference.terminal.foreign import own_output
    from bagcert.reference.terminal.outputs import refuse_existing, refuse_suffix

    source = Path(data_dir or "") / dataset.removesuffix(NO_LABEL)
    refuse_existing(output, force=force, inputs=[source])
    refuse_suffix(output, ".npz")
    try:
        chosen = load_learner(learner, as_settings(setting or []))
    except ValueError as error:
        raise ValueError(str(error).replace("learner_settings:", "--setting", 1)) from error
    where = load_engine(engine, scheduler, workers)
    data = load_dataset(dataset, data_dir, scale=scale)
    folder = checkpoint or _beside(output)
    stages = ("features", 1), ("training", models)
    finished = 0

    try:
        with progress_bars(*stages) as (preparing, advance), own_output():

            def progress(done: int, total: int) -> None:
                nonlocal finished
                finished = done
                advance(done, total)

            def trained() -> "Votes":
                return train_votes(
                    data,
                    chosen,
                    k,
                    models,
                    seed,
                    engine=where,
                    checkpoint=folder,
                    keep_predictions=predictions,
                    first_model=first_model,
                    progress=progress,
                    preparing=preparing,
                )

            try:
                votes = trained()
            except ForeignCheckpointError as error:
                if checkpoint is not None:
                    raise
                if not force:
                    raise ValueError(f"{error}, which --force does") from error
                discard(folder)
                votes = trained()
        write_votes(votes, output, force=force)
    except KeyboardInterrupt as error:  # the same one goes on: it knows which signal it was
        kept = f"{finished} of {models} models are kept in {folder}; the same command goes on"
        error.args = (kept,)
        raise
    if checkpoint is None:
        _discard(folder)
    show({"votes": str(output), "n": len(data.train_y), "k": k, **_counted(votes)}, as_json)


def _beside(output: Path) -> Path:
    """OUTPUT.partial; where that name is too long, a digest of OUTPUT's stands for it."""
    name = f"{output.name}.partial"
    if len(os.fsencode(name)) > _LONGEST:
        name = f"{hashlib.sha256(os.fsencode(output.name)).hexdigest()}.partial"
    folder = output.with_name(name)
    if folder.is_symlink():
        raise ValueError(
            f"checkpoint: {folder} is a link; name the folder that it leads to: --checkpoint DIR"
        )
    return folder


def _discard(folder: Path) -> None:
    from bagcert.fastpath.training.checkpoints import discard

    try:
        discard(folder)
    except (OSError, ValueError) as error:  # the votes are written: this is no failure
        say(f"{folder} is no longer needed, but stays: {error}")


def _counted(votes: "Votes") -> dict[str, Any]:
    fields: dict[str, Any] = {
        "models": votes.models,
        "examples": votes.counts.shape[0],
        "votes_sha256": votes.digest,
    }
    if votes.labels is not None:
        right = int((votes.counts.argmax(axis=1) == votes.labels).sum())
        fields["majority_vote_correct"] = f"{right} of {len(votes.labels)}"
    return fields

"""Options that several commands share, and how their texts are read."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bagcert.fastpath.votes.votes import Votes

__all__ = [
    "CertificatePath",
    "DataDir",
    "Force",
    "PredictionsOption",
    "StatedClasses",
    "StatedDraws",
    "StatedExamples",
    "VotesPath",
    "as_radii",
    "as_settings",
    "votes_from",
]

Force = Annotated[bool, typer.Option("--force", help="Replace the output if it exists.")]
CertificatePath = Annotated[Path, typer.Argument(help="The certificate file (.jsonl, .jsonl.gz).")]
VotesPath = Annotated[Path, typer.Argument(help="Votes: .npz, or .npy/.csv with --n and --k.")]
DataDir = Annotated[
    Path | None, typer.Option(help="Where the data set's files lie (or BAGCERT_DATA).")
]

StatedExamples = Annotated[
    int | None, typer.Option("--n", help="Training examples, n, where the votes state none.")
]
StatedDraws = Annotated[
    int | None, typer.Option("--k", help="Examples in each list, k, where the votes state none.")
]
PredictionsOption = Annotated[
    bool | None,
    typer.Option(
        "--predictions/--no-predictions",
        help="The votes are a row of labels for each model (N × e); or counts (e × c).",
    ),
]
StatedClasses = Annotated[
    int | None, typer.Option("--classes", help="Classes, c, where --predictions cannot tell.")
]


def votes_from(
    path: Path,
    *,
    n: int | None = None,
    k: int | None = None,
    predictions: bool | None = None,
    classes: int | None = None,
) -> "Votes":
    """Return the votes in a file as the options of a command describe it.

    ``predictions`` None is what nobody said. A bare table (.csv, .npy) is then one of counts,
    unless every number in it is smaller than its columns are many: labels of models may look like
    that, and counts of many models do not, so it is asked about.

    Raises:
        ValueError: such a table; or as :func:`~bagcert.fastpath.votes.votes.read_votes`.
        OSError: the file cannot be read.
    """
    from bagcert.fastpath.votes.votes import VotesError, read_votes

    votes = read_votes(path, n=n, k=k, predictions=bool(predictions), classes=classes)
    rows, columns = votes.counts.shape
    if predictions is None and path.suffix != ".npz" and votes.counts.max() < columns:
        raise VotesError(
            f"{path}: may be counts ({rows} examples × {columns} classes, {votes.models} models) "
            f"or labels ({rows} models × {columns} examples); say --no-predictions for counts, "
            f"--predictions for labels"
        )
    return votes


def as_settings(texts: list[str]) -> dict[str, str]:
    """Return NAME=VALUE texts as a dict.

    Raises:
        ValueError: a text without ``=``.
    """
    pairs = [text.partition("=") for text in texts]
    if wrong := [text for text, (_, sign, _) in zip(texts, pairs, strict=True) if not sign]:
        raise ValueError(f"setting must be NAME=VALUE, not {wrong[0]!r:.60}")
    return {name: value for name, _, value in pairs}


def as_radii(text: str) -> list[int]:
    """Return radii that are separated by commas.

    Raises:
        ValueError: one of them is not an integer from 0.
    """
    return [_radius(part) for part in text.split(",")]


def _radius(text: str) -> int:
    if not (text.strip().isdecimal() and text.isascii() and len(text) <= 20):
        raise ValueError(f"radii must be integers separated by commas, not {text!r:.60}")
    return int(text)

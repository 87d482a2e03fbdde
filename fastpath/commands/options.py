"""Options that several commands share, and how their texts are read."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bagcert.fastpath.untrusted.table_options import LabelKind, TableOptions

if TYPE_CHECKING:
    from bagcert.fastpath.votes.votes import Votes

__all__ = [
    "CertificatePath", "Classes", "DataDir", "DropColumns", "Force", "HeaderRow", "IndexColumn",
    "KeepColumns", "LabelColumn", "LabelKindOption", "LabelsFile", "Predictions", "Scale",
    "Separator", "StatedDraws", "StatedExamples", "TableOptions", "VotesPath", "as_radii",
    "as_settings", "votes_from",
]  # fmt: skip

Force = Annotated[bool, typer.Option("--force", help="Replace the output if it exists.")]
CertificatePath = Annotated[Path, typer.Argument(help="The certificate file (.jsonl, .jsonl.gz).")]
VotesPath = Annotated[Path, typer.Argument(help="Votes: .npz, or .npy/.csv with --n and --k.")]
DataDir = Annotated[
    Path | None, typer.Option(help="Where the data set's files lie (or BAGCERT_DATA).")
]
Scale = Annotated[
    int | None,
    typer.Option(help="What the integer examples of a file .npz are divided by; 255: grey values."),
]

# How votes from elsewhere are read: the same words wherever votes are.
StatedExamples = Annotated[int | None, typer.Option("--n", help="Training examples, n.")]
StatedDraws = Annotated[int | None, typer.Option("--k", help="Examples in each list, k.")]
Predictions = Annotated[
    bool, typer.Option("--predictions", help="VOTES holds a row of labels for each model (N × e).")
]
Classes = Annotated[int | None, typer.Option(help="Classes, c, where --predictions cannot tell.")]
Separator = Annotated[
    str | None, typer.Option(help="Between columns of a text: comma, semicolon or tab.")
]
HeaderRow = Annotated[
    bool | None,
    typer.Option("--header/--no-header", help="Whether the first line holds columns' names."),
]
LabelColumn = Annotated[str | None, typer.Option(metavar="NAME", help="The column of true labels.")]
IndexColumn = Annotated[
    str | None, typer.Option(metavar="NAME", help="A column of row names, which is not read.")
]
DropColumns = Annotated[
    list[str] | None,
    typer.Option("--drop-column", metavar="NAME", help="A column that is no class, like a total."),
]
KeepColumns = Annotated[
    list[str] | None,
    typer.Option("--keep-column", metavar="NAME", help="A column that is a class all the same."),
]
LabelsFile = Annotated[
    Path | None, typer.Option("--labels", help="A file of true labels, one a line, or .npy.")
]
LabelKindOption = Annotated[
    LabelKind | None,
    typer.Option("--label-kind", help="True labels: names of columns, or positions from 0."),
]


def votes_from(
    path: Path,
    *,
    n: int | None,
    k: int | None,
    predictions: bool,
    classes: int | None,
    separator: str | None,
    header: bool | None,
    label_column: str | None,
    index_column: str | None,
    drop_column: list[str] | None,
    keep_column: list[str] | None,
    labels: Path | None,
    label_kind: LabelKind | None,
) -> "Votes":
    """Return the votes that a command names, read as its options say.

    Raises:
        VotesError, TypeError, ValueError, OSError: as
        :func:`~bagcert.fastpath.votes.file.read_votes`.
    """
    from bagcert.fastpath.votes.file import read_votes

    table = TableOptions(
        separator=separator, header=header, label_column=label_column, index_column=index_column,
        drop_columns=tuple(drop_column or ()), keep_columns=tuple(keep_column or ()),
        labels=labels, label_kind=label_kind,
    )  # fmt: skip
    return read_votes(path, n=n, k=k, predictions=predictions, classes=classes, table=table)


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

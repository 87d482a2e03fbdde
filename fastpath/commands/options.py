"""Options that several commands share, and how their texts are read."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from bagcert.reference.commands.options import among
from bagcert.reference.terminal.sources import STANDARD_INPUT

__all__ = [
    "CertificatePath",
    "DataDir",
    "Force",
    "Radii",
    "Scale",
    "VotesPath",
    "as_radii",
    "as_settings",
    "datasets",
    "refuse_twice",
]


def _names() -> Iterable[str]:
    from bagcert.fastpath.datasets import dataset_names

    return dataset_names()


#: What completes the name of a data set.
datasets = among(_names)

Force = Annotated[bool, typer.Option("--force", help="Replace the output if it exists.")]
CertificatePath = Annotated[
    Path,
    typer.Argument(help="The certificate file (.jsonl, .jsonl.gz), or - for standard input."),
]
VotesPath = Annotated[
    Path,
    typer.Argument(
        help="How many models voted for each label, a row for each test example: .npz of bagcert "
        "train, or .csv or .npy with --n and --k."
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option(help="Where the data set's files lie (or BAGCERT_DATA); openml fetches MNIST."),
]
Radii = Annotated[
    str,
    typer.Option(
        help="Numbers of poisoned training examples, r, at which certified accuracy is printed; "
        "separated by commas."
    ),
]
Scale = Annotated[
    int | None,
    typer.Option(
        help="What integers in a file of arrays are divided by; 255 brings grey values to 0..1."
    ),
]


def refuse_twice(paths: Sequence[Path]) -> None:
    """Refuse standard input where it is named more than once.

    Raises:
        ValueError: it is.
    """
    if paths.count(Path(STANDARD_INPUT)) > 1:
        raise ValueError(f"{STANDARD_INPUT}: standard input can be read once; name it once")


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
        raise ValueError(f"radii must be integers from 0, separated by commas, not {text!r:.60}")
    return int(text)

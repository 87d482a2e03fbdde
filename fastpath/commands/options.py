"""Options that several commands share, and how their texts are read."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["CertificatePath", "DataDir", "Force", "VotesPath", "as_radii", "as_settings"]

Force = Annotated[bool, typer.Option("--force", help="Replace the output if it exists.")]
CertificatePath = Annotated[Path, typer.Argument(help="The certificate file (.jsonl, .jsonl.gz).")]
VotesPath = Annotated[Path, typer.Argument(help="Votes: .npz, or .npy/.csv with --n and --k.")]
DataDir = Annotated[
    Path | None, typer.Option(help="Where the data set's files lie (or BAGCERT_DATA).")
]


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

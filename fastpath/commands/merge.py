"""``bagcert merge``: parts of one ensemble, joined."""

from pathlib import Path
from typing import Annotated

import typer

from bagcert.fastpath.commands.options import Force
from bagcert.reference.commands.options import Json
from bagcert.reference.terminal.console import (
    show,
)
from bagcert.reference.terminal.listing import Group, listed

__all__ = ["merge"]


@listed(Group.CERTIFY, "bagcert merge first.npz second.npz -o votes.npz")
def merge(
    parts: Annotated[
        list[Path], typer.Argument(help="Votes of different models of one ensemble (.npz).")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where all votes go (.npz).")],
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Join the votes of parts of one ensemble, trained apart with --first-model."""
    from bagcert.fastpath.votes.file import read_votes, write_votes
    from bagcert.fastpath.votes.merging import merge_votes
    from bagcert.reference.terminal.outputs import refuse_existing, refuse_suffix

    refuse_existing(output, force=force, inputs=parts)
    refuse_suffix(output, ".npz")
    votes = merge_votes([read_votes(part) for part in parts])
    write_votes(votes, output, force=force)
    show(
        {
            "votes": str(output),
            "models": int(votes.counts[0].sum()),
            "examples": votes.counts.shape[0],
            "votes_sha256": votes.digest,
        },
        as_json,
    )

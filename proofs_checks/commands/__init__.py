"""The commands that show evidence, one file each."""

import typer

from bagcert.proofs_checks.commands.claims import claims
from bagcert.proofs_checks.commands.tightness import tightness
from bagcert.reference.terminal.console import add

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add this house's commands to ``app``."""
    for run in (tightness, claims):
        add(app, run)

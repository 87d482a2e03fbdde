"""The commands that need nothing but exact arithmetic, one file each."""

import typer

from bagcert.reference.commands.explain import explain
from bagcert.reference.commands.plan import plan
from bagcert.reference.commands.radius import radius
from bagcert.reference.terminal.console import add

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add this house's commands to ``app``."""
    for run in (explain, radius, plan):
        add(app, run)

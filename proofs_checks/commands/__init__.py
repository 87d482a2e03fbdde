"""The commands that show evidence, one file each; and the second checker for ``bagcert audit``."""

from typing import BinaryIO

import typer

from bagcert.fastpath.audit import second
from bagcert.proofs_checks.commands.claims import claims
from bagcert.proofs_checks.commands.tightness import tightness
from bagcert.reference.terminal.console import add

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add this house's commands to ``app``, and its checker to those that ``audit`` can ask."""
    for run in (tightness, claims):
        add(app, run)
    second.register(second.SecondChecker("bagcert_judge (proved in Coq)", _opinion))


def _opinion(source: BinaryIO) -> second.Said:
    from bagcert.proofs_checks.second_opinion import opinion_of

    return opinion_of(source)

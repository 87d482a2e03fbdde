"""The commands of this house, one file each: signature and body together.

Heavy imports happen inside the commands: ``bagcert audit`` without ``--votes`` needs neither
numpy nor scikit-learn, and starts in a blink.
"""

import typer

from bagcert.fastpath.commands.audit import audit
from bagcert.fastpath.commands.certify import certify
from bagcert.fastpath.commands.compare import compare
from bagcert.fastpath.commands.crosscheck import crosscheck
from bagcert.fastpath.commands.diff import diff
from bagcert.fastpath.commands.export import export
from bagcert.fastpath.commands.merge import merge
from bagcert.fastpath.commands.report import report
from bagcert.fastpath.commands.reproduce import reproduce
from bagcert.fastpath.commands.train import train
from bagcert.reference.terminal.console import add

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add this house's commands to ``app``."""
    for run in (
        train,
        merge,
        certify,
        audit,
        report,
        diff,
        export,
        crosscheck,
        compare,
        reproduce,
    ):
        add(app, run)

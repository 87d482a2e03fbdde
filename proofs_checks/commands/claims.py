"""``bagcert claims``: every claim of the paper, checked again."""

import os
from typing import Annotated

import typer

from bagcert.reference.commands.options import Json, among
from bagcert.reference.terminal.console import FALSE, progress_bar, say, show
from bagcert.reference.terminal.listing import Group, listed

__all__ = ["claims"]


def _claims() -> list[str]:
    from bagcert.proofs_checks.ledger.ledger import chosen

    return [claim.id for claim in chosen([])]


@listed(Group.RESEARCH, "bagcert claims --claim theorem-1")
def claims(
    claim: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID",
            help="This claim alone; may be repeated.",
            autocompletion=among(_claims),
        ),
    ] = None,
    as_json: Json = False,
) -> int:
    """Check every claim of the paper again: what holds, what fails, and the evidence."""
    from bagcert.proofs_checks.evidence.claim import Status
    from bagcert.proofs_checks.ledger.ledger import chosen, run
    from bagcert.proofs_checks.ledger.report import as_fields, as_lines

    these = chosen(claim or [])
    with progress_bar("claims", len(these)) as advance:
        found = run(these, os.cpu_count() or 1, progress=advance)
    if as_json:
        show(as_fields(these, found), as_json)
    else:
        print("\n".join(as_lines(these, found)))
    wrong = [result.id for result in found if result.status is Status.UNSUPPORTED]
    if wrong:
        say(f"not supported by its checks: {', '.join(wrong)}")
    return FALSE if wrong else 0

"""``bagcert audit``: is every number in a certificate file true?"""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from bagcert.fastpath.commands.options import (
    CertificatePath,
)
from bagcert.reference.commands.options import (
    Json,
)
from bagcert.reference.terminal.console import (
    FALSE,
    say,
    show,
)

__all__ = ["audit"]


def audit(
    certificate: CertificatePath,
    votes: Annotated[
        Path | None, typer.Option(help="Votes whose counts, n, k and digest must be those.")
    ] = None,
    data: Annotated[
        str | None, typer.Option(help="Data set whose digest the certificate must state.")
    ] = None,
    replay: Annotated[
        int | None,
        typer.Option(metavar="M", help="Train M models of --votes again, chosen at random."),
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Where the data set's files lie (or BAGCERT_DATA).")
    ] = None,
    as_json: Json = False,
) -> int:
    """Decide whether every number in a certificate file is true. VALID, INVALID or MALFORMED."""
    from bagcert.reference.checker import check

    if replay is not None and votes is None:
        raise ValueError("replay: name the votes whose models are to be trained again: --votes")
    verdict = check(os.fspath(certificate))
    status = verdict.exit_status
    differences: list[str] = []
    lines: list[str] = []
    fields: dict[str, Any] = {}
    if status == 0 and (votes is not None or data is not None):
        from bagcert.fastpath.audit.findings import findings

        differences, lines, fields = findings(
            certificate, votes=votes, data=data, replay_models=replay, data_dir=data_dir
        )
    if as_json:
        show(
            {
                "verdict": verdict.status,
                "line": verdict.line,
                "field": verdict.field,
                "message": verdict.message,
                "differences": differences,
                **fields,
            },
            as_json,
        )
    else:
        print(verdict, *(f"DIFFERS {text}" for text in differences), *lines, sep="\n")
    say(verdict.remark)
    return FALSE if status == 0 and differences else status

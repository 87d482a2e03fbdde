"""``bagcert audit``: is every number in a certificate file true?"""

from pathlib import Path
from typing import Annotated, Any

import typer

from bagcert.fastpath.commands.options import CertificatePath, DataDir, Scale
from bagcert.fastpath.commands.reading import Reading, reads_votes
from bagcert.reference.commands.options import Json
from bagcert.reference.terminal.console import FALSE, say, show, tell

__all__ = ["audit"]


@reads_votes
def audit(
    certificate: CertificatePath,
    reading: Reading,
    votes: Annotated[
        Path | None, typer.Option(help="Votes with which every item is to be compared.")
    ] = None,
    data: Annotated[
        str | None, typer.Option(help="Data set whose digest the certificate must state.")
    ] = None,
    replay: Annotated[
        int | None,
        typer.Option(metavar="M", help="Train M models of --votes again, chosen at random."),
    ] = None,
    trust_settings: Annotated[
        bool,
        typer.Option("--trust-settings", help="--replay whatever settings the votes ask for."),
    ] = False,
    data_dir: DataDir = None,
    scale: Scale = None,
    as_json: Json = False,
) -> int:
    """Decide whether every number in a certificate file is true. VALID, INVALID or MALFORMED.

    Exit status 0 if it is and nothing that it was compared with differs, 1 if it is not or
    something differs, 2 if a file cannot be used.
    """
    from bagcert.reference.certificate.held import held

    if votes is None and (about := [*reading.stated(), *["--replay"][: replay is not None]]):
        raise ValueError(f"{about[0]}: is about votes; name them: --votes")
    if scale is not None and data is None:
        raise ValueError("--scale: is about a file of arrays; name it: --data FILE.npz")
    compared: dict[str, Any] = {"compared": []}
    differences: list[str] = []
    lines: list[str] = []
    with held(certificate) as kept:
        verdict = kept.judge()
        asked = [votes, reading.n, reading.k, data] != [None] * 4
        if verdict.status == "VALID" and asked:
            from bagcert.fastpath.audit.findings import Asked, findings

            counted = None
            if votes is not None:
                counted = reading.votes(votes)
            found = findings(
                kept.read(),
                Asked(
                    counted,
                    str(votes),
                    reading.n,
                    reading.k,
                    data,
                    data_dir,
                    replay,
                    trust_settings,
                    scale,
                ),
            )
            differences, lines, compared = found.differences, found.lines(), found.fields
    if as_json:
        show(
            {
                "verdict": verdict.status,
                "line": verdict.line,
                "field": verdict.field,
                "message": verdict.message,
                "differences": differences,
                **compared,
            },
            as_json,
        )
    else:
        tell(str(verdict), *lines)
    if verdict.status != "VALID":
        if asked:
            say("nothing was compared: a certificate that is not VALID certifies nothing")
        return verdict.exit_status
    say(verdict.remark)
    return FALSE if differences else 0

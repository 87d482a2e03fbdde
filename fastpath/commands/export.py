"""``bagcert export``: the rows of a certificate as a table."""

from pathlib import Path
from typing import Annotated

import typer

from bagcert.fastpath.commands.options import CertificatePath, Force
from bagcert.reference.commands.options import Json
from bagcert.reference.terminal.console import show, tell
from bagcert.reference.terminal.listing import Group, listed

__all__ = ["export"]


@listed(Group.READ, "bagcert export cert.jsonl -o rows.csv")
def export(
    certificate: CertificatePath,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the table goes (.csv).")],
    force: Force = False,
    as_json: Json = False,
) -> int:
    """Write a certificate's rows as CSV: labels, radii, bounds, counts.

    The file is judged first: only what is VALID is written. In Python,
    ``bagcert.fastpath.to_frame`` gives a data frame.
    """
    from bagcert.fastpath.report.export import write_table
    from bagcert.reference.certificate.held import held
    from bagcert.reference.terminal.outputs import refuse_existing, refuse_suffix

    refuse_existing(output, force=force, inputs=[certificate])
    refuse_suffix(output, ".csv")
    with held(certificate) as kept:
        verdict = kept.judge()
        if verdict.status != "VALID":
            tell(str(verdict))
            return verdict.exit_status
        file = kept.read()
    columns = write_table(file, output, force=force)
    show({"table": str(output), "rows": len(file.rows), "columns": len(columns)}, as_json)
    return 0

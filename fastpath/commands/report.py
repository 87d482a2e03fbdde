"""``bagcert report``: what a certificate file amounts to."""

import os
from pathlib import Path
from typing import Annotated

import typer

from bagcert.fastpath.commands.options import (
    CertificatePath,
    Force,
    as_radii,
)
from bagcert.reference.commands.options import (
    Json,
)
from bagcert.reference.terminal.console import (
    say,
    show,
)

__all__ = ["report"]


def report(
    certificate: CertificatePath,
    radii: Annotated[str, typer.Option(help="Radii to report, comma-separated.")] = "0,5,10,20,30",
    plot: Annotated[
        Path | None, typer.Option(help="Draw the certified-accuracy curve (.png).")
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> int:
    """Certified accuracy at chosen radii, and how the radii are distributed."""
    from bagcert.fastpath.report.accuracy import Report, draw, print_report
    from bagcert.reference.certificate.reader import read_certificate
    from bagcert.reference.checker import check
    from bagcert.reference.terminal.outputs import refuse_existing

    if plot is not None:
        refuse_existing(plot, force=force)
    wanted = as_radii(radii)
    verdict = check(os.fspath(certificate))
    if verdict.status != "VALID":  # nothing is drawn from a file that is not true
        print(verdict)
        return verdict.exit_status
    found = Report.of(read_certificate(certificate), wanted)
    if as_json:
        show(found.as_fields(), as_json)
    else:
        print_report(found)
    if plot is not None:
        draw(found, plot, force=force)
        say(f"drew {plot}")
    return 0

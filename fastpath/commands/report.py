"""``bagcert report``: what a certificate file amounts to."""

from pathlib import Path
from typing import Annotated

import typer

from bagcert.fastpath.commands.options import CertificatePath, DataDir, Force, as_radii
from bagcert.reference.commands.options import Json
from bagcert.reference.terminal.console import say, show, tell
from bagcert.reference.terminal.listing import Group, listed

__all__ = ["report"]

_RADII = "0,5,10,20,30"


@listed(Group.READ, "bagcert report cert.jsonl", "bagcert report cert.jsonl -o report.html")
def report(
    certificate: CertificatePath,
    radii: Annotated[
        str | None,
        typer.Option(help=f"Radii to report, comma-separated ({_RADII}; even ones on the page)."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write a page that explains all of it (.html)."),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(help="Draw the certified-accuracy curve (.png, .pdf, .svg)."),
    ] = None,
    others: Annotated[
        list[Path] | None,
        typer.Option("--with", help="Another certificate, for the same picture; repeatable."),
    ] = None,
    data: Annotated[
        str | None, typer.Option(help="Data set whose images the page shows; must be that one.")
    ] = None,
    data_dir: DataDir = None,
    force: Force = False,
    as_json: Json = False,
) -> int:
    """Certified accuracy, radii, abstentions: printed, as a page, and as a picture for a paper.

    Nothing is reported of a file that is not VALID. Exit status 0, 1 if a certificate is false,
    2 if a file cannot be used.
    """
    from bagcert.fastpath.report.accuracy import Report, print_report
    from bagcert.fastpath.report.judged import judged
    from bagcert.fastpath.report.outputs import refuse_outputs
    from bagcert.fastpath.report.picture import Curve, draw, refuse_mixture

    paths = [certificate, *(others or [])]
    refuse_outputs(paths, page=output, plot=plot, data=data, force=force)
    wanted = None if radii is None else as_radii(radii)
    files = []
    for path in paths:
        found = judged(path)
        if found.file is None:
            tell(str(found.verdict) if len(paths) == 1 else f"{path}: {found.verdict}")
            return found.verdict.exit_status
        files.append((found, found.file))
    curves = [Curve(one.name, content.header, Report.of(content, [])) for one, content in files]
    refuse_mixture(curves)
    first, file = files[0]
    counted = Report.of(file, as_radii(_RADII) if wanted is None else wanted)
    if output is not None:
        from bagcert.fastpath.datasets import load_dataset
        from bagcert.fastpath.report.page.render import render, write_page

        shown = None if data is None else load_dataset(data, data_dir)
        write_page(render(first, wanted, shown), output, force=force)
        say(f"wrote {output}")
    if plot is not None:
        draw(curves, plot, force=force)
        say(f"drew {plot}")
    if as_json:
        show(counted.as_fields(), as_json)
    else:
        print_report(counted)
    return 0

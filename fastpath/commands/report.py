"""``bagcert report``: what a certificate file amounts to."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bagcert.fastpath.report.labelled import Beside
    from bagcert.reference.certificate.schema import CertificateFile

from bagcert.fastpath.commands.options import (
    CertificatePath,
    DataDir,
    Force,
    as_radii,
    datasets,
    refuse_twice,
)
from bagcert.fastpath.commands.reading import Reading, reads_votes
from bagcert.reference.commands.options import Json
from bagcert.reference.terminal.console import say, show, tell
from bagcert.reference.terminal.listing import Group, listed

__all__ = ["report"]


@listed(Group.READ, "bagcert report cert.jsonl", "bagcert report cert.jsonl -o report.html")
@reads_votes
def report(
    certificate: CertificatePath,
    reading: Reading,
    radii: Annotated[
        str | None,
        typer.Option(
            help="Numbers of poisoned training examples, r, at which certified accuracy is stated; "
            "separated by commas; even ones up to the largest radius if none are asked."
        ),
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
    votes: Annotated[
        Path | None,
        typer.Option(
            help="The certificate's own votes: compared with it, and their true labels and class "
            "names used where it states none."
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            help="Data set whose images the page shows; must be that one.",
            autocompletion=datasets,
        ),
    ] = None,
    data_dir: DataDir = None,
    force: Force = False,
    as_json: Json = False,
) -> int:
    """Report certified accuracy, radii, abstentions: printed, as a page, as a picture for a paper.

    Nothing is reported of a file that is not VALID. Exit status 0, 1 if a certificate is false,
    2 if a file cannot be used.
    """
    from bagcert.fastpath.report.accuracy import Report, print_report
    from bagcert.fastpath.report.judged import judged
    from bagcert.fastpath.report.outputs import refuse_outputs
    from bagcert.fastpath.report.picture import Curve, draw, refuse_mixture

    paths = [certificate, *(others or [])]
    refuse_twice(paths)
    read = reading.files()
    if votes is not None:
        read.append(votes)
    elif about := reading.stated(sizes=True):
        raise ValueError(f"{about[0]}: is about votes; name them: --votes")
    refuse_outputs(paths, page=output, plot=plot, data=data, others=read, force=force)
    wanted = None if radii is None else as_radii(radii)
    files = []
    for path in paths:
        found = judged(path)
        if found.file is None:
            tell(str(found.verdict) if len(paths) == 1 else f"{path}: {found.verdict}")
            return found.verdict.exit_status
        files.append((found, found.file))
    beside = None
    if votes is not None:
        labelled, beside = _beside_votes(files[0][1], votes, reading)
        files[0] = replace(files[0][0], file=labelled), labelled
    curves = [Curve(one.name, content.header, Report.of(content)) for one, content in files]
    refuse_mixture(curves)
    first, file = files[0]
    counted = Report.of(file, wanted)
    if output is not None:
        from bagcert.fastpath.datasets import load_dataset
        from bagcert.fastpath.report.page.render import render, write_page

        shown = None if data is None else load_dataset(data, data_dir)
        write_page(render(first, wanted, shown, beside), output, force=force)
        say(f"wrote {output}")
    if plot is not None:
        draw(curves, plot, force=force)
        say(f"drew {plot}")
    if as_json:
        show(counted.as_fields() | ({} if beside is None else beside.as_fields()), as_json)
    else:
        print_report(counted)
        tell(*([] if beside is None else beside.said()))
    return 0


def _beside_votes(
    file: "CertificateFile", path: Path, reading: Reading
) -> "tuple[CertificateFile, Beside]":
    """Compare a certificate with its votes, and take the labels that it does not state.

    Raises:
        ValueError: something differs: they are not its votes; or as ``Reading.votes``.
    """
    from bagcert.fastpath.audit.comparison import Outcome, compare_with_stated, compare_with_votes
    from bagcert.fastpath.report.labelled import labelled

    votes = reading.votes(path)
    items = compare_with_stated(file.header, reading.n, reading.k)
    items += compare_with_votes(file.header, file.rows, votes, path.name)
    for item in items:
        if item.outcome == Outcome.DIFFERS:
            raise ValueError(f"--votes: are not the certificate's: {item.name}: {item.text}")
    lines, fields = [str(item) for item in items], [item.as_fields() for item in items]
    return labelled(file, votes, path.name, lines, fields)

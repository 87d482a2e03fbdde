"""``bagcert diff``: two certificates of one test set, side by side."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bagcert.fastpath.commands.options import CertificatePath, Radii, as_radii, refuse_twice
from bagcert.reference.commands.options import Json
from bagcert.reference.terminal.console import show, tell
from bagcert.reference.terminal.listing import Group, listed

if TYPE_CHECKING:
    from bagcert.reference.certificate.schema import CertificateFile

__all__ = ["diff"]


@listed(Group.READ, "bagcert diff first.jsonl second.jsonl")
def diff(
    a: CertificatePath,
    b: CertificatePath,
    radii: Radii = "0,5,10,20,30",
    rows: Annotated[int, typer.Option(min=0, help="Most examples to show; --json has all.")] = 20,
    as_json: Json = False,
) -> int:
    """Compare two certificates of one test set: settings, labels and radii that differ.

    Both are judged first: only what is VALID is compared. Exit status 0, whether or not they
    differ.
    """
    from bagcert.fastpath.report.difference import difference, print_difference

    wanted = as_radii(radii)
    refuse_twice([a, b])
    files: list[CertificateFile] = []
    for path in (a, b):
        file, status = _valid(path)
        if file is None:
            return status
        files.append(file)
    found = difference(files[0], files[1], wanted)
    if as_json:
        show(found.as_fields(), as_json)
    else:
        print_difference(found, _names(a, b), rows)
    return 0


def _valid(path: Path) -> "tuple[CertificateFile | None, int]":
    from bagcert.reference.certificate.held import held

    with held(path) as kept:
        verdict = kept.judge()
        if verdict.status == "VALID":
            return kept.read(), 0
    tell(f"{path}: {verdict}")
    return None, verdict.exit_status


def _names(a: Path, b: Path) -> tuple[str, str]:
    """What tables call them: their names, or A and B where those are equal."""
    return (a.name, b.name) if a.name != b.name else ("A", "B")

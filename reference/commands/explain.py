"""``bagcert explain``: one example's story, in words and exact numbers."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bagcert.reference.commands.options import Json
from bagcert.reference.terminal.console import show, tell
from bagcert.reference.terminal.listing import Group, listed

if TYPE_CHECKING:
    from bagcert.reference.certificate.schema import CertificateFile, Row

__all__ = ["explain"]


@listed(Group.READ, "bagcert explain cert.jsonl --index 0")
def explain(
    certificate: Annotated[
        Path,
        typer.Argument(help="The certificate file (.jsonl, .jsonl.gz), or - for standard input."),
    ],
    index: Annotated[int, typer.Option(help="The example's index in the file.")],
    as_json: Json = False,
) -> int:
    """Explain why one example has its label and its radius, and what would certify more.

    The file is judged first: only what is VALID is explained.
    """
    from bagcert.reference.certificate.held import held
    from bagcert.reference.explanation.steps import explain as take_apart
    from bagcert.reference.explanation.story import as_fields, as_story

    with held(certificate) as kept:
        verdict = kept.judge()
        if verdict.status != "VALID":
            tell(str(verdict))
            return verdict.exit_status
        file = kept.read()
    found = take_apart(file.header, _row(file, index))
    if as_json:
        fields: dict[str, Any] = as_fields(file.header, found)
        show(fields, as_json)
    else:
        for title, lines in as_story(file.header, found):
            tell(title, *(f"  {line}" for line in lines))
    return 0


def _row(file: "CertificateFile", index: int) -> "Row":
    for row in file.rows:
        if row.index == index:
            return row
    raise ValueError(
        f"--index: there is no example {index}; the file has {len(file.rows)}, "
        f"from {file.rows[0].index} to {file.rows[-1].index}"
    )

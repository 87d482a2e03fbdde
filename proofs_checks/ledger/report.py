"""The ledger as a reader sees it: lines of text, or one JSON object."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from bagcert.proofs_checks.evidence.claim import Claim, Found, Status

__all__ = ["as_fields", "as_lines"]

_WIDTH: Final = 100
#: Most columns for where a claim stands; a longer place shifts its own line.
_PLACE: Final = 30
_MEANS: Final = {"supports": "", "refutes": "against it, ", "repairs": "for the repair, "}


def as_lines(claims: Sequence[Claim], found: Sequence[Found]) -> Iterator[str]:
    """Yield a table: for each claim one line, the sentence, and what each check established."""
    wide = max(len(claim.id) for claim in claims)
    places = min(_PLACE, max(len(claim.equation) for claim in claims))
    statuses = max(len(status) for status in Status)
    for claim, result in zip(claims, found, strict=True):
        parts = list(zip(claim.evidence, result.findings, strict=True))
        made = {evidence.kind for (_, evidence), part in parts if part.supported is not None}
        kinds = ", ".join(kind if kind in made else f"{kind} (not here)" for kind in claim.kinds)
        yield (
            f"{claim.id:<{wide}}  {claim.equation:<{places}}  {result.status:<{statuses}}  "
            f"{result.seconds:6.2f} s  {kinds}"
        )
        yield from _indented(f"{'Fails: ' if claim.refutes else ''}{claim.statement}")
        if claim.repair:
            yield from _indented(f"Instead: {claim.repair}")
        yield from _indented(f"Refuted by: {claim.refuted_by}")
        for (name, evidence), finding in parts:
            mark = {True: "", False: "NOT SUPPORTED: ", None: ""}[finding.supported]
            yield from _indented(f"- {_MEANS[name]}{evidence.kind}: {mark}{finding.established}")
        yield ""
    counted = Counter(result.status for result in found)
    found_so = [f"{counted[status]} {status}" for status in Status if counted[status]]
    many = "1 claim" if len(claims) == 1 else f"{len(claims)} claims"
    yield f"{many}: {', '.join(found_so)}"


def as_fields(claims: Sequence[Claim], found: Sequence[Found]) -> dict[str, Any]:
    """Return the ledger as plain data; ``supported`` is null where a check was not made here."""
    counted = Counter(result.status for result in found)
    return {
        "claims": [_entry(*pair) for pair in zip(claims, found, strict=True)],
        "statuses": {status.value: counted[status] for status in Status},
    }


def _entry(claim: Claim, result: Found) -> dict[str, Any]:
    return {
        "id": claim.id, "equation": claim.equation, "statement": claim.statement,
        "repair": claim.repair or None, "refuted_by": claim.refuted_by,
        "status": result.status.value,
        "kinds": [kind.value for kind in claim.kinds],
        "evidence": [
            {"kind": evidence.kind.value, "for": name, **finding._asdict()}
            for (name, evidence), finding in zip(claim.evidence, result.findings, strict=True)
        ],
        "seconds": result.seconds,
    }  # fmt: skip


def _indented(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="    ", subsequent_indent="      ")

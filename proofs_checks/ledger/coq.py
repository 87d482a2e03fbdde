"""What Coq has proved, and whether it was on this machine.

``make proofs`` compiles ``proofs_checks/coq/*.v`` and leaves ``build/verified.json`` beside them:

    {"format": "bagcert-coq/1", "coq": "8.16.1",
     "sources": {"Setting.v": "<sha256>", ...},      every .v file beside Statements.v
     "theorems": {"theorem1": true, ...}}            true: closed under the global context

A claim is read off each theorem of ``Statements.v``, with the comment before it as its sentence.
It counts as compiled only if every source still has the recorded digest.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from bagcert.proofs_checks.evidence.claim import Claim, Evidence, Finding, Kind

__all__ = ["BESIDE", "CLAIMS", "FOLDER", "claims_of", "compiled", "with_theorems"]

#: Where the sources lie.
FOLDER: Final = Path(__file__).resolve().parents[1] / "coq"
_FORMAT: Final = "bagcert-coq/1"
#: More than any honest record.
_MOST_BYTES: Final = 2**20
_THEOREM = re.compile(
    r"(?:\(\*+(?P<says>(?:(?!\*\)).)*)\*\)\s*)?"
    r"^[ \t]*(?:Theorem|Corollary|Lemma|Proposition)\s+(?P<name>\w+)",
    re.MULTILINE | re.DOTALL,
)
#: Claims of the ledger, and the theorems of Statements.v that say the same (or the repair).
BESIDE: Final = {
    "transfer-bounds": ("mass_lower", "mass_upper"),
    "theorem-1": ("theorem1", "theorem1_paper"),
    "erratum-5": ("theorem1",),
    "integral-gap": ("theorem1_integral",),
    "monotone-in-r": ("monotone",),
    "larger-sizes-only": ("larger_sizes",),
    "unique-maximiser": ("unique_maximiser",),
    "modification-is-worst": ("any_is_modify",),
    "order-of-attacks": ("any_is_modify", "modify_le_insert", "insert_le_delete"),
    "bisection": ("bisection",),
    "theorem-2": ("theorem2", "exact_radius"),
    "theorem-2-integral": ("theorem2_deterministic", "exact_radius_deterministic"),
    "erratum-4": ("feasible_size",),
    "erratum-10": ("corollary1_exact",),
    "corollary-1": ("corollary1", "corollary1_closed"),
    "corollary-2": ("corollary2", "corollary2_closed"),
    "corollary-3": ("corollary3", "corollary3_closed"),
    "selected": ("selected_level", "sign_test_level", "lower_bound_level"),
    "erratum-12": ("cohen_level", "cohen_level_votes"),
    "simuem": ("simuem_level", "simuem_level_two"),
}
_RUN: Final = "run `make proofs`"


def compiled(name: str, folder: Path = FOLDER) -> Finding:
    """Say whether the theorem ``name`` was compiled here, from the sources as they are now.

    Unsupported where it was, and rests on an axiom; None where the record is missing, or of other
    sources, or cannot be read.
    """
    record = _record(folder / "build" / "verified.json")
    if record is None:
        return Finding(None, f"not compiled on this machine: {_RUN}")
    present = {path.name: _digest(path) for path in folder.glob("*.v")}
    if record["sources"] != present:
        return Finding(None, f"not compiled on this machine as the sources are now: {_RUN}")
    closed = record["theorems"].get(name)
    if closed is not True:
        return Finding(False, f"Coq compiled the sources, but {name} is not closed: it has axioms")
    return Finding(
        True, f"compiled on this machine by Coq {record['coq']}, closed under the global context."
    )


def claims_of(folder: Path = FOLDER) -> Iterator[Claim]:
    """Yield a claim for each theorem of ``Statements.v``; none where there is no such file."""
    path = folder / "Statements.v"
    if not path.is_file():
        return
    for match in _THEOREM.finditer(path.read_text(encoding="utf-8")):
        name, says = match["name"], match["says"]
        yield Claim(
            _id(name),
            f"Statements.v, {name}",
            " ".join(says.split()) if says else f"The theorem {name} of Statements.v.",
            supports=(Evidence(Kind.COQ, partial(compiled, name, folder)),),
        )


def with_theorems(claim: Claim, folder: Path = FOLDER) -> Claim:
    """Return the claim with the theorems of :data:`BESIDE` that there are, as further evidence."""
    known = {found.id for found in claims_of(folder)}
    names = [name for name in BESIDE.get(claim.id, ()) if _id(name) in known]
    more = tuple(Evidence(Kind.COQ, partial(_named, name, folder)) for name in names)
    if claim.repairs:
        return replace(claim, repairs=claim.repairs + more)
    return replace(claim, supports=claim.supports + more)


def _named(name: str, folder: Path) -> Finding:
    supported, said = compiled(name, folder)
    return Finding(supported, f"{name}, {said}")


def _id(name: str) -> str:
    return f"coq-{re.sub('[^a-z0-9]+', '-', name.lower()).strip('-')}"


def _record(path: Path) -> dict[str, Any] | None:
    try:
        if path.stat().st_size > _MOST_BYTES:
            return None
        record = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or record.get("format") != _FORMAT:
        return None
    shapes = {"sources": dict, "theorems": dict, "coq": str}
    fine = all(isinstance(record.get(name), shape) for name, shape in shapes.items())
    return record if fine else None


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


CLAIMS = tuple(claims_of())

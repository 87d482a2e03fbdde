"""What Coq has proved: a claim for each theorem of ``Statements.v``, and theorems beside claims.

Evidence is what was found of the compiled files in this run (:mod:`.recheck`), never a record of
an earlier one: where they were not checked now, the claim says "recorded, not checked here".
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from bagcert.proofs_checks.evidence.claim import Claim, Evidence, Finding, Kind
from bagcert.proofs_checks.ledger.recheck import Checked
from bagcert.proofs_checks.ledger.record import FOLDER, digests, read_record

__all__ = ["BESIDE", "claims_of", "compiled", "with_theorems"]

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


def compiled(name: str, folder: Path = FOLDER, checked: Checked | None = None) -> Finding:
    """Say whether the theorem ``name`` is proved, by what was checked in this run.

    Unsupported where the compiled files were refused, or do not prove it. None where they were
    not checked in this run: a record, if there is one, is told and not believed.
    """
    if checked is None:
        return _recorded(name, folder)
    if checked.fault:
        return Finding(False, f"the compiled proofs are refused: {checked.fault}")
    if name not in checked.theorems:
        return Finding(False, f"the compiled files do not prove {name}, or only with axioms")
    return Finding(
        True,
        f"checked now by coqchk (Coq {checked.coq}): stated as pinned, closed under the global "
        "context.",
    )


def _recorded(name: str, folder: Path) -> Finding:
    record = read_record(folder / "build" / "verified.json")
    if record is None:
        return Finding(None, f"not compiled on this machine: {_RUN}")
    if record.sources != digests(folder):
        return Finding(None, f"not compiled on this machine as the sources are now: {_RUN}")
    if name not in record.closed:
        return Finding(False, f"Coq compiled the sources, but {name} is not closed: it has axioms")
    return Finding(
        None,
        f"recorded, not checked here: `make proofs` left a record of Coq {record.coq}; "
        "--check-proofs checks the compiled files now",
    )


def claims_of(folder: Path = FOLDER, checked: Checked | None = None) -> Iterator[Claim]:
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
            f"verify.py, where {name} is not stated as pinned, rests on an axiom, or has a proof "
            "that coqchk refuses.",
            supports=(Evidence(Kind.COQ, partial(compiled, name, folder, checked)),),
        )


def with_theorems(claim: Claim, folder: Path = FOLDER, checked: Checked | None = None) -> Claim:
    """Return the claim with the theorems of :data:`BESIDE` that there are, as further evidence."""
    known = {found.id for found in claims_of(folder)}
    names = [name for name in BESIDE.get(claim.id, ()) if _id(name) in known]
    more = tuple(Evidence(Kind.COQ, partial(_named, name, folder, checked)) for name in names)
    if claim.repairs:
        return replace(claim, repairs=claim.repairs + more)
    return replace(claim, supports=claim.supports + more)


def _named(name: str, folder: Path, checked: Checked | None) -> Finding:
    supported, said = compiled(name, folder, checked)
    return Finding(supported, f"{name}, {said}")


def _id(name: str) -> str:
    return f"coq-{re.sub('[^a-z0-9]+', '-', name.lower()).strip('-')}"

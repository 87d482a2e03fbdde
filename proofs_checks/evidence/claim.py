"""A claim of the paper, the evidence for or against it, and the status that follows.

A status is never written down. A claim brings checks, and what they find decides:

* :attr:`Claim.supports` checks the claim as printed: ``holds``;
* with :attr:`Claim.open` those checks only say how far a question was looked at: ``open``;
* :attr:`Claim.refutes` checks a counterexample to it, in exact arithmetic: ``fails as printed``,
  or ``holds with repair`` where :attr:`Claim.repairs` checks what should have been printed.

A check that does not find what it is there to find makes the claim ``unsupported``, whichever
of the three it is: an erratum whose counterexample disappears is as red as a theorem that fails.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

__all__ = ["Check", "Claim", "Evidence", "Finding", "Found", "Kind", "Status", "status_of"]

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Kind(StrEnum):
    """What kind of evidence a check is."""

    #: A theorem that Coq has checked, without axioms.
    COQ = "coq"
    #: For symbolic n, k and probabilities: steps that sympy decides.
    SYMBOLIC = "symbolic"
    #: Every case within stated bounds, in integers and rationals.
    EXHAUSTIVE = "exhaustive"
    #: One case in which a statement fails, evaluated in integers and rationals.
    COUNTEREXAMPLE = "counterexample"
    #: Sampled cases, or enclosures of reals, within stated bounds.
    NUMERIC = "bounded numeric"


class Status(StrEnum):
    """What the checks of a claim found."""

    HOLDS = "holds"
    REPAIRED = "holds with repair"
    FAILS = "fails as printed"
    #: Neither proved nor refuted: the checks say how far it was looked at.
    OPEN = "open"
    #: The only evidence was not made on this machine (Coq without ``make proofs``).
    NOT_CHECKED = "not checked here"
    #: A check did not find what it is there to find: exit status 1.
    UNSUPPORTED = "unsupported"


class Finding(NamedTuple):
    """What one check found."""

    #: Whether it supports what it is evidence for; None if it could not be made here.
    supported: bool | None
    #: What exactly was established, and within which bounds; or what went wrong.
    established: str


#: Takes nothing, and needs at most some tens of seconds.
Check = Callable[[], Finding]


class Evidence(NamedTuple):
    """One check and its kind."""

    kind: Kind
    check: Check


@dataclass(frozen=True)
class Claim:
    """One claim of the paper, or of MATHEMATICS.md.

    Either ``supports``, or ``refutes`` and perhaps ``repairs``.
    """

    #: Lower-case words joined by hyphens, such as ``theorem-1``.
    id: str
    #: Where it stands: an equation, theorem or section number.
    equation: str
    #: In one sentence. With ``refutes``: what is printed, or is read into it, and fails.
    statement: str
    #: In one sentence: which computation, coming out how, would make this entry unsupported.
    refuted_by: str
    supports: tuple[Evidence, ...] = ()
    refutes: tuple[Evidence, ...] = ()
    repairs: tuple[Evidence, ...] = ()
    #: In one sentence, what holds instead; goes with ``repairs``.
    repair: str = ""
    #: Whether the statement is a question that the checks do not settle; goes with ``supports``.
    open: bool = False

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ValueError(f"id must be lower-case words joined by hyphens, not {self.id!r}")
        if not self.refuted_by.strip() or "\n" in self.refuted_by:
            raise ValueError(f"{self.id} must say in one line which computation can refute it")
        if bool(self.supports) == bool(self.refutes):
            raise ValueError(f"{self.id} must bring evidence for the claim, or else against it")
        if bool(self.repairs) != bool(self.repair) or (self.repairs and not self.refutes):
            raise ValueError(f"{self.id}: a repair is a sentence, its evidence, and a refutation")
        if self.open and not self.supports:
            raise ValueError(f"{self.id}: an open question is looked at, not refuted")

    @property
    def evidence(self) -> Iterator[tuple[str, Evidence]]:
        """Yield every piece of evidence with what it is for: supports, refutes or repairs."""
        for name in ("supports", "refutes", "repairs"):
            for evidence in getattr(self, name):
                yield name, evidence

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of its evidence, each once, in order."""
        return tuple(dict.fromkeys(evidence.kind for _, evidence in self.evidence))


class Found(NamedTuple):
    """What the checks of one claim found."""

    #: The claim's id.
    id: str
    status: Status
    #: In the order of :attr:`Claim.evidence`.
    findings: tuple[Finding, ...]
    seconds: float


def status_of(claim: Claim, findings: tuple[Finding, ...]) -> Status:
    """Return the status that the findings, in the order of the evidence, give the claim.

    Every check that was made must support what it is for, and one at least must have been made
    for each of the parts that the claim has.
    """
    if any(finding.supported is False for finding in findings):
        return Status.UNSUPPORTED
    made = {
        name
        for (name, _), finding in zip(claim.evidence, findings, strict=True)
        if finding.supported
    }
    if made != {name for name, _ in claim.evidence}:
        return Status.NOT_CHECKED
    if claim.supports:
        return Status.OPEN if claim.open else Status.HOLDS
    return Status.REPAIRED if claim.repairs else Status.FAILS

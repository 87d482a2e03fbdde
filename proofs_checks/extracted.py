"""The certificate checker that Coq proved, as a program: claims in, verdicts out.

``proofs_checks/coq/Checker.v`` defines it and proves ``checker_sound`` and ``checker_complete``,
``Tails.v`` the same of Clopper-Pearson's bounds; ``make proofs`` extracts both to OCaml and
compiles them. This module only spells the claims.
"""

import subprocess
from collections.abc import Iterable
from fractions import Fraction
from math import lcm
from pathlib import Path
from typing import NamedTuple

from bagcert.reference.bounds import Reason
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual

__all__ = ["BINARY", "Claim", "LowerBound", "Radius", "verdicts"]

#: Where ``make proofs`` leaves the compiled checker.
BINARY = Path(__file__).resolve().parent / "coq" / "build" / "bagcert_checker"


class Radius(NamedTuple):
    """A certified poisoning size and the n' that is worst one step beyond it, if any is."""

    radius: int
    worst_size: int | None


class Claim(NamedTuple):
    """What is claimed of one example under bounds (eq 2); every integer is at least 0."""

    n: int
    k: int
    p_lower: Fraction
    p_upper: Fraction
    attack: Attack
    residual: Residual
    #: A radius, or the first reason to abstain that applies: ``bounds`` or ``residual``.
    stated: Radius | Reason

    def line(self) -> str:
        """The claim as ``driver.ml`` reads it."""
        d = lcm(self.p_lower.denominator, self.p_upper.denominator)
        numbers = (self.n, self.k, int(self.p_lower * d), int(self.p_upper * d), d)
        if isinstance(self.stated, Reason):
            stated = self.stated.value
        else:
            r, worst = self.stated
            stated = f"certified {r:x} {'-' if worst is None else f'{worst:x}'}"
        spelled = " ".join(f"{number:x}" for number in numbers)
        return f"{self.attack} {self.residual} {spelled} {stated}"


class LowerBound(NamedTuple):
    """The largest multiple t / d of 1 / d with ``Pr(Bin(N, t/d) >= x) <= level``; 0 at x = 0."""

    #: N, the votes.
    total: int
    x: int
    t: int
    d: int
    level: Fraction

    def line(self) -> str:
        """The claim as ``driver.ml`` reads it."""
        numbers = (self.total, self.x, self.t, self.d, *self.level.as_integer_ratio())
        return "lower " + " ".join(f"{number:x}" for number in numbers)


def verdicts(claims: Iterable[Claim | LowerBound]) -> list[bool]:
    """Return for each claim whether it is true: eq (4)'s largest r, eq (7)'s size, the reason.

    Guarantee: ``checker_sound``, ``checker_complete``, ``lower_sound`` and ``lower_complete``, as
    far as Coq's extraction, the OCaml compiler, ``driver.ml`` and this module are right. A claim
    with bounds beyond 1, or with n = 0 or k = 0, is false.

    Raises:
        FileNotFoundError: the checker is not built; ``make proofs`` builds it.
        ValueError: a claim that cannot be spelled: a negative number, another reason.
    """
    lines = [claim.line() for claim in claims]
    if not BINARY.exists():
        raise FileNotFoundError(f"{BINARY} is not built: run `make proofs`")
    done = subprocess.run(
        [BINARY], input="".join(line + "\n" for line in lines), capture_output=True, text=True
    )
    if done.returncode:
        raise ValueError(f"the extracted checker refused its input: {done.stderr.strip()}")
    answers = done.stdout.split()
    if len(answers) != len(lines) or not {*answers} <= {"0", "1"}:
        raise RuntimeError("the extracted checker did not answer every claim with 0 or 1")
    return [answer == "1" for answer in answers]

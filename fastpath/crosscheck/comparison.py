"""Both paths on the same rows: what ``fastpath`` answers must *equal* what ``reference`` answers.

Labels, reasons to abstain, bounds and radii are compared for equality, bit for bit. The exact path
ranks every row anew and asks the reference once for each distinct pair of largest counts.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from bagcert.fastpath.certification.bulk import REASONS, certify_votes
from bagcert.fastpath.certification.radius_filter import certified_radii
from bagcert.reference import (
    Abstention,
    Attack,
    Method,
    Residual,
    Scope,
    certified_poisoning_size,
    certify,
    clopper_pearson_lower,
    clopper_pearson_upper,
)
from bagcert.reference.bounds import levels, once_for_each_pair, rank

__all__ = ["Difference", "Report", "Setting", "boundary_bounds", "crosscheck", "crosscheck_bounds"]

_Counts = npt.NDArray[Any]


@dataclass(frozen=True)
class Setting:
    """What rows are certified under; one example's level is ``alpha / e`` if simultaneous."""

    n: int
    k: int
    alpha: Fraction
    method: Method = Method.SELECTED
    scope: Scope = Scope.SIMULTANEOUS
    attack: Attack = Attack.ANY
    residual: Residual = Residual.PAPER

    def options(self, level: Fraction) -> str:
        """The command-line options that make this setting, for one example at ``level``."""
        return (
            f"--n {self.n} --k {self.k} --alpha {level.numerator}/{level.denominator} "
            f"--method {self.method} --attack {self.attack} --residual {self.residual}"
        )


@dataclass(frozen=True)
class Difference:
    """One row on which the two paths differ."""

    #: The row's votes, or nothing where two bounds were given.
    counts: tuple[int, ...]
    field: str
    fast: object
    exact: object
    #: A command that shows it again.
    command: str


@dataclass
class Report:
    """What a comparison found."""

    setting: Setting
    rows: int = 0
    distinct: int = 0
    undecided: int = 0
    fast_seconds: float = 0.0
    exact_seconds: float = 0.0
    differing: int = 0
    #: The smallest of the rows that differ.
    smallest: Difference | None = field(default=None)

    def note(self, difference: Difference) -> None:
        """Count a difference, and keep the smallest row."""
        self.differing += 1
        if self.smallest is None or _size(difference) < _size(self.smallest):
            self.smallest = difference


def _size(difference: Difference) -> tuple[int, tuple[int, ...]]:
    return sum(difference.counts), difference.counts


def crosscheck(counts: _Counts, setting: Setting) -> Report:
    """Certify every row on both paths and compare.

    Args:
        counts: e × c votes, as in :func:`bagcert.fastpath.certification.bulk.certify_votes`.
        setting: what they are certified under.

    Raises:
        ValueError: there are no rows: what checks nothing finds nothing.
    """
    _refuse_none(len(counts))
    report = Report(setting, rows=len(counts))
    started = time.perf_counter()
    fast = certify_votes(
        counts,
        setting.n,
        setting.k,
        setting.alpha,
        method=setting.method,
        scope=setting.scope,
        attack=setting.attack,
        residual=setting.residual,
        ignores_seed=True,  # nothing is certified here: two computations are compared
        cached=False,
    )
    report.fast_seconds = time.perf_counter() - started
    report.undecided = fast.undecided
    started = time.perf_counter()
    level = setting.alpha
    if setting.scope == Scope.SIMULTANEOUS:
        level /= len(counts)

    def exactly(votes: Sequence[int]) -> tuple[Fraction, Fraction, int, str]:
        report.distinct += 1
        return _exactly(votes, level, setting)

    exact = [(label, *due) for label, due in once_for_each_pair(counts.tolist(), exactly)]
    report.exact_seconds = time.perf_counter() - started
    columns = (fast.label, fast.p_lower, fast.p_upper, fast.radius, fast.reason)
    for row, answer, *found in zip(counts, exact, *(c.tolist() for c in columns), strict=True):
        found[4] = REASONS[found[4]]
        for name, mine, due in zip(_FIELDS, found, answer, strict=True):
            if mine != due:  # a float equals a Fraction only if it is that number
                report.note(_difference(row, name, mine, due, setting, level))
                break
    return report


def _refuse_none(rows: int) -> None:
    if not rows:
        raise ValueError("crosscheck: there are no rows, so that nothing is checked")


_FIELDS = ("label", "p_lower", "p_upper", "radius", "reason")


def _exactly(
    votes: Sequence[int], level: Fraction, setting: Setting
) -> tuple[Fraction, Fraction, int, str]:
    """The reference's (p_lower, p_upper, radius, reason); bounds for abstaining rows as well."""
    total, (label, runner_up) = sum(votes), rank(votes)
    beta = levels(level, len(votes), setting.method).bound
    low = clopper_pearson_lower(votes[label], total, beta)
    high = 1 - low
    if setting.method != Method.COHEN:
        high = min(high, clopper_pearson_upper(votes[runner_up], total, beta))
    outcome = certify(
        votes,
        setting.n,
        setting.k,
        level,
        method=setting.method,
        attack=setting.attack,
        residual=setting.residual,
    )
    if isinstance(outcome, Abstention):
        return low, high, -1, outcome.reason.value
    if (outcome.p_lower, outcome.p_upper) != (low, high):
        raise ArithmeticError(f"the reference disagrees with itself on {votes}")
    return low, high, outcome.radius, ""


def _difference(
    row: _Counts, name: str, mine: object, due: object, setting: Setting, level: Fraction
) -> Difference:
    counts = tuple(row.tolist())
    spelled = ",".join(map(str, counts))
    command = f"bagcert crosscheck --counts {spelled} {setting.options(level)}"
    return Difference(counts, name, mine, due, command)


def crosscheck_bounds(
    lower: npt.NDArray[np.float64], upper: npt.NDArray[np.float64], setting: Setting
) -> Report:
    """Compare the radii of given bounds: no votes, so that ties can be hit exactly.

    Raises:
        ValueError: there are none.
    """
    _refuse_none(lower.size)
    report = Report(setting, rows=lower.size)
    started = time.perf_counter()
    fast = certified_radii(
        setting.n, setting.k, lower, upper, attack=setting.attack, residual=setting.residual
    )
    report.fast_seconds = time.perf_counter() - started
    report.undecided = fast.undecided
    started = time.perf_counter()
    for low, high, mine in zip(lower.tolist(), upper.tolist(), fast.radius.tolist(), strict=True):
        due = certified_poisoning_size(
            setting.n,
            setting.k,
            Fraction(low),
            Fraction(high),
            attack=setting.attack,
            residual=setting.residual,
        )
        due = -1 if due is None else due
        if mine != due:
            command = (
                f"bagcert radius --n {setting.n} --k {setting.k} --p-lower {Fraction(low)} "
                f"--p-upper {Fraction(high)} --attack {setting.attack} "
                f"--residual {setting.residual}"
            )
            report.note(Difference((), "radius", mine, due, command))
    report.exact_seconds = time.perf_counter() - started
    report.distinct = lower.size
    return report


def boundary_bounds(
    n: int, k: int, attack: Attack, rows: int, seed: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Bounds whose lead lies on a threshold of eq (4), or within two steps of the grid.

    Where n^k divides 2^53 the threshold is on the grid: an exact tie; one list either side of it
    is there, too.
    """
    drawn = np.random.Generator(np.random.Philox(seed))
    leads: list[int] = []
    lists = n**k
    for r in _radii(n, rows, drawn):
        if attack == Attack.INSERT:
            threshold = Fraction((n + r) ** k - lists, lists)
        else:
            kept = Fraction((n - r) ** k, lists)
            threshold = (1 - kept) * (1 if attack == Attack.DELETE else 2)
        at = (threshold * 2**53).__floor__()
        step = 2**53 // lists  # one list, where it is on the grid
        leads.extend(at + off for off in {-2, -1, 0, 1, 2, -step, step} if 0 <= at + off <= 2**53)
        if len(leads) >= rows or threshold > 1:
            leads.append(2**53)
    lead = np.array(leads[:rows], np.int64)
    second = (drawn.random(lead.size) * (2**53 - lead)).astype(np.int64)
    second = np.where(lead + second > 2**53, 0, second)
    return (lead + second) / 2.0**53, second / 2.0**53


def _radii(n: int, rows: int, drawn: np.random.Generator) -> Iterator[int]:
    """Radii up to n: all if few, else spread over the powers of two."""
    if n <= rows // 5:
        yield from range(n + 1)
        return
    for _ in range(rows // 5 + 1):
        yield int(2 ** (drawn.random() * np.log2(n)))

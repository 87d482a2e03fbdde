"""What a certificate file amounts to: certified accuracy, abstentions, the radii's distribution."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final

from bagcert.fastpath.report.shares import percent
from bagcert.fastpath.report.steps import ticks
from bagcert.reference.algorithm1 import Certificate
from bagcert.reference.bounds import Reason, rank
from bagcert.reference.certificate.schema import CertificateFile
from bagcert.reference.terminal.console import tell

__all__ = ["QUARTERS", "Report", "print_report", "rows_at"]

#: What the five numbers of :attr:`Report.spread` are called.
QUARTERS = ("min", "25 %", "median", "75 %", "max")
#: Most steps between the radii of a table for which none are asked.
_ROWS: Final = 8


@dataclass(frozen=True)
class Report:
    """Rows at each radius, counted; nothing is rounded before it is printed."""

    examples: int
    #: Rows that abstain, for each reason that occurs.
    reasons: dict[Reason, int]
    #: Radii of the certified rows, ascending.
    radii: list[int]
    #: The radii of the table of certified accuracy.
    wanted: Sequence[int]
    #: The same at every radius that occurs: the whole curve.
    curve: tuple[tuple[int, int], ...] | None
    #: Rows whose vote is their true label, certified or not; None without truth.
    vote_correct: int | None

    @classmethod
    def of(cls, file: CertificateFile, wanted: Sequence[int] | None = None) -> "Report":
        """Count ``file``'s rows; certified accuracy at r counts correct rows with r* >= r.

        ``wanted`` are the radii of its table; even ones up to the largest that counts if None.
        """
        radii = []
        reasons: Counter[Reason] = Counter()
        for row in file.rows:
            if isinstance(row.outcome, Certificate):
                radii.append(row.outcome.radius)
            else:
                reasons[row.outcome.reason] += 1
        curve = file.certified_accuracy
        occur = radii if curve is None else [r for r, _ in curve]
        return cls(
            examples=len(file.rows),
            reasons={reason: reasons[reason] for reason in Reason if reasons[reason]},
            radii=sorted(radii),
            wanted=ticks(max(occur, default=0), _ROWS) if wanted is None else wanted,
            curve=curve,
            vote_correct=None
            if curve is None
            else sum(rank(row.counts)[0] == row.truth for row in file.rows),
        )

    @property
    def accuracy(self) -> list[tuple[int, int]] | None:
        """(r, rows certified at r with their true label) at each wanted r; None without truth."""
        return None if self.curve is None else [(r, self.rows_at(r)) for r in self.wanted]

    @property
    def abstained(self) -> int:
        """Rows without a certificate."""
        return sum(self.reasons.values())

    @property
    def steps(self) -> tuple[tuple[int, int], ...]:
        """(r, rows) at every radius that occurs, ascending: the curve that is drawn.

        Rows certified at r with their true label where the truth is stated; else all certified.
        """
        if self.curve is not None:
            return self.curve
        at = Counter(self.radii)
        radii = sorted(at, reverse=True)
        return tuple(zip(radii, accumulate(at[r] for r in radii), strict=True))[::-1]

    def rows_at(self, r: int) -> int:
        """Rows that :attr:`steps` counts at ``r``."""
        return rows_at(self.steps, r)

    @property
    def spread(self) -> list[int]:
        """Minimum, lower quartiles and maximum of the certified rows' radii, radii that occur."""
        if not self.radii:
            return []
        return [self.radii[(len(self.radii) - 1) * quarter // 4] for quarter in range(5)]

    def as_fields(self) -> dict[str, Any]:
        """Return the report as one JSON object."""
        return {
            "examples": self.examples,
            "abstained": self.abstained,
            "abstained_why": {reason.value: rows for reason, rows in self.reasons.items()},
            "majority_vote_correct": self.vote_correct,
            "certified_accuracy": self.accuracy,
            "radius_distribution": dict(zip(QUARTERS, self.spread, strict=False)),
        }


def print_report(report: Report) -> None:
    """Print the report to standard output."""
    tell(f"{report.examples} examples, {report.abstained} abstain")
    if report.accuracy is None:
        tell("certified accuracy: the certificate states no true labels")
    else:
        tell("certified accuracy")
        for r, rows in report.accuracy:
            share = percent(rows, report.examples)
            tell(f"  r = {r:<6} {rows:>8} of {report.examples}  {share:>9}")
    if report.radii:
        tell("radii of the certified examples")
        for name, value in zip(QUARTERS, report.spread, strict=True):
            tell(f"  {name:<10} {value:>8}")


def rows_at(steps: Sequence[tuple[int, int]], r: int) -> int:
    """Return the rows that a curve counts at ``r``: those of its first step from r on, else 0."""
    return next((rows for at, rows in steps if at >= r), 0)

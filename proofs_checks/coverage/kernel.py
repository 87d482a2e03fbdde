"""The trusted kernel beside the reference: true files, and files with one false claim each.

The kernel shares no code with the reference, and rebuilds neither bounds nor radii: it evaluates
binomial tails. So that it calls every true row VALID, and each forged one INVALID at its own line,
is evidence for both.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from bagcert.proofs_checks.coverage.rules import vectors
from bagcert.reference.algorithm1 import Certificate, certify_bounds
from bagcert.reference.bounds import (
    Abstention,
    LabelBounds,
    Method,
    Reason,
    clopper_pearson_lower,
    clopper_pearson_upper,
    levels,
    rank,
)
from bagcert.reference.certificate.schema import Header, Row, Scope
from bagcert.reference.certificate.writer import write_certificate
from bagcert.reference.checker import Verdict, check
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual

__all__ = ["Disagreement", "Tally", "compare"]

_N: Final = 12


class Disagreement(Exception):
    """The kernel called a true file false, or the other way round."""


class Tally:
    """What was compared."""

    def __init__(self) -> None:
        self.true_rows = self.forged = self.selections = 0


def compare(judge: Callable[[str], Verdict] = lambda path: check(path)) -> Tally:
    """Judge every count vector of N = 12 at c = 2 and 3, under every method, attack and residual.

    Raises:
        Disagreement: naming the setting and the row.
    """
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cert.jsonl"
        for header in _headers():
            rows = list(_true_rows(header))
            _judge(judge, path, header, rows, None)
            tally.true_rows += len(rows)
            if header.attack == Attack.ANY and header.residual == Residual.PAPER:
                for place, forged in _forgeries(header, rows):
                    tally.selections += _is_selection(rows[place])
                    changed = [*rows[:place], forged, *rows[place + 1 :]]
                    _judge(judge, path, header, changed, place + 2)
                    tally.forged += 1
    return tally


def _headers() -> Iterator[Header]:
    for classes in (2, 3):
        examples = sum(1 for _ in vectors(_N, classes))
        for method in Method:
            for attack in Attack:
                for residual in Residual:
                    yield Header(
                        100,
                        3,
                        classes,
                        _N,
                        examples,
                        Fraction(1, 3),
                        method,
                        Scope.EACH,
                        attack,
                        residual,
                    )


def _true_rows(header: Header) -> Iterator[Row]:
    for index, counts in enumerate(vectors(_N, header.classes)):
        yield Row(index, list(counts), header.certify(counts))


def _forgeries(header: Header, rows: list[Row]) -> Iterator[tuple[int, Row]]:
    for place, row in enumerate(rows):
        if isinstance(row.outcome, Certificate):
            yield place, replace(row, outcome=Abstention(Reason.BOUNDS))
            larger = row.outcome._replace(radius=row.outcome.radius + 1)
            yield place, replace(row, outcome=larger)
        elif _is_selection(row):
            skipped = _without_sign_test(header, row.counts)
            if isinstance(skipped, Certificate):
                yield place, replace(row, outcome=skipped)


def _is_selection(row: Row) -> bool:
    return row.outcome == Abstention(Reason.SELECTION)


def _without_sign_test(header: Header, counts: Any) -> Certificate | Abstention:
    label, runner_up = rank(counts)
    beta = levels(header.level, header.classes, header.method).bound
    low = clopper_pearson_lower(counts[label], _N, beta)
    high = min(clopper_pearson_upper(counts[runner_up], _N, beta), 1 - low)
    if low <= high:
        return Abstention(Reason.BOUNDS)
    bounds = LabelBounds(label, runner_up, low, high)
    return certify_bounds(bounds, header.setting)


def _judge(
    judge: Callable[[str], Verdict], path: Path, header: Header, rows: list[Row], line: int | None
) -> None:
    write_certificate(path, header, rows, force=True)
    found = judge(str(path))
    due = ("VALID", None) if line is None else ("INVALID", line)
    if (found.status, found.line) != due:
        raise Disagreement(
            f"{header.method} {header.attack} {header.residual}, c = {header.classes}: {found}, "
            f"where {due} is due"
        )

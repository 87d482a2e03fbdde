"""The examples that a reader looks at: the most robust, the least, and those certified wrongly."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from heapq import nlargest, nsmallest
from typing import Final

from bagcert.reference.algorithm1 import Certificate
from bagcert.reference.bounds import Reason, rank
from bagcert.reference.certificate.schema import CertificateFile, Header, Row

__all__ = ["Shown", "Strip", "strips"]

#: Examples of one kind that are shown.
SHOWN: Final = 8
Picture = Callable[[int], str] | None


@dataclass(frozen=True)
class Shown:
    """One test example, as the page shows it."""

    index: int
    label: str
    votes: int
    runner_up: str
    runner_up_votes: int
    #: None where the example has no certificate.
    radius: int | None
    reason: Reason | None
    #: The true label, and whether it is the predicted one; None without truth.
    truth: str | None
    right: bool
    #: The address of its picture.
    picture: str | None


@dataclass(frozen=True)
class Strip:
    """Some examples of one kind, out of ``total``."""

    title: str
    note: str
    total: int
    examples: tuple[Shown, ...]


def strips(file: CertificateFile, picture: Picture = None) -> list[Strip]:
    """Return at most four kinds of examples, those that occur, each with its first few."""
    certified = [row for row in file.rows if isinstance(row.outcome, Certificate)]
    wrong = [row for row in certified if row.truth is not None and not row.correct]
    without = [row for row in file.rows if not isinstance(row.outcome, Certificate)]
    kinds = (
        (
            "Most robust",
            "The largest radii.",
            len(certified),
            nlargest(SHOWN, certified, key=_radius),
        ),
        (
            "Least robust",
            "The smallest radii among certified examples.",
            len(certified),
            nsmallest(SHOWN, certified, key=_radius),
        ),
        (
            "Certified, and wrong",
            "Poisoning within the radius does not change these predictions, "
            "but they are not the true labels. The largest radii.",
            len(wrong),
            nlargest(SHOWN, wrong, key=_radius),
        ),
        ("Without a certificate", "The first in the file.", len(without), without[:SHOWN]),
    )
    return [
        Strip(title, note, total, tuple(_shown(file.header, rows, picture)))
        for title, note, total, rows in kinds
        if rows
    ]


def _radius(row: Row) -> int:
    assert isinstance(row.outcome, Certificate)
    return row.outcome.radius


def _shown(header: Header, rows: Iterable[Row], picture: Picture) -> Iterable[Shown]:
    def name(label: int) -> str:
        return str(label) if header.class_names is None else header.class_names[label]

    for row in rows:
        label, runner_up = rank(row.counts)
        certified = isinstance(row.outcome, Certificate)
        yield Shown(
            index=row.index,
            label=name(label),
            votes=row.counts[label],
            runner_up=name(runner_up),
            runner_up_votes=row.counts[runner_up],
            radius=_radius(row) if certified else None,
            reason=None if isinstance(row.outcome, Certificate) else row.outcome.reason,
            truth=None if row.truth is None else name(row.truth),
            right=row.truth == label,
            picture=None if picture is None else picture(row.index),
        )

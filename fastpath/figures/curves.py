"""Curves of certified accuracy over r, exact, and the files that hold them.

Certified accuracy at r (the paper's Section 4) is the share of test examples whose label is the
true one and whose certified poisoning size is at least r: a fraction of integers, rounded down
wherever it is printed.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from os import PathLike
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.bulk import certify_votes
from bagcert.reference.bounds import Method
from bagcert.reference.files import written_aside

__all__ = ["Curve", "Figure", "certified_accuracy", "floored", "write_csv"]

_COLUMNS: Final = ("panel", "series", "r", "certified_accuracy", "exactly")


@dataclass(frozen=True)
class Curve:
    """One line of a figure: certified accuracy at each of the figure's radii."""

    #: Which of the figure's panels it belongs to: what varies there.
    panel: str
    series: str
    accuracy: tuple[Fraction, ...]


@dataclass(frozen=True)
class Figure:
    """Curves over one list of radii, and what the paper says that they show."""

    name: str
    title: str
    radii: tuple[int, ...]
    curves: tuple[Curve, ...]
    #: What the paper states, and whether these curves show it.
    statements: tuple[tuple[str, bool], ...]
    #: How it was made: the command, the version, the seconds.
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def panels(self) -> tuple[str, ...]:
        """The panels, in the order of their first curves."""
        return tuple(dict.fromkeys(curve.panel for curve in self.curves))


def certified_accuracy(
    counts: NDArray[Any],
    labels: NDArray[Any],
    radii: Sequence[int],
    *,
    n: int,
    k: int,
    alpha: Fraction,
    method: Method | str = Method.SELECTED,
) -> tuple[Fraction, ...]:
    """Return certified accuracy at each radius, for votes (e, c) and true labels (e,).

    Every row is certified against any attack with the paper's residuals, at level α for all rows
    together, exactly (:func:`~bagcert.fastpath.bulk.certify_votes`).

    Raises:
        TypeError, ValueError: as :func:`~bagcert.fastpath.bulk.certify_votes`.
    """
    found = certify_votes(counts, n, k, alpha, method=method)
    right = np.sort(np.where(found.label == labels, found.radius, -1))
    at_least = len(right) - np.searchsorted(right, np.asarray(radii, dtype=np.int64), side="left")
    return tuple(Fraction(int(rows), len(right)) for rows in at_least)


def floored(value: Fraction, digits: int = 6) -> str:
    """Return a non-negative fraction in decimals, rounded down: what is printed holds."""
    whole, rest = divmod(value.numerator * 10**digits // value.denominator, 10**digits)
    return f"{whole}.{rest:0{digits}d}"


def write_csv(figure: Figure, path: str | PathLike[str], *, force: bool = False) -> None:
    """Write every curve at every radius; the notes stand above as lines that begin with #.

    Raises:
        OutputError: ``path`` exists and ``force`` is false, or cannot be written.
    """
    text = io.StringIO()
    for name, note in figure.notes.items():
        text.write(f"# {name}: {note}\n")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_COLUMNS)
    for curve in figure.curves:
        for r, value in zip(figure.radii, curve.accuracy, strict=True):
            rows.writerow([curve.panel, curve.series, r, floored(value), value])
    with written_aside(path, force=force) as file:
        file.write(text.getvalue().encode("ascii", "backslashreplace"))

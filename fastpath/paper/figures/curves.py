"""Curves of certified accuracy over r, exact.

Certified accuracy at r (the paper's Section 4) is the share of test examples whose label is the
true one and whose certified poisoning size is at least r: a fraction of integers, rounded down
wherever it is printed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.certification.bulk import certify_votes
from bagcert.fastpath.paper.figures.exhibits import Columns
from bagcert.reference.bounds import Method

__all__ = ["Curve", "Figure", "certified_accuracy", "floored"]

#: Radii of a printed table.
_SHOWN: Final = 9
#: Radii named on an axis that turns logarithmic.
_MARKS: Final = (0, *(digit * 10**power for power in range(6) for digit in (1, 2, 5)))
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
    #: Where the axis of r, linear up to here, turns logarithmic; None: it does not.
    linear_to: int | None = None

    @property
    def panels(self) -> tuple[str, ...]:
        """The panels, in the order of their first curves."""
        return tuple(dict.fromkeys(curve.panel for curve in self.curves))

    def table(self) -> Columns:
        """Return every curve at every radius, in decimals rounded down and exactly."""
        return _COLUMNS, [
            (curve.panel, curve.series, r, floored(value), value)
            for curve in self.curves
            for r, value in zip(self.radii, curve.accuracy, strict=True)
        ]

    def printed(self) -> list[Columns]:
        """Return each panel's curves at a few of the radii, in per cent rounded down."""
        places = range(0, len(self.radii), max(1, -(-len(self.radii) // _SHOWN)))
        return [
            (
                (panel, *(f"r = {self.radii[i]}" for i in places)),
                [
                    (curve.series, *(f"{floored(100 * curve.accuracy[i], 2)} %" for i in places))
                    for curve in self.curves
                    if curve.panel == panel
                ],
            )
            for panel in self.panels
        ]

    def fields(self) -> dict[str, Any]:
        """Return the radii, and certified accuracies as ``p/q`` by panel and series."""
        found: dict[str, dict[str, list[str]]] = {panel: {} for panel in self.panels}
        for curve in self.curves:
            found[curve.panel][curve.series] = [str(value) for value in curve.accuracy]
        return {"radii": list(self.radii), "certified_accuracy": found}

    def paint(self, picture: Any) -> None:
        """Draw one panel for each thing that varies, certified accuracy over r."""
        panels = self.panels
        picture.set_size_inches(4.4 * len(panels) + 0.6, 3.8)
        for place, panel in enumerate(panels):
            axes = picture.add_subplot(1, len(panels), place + 1)
            for curve in (curve for curve in self.curves if curve.panel == panel):
                # Between two radii it is at least as high as at the second: never drawn above.
                heights = [float(value) for value in curve.accuracy]
                (line,) = axes.step(self.radii, heights, where="pre", label=curve.series)
                # What holds at the first radius is a point of the line, and no step of it.
                axes.plot(self.radii[0], heights[0], "o", color=line.get_color(), clip_on=False)
            axes.set_xlabel("poisoned training examples, r")
            axes.set_ylabel("certified accuracy")
            axes.set_ylim(0, 1.02)
            if self.linear_to is not None:
                axes.set_xscale("symlog", linthresh=self.linear_to)
                marks = [r for r in _MARKS if r <= self.radii[-1]]
                axes.set_xticks(marks, [str(r) for r in marks])
            axes.set_xlim(left=0)
            axes.grid(alpha=0.3)
            axes.legend(fontsize=8)
            axes.set_title(panel)


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
    together, exactly (:func:`~bagcert.fastpath.certification.bulk.certify_votes`).

    Raises:
        TypeError, ValueError: as :func:`~bagcert.fastpath.certification.bulk.certify_votes`.
    """
    found = certify_votes(counts, n, k, alpha, method=method)
    right = np.sort(np.where(found.label == labels, found.radius, -1))
    at_least = len(right) - np.searchsorted(right, np.asarray(radii, dtype=np.int64), side="left")
    return tuple(Fraction(int(rows), len(right)) for rows in at_least)


def floored(value: Fraction, digits: int = 6) -> str:
    """Return a non-negative fraction in decimals, rounded down: what is printed holds."""
    whole, rest = divmod(value.numerator * 10**digits // value.denominator, 10**digits)
    return f"{whole}.{rest:0{digits}d}"

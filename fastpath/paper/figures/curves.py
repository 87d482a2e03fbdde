"""Curves of certified accuracy over r, exact.

Certified accuracy at r (the paper's Section 4) is the share of test examples whose label is the
true one and whose certified poisoning size is at least r: a fraction of integers, rounded down
wherever it is printed.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from os import PathLike
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.certification.bulk import certify_votes
from bagcert.fastpath.paper.figures.exhibits import Columns, read_csv
from bagcert.reference.bounds import Method

__all__ = [
    "WITHOUT_D",
    "Curve",
    "Figure",
    "certified_accuracy",
    "colour_of",
    "floored",
    "paint_curves",
    "read_figure",
]

#: The series of what a learner gets right before any example is drawn: no ensemble's curve.
WITHOUT_D: Final = "what it knows without D"

#: Radii of a printed table.
_SHOWN: Final = 9
#: Radii named on an axis that turns logarithmic.
_MARKS: Final = (0, *(digit * 10**power for power in range(6) for digit in (1, 2, 5)))
_COLUMNS: Final = ("panel", "series", "r", "certified_accuracy", "exactly")
#: Most panels that stand in one row; of more, two do.
_ACROSS: Final = 3
#: Letters of a name of which two stand side by side in a legend.
_SHORT: Final = 20
_OF_K: Final = re.compile(r"k = (\d+)")
#: The colour of each k, and of any other: Okabe and Ito's and Tol's, which colour-blind readers
#: tell apart.
_COLOURS: Final = {
    10: "#882255", 20: "#0072b2", 30: "#d55e00", 40: "#999933", 50: "#009e73",
    70: "#cc79a7", 100: "#56b4e9", 150: "#e69f00", 200: "#332288",
}  # fmt: skip
_OTHER: Final = "#777777"
_DASHES: Final = ("-", "-.", ":")


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
        across = len(panels) if len(panels) <= _ACROSS else 2
        down = -(-len(panels) // across)
        picture.set_size_inches(4.4 * across + 0.6, 4.4 * down)
        for place, panel in enumerate(panels, 1):
            axes = picture.add_subplot(down, across, place)
            curves = [curve for curve in self.curves if curve.panel == panel]
            paint_curves(axes, self.radii, curves)
            axes.set_xlabel("poisoned training examples, r")
            axes.set_ylabel("certified accuracy")
            if self.linear_to is not None:
                axes.set_xscale("symlog", linthresh=self.linear_to)
                marks = [r for r in _MARKS if r <= self.radii[-1]]
                axes.set_xticks(marks, [str(r) for r in marks])
            axes.set_xlim(left=0)
            axes.set_title(panel)


def read_figure(path: str | PathLike[str], *, linear_to: int | None = None) -> Figure:
    """Return the curves and the notes of a table that ``bagcert reproduce`` wrote.

    A table holds neither the figure's title nor the paper's statements, which stay empty.
    """
    notes, rows = read_csv(path)
    curves: dict[tuple[str, str], list[Fraction]] = {}
    for row in rows:
        curves.setdefault((row["panel"], row["series"]), []).append(Fraction(row["exactly"]))
    return Figure(
        Path(path).stem,
        "",
        tuple(dict.fromkeys(int(row["r"]) for row in rows)),
        tuple(Curve(*which, tuple(values)) for which, values in curves.items()),
        (),
        notes,
        linear_to,
    )


def paint_curves(axes: Any, radii: Sequence[int], curves: Sequence[Curve]) -> None:
    """Draw curves, and their legend below the axes, where it hides none of them.

    A series ``k = …`` has the colour of its k, in every picture; of several that have one colour,
    the later ones are dashed. The line of :data:`WITHOUT_D` is black and dashed, and the legend
    has its value.
    """
    drawn: Counter[str | None] = Counter()
    for curve in curves:
        # Between two radii it is at least as high as at the second: never drawn above.
        heights = [float(value) for value in curve.accuracy]
        if curve.series == WITHOUT_D:
            name = f"{WITHOUT_D}: {floored(100 * curve.accuracy[0], 2)} %"
            axes.plot(radii, heights, color="black", linestyle="--", label=name)
            continue
        colour = colour_of(curve.series)
        dashes = _DASHES[drawn[colour] % len(_DASHES)] if colour else "-"
        drawn[colour] += 1
        (line,) = axes.step(
            radii, heights, where="pre", color=colour, linestyle=dashes, label=curve.series
        )
        # What holds at the first radius is a point of the line, and no step of it.
        axes.plot(radii[0], heights[0], "o", color=line.get_color(), clip_on=False)
    axes.set_ylim(0, 1.02)
    axes.grid(alpha=0.3)
    names = [curve.series for curve in curves if curve.series != WITHOUT_D]
    across = 2 if all(len(name) <= _SHORT for name in names) else 1
    axes.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=across)


def colour_of(series: str) -> str | None:
    """Return the colour of a series ``k = …``, one for each k; None of any other series."""
    found = _OF_K.match(series)
    return _COLOURS.get(int(found[1]), _OTHER) if found else None


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

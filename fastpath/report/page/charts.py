"""Coordinates of the page's two charts: the template draws them as SVG, in the page's colours."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bagcert.fastpath.report.steps import nice_step, ticks

__all__ = ["BOX", "Bar", "Box", "Chart", "Tick", "bars", "staircase"]


@dataclass(frozen=True)
class Box:
    """Where a chart's axes are, in the units of its picture."""

    width: int
    height: int
    left: int
    top: int
    right: int
    bottom: int


#: Room at the left and below for labels that a phone shows at twice their size.
BOX: Final = Box(width=720, height=376, left=96, top=14, right=702, bottom=296)
#: Most bars of the histogram.
_MOST_BARS: Final = 40


@dataclass(frozen=True)
class Tick:
    """A mark on an axis: where, and what it says."""

    at: float
    label: str


@dataclass(frozen=True)
class Bar:
    """Examples whose radius lies in ``first..last``."""

    first: int
    last: int
    rows: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Chart:
    """A curve or bars, with both axes' ticks."""

    path: str
    bars: tuple[Bar, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    #: Radii that one bar stands for.
    step: int = 1
    box: Box = BOX


def staircase(steps: Sequence[tuple[int, int]], examples: int) -> Chart:
    """Return the curve of (r, rows), r ascending and rows falling, as shares of ``examples``.

    Where several radii fall on one tenth of a unit, the lowest of their heights is drawn.
    """
    most = max((r for r, _ in steps), default=0) or 1
    across: dict[float, int] = {}
    for r, rows in steps:
        across[_across(r, most)] = rows
    path = f"M{BOX.left} {_up(next(iter(across.values()), 0), examples)}"
    for x, rows in across.items():
        path += f"V{_up(rows, examples)}H{x}"
    path += f"V{BOX.bottom}"
    return Chart(
        path=path,
        bars=(),
        x_ticks=tuple(Tick(_across(r, most), f"{r:,}") for r in ticks(most, 6)),
        y_ticks=tuple(Tick(_up(part, 4), f"{25 * part} %") for part in range(5)),
    )


def bars(radii: Sequence[int]) -> Chart:
    """Return the histogram of ``radii``, of which there is at least one: equal, whole bins."""
    step = nice_step(max(radii) + 1, _MOST_BARS)
    counts = Counter(radius // step for radius in radii)
    bins = max(counts) + 1
    tallest = max(counts.values())
    wide = (BOX.right - BOX.left) / bins
    found = []
    for place, rows in sorted(counts.items()):
        y = _up(rows, tallest)
        found.append(
            Bar(
                first=place * step,
                last=place * step + step - 1,
                rows=rows,
                x=round(BOX.left + place * wide, 1),
                y=y,
                width=round(max(wide - 1, wide / 2), 1),
                height=round(BOX.bottom - y, 1),
            )
        )
    return Chart(
        path="",
        bars=tuple(found),
        x_ticks=tuple(
            Tick(round(BOX.left + (r + 0.5) / step * wide, 1), f"{r:,}")
            for r in ticks(bins * step - 1, 6)
        ),
        y_ticks=tuple(Tick(_up(rows, tallest), f"{rows:,}") for rows in ticks(tallest, 4)),
        step=step,
    )


def _across(r: int, most: int) -> float:
    return round(BOX.left + (BOX.right - BOX.left) * r / most, 1)


def _up(part: int, whole: int) -> float:
    return round(BOX.bottom - (BOX.bottom - BOX.top) * part / whole, 1)

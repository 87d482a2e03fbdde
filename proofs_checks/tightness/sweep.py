"""Tightness over a grid of settings: one row each, as CSV and as a picture.

What must hold of the rows: each is as Theorems 1 and 2 claim; over attacks,
``any = modify <= insert <= delete`` (MATHEMATICS.md); and over residuals, ``paper <= none``.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import product
from os import PathLike
from typing import NamedTuple

from bagcert.proofs_checks.tightness.both_sides import Setting, Tightness, tightness
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual
from bagcert.reference.terminal.outputs import written_aside

__all__ = [
    "COLUMNS",
    "Cost",
    "draw_sweep",
    "order_violations",
    "residual_cost",
    "sweep",
    "write_sweep",
]

#: The CSV's columns. Radii are -1 where not even r = 0 is certified, empty where there is none.
COLUMNS = (
    "n",
    "k",
    "p_lower",
    "p_upper",
    "classes",
    "attack",
    "residual",
    "radius",
    "adversary_radius",
    "optimum_radius",
    "as_claimed",
    "unmet_assumption",
)


class Cost(NamedTuple):
    """What the paper's residuals cost at one n^k."""

    n: int
    k: int
    settings: int
    #: Settings in which r* falls because of them, the largest fall, and certificates lost.
    smaller: int
    largest: int
    lost: int


def sweep(
    settings: Iterable[Setting],
    *,
    progress: Callable[[int], object] = lambda done: None,
) -> list[Tightness]:
    """Look at each setting from both sides, in order."""
    rows = []
    for done, where in enumerate(settings, start=1):
        rows.append(tightness(where))
        progress(done)
    return rows


def _certified(row: Tightness) -> int:
    return -1 if row.radius is None else row.radius


def _groups(rows: Iterable[Tightness], axis: str) -> Iterator[dict[object, int]]:
    """Yield, for rows that differ in ``axis`` alone, its values with their radii."""
    grouped: dict[Setting, dict[object, int]] = {}
    for row in rows:
        where = row.setting
        same_attack = where._replace(attack=Attack.ANY)
        key = same_attack if axis == "attack" else where._replace(residual=Residual.NONE)
        grouped.setdefault(key, {})[getattr(where, axis)] = _certified(row)
    yield from grouped.values()


def order_violations(rows: Iterable[Tightness]) -> int:
    """Count the settings in which ``any = modify <= insert <= delete`` does not hold."""
    ranks = {Attack.ANY: 0, Attack.MODIFY: 0, Attack.INSERT: 1, Attack.DELETE: 2}
    wrong = 0
    for radii in _groups(rows, "attack"):
        pairs = product(radii.items(), repeat=2)
        wrong += any(
            r > s and ranks[Attack(str(a))] <= ranks[Attack(str(b))] for (a, r), (b, s) in pairs
        )
    return wrong


def residual_cost(rows: list[Tightness]) -> list[Cost]:
    """What residual ``paper`` costs against ``none``, for each n and k that has both."""
    found = []
    for n, k in sorted({(row.setting.n, row.setting.k) for row in rows}):
        here = [row for row in rows if (row.setting.n, row.setting.k) == (n, k)]
        both = [
            (radii[Residual.NONE], radii[Residual.PAPER])
            for radii in _groups(here, "residual")
            if {Residual.NONE, Residual.PAPER} <= set(radii)
        ]
        if both:
            falls = [none - paper for none, paper in both]
            lost = sum(paper < 0 <= none for none, paper in both)
            found.append(Cost(n, k, len(both), sum(f > 0 for f in falls), max(falls), lost))
    return found


def _as_cells(row: Tightness) -> list[object]:
    n, k, low, high, classes, attack, residual = row.setting
    radii = (
        _certified(row),
        "" if row.adversary_radius is None else row.adversary_radius,
        -1 if row.optimum_radius is None else row.optimum_radius,
    )
    claims = "yes" if row.as_claimed else "no", row.unmet or ""
    return [n, k, low, high, classes, attack.value, residual.value, *radii, *claims]


def write_sweep(rows: Iterable[Tightness], path: str | PathLike[str], *, force: bool) -> None:
    """Write the rows as CSV, whole or not at all; columns as in :data:`COLUMNS`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(map(_as_cells, rows))
    with written_aside(path, force=force) as file:
        file.write(text.getvalue().encode())


def draw_sweep(rows: list[Tightness], path: str | PathLike[str], *, force: bool) -> None:
    """Draw r* and the smallest radius with an adversary over p_lower; a panel for each attack."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    attacks = list(dict.fromkeys(row.setting.attack for row in rows))
    figure = Figure(figsize=(4.2 * len(attacks) + 0.8, 4.0), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, len(attacks), sharey=True, squeeze=False)[0]
    for axes, attack in zip(panels, attacks, strict=True):
        # One residual is enough for a picture: "none" where it is there, the tight one.
        here = [row for row in rows if row.setting.attack is attack]
        kinds = {row.setting.residual for row in here}
        shown = Residual.NONE if Residual.NONE in kinds else sorted(kinds)[0]
        lines = sorted({(row.setting.n, row.setting.k) for row in here})
        for color, (n, k) in enumerate(lines):
            curve: dict[Fraction, Tightness] = {
                row.setting.p_lower: row
                for row in here
                if (row.setting.n, row.setting.k, row.setting.residual) == (n, k, shown)
            }
            x = sorted(curve)
            style = f"C{color % 10}"
            axes.plot(
                [float(p) for p in x],
                [_certified(curve[p]) for p in x],
                "o-",
                color=style,
                markersize=3,
                label=f"certified, n = {n}, k = {k}",
            )
            above = [(float(p), curve[p].adversary_radius) for p in x]
            points = [(p, r) for p, r in above if r is not None]
            axes.plot(
                [p for p, _ in points], [r for _, r in points], "v", color=style, markersize=4
            )
        axes.set_title(f"{attack.value} ({shown.value}); ▾ smallest radius with an adversary")
        axes.title.set_fontsize(9)
        axes.set_xlabel("p_lower")
        axes.grid(alpha=0.3)
        axes.legend(fontsize=7)
    panels[0].set_ylabel("poisoned training examples, r")
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=150)
    with written_aside(path, force=force) as file:
        file.write(image.getvalue())

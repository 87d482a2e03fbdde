"""A figure as a picture, and as a table on standard output."""

import io
from os import PathLike
from typing import Any

from bagcert.fastpath.figures.curves import Figure, floored
from bagcert.reference.files import written_aside

__all__ = ["as_fields", "draw", "print_figure"]

_SHOWN = 9


def draw(figure: Figure, path: str | PathLike[str], *, force: bool = False) -> None:
    """Draw one panel for each thing that varies, certified accuracy over r, as a PNG.

    Raises:
        OutputError: ``path`` exists and ``force`` is false, or cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Picture

    panels = figure.panels
    picture = Picture(figsize=(4.4 * len(panels) + 0.6, 3.8), layout="constrained")
    FigureCanvasAgg(picture)
    for place, panel in enumerate(panels):
        axes = picture.add_subplot(1, len(panels), place + 1)
        for curve in (curve for curve in figure.curves if curve.panel == panel):
            # Between two radii the curve is at least as high as at the second: never drawn above.
            heights = [float(value) for value in curve.accuracy]
            axes.step(figure.radii, heights, where="pre", label=curve.series)
        axes.set_xlabel("poisoned training examples, r")
        axes.set_ylabel("certified accuracy")
        axes.set_ylim(0, 1.02)
        axes.set_xlim(left=0)
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
        axes.set_title(panel)
    picture.suptitle(figure.title)
    image = io.BytesIO()
    picture.savefig(image, format="png", dpi=150)
    with written_aside(path, force=force) as file:
        file.write(image.getvalue())


def print_figure(figure: Figure) -> None:
    """Print each panel at a few of its radii, then the paper's statements beside what is seen."""
    step = max(1, -(-len(figure.radii) // _SHOWN))
    places = range(0, len(figure.radii), step)
    print(figure.title)
    for panel in figure.panels:
        curves = [curve for curve in figure.curves if curve.panel == panel]
        width = max(len(panel), *(len(curve.series) for curve in curves))
        radii = " ".join(f"{f'r = {figure.radii[i]}':>9}" for i in places)
        print(f"{panel:<{width}} {radii}")
        for curve in curves:
            values = " ".join(f"{floored(curve.accuracy[i] * 100, 2) + ' %':>9}" for i in places)
            print(f"{curve.series:<{width}} {values}")
    for statement, seen in figure.statements:
        print(f"{'seen' if seen else 'NOT SEEN'}: {statement}")
    for name, note in figure.notes.items():
        print(f"{name}: {note}")


def as_fields(figure: Figure) -> dict[str, Any]:
    """Return a figure as one JSON object; certified accuracies are exact, as ``p/q``."""
    curves: dict[str, dict[str, list[str]]] = {panel: {} for panel in figure.panels}
    for curve in figure.curves:
        curves[curve.panel][curve.series] = [str(value) for value in curve.accuracy]
    return {
        "radii": list(figure.radii),
        "certified_accuracy": curves,
        "statements": dict(figure.statements),
        **figure.notes,
    }

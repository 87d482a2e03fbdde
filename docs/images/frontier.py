"""Draws the pictures beside it from the table of ``bagcert reproduce frontier``; run it anywhere.

``frontier.png``: the learner that uses drawn examples and unlabelled digits, with what the paper
reports, and the one that uses the other test images. ``transfer.png``: those that know something
before any example is drawn.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Picture
from matplotlib.ticker import PercentFormatter

from bagcert.fastpath.paper.figures.curves import Figure, colour_of, paint_curves, read_figure
from bagcert.fastpath.paper.reported import load_claims, share

HERE: Final = Path(__file__).parent
TABLE: Final = HERE.parents[1] / "notebooks" / "figures" / "frontier.csv"
#: The panels of each picture, and their titles.
PICTURES: Final[Mapping[str, Mapping[str, str]]] = {
    "frontier": {
        "selected": "manifold-ridge: each test image by itself",
        "transduction": "metric-ridge: among the other test images",
    },
    "transfer": {
        "transfer": "prior-ridge: with 1,797 labelled digits",
        "transfer and transduction": "the same, among the other test images",
    },
}
#: What the paper reports, by its claim's name. It stands where it can be compared: one test image
#: by itself, nothing known beside the training set's labels.
REPORTED: Final = {
    "mnist-aaai": "AAAI-21: {} %, k = {} (secondary source)",
    "mnist-preprint": "preprint: {} %, k = {}",
}
COMPARED: Final = "selected"


def draw(table: Figure, titles: Mapping[str, str]) -> Picture:
    """Return a picture of some of the table's panels, each with a legend of its own."""
    picture = Picture(figsize=(9.4, 5), layout="constrained")
    FigureCanvasAgg(picture)
    for axes, panel in zip(picture.subplots(1, len(titles), sharey=True), titles, strict=True):
        if panel == COMPARED:
            for name, label in REPORTED.items():
                k, r, value = share(load_claims(), name)
                axes.plot(
                    [r], [float(value)], "*", color=colour_of(f"k = {k}"),
                    markersize=12, markeredgecolor="black", linestyle="none",
                    label=label.format(float(100 * value), k), zorder=3,
                )  # fmt: skip
        curves = [
            replace(curve, series=curve.series.removesuffix(", N = 1000"))
            for curve in table.curves
            if curve.panel == panel
        ]
        paint_curves(axes, table.radii, curves)
        axes.set(
            xlabel="r: training images modified, deleted or inserted, of 60,000",
            title=titles[panel],
            xlim=(0, 1000),
        )
    picture.axes[0].set_ylabel("certified accuracy, of 10,000 test images")
    picture.axes[0].yaxis.set_major_formatter(PercentFormatter(1))
    picture.suptitle(
        "MNIST, N = 1,000 models, α = 0.001 for all images together: one certificate for each k"
    )
    return picture


if __name__ == "__main__":
    for name, titles in PICTURES.items():
        drawn = draw(read_figure(TABLE), titles)
        drawn.savefig(HERE / f"{name}.png", dpi=110, metadata={"Software": None})

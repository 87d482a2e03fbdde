"""Draws frontier.png from the table of ``bagcert reproduce frontier``; run it from the root."""

from collections import defaultdict
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bagcert.fastpath.paper.figures.exhibits import read_csv
from bagcert.fastpath.paper.figures.frontier import PUBLISHED

HERE = Path(__file__).parent
TABLE = HERE.parents[1] / "notebooks" / "figures" / "frontier.csv"
#: The panels drawn, and their titles.
PANELS = {
    "selected": "manifold-ridge, each test image by itself",
    "transduction": "metric-ridge, among the other test images",
}


def main() -> None:
    """Draw a curve for each k, and the published point."""
    _, rows = read_csv(TABLE)
    curves: dict[str, dict[str, list[tuple[int, float]]]] = {
        panel: defaultdict(list) for panel in PANELS
    }
    for row in rows:
        if row["panel"] in PANELS:
            place = int(row["r"]), float(row["certified_accuracy"])
            curves[row["panel"]][row["series"].partition(",")[0]].append(place)
    picture = Figure(figsize=(10, 4.2), layout="constrained")
    FigureCanvasAgg(picture)
    every = sorted(curves["selected"], key=lambda name: int(name.split()[-1]))
    for axes, panel in zip(picture.subplots(1, 2, sharey=True), PANELS, strict=True):
        for place, series in enumerate(every):
            if series in curves[panel]:
                radii, accuracy = zip(*curves[panel][series], strict=True)
                shown = [100 * share for share in accuracy]
                axes.plot(radii, shown, color=f"C{place}", label=series)
        _, r, value = PUBLISHED
        axes.plot([r], [100 * float(value)], "k*", label="published\n(AAAI-21)")
        axes.set(
            xlabel="r: training images modified, deleted or inserted, of 60,000",
            title=PANELS[panel],
            xlim=(0, 1000),
            ylim=(0, 100),
        )
        axes.grid(alpha=0.3)
    picture.legend(*picture.axes[0].get_legend_handles_labels(), loc="outside right center")
    picture.axes[0].set_ylabel("certified accuracy, % of 10,000 test images")
    picture.suptitle(
        "MNIST, N = 1,000 models, α = 0.001 for all images together: one certificate for each k"
    )
    picture.savefig(HERE / "frontier.png", dpi=110, metadata={"Software": None})


if __name__ == "__main__":
    main()

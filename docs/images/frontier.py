"""Draws frontier.png from the table of ``bagcert reproduce frontier``; run it from the root."""

from collections import defaultdict
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bagcert.fastpath.paper.figures.exhibits import read_csv
from bagcert.fastpath.paper.figures.frontier import PUBLISHED

HERE = Path(__file__).parent
TABLE = HERE.parents[1] / "notebooks" / "figures" / "frontier.csv"


def main() -> None:
    """Draw the curves of method ``selected``, and the published point."""
    _, rows = read_csv(TABLE)
    curves: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for row in rows:
        if row["panel"] == "selected":
            curves[row["series"]].append((int(row["r"]), float(row["certified_accuracy"])))
    picture = Figure(figsize=(8, 4.2), layout="constrained")
    FigureCanvasAgg(picture)
    axes = picture.subplots()
    for series in sorted(curves, key=lambda name: int(name.split(",")[0].split()[-1])):
        radii, accuracy = zip(*curves[series], strict=True)
        axes.plot(radii, [100 * share for share in accuracy], label=series)
    k, r, value = PUBLISHED
    axes.plot([r], [100 * float(value)], "k*", label=f"published (AAAI-21), k = {k}")
    axes.set(
        xlabel="r: training examples modified, deleted or inserted, of 60,000",
        ylabel="certified accuracy, % of 10,000 test images",
        title="MNIST, metric-ridge, α = 0.001 for all images together: a certificate for each k",
        xlim=(0, 1000),
        ylim=(0, 100),
    )
    axes.grid(alpha=0.3)
    axes.legend()
    picture.savefig(HERE / "frontier.png", dpi=110, metadata={"Software": None})


if __name__ == "__main__":
    main()

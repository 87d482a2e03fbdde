"""What a certificate file amounts to: certified accuracy, the radii's distribution, a picture."""

import io
from dataclasses import dataclass
from os import PathLike
from typing import Any

from bagcert.reference.algorithm1 import Certificate
from bagcert.reference.certificate.schema import CertificateFile
from bagcert.reference.terminal.outputs import written_aside

__all__ = ["Report", "draw", "print_report"]

_QUARTERS = ("min", "25 %", "median", "75 %", "max")


@dataclass(frozen=True)
class Report:
    """Rows at each radius, counted; nothing is rounded before it is printed."""

    examples: int
    abstained: int
    #: Radii of the certified rows, ascending.
    radii: list[int]
    #: (r, rows certified at r with their true label) at each wanted r; None without truth.
    accuracy: list[tuple[int, int]] | None
    #: The same at every radius that occurs: the whole curve.
    curve: tuple[tuple[int, int], ...] | None

    @classmethod
    def of(cls, file: CertificateFile, wanted: list[int]) -> "Report":
        """Count ``file``'s rows; certified accuracy at r counts correct rows with r* >= r."""
        radii = sorted(
            row.outcome.radius for row in file.rows if isinstance(row.outcome, Certificate)
        )
        curve = file.certified_accuracy
        accuracy = None
        if curve is not None:
            accuracy = [(r, next((rows for at, rows in curve if at >= r), 0)) for r in wanted]
        return cls(len(file.rows), len(file.rows) - len(radii), radii, accuracy, curve)

    @property
    def spread(self) -> list[int]:
        """Minimum, lower quartiles and maximum of the certified rows' radii, radii that occur."""
        if not self.radii:
            return []
        return [self.radii[(len(self.radii) - 1) * quarter // 4] for quarter in range(5)]

    def as_fields(self) -> dict[str, Any]:
        """Return the report as one JSON object."""
        return {
            "examples": self.examples,
            "abstained": self.abstained,
            "certified_accuracy": self.accuracy,
            "radius_distribution": dict(zip(_QUARTERS, self.spread, strict=False)),
        }


def print_report(report: Report) -> None:
    """Print the report to standard output."""
    print(f"{report.examples} examples, {report.abstained} abstain")
    if report.accuracy is None:
        print("certified accuracy: the certificate states no true labels")
    else:
        print("certified accuracy")
        for r, rows in report.accuracy:
            print(f"  r = {r:<6} {rows:>8} of {report.examples}  {rows / report.examples:8.2%}")
    if report.radii:
        print("radii of the certified examples")
        for name, value in zip(_QUARTERS, report.spread, strict=True):
            print(f"  {name:<10} {value:>8}")


def draw(report: Report, path: str | PathLike[str], *, force: bool = False) -> None:
    """Draw certified accuracy over r as a PNG: a step function, exact at every radius."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    if report.curve:
        radii = [r for r, _ in report.curve]
        share = [rows / report.examples for _, rows in report.curve]
        # Certified at r means r* >= r: the height at r belongs to the step that ends at r.
        axes.step([0, *radii, radii[-1] + 1], [share[0], *share, 0], where="pre", color="C0")
        axes.set_ylabel("certified accuracy")
    else:
        steps = sorted(set(report.radii)) or [0]
        alive = [sum(r >= at for r in report.radii) / report.examples for at in steps]
        axes.step([0, *steps], [alive[0], *alive], where="pre", color="C0")
        axes.set_ylabel("share of examples certified")
    axes.set_xlabel("poisoned training examples, r")
    axes.set_ylim(0, 1.02)
    axes.set_xlim(left=0)
    axes.grid(alpha=0.3)
    axes.set_title(f"{report.examples} test examples, {report.abstained} abstain")
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=150)
    with written_aside(path, force=force) as file:
        file.write(image.getvalue())

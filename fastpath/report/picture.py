"""Certified accuracy as a picture for a paper: PNG, PDF or SVG, one curve a certificate."""

import io
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from os import PathLike, fspath
from typing import Any, Final

from bagcert.fastpath.report.accuracy import Report
from bagcert.fastpath.report.shares import percent
from bagcert.reference.arithmetic.spelling import spell_rational
from bagcert.reference.certificate.schema import Header
from bagcert.reference.terminal.outputs import refuse_suffix, written_aside
from bagcert.reference.terminal.printable import printable

__all__ = ["SUFFIXES", "Curve", "draw", "refuse_mixture"]

#: What the ending of a picture's name may be, and what it says.
SUFFIXES: Final = (".png", ".pdf", ".svg")
#: Okabe and Ito's colours, told apart by colour-blind readers; the dashes by anyone, in print.
_COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")
_DASHES: Final = ("-", "--", "-.", (0, (5, 1, 1, 1, 1, 1)))
#: Text stays text in PDF (embedded TrueType); a dollar sign in a name is a dollar sign; equal
#: curves give equal files in each format.
_SETTINGS: Final[Any] = {
    "pdf.fonttype": 42, "svg.hashsalt": "bagcert", "text.parse_math": False,
    "font.size": 9, "legend.fontsize": 7,
}  # fmt: skip
_UNDATED: Final[dict[str, dict[str, Any]]] = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "svg": {"Date": None, "Creator": None},
}


@dataclass(frozen=True)
class Curve:
    """One certificate's curve, and what a picture says of it."""

    #: The file's name.
    name: str
    header: Header
    report: Report

    @property
    def title(self) -> str:
        """The data set, k, N, α and the method; the file's name where no data set is stated."""
        header = self.header
        dataset = (header.provenance or {}).get("dataset", self.name)
        return printable(
            f"Bagging on {printable(dataset, 40)}: k = {header.k:,}, N = {header.models:,}, "
            f"α = {spell_rational(header.alpha)}, {header.method.value}"
        )

    @property
    def remark(self) -> str:
        """Accuracy of the plain vote on clean data, where the truth is stated; abstentions."""
        report = self.report
        abstain = f"{report.abstained:,} of {report.examples:,} abstain"
        if report.vote_correct is None:
            return abstain
        clean = percent(report.vote_correct, report.examples)
        return f"clean accuracy {clean} (dotted), {abstain}"


def draw(curves: Sequence[Curve], path: str | PathLike[str], *, force: bool = False) -> None:
    """Draw certified accuracy over r: step functions, exact at every radius.

    The dotted line is the accuracy of the vote itself, before any attack. Without true labels
    the share of certified examples is drawn. The ending of ``path`` is the format.

    Raises:
        ValueError: some certificates state true labels and others do not.
        OutputError: an ending outside :data:`SUFFIXES`, or ``path`` exists without ``force``.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    refuse_suffix(path, *SUFFIXES)
    refuse_mixture(curves)
    kind = fspath(path).rpartition(".")[2]
    if kind not in _UNDATED:  # a device or a pipe, whose name says nothing
        kind = "png"
    image = io.BytesIO()
    with mpl.rc_context(_SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # a stranger's script: drawn as boxes
        figure = Figure(figsize=(5.5, 3.2 + 0.35 * len(curves)), layout="constrained")
        _fill(figure.add_subplot(), curves)
        figure.savefig(image, format=kind, dpi=300, metadata=_UNDATED[kind])
    with written_aside(path, force=force) as file:
        file.write(image.getvalue())


def refuse_mixture(curves: Sequence[Curve]) -> None:
    """Refuse curves that do not mean the same: one picture has one vertical axis.

    Raises:
        ValueError: some certificates state true labels and others do not.
    """
    bare = [curve.name for curve in curves if curve.report.curve is None]
    if bare and len(bare) < len(curves):
        raise ValueError(
            f"{bare[0]}: states no true labels, but others do; "
            f"certified accuracy and the share of certified examples are not one axis"
        )


def _fill(axes: Any, curves: Sequence[Curve]) -> None:
    titles = Counter(curve.title for curve in curves)
    for curve, colour, dash in zip(curves, cycle(_COLOURS), cycle(_DASHES), strict=False):
        report = curve.report
        steps = report.steps or ((0, 0),)
        shares = [rows / report.examples for _, rows in steps]
        name = f" ({printable(curve.name, 40)})" if titles[curve.title] > 1 else ""
        # Certified at r means r* >= r: the height at r belongs to the step that ends at r.
        axes.step(
            [0, *(r for r, _ in steps), steps[-1][0]],
            [shares[0], *shares, 0],
            where="pre",
            color=colour,
            linestyle=dash,
            linewidth=1.3,
            label=f"{curve.title}{name}\n{curve.remark}",
        )
        if report.vote_correct is not None:
            clean = report.vote_correct / report.examples
            axes.axhline(clean, color=colour, linestyle=":", linewidth=0.8)
    accuracy = curves[0].report.curve is not None
    axes.set_ylabel("certified accuracy" if accuracy else "share of examples certified")
    axes.set_xlabel("poisoned training examples, r")
    axes.set_ylim(0, 1.02)
    axes.set_xlim(left=0)
    axes.grid(alpha=0.3)
    axes.figure.legend(loc="outside lower center", frameon=False)

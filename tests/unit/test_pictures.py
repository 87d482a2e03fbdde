"""The pictures of the frontier: what stands in them, and only where it can be compared."""

import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "docs" / "images"))

from frontier import PICTURES, TABLE, draw  # type: ignore[import-not-found]

from bagcert.fastpath.paper.figures.curves import colour_of, read_figure

ROOT = Path(__file__).parents[2]
KS = ("k = 20", "k = 30", "k = 50", "k = 70", "k = 100")


def axes_of(name: str) -> Any:
    return draw(read_figure(TABLE), PICTURES[name]).axes


def legend(axes: Any) -> list[str]:
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_what_the_paper_reports_stands_beside_the_comparable_learner_alone() -> None:
    left, right = axes_of("frontier")
    stars = {line.get_label(): line for line in left.lines if line.get_marker() == "*"}
    places = {label: (*line.get_xdata(), *line.get_ydata()) for label, line in stars.items()}
    assert places == {
        "AAAI-21: 91.1 %, k = 30 (secondary source)": (100, 0.911),
        "preprint: 70.8 %, k = 100": (100, 0.708),
    }
    colours = [line.get_color() for line in stars.values()]
    assert colours == [colour_of("k = 30"), colour_of("k = 100")]
    assert legend(left) == [*stars, *KS, "k = 150"]
    assert legend(right) == [*KS]
    assert not [line for line in right.lines if line.get_marker() == "*"]


@pytest.mark.parametrize("name", PICTURES)
def test_a_panel_shows_each_of_the_tables_curves(name: str) -> None:
    table = read_figure(TABLE)
    for axes, panel in zip(axes_of(name), PICTURES[name], strict=True):
        drawn = Counter(tuple(line.get_ydata()) for line in axes.lines if len(line.get_xdata()) > 1)
        due = [curve.accuracy for curve in table.curves if curve.panel == panel]
        assert drawn == Counter(tuple(map(float, accuracy)) for accuracy in due)
        assert axes.get_title() == PICTURES[name][panel]


def test_transfer_has_the_line_that_needs_no_training_set() -> None:
    for axes, value in zip(axes_of("transfer"), ("94.03", "98.87"), strict=True):
        assert legend(axes) == [f"what it knows without D: {value} %", *KS]


def test_both_are_shown() -> None:
    assert "](docs/images/frontier.png)" in (ROOT / "README.md").read_text("utf-8")
    page = (ROOT / "fastpath" / "README.md").read_text("utf-8")
    assert "](../docs/images/transfer.png)" in page
    for name in PICTURES:
        assert (ROOT / "docs" / "images" / f"{name}.png").is_file()

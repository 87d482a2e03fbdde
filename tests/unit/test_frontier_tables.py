"""The tables of fastpath/README.md that rest on committed files, digit by digit."""

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from bagcert.fastpath.paper.figures.curves import (
    WITHOUT_D,
    certified_accuracy,
    floored,
    read_figure,
)
from bagcert.fastpath.paper.reported import load_claims
from bagcert.reference.bounds import Method
from bagcert.reference.certificate.reader import read_certificate

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "notebooks" / "figures"
TABLE = read_figure(COMMITTED / "frontier.csv")
PAGE = (ROOT / "fastpath" / "README.md").read_text("utf-8")
COMMAND = "bagcert reproduce frontier --seed 1 --models 1000"
#: What stands before a table of one k a row, and the panel that it is of.
BY_K = {
    "Seed 1, each k by itself:": "selected",
    "91.45 and 89.84 at 1,000):": "transduction",
    "whatever happens to the training set. Seed 1:": "transfer",
}
NETWORKS = "Certified accuracy in %:"
ALPHA = Fraction(1, 1000)


def table_after(words: str) -> list[list[str]]:
    """The cells of the one table that follows the only place with these words."""
    assert PAGE.count(words) == 1
    lines = PAGE.partition(words)[2].lstrip("\n").splitlines()
    rows = lines[: next(i for i, x in enumerate(lines) if x[:1] != "|")]
    head, _, *rest = ([cell.strip() for cell in row.strip("|").split("|")] for row in rows)
    return [head, *rest]


def integers(cells: list[str]) -> list[int]:
    return [int(cell.removeprefix("r = ").replace(",", "")) for cell in cells]


def per_cent(value: Fraction) -> str:
    return floored(100 * value, 2) if value else "0"


def at(panel: str, series: str, r: int) -> Fraction:
    (curve,) = (c for c in TABLE.curves if (c.panel, c.series) == (panel, series))
    return curve.accuracy[TABLE.radii.index(r)]


@pytest.mark.parametrize(("words", "panel"), BY_K.items(), ids=BY_K.values())
def test_each_k_by_itself_is_the_committed_table(words: str, panel: str) -> None:
    head, *rows = table_after(words)
    radii = integers(head[1:])
    series = [curve.series for curve in TABLE.curves if curve.panel == panel]
    assert {f"{row[0]}, N = 1000" for row in rows} == {*series} - {WITHOUT_D}
    for k, *cells in rows:
        assert cells == [per_cent(at(panel, f"{k}, N = 1000", r)) for r in radii], k


def test_seed_1_s_best_k_of_each_column() -> None:
    head, first, *_ = table_after("not committed: run the command with `--seed 2` or `--seed 3`:")
    curves = [curve for curve in TABLE.curves if curve.panel == "selected"]
    places = [TABLE.radii.index(r) for r in integers(head[1:])]
    best = [per_cent(max(curve.accuracy[i] for curve in curves)) for i in places]
    assert first == ["seed 1", *best]


def test_what_is_known_without_d_and_what_both_cover() -> None:
    text = " ".join(PAGE.split())
    alone, both = (
        per_cent(at(panel, WITHOUT_D, 0)) for panel in ("transfer", "transfer and transduction")
    )
    low, high = (
        per_cent(at("transfer and transduction", "k = 20, N = 1000", r)) for r in (100, 1000)
    )
    assert f"right on {alone} % of the test images, whatever happens" in text
    assert f"right on {both} %, and the certificates at k = 20 cover {low} at r = 100 and" in text
    assert f"{high} at r = 1,000: the training set adds next to nothing" in text
    ours = per_cent(at("selected", "k = 30, N = 1000", 100))
    assert f"At k = 30 and r = 100 the three seeds give {ours}, " in text


def test_the_committed_table_says_how_it_was_made() -> None:
    shown = TABLE.notes["command"]
    assert shown.replace("--scale full ", "").startswith(COMMAND)
    assert (
        f"({float(TABLE.notes['seconds']):,.0f} s, says `notebooks/figures/frontier.csv`)" in PAGE
    )
    assert f"(commit {TABLE.notes['commit'][:7]})" in PAGE


def measured() -> Iterator[tuple[str, int | None, str, str]]:
    for claim in load_claims():
        for found in claim.measured:
            if found.command.startswith("bagcert reproduce frontier"):
                assert found.command == COMMAND
                assert found.commit == TABLE.notes["commit"]
                yield claim.name, claim.r, found.by, found.value


def test_what_is_reported_of_the_frontier_is_the_committed_table() -> None:
    rows = [*measured()]
    assert {name for name, *_ in rows} == {"mnist-preprint", "mnist-aaai", "dpa-half"}
    for name, r, by, value in rows:
        read = re.fullmatch(
            r"manifold-ridge, (k = \d+), N = 1,000, (\w+)(?:: r = ([\d,]+) modified, .*)?", by
        )
        assert read, by
        if read[3]:
            (r,) = integers([read[3]])
        assert r is not None
        assert value == f"{per_cent(at(read[2], f'{read[1]}, N = 1000', r))} %", (name, by)


@cache
def network(k: int) -> tuple[np.ndarray, np.ndarray]:
    """The counts and true labels of the committed certificate of the paper's own network."""
    rows = read_certificate(COMMITTED / f"mnist-cnn-authors-k{k}.jsonl.gz").rows
    return np.array([row.counts for row in rows]), np.array([row.truth for row in rows])


@pytest.mark.parametrize("k", [30, 100])
def test_the_papers_own_network(k: int) -> None:
    head, *rows = table_after(NETWORKS)
    radii = integers(head[1:])
    counts, labels = network(k)

    def found(times: int, method: Method) -> tuple[Fraction, ...]:
        return certified_accuracy(
            times * counts, labels, radii, n=60_000, k=k, alpha=ALPHA, method=method
        )

    certified, *estimates = (row for row in rows if row[0].startswith(f"k = {k}, "))
    models = int(counts[0].sum())
    assert certified[0].startswith(f"k = {k}, N = {models:,}: certified")
    assert certified[1:] == [per_cent(value) for value in found(1, Method.SELECTED)]
    simuem = found(1000 // models, Method.SIMUEM)[radii.index(100)]
    if models == 1000:
        assert not estimates
        assert f"at r = 100: {per_cent(simuem)} % by `simuem`, the paper's own bounds" in PAGE
        return
    (estimate,) = estimates
    assert "at N = 1,000: **an estimate, no certificate**" in estimate[0]
    assert [Fraction(cell) for cell in estimate[1:]] == [
        round(100 * value, 1) for value in found(1000 // models, Method.SELECTED)
    ]
    assert f"own bounds, {float(round(100 * simuem, 1))} %. That estimate is within 0.1" in PAGE

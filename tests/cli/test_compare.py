"""bagcert compare: the three estimators on the same votes."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from bagcert.__main__ import app
from bagcert.fastpath.votes.file import write_votes
from bagcert.fastpath.votes.header import VotesHeader
from bagcert.fastpath.votes.votes import Votes
from bagcert.reference import certify
from bagcert.reference.algorithm1 import Certificate

COUNTS = np.array(
    [[1000, 0, 0], [900, 60, 40], [560, 440, 0], [470, 260, 270], [345, 340, 315], [10, 980, 10]]
)
TRUTH = np.array([0, 0, 0, 0, 0, 2])
METHODS = ("selected", "simuem", "cohen")


@pytest.fixture
def votes(tmp_path: Path) -> Path:
    header = VotesHeader(n=5000, k=50, models=1000, classes=3)
    path = tmp_path / "votes.npz"
    write_votes(Votes(COUNTS, labels=TRUTH, header=header), path)
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["compare", *map(str, arguments)])


def test_each_column_is_the_reference(votes: Path) -> None:
    result = run(votes, "--alpha", "1/100", "--radii", "0,20,60", "--json")
    assert result.exit_code == 0, result.output
    table = json.loads(result.stdout)
    assert tuple(table) == METHODS
    radii = {}
    for method in METHODS:
        outcomes = [
            certify(row, 5000, 50, Fraction(1, 600), method=method) for row in COUNTS.tolist()
        ]
        radii[method] = [one.radius if isinstance(one, Certificate) else -1 for one in outcomes]
    for method in METHODS:
        found, column = radii[method], table[method]
        certified = sorted(r for r in found if r >= 0)
        assert column["certified"] == len(certified)
        assert column["abstained"] == len(found) - len(certified)
        assert column["radius_sum"] == sum(certified)
        assert column["radius_min_median_max"][0] == certified[0]
        assert column["radius_min_median_max"][2] == certified[-1]
        pairs = list(zip(found, radii["selected"], strict=True))
        assert column["rows_above_selected"] == sum(one > other for one, other in pairs)
        assert column["rows_below_selected"] == sum(one < other for one, other in pairs)
        right = [r for r, row, y in zip(found, COUNTS, TRUTH, strict=True) if row.argmax() == y]
        assert column["certified_accuracy"] == [
            [r, sum(x >= r for x in right)] for r in (0, 20, 60)
        ]
    assert Fraction(table["simuem"]["level_proven_for_one_example"]) == Fraction(1, 600) * 4 / 3
    assert Fraction(table["selected"]["level_proven_for_one_example"]) == Fraction(1, 600)
    # What differs here: cohen needs a majority, and knows nothing of the runner-up.
    assert table["cohen"]["certified"] < table["simuem"]["certified"]


def test_the_printed_table(votes: Path) -> None:
    result = run(votes, "--radii", "0,20")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].split() == list(METHODS)
    assert lines[-1].startswith("certified accuracy, r = 20")
    assert lines[-1].count("%") == 3


def test_unusable_input(votes: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.npz"
    write_votes(Votes(COUNTS), bare)
    for arguments, words in (
        ((bare,), "n, k"),
        ((votes, "--residual", "integral"), "integral"),
        ((votes, "--radii", "1,x"), "radii"),
        ((votes, "--alpha", "1e-3"), "alpha"),
    ):
        result = run(*arguments)
        assert result.exit_code == 2
        assert words in result.stderr
    assert run(bare, "--n", 5000, "--k", 50).exit_code == 0

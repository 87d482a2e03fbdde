"""``bagcert diff`` and ``bagcert export``: counted again by hand, refused where they must be."""

import csv
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from bagcert.fastpath import to_frame
from bagcert.fastpath.report.export import columns_of
from bagcert.reference import Certificate, Header, Row, certify, read_certificate, write_certificate
from tests.command import bagcert

A = [(990, 10), (700, 300), (501, 499), (400, 600), (1000, 0)]
B = [(980, 20), (300, 700), (990, 10), (400, 600), (501, 499)]
TRUTH = [0, 1, 0, 1, 0]
Counts = list[tuple[int, int]]


def written(path: Path, counts: Any, truth: Any = TRUTH, first: int = 0, **header: Any) -> Path:
    made = Header(
        **{"n": 60_000, "k": 100, "classes": len(counts[0]), "models": sum(counts[0]),
           "examples": len(counts), "alpha": Fraction(1, 1000)} | header
    )  # fmt: skip
    rows = [
        Row(first + i, row, certify(row, made.n, made.k, made.level, attack=made.attack),
            None if truth is None else truth[i])
        for i, row in enumerate(counts)
    ]  # fmt: skip
    write_certificate(path, made, rows, force=True)
    return path


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    paint = "\x1b[2K\rsame"
    a = written(tmp_path / "a.jsonl", A, provenance={"seed": "1", "note": paint})
    b = written(tmp_path / "b.jsonl.gz", B, attack="delete", provenance={"seed": "2"})
    return a, b


def test_every_number_is_counted_again(pair: tuple[Path, Path]) -> None:
    at = read_certificate(pair[0]).rows[0].outcome
    assert isinstance(at, Certificate)
    wanted = f"0,{at.radius},{at.radius + 1},100000"
    status, out, error = bagcert("diff", *pair, "--json", "--radii", wanted)
    assert status == 0, error
    found = json.loads(out)
    assert found["settings"] == {
        "attack": ["any", "delete"],
        "provenance.seed": ["1", "2"],
        "provenance.note": ["\x1b[2K\rsame", None],
    }
    files = [read_certificate(path) for path in pair]
    radii = [
        [row.outcome.radius if isinstance(row.outcome, Certificate) else -1 for row in file.rows]
        for file in files
    ]
    # Certified: rows 0, 1 and 3 in both; row 4 in A alone, row 2 in B alone.
    assert [r >= 0 for r in radii[0]] == [True, True, False, True, True]
    assert [r >= 0 for r in radii[1]] == [True, True, True, True, False]
    assert found["certified"] == {"both": 3, "a_alone": 1, "b_alone": 1, "neither": 0}
    assert found["labels_changed"] == 1
    # Same label: rows 0, 2, 3 gain by `delete`, row 4 loses.
    assert (found["radius_larger_in_b"], found["radius_smaller_in_b"]) == (3, 1)
    assert found["radius_sums"] == [sum(max(r, 0) for r in column) for column in radii]
    labels = [[row.index(max(row)) for row in counts] for counts in (A, B)]
    for r, in_a, in_b in found["certified_accuracy"]:
        for counted, own, label in ((in_a, radii[0], labels[0]), (in_b, radii[1], labels[1])):
            right = [x == t and y >= r for x, t, y in zip(label, TRUTH, own, strict=True)]
            assert counted == sum(right)
    rows = {row["index"]: row for row in found["rows"]}
    assert set(rows) == {0, 1, 2, 3, 4}
    assert found["rows"][0]["index"] == 1  # another label is the largest change
    steps = [abs(radii[1][row["index"]] - radii[0][row["index"]]) for row in found["rows"][1:]]
    assert steps == sorted(steps, reverse=True)
    assert rows[4]["abstain"] == [None, "selection"]
    assert rows[4]["radius"] == [radii[0][4], None]
    assert rows[1]["label"] == [0, 1]


def test_the_tables_are_for_people(pair: tuple[Path, Path]) -> None:
    status, out, _ = bagcert("diff", *pair, "--rows", 2)
    assert status == 0
    assert all(line.isprintable() for line in out.split("\n"))
    assert "\\x1b[2K\\rsame" in out
    assert "3 more rows differ; --rows shows more, --json all" in out
    assert "same label, larger radius in b.jsonl.gz" in out
    status, out, _ = bagcert("diff", pair[0], pair[0])
    assert status == 0
    assert "the settings are equal" in out
    assert "label in" not in out


def test_equal_certificates_differ_in_nothing(pair: tuple[Path, Path]) -> None:
    found = json.loads(bagcert("diff", pair[0], pair[0], "--json")[1])
    assert (found["settings"], found["rows"], found["labels_changed"]) == ({}, [], 0)
    assert (found["radius_larger_in_b"], found["radius_smaller_in_b"]) == (0, 0)


@pytest.mark.parametrize(
    ("counts", "changes", "message"),
    [
        (A[:4], {}, "5 examples and 4"),
        (A, {"first": 1}, "indices 0 and 1"),
        (A, {"truth": [0, 1, 0, 1, 1]}, "index 4 has two true labels"),
        ([(*row, 0) for row in A], {}, "classes differ"),
    ],
)
def test_other_test_sets_are_refused(
    pair: tuple[Path, Path], tmp_path: Path, counts: Any, changes: dict[str, Any], message: str
) -> None:
    other = written(tmp_path / "other", counts, **{"truth": TRUTH[: len(counts)]} | changes)
    status, out, error = bagcert("diff", pair[0], other)
    assert (status, out) == (2, "")
    assert f"not of one test set: {message}" in error


def test_class_names_must_be_the_same_where_both_have_them(tmp_path: Path) -> None:
    named = [
        written(tmp_path / name, A, class_names=names)
        for name, names in (("ab", ("a", "b")), ("ba", ("b", "a")), ("none", None))
    ]
    assert bagcert("diff", named[0], named[2])[0] == 0
    status, _, error = bagcert("diff", *named[:2])
    assert (status, "class_names differ" in error) == (2, True)


def test_without_truth_there_is_no_accuracy(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    silent = written(tmp_path / "silent", A, truth=None)
    found = json.loads(bagcert("diff", pair[0], silent, "--json")[1])
    assert found["certified_accuracy"] is None


def test_only_what_is_valid_is_compared_and_written(
    pair: tuple[Path, Path], tmp_path: Path
) -> None:
    text = pair[0].read_text()
    pair[0].write_text(text.replace('"radius":', '"radius":1', 1))
    for command in (("diff", *pair), ("diff", pair[1], pair[0])):
        status, out, _ = bagcert(*command)
        assert status == 1
        assert out.startswith(f"{pair[0]}: INVALID line 2, radius")
    status, out, _ = bagcert("export", pair[0], "-o", tmp_path / "x.csv")
    assert (status, out.split()[0]) == (1, "INVALID")
    assert not (tmp_path / "x.csv").exists()


def test_the_table_reads_back_to_the_certificate(pair: tuple[Path, Path], tmp_path: Path) -> None:
    for path in pair:
        output = tmp_path / f"{path.name}.csv"
        status, out, _ = bagcert("export", path, "-o", output, "--json")
        assert status == 0
        assert json.loads(out) == {"table": str(output), "rows": 5, "columns": 10}
        with output.open(newline="") as file:
            table = list(csv.DictReader(file))
        for row, line in zip(read_certificate(path).rows, table, strict=True):
            assert int(line["index"]) == row.index
            assert [int(line[f"count_{j}"]) for j in range(2)] == list(row.counts)
            assert int(line["truth"]) == row.truth
            assert int(line["label"]) == row.counts.index(max(row.counts))
            if isinstance(row.outcome, Certificate):
                assert Fraction(float(line["p_lower"])) == row.outcome.p_lower
                assert Fraction(float(line["p_upper"])) == row.outcome.p_upper
                assert int(line["radius"]) == row.outcome.radius
                assert int(line["worst_size"]) == row.outcome.worst_size
                assert line["abstain"] == ""
            else:
                assert line["abstain"] == row.outcome.reason
                assert {line[name] for name in ("p_lower", "p_upper", "radius")} == {""}


def test_outputs_are_refused_before_the_work(pair: tuple[Path, Path], tmp_path: Path) -> None:
    for name, message in (("x.xlsx", "must end in .csv"), ("x", "must end in .csv")):
        status, _, error = bagcert("export", pair[0], "-o", tmp_path / name)
        assert (status, message in error) == (2, True)
    (tmp_path / "x.csv").write_text("mine")
    status, _, error = bagcert("export", pair[0], "-o", tmp_path / "x.csv")
    assert (status, "--force" in error) == (2, True)
    assert (tmp_path / "x.csv").read_text() == "mine"
    (tmp_path / "c.csv").write_bytes(pair[0].read_bytes())
    status, _, error = bagcert("export", tmp_path / "c.csv", "-o", tmp_path / "c.csv", "--force")
    assert (status, "also what is read" in error) == (2, True)


def test_the_data_frame_holds_the_same(pair: tuple[Path, Path]) -> None:
    pandas = pytest.importorskip("pandas", reason="an extra: the data frame is pandas'")
    file = read_certificate(pair[0])
    frame = to_frame(file)
    columns = columns_of(file)
    assert list(frame.index) == columns.pop("index")
    assert list(frame.columns) == list(columns)
    for name, column in columns.items():
        for mine, due in zip(frame[name], column, strict=True):
            if due is None:
                assert pandas.isna(mine)
            else:
                assert mine == due
    assert str(frame["radius"].dtype) == "Int64"
    assert str(frame["p_lower"].dtype) == "float64"
    assert len(to_frame(read_certificate(pair[1]))) == 5

"""Tables from R, pandas, Excel and LibreOffice: the plain file's bytes, and nothing guessed."""

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from bagcert.__main__ import app
from bagcert.fastpath.commands.reading import Reading
from bagcert.fastpath.untrusted import files, tables
from bagcert.fastpath.untrusted.table_options import LabelKind, TableOptions
from bagcert.fastpath.votes.file import read_votes
from bagcert.fastpath.votes.header import VotesHeader
from bagcert.fastpath.votes.votes import Votes, VotesError

SAMPLES = Path(__file__).parents[1] / "vectors" / "votes"
COUNTS = [[990, 10, 0], [700, 200, 100], [501, 499, 0]]
run = CliRunner()


def certified(path: Path, folder: Path) -> bytes:
    output = folder / "c.jsonl"
    arguments = ["certify", str(path), "--n", "60000", "--k", "100", "-o", str(output), "--force"]
    result = run.invoke(app, arguments)
    assert result.exit_code == 0, result.stderr
    return output.read_bytes()


def table(folder: Path, text: str | bytes, **options: Any) -> Any:
    path = folder / "v.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_votes(path, table=TableOptions(**options))


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("r4_data_frame", ["V1", "V2", "V3"]),
        ("r4_matrix", ["V1", "V2", "V3"]),
        ("r4_csv2", ["V1", "V2", "V3"]),
        ("pandas_default", ["0", "1", "2"]),
        ("pandas_floats", ["cat", "dog", "bee"]),
        ("libreoffice", ["Katze", "Hund", "Biene"]),
        ("excel_tab", ["Katze", "Hund", "Biene"]),
    ],
)
def test_default_settings_give_the_plain_files_certificate_and_the_columns_names(
    name: str, columns: list[str], tmp_path: Path
) -> None:
    header, *rows, _ = certified(SAMPLES / "plain.csv", tmp_path).splitlines()
    found, *found_rows, _ = certified(SAMPLES / f"{name}.csv", tmp_path).splitlines()
    assert found_rows == rows
    assert json.loads(found) == {**json.loads(header), "class_names": columns}


def test_columns_names_are_the_classes_with_and_without_n_and_k(tmp_path: Path) -> None:
    path = tmp_path / "v.csv"
    path.write_text("name,cat,dog,total\nx,9,1,10\ny,3,7,10\n")
    options = TableOptions(index_column="name", drop_columns=("total",))
    alone, stated = read_votes(path, table=options), read_votes(path, n=30, k=5, table=options)
    assert (alone.header, alone.class_names) == (None, ("cat", "dog"))
    assert stated.header is not None
    assert stated.header.class_names == stated.class_names == ("cat", "dog")
    # What a header states goes before the columns, also that there are no names.
    other = VotesHeader(n=30, k=5, models=10, classes=2)
    assert replace(alone, header=other).class_names is None
    assert replace(alone, header=replace(other, class_names=("a", "b"))).class_names == ("a", "b")
    # Columns that nobody named, and columns that are examples, name no class.
    path.write_text("9,1\n3,7\n")
    assert read_votes(path, n=30, k=5).class_names is None
    path.write_text("first,second\n0,1\n1,1\n")
    assert read_votes(path, n=30, k=5, predictions=True, classes=2).class_names is None


def test_columns_that_can_name_no_classes_are_refused(tmp_path: Path) -> None:
    longest = "x" * 256
    for names, words in (
        ("cat,cat,dog", "columns: 2 different names for 3; 'cat' is there twice: rename one"),
        (f"cat,dog,{longest}x", f"columns: '{longest[:39]} is longer than 256 characters"),
    ):
        with pytest.raises(VotesError, match=re.escape(words)):
            table(tmp_path, f"{names}\n5,2,2\n")
        # As names of examples they are nobody's concern.
        (tmp_path / "v.csv").write_text(f"{names}\n0,1,1\n")
        assert read_votes(tmp_path / "v.csv", predictions=True, classes=2).models == 1
    for given, words in (
        ((0, 1, 2), "columns: must be strings"),
        (("a", "b"), "columns: 2 different names for 3"),
    ):
        with pytest.raises(VotesError, match=words):
            Votes(np.array([[5, 2, 2]]), columns=given)  # type: ignore[arg-type]
    found = table(tmp_path, f"cat,dog,{longest}\n5,2,2\n")
    assert found.class_names == ("cat", "dog", longest)


def test_a_header_of_numbers_is_asked_about(tmp_path: Path) -> None:
    path = SAMPLES / "pandas_no_index.csv"
    with pytest.raises(VotesError, match=r"could be the names 0 to 2, or numbers: say --header"):
        read_votes(path)
    assert read_votes(path, table=TableOptions(header=True)).counts.tolist() == COUNTS
    # One vote each, so that the line could be either: the option decides.
    text = "0,1\n1,0\n"
    assert table(tmp_path, text, header=True).counts.tolist() == [[1, 0]]
    assert table(tmp_path, text, header=False).counts.tolist() == [[0, 1], [1, 0]]


def test_columns_that_may_be_labels_or_totals_are_asked_about_by_name() -> None:
    path = SAMPLES / "pandas_totals.csv"

    def read(**options: Any) -> Any:
        return read_votes(path, table=TableOptions(**options))

    with pytest.raises(VotesError, match=r"column 'truth' may be .*: say --label-column 'truth'"):
        read()
    with pytest.raises(VotesError, match=r"column 'total' may be .*--drop-column 'total'"):
        read(label_column="truth")
    votes = read(label_column="truth", drop_columns=("total",))
    assert votes.counts.tolist() == COUNTS
    assert votes.labels.tolist() == [0, 0, 0]
    for options, words in (
        ({"label_column": "Truth"}, "--label-column 'Truth': is not there; there is '', 'truth'"),
        ({"label_column": "truth", "drop_columns": ("truth",)}, "--label-column, or --drop-column"),
        ({"drop_columns": ("truth", "cat", "dog", "bee", "total")}, "no column of numbers is left"),
    ):
        with pytest.raises(VotesError, match=words):
            read(**options)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        # By what they hold: a total of other columns, without a name that says so.
        ("a,b,c\n5,3,2\n7,7,0\n", "'a' may be no class .the sum of the others in every row.*drop"),
        ("5,3,2\n7,7,0\n", "column '1' may be no class .the sum of the others"),
        # A label or a row number: without it the rows sum to one N.
        ("a,b,z\n5,5,1\n7,3,0\n", "'z' may be no class .without it the rows sum to one N"),
        # The same label in every row.
        ("z,a,b\n1,5,5\n1,7,3\n", "'z' may be no class .1 in every row"),
        ("Total,b,c\n5,5,0\n7,3,0\n", "'Total' may be no class .by its name"),
        (",b,c\n5,5,0\n7,3,0\n", "first column has no name, and '5' is no row number: say --index"),
        (",b,c\n0,5,5\n2,7,3\n", "line 3: the first column has no name, and '2' is no row number"),
        ("a;b,c\n1;2\n", "line 1: holds comma and semicolon; .* --separator semicolon"),
        ("a,b\n1,é".encode("latin-1"), "line 2: is not UTF-8; save the table as 'CSV UTF-8'"),
        ("a,b\n1,2\n".encode("utf-16"), "line 1: is UTF-16"),
        ("990,x,10\n", "line 1: 'x' is not a plain integer; if .* say --header"),
        ("-1,-5\n1,5\n", "line 1"),
        ('a,b\n"1\n",2\n', "line 2: unexpected end of data"),
        ("a,b\n1e5,1.5e+00\n", "line 2: '1.5e.00' is not a plain integer"),
        ("a,b\n1,1e99\n", "line 2: '1e99' is not a plain integer .column 'b'.$"),
        ("a,b\nNA,1\n", "line 2: 'NA' is not a plain integer; if column 'a' is no class, say"),
        ("\0" * 60 + ",b\nx,1\n", r"'(.x00){15}' is no class, say --label-column '(.x00){15}' f"),
        ("\0" * 60 + ",b\n" + "\0" * 60 + ",1\n", r"line 2: '(.x00){10}' is not a plain"),
        ("a" * 60 + ",b\nx,1\n", "column 'a{60}' is no class, say"),
        ("sep=;\na;b\n1;2\n", "line 1: tells Excel the separator and is no row; remove it"),
        ("a,b,t\n1,2,cat\n", "'t' is no class, say --label-column 't' for true labels, --ind"),
        ("a,b\n1.000,5\n\n3,4\n", "line 3: is empty, between others"),
    ],
)  # fmt: skip
def test_what_could_be_read_in_two_ways_is_refused(
    tmp_path: Path, text: str | bytes, words: str
) -> None:
    with pytest.raises(VotesError, match=words) as refused:
        table(tmp_path, text)
    assert "\n" not in str(refused.value)


def test_each_question_can_be_answered(tmp_path: Path) -> None:
    assert table(tmp_path, "a,b,c\n5,3,2\n5,4,1\n", keep_columns=("a",)).models == 10
    assert table(tmp_path, "5,3,2\n5,4,1\n", drop_columns=("1",)).counts.tolist() == [
        [3, 2],
        [4, 1],
    ]
    assert table(tmp_path, "z,a,b\n1,5,5\n1,7,3\n", label_column="z").labels.tolist() == [1, 1]
    assert table(tmp_path, "z,a,b\n1,5,5\n1,7,3\n", keep_columns=("z",)).models == 11
    assert table(tmp_path, "id,a,b\n4,5,5\n9,7,3\n", index_column="id").models == 10
    assert table(tmp_path, ",b,c\n5,5,0\n7,3,0\n", keep_columns=("",)).models == 10
    assert table(tmp_path, ",b,c\n5,4,1\n7,3,2\n", index_column="").models == 5
    assert table(tmp_path, "a;b,c\n1;2\n", separator="semicolon").counts.tolist() == [[1, 2]]
    assert table(tmp_path, "\ufeff9;1\r\n8;2\r\n\r\n \r\n").counts.tolist() == [[9, 1], [8, 2]]
    assert table(tmp_path, '\ufeff"a","b"\n9,1\n', drop_columns=()).models == 10
    assert table(tmp_path, '\ufeff"z","a","b"\n7,9,1\n', drop_columns=("z",)).models == 10
    assert table(tmp_path, "1e+05;0\n40000,0;60000\n").models == 100_000


def test_true_labels_by_name_by_position_and_in_a_file(tmp_path: Path) -> None:
    named = SAMPLES / "r4_names_and_truth.csv"
    votes = read_votes(named, table=TableOptions(label_column="truth"))
    assert votes.labels is not None
    assert votes.labels.tolist() == [0, 1, 0]
    for labels in (SAMPLES / "r4_labels.csv", tmp_path / "l.npy", tmp_path / "l.txt"):
        np.save(tmp_path / "l.npy", np.array([0, 1, 0]))
        (tmp_path / "l.txt").write_text("0\n1.0\n0\n")
        found = read_votes(SAMPLES / "plain.csv", table=TableOptions(labels=labels)).labels
        assert found is not None
        assert found.tolist() == [0, 1, 0]
    (tmp_path / "l.txt").write_text("truth\ndog\ncat\nbee\n")
    found = read_votes(
        SAMPLES / "pandas_floats.csv", table=TableOptions(labels=tmp_path / "l.txt")
    ).labels
    assert found is not None
    assert found.tolist() == [1, 0, 2]
    for text, words in (
        ("0\n1\n", "one label for each of 3 rows"),
        ("0\n1\n2\n3\n4\n", "one label for each of 3 rows"),
        ("0\n1\n3\n", r"row 2: '3' is no position in 0\.\.2"),
        ("0\n1,1\n0\n", "line 2: 2 cells, where one label is due"),
    ):
        (tmp_path / "l.txt").write_text(text)
        with pytest.raises(VotesError, match=words):
            read_votes(SAMPLES / "plain.csv", table=TableOptions(labels=tmp_path / "l.txt"))


def test_labels_that_could_be_names_or_positions_are_asked_about(tmp_path: Path) -> None:
    text = "truth,1,2,0\n1,5,5,0\n2,7,3,0\n"
    with pytest.raises(VotesError, match="'1' could be the name of class 0, or position 1: say"):
        table(tmp_path, text, header=True, label_column="truth")
    for kind, due in ((LabelKind.NAMES, [0, 1]), (LabelKind.POSITIONS, [1, 2])):
        found = table(tmp_path, text, header=True, label_column="truth", label_kind=kind)
        assert found.labels.tolist() == due
    agree = table(tmp_path, ",truth,0,1\n0,1,5,5\n1,0,7,3\n", label_column="truth")
    assert agree.labels.tolist() == [1, 0]
    with pytest.raises(VotesError, match="'1' is the name of no class"):
        table(tmp_path, "truth,a,b\n1,5,5\n", header=True, label_column="truth", label_kind="names")


def test_predictions_with_names_of_examples(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(",e1,e2\nm1,0,1\nm2,1,1\n")
    (tmp_path / "l.txt").write_text("0\n1\n")
    options = TableOptions(labels=tmp_path / "l.txt")
    votes = read_votes(tmp_path / "p.csv", predictions=True, classes=2, table=options)
    assert votes.counts.tolist() == [[1, 1], [0, 2]]
    assert votes.labels is not None
    with pytest.raises(VotesError, match="a row is a model"):
        read_votes(
            tmp_path / "p.csv", predictions=True, classes=2, table=TableOptions(label_column="e2")
        )


def test_other_files_have_no_columns(tmp_path: Path) -> None:
    np.save(tmp_path / "c.npy", np.array(COUNTS))
    with pytest.raises(VotesError, match="only a text table has columns"):
        read_votes(tmp_path / "c.npy", table=TableOptions(drop_columns=("1",)))


def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_NUMBERS", 5)
    with pytest.raises(VotesError, match=r"line 3: more than 5 numbers; use \.npz"):
        table(tmp_path, "5,5\n6,4\n7,3\n")
    monkeypatch.setattr(files, "MAX_PIPED", 3)
    with pytest.raises(ValueError, match="more than 3 bytes"):
        read_votes("/dev/zero")


def test_a_pipe_is_read_and_a_pipe_that_nobody_writes_to_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(VotesError, match="is empty"):
        read_votes(path)
    np.save(tmp_path / "c.npy", np.array(COUNTS))
    for content in (b"990,10\n", (tmp_path / "c.npy").read_bytes()):
        reading, writing = os.pipe()
        os.write(writing, content)
        os.close(writing)
        assert read_votes(f"/dev/fd/{reading}").models == 1000
        os.close(reading)


def test_options_of_commands_are_those_of_the_reader() -> None:
    reading = Reading(predictions=False, label_column="truth", drop_column=["total"])
    votes = reading.votes(SAMPLES / "pandas_totals.csv", n=60_000, k=100)
    assert votes.counts.tolist() == COUNTS
    assert votes.setting() == (60_000, 100)

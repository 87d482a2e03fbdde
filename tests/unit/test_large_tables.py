"""Text tables beyond what is held in memory: read once, in blocks, refused and certified alike."""

import io
import subprocess
import sys
import tracemalloc
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from bagcert.__main__ import app
from bagcert.fastpath.commands.reading import Reading
from bagcert.fastpath.untrusted import maps, tables, texts
from bagcert.fastpath.untrusted.errors import ArrayError, VotesError
from bagcert.fastpath.untrusted.integers import as_integers
from bagcert.fastpath.untrusted.table_options import LabelKind, TableOptions
from bagcert.fastpath.untrusted.tables import read_labels, read_table
from bagcert.fastpath.votes.file import read_votes
from bagcert.fastpath.votes.labels import numbered
from bagcert.fastpath.votes.votes import Votes

ROWS = 5000
TRUTH = TableOptions(label_column="4", header=False)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what takes some million numbers take some thousand."""
    monkeypatch.setattr(maps, "IN_MEMORY", 2**13)
    monkeypatch.setattr(maps, "_CHUNK", 2**10)
    monkeypatch.setattr(tables, "_BLOCK", 2**10)
    monkeypatch.setattr(texts, "_BLOCK", 2**9)


def counts_of(rows: int) -> NDArray[np.int64]:
    return np.random.default_rng(rows).multinomial(100, [0.5, 0.3, 0.2], rows)


def lines_of(counts: NDArray[np.int64]) -> list[str]:
    """Lines with the true label, a position, behind the counts."""
    return [f"{','.join(map(str, row))},{max(row) % 3}" for row in counts.tolist()]


def written(folder: Path, lines: Sequence[str], ending: str = "\n") -> Path:
    path = folder / "votes.csv"
    path.write_text("\n".join(lines) + ending)
    return path


def read(path: Path) -> Votes:
    return read_votes(path, n=60_000, k=100, table=TRUTH)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("rows", [1, 341, 342, 343, 512, 513, 1024, ROWS])
def test_a_table_gives_the_votes_that_arrays_give(tmp_path: Path, rows: int) -> None:
    counts = counts_of(rows)
    votes = read(written(tmp_path, lines_of(counts)))
    assert np.array_equal(votes.counts, counts)
    assert votes.labels is not None
    assert np.array_equal(votes.labels, counts.max(axis=1) % 3)
    assert isinstance(votes.counts, np.memmap) == (rows * 24 > 2**13)
    assert isinstance(votes.labels, np.memmap) == (rows * 8 > 2**13)


@pytest.mark.parametrize("held", [0, 2**13, 2**30])
def test_a_table_is_certified_and_audited_as_arrays_are(
    tmp_path: Path, held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Byte for byte, wherever the numbers lie."""
    monkeypatch.setattr(maps, "IN_MEMORY", held)
    monkeypatch.setattr(tables, "_BLOCK", 2**10)
    counts = np.random.default_rng(1).multinomial(1000, [0.9, 0.07, 0.03], ROWS)
    table = written(tmp_path, lines_of(counts))
    np.savez(tmp_path / "votes.npz", counts=counts, labels=counts.max(axis=1) % 3)
    run = CliRunner().invoke
    how = ["--no-header", "--label-column", "4"]
    made = {}
    for path, options in ((table, how), (tmp_path / "votes.npz", [])):
        output = path.with_suffix(path.suffix + ".jsonl")
        given = ["certify", str(path), "--n", "60000", "--k", "100", "-o", str(output), *options]
        assert run(app, given).exit_code == 0
        made[path] = output.read_bytes()
    assert made[table] == made[tmp_path / "votes.npz"]
    assert made[table].count(b'"radius":') > ROWS // 2
    certificate = str(tmp_path / "votes.csv.jsonl")
    same = run(app, ["audit", certificate, "--votes", str(table), *how])
    assert same.exit_code == 0
    assert f"AGREES counts: all {ROWS} rows" in same.stdout
    assert f"AGREES true labels: all {ROWS} rows" in same.stdout
    # One vote, and one label, of the last row.
    *lines, _ = lines_of(counts)
    first, second, third = counts[-1].tolist()
    written(tmp_path, [*lines, f"{first - 1},{second + 1},{third},{(first + 1) % 3}"])
    other = run(app, ["audit", certificate, "--votes", str(table), *how])
    assert other.exit_code == 1
    assert f"counts: index {ROWS - 1} is not as in" in other.stdout
    assert f"true labels: index {ROWS - 1} is not as in" in other.stdout


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize(
    ("last", "words"),
    [
        ("50,x,20,1", rf"line {ROWS}: 'x' is not a plain integer; if column '2' is no class"),
        ("50,30,20", rf"line {ROWS}: 3 cells where line 1 has 4"),
        ("50,30,20,", rf"line {ROWS}: the true label '' is empty or too long"),
        ('50,30,"20,1', rf"line {ROWS}: unexpected end of data"),
        ("50,30,20,3", rf"labels: row {ROWS - 1}: '3' is no position in 0\.\.2"),
        ("50,30,21,1", rf"row {ROWS - 1} sums to 101, row 0 to 100"),
        ("\n50,30,20,1", rf"line {ROWS}: is empty, between others"),
    ],
)
def test_the_last_line_of_a_large_table_is_named(tmp_path: Path, last: str, words: str) -> None:
    path = written(tmp_path, [*lines_of(counts_of(ROWS - 1)), last])
    with pytest.raises(VotesError, match=words) as refused:
        read(path)
    assert "\n" not in str(refused.value)
    written(tmp_path, [*lines_of(counts_of(ROWS - 1)), "50,30,20,1"], "\n\n \n")
    assert len(read(path).counts) == ROWS


@pytest.mark.usefixtures("small_blocks")
def test_the_last_number_that_a_table_may_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, lines_of(counts_of(ROWS)))
    monkeypatch.setattr(tables, "MAX_NUMBERS", 3 * ROWS)
    assert len(read(path).counts) == ROWS
    monkeypatch.setattr(tables, "MAX_NUMBERS", 3 * ROWS - 1)
    with pytest.raises(VotesError, match=f"line {ROWS}: more than {3 * ROWS - 1} numbers"):
        read(path)


@pytest.mark.usefixtures("small_blocks")
def test_a_total_is_asked_about_unless_the_last_row_denies_it(tmp_path: Path) -> None:
    rows = [f"50,{part},{50 - part}" for part in np.arange(ROWS) % 50]
    with pytest.raises(VotesError, match=r"column '1' may be no class .the sum of the others"):
        read_votes(written(tmp_path, rows))
    assert read_votes(written(tmp_path, [*rows, "49,1,50"])).models == 100


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("last", ["1,2", "3,0"])
def test_the_last_row_may_tell_counts_from_labels(tmp_path: Path, last: str) -> None:
    """Of three votes for three classes, each less than three, until one row has all of them."""
    path = written(tmp_path, [*["1,1,1", "2,1,0"] * (ROWS // 2), f"{last},0"])
    if last == "3,0":
        assert Reading().votes(path).models == 3
        return
    with pytest.raises(VotesError, match=r"may be counts .5001 examples × 3 classes, 3 models. or"):
        Reading().votes(path)


@pytest.mark.usefixtures("small_blocks")
def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    """Whole, the counts of 15,000 rows more would take 360 kB, and their labels 120 kB or more."""
    peaks = []
    for rows in (ROWS, 4 * ROWS):
        path = written(tmp_path, lines_of(counts_of(rows)))
        read(path)  # what is kept of the first time is no row
        tracemalloc.start()
        try:
            votes = read(path)
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
        assert len(votes.counts) == rows
    assert peaks[1] < peaks[0] + 20_000


@pytest.mark.usefixtures("small_blocks")
def test_labels_that_nothing_can_be_take_no_memory(tmp_path: Path) -> None:
    """As where a column of file names is called that of true labels."""
    peaks = []
    for rows in (ROWS, 4 * ROWS):
        path = written(tmp_path, [f"60,25,15,image{row}.png" for row in range(rows)])
        tracemalloc.start()
        try:
            with pytest.raises(VotesError, match=r"row 0: 'image0.png' is no position in 0..2"):
                read(path)
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert peaks[1] < peaks[0] + 20_000


RESIDENT = """
import sys
from pathlib import Path
from bagcert.fastpath.commands.reading import Reading
from bagcert.fastpath.untrusted import maps, tables

maps.IN_MEMORY, maps._CHUNK, tables._BLOCK = 2**16, 2**14, 2**14

def peak():
    found = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()
    return int(found[0])

short, long = map(Path, sys.argv[1:])
Reading(header=False).votes(short).digest
before = peak()
votes = Reading(header=False).votes(long)
votes.digest
print(peak() - before, votes.counts.nbytes // 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="needs /proc")
def test_the_pages_of_a_large_table_are_given_back(tmp_path: Path) -> None:
    """What is mapped counts as memory while it is there: 1000 columns, 8 kB for each row.

    Only the last row says that the numbers are no labels, so that all are looked at for that.
    """
    paths = []
    for rows in (100, 2000):
        lines = [*[",".join(["1"] * 1000)] * (rows - 1), ",".join(["1000", *["0"] * 999])]
        paths.append(written(tmp_path, lines).rename(tmp_path / f"{rows}.csv"))
    command = [sys.executable, "-c", RESIDENT, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    more, size = map(int, done.stdout.split())
    assert size == 15_625
    assert more < size // 3, f"{more} KiB more for {size} KiB of counts"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.usefixtures("small_blocks")
def test_no_room_for_a_large_table_is_one_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few rows are still in a buffer when the file is closed, and closing must tell nothing new."""
    monkeypatch.setattr(maps, "TemporaryFile", lambda: open("/dev/full", "r+b"))  # noqa: SIM115
    path = written(tmp_path, lines_of(counts_of(ROWS)))
    with pytest.raises(VotesError, match=r"counts: no room for a copy: No space left .*TMPDIR"):
        read(path)
    few = np.arange(3)
    with (
        pytest.raises(ArrayError, match=r"labels: no room for a copy: No space left .*TMPDIR"),
        maps.Growing("labels", np.int64, held=0) as growing,
    ):
        growing.add(few)


def test_rows_may_be_added_in_any_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    due = np.arange(24).reshape(8, 3)
    for held, sizes in product((0, 71, 72, 191, 192, None), ((8,), (3, 5), (1,) * 8, (0, 8))):
        with maps.Growing("counts", np.int64, (3,), held=held) as growing:
            for part in np.split(due, np.cumsum(sizes)[:-1]):
                growing.add(part)
            found = growing.array()
        assert np.array_equal(found, due)
        assert isinstance(found, np.memmap) == (held is not None and held < 192)
        assert not found.flags.writeable
        assert maps.is_own_map(found) or found.flags.owndata


def plainly_numbered(
    stated: Sequence[str], classes: int, names: Sequence[str], kind: LabelKind | None
) -> list[int] | str:
    """What true labels mean, with all of them at hand; or the first words of what is wrong."""
    place = {name: label for label, name in enumerate(names)}
    position = {
        text: at
        for text, at in zip(stated, as_integers([*stated]), strict=True)
        if at is not None and at < classes
    }
    as_name = all(text in place for text in stated) and kind != LabelKind.POSITIONS
    as_position = all(text in position for text in stated) and kind != LabelKind.NAMES
    if not as_name and not as_position:
        named = kind == LabelKind.NAMES or (kind is None and bool(names) and not position)
        known = place if named else position
        row = next(row for row, text in enumerate(stated) if text not in known)
        return f"labels: row {row}: {stated[row]!r} is {'the name' if named else 'no position'}"
    if as_name and as_position:
        for text in stated:
            if place[text] != position[text]:
                return f"labels: {text!r} could be the name of class {place[text]}, or"
    return [place[text] if as_name else position[text] for text in stated]


@pytest.mark.parametrize("kind", [None, *LabelKind])
@pytest.mark.parametrize("names", [(), ("a", "b"), ("1", "0"), ("0", "1"), ("x", "1")])
def test_each_column_of_few_labels_means_what_it_says(
    names: tuple[str, ...], kind: LabelKind | None
) -> None:
    """In a column of a table, in a file with a header row, and in one without."""
    for stated in product(["a", "x", "y", "0", "1", "01", "2"], repeat=3):
        due = plainly_numbered(stated, 2, names, kind)
        head = ",".join([*(names or ("p", "q")), "truth"])
        rows = "".join(f"1,1,{text}\n" for text in stated)
        header = TableOptions(label_column="truth", header=True)
        # The names of columns are names of classes; where there are none, nothing is one.
        column = read_table(io.BytesIO(f"{head}\n{rows}".encode()), "counts", header).labels
        assert column is not None
        alone = "".join(f"{text}\n" for text in stated).encode()
        sources = [
            column,
            read_labels(io.BytesIO(alone), "labels", 3, names, 2),
            read_labels(io.BytesIO(b"y\n" + alone), "labels", 3, names, 2),
        ]
        for source in sources:
            try:
                found: list[int] | str = numbered(source, 2, names, kind).tolist()
            except VotesError as error:
                found = str(error)
            if isinstance(due, str):
                assert isinstance(found, str)
                assert found.startswith(due)
            else:
                assert found == due


@pytest.mark.parametrize("examples", [1, 2, 3])
def test_one_label_for_each_example_and_at_most_a_header_row(examples: int) -> None:
    for lines in range(examples + 4):
        file = io.BytesIO(b"0\n" + b"1\n" * (lines - 1) if lines else b"")
        if lines not in (examples, examples + 1):
            with pytest.raises(VotesError, match=f"one label for each of {examples} rows"):
                read_labels(file, "labels", examples, (), 2)
            continue
        found = numbered(read_labels(file, "labels", examples, (), 2), 2, (), None)
        assert found.tolist() == [0, *[1] * examples][lines - examples :][:examples]


@pytest.mark.usefixtures("small_blocks")
def test_a_large_file_of_labels(tmp_path: Path) -> None:
    counts = counts_of(ROWS)
    np.savez(tmp_path / "votes.npz", counts=counts)
    truth = counts.argmax(axis=1)
    path = tmp_path / "truth.txt"
    for first in ("", "truth\n"):
        path.write_text(first + "".join(f"{label}\n" for label in truth))
        votes = read_votes(tmp_path / "votes.npz", table=TableOptions(labels=path))
        assert isinstance(votes.labels, np.memmap)
        assert np.array_equal(votes.labels, truth)
    np.save(tmp_path / "truth.npy", truth)
    votes = read_votes(tmp_path / "votes.npz", table=TableOptions(labels=tmp_path / "truth.npy"))
    assert isinstance(votes.labels, np.memmap) is False
    assert votes.labels is not None
    assert np.array_equal(votes.labels, truth)
    path.write_text("0\n" * (ROWS - 1) + "3\n")
    with pytest.raises(VotesError, match=rf"truth.txt: labels: row {ROWS - 1}: '3' is no position"):
        read_votes(tmp_path / "votes.npz", table=TableOptions(labels=path))
    one = np.array([[1, 2]])
    np.savez(tmp_path / "votes.npz", counts=one)
    path.write_text("1\n")
    found = read_votes(tmp_path / "votes.npz", table=TableOptions(labels=path)).labels
    assert found is not None
    assert found.tolist() == [1]
    path.write_text("")
    with pytest.raises(VotesError, match="does not hold one label for each of 1 rows"):
        read_votes(tmp_path / "votes.npz", table=TableOptions(labels=path))

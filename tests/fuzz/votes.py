"""The readers of votes, .csv in its dialects, .npy and .npz, on bytes that strangers sent."""

import csv
import io
import json
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.untrusted.errors import VotesError
from bagcert.fastpath.untrusted.table_options import LabelKind, TableOptions
from bagcert.fastpath.votes.file import read_votes, store_votes
from bagcert.fastpath.votes.header import VotesHeader
from bagcert.fastpath.votes.predictions import count_predictions, digest_rows
from bagcert.fastpath.votes.votes import Votes
from tests.fuzz.archives import npy, repacked, zipped
from tests.fuzz.changes import Change, changed_at_random
from tests.fuzz.findings import one_line, require

TABLES = Path(__file__).parents[1] / "vectors" / "votes"
#: How a table may be read: an input's first byte chooses the ending and one of these.
DIALECTS: tuple[dict[str, Any], ...] = (
    {},
    {"header": True},
    {"header": False},
    {"separator": "semicolon"},
    {"separator": "tab", "header": True},
    {"label_column": "truth"},
    {"label_column": "truth", "label_kind": LabelKind.NAMES},
    {"label_column": "label", "label_kind": LabelKind.POSITIONS, "separator": "comma"},
    {"index_column": "", "drop_columns": ("total",)},
    {"keep_columns": ("",)},
    {"header": False, "label_column": "3"},
)
#: What an input is; "labels" stand beside LABELLED.
ENDS = (".csv", ".npz", ".npy", ".csv", "labels", "predictions", "predictions.npy", ".npz")
LABELLED = b"a,b,c\n3,1,0\n0,4,0\n2,1,1\n"


def seeds() -> list[bytes]:
    """The tables of the vectors and of R, pandas and spreadsheets; arrays and archives of votes."""
    found = []
    for path in sorted(TABLES.glob("*.csv")):
        text = path.read_bytes()
        found += [first(0, dialect) + text for dialect in range(len(DIALECTS))]
        found.append(first(4) + text)
    found += [first(4) + text for text in (b"0\n1\n0\n", b"a\nb\nc\n", b"truth\n0\n1\n2\n")]
    predictions = b"0,1,1\n0,1,2\n2,1,0\n"
    found += [first(5) + predictions, first(5) + LABELLED]
    counts = np.array([[3, 1, 0], [0, 4, 0], [2, 1, 1]])
    kinds = ("<i8", ">i4", "|u1", "<u2", "<f8", "|b1", "<u8")
    found += [first(2) + npy(counts.astype(kind)) for kind in kinds]
    found += [first(2) + npy(np.asfortranarray(counts)), first(6) + npy(counts % 3)]
    # Labels that another order, or fewer bits, would turn into other labels.
    wide = np.array([[0, 1, 2], [2, 1, 1]])
    found += [first(6) + npy(np.asfortranarray(wide)), first(6) + npy(wide + 2**32)]
    found += [first(1) + content for content in archives()]
    return found


def archives() -> list[bytes]:
    """Votes with a header, predictions and digests; the same compressed; some that are wrong."""
    predictions = np.array([[0, 1, 0], [0, 1, 0], [0, 1, 2], [1, 1, 1]], np.int32)
    counts = count_predictions(predictions, 3)
    header = VotesHeader(
        n=50, k=3, models=4, classes=3, seed=7, learner="x", class_names=("a", "b", "c"),
        learner_settings={"x": "1"}, dataset_digest="0" * 64, ignores_seed=True,
    )  # fmt: skip
    votes = Votes(counts, np.array([0, 1, 2]), predictions, digest_rows(predictions), header)
    found = []
    for narrow in (False, True):
        file = io.BytesIO()
        store_votes(votes, file, narrow=narrow)
        found.append(file.getvalue())
    arrays = {"counts": npy(counts), "labels": npy(np.array([0, 1, 2]))}
    text = npy(np.array(header.text()))
    found += [zipped(arrays), zipped(arrays, compressed=True), zipped(arrays | {"header": text})]
    found.append(zipped({"predictions": npy(predictions), "header": text}, compressed=True))
    return found


def first(end: int, dialect: int = 0) -> bytes:
    """The byte that chooses how the rest is read."""
    return bytes([end + 8 * dialect])


def target(content: bytes, folder: Path) -> str:
    """Read the votes as the first byte says, and hold what was read against a second reading.

    Raises:
        Finding: an error of another kind than the project's, or no line; numbers that are not
            those of the file.
    """
    kind, text = content[0] if content else 0, content[1:]
    end, options = ENDS[kind % 8], dict(DIALECTS[kind // 8 % len(DIALECTS)])
    path = folder / f"votes{end if end.startswith('.') else Path(end).suffix or '.csv'}"
    path.write_bytes(text)
    stated: dict[str, Any] = {}
    if end == "labels":
        path, options["labels"] = folder / "counts.csv", path
        path.write_bytes(LABELLED)
    if end.startswith("predictions"):
        stated = {"predictions": True, "classes": 3, "n": 50, "k": 3}
    if not path.name.endswith(".csv"):
        options = {}
    try:
        votes = read_votes(path, table=TableOptions(**options), **stated)
    except VotesError as error:
        one_line(error, str(folder))
        return f"{end}, refused"
    require(bool((votes.counts.sum(axis=1) == votes.models).all()), "rows of different sums")
    require(bool((votes.counts >= 0).all()), "a negative count")
    if votes.labels is not None:
        inside = (votes.labels >= 0) & (votes.labels < votes.counts.shape[1])
        require(bool(inside.all()), "a label that is no class")
    read = votes.counts if votes.predictions is None else votes.predictions
    if end in (".npz", ".npy", "predictions.npy"):
        same_arrays(votes, text)
    elif end != "labels":
        require(stands_in(read, text), "numbers that do not stand in the table")
    if end == ".npz":
        reread(votes, folder)
    return f"{end}, read"


def same_arrays(votes: Votes, content: bytes) -> None:
    """Require that numpy reads the same numbers."""
    found = np.load(io.BytesIO(content), allow_pickle=False)
    if isinstance(found, np.ndarray):
        read = votes.counts if votes.predictions is None else votes.predictions
        require(np.array_equal(read, found), "numpy reads another array")
        return
    for name in found.files:
        if name == "header":
            require(votes.header is not None, "a header that was left out")
            stated = json.loads(str(found[name]))
            stated.pop("format")
            text = json.loads(votes.header.text() if votes.header else "{}")
            require({**text, **stated} == text, "another header")
        else:
            require(np.array_equal(getattr(votes, name), found[name]), f"numpy: other {name}")


def stands_in(read: NDArray[Any], text: bytes) -> bool:
    """Whether each row's numbers stand in this order in one of the last lines of a table.

    The table is read as plainly as can be: each cell a float, with a point or a comma.
    """
    lines = text.decode("utf-8-sig").replace("\r\n", "\n").rstrip("\n \t").split("\n")
    lines = [line for line in lines if line.strip()]
    for row, line in zip(read, lines[len(lines) - len(read) :], strict=True):
        if not any(
            in_order(row.tolist(), next(csv.reader([line], delimiter=sign))) for sign in ",;\t"
        ):
            return False
    return True


def in_order(numbers: list[int], cells: list[str]) -> bool:
    rest = iter(cells)
    return all(any(is_number(cell, number) for cell in rest) for number in numbers)


def is_number(cell: str, number: int) -> bool:
    try:
        return float(cell.strip().replace(",", ".")) == float(number)
    except ValueError:
        return False


def reread(votes: Votes, folder: Path) -> None:
    """Require that what is written of the votes is read as the same votes."""
    path = folder / "again.npz"
    with path.open("wb") as file:
        store_votes(votes, file)
    again = read_votes(path)
    require(again.digest == votes.digest and again.header == votes.header, "written differently")


def mutated(content: bytes, drawn: Random, change: Change = changed_at_random) -> bytes:
    """Bytes edited blindly; a member of an archive edited, and packed again; another dialect."""
    head, text = content[:1] or b"\0", content[1:]
    if drawn.random() < 0.15:
        head = bytes([drawn.randrange(8 * len(DIALECTS))])
    if ENDS[head[0] % 8] == ".npz" and drawn.random() < 0.8:
        return head + repacked(text, drawn, change)
    if ENDS[head[0] % 8] == ".csv" and drawn.random() < 0.4:
        head, text = drawn.choice((b"\0", b"\0", head)), table(drawn)
    for _ in range(drawn.choice((0, 1, 1, 2, 4))):
        text = change(text, drawn)
    return head + text


def table(drawn: Random) -> bytes:
    """A text table of counts in some dialect: names, row names, labels, quotes, line ends."""
    rows, columns = drawn.randrange(1, 5), drawn.randrange(2, 5)
    models = drawn.choice((1, 3, 20, 100_000))
    sign, point = drawn.choice(((",", "."), (";", "."), (";", ","), ("\t", ".")))
    names = drawn.choice(
        (None, ["a", "b", "c", "d"], ["0", "1", "2", "3"], ["total", "x", "y", "z"])
    )
    places = drawn.choice((None, None, ["0", "1", "2", "3"], ["1", "2", "3", "4"], [*"wxyz"]))
    truth = drawn.choice((None, None, "truth", "label"))
    spelling = drawn.choice(("{}", "{}", "{}.0", '"{}"', "{}e0", "{:.0e}", "0{}", " {}"))
    lines = []
    if names is not None:
        head = ([""] if places is not None else []) + names[:columns] + ([truth] if truth else [])
        lines.append([drawn.choice(("{}", '"{}"')).format(name) for name in head])
    for row in range(rows):
        step = max(1, models // 20)  # so that R would write 2e+04
        cuts = sorted(drawn.randrange(0, models + 1, step) for _ in range(columns - 1))
        ends = [0, *cuts, models]
        counts = [high - low for low, high in pairwise(ends)]
        cells = [spelling.format(count).replace(".", point) for count in counts]
        if places is not None:
            cells.insert(0, places[row])
        if truth:
            cells.append(drawn.choice((names or ["0", "1"])[:columns]))
        lines.append(cells)
    end = drawn.choice(("\n", "\r\n"))
    text = end.join(sign.join(cells) for cells in lines) + drawn.choice(("", end, end + end))
    return text.encode(drawn.choice(("utf-8", "utf-8-sig")))

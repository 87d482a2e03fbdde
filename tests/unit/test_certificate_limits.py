"""Certificates at the ends of their domains, and what a reader says of lines at fault."""

import gzip
import random
from collections import Counter
from dataclasses import FrozenInstanceError, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from bagcert.reference import (
    Attack,
    CertificateError,
    Header,
    Method,
    Residual,
    Row,
    certify,
    read_certificate,
    write_certificate,
)
from bagcert.reference.algorithm1 import Certificate
from bagcert.reference.bounds import Abstention, Reason
from bagcert.reference.certificate import reader, schema
from bagcert.reference.certificate.held import held
from bagcert.reference.certificate.schema import (
    CertificateFile,
    certified_accuracy,
    checked_row,
    encode_header,
    encode_line,
)

HALF = Fraction(1, 2)
OUTCOME = Certificate(
    label=0, runner_up=1, p_lower=HALF, p_upper=HALF, radius=3, worst_size=10
)  # as if; only the kernel judges it


def header(**changes: Any) -> Header:
    fields: dict[str, Any] = {
        "n": 10, "k": 2, "classes": 3, "models": 9, "examples": 1, "alpha": Fraction(1, 9),
    }  # fmt: skip
    return Header(**fields | changes)


def row(**changes: Any) -> Row:
    return replace(Row(5, [5, 4, 0], OUTCOME, 0), **changes)


# --- headers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("examples", [1, 10**8]),
        ("alpha", [Fraction(1, 10**37), Fraction(10**19 - 1, 10**19)]),  # 40 characters
        ("class_names", [("a", "b", "c" * 256), ["", " ", "\u00df"]]),
        ("provenance", [{}, {str(i): "" for i in range(64)}, {"k" * 256: "v" * 256}]),
    ],
)
def test_a_header_may_reach_its_limits(field: str, values: list[Any]) -> None:
    for value in values:
        found = getattr(header(**{field: value}), field)
        assert found == (tuple(value) if field == "class_names" else value)


@pytest.mark.parametrize(
    ("field", "value", "error", "message"),
    [
        ("examples", 0, ValueError, "examples must be at least 1"),
        ("examples", 10**8 + 1, ValueError, "examples must be at most 100000000"),
        ("alpha", Fraction(1, 10**38), ValueError, "alpha must have at most 40 characters"),
        ("class_names", ("a", "b", "c", "c"), ValueError, "3 different strings, not 4"),
        ("class_names", ("a", "b", "c", "d"), ValueError, "3 different strings, not 4"),
        ("class_names", ("a", "b"), ValueError, "3 different strings, not 2"),
        ("class_names", ("a", "b", "b"), ValueError, "3 different strings"),
        ("class_names", ("a", "b", "c" * 257), ValueError, "at most 256 characters"),
        ("class_names", "abc", TypeError, "class_names must be strings"),
        ("class_names", ("a", "b", 1), TypeError, "class_names must be strings"),
        ("provenance", {str(i): "" for i in range(65)}, ValueError, "at most 64 keys, not 65"),
        ("provenance", {"k" * 257: ""}, ValueError, "at most 256 characters"),
        ("provenance", {"k": "v" * 257}, ValueError, "at most 256 characters"),
        ("provenance", {"k": 1}, TypeError, "string values only"),
        ("provenance", {1: "v"}, TypeError, "string values only"),
        ("provenance", [("k", "v")], TypeError, "flat object of strings"),
    ],
)
def test_a_header_beyond_its_limits_is_refused(
    field: str, value: object, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        header(**{field: value})


def test_names_in_a_header_become_members() -> None:
    found = header(method="cohen", attack="modify", residual="none")
    assert isinstance(found.method, Method)
    assert isinstance(found.attack, Attack)
    assert isinstance(found.residual, Residual)
    line = encode_header(found)
    assert (line["method"], line["attack"], line["residual"]) == ("cohen", "modify", "none")


def test_what_was_read_cannot_be_changed_and_has_no_room_for_more() -> None:
    whole = CertificateFile(header(), (row(),), None)
    for made, field in ((header(), "n"), (row(), "index"), (whole, "rows")):
        with pytest.raises(FrozenInstanceError):
            setattr(made, field, 7)
        assert not hasattr(made, "__dict__")  # of 10^8 rows none has a table of its own


# --- rows ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "low", "high"),
    [("label", 0, 2), ("radius", 0, 9), ("worst_size", 1, 20), ("truth", 0, 2),
     ("index", 5, 10**12 - 1)],
)  # fmt: skip
def test_numbers_of_a_row_reach_both_ends_and_no_further(field: str, low: int, high: int) -> None:
    for value in (low, high, low - 1, high + 1):
        own = field in ("truth", "index")
        changes: dict[str, Any] = {field: value}
        made = row(**changes) if own else row(outcome=OUTCOME._replace(**changes))
        if low <= value <= high:
            assert checked_row(made, header(), 4, with_truth=True) == made
        else:
            with pytest.raises(ValueError, match=f"^{field} must be at"):
                checked_row(made, header(), 4, with_truth=True)


def test_no_witness_and_no_truth_are_no_numbers() -> None:
    bare = row(outcome=OUTCOME._replace(worst_size=None), truth=None)
    assert checked_row(bare, header(), 4, with_truth=False) == bare
    abstained = row(outcome=Abstention(Reason.BOUNDS))
    assert checked_row(abstained, header(), 4, with_truth=True) == abstained


@pytest.mark.parametrize(
    ("counts", "message"),
    [((5, 4), "must have 3 entries, not 2"), ((5, 4, 0, 0), "must have 3 entries, not 4"),
     ((5, 3, 0), "must sum to models = 9, not 8"), ((5, 4, 1), "must sum to models = 9, not 10")],
)  # fmt: skip
def test_counts_of_other_classes_or_models_are_refused(
    counts: tuple[int, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        checked_row(row(counts=counts), header(), 4, with_truth=True)


def test_truth_stands_on_all_rows_or_on_none() -> None:
    for truth, with_truth in ((0, False), (None, True)):
        with pytest.raises(ValueError, match="truth must stand on all rows or on none"):
            checked_row(row(truth=truth), header(), 4, with_truth=with_truth)


def test_a_row_is_correct_where_it_certifies_its_truth_and_nowhere_else() -> None:
    assert row(truth=0).correct
    assert row(outcome=OUTCOME._replace(label=2), truth=2).correct
    for made in (
        row(truth=1),
        row(outcome=OUTCOME._replace(label=1), truth=0),
        row(truth=None),
        row(outcome=Abstention(Reason.BOUNDS), truth=0),
    ):
        assert made.correct is False


def test_accuracies_are_sums_from_each_radius_on(monkeypatch: pytest.MonkeyPatch) -> None:
    correct = Counter({3: 2, 11: 1, 0: 4})
    monkeypatch.setattr(schema, "MAX_RADII", 3)
    assert certified_accuracy(correct) == [[0, 7], [3, 3], [11, 1]]
    assert certified_accuracy(Counter()) == []
    monkeypatch.setattr(schema, "MAX_RADII", 2)
    with pytest.raises(ValueError, match="more than 2 distinct radii"):
        certified_accuracy(correct)


def test_a_line_holds_no_number_that_json_has_not() -> None:
    assert encode_line({"a": "\u00df"}) == b'{"a":"\\u00df"}\n'
    with pytest.raises(ValueError, match="JSON"):
        encode_line({"a": float("nan")})


# --- files ---------------------------------------------------------------------------------------


def written(path: Path, counts: Any = ((95, 5), (99, 1), (40, 60)), **changes: Any) -> bytes:
    """A file of two classes; its rows are true, and those of class 0 correct."""
    fields = {"n": 1000, "k": 10, "classes": 2, "models": 100, "examples": len(counts)}
    made = header(**fields | {"scope": "each"} | changes)
    rows = [Row(i, c, certify(c, 1000, 10, made.level), 0) for i, c in enumerate(counts)]
    write_certificate(path, made, rows)
    return path.read_bytes()


def refused(path: Path, content: bytes) -> str:
    """What is said of a file, after its name."""
    path.write_bytes(content)
    with pytest.raises(CertificateError) as caught:
        read_certificate(path)
    place, _, message = str(caught.value).partition(": ")
    assert place == str(path)
    return message


def test_each_line_at_fault_is_named_with_its_fault(tmp_path: Path) -> None:
    good = written(tmp_path / "good.jsonl")
    assert len(read_certificate(tmp_path / "good.jsonl").rows) == 3
    edits = [
        (b'"n":1000', b'"n":' + b"9" * 20, "line 1: n must be at most 1000000000000"),
        (b'"n":1000', b'"n":' + b"9" * 21, "line 1: not an integer from 0 of at most 20 digits"),
        (b"certificate/1", b"certificate/0", "line 1: format: must be"),
        (b"certificate/1", b"certificate/2", "line 1: format: must be"),
        (b'"alpha":"1/9"', b'"alpha":"2/18"', "line 1: alpha: must be p/q in lowest terms"),
        (b'"alpha":"1/9"', b'"alpha":"0.1"', "line 1: alpha: must be p/q in lowest terms"),
        (b'"index":0', b'"aside":1,"index":0', "line 2: unknown keys"),
        (b'"index":0', b'"zebra":1,"index":0', "line 2: unknown keys"),
        (b"[95,5]", b"[100]", "line 2: counts: at least two integers are due"),
        (b"[95,5]", b'[95,"5"]', "line 2: counts: at least two integers are due"),
        (b'"truth":0}\n{"index":1', b'"truth":0}\n{"index":0', "line 3: index must be at least 1"),
        (b',"truth":0}\n{"count"', b'}\n{"count"', "line 4: truth must stand on all rows"),
        (b'"count":3', b'"count":2', "line 5: count: is not that of the lines above"),
        (b'"count":3', b'"count":4', "line 5: count: is not that of the lines above"),
    ]
    for old, new, message in edits:
        assert good.count(old) >= 1, old
        said = refused(tmp_path / "bad.jsonl", good.replace(old, new, 1))
        assert said.startswith(message), (new, said)
    for content, message in (
        (b"", "line 1: the file ends before its summary"),
        (good[: good.rindex(b'{"count"')], "line 5: the file ends before its summary"),
        (good[:-1], "line 5: no newline"),
        (good + b"\n", "line 6: bytes follow the summary"),
        (b"\xc3\x9f" + good, "line 1: not ASCII"),
        (b"[]\n", "line 1: a JSON object is due"),
    ):
        assert refused(tmp_path / "bad.jsonl", content) == message


def test_a_summary_may_be_longer_than_other_lines_by_its_radii(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = written(tmp_path / "c.jsonl")
    summary = good.splitlines(keepends=True)[-1]
    pairs = read_certificate(tmp_path / "c.jsonl").certified_accuracy
    assert pairs is not None
    assert len(pairs) == 2
    monkeypatch.setattr(reader, "MAX_LINE", 9)  # of the summary; other lines keep their limit
    monkeypatch.setattr(reader, "RADIUS_BYTES", 10)
    monkeypatch.setattr(reader, "SUMMARY_BYTES", len(summary) - 20)
    assert read_certificate(tmp_path / "c.jsonl").certified_accuracy == pairs
    monkeypatch.setattr(reader, "SUMMARY_BYTES", len(summary) - 21)
    due = f"line 5: the line is longer than {len(summary) - 1} bytes"
    assert refused(tmp_path / "c.jsonl", good) == due


@pytest.mark.parametrize("block", [1, 7, 2**16])
def test_a_member_is_read_in_whatever_blocks_and_nothing_may_follow(
    block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = written(tmp_path / "c.jsonl")
    due, member = read_certificate(tmp_path / "c.jsonl"), gzip.compress(whole)
    monkeypatch.setattr(reader, "_BLOCK", block)
    (tmp_path / "c.gz").write_bytes(member)
    assert read_certificate(tmp_path / "c.gz") == due
    for more in (b"\0", b"\n", gzip.compress(b"")):
        said = refused(tmp_path / "more.gz", member + more)
        assert said.endswith("something follows the gzip member")
    assert refused(tmp_path / "less.gz", member[:-1]).endswith("the gzip member is truncated")


def test_gzip_may_refer_back_as_far_as_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same text again more than 16 KiB and less than gzip's 32 KiB later."""
    rng = random.Random(7)
    keys, values = ([rng.randbytes(n).hex() for _ in range(64)] for n in (45, 128))
    values[-1] = values[0]
    notes = dict(zip(keys, values, strict=True))
    whole = written(tmp_path / "c.jsonl", provenance=notes)
    first, last = whole.index(values[0].encode()), whole.rindex(values[0].encode())
    assert 2**14 < last - first < 2**15
    (tmp_path / "c.gz").write_bytes(gzip.compress(whole))
    monkeypatch.setattr(reader, "_BLOCK", 2**10)
    assert read_certificate(tmp_path / "c.gz").header.provenance == notes


def test_a_packed_file_has_no_name_and_no_time(tmp_path: Path) -> None:
    """So that equal content is equal bytes: of gzip's header, flags and time are zero."""
    packed = written(tmp_path / "c.jsonl.gz")
    assert packed[:8] == b"\x1f\x8b\x08" + bytes(5)
    assert gzip.decompress(packed) == written(tmp_path / "c.jsonl")


def test_rows_beyond_those_of_the_header_are_refused(tmp_path: Path) -> None:
    made = header(n=1000, k=10, classes=2, models=100, scope="each")
    rows = [Row(i, (95, 5), certify((95, 5), 1000, 10, made.level)) for i in range(2)]
    with pytest.raises(ValueError, match="rows must number examples = 1, not 2"):
        write_certificate(tmp_path / "c", made, rows)
    assert list(tmp_path.iterdir()) == []


def test_rows_are_taken_one_by_one_from_the_first_each_time(tmp_path: Path) -> None:
    written(tmp_path / "c.jsonl")
    with held(tmp_path / "c.jsonl") as kept:
        due = kept.read()
        for _ in range(2):
            found, rows = kept.iterate()
            assert (found, tuple(rows)) == (due.header, due.rows)

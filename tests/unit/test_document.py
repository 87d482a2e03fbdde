"""The certificate file: round trips, refusals, and nothing half-written."""

import gzip
import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from bagcert.reference import (
    CertificateError,
    Header,
    Row,
    certify,
    check_certificate,
    read_certificate,
    write_certificate,
)
from bagcert.reference.arithmetic.spelling import grid_point, spell_grid_point
from bagcert.reference.terminal.outputs import OutputError

COUNTS = ([95, 5, 0], [50, 50, 0], [0, 100, 0], [1, 2, 97], [40, 35, 25])


def example(scope: str = "each", truth: bool = True) -> tuple[Header, list[Row]]:
    header = Header(
        1000, 10, 3, 100, len(COUNTS), Fraction(1, 1000), scope=scope,  # type: ignore[arg-type]
        class_names=("a", "ß", 'c"'), provenance={"by": "test"},
    )  # fmt: skip
    rows = [
        Row(i, counts, certify(counts, 1000, 10, header.level), i % 3 if truth else None)
        for i, counts in enumerate(COUNTS)
    ]
    return header, rows


@pytest.mark.parametrize("truth", [True, False])
@pytest.mark.parametrize("name", ["c.jsonl", "c.jsonl.gz"])
def test_what_is_written_is_read_and_valid(tmp_path: Path, name: str, truth: bool) -> None:
    header, rows = example(truth=truth)
    path = tmp_path / name
    write_certificate(path, header, iter(rows))
    file = read_certificate(path)
    assert file.header == header
    assert [row.outcome for row in file.rows] == [row.outcome for row in rows]
    assert check_certificate(path).status == "VALID"
    again = tmp_path / f"again{name}"
    write_certificate(again, file.header, file.rows)
    assert again.read_bytes() == path.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([name, again.name])


def test_certified_accuracy_counts_correct_rows_from_each_radius_on(tmp_path: Path) -> None:
    header, rows = example()
    write_certificate(tmp_path / "c", header, rows)
    pairs = read_certificate(tmp_path / "c").certified_accuracy
    assert pairs is not None
    correct = [row.outcome.radius for row in rows if row.correct]  # type: ignore[union-attr]
    assert correct  # the example has some
    assert pairs == tuple((r, sum(x >= r for x in correct)) for r in sorted(set(correct)))


def test_an_interrupted_write_leaves_nothing(tmp_path: Path) -> None:
    header, rows = example()

    def broken() -> Iterator[Row]:
        yield rows[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_certificate(tmp_path / "c", header, broken())
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_kept_without_force(tmp_path: Path) -> None:
    header, rows = example()
    path = tmp_path / "c"
    path.write_text("mine")
    with pytest.raises(OutputError, match="--force"):
        write_certificate(path, header, rows)
    assert path.read_text() == "mine"
    write_certificate(path, header, rows, force=True)
    assert check_certificate(path).status == "VALID"
    with pytest.raises(OutputError, match="folder"):
        write_certificate(tmp_path, header, rows, force=True)
    with pytest.raises(OutputError, match="folder"):
        write_certificate(tmp_path / "none" / "c", header, rows)


def test_rows_that_do_not_fit_are_named(tmp_path: Path) -> None:
    header, rows = example()
    first = rows[0]
    bad = [
        ("sum to models", Row(0, [94, 5, 0], first.outcome, 0)),
        ("entries", Row(0, [95, 5], first.outcome, 0)),
        ("truth", Row(0, [95, 5, 0], first.outcome, 3)),
        (r"counts\[0\]", Row(0, [95.0, 5, 0], first.outcome, 0)),  # type: ignore[list-item]
        ("index", Row(-1, [95, 5, 0], first.outcome, 0)),
    ]
    for message, row in bad:
        with pytest.raises((ValueError, TypeError), match=f"row 0: .*{message}"):
            write_certificate(tmp_path / "c", header, [row, *rows[1:]])
    with pytest.raises(ValueError, match="rows must number"):
        write_certificate(tmp_path / "c", header, rows[:-1])
    with pytest.raises(ValueError, match="truth must stand"):
        write_certificate(tmp_path / "c", header, [first, Row(1, [95, 5, 0], first.outcome)])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("n", 0),
        ("n", 10**13),
        ("k", 2**20),
        ("classes", 1),
        ("classes", 2**17),
        ("models", 0),
        ("models", 10**7),
        ("examples", 0),
        ("examples", 10**9),
        ("alpha", Fraction(1)),
        ("alpha", Fraction(1, 10**41)),
        ("method", "best"),
        ("scope", "some"),
        ("class_names", ("a", "a", "b")),
        ("provenance", {"a": "b", **{str(i): "" for i in range(64)}}),
    ],
)
def test_absurd_headers_are_refused_by_name(field: str, value: object) -> None:
    fields: dict[str, object] = {
        "n": 10, "k": 2, "classes": 3, "models": 9, "examples": 1, "alpha": Fraction(1, 9),
    }  # fmt: skip
    with pytest.raises(ValueError, match=rf"^{field}"):
        Header(**{**fields, field: value})  # type: ignore[arg-type]


def lines_of(tmp_path: Path) -> list[bytes]:
    header, rows = example()
    write_certificate(tmp_path / "good", header, rows)
    return (tmp_path / "good").read_bytes().splitlines(keepends=True)


@pytest.mark.parametrize(
    ("line", "old", "new", "message"),
    [
        (1, b'"n":1000', b'"n":1000.0', "line 1.*only integers"),
        (1, b'"n":1000', b'"n":NaN', "line 1.*only integers"),
        (1, b'"n":1000', b'"n":-1000', "line 1.*not an integer from 0"),
        (1, b'"n":1000', b'"n":true', "line 1.*n: must be int"),
        (1, b'"n":1000', b'"n":1000,"n":1000', "line 1.*duplicate key: 'n'"),
        (1, b'"1/1000"', b'"2/2000"', "line 1.*alpha"),
        (1, b'"1/1000"', b"0.001", "line 1.*only integers"),
        (1, b"certificate/1", b"certificate/2", "line 1.*format"),
        (1, b'"any"', b'"all"', "line 1.*attack"),
        (2, b'"index":0', b'"extra":1,"index":0', "line 2.*unknown keys"),
        (2, b'"index":0', b'"index": 0', "line 2.*canonical"),
        (2, b'"label":0', b'"label":3', "line 2.*label"),
        (2, b'"p_lower":"0x', b'"p_lower":"0X', "line 2.*p_lower"),
        (4, b'"index":2', b'"index":1', "line 4.*index"),
        (7, b'"count":5', b'"count":4', "line 7.*count"),
        (7, b'"sha256":"', b'"sha256":"0', "line 7.*sha256"),
    ],
)
def test_unreadable_lines_are_named(
    tmp_path: Path, line: int, old: bytes, new: bytes, message: str
) -> None:
    lines = lines_of(tmp_path)
    assert old in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new, 1)
    path = tmp_path / "bad"
    path.write_bytes(b"".join(lines))
    with pytest.raises(CertificateError, match=message) as caught:
        read_certificate(path)
    assert str(path) in str(caught.value)
    assert check_certificate(path).status == "MALFORMED"


def test_broken_files_are_refused(tmp_path: Path) -> None:
    lines = lines_of(tmp_path)
    whole = b"".join(lines)
    packed = gzip.compress(whole)
    broken = {
        "empty": b"",
        "truncated": whole[:-1],
        "without summary": b"".join(lines[:-1]),
        "row lost": b"".join(lines[:3] + lines[4:]),
        "reordered": b"".join([*lines[:2], lines[3], lines[2], *lines[4:]]),
        "trailing": whole + b"\n",
        "bom": b"\xef\xbb\xbf" + whole,
        "crlf": whole.replace(b"\n", b"\r\n"),
        "nested": b"[" * 100_000 + b"\n",
        "long": b" " * 2**21 + b"\n",
        "array": b"[]\n",
        "half a gzip": packed[: len(packed) // 2],
        "no gzip": b"\x1f\x8b rubbish",
        "gzip bomb": gzip.compress(b"0" * 2**26),
    }
    for name, content in broken.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(CertificateError, match=": line"):
            read_certificate(path)
        assert check_certificate(path).status == "MALFORMED", name
    with pytest.raises(CertificateError):
        read_certificate(tmp_path / "nowhere")


def test_grid_points_are_spelled_like_float_hex() -> None:
    for t in (0, 1, 2, 3, 2**52, 2**52 + 1, 2**53 - 1, 2**53):
        value = Fraction(t, 2**53)
        assert spell_grid_point(value) == float(value).hex()  # exact: every grid point is a float
        assert grid_point(spell_grid_point(value)) == value
    for text in ("0x1.0p+0", "0x1.0000000000001p+0", "0x1.0000000000001p-53", "1", "-0x0.0p+0"):
        with pytest.raises(ValueError, match="not"):
            grid_point(text)


def test_the_header_line_is_what_the_design_says(tmp_path: Path) -> None:
    fields = json.loads(lines_of(tmp_path)[0])
    assert list(fields) == [
        "format", "n", "k", "classes", "models", "examples", "alpha", "method", "scope",
        "attack", "residual", "class_names", "provenance",
    ]  # fmt: skip

"""A certificate's bytes are read once, gzip or plain, from files, pipes and links that turn."""

import gzip
import io
import os
import threading
import time
import zlib
from fractions import Fraction
from pathlib import Path

import pytest

from bagcert.reference import check_certificate, checker
from bagcert.reference.algorithm1 import certify
from bagcert.reference.arithmetic import limits
from bagcert.reference.certificate import reader, schema
from bagcert.reference.certificate.held import held
from bagcert.reference.certificate.reader import CertificateError, read_certificate, read_stream
from bagcert.reference.certificate.schema import Header, Row
from bagcert.reference.certificate.writer import write_certificate
from bagcert.reference.terminal import sources
from bagcert.reference.terminal.sources import SourceError, bytes_of


def certificate(path: Path, n: int = 1000, **header: object) -> bytes:
    made = Header(n, 10, 3, 100, 2, Fraction(1, 1000), **header)  # type: ignore[arg-type]
    rows = [
        Row(i, counts, certify(counts, n, 10, made.level), truth=0)
        for i, counts in enumerate(([95, 5, 0], [50, 50, 0]))
    ]
    write_certificate(path, made, rows)
    return path.read_bytes()


def packed(*members: bytes) -> bytes:
    return b"".join(map(gzip.compress, members))


@pytest.fixture
def whole(tmp_path: Path) -> bytes:
    return certificate(tmp_path / "good.jsonl")


def test_one_gzip_member_and_nothing_after_it_as_in_the_kernel(
    tmp_path: Path, whole: bytes
) -> None:
    path = tmp_path / "c.jsonl.gz"
    good = {"one member": packed(whole), "stored": gzip.compress(whole, 0), "plain": whole}
    for name, content in good.items():
        path.write_bytes(content)
        assert read_certificate(path) == read_certificate(tmp_path / "good.jsonl"), name
        assert check_certificate(path).status == "VALID", name
    header, rest = whole[: whole.index(b"\n") + 1], whole[whole.index(b"\n") + 1 :]
    bad = {
        "two members": packed(header, rest),
        "an empty second": packed(whole, b""),
        "an empty first": packed(b"", whole),
        "zeros after": packed(whole) + b"\0",
        "many zeros after": packed(whole) + bytes(2**17),
        "text after": packed(whole) + whole,
        "truncated": packed(whole)[:-1],
        "without its checksum": packed(whole)[:-8],
        "another checksum": packed(whole)[:-8] + bytes(8),
        "empty": packed(b""),
        "raw deflate": zlib.compress(whole),
        "two bytes": b"\x1f\x8b",
        "one byte": b"\x1f",
    }
    for name, content in bad.items():
        path.write_bytes(content)
        assert check_certificate(path).status == "MALFORMED", name
        with pytest.raises(CertificateError, match=r"c\.jsonl\.gz: line"):
            read_certificate(path)


def test_what_follows_is_seen_where_a_block_ends_with_the_member(
    tmp_path: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = gzip.compress(whole)
    monkeypatch.setattr(reader, "_BLOCK", len(member))
    (tmp_path / "c.gz").write_bytes(member)
    assert read_certificate(tmp_path / "c.gz").header.n == 1000
    (tmp_path / "c.gz").write_bytes(member + b"\0")
    with pytest.raises(CertificateError, match="something follows the gzip member"):
        read_certificate(tmp_path / "c.gz")


def test_a_long_member_is_unpacked_whole_whatever_its_blocks(tmp_path: Path) -> None:
    # Its rows are alike, so that a block of the file unpacks to many of the reader's.
    made = Header(1000, 10, 2, 100, 20_000, Fraction(1, 1000), scope=schema.Scope.EACH)
    outcome = certify([95, 5], 1000, 10, made.level)
    path = tmp_path / "long.gz"
    write_certificate(path, made, (Row(i, (95, 5), outcome) for i in range(20_000)))
    assert len(read_certificate(path).rows) == 20_000


def test_the_limits_are_the_kernels() -> None:
    assert limits.MAX_EXAMPLES == checker.MAX_N
    assert limits.MAX_LIST_BITS == checker.MAX_POWER_BITS
    assert limits.MAX_MODELS == checker.MAX_MODELS
    assert limits.MAX_CLASSES == checker.MAX_CLASSES
    assert limits.MAX_TESTED == checker.MAX_EXAMPLES
    assert schema.MAX_INDEX == checker.MAX_N - 1
    assert schema.MAX_NOTES == checker.MAX_PROVENANCE
    assert schema.MAX_LINE == checker.MAX_LINE
    assert schema.MAX_NAME == checker.MAX_TEXT
    assert schema.MAX_RADII == checker.MAX_RADII
    assert schema.SUMMARY_BYTES == checker.SUMMARY_BYTES
    assert schema.RADIUS_BYTES == checker.RADIUS_BYTES
    assert limits.MAX_RATIONAL_CHARACTERS == checker.MAX_ALPHA


@pytest.mark.parametrize("longer", [0, 1])
@pytest.mark.parametrize("where", ["key", "value", "name"])
def test_texts_have_the_same_limit_in_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, longer: int
) -> None:
    long = "x" * (schema.MAX_NAME + longer)
    headers: dict[str, dict[str, object]] = {
        "key": {"provenance": {long: ""}},
        "value": {"provenance": {"seed": long}},
        "name": {"class_names": ("a", "b", long)},
    }
    path = tmp_path / "c.jsonl"
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MAX_NAME", 10**6)
        certificate(path, **headers[where])  # type: ignore[arg-type]
    if longer:
        assert check_certificate(path).status == "MALFORMED"
        with pytest.raises(CertificateError, match=r"line 1.*at most 256 characters"):
            read_certificate(path)
    else:
        assert check_certificate(path).status == "VALID"
        read_certificate(path)


def test_too_many_distinct_radii_are_neither_written_nor_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Header(1000, 10, 2, 100, 2, Fraction(1, 1000), scope=schema.Scope.EACH)
    rows = [
        Row(i, c, certify(c, 1000, 10, made.level), 0) for i, c in enumerate(([95, 5], [99, 1]))
    ]
    write_certificate(tmp_path / "two", made, rows)
    monkeypatch.setattr(schema, "MAX_RADII", 1)
    with pytest.raises(CertificateError, match=r"line 4.*radius.*more than 1 distinct"):
        read_certificate(tmp_path / "two")
    with pytest.raises(ValueError, match="more than 1 distinct radii"):
        write_certificate(tmp_path / "again", made, rows)
    assert not (tmp_path / "again").exists()


def test_a_link_that_turns_changes_nothing(tmp_path: Path, whole: bytes) -> None:
    other = certificate(tmp_path / "other.jsonl", n=999)
    assert other != whole
    link = tmp_path / "c.jsonl"
    link.symlink_to("good.jsonl")
    with held(link) as kept:
        link.unlink()
        link.symlink_to("other.jsonl")
        assert kept.judge().status == "VALID"
        assert kept.read().header.n == 1000
        (tmp_path / "good.jsonl").write_bytes(other)  # written over in place, too
        assert kept.read().header.n == 1000
        assert kept.judge().status == "VALID"


def test_pipes_are_read_whatever_their_writer_does(tmp_path: Path, whole: bytes) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)

    def write() -> None:
        with fifo.open("wb", buffering=0) as file:
            for start in range(0, len(whole), 100):
                file.write(whole[start : start + 100])
                time.sleep(0.1)  # the reader is left waiting in between

    writer = threading.Thread(target=write)
    writer.start()
    with held(fifo) as kept:
        writer.join()
        assert kept.judge().status == "VALID"
        assert kept.read() == read_certificate(tmp_path / "good.jsonl")
    reading, writing = os.pipe()
    os.write(writing, whole)
    os.close(writing)
    assert read_certificate(f"/dev/fd/{reading}").header.n == 1000
    os.close(reading)


def test_a_fifo_without_a_writer_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "fifo")
    monkeypatch.setattr(sources, "PATIENCE", 0.0)
    with pytest.raises(SourceError, match="fifo: a pipe to which nobody writes"):
        held(tmp_path / "fifo").__enter__()
    with pytest.raises(CertificateError, match="nobody writes"):
        read_certificate(tmp_path / "fifo")


def test_what_cannot_be_taken_in_hand_is_named(
    tmp_path: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(IsADirectoryError), bytes_of(tmp_path):
        pass
    with pytest.raises(FileNotFoundError), bytes_of(tmp_path / "nowhere"):
        pass
    monkeypatch.setattr(sources, "MAX_BYTES", len(whole))
    with bytes_of(tmp_path / "good.jsonl") as file:
        assert file.read() == whole
    monkeypatch.setattr(sources, "MAX_BYTES", len(whole) - 1)
    with pytest.raises(SourceError, match="longer than"), bytes_of(tmp_path / "good.jsonl"):
        pass
    with pytest.raises(SourceError, match="longer than"), bytes_of("/dev/zero"):
        pass


def test_a_stream_is_read_from_where_it_stands(whole: bytes) -> None:
    file = io.BytesIO(b"before" + whole)
    file.seek(6)
    assert read_stream(file, "stream").header.n == 1000

"""The corpus of certificate files, judged by the kernel and read by the reader."""

import gzip
import hashlib
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from bagcert.reference import checker, read_certificate
from bagcert.reference.certificate.reader import CertificateError
from bagcert.reference.certificate.writer import write_certificate
from tests.vectors.certificates.generate import corpus
from tests.vectors.certificates.oracle import ONE

HERE = Path(__file__).parents[2] / "vectors" / "certificates"
POLICY = Path(__file__).parents[3] / "SECURITY.md"
LEAST = {"valid": 30, "invalid": 80, "malformed": 60}
FILES = sorted(path for folder in LEAST for path in (HERE / folder).glob("*.jsonl*"))


def index(folder: str) -> dict[str, list[str]]:
    """What INDEX.tsv says of each file: line, field, what it tries."""
    first, *lines = (HERE / folder / "INDEX.tsv").read_text(encoding="utf-8").splitlines()
    assert first == "file\tline\tfield\ttries"
    return {name: told for name, *told in (line.split("\t") for line in lines)}


@pytest.mark.parametrize("folder", LEAST)
def test_the_index_lists_every_file_once(folder: str) -> None:
    names = {path.name for path in FILES if path.parent.name == folder}
    assert set(index(folder)) == names
    assert len(names) >= LEAST[folder]
    assert all(tries for _, _, tries in index(folder).values())


def test_the_files_are_what_the_generator_writes() -> None:
    written = corpus()
    assert {str(path.relative_to(HERE)) for path in FILES} | {
        f"{f}/INDEX.tsv" for f in LEAST
    } == set(written)
    assert sum(map(len, written.values())) < 2**20
    for name, content in written.items():
        assert (HERE / name).read_bytes() == content, name


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_kernel_finds_what_the_index_says(path: Path) -> None:
    line, field, _ = index(path.parent.name)[path.name]
    found = checker.check(path)
    assert found.status == path.parent.name.upper(), str(found)
    assert (str(found.line or "-"), found.field or "-") == (line, field), str(found)
    assert str(found).isascii()
    assert str(found).isprintable()
    assert len(str(found)) < 400
    assert ("proven of" in found.remark) is (found.status == "VALID")


def spelled(text: str) -> bool:
    """Whether a bound is a multiple of 2^-53 from 0 to 1, spelled as Python spells a float."""
    try:
        value = float.fromhex(text)
    except OverflowError:
        return False
    return value.hex() == text and (value * ONE).is_integer() and 0 <= value <= 1


def contradiction(content: bytes) -> int | None:
    """The first line that the text alone refutes, none of its claims computed; of no malformed
    file: a value outside the format's range, what is no row, or a summary of other rows."""
    head, *rest = content.splitlines(keepends=True)
    n, correct, digest = json.loads(head)["n"], Counter[int](), hashlib.sha256(head)
    for line, text in enumerate(rest, start=2):
        try:
            found = json.loads(text)
        except ValueError:
            return line
        if "count" in found:
            pairs = [[r, sum(correct[s] for s in correct if s >= r)] for r in sorted(correct)]
            told = found["sha256"], found.get("certified_accuracy", pairs)
            return None if told == (digest.hexdigest(), pairs) else line
        r, size = found.get("radius", 0), found.get("worst_size", 1)
        bounds = [found[key] for key in ("p_lower", "p_upper") if key in found]
        if not (all(map(spelled, bounds)) and r < n and 1 <= size <= 2 * n):
            return line
        digest.update(text)
        if "truth" in found and found.get("label") == found["truth"]:
            correct[r] += 1
    raise ValueError("no summary: a malformed file")


def text_of(path: Path) -> bytes:
    """A file's bytes, unpacked if they are packed."""
    content = path.read_bytes()
    return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_reader_refuses_what_the_text_alone_refutes(path: Path, tmp_path: Path) -> None:
    """It reads the others, true or false, and writes each again as it was."""
    folder = path.parent.name
    if folder == "malformed":
        line, _, _ = index(folder)[path.name]
    else:
        line = str(contradiction(text_of(path)) or "")
    if line:
        with pytest.raises(CertificateError, match=f"^{re.escape(str(path))}: line {line}: "):
            read_certificate(path)
    else:
        found = read_certificate(path)
        assert len(found.rows) == found.header.examples
        write_certificate(tmp_path / "again.jsonl", found.header, found.rows)
        assert (tmp_path / "again.jsonl").read_bytes() == text_of(path)


def test_what_the_reader_says_of_false_files_is_of_both_kinds() -> None:
    """A rule that found no contradiction, or one everywhere, would hold nothing to it."""
    places = Counter(
        contradiction(text_of(path)) for path in FILES if path.parent.name == "invalid"
    )
    assert min(places[None], places[2], places[8]) >= 10
    assert not any(contradiction(text_of(path)) for path in FILES if path.parent.name == "valid")


def test_the_security_policy_counts_these_files() -> None:
    """And each folder's size is what it says."""
    told = re.findall(
        r"^\| corpus \| (\d+) valid, (\d+) invalid and (\d+) malformed files",
        POLICY.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert told == [tuple(str(len(index(folder))) for folder in LEAST)]

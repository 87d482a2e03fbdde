"""The corpus of certificate files, judged by the kernel and read by the reader."""

import re
from contextlib import nullcontext, suppress
from pathlib import Path

import pytest

from bagcert.reference import checker, read_certificate
from bagcert.reference.certificate.reader import CertificateError
from tests.vectors.certificates.generate import corpus

HERE = Path(__file__).parents[2] / "vectors" / "certificates"
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


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_reader_reads_no_file_that_is_malformed(path: Path) -> None:
    """It may refuse a false one early, in its own error; it reads every true one."""
    folder = path.parent.name
    if folder == "malformed":
        # Damage to gzip is seen where either looks ahead.
        line, _, _ = index(folder)[path.name]
        place = str(path) if path.suffix == ".gz" else f"{path}: line {line}: "
        with pytest.raises(CertificateError, match=re.escape(place)):
            read_certificate(path)
    else:
        with nullcontext() if folder == "valid" else suppress(CertificateError):
            found = read_certificate(path)
            assert len(found.rows) == found.header.examples

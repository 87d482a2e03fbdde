"""``bagcert audit`` of several files, and every command that reads one of standard input."""

import gzip
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from bagcert.fastpath.audit import findings
from bagcert.fastpath.datasets import Dataset, load_dataset
from bagcert.reference.certificate.held import held
from bagcert.reference.certificate.reader import read_certificate
from bagcert.reference.terminal import sources
from tests.command import bagcert


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """true.jsonl is VALID, false.jsonl INVALID, empty.jsonl MALFORMED; there is no no.jsonl."""
    monkeypatch.chdir(tmp_path)
    Path("v.csv").write_text("990,10\n700,300\n501,499\n")
    assert bagcert(*["certify", "v.csv", "--n", "60000", "--k", "100", "-o", "true.jsonl"])[0] == 0
    text = Path("true.jsonl").read_text()
    Path("false.jsonl").write_text(text.replace('"radius":384', '"radius":385'))
    Path("empty.jsonl").touch()


def test_each_line_names_its_file_and_the_last_counts() -> None:
    status, out, error = bagcert("audit", "true.jsonl", "false.jsonl", "empty.jsonl", "no.jsonl")
    assert status == 2
    assert out.splitlines() == [
        "true.jsonl: VALID 3 examples, 1 abstain",
        "false.jsonl: INVALID line 2, radius: is 385, should be 384 (unsound)",
        "empty.jsonl: MALFORMED line 1: a line is missing",
        "no.jsonl: MALFORMED cannot be read: No such file or directory",
        "4 files: 1 VALID, 1 INVALID, 2 MALFORMED",
    ]
    assert [line.partition("; provenance")[0] for line in error.splitlines()] == [
        "bagcert: true.jsonl: not judged: counts, n and k are taken as given",
        "bagcert: true.jsonl: proven of each example: Pr(issued and wrong) <= a, a = 1/1000 / 3",
    ]


@pytest.mark.parametrize(
    ("names", "status"),
    [
        (("true", "true"), 0),
        (("true", "false"), 1),
        (("false", "true"), 1),
        (("empty", "true"), 2),
        (("empty", "false", "true"), 2),
        (("true", "no"), 2),
    ],
)
def test_the_worst_file_decides(names: tuple[str, ...], status: int) -> None:
    found, out, _ = bagcert("audit", *(f"{name}.jsonl" for name in names))
    assert found == status
    alone = [bagcert("audit", f"{name}.jsonl")[0] for name in names]
    assert found == max(alone)
    assert out.splitlines()[-1].startswith(f"{len(names)} files: ")


def test_what_differs_in_a_valid_file_is_counted_and_decides() -> None:
    assert bagcert(*["certify", "v.csv", "--n", "6000", "--k", "100", "-o", "other.jsonl"])[0] == 0
    status, out, _ = bagcert("audit", "true.jsonl", "other.jsonl", "--n", 60000)
    assert status == 1
    assert "true.jsonl: AGREES n: 60000, as in --n" in out
    assert "other.jsonl: DIFFERS n: the certificate has 6000, --n has 60000" in out
    assert out.endswith("2 files: 2 VALID, 0 INVALID, 0 MALFORMED; 1 VALID with differences\n")


def test_json_has_each_file_as_if_alone_and_the_counts() -> None:
    status, out, _ = bagcert("audit", "true.jsonl", "false.jsonl", "no.jsonl", "--json", "--k", 3)
    found = json.loads(out)
    assert (status, found["valid"], found["invalid"], found["malformed"]) == (2, 1, 1, 1)
    assert [one.pop("file") for one in found["files"]] == [
        "true.jsonl", "false.jsonl", "no.jsonl",
    ]  # fmt: skip
    for name, one in zip(("true", "false"), found["files"], strict=False):
        assert json.loads(bagcert("audit", f"{name}.jsonl", "--json", "--k", 3)[1]) == one
    assert found["files"][2]["verdict"] == "MALFORMED"


def test_data_are_read_once_and_compared_with_each_valid_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[str] = []

    def load(name: str, *given: object, **named: object) -> Dataset:
        read.append(name)
        return load_dataset(name)

    monkeypatch.setattr(findings, "load_dataset", load)
    assert bagcert("audit", "false.jsonl", "no.jsonl", "--data", "digits")[0] == 2
    assert read == []  # nothing is VALID, so that nothing is compared
    status, out, _ = bagcert("audit", "true.jsonl", "false.jsonl", "true.jsonl", "--data", "digits")
    assert (status, read) == (1, ["digits"])
    assert out.count("true.jsonl: DIFFERS n: the certificate has 60000, digits has 1437\n") == 2


def test_votes_are_those_of_one_file() -> None:
    status, out, error = bagcert("audit", "true.jsonl", "true.jsonl", "--votes", "v.csv")
    assert (status, out) == (2, "")
    assert error == (
        "bagcert: error: --votes: is compared with one certificate; "
        "type: bagcert audit FILE --votes v.csv\n"
    )
    assert bagcert("audit", "true.jsonl", "--votes", "v.csv")[0] == 0


@pytest.mark.parametrize("name", ["true", "false", "empty"])
def test_standard_input_has_the_verdict_of_the_file(name: str) -> None:
    content = Path(f"{name}.jsonl").read_bytes()
    expected = bagcert("audit", f"{name}.jsonl")
    assert bagcert("audit", "-", given=content) == expected
    if name != "empty":
        assert bagcert("audit", "-", given=gzip.compress(content)) == expected
    # Judged, then read again: what is compared are the same bytes.
    options = ("--votes", "v.csv", "--json")
    assert bagcert("audit", "-", *options, given=content) == bagcert(
        "audit", f"{name}.jsonl", *options
    )


@pytest.mark.parametrize("line", ["explain {} --index 0", "diff {} true.jsonl --json", "report {}"])
def test_every_reader_takes_standard_input(line: str) -> None:
    content = Path("true.jsonl").read_bytes()
    named = bagcert(*line.format("true.jsonl").split())
    status, out, error = bagcert(*line.format("-").split(), given=content)
    assert (status, out, error) == named
    assert status == 0


def test_a_table_of_standard_input() -> None:
    content = Path("true.jsonl").read_bytes()
    assert bagcert("export", "-", "-o", "a.csv", given=content)[0] == 0
    assert bagcert("export", "true.jsonl", "-o", "b.csv")[0] == 0
    assert Path("a.csv").read_bytes() == Path("b.csv").read_bytes()


@pytest.mark.parametrize("line", ["audit - -", "diff - -", "report - --with - --plot p.png"])
def test_standard_input_is_named_once(line: str) -> None:
    status, out, error = bagcert(*line.split(), given=Path("true.jsonl").read_bytes())
    assert (status, out) == (2, "")
    assert error == "bagcert: error: -: standard input can be read once; name it once\n"


def test_a_page_needs_a_name() -> None:
    status, _, error = bagcert("report", "-", "-o", "p.html", given=b"")
    assert status == 2
    assert "save - as a file first" in error
    assert not Path("p.html").exists()


def test_standard_input_has_the_limit_of_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    content = Path("true.jsonl").read_bytes()
    monkeypatch.setattr(sources, "MAX_BYTES", len(content))
    assert bagcert("audit", "-", given=content)[0] == 0
    monkeypatch.setattr(sources, "MAX_BYTES", len(content) - 1)
    status, out, error = bagcert("audit", "-", given=content)
    assert (status, out) == (2, "")
    assert error == f"bagcert: error: -: longer than {len(content) - 1} bytes\n"


def test_a_pipe_that_does_not_wait_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    content = Path("true.jsonl").read_bytes()
    read, write = os.pipe()
    os.set_blocking(read, False)
    left = [content[:100], content[100:]]

    def meanwhile(seconds: float) -> None:
        os.write(write, left.pop(0))
        if not left:
            os.close(write)

    monkeypatch.setattr("time.sleep", meanwhile)
    with open(read) as given:
        monkeypatch.setattr("sys.stdin", given)
        with held("-") as kept:
            assert kept.judge().status == "VALID"
            assert kept.read() == read_certificate("true.jsonl")
    assert not left


def test_standard_input_that_is_closed_is_no_other_file() -> None:
    line = f"{shlex.quote(sys.executable)} -m bagcert audit - <&-"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "bagcert: error: -: standard input is closed; name a file\n"

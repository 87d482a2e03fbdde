"""``bagcert audit --second-opinion``: both verdicts are said, and what follows from them."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from bagcert.fastpath.audit import second
from bagcert.proofs_checks import second_opinion as module
from bagcert.proofs_checks.second_opinion import BINARY
from tests.command import bagcert

CORPUS = Path(__file__).parents[1] / "vectors" / "certificates"
TRUE = CORPUS / "valid" / "none-correct.jsonl"
FALSE = CORPUS / "invalid" / "accuracy-less.jsonl"
BROKEN = CORPUS / "malformed" / "accuracy-single.jsonl"
NAME = "bagcert_judge (proved in Coq)"
built = pytest.mark.skipif(not BINARY.exists(), reason="run `make proofs`")


def audit(*args: object) -> tuple[int, str, str]:
    return bagcert("audit", *args, "--second-opinion")


def says(folder: Path, answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program that reads all and gives this answer in the judge's place."""
    judge = folder / "judge"
    judge.write_text(f"#!/bin/sh\ncat >/dev/null\necho {answer}\n")
    judge.chmod(0o755)
    judge.with_suffix(".sources").write_text(module.made_from())
    monkeypatch.setattr(module, "BINARY", judge)


@built
@pytest.mark.parametrize(
    ("path", "status", "kernel", "other"),
    [
        (TRUE, 0, "VALID", "VALID"),
        (FALSE, 1, "INVALID, line 8, certified_accuracy", "INVALID, line 8, certified_accuracy"),
        (BROKEN, 2, "MALFORMED, line 8, certified_accuracy", "MALFORMED, line 8"),
    ],
)
def test_both_verdicts_are_said(path: Path, status: int, kernel: str, other: str) -> None:
    found, out, error = audit(path)
    first, last = out.splitlines()
    assert found == status
    assert first.startswith(kernel.partition(",")[0])
    assert last == f"AGREES second opinion: the kernel says {kernel}; {NAME} says {other}"
    assert "report" not in error


@built
def test_a_gzip_member_and_a_pipe_are_judged_as_their_text(tmp_path: Path) -> None:
    packed = tmp_path / "c.jsonl.gz"
    packed.write_bytes(gzip.compress(TRUE.read_bytes()))
    assert audit(packed)[0] == 0
    piped = subprocess.run(
        [sys.executable, "-m", "bagcert", "audit", "/dev/stdin", "--second-opinion"],
        input=TRUE.read_bytes(),
        capture_output=True,
    )
    assert piped.returncode == 0
    assert piped.stdout.splitlines()[1].startswith(b"AGREES second opinion")


@built
def test_several_files_are_each_said_twice() -> None:
    status, out, _ = audit(TRUE, FALSE)
    lines = out.splitlines()
    assert status == 1
    assert [line.split(": ")[1].split()[0] for line in lines[:4]] == [
        "VALID", "AGREES", "INVALID", "AGREES",
    ]  # fmt: skip
    assert lines[-1] == "2 files: 1 VALID, 1 INVALID, 0 MALFORMED"


@pytest.mark.parametrize(
    ("path", "kernel", "answer", "told"),
    [
        (TRUE, "VALID", "INVALID 2 label", "INVALID, line 2, label"),
        (FALSE, "INVALID, line 8, certified_accuracy", "VALID", "VALID"),
        (FALSE, "INVALID, line 8, certified_accuracy", "INVALID 7 label", "INVALID, line 7, label"),
        (BROKEN, "MALFORMED, line 8, certified_accuracy", "VALID", "VALID"),
    ],
)
def test_a_difference_is_status_1_and_is_to_be_reported(
    path: Path, kernel: str, answer: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(tmp_path, answer, monkeypatch)
    status, out, error = audit(path)
    assert status == 1
    assert f"DIFFERS second opinion: the kernel says {kernel}; {NAME} says {told}\n" in out
    assert "one of the two checkers is wrong: please report this file, as SECURITY.md says" in error
    status, out, _ = audit(path, "--json")
    found = json.loads(out)
    assert status == 1
    assert [item["outcome"] for item in found["compared"]] == ["differs"]
    assert found["differences"][0].startswith("second opinion: the kernel says")


def test_what_is_not_built_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BINARY", tmp_path / "absent")
    status, out, error = audit(TRUE)
    assert (status, out) == (2, "")
    assert error == (
        f"bagcert: error: {tmp_path}/absent: the second checker is not built; "
        "type, in a clone: make proofs\n"
    )


@pytest.mark.parametrize("record", ["other", "without", "none"])
def test_a_checker_of_other_sources_is_not_asked(
    record: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(tmp_path, "VALID", monkeypatch)
    first, *rest = module.made_from().splitlines(keepends=True)
    match record:
        case "other":  # one digit of one digest
            text = ("1" if first[0] == "0" else "0") + first[1:] + "".join(rest)
            (tmp_path / "judge.sources").write_text(text)
        case "without":  # a source that was not there then
            (tmp_path / "judge.sources").write_text("".join(rest))
        case "none":
            (tmp_path / "judge.sources").unlink()
    status, out, error = audit(TRUE)
    assert (status, out) == (2, "")
    assert error == (
        f"bagcert: error: {tmp_path}/judge: the second checker was built from other sources than "
        "those here; type: make proofs\n"
    )


@built
def test_what_the_checker_was_made_from_is_what_make_wrote() -> None:
    assert BINARY.with_suffix(".sources").read_text() == module.made_from()
    assert "  Statements.v\n" in module.made_from()
    assert module.made_from().count("  second/") == 3


def test_no_verdict_is_neither_agreement_nor_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(tmp_path, "UNDECIDED 3", monkeypatch)
    status, out, error = audit(TRUE)
    assert (status, out) == (2, "")
    assert error.startswith("bagcert: error: the second checker came to no verdict")


def test_an_installation_without_one_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second, "_REGISTERED", [])
    status, _, error = audit(TRUE)
    assert (status, error) == (
        2,
        "bagcert: error: --second-opinion: this installation has no second checker\n",
    )

"""What Coq proves, in the ledger: checked in this run, or recorded and not believed."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bagcert.__main__ import app
from bagcert.proofs_checks.claims import theorem1
from bagcert.proofs_checks.evidence.claim import Claim, Evidence, Finding, Kind, Status
from bagcert.proofs_checks.ledger import coq, ledger, recheck
from bagcert.proofs_checks.ledger.recheck import Checked, check_now
from bagcert.proofs_checks.ledger.record import FOLDER, digests

YES = Evidence(Kind.EXHAUSTIVE, lambda: Finding(True, "yes"))
STATEMENTS = """(** Helper text. *)
Require Import Setting.

(** Theorem 1 (4), for any
    learner. *)
Theorem theorem1 : True.

Corollary modify_worst : True.
"""
#: In the place of verify.py: what it does, without Coq.
ACCEPTS = """import json, pathlib
pathlib.Path("build/verified.json").write_text(json.dumps({"format": "bagcert-coq/1",
    "coq": "8.16.1", "sources": {}, "theorems": {"theorem1": True, "modify_worst": False}}))
"""
REFUSES = """import sys
print("Error: noise", file=sys.stderr)
print("error: theorem1: not as pinned; if meant: python3 verify.py --pin", file=sys.stderr)
sys.exit(1)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sources, compiled files beside them, and a Coq that is installed."""
    (tmp_path / "_CoqProject").write_text("-R . Bagcert\nSetting.v\nStatements.v\n")
    (tmp_path / "Statements.v").write_text(STATEMENTS)
    (tmp_path / "Setting.v").write_text("Definition x := 0.")
    for name in ("Setting", "Statements"):
        (tmp_path / f"{name}.vo").write_text("")
    (tmp_path / "build").mkdir()
    (tmp_path / "verify.py").write_text(ACCEPTS)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    return tmp_path


def record(folder: Path, **changes: object) -> Path:
    """Write by hand what ``make proofs`` would leave."""
    fields = {"format": "bagcert-coq/1", "coq": "8.16.1", "sources": digests(folder),
              "theorems": {"theorem1": True, "modify_worst": False}} | changes  # fmt: skip
    path = folder / "build" / "verified.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(fields))
    return path


def test_a_record_is_told_and_not_believed(folder: Path) -> None:
    one, two = coq.claims_of(folder)
    assert (one.id, one.statement) == ("coq-theorem1", "Theorem 1 (4), for any learner.")
    assert two.id == "coq-modify-worst"
    assert "theorem1 is not stated as pinned" in one.refuted_by
    assert ledger.examine(one).status == Status.NOT_CHECKED
    record(folder)
    found = ledger.examine(one)
    assert found.status == Status.NOT_CHECKED
    assert found.findings[0].established.startswith("recorded, not checked here")
    assert ledger.examine(two).status == Status.UNSUPPORTED  # it says so of itself
    record(folder, theorems={})
    assert ledger.examine(one).status == Status.UNSUPPORTED


def test_what_is_checked_now_holds(folder: Path) -> None:
    checked = check_now(folder)
    assert checked == Checked("8.16.1", frozenset({"theorem1"}))
    one, two = coq.claims_of(folder, checked)
    found = ledger.examine(one)
    assert found.status == Status.HOLDS
    assert found.findings[0].established.startswith("checked now by coqchk (Coq 8.16.1)")
    assert ledger.examine(two).status == Status.UNSUPPORTED


def test_a_forged_record_is_refused(folder: Path) -> None:
    """A record by hand, of theorems that the compiled files do not prove, and files refused."""
    path = record(folder, theorems={"theorem1": True, "modify_worst": True})
    assert {ledger.examine(claim).status for claim in coq.claims_of(folder)} == {Status.NOT_CHECKED}
    _, two = coq.claims_of(folder, check_now(folder))
    assert ledger.examine(two).status == Status.UNSUPPORTED
    path = record(folder, theorems={"theorem1": True, "modify_worst": True})
    (folder / "verify.py").write_text(REFUSES)
    checked = check_now(folder)
    assert checked.fault.startswith("error: theorem1: not as pinned")
    assert not path.exists()
    for claim in coq.claims_of(folder, checked):
        found = ledger.examine(claim)
        assert found.status == Status.UNSUPPORTED
        assert "the compiled proofs are refused: error: theorem1" in found.findings[0].established


def test_a_record_of_files_that_are_not_there_is_refused(folder: Path) -> None:
    record(folder)
    (folder / "Setting.vo").unlink()
    checked = check_now(folder)
    assert checked.fault == "build/verified.json speaks of Setting.vo, which is not there"
    one, _ = coq.claims_of(folder, checked)
    assert ledger.examine(one).status == Status.UNSUPPORTED


def test_a_verifier_that_leaves_no_record_is_a_fault(folder: Path) -> None:
    record(folder)
    (folder / "verify.py").write_text("")
    assert check_now(folder).fault == "verify.py left no record"


@pytest.mark.parametrize("change", ["missing", "older", "no Coq"])
def test_what_cannot_be_checked_is_one_line(
    change: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if change == "missing":
        (folder / "Setting.vo").unlink()
    elif change == "older":
        record(folder)
        (folder / "Setting.v").write_text("Definition x := 1.")
        stamp = (folder / "Setting.vo").stat().st_mtime + 1
        os.utime(folder / "Setting.v", (stamp, stamp))
    else:
        monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(ValueError, match=r"--check-proofs: .*; type: make proofs"):
        check_now(folder)


def test_the_command_checks_where_it_is_asked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for minutes of Coq: it refuses the compiled files."""
    if not FOLDER.joinpath("Statements.v").is_file():
        pytest.skip("the sources are not here")
    asked: list[int] = []

    def refused() -> Checked:
        asked.append(1)
        return Checked(fault="error: forged")

    monkeypatch.setattr(recheck, "check_now", refused)
    runner = CliRunner()
    plain = runner.invoke(app, ["claims", "--claim", "coq-theorem1"])
    assert (plain.exit_code, asked) == (0, [])
    assert " not checked here " in plain.stdout.splitlines()[0]
    red = runner.invoke(app, ["claims", "--claim", "coq-theorem1", "--check-proofs"])
    assert (red.exit_code, asked) == (1, [1])
    assert "NOT SUPPORTED: the compiled proofs are refused: error: forged" in red.stdout
    unknown = runner.invoke(app, ["claims", "--claim", "coq-theorem", "--check-proofs"])
    assert (unknown.exit_code, asked) == (2, [1])  # before minutes of Coq


def test_processes_are_told_what_was_checked() -> None:
    checked = Checked("8.16.1", frozenset({"theorem1", "bisection"}))
    these = ledger.chosen(["coq-theorem1", "coq-bisection", "coq-theorem2"],
                          ledger.gathered(checked))  # fmt: skip
    found = {one.id: one.status for one in ledger.run(these, 2, checked=checked)}
    assert found == {
        "coq-theorem1": Status.HOLDS,
        "coq-bisection": Status.HOLDS,
        "coq-theorem2": Status.UNSUPPORTED,
    }


def test_theorems_stand_beside_the_claims_they_prove(tmp_path: Path) -> None:
    (claim,) = [claim for claim in theorem1.CLAIMS if claim.id == "theorem-1"]
    claim = replace(claim, supports=(YES,))
    assert coq.with_theorems(claim, tmp_path) == claim  # there is no Statements.v
    (tmp_path / "Statements.v").write_text(STATEMENTS)
    beside = coq.with_theorems(claim, tmp_path)
    assert beside.kinds == (Kind.EXHAUSTIVE, Kind.COQ)
    found = ledger.examine(beside)
    assert found.status == Status.HOLDS
    assert found.findings[1].established.startswith("theorem1, not compiled on this machine")
    record(tmp_path)
    found = ledger.examine(beside)
    assert found.status == Status.HOLDS  # by the other check
    assert found.findings[1].established.startswith("theorem1, recorded, not checked here")
    proved = coq.with_theorems(claim, tmp_path, Checked("8", frozenset({"theorem1"})))
    assert ledger.examine(proved).findings[1].supported is True
    record(tmp_path, theorems={"theorem1": False})
    assert ledger.examine(beside).status == Status.UNSUPPORTED
    erratum = Claim("erratum-5", "(4)", "Says.", "This.", (), (YES,), (YES,), "So.")
    assert len(coq.with_theorems(erratum, tmp_path).repairs) == 2


def test_the_theorems_named_exist() -> None:
    ids = {claim.id for claim in ledger.LEDGER}
    assert set(coq.BESIDE) <= ids
    if any(name.startswith("coq-") for name in ids):
        named = {coq._id(name) for names in coq.BESIDE.values() for name in names}
        assert named <= ids


def test_a_record_of_other_sources_is_not_even_told(tmp_path: Path) -> None:
    (tmp_path / "Statements.v").write_text(STATEMENTS)
    record(tmp_path)
    assert "recorded" in coq.compiled("theorem1", tmp_path).established
    (tmp_path / "Statements.v").write_text(STATEMENTS + " ")
    changed = coq.compiled("theorem1", tmp_path)
    assert changed.supported is None
    assert "as the sources are now" in changed.established
    record(tmp_path)
    (tmp_path / "New.v").write_text("")
    assert "as the sources are now" in coq.compiled("theorem1", tmp_path).established


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"format": "bagcert-coq/1"}', "[" * 100_000, "\xff",
     '{"format": "bagcert-coq/1", "coq": 8, "sources": {}, "theorems": {}}',
     '{"format": "other", "coq": "8", "sources": {}, "theorems": {}}', " " * (2**20 + 1)],
    ids=range(9),
)  # fmt: skip
def test_a_record_that_cannot_be_read_is_no_record(text: str, tmp_path: Path) -> None:
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "verified.json").write_bytes(text.encode("latin-1"))
    found = coq.compiled("theorem1", tmp_path)
    assert found.supported is None
    assert found.established.startswith("not compiled on this machine")

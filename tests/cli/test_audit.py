"""``bagcert audit``: what was compared is said item by item, and nothing that was not."""

import gzip
import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bagcert.reference import certify
from bagcert.reference.certificate.held import Held
from bagcert.reference.certificate.schema import Header, Row, Scope
from bagcert.reference.certificate.writer import write_certificate
from bagcert.reference.residuals import Residual
from tests.command import bagcert

ROWS = [[990, 10], [700, 300], [501, 499]]


def compared(*args: object) -> tuple[int, dict[tuple[str, str], str]]:
    """The exit status, and how each (item, with) came out."""
    status, out, error = bagcert("audit", *args, "--json")
    found = json.loads(out)
    assert found["verdict"] == "VALID", error
    items = {(item["item"], item["with"]): item["outcome"] for item in found["compared"]}
    differ = [name for (name, _), outcome in items.items() if outcome == "differs"]
    assert [text.partition(":")[0] for text in found["differences"]] == differ
    assert status == (1 if differ else 0)
    return status, items


@pytest.fixture
def votes(tmp_path: Path) -> Path:
    path = tmp_path / "v.csv"
    path.write_text("".join(f"{a},{b}\n" for a, b in ROWS))
    return path


@pytest.fixture
def certificate(votes: Path, tmp_path: Path) -> Path:
    path = tmp_path / "c.jsonl"
    status, _, error = bagcert("certify", votes, "--n", 60000, "--k", 100, "-o", path)
    assert status == 0, error
    return path


def written(path: Path, *, truth: Any = None, rows: Any = ROWS, **header: Any) -> Path:
    fields: dict[str, Any] = {
        "n": 60000, "k": 100, "classes": 2, "models": 1000, "examples": len(rows),
        "alpha": Fraction(1, 1000), "scope": Scope.EACH,
    }  # fmt: skip
    made = Header(**fields | header)
    claims = [certify(row, made.n, made.k, made.level, residual=made.residual) for row in rows]
    lines = [
        Row(i, row, claim, None if truth is None else truth[i])
        for i, (row, claim) in enumerate(zip(rows, claims, strict=True))
    ]
    write_certificate(path, made, lines, force=True)
    return path


def test_what_a_table_does_not_state_is_not_said_to_agree(votes: Path, tmp_path: Path) -> None:
    lie = tmp_path / "lie.jsonl"
    assert bagcert("certify", votes, "--n", 99_999_999, "--k", 3, "-o", lie)[0] == 0
    status, out, _ = bagcert("audit", lie, "--votes", votes)
    assert status == 0
    assert "MATCHES" not in out
    lines = out.splitlines()
    assert f"NOT STATED n: not by {votes}; --n can state it" in lines
    assert f"NOT STATED k: not by {votes}; --k can state it" in lines
    assert f"AGREES counts: all 3 rows, as in {votes}" in lines
    assert not any(line.startswith(("AGREES n", "AGREES k")) for line in lines)
    _, items = compared(lie, "--votes", votes)
    assert {name: outcome for (name, _), outcome in items.items()} == {
        "examples": "agrees", "classes": "agrees", "models": "agrees", "counts": "agrees",
        "votes digest": "agrees", "n": "not stated", "k": "not stated",
        "true labels": "not stated", "class names": "not stated", "data digest": "not stated",
    }  # fmt: skip
    status, items = compared(lie, "--votes", votes, "--n", 60000, "--k", 3)
    assert (status, items["n", "--n"], items["k", "--k"]) == (1, "differs", "agrees")
    status, items = compared(lie, "--n", 99_999_999)
    assert (status, items) == (0, {("n", "--n"): "agrees"})


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        ([[991, 9], [700, 300], [501, 499]], {"counts", "votes digest"}),
        (ROWS[:2], {"examples", "counts", "votes digest"}),
        ([[*row, 0] for row in ROWS], {"classes", "counts", "votes digest"}),
        ([[99, 1]] * 3, {"models", "counts", "votes digest"}),
    ],
)
def test_other_votes_differ_with_status_1_whatever_differs(
    certificate: Path, tmp_path: Path, rows: list[list[int]], wrong: set[str]
) -> None:
    np.save(tmp_path / "other.npy", np.array(rows))
    status, items = compared(certificate, "--votes", tmp_path / "other.npy")
    assert status == 1
    assert {name for (name, _), outcome in items.items() if outcome == "differs"} == wrong


def header_of(**stated: Any) -> dict[str, Any]:
    return {
        "format": "bagcert-votes/1",
        "n": 60000,
        "k": 100,
        "models": 1000,
        "classes": 2,
    } | stated


def stored(path: Path, labels: Any = None, **stated: Any) -> Path:
    arrays: dict[str, Any] = {} if labels is None else {"labels": np.array(labels)}
    header = json.dumps(header_of(**stated))
    np.savez(path, counts=np.array(ROWS), header=np.array(header), **arrays)
    return path


def test_every_item_agrees_differs_or_is_not_stated(tmp_path: Path) -> None:
    digest = "ab" * 32
    notes = {"dataset_digest": digest}
    path = written(
        tmp_path / "c.jsonl", truth=[0, 1, 1], class_names=("cat", "dog"), provenance=notes
    )
    same = {"class_names": ["cat", "dog"], "dataset_digest": digest}
    _, items = compared(path, "--votes", stored(tmp_path / "v.npz", [0, 1, 1], **same))
    outcomes = {name: outcome for (name, _), outcome in items.items()}
    assert outcomes.pop("votes digest") == "not stated"  # the certificate states none
    assert set(outcomes.values()) == {"agrees"}
    for changed, wrong in (
        ({"n": 59_999}, "n"),
        ({"k": 101}, "k"),
        ({"class_names": ["dog", "cat"]}, "class names"),
        ({"dataset_digest": "cd" * 32}, "data digest"),
        ({"labels": [0, 1, 0]}, "true labels"),
    ):
        given: dict[str, Any] = {"labels": [0, 1, 1]} | same | changed
        status, items = compared(path, "--votes", stored(tmp_path / "v.npz", **given))
        assert status == 1
        assert [name for (name, _), out in items.items() if out == "differs"] == [wrong]
    _, items = compared(path, "--votes", stored(tmp_path / "v.npz"))
    silent = {name for (name, _), outcome in items.items() if outcome == "not stated"}
    assert silent == {"true labels", "class names", "data digest", "votes digest"}


def test_integral_wants_votes_that_say_their_learner_ignores_its_seed(tmp_path: Path) -> None:
    path = written(tmp_path / "c.jsonl", residual=Residual.INTEGRAL)
    for stated, outcome in (
        ({"ignores_seed": True}, "agrees"),
        ({"ignores_seed": False}, "differs"),
        ({}, "not stated"),
    ):
        _, items = compared(path, "--votes", stored(tmp_path / "v.npz", **stated))
        assert {out for (name, _), out in items.items() if name == "ignores seed"} == {outcome}


def test_what_a_learner_assumes_by_its_own_statement_is_compared(tmp_path: Path) -> None:
    """A certificate that passes over transduction differs; nobody has to state anything else."""
    for name, note, of_votes, same, other, omitted in (
        ("transductive", "transductive", True, "true", "false", "differs"),
        ("transductive", "transductive", False, "false", "true", "not stated"),
        ("looked at", "looked_at", ["mnist", "mnist17"], "mnist, mnist17", "mnist", "not stated"),
        ("looked at", "looked_at", ["true"], "true", "none", "not stated"),
        ("looked at", "looked_at", [], "none", "mnist", "not stated"),
    ):
        for stated, notes, outcome in (
            ({note: of_votes}, {note: same}, "agrees"),
            ({note: of_votes}, {note: other}, "differs"),
            ({note: of_votes}, {}, omitted),
            ({}, {note: same}, "not stated"),
            ({}, {}, None),
        ):
            path = written(tmp_path / "c.jsonl", provenance=notes)
            status, items = compared(path, "--votes", stored(tmp_path / "v.npz", **stated))
            found = {out for (item, _), out in items.items() if item == name}
            assert found == ({outcome} - {None})
            assert status == (outcome == "differs")


def test_predictions_are_read_as_predictions_and_asked_about_where_they_may_be_either(
    tmp_path: Path,
) -> None:
    table = tmp_path / "p.csv"
    table.write_text("1,2,0\n0,1,2\n2,0,1\n")
    counted = [[1, 1, 1]] * 3
    path = written(tmp_path / "c.jsonl", rows=counted, classes=3, models=3, n=10, k=2)
    for command in (
        ("audit", path, "--votes", table),
        ("compare", table, "--n", 10, "--k", 2),
        ("crosscheck", table, "--n", 10, "--k", 2),
    ):
        status, out, error = bagcert(*command)
        assert (status, out) == (2, ""), command
        assert "may be counts (3 examples × 3 classes, 3 models) or labels" in error
        assert "say --no-predictions for counts, --predictions for labels" in error
        named = (*command, "--predictions", "--classes", 3)
        assert bagcert(*named)[0] == 0
    status, items = compared(path, "--votes", table, "--predictions", "--classes", 3)
    assert (status, items["counts", str(table)]) == (0, "agrees")
    status, items = compared(path, "--votes", table, "--no-predictions")
    assert (status, items["counts", str(table)]) == (1, "differs")
    table.write_text("3,0,0\n1,2,0\n2,0,1\n")  # three votes of three: no label of three classes
    status, items = compared(path, "--votes", table)
    assert (status, items["counts", str(table)]) == (1, "differs")


def test_nothing_is_proven_by_what_is_not_valid(certificate: Path, votes: Path) -> None:
    text = certificate.read_text()
    for broken, verdict, due in (
        (text.replace('"scope":"simultaneous"', '"scope":"each"'), "INVALID", 1),
        (text[:-2], "MALFORMED", 2),
        ("", "MALFORMED", 2),
    ):
        certificate.write_text(broken)
        status, out, error = bagcert("audit", certificate, "--votes", votes)
        assert (status, out.split()[0]) == (due, verdict)
        assert out.count("\n") == 1
        assert "proven" not in error
        assert "nothing was compared" in error


def test_a_missing_file_gets_a_plain_line(tmp_path: Path) -> None:
    for command in ("audit", "report"):
        status, out, error = bagcert(command, tmp_path / "nowhere.jsonl")
        assert (status, out) == (2, "")
        assert error == f"bagcert: error: {tmp_path}/nowhere.jsonl: No such file or directory\n"
        status, out, error = bagcert(command, tmp_path)
        assert (status, out) == (2, "")
        assert "Is a directory" in error


@pytest.mark.parametrize("option", [("--replay", 2), ("--predictions",), ("--classes", 3)])
def test_options_about_votes_want_votes(certificate: Path, option: tuple[object, ...]) -> None:
    status, _, error = bagcert("audit", certificate, *option)
    assert status == 2
    assert f"{option[0]}: is about votes; name them: --votes" in error


def test_what_a_stranger_wrote_cannot_repaint_the_answer(votes: Path, tmp_path: Path) -> None:
    paint = "\x1b[2K\rAGREES v.csv: everything\n\u202e"
    path = written(
        tmp_path / "c.jsonl", provenance={"votes_sha256": paint, "dataset_digest": paint}
    )
    digits = ("--data", "digits")
    status, out, _ = bagcert("audit", path, "--votes", votes, *digits)
    assert status == 1
    lines = out.split("\n")[:-1]
    assert all(line.isprintable() for line in lines)
    assert sum(line.startswith("DIFFERS") for line in lines) == 4  # two digests, n, classes
    assert sum("AGREES v.csv" in line for line in lines if not line.startswith("DIFFERS")) == 0
    status, _, error = bagcert("audit", f"{tmp_path}/\x1b[2Jx\ny")
    assert status == 2
    assert error.count("\n") == 1
    assert "\\x1b[2Jx\\ny" in error


@pytest.mark.parametrize("command", ["audit", "report"])
def test_a_link_that_turns_after_the_verdict_changes_nothing(
    certificate: Path, votes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    # A false file takes the place of the true one as soon as the verdict is there.
    false = tmp_path / "false.jsonl"
    false.write_text(certificate.read_text().replace("[990,10]", "[900,100]"))
    link = tmp_path / "link.jsonl"
    link.symlink_to(certificate)
    judge = Held.judge

    def judged(self: Held) -> Any:
        found = judge(self)
        link.unlink()
        link.symlink_to(false)
        return found

    before = bagcert(command, certificate, *(("--votes", votes) if command == "audit" else ()))
    monkeypatch.setattr(Held, "judge", judged)
    after = bagcert(command, link, *(("--votes", votes) if command == "audit" else ()))
    assert link.resolve() == false
    assert after == before
    assert after[0] == 0


@pytest.mark.parametrize("command", ["audit", "report"])
def test_process_substitution_works(certificate: Path, tmp_path: Path, command: str) -> None:
    packed = tmp_path / "c.gz"
    packed.write_bytes(gzip.compress(certificate.read_bytes()))
    told = []
    for source in (
        f"<(cat {certificate})",
        f"<(cat {packed})",
        f"<(gzip -dc {packed})",
        certificate,
    ):
        done = subprocess.run(
            ["bash", "-c", f"{sys.executable} -m bagcert {command} {source}"],
            capture_output=True, text=True, check=False, timeout=120, env=dict(os.environ),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        told.append(done.stdout)
    assert set(told) == {told[-1]}

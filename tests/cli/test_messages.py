"""What a command says when it cannot go on, or where letters are few: cause, and what to type."""

import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bagcert.__main__ import app
from bagcert.fastpath.commands.train import train
from bagcert.reference.terminal.usage import as_typed

run = CliRunner()
RADIUS = "radius --n 60000 --k 100 --p-lower 9/10 --p-upper 1/10"
PLAN = "plan --n 1000 --classes 3 --examples 10 --radius 5 --models 100"


def said(line: str) -> tuple[int, str]:
    """The status and the one line on standard error, without who says it."""
    result = run.invoke(app, line.split(), prog_name="bagcert")
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    return result.exit_code, result.stderr.removeprefix("bagcert: error: ").rstrip("\n")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f"{RADIUS} --n abc", "--n must be an integer, not 'abc'; type: bagcert radius --help"),
        (f"{RADIUS} --n 0", "--n must be at least 1, not 0"),
        (f"{RADIUS} --k 1.5", "--k must be an integer, not '1.5'; type: bagcert radius --help"),
        (
            f"{RADIUS} --attack foo",
            "--attack: 'foo' is not one of 'any', 'modify', 'delete', 'insert'; "
            "type: bagcert radius --help",
        ),
        (
            f"{RADIUS} --p-lower 0,9",
            "--p-lower must be spelled p/q or as a plain decimal, in at most 40 characters, "
            "not '0,9'",
        ),
        (f"{RADIUS} --p-lower 1/20", "--p-lower must not be below --p-upper: 1/20 < 1/10"),
        (
            "radius --n 5",
            "missing option '--k'; all that is needed: --n, --k, --p-lower, --p-upper; "
            "type: bagcert radius --help",
        ),
        (
            "explain",
            "missing argument 'certificate'; all that is needed: certificate, --index; "
            "type: bagcert explain --help",
        ),
        ("audit", "missing argument 'certificate'; type: bagcert audit --help"),
        ("certify v.csv --n 0 --k 1 -o c.jsonl", "--n must be at least 1, not 0"),
        ("certify v.csv --n 9 --k 0 -o c.jsonl", "--k must be at least 1, not 0"),
        (
            "compare v.npz --radii=-1,2",
            "--radii must be integers from 0, separated by commas, not '-1'",
        ),
        ("zzz", "no such command 'zzz'; type: bagcert --help"),
        ("diff a b --rows -1", "--rows must be at least 0, not '-1'; type: bagcert diff --help"),
        ("train -o t.npz --k 0 --dataset d.npz", "d.npz: No such file or directory"),
        (
            "train -o t.npz --setting lam=x",
            "--setting lam: must be a number, not 'x'",
        ),
        ("train -o t.npz --setting x=1", "--setting 'x' is unknown; there is gamma, lam"),
        ("train -o t.npz --engine foo", "--engine: there is no 'foo'; there is local, dask"),
        (
            "train -o t.npz --dataset mnist",
            "--data-dir: name MNIST's folder with --data-dir or BAGCERT_DATA",
        ),
        ("train -o t.npz --scale 3", "--scale: digits has its own; --scale is for a file .npz"),
    ],
)  # fmt: skip
def test_an_error_is_one_line_with_the_option_as_it_is_typed(
    line: str, words: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BAGCERT_DATA", raising=False)
    assert said(line) == (2, words)
    assert not list(tmp_path.iterdir())


def test_a_wrong_claim_names_the_nearest_only() -> None:
    status, words = said("claims --claim theorem1")
    assert status == 2
    assert words.startswith("--claim: there is no 'theorem1'; the nearest are theorem-1, ")
    assert words.partition(";")[2].count(",") == 4
    assert "type: bagcert claims" in words


def test_an_estimator_is_asked_for_and_the_nearest_are_named() -> None:
    status, words = said("train --learner sklearn -o t.npz")
    assert status == 2
    assert words.startswith("--setting estimator=NAME is needed, and NAME is one of BernoulliNB, ")
    _, words = said("train --learner sklearn --setting estimator=GausianNB -o t.npz")
    assert "there is no 'GausianNB'; the nearest are GaussianNB, " in words


def test_labels_read_as_counts_are_told_of_predictions(tmp_path: Path) -> None:
    table = tmp_path / "p.csv"
    table.write_text("3,1,0,2\n1,1,0,7\n0,1,1,8\n")
    out = tmp_path / "c.jsonl"
    _, words = said(f"certify {table} --n 6 --k 2 -o {out}")
    assert "say --predictions" in words
    _, words = said(f"certify {table} --predictions --n 6 --k 2 -o {out}")
    assert words.endswith("the number of classes must be stated: --classes")


def test_only_a_parameter_of_the_command_is_replaced() -> None:
    assert as_typed("data_dir: no", train) == "--data-dir: no"
    assert as_typed("k must be 1", train) == "--k must be 1"
    for other in ("output_file: no", "k of 3", "v.csv: k must be 1", "k", ""):
        assert as_typed(other, train) == other
    assert "data_dir" in inspect.signature(train).parameters


#: Runs command lines in one process, as main() would each, and prints their statuses at the end.
EVERY = """
import json, sys
from bagcert.__main__ import app, main
lines = json.loads(sys.argv[1])
lines += [[command.name or command.callback.__name__, "--help"]
          for command in app.registered_commands]
statuses = {}
for line in lines:
    sys.argv = ["bagcert", *line]
    try:
        main()
    except SystemExit as stop:
        statuses[" ".join(line)] = stop.code or 0
print(json.dumps(statuses))
"""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_every_command_answers_whole_whatever_the_encoding(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text("990,10\n700,300\n501,499\n")
    votes = ["v.csv", "--n", "60000", "--k", "100"]
    lines = [
        ["--help"],
        ["-h"],
        ["--version"],
        *(["--completion", shell] for shell in ("bash", "zsh", "fish")),
        RADIUS.split(),
        ["plan", *["--n", "1000", "--classes", "3", "--examples", "10", "--radius", "5"]],
        ["certify", *votes, "-o", "c.jsonl"],
        ["explain", "c.jsonl", "--index", "0"],
        ["audit", "c.jsonl", "--votes", "v.csv"],
        ["audit", "c.jsonl", "c.jsonl"],
        [*PLAN.split(), "--k", "10,20"],
        ["report", "c.jsonl"],
        ["report", "c.jsonl", "--votes", "v.csv"],
        ["diff", "c.jsonl", "c.jsonl"],
        ["export", "c.jsonl", "-o", "r.csv"],
        ["compare", *votes],
        ["crosscheck", *votes],
        ["tightness", *["--n", "60", "--k", "3", "--p-lower", "4/5", "--p-upper", "1/10"]],
        ["claims", "--claim", "theorem-1"],
    ]
    done = subprocess.run(
        [sys.executable, "-c", EVERY, json.dumps(lines)],
        cwd=tmp_path, capture_output=True, check=False,
        env=os.environ | {"PYTHONIOENCODING": encoding},
    )  # fmt: skip
    error, out = done.stderr.decode(encoding), done.stdout.decode(encoding)
    assert done.returncode == 0, error
    statuses = json.loads(out.splitlines()[-1])
    assert len(statuses) == len(lines) + len(app.registered_commands)
    assert not any(statuses.values()), (statuses, error)
    assert "Traceback" not in error


@pytest.mark.parametrize(
    "line", [RADIUS, "radius --help", "-h", "--version", "--completion zsh", f"{PLAN} --k 10,20"]
)
def test_nobody_reads(line: str) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "bagcert", *line.split()],
        stdout=write, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    os.close(write)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a disk that is always full")
@pytest.mark.parametrize("line", [RADIUS, "radius --help", "--version", "--completion fish"])
def test_a_full_disk_is_one_line(line: str) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "bagcert", *line.split()],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("bagcert: error: ")
    assert done.stderr.count("\n") == 1

"""What commands write, and where: refused before the work, whole or absent after it."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from bagcert.__main__ import app
from bagcert.fastpath.training import ensemble

run = CliRunner()
TRAIN = ("train", "--k", 5, "--models", 2)


def ask(*arguments: object) -> Any:
    return run.invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "v.csv"
    path.write_text("990,10\n700,300\n501,499\n")
    return path


def no_work(*arguments: object, **options: object) -> Any:
    raise AssertionError("the work was begun")


@pytest.mark.parametrize("name", ["x.csv", "x", "x.NPZ"])
def test_votes_are_npz_and_other_names_are_refused_before_the_work(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ensemble, "train_votes", no_work)
    for command in (TRAIN, ("merge", tmp_path / "part.npz")):
        result = ask(*command, "-o", tmp_path / name)
        assert result.exit_code == 2
        assert "must end in .npz" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_no_command_replaces_what_it_reads(tmp_path: Path, table: Path) -> None:
    votes, labels = tmp_path / "votes.npz", tmp_path / "labels.jsonl"
    labels.write_text("0\n0\n1\n")
    assert ask(*TRAIN, "-o", votes).exit_code == 0
    link = tmp_path / "link.npz"
    link.symlink_to(votes)
    arrays = tmp_path / "arrays.npz"
    grey = np.arange(8, dtype=np.uint8).reshape(4, 2)
    np.savez(arrays, train_x=grey, train_y=np.arange(4) % 2, test_x=grey,
             test_y=np.arange(4) % 2, classes=2)  # fmt: skip
    stated = (table, "--n", 60000, "--k", 100, "--force")
    of_labels = (*stated, "--labels", labels)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for arguments in (
        ("merge", votes, "-o", votes, "--force"),
        ("merge", votes, "-o", link, "--force"),
        ("certify", *stated, "-o", table),
        ("certify", *of_labels, "-o", labels),
        ("crosscheck", *stated, "--junit", table),
        ("crosscheck", *of_labels, "--junit", labels),
        (*TRAIN, "--dataset", arrays, "-o", arrays, "--force"),
        (*TRAIN, "--dataset", arrays.name, "--data-dir", tmp_path, "-o", arrays, "--force"),
    ):
        result = ask(*arguments)
        assert result.exit_code == 2, arguments
        assert "is also what is read" in result.stderr, arguments
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_hyphen_is_no_file_of_that_name(table: Path) -> None:
    result = ask("certify", table, "--n", 60000, "--k", 100, "-o", "-")
    assert result.exit_code == 2
    assert "standard output carries the command's own answer; name a file" in result.stderr


@pytest.mark.parametrize("length", [245, 255])
def test_train_takes_names_as_long_as_the_file_system_allows(tmp_path: Path, length: int) -> None:
    name = "x" * (length - 4) + ".npz"
    result = ask(*TRAIN, "-o", tmp_path / name)
    assert result.exit_code == 0, result.stderr
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_devices_are_written_into(table: Path) -> None:
    before = os.stat(os.devnull)
    result = ask(
        "crosscheck", table, "--n", 60000, "--k", 100, "--junit", os.devnull, "--force"
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert (os.stat(os.devnull).st_mode, os.stat(os.devnull).st_ino) == (
        before.st_mode,
        before.st_ino,
    )


def test_a_learner_that_prints_does_not_print_into_the_answer(tmp_path: Path) -> None:
    settings = ("estimator=MLPClassifier", "max_iter=2", "verbose=True")
    arguments = [*TRAIN, "--json", "-o", tmp_path / "v.npz", "--learner", "sklearn"]
    for setting in settings:
        arguments += ["--setting", setting]
    done = subprocess.run(
        [sys.executable, "-m", "bagcert", *map(str, arguments)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout)["models"] == 2
    assert "Iteration 1, loss" in done.stderr


#: Commands that would work for longer than any test, and what exists once they are at work: by
#: name, or, where nothing has a name until it is whole, as a file that the process writes.
LONG = {
    "train": (["--k", 5, "--models", 1_000_000, "-o", "votes.npz"], "votes.npz.partial/models-*"),
    "certify": (["big.npy", "--n", 60000, "--k", 100, "-o", "c.jsonl"], ""),
    "reproduce": (
        [
            "figure3a",
            "--scale",
            "small",
            "--dataset",
            "grey.npz",
            "--models",
            100_000,
            "-o",
            "made",
        ],
        "made/*.partial/models-*",
    ),
}


def is_at_work(process: "subprocess.Popen[str]", folder: Path, pattern: str) -> bool:
    if pattern:
        return any(folder.glob(pattern))
    with suppress(OSError):  # a file that was closed meanwhile, or a process that has ended
        opened = [os.readlink(file) for file in Path(f"/proc/{process.pid}/fd").iterdir()]
        return any(name.startswith(f"{folder}/") and "(deleted)" in name for name in opened)
    return False


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("command", sorted(LONG))
def test_a_command_that_is_stopped_leaves_only_finished_shards(
    tmp_path: Path, command: str, stop: signal.Signals
) -> None:
    source = np.random.default_rng(0)
    if command == "certify":
        counts = source.integers(1, 1000, (200_000, 3))
        np.save(tmp_path / "big.npy", np.c_[counts, 3000 - counts.sum(axis=1)])
    if command == "reproduce":
        grey, labels = source.integers(0, 256, (60, 28, 28), np.uint8), np.arange(60) % 2
        np.savez(tmp_path / "grey.npz", train_x=grey, train_y=labels, test_x=grey,
                 test_y=labels, classes=2, scale=255)  # fmt: skip
    given = set(tmp_path.iterdir())
    arguments, at_work = LONG[command]
    with subprocess.Popen(
        [sys.executable, "-m", "bagcert", command, *map(str, arguments)],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        while not is_at_work(process, tmp_path, at_work) and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(stop)
        out, error = process.communicate()
    assert (process.returncode, out) == (128 + stop, ""), error
    assert error.splitlines()[-1].startswith("bagcert: interrupted")
    if command == "train":
        assert "the same command goes on" in error
    left = {path for path in tmp_path.rglob("*") if path.is_file()} - given
    kept = {path for path in left if path.match("*.partial/models-*.npz")}
    manifests = {path for path in left if path.match("*.partial/bagcert-checkpoint.*")}
    assert left == kept | manifests
    assert bool(left) == (command != "certify")

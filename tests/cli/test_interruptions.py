"""Ctrl-C, kill -9 and a full disk, then the same command: the file that one quiet run writes."""

import errno
import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
from typer.testing import CliRunner

from bagcert.__main__ import app
from bagcert.fastpath.training.checkpoints import Checkpoint
from bagcert.fastpath.training.shards import Shard
from bagcert.fastpath.votes.file import read_votes

VICTIM = Path(__file__).with_name("victim.py")
run = CliRunner()


def train(path: Path, *options: object) -> Any:
    arguments = ["train", "-o", path, "--k", 5, "--models", 300, "--seed", 7, *options]
    return run.invoke(app, [str(argument) for argument in arguments])


@pytest.mark.parametrize("kept", [(), ("--predictions",)], ids=["counts", "predictions"])
def test_ten_interruptions_leave_no_trace(tmp_path: Path, kept: tuple[str, ...]) -> None:
    settings = ("--models", "4000", *kept)
    quiet = tmp_path / "quiet.npz"
    assert train(quiet, *settings).exit_code == 0
    done = subprocess.run(
        [sys.executable, str(VICTIM), str(tmp_path), "10", "1", "0.4",
         "--k", "5", "--seed", "7", *settings],
        capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    *stopped, last = map(json.loads, done.stdout.splitlines())
    stopped = [line for line in stopped if line["status"] != 0]
    assert len(stopped) == 10
    assert {line["how"] for line in stopped} == {"SIGINT", "SIGKILL"}
    assert max(line["shards"] for line in stopped) >= 4
    for line in stopped:
        assert line["status"] == {"SIGINT": 130, "SIGKILL": -9}[line["how"]], line
        assert not line["votes"]
        # Before the command itself begins, Typer ends it without a word.
        assert line["log"] == "" or line["log"].startswith("bagcert: interrupted"), line
    logs = " ".join(line["log"] for line in stopped)
    assert f"of 4000 models are kept in {tmp_path / 'votes.npz.partial'}; the same command" in logs
    assert last["status"] == 0, last
    assert (tmp_path / "votes.npz").read_bytes() == quiet.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "quiet.npz", "votes.npz"]


@pytest.mark.parametrize(
    ("limit", "named"),
    [(5_000, r"models-0000000-0000100.npz"), (20_000, "votes.npz")],
    ids=["shard", "votes"],
)
def test_a_full_disk_gets_one_line_and_leaves_nothing_half(
    tmp_path: Path, limit: int, named: str
) -> None:
    quiet, path = tmp_path / "quiet.npz", tmp_path / "votes.npz"
    assert train(quiet).exit_code == 0
    arguments = ["train", "-o", str(path), "--k", "5", "--models", "300", "--seed", "7"]
    done = subprocess.run(
        [sys.executable, "-m", "bagcert", *arguments],
        capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )  # fmt: skip
    lines = done.stderr.splitlines()
    assert (done.returncode, done.stdout, len(lines)) == (2, "", 1), done.stderr
    assert f"{named}: cannot be written: File too large" in lines[0]
    assert not path.exists()
    partial = tmp_path / "votes.npz.partial"
    assert len(list(partial.glob("models-*"))) == (0 if "models" in named else 3)
    assert not list(tmp_path.glob(".votes*"))
    assert not list(partial.glob(".models*"))
    assert train(path).exit_code == 0
    assert path.read_bytes() == quiet.read_bytes()
    assert not partial.exists()


def test_a_folder_that_was_asked_for_stays_and_others_files_stay(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    assert train(tmp_path / "a.npz", "--checkpoint", folder).exit_code == 0
    assert len(list(folder.glob("models-*"))) == 3
    beside = tmp_path / "b.npz.partial"
    beside.mkdir()
    (beside / "notes.txt").write_text("mine")
    assert train(tmp_path / "b.npz").exit_code == 0
    assert [path.name for path in beside.iterdir()] == ["notes.txt"]


def test_shards_of_other_settings_are_neither_used_nor_overwritten(tmp_path: Path) -> None:
    partial = tmp_path / "votes.npz.partial"
    rows = np.zeros((100, 360), np.int32)
    with Checkpoint(partial, bytes(32), 360, 10) as other:
        other.save(range(100), Shard.of(range(100), rows, 10, keep=False).votes)
    before = (partial / "bagcert-checkpoint.json").read_bytes()
    result = train(tmp_path / "votes.npz")
    assert result.exit_code == 2
    assert "other settings" in result.stderr
    assert "which --force does" in result.stderr
    assert (partial / "bagcert-checkpoint.json").read_bytes() == before
    (partial / "models-final.txt").write_text("mine")
    asked = train(tmp_path / "votes.npz", "--checkpoint", partial, "--force")
    assert asked.exit_code == 2
    assert len(list(partial.glob("models-*.npz"))) == 1
    forced = train(tmp_path / "votes.npz", "--force")
    assert forced.exit_code == 0, forced.stderr
    assert [path.name for path in partial.iterdir()] == ["models-final.txt"]
    assert read_votes(tmp_path / "votes.npz").models == 300


def test_a_failed_run_does_not_block_the_corrected_command(tmp_path: Path) -> None:
    """Its first model fails: more neighbours are asked for than there are examples."""
    path = tmp_path / "votes.npz"
    failing = ("--learner", "sklearn", "--setting", "estimator=KNeighborsClassifier")
    failed = train(path, *failing, "--setting", "n_neighbors=9")
    assert failed.exit_code == 2, failed.stderr
    assert list(tmp_path.iterdir()) == []
    assert train(path, *failing, "--setting", "n_neighbors=1").exit_code == 0


def test_a_manifest_that_cannot_be_written_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object, **options: object) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("bagcert.fastpath.training.checkpoints.written_aside", full)
    result = train(tmp_path / "votes.npz")
    assert result.exit_code == 2
    assert "No space left on device" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_beside_the_output_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "models-final.txt").write_text("mine")
    (tmp_path / "votes.npz.partial").symlink_to(other)
    result = train(tmp_path / "votes.npz", "--force")
    assert result.exit_code == 2
    assert "is a link; name the folder that it leads to: --checkpoint" in result.stderr
    assert [path.name for path in other.iterdir()] == ["models-final.txt"]


def test_two_runs_do_not_share_a_folder(tmp_path: Path) -> None:
    partial = tmp_path / "votes.npz.partial"
    with Checkpoint(partial, bytes(32), 360, 10):
        result = train(tmp_path / "votes.npz")
    assert result.exit_code == 2
    assert "another run is at work" in result.stderr


def test_a_checkpoint_is_small(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    assert train(tmp_path / "a.npz", "--checkpoint", folder).exit_code == 0
    least = 360 * 10 + 360 + 100 * 32  # a byte a count and a true label: 100 models
    sizes = [path.stat().st_size for path in folder.glob("models-*")]
    assert all(least < size < least + 6000 for size in sizes), sizes
    assert train(tmp_path / "b.npz", "--checkpoint", tmp_path / "p", "--predictions").exit_code == 0
    sizes = [path.stat().st_size for path in (tmp_path / "p").glob("models-*")]
    assert all(least < size - 360 * 100 < least + 6000 for size in sizes), sizes
    whole, parts = read_votes(tmp_path / "a.npz"), read_votes(tmp_path / "b.npz")
    assert whole.digest == parts.digest

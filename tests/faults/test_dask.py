"""`train --engine dask`, the one command with an engine: a worker or the scheduler is lost."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from bagcert.__main__ import app
from tests.clusters import cluster
from tests.faults.test_matrix import parameters

#: dask's own sockets and files are closed when its processes end.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
TRAIN = ["train", "--k", "5", "--models", "3000", "--predictions"]


def test_train_alone_has_an_engine() -> None:
    assert app.registered_commands
    assert {name for name, parameter in parameters() if parameter.name == "engine"} == {"train"}


def started(folder: Path, *options: str) -> "subprocess.Popen[str]":
    """The command at work: one shard at least is finished."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bagcert", *TRAIN, "-o", "votes.npz", "--engine", "dask", *options],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while process.poll() is None and not shards(folder):
        time.sleep(0.02)
    return process


def shards(folder: Path) -> int:
    return len(list(folder.glob("votes.npz.partial/models-*.npz")))


def test_a_worker_is_lost_then_the_scheduler(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "bagcert", *TRAIN, "-o", "due.npz"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    due = (tmp_path / "due.npz").read_bytes()
    place = tmp_path / "cluster"
    place.mkdir()
    with cluster(place, 2) as (address, (scheduler, worker, _)):
        with started(tmp_path, "--scheduler", address) as process:
            worker.kill()
            out, error = process.communicate()
        assert process.returncode == 0, error
        assert (tmp_path / "votes.npz").read_bytes() == due
        assert not (tmp_path / "votes.npz.partial").exists()
        (tmp_path / "votes.npz").unlink()
        with started(tmp_path, "--scheduler", address) as process:
            scheduler.kill()
            out, error = process.communicate()
    assert process.returncode == 2
    assert out == ""
    assert error.splitlines()[-1].startswith("bagcert: error: ")
    assert address in error.splitlines()[-1]
    assert "Traceback" not in error
    assert not (tmp_path / "votes.npz").exists()
    assert 1 <= shards(tmp_path) < 30
    # The shards that were finished are gone on with, on this machine alone.
    subprocess.run(
        [sys.executable, "-m", "bagcert", *TRAIN, "-o", "votes.npz"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    assert (tmp_path / "votes.npz").read_bytes() == due
    assert not (tmp_path / "votes.npz.partial").exists()

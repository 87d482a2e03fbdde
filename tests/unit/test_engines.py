"""One ensemble, trained here or by dask workers that die: the same votes, bit for bit."""

import errno
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pytest
from distributed import Client
from typer.testing import CliRunner

from bagcert.__main__ import app
from bagcert.fastpath.datasets import load_dataset
from bagcert.fastpath.draws.lists import drawn_by
from bagcert.fastpath.learners import KernelRidge, LearnerError
from bagcert.fastpath.training import engines
from bagcert.fastpath.training.engines import (
    DaskEngine,
    EngineError,
    LocalEngine,
    Work,
    load_engine,
)
from bagcert.fastpath.training.engines.sources import Mapped
from bagcert.fastpath.training.ensemble import predict_models, train_votes
from bagcert.fastpath.training.preparation import ALONE, CHECKED
from bagcert.fastpath.votes.file import write_votes
from bagcert.fastpath.votes.votes import Votes
from bagcert.reference.terminal.locks import lock_file
from tests.clusters import cluster

#: dask's own sockets and files are closed when its processes end.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers cannot import tests


@dataclass(frozen=True)
class Mortal(KernelRidge):
    """Kills the process that it is in, once, when at least two shards are finished."""

    scene: str = ""

    @property
    def settings(self) -> dict[str, str]:
        """Those of a learner that lives: where the scene is decides no label."""
        return KernelRidge(self.gamma, self.lam).settings

    def fit_predict(self, batch: Any, test_features: Any, seeds: Any) -> Any:
        scene = Path(self.scene)
        with (scene / "processes").open("a") as file:
            file.write(f"{os.getpid()}\n")
        if len(list(scene.glob("shard-*"))) >= 2:
            with suppress(FileExistsError):  # of several processes the first
                (scene / "killed").touch(exist_ok=False)
                os.kill(os.getpid(), signal.SIGKILL)
        (scene / f"shard-{time.time_ns()}").touch()
        return super().fit_predict(batch, test_features, seeds)

    def features(self, example: Any) -> Any:
        with (Path(self.scene) / "features").open("a") as file:
            file.write(f"{os.getpid()}\n")
        return super().features(example)


#: Training examples that the 60 models of the ensemble draw.
DRAWN = len(drawn_by(7, range(60), 1437, 5))


def ensemble(learner: Any, **options: Any) -> Votes:
    return train_votes(load_dataset("digits"), learner, 5, 60, 7, shard=10, **options)


def contents(votes: Votes, path: Path) -> bytes:
    """The file's bytes; under one name, since a header states the class that really ran."""
    assert votes.header is not None
    votes = replace(votes, header=replace(votes.header, learner="kernel-ridge"))
    write_votes(votes, path, force=True)
    return path.read_bytes()


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_a_killed_worker_leaves_no_trace(tmp_path: Path, workers: int) -> None:
    due = contents(ensemble(KernelRidge(), keep_predictions=True), tmp_path / "due.npz")
    done: list[tuple[int, int]] = []
    votes = ensemble(
        Mortal(scene=str(tmp_path)),
        engine=DaskEngine(workers=workers),
        keep_predictions=True,
        checkpoint=tmp_path / "shards",
        progress=lambda *now: done.append(now),
    )
    assert (tmp_path / "killed").exists()
    assert contents(votes, tmp_path / "found.npz") == due
    assert done == [(10 * i, 60) for i in range(1, 7)]
    assert len(list((tmp_path / "shards").glob("models-*"))) == 6
    here = {str(os.getpid())}
    # Prepared once, by the client; the workers ask for some again, for each shard.
    asked = Counter((tmp_path / "features").read_text().split())
    assert asked[str(os.getpid())] == DRAWN + 360 + 2 * CHECKED * ALONE
    assert sum(asked.values()) - asked[str(os.getpid())] <= (6 + 1) * ALONE
    seen = set((tmp_path / "processes").read_text().split())
    assert not seen & here
    assert len(seen) >= 2


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with cluster(tmp_path_factory.mktemp("cluster"), 3) as (found, _):
        yield found


def test_plain_workers_at_an_address(tmp_path: Path, address: str) -> None:
    due = contents(ensemble(KernelRidge()), tmp_path / "due.npz")
    votes = ensemble(Mortal(scene=str(tmp_path)), engine=DaskEngine(address))
    assert contents(votes, tmp_path / "found.npz") == due
    assert (tmp_path / "killed").exists()
    prepared = Counter((tmp_path / "features").read_text().split())
    # Once in each process; some are asked again, alone, then and for each of its shards.
    examples, again = DRAWN + 360, 2 * CHECKED * ALONE
    assert all(examples + again <= n <= examples + again + 7 * ALONE for n in prepared.values())


def test_a_lost_scheduler_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines.cluster, "PATIENCE", 5)
    with cluster(tmp_path, 1) as (address, (scheduler, _)):

        def kill(done: int, total: int) -> None:
            scheduler.kill()

        with pytest.raises(EngineError, match=f"no connection to {address}"):
            ensemble(Slow(), engine=DaskEngine(address), progress=kill)
    with pytest.raises(EngineError, match=f"no connection to {address}"):
        ensemble(Slow(), engine=DaskEngine(address))


def test_what_fails_while_a_lost_client_closes_hides_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def close(client: Client) -> None:
        with suppress(Exception):
            closing(client)
        raise RuntimeError("Cannot change state of expiring Timeout")

    closing: Callable[[Client], None] = Client.close
    monkeypatch.setattr(engines.cluster, "PATIENCE", 5)
    with cluster(tmp_path, 1) as (address, (scheduler, _)):
        monkeypatch.setattr(Client, "close", close)
        due = contents(ensemble(KernelRidge()), tmp_path / "due.npz")
        votes = ensemble(KernelRidge(), engine=DaskEngine(address))
        assert contents(votes, tmp_path / "found.npz") == due
        with pytest.raises(EngineError, match=f"no connection to {address}"):
            ensemble(Slow(), engine=DaskEngine(address), progress=lambda *_: scheduler.kill())


class Slow(KernelRidge):
    def fit_predict(self, batch: Any, test_features: Any, seeds: Any) -> Any:
        time.sleep(0.3)
        return super().fit_predict(batch, test_features, seeds)


class Broken(KernelRidge):
    """Returns a label that is not a number for model 3."""

    def fit_predict(self, batch: Any, test_features: Any, seeds: Any) -> Any:
        rows = super().fit_predict(batch, test_features, seeds).astype(float)
        rows[min(3, len(rows) - 1), 5] = np.nan
        return rows


class Failing(KernelRidge):
    def fit_predict(self, batch: Any, test_features: Any, seeds: Any) -> Any:
        raise OSError(5, "the learner's own")


class Wide(KernelRidge):
    def fit_predict(self, batch: Any, test_features: Any, seeds: Any) -> Any:
        return super().fit_predict(batch, test_features, seeds)[:, :-1]


class Outside(KernelRidge):
    def fit_predict(self, batch: Any, test_features: Any, seeds: Any) -> Any:
        rows = super().fit_predict(batch, test_features, seeds)
        rows[-1, 0] = 10
        return rows


class Peeking(KernelRidge):
    """Asks for what no learner is given."""

    def fit_predict(self, batch: Any, test_features: Any, seeds: Any) -> Any:
        return batch.dataset.train_y[:60]


@pytest.mark.parametrize(
    ("learner", "error", "message"),
    [
        (Broken(), LearnerError, "model 3: a label is NaN"),
        (Wide(), LearnerError, r"model 0: labels have shape \(10, 359\), where \(10, 360\) is due"),
        (Outside(), LearnerError, "model 9: label 10 is outside 0..9"),
        (Peeking(), AttributeError, "there is no 'dataset': .* never the data set"),
        (Failing(), OSError, "the learner's own"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, KernelRidge) else None,
)
def test_both_engines_refuse_the_same(
    address: str, learner: Any, error: type[Exception], message: str
) -> None:
    for engine in (LocalEngine(), DaskEngine(address)):
        with pytest.raises(error, match=message):
            train_votes(load_dataset("digits"), learner, 5, 10, 7, engine=engine)


def test_engines_by_name() -> None:
    assert isinstance(load_engine("local"), LocalEngine)
    assert isinstance(load_engine("dask", workers=2), DaskEngine)
    for arguments, message in (
        (("cloud",), "there is local, dask"),
        (("local", None, 2), "local has no scheduler"),
        (("local", "tcp://x"), "local has no scheduler"),
        (("dask", "tcp://x", 2), "workers of its own"),
        (("dask", None, 0), "workers must be"),
    ):
        with pytest.raises(ValueError, match=message):
            load_engine(*arguments)


def test_the_local_engine_does_not_import_dask() -> None:
    code = (
        "import sys\n"
        "from bagcert.fastpath.learners import KernelRidge\n"
        "from bagcert.fastpath.datasets import load_dataset\n"
        "from bagcert.fastpath.training.ensemble import predict_models, train_votes\n"
        "train_votes(load_dataset('digits'), KernelRidge(), 2, 2, 0)\n"
        "sys.exit(', '.join({'dask', 'distributed'} & set(sys.modules)) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_nothing_is_prepared_where_every_shard_is_kept(tmp_path: Path) -> None:
    ensemble(KernelRidge(), checkpoint=tmp_path)

    def never(done: int, total: int) -> None:
        raise AssertionError

    ensemble(KernelRidge(), checkpoint=tmp_path, preparing=never, engine=DaskEngine(workers=1))


class Backwards(LocalEngine):
    """Finishes the last shard first."""

    def run(self, *arguments: Any) -> Any:
        return (shard for shard in reversed(list(super().run(*arguments))))


def test_the_order_in_which_shards_are_finished_leaves_no_trace(tmp_path: Path) -> None:
    for keep in (False, True):
        due = contents(ensemble(KernelRidge(), keep_predictions=keep), tmp_path / "due.npz")
        found = ensemble(KernelRidge(), keep_predictions=keep, engine=Backwards(), first_model=0)
        assert contents(found, tmp_path / "found.npz") == due


def test_the_command_at_an_address(tmp_path: Path, address: str) -> None:
    def train(name: str, *options: str) -> Any:
        arguments = ["train", "-o", str(tmp_path / name), "--k", "5", "--models", "250"]
        return CliRunner().invoke(app, [*arguments, *options])

    assert train("here.npz").exit_code == 0
    there = train("there.npz", "--engine", "dask", "--scheduler", address)
    assert there.exit_code == 0, there.output
    assert (tmp_path / "there.npz").read_bytes() == (tmp_path / "here.npz").read_bytes()
    for options, message in (
        (["--workers", "2"], "choose dask"),
        (["--engine", "dask", "--scheduler", address, "--workers", "2"], "name one of the two"),
        (["--engine", "cloud"], "there is local, dask"),
        (["--engine", "dask", "--scheduler", "nonsense://x"], "nonsense://x"),
    ):
        result = train("none.npz", *options)
        assert result.exit_code == 2
        assert message in result.stderr
        assert not (tmp_path / "none.npz").exists()


def test_what_a_killed_client_left_is_swept_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dead, alive, young = (tmp_path / f"bagcert-prepared-{name}" for name in "abc")
    for folder in (dead, alive, young):
        folder.mkdir()
        (folder / "relations.npy").touch()
    lock_file(dead / "lock").release()
    held = lock_file(alive / "lock")
    work = Work(load_dataset("digits"), KernelRidge(), 5, 7, False)
    with Mapped.made(work, [range(3, 4)]) as source:
        assert sorted(tmp_path.iterdir()) == sorted([alive, young, source.folder])
        assert (source.folder.stat().st_mode & 0o777) == 0o700
        base = source.base_models()
        due = predict_models(work.dataset, KernelRidge(), 5, 7, [3])
        assert (base.predict(5, 7, [3]) == due).all()
        assert not base.train.flags.writeable
    assert sorted(tmp_path.iterdir()) == [alive, young]
    held.release()


def test_a_full_disk_for_prepared_arrays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(EngineError, match=r"cannot hold train, .* No space .* TMPDIR"):
        ensemble(KernelRidge(), engine=DaskEngine(workers=1))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("address", ["nonsense", "foo://h:1", "tcp://h"])
def test_what_is_no_address_is_refused_before_a_client_exists(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("distributed.Client", None)  # it would keep its process for a minute
    with pytest.raises(EngineError, match=f"engine: {address} is no address"):
        ensemble(KernelRidge(), engine=DaskEngine(address))


def test_a_script_without_a_guard_is_told_what_to_add(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from bagcert.fastpath.datasets import load_dataset\n"
        "from bagcert.fastpath.learners import KernelRidge\n"
        "from bagcert.fastpath.training.engines import DaskEngine\n"
        "from bagcert.fastpath.training.ensemble import train_votes\n"
        "train_votes(load_dataset('digits'), KernelRidge(), 5, 20, 1, engine=DaskEngine(None, 1))\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True)
    assert "a script needs the line if __name__ == '__main__':" in done.stderr.splitlines()[-1]
    assert "An attempt has been made to start a new process" not in done.stderr

"""``bagcert reproduce figure…`` on stand-ins of a data set, and on files of CIFAR-10's form."""

import json
import re
from fractions import Fraction
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from bagcert.__main__ import app
from bagcert.fastpath.datasets import Dataset, cifar10
from bagcert.fastpath.learners import ScatteringRidge, Subsamples
from bagcert.fastpath.paper.figures import made as command
from bagcert.fastpath.paper.figures.scale import Scale
from bagcert.fastpath.paper.figures.settings import FIGURE3
from bagcert.fastpath.votes.file import read_votes

run = CliRunner()


def bars(examples: int, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Images of bars that stand (0) and bars that lie (1), with noise."""
    drawn = np.random.Generator(np.random.Philox(examples))
    labels = np.arange(examples) % 2
    images = drawn.random((examples, side, side)).astype(np.float32) / 2
    images[labels == 0, 4:-4, side // 2] = 1
    images[labels == 1, side // 2, 4:-4] = 1
    return images, labels


@pytest.fixture
def blots(monkeypatch: pytest.MonkeyPatch) -> None:
    data = Dataset("mnist17", *bars(1000, 28), *bars(60, 28), 2, ("1", "7"))
    monkeypatch.setattr(command, "load_dataset", lambda *_: data)


@pytest.mark.usefixtures("blots")
def test_figure2_and_figure3a(tmp_path: Path) -> None:
    small = ["--scale", "small", "-o", str(tmp_path)]
    result = run.invoke(app, ["reproduce", "figure2", *small, "--json"])
    assert result.exit_code in (0, 1), result.stderr
    found = json.loads(result.stdout)["figure2"]
    assert found["statements"]["certified accuracy never falls as α grows"]
    assert list(found["certified_accuracy"]) == ["k", "α", "N"]
    one = [Fraction(value) for value in found["certified_accuracy"]["k"]["k = 50"]]
    assert one[0] > Fraction(9, 10)
    assert one == sorted(one, reverse=True)
    assert found["command"].startswith("bagcert reproduce figure2 --scale small --seed 1")
    assert (tmp_path / "figure2.png").read_bytes().startswith(b"\x89PNG")
    assert read_votes(tmp_path / "figure2-mnist17-k50.npz").models == 200
    assert not list(tmp_path.glob("*.partial"))
    again = run.invoke(app, ["reproduce", "figure2", *small])
    assert again.exit_code == 2
    assert "figure2.csv: exists already" in again.stderr
    result = run.invoke(app, ["reproduce", "figure3a", *small, "--models", "30"])
    assert "Figure 3(a)" in result.stdout, result.stderr
    assert "raw pixels, kernel ridge" in result.stdout
    assert "--models 30" in (tmp_path / "figure3a.csv").read_text("utf-8")


@pytest.fixture
def like_cifar10(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the six files of CIFAR-10's binary version, 40 images in each."""
    monkeypatch.setattr(cifar10, "_RECORDS", 40)  # of 10,000 in each of the six files
    folder = tmp_path / "cifar-10-batches-bin"
    folder.mkdir()
    names = [f"data_batch_{i}.bin" for i in range(1, 6)] + ["test_batch.bin"]
    for place, name in enumerate(names):
        images, labels = bars(40, 32)
        colours = np.stack([images, images / 2, np.roll(images, place, axis=1)], axis=1)
        pixels = np.rint(colours * 255).astype(np.uint8).reshape(40, 3072)
        records = np.concatenate([labels[:, None].astype(np.uint8), pixels], axis=1)
        (folder / name).write_bytes(records.tobytes())
    return tmp_path


def test_figure2_on_files_of_cifar10_s_form(like_cifar10: Path, tmp_path: Path) -> None:
    arguments = ["reproduce", "figure2", "--scale", "small", "--dataset", "cifar10", "--models"]
    place = ["-o", str(tmp_path), "--data-dir", str(like_cifar10)]
    result = run.invoke(app, [*arguments, "60", *place])
    assert "k, α and N on cifar10" in result.stdout, result.stderr
    votes = read_votes(tmp_path / "figure2-cifar10-k50.npz")
    assert votes.header is not None
    assert (votes.header.dataset, votes.header.n, votes.models) == ("cifar10", 200, 60)
    assert (votes.counts.argmax(axis=1) == votes.labels).mean() > 0.9


def test_transfer_from_imagenet_on_files_of_cifar10_s_form(
    like_cifar10: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command that fastpath/README.md names, with fewer models and smaller images."""
    page = (Path(__file__).parents[2] / "fastpath" / "README.md").read_text("utf-8")
    (line,) = re.findall(r"^\$ bagcert (train --dataset cifar10 .*)$", page, re.MULTILINE)
    assert "--learner efficientnet-ridge" in line
    monkeypatch.chdir(like_cifar10)
    line = line.replace("DIR", ".").replace("--models 1000", "--models 3")
    result = run.invoke(app, [*line.split(), "--setting", "side=32"])
    assert result.exit_code == 0, result.stderr
    votes = read_votes("cifar10.npz")
    assert votes.header is not None
    assert (votes.header.dataset, votes.header.n, votes.models) == ("cifar10", 200, 3)
    assert votes.header.looked_at == ("mnist", "mnist17")
    assert (votes.counts.argmax(axis=1) == votes.labels).mean() > 0.9


@pytest.mark.usefixtures("blots")
def test_a_figure_resumes_from_its_shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ["reproduce", "figure3a", "--scale", "small", "-o"]
    due = run.invoke(app, [*arguments, str(tmp_path / "whole")])
    trained: list[int] = []
    predict = ScatteringRidge.fit_predict

    def interrupted(
        self: ScatteringRidge,
        batch: Subsamples,
        test_features: NDArray[Any],
        seeds: NDArray[np.uint64],
    ) -> NDArray[np.int64]:
        if len(batch.labels) == 1:  # a spot check of the shard before
            return predict(self, batch, test_features, seeds)
        if len(trained) == 1:
            trained.append(0)
            raise KeyboardInterrupt
        trained.append(len(batch.labels))
        return predict(self, batch, test_features, seeds)

    monkeypatch.setattr(ScatteringRidge, "fit_predict", interrupted)
    stopped = run.invoke(app, [*arguments, str(tmp_path / "parts")])
    assert stopped.exit_code == 130
    assert list((tmp_path / "parts").glob("*.partial"))
    result = run.invoke(app, [*arguments, str(tmp_path / "parts")])
    assert result.exit_code == due.exit_code
    assert trained == [100, 0, 100]  # the first shard was not trained again
    for name in ("figure3a-mnist17-scattering-ridge.npz", "figure3a-mnist17-kernel-ridge.npz"):
        parts, whole = (tmp_path / folder / name for folder in ("parts", "whole"))
        assert parts.read_bytes() == whole.read_bytes()


def test_unknown_names(tmp_path: Path) -> None:
    result = run.invoke(app, ["reproduce", "figure9", "-o", str(tmp_path)])
    assert result.exit_code == 2
    assert "there is mnist, mnist17, figure2, figure3a" in result.stderr


@pytest.mark.usefixtures("blots")
def test_figure3b_and_figure3c_are_of_one_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = FIGURE3[Scale.SMALL]._replace(private=1, smoothed=3)
    monkeypatch.setitem(FIGURE3, Scale.SMALL, few)
    command._defenses.cache_clear()
    small = ["--scale", "small", "--alpha", "1/10", "-o", str(tmp_path)]
    result = run.invoke(app, ["reproduce", "figure3b", *small, "--json"])
    found = json.loads(result.stdout)["figure3b"]
    curves = found["certified_accuracy"]["defense"]
    compared = "Ma et al., ε = 3/10, as compared"
    assert list(curves) == [
        "bagging, k = 50", compared, f"{compared}, bound on the error",
        "Ma et al., ε = 3/10, as it holds, N = 1", "Rosenfeld et al., β = 3/10",
    ]  # fmt: skip
    assert found["radii"][:12] == [*range(11), 15]
    values = {name: [Fraction(v) for v in curve] for name, curve in curves.items()}
    # One changed example is 785 bits: smoothing certifies none (its own tests are elsewhere).
    assert not any(values["Rosenfeld et al., β = 3/10"][1:])
    accuracy, error, holds = list(values.values())[1:4]
    assert accuracy[0] == error[0] > holds[0]  # at r = 0 nothing is lost yet but confidence
    assert all(sound <= max(both) for sound, *both in zip(holds, accuracy, error, strict=True))
    for r in (0, 1, 4):  # e^(rε) times as much error, and r times δ at the least
        lost = (1 - accuracy[0]) * Fraction(exp(Fraction(3, 10) * r)) + r * Fraction(1, 10**5)
        assert abs(1 - error[r] - lost) < Fraction(1, 10**4)
    assert result.exit_code == (0 if all(found["statements"].values()) else 1)

    monkeypatch.setattr(command, "train_defenses", None)  # not called again
    result = run.invoke(app, ["reproduce", "figure3c", *small])
    assert "Figure 3(c)" in result.stdout, result.stderr
    lines = (tmp_path / "figure3c.csv").read_text("utf-8").splitlines()
    assert [line.rsplit(",", 1)[0] for line in lines if not line.startswith("#")] == [
        "defense,stage,models", "bagging,train,200", "bagging,certify,200",
        "Ma et al.,train,1", "Ma et al.,certify,1",
        "Rosenfeld et al.,train,3", "Rosenfeld et al.,certify,3",
    ]  # fmt: skip

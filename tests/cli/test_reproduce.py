"""``bagcert reproduce`` on a small stand-in, and what it says where the files are not there."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from bagcert.__main__ import app
from bagcert.fastpath.datasets import Dataset
from bagcert.fastpath.learners import ScatteringRidge
from bagcert.fastpath.paper import experiments as reproduction
from bagcert.fastpath.paper.figures import made as figures
from bagcert.fastpath.paper.figures.curves import Figure

run = CliRunner()


@pytest.fixture
def blots(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = np.random.Generator(np.random.Philox(0))
    labels = np.arange(260) % 2
    images = np.zeros((260, 28, 28), np.float32)
    images[labels == 0, 4:24, 13:16] = 1  # bars that stand, and bars that lie
    images[labels == 1, 13:16, 4:24] = 1
    images += drawn.random(images.shape, dtype=np.float32) / 10
    data = Dataset("mnist17", images[:200], labels[:200], images[200:], labels[200:], 2, ("1", "7"))
    monkeypatch.setattr(reproduction, "load_dataset", lambda *_: data)


@pytest.mark.usefixtures("blots")
def test_it_trains_certifies_audits_and_prints_the_table(tmp_path: Path) -> None:
    arguments = ["reproduce", "mnist17", "-o", str(tmp_path / "out"), "--models", "40"]
    result = run.invoke(app, arguments)
    assert result.exit_code == 0, result.stderr
    row = next(line for line in result.stdout.splitlines() if line.split()[:1] == ["50"])
    assert row.split()[1:3] == ["96.95", "%"]
    assert "reported 96.95 %: AAAI-21" in result.stdout  # with its version, below
    assert "70.8 %" not in result.stdout  # of another data set
    assert result.stdout.count("VALID") == 2
    made = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert made == [
        "mnist17-deskew.jsonl", "mnist17-deskew.npz", "mnist17-none.jsonl", "mnist17-none.npz",
    ]  # fmt: skip
    again = run.invoke(app, [*arguments, "--normalisation", "none"])
    assert again.exit_code == 2
    assert "exists already" in again.stderr
    forced = run.invoke(app, [*arguments, "--normalisation", "none", "--force", "--json"])
    found = json.loads(forced.stdout)["none"]
    assert found["verdict"] == "VALID"
    assert found["accuracy"][0] == [0, 60, 60]
    assert set(json.loads(forced.stdout)["reported"]) == {"mnist17"}


def test_what_was_reported_is_shown_without_any_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = run.invoke(app, ["reproduce", "reported"])
    assert shown.exit_code == 0, shown.stderr
    for value in ("70.8 %", "91.1 %", "96.95 %"):
        assert f"reported {value}" in shown.stdout
    found = json.loads(run.invoke(app, ["reproduce", "reported", "--json"]).stdout)
    assert found["mnist-aaai"]["k"] == 30
    assert list(tmp_path.iterdir()) == []


def test_without_the_files_one_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BAGCERT_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    result = run.invoke(app, ["reproduce", "mnist"])
    assert result.exit_code == 2
    assert "--data-dir or BAGCERT_DATA" in result.stderr
    assert run.invoke(app, ["reproduce", "cifar"]).exit_code == 2
    assert run.invoke(app, ["reproduce", "figure2", "-o", "a/b/c"]).exit_code == 2
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "own").mkdir()
    assert run.invoke(app, ["reproduce", "mnist", "-o", "own/deeper"]).exit_code == 2
    assert list(tmp_path.iterdir()) == [tmp_path / "own"]


@pytest.mark.usefixtures("blots")
def test_what_libraries_print_is_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet = ScatteringRidge.fit_predict

    def loud(*given: Any) -> Any:
        print("noise")
        return quiet(*given)

    monkeypatch.setattr(ScatteringRidge, "fit_predict", loud)
    arguments = ["reproduce", "mnist17", "--models", "8", "--normalisation", "none", "--json"]
    result = run.invoke(app, [*arguments, "-o", str(tmp_path / "one")])
    assert json.loads(result.stdout)["none"]["verdict"] == "VALID"
    assert "noise\n" in result.stderr

    def figure(name: str, request: figures.Request) -> Figure:
        print("noise")
        return Figure(name, "a title", (0,), (), ())

    monkeypatch.setattr(figures, "make", figure)
    result = run.invoke(app, ["reproduce", "figure2", "--json", "-o", str(tmp_path / "two")])
    assert set(json.loads(result.stdout)) == {"figure2"}
    assert "noise\n" in result.stderr

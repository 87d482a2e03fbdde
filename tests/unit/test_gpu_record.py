"""``make gpu`` with the CPU in the device's place, and without a device."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bagcert.fastpath.certification.bulk import certify_votes
from bagcert.fastpath.datasets import Dataset, load_dataset
from bagcert.fastpath.learners import load_learner
from bagcert.fastpath.training.ensemble import predict_models, train_votes

torch = pytest.importorskip("torch")
pytest.importorskip("sklearn")

from tests.gpu import record as gpu  # noqa: E402 (needs torch)


def test_without_a_device_one_line_says_so_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert gpu.main(["--output", str(tmp_path / "record.json")]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.endswith("torch finds no CUDA device here: nothing ran, nothing was written\n")
    assert shown.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_without_the_data_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gpu, "record", lambda *_: pytest.fail("it ran"))
    output = str(tmp_path / "record.json")
    assert gpu.main(["--device", "cpu", "--data-dir", str(tmp_path), "--output", output]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_the_cpu_in_the_devices_place_gives_a_whole_record(tmp_path: Path) -> None:
    output = tmp_path / "record.json"
    assert gpu.main(["--device", "cpu", "--small", "--output", str(output)]) == 0
    made = json.loads(output.read_text())
    assert made["passed"] is True
    assert made["device"]["asked"] == "cpu"
    assert made["versions"]["torch"] == torch.__version__
    ran = "tests.unit.test_bulk::test_tensors_stay_on_their_device[cpu]"
    assert made["tests"] == {ran: "passed"}
    assert [part["method"] for part in made["certify_votes"]] == ["simuem", "cohen", "selected"]
    for part in (*made["certify_votes"], *made["ensembles"]):
        assert set(part["equal"]) >= {"label", "p_lower", "p_upper", "radius", "reason"}
        assert all(value is True for value in part["equal"].values())
    (ensemble,) = made["ensembles"]
    learner = load_learner(ensemble["learner"], ensemble["settings"])
    (k, models), seed = gpu.SMALL.ensembles[0], ensemble["seed"]
    assert ensemble["votes_sha256"] == train_votes(digits(), learner, k, models, seed).digest
    assert ensemble["labels_equal_to_cpu"] == 1
    assert [r for r, _ in ensemble["certified_accuracy"]] == list(gpu.RADII)


def digits() -> Dataset:
    return load_dataset("digits")


def tiny() -> gpu.Size:
    return gpu.SMALL._replace(rows=50, ensembles=((3, 2),), again=1)


def stub(monkeypatch: pytest.MonkeyPatch, outcomes: dict[str, str]) -> None:
    monkeypatch.setattr(gpu, "tests_on", lambda *_: outcomes)
    monkeypatch.setattr(gpu, "TURNS", 1)


@pytest.mark.parametrize(
    ("outcomes", "passed"),
    [
        ({"a": "passed"}, True),
        ({}, False),
        ({"a": "passed", "b": "skipped"}, False),
        ({"a": "failure"}, False),
    ],
)
def test_a_run_without_its_tests_is_not_passed(
    monkeypatch: pytest.MonkeyPatch, outcomes: dict[str, str], passed: bool
) -> None:
    stub(monkeypatch, outcomes)
    assert gpu.record("cpu", tiny(), digits())["passed"] is passed


def test_one_radius_that_differs_is_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def wrong(counts: Any, *given: Any, **options: Any) -> Any:
        found = certify_votes(counts, *given, **options)
        if isinstance(counts, np.ndarray):
            return found
        radius = found.radius.clone()
        radius[-1] += 1
        return dataclasses.replace(found, radius=radius)

    stub(monkeypatch, {"a": "passed"})
    monkeypatch.setattr(gpu, "certify_votes", wrong)
    monkeypatch.setattr(gpu, "SMALL", tiny())
    output = tmp_path / "record.json"
    assert gpu.main(["--device", "cpu", "--small", "--output", str(output)]) == 1
    assert "NOT all passed" in capsys.readouterr().out
    made = json.loads(output.read_text())
    assert made["passed"] is False
    equal = made["certify_votes"][0]["equal"]
    assert [name for name, same in equal.items() if not same] == ["radius"]


def test_a_model_that_comes_out_otherwise_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    stub(monkeypatch, {"a": "passed"})
    monkeypatch.setattr(gpu, "predict_models", lambda *given: 1 + predict_models(*given))
    made = gpu.record("cpu", tiny(), digits())
    assert made["ensembles"][0]["equal"]["trained_twice"] is False
    assert made["passed"] is False


def test_tests_that_cannot_run_are_no_success() -> None:
    assert gpu.tests_on("cpu", ["tests/unit/test_that_is_not_there.py"]) == {}

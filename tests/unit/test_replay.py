"""Models trained again: what a forger can write, and what a stranger's header may not ask for."""

import json
import math
import os
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bagcert.fastpath.audit import replay as module
from bagcert.fastpath.audit.replay import MAX_REPLAYED_K, forged_share, replay
from bagcert.fastpath.audit.settings import MOST, beyond_bounds
from bagcert.fastpath.certification.certificate_file import certify_file
from bagcert.fastpath.datasets import load_dataset
from bagcert.fastpath.learners import KernelRidge, LearnerError, learner_names, load_learner
from bagcert.fastpath.learners.sklearn import ESTIMATORS
from bagcert.fastpath.training.ensemble import train_votes
from bagcert.fastpath.votes.file import write_votes
from bagcert.fastpath.votes.header import VotesHeader
from bagcert.fastpath.votes.predictions import count_predictions, digest_rows
from bagcert.fastpath.votes.votes import Votes
from bagcert.reference.bounds import Method
from bagcert.reference.certificate.schema import Scope
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual
from tests.command import bagcert


@pytest.fixture(scope="module")
def honest() -> Votes:
    return train_votes(
        load_dataset("digits"), KernelRidge(), 20, 40, 7, keep_predictions=True, first_model=3
    )


def forged(votes: Votes, row: int, changed: int) -> Votes:
    """Votes that agree with themselves, in which one model has ``changed`` other labels."""
    assert votes.predictions is not None
    rows = votes.predictions.copy()
    rows[row, :changed] = (rows[row, :changed] + 1) % 10
    return replace(
        votes, predictions=rows, counts=count_predictions(rows, 10), digests=digest_rows(rows)
    )


def audit(votes: Votes, folder: Path, *options: object) -> tuple[int, str, str]:
    write_votes(votes, folder / "v.npz", force=True)
    assert votes.header is not None
    names = ("n", "k", "models", "classes", "transductive")
    stated = {name: getattr(votes.header, name) for name in names}
    bare = VotesHeader(**stated)
    certify_file(
        replace(votes, header=bare), folder / "c.jsonl", Fraction(1, 1000), force=True,
        method=Method.SELECTED, scope=Scope.EACH, attack=Attack.ANY, residual=Residual.PAPER,
    )  # fmt: skip
    return bagcert("audit", folder / "c.jsonl", "--votes", folder / "v.npz", *options)


def test_honest_votes_and_what_that_establishes(honest: Votes, tmp_path: Path) -> None:
    status, out, _ = audit(honest, tmp_path, "--replay", 20)
    assert status == 0
    last = out.splitlines()[-1]
    assert last == (
        "REPLAYED 20 of 40 models, drawn at random: none differs; at most 13.92 % of all models "
        "were forged, at confidence 95 %; at most 20.57 %, at confidence 99 %"
    )
    status, out, _ = audit(honest, tmp_path, "--replay", 40)
    assert status == 0
    assert out.splitlines()[-1].endswith("none differs, so that none was forged")


def test_a_file_of_integers_is_read_with_the_scale_that_is_stated(tmp_path: Path) -> None:
    x, y = np.arange(60, dtype=np.uint8).reshape(20, 3), np.arange(20) % 2
    path = tmp_path / "data.npz"
    np.savez(path, train_x=x, train_y=y, test_x=x[:4], test_y=y[:4], classes=2)
    data = load_dataset(str(path), scale=255)
    votes = train_votes(data, KernelRidge(), 5, 6, seed=1, keep_predictions=True)
    options = ["--data", str(path), "--replay", "6"]
    status, out, error = audit(votes, tmp_path, *options, "--scale", "255")
    assert status == 0, error
    assert "none was forged" in out
    status, _, error = audit(votes, tmp_path, *options)
    assert (status, "or say --scale 255" in error) == (2, True)
    status, _, error = audit(votes, tmp_path, *options, "--scale", "128")
    assert (status, "replay: dataset_digest is " in error) == (2, True)
    status, _, error = audit(votes, tmp_path, "--scale", "255")
    assert (status, "name it: --data FILE.npz" in error) == (2, True)


def test_a_forged_row_is_found_where_it_is_drawn(honest: Votes, tmp_path: Path) -> None:
    votes = forged(honest, 17, 5)
    status, out, _ = audit(votes, tmp_path, "--replay", 40)
    assert status == 1
    assert "VALID" in out
    assert "DIFFERS model 17: 5 of 360 predictions are not those it has here" in out
    assert "REPLAYED 40 of 40 models, drawn at random: 1 differ" in out
    assert "not yet a forgery" in out
    assert "forged, at confidence" not in out
    status, out, _ = audit(votes, tmp_path, "--replay", 40, "--json")
    found = json.loads(out)
    assert status == 1
    assert found["replay"]["differing"] == {"17": 5}
    assert found["replay"]["forged_at_most"] is None
    assert len(found["differences"]) == 1


def test_one_model_among_many_is_found_as_often_as_it_is_drawn(honest: Votes) -> None:
    votes = forged(honest, 39, 1)
    drawn = [replay(votes, 20) for _ in range(24)]
    for found in drawn:
        assert len(set(found.replayed)) == 20
        assert set(found.differing) == {39} & set(found.replayed)
    # Fails once in 2^23 runs: each draw holds the model with probability 1/2.
    assert {bool(found.differing) for found in drawn} == {True, False}


def test_other_versions_are_named(honest: Votes, tmp_path: Path) -> None:
    assert honest.header is not None
    header = replace(honest.header, versions={"numpy": "1.0"})
    status, out, _ = audit(replace(forged(honest, 0, 1), header=header), tmp_path, "--replay", 40)
    assert status == 1
    assert f"numpy 1.0, here {np.__version__}" in out
    assert "bagcert not stated, here" in out


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"learner": "os.system"}, "there is no 'os.system'"),
        ({"learner": "x" * 100_000}, "there is no 'xxx"),
        ({"learner_settings": {"gamma": "nan", "lam": "0.01"}}, "gamma must be positive"),
        ({"learner_settings": {"gamma": "9" * 100_000, "lam": "0.01"}}, "gamma must be"),
        ({"learner_settings": {"gamma": "x" * 100_000, "lam": "0.01"}}, "learner_settings"),
        ({"learner_settings": {"gamma": "0.1", "lam": "0.01", "a": "1"}}, "'a' is unknown"),
        ({"learner_settings": {}}, "do not spell every setting"),
        ({"ignores_seed": False}, "ignores_seed is False in the header, True for kernel-ridge"),
        ({"transductive": True}, "transductive is True in the header, False for kernel-ridge"),
        (
            {
                "learner": "metric-ridge",
                "learner_settings": {"gamma": "25.0", "lam": "0.01", "neighbours": "8"},
            },
            "transductive is False in the header, True for metric-ridge",
        ),
        ({"k": MAX_REPLAYED_K + 1}, f"k is 10001; at most {MAX_REPLAYED_K}"),
        ({"n": 10**12}, "n is 1000000000000 in the votes, 1437 in digits"),
        ({"dataset": "/etc/passwd"}, "there is no dataset '/etc/passwd'"),
        ({"dataset_digest": "0" * 64}, "dataset_digest is 0000"),
        ({"first_model": 2**64 - 1}, "model must be"),
        ({"seed": None}, "the header has no seed"),
        ({"learner": None}, "the header has no learner"),
        ({"dataset_digest": None}, "the header has no dataset_digest"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_a_strangers_header_gets_one_clear_error(
    honest: Votes, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    assert honest.header is not None
    header = replace(honest.header, **changes)
    status, out, error = audit(replace(honest, header=header), tmp_path, "--replay", 40)
    assert (status, out) == (2, ""), error
    lines = [line for line in error.splitlines() if line.startswith("bagcert: error: ")]
    assert len(lines) == 1
    assert message in lines[0]
    assert len(lines[0]) < 300


def test_what_is_missing_is_named(honest: Votes, tmp_path: Path) -> None:
    for votes, message in (
        (replace(honest, predictions=None), "no predictions; train with: bagcert train --pred"),
        (replace(honest, digests=None), "the votes have no digests"),
    ):
        status, out, error = audit(votes, tmp_path, "--replay", 2)
        assert (status, out) == (2, "")
        assert message in error
    for count, message in ((0, "replay must be at least 1"), (41, "replay must be at most 40")):
        status, _, error = audit(honest, tmp_path, "--replay", count)
        assert status == 2
        assert message in error
    status, _, error = bagcert("audit", tmp_path / "c.jsonl", "--replay", 2)
    assert status == 2
    assert "--votes" in error
    with pytest.raises(ValueError, match="holds neither"):
        replay(honest, 2, data="mnist", data_dir=tmp_path)


def test_models_are_not_trained_for_votes_that_are_not_the_certificates(
    honest: Votes, tmp_path: Path
) -> None:
    audit(honest, tmp_path)
    write_votes(forged(honest, 1, 1), tmp_path / "v.npz", force=True)
    files = tmp_path / "c.jsonl", "--votes", tmp_path / "v.npz"
    status, out, _ = bagcert("audit", *files, "--replay", 40)
    assert status == 1
    assert "DIFFERS counts: index 0 is not as in" in out
    assert "no model was trained again: these are other votes" in out
    assert "REPLAYED" not in out


@pytest.mark.parametrize("replayed", [1, 2, 19, 20, 300, 5000])
@pytest.mark.parametrize("odds", [20, 100])
def test_the_share_is_the_least_on_its_grid(replayed: int, odds: int) -> None:
    share = forged_share(replayed, odds, 10**6)
    kept = [Fraction(10**4 - share + more, 10**4) ** replayed for more in (0, 1)]
    assert kept[0] <= Fraction(1, odds) < kept[1]
    assert share == math.ceil(10**4 * (1 - odds ** (-1 / replayed)))  # the closed form, in floats


def test_drawing_without_replacement_establishes_no_less() -> None:
    models, replayed = 60, 12
    for odds in (20, 100):
        share = forged_share(replayed, odds, models)
        forgeries = models * share // 10**4 + 1  # the least number above that share
        missed = Fraction(math.comb(models - forgeries, replayed), math.comb(models, replayed))
        assert missed < Fraction(1, odds)


def test_what_will_be_run_is_said_before_it_is(
    honest: Votes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def train(*args: Any, **options: Any) -> Any:
        assert told == [
            "as the votes' header says, 2 of 40 models are trained again: learner kernel-ridge, "
            "k = 20, seed 7, data set digits; settings: gamma=0.1, lam=0.01"
        ]
        raise LearnerError("that far")

    monkeypatch.setattr(module, "predict_models", train)
    with pytest.raises(LearnerError, match="that far"):
        replay(honest, 2, tell=told.append)
    status, _, error = audit(honest, tmp_path, "--replay", 2)
    assert status == 2
    assert error.index(told[0]) < error.index("that far")


HOSTILE = {
    "n_estimators": str(10**9),
    "hidden_layer_sizes": "(200000, 4000)",
    "max_iter": "1e9",
    "max_depth": "10" + "0" * 400,
    "n_jobs": "4000",
    "estimator__n_estimators": "1001",
    "layers": "conv4000 conv97",
    "epochs": "1001",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_settings_of_a_stranger_are_bounded(name: str) -> None:
    assert beyond_bounds({"lam": "0.01"}) is None
    fault = beyond_bounds({"lam": "0.01", name: HOSTILE[name]})
    assert fault is not None
    assert fault.startswith(f"{name} is ")
    assert len(fault) < 200


@pytest.mark.parametrize(
    ("name", "most"), [("n_estimators", 1000), ("max_depth", MOST), ("stack", 8), ("epochs", 1000)]
)
def test_bounds_are_met_exactly(name: str, most: int) -> None:
    assert beyond_bounds({name: str(most)}) is None
    assert beyond_bounds({name: str(most + 1)}) is not None
    assert beyond_bounds({"hidden_layer_sizes": "(4000, 96)"}) is None
    assert beyond_bounds({"hidden_layer_sizes": "(4000, 97)"}) is not None
    assert beyond_bounds({"hidden_layer_sizes": f"({'1, ' * 32})"}) is None
    assert beyond_bounds({"hidden_layer_sizes": f"({'1, ' * 33})"}) is not None


def test_every_learner_may_be_replayed_with_its_own_defaults() -> None:
    pytest.importorskip("sklearn", reason="the 22 estimators are scikit-learn's")
    for name in learner_names():
        if name != "sklearn":
            assert beyond_bounds(load_learner(name).settings) is None, name
    for title in ESTIMATORS:
        settings = load_learner("sklearn", {"estimator": title}).settings
        assert beyond_bounds(settings) is None, title


@pytest.fixture(scope="module")
def forest() -> Votes:
    """Two models of a forest that prints what it does."""
    settings = {"estimator": "RandomForestClassifier", "n_estimators": "2", "verbose": "3"}
    learner = load_learner("sklearn", settings)
    return train_votes(load_dataset("digits"), learner, 20, 2, 7, keep_predictions=True)


def test_a_forest_too_large_is_refused_unless_it_is_trusted(forest: Votes, tmp_path: Path) -> None:
    assert forest.header is not None
    assert forest.header.learner_settings is not None
    larger = {**forest.header.learner_settings, "n_estimators": "1001"}
    header = replace(forest.header, learner_settings=larger)
    votes = replace(forest, header=header)
    status, out, error = audit(votes, tmp_path, "--replay", 1)
    assert (status, out) == (2, "")
    assert "n_estimators is 1001, more than the 1000 that a header may ask for" in error
    assert "pass --trust-settings to run it all the same" in error
    status, out, _ = audit(votes, tmp_path, "--replay", 1, "--trust-settings")
    assert status == 1  # it was made by a smaller one
    assert "REPLAYED 1 of 2" in out


def test_standard_output_stays_ours(forest: Votes, tmp_path: Path) -> None:
    audit(forest, tmp_path)
    code = "from bagcert.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "audit", str(tmp_path / "c.jsonl"), "--votes",
         str(tmp_path / "v.npz"), "--replay", "2", "--json"],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["replay"]["differing"] == {}
    assert "building tree" in done.stderr


FOREIGN = """
import ctypes, os
from bagcert.reference.terminal.foreign import own_output
c = ctypes.CDLL(None)
print("ours")
c.puts(b"ours from C")
with own_output():
    print("foreign")
    c.puts(b"from C")
    os.write(1, b"raw\\n")
print("ours again")
try:
    with own_output():
        raise ZeroDivisionError
except ZeroDivisionError:
    print("and again")
"""


def test_python_and_c_alike_are_turned_to_standard_error() -> None:
    # Where Python does not buffer, neither does C, and nothing would be held back.
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run(
        [sys.executable, "-c", FOREIGN],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    assert done.stdout.splitlines() == ["ours", "ours from C", "ours again", "and again"]
    assert sorted(done.stderr.splitlines()) == ["foreign", "from C", "raw"]

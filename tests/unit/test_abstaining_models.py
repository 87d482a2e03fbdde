"""Models that their k rows defeat: votes for "no label" where a setting says so, else an end."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from bagcert.__main__ import app
from bagcert.fastpath.datasets import load_dataset
from bagcert.fastpath.learners import LearnerError, SklearnLearner, load_learner
from bagcert.fastpath.training.ensemble import train_votes
from bagcert.fastpath.votes.file import read_votes
from bagcert.reference.certificate.reader import read_certificate

pytest.importorskip("sklearn")

from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.naive_bayes import GaussianNB

DIGITS = load_dataset("digits+no-label")
#: Fitted to 5 rows of 5 classes it fails; model 3 of seed 0 draws such a list.
DEFEATED = {"estimator": "LinearDiscriminantAnalysis", "failing": "abstain"}


def test_a_failing_model_votes_for_no_label_and_the_others_as_ever() -> None:
    votes = train_votes(
        DIGITS, load_learner("sklearn", DEFEATED), 5, 20, 0, keep_predictions=True
    )  # fmt: skip
    assert votes.predictions is not None
    assert votes.counts.shape == (360, 11)
    assert (votes.counts.sum(axis=1) == 20).all()
    silent = (votes.predictions == 10).all(axis=1)
    assert silent[3]
    assert 0 < silent.sum() < 20
    assert (votes.predictions[~silent] < 10).all()
    # One at a time, on the plain data set: who fails there is silent here, the rest are equal.
    plain = load_learner("sklearn", {"estimator": "LinearDiscriminantAnalysis"})
    for model in range(20):
        try:
            alone = train_votes(
                load_dataset("digits"), plain, 5, 1, 0, first_model=model, keep_predictions=True
            )  # fmt: skip
        except LearnerError:
            assert silent[model]
        else:
            assert alone.predictions is not None
            assert np.array_equal(alone.predictions[0], votes.predictions[model])


def test_without_the_setting_a_failing_model_ends_the_training() -> None:
    plain = {"estimator": DEFEATED["estimator"]}
    with pytest.raises(LearnerError, match="model 3: .* cannot be fitted to 5 examples"):
        train_votes(DIGITS, load_learner("sklearn", plain), 5, 20, 0)
    with pytest.raises(ValueError, match="failing must be abstain"):
        load_learner("sklearn", DEFEATED | {"failing": "x"})


def _raises(error: Exception) -> Any:
    class Failing(GaussianNB):
        def fit(self, x: Any, y: Any) -> Any:
            raise error

    return Failing()


@pytest.mark.parametrize(
    "error", [MemoryError(), OSError("disk"), TypeError("no such parameter"), KeyError("x")]
)
def test_what_is_not_the_rows_doing_is_no_abstention(error: Exception) -> None:
    with pytest.raises(LearnerError, match="model 0: .*cannot be fitted"):
        train_votes(DIGITS, _learner(_raises(error)), 5, 2, 0)


@pytest.mark.parametrize("error", [ValueError("x"), np.linalg.LinAlgError("x"), OverflowError()])
def test_numerical_failures_are_abstentions(error: Exception) -> None:
    votes = train_votes(DIGITS, _learner(_raises(error)), 5, 2, 0)
    assert (votes.counts[:, 10] == 2).all()


def _learner(estimator: Any) -> SklearnLearner:
    return SklearnLearner(estimator, abstaining=True)


def test_a_wrong_parameter_is_no_abstention() -> None:
    wrong = LinearDiscriminantAnalysis(solver="none such")
    with pytest.raises(LearnerError, match="model 0: .*InvalidParameterError"):
        train_votes(DIGITS, _learner(wrong), 20, 2, 0)


def test_a_label_that_examples_bear_is_not_taken_for_no_label() -> None:
    with pytest.raises(LearnerError, match=r"wants a data set whose last class .* add \+no-label"):
        train_votes(load_dataset("digits"), load_learner("sklearn", DEFEATED), 20, 20, 0)


def test_from_the_command_to_an_audited_certificate(tmp_path: Path) -> None:
    votes, certificate = tmp_path / "v.npz", tmp_path / "c.jsonl"
    settings = [f"--setting={name}={value}" for name, value in DEFEATED.items()]
    for arguments in (
        ["train", "--dataset", "digits+no-label", "--learner", "sklearn", *settings,
         "--k", "5", "--models", "60", "--predictions", "-o", votes],
        ["certify", votes, "--alpha", "1/10", "-o", certificate],
        ["audit", certificate, "--votes", votes, "--replay", "5"],
        ["audit", certificate, "--votes", votes, "--data", "digits+no-label", "--replay", "5"],
    ):  # fmt: skip
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        assert result.exit_code == 0, result.stderr
    assert not re.search("DIFFERS|NOT STATED (?!true)", result.stdout)
    header = read_certificate(certificate).header
    assert header.class_names is not None
    assert (header.classes, header.class_names[-1]) == (11, "no label")
    assert read_votes(votes).counts[:, 10].min() > 0
    plain = CliRunner().invoke(app, ["audit", str(certificate), "--data", "digits"])
    assert plain.exit_code == 1
    assert "DIFFERS classes" in plain.stdout

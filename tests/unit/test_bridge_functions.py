"""Certificates of an ensemble that a plain function trains."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bagcert.fastpath import certify_ensemble, certify_votes
from bagcert.fastpath.bridges.functions import SHARD, replay_ensemble
from bagcert.fastpath.draws.lists import draw, model_seed

X, Y = np.linspace(0.0, 1.0, 200), np.arange(200) // 100
TESTED = np.array([0.1, 0.45, 0.9])
OPTIONS: dict[str, Any] = {"n": 200, "k": 10, "examples": 3, "classes": ["no", "yes"], "seed": 3}


def nearest(indices: Any, seed: int) -> Any:
    return Y[indices][np.abs(TESTED[:, None] - X[indices]).argmin(axis=1)]


def test_votes_are_those_of_the_drawn_indices_and_seeds() -> None:
    seen = []

    def remember(indices: Any, seed: int) -> Any:
        seen.append((indices.tolist(), seed))
        return nearest(indices, seed)

    found = certify_ensemble(remember, models=60, labels=[0, 0, 1], **OPTIONS)
    assert seen == [(draw(3, i, 200, 10).tolist(), model_seed(3, i)) for i in range(60)]
    rows = np.array([nearest(draw(3, i, 200, 10), 0) for i in range(60)])
    assert (found.votes.counts[:, 1] == rows.sum(axis=0)).all()
    assert found.labels.tolist()[::2] == ["no", "yes"]
    due = certify_votes(found.votes.counts, 200, 10, "1/1000")
    assert (found.radius == due.radius).all()


def test_an_interrupted_run_goes_on_to_the_same_votes(tmp_path: Path) -> None:
    whole = certify_ensemble(nearest, models=60, **OPTIONS)

    def stop(done: int, total: int) -> None:
        assert total == 60
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        certify_ensemble(nearest, models=60, checkpoint=tmp_path / "c", progress=stop, **OPTIONS)
    steps: list[int] = []
    found = certify_ensemble(
        nearest, models=60, checkpoint=tmp_path / "c", progress=lambda d, _: steps.append(d),
        **OPTIONS,
    )  # fmt: skip
    assert steps[0] == SHARD
    assert found.votes.digest == whole.votes.digest
    assert (np.asarray(found.votes.digests) == np.asarray(whole.votes.digests)).all()


def test_answers_that_depend_on_the_other_examples_are_stated_as_such() -> None:
    for stated, due in ((False, None), (True, True)):
        found = certify_ensemble(nearest, models=5, transductive=stated, **OPTIONS)
        assert found.votes.header is not None
        assert found.votes.header.transductive is due
    silent = certify_ensemble(nearest, models=5, **OPTIONS).votes.header
    assert silent is not None
    assert silent.transductive is None


def test_a_function_without_a_name_cannot_be_resumed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a checkpoint needs a function with a name of its own"):
        certify_ensemble(
            lambda indices, seed: nearest(indices, seed), models=5, checkpoint=tmp_path, **OPTIONS
        )
    certify_ensemble(lambda indices, seed: nearest(indices, seed), models=5, **OPTIONS)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ([0, 1], r"model 0: .* must return 3 integer labels, not \(2,\)"),
        ([0.0, 1.0, 0.0], "must return 3 integer labels"),
        ([0, 1, 2], r"model 0: a label lies outside 0\.\.1"),
        ([0, -1, 0], r"a label lies outside 0\.\.1"),
    ],
)
def test_answers_that_are_no_labels_name_the_model(answer: list[Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        certify_ensemble(lambda *_: answer, models=5, **OPTIONS)


def test_a_replay_finds_models_that_come_out_otherwise() -> None:
    found = certify_ensemble(nearest, models=30, **OPTIONS)
    assert replay_ensemble(found, nearest, 30) == {}
    assert set(replay_ensemble(found, lambda i, s: 1 - nearest(i, s), 30).values()) == {3}


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"k": 0}, "k must be at least 1"),
        ({"classes": 1}, "classes must be at least 2"),
        ({"seed": -1}, "seed must be at least 0"),
        ({"alpha": "2"}, "alpha must lie strictly between 0 and 1"),
    ],
)
def test_arguments_outside_their_domain_are_named(options: dict[str, Any], error: str) -> None:
    with pytest.raises(ValueError, match=error):
        certify_ensemble(nearest, models=5, **{**OPTIONS, **options})

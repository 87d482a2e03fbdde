"""The fuzzing targets themselves: seeds and some hundred edits of them, without atheris."""

import importlib
import itertools
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from bagcert.fastpath.votes.votes import Votes
from bagcert.reference import checker
from tests.fuzz import certificates, datasets, drafts, votes
from tests.fuzz.findings import Finding, Hang, watched
from tests.fuzz.run import TARGETS

INPUTS = 300
#: What must be met. Every kind of input is read at times, but MNIST is known by its hash.
MET = {
    "certificates": ("VALID", "INVALID", "INVALID, not read", "MALFORMED, not read"),
    "votes": (".csv, read", ".npz, read", ".npy, read", "labels, read", "predictions, read"),
    "datasets": (".npz, read", "batch, read", "archive, read", "idx, refused", "idx.gz, refused"),
}


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_is_found(name: str, tmp_path: Path) -> None:
    target = importlib.import_module(f"tests.fuzz.{name}")
    drawn, seeds = random.Random(1), target.seeds()
    inputs = [target.mutated(drawn.choice(seeds), drawn) for _ in range(INPUTS)]
    outcomes = Counter(target.target(content, tmp_path) for content in (*seeds, *inputs))
    assert {*MET[name]} <= {*outcomes}


@pytest.mark.parametrize("name", TARGETS)
def test_edits_are_repeatable(name: str) -> None:
    target = importlib.import_module(f"tests.fuzz.{name}")
    for content in target.seeds()[::20]:
        once, again = (target.mutated(content, random.Random(3)) for _ in range(2))
        assert once == again


def test_a_false_valid_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel without one of its questions says VALID, and that is noticed."""
    draft = drafts.fresh(0)
    certified = next(row for row in draft.rows if "radius" in row)
    certified["radius"] += 1
    content = draft.content()
    assert certificates.judged(content)[0] == "INVALID"
    monkeypatch.setattr(checker.Judge, "check_radius", lambda *_: None)
    with pytest.raises(Finding, match="line 2 is not reference's, but VALID"):
        certificates.judged(content)


def test_a_false_invalid_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    content = drafts.fresh(0).content()
    assert certificates.judged(content)[0] == "VALID"
    monkeypatch.setattr(checker, "grid_point", lambda text: None)
    with pytest.raises(Finding, match="every claim is reference's, but INVALID"):
        certificates.judged(content)


def test_a_misread_table_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    content = votes.first(0) + votes.LABELLED
    assert votes.target(content, tmp_path) == ".csv, read"
    other = np.array([[3, 1, 0], [4, 0, 0]])
    monkeypatch.setattr(votes, "read_votes", lambda *_, **__: Votes(other))
    with pytest.raises(Finding, match="do not stand in the table"):
        votes.target(content, tmp_path)


def test_a_misread_data_set_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    content = datasets.seeds()[2]
    assert datasets.target(content, tmp_path) == ".npz, read"
    monkeypatch.setattr(np, "array_equal", lambda *_: False)
    with pytest.raises(Finding, match="is not the file's"):
        datasets.target(content, tmp_path)


def test_a_hang_is_stopped() -> None:
    with pytest.raises(Hang, match=r"more than 0\.05 seconds"), watched(0.05):
        sum(1 for _ in itertools.count())
    with watched(0.05):
        pass

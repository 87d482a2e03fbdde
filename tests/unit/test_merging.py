"""Parts of an ensemble, trained apart and joined: the file that one run would have written."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from bagcert.__main__ import app
from bagcert.fastpath.datasets import load_dataset
from bagcert.fastpath.learners import KernelRidge
from bagcert.fastpath.training.ensemble import train_votes
from bagcert.fastpath.votes.merging import merge_votes
from bagcert.fastpath.votes.votes import Votes

run = CliRunner()


def part(first: int, models: int, *, seed: int = 1, k: int = 5, keep: bool = False) -> Votes:
    return train_votes(
        load_dataset("digits"), KernelRidge(), k, models, seed,
        first_model=first, shard=2, keep_predictions=keep,
    )  # fmt: skip


def test_parts_make_the_whole() -> None:
    due = part(0, 9, keep=True)
    found = merge_votes([part(7, 2, keep=True), part(0, 4, keep=True), part(4, 3, keep=True)])
    assert found.header == due.header
    for name in ("counts", "labels", "predictions", "digests"):
        assert np.array_equal(getattr(found, name), getattr(due, name))
    assert merge_votes([part(0, 4, keep=True), part(4, 3)]).predictions is None
    assert merge_votes([part(3, 2)]).header == part(3, 2).header


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([(0, 4), (3, 2)], "model 3 is in two parts"),
        ([(0, 4), (0, 4)], "model 0 is in two parts"),
        ([(0, 2), (4, 2)], "models 2 to 3 are in no part"),
        ([], "at least one"),
    ],
)
def test_parts_that_overlap_or_leave_a_gap(parts: list[tuple[int, int]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        merge_votes([part(*one) for one in parts])


def test_parts_of_other_ensembles() -> None:
    one = part(0, 2)
    for other, words in (
        (part(2, 2, seed=2), "differ in seed"),
        (part(2, 2, k=6), "differ in k"),
        (replace(part(2, 2), labels=None), "differ in labels"),
        (replace(part(2, 2), digests=None), "digests"),
        (replace(part(2, 2), header=None), "without a header"),
    ):
        with pytest.raises(ValueError, match=words):
            merge_votes([one, other])


def test_the_command_gives_the_bytes_of_one_run(tmp_path: Path) -> None:
    def train(name: str, first: int, models: int) -> str:
        path = str(tmp_path / name)
        result = run.invoke(app, [
            "train", "-o", path, "--k", "5", "--models", str(models), "--seed", "1",
            "--first-model", str(first),
        ])  # fmt: skip
        assert result.exit_code == 0, result.stderr
        return path

    parts = [train("b.npz", 3, 2), train("a.npz", 0, 3)]
    whole = train("whole.npz", 0, 5)
    merged = str(tmp_path / "merged.npz")
    assert run.invoke(app, ["merge", *parts, "-o", merged]).exit_code == 0
    assert Path(merged).read_bytes() == Path(whole).read_bytes()
    again = run.invoke(app, ["merge", *parts, "-o", merged])
    assert again.exit_code == 2
    assert "exists already" in again.stderr
    doubled = run.invoke(app, ["merge", *parts, parts[0], "-o", merged, "--force"])
    assert doubled.exit_code == 2
    assert "is in two parts" in doubled.stderr

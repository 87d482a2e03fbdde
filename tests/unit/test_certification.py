"""Certificate files by the bulk road: the bytes that the exact reference leads to."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bagcert
from bagcert.fastpath.certification import certificate_file as module
from bagcert.fastpath.certification.certificate_file import (
    Made,
    _rows,
    certify_file,
    header_for,
    refuse_total,
)
from bagcert.fastpath.crosscheck.rows import edge_rows, random_rows
from bagcert.fastpath.votes.header import VotesHeader
from bagcert.fastpath.votes.votes import Votes
from bagcert.reference import (
    Attack,
    Method,
    Residual,
    Row,
    Scope,
    certify,
    check_certificate,
    write_certificate,
)
from bagcert.reference.terminal.outputs import OutputError

ALPHA = Fraction(1, 20)


def votes_of(counts: Any, n: int, k: int, **stated: Any) -> Votes:
    models, classes = int(counts[0].sum()), counts.shape[1]
    numbers = {"n": n, "k": k, "models": models, "classes": classes}
    labels = np.arange(len(counts)) % classes
    return Votes(counts, labels=labels, header=VotesHeader(**numbers, **stated))


def exact_rows(votes: Votes, header: Any) -> Iterator[Row]:
    assert votes.labels is not None
    for index, (row, truth) in enumerate(
        zip(votes.counts.tolist(), votes.labels.tolist(), strict=True)
    ):
        outcome = certify(
            row, header.n, header.k, header.level,
            method=header.method, attack=header.attack, residual=header.residual,
        )  # fmt: skip
        yield Row(index, row, outcome, truth)


@pytest.mark.parametrize(("n", "k", "models"), [(300, 10, 50), (1, 1, 9), (3, 100, 20)])
@pytest.mark.parametrize("scope", list(Scope))
def test_the_bytes_are_those_of_the_exact_road(
    n: int, k: int, models: int, scope: Scope, tmp_path: Path
) -> None:
    counts = np.concatenate([random_rows(60, 3, models, 2), edge_rows(30, 3, models)])
    votes = votes_of(counts, n, k, ignores_seed=True)
    for method, attack, residual in product(Method, Attack, Residual):
        header = header_for(votes, ALPHA, method, scope, attack, residual)
        fast, exact = tmp_path / "fast.jsonl", tmp_path / "exact.jsonl"
        certify_file(
            votes, fast, ALPHA, method=method, scope=scope, attack=attack, residual=residual,
            force=True,
        )  # fmt: skip
        write_certificate(exact, header, exact_rows(votes, header), force=True)
        assert fast.read_bytes() == exact.read_bytes(), (method, attack, residual)
        assert check_certificate(fast).status == "VALID"


def test_progress_ends_with_all_rows_and_the_summary_counts_the_rows(tmp_path: Path) -> None:
    counts = random_rows(200, 3, 50, 4)
    steps: list[tuple[int, int]] = []
    made = certify_file(
        votes_of(counts, 300, 10), tmp_path / "c.jsonl", "1/20",
        progress=lambda done, total: steps.append((done, total)),
    )  # fmt: skip
    assert steps[-1] == (200, 200)
    assert sum(made.outcomes.values()) == 200
    said = made.as_fields()
    assert (said["n"], said["k"], said["models"], said["classes"], said["examples"]) == (
        300, 10, 50, 3, 200,
    )  # fmt: skip
    assert said["certified"] + said["abstained"] == 200


def test_integral_is_refused_as_member_and_as_string(tmp_path: Path) -> None:
    counts = random_rows(5, 3, 50, 4)
    for stated in ({}, {"ignores_seed": False}):
        for residual in (Residual.INTEGRAL, "integral"):
            with pytest.raises(ValueError, match="integral"):
                certify_file(
                    votes_of(counts, 300, 10, **stated), tmp_path / "c.jsonl", ALPHA,
                    residual=residual,
                )  # fmt: skip
    assert not list(tmp_path.iterdir())


def test_a_column_of_totals_is_refused() -> None:
    counts = np.array([[3, 4, 1], [5, 0, 3], [8, 0, 0]])
    refuse_total(counts)
    for place in range(4):
        totals = np.insert(counts, place, counts.sum(axis=1), axis=1)
        with pytest.raises(ValueError, match=f"column {place + 1} of 4 is the sum"):
            refuse_total(totals)
    with pytest.raises(ValueError, match="column 3 of 3"):
        refuse_total(np.array([[5, 3, 8], [1, 1, 2]]))
    totals[2] += [1, 0, 0, 0]  # in one row it is not
    refuse_total(totals)
    refuse_total(np.array([[5, 5], [5, 5]]))  # two labels that tie


def test_what_is_printed_about_a_file(tmp_path: Path) -> None:
    counts = np.array([[50, 0, 0], [0, 50, 0], [26, 24, 0], [20, 20, 10], [31, 19, 0]])
    path = tmp_path / "c.jsonl"
    made = certify_file(votes_of(counts, 300, 10), path, "1/20")
    assert made.as_fields() == {
        "n": 300, "k": 10, "models": 50, "classes": 3, "examples": 5, "certified": 2,
        "abstained": 3, "abstained_why": "selection 3", "alpha": "1/20", "scope": "simultaneous",
        "level_of_one_example": "1/100", "level_proven_for_one_example": "1/100",
    }  # fmt: skip
    assert made.outcomes == {"": 2, "selection": 3}
    before = path.read_bytes()
    with pytest.raises(OutputError):
        certify_file(votes_of(counts[:1], 300, 10), path, "1/20")
    assert path.read_bytes() == before
    made = certify_file(votes_of(counts[:2], 300, 10), path, "1/20", force=True, scope="each")
    said = made.as_fields()
    assert (said["abstained_why"], said["level_of_one_example"]) == (None, "1/20")
    made = certify_file(
        votes_of(counts, 1, 1), path, "1/20", method="simuem", scope="each", force=True
    )
    assert made.as_fields()["level_proven_for_one_example"] == "1/15"  # (1 + 1/c) a


def test_reasons_are_told_in_their_order(tmp_path: Path) -> None:
    # Of three lists a lead of 40 to 10 is not one: rounded to lists it is none.
    counts = np.array([[50, 0], [26, 24], [45, 5], [40, 10], [33, 17]])
    said = certify_file(votes_of(counts, 3, 1), tmp_path / "c.jsonl", "1/20").as_fields()
    assert (said["certified"], said["abstained"]) == (2, 3)
    assert said["abstained_why"] == "residual 1, selection 2"


def test_blocks_of_rows_are_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = np.concatenate([random_rows(40, 3, 50, 2), edge_rows(25, 3, 50)])
    votes, whole, blocks = votes_of(counts, 300, 10), tmp_path / "whole", tmp_path / "blocks"
    certify_file(votes, whole, ALPHA)
    monkeypatch.setattr(module, "CHUNK", 10)
    steps: list[tuple[int, int]] = []
    certify_file(votes, blocks, ALPHA, progress=lambda *step: steps.append(step))
    assert blocks.read_bytes() == whole.read_bytes()
    assert steps == [*((done, 65) for done in range(10, 61, 10)), (65, 65)]
    unlabelled = Votes(counts, header=votes.header)
    certify_file(unlabelled, tmp_path / "unlabelled", ALPHA)
    assert check_certificate(tmp_path / "unlabelled").status == "VALID"
    assert b'"true_label"' not in (tmp_path / "unlabelled").read_bytes()


def test_a_total_in_all_blocks_but_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BLOCK", 2)
    counts = np.array([[1, 2, 3], [0, 4, 4], [5, 1, 6], [2, 2, 4], [1, 1, 2]])
    with pytest.raises(ValueError, match="column 3 of 3"):
        refuse_total(counts)
    for row in range(5):
        other = counts.copy()
        other[row, 0] += 1
        refuse_total(other)
    refuse_total(np.array([[3, 1, 1], [1, 3, 1]]))
    refuse_total(np.array([[9, 1, 1], [8, 2, 1]]))  # most votes, and no total
    refuse_total(np.array([[1, 2, 1], [1, 3, 1]]) * [4, 1, 4])
    with pytest.raises(ValueError, match="column 1 of 3"):
        refuse_total(np.zeros((3, 3), int))


def test_a_header_says_what_the_votes_say() -> None:
    counts = np.array([[3, 2], [5, 0]])
    for names, due in ((("cat", "dog"), ("cat", "dog")), ((), None), (None, None)):
        votes = votes_of(counts, 7, 2, class_names=names, learner="ridge", seed=5)
        made = header_for(votes, "1/20", "cohen", "each", "delete", "none")
        assert made.class_names == due
        assert made.provenance == {
            "votes_sha256": votes.digest, "bagcert": bagcert.__version__, "learner": "ridge",
            "seed": "5",
        }  # fmt: skip
        assert (made.n, made.k, made.classes, made.models, made.examples) == (7, 2, 2, 5, 2)
        assert (made.alpha, made.method, made.scope, made.attack, made.residual) == (
            Fraction(1, 20), "cohen", "each", "delete", "none",
        )  # fmt: skip
    with pytest.raises(ValueError, match="state neither"):
        header_for(Votes(counts), "1/20", "cohen", "each", "delete", "none")


def test_labels_of_single_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The runner-up where no other label has a vote, and where several have as many."""
    monkeypatch.setenv("BAGCERT_CACHE", str(tmp_path / "cache"))
    counts = np.array([[9, 0, 0], [0, 9, 0], [0, 0, 9], [9, 0, 0], [8, 0, 1], [4, 4, 1], [3, 3, 3]])
    votes = votes_of(counts, 20, 1)
    header = header_for(votes, "9/10", "simuem", "each", "any", "none")
    made = Made(header)
    assert [*_rows(votes, made, None)] == [*exact_rows(votes, header)]
    assert made.outcomes == {"": 5, "bounds": 2}
    assert list((tmp_path / "cache").iterdir())  # tables are kept

"""Votes beyond what is held in memory: mapped copies that certify and audit as arrays do."""

import errno
import gc
import os
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from bagcert.__main__ import app
from bagcert.fastpath.certification.certificate_file import certify_file
from bagcert.fastpath.untrusted import arrays, maps
from bagcert.fastpath.votes.file import read_votes
from bagcert.fastpath.votes.votes import Votes, VotesError

ROWS = 70_000  # more than one block of each reader


@pytest.fixture
def file(tmp_path: Path) -> Path:
    top = np.random.default_rng(1).integers(0, 101, ROWS)
    path = tmp_path / "votes.npz"
    np.savez(path, counts=np.stack([top, 100 - top], axis=1), labels=top % 2)
    return path


def read(path: Path) -> Votes:
    return read_votes(path, n=60_000, k=100)


def test_a_map_gives_what_an_array_gives(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = read(file)
    assert type(held.counts) is np.ndarray
    monkeypatch.setattr(arrays, "IN_MEMORY", 2**12)
    votes = read(file)
    assert isinstance(votes.counts, np.memmap)
    assert isinstance(votes.labels, np.memmap)
    assert votes.labels is not None
    assert held.labels is not None
    assert (votes.counts == held.counts).all()
    assert (votes.labels == held.labels).all()
    assert votes.digest == held.digest
    certify_file(held, tmp_path / "held.jsonl", "1/1000")
    certify_file(votes, tmp_path / "mapped.jsonl", "1/1000")
    assert (tmp_path / "held.jsonl").read_bytes() == (tmp_path / "mapped.jsonl").read_bytes()


@pytest.mark.parametrize("limit", [2**12, 2**30])
def test_an_audit_finds_one_count_and_one_label_among_many(
    file: Path, tmp_path: Path, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrays, "IN_MEMORY", limit)
    certify_file(read(file), tmp_path / "c.jsonl", "1/1000")
    with np.load(file) as found:
        counts, labels = found["counts"].copy(), found["labels"].copy()
    counts[-1] = counts[-1, 0] ^ 1, 100 - (counts[-1, 0] ^ 1)
    labels[[3, 50_000]] ^= 1
    np.savez(tmp_path / "other.npz", counts=counts, labels=labels)
    arguments = ["audit", str(tmp_path / "c.jsonl"), "--votes"]
    same = CliRunner().invoke(app, [*arguments, str(file)])
    assert same.exit_code == 0
    assert f"AGREES counts: all {ROWS} rows" in same.stdout
    assert f"AGREES true labels: all {ROWS} rows" in same.stdout
    other = CliRunner().invoke(app, [*arguments, str(tmp_path / "other.npz")])
    assert other.exit_code == 1
    differs = f"is not as in {tmp_path / 'other.npz'}"
    assert f"counts: index {ROWS - 1} {differs}; 1 of {ROWS} rows are not" in other.stdout
    assert f"true labels: index 3 {differs}; 2 of {ROWS} rows are not" in other.stdout


def test_the_last_row_of_a_map_is_checked(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "IN_MEMORY", 2**12)
    with np.load(file) as found:
        counts = found["counts"].copy()
    counts[-1, 0] += 1
    np.savez(file, counts=counts)
    with pytest.raises(VotesError, match=rf"row {ROWS - 1} sums to 101, row 0 to 100"):
        read(file)


def test_a_map_of_anothers_file_is_copied(tmp_path: Path) -> None:
    np.save(tmp_path / "counts.npy", np.array([[3, 4], [5, 2]]))
    theirs = np.load(tmp_path / "counts.npy", mmap_mode="r")
    assert not maps.is_own_map(theirs)
    assert not isinstance(Votes(theirs).counts, np.memmap)


def test_no_room_for_a_map_is_one_error(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def close(self) -> None:
            return None

        def write(self, data: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(arrays, "IN_MEMORY", 2**12)
    monkeypatch.setattr(maps, "TemporaryFile", Full)
    with pytest.raises(VotesError, match=r"counts: no room for a copy: No space left .*TMPDIR"):
        read(file)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc")
def test_a_map_ends_with_its_array(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "IN_MEMORY", 2**12)

    def deleted() -> int:
        return sum("(deleted)" in line for line in Path("/proc/self/maps").read_text().splitlines())

    before = deleted()
    votes = read(file)
    assert deleted() == before + 2
    del votes
    gc.collect()
    assert deleted() == before

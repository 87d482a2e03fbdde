"""Votes files: round trips, equal bytes, and strangers' files."""

import hashlib
import io
import json
import struct
import warnings
import zipfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bagcert.fastpath.untrusted.table_options import TableOptions
from bagcert.fastpath.votes.file import read_votes, write_votes
from bagcert.fastpath.votes.header import VotesHeader
from bagcert.fastpath.votes.predictions import count_predictions, digest_rows
from bagcert.fastpath.votes.votes import Votes, VotesError

COUNTS = np.array([[3, 1, 0], [0, 4, 0]], dtype=np.int64)
ROWS = np.array([[0, 1], [1, 1], [0, 1], [0, 1]], dtype=np.int32)
HEADER = VotesHeader(n=30, k=5, models=4, classes=3)
TEXT = {"format": "bagcert-votes/1", "n": 30, "k": 5, "models": 4, "classes": 3}


def full(**changes: Any) -> Votes:
    fields: dict[str, Any] = {
        "counts": COUNTS,
        "labels": np.array([0, 2]),
        "predictions": ROWS,
        "digests": digest_rows(ROWS),
        "header": replace(HEADER, seed=2**64 - 1, ignores_seed=True, learner="ridge"),
    }
    return Votes(**{**fields, **changes})


def npz(path: Path, **arrays: Any) -> Path:
    np.savez(path, **arrays)
    return path


def test_round_trip_and_equal_bytes(tmp_path: Path) -> None:
    votes = full()
    write_votes(votes, tmp_path / "a.npz")
    write_votes(full(counts=np.asfortranarray(COUNTS.astype(">i4"))), tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    back = read_votes(tmp_path / "a.npz", n=30, k=5)
    for name in ("counts", "labels", "predictions", "digests"):
        assert getattr(back, name).dtype == getattr(votes, name).dtype
        assert (getattr(back, name) == getattr(votes, name)).all()
        assert not getattr(back, name).flags.writeable
    assert back.header == votes.header
    assert back.models == 4
    assert np.load(tmp_path / "a.npz")["counts"].tolist() == COUNTS.tolist()


def test_digest_is_as_documented() -> None:
    data = struct.pack("<6q", *COUNTS.ravel().tolist())
    assert full().digest == hashlib.sha256(data).hexdigest()
    assert digest_rows(ROWS)[1].tobytes() == hashlib.sha256(struct.pack("<2i", 1, 1)).digest()


def test_existing_path_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "v.npz"
    path.write_bytes(b"mine")
    with pytest.raises(ValueError, match="exists already"):
        write_votes(full(), path)
    assert path.read_bytes() == b"mine"
    write_votes(full(), path, force=True)
    assert read_votes(path).digest == full().digest
    assert [p.name for p in tmp_path.iterdir()] == ["v.npz"]


@pytest.mark.parametrize("dtype", ["<i8", ">i4", "u1", "<u8"])
def test_bare_tables(tmp_path: Path, dtype: str) -> None:
    np.save(tmp_path / "c.npy", np.asfortranarray(COUNTS.astype(dtype)))
    votes = read_votes(tmp_path / "c.npy")
    assert votes.counts.tolist() == COUNTS.tolist()
    assert votes.header is None
    assert read_votes(tmp_path / "c.npy", n=30, k=5).header == HEADER


@pytest.mark.parametrize("text", ["3,1,0\n0,4,0\n", "3,1,0\r\n0,4,0"])
def test_csv(tmp_path: Path, text: str) -> None:
    (tmp_path / "c.csv").write_bytes(text.encode())
    assert read_votes(tmp_path / "c.csv").counts.tolist() == COUNTS.tolist()


def test_prediction_rows_are_counted(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("0,1\n1,1\n0,1\n0,1\n")
    plain = TableOptions(header=False)
    with pytest.raises(VotesError, match="say --header, or --no-header"):
        read_votes(tmp_path / "p.csv", predictions=True, classes=3)
    votes = read_votes(tmp_path / "p.csv", predictions=True, classes=3, n=30, k=5, table=plain)
    assert votes.counts.tolist() == COUNTS.tolist()
    assert votes.header == HEADER
    with pytest.raises(VotesError, match="classes must be stated: --classes"):
        read_votes(tmp_path / "p.csv", predictions=True, table=plain)
    np.save(tmp_path / "p.npy", ROWS + 1)
    with pytest.raises(VotesError, match=r"labels must lie in 0\.\.1"):
        read_votes(tmp_path / "p.npy", predictions=True, classes=2)
    assert count_predictions(ROWS, 3).tolist() == COUNTS.tolist()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("3,1,0\n0,4\n", "line 2: 2 cells where line 1 has 3"),
        ("a,1,c\n3,1,0\n", "line 1: 'a' is not a plain integer; if .* say --header"),
        ("a,b,c\n", "no row under the header"),
        ("3,1,0\n0,4.5,0\n", "line 2: '4.5'"),
        ("3,1,0\n-1,5,0\n", "line 2: '-1'"),
        ("3,1,0\n\n3,1,0\n", "line 2: is empty"),
        ("3,1,0\n0,5,0\n", "row 1 sums to 5, row 0 to 4"),
        ("0,0\n", "sum to 0"),
        ("3\n", "counts: 1 × 1, .* at least 2 labels, one a column"),
        ("3,1,0\n0,,4\n", "line 2: '' is not"),
        ('3,1,0\n"0,4,0\n', "line 2: unexpected end"),
        ("9000000000,0\n", "outside 0..1000000"),
        ("", "empty"),
        ("1" * (2**20 + 1), "line 1: longer"),
        ("\u0663,1\n", "line 1"),
    ],
)
def test_csv_refused_by_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "c.csv").write_text(text)
    with pytest.raises(VotesError, match=message) as caught:
        read_votes(tmp_path / "c.csv")
    assert "c.csv: counts" in str(caught.value)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (COUNTS.astype(float), "counts must be integers, not float64"),
        (COUNTS.astype(bool), "counts must be integers, not bool"),
        (COUNTS[0], r"shape \(3,\)"),
        (COUNTS[None], r"shape \(1, 2, 3\)"),
        (np.zeros((0, 3), int), "empty"),
        (np.array([[5, -1], [2, 2]]), "-1 is outside"),
        (np.array([[2**64 - 1, 5]], dtype=np.uint64), "too large"),
    ],
)
@pytest.mark.parametrize("kind", ["npy", "npz"])
def test_bad_arrays(tmp_path: Path, array: NDArray[Any], message: str, kind: str) -> None:
    path = tmp_path / f"c.{kind}"
    np.save(path, array) if kind == "npy" else np.savez(path, counts=array)
    with pytest.raises(VotesError, match=message):
        read_votes(path)


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return (exec, ("raise SystemExit('unpickled')",))


def test_pickles_stay_pickled(tmp_path: Path) -> None:
    np.save(tmp_path / "c.npy", np.array([[Bomb()]], dtype=object), allow_pickle=True)
    with pytest.raises(VotesError, match="must be integers, not object"):
        read_votes(tmp_path / "c.npy")


def raw_npy(shape: tuple[int, ...], data: bytes = b"", descr: str = "<i8") -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        buffer, {"shape": shape, "fortran_order": False, "descr": descr}
    )
    return buffer.getvalue() + data


@pytest.mark.parametrize("shape", [(10**8, 10), (10**5, 10**4), (-1, 3), (3, 2**70), (2, 4)])
def test_shapes_are_judged_before_memory_is_asked_for(
    tmp_path: Path, shape: tuple[int, ...]
) -> None:
    (tmp_path / "c.npy").write_bytes(raw_npy(shape, COUNTS.tobytes()))
    with pytest.raises(VotesError, match="counts"):
        read_votes(tmp_path / "c.npy")


@pytest.mark.parametrize("content", [b"", b"PK", b"\x93NUMPY\x01\x00\xff\xff{", b"x" * 99])
@pytest.mark.parametrize("suffix", ["npy", "npz"])
def test_garbage(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"c.{suffix}"
    path.write_bytes(content)
    with pytest.raises(VotesError, match=f"c.{suffix}: "):
        read_votes(path)


def test_every_truncation_and_flip_is_refused_or_harmless(tmp_path: Path) -> None:
    write_votes(full(), tmp_path / "a.npz")
    whole = (tmp_path / "a.npz").read_bytes()
    path = tmp_path / "b.npz"
    for size in range(0, len(whole), 7):
        path.write_bytes(whole[:size])
        with pytest.raises(VotesError):
            read_votes(path)
    for place in range(0, len(whole), 5):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        with suppress(VotesError):
            assert read_votes(path).digest == full().digest


def test_zip_bomb(tmp_path: Path) -> None:
    """256 MiB of zeros in one: refused before it is unpacked."""
    path = tmp_path / "c.npz"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("counts.npy", "w") as stream,
    ):
        stream.write(raw_npy((2**17, 2**8)))
        for _ in range(256):
            stream.write(bytes(2**20))
    with pytest.raises(VotesError, match="compressed"):
        read_votes(path)


def test_members(tmp_path: Path) -> None:
    path = npz(tmp_path / "c.npz", counts=COUNTS, extra=COUNTS)
    with pytest.raises(VotesError, match="unknown array"):
        read_votes(path)
    with pytest.raises(VotesError, match="counts: missing"):
        read_votes(npz(tmp_path / "d.npz", labels=np.array([0, 1])))
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
        warnings.simplefilter("ignore")  # zipfile's own, about what is meant here
        for _ in range(2):
            archive.writestr("counts.npy", raw_npy((2, 3), COUNTS.tobytes()))
    with pytest.raises(VotesError, match="counts: occurs twice"):
        read_votes(path)
    (tmp_path / "c.pkl").write_bytes(b"")
    with pytest.raises(VotesError, match="ends in none"):
        read_votes(tmp_path / "c.pkl")


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("[1]", "must be a JSON object"),
        ("{", "not JSON"),
        ('{"n":1,"n":2}', "a key occurs twice"),
        ("[" * 100_000, "not JSON"),
        ('{"n":NaN}', "NaN is not"),
        (json.dumps({**TEXT, "n": 30.0}), "30.0 is not"),
        (json.dumps({**TEXT, "n": True}), "n must be an integer"),
        (json.dumps({**TEXT, "k": 0}), "k must be at least 1"),
        (json.dumps({**TEXT, "format": "x"}), "format is 'x'"),
        (json.dumps({**TEXT, "models": 5}), "models is 5, counts have 4"),
        (json.dumps({**TEXT, "classes": 4}), "3 labels wide, where classes is 4"),
        (json.dumps({**TEXT, "mood": 1}), "'mood' is unknown"),
        (json.dumps({**TEXT, "ignores_seed": 1}), "ignores_seed has"),
        (json.dumps({**TEXT, "learner_settings": {"a": 1}}), "learner_settings has"),
        (json.dumps({**TEXT, "class_names": ["a"]}), "class_names: 1 different names for 3"),
        (json.dumps({**TEXT, "dataset_digest": "0"}), "dataset_digest has"),
        (json.dumps({k: v for k, v in TEXT.items() if k != "k"}), "k is missing"),
        (7, "one string"),
    ],
    ids=range(18),
)
def test_headers(tmp_path: Path, header: str | int, message: str) -> None:
    path = npz(tmp_path / "c.npz", counts=COUNTS, header=np.array(header))
    with pytest.raises(VotesError, match=message):
        read_votes(path)


def test_stated_numbers_must_agree(tmp_path: Path) -> None:
    path = npz(tmp_path / "c.npz", counts=COUNTS, header=np.array(json.dumps(TEXT)))
    assert read_votes(path, n=30, k=5, classes=3).header == HEADER
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"n": 31, "k": 5}, "n is 30"), ({"classes": 2}, "classes is 3"),
    ]  # fmt: skip
    for stated, message in wrong:
        with pytest.raises(VotesError, match=message):
            read_votes(path, **stated)
    with pytest.raises(ValueError, match="both or neither"):
        read_votes(path, n=30)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"labels": np.array([0, 3])}, r"labels: 3 is outside 0\.\.2"),
        ({"labels": np.array([0])}, "labels: shape"),
        ({"predictions": ROWS[:3]}, "predictions: shape"),
        ({"predictions": ROWS * 0}, "predictions: column 0"),
        ({"predictions": ROWS[::-1][[1, 0, 2, 3]]}, "predictions: row"),
        ({"digests": digest_rows(ROWS)[::-1]}, "predictions: row 1|predictions: row 0"),
        ({"digests": digest_rows(ROWS)[:, :31]}, "digests: shape"),
    ],
    ids=range(7),
)
def test_parts_must_agree(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(VotesError, match=message):
        full(**changes)

"""What a votes file may cost, what a header may say, and what an array must be."""

import hashlib
import io
import tracemalloc
import zipfile
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bagcert.fastpath.certification.certificate_file import header_for
from bagcert.fastpath.untrusted import arrays, maps
from bagcert.fastpath.votes import votes as votes_module
from bagcert.fastpath.votes.file import read_votes, write_votes
from bagcert.fastpath.votes.header import VotesHeader, parse_header
from bagcert.fastpath.votes.predictions import digest_rows
from bagcert.fastpath.votes.votes import Votes, VotesError
from bagcert.reference.bounds import Method
from bagcert.reference.certificate.schema import MAX_NAME, MAX_NOTES, Scope
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual

COUNTS = np.array([[3, 1, 0], [0, 4, 0]])
HEADER = VotesHeader(n=30, k=5, models=4, classes=3)


def certificate_header(header: VotesHeader) -> Any:
    return header_for(
        Votes(COUNTS, header=header), Fraction(1, 1000),
        Method.SELECTED, Scope.EACH, Attack.ANY, Residual.PAPER,
    )  # fmt: skip


def member(file: zipfile.ZipFile, name: str, shape: tuple[int, ...], descr: str) -> Any:
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"shape": shape, "fortran_order": False, "descr": descr}
    )
    stream = file.open(f"{name}.npy", "w", force_zip64=True)
    stream.write(head.getvalue())
    return stream


def bomb(path: Path, kind: int) -> None:
    """10^8 rows of int8, two labels: 389 KB that took 12.2 GB and 45 s."""
    with zipfile.ZipFile(path, "w", kind) as file, member(file, "counts", (10**8, 2), "|i1") as out:
        for _ in range(200):
            out.write(b"\1\0" * 500_000)


def test_a_small_file_cannot_ask_for_much(tmp_path: Path) -> None:
    path = tmp_path / "v.npz"
    bomb(path, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 400_000
    with pytest.raises(VotesError, match="counts: compressed arrays would take 1600000000 bytes"):
        read_votes(path)


def test_the_arrays_of_a_file_share_what_may_be_compressed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = np.array([[0, 1], [1, 1], [0, 1], [0, 1]], np.int8)
    path = tmp_path / "v.npz"
    np.savez_compressed(path, counts=COUNTS.astype(np.int8), predictions=rows)
    sizes = [info.file_size for info in zipfile.ZipFile(path).infolist()]
    total = sum(max(size, use) for size, use in zip(sizes, (48, 32), strict=True))
    monkeypatch.setattr(arrays, "MAX_UNPACKED", total)
    assert read_votes(path).predictions is not None
    monkeypatch.setattr(arrays, "MAX_UNPACKED", total - 1)
    with pytest.raises(VotesError, match=f"predictions: compressed arrays would take {total}"):
        read_votes(path)


@pytest.mark.parametrize("stored", [np.int8, np.int64])
def test_memory_is_eight_bytes_a_number(tmp_path: Path, stored: type[np.integer[Any]]) -> None:
    """2 * 10^6 counts and half as many labels: 24 MB as int64, and 8 MB beside it."""
    path = tmp_path / "v.npz"
    counts = np.zeros((10**6, 2), stored)
    counts[:, 0] = 9
    np.savez(path, counts=counts, labels=np.zeros(10**6, stored))
    del counts
    tracemalloc.start()
    try:
        votes = read_votes(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert votes.models == 9
    assert 24 * 10**6 < peak < 36 * 10**6


@pytest.mark.parametrize("suffix", ["npy", "npz"])
def test_a_header_that_does_not_balance_is_one_refusal(tmp_path: Path, suffix: str) -> None:
    for text in (b"{'descr': ('<i8'", b"{'descr': '<i8', 'shape': (2,", b"(" * 9000, b"\x00'\n"):
        content = b"\x93NUMPY\1\0" + len(text).to_bytes(2, "little") + text
        path = tmp_path / f"v.{suffix}"
        if suffix == "npy":
            path.write_bytes(content)
        else:
            with zipfile.ZipFile(path, "w") as file:
                file.writestr("counts.npy", content)
        with pytest.raises(VotesError, match=r"counts: not an \.npy array") as refused:
            read_votes(path)
        assert "\n" not in str(refused.value)


def test_a_damaged_archive_is_one_short_line(tmp_path: Path) -> None:
    """zipfile tells both names of a member where they differ, and one may have 65,535 bytes."""
    path = tmp_path / "v.npz"
    np.savez(path, counts=np.tile(COUNTS, (2000, 1)))
    content = bytearray(path.read_bytes())
    content[26:28] = (60_000).to_bytes(2, "little")  # the length of the name before the member
    path.write_bytes(content)
    with pytest.raises(VotesError, match=r"not a readable \.npz file: BadZipFile") as found:
        read_votes(path)
    assert "\n" not in str(found.value)
    assert len(str(found.value)) < len(str(path)) + 300


def test_a_header_that_python_2_spelled_is_read_in_silence(tmp_path: Path) -> None:
    text = b"{'descr': '<i8', 'fortran_order': False, 'shape': (2L, 3L), }\n"
    content = b"\x93NUMPY\1\0" + len(text).to_bytes(2, "little") + text + COUNTS.tobytes()
    path = tmp_path / "v.npy"
    path.write_bytes(content)
    assert (read_votes(path).counts == COUNTS).all()  # a warning would be an error here


def test_masked_arrays_and_tables_with_labels_are_refused_by_name() -> None:
    masked = np.ma.masked_array(COUNTS, mask=COUNTS == 4)
    for changes, words in (
        ({"counts": masked}, "counts: is a masked array"),
        ({"labels": np.ma.masked_array([0, 1], mask=[True, False])}, "labels: is a masked array"),
        ({"counts": {"a": [3, 1], "b": [0, 4]}}, "counts: must be an array or a list.*not dict"),
        ({"counts": b"\3\1"}, "not bytes"),
        ({"counts": {3, 1}}, "not set"),
        ({"counts": [[3, 1], [4]]}, "counts: "),
        ({"header": {"n": 3}}, "header: must be a VotesHeader, not dict"),
    ):
        fields: dict[str, Any] = {"counts": COUNTS, **changes}
        with pytest.raises(VotesError, match=words):
            Votes(**fields)
    pandas = pytest.importorskip("pandas")
    with pytest.raises(VotesError, match="not DataFrame"):
        Votes(pandas.DataFrame(COUNTS))


def test_arrays_that_nobody_can_change_are_not_copied() -> None:
    ours = COUNTS.copy()
    assert Votes(ours).counts is not ours
    ours.setflags(write=False)
    assert Votes(ours).counts is ours
    assert Votes(ours[:1]).counts.base is None  # of a view the owner may be writable


def test_a_column_far_down_that_does_not_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(votes_module, "_CHUNK", 6)
    monkeypatch.setattr(maps, "_CHUNK", 6)
    rows = np.array([[0, 1, 2, 0, 1]], np.int32)
    counts = np.eye(3, dtype=int)[rows[0]]
    assert Votes(counts, predictions=rows).models == 1
    other = counts.copy()
    other[4] = [1, 0, 0]
    with pytest.raises(VotesError, match="column 4 does not"):
        Votes(other, predictions=rows)
    other[4] = [1, 1, 0]
    with pytest.raises(VotesError, match="row 4 sums to 2"):
        Votes(other)


def test_whatever_a_run_states_is_certified(tmp_path: Path) -> None:
    """Long strings and many settings were written by ``train`` and refused by ``certify``."""
    for settings in (
        {"hidden": "x" * MAX_NAME},
        {"hidden": "x" * (MAX_NAME + 1)},
        {"x" * MAX_NAME: "1"},
        {f"setting{i}": "1" for i in range(200)},
    ):
        header = replace(
            HEADER, learner="l" * 300, learner_settings=settings, dataset="d" * 300, seed=7,
            dataset_digest="0" * 64, versions={f"library{i}": "1" for i in range(16)},
            looked_at=("mnist",) * 100,
        )  # fmt: skip
        write_votes(Votes(COUNTS, header=header), tmp_path / "v.npz", force=True)
        assert read_votes(tmp_path / "v.npz").header == header
        made = certificate_header(header)
        assert len(made.provenance) <= MAX_NOTES
        whole = "learner_settings.hidden" in made.provenance
        assert whole == ("hidden" in settings)
        assert ("learner_settings_sha256" in made.provenance) != whole
    notes = replace(HEADER, learner_settings={"a": "x" * MAX_NAME, "b": "x" * 257}).provenance()
    assert notes["learner_settings.a"] == "x" * MAX_NAME
    # printf 'x%.0s' {1..257} | sha256sum
    due = "sha256:15eb95a462ee20bd91a415ae2d4aed341288186ddaa2b37908f7d592f0c3f85f"
    assert notes["learner_settings.b"] == due


@pytest.mark.parametrize("settings", [42, 43])
def test_the_last_setting_that_a_certificate_has_room_for(settings: int) -> None:
    table = {f"s{i}": "1" for i in range(settings)}
    header = replace(
        HEADER, learner="l", dataset="d", seed=7, dataset_digest="0" * 64,
        learner_settings=table, versions={f"library{i}": "1" for i in range(16)},
    )  # fmt: skip
    made = certificate_header(header).provenance
    assert len(made) == (MAX_NOTES if settings == 42 else MAX_NOTES - 41)


@pytest.mark.parametrize(
    ("field", "notes", "wrong"),
    [
        ("looked_at", {None: None, (): "none", ("mnist", "mnist17"): "mnist, mnist17"}, "mnist"),
        ("transductive", {None: None, True: "true", False: "false"}, "true"),
    ],
)
def test_what_a_learner_states_of_itself_reaches_the_certificate(
    tmp_path: Path, field: str, notes: dict[Any, str | None], wrong: Any
) -> None:
    """The data sets its settings were chosen on; that labels depend on the test set."""
    for stated, note in notes.items():
        changes: dict[str, Any] = {field: stated}
        header = replace(HEADER, **changes)
        write_votes(Votes(COUNTS, header=header), tmp_path / "v.npz", force=True)
        assert read_votes(tmp_path / "v.npz").header == header
        assert certificate_header(header).provenance.get(field) == note
    with pytest.raises(VotesError, match=f"{field} has a value of the wrong kind"):
        replace(HEADER, **{field: wrong})


def test_names_that_no_certificate_takes_are_refused_before_training() -> None:
    for names, words in (
        (("a", "b", "b"), "2 different names for 3"),
        (("a", "b", "c" * 257), "is longer than 256 characters"),
        (("a", "b"), "2 different names for 3"),
    ):
        with pytest.raises(VotesError, match=words):
            replace(HEADER, class_names=names)
    with pytest.raises(VotesError, match="longer than 4194304"):
        replace(HEADER, learner="x" * 2**22)


def test_a_header_is_its_text() -> None:
    header = replace(HEADER, seed=0, class_names=("a", "b", "é"), versions={"z": "1", "a": "2"})
    text = header.text()
    assert text == (
        '{"class_names":["a","b","\\u00e9"],"classes":3,"format":"bagcert-votes/1","k":5,'
        '"models":4,"n":30,"seed":0,"versions":{"a":"2","z":"1"}}'
    )
    assert parse_header(text) == header
    with pytest.raises(VotesError, match="seed has a value of the wrong kind: None"):
        parse_header(text.replace('"seed":0', '"seed":null'))


def test_a_files_bytes_are_what_they_were(tmp_path: Path) -> None:
    """Written before the header was a dataclass."""
    rows = np.array([[0, 1], [1, 1], [0, 1], [0, 1]], np.int32)
    header = replace(HEADER, seed=2**64 - 1, ignores_seed=True, learner="ridge")
    votes = Votes(COUNTS, np.array([0, 2]), rows, digest_rows(rows), header)
    write_votes(votes, tmp_path / "v.npz")
    found = hashlib.sha256((tmp_path / "v.npz").read_bytes()).hexdigest()
    assert found == "304ceaead41d68cdf2e00439f101fe77b704b3a41f6fc276078ff6711940eb38"

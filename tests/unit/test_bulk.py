"""``certify_votes``: every row as the reference has it, whatever array it comes in."""

import subprocess
import sys
from dataclasses import FrozenInstanceError
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bagcert.fastpath.certification import bulk, pairs
from bagcert.fastpath.certification.bulk import REASONS, BulkCertificates, certify_votes
from bagcert.fastpath.certification.top_two import (
    CHUNK,
    _narrowest,
    as_counts,
    top_two,
    top_two_of_tensor,
)
from bagcert.fastpath.crosscheck.comparison import Setting, crosscheck
from bagcert.fastpath.crosscheck.rows import edge_rows, random_rows
from bagcert.reference import Attack, Certificate, Method, Residual, Scope, certify
from bagcert.reference.bounds import rank
from bagcert.reference.setting import Setting as Settled

COLUMNS = ("label", "p_lower", "p_upper", "radius", "reason")
ALPHA = Fraction(1, 1000)


def same(first: BulkCertificates, second: BulkCertificates) -> bool:
    return all(
        np.array_equal(np.asarray(getattr(first, name)), np.asarray(getattr(second, name)))
        for name in COLUMNS
    )


@pytest.mark.parametrize("method", list(Method))
@pytest.mark.parametrize("attack", list(Attack))
@pytest.mark.parametrize("residual", list(Residual))
def test_no_difference_from_the_reference(
    method: Method, attack: Attack, residual: Residual
) -> None:
    for n, k, c, total in ((60_000, 100, 10, 1000), (3, 1, 2, 40), (1, 5, 3, 60), (50, 2, 4, 100)):
        setting = Setting(n, k, Fraction(1, 20), method, Scope.EACH, attack, residual)
        for counts in (random_rows(150, c, total, 1), edge_rows(150, c, total)):
            report = crosscheck(counts, setting)
            assert report.differing == 0, report.smallest
    assert crosscheck(np.array([[1, 0], [0, 1]]), setting).differing == 0


def test_scope_spends_the_level() -> None:
    counts = np.array([[90, 10], [80, 20], [10, 90]])
    for scope, level in (("simultaneous", ALPHA / 3), ("each", ALPHA)):
        found = certify_votes(counts, 1000, 10, ALPHA, scope=scope)
        for i, row in enumerate(counts.tolist()):
            due = certify(row, 1000, 10, level)
            assert isinstance(due, Certificate)
            assert (found.label[i], found.p_lower[i], found.radius[i]) == (
                due.label, float(due.p_lower), due.radius,
            )  # fmt: skip


@pytest.mark.parametrize("classes", [2, 3, 7, 10])
def test_the_top_two_are_those_of_a_plain_ranking(classes: int) -> None:
    counts = np.concatenate([edge_rows(400, classes, 12), random_rows(400, classes, 12, 5)])
    label, top, second = top_two(counts, 12)
    for row, *found in zip(counts.tolist(), label, top, second, strict=True):
        best, next_best = rank(row)
        assert found == [best, row[best], row[next_best]]


@pytest.mark.parametrize("kind", ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", ">i4"])
def test_integers_of_any_kind(kind: str) -> None:
    counts = edge_rows(200, 3, 100)
    assert same(
        certify_votes(counts.astype(kind), 50, 3, ALPHA), certify_votes(counts, 50, 3, ALPHA)
    )


def test_layouts_and_chunks() -> None:
    counts = random_rows(3 * CHUNK + 17, 4, 200, 3)
    due = certify_votes(counts, 1000, 10, ALPHA)
    wide = np.zeros((counts.shape[0], 8), np.int64)
    wide[:, ::2] = counts
    for other in (np.asfortranarray(counts), wide[:, ::2], counts[::-1][::-1]):
        assert same(certify_votes(other, 1000, 10, ALPHA), due)
    level = ALPHA / len(counts)
    for i in (0, CHUNK - 1, CHUNK, 2 * CHUNK, len(counts) - 1):
        part = certify_votes(counts[i : i + 1], 1000, 10, level)
        assert (part.radius[0], part.label[0]) == (due.radius[i], due.label[i])


def test_no_row_and_one_row() -> None:
    nothing = certify_votes(np.empty((0, 3), np.int64), 10, 2, ALPHA)
    assert len(nothing) == 0
    assert nothing.radius.dtype == np.int64
    assert nothing.undecided == 0
    one = certify_votes([[100, 0, 0]], 10, 2, ALPHA)
    assert (len(one), one.label[0]) == (1, 0)


def test_many_models_are_searched_not_tabled(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = random_rows(500, 3, 90, 7)
    due = certify_votes(counts, 50, 3, ALPHA)
    monkeypatch.setattr(pairs, "_TABLE", 0)
    monkeypatch.setattr(pairs, "CHUNK", 64)
    monkeypatch.setattr(bulk, "_BLOCK", 128)
    assert same(certify_votes(counts, 50, 3, ALPHA), due)
    large = np.array([[10**6 - 5, 5], [999_000, 1000], [10**6, 0], [10**6 - 5, 5]])
    found = certify_votes(large, 60_000, 100, ALPHA)
    exact = certify([10**6 - 5, 5], 60_000, 100, ALPHA / 4)
    assert isinstance(exact, Certificate)
    assert found.radius.tolist()[0] == found.radius.tolist()[3] == exact.radius


@pytest.mark.parametrize(
    ("total", "classes", "kind"),
    [
        (2**13 - 1, 4, np.int16), (2**13, 4, np.int32), (5000, 10, np.int32), (32_767, 2, np.int32),
        (2**15 - 2, 2, np.int32), (999_999, 2147, np.int32), (999_999, 2148, np.int64),
    ],
)  # fmt: skip
def test_integers_are_as_narrow_as_they_may_be(total: int, classes: int, kind: type) -> None:
    rows = np.zeros((4, classes), np.int64)
    rows[0, 0] = rows[1, -1] = total
    rows[2, [0, -1]] = rows[3, [-1, 0]] = [total - total // 2, total // 2]
    label, top, second = top_two(rows, total)
    assert top.dtype == kind
    last, half = classes - 1, total - total // 2
    assert label.tolist() == [0, last, 0, last if total % 2 else 0]
    assert top.tolist() == [total, total, half, half]
    assert second.tolist() == [0, 0, total // 2, total // 2]


@pytest.mark.parametrize("table", [0, 2**26])
def test_a_pair_is_certified_once(table: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "_TABLE", table)
    counts = random_rows(400, 3, 30, 5)
    certifier = pairs.PairCertifier(Settled(50, 3, 3, 30, ALPHA))
    certified: list[int] = []
    true = certifier._certify

    def counted(keys: Any) -> Any:
        certified.extend(keys.tolist())
        return true(keys)

    monkeypatch.setattr(certifier, "_certify", counted)
    for part in (counts[:250], counts[100:], counts):
        certifier.places(certifier.read(part, np.empty(len(part), np.int64)))
    due = {31 * high + low for *_, low, high in np.sort(counts, axis=1).tolist()}
    assert sorted(certified) == sorted(due)


def test_undecided_rows_are_counted() -> None:
    # n^k = 3: the residual decides every radius, and the float filter none.
    found = certify_votes(np.array([[60, 0], [60, 0], [0, 60]]), 3, 1, ALPHA)
    assert found.undecided == 3
    assert certify_votes(np.array([[60, 0]]), 60_000, 100, ALPHA).undecided == 0


def test_abstaining_rows_keep_their_label_and_bounds() -> None:
    found = certify_votes(np.array([[31, 29], [0, 60]]), 100, 2, ALPHA)
    assert [REASONS[code] for code in found.reason] == ["selection", ""]
    assert found.radius[0] == -1
    assert found.label.tolist() == [0, 1]
    assert 0 < found.p_lower[0] < 31 / 60 < found.p_upper[0] < 1


def test_equal_bounds_abstain_for_their_own_reason() -> None:
    # q^2 = 1/4 and q^3 = 1/8: the lower bound is 1/2, and so is the upper.
    for counts, alpha in (([[2, 0]], "1/2"), ([[0, 3]], "1/4")):
        for residual in Residual:
            found = certify_votes(
                np.array(counts),
                100,
                2,
                alpha,
                method="cohen",
                residual=residual,
                ignores_seed=True,
            )
            assert (found.p_lower[0], found.p_upper[0]) == (0.5, 0.5)
            assert REASONS[found.reason[0]] == "bounds"


def test_output_into_memory_maps(tmp_path: Path) -> None:
    counts = random_rows(2000, 3, 100, 1)
    np.save(tmp_path / "counts.npy", counts)
    mapped = np.load(tmp_path / "counts.npy", mmap_mode="r")
    out = BulkCertificates.empty(2000, tmp_path / "out")
    found = certify_votes(mapped, 100, 5, ALPHA, out=out)
    due = certify_votes(counts, 100, 5, ALPHA)
    assert same(found, due)
    for name in COLUMNS:
        getattr(out, name).flush()
        assert np.array_equal(np.load(tmp_path / "out" / f"{name}.npy"), getattr(due, name))
    with pytest.raises(FileExistsError):
        BulkCertificates.empty(1, tmp_path / "out")
    with pytest.raises(ValueError, match=r"out\.label must be 2000"):
        certify_votes(counts, 100, 5, ALPHA, out=BulkCertificates.empty(3))
    with pytest.raises(TypeError, match="out is for numpy"):
        certify_votes(torch.from_numpy(counts), 100, 5, ALPHA, out=out)


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(
    not torch.cuda.is_available(), reason="no CUDA device on this machine"))])  # fmt: skip
def test_tensors_stay_on_their_device(device: str) -> None:
    counts = np.concatenate([random_rows(500, 5, 100, 2), edge_rows(300, 5, 100)])
    due = certify_votes(counts, 50, 3, ALPHA, attack="delete")
    for kind in (torch.int64, torch.int32, torch.uint8):
        tensor = torch.from_numpy(counts).to(kind).to(device)
        found = certify_votes(tensor, 50, 3, ALPHA, attack="delete")
        assert found.undecided == due.undecided
        for name in COLUMNS:
            column = getattr(found, name)
            assert column.device.type == device
            assert np.array_equal(column.cpu().numpy(), getattr(due, name))
    strided = torch.from_numpy(counts).to(device).t().contiguous().t()
    assert certify_votes(strided, 50, 3, ALPHA, attack="delete").radius.cpu().tolist() == (
        due.radius.tolist()
    )
    nothing = certify_votes(torch.empty((0, 3), dtype=torch.int64, device=device), 5, 2, ALPHA)
    assert len(nothing.radius) == 0
    for bad in ([[3, -1], [2, 0]], [[2, 0], [2, 1]]):
        with pytest.raises(ValueError, match=r"counts: row"):
            certify_votes(torch.tensor(bad, device=device), 5, 2, ALPHA)


@pytest.mark.parametrize(
    ("counts", "error", "words"),
    [
        (np.array([[1.0, 2.0]]), TypeError, "integers, not float64"),
        (torch.tensor([[1.0, 2.0]]), TypeError, "integers, not torch.float32"),
        (np.array([[True, False]]), TypeError, "integers, not bool"),
        (np.array([[None, 1]]), TypeError, "integers, not object"),
        (np.array([3, 4]), ValueError, "e × c"),
        (np.array([[5], [5]]), ValueError, "2 to 65536 classes"),
        (np.array([[5, 5], [5, 5], [6, 5]]), ValueError, "row 2 sums to 11, row 0 to 10"),
        (np.array([[5, 5], [11, -1]]), ValueError, "row 1 has the negative count -1"),
        (np.array([[2**62, 2**62], [2**62, 2**62]]), ValueError, "N must be 1 to"),
        (np.array([[0, 0]]), ValueError, "N must be 1 to"),
        (np.array([[5, 5], [2**63 - 1, 11 - 2**63 + 0]]), ValueError, "row 1"),
    ],
)
def test_bad_counts_are_named(counts: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        certify_votes(counts, 100, 5, ALPHA)


def test_bad_settings_are_named() -> None:
    counts = np.array([[5, 5]])
    with pytest.raises(TypeError, match=r"alpha must be exact, not the float 0\.001"):
        certify_votes(counts, 100, 5, 0.001)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="attack must be one of"):
        certify_votes(counts, 100, 5, ALPHA, attack="flip")
    with pytest.raises(ValueError, match="k must be at least 1"):
        certify_votes(counts, 100, 0, ALPHA)


def test_public_names_are_fetched_when_asked_for() -> None:
    code = (
        "import sys, bagcert.fastpath; heavy = {'numpy', 'scipy', 'torch'} & set(sys.modules); "
        "from bagcert.fastpath import certify_votes, train_votes; print(len(heavy), certify_votes)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.startswith("0 <function certify_votes")
    from bagcert import fastpath

    assert fastpath.certify_votes is certify_votes
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = fastpath.nothing


STREAM = """
import resource, sys
import numpy as np
from bagcert.fastpath.certification.bulk import BulkCertificates, certify_votes
rows = int(sys.argv[1])
counts = np.load(sys.argv[2], mmap_mode="r")[:rows]
# Imports (of what undecided pairs ask for, too) and tables come before: the same rows, once.
warm = BulkCertificates.empty(rows, sys.argv[3] + "-before")
certify_votes(counts, 60000, 100, "1/1000", scope="each", out=warm)
def anonymous():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("RssAnon"))
before = anonymous()
out = BulkCertificates.empty(rows, sys.argv[3])
certify_votes(counts, 60000, 100, "1/1000", scope="each", out=out)
print(anonymous() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    counts = random_rows(400_000, 4, 500, 1).astype(np.int16)
    np.save(tmp_path / "counts.npy", counts)
    grown = []
    for rows in (100_000, 400_000):
        result = subprocess.run(
            [sys.executable, "-c", STREAM, str(rows), str(tmp_path / "counts.npy"),
             str(tmp_path / f"out{rows}")],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        grown.append(int(result.stdout))
    # Kilobytes. In memory 300,000 more rows would be 10 MB of results alone.
    assert grown[1] - grown[0] < 6_000, grown


def test_each_row_of_a_tensor_is_refused_for_each_reason_alone() -> None:
    for row, words in (
        ([2, 1, -1], "row 1 has the negative count -1"),
        ([2, 1, 0], "row 1 sums to 3"),
        ([1, 0, 0], "row 1 sums to 1"),
    ):
        for counts in (torch.tensor([[1, 1, 0], row]), np.array([[1, 1, 0], row])):
            with pytest.raises(ValueError, match=words):
                certify_votes(counts, 10, 2, ALPHA)
    for tensor in (torch.tensor([[True, False]]), torch.tensor([[1j, 2j]])):
        with pytest.raises(TypeError, match="integers, not torch"):
            certify_votes(tensor, 10, 2, ALPHA)


def test_counts_at_the_ends_of_the_kernels_limits() -> None:
    row = np.array([[1, 0]])
    assert as_counts(np.broadcast_to(row, (10**8, 2))).shape == (10**8, 2)
    with pytest.raises(ValueError, match="at most 100000000 rows, not 100000001"):
        as_counts(np.broadcast_to(row, (10**8 + 1, 2)))
    for classes in (2, 2**16):
        assert as_counts(np.eye(1, classes, dtype=int)).shape == (1, classes)
    for classes in (1, 2**16 + 1):
        with pytest.raises(ValueError, match=f"2 to 65536 classes, not {classes}"):
            as_counts(np.eye(1, classes, dtype=int))
    for total in (1, 10**6):
        assert as_counts([[total, 0]]).tolist() == [[total, 0]]
    for total in (0, 10**6 + 1):
        with pytest.raises(ValueError, match=f"row 0 sums to {total}; N must be 1 to 1000000"):
            as_counts([[0, total]])


def test_counts_that_are_no_table_of_rows_by_position() -> None:
    for counts in ([{0: 3, 1: 4}, {0: 3, 1: 4}], [{3, 4}], ["34"], ([3, 4], "34")):
        with pytest.raises(TypeError, match="a row of counts must be a sequence"):
            as_counts(counts)
    for cube in (np.ones((2, 2, 2), int), torch.ones((2, 2, 2), dtype=torch.int64)):
        with pytest.raises(ValueError, match="e × c, not of 3 dimensions"):
            as_counts(cube)
    assert as_counts(((3, 4), [5, 2])).tolist() == [[3, 4], [5, 2]]


def test_the_first_row_says_how_many_models_there_are() -> None:
    with pytest.raises(ValueError, match="row 1 sums to 1000001, row 0 to 1;"):
        certify_votes(np.array([[1, 0], [0, 10**6 + 1]]), 10, 2, ALPHA)
    with pytest.raises(ValueError, match="row 0 sums to 0; N must be"):
        as_counts([[0, 0], [1, 0]])


def test_the_first_bad_row_is_named_wherever_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "CHUNK", 8)
    monkeypatch.setattr(bulk, "_BLOCK", 16)
    for bad in (0, 1, 7, 8, 15, 16, 17, 30, 39):
        counts = np.full((40, 2), 5)
        counts[max(bad, 1) :] += 1
        with pytest.raises(ValueError, match=f"row {max(bad, 1)} sums to 12, row 0 to 10"):
            certify_votes(counts, 10, 2, ALPHA)
        with pytest.raises(ValueError, match=f"row {max(bad, 1)} sums to 12"):
            top_two_of_tensor(torch.from_numpy(counts), 10)


def test_types_hold_what_is_below_their_limit() -> None:
    for kind in (np.int16, np.int32):
        above = int(np.iinfo(kind).max) + 1
        assert _narrowest(above) is kind
        assert _narrowest(above + 1) is not kind
    assert _narrowest(2**31 + 1) is np.int64


def test_one_row_has_the_whole_level_and_what_is_not_said() -> None:
    counts, n, k = [[59, 1]], 60_000, 100
    due = certify(counts[0], n, k, ALPHA)
    assert isinstance(due, Certificate)
    found = certify_votes(counts, n, k, ALPHA)
    assert (Fraction(found.p_lower[0]), found.radius[0]) == (due.p_lower, due.radius)
    with pytest.raises(ValueError, match="'integral' is sound only for"):
        certify_votes(counts, n, k, ALPHA, residual="integral")
    assert BulkCertificates.empty(2).undecided == 0


def test_tables_are_kept_on_disk_unless_they_are_not_wanted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BAGCERT_CACHE", str(tmp_path))
    # Levels of their own: a table that this process has already is not asked of the disk.
    certify_votes([[7, 2]], 10, 2, Fraction(3, 1009), cached=False)
    assert not list(tmp_path.iterdir())
    certify_votes([[7, 2]], 10, 2, Fraction(5, 1009))
    assert len(list(tmp_path.iterdir())) == 1


def test_room_of_another_size_or_type_is_refused() -> None:
    counts = np.array([[7, 2], [6, 3]])
    for name, kind in (
        ("label", "i8"), ("p_lower", "f8"), ("p_upper", "f8"), ("radius", "i8"), ("reason", "u1"),
    ):  # fmt: skip
        for column in (np.empty(1, kind), np.empty(3, kind), np.empty((2, 1), kind),
                       np.empty(2, "b"), np.empty(2, "c16")):  # fmt: skip
            out = BulkCertificates.empty(2)
            object.__setattr__(out, name, column)
            with pytest.raises(ValueError, match=f"out.{name} must be 2 × "):
                certify_votes(counts, 10, 2, ALPHA, out=out)


def test_room_is_made_up_to_the_kernels_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "_KINDS", dict.fromkeys(COLUMNS, "V0"))  # no bytes at all
    assert len(BulkCertificates.empty(10**8)) == 10**8
    assert len(BulkCertificates.empty(0)) == 0
    for rows in (-1, 10**8 + 1):
        with pytest.raises(ValueError, match="rows must be at"):
            BulkCertificates.empty(rows)


def test_undecided_rows_of_several_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "_BLOCK", 4)
    counts = np.array([[60, 0]] * 5 + [[30, 30]] * 2 + [[60, 0]] * 3)
    found = certify_votes(counts, 3, 1, ALPHA)
    assert found.undecided == 8
    assert certify_votes(torch.from_numpy(counts), 3, 1, ALPHA).undecided == 8


def test_rows_are_summed_and_not_columns() -> None:
    counts = np.array([[3, 0, 0], [0, 1, 3], [0, 2, 0]])  # each column sums to 3 as well
    with pytest.raises(ValueError, match="row 1 sums to 4, row 0 to 3"):
        top_two(counts, 3)


def test_arrays_of_other_libraries_are_read_as_arrays() -> None:
    class Stored(list[list[int]]):
        """From a library that sorts after torch."""

    Stored.__module__ = "zarr.core"
    assert as_counts(Stored([[3, 4], [5, 2]])).tolist() == [[3, 4], [5, 2]]


def test_a_table_has_a_place_for_each_two_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    for most, size in ((31**2, 31**2), (31**2 - 1, 0)):
        monkeypatch.setattr(pairs, "_TABLE", most)
        certifier = pairs.PairCertifier(Settled(60_000, 100, 2, 30, ALPHA))
        assert certifier._table.size == size
        assert not certifier.any_undecided


@pytest.mark.parametrize(("table", "looked_up"), [(31**2, True), (31**2 - 1, False)])
def test_each_pair_has_the_next_place(
    table: int, looked_up: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From 1 on, in a table of every key where that is small enough, and searched for beyond."""
    monkeypatch.setattr(pairs, "_TABLE", table)
    certifier = pairs.PairCertifier(Settled(60_000, 100, 2, 30, ALPHA))
    assert bool(certifier._table.size) == looked_up
    counts = [30, 29, 30, 25, 29, 16, 30]
    keys = np.array([certifier.keys(top, 30 - top) for top in counts])
    places = [certifier.places(part).tolist() for part in (keys[:1], keys[:4], keys, keys[3:5])]
    assert places[0] == [1]
    assert sorted(places[1]) == [1, 1, 2, 3]
    assert sorted({*places[2]}) == [1, 2, 3, 4]
    assert places[2][:4] == places[1]
    assert places[3] == places[2][3:5]
    for top, place in zip(counts, places[2], strict=True):
        due = certify([top, 30 - top], 60_000, 100, ALPHA)
        radius = due.radius if isinstance(due, Certificate) else -1
        assert certifier.column("radius")[place] == radius
    assert not certifier.any_undecided
    assert {len(certifier.column(name)) for name in COLUMNS[1:]} == {5}
    assert certifier.places(np.empty(0, np.int64)).tolist() == []
    exact = pairs.PairCertifier(Settled(3, 1, 2, 30, ALPHA))  # the reference decides each radius
    exact.places(keys)
    assert exact.any_undecided


def test_what_was_certified_is_not_changed() -> None:
    found = certify_votes([[7, 2]], 10, 2, ALPHA)
    with pytest.raises(FrozenInstanceError):
        found.undecided = 5  # type: ignore[misc]


@pytest.mark.parametrize("method", list(Method))
def test_the_others_share_what_is_left_and_have_a_bound_of_their_own(method: Method) -> None:
    for row in ([50, 8, 2], [45, 15, 0]):
        due = certify(row, 60_000, 100, Fraction(1, 20), method=method)
        assert isinstance(due, Certificate)
        found = certify_votes([row], 60_000, 100, Fraction(1, 20), method=method)
        assert (Fraction(found.p_lower[0]), Fraction(found.p_upper[0])) == (
            due.p_lower, due.p_upper,
        )  # fmt: skip
        if row[1] == 8:
            assert (due.p_upper < 1 - due.p_lower) == (method != Method.COHEN)


def test_a_certifier_by_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It keeps nothing on disk, and counts rows from 0, unless it is told otherwise."""
    monkeypatch.setenv("BAGCERT_CACHE", str(tmp_path))
    certifier = pairs.PairCertifier(Settled(50, 3, 2, 9, Fraction(7, 1009)))
    bad, labels = np.array([[7, 2], [7, 3]]), np.empty(2, np.int64)
    certifier.places(certifier.read(bad[:1], labels[:1]))
    assert not list(tmp_path.iterdir())
    for first, named in (((), 1), ((20,), 21)):
        with pytest.raises(ValueError, match=f"row {named} sums to 10"):
            certifier.read(bad, labels, *first)

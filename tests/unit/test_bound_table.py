"""Tables of bounds: equal to the reference, and a cache that is rebuilt, never believed."""

import hashlib
import sys
from fractions import Fraction
from math import comb
from pathlib import Path

import numpy as np
import pytest

from bagcert.fastpath.certification import bound_table as module
from bagcert.fastpath.certification.bound_table import BoundTable, SignTests
from bagcert.fastpath.certification.table_cache import cache_folder, load_table, save_table
from bagcert.reference import clopper_pearson_lower, clopper_pearson_upper

BETA = Fraction(1, 20_000)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BAGCERT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.mark.parametrize("total", [1, 2, 3, 17, 60])
@pytest.mark.parametrize("beta", ["1/2", "1/4", "1/20000", "99/200000000", "1/1024", "9/10"])
def test_every_bound_is_the_references(total: int, beta: str) -> None:
    table = BoundTable(total, beta)
    counts = np.arange(total + 1)
    for found, due in (
        (table.lower(counts), clopper_pearson_lower), (table.upper(counts), clopper_pearson_upper),
    ):  # fmt: skip
        assert [Fraction(p) for p in found.tolist()] == [
            due(x, total, beta) for x in range(total + 1)
        ]


def test_bounds_of_a_million_votes() -> None:
    table = BoundTable(10**6, "1/100000000")
    for count in (0, 1, 500_000, 999_999, 10**6):
        assert Fraction(table.lower([count])[0]) == clopper_pearson_lower(
            count, 10**6, "1/100000000"
        )


@pytest.mark.parametrize("off", [-(2**40), -7, -1, 0, 1, 5, 2**40])
def test_a_wrong_guess_is_never_believed(off: int, monkeypatch: pytest.MonkeyPatch) -> None:
    true = module._guesses
    monkeypatch.setattr(
        module,
        "_guesses",
        lambda *args: [min(max((start or 0) + off, 0), 2**53 - 1) for start in true(*args)],
    )
    table = BoundTable(40, BETA)
    due = [clopper_pearson_lower(x, 40, BETA) for x in range(41)]
    assert [Fraction(p) for p in table.lower(np.arange(41)).tolist()] == due


@pytest.mark.parametrize("total", [9, 300])
def test_without_scipy_bounds_are_the_same(total: int, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = np.arange(total + 1)
    due = BoundTable(total, BETA).lower(counts)
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    assert (BoundTable(total, BETA).lower(counts) == due).all()


def test_counts_outside_their_range_are_refused() -> None:
    with pytest.raises(ValueError, match=r"0\.\.10"):
        BoundTable(10, BETA).lower([11])
    with pytest.raises(ValueError, match=r"0\.\.10"):
        BoundTable(10, BETA).upper([-1])
    with pytest.raises(TypeError, match="float"):
        BoundTable(10, 0.05)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "level",
    [
        Fraction(1, 1000), Fraction(1, 4), Fraction(1, 2**20), Fraction(9, 10),
        Fraction(1, 10**400), 1 - Fraction(1, 10**400),
    ],
)  # fmt: skip
@pytest.mark.parametrize("guess", [None, 0, 1, 10**6])
def test_sign_tests_are_exact_sums(
    level: Fraction, guess: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if guess is not None:
        monkeypatch.setattr(module, "_sign_guesses", lambda totals, _: np.full(totals.size, guess))
    tests = SignTests(30, level)
    for total in range(31):
        for top in range(-(-total // 2), total + 1):
            tail = Fraction(sum(comb(total, i) for i in range(top, total + 1)), 2**total)
            found = tests.passes(np.array([top]), np.array([total - top]))[0]
            assert found == (tail <= level), (total, top)


@pytest.mark.parametrize("bits", [10, 30, 60])
def test_sign_tests_where_an_inequality_passes_most(bits: int) -> None:
    tests = SignTests(600, Fraction(1, 2**bits))
    for total in (61, 100, 351, 600):
        tail, least = 0, total + 1
        while tail + comb(total, least - 1) << bits <= 2**total:
            least -= 1
            tail += comb(total, least)
        tops = np.arange(-(-total // 2), total + 1)
        assert tests.passes(tops, total - tops).tolist() == (tops >= least).tolist()


def test_a_cache_is_read_back(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    first = BoundTable(100, BETA, cached=True).lower(np.arange(0, 101, 2))
    assert len(list(folder.iterdir())) == 1
    again = BoundTable(100, BETA, cached=True)
    monkeypatch.setattr(module, "largest_sound", lambda *_: pytest.fail("computed again"))
    assert (again.lower(np.arange(0, 101, 2)) == first).all()
    with pytest.raises(pytest.fail.Exception):
        again.lower([1])
    assert load_table(100, BETA * 2) is None
    assert load_table(101, BETA) is None


def test_a_damaged_cache_is_rebuilt(folder: Path) -> None:
    counts = np.arange(0, 51, 5)
    due = BoundTable(50, BETA, cached=True).lower(counts)
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    places = range(0, len(whole), 7)
    for place in places:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert load_table(50, BETA) is None, place
    for content in (b"", whole[:-1], whole + b"x", whole[: len(whole) // 2], b"\0" * 10**6):
        path.write_bytes(content)
        assert load_table(50, BETA) is None
        assert (BoundTable(50, BETA, cached=True).lower(counts) == due).all()
        assert path.read_bytes() == whole


@pytest.mark.parametrize(
    ("counts", "bounds"),
    [([1, 1], [5, 6]), ([2, 1], [5, 6]), ([1, 2], [6, 5]), ([1, 51], [5, 6]), ([-1, 2], [5, 6]),
     ([1, 2], [-1, 6]), ([1, 2], [5, 2**53])],
)  # fmt: skip
def test_a_cache_with_a_right_checksum_must_still_be_a_table(
    counts: list[int], bounds: list[int], folder: Path
) -> None:
    save_table(50, BETA, np.array(counts), np.array(bounds))
    (path,) = folder.iterdir()
    content = path.read_bytes()
    assert hashlib.sha256(content[:-32]).digest() == content[-32:]
    assert load_table(50, BETA) is None


def test_a_cache_that_cannot_be_written_is_done_without(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BAGCERT_CACHE", str(tmp_path / "file" / "below"))
    assert BoundTable(5, BETA, cached=True).lower([5])[0] > 0


def test_where_caches_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("BAGCERT_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "bagcert"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "bagcert"


def saved(folder: Path, numbers: bytes) -> None:
    """A file of (50, BETA) with these numbers and a right checksum."""
    save_table(50, BETA, np.array([1]), np.array([1]))
    (path,) = folder.iterdir()
    body = path.read_bytes()[:-48] + numbers
    path.write_bytes(body + hashlib.sha256(body).digest())


def int64(*numbers: int) -> bytes:
    return np.array(numbers, "<i8").tobytes()


def test_tables_at_the_ends_of_what_is_believed(folder: Path) -> None:
    for counts, bounds in (([0, 50], [0, 2**53 - 1]), ([0], [0]), ([50], [5]), ([7, 8], [5, 5])):
        saved(folder, int64(*counts, *bounds))
        found = load_table(50, BETA)
        assert found is not None
        assert [column.tolist() for column in found] == [counts, bounds]
    for numbers in (b"", int64(1), int64(1, 2, 3), b"\0" * 15, b"\0" * 17, int64(51, 5),
                    int64(-1, 5), int64(1, -1), int64(1, 2**53)):  # fmt: skip
        saved(folder, numbers)
        assert load_table(50, BETA) is None, numbers


def test_a_file_too_long_is_not_even_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = np.arange(51)
    due = BoundTable(50, BETA, cached=True).lower(counts)
    known = load_table(50, BETA)
    assert known is not None  # of every count: the longest there is
    assert known[0].tolist() == counts.tolist()
    assert (known[1] / 2.0**53 == due).all()
    (path,) = folder.iterdir()
    path.write_bytes(path.read_bytes() + b"x")
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("read"))
    assert load_table(50, BETA) is None


def test_a_table_that_grew_is_kept_in_a_folder_below_folders(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BAGCERT_CACHE", str(tmp_path / "one" / "two"))
    table = BoundTable(9, BETA, cached=True)
    table.lower([0, 3])
    table.upper([2])
    known = load_table(9, BETA)
    assert known is not None
    assert known[0].tolist() == [0, 3, 7]
    for table in (BoundTable(8, BETA), module.bound_table(8, BETA)):
        table.lower([3])
        assert load_table(8, BETA) is None  # kept only where that is asked for


def test_a_folder_in_the_files_place_is_done_without(folder: Path) -> None:
    save_table(9, BETA, np.array([1]), np.array([1]))
    (path,) = folder.iterdir()
    path.unlink()
    path.mkdir()
    assert BoundTable(9, BETA, cached=True).lower([9])[0] > 0
    assert path.is_dir()


def test_how_many_models_there_may_be() -> None:
    assert len(BoundTable(10**6, BETA)._t) > 10**6
    for total in (0, 10**6 + 1):
        with pytest.raises(ValueError, match="total must be at"):
            BoundTable(total, BETA)


def test_counts_one_off_either_end() -> None:
    table = BoundTable(10, BETA)
    for counts in ([-1], [3, -1], [11], [3, 11]):
        for bound in (table.lower, table.upper):
            with pytest.raises(ValueError, match=r"0\.\.10"):
                bound(counts)
    assert table.lower([]).tolist() == table.upper([]).tolist() == []


@pytest.mark.parametrize("total", [5, 40, 1000])
@pytest.mark.parametrize("beta", ["1/2", "1/20000", "1/1000000000000", "9/10"])
def test_guesses_are_near_what_they_are_of(total: int, beta: str) -> None:
    counts = np.array(sorted({1, 2, total // 2, total - 1, total}))
    guesses = module._guesses(counts, total, Fraction(beta))
    for count, guess in zip(counts.tolist(), guesses, strict=False):
        assert guess is not None
        due = int(clopper_pearson_lower(count, total, beta) * 2**53)
        assert abs(guess - due) <= 32, (count, guess - due)


def test_guesses_of_levels_beyond_floats_are_of_the_grid() -> None:
    for beta in (Fraction(1, 10**400), 1 - Fraction(1, 10**400)):
        found = [*module._guesses(np.array([1, 5]), 5, beta)]
        assert all(guess is not None and 0 <= guess < 2**53 for guess in found)
        table = BoundTable(5, beta)
        assert [Fraction(p) for p in table.lower([1, 5]).tolist()] == [
            clopper_pearson_lower(x, 5, beta) for x in (1, 5)
        ]


def test_most_sign_tests_need_no_exact_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond Hoeffding's inequality none; below it the normal approximation is all but right."""
    for level in (Fraction(1, 2**10), Fraction(1, 2**30), Fraction(999, 1000 * 2**30)):
        tests = SignTests(600, level)
        asked: list[tuple[int, int]] = []
        true = tests._solve

        def noted(total: int, guess: int) -> int:
            asked.append((total, guess - true(total, guess)))  # noqa: B023
            return true(total, guess)  # noqa: B023

        monkeypatch.setattr(tests, "_solve", noted)
        for total in (60, 100, 350, 600):
            lead = np.arange(total % 2, total + 1, 2)
            clear = lead * lead >= 2.002 * -np.log(float(level)) * total
            tests.passes((total + lead[clear]) // 2, (total - lead[clear]) // 2)
        assert not asked
        for total in (60, 100, 350, 600):
            lead = np.arange(total % 2, total + 1, 2)
            tests.passes((total + lead) // 2, (total - lead) // 2)
        assert [total for total, _ in asked] == [60, 100, 350, 600]
        assert all(abs(off) <= 1 for _, off in asked), asked

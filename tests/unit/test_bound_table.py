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


def test_without_scipy_bounds_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    due = BoundTable(300, BETA).lower(np.arange(301))
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    assert (BoundTable(300, BETA).lower(np.arange(301)) == due).all()


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

"""A data file that vanishes, a damaged cache, and a clock that runs backwards."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import Host, Quiet, left, one_error
from tests.faults.rows import CACHED, READING, ROWS


@pytest.mark.parametrize("name", READING)
def test_an_input_vanishes(
    name: str, host: Host, quiet: Callable[[str], Quiet], work: Callable[[], Path], inputs: Path
) -> None:
    """Just before it is opened, the first time, the second, and so on."""
    row, due = ROWS[name], quiet(name)
    for given in row.inputs:
        looks, look, refused = 1, 0, 0
        while looks > look:
            look, folder = look + 1, work()
            ended = host.run(row.arguments, folder, remove=str(folder / given), look=look)
            looks = ended.looks
            assert left(row, folder, inputs) == set()
            if ended.status == row.status:
                assert row.made(folder) == due.made
                assert row.answer(ended.out) == row.answer(due.ended.out)
            else:
                refused += 1
                assert ended.status == 2
                if ended.error == "":  # the verdict is the answer
                    assert row.command == "audit"
                    assert re.fullmatch(f"{given}: MALFORMED .*\n", ended.out)
                else:
                    assert given in one_error(ended)
                    assert ended.out == ""
                assert row.made(folder) == {}
            again = host.run(row.arguments, work())
            assert again.status == row.status
            assert row.answer(again.out) == row.answer(due.ended.out)
        assert refused >= 1, given


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def _flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() * 40)


def _a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _no_folder(path: Path) -> None:
    """A file where the cache's folder is due."""
    if path.parent.is_dir():
        shutil.rmtree(path.parent)
    path.parent.touch()


@pytest.mark.parametrize("damage", [_emptied, _cut, _flipped, _longer, _a_folder, _no_folder])
@pytest.mark.parametrize("name", CACHED)
def test_a_damaged_cache(
    name: str, damage: Callable[[Path], None], host: Host, quiet: Callable[[str], Quiet],
    work: Callable[[], Path], tmp_path: Path,
) -> None:  # fmt: skip
    row, due = ROWS[name], quiet(name)
    folder = tmp_path / "cache"
    folder.mkdir()
    for table in due.cache:
        shutil.copy(table, folder)
        damage(folder / table.name)
    place = work()
    ended = host.run(row.arguments, place, environment={"BAGCERT_CACHE": str(folder)})
    assert ended.status == row.status, ended.error
    assert row.answer(ended.out) == row.answer(due.ended.out)
    assert row.made(place) == due.made
    if damage in (_emptied, _cut, _flipped, _longer):  # and the table is made again
        for table in due.cache:
            assert (folder / table.name).read_bytes() == table.read_bytes()


@pytest.fixture(scope="module")
def backwards(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    made = Host(tmp_path_factory.mktemp("backwards"), BACKWARDS="1")
    yield made
    made.close()


@pytest.mark.parametrize("name", sorted(ROWS))
def test_the_clock_runs_backwards(
    name: str, backwards: Host, quiet: Callable[[str], Quiet], work: Callable[[], Path],
    inputs: Path,
) -> None:  # fmt: skip
    """The wall clock; files were written long from now. (The monotonic one is what it says.)"""
    row, due, folder = ROWS[name], quiet(name), work()
    for path in folder.iterdir():
        os.utime(path, (4e9, 4e9))
    ended = backwards.run(row.arguments, folder)
    assert ended.status == row.status, ended.error
    assert row.answer(ended.out) == row.answer(due.ended.out)
    assert row.made(folder) == due.made
    assert left(row, folder, inputs) == set()

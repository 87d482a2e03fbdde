"""A full disk and a read-only folder: one line, nothing half, and success once there is room."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import Host, Quiet, left, one_error
from tests.faults.rows import ROWS, WRITING


@pytest.mark.parametrize("name", WRITING)
def test_files_may_not_grow(
    name: str, host: Host, quiet: Callable[[str], Quiet], work: Callable[[], Path], inputs: Path
) -> None:
    """A stand-in for a full disk that needs no rights: files of at most so many bytes."""
    row, due, folder = ROWS[name], quiet(name), work()
    sizes = sorted(len(content) for content in due.made.values())
    for limit in sorted({0, sizes[0] // 2, sizes[-1] - 1}):
        ended = host.run((*row.arguments, "--force"), folder, limit=limit)
        assert ended.status == 2, limit
        # The output, or the copy of a certificate that is read, whose place can be changed.
        how = r"cannot be (written: File too large$|copied: .*; let TMPDIR name a folder)"
        assert re.search(how, one_error(ended))
        assert row.made(folder).items() <= due.made.items()
        assert left(row, folder, inputs) == set(), limit
    again = host.run((*row.arguments, "--force"), folder)
    assert again.status == row.status, again.error
    assert row.made(folder) == due.made


@pytest.mark.parametrize("name", sorted(ROWS))
def test_standard_output_is_full(
    name: str, host: Host, quiet: Callable[[str], Quiet], work: Callable[[], Path]
) -> None:
    """What the command wrote before it could not say so is whole."""
    row, folder = ROWS[name], work()
    ended = host.run(row.arguments, folder, out="/dev/full")
    assert ended.status == 2
    assert "No space left on device" in one_error(ended)
    assert row.made(folder) == quiet(name).made


def mount(*arguments: object) -> None:
    subprocess.run(["mount", *map(str, arguments)], check=True, capture_output=True)


@pytest.fixture
def disk(tmp_path: Path, inputs: Path) -> Iterator[Path]:
    """A small file system of its own, with the inputs in it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        mount("-t", "tmpfs", "-o", "size=16m", "none", folder)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting a tmpfs needs root; test_files_may_not_grow stands in for it")
    try:
        yield Path(shutil.copytree(inputs, folder / "work"))
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("name", WRITING)
def test_a_full_disk(
    name: str, host: Host, quiet: Callable[[str], Quiet], disk: Path, inputs: Path
) -> None:
    row, due, filler = ROWS[name], quiet(name), disk.parent / "filler"
    refused, free = 0, 0
    while True:
        filler.unlink(missing_ok=True)
        about = os.statvfs(disk)
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, about.f_bsize * (about.f_bfree - free))
        ended = host.run((*row.arguments, "--force"), disk)
        assert row.made(disk).items() <= due.made.items()
        assert left(row, disk, inputs) == set(), free
        if ended.status == row.status:
            break
        refused, free = refused + 1, 4 * free + 1
        assert ended.status == 2
        assert "cannot be written: No space left on device" in one_error(ended)
    assert refused >= 1
    assert row.made(disk) == due.made


@pytest.fixture
def shut(request: pytest.FixtureRequest) -> Iterator[tuple[Path, Callable[[], None]]]:
    """A folder with the inputs that cannot be written, and what opens it.

    Modes do not hold root back: for root it is a file system that is mounted read-only.
    """
    if os.geteuid() == 0:
        folder: Path = request.getfixturevalue("disk")
        mount("-o", "remount,ro", folder.parent)
        yield folder, lambda: mount("-o", "remount,rw", folder.parent)
    else:
        folder = request.getfixturevalue("work")()
        folder.chmod(0o555)
        yield folder, lambda: folder.chmod(0o755)
        folder.chmod(0o755)


@pytest.mark.parametrize("name", WRITING)
def test_a_read_only_folder(
    name: str, host: Host, quiet: Callable[[str], Quiet], inputs: Path,
    shut: tuple[Path, Callable[[], None]],
) -> None:  # fmt: skip
    row, (folder, reopen) = ROWS[name], shut
    ended = host.run(row.arguments, folder)
    assert ended.status == 2
    refused = r"its folder cannot be written|Read-only file system|Permission denied"
    assert re.search(refused, one_error(ended))
    assert row.made(folder) == {}
    assert left(row, folder, inputs) == set()
    reopen()
    again = host.run(row.arguments, folder)
    assert again.status == row.status, again.error
    assert row.made(folder) == quiet(name).made

"""A stranger's file, taken in hand: whatever it is, and whatever becomes of it meanwhile."""

import gzip
import io
import os
import re
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from bagcert.reference.terminal import sources
from bagcert.reference.terminal.sources import SourceError, bytes_given, bytes_of

BLOCK = sources._BLOCK


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "given"


@pytest.mark.parametrize("length", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK])
def test_all_bytes_are_taken_at_every_edge_of_a_block(path: Path, length: int) -> None:
    content = os.urandom(length)
    path.write_bytes(content)
    with bytes_of(path) as file:
        assert file.tell() == 0
        assert file.read() == content
        file.seek(0)
        assert file.read() == content  # however often


def test_packed_bytes_stay_packed(path: Path) -> None:
    path.write_bytes(gzip.compress(b"text"))
    with bytes_of(path) as file:
        assert file.read() == path.read_bytes()


def _removed(path: Path) -> None:
    path.unlink()


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _grown(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def _replaced(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(b"others")
    other.replace(path)


@pytest.mark.parametrize("change", [_removed, _emptied, _grown, _replaced])
def test_what_becomes_of_a_file_changes_nothing(path: Path, change: Callable[[Path], None]) -> None:
    path.write_bytes(b"as it was")
    with bytes_of(path) as file:
        change(path)
        assert file.read() == b"as it was"


def test_a_file_that_grows_while_it_is_copied_is_read_to_the_limit_and_no_further(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its writer adds a block for each that is read: only the limit ends that."""
    monkeypatch.setattr(sources, "MAX_BYTES", 5 * BLOCK)
    path.write_bytes(bytes(BLOCK))
    copied, following = [], sources._next

    def growing(source: BinaryIO) -> bytes:
        with path.open("ab") as file:
            file.write(bytes(BLOCK))
        copied.append(BLOCK)
        return following(source)

    monkeypatch.setattr(sources, "_next", growing)
    refused = f"^{re.escape(str(path))}: longer than {5 * BLOCK} bytes$"
    with pytest.raises(SourceError, match=refused), bytes_of(path):
        pass
    assert len(copied) == 5


def test_the_limit_is_met_to_the_byte(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_bytes(bytes(BLOCK + 7))
    monkeypatch.setattr(sources, "MAX_BYTES", BLOCK + 7)
    with bytes_of(path) as file:
        assert len(file.read()) == BLOCK + 7
    monkeypatch.setattr(sources, "MAX_BYTES", BLOCK + 6)
    with pytest.raises(SourceError, match="given: longer than"), bytes_of(path):
        pass
    assert sources.MAX_BYTES == BLOCK + 6
    monkeypatch.undo()
    assert sources.MAX_BYTES == 2**34


def test_links_are_followed_once_and_rings_are_refused(path: Path) -> None:
    path.write_bytes(b"there")
    link = path.with_name("link")
    link.symlink_to(path.name)
    with bytes_of(link) as file:
        link.unlink()
        link.symlink_to("nowhere")
        assert file.read() == b"there"
    with pytest.raises(FileNotFoundError, match="link"), bytes_of(link):
        pass
    ring = path.with_name("ring")
    ring.symlink_to("ring")
    with pytest.raises(OSError, match=r"symbolic links.*ring"), bytes_of(ring):
        pass
    link.unlink()
    link.symlink_to(".")
    with pytest.raises(IsADirectoryError, match="link"), bytes_of(link):
        pass


def test_a_socket_is_refused_and_an_empty_device_is_empty(tmp_path: Path) -> None:
    os.mknod(tmp_path / "socket", stat.S_IFSOCK | 0o600)
    with pytest.raises(OSError, match="socket"), bytes_of(tmp_path / "socket"):
        pass
    with bytes_of("/dev/null") as file:
        assert file.read() == b""


def test_a_pipe_whose_writer_is_late_is_read_from_its_first_byte(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writer comes, writes and goes in the second pause of the reader."""
    os.mkfifo(path)
    pauses = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            writer = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
            os.write(writer, b"late")
            os.close(writer)

    monkeypatch.setattr(time, "sleep", pause)
    with bytes_of(path) as file:
        assert file.read() == b"late"
    assert len(pauses) == 2


def test_patience_ends_and_is_not_needed_for_a_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty file is at its end at once; a pipe without a writer is looked at until then."""
    now, pauses = [100.0], []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        now[0] += seconds

    monkeypatch.setattr(time, "sleep", pause)
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    path.write_bytes(b"")
    with bytes_of(path) as file:
        assert file.read() == b""
    assert pauses == []
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(SourceError, match="nobody writes; start its writer first"), bytes_of(path):
        pass
    assert sources.PATIENCE <= sum(pauses) <= sources.PATIENCE + 2 * pauses[0]


def test_no_room_for_the_copy_names_tmpdir(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file can be made, or it cannot be written, or the last bytes do not fit."""
    path.write_bytes(b"content")

    def full(*_: object) -> BinaryIO:
        raise OSError(28, "No space left on device")

    class Full(io.BytesIO):
        write = full  # type: ignore[assignment]

    class FullAtLast(io.BytesIO):
        seek = full  # type: ignore[assignment]

    for made in (full, Full, FullAtLast):
        monkeypatch.setattr(sources, "TemporaryFile", made)
        said = (
            "given: cannot be copied: No space left on device; let TMPDIR name a folder with room"
        )
        with pytest.raises(SourceError, match=f"{said}$"), bytes_of(path):
            pass


def test_nothing_is_left_open_or_behind(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    path.write_bytes(b"content")
    before = len(os.listdir("/proc/self/fd"))
    with bytes_of(path) as file:
        assert os.fstat(file.fileno()).st_nlink == 0  # it has no name
        assert list(folder.iterdir()) == []
    with pytest.raises(RuntimeError, match="the reader's own"), bytes_of(path):
        raise RuntimeError("the reader's own")
    with pytest.raises(IsADirectoryError), bytes_of(tmp_path):
        pass
    assert len(os.listdir("/proc/self/fd")) == before
    assert list(folder.iterdir()) == []


class Given:
    """Standard input of some bytes."""

    def __init__(self, content: bytes) -> None:
        self.buffer = io.BytesIO(content)


def test_standard_input_has_the_same_limit_and_is_taken_once(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = os.urandom(BLOCK + 1)
    monkeypatch.setattr(sys, "stdin", Given(content))
    with bytes_given("-") as file:
        assert file.read() == content
        file.seek(0)
        assert file.read() == content
    monkeypatch.setattr(sys, "stdin", Given(content))
    monkeypatch.setattr(sources, "MAX_BYTES", BLOCK)
    with pytest.raises(SourceError, match=f"^-: longer than {BLOCK} bytes$"), bytes_given("-"):
        pass
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(SourceError, match=r"^-: standard input is closed"), bytes_given("-"):
        pass
    path.write_bytes(b"a file")  # and no other name is standard input
    with bytes_given(path) as file:
        assert file.read() == b"a file"


def test_a_file_called_minus_is_read_by_its_whole_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "-").write_bytes(b"a file")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", Given(b"given"))
    with bytes_given("./-") as file:
        assert file.read() == b"a file"
    with bytes_given("-") as file:
        assert file.read() == b"given"


@pytest.mark.parametrize("name", ["nul\0", "a" * 300])
def test_a_name_that_cannot_be_opened_is_an_error_of_the_system(tmp_path: Path, name: str) -> None:
    with (
        pytest.raises((OSError, ValueError), match=r"null byte|too long"),
        bytes_of(tmp_path / name),
    ):
        pass

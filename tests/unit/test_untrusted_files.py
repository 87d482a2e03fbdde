"""Files that strangers named: plain files, pipes to their last byte, and what is neither."""

import os
import threading
import tracemalloc
from pathlib import Path

import pytest

from bagcert.fastpath.untrusted import files
from bagcert.fastpath.untrusted.files import opened


def piped(content: bytes) -> tuple[bytes, bool]:
    """What is read of a pipe that someone writes to and closes."""
    reading, writing = os.pipe()

    def write() -> None:
        with os.fdopen(writing, "wb") as file:
            file.write(content)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        file, plain = opened(Path(f"/dev/fd/{reading}"))
    finally:
        os.close(reading)
        writer.join()
    with file:
        return file.read(), plain


def test_a_plain_file_is_read_as_it_lies(tmp_path: Path) -> None:
    for content in (b"", b"a", b"abc" * 1000):
        (tmp_path / "file").write_bytes(content)
        file, plain = opened(tmp_path / "file")
        with file:
            assert plain is True
            assert file.read() == content
            assert file.seek(0) == 0
            assert not file.writable()


def test_a_pipe_is_read_to_its_end_from_its_beginning() -> None:
    for content in (b"", b"a", bytes(range(256)) * 9000):  # more than two chunks
        assert piped(content) == (content, False)


def test_a_pipe_of_the_last_byte_that_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert files.MAX_PIPED == 2**28  # 256 MiB, which the message says
    monkeypatch.setattr(files, "MAX_PIPED", 2**20 + 5)
    assert piped(b"x" * (2**20 + 5)) == (b"x" * (2**20 + 5), False)
    with pytest.raises(ValueError, match="more than 1048581 bytes"):
        piped(b"x" * (2**20 + 6))


def test_a_pipe_is_waited_for_where_someone_holds_its_other_end() -> None:
    """Its reader was opened without waiting, and must wait once it reads."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    found: list[bytes] = []

    def read() -> None:
        file, _ = opened(Path(f"/dev/fd/{reading}"))
        with file:
            found.append(file.read())

    reader = threading.Thread(target=read)
    reader.start()
    for part in (b"one ", b"two"):
        reader.join(0.05)  # by now it waits
        os.write(writing, part)
    os.close(writing)
    reader.join()
    os.close(reading)
    assert found == [b"one two"]


def test_neither_a_folder_nor_nothing_can_be_opened(tmp_path: Path) -> None:
    held = Path("/proc/self/fd")
    before = len([*held.iterdir()]) if held.is_dir() else 0
    with pytest.raises(IsADirectoryError):
        opened(tmp_path)
    with pytest.raises(FileNotFoundError):
        opened(tmp_path / "none")
    assert before == (len([*held.iterdir()]) if held.is_dir() else 0)  # no handle is left open


def test_a_named_pipe_that_nobody_writes_to_is_empty(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    file, plain = opened(tmp_path / "pipe")
    with file:
        assert (file.read(), plain) == (b"", False)


def test_what_has_no_end_is_left_after_a_piece_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_PIPED", 3)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="more than 3 bytes"):
            opened(Path("/dev/zero"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2**22  # a piece of 2^20 bytes, and its copy


def test_a_system_without_reads_that_do_not_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "O_NONBLOCK")
    (tmp_path / "file").write_bytes(b"abc")
    file, plain = opened(tmp_path / "file")
    with file:
        assert (file.read(), plain) == (b"abc", True)

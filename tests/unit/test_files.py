"""Files that are whole or absent, and locks that one run holds."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bagcert.reference.terminal.locks import lock_file
from bagcert.reference.terminal.outputs import OutputError, written_aside


def test_a_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("before")

    def fill_the_disk() -> None:
        with written_aside(path, force=True) as file:
            file.write(b"half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(OutputError, match="file: cannot be written: No space left on device"):
        fill_the_disk()
    assert path.read_text() == "before"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_an_error_about_another_file_keeps_its_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"), written_aside(tmp_path / "file"):
        (tmp_path / "nowhere").read_bytes()


def test_a_lock_has_one_holder_and_ends_with_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    held = lock_file(path)
    with pytest.raises(BlockingIOError):
        lock_file(path)
    os.close(held)
    code = (
        "import sys, os, signal; from pathlib import Path; "
        "from bagcert.reference.terminal.locks import lock_file; lock_file(Path(sys.argv[1])); "
        "print(flush=True); signal.pause()"
    )
    with subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(BlockingIOError):
            lock_file(path)
        other.kill()
    os.close(lock_file(path))
    assert [entry.name for entry in tmp_path.iterdir()] == ["lock"]


def test_a_lock_file_that_was_removed_holds_nobody(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    old = lock_file(path)
    path.unlink()
    new = lock_file(path)
    assert not os.path.samestat(os.fstat(old), os.fstat(new))
    os.close(old)
    with pytest.raises(BlockingIOError):
        lock_file(path)
    os.close(new)

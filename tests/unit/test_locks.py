"""Locks that one process holds, and that end with it."""

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from bagcert.reference.terminal.locks import lock_file


def test_a_lock_has_one_holder_and_ends_with_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    held = lock_file(path)
    with pytest.raises(BlockingIOError):
        lock_file(path)
    held.release()
    code = (
        "import sys, signal; from pathlib import Path; "
        "from bagcert.reference.terminal.locks import lock_file; "
        "held = lock_file(Path(sys.argv[1])); print(flush=True); signal.pause()"
    )
    with subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(BlockingIOError):
            lock_file(path)
        other.kill()
    lock_file(path).release()
    assert [entry.name for entry in tmp_path.iterdir()] == ["lock"]


@pytest.mark.parametrize("name", ["ENOSYS", "EOPNOTSUPP", "ENOLCK", "EPERM", "EINVAL"])
@pytest.mark.filterwarnings("error")
def test_a_file_system_without_locks_serves(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl")

    def unknown(*arguments: object) -> NoReturn:
        raise OSError(getattr(errno, name), os.strerror(getattr(errno, name)))

    monkeypatch.setattr(fcntl, "flock", unknown)
    path = tmp_path / "lock"
    held = lock_file(path)
    with pytest.raises(BlockingIOError):
        lock_file(path)
    held.release()
    lock_file(path).release()
    assert list(tmp_path.iterdir()) == []


def test_a_lock_file_that_was_removed_holds_nobody(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    old = lock_file(path)
    path.unlink()
    new = lock_file(path)
    old.release()
    with pytest.raises(BlockingIOError):
        lock_file(path)
    new.release()


@pytest.mark.parametrize("missing", ["fcntl", "msvcrt"])
def test_reference_imports_where_a_platform_has_no_such_module(missing: str) -> None:
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "import bagcert.reference\n"
        "from bagcert.reference.terminal.locks import lock_file\n"
        "print(bagcert.reference.certify([990, 10], 60_000, 100, '0.001').radius)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("386\n", 0), done.stderr

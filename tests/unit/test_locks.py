"""Locks that one process holds, and that end with it."""

import errno
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
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


def refusing(name: str, meanwhile: Callable[[], object] = lambda: None) -> Callable[..., NoReturn]:
    """A system call that fails with this error, after something else happened."""

    def unknown(*arguments: object) -> NoReturn:
        meanwhile()
        raise OSError(getattr(errno, name), os.strerror(getattr(errno, name)))

    return unknown


def test_without_locks_a_file_that_was_there_names_a_holder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Empty, or written by somebody between the attempt and what stands for it."""
    fcntl = pytest.importorskip("fcntl")
    path = tmp_path / "lock"
    path.touch()
    monkeypatch.setattr(fcntl, "flock", refusing("ENOLCK"))
    with pytest.raises(BlockingIOError):
        lock_file(path)
    path.unlink()
    named = f"1\n{socket.gethostname()}\n"
    monkeypatch.setattr(fcntl, "flock", refusing("ENOLCK", lambda: path.write_text(named)))
    with pytest.raises(BlockingIOError):
        lock_file(path)
    assert path.read_text() == named


def test_an_error_that_says_nothing_of_locks_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl")
    monkeypatch.setattr(fcntl, "flock", refusing("EIO"))
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        lock_file(tmp_path / "lock")


@pytest.mark.parametrize("known", [True, False])
def test_another_thread_may_release_a_lock(
    tmp_path: Path, known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not known:
        monkeypatch.setattr(pytest.importorskip("fcntl"), "flock", refusing("ENOLCK"))
    held = lock_file(tmp_path / "lock")
    other = threading.Thread(target=held.release)
    other.start()
    other.join()
    assert not held.is_locked
    lock_file(tmp_path / "lock").release()


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

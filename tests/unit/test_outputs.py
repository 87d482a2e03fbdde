"""Files that are whole or absent, whatever stands under their name already."""

import errno
import os
import re
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, NoReturn

import pytest

from bagcert.reference.terminal import outputs as module
from bagcert.reference.terminal.outputs import (
    OutputError,
    refuse_existing,
    refuse_suffix,
    written_aside,
)


def put(path: Path, content: bytes, *, force: bool = False) -> None:
    with written_aside(path, force=force) as file:
        file.write(content)


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


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
    assert names(tmp_path) == ["file"]


def test_an_error_about_another_file_keeps_its_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"), written_aside(tmp_path / "file"):
        (tmp_path / "nowhere").read_bytes()
    assert names(tmp_path) == []


def test_what_exists_is_replaced_only_by_force(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before")
    with pytest.raises(OutputError, match="exists already; pass --force"):
        put(path, b"after")
    put(path, b"after", force=True)
    assert path.read_bytes() == b"after"


@pytest.mark.parametrize("links", [True, False])
def test_what_somebody_makes_meanwhile_is_kept(
    tmp_path: Path, links: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", _unknown)
    path = tmp_path / "file"

    def write_too_late() -> None:
        with written_aside(path) as file:
            file.write(b"ours")
            path.write_bytes(b"theirs")

    with pytest.raises(OutputError, match="made by somebody else meanwhile"):
        write_too_late()
    assert path.read_bytes() == b"theirs"
    assert names(tmp_path) == ["file"]


def test_an_input_is_no_output_even_by_force_or_by_another_name(tmp_path: Path) -> None:
    votes, link = tmp_path / "votes", tmp_path / "link"
    votes.write_bytes(b"votes")
    link.symlink_to(votes)
    for path in (votes, link, tmp_path / "." / "votes"):
        with pytest.raises(OutputError, match="is also what is read"):
            refuse_existing(path, force=True, inputs=[votes])
    refuse_existing(tmp_path / "other", inputs=[votes])


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    path, link = tmp_path / "file", tmp_path / "link"
    path.write_bytes(b"before")
    link.symlink_to("file")
    put(link, b"after", force=True)
    assert link.is_symlink()
    assert path.read_bytes() == b"after"


def test_a_dangling_link_is_something_that_exists(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("nothing")
    with pytest.raises(OutputError, match="exists already"):
        put(link, b"content")
    put(link, b"content", force=True)
    assert (tmp_path / "nothing").read_bytes() == b"content"
    assert link.is_symlink()


def test_a_file_keeps_its_mode_and_a_new_one_has_the_usual_one(tmp_path: Path) -> None:
    old, new, usual = (tmp_path / name for name in ("old", "new", "usual"))
    old.touch(mode=0o600)
    old.chmod(0o600)
    put(old, b"", force=True)
    put(new, b"")
    usual.touch()
    assert stat.S_IMODE(old.stat().st_mode) == 0o600
    assert new.stat().st_mode == usual.stat().st_mode


def test_a_pipe_gets_the_output_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(path.read_bytes()))
    reader.start()
    put(path, b"content")
    reader.join()
    assert found == [b"content"]
    assert stat.S_ISFIFO(path.stat().st_mode)
    assert names(tmp_path) == ["pipe"]


def test_a_device_is_written_into_and_never_replaced() -> None:
    put(Path(os.devnull), b"content", force=True)
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


def test_a_hyphen_names_no_file() -> None:
    with pytest.raises(OutputError, match=r"^-: standard output carries"):
        refuse_existing("-", force=True)


@pytest.mark.parametrize("length", [245, 255])
def test_names_may_be_as_long_as_the_file_system_allows(tmp_path: Path, length: int) -> None:
    put(tmp_path / ("x" * length), b"content")
    assert names(tmp_path) == ["x" * length]


def test_endings_say_what_is_in_a_file() -> None:
    refuse_suffix("cert.jsonl.gz", ".jsonl", ".jsonl.gz")
    refuse_suffix(os.devnull, ".jsonl")
    for name in ("cert.jsonl.GZ", "cert", "cert.gz"):
        with pytest.raises(OutputError, match=r"must end in \.jsonl or \.jsonl\.gz"):
            refuse_suffix(name, ".jsonl", ".jsonl.gz")


def test_a_file_has_no_name_until_it_is_whole(tmp_path: Path) -> None:
    """Not even at the end: on Linux it is linked, and never copied or renamed."""
    events: list[str] = []
    path = tmp_path / "file"
    at_work = True
    sys.addaudithook(lambda event, _: events.append(event) if at_work else None)
    with written_aside(path) as file:
        file.write(b"content")
        assert names(tmp_path) == []
    at_work = False
    assert path.read_bytes() == b"content"
    if sys.platform == "linux":
        assert "os.link" in events
        assert "os.rename" not in events


def _unknown(*args: object, **options: object) -> NoReturn:
    raise OSError(errno.EPERM, os.strerror(errno.EPERM))


@pytest.mark.parametrize("missing", ["link", "fsync", "fchmod", "all"])
def test_a_file_system_without_an_operation_serves(
    tmp_path: Path, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("link", "fsync", "fchmod"):
        if missing in (name, "all"):
            monkeypatch.setattr(os, name, _unknown)
    path = tmp_path / "file"
    put(path, b"once")
    put(path, b"twice", force=True)
    assert path.read_bytes() == b"twice"
    assert names(tmp_path) == ["file"]


def test_a_system_without_links_by_descriptor_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def plain(*args: Any, **options: Any) -> None:
        if options:
            raise NotImplementedError
        link(*args)

    monkeypatch.setattr(os, "link", plain)
    put(tmp_path / "file", b"content")
    assert (tmp_path / "file").read_bytes() == b"content"
    assert names(tmp_path) == ["file"]


def test_a_file_that_cannot_have_another_mode_is_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fchmod", _unknown)
    umask = os.umask(0)
    try:
        put(tmp_path / "file", b"")
        assert os.umask(0) == 0
    finally:
        os.umask(umask)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600


def test_the_umask_is_what_it_was(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        put(tmp_path / "file", b"")
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640


def test_for_the_instant_of_a_replacement_a_file_has_a_name_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, asides = tmp_path / "file", []
    path.touch()
    replace = os.replace

    def noted(aside: Path, final: Path) -> None:
        asides.append(aside.name)
        assert aside.read_bytes() == b"after"
        replace(aside, final)

    monkeypatch.setattr(os, "replace", noted)
    put(path, b"after", force=True)
    (aside,) = asides
    assert re.fullmatch(r"\.bagcert-[0-9a-f]{8}", aside)

    def refused(aside: Path, final: Path) -> NoReturn:
        raise PermissionError(errno.EACCES, "Permission denied", str(aside))

    monkeypatch.setattr(os, "replace", refused)
    with pytest.raises(OutputError, match="file: cannot be written: Permission denied"):
        put(path, b"later", force=True)
    assert path.read_bytes() == b"after"
    assert names(tmp_path) == ["file"]


def test_an_output_that_could_not_be_written_is_refused_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.touch()
    with pytest.raises(OutputError, match="exists already"):
        refuse_existing(path)
    refuse_existing(path, force=True)
    with pytest.raises(OutputError, match="is a folder; name a file"):
        refuse_existing(tmp_path, force=True)
    with pytest.raises(OutputError, match=r"its folder does not exist; create .*nowhere first"):
        refuse_existing(tmp_path / "nowhere" / "file")
    refuse_existing(os.devnull)
    monkeypatch.setattr(os, "access", lambda folder, how: (folder, how) != (tmp_path, os.W_OK))
    with pytest.raises(OutputError, match="its folder cannot be written"):
        refuse_existing(tmp_path / "other")


def test_a_disk_that_holds_no_more_files_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(folder: Path) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))

    monkeypatch.setattr(module, "_nameless", full)
    with pytest.raises(OutputError, match="file: cannot be written: No space left on device"):
        put(tmp_path / "file", b"content")


def test_names_beside_the_hyphen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("+", ",", "--", "-x", "x"):
        refuse_existing(name)


def test_a_folder_says_no_more_than_a_file_what_is_in_it(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"must end in \.csv"):
        refuse_suffix(tmp_path, ".csv")


@pytest.mark.parametrize("signal", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_command_that_is_stopped_leaves_no_temporary(tmp_path: Path, signal: str) -> None:
    code = (
        "import sys, time\n"
        "from bagcert.reference.terminal.console import command\n"
        "from bagcert.reference.terminal.outputs import written_aside\n"
        "import typer\n"
        "def run() -> None:\n"
        "    with written_aside(sys.argv[1]) as file:\n"
        "        file.write(b'half')\n"
        "        print('writing', flush=True)\n"
        "        time.sleep(60)\n"
        "app = typer.Typer()\n"
        "app.command()(command(run))\n"
        "sys.argv[1:] = [*sys.argv[1:]]\n"
        "app([])\n"
    )
    path = tmp_path / "file"
    with subprocess.Popen(
        [sys.executable, "-c", code, path],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        process.stdout.readline()
        import signal as signals

        process.send_signal(getattr(signals, signal))
        _, error = process.communicate()
    assert names(tmp_path) == []
    assert process.returncode == 128 + getattr(signals, signal)
    assert error == "bagcert: interrupted\n"

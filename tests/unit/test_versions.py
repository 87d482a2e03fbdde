"""Which commit a figure says that it was made from."""

import shutil
import subprocess
from pathlib import Path

import pytest

from bagcert.fastpath.training import versions

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_the_commit_of_a_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / "module.py"
    module.write_text("1")
    monkeypatch.setattr(versions, "__file__", str(module))
    assert versions.source_commit() is None  # no checkout
    git(tmp_path, "init", "-q")
    (tmp_path / "other").write_text("1")
    git(tmp_path, "add", "other")
    git(tmp_path, "commit", "-qm", "another project's")
    assert versions.source_commit() is None  # a checkout, which the file is no part of
    git(tmp_path, "add", "module.py")
    git(tmp_path, "commit", "-qm", "ours")
    assert versions.source_commit() == git(tmp_path, "rev-parse", "--short=12", "HEAD")
    module.touch()  # newer, and the same
    assert versions.source_commit() == git(tmp_path, "rev-parse", "--short=12", "HEAD")
    module.write_text("2")
    assert versions.source_commit() == git(tmp_path, "rev-parse", "--short=12", "HEAD") + "-dirty"

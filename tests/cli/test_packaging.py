"""What is installed: the same package from a checkout, from an sdist, and in editable mode."""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOUSES = ("reference", "fastpath", "proofs_checks")


def built(
    kind: str, source: Path, target: Path, *, umask: int = -1,
    environment: Mapping[str, str] | None = None,
) -> Path:  # fmt: skip
    """Build as a front end would: hatchling's own hook, in the source's folder."""
    target.mkdir()
    code = f"import sys; from hatchling.build import {kind}; print({kind}(sys.argv[1]))"
    subprocess.run(
        [sys.executable, "-c", code, target], cwd=source, check=True, umask=umask,
        env={**os.environ, **(environment or {})},
    )  # fmt: skip
    (made,) = target.iterdir()
    return made


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The files that git knows, or would add: what a clone has."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    ).stdout  # fmt: skip
    folder = tmp_path / "checkout"
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


def test_git_holds_no_links() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--stage"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    assert listed
    assert not [line for line in listed.splitlines() if line.startswith("120000")]


def test_an_sdist_builds_the_wheel_that_the_checkout_builds(checkout: Path, tmp_path: Path) -> None:
    direct = built("build_wheel", checkout, tmp_path / "direct")
    packed = built("build_sdist", checkout, tmp_path / "packed")
    with tarfile.open(packed) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (source,) = (tmp_path / "unpacked").iterdir()
    assert all((source / house / "__init__.py").is_file() for house in HOUSES)
    again = built("build_wheel", source, tmp_path / "again")
    assert again.read_bytes() == direct.read_bytes()


def test_a_wheel_works_where_it_is_unpacked(checkout: Path, tmp_path: Path) -> None:
    wheel = built("build_wheel", checkout, tmp_path / "wheel")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import bagcert.reference as r; "
        "import bagcert.fastpath, bagcert.proofs_checks; print(r.__file__); "
        "print(r.certify([990, 10], 60_000, 100, '0.001').radius)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, wheel], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [f"{wheel}/bagcert/reference/__init__.py", "386"]


def test_an_editable_installation_links_the_houses(checkout: Path, tmp_path: Path) -> None:
    assert not any((checkout / ".src" / "bagcert" / house).exists() for house in HOUSES)
    built("build_editable", checkout, tmp_path / "editable")
    for house in HOUSES:
        assert (checkout / ".src" / "bagcert" / house).samefile(checkout / house)


def test_a_wheel_is_the_same_beside_the_links(checkout: Path, tmp_path: Path) -> None:
    bare = built("build_wheel", checkout, tmp_path / "bare").read_bytes()
    subprocess.run([sys.executable, "hatch_build.py"], cwd=checkout, check=True)
    assert built("build_wheel", checkout, tmp_path / "linked").read_bytes() == bare


def test_what_git_writes_where_links_are_unknown_is_replaced(checkout: Path) -> None:
    (checkout / ".src" / "bagcert" / "reference").write_text("../../reference")
    subprocess.run([sys.executable, "hatch_build.py"], cwd=checkout, check=True)
    assert (checkout / ".src" / "bagcert" / "reference" / "checker.py").is_file()


def test_a_folder_in_the_way_is_not_removed(checkout: Path) -> None:
    (checkout / ".src" / "bagcert" / "reference").mkdir()
    done = subprocess.run(
        [sys.executable, "hatch_build.py"], cwd=checkout, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "a folder of that name is in the way; remove it" in done.stderr


@pytest.mark.parametrize("kind", ["build_wheel", "build_sdist"])
def test_two_builds_have_one_digest(kind: str, checkout: Path, tmp_path: Path) -> None:
    """Whatever the folder, the time of the files, the umask, the zone and the language."""
    moved = shutil.copytree(checkout, tmp_path / "another place")
    for path in moved.rglob("*"):
        os.utime(path, (1e9, 1e9))
        path.chmod(0o700 if path.is_dir() else 0o600)
    stated = {"SOURCE_DATE_EPOCH": "1700000000"}
    here = built(kind, checkout, tmp_path / "here", environment=stated)
    there = built(
        kind, moved, tmp_path / "there", umask=0o077,
        environment={**stated, "TZ": "Asia/Kathmandu", "LC_ALL": "C", "PYTHONHASHSEED": "1"},
    )  # fmt: skip
    digests = {hashlib.sha256(made.read_bytes()).hexdigest() for made in (here, there)}
    assert here.name == there.name
    assert len(digests) == 1

"""What is installed: the same package from a checkout, from an sdist, and in editable mode."""

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOUSES = ("reference", "fastpath", "proofs_checks")


def built(kind: str, source: Path, target: Path) -> Path:
    """Build as a front end would: hatchling's own hook, in the source's folder."""
    target.mkdir()
    code = f"import sys; from hatchling.build import {kind}; print({kind}(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", code, target], cwd=source, check=True)
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

"""A copy of the tree in the temporary directory: only there is anything mutated."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def copied(folder: Path) -> Iterator[Path]:
    """A copy of what git tracks, as it stands in the working tree, with the houses linked."""
    copy = folder / "tree"
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    subprocess.run([sys.executable, "hatch_build.py"], cwd=copy, check=True)
    before = os.getcwd(), [*sys.path], dict(os.environ)
    os.chdir(copy)
    sys.path[:0] = [str(copy / ".src"), str(copy)]
    os.environ |= {"PYTHONPATH": str(copy / ".src"), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    try:
        yield copy
    finally:
        os.chdir(before[0])
        sys.path[:] = before[1]
        os.environ.clear()
        os.environ.update(before[2])

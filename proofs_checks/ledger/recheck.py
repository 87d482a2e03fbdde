"""The compiled proofs, checked now: by Coq's own checker, not by the record of an earlier run."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final, NamedTuple

from bagcert.proofs_checks.ledger.record import FOLDER, digests, read_record

__all__ = ["Checked", "check_now"]

_NOT_COMPILED: Final = (
    "--check-proofs: the proofs are not compiled here, or older than their sources; "
    "type: make proofs"
)


class Checked(NamedTuple):
    """What was found of the compiled files in this run."""

    #: What Coq calls its version.
    coq: str = ""
    #: Theorems of Statements.v: stated as pinned, accepted by coqchk, without axioms.
    theorems: frozenset[str] = frozenset()
    #: What was refused, in one line; empty where nothing was.
    fault: str = ""


def check_now(folder: Path = FOLDER) -> Checked:
    """Have ``verify.py`` examine the compiled files: pins.txt, Print Assumptions, coqchk.

    Whatever record lies there is removed before, so that only this run's can be read after.
    Minutes.

    Raises:
        ValueError: Coq is not installed, or nothing is compiled from the sources as they are.
    """
    if shutil.which("coqchk") is None:
        raise ValueError("--check-proofs: Coq is not installed here; type: make proofs")
    path = folder / "build" / "verified.json"
    recorded = read_record(path)
    missing, stale = _not_compiled(folder)
    if missing and recorded is not None and recorded.sources == digests(folder):
        return Checked(fault=f"build/verified.json speaks of {missing[0]}, which is not there")
    if missing or stale:
        raise ValueError(_NOT_COMPILED)
    path.unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, "verify.py"], cwd=folder, capture_output=True, text=True, check=False
    )
    made = read_record(path)
    if done.returncode or made is None:
        said = (done.stderr.strip() or "verify.py left no record").splitlines()
        return Checked(fault=next((line for line in said if line.startswith("error")), said[0]))
    return Checked(made.coq, frozenset(made.closed))


def _not_compiled(folder: Path) -> tuple[list[str], list[str]]:
    """Compiled files that are missing, and those older than their source."""
    project = (folder / "_CoqProject").read_text(encoding="utf-8")
    missing, stale = [], []
    for name in re.findall(r"^(\w+)\.v$", project, re.MULTILINE):
        compiled = folder / f"{name}.vo"
        if not compiled.is_file():
            missing.append(compiled.name)
        elif compiled.stat().st_mtime < (folder / f"{name}.v").stat().st_mtime:
            stale.append(compiled.name)
    return missing, stale

"""What CI and the weekly run do is what CONTRIBUTING.md says, and what the Makefile has."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def targets(script: str) -> list[str]:
    """What a script asks of make, in order."""
    text = (ROOT / ".ci" / script).read_text(encoding="utf-8")
    return re.findall(r"^(?:run )?make ([a-z-]+)", text, re.MULTILINE)


@pytest.mark.parametrize("script", ["run", "weekly"])
def test_contributing_names_what_each_script_runs(script: str) -> None:
    (told,) = (part for part in GUIDE.split("\n\n") if f"`.ci/{script}`" in part)
    named = re.findall(r"`make ([a-z-]+)`", told.partition(f"`.ci/{script}`")[2])
    assert list(dict.fromkeys(named)) == targets(script)
    made = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {*named} <= {*made}


@pytest.mark.parametrize("broken", ["none", "mutants", "audit-dependencies"])
def test_the_weekly_run_goes_on_after_a_failure_and_tells_it(tmp_path: Path, broken: str) -> None:
    make = tmp_path / "make"
    make.write_text(f'#!/bin/sh\n[ "$1" != {broken} ]\n')
    make.chmod(0o755)
    ended = subprocess.run(
        [ROOT / ".ci" / "weekly", "5", "10"], capture_output=True, text=True, check=False,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "SEED": "3"},
    )  # fmt: skip
    *lines, last = ended.stdout.splitlines()
    assert [line.split()[2] for line in [*lines, last]][:5] == targets("weekly")
    assert "== make second-opinions COUNT=10 SEED=3" in lines
    assert "== make fuzz FUZZ=--seconds 5" in lines
    assert (ended.returncode, "FAILED" in last) == ((0, False) if broken == "none" else (1, True))
    assert broken == "none" or last == f"== FAILED: make {broken}"

"""A folder with the rows' inputs, a process that runs commands with a fault, and quiet runs."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.faults.rows import ROWS, Row, make_inputs

HOST = Path(__file__).with_name("host.py")


class Ended(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    error: str
    #: Steps that were taken, and looks at the input that was to be removed; 0 after a kill.
    steps: int = 0
    looks: int = 0


class Host:
    """Runs commands in forks of a warm process."""

    def __init__(self, scratch: Path, **environment: str) -> None:
        self.scratch = scratch
        self.process = subprocess.Popen(
            [sys.executable, HOST], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", **environment},
        )  # fmt: skip
        self._answer()

    def run(
        self, arguments: tuple[str, ...], folder: Path, *, out: str | None = None,
        environment: dict[str, str] | None = None, **fault: object,
    ) -> Ended:  # fmt: skip
        """Run one command in a folder, with one fault (:mod:`tests.faults.host`)."""
        report = self.scratch / "report"
        report.unlink(missing_ok=True)
        given = {"BAGCERT_CACHE": str(self.scratch / "cache"), **(environment or {})}
        ask = {"arguments": arguments, "folder": str(folder.resolve()), "environment": given,
               "fault": fault, "out": out, "report": str(report)}  # fmt: skip
        assert self.process.stdin is not None
        print(json.dumps(ask), file=self.process.stdin, flush=True)
        counted = self._answer()
        if report.exists():
            counted |= json.loads(report.read_text())
        return Ended(**counted)

    def _answer(self) -> Any:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    made = Host(tmp_path_factory.mktemp("host"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inputs")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        make_inputs(folder)
    return folder


@pytest.fixture
def work(inputs: Path, tmp_path: Path) -> Callable[[], Path]:
    """Make a new folder with the inputs alone."""
    made = 0

    def fresh() -> Path:
        nonlocal made
        made += 1
        return Path(shutil.copytree(inputs, tmp_path / f"work{made}"))

    return fresh


class Quiet(NamedTuple):
    """What a row does where nothing goes wrong."""

    ended: Ended
    made: dict[str, bytes]
    cache: list[Path]


@pytest.fixture(scope="module")
def quiet(
    host: Host, inputs: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Quiet]:
    """Run a row once, with an empty cache and nothing else, and keep what came of it."""

    @cache
    def once(name: str) -> Quiet:
        folder = tmp_path_factory.mktemp("quiet") / "work"
        shutil.copytree(inputs, folder)
        cache_folder = folder.with_name("cache")
        environment = {"BAGCERT_CACHE": str(cache_folder)}
        ended = host.run(ROWS[name].arguments, folder, environment=environment)
        kept = sorted(cache_folder.iterdir()) if cache_folder.exists() else []
        return Quiet(ended, ROWS[name].made(folder), kept)

    return once


def left(row: Row, folder: Path, inputs: Path) -> set[str]:
    """What is in the folder that is neither an input, nor an output, nor kept to go on with."""
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}
    given = {str(path.relative_to(inputs)) for path in inputs.rglob("*")}
    others = files - given - set(row.outputs)
    kept = re.compile(
        rf"{re.escape(row.kept)}(.*\.partial/)?"
        r"(models-[0-9]{7}-[0-9]{7}\.npz|bagcert-checkpoint\.(json|lock))"
    )
    return {name for name in others if not (row.kept and kept.fullmatch(name))}


def one_error(ended: Ended) -> str:
    """The one line that says what went wrong, and which ends what was printed."""
    lines = ended.error.splitlines()
    errors = [line for line in lines if line.startswith("bagcert: error: ")]
    assert len(errors) == 1, ended.error
    assert lines[-1] == errors[0]
    return errors[0]

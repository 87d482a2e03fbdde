"""Runs tests in forked children over a copy of the tree, where mutants are written.

The tree itself is never written to: an interruption leaves a folder in the temporary directory.
A child has the libraries; it imports the package and its tests anew, unless it is enough to swap
the code of a function after that (`swapping.py`). Each test may use five times the processor time
of its clean run, and half a second: a mutant that runs on is stopped by a signal that needs no
Python (`SIGPROF`).
"""

import contextlib
import gc
import importlib
import json
import math
import os
import resource
import select
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import zip_longest
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, Final, NamedTuple

import pytest

from tests.mutation.swapping import Calls, Living

#: Seconds of processor time beyond five times a clean run's.
GRACE: Final = 0.5
MEMORY: Final = 8 * 2**30


class Died(Exception):
    """Tests that fail, or find nothing, without a mutant."""


class Clean(NamedTuple):
    """What the tests cost without a mutant, in seconds of processor time."""

    #: Until the first test: importing and collecting.
    collecting: float
    tests: dict[str, float]
    #: Of the whole, by the clock.
    wall: float = math.inf


class Bench(NamedTuple):
    """Where the mutants of one module are tried."""

    module: str
    tests: list[str]
    #: The copied module, and a folder for logs and temporary files.
    target: Path
    scratch: Path
    #: Tests that take longer are left out.
    most: float
    #: How many mutants a test has killed.
    kills: Counter[str]
    #: Seconds of tests in earlier clean runs: a slow one need not be run to be left out.
    costs: dict[str, float]
    clean: Clean | None = None


class Watch:
    """A plugin: the order of the tests, a limit on each, and what became of them."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.times: dict[str, float] = {}
        self.failed, self.collecting = "", 0.0

    def limit(self, seconds: float) -> None:
        """From here on, so much processor time five times over, and the grace."""
        if self.bench.clean is not None:
            signal.setitimer(signal.ITIMER_PROF, 5 * seconds + GRACE)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """First what kills most in the least time."""
        self.collecting = time.process_time()
        cost, kills = self.bench.costs, self.bench.kills
        items[:] = [item for item in items if cost.get(item.nodeid, 0) <= self.bench.most]
        items.sort(key=lambda i: -(kills[i.nodeid] + 1) / (cost.get(i.nodeid, 0) + 0.01))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Time one test."""
        start, clean = time.process_time(), self.bench.clean
        self.limit(clean.tests.get(item.nodeid, 0) if clean else 0)
        result = yield
        self.times[item.nodeid] = time.process_time() - start
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the first test that fails."""
        if report.failed:
            self.failed = self.failed or report.nodeid

    def report(self, status: int) -> dict[str, Any]:
        """What a child tells of itself."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        modules = [*sys.modules] if self.bench.clean is None else []
        told = {"status": status, "by": self.failed, "times": self.times, "modules": modules}
        return told | {"collecting": self.collecting}


class Loop(Watch):
    """Collects once, and forks a child for each mutant that can be swapped in."""

    def __init__(
        self, bench: Bench, sources: Iterable[str], note: Callable[[str, str], None]
    ) -> None:
        super().__init__(bench)
        self.sources, self.note, self.parent = sources, note, os.getppid()
        self.calls = Calls(f"bagcert/{bench.module}")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Instead of the tests, the mutants."""
        sys.setprofile(None)
        clean_source = self.bench.target.read_text()
        living = Living(self.calls.ending, clean_source, self.calls.keys)
        gc.freeze()  # else each child's collections copy every page
        for source in (clean_source, *self.sources):
            swaps = [] if source == clean_source else living.swaps(source)
            if swaps is None:
                continue
            write(self.bench.target, source)
            by = verdict(_forked(partial(self.one, session, swaps), self.bench), self.bench)
            if source != clean_source:
                self.note(source, by)
            elif by:
                raise Died(f"no mutant, and yet: {by}\n{(self.bench.scratch / 'log').read_text()}")
            if os.getppid() != self.parent:
                break  # interrupted
        write(self.bench.target, clean_source)
        return True

    def one(
        self, session: pytest.Session, swaps: list[tuple[FunctionType, CodeType]]
    ) -> dict[str, Any]:
        """In the child: swap, and run the tests up to the first that fails."""
        for function, code in swaps:
            function.__code__ = code
        self.pytest_collection_modifyitems(session.items)
        for item, following in zip_longest(session.items, session.items[1:]):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                break
        return self.report(bool(self.failed))


def write(target: Path, source: str) -> None:
    """Put a mutant where scripts and imports find it, and no byte code of another."""
    target.write_text(source)
    for stale in target.parent.glob(f"__pycache__/{target.stem}.*"):
        stale.unlink()


def _pytest(watch: Watch) -> dict[str, Any]:
    folder = f"--basetemp={watch.bench.scratch / 'pytest'}"
    options = ["-x", "-q", "-s", "-p", "no:cacheprovider", folder]
    return watch.report(int(pytest.main([*watch.bench.tests, *options], plugins=[watch])))


def _fresh(bench: Bench) -> dict[str, Any]:
    """In a child: all tests, all imported anew."""
    watch = Watch(bench)
    watch.limit(bench.clean.collecting if bench.clean else 0)
    return _pytest(watch)


def _forked(work: Callable[[], dict[str, Any]], bench: Bench) -> dict[str, Any]:
    """What a child reports; `died` and no status if it ended before it could."""
    report, clean = bench.scratch / "report", bench.clean
    report.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        try:
            os.setpgid(0, 0)
            _apart(bench)
            report.write_text(json.dumps(work()))
        finally:
            os._exit(0)
    watched = os.pidfd_open(child)
    ended, _, _ = select.select([watched], [], [], 20 * clean.wall + 120 if clean else None)
    os.close(watched)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # it, and what it started
    _, how = os.waitpid(child, 0)
    if not ended:
        return {"status": None, "died": "stopped by the clock"}
    late = os.WIFSIGNALED(how) and os.WTERMSIG(how) == signal.SIGPROF
    if late or not report.exists():
        return {"status": None, "died": "ran on" if late else "ended Python"}
    result: dict[str, Any] = json.loads(report.read_text())
    return result


def _apart(bench: Bench) -> None:
    """In a child: its own streams, a limit on memory, and no byte code left of a mutant."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    null = os.open(os.devnull, os.O_RDWR)
    log = os.open(bench.scratch / "log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for target, stream in ((null, 0), (log, 1), (log, 2)):
        os.dup2(target, stream)
    if bench.clean is not None:
        sys.dont_write_bytecode = True
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"


def verdict(found: dict[str, Any], bench: Bench) -> str:
    """What killed a mutant: a test, or how its child ended; "" if all due tests passed."""
    if found["status"] is None:
        return str(found["died"])
    tests = bench.clean.tests if bench.clean else {}
    due = {name for name, seconds in tests.items() if seconds <= bench.most}
    if found["status"] == 0 and found["times"].keys() == due:
        return ""
    return str(found["by"] or "collection")


def cleaned(bench: Bench) -> Bench:
    """Run the tests as they are; import here what they imported from libraries.

    Raises:
        Died: a test fails, or there is none.
    """
    from hypothesis import settings

    # Examples do not differ from run to run, and none is kept: a mutant's fate is repeatable.
    settings.register_profile("mutants", derandomize=True, database=None, deadline=None)
    settings.load_profile("mutants")
    start = time.monotonic()
    found = _forked(partial(_fresh, bench), bench)
    if found["status"] != 0:
        raise Died((bench.scratch / "log").read_text()[-2000:])
    for name in found["modules"]:
        if not name.startswith(("bagcert", "tests", "conftest", "__main__", "hatch_build")):
            with contextlib.suppress(Exception):
                importlib.import_module(name)
    clean = Clean(found["collecting"], found["times"], time.monotonic() - start)
    gc.freeze()
    return bench._replace(clean=clean, costs=bench.costs | clean.tests)


def import_anew(bench: Bench, sources: Iterable[str], note: Callable[[str, str], None]) -> None:
    """Note the verdict on each mutant, everything imported anew; first, that on no mutant.

    Raises:
        Died: a test fails where there is no mutant, so that every mutant would seem killed.
    """
    clean_source = bench.target.read_text()
    for source in (clean_source, *sources):
        write(bench.target, source)
        by = verdict(_forked(partial(_fresh, bench), bench), bench)
        if source != clean_source:
            note(source, by)
        elif by:
            raise Died(f"no mutant, and yet: {by}\n{(bench.scratch / 'log').read_text()}")


def swap_in(bench: Bench, sources: Iterable[str], note: Callable[[str, str], None]) -> None:
    """Note the verdict on each mutant that can be swapped in; of the others, nothing."""
    session = bench._replace(scratch=bench.scratch / "session")
    child = os.fork()
    if child == 0:
        try:
            _apart(session)
            loop = Loop(bench, sources, note)
            sys.setprofile(loop.calls)
            os._exit(_pytest(loop)["status"])
        finally:
            os._exit(1)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        raise Died((session.scratch / "log").read_text())

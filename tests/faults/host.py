"""Run by conftest.py: a process that has imported everything, and forks each command that is asked.

A line of JSON asks (see :func:`main`); a line of JSON answers. In the child the fault is armed,
then the command runs as ``bagcert`` runs it. A step is a call that changes the folder: a file
opened to be written, synchronised, linked, renamed or removed, a folder made or removed.
"""

import json
import os
import resource
import signal
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

if os.environ.get("BACKWARDS"):  # before anything else is imported
    _began = time.time_ns()

    def _back() -> int:
        """A clock that is set back by an hour at each look."""
        global _began
        _began -= 3600 * 10**9
        return _began

    time.time_ns = _back
    time.time = lambda: _back() / 1e9

from bagcert.__main__ import main as command_line
from bagcert.fastpath.datasets import Dataset, load_dataset

CHANGES = {"os.link": 1, "os.rename": 1, "os.remove": 0, "os.mkdir": 0, "os.rmdir": 0}
WRITES = os.O_WRONLY | os.O_RDWR
#: Seconds after which a child that hangs is ended by SIGALRM.
PATIENCE = 120


class Armed:
    """What goes wrong, and when; counts the steps and the looks at each input."""

    def __init__(self, fault: dict[str, Any], folder: Path, report: Path) -> None:
        self.fault, self.folder, self.report = fault, f"{folder}{os.sep}", report
        self.steps, self.looks, self.at_work = 0, 0, True
        sys.addaudithook(self.hear)
        synchronised = os.fsync

        def told(file: int) -> None:  # no event tells of it
            self.touch(os.readlink(f"/proc/self/fd/{file}"))
            synchronised(file)

        os.fsync = told  # type: ignore[assignment]

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Be told of every call before it is made."""
        if not self.at_work:
            return
        if event == "open":
            path, _, flags = arguments
            if isinstance(flags, int) and flags & WRITES:
                self.touch(path)
            elif "remove" in self.fault:
                self.look(path)
        elif event in CHANGES:
            self.touch(arguments[CHANGES[event]])

    def touch(self, path: object) -> None:
        """A step, if it is in the folder."""
        if isinstance(path, str | bytes | os.PathLike):
            place = os.path.abspath(os.fsdecode(path))
            if f"{place}{os.sep}".startswith(self.folder):
                self.step()

    def step(self) -> None:
        """Count it, and send the signal if it is the one."""
        self.steps += 1
        if self.steps == self.fault.get("step"):
            os.kill(os.getpid(), self.fault["signal"])

    def look(self, path: object) -> None:
        """Remove the input just before it is opened for so many times."""
        if isinstance(path, int):
            return
        place = os.path.abspath(os.fsdecode(path))  # type: ignore[arg-type]
        if place == self.fault["remove"]:
            self.looks += 1
            if self.looks == self.fault["look"]:
                self.at_work = False
                os.unlink(place)
                self.at_work = True

    def done(self) -> None:
        """Write down what was counted."""
        self.at_work = False
        self.report.write_text(json.dumps({"steps": self.steps, "looks": self.looks}))


def child(ask: dict[str, Any]) -> int:
    """Run the command, in the process that was forked for it; return its exit status."""
    os.chdir(ask["folder"])
    os.environ.update(ask["environment"])
    if ask["out"] is not None:
        os.dup2(os.open(ask["out"], os.O_WRONLY), 1)
    # As a process that begins now would find them.
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", buffering=1, closefd=False)
    signal.alarm(PATIENCE)
    armed = Armed(ask["fault"], Path(ask["folder"]), Path(ask["report"]))
    if (limit := ask["fault"].get("limit")) is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    sys.argv = ["bagcert", *ask["arguments"]]
    try:
        command_line()
        status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 99
    with suppress(OSError):  # as at the end of a process
        sys.stdout.flush()
    sys.stderr.flush()
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    armed.done()
    return status


def stand_in(name: str, _: Path | None) -> Dataset:
    """A few images of the row's folder under MNIST's name, whose own files are known by a hash."""
    return replace(load_dataset("grey.npz"), name=name)


def warm() -> None:
    """Do once, and leave to the children, what takes a command longest to begin."""
    import matplotlib.backends.backend_agg  # noqa: F401
    from matplotlib.figure import Figure

    import bagcert.fastpath.crosscheck.junit
    import bagcert.fastpath.paper.experiments
    import bagcert.fastpath.paper.run
    import bagcert.fastpath.report.outputs
    import bagcert.proofs_checks.tightness.sweep

    vars(bagcert.fastpath.paper.experiments)["load_dataset"] = stand_in
    Figure().savefig(os.devnull, format="png")
    load_dataset("digits")


def fork(ask: dict[str, Any]) -> dict[str, Any]:
    """Run the command in a child; return its status and what it printed."""
    ends = [os.pipe() for _ in range(2)]  # no limit of a file's length applies to a pipe
    pid = os.fork()
    if pid == 0:
        status = 97  # an exception that nobody expected: its traceback is on standard error
        try:
            for number, (_, writing) in enumerate(ends, start=1):
                os.dup2(writing, number)
            status = child(ask)
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(status)
    texts = []
    for _, writing in ends:
        os.close(writing)
    for reading, _ in ends:  # what a command prints in these tests fits into a pipe
        with os.fdopen(reading) as stream:
            texts.append(stream.read())
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return {"status": status, "out": texts[0], "error": texts[1]}


def main() -> None:
    """Answer each line {arguments, folder, environment, fault, out, report} in turn.

    ``fault``: {} or {signal, step} or {remove, look} or {limit}. ``out``: a file that standard
    output is to go to, or null. The status is negative where a signal ended the child.
    """
    warm()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(fork(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()

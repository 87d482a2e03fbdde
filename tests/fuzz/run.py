"""Fuzzes one reader: `python -m tests.fuzz.run TARGET --seconds 60`.

The targets are `certificates` (kernel, reader and `held`), `votes` and `datasets`. Inputs are
edited by the target's own mutator; atheris chooses which to keep, by the code that they reach.
With `--blind` nothing watches, atheris is not needed, and far more inputs are read in a second.

What is found goes to a folder, one file for each input and its traceback beside it; the last line
printed is the count as JSON; the exit status is 1 if anything was found.
"""

import argparse
import hashlib
import importlib
import json
import os
import resource
import shutil
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

from tests.fuzz.findings import ROOM, SECONDS, Hang, require, watched

TARGETS = ("certificates", "votes", "datasets")
#: What is watched for coverage: the readers, and what they are made of.
WATCHED = ["bagcert.reference", "bagcert.fastpath.untrusted", "bagcert.fastpath.votes",
           "bagcert.fastpath.datasets"]  # fmt: skip
#: Longest input in bytes, and the most findings after which a run ends.
LONGEST, MOST_FOUND = 2**16, 50
#: Where inputs become files: in memory, if there is such a place.
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None


class Run:
    """One process that fuzzes one target, and what it has seen."""

    def __init__(self, target: ModuleType, seconds: float, inputs: int, found: Path) -> None:
        self.target, self.inputs, self.found = target, inputs, found
        self.name = target.__name__.rpartition(".")[2]
        self.folder = Path(tempfile.mkdtemp(prefix="fuzz-", dir=MEMORY))
        self.start, self.end = time.monotonic(), time.monotonic() + seconds
        self.seen, self.outcomes, self.findings = 0, Counter[str](), Counter[str]()
        self.slowest = 0.0, b""
        limited(ROOM)
        self.peak_at_start = peak()

    def one(self, content: bytes) -> None:
        """Judge one input, and end the process when it is time."""
        before = time.process_time()
        try:
            with warnings.catch_warnings(record=True) as warned, watched():
                self.outcomes[self.target.target(content, self.folder)] += 1
            require(not warned, f"warns: {[str(each.message)[:80] for each in warned]}")
        except (Exception, Hang) as error:
            self.keep(content, error)
        self.seen += 1
        took = time.process_time() - before
        if took > self.slowest[0]:
            self.slowest = took, content
        over = self.seen >= self.inputs or time.monotonic() > self.end
        if over or self.findings.total() >= MOST_FOUND:
            self.finish()

    def keep(self, content: bytes, error: BaseException) -> None:
        """Keep an input that found something, once for each place at which it is raised."""
        at = traceback.extract_tb(error.__traceback__)[-3:]
        place = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(at))
        kind = f"{type(error).__name__} at {place}"
        self.findings[kind] += 1
        if self.findings[kind] == 1:
            path = self.stored(content)
            path.with_suffix(".txt").write_text("".join(traceback.format_exception(error)))
            told = f"found after {self.seen} inputs: {kind}: {str(error)[:200]}"
            print(told, file=sys.stderr, flush=True)

    def stored(self, content: bytes) -> Path:
        """Put an input beside what was found, under its digest."""
        self.found.mkdir(parents=True, exist_ok=True)
        path = self.found / f"{self.name}-{digest(content)}"
        path.write_bytes(content)
        return path

    def finish(self) -> None:
        """Print the count, and end the process; the slowest input is kept."""
        shutil.rmtree(self.folder, ignore_errors=True)
        told: dict[str, Any] = {
            "target": self.name,
            "inputs": self.seen,
            "findings": dict(self.findings),
            "outcomes": dict(sorted(self.outcomes.items())),
            "seconds": round(time.monotonic() - self.start),
            "slowest_ms": round(1000 * self.slowest[0]),
            "slowest_input": self.stored(self.slowest[1]).name,
            "peak_mb": peak() // 2**20,
            "start_mb": self.peak_at_start // 2**20,
        }
        print(json.dumps(told), flush=True)
        os._exit(1 if self.findings else 0)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def peak() -> int:
    """The most memory that this process ever held, in bytes."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def limited(room: int) -> None:
    """Let the process take no more address space than it has, and this room."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + room
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def guided(run: Run, seed: int) -> None:
    """Let libFuzzer choose what to edit further: whatever reached code that nothing else did."""
    import atheris

    def change(text: bytes, drawn: Random) -> bytes:
        return bytes(atheris.Mutate(text, min(LONGEST, len(text) + 64)))

    def mutate(content: bytes, longest: int, seed: int) -> bytes:
        found: bytes = run.target.mutated(content, Random(seed), change)
        return found[:longest]

    seeds = run.folder / "seeds"
    seeds.mkdir()
    for content in run.target.seeds():
        (seeds / digest(content)).write_bytes(content)
    limits = [f"-max_len={LONGEST}", f"-timeout={int(100 * SECONDS)}", "-rss_limit_mb=0"]
    flags = [*limits, f"-seed={seed}", "-verbosity=0"]
    atheris.Setup([sys.argv[0], *flags, str(seeds)], run.one, custom_mutator=mutate)
    atheris.Fuzz()


def blind(run: Run, seed: int) -> None:
    """Edit the seeds, and now and then what became of them."""
    drawn, pool = Random(seed), run.target.seeds()
    seeds = list(pool)
    for content in seeds:
        run.one(content)
    while True:
        content = run.target.mutated(drawn.choice(pool), drawn)[:LONGEST]
        run.one(content)
        i = drawn.randrange(len(pool))
        if drawn.random() < 0.01:
            pool[i] = content
        elif drawn.random() < 0.05:
            pool[i] = seeds[i]


def main() -> None:
    """Fuzz until the time or the inputs are used up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--blind", action="store_true")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--inputs", type=int, default=10**12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--found", type=Path, default=Path("runs/fuzz"))
    asked = parser.parse_args()
    name = f"tests.fuzz.{asked.target}"
    if asked.blind:
        target = importlib.import_module(name)
    else:
        import atheris

        with atheris.instrument_imports(include=WATCHED):
            target = importlib.import_module(name)
    run = Run(target, asked.seconds, asked.inputs, asked.found)
    (blind if asked.blind else guided)(run, asked.seed)


if __name__ == "__main__":
    main()

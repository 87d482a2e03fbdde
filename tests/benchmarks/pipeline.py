"""From MNIST's raw files to an audited certificate, stage by stage: seconds by the clock and of a
processor, and the most memory.

`python tests/benchmarks/pipeline.py manifold-ridge --k 100 --models 1000` (MNIST: BAGCERT_DATA).
Training is done in this process, `certify` and `audit --votes` are processes of their own.
Where the learner's features end and its base models begin is told by the progress of training.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time

from bagcert.fastpath.datasets import load_dataset
from bagcert.fastpath.learners import load_learner
from bagcert.fastpath.training.ensemble import train_votes
from bagcert.fastpath.votes.file import write_votes

BOTH = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN


class Stages:
    """Says what has passed since the last stage ended."""

    def __init__(self) -> None:
        self.clock, self.processor = self.now()
        self.start = self.clock, self.processor

    @staticmethod
    def now() -> tuple[float, float]:
        used = [resource.getrusage(who) for who in BOTH]
        return time.monotonic(), sum(each.ru_utime + each.ru_stime for each in used)

    def end(self, name: str) -> None:
        clock, processor = self.now()
        told(name, clock - self.clock, processor - self.processor)
        self.clock, self.processor = clock, processor

    def all(self) -> None:
        clock, processor = self.now()
        told("together", clock - self.start[0], processor - self.start[1])
        peak = max(resource.getrusage(who).ru_maxrss for who in BOTH)
        print(f"most memory of a process  {peak * 1024 / 1e9:.2f} GB")


def told(name: str, clock: float, processor: float) -> None:
    print(f"{name:<16} {clock:7.1f} s  {processor:7.1f} s of a processor", flush=True)


def main() -> None:
    """Time one run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("learner")
    parser.add_argument("--k", type=int, default=100)
    parser.add_argument("--models", type=int, default=1000)
    asked = parser.parse_args()
    stages = Stages()
    data, learner = load_dataset("mnist"), load_learner(asked.learner, {})
    stages.end("raw files")
    prepared = False

    def preparing(done: int, total: int) -> None:
        nonlocal prepared
        if done == total and not prepared:
            prepared = True
            stages.end("features")

    votes = train_votes(data, learner, asked.k, asked.models, 1, preparing=preparing)
    stages.end("base models")
    with tempfile.TemporaryDirectory() as folder:
        found, certificate = f"{folder}/votes.npz", f"{folder}/cert.jsonl"
        write_votes(votes, found)
        stages.end("votes file")
        bagcert = [sys.executable, "-m", "bagcert"]
        certify = [*bagcert, "certify", found, "--alpha", "0.001", "-o", certificate]
        subprocess.run(certify, check=True, stdout=subprocess.DEVNULL)
        stages.end("certify")
        audit = [*bagcert, "audit", certificate, "--votes", found]
        said = subprocess.run(audit, check=True, stdout=subprocess.PIPE, text=True).stdout
        stages.end("audit --votes")
    stages.all()
    print(said.splitlines()[0])


if __name__ == "__main__":
    main()

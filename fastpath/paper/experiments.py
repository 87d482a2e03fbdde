"""``bagcert reproduce``: raw files to audited certificates, beside what was reported."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final, NamedTuple

from bagcert.fastpath.certification.certificate_file import certify_file
from bagcert.fastpath.datasets import load_dataset
from bagcert.fastpath.learners import ScatteringRidge
from bagcert.fastpath.paper.reported import Claim, about, stated, text
from bagcert.fastpath.report.accuracy import Report
from bagcert.fastpath.report.shares import percent
from bagcert.fastpath.training.ensemble import train_votes
from bagcert.fastpath.votes.file import write_votes
from bagcert.reference.bounds import Method
from bagcert.reference.certificate.reader import read_certificate
from bagcert.reference.checker import check
from bagcert.reference.terminal.tables import print_table

__all__ = ["EXPERIMENTS", "Experiment", "Outcome", "print_beside_the_reported", "reproduce"]

Progress = Callable[[int, int], None]


class Experiment(NamedTuple):
    """A setting of the paper's Section 5."""

    dataset: str
    k: int
    radii: tuple[int, ...]


EXPERIMENTS: Final = {
    "mnist": Experiment("mnist", 100, (0, 50, 100, 150, 200, 300)),
    "mnist17": Experiment("mnist17", 50, (0, 25, 50, 75, 100)),
}


@dataclass(frozen=True)
class Outcome:
    """One certified ensemble."""

    normalisation: str
    #: Certified accuracy: (r, rows, of how many).
    accuracy: tuple[tuple[int, int, int], ...]
    #: The kernel's verdict.
    verdict: str
    #: Wall-clock seconds of each stage.
    seconds: dict[str, float]


def reproduce(
    experiment: Experiment,
    folder: Path,
    *,
    normalisation: str,
    models: int = 1000,
    seed: int = 1,
    alpha: Fraction = Fraction(1, 1000),
    method: Method = Method.SIMUEM,
    data_dir: Path | None = None,
    force: bool = False,
    preparing: Progress | None = None,
    training: Progress | None = None,
    certifying: Progress | None = None,
) -> Outcome:
    """Train, certify and audit one ensemble; votes and certificate go into ``folder``.

    The base learner is :class:`~bagcert.fastpath.learners.ScatteringRidge`, not the paper's
    network; n, k, N, α, the attack and the residual are the paper's.

    Raises:
        ValueError: as :func:`~bagcert.fastpath.training.ensemble.train_votes`; files that are not
        there.
        OutputError: a file in ``folder`` exists, and ``force`` is false.
    """
    seconds: dict[str, float] = {}
    started = time.perf_counter()

    def stage(name: str) -> None:
        nonlocal started
        now = time.perf_counter()
        seconds[name], started = now - started, now

    data = load_dataset(experiment.dataset, data_dir)
    stage("read the files")
    ready: list[float] = []

    def first_model(done: int, total: int) -> None:
        if done == total:
            ready[:] = [time.perf_counter()]
        if preparing:
            preparing(done, total)

    votes = train_votes(
        data,
        ScatteringRidge(normalisation=normalisation),
        experiment.k,
        models,
        seed,
        progress=training,
        preparing=first_model,
    )
    seconds["features and Gram block"] = ready[0] - started
    started = ready[0]
    stage(f"{models} models")
    stem = folder / f"{experiment.dataset}-{normalisation}"
    write_votes(votes, f"{stem}.npz", force=force)
    path = f"{stem}.jsonl"
    certify_file(votes, path, alpha, method=method, force=force, progress=certifying)
    stage("certify")
    verdict = check(os.fspath(path))
    stage("audit")
    found = Report.of(read_certificate(path), list(experiment.radii))
    accuracy = tuple((r, rows, found.examples) for r, rows in found.accuracy or ())
    return Outcome(normalisation, accuracy, verdict.status, seconds)


def print_beside_the_reported(
    experiment: Experiment, outcomes: list[Outcome], claims: Sequence[Claim]
) -> None:
    """Print certified accuracy over r beside what is reported at this k, and each stage's seconds.

    Below stand all claims about the data set, with the versions and settings that they are of.
    """
    heads = ["deskewed" if one.normalisation == "deskew" else "as it is" for one in outcomes]
    reported = stated(claims, experiment.dataset, experiment.k)
    print(f"certified accuracy, k = {experiment.k}")
    print_table(
        ("r", "reported", *heads),
        [
            (
                r,
                reported.get(r, ""),
                *(percent(one.accuracy[i][1], one.accuracy[i][2]) for one in outcomes),
            )
            for i, r in enumerate(experiment.radii)
        ],
    )
    for outcome in outcomes:
        total = sum(outcome.seconds.values())
        stages = ", ".join(f"{name} {took:.1f}" for name, took in outcome.seconds.items())
        print(f"{outcome.normalisation}: {outcome.verdict}; {total:.1f} s: {stages}")
    for line in text(about(claims, experiment.dataset)):
        print(line)

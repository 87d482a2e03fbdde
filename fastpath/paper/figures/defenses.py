"""The three certified defenses of Figure 3(b) and (c), trained and timed in one run."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from bagcert.fastpath.datasets import Dataset
from bagcert.fastpath.learners import Learner
from bagcert.fastpath.paper.figures.curves import certified_accuracy
from bagcert.fastpath.paper.figures.ensembles import Ensembles
from bagcert.fastpath.paper.figures.settings import Setting
from bagcert.fastpath.paper.related.curves import ma_curve, smoothing_curve
from bagcert.fastpath.paper.related.private import train_private
from bagcert.fastpath.paper.related.smoothing import smoothed_votes
from bagcert.fastpath.training.checkpoints import discard
from bagcert.reference.bounds import Method

__all__ = ["Defenses", "train_defenses"]

#: The paper's parameters of the compared defenses.
EPSILON: Final = Fraction(3, 10)
DELTA: Final = Fraction(1, 10**5)
BETA: Final = Fraction(3, 10)
_NAMES: Final = ("bagging", "private", "smoothing")
Accuracy = tuple[Fraction, ...]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Defenses:
    """Certified accuracy at each radius by series, and seconds by defense and stage."""

    accuracy: dict[str, Accuracy]
    seconds: dict[str, tuple[int, dict[str, float]]]
    #: Whether shards of an interrupted run were at hand: then the seconds are too few.
    resumed: bool


class _Clock:
    """Wall-clock seconds of stages that follow one another."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - started


def train_defenses(
    data: Dataset,
    learner: Learner,
    setting: Setting,
    folder: Path,
    *,
    seed: int,
    alpha: Fraction,
    method: Method,
    progress: Sequence[Progress],
    force: bool,
) -> Defenses:
    """Train bagging, Ma et al.'s and Rosenfeld et al.'s ensembles; shards are kept and resumed.

    Ma et al. stand three times. As the paper compares: the average accuracy is taken for the
    expected one, a replaced example counts once, and the bound is the one on accuracy. The same
    with their theorem's other half, the bound on the error. And as it holds: a lower confidence
    bound of the expected accuracy, whose distance from the average falls with the number of models
    (the factor α^(1/N)); a replaced example is one removed and one added; the better of the bounds
    on accuracy and on error. All three bound an expected accuracy; no prediction is certified.
    Times are of what this run did: ``resumed`` says where shards of an
    interrupted one were at hand, so that they are too short.

    Raises:
        ImportError: opacus is not installed (the extra ``compare``).
        OutputError: the votes of bagging exist and ``force`` is false.
        ValueError: as the training of each.
    """
    radii = setting.radii
    partial = (folder / f"defenses-{data.name}-{name}.partial" for name in _NAMES)
    resumed = any(path.exists() for path in partial)
    ours, private, smoothing = _Clock(), _Clock(), _Clock()
    ensembles = Ensembles(folder, setting.models, seed, progress[0], force=force)
    with ours.stage("train"):
        votes = ensembles.votes(f"defenses-{data.name}-bagging", data, learner, setting.k)
    with ours.stage("certify"):
        bagging = certified_accuracy(
            votes.counts,
            data.test_y,
            radii,
            n=len(data.train_y),
            k=setting.k,
            alpha=alpha,
            method=method,
        )

    kept = folder / f"defenses-{data.name}-private.partial"
    with private.stage("train"):
        accuracies = train_private(
            data,
            EPSILON,
            DELTA,
            setting.private,
            seed,
            features=learner,
            checkpoint=kept,
            progress=progress[1],
        )
    with private.stage("certify"):
        points = ma_curve(accuracies, radii, alpha)
    discard(kept)

    kept = folder / f"defenses-{data.name}-smoothing.partial"
    with smoothing.stage("train"):
        smoothed = smoothed_votes(
            data, BETA, setting.smoothed, seed, checkpoint=kept, progress=progress[2]
        )
    with smoothing.stage("certify"):
        rows = smoothing_curve(smoothed, radii, alpha, method=method).accuracy
    discard(kept)

    e = len(data.test_y)
    return Defenses(
        {
            f"bagging, k = {setting.k}": bagging,
            f"Ma et al., ε = {EPSILON}, as compared": tuple(point.paper for point in points),
            f"Ma et al., ε = {EPSILON}, as compared, bound on the error": tuple(
                point.paper_by_error for point in points
            ),
            f"Ma et al., ε = {EPSILON}, as it holds, N = {setting.private}": tuple(
                max(point.lower_twice, point.by_error_twice) for point in points
            ),
            f"Rosenfeld et al., β = {BETA}": tuple(Fraction(right, e) for _, right in rows),
        },
        {
            "bagging": (setting.models, ours.seconds),
            "Ma et al.": (setting.private, private.seconds),
            "Rosenfeld et al.": (setting.smoothed, smoothing.seconds),
        },
        resumed,
    )

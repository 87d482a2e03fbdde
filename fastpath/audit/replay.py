"""Training some models of an ensemble again: were its votes cast as the header says?

Votes prove nothing about where they come from. But each model is a function of (data set, learner,
k, seed, its index), so that anybody can train it again; whoever forged many predictions cannot
know which models will be drawn.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from typing import Any, Final, NamedTuple

import numpy as np

from bagcert.fastpath.audit.settings import beyond_bounds
from bagcert.fastpath.datasets import NO_LABEL, Dataset, dataset_names, load_dataset
from bagcert.fastpath.learners import Learner, is_transductive, libraries_of, load_learner
from bagcert.fastpath.training.ensemble import SHARD, predict_models
from bagcert.fastpath.training.versions import software_versions
from bagcert.fastpath.votes.header import VotesHeader
from bagcert.fastpath.votes.votes import Votes, VotesError
from bagcert.reference.arithmetic.arguments import as_integer
from bagcert.reference.terminal.printable import printable

__all__ = ["CONFIDENCES", "Replay", "forged_share", "replay"]

#: Confidences 1 - 1/odds that are stated: name, and odds.
CONFIDENCES: Final = {"95 %": 20, "99 %": 100}
#: Most draws per model in a stranger's votes: a learner may ask for k × k numbers.
MAX_REPLAYED_K: Final = 10_000
#: Drawn examples that are gathered at once.
MAX_GATHERED: Final = 2**16
#: Most characters of the line that says what will be run.
_ANNOUNCED: Final = 2000
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Replay:
    """What came of training some of ``models`` models again on ``examples`` test examples.

    ``replayed`` are indices of rows of the votes; ``differing`` maps some of them to the number
    of predictions that came out otherwise; ``versions`` lists what the votes state otherwise than
    this machine does.
    """

    models: int
    examples: int
    replayed: tuple[int, ...]
    differing: dict[int, int]
    versions: tuple[str, ...]

    def shares(self) -> dict[str, str] | None:
        """Return the largest share of forged models by confidence; None where a model differs."""
        if self.differing:
            return None
        return {
            name: _percent(forged_share(len(self.replayed), odds, self.models))
            for name, odds in CONFIDENCES.items()
        }


def forged_share(replayed: int, odds: int, models: int) -> int:
    """Return the least t, in hundredths of a percent, with (1 - f)^M <= 1/odds for f = t/10^4.

    M = ``replayed`` of N = ``models``, drawn without replacement after the votes were fixed. If
    more than f N models were forged, so that they come out otherwise, then no difference among M
    has probability C(N - F, M) / C(N, M) <= (1 - F/N)^M < 1/odds. M = N leaves no room: 0.

    >>> forged_share(20, 20, 1000), forged_share(20, 100, 1000)
    (1392, 2057)
    """
    if replayed == models:
        return 0
    whole = 10**4
    low, high = 0, whole
    while low < high:
        middle = (low + high) // 2
        if odds * (whole - middle) ** replayed <= whole**replayed:
            high = middle
        else:
            low = middle + 1
    return high


def replay(
    votes: Votes,
    count: int,
    *,
    data: str | None = None,
    data_dir: str | PathLike[str] | None = None,
    trust_settings: bool = False,
    scale: int | None = None,
    tell: Callable[[str], None] | None = None,
    progress: Progress | None = None,
    preparing: Progress | None = None,
) -> Replay:
    """Train ``count`` models again, drawn with the operating system's randomness.

    Learner, its settings and data set are those that the header names: all of it is a stranger's
    word, and held to what this package knows before anything is computed.

    Args:
        votes: with predictions, digests, and the header of a training run.
        count: M, in [1, N].
        data: the data set's name; the header's if None. Its digest must be the header's.
        data_dir: where its files lie, if it is not bundled.
        trust_settings: whether the learner may be given settings beyond
            :func:`~bagcert.fastpath.audit.settings.beyond_bounds`.
        scale: what integers of a file of arrays are divided by, where it does not say.
        tell: told what will be run, in one line, before anything is.
        progress: called with (models done, M).
        preparing: called with (examples done, examples) while features are computed.

    Raises:
        VotesError: predictions, digests or a field of the header are missing, unknown, or
            outside what is replayed; the message names it.
        ValueError: ``count`` outside [1, N], or the data set's files are not there.
        LearnerError: a model cannot be trained.
    """
    predictions = votes.predictions
    if predictions is None or votes.digests is None:
        missing = "predictions" if predictions is None else "digests"
        raise VotesError(
            f"replay: the votes have no {missing}; train with: bagcert train --predictions"
        )
    header, run = _run(votes)
    count = as_integer("replay", count, 1, votes.models)
    if header.k > MAX_REPLAYED_K:
        raise VotesError(f"replay: k is {header.k}; at most {MAX_REPLAYED_K} is replayed")
    learner = _learner(header, run, trust_settings)
    if tell is not None:
        tell(_announced(header, run, learner, count, data))
    dataset = _dataset(votes, run, data, data_dir, scale)
    rows = sorted(secrets.SystemRandom().sample(range(votes.models), count))
    again = predict_models(
        dataset,
        learner,
        header.k,
        run.seed,
        [header.first + row for row in rows],
        progress=progress,
        preparing=preparing,
        shard=max(1, min(SHARD, MAX_GATHERED // header.k)),
    )
    wrong = np.count_nonzero(again != predictions[rows], axis=1).tolist()
    return Replay(
        votes.models,
        votes.counts.shape[0],
        tuple(rows),
        {row: differ for row, differ in zip(rows, wrong, strict=True) if differ},
        _other_versions(header.versions or {}, learner),
    )


class _Run(NamedTuple):
    """What the header of a training run states, and other votes do not."""

    learner: str
    learner_settings: dict[str, str]
    dataset: str
    dataset_digest: str
    seed: int


def _run(votes: Votes) -> tuple[VotesHeader, _Run]:
    header = votes.header
    if header is None:
        raise VotesError("replay: the votes have no header; only `bagcert train` writes one")
    stated: dict[str, Any] = {name: getattr(header, name) for name in _Run._fields}
    for name, value in stated.items():
        if value is None:
            raise VotesError(f"replay: the header has no {name}; only `bagcert train` states it")
    return header, _Run(**stated)


def _announced(
    header: VotesHeader, run: _Run, learner: Learner, count: int, data: str | None
) -> str:
    settings = ", ".join(f"{name}={value}" for name, value in sorted(learner.settings.items()))
    return printable(
        f"as the votes' header says, {count} of {header.models} models are trained again: learner "
        f"{learner.name}, k = {header.k}, seed {run.seed}, data set "
        f"{run.dataset if data is None else data}; settings: {settings or 'none'}",
        _ANNOUNCED,
    )


def _learner(header: VotesHeader, run: _Run, trusted: bool) -> Learner:
    if not trusted and (fault := beyond_bounds(run.learner_settings)) is not None:
        raise VotesError(
            f"replay: learner_settings: {fault}; whoever made these votes chose it: "
            f"pass --trust-settings to run it all the same"
        )
    try:
        learner = load_learner(run.learner, run.learner_settings)
    except (ValueError, TypeError) as error:
        raise VotesError(f"replay: {str(error)[:200]}") from error
    if dict(learner.settings) != run.learner_settings:
        raise VotesError("replay: learner_settings do not spell every setting of the learner")
    for key, stated, found in (
        ("ignores_seed", header.ignores_seed or False, learner.ignores_seed),
        ("transductive", header.transductive or False, is_transductive(learner)),
    ):
        if stated != found:
            raise VotesError(f"replay: {key} is {stated} in the header, {found} for {learner.name}")
    return learner


def _dataset(
    votes: Votes,
    run: _Run,
    data: str | None,
    data_dir: str | PathLike[str] | None,
    scale: int | None,
) -> Dataset:
    name = run.dataset if data is None else data
    if (
        data is None and name.removesuffix(NO_LABEL) not in dataset_names()
    ):  # a stranger's word opens no file
        raise VotesError(f"replay: there is no dataset {name!r:.60}; name the right one: --data")
    dataset = load_dataset(name, data_dir, scale=scale)
    if dataset.digest != run.dataset_digest:
        raise VotesError(
            f"replay: dataset_digest is {run.dataset_digest}, {name} has {dataset.digest}"
        )
    n = votes.setting()[0]
    for field, stated, found in (
        ("n", n, len(dataset.train_y)),
        ("classes", votes.counts.shape[1], dataset.classes),
        ("examples", votes.counts.shape[0], len(dataset.test_y)),
    ):
        if stated != found:
            raise VotesError(f"replay: {field} is {stated} in the votes, {found} in {name}")
    return dataset


def _other_versions(stated: dict[str, str], learner: Learner) -> tuple[str, ...]:
    return tuple(
        f"{name} {stated.get(name, 'not stated'):.40}, here {here}"
        for name, here in software_versions(libraries_of(learner)).items()
        if stated.get(name) != here
    )


def _percent(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02d} %"

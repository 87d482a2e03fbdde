"""From counted votes to a certificate file: each distinct pair of top counts is certified once."""

import signal
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from fractions import Fraction
from functools import partial
from multiprocessing import get_context
from os import PathLike
from typing import Any, Final

import bagcert
from bagcert.fastpath.votes.votes import Votes
from bagcert.reference.algorithm1 import Certificate, certify
from bagcert.reference.arithmetic.spelling import spell_rational
from bagcert.reference.bounds import Abstention, Method, proven_level, rank
from bagcert.reference.certificate.schema import Header, Row, Scope
from bagcert.reference.certificate.writer import write_certificate
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual

__all__ = ["certify_file", "header_for", "summary"]

#: Distinct pairs of counts between two steps of the progress bar.
_MANY: Final = 100
#: Models up to which a bound takes milliseconds, and processes are not worth starting.
_LARGE: Final = 10_000


def certify_file(
    votes: Votes,
    output: str | PathLike[str],
    alpha: Fraction,
    *,
    method: Method,
    scope: Scope,
    attack: Attack,
    residual: Residual,
    force: bool = False,
    progress: Callable[[int, int], None] | None = None,
    processes: int = 1,
) -> dict[str, Any]:
    """Write the certificate file of ``votes``; return the header and how the rows came out.

    Guarantee: every row equals what :func:`bagcert.reference.certify` gives for its counts at
    the header's level, so the kernel finds the file VALID.

    ``progress`` is called with (distinct pairs of counts certified, pairs); ``processes`` of this
    machine share the work where N is above 10,000, and change nothing else.

    Raises:
        ValueError: votes without n and k, or ``integral`` for votes whose header does not say
            that the learner ignores its seed (eq (39) needs integer vote masses).
        OutputError: the output exists or cannot be written.
    """
    if residual is Residual.INTEGRAL and (votes.header or {}).get("ignores_seed") is not True:
        raise ValueError(
            "residual: 'integral' is sound only for learners that ignore their seed, and the "
            "header of these votes does not say so; use 'paper' or 'none'"
        )
    header = header_for(votes, alpha, method, scope, attack, residual)
    outcomes: Counter[str] = Counter()
    rows = _rows(votes, header, outcomes, progress, processes)
    write_certificate(output, header, rows, force=force)
    return {"header": header, "outcomes": outcomes}


def summary(made: dict[str, Any]) -> dict[str, Any]:
    """Return what ``bagcert certify`` prints about the file it made."""
    header: Header = made["header"]
    outcomes: Counter[str] = made["outcomes"]
    proven = proven_level(header.level, header.classes, header.method)
    return {
        "examples": header.examples,
        "certified": outcomes["certified"],
        "abstained": header.examples - outcomes["certified"],
        "abstained_why": ", ".join(
            f"{reason} {rows}" for reason, rows in sorted(outcomes.items()) if reason != "certified"
        )
        or None,
        "alpha": spell_rational(header.alpha),
        "scope": header.scope.value,
        "level_of_one_example": spell_rational(header.level),
        "level_proven_for_one_example": spell_rational(proven),
    }


def header_for(
    votes: Votes, alpha: Fraction, method: Method, scope: Scope, attack: Attack, residual: Residual
) -> Header:
    """Return the certificate header of ``votes``, with their provenance as flat strings."""
    source = votes.header or {}
    if "n" not in source or "k" not in source:
        raise ValueError("n, k: the votes state neither; pass --n and --k")
    names = source.get("class_names")
    examples, classes = votes.counts.shape
    return Header(
        n=source["n"],
        k=source["k"],
        classes=classes,
        models=int(votes.counts[0].sum()),
        examples=examples,
        alpha=alpha,
        method=method,
        scope=scope,
        attack=attack,
        residual=residual,
        class_names=tuple(names) if names else None,
        provenance=_provenance(votes),
    )


def _provenance(votes: Votes) -> dict[str, str]:
    stated = {"votes_sha256": votes.digest, "bagcert": bagcert.__version__}
    source = votes.header or {}
    for key in ("dataset", "dataset_digest", "learner", "seed"):
        if source.get(key) is not None:
            stated[key] = str(source[key])
    for key in ("learner_settings", "versions"):
        for name, value in sorted((source.get(key) or {}).items()):
            stated[f"{key}.{name}"] = str(value)
    return stated


def _rows(
    votes: Votes,
    header: Header,
    outcomes: Counter[str],
    progress: Callable[[int, int], None] | None,
    processes: int,
) -> Iterator[Row]:
    counts = votes.counts.tolist()
    ranked = [rank(row) for row in counts]
    # Only the two largest counts of a row matter: the first row with each pair stands for all.
    asked = {
        (row[label], row[runner_up]): row
        for row, (label, runner_up) in zip(reversed(counts), reversed(ranked), strict=True)
    }
    known = dict(
        zip(asked, _certified([*asked.values()], header, progress, processes), strict=True)
    )
    labels = None if votes.labels is None else votes.labels.tolist()
    for index, (row, (label, runner_up)) in enumerate(zip(counts, ranked, strict=True)):
        outcome = known[row[label], row[runner_up]]
        if isinstance(outcome, Certificate):
            outcome = outcome._replace(label=label, runner_up=runner_up)
            outcomes["certified"] += 1
        else:
            outcomes[outcome.reason.value] += 1
        yield Row(index, row, outcome, None if labels is None else labels[index])


def _certified(
    rows: list[list[int]],
    header: Header,
    progress: Callable[[int, int], None] | None,
    processes: int,
) -> Iterator[Certificate | Abstention]:
    ask = partial(
        certify, n=header.n, k=header.k, alpha=header.level,
        method=header.method, attack=header.attack, residual=header.residual,
    )  # fmt: skip
    with ExitStack() as stack:
        found: Iterator[Certificate | Abstention] = map(ask, rows)
        if processes > 1 and header.models > _LARGE:
            # Fresh processes: this one may have threads, which do not survive a fork.
            context = get_context("spawn")
            pool = stack.enter_context(
                ProcessPoolExecutor(
                    processes, context, signal.signal, (signal.SIGINT, signal.SIG_IGN)
                )
            )
            stack.callback(pool.shutdown, cancel_futures=True)
            found = pool.map(ask, rows, chunksize=8)
        for done, outcome in enumerate(found, start=1):
            yield outcome
            if progress is not None and (done % _MANY == 0 or done == len(rows)):
                progress(done, len(rows))

"""From counted votes to a certificate file: each distinct pair of top counts is certified once."""

from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from os import PathLike
from typing import Any

import bagcert
from bagcert.fastpath.votes import Votes
from bagcert.reference.algorithm1 import Certificate, certify
from bagcert.reference.bounds import Abstention, Method, proven_level, rank
from bagcert.reference.document import write_certificate
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual
from bagcert.reference.schema import Header, Row, Scope
from bagcert.reference.spelling import spell_rational

__all__ = ["certify_file", "header_for", "summary"]

_MANY = 1000  # rows between two steps of the progress bar


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
) -> dict[str, Any]:
    """Write the certificate file of ``votes``; return the header and how the rows came out.

    Guarantee: every row equals what :func:`bagcert.reference.certify` gives for its counts at
    the header's level, so the kernel finds the file VALID.

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
    rows = _rows(votes, header, outcomes, progress)
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
) -> Iterator[Row]:
    known: dict[tuple[int, int], Certificate | Abstention] = {}
    labels = None if votes.labels is None else votes.labels.tolist()
    for index, row in enumerate(votes.counts):
        counts = row.tolist()
        label, runner_up = rank(counts)
        pair = counts[label], counts[runner_up]
        if pair not in known:
            known[pair] = certify(
                counts, header.n, header.k, header.level,
                method=header.method, attack=header.attack, residual=header.residual,
            )  # fmt: skip
        outcome = known[pair]
        if isinstance(outcome, Certificate):
            outcome = outcome._replace(label=label, runner_up=runner_up)
            outcomes["certified"] += 1
        else:
            outcomes[outcome.reason.value] += 1
        yield Row(index, counts, outcome, None if labels is None else labels[index])
        if progress is not None and (index + 1) % _MANY == 0:
            progress(index + 1, header.examples)
    if progress is not None:
        progress(header.examples, header.examples)

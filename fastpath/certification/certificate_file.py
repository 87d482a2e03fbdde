"""From counted votes to a certificate file: the bulk road, and a witness for each radius."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from os import PathLike
from typing import Any, Final

import numpy as np
import numpy.typing as npt

import bagcert
from bagcert.fastpath.certification.pairs import REASONS, PairCertifier
from bagcert.fastpath.certification.top_two import CHUNK
from bagcert.fastpath.votes.votes import Votes
from bagcert.reference.algorithm1 import Certificate, witness_size
from bagcert.reference.arithmetic.arguments import as_member, as_rational
from bagcert.reference.arithmetic.spelling import spell_rational
from bagcert.reference.bounds import Abstention, Method, Reason, proven_level
from bagcert.reference.certificate.schema import Header, Row, Scope
from bagcert.reference.certificate.writer import write_certificate
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual, require_sound

__all__ = ["Made", "certify_file", "header_for", "refuse_total"]

Progress = Callable[[int, int], None]
#: Steps of the progress bar.
_STEPS: Final = 100


@dataclass
class Made:
    """What a certificate file says: its header, and how its rows came out."""

    header: Header
    #: Rows certified, and rows by their reason to abstain.
    outcomes: Counter[str] = field(default_factory=Counter)

    def as_fields(self) -> dict[str, Any]:
        """Return what ``bagcert certify`` prints about the file."""
        header = self.header
        reasons = [f"{reason} {rows}" for reason, rows in sorted(self.outcomes.items()) if reason]
        proven = proven_level(header.level, header.classes, header.method)
        return {
            "n": header.n,
            "k": header.k,
            "models": header.models,
            "classes": header.classes,
            "examples": header.examples,
            "certified": self.outcomes[""],
            "abstained": header.examples - self.outcomes[""],
            "abstained_why": ", ".join(reasons) or None,
            "alpha": spell_rational(header.alpha),
            "scope": header.scope.value,
            "level_of_one_example": spell_rational(header.level),
            "level_proven_for_one_example": spell_rational(proven),
        }


def certify_file(
    votes: Votes,
    output: str | PathLike[str],
    alpha: Fraction | int | str,
    *,
    method: Method | str = Method.SELECTED,
    scope: Scope | str = Scope.SIMULTANEOUS,
    attack: Attack | str = Attack.ANY,
    residual: Residual | str = Residual.PAPER,
    force: bool = False,
    progress: Progress | None = None,
) -> Made:
    """Write the certificate file of ``votes``; return its header and how the rows came out.

    Guarantee: every row equals what :func:`bagcert.reference.certify` gives for its counts at
    the header's level, so the kernel finds the file VALID.

    ``progress`` is called with (distinct pairs of counts certified, pairs).

    Raises:
        TypeError, ValueError: as :func:`header_for`.
        OutputError: the output exists and ``force`` is false, or it cannot be written.
    """
    made = Made(header_for(votes, alpha, method, scope, attack, residual))
    write_certificate(output, made.header, _rows(votes, made, progress), force=force)
    return made


def refuse_total(counts: npt.NDArray[np.int64]) -> None:
    """Refuse counts with a column of totals, which would be certified as a label.

    Raises:
        ValueError: of three columns or more, one is the sum of the others in every row.
    """
    totals = np.flatnonzero((2 * counts == counts.sum(axis=1, keepdims=True)).all(axis=0))
    if counts.shape[1] > 2 and totals.size:
        raise ValueError(
            f"counts: column {totals[0] + 1} of {counts.shape[1]} is the sum of the others in "
            "every row: a total, not a label; leave it out, or say --total-column if it is a label"
        )


def header_for(
    votes: Votes,
    alpha: Fraction | int | str,
    method: Method | str,
    scope: Scope | str,
    attack: Attack | str,
    residual: Residual | str,
) -> Header:
    """Return the certificate header of ``votes``, with their provenance as flat strings.

    Raises:
        TypeError, ValueError: an argument outside its domain.
        ValueError: votes without n and k, or ``integral`` for votes whose header does not say
            that the learner ignores its seed.
    """
    n, k = votes.setting()
    require_sound(residual, ignores_seed=votes.ignores_seed)
    names = votes.header.class_names if votes.header is not None else None
    examples, classes = votes.counts.shape
    return Header(
        n,
        k,
        classes,
        votes.models,
        examples,
        as_rational("alpha", alpha),
        as_member("method", method, Method),
        as_member("scope", scope, Scope),
        as_member("attack", attack, Attack),
        as_member("residual", residual, Residual),
        class_names=names or None,
        provenance=_provenance(votes),
    )


def _provenance(votes: Votes) -> dict[str, str]:
    stated = {"votes_sha256": votes.digest, "bagcert": bagcert.__version__}
    return stated if votes.header is None else stated | votes.header.provenance()


def _rows(votes: Votes, made: Made, progress: Progress | None) -> Iterator[Row]:
    """Yield the rows of the file; ``made`` counts how they come out."""
    pairs = PairCertifier(made.header.setting, cached=True)
    labels = np.empty(made.header.examples, np.int64)
    distinct, pair_of = np.unique(pairs.read(votes.counts, labels), return_inverse=True)
    claims = _claims(distinct, pairs, progress)
    truth = [None] * len(labels) if votes.labels is None else votes.labels.tolist()
    for start in range(0, len(labels), CHUNK):
        part = slice(start, start + CHUNK)
        counts = votes.counts[part]
        others = counts.copy()
        others[np.arange(len(counts)), labels[part]] = -1
        columns = counts, labels[part], others.argmax(axis=1), pair_of[part]
        rows = zip(*(column.tolist() for column in columns), truth[part], strict=True)
        for index, (votes_of, label, runner_up, pair, true_label) in enumerate(rows, start):
            claim = claims[pair]
            if isinstance(claim, Certificate):
                claim = claim._replace(label=label, runner_up=runner_up)
                made.outcomes[""] += 1
            else:
                made.outcomes[claim.reason.value] += 1
            yield Row(index, votes_of, claim, true_label)


def _claims(
    keys: npt.NDArray[np.int64], pairs: PairCertifier, progress: Progress | None
) -> list[Certificate | Abstention]:
    """What is claimed of each pair, in order; labels are left to the rows."""
    setting = pairs.setting
    claims: list[Certificate | Abstention] = []
    witnesses: dict[int, int | None] = {}
    for batch in np.array_split(keys, min(_STEPS, len(keys))):
        places = pairs.places(batch)
        names = ("p_lower", "p_upper", "radius", "reason")
        columns = (pairs.column(name)[places].tolist() for name in names)
        for low, high, radius, reason in zip(*columns, strict=True):
            if reason:
                claims.append(Abstention(Reason(REASONS[reason])))
                continue
            if radius not in witnesses:
                witnesses[radius] = witness_size(setting.n, setting.k, radius, setting.attack)
            bounds = Fraction(low), Fraction(high)
            claims.append(Certificate(-1, -1, *bounds, radius, witnesses[radius]))
        if progress is not None:
            progress(len(claims), len(keys))
    return claims

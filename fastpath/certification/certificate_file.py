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
from bagcert.fastpath.untrusted.maps import release_pages
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
#: Rows looked at together for a column of totals.
_BLOCK: Final = 2**16


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

    Memory does not grow with the rows, but with the distinct pairs of largest counts among them,
    of which there are at most (N + 2)²/4. ``progress`` is called with (rows written, rows).

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
    left = np.ones(counts.shape[1], np.bool_)
    for start in range(0, len(counts), _BLOCK):
        rows = counts[start : start + _BLOCK]
        left &= (2 * rows == rows.sum(axis=1, keepdims=True)).all(axis=0)
        release_pages(counts)
        if not left.any():
            return
    totals = np.flatnonzero(left)
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
    assert votes.header is not None  # it says n and k
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
        class_names=votes.header.class_names or None,
        provenance={"votes_sha256": votes.digest, "bagcert": bagcert.__version__}
        | votes.header.provenance(),
    )


def _rows(votes: Votes, made: Made, progress: Progress | None) -> Iterator[Row]:
    """Yield the rows of the file, block by block; ``made`` counts how they come out."""
    pairs = PairCertifier(made.header.setting, cached=True)
    claims = _Claims(pairs)
    examples, truth = made.header.examples, votes.labels
    for start in range(0, examples, CHUNK):
        counts = votes.counts[start : start + CHUNK]
        labels = np.empty(len(counts), np.int64)
        found = claims.of(pairs.places(pairs.read(counts, labels, start)))
        others = np.array(counts)
        others[np.arange(len(counts)), labels] = -1
        stop = start + len(counts)
        stated = [None] * len(counts) if truth is None else truth[start:stop].tolist()
        columns = (column.tolist() for column in (counts, labels, others.argmax(axis=1)))
        rows = zip(*columns, found, stated, strict=True)
        for index, (votes_of, label, runner_up, claim, true_label) in enumerate(rows, start):
            if isinstance(claim, Certificate):
                claim = claim._replace(label=label, runner_up=runner_up)
                made.outcomes[""] += 1
            else:
                made.outcomes[claim.reason.value] += 1
            yield Row(index, votes_of, claim, true_label)
        release_pages(votes.counts, truth)
        if progress is not None:
            progress(stop, examples)


class _Claims:
    """What is claimed of each pair of largest counts; labels are left to the rows."""

    def __init__(self, pairs: PairCertifier) -> None:
        self._pairs = pairs
        # By place; the first is no pair's.
        self._claims: list[Certificate | Abstention | None] = [None]
        self._witnesses: dict[int, int | None] = {}

    def of(self, places: npt.NDArray[Any]) -> list[Any]:
        """What is claimed at each place."""
        names = ("p_lower", "p_upper", "radius", "reason")
        fresh = (self._pairs.column(name)[len(self._claims) :].tolist() for name in names)
        self._claims += map(self._claim, *fresh)
        return [self._claims[place] for place in places.tolist()]

    def _claim(self, low: float, high: float, radius: int, reason: int) -> Certificate | Abstention:
        if reason:
            return Abstention(Reason(REASONS[reason]))
        if radius not in self._witnesses:
            setting = self._pairs.setting
            self._witnesses[radius] = witness_size(setting.n, setting.k, radius, setting.attack)
        return Certificate(-1, -1, Fraction(low), Fraction(high), radius, self._witnesses[radius])

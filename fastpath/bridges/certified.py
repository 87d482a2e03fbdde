"""What a bridge returns: votes, their certificates, and labels in the type they came in."""

from dataclasses import dataclass
from fractions import Fraction
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.certification.bulk import REASONS, BulkCertificates, certify_votes
from bagcert.fastpath.certification.certificate_file import certify_file
from bagcert.fastpath.votes.votes import Votes
from bagcert.reference.arithmetic.arguments import as_integer, as_level, as_member
from bagcert.reference.bounds import Method
from bagcert.reference.certificate.schema import Scope
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual

__all__ = ["CertifiedPredictions", "Statement"]


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What is certified of votes: the level, how it is spent, and against whom.

    The defaults are those of :func:`~bagcert.fastpath.certify_votes`; plain strings become
    members.

    Raises:
        TypeError: a float, which names no decimal exactly.
        ValueError: a value outside its domain.
    """

    #: α, the whole budget: an exact rational, such as "1/1000" or "0.001".
    alpha: Fraction = Fraction(1, 1000)
    method: Method = Method.SELECTED
    scope: Scope = Scope.SIMULTANEOUS
    attack: Attack = Attack.ANY
    residual: Residual = Residual.PAPER

    @classmethod
    def given(
        cls,
        alpha: Fraction | int | str,
        method: Method | str,
        scope: Scope | str,
        attack: Attack | str,
        residual: Residual | str,
    ) -> "Statement":
        """Return the statement that a caller spells."""
        return cls(
            alpha=as_level("alpha", alpha),
            method=as_member("method", method, Method),
            scope=as_member("scope", scope, Scope),
            attack=as_member("attack", attack, Attack),
            residual=as_member("residual", residual, Residual),
        )


@dataclass(frozen=True, eq=False, repr=False)
class CertifiedPredictions:
    """Certificates of e test examples.

    Guarantee: with probability at least 1 - α over the draw of the models' lists (under the
    default scope for all examples together), bagging's prediction of example i is ``labels[i]``
    and stays it, whatever ``radius[i]`` training examples somebody modifies, deletes or inserts;
    wherever ``radius[i]`` is not -1. As :func:`bagcert.reference.certify` for each row.
    """

    #: The classes in the type they came in; a label's place here is its column in the votes.
    classes: NDArray[Any]
    votes: Votes
    statement: Statement
    found: BulkCertificates

    @classmethod
    def of(
        cls, votes: Votes, classes: NDArray[Any], statement: Statement
    ) -> "CertifiedPredictions":
        """Certify votes that state n and k.

        Raises:
            ValueError: as :func:`~bagcert.fastpath.certify_votes`; votes that state no n or k.
        """
        n, k = votes.setting()
        found = certify_votes(
            votes.counts,
            n,
            k,
            statement.alpha,
            method=statement.method,
            scope=statement.scope,
            attack=statement.attack,
            residual=statement.residual,
        )
        return cls(classes, votes, statement, found)

    def __repr__(self) -> str:
        n, k = self.votes.setting()
        abstained = int((self.radius == -1).sum())
        return (
            f"{type(self).__name__}({len(self.radius)} examples, {abstained} abstain; "
            f"n={n}, k={k}, models={self.votes.models}, alpha={self.statement.alpha})"
        )

    @property
    def labels(self) -> NDArray[Any]:
        """The majority's label of each example, (e,), also where there is no certificate."""
        found: NDArray[Any] = self.classes[self.found.label]
        return found

    @property
    def radius(self) -> NDArray[np.int64]:
        """r* of each example, (e,); -1 where there is no certificate."""
        return np.asarray(self.found.radius)

    @property
    def reason(self) -> list[str]:
        """Why there is no certificate, for each example; the empty string where there is one."""
        return [REASONS[code] for code in self.found.reason]

    def certified_accuracy(self, radius: int) -> Fraction:
        """Return the share of examples certified at ``radius`` >= 0 with their true label, exactly.

        Raises:
            TypeError, ValueError: ``radius`` is no integer, or below 0; no true labels were given.
        """
        radius = as_integer("radius", radius, 0)
        if self.votes.labels is None:
            raise ValueError("certified accuracy needs true labels: pass y_test")
        right = (self.found.label == self.votes.labels) & (self.radius >= radius)
        return Fraction(int(right.sum()), len(right))

    def save(self, path: str | PathLike[str], *, force: bool = False) -> None:
        """Write the certificate file, which ``bagcert audit``, ``explain`` and ``report`` read.

        Raises:
            OutputError: it exists and ``force`` is false, or cannot be written.
        """
        certify_file(
            self.votes,
            path,
            self.statement.alpha,
            method=self.statement.method,
            scope=self.statement.scope,
            attack=self.statement.attack,
            residual=self.statement.residual,
            force=force,
        )

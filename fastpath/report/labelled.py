"""True labels and class names that a certificate does not state, taken from its votes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bagcert.fastpath.votes.votes import Votes
from bagcert.reference.algorithm1 import Certificate
from bagcert.reference.certificate.schema import CertificateFile, certified_accuracy

__all__ = ["Beside", "labelled"]


@dataclass(frozen=True)
class Beside:
    """What a certificate was compared with before it is reported, and what it took from there."""

    #: The votes file's name, without its folders.
    source: str
    #: Every item that was compared, one line each: none of them differs.
    lines: tuple[str, ...]
    #: The same as objects.
    items: tuple[dict[str, str], ...]
    #: Whether the true labels, and the class names, are the votes'; else the certificate's, if any.
    labels: bool
    class_names: bool

    def said(self) -> list[str]:
        """Return what is printed of it: where labels came from, then every item."""
        taken = [
            f"{what}: those of {self.source}, the certificate states none"
            for what, is_so in (("true labels", self.labels), ("class names", self.class_names))
            if is_so
        ]
        return [*taken, *self.lines]

    def as_fields(self) -> dict[str, Any]:
        """Return it as a part of a JSON object."""
        return {
            "votes": self.source,
            "true_labels_from_votes": self.labels,
            "class_names_from_votes": self.class_names,
            "compared": list(self.items),
        }


def labelled(
    file: CertificateFile,
    votes: Votes,
    source: str,
    lines: Sequence[str],
    items: Sequence[dict[str, str]] = (),
) -> tuple[CertificateFile, Beside]:
    """Return a certificate with what it does not state and its votes do, and what that was.

    What the certificate states itself stays. The votes must have been compared and found to be the
    certificate's: row i is theirs. ``source``, ``lines`` and ``items`` say so.
    """
    names = votes.class_names
    taken = Beside(
        source,
        tuple(lines),
        tuple(items),
        labels=votes.labels is not None and file.rows[0].truth is None,
        class_names=names is not None and file.header.class_names is None,
    )
    if taken.class_names:
        file = replace(file, header=replace(file.header, class_names=names))
    if votes.labels is not None and taken.labels:
        truth = votes.labels.tolist()
        rows = tuple(replace(row, truth=y) for row, y in zip(file.rows, truth, strict=True))
        radii = Counter(
            row.outcome.radius
            for row in rows
            if row.correct and isinstance(row.outcome, Certificate)
        )
        curve = tuple((r, count) for r, count in certified_accuracy(radii))
        file = replace(file, rows=rows, certified_accuracy=curve)
    return file, taken

"""What a certificate file says: header, rows, and their spelling line by line.

The format is ``bagcert-certificate/1`` (reference/FORMAT.md). Equal content is equal
bytes: key order, separators and spellings are fixed here, for the writer and the reader.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import accumulate
from typing import Any, Final

from bagcert.reference.algorithm1 import Certificate, certify
from bagcert.reference.arithmetic.arguments import as_integer, as_level, as_member
from bagcert.reference.arithmetic.limits import MAX_RATIONAL_CHARACTERS, MAX_TESTED
from bagcert.reference.arithmetic.spelling import spell_grid_point, spell_rational
from bagcert.reference.bounds import Abstention, Method, Reason, checked_counts
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual
from bagcert.reference.setting import Setting

__all__ = ["FORMAT", "CertificateFile", "Header", "Row", "Scope"]

FORMAT: Final = "bagcert-certificate/1"
MAX_INDEX: Final = 10**12 - 1
MAX_NAME: Final = 256
MAX_NOTES: Final = 64
#: Longest line in bytes, its newline included; a summary may have more: so many for itself, and
#: for each distinct radius.
MAX_LINE: Final = 2**20
SUMMARY_BYTES: Final = 256
RADIUS_BYTES: Final = 64
#: Most distinct radii of correct rows.
MAX_RADII: Final = 2**20


class Scope(StrEnum):
    """What α is spent on."""

    #: α for all e examples together, α/e each (Theorem 3).
    SIMULTANEOUS = "simultaneous"
    #: α for each example by itself.
    EACH = "each"


@dataclass(frozen=True, slots=True)
class Header:
    """What all rows of a certificate file have in common; checked when it is made.

    Raises:
        TypeError: a float, a bool or another type where an exact number is due.
        ValueError: a value outside the limits of the kernel.
    """

    n: int
    k: int
    classes: int
    models: int
    examples: int
    alpha: Fraction
    method: Method = Method.SELECTED
    scope: Scope = Scope.SIMULTANEOUS
    attack: Attack = Attack.ANY
    residual: Residual = Residual.PAPER
    class_names: tuple[str, ...] | None = None
    provenance: dict[str, str] | None = None

    def __post_init__(self) -> None:
        def fix(name: str, value: object) -> None:
            object.__setattr__(self, name, value)

        fix("examples", as_integer("examples", self.examples, 1, MAX_TESTED))
        fix("alpha", as_level("alpha", self.alpha))
        if len(spell_rational(self.alpha)) > MAX_RATIONAL_CHARACTERS:
            raise ValueError(f"alpha must have at most {MAX_RATIONAL_CHARACTERS} characters as p/q")
        fix("scope", as_member("scope", self.scope, Scope))
        setting = self.setting
        for name in ("n", "k", "classes", "models", "method", "attack", "residual"):
            fix(name, getattr(setting, name))
        if self.class_names is not None:
            fix("class_names", _names(self.class_names, self.classes))
        if self.provenance is not None:
            fix("provenance", _notes(self.provenance))

    @property
    def setting(self) -> Setting:
        """What one example is certified under."""
        return Setting(
            self.n,
            self.k,
            self.classes,
            self.models,
            self.level,
            self.method,
            self.attack,
            self.residual,
        )

    @property
    def level(self) -> Fraction:
        """a, the level of one example: α/e under ``simultaneous``, α under ``each``."""
        return self.alpha / self.examples if self.scope == Scope.SIMULTANEOUS else self.alpha

    def certify(self, counts: Sequence[int]) -> Certificate | Abstention:
        """Return what a row of these counts must claim: Certify, asked anew.

        Raises:
            ValueError: as :func:`~bagcert.reference.algorithm1.certify`.
        """
        return certify(
            counts,
            self.n,
            self.k,
            self.level,
            method=self.method,
            attack=self.attack,
            residual=self.residual,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One test example: its counts, and what is claimed of it."""

    index: int
    counts: Sequence[int]
    outcome: Certificate | Abstention
    truth: int | None = None

    @property
    def correct(self) -> bool:
        """Whether the row certifies its true label; False where the truth is not stated."""
        return isinstance(self.outcome, Certificate) and self.outcome.label == self.truth


@dataclass(frozen=True, slots=True)
class CertificateFile:
    """A certificate file in memory; ``certified_accuracy`` is None without truth."""

    header: Header
    rows: tuple[Row, ...]
    certified_accuracy: tuple[tuple[int, int], ...] | None


def encode_header(header: Header) -> dict[str, Any]:
    """Return the header line as an object, keys in the order of the file."""
    fields: dict[str, Any] = {
        "format": FORMAT,
        "n": header.n,
        "k": header.k,
        "classes": header.classes,
        "models": header.models,
        "examples": header.examples,
        "alpha": spell_rational(header.alpha),
        "method": header.method.value,
        "scope": header.scope.value,
        "attack": header.attack.value,
        "residual": header.residual.value,
    }
    if header.class_names is not None:
        fields["class_names"] = list(header.class_names)
    if header.provenance is not None:
        fields["provenance"] = header.provenance
    return fields


def encode_row(row: Row) -> dict[str, Any]:
    """Return an example line as an object, keys in the order of the file."""
    fields: dict[str, Any] = {"index": row.index, "counts": list(row.counts)}
    outcome = row.outcome
    if isinstance(outcome, Certificate):
        fields["label"] = outcome.label
        fields["p_lower"] = spell_grid_point(outcome.p_lower)
        fields["p_upper"] = spell_grid_point(outcome.p_upper)
        fields["radius"] = outcome.radius
        if outcome.worst_size is not None:
            fields["worst_size"] = outcome.worst_size
    else:
        fields["abstain"] = outcome.reason.value
    if row.truth is not None:
        fields["truth"] = row.truth
    return fields


def encode_line(fields: dict[str, Any]) -> bytes:
    """Return an object as one line of the file: ASCII, separators ``,`` and ``:``, LF."""
    return json.dumps(fields, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"


def certified_accuracy(correct: Counter[int]) -> list[list[int]]:
    """Return ``[r, rows correct with radius >= r]`` for each distinct radius, ascending."""
    if len(correct) > MAX_RADII:
        raise ValueError(f"radius: the correct rows have more than {MAX_RADII} distinct radii")
    radii = sorted(correct, reverse=True)
    totals = accumulate(correct[r] for r in radii)
    return [[r, rows] for r, rows in zip(radii, totals, strict=True)][::-1]


def checked_row(row: Row, header: Header, previous: int, with_truth: bool) -> Row:
    """Return ``row`` with its numbers checked against the header; errors name the field."""
    index = as_integer("index", row.index, previous + 1, MAX_INDEX)
    counts, total = checked_counts(row.counts)
    if len(counts) != header.classes:
        raise ValueError(f"counts must have {header.classes} entries, not {len(counts)}")
    if total != header.models:
        raise ValueError(f"counts must sum to models = {header.models}, not {total}")
    if (row.truth is not None) != with_truth:
        raise ValueError("truth must stand on all rows or on none")
    if row.truth is not None:
        as_integer("truth", row.truth, 0, header.classes - 1)
    outcome = row.outcome
    if isinstance(outcome, Certificate):
        as_integer("label", outcome.label, 0, header.classes - 1)
        as_integer("radius", outcome.radius, 0, header.n - 1)
        if outcome.worst_size is not None:
            as_integer("worst_size", outcome.worst_size, 1, 2 * header.n)
    else:
        as_member("abstain", outcome.reason, Reason)
    return Row(index, counts, outcome, row.truth)


def _names(names: Sequence[str], classes: int) -> tuple[str, ...]:
    if isinstance(names, str) or not all(isinstance(name, str) for name in names):
        raise TypeError("class_names must be strings")
    if len(names) != classes or len(set(names)) != classes:
        raise ValueError(f"class_names must be {classes} different strings, not {len(names)}")
    if any(len(name) > MAX_NAME for name in names):
        raise ValueError(f"class_names must have at most {MAX_NAME} characters each")
    return tuple(names)


def _notes(notes: dict[str, str]) -> dict[str, str]:
    if not isinstance(notes, dict):
        raise TypeError("provenance must be a flat object of strings")
    if not all(isinstance(text, str) for pair in notes.items() for text in pair):
        raise TypeError("provenance must be flat, with string values only")
    if any(len(text) > MAX_NAME for pair in notes.items() for text in pair):
        raise ValueError(f"provenance must have at most {MAX_NAME} characters in each string")
    if len(notes) > MAX_NOTES:
        raise ValueError(f"provenance must have at most {MAX_NOTES} keys, not {len(notes)}")
    return dict(notes)


def summary_fields(count: int, sha256: str, correct: Counter[int] | None) -> dict[str, Any]:
    """Return the last line: so many rows, the SHA-256 of all before, and what is correct at r."""
    fields: dict[str, Any] = {"count": count, "sha256": sha256}
    if correct is not None:
        fields["certified_accuracy"] = certified_accuracy(correct)
    return fields

"""Certificate files taken apart, and put together with a summary that fits."""

import hashlib
import json
import random
import zlib
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeGuard

from bagcert.proofs_checks.true_files import true_lines
from bagcert.reference import certify
from bagcert.reference.arithmetic.arguments import as_rational
from bagcert.reference.certificate.schema import Header, Row, encode_row
from tests.vectors.certificates.oracle import dump

Fields = dict[str, Any]
#: What a header may say: words, and levels on either side of the ones that occur.
WORDS = {
    "method": ("simuem", "cohen", "selected"),
    "scope": ("simultaneous", "each"),
    "attack": ("any", "modify", "delete", "insert"),
    "residual": ("paper", "none", "integral"),
    "alpha": ("1/2", "49/99", "50/99", "1/19", "1/20", "1/1000", "999/1000", "2/4", "1/1"),
}
NUMBERS = ("n", "k", "classes", "models", "examples")


@dataclass
class Draft:
    """Header and rows as objects, and what the summary states in place of what is due."""

    head: Fields
    rows: list[Fields]
    stated: Fields = field(default_factory=dict)

    def content(self) -> bytes:
        """The file: canonical lines, and a summary that fits them but for what is stated."""
        lines = b"".join(map(dump, (self.head, *self.rows)))
        summary: Fields = {"count": len(self.rows), "sha256": hashlib.sha256(lines).hexdigest()}
        if any("truth" in row for row in self.rows):
            summary["certified_accuracy"] = self.accuracy()
        return lines + dump(summary | self.stated)

    def accuracy(self) -> list[list[int]]:
        """The certified accuracy of what the rows state."""
        correct = Counter(
            row["radius"]
            for row in self.rows
            if "label" in row and row["label"] == row.get("truth") and is_natural(row.get("radius"))
        )
        return [[r, sum(correct[x] for x in correct if x >= r)] for r in sorted(correct)]


def is_natural(value: Any) -> TypeGuard[int]:
    return type(value) is int and value >= 0


def are_counts(value: Any) -> TypeGuard[list[int]]:
    return type(value) is list and len(value) > 1 and all(map(is_natural, value))


def fresh(seed: int) -> Draft:
    """A small true file, of every kind there is as the seed goes on."""
    head, *rows = json.loads(true_file(seed))
    return Draft(head, rows)


@cache
def true_file(seed: int) -> str:
    return json.dumps(true_lines(random.Random(seed)))


def taken_apart(content: bytes) -> Draft | None:
    """The objects on the lines of a file, if it is a header, rows and a summary of a kind."""
    try:
        if content[:2] == b"\x1f\x8b":
            content = zlib.decompressobj(wbits=31).decompress(content, 2**20)
        head, *rows, _ = map(json.loads, content.splitlines())
    except (ValueError, RecursionError, zlib.error):
        return None
    return Draft(head, rows) if all(type(found) is dict for found in (head, *rows)) else None


def retell(draft: Draft, row: Fields) -> None:
    """Make the claims of one row due.

    Raises:
        KeyError, TypeError, ValueError: it has no counts of this header, index or truth.
    """
    due, truth = due_outcome(draft.head, row["counts"]), row.get("truth")
    if not is_natural(row["index"]) or not (truth is None or is_natural(truth)):
        raise TypeError("index, truth")
    fields = encode_row(Row(row["index"], row["counts"], due, truth))
    row.clear()
    row |= fields


def due_outcome(head: Fields, counts: list[int]) -> Any:
    """What ``reference`` certifies of these counts under a header of plain values."""
    h = header_of(head)
    return certify(
        counts, h.n, h.k, h.level, method=h.method, attack=h.attack, residual=h.residual
    )  # fmt: skip


def header_of(head: Fields) -> Header:
    """The header that these values are.

    Raises:
        KeyError, TypeError, ValueError: none, or of a file too large to be worth its time here.
    """
    values = {key: head[key] for key in (*NUMBERS, *WORDS)}
    h = Header(**values | {"alpha": as_rational("alpha", head["alpha"])})
    if h.k * h.n.bit_length() > 2**14 or h.models > 2000:
        raise ValueError("too large")
    return h

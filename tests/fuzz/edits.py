"""Certificate files taken apart, edited in any order, and put together with a summary that fits.

:mod:`bagcert.proofs_checks.forgeries` changes one thing in a true file. Here edits follow one
another: each takes whatever the ones before it left, and does nothing where it does not apply.
"""

import gzip
import hashlib
import json
import random
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeGuard

from bagcert.proofs_checks.true_files import true_lines
from bagcert.reference import Certificate, certify, clopper_pearson_lower, clopper_pearson_upper
from bagcert.reference.algorithm1 import certify_bounds, witness_size
from bagcert.reference.arithmetic.arguments import as_rational
from bagcert.reference.bounds import LabelBounds, checked_counts, levels, rank
from bagcert.reference.certificate.schema import Header, Row, encode_row
from tests.vectors.certificates.files import member
from tests.vectors.certificates.oracle import ONE, dump, hexed

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
CLAIMS = ("index", "label", "radius", "worst_size", "truth")
REASONS = ("selection", "bounds", "residual")
VALUES = (None, True, -1, 0, 1, 10**20, 1.0, "1", "", [1], {"a": "b"})


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


# --- edits ---------------------------------------------------------------------------------------
Edit = Callable[[random.Random, Draft], None]


def a_row(drawn: random.Random, draft: Draft, *keys: str) -> Fields:
    """A row that has these keys, or an object of which nobody hears again."""
    return drawn.choice([row for row in draft.rows if {*keys} <= {*row}] or [{}])


def bound_moved(drawn: random.Random, draft: Draft) -> None:
    """A bound, or both by the same step in opposite directions, along the grid."""
    row = a_row(drawn, draft, "p_lower", "p_upper")
    step = drawn.choice((-1, 1)) * drawn.choice((1, 1, 1, 2, 2**20, 2**52))
    both = drawn.random() < 0.4
    moves = [("p_lower", step), ("p_upper", -step)]
    for key, by in moves if both else [drawn.choice(moves)]:
        try:
            t = int(float.fromhex(row[key]) * ONE) + by
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
        row[key] = hexed(min(max(t, 0), ONE))


def bound_spelled(drawn: random.Random, draft: Draft) -> None:
    row = a_row(drawn, draft, "p_lower", "p_upper")
    key = drawn.choice(("p_lower", "p_upper"))
    text = str(row.get(key))
    row[key] = drawn.choice(
        (text.upper(), f"{text}0", text.replace("p", "p+"), "0x1.0000000000001p-53", "0x0.0p-0",
         "0x0.0p+0", "0x1.0000000000000p+0", "0x1.0000000000000p-9999", "0x1.8p-1", "0.5")
    )  # fmt: skip


def vote_moved(drawn: random.Random, draft: Draft) -> None:
    counts = a_row(drawn, draft, "counts").get("counts")
    if are_counts(counts):
        i, j = drawn.randrange(len(counts)), drawn.randrange(len(counts))
        by = min(counts[i], drawn.choice((1, 1, 1, 2, counts[i])))
        counts[i] -= by
        counts[j] += by


def count_changed(drawn: random.Random, draft: Draft) -> None:
    counts = a_row(drawn, draft, "counts").get("counts")
    if are_counts(counts):
        i = drawn.randrange(len(counts))
        counts[i] = drawn.choice((counts[i] + 1, max(0, counts[i] - 1), 10**20, -1, True))


def claim_changed(drawn: random.Random, draft: Draft) -> None:
    key = drawn.choice(CLAIMS)
    row = a_row(drawn, draft, key)
    if is_natural(row.get(key)):
        row[key] = max(0, row[key] + drawn.choice((-1, 1)) * drawn.choice((1, 1, 1, 2, 10**20)))


def number_changed(drawn: random.Random, draft: Draft) -> None:
    key = drawn.choice(NUMBERS)
    value = draft.head.get(key)
    if is_natural(value):
        draft.head[key] = drawn.choice((max(0, value - 1), value + 1, value + 1, 2 * value))


def word_changed(drawn: random.Random, draft: Draft) -> None:
    key = drawn.choice([*WORDS])
    draft.head[key] = drawn.choice(WORDS[key])


def outcome_turned(drawn: random.Random, draft: Draft) -> None:
    """An abstention for another reason, a certificate withdrawn, or one made of nothing."""
    if not draft.rows:
        return
    i = drawn.randrange(len(draft.rows))
    row = draft.rows[i]
    kept = {key: row[key] for key in ("index", "counts") if key in row}
    if "label" in row or drawn.random() < 0.5:
        claim: Fields = {"abstain": drawn.choice(REASONS)}
    else:
        counts = row.get("counts")
        label = counts.index(max(counts)) if are_counts(counts) else 0
        claim = {
            "label": label, "p_lower": hexed(drawn.randrange(9) << 50),
            "p_upper": hexed(drawn.randrange(9) << 50), "radius": drawn.randrange(3),
            "worst_size": draft.head.get("n"),
        }  # fmt: skip
    truth = {"truth": row["truth"]} if "truth" in row else {}
    draft.rows[i] = kept | claim | truth


def issued(drawn: random.Random, draft: Draft) -> None:
    """A certificate in the place of an abstention, right in all but that it must not be there."""
    row = a_row(drawn, draft, "abstain", "counts", "index")
    try:
        h = header_of(draft.head)
        votes, total = checked_counts(row["counts"])
        label, other = rank(votes)
        beta = levels(h.level, h.classes, h.method).bound
        low = clopper_pearson_lower(votes[label], total, beta)
        high = 1 - low
        if h.method != "cohen":
            high = min(high, clopper_pearson_upper(votes[other], total, beta))
        found = certify_bounds(LabelBounds(label, other, low, high), h.setting)
        if not isinstance(found, Certificate):
            found = Certificate(label, other, low, high, 0, witness_size(h.n, h.k, 0, h.attack))
        fields = encode_row(Row(row["index"], votes, found, row.get("truth")))
    except (KeyError, TypeError, ValueError):
        return
    row.clear()
    row |= fields


def rows_changed(drawn: random.Random, draft: Draft) -> None:
    """A row dropped, doubled or moved; `examples` follows, or not."""
    rows = draft.rows
    if not rows:
        return
    i = drawn.randrange(len(rows))
    match drawn.randrange(4):
        case 0:
            del rows[i]
        case 1:
            rows.insert(i, dict(rows[i]))
        case 2:
            rows.insert(drawn.randrange(len(rows)), rows.pop(i))
        case _:
            first, *_ = (row.get("index") for row in rows)
            again = dict(rows[i]) | {"index": first - 1 if is_natural(first) else 0}
            rows.insert(0, again)
    if drawn.random() < 0.7:
        draft.head["examples"] = len(rows)


def truth_changed(drawn: random.Random, draft: Draft) -> None:
    """Truth taken from all rows, put on all, or taken from one."""
    match drawn.randrange(3):
        case 0:
            for row in draft.rows:
                row.pop("truth", None)
        case 1:
            for row in draft.rows:
                row["truth"] = row.get("label", 0)
        case _:
            a_row(drawn, draft, "truth").pop("truth", None)


def field_changed(drawn: random.Random, draft: Draft) -> None:
    """A field lost, added, put last, or of another type."""
    fields = drawn.choice([draft.head, *draft.rows])
    if not fields:
        return
    key = drawn.choice([*fields])
    match drawn.randrange(4):
        case 0:
            del fields[key]
        case 1:
            fields[drawn.choice(("worst_size", "truth", "abstain", "x"))] = drawn.choice(VALUES)
        case 2:
            fields[key] = fields.pop(key)
        case _:
            fields[key] = drawn.choice(VALUES)


def summary_changed(drawn: random.Random, draft: Draft) -> None:
    """The count, the digest or a pair of the certified accuracy."""
    match drawn.randrange(5):
        case 0:
            draft.stated["count"] = max(0, len(draft.rows) + drawn.choice((-1, 1)))
        case 1:
            draft.stated["sha256"] = "0" * 64
        case 2:
            draft.stated["certified_accuracy"] = drawn.choice(([], [[0, 0]], 1, [[1]]))
        case _:
            pairs = draft.accuracy()
            if pairs:
                i, j = drawn.randrange(len(pairs)), drawn.randrange(2)
                pairs[i][j] = max(0, pairs[i][j] + drawn.choice((-1, 1)))
                draft.stated["certified_accuracy"] = drawn.choice((pairs, pairs[1:], pairs[::-1]))


def summary_restored(drawn: random.Random, draft: Draft) -> None:
    draft.stated.clear()


def retold(drawn: random.Random, draft: Draft) -> None:
    """The claims of one row, or of all, as they are due under the header as it stands."""
    rows = range(len(draft.rows))
    for i in rows if drawn.random() < 0.7 else rows[:1]:
        row = draft.rows[i]
        try:
            due = due_outcome(draft.head, row["counts"])
        except (KeyError, TypeError, ValueError):
            continue
        truth = row.get("truth")
        if is_natural(row.get("index")) and (truth is None or is_natural(truth)):
            draft.rows[i] = encode_row(Row(row["index"], row["counts"], due, truth))


def settled(drawn: random.Random, draft: Draft) -> None:
    """What the header says of the rows, as it is."""
    counts = [row["counts"] for row in draft.rows if are_counts(row.get("counts"))]
    if counts:
        draft.head |= {
            "classes": len(counts[0]), "models": sum(counts[0]), "examples": len(draft.rows)
        }  # fmt: skip


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


EDITS: tuple[Edit, ...] = (
    bound_moved, bound_spelled, vote_moved, count_changed, claim_changed, number_changed,
    word_changed, outcome_turned, issued, rows_changed, truth_changed, field_changed,
    summary_changed, summary_restored, retold, settled,
)  # fmt: skip
#: Edits after which a file may well be true again.
GENTLE: tuple[Edit, ...] = (
    bound_moved, vote_moved, claim_changed, number_changed, word_changed, outcome_turned, issued,
    rows_changed, truth_changed, summary_changed, summary_restored,
)  # fmt: skip


def packed(drawn: random.Random, text: bytes) -> bytes:
    """A text as gzip of some kind: one member, with what may stand in it, or something wrong."""
    whole = member(text)
    match drawn.randrange(12):
        case 0:
            return member(text, level=0)
        case 1:
            return member(text, flags=8, extra=b"name\0")
        case 2:
            return member(text, flags=31, extra=b"\x02\0abn\0c\0")
        case 3:
            return whole + whole
        case 4:
            return whole[: drawn.randrange(len(whole))]
        case 5:
            return whole + drawn.choice((b"\0", b"\n", whole[:10]))
        case 6:
            i = drawn.randrange(len(whole) - 8, len(whole))  # the CRC and the length
            return whole[:i] + bytes([whole[i] ^ 1 << drawn.randrange(8)]) + whole[i + 1 :]
        case 7:
            i = drawn.randrange(len(whole))
            return whole[:i] + bytes([whole[i] ^ 1 << drawn.randrange(8)]) + whole[i + 1 :]
        case 8:
            return zlib.compress(text)
        case 9:
            cut = drawn.randrange(len(text) + 1)
            return gzip.compress(text[:cut], mtime=0) + gzip.compress(text[cut:], mtime=0)
        case _:
            return whole


def line_edited(drawn: random.Random, content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """A file with one line before the summary changed by ``change``, and the digest right."""
    *lines, summary = content.splitlines(keepends=True) or [b""]
    if not lines:
        return change(content)
    i = drawn.randrange(len(lines))
    before = hashlib.sha256(b"".join(lines)).hexdigest().encode()
    lines[i] = change(lines[i])
    after = hashlib.sha256(b"".join(lines)).hexdigest().encode()
    return b"".join((*lines, summary.replace(before, after)))

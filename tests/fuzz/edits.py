"""Edits of a certificate file, in any order: each takes whatever the ones before it left, and does
nothing where it does not apply.

:mod:`bagcert.proofs_checks.forgeries` changes one thing in a true file; these follow one another.
"""

import random
from bisect import bisect_left
from collections.abc import Callable
from contextlib import suppress

from bagcert.reference import Certificate, clopper_pearson_lower, clopper_pearson_upper
from bagcert.reference.algorithm1 import certify_bounds, witness_size
from bagcert.reference.bounds import LabelBounds, checked_counts, levels, rank
from bagcert.reference.certificate.schema import Row, encode_row
from tests.fuzz.drafts import (
    NUMBERS,
    WORDS,
    Draft,
    Fields,
    are_counts,
    due_outcome,
    header_of,
    is_natural,
    retell,
)
from tests.vectors.certificates.oracle import ONE, hexed

Edit = Callable[[random.Random, Draft], None]
CLAIMS = ("index", "label", "radius", "worst_size", "truth")
REASONS = ("selection", "bounds", "residual")
VALUES = (None, True, -1, 0, 1, 10**20, 1.0, "1", "", [1], {"a": "b"})


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


def radius_moved(drawn: random.Random, draft: Draft) -> None:
    """A radius one less or more, with the witness that would be its own."""
    row = a_row(drawn, draft, "radius", "label")
    if not is_natural(radius := row.get("radius")):
        return
    try:
        h, r = header_of(draft.head), radius + drawn.choice((-1, 1))
    except (KeyError, TypeError, ValueError):
        return
    if 0 <= r < h.n:
        worst = witness_size(h.n, h.k, r, h.attack)
        row |= {"radius": r, "worst_size": worst}
        if worst is None:
            del row["worst_size"]


def edge_met(drawn: random.Random, draft: Draft) -> None:
    """A row with the fewest votes of its leader that are certified against one other, or one less.

    Its claims are the due ones.
    """
    row = a_row(drawn, draft, "counts", "index")
    try:
        h = header_of(draft.head)
        rest = [0] * (h.classes - 2)
        first = bisect_left(
            range(h.models), True,
            key=lambda x: x > h.models // 2
            and isinstance(due_outcome(draft.head, [x, h.models - x, *rest]), Certificate),
        )  # fmt: skip
        x = max(first - drawn.randrange(2), -(-h.models // 2))
        row["counts"] = [x, h.models - x, *rest]
        retell(draft, row)
    except (KeyError, TypeError, ValueError):
        return


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
    for row in draft.rows if drawn.random() < 0.7 else draft.rows[:1]:
        with suppress(KeyError, TypeError, ValueError):
            retell(draft, row)


def settled(drawn: random.Random, draft: Draft) -> None:
    """What the header says of the rows, as it is."""
    counts = [row["counts"] for row in draft.rows if are_counts(row.get("counts"))]
    if counts:
        draft.head |= {
            "classes": len(counts[0]), "models": sum(counts[0]), "examples": len(draft.rows)
        }  # fmt: skip


EDITS: tuple[Edit, ...] = (
    bound_moved, bound_spelled, vote_moved, count_changed, claim_changed, radius_moved, edge_met,
    number_changed, word_changed, outcome_turned, issued, rows_changed, truth_changed,
    field_changed, summary_changed, summary_restored, retold, settled,
)  # fmt: skip
#: Edits after which a file may well be true again.
GENTLE: tuple[Edit, ...] = (
    bound_moved, vote_moved, claim_changed, radius_moved, edge_met, number_changed, word_changed,
    outcome_turned, issued, rows_changed, truth_changed, summary_changed, summary_restored,
)  # fmt: skip

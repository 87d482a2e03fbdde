"""Certificate files on the boundary: true ones, and true ones with one thing changed, resealed.

A forged file differs from a true one in one claim, one header field or one spelling; digest and
certified accuracy are computed again, so that nothing but the forgery is wrong. It may still be
true: some changes to a header leave every row as it is.
"""

import gzip
import hashlib
import json
import random
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

from bagcert.proofs_checks.true_files import Fields, true_lines
from bagcert.reference import Attack, Method, Residual, certified_poisoning_size
from bagcert.reference.algorithm1 import witness_size
from bagcert.reference.arithmetic.spelling import grid_point, spell_grid_point
from bagcert.reference.certificate.schema import Scope, certified_accuracy, encode_line

__all__ = ["generated"]

_ULP: Final = Fraction(1, 2**53)


def generated(seed: int) -> tuple[str, bytes]:
    """Return what was forged ("" for a true file) and a file's bytes; even seeds are true.

    One file in ten is gzipped; of these some are damaged or followed by something.
    """
    drawn = random.Random(seed)
    lines = true_lines(drawn)
    name, content = "", b"".join(_sealed([encode_line(fields) for fields in lines]))
    if seed % 2:
        name, content = drawn.choice(_FORGERIES)(drawn, lines)
    if drawn.random() > 0.1:
        return name, content
    packed = gzip.compress(content, mtime=0)
    damage = drawn.random()
    if damage > 0.3:
        return name, packed
    if damage < 0.1:
        return f"{name} gzip, cut", packed[: -drawn.randrange(1, len(packed))]
    return f"{name} gzip, followed", packed + (b"\0" if damage < 0.2 else packed)


def _sealed(lines: list[bytes]) -> list[bytes]:
    """Add the summary that the lines deserve, whatever they state."""
    correct, labelled = Counter[int](), False
    for line in lines[1:]:
        try:
            row = json.loads(line)
            labelled = labelled or "truth" in row
            if "label" in row and row["label"] == row.get("truth"):
                correct[int(row["radius"])] += 1
        except (ValueError, TypeError, KeyError, RecursionError):
            continue
    summary: Fields = {"count": len(lines) - 1, "sha256": _digest(lines)}
    if labelled:
        summary["certified_accuracy"] = certified_accuracy(correct)
    return [*lines, encode_line(summary)]


def _digest(lines: list[bytes]) -> str:
    return hashlib.sha256(b"".join(lines)).hexdigest()


# --- one change, then sealed again -----------------------------------------------------------


def _claims(drawn: random.Random, lines: list[Fields]) -> tuple[str, bytes]:
    """One number, bound, reason or word of a header or row, changed by the least there is."""
    at = drawn.randrange(len(lines)) if drawn.random() < 0.3 else drawn.randrange(1, len(lines))
    fields = lines[at]
    key = drawn.choice([key for key in fields if key not in ("format", "provenance")])
    fields[key] = _changed(drawn, key, fields[key])
    return f"line {at + 1}, {key}", _joined(lines)


def _changed(drawn: random.Random, key: str, value: Any) -> Any:
    step = drawn.choice((-1, 1))
    if type(value) is int:
        return max(0, value + step * drawn.choice((1, 1, 1, 2, 10**20)))
    if key in ("p_lower", "p_upper"):
        return _bound(drawn, value, step)
    if key == "counts":
        i, j = drawn.randrange(len(value)), drawn.randrange(len(value))
        value[i] += step
        if drawn.random() < 0.8:
            value[j] -= step
        return value
    if key == "class_names":
        return drawn.choice((value[:-1], [*value[:-1], value[0]], [*value[:-1], "y" * 257]))
    words = {
        "alpha": ("1/19", "1/21", "2/40", "1/1", "0/1", "1/2 ", "01/2", "1/" + "9" * 39),
        "method": [*Method], "scope": [*Scope], "attack": [*Attack], "residual": [*Residual],
        "abstain": ("selection", "bounds", "residual", "none"),
    }[key]  # fmt: skip
    return str(drawn.choice([word for word in words if word != value]))


def _bound(drawn: random.Random, text: str, step: int) -> str:
    """A point of the grid beside it, or a spelling that is none's, or not the same one."""
    other = grid_point(text) + step * drawn.choice((1, 1, 2, 2**20)) * _ULP
    if drawn.random() < 0.7 and 0 <= other <= 1:
        return spell_grid_point(other)
    return drawn.choice(
        (
            text.upper(),
            text + "0",
            text.replace("p", "p+"),
            "0x1.0000000000001p+0",
            "0x1.0000000000001p-53",
            "0x0.8000000000000p+0",
            "0x1.0000000000000p-9999",
            "0x1.0000000000000p-54",
            "0x1.0000000000000p+1",
            "0x0.0p-0",
            "0x1.8p-1",
            "1.0",
        )
    )


def _outcomes(drawn: random.Random, lines: list[Fields]) -> tuple[str, bytes]:
    """A certificate turned into an abstention or an abstention into a certificate."""
    at = drawn.randrange(1, len(lines))
    row = lines[at]
    kept = {key: row[key] for key in ("index", "counts")}
    if "label" in row:
        reason = drawn.choice(("selection", "bounds", "residual"))
        changed: Fields = {**kept, "abstain": reason}
    else:
        changed = {
            **kept, "label": row["counts"].index(max(row["counts"])),
            "p_lower": spell_grid_point(Fraction(drawn.randrange(9), 8)),
            "p_upper": spell_grid_point(Fraction(drawn.randrange(9), 8)),
            "radius": 0, "worst_size": lines[0]["n"],
        }  # fmt: skip
    if "truth" in row:
        changed["truth"] = row["truth"]
    lines[at] = changed
    return f"line {at + 1}, outcome", _joined(lines)


def _bounds(drawn: random.Random, lines: list[Fields]) -> tuple[str, bytes]:
    """A bound one step off, and the radius and witness that it would give."""
    certified = [i for i, row in enumerate(lines) if "label" in row]
    if not certified:
        return _claims(drawn, lines)
    at = drawn.choice(certified)
    row, header = lines[at], lines[0]
    step = drawn.choice((-1, 1)) * _ULP
    low, up = grid_point(row["p_lower"]), grid_point(row["p_upper"])
    if low + up == 1:  # the rest of the mass: the two move together
        low, up = low + step, up - step
    elif drawn.random() < 0.5:
        low += step
    else:
        up += step
    if not 0 <= up < low <= 1:
        return _claims(drawn, lines)
    r = certified_poisoning_size(
        header["n"], header["k"], low, up, attack=header["attack"], residual=header["residual"]
    )
    row |= {"p_lower": spell_grid_point(low), "p_upper": spell_grid_point(up)}
    if r is not None:
        row["radius"] = r
        worst = witness_size(header["n"], header["k"], r, Attack(header["attack"]))
        row |= {} if worst is None else {"worst_size": worst}
    return f"line {at + 1}, a bound and its radius", _joined(lines)


def _fields(drawn: random.Random, lines: list[Fields]) -> tuple[str, bytes]:
    """A field lost, added, moved, or of another type."""
    at = drawn.randrange(len(lines))
    fields = lines[at]
    key = drawn.choice([*fields])
    match drawn.randrange(4):
        case 0:
            del fields[key]
        case 1:
            extra = drawn.choice(("worst_size", "truth", "abstain", "extra", "label"))
            fields[extra] = drawn.choice((0, 1, "bounds", None))
        case 2:
            fields[key] = fields.pop(key)
        case _:
            fields[key] = drawn.choice((True, None, 1.0, "1", [1], {"a": "b"}, -1, float("nan")))
    return f"line {at + 1}, {key} as a field", _joined(lines)


def _rows(drawn: random.Random, lines: list[Fields]) -> tuple[str, bytes]:
    """A row lost, doubled or moved; header and digest agree with what is left or not."""
    at = drawn.randrange(1, len(lines))
    match drawn.randrange(3):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, lines[at])
        case _:
            lines.insert(drawn.randrange(1, len(lines)), lines.pop(at))
    if drawn.random() < 0.5:
        lines[0]["examples"] = len(lines) - 1
    return "rows", _joined(lines)


def _spelling(drawn: random.Random, lines: list[Fields]) -> tuple[str, bytes]:
    """The same values, spelled otherwise."""
    raw = [encode_line(fields) for fields in lines]
    at = drawn.randrange(len(raw))
    line = raw[at]
    raw[at] = drawn.choice(
        (
            line.replace(b":", b": ", 1),
            b" " + line,
            line[:-1] + b" \n",
            line[:-1] + b"\r\n",
            line.replace(b"1", b"01", 1),
            line.replace(b"e", b"\\u0065", 1),
            line[:-1],
            line.replace(b"/", b"\\/", 1),
            line.replace(b"}", b",}", 1),
            line + b"\n",
            b"\n",
            line.replace(b'"', b"'", 1),
            line.replace(b"a", b"\xc3\xa4", 1),
            b"\xef\xbb\xbf" + line,
            line.replace(b"0", b"-0", 1),
            line.replace(b"1", b"1" * 5000, 1),
            b"[" * 3000 + line,
            line.replace(b"0", b"0.0", 1),
            line.replace(b"{", b'{"index":0,', 1),
            b'{"x":"' + b"x" * 2**20 + b'"}\n',
        )
    )
    return f"line {at + 1}, spelling", b"".join(_sealed(raw))


def _summaries(drawn: random.Random, lines: list[Fields]) -> tuple[str, bytes]:
    """The summary alone: its digest, count and accuracy, what follows it, what is missing."""
    *raw, last = _sealed([encode_line(fields) for fields in lines])
    summary = json.loads(last)
    pairs = summary.get("certified_accuracy")
    match drawn.randrange(9) if pairs else drawn.choice((0, 1, 2, 7, 8)):
        case 0:
            summary["count"] += drawn.choice((-1, 1))
        case 1:
            summary["sha256"] = hashlib.sha256(summary["sha256"].encode()).hexdigest()
        case 2:
            summary["certified_accuracy"] = [*(pairs or []), [10**6, 1]]
        case 3:
            pair = drawn.choice(pairs)
            i = drawn.randrange(2)
            pair[i] = max(0, pair[i] + drawn.choice((-1, 1)))
        case 4:
            del pairs[drawn.randrange(len(pairs))]
        case 5:
            pairs.insert(0, drawn.choice(pairs) if drawn.random() < 0.5 else [0, pairs[0][1]])
        case 6:
            pairs[0] = drawn.choice(([], [1], [*pairs[0], 0], 3, ["1", "2"], 10**30))
        case 7:
            summary.pop("certified_accuracy", None)
        case _:
            content = b"".join([*raw, last])
            return "after the summary", drawn.choice(
                (
                    content + b"\n",
                    content + last,
                    content + b" ",
                    content[:-1],
                    b"".join(raw),
                    content[: drawn.randrange(len(content))],
                )
            )
    return "summary", b"".join([*raw, encode_line(summary)])


def _joined(lines: list[Fields]) -> bytes:
    """Canonical lines and their seal; json.dumps spells a NaN, too."""
    raw = [json.dumps(fields, separators=(",", ":")).encode() + b"\n" for fields in lines]
    return b"".join(_sealed(raw))


_Forgery = Callable[[random.Random, list[Fields]], tuple[str, bytes]]
_FORGERIES: Final[tuple[_Forgery, ...]] = (
    _claims,
    _claims,
    _claims,
    _bounds,
    _bounds,
    _outcomes,
    _fields,
    _rows,
    _spelling,
    _summaries,
)

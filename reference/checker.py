"""The trusted kernel: decides whether a certificate file is true.

`VALID`: the file is canonical and every claim in it is true under its own header. Each label
and abstention follows from the counts, each bound is the tightest sound multiple of 2^-53
(MATH.md, "Confidence bounds"), each radius is sound AND maximal (eq 4). `INVALID` names the
first false claim, `MALFORMED` the first line that cannot be read, whichever comes first.

Not judged: that the counts, n and k belong to a real ensemble; provenance; class names; truth
labels. Integers only, no tolerance. Run it alone: `python3 -I checker.py cert.jsonl[.gz]`.

Letters are the paper's: n training examples, k drawn, r poisoned, m kept, n' the poisoned
size, p_l and p_s the bounds, G the gap in lists, N models, c classes, e examples. A bound is
held as its integer t = 2^53 p.
"""

import sys

if __name__ == "__main__" and not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
    del sys.path[0]  # the script's own folder may hold a stranger's json.py

import argparse
import hashlib
import io
import json
import math
import os
import re
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, BinaryIO

MAX_N = MAX_INDEX = 10**12
MAX_POWER_BITS = 2**20  # of k * bit_length(n)
MAX_MODELS, MAX_CLASSES, MAX_EXAMPLES = 10**6, 2**16, 10**8
MAX_LINE = 2**20  # bytes; a summary may have 64 for each distinct radius, plus 256
MAX_DIGITS, MAX_ALPHA, MAX_NAME, MAX_PROVENANCE = 20, 40, 256, 64
CACHE = 2**15  # entries in each cache
START_BITS = 96  # first working precision of a tail
ONE, HALF = 1 << 53, 1 << 52


@dataclass(frozen=True)
class Verdict:
    """What the kernel decided, and the first line and field that decided it."""

    status: str
    line: int | None
    field: str | None
    message: str

    @property
    def exit_status(self) -> int:
        """0 VALID, 1 INVALID, 2 MALFORMED."""
        return {"VALID": 0, "INVALID": 1}.get(self.status, 2)

    def __str__(self) -> str:
        line = None if self.line is None else f"line {self.line}"
        place = ", ".join(part for part in (line, self.field) if part)
        return (
            f"{self.status} {place}: {self.message}" if place else f"{self.status} {self.message}"
        )


class Fault(Exception):
    """Status, field and message of the first reason why a file is not VALID."""


def show(value: object) -> str:
    """A stranger's value, in at most 100 printable ASCII characters."""
    return ascii(value[:100] if isinstance(value, str | list) else value)[:100]


# --- binomial tails; an enclosure (lo, hi, exp) says lo 2^exp <= value <= hi 2^exp ----------

Enclosure = tuple[int, int, int]
FACTORIALS: dict[int, list[Enclosure]] = {}  # by precision; entry i encloses (64 i)!


def times(bits: int, *factors: Enclosure) -> Enclosure:
    """The product, rounded outwards to so many bits."""
    lo, hi, exp = 1, 1, 0
    for factor in factors:
        lo, hi = lo * factor[0], hi * factor[1]
        drop = max(0, hi.bit_length() - bits)
        lo, hi, exp = lo >> drop, -(-hi >> drop), exp + factor[2] + drop
    return lo, hi, exp


def power(bits: int, base: int, exponent: int) -> Enclosure:
    """base^exponent, by squaring."""
    result, factor = (1, 1, 0), (base, base, 0)
    for bit in f"{exponent:b}":
        result = times(bits, result, result, *([factor] if bit == "1" else []))
    return result


def factorial(bits: int, x: int) -> Enclosure:
    """x!, from a table of every 64th, filled on demand."""
    table = FACTORIALS.setdefault(bits, [(1, 1, 0)])
    for i in range(len(table), x // 64 + 1):
        step = math.prod(range(64 * i - 63, 64 * i + 1))
        table.append(times(bits, table[-1], (step, step, 0)))
    rest = math.prod(range(x - x % 64 + 1, x + 1))
    return times(bits, table[x // 64], (rest, rest, 0))


def tail(bits: int, N: int, x: int, t: int, s: int) -> Enclosure:
    """(t+s)^N Pr(Bin(N, t/(t+s)) >= x), x at or above the mode: Pr(= x) times a falling series.

    Truncation has cost term j at most j units, as no ratio num/den exceeds 1. The ratios fall,
    so what is left out is below a geometric series.
    """
    num, den, j = (N - x) * t, (x + 1) * s, 0
    term = total = 1 << bits
    while num and term > j:
        term = term * num // den
        total += term
        num, den, j = num - t, den + s, j + 1
    rest = (term + j) * num // (den - num) + 1 if num else 0
    series = (total, total + j * (j + 1) // 2 + rest, -bits)
    top, low = factorial(bits, N), times(bits, factorial(bits, x), factorial(bits, N - x))
    choose = (top[0] << bits) // low[1], -((-top[1] << bits) // low[0]), top[2] - low[2] - bits
    return times(bits, power(bits, t, x), power(bits, s, N - x), choose, series)


def compare(value: Enclosure, bound: int, scale: int) -> int | None:
    """The sign of scale * value - bound; None where the enclosure does not tell."""
    lo, hi = (end * scale << max(value[2], 0) for end in value[:2])
    bound <<= max(-value[2], 0)
    return 1 if lo > bound else -1 if hi < bound else 0 if lo == hi else None


def tail_at_most(N: int, x: int, t: int, beta: Fraction) -> bool:
    """Whether Pr(Bin(N, t 2^-53) >= x) <= beta, for 0 < beta < 1: decided, never guessed.

    Below the mode the complement is summed. Precision doubles until it is enough; only a tie
    never gets there, and needs a dyadic beta, some 250 bits long at most, so a small N; except
    at t = HALF, where symmetry gives 1/2 for every odd N. Small N end in an exact sum.
    """
    if x <= 0 or x > N or t in (0, ONE):
        return x > N or (x > 0 and t == 0)
    if t == HALF and 2 * x == N + 1:
        return 2 * beta >= 1
    unit, bits = t & -t, START_BITS
    t, s, whole = t // unit, (ONE - t) // unit, (ONE // unit) ** N
    u, v = beta.numerator * whole, beta.denominator
    while bits <= 64 * N + 512:
        if (N - x) * t <= (x + 1) * s:
            sign = compare(tail(bits, N, x, t, s), u, v)
        else:
            below = compare(tail(bits, N, N - x + 1, s, t), v * whole - u, v)
            sign = None if below is None else -below
        if sign is not None:
            return sign <= 0
        bits *= 2
    return v * sum(math.comb(N, i) * t**i * s ** (N - i) for i in range(x, N + 1)) <= u


def bisect(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The largest i with holds(i), given holds(low), not holds(high), and one change."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


# --- reading -------------------------------------------------------------------------------

HEX = re.compile(r"0x0\.0p\+0|0x[01]\.([0-9a-f]{13})p(\+0|[+-][1-9][0-9]{0,3})")


def spelled(t: int) -> str:
    """t 2^-53 as float.hex spells it."""
    size = t.bit_length()
    return f"0x1.{(t << 53 >> size) - HALF:013x}p{size - 54:+d}" if t else "0x0.0p+0"


def grid_point(field: str, text: str) -> int:
    """The integer t of a well spelled bound p = t 2^-53 in [0, 1]."""
    match = HEX.fullmatch(text)
    t = 0
    if match and match[1]:
        t = (HALF + int(match[1], 16)) << 53 >> max(0, 52 - int(match[2]))
    if t > ONE or spelled(t) != text:
        raise Fault("INVALID", field, f"is {text}, not on the grid: a multiple of 2^-53 up to 1")
    return t


def refuse(what: str) -> Any:
    """The JSON hooks allow natural numbers of at most 20 digits and no duplicate keys."""
    raise Fault("MALFORMED", None, f"{show(what)} is not allowed")


DECODER = json.JSONDecoder(
    object_pairs_hook=lambda x: dict(x) if len(dict(x)) == len(x) else refuse("a duplicate key"),
    parse_int=lambda x: int(x) if len(x) <= MAX_DIGITS and x[0] != "-" else refuse(x),
    parse_float=refuse,
    parse_constant=refuse,
)
Rule = tuple[Callable[[Any, dict[str, Any]], bool], str]  # of a value and the header; in words


def natural(low: int, high: int) -> Rule:
    """An integer in a range; a boolean is not an integer."""
    return lambda v, _: type(v) is int and low <= v <= high, f"an integer from {low} to {high}"


def among(*choices: str) -> Rule:
    """One of a few words."""
    return lambda v, _: type(v) is str and v in choices, f"one of {', '.join(choices)}"


def is_alpha(v: Any, _: object) -> bool:
    """p/q in lowest terms, 0 < p/q < 1: that is as Fraction spells it."""
    fits = type(v) is str and len(v) <= MAX_ALPHA and re.fullmatch("[1-9][0-9]*/[1-9][0-9]*", v)
    return bool(fits) and str(Fraction(v)) == v and Fraction(v) < 1


def are_texts(v: Any, kind: type, most: int) -> bool:
    """A list or flat object of at most so many strings."""
    fits = type(v) is kind and len(v) <= most
    return fits and all(type(text) is str for text in (v.values() if kind is dict else v))


HEADER: dict[str, Rule] = {
    "format": among("bagcert-certificate/1"),
    "n": natural(1, MAX_N),
    "k": (
        lambda v, h: type(v) is int and 1 <= v <= MAX_POWER_BITS // h["n"].bit_length(),
        f"an integer from 1, with k * bit_length(n) up to {MAX_POWER_BITS}",
    ),
    "classes": natural(2, MAX_CLASSES),
    "models": natural(1, MAX_MODELS),
    "examples": natural(1, MAX_EXAMPLES),
    "alpha": (is_alpha, f"p/q in lowest terms, 0 < p/q < 1, at most {MAX_ALPHA} characters"),
    "method": among("simuem", "cohen", "selected"),
    "scope": among("simultaneous", "each"),
    "attack": among("any", "modify", "delete", "insert"),
    "residual": among("paper", "none", "integral"),
    "class_names": (
        lambda v, h: (
            are_texts(v, list, MAX_CLASSES)
            and len({*v}) == len(v) == h["classes"]
            and max(map(len, v)) <= MAX_NAME
        ),
        f"one name a class, distinct, at most {MAX_NAME} characters each",
    ),
    "provenance": (
        lambda v, _: are_texts(v, dict, MAX_PROVENANCE),
        f"a flat object of at most {MAX_PROVENANCE} strings",
    ),
}
LABEL: Rule = (lambda v, h: type(v) is int and v < h["classes"], "a label below classes")
BOUND: Rule = (lambda v, _: type(v) is str and bool(HEX.fullmatch(v)), "spelled as by float.hex")
SIZE = natural(0, 10**MAX_DIGITS)
ROW: dict[str, Rule] = {
    "index": natural(0, MAX_INDEX - 1),
    "counts": (
        lambda v, h: (
            type(v) is list
            and len(v) == h["classes"]
            and {*map(type, v)} == {int}
            and sum(v) == h["models"]
        ),
        "one integer a class, with the sum models",
    ),
}
CERTIFIED = ROW | {"label": LABEL, "p_lower": BOUND, "p_upper": BOUND, "radius": SIZE}
CERTIFIED |= {"worst_size": SIZE, "truth": LABEL}
ABSTAINED = ROW | {"abstain": among("selection", "bounds", "residual"), "truth": LABEL}
SUMMARY: dict[str, Rule] = {
    "count": (lambda v, h: type(v) is int and v == h["examples"], "the header's examples"),
    "sha256": (lambda v, h: type(v) is str and v == h["sha256"], "the digest of the lines above"),
    "certified_accuracy": (
        lambda v, _: (
            type(v) is list and all(type(x) is list and [*map(type, x)] == [int, int] for x in v)
        ),
        "a list of pairs of integers",
    ),
}
OPTIONAL = {"class_names", "provenance", "worst_size", "truth", "certified_accuracy"}


def read_object(line: bytes) -> dict[str, Any]:
    """The JSON object on a line."""
    try:
        found = DECODER.decode(line.decode("ascii"))
    except (ValueError, RecursionError):
        found = None
    if type(found) is not dict:
        raise Fault("MALFORMED", None, "is not one JSON object in ASCII")
    return found


def obey(line: bytes, found: dict[str, Any], rules: dict[str, Rule], h: dict[str, Any]) -> None:
    """The keys are the rules', each value obeys its own, and the line is spelled canonically."""
    for key in found:
        if key not in rules:
            raise Fault("MALFORMED", None, f"key {show(key)} is unknown or out of place")
    for key, (holds, words) in rules.items():
        if key in found and not holds(found[key], h):
            raise Fault("MALFORMED", key, f"is {show(found[key])}, should be {words}")
        if key not in found and key not in OPTIONAL:
            raise Fault("MALFORMED", key, "is missing")
    ordered = {key: found[key] for key in rules if key in found}
    if json.dumps(ordered, separators=(",", ":")).encode() + b"\n" != line:
        raise Fault("MALFORMED", None, "is not in canonical form (key order, spacing, escapes, LF)")


class OneMember(io.RawIOBase):
    """The text of a gzip file of exactly one member, in bounded memory."""

    def __init__(self, source: BinaryIO) -> None:
        self.source, self.inflate = source, zlib.decompressobj(wbits=31)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """At most a buffer of text; 0 at the end of the one member."""
        while not self.inflate.eof:
            packed = self.inflate.unconsumed_tail or self.source.read(2**16)
            text = self.inflate.decompress(packed, len(buffer))
            if not text and not packed:
                raise Fault("MALFORMED", None, "the gzip data is truncated")
            if text:
                buffer[: len(text)] = text
                return len(text)
        if self.inflate.unused_data or self.source.read(1):
            raise Fault("MALFORMED", None, "something follows the gzip member")
        return 0


# --- judging -------------------------------------------------------------------------------


def invalid(field: str, stated: object, due: object, how: str = "") -> Fault:
    """A claim that is false, what should stand there, and how it errs."""
    return Fault("INVALID", field, f"is {stated}, should be {due}{how and f' ({how})'}")


def level(h: dict[str, Any]) -> Fraction:
    """One example's level a: alpha/e, or alpha where each example stands alone."""
    return Fraction(h["alpha"]) / (h["examples"] if h["scope"] == "simultaneous" else 1)


class Judge:
    """Every claim of a row, decided under one header."""

    def __init__(self, h: dict[str, Any]) -> None:
        self.n, self.k, self.N = h["n"], h["k"], h["models"]
        self.method, self.attack, self.residual = h["method"], h["attack"], h["residual"]
        a, c = level(h), h["classes"]
        self.flip = a / (100 * (c - 1))  # beta', of the sign test
        selected = a - self.flip if c == 2 else (a - (c - 1) * self.flip) / 2
        self.beta = {"simuem": a / c, "cohen": a / 2, "selected": selected}[self.method]
        self.lists: int = self.n**self.k
        for name in ("sound", "selects", "lower", "reason", "facts"):
            setattr(self, name, lru_cache(maxsize=CACHE)(getattr(self, name)))

    def sound(self, x: int, t: int) -> bool:
        """Whether t 2^-53 is a lower bound at beta for a count x; only 0 is for x = 0."""
        return t <= ONE and (t == 0 or (x > 0 and tail_at_most(self.N, x, t, self.beta)))

    def sound_above(self, n_s: int, t: int, t_l: int) -> bool:
        """Whether t 2^-53 bounds p_s: 1 - p_l does, and an upper bound at beta (not `cohen`)."""
        return t >= ONE - t_l or (self.method != "cohen" and self.sound(self.N - n_s, ONE - t))

    def lower(self, x: int) -> int:
        """The largest sound lower bound."""
        return bisect(0, ONE + 1, lambda t: self.sound(x, t))

    def upper(self, n_s: int, t_l: int) -> int:
        """The method's p_s, the least that is sound."""
        rest = ONE - t_l
        return rest if self.method == "cohen" else min(rest, ONE - self.lower(self.N - n_s))

    def selects(self, n_l: int, n_s: int) -> bool:
        """`selected` only: Pr(Bin(n_l + n_s, 1/2) >= n_l) <= beta'."""
        return self.method != "selected" or tail_at_most(n_l + n_s, n_l, HALF, self.flip)

    def overlap(self, n_l: int, n_s: int) -> bool:
        """Whether p_l <= p_s; that is p_l <= 1/2, and p_l <= upper(n_s) but for `cohen`."""
        if self.method == "cohen" or self.sound(n_l, HALF + 1):
            return not self.sound(n_l, HALF + 1)
        between = ((n_l + n_s) << 52) // self.N
        if not (self.sound(n_l, between + 1) or self.sound(self.N - n_s, ONE - between + 1)):
            return True  # p_l <= between <= upper(n_s)
        return not self.sound(self.N - n_s, ONE - self.lower(n_l) + 1)

    def gap(self, t_l: int, t_s: int) -> int:
        """G, rounded up where it is not an integer: an integer is below both or neither."""
        high, low = t_l * self.lists, t_s * self.lists
        if self.residual == "none":
            return -((low - high) >> 53)
        return (
            (high >> 53) + (-low >> 53)
            if self.residual == "paper"
            else -(-high >> 53) - (low >> 53)
        )

    def left(self, r: int, size: int) -> int:
        """n'^k - 2 m^k + n^k of eq (4), m = max(0, max(n, n') - r)."""
        kept = max(0, max(self.n, size) - r)
        return int(size**self.k - 2 * kept**self.k + self.lists)

    def worst(self, r: int) -> int | None:
        """The n' that maximises (4), for r <= n; None where no such attack exists. Eq (7).

        Below n' = n the kept m is constant, so n' = n is worst; above it, the slope of
        n'^k - 2 (n' - r)^k has the sign of n'^(k-1) - 2 (n' - r)^(k-1), + to -.
        """
        n, d = self.n, self.k - 1
        if self.attack != "any":
            return {"modify": n, "insert": n + r, "delete": n - r or None}[self.attack]
        if n**d <= 2 * (n - r) ** d:
            return n
        last = bisect(n, n + r + 1, lambda x: x <= n + r and x**d > 2 * (x - r) ** d)
        return max(last, min(last + 1, n + r), key=lambda size: self.left(r, size))

    def holds(self, r: int, G: int) -> bool:
        """Eq (4) for every n' that the attack allows; False where r exceeds every attack."""
        if self.attack == "any" and self.left(r, self.n) >= G:
            return False  # n' = n is allowed: spare the search for a worse one
        size = self.worst(r)
        return size is not None and self.left(r, size) < G

    def facts(self, t_l: int, t_s: int, r: int) -> tuple[bool, bool, int | None]:
        """Whether r is sound, whether r + 1 would be too, and the worst n' at r + 1."""
        G = self.gap(t_l, t_s)
        return self.holds(r, G), self.holds(r + 1, G), self.worst(r + 1)

    def reason(self, n_l: int, n_s: int) -> str | None:
        """The first reason to abstain that applies."""
        if not self.selects(n_l, n_s) or self.overlap(n_l, n_s):
            return "bounds" if self.selects(n_l, n_s) else "selection"
        t_l = self.lower(n_l)
        return "residual" if self.gap(t_l, self.upper(n_s, t_l)) <= 0 else None

    def judge(self, row: dict[str, Any]) -> None:
        """Raise the first false claim of a row whose structure is right."""
        counts, stated = row["counts"], row.get("abstain")
        n_l = max(counts)
        label = counts.index(n_l)
        n_s = max(counts[:label] + counts[label + 1 :])
        due = None if self.selects(n_l, n_s) else "selection"
        due = self.reason(n_l, n_s) if stated else due
        if stated != due:
            raise invalid("abstain", stated or "absent", due or "a certificate")
        if not stated and row["label"] != label:
            raise invalid("label", row["label"], label)
        if not stated:
            t_l = self.judge_lower(grid_point("p_lower", row["p_lower"]), n_l)
            t_s = self.judge_upper(grid_point("p_upper", row["p_upper"]), n_s, t_l)
            self.judge_radius(row["radius"], row.get("worst_size"), t_l, t_s)

    def judge_lower(self, t: int, n_l: int) -> int:
        """p_l is sound at t and unsound one step up."""
        if not self.sound(n_l, t) or self.sound(n_l, t + 1):
            due = self.lower(n_l)
            how = "sound but not the tightest" if t < due else "unsound"
            raise invalid("p_lower", spelled(t), spelled(due), how)
        return t

    def judge_upper(self, t: int, n_s: int, t_l: int) -> int:
        """p_s is sound at t and unsound one step down."""
        if not self.sound_above(n_s, t, t_l) or self.sound_above(n_s, t - 1, t_l):
            due = self.upper(n_s, t_l)
            how = "sound but not the tightest" if t > due else "unsound"
            raise invalid("p_upper", spelled(t), spelled(due), how)
        return t

    def judge_radius(self, r: int, stated: int | None, t_l: int, t_s: int) -> None:
        """Eq (4) holds at r and fails at r + 1, where the stated n' is worst."""
        G = self.gap(t_l, t_s)
        if t_l <= t_s or G <= 0:
            raise invalid("abstain", "absent", "bounds" if t_l <= t_s else "residual")
        fits, slack, size = self.facts(t_l, t_s, r) if r < self.n else (False, False, None)
        if not fits or slack:
            due = bisect(0, self.n, lambda radius: self.holds(radius, G))
            raise invalid("radius", r, due, "sound but not maximal" if fits else "unsound")
        if stated != size:
            raise invalid("worst_size", stated or "absent", size or "absent")


# --- the file ------------------------------------------------------------------------------


class Examination:
    """One pass over one file, in memory that does not grow with e."""

    def __init__(self) -> None:
        self.line, self.header = 0, dict[str, Any]()
        self.digest, self.correct = hashlib.sha256(), Counter[int]()

    def next_line(self, stream: io.BufferedReader, limit: int = MAX_LINE) -> bytes:
        """The next line, never more than the limit of it."""
        self.line += 1
        line = stream.readline(limit + 1)
        if not line.endswith(b"\n") or len(line) > limit:
            state = "too long" if len(line) > limit else "cut short" if line else "missing"
            raise Fault("MALFORMED", None, f"the line is {state}")
        return line

    def run(self, stream: io.BufferedReader) -> str:
        """Raise the first fault, in file order, or say what the file holds."""
        line = self.next_line(stream)
        found = read_object(line)
        obey(line, found, HEADER, found)
        self.header, judge = found, Judge(found)
        after, labelled, abstained = -1, None, 0
        for _ in range(found["examples"]):
            self.digest.update(line)
            line = self.next_line(stream)
            row = read_object(line)
            obey(line, row, ABSTAINED if "abstain" in row else CERTIFIED, self.header)
            if row["index"] <= after or labelled not in (None, "truth" in row):
                field = "index" if row["index"] <= after else "truth"
                raise Fault(
                    "MALFORMED", field, "indices must increase; truth is on all rows or none"
                )
            judge.judge(row)
            after, labelled = row["index"], "truth" in row
            abstained += "abstain" in row
            if labelled and row.get("label") == row["truth"]:
                self.correct[row["radius"]] += 1
        self.digest.update(line)
        self.judge_summary(stream, bool(labelled))
        return f"{found['examples']} examples, {abstained} abstain"

    def judge_summary(self, stream: io.BufferedReader, labelled: bool) -> None:
        """The last line: count, digest and the accuracies that follow from the rows."""
        line = self.next_line(stream, max(MAX_LINE, 64 * len(self.correct) + 256))
        found, total, due = read_object(line), 0, []
        obey(line, found, SUMMARY, self.header | {"sha256": self.digest.hexdigest()})
        if labelled != ("certified_accuracy" in found):
            raise Fault("MALFORMED", "certified_accuracy", "stands exactly where truth does")
        for r in sorted(self.correct, reverse=True):
            total += self.correct[r]
            due.append([r, total])
        if labelled and found["certified_accuracy"] != due[::-1]:
            raise invalid("certified_accuracy", "wrong", show(due[::-1][:9]))
        self.line += 1
        if stream.read(1):
            raise Fault("MALFORMED", None, "something follows the summary")


def examine(path: str | os.PathLike[str]) -> tuple[Verdict, dict[str, Any]]:
    """The verdict on a file, and its header where that could be read."""
    run = Examination()
    try:
        with open(path, "rb") as source:
            packed = source.peek(2)[:2] == b"\x1f\x8b"
            message = run.run(io.BufferedReader(OneMember(source)) if packed else source)
        return Verdict("VALID", None, None, message), run.header
    except Fault as fault:
        status, field, message = fault.args
        return Verdict(status, run.line, field, message), run.header
    except Exception as error:
        message = f"{type(error).__name__} {show(str(error))}"
        return Verdict("MALFORMED", run.line or None, None, message), run.header


def check(path: str | os.PathLike[str]) -> Verdict:
    """Whether every claim of a certificate file is true."""
    return examine(path)[0]


def main(argv: list[str] | None = None) -> int:
    """Print the verdict on one file; 0 VALID, 1 INVALID, 2 MALFORMED, 130 interrupted."""
    parser = argparse.ArgumentParser(description="Decide whether a certificate file is true.")
    parser.add_argument("certificate", help="a .jsonl file, or one gzip member of it")
    try:
        verdict, h = examine(parser.parse_args(argv).certificate)
    except KeyboardInterrupt:
        return 130
    print(verdict, flush=True)
    print("not judged: counts, n and k; provenance; class names; truth labels", file=sys.stderr)
    if h:
        more = Fraction(2, h["classes"]) if h["method"] == "simuem" and h["classes"] > 2 else 0
        print(
            f"proven: each wrong with probability at most {level(h) * (1 + more)}", file=sys.stderr
        )
    return verdict.exit_status


if __name__ == "__main__":
    sys.exit(main())

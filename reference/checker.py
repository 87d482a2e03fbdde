"""The trusted kernel: decides whether a certificate file is true.

`VALID`: canonical, and every claim true under its own header: labels, abstentions, bounds that
are sound and the tightest (MATH.md, "Confidence bounds"), radii sound and maximal (eq 4).
`INVALID`: the first fault is a false claim; `MALFORMED`: it cannot be read. Counts, n and k are
taken as given. Alone: `python3 -I checker.py cert.jsonl[.gz]`. Letters: n training examples, k
drawn, r poisoned, m kept, n' the poisoned size, p_l and p_s the bounds (as integers t = 2^53 p),
G the gap in lists, N models, c classes, e examples. Integers only; no tolerance.
"""

import sys

if __name__ == "__main__" and not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
    del sys.path[0]  # the script's own folder may hold a stranger's json.py

import argparse
import hashlib
import json
import math
import os
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache, partial
from itertools import accumulate
from typing import Any, BinaryIO, NamedTuple

MAX_N, MAX_MODELS, MAX_CLASSES, MAX_EXAMPLES = 10**12, 10**6, 2**16, 10**8
MAX_POWER_BITS = 2**20  # of k * bit_length(n); r < n, so n + r costs at most k bits more
MAX_LINE = 2**20  # bytes; a summary may have 64 for each distinct radius, plus 256
MAX_STATED, MAX_NAME, MAX_PROVENANCE = 10**20, 256, 64
BLOCK, CACHE = 2**16, 2**15  # bytes read at once; entries in each cache
START_BITS, ONE, HALF = 96, 1 << 53, 1 << 52  # first precision of a tail; 1 and 1/2 on the grid
NOT_JUDGED = "not judged: counts, n and k are taken as given; provenance; names; truth labels"
Rule = range | tuple[str, ...] | Callable[[Any, dict[str, Any]], object]  # integer, word, other


class Verdict(NamedTuple):
    """What the kernel decided, the line and field that decided it, and what it did not judge."""

    status: str
    line: int | None
    field: str | None
    message: str
    remark: str = NOT_JUDGED

    @property
    def exit_status(self) -> int:
        """0 VALID, 1 INVALID, 2 MALFORMED."""
        return {"VALID": 0, "INVALID": 1}.get(self.status, 2)

    def __str__(self) -> str:
        place = ", ".join(filter(None, (f"line {self.line}" if self.line else None, self.field)))
        return f"{self.status} {place and f'{place}: '}{self.message}"


class Fault(Exception):
    """Field and message of the first reason why a file is not VALID; status if INVALID."""

    @classmethod
    def invalid(cls, field: str, stated: object, due: object, how: str = "") -> "Fault":
        """A false claim, and what should stand there."""
        return cls(field, f"is {stated}, should be {due}{how and f' ({how})'}", "INVALID")


def series(one: int, num: int, den: int, a: int, b: int, enough: int) -> tuple[int, int]:
    """one (1 + num/den (1 + (num-a)/(den+b) (1 + ...))), up to num = 0: bounds from both sides.

    Ends once the lower bound is enough; the upper one is too low then, but above the lower one.
    """
    lo = hi = low = high = one
    while num and low < enough and (lo or num >= den):
        lo, hi = lo * num // den, -(-hi * num // den)
        low, high, num, den = low + lo, high + hi, num - a, den + b
    return low, high + (hi * num // (den - num) + 1 if num < den else 0)  # the rest is geometric


def tail_at_most(N: int, x: int, t: int, beta: Fraction) -> bool:
    """Whether Pr(Bin(N, t 2^-53) >= x) <= beta, for 0 < beta < 1: decided, never guessed.

    With U = Pr(>= x) / Pr(= x) and V = Pr(<= x) / Pr(= x): whether U (1 - beta) <= (V - 1) beta.
    Only a tie needs the exact sum: N is at most some 250 then, the length of a dyadic beta.
    """
    if x <= 0 or x > N or t in (0, ONE):
        return x > N or (x > 0 and t == 0)
    if t == HALF and 2 * x == N + 1:  # the median: a tie at any N
        return 2 * beta >= 1
    t, s, u, w = t // (t & -t), (ONE - t) // (t & -t), beta.numerator, (1 - beta).numerator
    above, below = ((N - x) * t, (x + 1) * s, t, s), (x * s, (N - x + 1) * t, s, t)
    for i in range(N.bit_length() + 1):
        one = 1 << (START_BITS << i)
        if above[0] <= above[1]:  # x is not below the mode: U's terms fall, V's may rise first
            U = series(one, *above, one * (N + 2))
            V = series(one, *below, one - -U[1] * w // u)
        else:
            V = series(one, *below, one * (N + 2))
            U = series(one, *above, (V[1] - one) * u // w + 1)
        yes, no = U[1] * w <= (V[0] - one) * u, U[0] * w > (V[1] - one) * u
        if yes or no:
            return yes
    total = sum(math.comb(N, i) * t**i * s ** (N - i) for i in range(x, N + 1))
    return bool(total * beta.denominator <= u * (t + s) ** N)


def bisect(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The largest i with holds(i), given holds(low), not holds(high), and one change."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def spelled(t: int) -> str:
    """t 2^-53 as float.hex spells it."""
    size = t.bit_length()
    return f"0x1.{(t << 53 >> size) - HALF:013x}p{size - 54:+d}" if t else "0x0.0p+0"


# int raises ValueError at 0-1, 1.0 and NaN
DECODER = json.JSONDecoder(parse_int=lambda x: int("0" + x), parse_float=int, parse_constant=int)
HEX = re.compile(r"0x0\.0p\+0|0x[01]\.([0-9a-f]{13})p(\+0|[+-][1-9][0-9]{0,3})")
ALPHA = re.compile(r"(?=.{3,40}\Z)[1-9][0-9]*/[1-9][0-9]*")


def are(kind: type, v: Any, most: int = MAX_LINE) -> bool:
    """A list of one type, no string too long; a boolean is not an integer."""
    fits = type(v) is list and len(v) <= most and {*map(type, v)} <= {kind}
    return bool(fits) and (kind is not str or all(len(text) <= MAX_NAME for text in v))


HEADER: dict[str, Rule] = {
    "format": ("bagcert-certificate/1",),
    "n": range(1, MAX_N + 1),
    "k": lambda v, h: type(v) is int and 0 < v <= MAX_POWER_BITS // h["n"].bit_length(),
    "classes": range(2, MAX_CLASSES + 1),
    "models": range(1, MAX_MODELS + 1),
    "examples": range(1, MAX_EXAMPLES + 1),
    "alpha": lambda v, _: ALPHA.fullmatch(str(v)) and str(Fraction(v)) == v and Fraction(v) < 1,
    "method": ("simuem", "cohen", "selected"),
    "scope": ("simultaneous", "each"),
    "attack": ("any", "modify", "delete", "insert"),
    "residual": ("paper", "none", "integral"),
    "class_names": lambda v, h: are(str, v) and len({*v}) == len(v) == h["classes"],
    "provenance": lambda v, _: type(v) is dict and are(str, [*v.values()], MAX_PROVENANCE),
}
ROW: dict[str, Rule] = {
    "index": range(MAX_N),
    "counts": lambda v, h: are(int, v) and (len(v), sum(v)) == (h["classes"], h["models"]),
    "abstain": ("selection", "bounds", "residual"),
    "label": lambda v, h: type(v) is int and 0 <= v < h["classes"],
    "p_lower": lambda v, _: type(v) is str and HEX.fullmatch(v),
    "p_upper": lambda v, _: type(v) is str and HEX.fullmatch(v),
    "radius": range(MAX_STATED),
    "worst_size": range(MAX_STATED),
    "truth": lambda v, h: type(v) is int and 0 <= v < h["classes"],
}
CERTIFIED = {key: ROW[key] for key in ROW if key != "abstain"}
ABSTAINED = {key: ROW[key] for key in ("index", "counts", "abstain", "truth")}
SUMMARY: dict[str, Rule] = {
    "count": lambda v, h: type(v) is int and v == h["examples"],
    "sha256": lambda v, h: v == h["sha256"],
    "certified_accuracy": lambda v, _: are(list, v) and all(are(int, x) for x in v),
}
OPTIONAL = {"class_names", "provenance", "worst_size", "truth", "certified_accuracy"}


def read(line: bytes, rules: dict[str, Rule], h: dict[str, Any] | None = None) -> dict[str, Any]:
    """The object on a line: the rules' keys, each value by its rule, all spelled canonically."""
    try:
        found = DECODER.decode(line.decode("ascii"))
    except (ValueError, RecursionError):
        found = None
    if type(found) is not dict:
        raise Fault(None, "is not one object of strings and integers in ASCII")
    for key, rule in rules.items():
        if key in found:
            v = found[key]
            listed = not callable(rule) and type(v) is type(rule[0]) and v in rule
            if not (rule(v, h or found) if callable(rule) else listed):
                raise Fault(key, f"is {v!a:.100}: wrong type, spelling, range or limit")
        elif key not in OPTIONAL:
            raise Fault(key, "is missing")
    ordered = {key: found[key] for key in rules if key in found}
    if json.dumps(ordered, separators=(",", ":")).encode() + b"\n" != line:
        raise Fault(None, "is not canonical: an unknown or repeated key, order, spacing, escapes")
    return found


def blocks(source: BinaryIO) -> Iterator[bytes]:
    """A file's text in bounded blocks: as it is, or out of exactly one gzip member."""
    block, inflate = source.read(BLOCK), zlib.decompressobj(wbits=31)
    if block[:2] != b"\x1f\x8b":
        yield block
        yield from iter(lambda: source.read(BLOCK), b"")
        return
    while not inflate.eof:
        text = inflate.decompress(block, BLOCK)
        if not text and not block:
            raise Fault(None, "the gzip member is truncated")
        yield text
        block = inflate.unconsumed_tail or source.read(BLOCK)
    if inflate.unused_data or block:
        raise Fault(None, "something follows the gzip member")


class Judge:
    """Every claim of a row, decided under one header."""

    def __init__(self, h: dict[str, Any]) -> None:
        self.n, self.k, self.N = int(h["n"]), int(h["k"]), int(h["models"])
        self.method, self.attack, self.residual = h["method"], h["attack"], h["residual"]
        c, e = h["classes"], h["examples"] if h["scope"] == "simultaneous" else 1
        a = Fraction(h["alpha"]) / e  # one example's level
        self.flip = a / (100 * (c - 1))  # beta', of the sign test
        selected = a - self.flip if c == 2 else (a - (c - 1) * self.flip) / 2
        self.beta = {"simuem": a / c, "cohen": a / 2, "selected": selected}[self.method]
        self.lists: int = self.n**self.k
        for name in ("sound", "selects", "reason", "judge_radius"):
            setattr(self, name, lru_cache(maxsize=CACHE)(getattr(self, name)))

    def sound(self, x: int, t: int) -> bool:
        """Whether t 2^-53 is a lower bound at beta for a count x; only 0 is for x = 0."""
        return t <= ONE and (t == 0 or (x > 0 and tail_at_most(self.N, x, t, self.beta)))

    def sound_above(self, n_s: int, t: int, t_l: int) -> bool:
        """Whether t 2^-53 bounds p_s: 1 - p_l does, and an upper bound at beta (not `cohen`)."""
        return t >= ONE - t_l or (self.method != "cohen" and self.sound(self.N - n_s, ONE - t))

    def selects(self, n_l: int, n_s: int) -> bool:
        """`selected` only: Pr(Bin(n_l + n_s, 1/2) >= n_l) <= beta'."""
        return self.method != "selected" or tail_at_most(n_l + n_s, n_l, HALF, self.flip)

    def gap(self, t_l: int, t_s: int) -> int:
        """G, rounded up where it is not an integer: an integer is below both or neither."""
        high, low = t_l * self.lists, t_s * self.lists
        ceilings = {"none": -((low - high) >> 53), "integral": -(-high >> 53) - (low >> 53)}
        return ceilings.get(self.residual, (high >> 53) + (-low >> 53))

    def left(self, r: int, size: int) -> int:
        """n'^k - 2 m^k + n^k of eq (4), m = max(0, max(n, n') - r)."""
        kept = max(0, max(self.n, size) - r)
        return int(size**self.k - 2 * kept**self.k + self.lists)

    def worst(self, r: int) -> int | None:
        """Eq (7): the n' that maximises (4), for r <= n; None where no such attack exists."""
        # Up to n' = n the left side rises; then it does while x^k - (x-1)^k exceeds
        # 2 ((x-r)^k - (x-r-1)^k), and the ratio of the two falls in x.
        n, top = self.n, self.n + r
        if self.attack != "any":
            return {"modify": n, "insert": top, "delete": n - r or None}[self.attack]
        return bisect(n, top + 1, lambda x: x <= top and self.left(r, x) > self.left(r, x - 1))

    def holds(self, r: int, G: int) -> bool:
        """Eq (4) for every n' that the attack allows; False where r exceeds every attack."""
        size = self.worst(r)
        return size is not None and self.left(r, size) < G

    def reason(self, n_l: int, n_s: int) -> str | None:
        """The first reason to abstain that applies."""
        if not self.selects(n_l, n_s):
            return "selection"
        q = ((n_l + n_s) << 52) // self.N  # at most HALF; mostly p_l <= q <= p_s shows at once
        if not self.sound(n_l, q + 1) and not self.sound_above(n_s, q - 1, HALF):
            return "bounds"
        t_l = bisect(0, ONE + 1, partial(self.sound, n_l))
        t_s = bisect(-1, ONE + 1, lambda t: not self.sound_above(n_s, t, t_l)) + 1
        return "bounds" if t_l <= t_s else "residual" if self.gap(t_l, t_s) <= 0 else None

    def judge(self, row: dict[str, Any]) -> None:
        """Raise the first false claim of a row whose structure is right."""
        counts, stated = row["counts"], row.get("abstain")
        n_l = max(counts)
        label = counts.index(n_l)
        n_s = max(counts[:label] + counts[label + 1 :])
        due = self.reason(n_l, n_s) if stated else None if self.selects(n_l, n_s) else "selection"
        if stated != due:
            raise Fault.invalid("abstain", stated or "absent", due or "a certificate")
        if stated:
            return
        if row["label"] != label:
            raise Fault.invalid("label", row["label"], label)
        t_l = self.judge_bound(row, "p_lower", 1, partial(self.sound, n_l))
        t_s = self.judge_bound(row, "p_upper", -1, lambda t: self.sound_above(n_s, t, t_l))
        self.judge_radius(row["radius"], row.get("worst_size"), t_l, t_s)

    @staticmethod
    def judge_bound(row: Any, field: str, step: int, sound: Callable[[int], bool]) -> int:
        """A stated bound as t: on the grid, sound (as all behind it), unsound a step further."""
        text, t = row[field], 0
        match = HEX.fullmatch(text)
        if match and match[1]:
            t = (HALF + int(match[1], 16)) << 53 >> max(0, 52 - int(match[2]))
        if t > ONE or spelled(t) != text:
            raise Fault.invalid(field, text, "a multiple of 2^-53 up to 1", "not on the grid")
        if not sound(t) or sound(t + step):
            how = "sound but not the tightest" if sound(t) else "unsound"
            last = bisect(0 - (step < 0), ONE + 1, lambda u: sound(u) is (step > 0))
            raise Fault.invalid(field, text, spelled(last + (step < 0)), how)
        return t

    def judge_radius(self, r: int, stated: int | None, t_l: int, t_s: int) -> None:
        """Eq (4) holds at r and fails at r + 1, where the stated n' is worst. Cached."""
        G = self.gap(t_l, t_s)
        if t_l <= t_s or G <= 0:
            raise Fault.invalid("abstain", "absent", "bounds" if t_l <= t_s else "residual")
        fits = r < self.n and self.holds(r, G)
        if not fits or self.holds(r + 1, G):
            due = bisect(0, self.n, lambda radius: self.holds(radius, G))
            raise Fault.invalid("radius", r, due, "sound but not maximal" if fits else "unsound")
        size = self.worst(r + 1)
        if stated != size:
            raise Fault.invalid("worst_size", stated or "absent", size or "absent")


class Examination:
    """One pass over one file, in memory that does not grow with e."""

    def __init__(self) -> None:
        self.line, self.rest, self.remark = 0, b"", NOT_JUDGED
        self.digest, self.correct = hashlib.sha256(), Counter[int]()

    def next_line(self, text: Iterator[bytes], limit: int = MAX_LINE) -> bytes:
        """The next line, of which no more than a block beyond the limit is read."""
        self.line += 1
        while b"\n" not in self.rest and len(self.rest) < limit:
            block = next(text, None)
            if block is None:
                raise Fault(None, "the line is cut short" if self.rest else "a line is missing")
            self.rest += block
        line, end, self.rest = self.rest.partition(b"\n")
        if len(line) >= limit:
            raise Fault(None, "the line is too long")
        return line + end

    def run(self, text: Iterator[bytes]) -> str:
        """Raise the first fault, in file order, or say what the file holds."""
        line = self.next_line(text)
        h = read(line, HEADER)
        each = h["alpha"] + (f" / {h['examples']}" if h["scope"] == "simultaneous" else "")
        more = f"(1 + 2/{h['classes']}) " if h["method"] == "simuem" and h["classes"] > 2 else ""
        self.remark += f"\nproven of each example: Pr(issued and wrong) <= {more}a, a = {each}"
        judge, last, labelled, abstained = Judge(h), -1, None, 0
        for _ in range(h["examples"]):
            self.digest.update(line)
            line = self.next_line(text)
            row = read(line, ABSTAINED if b'"abstain":' in line else CERTIFIED, h)
            if row["index"] <= last or labelled not in (None, "truth" in row):
                raise Fault("index", "must increase; and truth is on all rows or on none")
            judge.judge(row)
            last, labelled, abstained = row["index"], "truth" in row, abstained + ("abstain" in row)
            if labelled and row.get("label") == row["truth"]:
                self.correct[row["radius"]] += 1
        self.digest.update(line)
        line = self.next_line(text, max(MAX_LINE, 64 * len(self.correct) + 256))
        found = read(line, SUMMARY, h | {"sha256": self.digest.hexdigest()})
        radii = sorted(self.correct, reverse=True)
        totals = accumulate(self.correct[r] for r in radii)
        due = [[r, next(totals)] for r in radii][::-1]
        if labelled != ("certified_accuracy" in found):
            raise Fault("certified_accuracy", "must be there exactly where truth is")
        if labelled and found["certified_accuracy"] != due:
            raise Fault.invalid("certified_accuracy", "false", ascii(due)[:100])
        self.line += 1
        if self.rest or any(text):
            raise Fault(None, "something follows the summary")
        return f"{h['examples']} examples, {abstained} abstain"


def check(path: str | os.PathLike[str]) -> Verdict:
    """Whether every claim of a certificate file is true; whatever goes wrong is MALFORMED."""
    run = Examination()
    try:
        with open(path, "rb") as source:
            status, line, field, message = "VALID", None, None, run.run(blocks(source))
    except Fault as fault:
        (field, message, status), line = (*fault.args, "MALFORMED")[:3], run.line
    except Exception as error:
        status, line, field = "MALFORMED", run.line or None, None
        message = f"{type(error).__name__} {str(error)!a:.100}"
    return Verdict(status, line, field, message, run.remark)


def main(argv: list[str] | None = None) -> int:
    """Print the verdict on one file; 0 VALID, 1 INVALID, 2 MALFORMED, 130 interrupted."""
    parser = argparse.ArgumentParser(description="Decide whether a certificate file is true.")
    parser.add_argument("certificate", help="a .jsonl file, or one gzip member of it")
    try:
        verdict = check(parser.parse_args(argv).certificate)
        print(verdict, flush=True)
        print(verdict.remark, file=sys.stderr)
        return verdict.exit_status
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())

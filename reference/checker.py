"""The trusted kernel: decides whether a certificate file is true.

`VALID`: canonical, and every claim is true under the file's own header: labels, abstentions,
bounds that are sound and the tightest, radii that are sound (eq 4) and maximal. `INVALID`: the
first fault is a false claim. `MALFORMED`: not a certificate, or more work than its length allows.
Alone: `python3 -I checker.py cert.jsonl[.gz]`. Standard library and integers only; no tolerance.
Letters: n training examples, k drawn, n' the poisoned size, r a radius, m kept, G the gap in
lists, N models, c classes, e examples, x a count, alpha the whole budget, a what one example
gets of it. The integer t is the probability t 2^-53. MATHEMATICS.md has the theorems.
"""

import sys

if __name__ == "__main__" and not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
    del sys.path[0]  # the script's own folder may hold a stranger's json.py

import argparse
import bisect
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
from typing import Any, BinaryIO, NamedTuple

# --- limits ------------------------------------------------------------------------------------

MAX_N, MAX_MODELS, MAX_CLASSES, MAX_EXAMPLES = 10**12, 10**6, 2**16, 10**8
MAX_POWER_BITS = 2**20  # of k * bit_length(n): the length of what eq (4) compares
MAX_DIGITS, MAX_ALPHA = 20, 40  # characters of any integer; of alpha, spelled p/q
MAX_TEXT, MAX_PROVENANCE = 256, 64  # characters of a name, key or note; keys of provenance
MAX_LINE, MAX_RADII = 2**20, 2**20  # bytes with the newline; distinct radii of correct rows
SUMMARY_BYTES, RADIUS_BYTES = 256, 64  # a summary may have so many more for each distinct radius
MAX_WORK, WORK_PER_BYTE = 3 * 10**6, 20  # steps of a sum or power, for any file and a byte of text
BLOCK, CACHE, STRIDE = 2**16, 2**15, 32  # bytes read at once; entries kept; factorials between two
TAIL_BITS, POWER_BITS, SHORT = 96, 128, 4096  # first precision of a tail; of eq (4); never cut
ONE, HALF = 1 << 53, 1 << 52
NOT_JUDGED = "not judged: counts, n and k are taken as given; provenance; names; truth labels"


class Verdict(NamedTuple):
    """What the kernel decided, and where; `remark`: what it did not, and what VALID proves."""

    status: str
    line: int | None
    field: str | None
    message: str
    remark: str = NOT_JUDGED

    @property
    def exit_status(self) -> int:
        """0 VALID, 1 INVALID, 2 MALFORMED."""
        return ("VALID", "INVALID", "MALFORMED").index(self.status)

    def __str__(self) -> str:
        line = f"line {self.line}" if self.line else None
        place = ", ".join(filter(None, (line, self.field)))
        return " ".join(filter(None, (self.status, place and f"{place}:", self.message)))


class Fault(Exception):
    """The first reason why a file is not VALID."""

    def __init__(self, field: str | None, message: str, status: str = "MALFORMED") -> None:
        super().__init__(field, message)
        self.field, self.message, self.status = field, message, status

    @classmethod
    def invalid(cls, field: str, stated: object, due: object, how: str = "") -> "Fault":
        """A false claim, and what should stand there."""
        return cls(field, f"is {stated}, should be {due}{how and f' ({how})'}", "INVALID")


Spend = Callable[[int, int], object]  # steps of a sum or a power, and the bits of their numbers
Seen = Callable[..., object]  # what a caller does with what was read


def ignore(*_: object) -> None:
    """Do nothing with it."""


# --- enclosures: large numbers known by their leading bits ----------------------------------------
Between = tuple[int, int, int]  # low, high, shift: a number from low 2^shift to high 2^shift


def cut(low: int, high: int, shift: int, bits: int) -> Between:
    """The ends cut to some `bits` bits, outward; what is exact and fits stays exact."""
    excess = max(0, high.bit_length() - bits)
    return low >> excess, -(-high >> excess), shift + excess


def product(bits: int, v: Between, *others: Between) -> Between:
    """v times all others, none of them negative."""
    for low, high, shift in others:
        v = cut(v[0] * low, v[1] * high, v[2] + shift, bits)
    return v


def power(base: int, exponent: int, bits: int) -> Between:
    """base^exponent, base >= 0: squared for each bit of the exponent, and multiplied for a 1."""
    if exponent * base.bit_length() <= SHORT:
        return base**exponent, base**exponent, 0
    low, high, shift = 1, 1, 0
    for digit in f"{exponent:b}":
        factor = base if digit == "1" else 1
        low, high, shift = cut(low**2 * factor, high**2 * factor, 2 * shift, bits)
    return low, high, shift


def total(*terms: tuple[int, Between]) -> Between:
    """The sum of factor * v over (factor, v), which may be negative."""
    unit = max(shift for _, (_, _, shift) in terms)
    least = most = 0
    for factor, (low, high, shift) in terms:
        ends = sorted((factor * low, factor * high))
        least += ends[0] >> (unit - shift)
        most += -(-ends[1] >> (unit - shift))
    return least, most, unit


# --- tails of the binomial distribution ----------------------------------------------------------
@lru_cache(maxsize=64)
def factorials(length: int, bits: int) -> tuple[Between, ...]:
    """0!, 32!, 64!, ... up to 2^length."""
    found = [(1, 1, 0)]
    for i in range(0, 1 << length, STRIDE):
        factors = math.prod(range(i + 1, i + STRIDE + 1))
        found.append(product(bits, found[-1], (factors, factors, 0)))
    return tuple(found)


def factorial(n: int, bits: int) -> Between:
    """n!, from the last one that is kept."""
    rest = math.prod(range(n - n % STRIDE + 1, n + 1))
    return product(bits, factorials(n.bit_length(), bits)[n // STRIDE], (rest, rest, 0))


def hazard(N: int, x: int, t: int, s: int, bits: int, steps: int) -> Between:
    """Pr(X = x) / Pr(X >= x) for X ~ Bin(N, t/(t+s)), by Gauss's continued fraction.

    It is 1 - w_1, w_j = c_j / (1 + d_j / (1 - w_{j+1})), with y = x + 2j,
    c_j = (N-x-j+1)(x+j-1) t / ((y-2)(y-1) s) and d_j = j(N+j) t / ((y-1) y s)
    (Uspensky, Introduction to Mathematical Probability, 1937, ch. III). If c_1 <= 1, then c_j
    falls in j, 0 <= w_j <= c_j, and w_j falls as w_{j+1} rises: so ends of one are ends of all.
    """
    steps = min(steps, N - x)
    y = x + 2 * steps
    w_low, w_high = 0, -(-((N - x - steps) * (x + steps) * t << bits) // (y * (y + 1) * s))
    for j in range(steps, 0, -1):
        y = x + 2 * j
        c = (N - x - j + 1) * (x + j - 1) * t * y << bits
        d, e = j * (N + j) * t << bits, y * (y - 1) * s
        v_low, v_high = (1 << bits) - w_high, (1 << bits) - w_low
        w_low = c * v_low // ((y - 2) * (v_low * e + d))
        w_high = -(-c * v_high // ((y - 2) * (v_high * e + d)))
    return (1 << bits) - w_high, (1 << bits) - w_low, -bits


def tail_at_most(N: int, x: int, t: int, beta: Fraction, spend: Spend = ignore) -> bool:
    """Whether Pr(Bin(N, p) >= x) <= beta, for 0 < x <= N, 0 < p = t 2^-53 < 1 and 0 < beta < 1.

    That is, whether N! p^x (1-p)^(N-x) <= beta x! (N-x)! hazard: decided, never guessed.
    """
    if t == HALF and 2 * x == N + 1:  # the median: a tie at any N
        return beta >= Fraction(1, 2)
    t, s = t // (t & -t), (ONE - t) // (t & -t)
    below = (N - x) * t > (x + 1) * s  # the mode, where the terms rise first
    if below:  # whether Pr(Bin(N, 1-p) >= N-x+1) >= 1 - beta
        x, t, s, beta = N - x + 1, s, t, 1 - beta
    scale = (1, 1, N * ((t + s).bit_length() - 1))  # (t + s)^N
    away = (x * (t + s) - N * t) ** 2  # z standard deviations: 300 / z^2 steps mostly do
    most = 18 * math.isqrt(math.isqrt(N))
    bits, steps = TAIL_BITS, 16 + min(most, 300 * N * t * s // max(away, 1))
    while bits < 64 * N:
        spend(100 + min(steps, N - x), bits)  # the first for the powers and factorials
        mass = product(bits, factorial(N, bits), power(t, x, bits), power(s, N - x, bits))
        parts = factorial(x, bits), factorial(N - x, bits), hazard(N, x, t, s, bits, steps)
        due = product(bits, scale, *parts)
        low, high, _ = total((beta.numerator, due), (-beta.denominator, mass))
        if low > 0 or high < 0:
            return (low > 0) != below
        bits, steps = 2 * bits, 2 * steps
    spend(N, bits)  # the exact sum is no longer than the precision
    exact = sum(math.comb(N, i) * t**i * s ** (N - i) for i in range(x, N + 1))
    difference: int = beta.numerator * (t + s) ** N - beta.denominator * exact
    return difference == 0 or (difference > 0) != below


# --- the format ----------------------------------------------------------------------------------
def natural(digits: str) -> int:
    """An integer of a JSON text: no sign, no more than 20 digits; other numbers are refused."""
    if len(digits) > MAX_DIGITS or not digits.isdigit():
        raise ValueError
    return int(digits)


DECODER = json.JSONDecoder(parse_int=natural, parse_float=lambda _: None, parse_constant=natural)
HEX = re.compile(r"0x0\.0p\+0|0x[01]\.[0-9a-f]{13}p(\+0|[+-][1-9][0-9]{0,3})")
ALPHA = re.compile(r"[1-9][0-9]*/[1-9][0-9]*")
PAIR = re.compile(rb"\[(0|[1-9][0-9]{0,19}),(0|[1-9][0-9]{0,19})\](?:,(?=\[)|(?=\]))")


def whole(v: Any, low: int, high: int) -> bool:
    """An integer from low to high; a boolean is none."""
    return type(v) is int and low <= v <= high


def texts(v: Any, most: int) -> bool:
    """A list of at most so many strings, none too long."""
    fits = type(v) is list and len(v) <= most
    return fits and all(type(text) is str and len(text) <= MAX_TEXT for text in v)


def is_alpha(v: Any) -> bool:
    """A rational p/q in lowest terms, between 0 and 1."""
    fits = type(v) is str and len(v) <= MAX_ALPHA and ALPHA.fullmatch(v) is not None
    return fits and str(Fraction(v)) == v and Fraction(v) < 1


Rule = Callable[[Any, dict[str, Any]], bool]  # of a value, and the header as far as it is read
HEADER: dict[str, Rule] = {
    "format": lambda v, h: v == "bagcert-certificate/1",
    "n": lambda v, h: whole(v, 1, MAX_N),
    "k": lambda v, h: whole(v, 1, MAX_POWER_BITS // h["n"].bit_length()),
    "classes": lambda v, h: whole(v, 2, MAX_CLASSES),
    "models": lambda v, h: whole(v, 1, MAX_MODELS),
    "examples": lambda v, h: whole(v, 1, MAX_EXAMPLES),
    "alpha": lambda v, h: is_alpha(v),
    "method": lambda v, h: v in ("simuem", "cohen", "selected"),
    "scope": lambda v, h: v in ("simultaneous", "each"),
    "attack": lambda v, h: v in ("any", "modify", "delete", "insert"),
    "residual": lambda v, h: v in ("paper", "none", "integral"),
    "class_names": lambda v, h: texts(v, h["classes"]) and len({*v}) == h["classes"],
    "provenance": lambda v, h: type(v) is dict and texts([*v, *v.values()], 2 * MAX_PROVENANCE),
}
ROW: dict[str, Rule] = {
    "index": lambda v, h: whole(v, 0, MAX_N - 1),
    "counts": lambda v, h: type(v) is list and len(v) == h["classes"] and {*map(type, v)} == {int},
    "abstain": lambda v, h: v in ("selection", "bounds", "residual"),
    "label": lambda v, h: whole(v, 0, h["classes"] - 1),
    "p_lower": lambda v, h: type(v) is str and HEX.fullmatch(v) is not None,
    "p_upper": lambda v, h: type(v) is str and HEX.fullmatch(v) is not None,
    "radius": lambda v, h: type(v) is int,
    "worst_size": lambda v, h: type(v) is int,
    "truth": lambda v, h: whole(v, 0, h["classes"] - 1),
}
CERTIFIED = {key: ROW[key] for key in ROW if key != "abstain"}
ABSTAINED = {key: ROW[key] for key in ("index", "counts", "abstain", "truth")}
SUMMARY: dict[str, Rule] = {
    "count": lambda v, h: whole(v, h["examples"], h["examples"]),
    "sha256": lambda v, h: v == h["sha256"],
}
OPTIONAL = {"class_names", "provenance", "worst_size", "truth"}


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
            if not rule(found[key], h or found):
                raise Fault(key, f"is {found[key]!a:.100}: wrong type, spelling, range or limit")
        elif key not in OPTIONAL:
            raise Fault(key, "is missing")
    ordered = {key: found[key] for key in rules if key in found}
    if json.dumps(ordered, separators=(",", ":")).encode() + b"\n" != line:
        raise Fault(None, "is not canonical: an unknown or repeated key, order, spacing, escapes")
    return ordered


def spelled(t: int) -> str:
    """t 2^-53 as float.hex spells it."""
    if t == 0:
        return "0x0.0p+0"
    size = t.bit_length()
    return f"0x1.{(t << 53 >> size) - HALF:013x}p{size - 54:+d}"


def grid_point(text: str) -> int | None:
    """The t from 0 to 2^53 that a text of the form HEX spells, if there is one."""
    if text == spelled(0):
        return 0
    digits, exponent = text[4:].split("p")
    t = (HALF + int(digits, 16)) << 53 >> max(0, 52 - int(exponent))
    return t if t <= ONE and spelled(t) == text else None


# --- the claims of a row, under one header -------------------------------------------------------
class Judge:
    """Every claim of a row, decided under one header."""

    def __init__(self, h: dict[str, Any], spend: Spend = ignore) -> None:
        self.n, self.k, self.N = int(h["n"]), int(h["k"]), int(h["models"])
        self.method, self.attack, self.residual = h["method"], h["attack"], h["residual"]
        self.flip, self.beta = levels(h)
        self.spend, self.tail = spend, partial(tail_at_most, spend=spend)
        self.lists = lru_cache(maxsize=1)(partial(power, self.n, self.k))  # n^k
        self.sound = lru_cache(maxsize=CACHE)(self.is_sound)
        self.selects = lru_cache(maxsize=CACHE)(self.is_selected)
        self.reason = lru_cache(maxsize=CACHE)(self.first_reason)
        self.worst = lru_cache(maxsize=CACHE)(self.worst_size)
        self.judge_radius = lru_cache(maxsize=CACHE)(self.check_radius)

    def is_sound(self, x: int, t: int) -> bool:
        """Whether t 2^-53 is a lower bound at beta for a count x; only 0 is for x = 0."""
        return t == 0 or (t < ONE and x > 0 and self.tail(self.N, x, t, self.beta))

    def opposed(self, n_l: int, n_s: int) -> int:
        """The count x with p_s = 1 - lower(x).

        p_s is 1 - p_l (`cohen`), or the least of it and the upper bound 1 - lower(N - n_s): that
        is the latter, as N - n_s >= n_l.
        """
        return n_l if self.method == "cohen" else self.N - n_s

    def judge_bound(self, field: str, text: str, x: int) -> int:
        """A stated bound as t: on the grid, sound and the tightest; p_upper by 1 - lower(x)."""
        t = grid_point(text)
        if t is None:
            raise Fault.invalid(field, text, "a multiple of 2^-53 up to 1", "not on the grid")
        lower = t if field == "p_lower" else ONE - t
        if not self.sound(x, lower) or self.sound(x, lower + 1):
            best = bisect.bisect(range(1, ONE), False, key=lambda u: not self.sound(x, u))
            due = spelled(best if field == "p_lower" else ONE - best)
            how = "unsound" if lower > best else "sound but not the tightest"
            raise Fault.invalid(field, text, due, how)
        return t

    def is_selected(self, n_l: int, n_s: int) -> bool:
        """`selected` only: whether Pr(Bin(n_l + n_s, 1/2) >= n_l) <= beta'."""
        return self.method != "selected" or self.tail(n_l + n_s, n_l, HALF, self.flip)

    def apart(self, n_l: int, n_s: int, steps: int) -> bool:
        """Whether p_s <= j/steps and (j+1)/steps <= p_l for some integer j."""
        low, high = 0, steps - 1
        j = (n_l + n_s) * steps // (2 * self.N)  # the first one mostly decides
        while low <= high:
            above = self.sound(n_l, -(-(j + 1) * ONE // steps))
            below = self.sound(self.opposed(n_l, n_s), ONE - j * ONE // steps)
            if above == below:  # if neither: no larger j is above, no smaller one is below
                return above
            low, high = (j + 1, high) if above else (low, j - 1)
            j = (low + high) // 2
        return False

    def first_reason(self, n_l: int, n_s: int) -> str | None:
        """The first reason to abstain that applies."""
        if not self.selects(n_l, n_s):
            return "selection"
        if not self.apart(n_l, n_s, ONE):  # p_l <= p_s
            return "bounds"
        # Now p_l - p_s >= 2^-53. G <= 0 is left to `paper`, and to fewer than 2^54 lists.
        few = self.residual == "paper" and self.k * (self.n.bit_length() - 1) < 54
        if few and not self.apart(n_l, n_s, self.n**self.k):
            return "residual"
        return None

    def gap(self, t_l: int, t_s: int, bits: int) -> Between:
        """G for p_l > p_s; rounded up where it is no integer, as it is compared with integers."""
        low, high, shift = self.lists(bits)
        if shift > 0:  # G differs from (p_l - p_s) n^k by less than 2
            lead = t_l - t_s
            return (low * lead >> 53) - 2, -(-high * lead >> 53) + 2, shift
        if self.residual == "none":
            G = -(-low * (t_l - t_s) >> 53)
        elif self.residual == "integral":
            G = -(-low * t_l >> 53) - (low * t_s >> 53)
        else:
            G = (low * t_l >> 53) + (-low * t_s >> 53)
        return G, G, 0

    def left(self, r: int, size: int, bits: int) -> Between:
        """The left side of (4), n'^k - 2 m^k + n^k < G with m = max(n, n') - r."""
        kept = power(max(self.n, size) - r, self.k, bits)
        return total((1, power(size, self.k, bits)), (-2, kept), (1, self.lists(bits)))

    def larger(self, v: Callable[[int], Between], w: Callable[[int], Between]) -> bool:
        """Whether v > w, for integers known to any number of bits: more, until it is decided."""
        bits = POWER_BITS
        while True:
            self.spend(8 * self.k.bit_length(), bits)
            low, high, _ = total((1, v(bits)), (-1, w(bits)))
            if low > 0 or high <= 0:
                return low > 0
            bits *= 4

    def size(self, r: int) -> int:
        """The one n' of an attack of one kind; that of a modification for `any`."""
        if self.attack == "insert":
            return self.n + r
        if self.attack == "delete":
            return self.n - r
        return self.n

    def holds(self, r: int, t_l: int, t_s: int) -> bool:
        """Eq (4) for every n' that the attack allows; at r = 0 it says that G > 0.

        If modification is survived, no attack is worse: so `any` holds where `modify` does. At
        r >= n the left side is at least n^k, and G is not more.
        """
        if r >= self.n:
            return False
        return self.larger(partial(self.gap, t_l, t_s), partial(self.left, r, self.size(r)))

    def worst_size(self, r: int) -> int | None:
        """Eq (7): the n' that maximises the left side of (4), 0 < r <= n; None if there is none.

        Up to n' = n it rises. Then it does while x^k - (x-1)^k exceeds 2 ((x-r)^k - (x-r-1)^k),
        and the ratio of the two falls in x.
        """
        if self.attack != "any" or not self.rises(r, self.n + 1):
            return self.size(r) or None
        sizes = range(self.n + 1, self.n + r + 1)
        return self.n + bisect.bisect(sizes, False, key=lambda x: not self.rises(r, x))

    def rises(self, r: int, x: int) -> bool:
        """Whether the left side of (4) is larger at n' = x than at n' = x - 1."""
        return self.larger(partial(self.left, r, x), partial(self.left, r, x - 1))

    def check_radius(self, r: int, size: int | None, t_l: int, t_s: int) -> None:
        """Eq (4) holds at r and fails at r + 1, where the stated n' is worst."""
        fits = self.holds(r, t_l, t_s)
        if not fits and not self.holds(0, t_l, t_s):
            raise Fault.invalid("abstain", "absent", "residual")
        if not fits or self.holds(r + 1, t_l, t_s):
            due = bisect.bisect(range(1, self.n), False, key=lambda i: not self.holds(i, t_l, t_s))
            raise Fault.invalid("radius", r, due, "sound but not maximal" if fits else "unsound")
        if size != self.worst(r + 1):
            raise Fault.invalid("worst_size", size or "absent", self.worst(r + 1) or "absent")

    def judge(self, row: dict[str, Any]) -> None:
        """Raise the first false claim of a row whose structure is right."""
        counts = row["counts"]
        n_l = max(counts)
        label = counts.index(n_l)  # the first of equal counts
        n_s = max(counts[:label] + counts[label + 1 :])
        if "abstain" in row:
            due = self.reason(n_l, n_s)
            if row["abstain"] != due:
                raise Fault.invalid("abstain", row["abstain"], due or "a certificate")
            return
        if not self.selects(n_l, n_s):
            raise Fault.invalid("abstain", "absent", "selection")
        if row["label"] != label:
            raise Fault.invalid("label", row["label"], label)
        t_l = self.judge_bound("p_lower", row["p_lower"], n_l)
        t_s = self.judge_bound("p_upper", row["p_upper"], self.opposed(n_l, n_s))
        if t_l <= t_s:
            raise Fault.invalid("abstain", "absent", "bounds")
        self.judge_radius(row["radius"], row.get("worst_size"), t_l, t_s)


def levels(h: dict[str, Any]) -> tuple[Fraction, Fraction]:
    """beta' of each sign test, and beta of each bound."""
    a, c = Fraction(h["alpha"]), h["classes"]
    if h["scope"] == "simultaneous":
        a /= h["examples"]
    flip = a / (100 * (c - 1))
    if h["method"] == "selected":  # at c = 2 both bounds fail together
        return flip, (a - (c - 1) * flip) / min(c - 1, 2)
    return flip, a / (c if h["method"] == "simuem" else 2)


def proven(h: dict[str, Any]) -> str:
    """The level that is proven of each example of a VALID file (claim `simuem-sign-tests`)."""
    more = f"(1 + 1/{h['classes']}) " if h["method"] == "simuem" and h["classes"] > 2 else ""
    each = f" / {h['examples']}" if h["scope"] == "simultaneous" else ""
    return f"proven of each example: Pr(issued and wrong) <= {more}a, a = {h['alpha']}{each}"


# --- one file ------------------------------------------------------------------------------------
def blocks(source: BinaryIO) -> Iterator[bytes]:
    """A file's text in bounded blocks: as it is, or out of exactly one gzip member."""
    block = source.read(BLOCK)
    if block[:2] != b"\x1f\x8b":
        yield block
        yield from iter(lambda: source.read(BLOCK), b"")
        return
    inflate = zlib.decompressobj(wbits=31)
    while not inflate.eof:
        text = inflate.decompress(block, BLOCK)
        if not text and not block:
            raise Fault(None, "the gzip member is truncated")
        yield text
        block = inflate.unconsumed_tail or source.read(BLOCK)
    if inflate.unused_data or block:
        raise Fault(None, "something follows the gzip member")


class Examination:
    """One pass over one file, in memory that grows with the distinct radii, and not with e."""

    def __init__(self, source: BinaryIO) -> None:
        self.line, self.size, self.work, self.abstained, self.limit = 0, 0, 0, 0, MAX_LINE
        self.lines = self.split(blocks(source))
        self.correct = Counter[int]()  # the radii of the rows that certify their truth

    def spend(self, steps: int, bits: int) -> None:
        """Count work, weighed from 512 bits on; more than the text so far allows is refused."""
        self.work += steps * (1 + math.isqrt((bits >> 9) ** 3))
        if self.work > MAX_WORK + WORK_PER_BYTE * self.size:
            raise Fault(None, f"more work than {MAX_WORK} steps and {WORK_PER_BYTE} a byte of text")

    def split(self, text: Iterator[bytes]) -> Iterator[bytes]:
        """The lines; only the last one may lack its newline, or exceed the limit by a block."""
        rest = b""
        for block in text:
            *lines, rest = (rest + block).split(b"\n")
            yield from (line + b"\n" for line in lines)
            if len(rest) >= self.limit:
                break
        yield rest

    def next_line(self) -> bytes:
        """The next line, which must be there, within the limit, and whole."""
        self.line += 1
        line = next(self.lines, b"")
        self.size += len(line)
        if len(line.removesuffix(b"\n")) >= self.limit:
            raise Fault(None, f"the line is longer than {self.limit} bytes")
        if not line.endswith(b"\n"):
            raise Fault(None, "the line is cut short" if line else "a line is missing")
        return line

    def rows(self) -> Iterator[dict[str, Any]]:
        """The header, then each true row. Raises the first fault, at the latest at the end."""
        line = self.next_line()
        h = self.header = read(line, HEADER)
        yield dict(h)
        judge, digest = Judge(h, self.spend), hashlib.sha256(line)
        index, labelled = -1, None
        while self.line <= h["examples"]:
            line = self.next_line()
            row = read(line, ABSTAINED if b'"abstain":' in line else CERTIFIED, h)
            if sum(row["counts"]) != h["models"]:
                raise Fault("counts", f"must sum to models = {h['models']}")
            if row["index"] <= index or labelled not in (None, "truth" in row):
                raise Fault("index", "must increase; and truth is on all rows or on none")
            judge.judge(row)
            digest.update(line)
            index, labelled = row["index"], "truth" in row
            self.abstained += "abstain" in row
            if labelled and row.get("label") == row["truth"]:
                self.correct[row["radius"]] += 1
            if len(self.correct) > MAX_RADII:
                raise Fault("radius", f"correct rows have more than {MAX_RADII} distinct radii")
            yield row
        self.limit = max(MAX_LINE, SUMMARY_BYTES + RADIUS_BYTES * len(self.correct))
        start, found, text = self.next_line().partition(b',"certified_accuracy":[')
        read(start + b"}\n" if found else start, SUMMARY, h | {"sha256": digest.hexdigest()})
        if labelled != bool(found):
            raise Fault("certified_accuracy", "must be there exactly where truth is")
        if found:
            self.judge_accuracies(text)
        self.line += 1
        if next(self.lines, b""):
            raise Fault(None, "something follows the summary")

    def judge_accuracies(self, text: bytes) -> None:
        """[r, correct rows with a radius >= r], for each distinct radius, to the end of a line."""
        due, rows, place, true = iter(sorted(self.correct)), self.correct.total(), 0, True
        for pair in PAIR.finditer(text):
            if pair.start() != place:
                break
            place, r = pair.end(), next(due, -1)
            true = true and (r, rows) == (int(pair[1]), int(pair[2]))
            rows -= self.correct[r]
        if text[place:] != b"]}\n":
            raise Fault("certified_accuracy", "is not a list of pairs in canonical spelling")
        if not true or next(due, None) is not None:
            first = [min(self.correct), self.correct.total()] if self.correct else "no pair"
            raise Fault.invalid("certified_accuracy", "false", f"that of the rows, from {first} on")


def check_stream(source: BinaryIO, on_header: Seen = ignore, on_row: Seen = ignore) -> Verdict:
    """Whether every claim is true of a buffered stream, which is read once, to the first fault.

    `on_header(header)` is called when the header is read, `on_row(header, row)` when a row is
    found true: a caller sees what was judged. That affects no verdict, and only the verdict says
    whether the whole is true. What they raise is raised.
    """
    examination = Examination(source)
    rows = examination.rows()
    header = None
    while True:
        try:
            row = next(rows, None)
        except Fault as fault:
            return Verdict(fault.status, examination.line, fault.field, fault.message)
        except Exception as error:
            return Verdict("MALFORMED", examination.line, None, f"cannot be read: {error!a:.100}")
        if row is None:
            h = examination.header
            text = f"{h['examples']} examples, {examination.abstained} abstain"
            return Verdict("VALID", None, None, text, f"{NOT_JUDGED}\n{proven(h)}")
        if header is None:
            header = row
            on_header(header)
        else:
            on_row(header, row)


def check(path: str | os.PathLike[str]) -> Verdict:
    """As `check_stream`, of the file of that name. Opening a FIFO waits for its writer."""
    try:
        with open(path, "rb") as source:
            return check_stream(source)
    except FileNotFoundError:
        return Verdict("MALFORMED", None, None, "cannot be opened: no such file")
    except (OSError, ValueError) as error:
        return Verdict("MALFORMED", None, None, f"cannot be opened: {error!a:.100}")


def told(text: object, stream: Any) -> bool:
    """Whether a text could be printed: not so on a full disk, or where nobody reads."""
    try:
        print(text, file=stream, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # where the rest goes at exit
        return False
    return True


def main(argv: list[str] | None = None) -> int:
    """Print the verdict on one file; 0 VALID, 1 INVALID, 2 MALFORMED, 130 interrupted."""
    parser = argparse.ArgumentParser(description="Decide whether a certificate file is true.")
    parser.add_argument("certificate", help="a .jsonl file, or one gzip member of it")
    try:
        verdict = check(parser.parse_args(argv).certificate)
    except KeyboardInterrupt:
        return 130
    if not told(verdict, sys.stdout):
        told("the verdict cannot be written to standard output", sys.stderr)
        return 2
    told(verdict.remark, sys.stderr)
    return verdict.exit_status


if __name__ == "__main__":
    sys.exit(main())

"""Certificate files by formulas of their own: exact sums, exhaustive scans, no import of bagcert.

Slow and plain on purpose. What is due by the header and the counts is computed here from the
definitions in reference/FORMAT.md, for small n, k and N.
"""

import hashlib
import json
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from math import ceil, comb, floor
from typing import Any

ONE = 2**53

#: A header; files override what they are about.
SELECTED: dict[str, Any] = {
    "format": "bagcert-certificate/1",
    "n": 50,
    "k": 3,
    "classes": 3,
    "models": 20,
    "examples": 0,
    "alpha": "1/10",
    "method": "selected",
    "scope": "each",
    "attack": "any",
    "residual": "paper",
}

Made = tuple[dict[str, Any], list[dict[str, Any]], list[list[int]] | None]


@cache
def exact_tail(N: int, x: int, t: int, one: int = ONE) -> Fraction:
    """Pr(Bin(N, t / one) >= x)."""
    total = sum(comb(N, i) * t**i * (one - t) ** (N - i) for i in range(max(x, 0), N + 1))
    return Fraction(total, one**N)


@cache
def exact_lower(N: int, x: int, beta: Fraction) -> int:
    """The largest t with Pr(Bin(N, t 2^-53) >= x) <= beta; 0 at x = 0."""
    if x == 0:
        return 0
    low, high = 0, ONE
    while high - low > 1:
        mid = (low + high) // 2
        low, high = (mid, high) if exact_tail(N, x, mid) <= beta else (low, mid)
    return low


def scan_left(n: int, k: int, r: int, size: int) -> int:
    """The left side of eq (4)."""
    return int(size**k - 2 * max(0, max(n, size) - r) ** k + n**k)


def scan_sizes(n: int, r: int, attack: str) -> list[int]:
    """Every n' of the attack for which some m has max(n, n') - m <= r."""
    if attack == "modify":
        return [n]
    if attack == "delete":
        return [n - r] if n - r >= 1 else []
    return [n + r] if attack == "insert" else list(range(max(1, n - r), n + r + 1))


@cache
def scan_radius(n: int, k: int, gap: Fraction, attack: str) -> tuple[int, int | None]:
    """The first radius at which eq (4) fails, less 1, and the n' at which it fails most."""
    r = -1
    while sizes := scan_sizes(n, r + 1, attack):
        if not all(scan_left(n, k, r + 1, size) < gap for size in sizes):
            break
        r += 1
    if not sizes:
        return r, None
    best = max(scan_left(n, k, r + 1, size) for size in sizes)
    (worst,) = [size for size in sizes if scan_left(n, k, r + 1, size) == best]
    return r, worst


def exact_gap(residual: str, p_l: Fraction, p_s: Fraction, lists: int) -> Fraction:
    """G."""
    if residual == "none":
        return (p_l - p_s) * lists
    first, second = (floor, ceil) if residual == "paper" else (ceil, floor)
    return Fraction(first(p_l * lists) - second(p_s * lists))


def exact_level(head: dict[str, Any]) -> tuple[Fraction, Fraction]:
    """beta' of a sign test, and beta of a bound."""
    c = head["classes"]
    a = Fraction(head["alpha"]) / (head["examples"] if head["scope"] == "simultaneous" else 1)
    flip = a / (100 * (c - 1))
    if head["method"] == "selected":
        return flip, a - flip if c == 2 else (a - (c - 1) * flip) / 2
    return flip, a / 2 if head["method"] == "cohen" else a / c


def exact_bounds(head: dict[str, Any], counts: Sequence[int]) -> tuple[int, int, int]:
    """The label, and p_l and p_s on the grid."""
    N, c = head["models"], head["classes"]
    _, beta = exact_level(head)
    label = max(range(c), key=lambda j: (counts[j], -j))
    t_l = exact_lower(N, counts[label], beta)
    uppers = [ONE - exact_lower(N, N - counts[j], beta) for j in range(c) if j != label]
    t_s = ONE - t_l if head["method"] == "cohen" else min(max(uppers), ONE - t_l)
    return label, t_l, t_s


def exact_claim(head: dict[str, Any], counts: Sequence[int]) -> dict[str, Any]:
    """What a row with these counts must say after them."""
    first, second = sorted(counts)[:-3:-1]
    flip, _ = exact_level(head)
    if head["method"] == "selected" and exact_tail(first + second, first, 1, 2) > flip:
        return {"abstain": "selection"}
    label, t_l, t_s = exact_bounds(head, counts)
    p_l, p_s = Fraction(t_l, ONE), Fraction(t_s, ONE)
    gap = exact_gap(head["residual"], p_l, p_s, head["n"] ** head["k"])
    if p_l <= p_s or gap <= 0:
        return {"abstain": "bounds" if p_l <= p_s else "residual"}
    radius, worst = scan_radius(head["n"], head["k"], gap, head["attack"])
    claim = {"label": label, "p_lower": hexed(t_l), "p_upper": hexed(t_s), "radius": radius}
    return claim if worst is None else claim | {"worst_size": worst}


def hexed(t: int) -> str:
    """t 2^-53 as the file spells it: Python's own spelling of a float that is exact."""
    return (t / ONE).hex()


def dump(value: object) -> bytes:
    """A line."""
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def seal(lines: Sequence[bytes], accuracy: object = None) -> bytes:
    """A file of these lines, whatever they say, and a summary that fits them."""
    body = b"".join(lines)
    end: dict[str, Any] = {"count": len(lines) - 1, "sha256": hashlib.sha256(body).hexdigest()}
    return body + dump(end if accuracy is None else end | {"certified_accuracy": accuracy})


def make(
    votes: Sequence[Sequence[int]], truths: Sequence[int] | None = None, /, **changes: Any
) -> Made:
    """Header, rows and accuracies that are true of the votes."""
    head = SELECTED | {"examples": len(votes)} | changes
    rows, right = [], []
    for i, counts in enumerate(votes):
        claim = exact_claim(head, counts)
        row = {"index": i, "counts": list(counts)} | claim
        if truths is not None:
            row["truth"] = truths[i]
            right += [claim["radius"]] if claim.get("label") == truths[i] else []
        rows.append(row)
    pairs = [[r, sum(x >= r for x in right)] for r in sorted(set(right))]
    return head, rows, None if truths is None else pairs


def build(made: Made) -> bytes:
    """The file."""
    head, rows, accuracy = made
    return seal([dump(head), *map(dump, rows)], accuracy)


#: Votes of 20 models for 3 classes: certificates large and small, a tie, abstentions.
VOTES = [[18, 1, 1], [20, 0, 0], [7, 7, 6], [0, 17, 3], [10, 9, 1], [2, 0, 18]]
TRUTHS = [0, 0, 1, 1, 2, 0]

"""The trusted kernel against exact sums, exhaustive scans and files made to break it."""

import gzip
import hashlib
import itertools
import json
import os
import random
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from math import ceil, comb, floor
from pathlib import Path
from typing import Any

import pytest

from bagcert.reference import checker

ONE = 2**53
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

# --- the second route: exact sums, exhaustive scans ----------------------------------------


@cache
def exact_tail(N: int, x: int, t: int) -> Fraction:
    total = sum(comb(N, i) * t**i * (ONE - t) ** (N - i) for i in range(max(x, 0), N + 1))
    return Fraction(total, ONE**N)


@cache
def exact_lower(N: int, x: int, beta: Fraction) -> int:
    if x == 0:
        return 0
    low, high = 0, ONE
    while high - low > 1:
        mid = (low + high) // 2
        low, high = (mid, high) if exact_tail(N, x, mid) <= beta else (low, mid)
    return low


def scan_left(n: int, k: int, r: int, size: int) -> int:
    return int(size**k - 2 * max(0, max(n, size) - r) ** k + n**k)


def scan_sizes(n: int, r: int, attack: str) -> list[int]:
    """Every (n', m) of the attack with max(n, n') - m <= r, as its n'."""
    if attack == "modify":
        return [n]
    if attack == "delete":
        return [n - r] if n - r >= 1 else []
    return [n + r] if attack == "insert" else list(range(max(1, n - r), n + r + 1))


@cache
def scan_radius(n: int, k: int, gap: Fraction, attack: str) -> tuple[int, int | None]:
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
    if residual == "none":
        return (p_l - p_s) * lists
    first, second = (floor, ceil) if residual == "paper" else (ceil, floor)
    return Fraction(first(p_l * lists) - second(p_s * lists))


def exact_claim(head: dict[str, Any], counts: list[int]) -> dict[str, Any]:
    N, c = head["models"], head["classes"]
    a = Fraction(head["alpha"]) / (head["examples"] if head["scope"] == "simultaneous" else 1)
    flip = a / (100 * (c - 1))
    label = max(range(c), key=lambda j: (counts[j], -j))
    second = max(counts[j] for j in range(c) if j != label)
    if head["method"] == "selected":
        both = counts[label] + second
        heads = sum(comb(both, i) for i in range(counts[label], both + 1))
        if Fraction(heads, 2**both) > flip:
            return {"abstain": "selection"}
        beta = a - flip if c == 2 else (a - (c - 1) * flip) / 2
    else:
        beta = a / 2 if head["method"] == "cohen" else a / c
    t_l = exact_lower(N, counts[label], beta)
    uppers = [ONE - exact_lower(N, N - counts[j], beta) for j in range(c) if j != label]
    t_s = ONE - t_l if head["method"] == "cohen" else min(max(uppers), ONE - t_l)
    p_l, p_s = Fraction(t_l, ONE), Fraction(t_s, ONE)
    gap = exact_gap(head["residual"], p_l, p_s, head["n"] ** head["k"])
    if p_l <= p_s or gap <= 0:
        return {"abstain": "bounds" if p_l <= p_s else "residual"}
    radius, worst = scan_radius(head["n"], head["k"], gap, head["attack"])
    claim = {
        "label": label,
        "p_lower": float(p_l).hex(),
        "p_upper": float(p_s).hex(),
        "radius": radius,
    }
    return claim if worst is None else claim | {"worst_size": worst}


# --- files ---------------------------------------------------------------------------------


def dump(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def seal(lines: list[bytes], accuracy: object = None) -> bytes:
    body = b"".join(lines)
    end: dict[str, Any] = {"count": len(lines) - 1, "sha256": hashlib.sha256(body).hexdigest()}
    return body + dump(end if accuracy is None else end | {"certified_accuracy": accuracy})


def make(
    votes: list[list[int]], truths: list[int] | None = None, **changes: Any
) -> tuple[dict[str, Any], list[dict[str, Any]], Any]:
    head = SELECTED | {"examples": len(votes)} | changes
    rows, right = [], []
    for i, counts in enumerate(votes):
        claim = exact_claim(head, counts)
        row = {"index": i, "counts": counts} | claim
        if truths is not None:
            row["truth"] = truths[i]
            right += [claim["radius"]] if claim.get("label") == truths[i] else []
        rows.append(row)
    pairs = [[r, sum(x >= r for x in right)] for r in sorted(set(right))]
    return head, rows, None if truths is None else pairs


def build(made: tuple[dict[str, Any], list[dict[str, Any]], Any]) -> bytes:
    head, rows, accuracy = made
    return seal([dump(head), *map(dump, rows)], accuracy)


VOTES = [[18, 1, 1], [20, 0, 0], [7, 7, 6], [0, 17, 3], [10, 9, 1], [2, 0, 18]]


@pytest.fixture
def verdict(tmp_path: Path) -> Callable[[bytes], checker.Verdict]:
    def judge(content: bytes) -> checker.Verdict:
        path = tmp_path / "cert.jsonl"
        path.write_bytes(content)
        return checker.check(path)

    return judge


Check = Callable[[bytes], checker.Verdict]

# --- tails ---------------------------------------------------------------------------------


def boundary_points() -> list[int]:
    near = [0, 1, 2, 3, 2**26, ONE // 3, ONE // 2 - 1, ONE // 2, ONE // 2 + 1]
    return sorted({*near, *(ONE - t for t in near), ONE // 4, ONE // 8 * 7})


def test_tails_agree_with_exact_sums_on_and_beside_every_boundary() -> None:
    sliver = Fraction(1, 10**60)
    for N in range(1, 9):
        for x, t in itertools.product(range(N + 2), boundary_points()):
            p = exact_tail(N, x, t)
            for beta in (p, p - sliver, p + sliver, Fraction(1, 1000), Fraction(2, 3)):
                if 0 < beta < 1:
                    assert checker.tail_at_most(N, x, t, beta) is (p <= beta), (N, x, t, beta)


@pytest.mark.parametrize("beta", [Fraction(1, 2), Fraction(3, 8), Fraction(1, 2**53)])
def test_a_single_vote_meets_a_dyadic_level_exactly(beta: Fraction) -> None:
    t = int(beta * ONE)
    assert checker.tail_at_most(1, 1, t, beta)
    assert not checker.tail_at_most(1, 1, t + 1, beta)
    assert not checker.tail_at_most(1, 1, t, beta - Fraction(1, 2**200))


def test_exact_ties_of_many_votes_are_decided() -> None:
    assert checker.tail_at_most(120, 120, ONE // 2, Fraction(1, 2**120))
    assert not checker.tail_at_most(120, 120, ONE // 2, Fraction(1, 2**120 + 1))
    assert checker.tail_at_most(40, 1, ONE // 2, 1 - Fraction(1, 2**40))
    assert not checker.tail_at_most(40, 1, ONE // 2, 1 - Fraction(1, 2**40 - 1))
    assert checker.tail_at_most(10**6 - 1, 500_000, ONE // 2, Fraction(1, 2))
    assert not checker.tail_at_most(10**6 - 1, 500_000, ONE // 2, Fraction(10**30 - 1, 2 * 10**30))


@pytest.mark.parametrize(("N", "x"), [(60, 1), (60, 31), (60, 58), (300, 297), (300, 150)])
def test_tails_of_larger_ensembles_agree_one_list_beside_the_tie(N: int, x: int) -> None:
    for t in (ONE // 7, ONE // 2 + 1, ONE // 5 * 4, ONE - 3):
        p = exact_tail(N, x, t)
        assert checker.tail_at_most(N, x, t, p)
        assert not checker.tail_at_most(N, x, t, p - Fraction(1, 2 * ONE**N))


# --- valid files ---------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["simuem", "cohen", "selected"])
@pytest.mark.parametrize("scope", ["simultaneous", "each"])
@pytest.mark.parametrize("attack", ["any", "modify", "delete", "insert"])
@pytest.mark.parametrize("residual", ["paper", "none", "integral"])
def test_what_the_second_route_certifies_is_valid(
    verdict: Check, method: str, scope: str, attack: str, residual: str
) -> None:
    setting = {"method": method, "scope": scope, "attack": attack, "residual": residual}
    for n, k in [(1, 1), (2, 1), (3, 2), (50, 3), (40, 1), (17, 40)]:
        content = build(make(VOTES, [0, 0, 1, 1, 2, 0], n=n, k=k, **setting))
        found = verdict(content)
        assert found.status == "VALID", (n, k, str(found))
    assert verdict(build(make([[20, 0], [11, 9], [1, 19]], classes=2, **setting))).status == "VALID"


def test_every_change_of_a_number_in_a_row_is_noticed(verdict: Check) -> None:
    head, rows, accuracy = make(VOTES, [0, 0, 1, 1, 2, 0])
    for i, row in enumerate(rows):
        for field in set(row) - {"index", "counts", "truth"}:
            old = row[field]
            news: list[Any] = ["selection", "bounds", "residual"]
            if isinstance(old, int):
                news = [old + 1, old - 1]
            elif old.startswith("0x"):
                t = int(Fraction(float.fromhex(old)) * ONE)
                news = [(u / ONE).hex() for u in (t - 1, t + 1) if 0 <= u <= ONE]
            for new in set(news) - {old}:
                if isinstance(new, int) and not 0 <= new < (3 if field == "label" else 10**9):
                    continue
                changed = [*rows[:i], row | {field: new}, *rows[i + 1 :]]
                found = verdict(seal([dump(head), *map(dump, changed)], accuracy))
                assert (found.status, found.line, found.field) == ("INVALID", i + 2, field)


def test_certificates_and_abstentions_do_not_pass_for_each_other(verdict: Check) -> None:
    for method, residual, n, k in [
        ("selected", "paper", 50, 3),
        ("simuem", "paper", 50, 3),
        ("cohen", "none", 50, 3),
        ("cohen", "paper", 2, 1),
        ("simuem", "paper", 1, 1),
    ]:
        head, rows, _ = make(VOTES, method=method, residual=residual, n=n, k=k)
        for i, row in enumerate(rows):
            base = {"index": i, "counts": row["counts"]}
            for reason in {"selection", "bounds", "residual"} - {row.get("abstain")}:
                lie = [*rows[:i], base | {"abstain": reason}, *rows[i + 1 :]]
                found = verdict(seal([dump(head), *map(dump, lie)]))
                assert (found.status, found.field) == ("INVALID", "abstain")
            if "abstain" in row:
                label = row["counts"].index(max(row["counts"]))
                claim = {"label": label, "p_lower": "0x1.e000000000000p-1", "p_upper": "0x0.0p+0"}
                lie = [*rows[:i], base | claim | {"radius": 1, "worst_size": n}, *rows[i + 1 :]]
                found = verdict(seal([dump(head), *map(dump, lie)]))
                assert found.status == "INVALID"


def test_true_bounds_do_not_excuse_a_certificate_where_it_must_abstain(verdict: Check) -> None:
    head = SELECTED | {"examples": 1, "method": "cohen", "n": 2, "k": 1}
    assert exact_claim(head, [15, 3, 2]) == {"abstain": "residual"}
    t = exact_lower(20, 15, Fraction(1, 20))
    bounds = {"p_lower": (t / ONE).hex(), "p_upper": (1 - t / ONE).hex()}
    row = {"index": 0, "counts": [15, 3, 2], "label": 0} | bounds | {"radius": 0, "worst_size": 2}
    found = verdict(seal([dump(head), dump(row)]))
    assert str(found) == "INVALID line 2, abstain: is absent, should be residual"


def test_messages_tell_unsound_from_not_tight(verdict: Check) -> None:
    head, rows, _ = make([[20, 0, 0]])
    r = rows[0]["radius"]
    for radius, how in [(r - 1, "sound but not maximal"), (r + 1, "unsound"), (50, "unsound")]:
        found = verdict(seal([dump(head), dump(rows[0] | {"radius": radius})]))
        assert str(found) == f"INVALID line 2, radius: is {radius}, should be {r} ({how})"
        assert found.exit_status == 1
    t = int(float.fromhex(rows[0]["p_lower"]) * ONE)
    for step, how in [(-1, "sound but not the tightest"), (1, "unsound")]:
        found = verdict(seal([dump(head), dump(rows[0] | {"p_lower": ((t + step) / ONE).hex()})]))
        assert (found.field, how in found.message) == ("p_lower", True)
    for text in ("0x1.8000000000000p+0", "0x1.8000000000001p-2", "0x0.0000000000001p-1022"):
        found = verdict(seal([dump(head), dump(rows[0] | {"p_lower": text})]))
        assert (found.status, found.field) == ("INVALID", "p_lower")
        assert "not on the grid" in found.message


@pytest.mark.parametrize("attack", ["any", "modify", "delete", "insert"])
@pytest.mark.parametrize("k", [1, 2, 3, 4, 7, 30])
def test_radius_and_worst_size_against_a_scan(attack: str, k: int) -> None:
    for n in (1, 2, 3, 5, 12, 31):
        head = SELECTED | {"n": n, "k": k, "attack": attack, "residual": "none", "examples": 1}
        judge = checker.Judge(head)
        for r in range(n + 1):
            sizes = scan_sizes(n, r, attack)
            worst = max(sizes, key=lambda size, r=r: scan_left(n, k, r, size), default=None)
            assert judge.worst(r) == worst, (n, k, r)
        for i in range(1, 41):
            t_l = ONE // 80 * (40 + i)
            gap = judge.gap(t_l, ONE - t_l)
            radius, worst = scan_radius(n, k, Fraction(gap), attack)
            judge.judge_radius(radius, worst, t_l, ONE - t_l)


def test_the_unit_where_deletion_reaches_n_minus_1_has_no_witness() -> None:
    judge = checker.Judge(SELECTED | {"n": 7, "attack": "delete", "examples": 1})
    judge.judge_radius(6, None, ONE, 0)
    with pytest.raises(checker.Fault):
        judge.judge_radius(6, 1, ONE, 0)


def test_spelling_is_that_of_float_hex() -> None:
    rng = random.Random(5)
    points = [0, 1, 2, 3, ONE // 2 - 1, ONE // 2, ONE - 1, ONE]
    points += [rng.randrange(1 << rng.randrange(1, 54)) for _ in range(2000)]
    for t in points:
        assert checker.spelled(t) == (t / ONE).hex()
        row = {"p_lower": (t / ONE).hex()}
        assert checker.Judge.judge_bound(row, "p_lower", 1, lambda u, t=t: u <= t) == t


def test_label_of_equal_counts_is_the_smaller(verdict: Check) -> None:
    head, rows, _ = make([[10, 10, 0]], method="cohen")
    assert rows[0]["abstain"] == "bounds"
    assert verdict(build((head, rows, None))).status == "VALID"


def test_accuracies_are_judged(verdict: Check) -> None:
    head, rows, accuracy = make(VOTES, [0, 0, 1, 1, 2, 0])
    lines = [dump(head), *map(dump, rows)]
    assert accuracy
    r, count = accuracy[0]
    for wrong in ([], [[r, count + 1], *accuracy[1:]], accuracy[::-1], accuracy[1:]):
        assert verdict(seal(lines, wrong)).field == "certified_accuracy"
        assert verdict(seal(lines, wrong)).status == "INVALID"
    assert verdict(seal(lines)).status == "MALFORMED"
    assert verdict(build((*make(VOTES)[:2], []))).status == "MALFORMED"
    assert verdict(seal(lines, [[True, count], *accuracy[1:]])).status == "MALFORMED"


# --- the zoo -------------------------------------------------------------------------------

GOOD = build(make(VOTES))
HEAD, *MIDDLE, END = GOOD.splitlines(keepends=True)


def resealed(old: bytes, new: bytes) -> bytes:
    body = GOOD[: -len(END)]
    assert old in body
    return seal(body.replace(old, new, 1).splitlines(keepends=True))


ZOO: dict[str, bytes] = {
    "empty": b"",
    "newline": b"\n",
    "header only": HEAD,
    "no summary": GOOD[: -len(END)],
    "no last newline": GOOD[:-1],
    "truncated": GOOD[:-20],
    "missing row": seal([HEAD, *MIDDLE[:-1]]),
    "spliced row": b"".join([HEAD, *MIDDLE[:-1], END]),
    "extra row": seal([HEAD, *MIDDLE, MIDDLE[-1].replace(b'index":5', b'index":6')]),
    "repeated row": seal([HEAD, MIDDLE[0], *MIDDLE[:-1]]),
    "wrong digest": b"".join([HEAD, *MIDDLE, END.replace(b'sha256":"', b'sha256":"0')]),
    "wrong count": b"".join([HEAD, *MIDDLE, END.replace(b'count":6', b'count":7')]),
    "boolean count": b"".join([HEAD, *MIDDLE, END.replace(b'count":6', b'count":true')]),
    "trailing newline": GOOD + b"\n",
    "trailing bytes": GOOD + b"x",
    "trailing NUL": GOOD + b"\0",
    "byte-order mark": b"\xef\xbb\xbf" + GOOD,
    "UTF-16": GOOD.decode().encode("utf-16"),
    "CRLF": GOOD.replace(b"\n", b"\r\n"),
    "spaces": GOOD.replace(b",", b", "),
    "key order": resealed(b'"n":50,"k":3', b'"k":3,"n":50'),
    "duplicate key": resealed(b'"n":50', b'"n":50,"n":50'),
    "unknown key": resealed(b'"n":50', b'"n":50,"N":50'),
    "missing key": resealed(b'"n":50,', b""),
    "escaped key": resealed(b'"n":50', b'"\\u006e":50'),
    "float": resealed(b'"n":50', b'"n":50.0'),
    "exponent": resealed(b'"n":50', b'"n":5e1'),
    "NaN": resealed(b'"n":50', b'"n":NaN'),
    "infinity": resealed(b'"n":50', b'"n":-Infinity'),
    "negative": resealed(b'"n":50', b'"n":-50'),
    "minus zero": resealed(b'"index":0', b'"index":-0'),
    "leading zero": resealed(b'"n":50', b'"n":050'),
    "boolean": resealed(b'"k":3', b'"k":true'),
    "boolean truth": seal([HEAD, *(line[:-2] + b',"truth":false}\n' for line in MIDDLE)], []),
    "text": resealed(b'"n":50', b'"n":"50"'),
    "null": resealed(b'"n":50', b'"n":null'),
    "zero n": resealed(b'"n":50', b'"n":0'),
    "zero k": resealed(b'"k":3', b'"k":0'),
    "large n": resealed(b'"n":50', b'"n":%d' % (10**12 + 1)),
    "large k": resealed(b'"k":3', b'"k":%d' % (2**20 // 6 + 1)),
    "huge integer": resealed(b'"n":50', b'"n":' + b"9" * 100_000),
    "21 digits": resealed(b'"radius":', b'"radius":' + b"1" * 20),
    "one class": resealed(b'"classes":3', b'"classes":1'),
    "no models": resealed(b'"models":20', b'"models":0'),
    "no examples": seal([HEAD.replace(b'examples":6', b'examples":0')]),
    "other format": resealed(b"certificate/1", b"certificate/2"),
    "alpha 1": resealed(b"1/10", b"1/1"),
    "alpha 0": resealed(b"1/10", b"0/10"),
    "alpha over 0": resealed(b"1/10", b"1/0"),
    "alpha not lowest": resealed(b"1/10", b"2/20"),
    "alpha decimal": resealed(b"1/10", b"0.1"),
    "alpha long": resealed(b"1/10", b"1/1" + b"0" * 38),
    "alpha newline": resealed(b"1/10", b"1/10\\n"),
    "method": resealed(b'"selected"', b'"Selected"'),
    "method list": resealed(b'"selected"', b'["selected"]'),
    "class names": resealed(b'"paper"', b'"paper","class_names":["a","b","a"]'),
    "class name long": resealed(
        b'"paper"', b'"paper","class_names":["a","b","' + b"c" * 257 + b'"]'
    ),
    "class names missing": resealed(b'"paper"', b'"paper","class_names":[]'),
    "provenance nested": resealed(b'"paper"', b'"paper","provenance":{"a":{}}'),
    "provenance number": resealed(b'"paper"', b'"paper","provenance":{"a":1}'),
    "raw non-ASCII": resealed(b'"paper"', '"paper","provenance":{"a":"é"}'.encode()),
    "counts sum": resealed(b"[18,1,1]", b"[18,1,2]"),
    "counts short": resealed(b"[18,1,1]", b"[19,1]"),
    "counts boolean": resealed(b"[18,1,1]", b"[18,true,1]"),
    "counts nested": resealed(b"[18,1,1]", b"[[18],1,1]"),
    "counts negative": resealed(b"[18,1,1]", b"[21,-1,0]"),
    "counts object": resealed(b"[18,1,1]", b"{}"),
    "index": resealed(b'"index":1', b'"index":0'),
    "large index": resealed(b'"index":5', b'"index":%d' % 10**12),
    "label": resealed(b'"label":0', b'"label":3'),
    "both claims": resealed(b'"abstain":', b'"radius":1,"abstain":'),
    "reason": resealed(b'"abstain":"selection"', b'"abstain":"tired"'),
    "reason null": resealed(b'"abstain":"selection"', b'"abstain":null'),
    "spelling": resealed(b'"p_lower":"0x1.', b'"p_lower":"0X1.'),
    "spelling short": resealed(b'"p_upper":"0x', b'"p_upper":"x'),
    "spelling newline": resealed(b'p-1"', b'p-1\\n"'),
    "some truth": resealed(MIDDLE[2], MIDDLE[2][:-2] + b',"truth":0}\n'),
    "deep": b"[" * 100_000,
    "deep line": b"[" * 100_000 + b"\n",
    "deep objects": b'{"a":' * 100_000 + b"\n",
    "long line": b" " * (2**20 + 1) + b"\n",
    "endless line": b"1" * 2**22,
    "list": b"[]\n",
    "number": b"7\n",
    "gzip truncated": gzip.compress(GOOD)[:-9],
    "gzip no trailer": gzip.compress(GOOD)[:-8],
    "gzip header": gzip.compress(GOOD)[:12],
    "gzip two members": gzip.compress(GOOD) + gzip.compress(GOOD),
    "gzip split": gzip.compress(HEAD) + gzip.compress(GOOD[len(HEAD) :]),
    "gzip empty second": gzip.compress(GOOD) + gzip.compress(b""),
    "gzip trailing": gzip.compress(GOOD) + b"\0",
    "gzip wrong checksum": gzip.compress(GOOD)[:-8] + b"\0" * 8,
    "gzip twice": gzip.compress(gzip.compress(GOOD)),
    "gzip of nothing": gzip.compress(b""),
}


def test_the_file_that_the_zoo_breaks_is_valid(verdict: Check) -> None:
    assert str(verdict(GOOD)) == "VALID 6 examples, 3 abstain"
    assert verdict(gzip.compress(GOOD)).status == "VALID"
    assert verdict(resealed(b'"index":5', b'"index":999999999999')).status == "VALID"
    notes = b'"paper","class_names":["a","b","\\u00e9"],"provenance":{"z":"1","a":"\\n"}'
    assert verdict(resealed(b'"paper"', notes)).status == "VALID"


@pytest.mark.parametrize("name", ZOO)
def test_malformed(verdict: Check, name: str) -> None:
    found = verdict(ZOO[name])
    assert found.status == "MALFORMED", str(found)
    assert found.exit_status == 2
    line = str(found)
    assert line.isascii()
    assert line.isprintable()
    assert len(line) < 400


def test_every_truncation_and_every_changed_byte_is_noticed(verdict: Check) -> None:
    for i in range(0, len(GOOD), 7):
        assert verdict(GOOD[:i]).status == "MALFORMED"
        flipped = GOOD[:i] + bytes([GOOD[i] ^ 1]) + GOOD[i + 1 :]
        assert verdict(flipped).status != "VALID"


def test_the_first_offending_line_decides(verdict: Check) -> None:
    wrong = MIDDLE[0].replace(b'"label":0', b'"label":1')
    found = verdict(b"".join([HEAD, wrong, b"rubbish\n"]))
    assert str(found) == "INVALID line 2, label: is 1, should be 0"
    assert verdict(b"".join([HEAD, b"rubbish\n", wrong])).status == "MALFORMED"


def test_a_gzip_bomb_costs_no_memory(verdict: Check) -> None:
    bomb = gzip.compress(b" " * 2**27)
    tracemalloc.start()
    assert verdict(bomb).status == "MALFORMED"
    assert tracemalloc.get_traced_memory()[1] < 2**24
    tracemalloc.stop()


def test_no_file_is_malformed(tmp_path: Path) -> None:
    for path in (tmp_path / "none\n", tmp_path, "nul\0"):
        found = checker.check(path)
        assert found.status == "MALFORMED"
        assert str(found).isprintable()


# --- the script ----------------------------------------------------------------------------


def run_script(script: Path, path: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *flags, str(script), str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_script_stands_alone_among_a_strangers_modules(tmp_path: Path) -> None:
    script = tmp_path / "checker.py"
    script.write_bytes(Path(checker.__file__).read_bytes())
    for name in ("json", "re", "argparse", "__future__", "fractions"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(0)\n")
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    good.write_bytes(GOOD)
    bad.write_bytes(resealed(b'"label":0', b'"label":1'))
    for flags in ((), ("-I",), ("-O",), ("-P",)):
        done = run_script(script, good, *flags)
        assert (done.returncode, done.stdout) == (0, "VALID 6 examples, 3 abstain\n")
        assert "counts" in done.stderr
        assert run_script(script, bad, *flags).returncode == 1
        assert run_script(script, tmp_path / "absent", *flags).returncode == 2


def test_main_reports_the_proven_level(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "cert.jsonl"
    for method, c, level in [("simuem", 3, "(1 + 2/3) a"), ("simuem", 2, "a"), ("cohen", 3, "a")]:
        votes = [[20, 0, 0][:c]]
        path.write_bytes(build(make(votes, method=method, classes=c)))
        assert checker.main([os.fspath(path)]) == 0
        printed = capsys.readouterr()
        assert printed.out == "VALID 1 examples, 0 abstain\n"
        assert f"<= {level}, a = 1/10\n" in printed.err


def test_an_interrupt_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(checker, "check", interrupt)
    assert checker.main(["cert.jsonl"]) == 130


def test_a_series_is_enclosed_even_where_its_terms_are_few_units() -> None:
    """Coarse units, so that every rounding and the remainder show."""
    for N, x, t, s in itertools.product(range(1, 9), range(1, 9), (1, 3, 7), (1, 2, 5)):
        if x > N:
            continue
        for num, den, a, b in (((N - x) * t, (x + 1) * s, t, s), (x * s, (N - x + 1) * t, s, t)):
            total = term = Fraction(1)
            up, down = num, den
            while up:
                term *= Fraction(up, down)
                total, up, down = total + term, up - a, down + b
            for one in (1, 2, 3, 16, 1000, 2**40):
                low, high = checker.series(one, num, den, a, b, one * 10**9)
                assert low <= total * one <= high, (N, x, t, s, one)
                enough = low // 2 + 1
                some, above = checker.series(one, num, den, a, b, enough)
                assert enough <= some <= min(above, total * one)


def test_the_source_keeps_its_promises() -> None:
    source = Path(checker.__file__).read_text()
    assert len(source.splitlines()) < 400
    for word in ("float(", "assert ", "math.log", "math.exp", "math.sqrt", "bagcert.", "numpy"):
        assert word not in source

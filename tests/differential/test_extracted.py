"""The checker that Coq proved against ``reference`` and the kernel: no difference on any claim.

Each input is a claim, true or false, about one example. ``reference`` says which claim is due;
the kernel judges whole rows; the extracted checker must accept what is true and nothing else.
"""

import random
from bisect import bisect
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from bagcert.proofs_checks.extracted import BINARY, Claim, LowerBound, Radius, verdicts
from bagcert.reference import (
    Attack,
    Reason,
    Residual,
    certified_poisoning_size,
    checker,
    clopper_pearson_lower,
)
from bagcert.reference.algorithm1 import witness_size

pytestmark = pytest.mark.skipif(not BINARY.exists(), reason="run `make proofs`")
MODES = [*product(Attack, Residual)]
KINDS = ("certified", "bounds", "residual", "false")


def due(n: int, k: int, low: Fraction, high: Fraction, attack: Attack, residual: Residual) -> Any:
    """The one true claim, by ``reference``."""
    if low <= high:
        return Reason.BOUNDS
    r = certified_poisoning_size(n, k, low, high, attack=attack, residual=residual)
    return Reason.RESIDUAL if r is None else Radius(r, witness_size(n, k, r, attack))


def beside(n: int, k: int, attack: Attack, true: Radius | Reason) -> Iterator[Radius | Reason]:
    """The due claim, both abstentions, and radii and sizes one step away."""
    yield Reason.BOUNDS
    yield Reason.RESIDUAL
    r, worst = (0, n) if isinstance(true, Reason) else true
    for other in (r - 1, r, r + 1):
        if other >= 0:
            yield Radius(other, worst)
            yield Radius(other, witness_size(n, k, other, attack))
    for size in (r, n - r, n, n + r + 2) if worst is None else (worst - 1, worst + 1):
        if size >= 0:
            yield Radius(r, size)
    yield Radius(r, None)


def compare(settings: Iterator[tuple[int, int, Fraction, Fraction]]) -> Counter[str]:
    """Judge all claims beside the due one, in all modes; count them, and the due sizes."""
    claims, expected, seen = [], [], Counter[str]()
    for (n, k, low, high), (attack, residual) in product(settings, MODES):
        true = due(n, k, low, high, attack, residual)
        kind = true.value if isinstance(true, Reason) else "certified"
        for stated in dict.fromkeys(beside(n, k, attack, true)):
            claims.append(Claim(n, k, low, high, attack, residual, stated))
            expected.append(stated == true)
            seen[kind if stated == true else "false"] += 1
        if isinstance(true, Radius) and attack in (Attack.ANY, Attack.DELETE):
            worst = true.worst_size
            place = (
                "none"
                if worst is None
                else "n"
                if worst == n
                else "below"
                if worst < n
                else "beyond"
            )
            seen[f"{attack}, worst at {place}"] += 1
    for claim, found, wanted in zip(claims, verdicts(claims), expected, strict=True):
        assert found is wanted, claim
    return seen


def small_settings() -> Iterator[tuple[int, int, Fraction, Fraction]]:
    """Every pair of bounds over few denominators; n^k and 2 n^k put them on and between lists."""
    for n, k in [*product(range(1, 5), range(1, 4)), (7, 1), (5, 2), (1, 9), (2, 5)]:
        drawn = random.Random(f"{n} {k}")
        for d in sorted({1, 2, 5, n**k, 2 * n**k}):
            pairs = [*product(range(d + 1), repeat=2)]
            for high, low in pairs if len(pairs) <= 36 else drawn.sample(pairs, 36):
                yield n, k, Fraction(high, d), Fraction(low, d)


def test_every_claim_of_small_settings() -> None:
    seen = compare(small_settings())
    print(f"{sum(seen[kind] for kind in KINDS)} claims: {dict(seen)}")
    assert sum(seen[kind] for kind in KINDS) > 100_000
    assert all(seen[kind] > 300 for kind in KINDS)
    for place in ("any, worst at n", "any, worst at beyond", "delete, worst at none"):
        assert seen[place] > 300


def thresholds() -> Iterator[tuple[int, int, Fraction, Fraction]]:
    """Leads on a radius's threshold, and half a list or one list on either side."""
    drawn = random.Random(7)
    for n, k in ((1000, 2), (999, 7), (60_000, 5), (10**12, 1), (2000, 20), (60_000, 30)):
        lists = n**k
        r = drawn.randrange(1, n // (4 * k))
        leads = 2 * (lists - (n - r) ** k), lists - (n - r) ** k, (n + r) ** k - lists
        for lead, halves in product(leads, (-2, -1, 0, 1, 2)):
            excess = lead + Fraction(halves, 2)
            assert 0 < excess <= lists
            high = (lists - excess) / (2 * lists)
            yield n, k, high + excess / lists, high


def test_thresholds_of_large_settings() -> None:
    seen = compare(thresholds())
    print(f"{sum(seen[kind] for kind in KINDS)} claims: {dict(seen)}")
    assert seen["certified"] > 1000


# --- the kernel ----------------------------------------------------------------------------

#: Votes that give certificates large and small, and abstentions.
COUNTS = ([100, 0, 0], [90, 10, 0], [60, 25, 15], [0, 75, 25], [48, 47, 5], [34, 33, 33])


def kernel_bounds(judge: checker.Judge, counts: list[int]) -> tuple[int, int]:
    """The kernel's p_l and p_s on the grid."""
    *_, second, first = sorted(counts)

    def lower(x: int) -> int:
        return bisect(range(1, checker.ONE), False, key=lambda t: not judge.sound(x, t))

    return lower(first), checker.ONE - lower(judge.opposed(first, second))


def kernel_accepts(judge: checker.Judge, row: dict[str, Any]) -> bool:
    try:
        judge.judge(row)
    except checker.Fault as fault:
        return fault.status != "INVALID"
    return True


def row_of(counts: list[int], low: int, high: int, stated: Radius | Reason) -> dict[str, Any]:
    if isinstance(stated, Reason):
        return {"counts": counts, "abstain": stated.value}
    spelled = {"p_lower": checker.spelled(low), "p_upper": checker.spelled(high)}
    worst = {} if stated.worst_size is None else {"worst_size": stated.worst_size}
    label = counts.index(max(counts))
    return {"counts": counts, "label": label, **spelled, "radius": stated.radius, **worst}


def test_the_kernel_accepts_the_same_rows() -> None:
    sizes = [*product((1, 2, 3, 10, 400), (1, 2, 3, 8)), (60_000, 20)]
    claims, expected = [], []
    for (n, k), (attack, residual), method in product(sizes, MODES, ("simuem", "cohen")):
        judge = checker.Judge(
            {"n": n, "k": k, "classes": 3, "models": 100, "examples": 1, "alpha": "1/20"}
            | {"scope": "each", "method": method, "attack": attack, "residual": residual}
        )
        for counts in COUNTS:
            low, high = kernel_bounds(judge, counts)
            bounds = Fraction(low, checker.ONE), Fraction(high, checker.ONE)
            true = due(n, k, *bounds, attack, residual)
            for stated in dict.fromkeys(beside(n, k, attack, true)):
                claims.append(Claim(n, k, *bounds, attack, residual, stated))
                expected.append(kernel_accepts(judge, row_of(counts, low, high, stated)))
    print(f"{len(claims)} rows, {sum(expected)} of them true")
    assert len(claims) > 20_000
    assert len(claims) / 20 < sum(expected) < len(claims) / 2
    for claim, found, wanted in zip(claims, verdicts(claims), expected, strict=True):
        assert found is wanted, claim


# --- Clopper-Pearson -----------------------------------------------------------------------


def test_lower_bounds_are_the_tightest_on_the_grid() -> None:
    """Against ``reference`` on the grid of 2^-53, against the kernel's tails on coarse grids."""
    claims, expected = [], []
    levels = Fraction(1, 20), Fraction(1, 2), Fraction(1, 3), Fraction(1, 4096)
    for total, level in product((1, 2, 3, 5, 8, 13, 30), levels):
        for x in range(total + 1):
            true = int(clopper_pearson_lower(x, total, level) * checker.ONE)
            for t in range(max(0, true - 1), true + 2):
                claims.append(LowerBound(total, x, t, checker.ONE, level))
                expected.append(t == true)
            for d in (1, 2, 4, 16):
                unit = checker.ONE // d
                sound = [
                    u for u in range(d + 1)
                    if u == 0 or (x and u < d and checker.tail_at_most(total, x, u * unit, level))
                ]  # fmt: skip
                for t in range(d + 1):
                    claims.append(LowerBound(total, x, t, d, level))
                    expected.append(t == max(sound))
    print(f"{len(claims)} bounds, {sum(expected)} of them true")
    assert len(claims) > 5_000
    for claim, found, wanted in zip(claims, verdicts(claims), expected, strict=True):
        assert found is wanted, claim


# --- what cannot be a claim ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "accepted"),
    [
        ({}, True),
        ({"n": 0}, False),
        ({"k": 0}, False),
        ({"p_lower": Fraction(11, 10)}, False),
        ({"p_upper": Fraction(11, 10)}, False),
    ],
)
def test_bounds_beyond_1_and_empty_settings_are_false(
    change: dict[str, Any], accepted: bool
) -> None:
    bounds = Claim(3, 2, Fraction(1, 3), Fraction(1, 2), Attack.ANY, Residual.NONE, Reason.BOUNDS)
    assert verdicts([bounds._replace(**change)]) == [accepted]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n": -1}, "line 2: a number is not of the digits"),
        ({"p_upper": Fraction(-1, 3)}, "line 2: a number is not of the digits"),
        ({"stated": Radius(-1, 3)}, "line 2: a number is not of the digits"),
        ({"stated": Reason.SELECTION}, "line 2: unknown claim"),
        ({"attack": "replace"}, "line 2: unknown attack"),
        ({"residual": "some"}, "line 2: unknown residual"),
    ],
)
def test_what_is_not_a_claim_is_refused(change: dict[str, Any], message: str) -> None:
    claim = Claim(3, 2, Fraction(1), Fraction(0), Attack.ANY, Residual.NONE, Radius(0, 3))
    with pytest.raises(ValueError, match=message):
        verdicts([claim, claim._replace(**change)])

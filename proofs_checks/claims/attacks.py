"""Modification is the worst attack, and the paper's search is not needed (erratum 10)."""

from fractions import Fraction
from itertools import product
from typing import Any

from bagcert.proofs_checks.evidence.claim import Claim, Evidence, Finding, Kind
from bagcert.proofs_checks.evidence.symbols import Steps, nonnegative, positive
from bagcert.reference.corollaries import radius
from bagcert.reference.poisoning import Attack, Poisoned, kept_examples, poisoned_sizes
from bagcert.reference.theorem1 import bisected_radius, left_side, scanned_radius

__all__ = ["CLAIMS", "insert_after_delete", "modification_is_worst", "smaller_sizes"]

#: Largest n and k of the scans; every integer gap G from 1 to n^k.
_N, _K = 9, 4


def smaller_sizes(shrunk: Any = None) -> Finding:
    """Only n' >= n matters. ``shrunk`` is n - n', positive."""
    steps = Steps()
    size, k = positive("N k")
    n = size + (positive("d") if shrunk is None else shrunk)
    m = nonnegative("m")
    change = (n**k - 2 * m**k) - (size**k - 2 * m**k)
    steps.zero(
        "for n' <= n, m = n - r does not depend on n': the left sides at n and n' differ "
        "by n^k - n'^k",
        change - (n**k - size**k),
    )
    steps.power_order("n'^k <= n^k", size, n, k)
    return steps.finding("For real k > 0 the left side of (4) at n' < n is at most that at n.")


def modification_is_worst(doubled: Any = None, exponent: Any = None) -> Finding:
    """From n' = n to n' = n + t, t >= 1, the left side falls where 2 (n-r)^k > n^k.

    ``doubled`` is 2 (n-r)^k - n^k, a positive symbol; ``exponent`` is k, positive.
    """
    from sympy import log

    steps = Steps()
    n, t = positive("n t")
    r = nonnegative("r")
    k = positive("k") if exponent is None else exponent
    # (n+t)^k = n^k U with U = 1 + e, and (n-r+t)^k = (n-r)^k V with V = U + f.
    lists, e = positive("n^k e")
    f = nonnegative("f")
    d = positive("d") if doubled is None else doubled
    shared = (lists + d) / 2
    at_n = lists - 2 * shared
    at_t = lists * (1 + e) - 2 * shared * (1 + e + f)
    steps.positive("e = (1 + t/n)^k - 1 > 0, as k log(1 + t/n) > 0", k * log(1 + t / n))
    m = positive("m")  # n - r
    steps.power_order("f = (1 + t/(n-r))^k - (1 + t/n)^k >= 0", 1 + t / (m + r), 1 + t / m, k)
    steps.zero(
        "left(n) - left(n+t) = (2 (n-r)^k - n^k) e + 2 (n-r)^k f",
        at_n - at_t - (2 * shared - lists) * e - 2 * shared * f,
    )
    steps.positive("which is positive", at_n - at_t)
    left, room = positive("s"), nonnegative("G_0")
    # modify holds: 2 n^k - 2 (n-r)^k - G = -s < 0, and G = n^k - room.
    twice = 2 * lists - (lists - room) + left
    steps.positive(
        "if modify holds at r, 2 (n-r)^k = 2 n^k - G + s > n^k, as G <= n^k", twice - lists
    )
    return steps.finding(
        "For real k, n, t > 0 and 0 <= r < n: where (4) holds at n' = n, it holds at every "
        "n' = n + t, with room to spare: r*(any) = r*(modify) <= r*(insert)."
    )


def insert_after_delete(above_one: Any = None) -> Finding:
    """r*(insert) <= r*(delete): (n+r)^k + (n-r)^k >= 2 n^k. ``above_one`` is k - 1."""
    from sympy import diff

    steps = Steps()
    j = nonnegative("j") if above_one is None else above_one
    k = 1 + j
    s, q = positive("s q")
    # With x = r/n in (0, 1): s = 1 - x, and 1 + x = s + q with q = 2 x.
    x = positive("x")
    sum_of = (1 + x) ** k + (1 - x) ** k
    steps.zero("(1+x)^k + (1-x)^k is 2 at x = 0", sum_of.subs(x, 0) - 2)
    steps.zero(
        "its derivative in x = r/n is k ((1+x)^(k-1) - (1-x)^(k-1))",
        diff(sum_of, x) - k * ((1 + x) ** (k - 1) - (1 - x) ** (k - 1)),
    )
    steps.power_order("which is not negative: (1-x)^(k-1) <= (1+x)^(k-1)", s, s + q, j)
    return steps.finding(
        "For real k >= 1 and 0 <= r < n, (n+r)^k - n^k >= n^k - (n-r)^k: where (4) holds for "
        "insert it holds for delete, r*(insert) <= r*(delete)."
    )


def _smaller_never_worse() -> Finding:
    cases = 0
    for n, k in product(range(1, _N + 1), range(1, _K + 1)):
        for r in range(n + 2):
            at_n = left_side(n, k, Poisoned(n, kept_examples(n, n, r)), Fraction(0))
            for size in poisoned_sizes(n, r):
                if size >= n:
                    continue
                smaller = left_side(n, k, Poisoned(size, kept_examples(n, size, r)), Fraction(0))
                if smaller >= at_n:
                    return Finding(False, f"n' = {size} is as bad as n at n={n} k={k} r={r}")
                cases += 1
    return Finding(
        cases > 0,
        f"the program's left side of (4) is smaller at every n' < n of eq (1) than at n: n <= "
        f"{_N}, k <= {_K}, r <= n + 1 ({cases:,} pairs).",
    )


def _order() -> Finding:
    cases = apart = 0
    for n, k in product(range(1, _N + 1), range(1, _K + 1)):
        for gap in map(Fraction, range(1, n**k + 1, max(1, n**k // 400))):
            r = {attack: scanned_radius(n, k, gap, attack) for attack in Attack}
            any_, modify, insert, delete = (
                -1 if r[attack] is None else r[attack]
                for attack in (Attack.ANY, Attack.MODIFY, Attack.INSERT, Attack.DELETE)
            )
            if not any_ == modify <= insert <= delete:  # type: ignore[operator]
                return Finding(False, f"out of order at n={n} k={k} G={gap}: {r}")
            apart += modify < insert < delete  # type: ignore[operator]
            cases += 1
    return Finding(
        apart > 0,
        f"any = modify <= insert <= delete, by the scans of the definition: n <= {_N}, k <= {_K}, "
        f"up to some 400 gaps G each ({cases:,} settings; all three differ in {apart:,}).",
    )


def _search_agrees() -> Finding:
    cases = 0
    for n, k, attack in product(range(1, _N + 1), range(1, _K + 1), Attack):
        for gap in map(Fraction, range(-1, n**k + 1, max(1, n**k // 100))):
            bisected = bisected_radius(n, k, gap, attack)
            if bisected != scanned_radius(n, k, gap, attack):
                return Finding(False, f"bisection is wrong at n={n} k={k} {attack} G={gap}")
            cases += 1
    return Finding(
        True,
        "bisection over r in 0..n-1 with eq (7)'s n' gives the last r of a scan over every r and "
        f"every n': n <= {_N}, k <= {_K}, up to some 100 gaps each, four attacks "
        f"({cases:,} cases).",
    )


def _root_agrees() -> Finding:
    cases = 0
    for n, k in product((1, 2, 3, 10, 1437, 60_000), (1, 2, 3, 20, 100)):
        tops = {modified for r in (1, 2, n // 3, n // 2) if 0 < (
            modified := 2 * n**k - 2 * max(0, n - r) ** k) <= n**k}  # fmt: skip
        near = {gap + step for gap in tops for step in (-1, 0, 1)} | {1, n**k}
        for whole in sorted(gap for gap in near if 0 < gap <= n**k):
            for gap in (Fraction(whole), Fraction(3 * whole - 1, 3)):
                if radius(n, k, gap, Attack.ANY) != bisected_radius(n, k, gap, Attack.ANY):
                    return Finding(False, f"Corollary 1 differs at n={n} k={k} G={gap}")
                cases += 1
    return Finding(
        True,
        "one integer root gives the radius against any attack that the search gives: n up to "
        f"60,000, k up to 100, at ties and one list and a third of one beside ({cases} gaps).",
    )


CLAIMS = (
    Claim(
        "larger-sizes-only",
        "(4), Section 3",
        "Only n' >= n has to be looked at: a smaller D' is never worse than one of n examples.",
        refuted_by="The program's left side of (4): at some n' < n of eq (1) not below that at n.",
        supports=(
            Evidence(Kind.SYMBOLIC, smaller_sizes),
            Evidence(Kind.EXHAUSTIVE, _smaller_never_worse),
        ),
    ),
    Claim(
        "modification-is-worst",
        "(4), Corollary 1; MATHEMATICS.md",
        "Where eq (4) holds at n' = n it holds at every n', so that Corollary 1 is the exact "
        "radius against any poisoning.",
        refuted_by="Scans of every r and n' by the definition: a G at which the radii for any and "
        "modify differ.",
        supports=(
            Evidence(Kind.SYMBOLIC, smaller_sizes),
            Evidence(Kind.SYMBOLIC, modification_is_worst),
            Evidence(Kind.EXHAUSTIVE, _order),
        ),
    ),
    Claim(
        "order-of-attacks",
        "Corollaries 1–3; MATHEMATICS.md",
        "r*(any) = r*(modify) <= r*(insert) <= r*(delete).",
        refuted_by="Scans of every r and n' by the definition: a G at which insert's radius is "
        "below modify's or above delete's.",
        supports=(
            Evidence(Kind.SYMBOLIC, modification_is_worst),
            Evidence(Kind.SYMBOLIC, insert_after_delete),
            Evidence(Kind.EXHAUSTIVE, _order),
        ),
    ),
    Claim(
        "bisection",
        "Algorithm 1, BinarySearch",
        "Binary search over r, with the maximising n' of eq (7), finds r*.",
        refuted_by="A G at which the search over r gives another radius than the last r of a scan "
        "over every r and n'.",
        supports=(Evidence(Kind.EXHAUSTIVE, _search_agrees),),
    ),
    Claim(
        "erratum-10",
        "Section 3, (7), Algorithm 1",
        "The binary search and eq (7) are correct; and neither is needed, as Corollary 1's closed "
        "form is the same radius.",
        refuted_by="A G, at a tie or one list beside it, at which Corollary 1's integer root and "
        "the search give different radii.",
        supports=(
            Evidence(Kind.SYMBOLIC, modification_is_worst),
            Evidence(Kind.EXHAUSTIVE, _search_agrees),
            Evidence(Kind.EXHAUSTIVE, _root_agrees),
        ),
    ),
)

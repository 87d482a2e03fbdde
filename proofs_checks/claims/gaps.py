"""The gap G between the label bounds, (21) and (39), and the domain of eq (4): errata 5 to 7."""

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from bagcert.proofs_checks.enumeration.learners import Table, counted_margins
from bagcert.proofs_checks.evidence.claim import Claim, Evidence, Finding, Kind
from bagcert.proofs_checks.evidence.symbols import Steps, nonnegative, positive
from bagcert.proofs_checks.tightness.optimum import optimum, optimum_radius
from bagcert.reference.poisoning import Attack, Poisoned, kept_examples, poisoned_sizes
from bagcert.reference.residuals import Residual, gap
from bagcert.reference.theorem1 import certified_poisoning_size, gap_of, scanned_radius, survives
from bagcert.reference.theorem2.assumptions import unmet_assumption

__all__ = ["CLAIMS", "integral_masses", "negative_base", "without_residuals"]


def without_residuals(given: Any = None, taken: Any = None) -> Finding:
    """MATHEMATICS.md: the lead of l over any label under D' is at least minus the left side, G = L
    - S.

    ``given`` is what l does not have of B, ``taken`` what l has of B': neither negative.
    """
    steps = Steps()
    clean, after, shared = positive("n^k N^k m^k")
    low, high = nonnegative("L S")
    a, b, second, short = nonnegative("a b B_j c")
    rest = nonnegative("d") if given is None else given
    new = nonnegative("e") if taken is None else taken
    # l has L + a lists of D, of which all of B but d; j has S - b, of which B_j of B;
    # and of B' l has e, and j has all but c.
    top = (low + a) - (clean - shared - rest) + new
    other = (high - b) - second + (after - shared - short)
    left = after - 2 * shared + clean - (low - high)
    steps.zero(
        "lead of l over j under D' = -left + a + b + B_j + c + d + e",
        (top - other) - (-left + a + b + second + short + rest + new),
    )
    steps.nonnegative("a + b + B_j + c + d + e >= 0", top - other + left)
    return steps.finding(
        "For any randomised learner with at least L lists of D for l and at most S for j: under D' "
        "l leads j by at least -(n'^k - 2 m^k + n^k - (L - S)) lists. No rounding of L and S."
    )


def _residuals() -> Finding:
    """Eq (21) and (39), by their own words: the least δ that make whole lists of the bounds."""
    cases = 0
    for lists, parts in product(range(1, 9), (1, 2, 3, 5)):
        for i, j in product(range(lists * parts + 1), repeat=2):
            low, high = Fraction(i, lists * parts), Fraction(j, lists * parts)
            less = min(d for t in range(lists + 1) if (d := low - Fraction(t, lists)) >= 0)
            more = min(d for t in range(lists + 1) if (d := Fraction(t, lists) - high) >= 0)
            paper, none, integral = (gap(lists, 1, low, high, kind) for kind in Residual)
            if paper != (low - high - less - more) * lists or max(less, more) * lists >= 1:
                return Finding(False, f"n^k={lists} p_l={low} p_s={high}")
            if not paper <= none <= integral <= lists:
                return Finding(False, f"n^k={lists} p_l={low} p_s={high}: gaps out of order")
            cases += 1
    return Finding(
        True,
        "the least δ_l, δ_s >= 0 that make p_l - δ_l and p_s + δ_s multiples of n^-k are below "
        "n^-k and give floor(p_l n^k) - ceil(p_s n^k) <= (p_l - p_s) n^k <= ceil(p_l n^k) - "
        f"floor(p_s n^k) <= n^k: n^k <= 8, bounds in wholes, halves, thirds and fifths of a list "
        f"({cases:,} pairs).",
    )


def _more_without_residuals() -> Finding:
    n, k, low, high = 2, 1, Fraction(3, 5), Fraction(2, 5)
    with_residuals = certified_poisoning_size(n, k, low, high, residual=Residual.PAPER)
    without = optimum_radius(n, k, low, high, 2)
    bounds = Fraction(9, 10), Fraction(1, 20)
    pair = [certified_poisoning_size(5, 1, *bounds, residual=r) for r in ("paper", "none")]
    best = optimum_radius(5, 1, *bounds, 10)
    return Finding(
        with_residuals is None and without == 0 and pair[0] != pair[1] == best,
        f"n = 2, k = 1, p_l = 3/5, p_s = 2/5: no r passes eq (4), yet every learner survives r = "
        f"0. n = 5, k = 1, p_l = 9/10, p_s = 1/20: r* = {pair[0]}, yet the exact optimum over all "
        f"learners is positive up to r = {best}.",
    )


def _radius_is_the_optimum() -> Finding:
    tight = cases = 0
    grid = [Fraction(i, 11) for i in range(12)]
    for n, k, c, attack in product((2, 3, 5, 9), (1, 2, 3), (2, 3), Attack):
        for low, high in product(grid, repeat=2):
            found = certified_poisoning_size(n, k, low, high, attack=attack, residual="none")
            best = optimum_radius(n, k, low, high, c, attack)
            radius, reached = (-1 if r is None else r for r in (found, best))
            assumed = unmet_assumption(n, k, low, high, c, Residual.NONE) is None
            if radius > reached or (assumed and radius < reached):
                return Finding(False, f"n={n} k={k} c={c} {attack} p_l={low} p_s={high}")
            tight += assumed
            cases += 1
    return Finding(
        tight > 0,
        "with G = (p_l - p_s) n^k, r* never exceeds the exact optimum over all randomised "
        f"learners, and equals it where both bounds are attained: n in 2, 3, 5, 9, k <= 3, c <= 3, "
        f"four attacks, p_l and p_s in elevenths ({cases:,} cases, {tight:,} of equality).",
    )


def _alive(n: int, k: int, c: int, r: int) -> Table:
    """Whether every deterministic learner with P = a, S = b survives r, at [a, b]."""
    alive = np.ones((n**k + 1, n**k + 1), bool)
    for size in poisoned_sizes(n, r):
        kept = kept_examples(n, size, r)
        table, _ = counted_margins(kept**k, n**k - kept**k, c)
        alive &= table - (size**k - kept**k) > 0
    return alive


def integral_masses() -> Finding:
    """Check ``integral`` against every deterministic learner, for bounds between whole lists."""
    tight = cases = gained = 0
    for n, k, c in product(range(1, 6), (1, 2), (2, 3)):
        lists = n**k
        alive = np.array([_alive(n, k, c, r) for r in range(n + 1)])
        for i, j in product(range(3 * lists + 1), repeat=2):
            low, high = Fraction(i, 3 * lists), Fraction(j, 3 * lists)
            found = certified_poisoning_size(n, k, low, high, residual="integral")
            rounded = certified_poisoning_size(n, k, low, high, residual="paper")
            radius = -1 if found is None else found
            survived = alive[:, -(-i // 3), j // 3]
            brute = int(np.argmin(survived)) - 1 if not survived.all() else n
            assumed = unmet_assumption(n, k, low, high, c, Residual.INTEGRAL) is None
            if radius > brute or (assumed and radius < brute):
                return Finding(False, f"n={n} k={k} c={c} p_l={low} p_s={high}: {radius}, {brute}")
            tight += assumed
            gained += found != rounded
            cases += 1
    return Finding(
        gained > 0 and tight > 0,
        "with G = ceil(p_l n^k) - floor(p_s n^k), r* is sound against every deterministic learner, "
        "and tight where P + S <= n^k <= P + (c-1) S: n <= 5, k <= 2, c <= 3, p_l and p_s in "
        f"thirds of a list ({cases:,} cases; r* larger than the paper's in {gained:,}).",
    )


def _nothing_feasible() -> Finding:
    n, k = 2, 1
    *_, excess = gap_of(n, k, "3/5", "2/5", residual=Residual.PAPER)
    feasible = [r for r in range(2 * n + 2) if survives(n, k, r, excess, Attack.ANY)]
    return Finding(
        excess == 0 and not feasible,
        "n = 2, k = 1, p_l = 3/5 > p_s = 2/5: floor(6/5) - ceil(4/5) = 0, and no r satisfies (4), "
        "not even 0: the arg max is over the empty set.",
    )


def _abstention() -> Finding:
    cases = 0
    grid = [Fraction(i, 7) for i in range(8)]
    for n, k, residual, attack in product(range(1, 6), (1, 2, 3), Residual, Attack):
        for low, high in product(grid, repeat=2):
            *_, excess = gap_of(n, k, low, high, residual=residual)
            found = certified_poisoning_size(n, k, low, high, residual=residual, attack=attack)
            if (found is None) != (excess <= 0) or found != scanned_radius(n, k, excess, attack):
                return Finding(False, f"n={n} k={k} {residual} {attack} p_l={low} p_s={high}")
            cases += 1
    return Finding(
        True,
        "some r satisfies (4) exactly if G > 0, then the scan's last r is r*, and Certify abstains "
        f"elsewhere: n <= 5, k <= 3, bounds in sevenths, every residual and attack "
        f"({cases:,} cases).",
    )


def negative_base(kept: Callable[[int, int], int] = lambda n, r: n - r) -> Finding:
    """Erratum 7, with m as printed for n' = n; or as ``kept(n, r)`` says."""
    n, k, excess, most = 1, 2, 1, 50  # p_l = 1, p_s = 0
    holds = [r for r in range(most) if n**k - 2 * kept(n, r) ** k + n**k - excess < 0]
    after = optimum(n, k, 1, 0, 2, Poisoned(1, 0)).margin
    return Finding(
        holds == [0, *range(2, most)] and after <= 0,
        "n = 1, k = 2, p_l = 1, p_s = 0, n' = n (Corollary 1): the printed left side is "
        "1 - 2 (1 - r)^2, negative at r = 0 and again at every r >= 2, so that the largest r does "
        f"not exist; yet at r = 1 all of D is replaced, and a learner's margin falls to {after}.",
    )


def _clipped_base() -> Finding:
    cases = 0
    for n, k, attack in product(range(1, 7), range(1, 5), Attack):
        for excess in range(1, n**k + 1, max(1, n**k // 9)):
            holds = [survives(n, k, r, Fraction(excess), attack) for r in range(n)]
            beyond = [survives(n, k, r, Fraction(excess), attack) for r in range(n, 4 * n)]
            if holds != sorted(holds, reverse=True) or any(beyond) != (attack == Attack.DELETE):
                return Finding(False, f"n={n} k={k} {attack} G={excess}")
            cases += 1
    return Finding(
        True,
        "with m = max(0, max(n, n') - r) the inequality holds up to one r < n and for no r from n "
        f"to 4n (for delete there is no such attack): n <= 6, k <= 4 ({cases} gaps).",
    )


CLAIMS = (
    Claim(
        "residuals",
        "(21), (39)",
        "With the least residuals the bounds are whole lists, and the gap between them is "
        "G = floor(p_l n^k) - ceil(p_s n^k).",
        refuted_by="Searching all multiples of n^-k for the least residuals: a gap that is not "
        "the program's, or gaps out of order.",
        supports=(Evidence(Kind.EXHAUSTIVE, _residuals),),
    ),
    Claim(
        "erratum-5",
        "Theorem 1, (21), (39)",
        "Eq (4) has to subtract the residuals δ_l and δ_s from p_l - p_s.",
        refuted_by="The exact optimum over all learners: not positive where eq (4) with residuals "
        "gives no certificate, or below r* without residuals.",
        refutes=(Evidence(Kind.COUNTEREXAMPLE, _more_without_residuals),),
        repairs=(
            Evidence(Kind.SYMBOLIC, without_residuals),
            Evidence(Kind.EXHAUSTIVE, _radius_is_the_optimum),
        ),
        repair="G = (p_l - p_s) n^k is sound for every learner, and tight.",
    ),
    Claim(
        "integral-gap",
        "(21), (39)",
        "For deterministic learners, whose masses are integers, the bounds may be rounded the "
        "other way: G = ceil(p_l n^k) - floor(p_s n^k).",
        refuted_by="Tabulating every deterministic learner with P and S whole lists: one that "
        "loses its vote within r*, or none that does at r* + 1 where the bounds are attained.",
        supports=(Evidence(Kind.EXHAUSTIVE, integral_masses),),
    ),
    Claim(
        "erratum-6",
        "Theorem 1, Algorithm 1",
        "If p_l > p_s, some r satisfies eq (4), so that the arg max exists.",
        refuted_by="The program's test of eq (4) at p_l = 3/5, p_s = 2/5, n = 2, k = 1: true at "
        "some r; or, over the grid, an r where G <= 0, or none where G > 0.",
        refutes=(Evidence(Kind.COUNTEREXAMPLE, _nothing_feasible),),
        repairs=(Evidence(Kind.EXHAUSTIVE, _abstention),),
        repair="Exactly if G > 0; where G <= 0 there is no certificate, and Certify abstains.",
    ),
    Claim(
        "erratum-7",
        "(4), Corollary 1",
        "The base max(n, n') - r of eq (4) may be used at every r.",
        refuted_by="Evaluating 1 - 2 (1 - r)^2 for r < 50: negative at r = 0 alone; or, with m "
        "clipped at 0, eq (4) true again at an r from n to 4n.",
        refutes=(Evidence(Kind.COUNTEREXAMPLE, negative_base),),
        repairs=(Evidence(Kind.EXHAUSTIVE, _clipped_base),),
        repair="As m = max(0, max(n, n') - r): an even k hides a negative base.",
    ),
)

"""Theorem 2 and its proof, Appendix B: no radius beyond r* can be certified; erratum 4."""

from fractions import Fraction
from itertools import product
from typing import Any

from bagcert.proofs_checks.claims.gaps import integral_masses
from bagcert.proofs_checks.enumeration.exhaustive import QUICK, run
from bagcert.proofs_checks.enumeration.learners import lists_of, literal_margins
from bagcert.proofs_checks.enumeration.visits import visit
from bagcert.proofs_checks.evidence.claim import Claim, Evidence, Finding, Kind
from bagcert.proofs_checks.evidence.symbols import Steps, nonnegative, positive
from bagcert.reference.poisoning import Attack, Poisoned, kept_examples, poisoned_sizes
from bagcert.reference.residuals import Residual
from bagcert.reference.theorem1 import certified_poisoning_size, left_side, worst_size
from bagcert.reference.theorem2.assumptions import unmet_assumption
from bagcert.reference.theorem2.learner import adversary

__all__ = ["CLAIMS", "adversary_masses", "feasible_size", "infeasible"]

_TIGHT = QUICK._replace(n=5, k=3, learners=2**10, visits=25)


def adversary_masses(free: Any = None, room: Any = None) -> Finding:
    """A*'s masses under D'. ``free`` is L - |B|, ``room`` n^k - L - S: neither is negative."""
    steps = Steps()
    shared, removed, inserted = nonnegative("E B B'")
    clean, after = shared + removed, shared + inserted
    spare = nonnegative("a") if free is None else free
    rest = nonnegative("b") if room is None else room
    low = removed + spare
    high = clean - low - rest
    steps.nonnegative("L >= |B|: l spends |B| lists on B and has L - |B| left in E", low - removed)
    steps.nonnegative("S <= |E|, as L + S <= n^k: s has room in E", shared - high)
    left = after - 2 * shared + clean - (low - high)
    steps.zero(
        "under D' l has L - |B|, s has S + |B'|: l's lead is minus the left side of (4)",
        (low - removed) - (high + inserted) + left,
    )
    return steps.finding(
        "Where |B| <= L and L + S <= n^k, A* is consistent with eq (2) and overturns the vote "
        "exactly where (57) says that eq (4) is violated."
    )


def _lead_of_every_list() -> Finding:
    """A*'s lead under D', summed over every list that it answers, against eq (4)'s left side."""
    cases = 0
    for n, k, classes in product(range(1, 5), range(1, 4), (2, 3)):
        for a in range(1, n**k + 1):
            low, high = Fraction(a, n**k), Fraction(n**k - a, n**k)
            for attack, r in product(Attack, range(1, n)):
                size = certified_poisoning_size(
                    n, k, low, high, attack=attack, residual=Residual.NONE
                )
                if low <= high or size is None or r <= size:
                    continue
                learner = adversary(n, k, low, high, r, classes, attack=attack)
                if learner.n**k - learner.poisoned.kept**k > a:
                    continue  # B outweighs l: the other construction (claim theorem-2)
                lead = Fraction(0)
                for indices in lists_of(n, k, learner.poisoned)[1]:
                    law = learner.law(indices)
                    lead += law.get(0, Fraction(0)) - law.get(1, Fraction(0))
                gap = (low - high) * n**k
                if lead != -left_side(n, k, learner.poisoned, gap):
                    return Finding(False, f"another lead at n={n} k={k} p_l={low} r={r} {attack}")
                cases += 1
    return Finding(
        cases > 0,
        "the program's A*, asked on every list of D', leads l over s by exactly minus the left "
        f"side of (4): n <= 4, k <= 3, c = 2 and 3, every p_l = 1 - p_s = a/n^k, r* < r < n "
        f"({cases:,} learners).",
    )


def feasible_size(above_one: Any = None, below: Any = None) -> Finding:
    """Some violating n' has |B| <= L. ``above_one`` is k - 1; ``below`` is 1 + Δ - (1 + r/n)^k."""
    from sympy import diff, log

    steps = Steps()
    j = nonnegative("j") if above_one is None else above_one
    k = 1 + j
    # Either n' = n + r violates: m = n, and B is empty. Or (1 + r/n)^k < 1 + Δ:
    w = positive("w") if below is None else below
    x, s, q, z = positive("x s q z")
    base = (1 + x) ** k
    steps.positive(
        "n + r does not violate: (1 + r/n)^k < 1 + Δ = (1 + r/n)^k + w, so 1 + r/n < (1+Δ)^(1/k), "
        "as log(1 + w / (1 + r/n)^k) / k > 0",
        log(1 + w / base) / k,
    )
    sum_of = (1 + z) ** (1 / k) + (1 - z) ** (1 / k)
    slope = (1 + z) ** (1 / k - 1) / k - (1 - z) ** (1 / k - 1) / k
    steps.zero("(1+z)^(1/k) + (1-z)^(1/k) is 2 at z = 0", sum_of.subs(z, 0) - 2)
    steps.zero("its slope is ((1+z)^(-a) - (1-z)^(-a)) / k, a = 1 - 1/k", diff(sum_of, z) - slope)
    steps.power_order("which is not positive: (1-z)^a <= (1+z)^a as a >= 0", s, s + q, j / k)
    # 1 + x = A - u, with A = (1+Δ)^(1/k); C = (1-Δ)^(1/k) = 2 - A - v, by the sum at z = Δ.
    big, u = positive("A u")
    v = nonnegative("v")
    small = 2 - big - v
    step = (1 - (big - u - 1)) - small
    steps.positive("so 1 - r/n = 2 - (1 + r/n) > 2 - (1+Δ)^(1/k) >= (1-Δ)^(1/k)", step)
    steps.positive(
        "and (1 - r/n)^k > ((1-Δ)^(1/k))^k, as k log of the ratio is positive", k * log(1 + q)
    )
    steps.zero("which is 1 - Δ", (s ** (1 / k)) ** k - s)
    p_l, p_s = positive("p_l"), nonnegative("p_s")
    steps.nonnegative("1 - Δ >= 1 - p_l, as p_s >= 0", (1 - (p_l - p_s)) - (1 - p_l))
    return steps.finding(
        "For real k >= 1 and 0 < Δ <= 1: if n' = n + r violates (4) then m = n and B is empty; if "
        "not, (m/n)^k >= (1 - r/n)^k > 1 - Δ >= 1 - p_l, that is |B| < L, at every n' of eq (1). "
        "Either way a violating n' has room for R = B ∪ B'."
    )


def infeasible() -> tuple[int, int, int, int, Fraction] | None:
    """Return the first (n, k, r, n', p_l) at which the maximising n' violates (4) and |B| > L."""
    for n, k in product(range(1, 9), range(1, 4)):
        lists = n**k
        for r, a in product(range(1, n), range(lists // 2 + 1, lists + 1)):
            size = worst_size(n, k, r)
            kept = kept_examples(n, size, r)
            gap = Fraction(2 * a - lists)
            violated = left_side(n, k, Poisoned(size, kept), gap) >= 0
            if violated and lists - kept**k > a:
                return n, k, r, size, Fraction(a, lists)
    return None


def _no_room_for_b() -> Finding:
    found = infeasible()
    if found is None:
        return Finding(False, "no infeasible n' found")
    n, k, r, size, p_l = found
    kept = kept_examples(n, size, r)
    gone, held = n**k - kept**k, p_l * n**k
    return Finding(
        gone > held,
        f"n = {n}, k = {k}, p_l = {p_l}, p_s = {1 - p_l}, r = {r}: the maximising n' = {size} "
        f"violates (4), and there B has {gone} of D's {n**k} lists, more than the {held} that l "
        "has, so that R = B ∪ B' (and the learner built on it) does not exist.",
    )


def _some_size_is_feasible() -> Finding:
    cases = rescued = 0
    for n, k in product(range(1, 10), range(1, 4)):
        lists = n**k
        for a, r in product(range(lists // 2 + 1, lists + 1, max(1, lists // 60)), range(1, n + 2)):
            gap = Fraction(2 * a - lists)
            violating = {
                size: lists - kept_examples(n, size, r) ** k <= a
                for size in poisoned_sizes(n, r)
                if left_side(n, k, Poisoned(size, kept_examples(n, size, r)), gap) >= 0
            }
            if not violating:
                continue
            if not any(violating.values()):
                return Finding(False, f"no feasible violating n' at n={n} k={k} r={r} L={a}")
            cases += 1
            rescued += not violating[worst_size(n, k, r)]
    return Finding(
        rescued > 0,
        "wherever some n' violates (4), one with |B| <= L does: n <= 9, k <= 3, r <= n + 1, c = 2, "
        f"up to some 30 bounds each ({cases:,} cases; in {rescued:,} not the maximising n').",
    )


def _enumerated() -> Finding:
    report = run(_TIGHT)
    faults = report.improvable + report.wrong
    if faults:
        return Finding(False, faults[0])
    return Finding(
        min(report.tight, report.adversaries) > 0,
        f"r* is the last r at which every learner keeps its vote in all {report.tight:,} settings "
        f"where both bounds are attained (n <= {_TIGHT.n}, k <= {_TIGHT.k}, c <= {_TIGHT.classes}, "
        f"four attacks), and A* at r* + 1, asked for its answer on every list "
        f"({report.adversaries:,} learners, {report.lists:,} lists), is consistent with eq (2) and "
        "overturns the vote.",
    )


def _every_larger_radius() -> Finding:
    cases = 0
    for n, k, attack in product(range(1, 6), (1, 2), Attack):
        for a in range(n**k // 2 + 1, n**k + 1):
            low = Fraction(a, n**k)
            radius = certified_poisoning_size(n, k, low, 1 - low, attack=attack, residual="none")
            first = 0 if radius is None else radius + 1
            for r in range(first, n + (attack != Attack.DELETE)):
                learner = adversary(n, k, low, 1 - low, r, 2, attack=attack)
                for fault in visit(learner, low, 1 - low):
                    return Finding(False, f"n={n} k={k} {attack} p_l={low} r={r}: {fault}")
                cases += 1
    return Finding(
        True,
        "at every r from r* + 1 to n, for each attack alone too, where B can outweigh p_l: n <= 5, "
        f"k <= 2, p_l + p_s = 1, every list answered ({cases:,} learners).",
    )


def _deterministic_learners_survive() -> Finding:
    n, k, c, low, high = 3, 1, 3, Fraction(3, 5), Fraction(1, 5)
    unmet = unmet_assumption(n, k, low, high, c, Residual.NONE)
    radius = certified_poisoning_size(n, k, low, high, residual=Residual.INTEGRAL)
    least, tops, seconds = [], -(-low * n // 1), high * n // 1
    for size in poisoned_sizes(n, 1):
        table, _ = literal_margins(n, k, Poisoned(size, kept_examples(n, size, 1)), c)
        least.append(int(table[int(tops), int(seconds)]))
    return Finding(
        unmet is None and radius == 0 and min(least) > 0,
        "n = 3, k = 1, c = 3, p_l = 3/5, p_s = 1/5: p_l + p_s <= 1 <= p_l + 2 p_s, and r* = 0; a "
        "consistent deterministic learner gives l all 3 lists, and gone through one by one all of "
        f"them keep l ahead within r = 1 (by {min(least)} lists or more).",
    )


CLAIMS = (
    Claim(
        "theorem-2",
        "Theorem 2",
        "Without residuals, for every r > r* some learner consistent with eq (2) and some poisoned "
        "set within r overturn the vote or tie it.",
        refuted_by="Asking the constructed learner on every list at r* + 1: its masses break eq "
        "(2), or it keeps the vote; or an r* short of the enumerated one.",
        supports=(
            Evidence(Kind.EXHAUSTIVE, _enumerated),
            Evidence(Kind.EXHAUSTIVE, _every_larger_radius),
        ),
    ),
    Claim(
        "theorem-2-learner",
        "Appendix B, (57)",
        "A* gives l the lists of B first and s those of B' and E: under D' its lead is minus the "
        "left side of eq (4).",
        refuted_by="Summing the program's learner over every list of D': a lead other than minus "
        "the program's left side of (4).",
        supports=(
            Evidence(Kind.SYMBOLIC, adversary_masses),
            Evidence(Kind.EXHAUSTIVE, _lead_of_every_list),
        ),
    ),
    Claim(
        "erratum-4",
        "Theorem 2, proof",
        "At the n' that maximises the left side of (4) the region R = B ∪ B' exists.",
        refuted_by="Computing |B| and L at the maximising n' for n <= 8, k <= 3: B fits wherever "
        "(4) is violated; or at some r no violating n' has |B| <= L.",
        refutes=(Evidence(Kind.COUNTEREXAMPLE, _no_room_for_b),),
        repairs=(
            Evidence(Kind.SYMBOLIC, feasible_size),
            Evidence(Kind.EXHAUSTIVE, _some_size_is_feasible),
        ),
        repair="At some n' that violates (4), always: n + r, or else every violating n' of eq (1).",
    ),
    Claim(
        "theorem-2-integral",
        "Theorem 2; MATHEMATICS.md",
        "For deterministic learners Theorem 2 holds, with G = ceil(p_l n^k) - floor(p_s n^k), "
        "where p_l + p_s <= 1 <= p_l + (c-1) p_s.",
        refuted_by="Going through the deterministic learners of n = 3, c = 3 one by one: one that "
        "loses within r = 1; or an r* that the enumeration exceeds under the repaired condition.",
        refutes=(Evidence(Kind.COUNTEREXAMPLE, _deterministic_learners_survive),),
        repairs=(Evidence(Kind.EXHAUSTIVE, integral_masses),),
        repair="Where P + S <= n^k <= P + (c-1) S, P = ceil(p_l n^k) and S = floor(p_s n^k).",
    ),
)

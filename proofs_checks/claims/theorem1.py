"""Theorem 1 and its proof, Appendix A: (4), (53)–(55), monotonicity, and where r* can lie."""

from fractions import Fraction
from itertools import product
from typing import Any

from bagcert.proofs_checks.enumeration.exhaustive import QUICK, run
from bagcert.proofs_checks.evidence.claim import Claim, Evidence, Finding, Kind
from bagcert.proofs_checks.evidence.symbols import Steps, nonnegative, positive
from bagcert.reference.poisoning import Attack, Poisoned, kept_examples, poisoned_sizes
from bagcert.reference.residuals import Residual
from bagcert.reference.theorem1 import certified_poisoning_size, left_side, survives
from bagcert.reference.theorem2.learner import adversary

__all__ = ["CLAIMS", "equivalence", "monotone", "radius_range", "side_conditions"]


def equivalence(poisoned: Any = None) -> Finding:
    """(53) <=> (54). ``poisoned`` is n', a positive symbol."""
    steps = Steps()
    n, k = positive("n k")
    m, p, s = nonnegative("m p s")  # p = p_l - δ_l, s = p_s + δ_s
    size = positive("N") if poisoned is None else poisoned
    scale = (n / size) ** k
    low = scale * (p - (1 - (m / n) ** k))
    high = scale * s + 1 - (m / size) ** k
    left = (size / n) ** k - 2 * (m / n) ** k + 1 - (p - s)
    steps.zero(
        "(n'/n)^k times the difference in (53) is minus the left side of (54)",
        (low - high) * (size / n) ** k + left,
    )
    steps.positive("(n'/n)^k > 0", (size / n) ** k)
    return steps.finding(
        "For real n, n', k > 0, m >= 0 and any p_l - δ_l, p_s + δ_s: Pr(Y in A) > Pr(Y in B), "
        "(53), exactly if the left side of (54) is negative."
    )


def side_conditions(inserted: Any = None, slack: Any = None) -> Finding:
    """(55) implies p_l - δ_l > 1 - (m/n)^k and p_s + δ_s < (m/n)^k.

    ``inserted`` is (n'/n)^k - (m/n)^k, not negative as n' >= m; ``slack`` is 1 - (p_l - δ_l).
    """
    steps = Steps()
    shared = nonnegative("a")  # (m/n)^k
    b = nonnegative("b") if inserted is None else inserted
    e = nonnegative("e") if slack is None else slack
    d = positive("d")  # (55): the left side is -d
    s = nonnegative("s")
    p = s + (shared + b) - 2 * shared + 1 + d
    steps.zero(
        "p - s = (n'/n)^k - 2 (m/n)^k + 1 + d is (55) with a left side of -d < 0",
        (shared + b) - 2 * shared + 1 - (p - s) + d,
    )
    steps.positive("p - (1 - (m/n)^k) = s + b + d > 0 as s >= 0 and n' >= m", p - (1 - shared))
    bound = (1 - e) - ((shared + b) - 2 * shared + 1 + d)  # s, with p = 1 - e
    steps.positive("(m/n)^k - s = e + b + d > 0 as p <= 1 and n' >= m", shared - bound)
    return steps.finding(
        "Where (55) holds at one n' >= m, with p = p_l - δ_l <= 1 and s = p_s + δ_s >= 0, the "
        "regions that Lemma 1 is applied to exist: p > 1 - (m/n)^k and s < (m/n)^k."
    )


def monotone(exponent: Any = None) -> Finding:
    """Monotone in r. ``exponent`` is k, a positive symbol."""
    steps = Steps()
    m, d = positive("m d")
    size, n, g = nonnegative("N n g")
    k = positive("k") if exponent is None else exponent
    change = (size**k - 2 * m**k + n**k - g) - (size**k - 2 * (m + d) ** k + n**k - g)
    steps.zero(
        "with m instead of m + d kept examples the left side grows by 2 ((m+d)^k - m^k)",
        change - 2 * ((m + d) ** k - m**k),
    )
    steps.power_order("m^k <= (m+d)^k for m, d > 0", m, m + d, k)
    return steps.finding(
        "For real k > 0: at any n' a larger r keeps no more examples, so the left side of (4) does "
        "not fall, and the range of n' only grows: (4) at r implies (4) at every smaller r."
    )


def radius_range(above_one: Any = None, room: Any = None) -> Finding:
    """0 <= r* <= n - 1. ``above_one`` is k - 1; ``room`` is n^k - G; neither is negative."""
    from sympy import log

    steps = Steps()
    lists, gap = positive("n^k G")
    j = nonnegative("j") if above_one is None else above_one
    e = nonnegative("e") if room is None else room
    steps.positive("at r = 0 the left side is -G < 0", -(lists - 2 * lists + lists - gap))
    steps.positive(
        "modify, any: at r = n, n' = n and m = 0 it is n^k + (n^k - G) > 0",
        lists - 0 + lists - (lists - e),
    )
    steps.nonnegative("2^(k-1) >= 1: its logarithm is not negative", j * log(2))
    w = nonnegative("w")  # 2^(k-1) = 1 + w
    insert = 2 * (1 + w) * lists - 2 * lists + lists - (lists - e)
    steps.nonnegative("insert: at r = n it is (2n)^k - n^k - G >= 0", insert)
    return steps.finding(
        "For real k >= 1 and 0 < G <= n^k, (4) holds at r = 0 and not at r = n (delete ends at "
        "n - 1, with one example left): 0 <= r* <= n - 1."
    )


def _every_learner() -> Finding:
    report = run(QUICK)
    if report.unsound or report.wrong:
        return Finding(False, (report.unsound + report.wrong)[0])
    return Finding(
        report.by_learners > 0,
        f"no certified radius exceeds the last r at which every learner keeps its vote: all "
        f"p_l = a/n^k, p_s = b/n^k, the four attacks, n <= {QUICK.n}, k <= {QUICK.k}, "
        f"c <= {QUICK.classes} where n^k <= {QUICK.lists} or c = 2, against every deterministic "
        f"learner ({report.by_learners:,} settings; {report.literal:,} learners one by one), and "
        f"{report.by_optimum:,} more against the exact optimum over all randomised ones.",
    )


def _monotone_by_scan() -> Finding:
    cases = 0
    for n, k, attack in product(range(1, 8), range(1, 5), Attack):
        for gap in range(1, n**k + 1, max(1, n**k // 40)):
            holds = [
                all(
                    left_side(n, k, Poisoned(size, kept_examples(n, size, r)), Fraction(gap)) < 0
                    for size in poisoned_sizes(n, r, attack)
                )
                for r in range(n if attack == Attack.DELETE else 2 * n + 1)
            ]
            if holds != sorted(holds, reverse=True) or not holds[0]:
                return Finding(False, f"not monotone at n={n} k={k} {attack} G={gap}")
            if attack != Attack.DELETE and any(holds[n:]):
                return Finding(False, f"(4) holds at r >= n: n={n} k={k} {attack} G={gap}")
            cases += 1
    return Finding(
        True,
        f"(4), tried at every n' of eq (1), holds up to one r and not beyond, from 0 to at most "
        f"n - 1: n <= 7, k <= 4, four attacks, up to 41 gaps G each, r <= 2n ({cases} scans).",
    )


def _ties() -> Finding:
    """At a left side of exactly 0 the adversary ties: with <= the theorem would be false."""
    ties = 0
    for n, k in product(range(1, 13), range(1, 5)):
        for r in range(1, n + 1):
            gap = Fraction(2 * n**k - 2 * (n - r) ** k, n**k)
            if gap > 1:
                continue
            low, high = (1 + gap) / 2, (1 - gap) / 2
            certified = certified_poisoning_size(n, k, low, high, residual=Residual.NONE)
            after = adversary(n, k, low, high, r, 2, size=n).probabilities(True)
            if certified != r - 1 or after[0] != after[1]:
                return Finding(False, f"no tie at n={n} k={k} r={r}")
            ties += 1
    return Finding(
        ties > 0,
        f"where the left side is exactly 0, r* stops at r - 1 and a learner ties l and s under D': "
        f"all {ties} such (n, k, r) with n <= 12, k <= 4, n' = n, p_l + p_s = 1.",
    )


def _holds_at_zero() -> Finding:
    for n, k in product(range(1, 6), range(1, 4)):
        for gap in range(-3, n**k + 1):
            for attack in Attack:
                if survives(n, k, 0, Fraction(gap), attack) != (gap > 0):
                    return Finding(False, f"r = 0 at n={n} k={k} {attack} G={gap}")
    return Finding(True, "(4) at r = 0 is G > 0: n <= 5, k <= 3, every integer G from -3 to n^k.")


CLAIMS = (
    Claim(
        "eq-53-54",
        "(53), (54)",
        "Pr(Y in A) > Pr(Y in B) under Lemma 1's worst case, (53), is equivalent to the "
        "inequality of eq (4), (54).",
        refuted_by="sympy: (n'/n)^k times the difference of the two sides of (53), plus the left "
        "side of (54), does not simplify to 0.",
        supports=(Evidence(Kind.SYMBOLIC, equivalence),),
    ),
    Claim(
        "eq-55",
        "(55)",
        "The final condition (55) implies the two side conditions under which Lemma 1 was applied.",
        refuted_by="sympy: with (55) put in, it does not find one of the two side conditions to "
        "hold with room to spare.",
        supports=(Evidence(Kind.SYMBOLIC, side_conditions),),
    ),
    Claim(
        "theorem-1",
        "Theorem 1, (3), (4)",
        "Within r* of eq (4) every poisoned set leaves bagging's prediction as it is, whatever the "
        "base learner.",
        refuted_by="Going through every deterministic learner on few lists: one consistent with "
        "eq (2) that loses its vote within the program's r*.",
        supports=(Evidence(Kind.EXHAUSTIVE, _every_learner),),
    ),
    Claim(
        "monotone-in-r",
        "(4)",
        "If eq (4) holds at r it holds at every smaller r, so a largest r is found by bisection.",
        refuted_by="Scanning r upwards with the program's left side at every n': eq (4) true at "
        "some r after it was false at a smaller one.",
        supports=(
            Evidence(Kind.SYMBOLIC, monotone),
            Evidence(Kind.EXHAUSTIVE, _monotone_by_scan),
        ),
    ),
    Claim(
        "radius-range",
        "(4)",
        "Where 0 < G <= n^k, r* lies between 0 and n - 1, for every attack.",
        refuted_by="The program's test of eq (4) at r = 0: false with G > 0, or true with G <= 0; "
        "or sympy, not finding its left side at r = n to be 0 or more.",
        supports=(
            Evidence(Kind.SYMBOLIC, radius_range),
            Evidence(Kind.EXHAUSTIVE, _holds_at_zero),
        ),
    ),
    Claim(
        "eq-4-strict",
        "(4)",
        "The inequality of eq (4) is strict for a reason: at equality some learner ties.",
        refuted_by="Asking Theorem 2's learner at a left side of exactly 0: l and s with "
        "different masses under D', or an r* that reaches that r.",
        supports=(Evidence(Kind.EXHAUSTIVE, _ties),),
    ),
)

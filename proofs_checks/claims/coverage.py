"""Section 3 and Theorem 3: confidence bounds, and how often what they certify is wrong.

Throughout a = α/e is the level of one example, "issued" means ``p_l > p_s``, and "wrong" that
eq (2) is false of what was issued (:mod:`bagcert.proofs_checks.coverage.exact`).
"""

from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import product
from typing import Final

from bagcert.proofs_checks.coverage.exact import (
    QUICK,
    Case,
    binomial_tail,
    check,
    probability,
    worst_of_two,
)
from bagcert.proofs_checks.coverage.rules import (
    Probabilities,
    Rule,
    as_read_cohen,
    as_read_simuem,
    by_method,
    event_72,
    is_wrong,
    issued,
    vectors,
)
from bagcert.proofs_checks.evidence.claim import Claim, Evidence, Finding, Kind
from bagcert.reference.bounds import Method, clopper_pearson_upper, proven_level

__all__ = ["CLAIMS", "convex", "exceeds", "kept", "several"]

_HALF: Final = Fraction(1, 2)
_EVEN: Final = (_HALF, _HALF)
_TWENTIETH: Final = Fraction(1, 20)


def _said(p: Probabilities) -> str:
    return f"p = ({', '.join(f'{float(q):.6g}' for q in p)})"


def exceeds(rule: Rule, total: int, alpha: Fraction, times: Fraction) -> Finding:
    """At c = 2 the rule exceeds ``times`` its level somewhere."""
    worst = worst_of_two(total, rule)
    ratio = worst.value / alpha
    return Finding(
        ratio > times,
        f"N = {total}, c = 2, a = {alpha}: Pr(issued and wrong) = {float(ratio):.3f} a at "
        f"{_said((worst.top, 1 - worst.top))}, a rational evaluated exactly",
    )


def kept(method: Method, cases: Iterable[Case], *, raised: Fraction = Fraction(1)) -> Finding:
    """No case exceeds the proven level, with the method at ``raised`` times that level."""
    most: dict[bool, tuple[Fraction, Fraction, str]] = {}
    for case in cases:
        bound, value, p = check(method, case._replace(alpha=case.alpha * raised))
        where = f"N = {case.total}, c = {case.classes}, a = {case.alpha}, {_said(p)}"
        if bound * raised > proven_level(case.alpha, case.classes, method) / case.alpha:
            return Finding(False, f"{where}: {float(value * raised):.4f} a")
        most[case.classes == 2] = max(
            most.get(case.classes == 2, (Fraction(-1), bound, "")), (value, bound, where)
        )
    texts = []
    if True in most:
        value, bound, where = most[True]
        texts.append(
            f"c = 2: largest {float(value):.4f} a ({where}), at most {float(bound):.4f} a there "
            f"over every p in [0, 1]"
        )
    if False in most:
        value, _, where = most[False]
        texts.append(
            f"c = 3 to 5, p on a grid of 1/12 and beside bounds: largest {float(value):.4f} a "
            f"({where})"
        )
    # A rule that never issues anything would keep every level.
    supported = bool(texts) and all(value > 0 for value, _, _ in most.values())
    return Finding(supported, f"{method} keeps its proven level; {'; '.join(texts)}")


def _always_wrong_when_issued() -> Finding:
    chances = []
    for method in Method:
        outcomes = issued(60, 2, by_method(method, _TWENTIETH))
        wrong = [one.counts for one in outcomes if is_wrong(one.bounds, _EVEN)]
        chance = probability([one.counts for one in outcomes], _EVEN)
        if not outcomes or probability(wrong, _EVEN) != chance:
            return Finding(False, f"{method}: a certificate at p = (1/2, 1/2) is right")
        chances.append(f"{method} {float(chance / _TWENTIETH):.3f} a")
    return Finding(
        True,
        f"N = 60, c = 2, a = 1/20, p = (1/2, 1/2): Pr(wrong | issued) = 1, where Pr(issued) is "
        f"{', '.join(chances)}",
    )


def _as_read_at_the_tie() -> Finding:
    alpha = Fraction(1, 100)
    wrong = [
        one.counts for one in issued(200, 2, as_read_cohen(alpha)) if is_wrong(one.bounds, _EVEN)
    ]
    ratio = probability(wrong, _EVEN) / alpha
    return Finding(
        ratio > Fraction(19, 10),
        f"N = 200, c = 2, a = 1/100, p = (1/2, 1/2): Pr(issued and wrong) = {float(ratio):.4f} a, "
        f"exactly",
    )


def _correct_at_zero(total: int, beta: Fraction) -> Fraction:
    return clopper_pearson_upper(0, total, beta)


def _nothing(total: int, beta: Fraction) -> Fraction:
    """What (6) gives at n_j = 0: all of Beta(0, N + 1) lies at 0."""
    return Fraction(0)


def _fails_72() -> Finding:
    p = (Fraction(76, 200), Fraction(65, 200), Fraction(59, 200))
    ratio = probability(event_72(150, _TWENTIETH, p), p) / _TWENTIETH
    return Finding(
        ratio > Fraction(3, 2),
        f"N = 150, c = 3, a = 1/20, {_said(p)}: the event fails with probability "
        f"{float(ratio):.4f} a, an exact rational",
    )


def several(rule: Rule | None = None, level: Fraction = Fraction(1, 3)) -> Finding:
    """Two examples at level a each: Pr(any issued and wrong) <= 2 a, whatever ties their votes.

    One model answers both, so that a vote is one of four pairs of labels, with any law.
    """
    chosen = by_method(Method.SELECTED, level) if rule is None else rule
    total, worst, cases = 9, Fraction(0), 0
    cells = list(product(range(2), repeat=2))
    rules = {one.counts: one.bounds for one in issued(total, 2, chosen)}
    for parts in vectors(8, 4):
        law = tuple(Fraction(part, 8) for part in parts)
        truths: list[Probabilities] = [
            tuple(
                Fraction(sum(q for q, cell in zip(law, cells, strict=True) if cell[i] == label))
                for label in range(2)
            )
            for i in range(2)
        ]  # fmt: skip
        wrong = []
        for votes in vectors(total, 4):
            for i, truth in enumerate(truths):
                ones = sum(v for v, cell in zip(votes, cells, strict=True) if cell[i] == 1)
                bounds = rules.get((total - ones, ones))
                if bounds is not None and is_wrong(bounds, truth):
                    wrong.append(votes)
                    break
        worst, cases = max(worst, probability(wrong, law) / level), cases + 1
    return Finding(
        0 < worst <= 2,
        f"two examples, N = {total}, c = 2, a = {level}, {cases} laws of the pair of answers, "
        f"dependent and not: Pr(some certificate is issued and wrong) is at most "
        f"{float(worst):.4f} a, of 2 a, exactly",
    )


def convex(start: int = 0) -> Finding:
    """``Pr(Bin(N, p) >= x) <= 2 p Pr(Bin(N, 1/2) >= x)`` for p <= 1/2 and 2x >= N + 1 - start."""
    cases = 0
    for total in range(1, 31):
        for x in range(max(1, (total + 2 - start) // 2), total + 1):
            height = binomial_tail(total, x, _HALF)
            for i in range(21):
                p = Fraction(i, 40)
                if binomial_tail(total, x, p) > 2 * p * height:
                    return Finding(False, f"N = {total}, x = {x}, p = {p}: the chord is crossed")
                cases += 1
    return Finding(
        True,
        f"the step of its proof, f(p) <= 2 p f(1/2) for f(p) = Pr(Bin(N, p) >= x), 2x >= N + 1: "
        f"every N <= 30 and x, p = 0, 1/40, ..., 1/2 ({cases:,} exact sums)",
    )


def _coverage(method: Method, cases: Iterable[Case] = QUICK) -> Evidence:
    return Evidence(Kind.EXHAUSTIVE, lambda: kept(method, cases))


def _against(check: Callable[[], Finding]) -> Evidence:
    return Evidence(Kind.COUNTEREXAMPLE, check)


CLAIMS: Final = (
    Claim(
        id="erratum-1",
        equation="(6)",
        statement="The quantile of Beta(n_j, N - n_j + 1) at 1 - β bounds p_j from above.",
        refuted_by="Exact coverage at c = 2: at most 2 a (18 a with eq (6)'s zero) as printed, or "
        "more than a with the parameters corrected.",
        refutes=(
            _against(
                lambda: exceeds(
                    as_read_simuem(_TWENTIETH, at_zero=_correct_at_zero),
                    60,
                    _TWENTIETH,
                    Fraction(2),
                )
            ),
            _against(
                lambda: exceeds(
                    as_read_simuem(_TWENTIETH, at_zero=_nothing), 60, _TWENTIETH, Fraction(18)
                )
            ),
        ),
        repairs=(_coverage(Method.SIMUEM, (Case(60, 2, _TWENTIETH), Case(200, 2, _TWENTIETH))),),
        repair="The parameters are n_j + 1 and N - n_j (claim clopper-pearson).",
    ),
    Claim(
        id="erratum-2",
        equation="(72)",
        statement="For the label l that the same votes chose, p_l >= lower_l and p_j <= upper_j "
        "for every other j, each at α/(e c), hold together with probability 1 - α/e at least.",
        refuted_by="Summing the outcomes of N = 150 for which the event of (72) fails: at most "
        "3/2 of the level.",
        refutes=(_against(_fails_72),),
    ),
    Claim(
        id="theorem-3",
        equation="Theorem 3, (8), (73); erratum 3",
        statement="Given that it does not abstain, Certify is right with probability 1 - α/e.",
        refuted_by="Summing all outcomes of N = 60: a right certificate at p = (1/2, 1/2); or, "
        "for the repair, more than a for one example or 2 a for two, whatever ties their votes.",
        refutes=(_against(_always_wrong_when_issued),),
        repairs=(
            _coverage(Method.SELECTED, [case for case in QUICK if case.total <= 60]),
            Evidence(Kind.EXHAUSTIVE, several),
        ),
        repair="Pr(issued and wrong) <= α/e for each example with `selected`, a joint event; by "
        "the union bound all e certificates are right, or not issued, with probability 1 - α.",
    ),
    Claim(
        id="erratum-12",
        equation='Section 3, "the Monte-Carlo method proposed by [12]"',
        statement="One lower bound at level α/e for the label that the same votes chose, with "
        "p_s = 1 - p_l, is wrong with probability α/e at most.",
        refuted_by="Summing all outcomes at p = (1/2, 1/2), N = 200: at most 1.9 a as read; or "
        "more than a at half the level, at some p.",
        refutes=(_against(_as_read_at_the_tie),),
        repairs=(
            _coverage(Method.COHEN),
            Evidence(Kind.EXHAUSTIVE, convex),
        ),
        repair="At half the level, β = α/(2e), it is (`cohen`): with t the most probable label, "
        "t's bound fails with β, and the others are issued with at most 2 (1 - p_t) β in all.",
    ),
    Claim(
        id="selected",
        equation="MATHEMATICS.md, `selected`",
        statement="With a sign test of the label against the next, then two bounds, "
        "Pr(issued and wrong) <= α/e.",
        refuted_by="Summing all outcomes, over p in [0, 1] at c = 2 and a grid of 1/12 and beside "
        "bounds at c = 3 to 5: more than a issued and wrong.",
        supports=(_coverage(Method.SELECTED),),
    ),
    Claim(
        id="simuem",
        equation="Section 3, SimuEM; MATHEMATICS.md, `simuem`",
        statement="With eq (6) corrected, Pr(issued and wrong) <= a at c = 2, and "
        "<= (1 + 1/c) a at c >= 3 (claims simuem-sign-tests, simuem-level).",
        refuted_by="Summing all outcomes, over p in [0, 1] at c = 2 and a grid at c = 3 to 5: "
        "more than a, or (1 + 1/c) a, issued and wrong.",
        supports=(_coverage(Method.SIMUEM),),
    ),
)

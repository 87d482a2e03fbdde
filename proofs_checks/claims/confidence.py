"""Clopper–Pearson on the grid, and what is known of SimuEM's level: proved, and open."""

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Final

from bagcert.proofs_checks.coverage.exact import binomial_tail
from bagcert.proofs_checks.evidence.claim import Claim, Evidence, Finding, Kind
from bagcert.reference.bounds import clopper_pearson_lower, clopper_pearson_upper

__all__ = ["CLAIMS", "canonical", "sign_tests"]

_HALF: Final = Fraction(1, 2)
_ULP: Final = Fraction(1, 2**53)
#: 2 β, and what float64 may add.
_TWO_BETA: Final = 2 * (1 + 1e-6)
#: Levels β of the checks of Clopper–Pearson; 1/4 and 2^-10 meet tails of p = 1/2 exactly.
_BETAS: Final = tuple(Fraction(b) for b in ("1/4", "1/20", "1/1024", "1/30000", "1/100000000"))


def canonical(
    lower: Callable[[int, int, Fraction], Fraction] = clopper_pearson_lower, most: int = 24
) -> Finding:
    """Sound, tightest on the grid, increasing in x and in β: every x of N <= ``most``."""
    cases = 0
    for total in range(1, most + 1):
        for x in range(total + 1):
            found = [lower(x, total, beta) for beta in _BETAS]
            after = [lower(x + 1, total, beta) for beta in _BETAS] if x < total else [Fraction(1)]
            for beta, q in zip(_BETAS, found, strict=True):
                sound = q == 0 if x == 0 else binomial_tail(total, x, q) <= beta
                tight = x == 0 or binomial_tail(total, x, q + _ULP) > beta
                mirrored = clopper_pearson_upper(total - x, total, beta) == 1 - q
                if not (sound and tight and mirrored and (q * 2**53).denominator == 1):
                    return Finding(False, f"N = {total}, x = {x}, β = {beta}: {q} is not canonical")
                cases += 1
            rising = all(a < b for a, b in zip(found, after, strict=False))
            if not rising or (x and sorted(found, reverse=True) != found):
                return Finding(False, f"N = {total}, x = {x}: the bounds are not monotone")
    return Finding(
        True,
        f"every count of N <= {most} at β = {', '.join(map(str, _BETAS))} ({cases:,} pairs of "
        f"bounds): lower(x) is a multiple of 2^-53 with Pr(Bin(N, q) >= x) <= β and q + 2^-53 has "
        f"more, by sums of integers; it rises with x and with β; upper(N - x) = 1 - lower(x)",
    )


def sign_tests() -> Finding:
    """The lemma behind (1 + 1/c) a: two bounds that exclude each other are a sign test."""
    from bagcert.proofs_checks.coverage.search import sign_test_inequality

    for x, y in product(range(1, 31), range(30)):
        if y < x and not sign_test_inequality(x, y, 90):
            return Finding(False, f"H is smaller elsewhere than at x + y, for x = {x}, y = {y}")
    beaten = 0
    for total in range(1, 25):
        for beta, x in product(_BETAS, range(1, total + 1)):
            low = clopper_pearson_lower(x, total, beta)
            for y in range(min(x, total - x + 1)):
                if low > min(clopper_pearson_upper(y, total, beta), _HALF):
                    beaten += 1
                    if binomial_tail(x + y, x, _HALF) > beta:
                        return Finding(False, f"N = {total}, x = {x}, y = {y}, β = {beta}: no test")
    return Finding(
        True,
        "the lemma of proofs_checks/coverage_search.py (two bounds at β that exclude each other "
        "are a sign test at β): its inequality for all y < x <= 30 and M <= 90, and what it says "
        f"of the canonical bounds at every pair of counts of N <= 24 ({beaten:,} pairs), exactly",
    )


def _searched() -> Finding:
    from bagcert.proofs_checks.coverage import search as finder

    told = []
    for total, classes in ((7, 3), (12, 3), (16, 3), (7, 4), (6, 5)):
        found = finder.search(finder.Labels(total, classes), 4, seed=total)
        exact = finder.confirmed(total, classes, found).ratio
        told.append(f"{float(exact):.4f} a at N = {total}, c = {classes}")
        # Two labels alone reach 2 a / c: a search that does not find that finds nothing.
        if found.ratio > _TWO_BETA or exact < Fraction(2, classes) * Fraction(999, 1000):
            return Finding(False, f"not 2 a / c, as is said: {told[-1]}, {found.ratio:.6f} β")
    cells = max(finder.search(finder.ThreeCells(total), 4, seed=total) for total in (9, 20, 30))
    return Finding(
        cells.ratio <= _TWO_BETA,
        "open, neither proved nor refuted; a search over p and all levels at once finds nothing "
        f"above 2 a / c, which is neared at p = (1/2, 1/2, 0, ...) ({'; '.join(told)}, each exact "
        "at a rational p); the three-cell inequality that would prove a for every c >= 3 holds "
        f"wherever it was looked at (at most {cells.ratio:.6f} β, of 2 β)",
    )


CLAIMS: Final = (
    Claim(
        id="clopper-pearson",
        equation="Section 3, the lower bound; eq (6) corrected",
        statement="For X ~ Bin(N, p), Pr(lower(X) > p) <= β and Pr(upper(X) < p) <= β for every "
        "p, and no larger lower or smaller upper bound on the grid of 2^-53 will do.",
        supports=(Evidence(Kind.EXHAUSTIVE, canonical),),
    ),
    Claim(
        id="simuem-sign-tests",
        equation="sharper than MATHEMATICS.md",
        statement="SimuEM with eq (6) corrected has Pr(issued and wrong) <= (1 + 1/c) a, as a "
        "wrong label that is issued has passed a sign test at β = a/c against the right one.",
        supports=(Evidence(Kind.EXHAUSTIVE, sign_tests),),
    ),
    Claim(
        id="simuem-level-open",
        equation="Theorem 3, (73), at c >= 3",
        statement="Open: whether SimuEM with eq (6) corrected keeps Pr(issued and wrong) <= a at "
        "c >= 3. The largest value that was found is 2 a / c.",
        supports=(Evidence(Kind.NUMERIC, _searched),),
    ),
)

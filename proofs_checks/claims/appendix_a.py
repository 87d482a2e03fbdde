"""Appendix A, between Lemma 1 and (53): the regions to which the lemma is applied, and their mass.

X is a list of D, Y a list of D'. The ratio Pr(X)/Pr(Y) is infinite on B, (n'/n)^k on E, 0 on B'.
So the region of X-mass p that Y meets least often takes B first, then part of E; the one that Y
meets most often takes B' (which costs nothing), then part of E.
"""

from fractions import Fraction
from itertools import product
from typing import Any

from bagcert.proofs_checks.enumeration.learners import lists_of
from bagcert.proofs_checks.evidence.claim import Claim, Evidence, Finding, Kind
from bagcert.proofs_checks.evidence.symbols import Steps, nonnegative, positive
from bagcert.reference.poisoning import Poisoned

__all__ = ["CLAIMS", "masses"]


def masses(room_for_l: Any = None, room_for_s: Any = None) -> Finding:
    """Pr(Y in A) and Pr(Y in B) of (53), from lists counted in E.

    ``room_for_l`` is L - |B| and ``room_for_s`` is |E| - S: the side conditions, not negative.
    """
    steps = Steps()
    n, size, k = positive("n N k")
    e = nonnegative("e") if room_for_l is None else room_for_l
    f = nonnegative("f") if room_for_s is None else room_for_s
    m = nonnegative("m")
    clean, after, shared = n**k, size**k, m**k
    low, high = (clean - shared) + e, shared - f
    p, s = low / clean, high / clean
    steps.nonnegative("A takes e = L - |B| >= 0 lists of E", e)
    steps.zero(
        "Pr(Y in A) = e / n'^k = (n/n')^k (p - (1 - (m/n)^k))",
        e / after - (n / size) ** k * (p - (1 - (m / n) ** k)),
    )
    steps.nonnegative("B takes S = |E| - f of E's lists, f >= 0, and all of B'", f)
    steps.zero(
        "Pr(Y in B) = (S + |B'|) / n'^k = (n/n')^k s + 1 - (m/n')^k",
        (high + after - shared) / after - ((n / size) ** k * s + 1 - (m / size) ** k),
    )
    return steps.finding(
        "For real n, n', k > 0 and 0 <= m: with p = L / n^k, s = S / n^k, L >= |B| and S <= |E|, "
        "the two sides of (53) are the Y-masses of the regions."
    )


def _extremes() -> Finding:
    """Every region by how many lists of E, B and B' it has: which Y meets least, which most."""
    cases = 0
    for n, size, k in product(range(1, 5), range(1, 6), range(1, 4)):
        for kept in range(min(n, size) + 1):
            clean, tampered = map(set, lists_of(n, k, Poisoned(size, kept)))
            shared, gone, new = (
                len(part) for part in (clean & tampered, clean - tampered, tampered - clean)
            )
            for lists in range(len(clean) + 1):
                regions = list(product(range(shared + 1), range(gone + 1)))
                least = min(e for e, b in regions if e + b >= lists)
                most = max(e + new for e, b in regions if e + b <= lists)
                p, scale = Fraction(lists, n**k), Fraction(n, size) ** k
                ratio = 1 - Fraction(kept, n) ** k
                low = scale * (p - ratio)
                high = scale * p + 1 - Fraction(kept, size) ** k
                fits_l, fits_s = p >= ratio, p <= 1 - ratio
                if fits_l and Fraction(least, size**k) != low:
                    return Finding(False, f"Pr(Y in A) at n={n} n'={size} m={kept} k={k} L={lists}")
                if fits_s and Fraction(most, size**k) != high:
                    return Finding(False, f"Pr(Y in B) at n={n} n'={size} m={kept} k={k} S={lists}")
                cases += fits_l + fits_s
    return Finding(
        True,
        "wherever the side conditions hold, no region with L lists of D meets fewer lists of D' "
        "than A, and none with S meets more than B, and these are the two sides of (53): n <= 4, "
        f"n' <= 5, k <= 3, every m, every whole L and S ({cases:,} regions).",
    )


CLAIMS = (
    Claim(
        "appendix-a-regions",
        "Appendix A, (53)",
        "Lemma 1's extreme regions are B with part of E, and B' with part of E, and their "
        "probabilities under Y are the two sides of (53).",
        refuted_by="Trying every region of a given mass: one that meets fewer (more) lists of D' "
        "than A (B), or a mass that is not (53)'s side.",
        supports=(
            Evidence(Kind.SYMBOLIC, masses),
            Evidence(Kind.EXHAUSTIVE, _extremes),
        ),
    ),
)

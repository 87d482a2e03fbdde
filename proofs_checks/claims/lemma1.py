"""Lemma 1, the Neyman–Pearson lemma on a finite space, and erratum 11 about its proof.

X and Y are random elements of a space, M a map to {0, 1} that may be random, and S the points
where ``Pr(X) > β Pr(Y)`` with any of those where the two are equal:

    (I)   Pr(M(X) = 1) >= Pr(X in S)  implies  Pr(M(Y) = 1) >= Pr(Y in S);
    (II)  with < in S's definition, <= in both.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, product
from typing import Any

from bagcert.proofs_checks.evidence.claim import Claim, Evidence, Finding, Kind
from bagcert.proofs_checks.evidence.symbols import Steps, nonnegative, positive

__all__ = ["CLAIMS", "meant", "pointwise", "swapped"]


def pointwise(rejects: Any = None) -> Finding:
    """Lemma 1 point by point: with f = Pr(M = 1), the sum of (f - 1_S) (β Y - X) has one sign.

    ``rejects`` is 1 - f on S: that it is not negative is the hypothesis f <= 1.
    """
    steps = Steps()
    beta = positive("beta")
    y, f, d = nonnegative("y f d")
    g = nonnegative("g") if rejects is None else rejects
    # In S, f = 1 - g. X = β Y + d above the threshold, β Y - d below it.
    for part, sign in (("(I)", 1), ("(II)", -1)):
        inside = sign * ((1 - g) - 1) * (beta * y - (beta * y + sign * d))
        outside = sign * f * (beta * y - (beta * y - sign * d))
        steps.nonnegative(f"{part}: it has one sign in S, as f <= 1", inside)
        steps.nonnegative(f"{part}: and the same off S, as f >= 0", outside)
    return steps.finding(
        "Summed over any finite space: β (Pr(M(Y)=1) - Pr(Y in S)) is at least "
        "Pr(M(X)=1) - Pr(X in S) in (I), and at most that in (II); β > 0."
    )


#: Grid of the exhaustive check: points of the space, parts of the probabilities, values of f.
_POINTS, _PARTS, _VALUES = 3, 4, (0, 1, 2)


def _laws() -> list[tuple[int, ...]]:
    return [law for law in product(range(_PARTS + 1), repeat=_POINTS) if sum(law) == _PARTS]


def _regions(x: tuple[int, ...], y: tuple[int, ...], sign: int) -> Iterator[tuple[int, ...]]:
    """Yield every S of part (I) (sign 1) or (II) (sign -1), over every ratio β there is."""
    ratios = {Fraction(a, b) for a, b in zip(x, y, strict=True) if a and b}
    for beta in sorted(ratios | {Fraction(1, 9), Fraction(9)}):
        difference = [sign * (a - beta * b) for a, b in zip(x, y, strict=True)]
        strict = [i for i in range(_POINTS) if difference[i] > 0]
        ties = [i for i in range(_POINTS) if difference[i] == 0]
        for size in range(len(ties) + 1):
            for chosen in combinations(ties, size):
                yield (*strict, *chosen)


def _every_case() -> Finding:
    cases = 0
    maps = list(product(_VALUES, repeat=_POINTS))  # in halves
    for x, y in product(_laws(), repeat=2):
        means = [tuple(sum(f * p for f, p in zip(m, law, strict=True)) for law in (x, y))
                 for m in maps]  # fmt: skip
        for sign in (1, -1):
            for region in _regions(x, y, sign):
                in_x, in_y = (2 * sum(law[i] for i in region) for law in (x, y))
                for mean_x, mean_y in means:
                    cases += 1
                    if sign * (mean_x - in_x) >= 0 > sign * (mean_y - in_y):
                        return Finding(False, f"Lemma 1 fails for X = {x}, Y = {y}, S = {region}")
    return Finding(
        True,
        f"both parts in {cases:,} cases: every X, Y on {_POINTS} points with probabilities in "
        f"quarters, every M with Pr(M = 1) in halves, every S.",
    )


def _identity(f: Fraction, in_region: bool, one_is: int) -> tuple[Fraction, Fraction]:
    """Both sides of the proof's identity on one point, where M is 1 with probability f.

    ``one_is``: the value of M whose probability M(1|ω) is.
    """
    one, zero = (f, 1 - f) if one_is == 1 else (1 - f, f)
    return f - in_region, -zero if in_region else one


def swapped(one_is: int = 0) -> Finding:
    """Erratum 11: M(1|ω) as the probability that M(ω) is ``one_is``."""
    left, right = _identity(Fraction(1), False, one_is)
    return Finding(
        left != right,
        f"one point ω, S empty, M always 1: Pr(M(Y) = 1) - Pr(Y in S) = {left}, and the proof's "
        f"sum of M(1|ω) Pr(Y = ω) off S is {right} if M(1|ω) is the probability that M(ω) = 0.",
    )


def meant(one_is: int = 1) -> Finding:
    """The proof's identity, summed over a space and M's coins; M(1|ω) is Pr(M(ω) = ``one_is``)."""
    cases = 0
    for y, m in product(_laws(), product(_VALUES, repeat=_POINTS)):
        # M tosses one of two equal coins and accepts ω on the first m(ω) of them.
        answers = [[int(coin < f) for coin in range(2)] for f in m]
        accepted = sum(p * sum(coins) for p, coins in zip(y, answers, strict=True))
        one = [coins.count(one_is) for coins in answers]
        for size in range(_POINTS + 1):
            for region in combinations(range(_POINTS), size):
                left = accepted - sum(2 * y[i] for i in region)
                off = sum(one[i] * y[i] for i in range(_POINTS) if i not in region)
                inside = sum((2 - one[i]) * y[i] for i in region)
                if left != off - inside:
                    return Finding(False, f"the identity fails for Y = {y}, M = {m}, S = {region}")
                cases += 1
    return Finding(
        True,
        "with M(1|ω) the probability that M(ω) = 1, Pr(M(Y)=1) - Pr(Y in S) is the sum of M(1|ω) "
        "Pr(Y=ω) off S less that of M(0|ω) Pr(Y=ω) in S, by tossing M's coins: "
        f"{cases:,} cases, Y on {_POINTS} points in quarters, every M in halves, every S.",
    )


CLAIMS = (
    Claim(
        "lemma-1",
        "Lemma 1",
        "Neyman–Pearson: a map M that accepts X at least as often as the region S, where "
        "Pr(X) >= β Pr(Y), accepts Y at least as often as S; and the mirror image.",
        refuted_by="A pair of laws on 3 points, a map and a region with M(X) at least as likely "
        "as X in S and M(Y) less likely than Y in S, in rationals.",
        supports=(
            Evidence(Kind.SYMBOLIC, pointwise),
            Evidence(Kind.EXHAUSTIVE, _every_case),
        ),
    ),
    Claim(
        "erratum-11",
        "Lemma 1, proof",
        "In the proof M(1|ω) stands for the probability that M(ω) = 0, and M(0|ω) for that of 1.",
        refuted_by="The proof's sum for M always 1: equal to the true difference with the letters "
        "as printed, or unequal with them exchanged in any of the tossed cases.",
        refutes=(Evidence(Kind.COUNTEREXAMPLE, swapped),),
        repairs=(Evidence(Kind.EXHAUSTIVE, meant),),
        repair="The other way round; the lemma itself is right.",
    ),
)

"""Corollaries 1–3: one kind of attack alone, inverted in closed form (Appendix C)."""

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

from bagcert.proofs_checks.evidence.claim import Claim, Evidence, Finding, Kind
from bagcert.proofs_checks.evidence.symbols import Steps, positive
from bagcert.reference.corollaries import delete_radius, insert_radius, modify_radius
from bagcert.reference.poisoning import Attack
from bagcert.reference.theorem1 import scanned_radius

__all__ = ["CLAIMS", "inverted"]

#: Largest n and k of the exhaustive checks; every integer gap G from 1 to n^k.
_N, _K = 12, 3
#: Large settings in which the closed form is enclosed: n, k, and G as a part of n^k.
_LARGE = tuple(
    product((1437, 60_000, 10**9), (1, 2, 20, 100), (Fraction(1, 7), Fraction(17, 20), Fraction(1)))
)


def inverted(attack: Attack, exponent: Any = None, strict: bool = True) -> Finding:
    """Solve eq (4) at the n' of one attack for r, for symbolic n, k and Δ = G / n^k.

    ``exponent`` is k, a positive symbol; ``strict`` whether the largest integer *below* the root
    is claimed, as (4) is strict, or the largest up to it.
    """
    from sympy import Symbol, log

    steps = Steps()
    n, z = positive("n z")
    k = positive("k") if exponent is None else exponent
    # z is (1 - Δ/2), (1 - Δ) or (1 + Δ), to the power 1/k: what r/n is compared with.
    b = positive("b")  # 1 - r/n, or 1 + r/n
    delta = {
        Attack.MODIFY: 2 * (1 - z**k), Attack.DELETE: 1 - z**k, Attack.INSERT: z**k - 1,
    }[attack]  # fmt: skip
    left = {
        Attack.MODIFY: 1 - 2 * b**k + 1, Attack.DELETE: b**k - 2 * b**k + 1,
        Attack.INSERT: b**k - 2 + 1,
    }[attack] - delta  # fmt: skip
    factor, sign = (2 if attack == Attack.MODIFY else 1), (1 if attack == Attack.INSERT else -1)
    steps.zero(
        "the left side of (4) is a positive multiple of ±(b^k - z^k)",
        left - factor * sign * (b**k - z**k),
    )
    w = positive("w")
    steps.positive(
        "b < z implies b^k < z^k, as k log(z/b) > 0: and so, both ways, exactly", k * log(1 + w)
    )
    r = Symbol("r", real=True)
    place = 1 + sign * r / n
    root = sign * n * (z - 1)
    steps.zero(
        "±(b - z) has the sign of r - y, y the paper's root times n",
        sign * (place - z) - (r - root) / n,
    )
    whole = Symbol("N", integer=True)
    part = Symbol("q", nonnegative=True)
    theta = part / (1 + part)
    y = whole - theta
    largest = whole - 1 if strict else whole
    steps.nonnegative("N - 1 >= y - 1, for y = N - θ, N an integer and 0 <= θ < 1", whole - y)
    steps.positive("and N - 1 < (y - 1) + 1: so N - 1 = ceil(y - 1)", y - (whole - 1))
    steps.positive("it is below y", y - largest)
    steps.nonnegative("and the next integer is not", largest + 1 - y)
    # z > 0 leaves out delete at Δ = 1, where every r < n passes: the integers' checks have it.
    return steps.finding(
        f"For real n, k > 0 and {attack} alone, (4) holds exactly for r < y, "
        f"y = {_ROOTS[attack]}, and ceil(y - 1) is the largest such integer."
    )


_ROOTS = {
    Attack.MODIFY: "n (1 - (1 - Δ/2)^(1/k))",
    Attack.DELETE: "n (1 - (1 - Δ)^(1/k))",
    Attack.INSERT: "n ((1 + Δ)^(1/k) - 1)",
}
_RADII: dict[Attack, Callable[[int, int, Fraction], int]] = {
    Attack.MODIFY: modify_radius, Attack.DELETE: delete_radius, Attack.INSERT: insert_radius,
}  # fmt: skip


def _against_the_scan(attack: Attack) -> Finding:
    cases = 0
    for n, k in product(range(1, _N + 1), range(1, _K + 1)):
        for gap in map(Fraction, range(1, n**k + 1)):
            if _RADII[attack](n, k, gap) != scanned_radius(n, k, gap, attack):
                return Finding(False, f"{attack}: n={n} k={k} G={gap}")
            cases += 1
    return Finding(
        True,
        f"one integer root gives the last r of a scan for n <= {_N}, k <= {_K} and every integer G "
        f"from 1 to n^k ({cases:,} cases, ties included).",
    )


def _against_the_reals(attack: Attack) -> Finding:
    """The paper's closed form in mpmath, its digits raised until ceil(y - 1) is beyond doubt."""
    for n, k, share in _LARGE:
        gap = share * n**k
        if _ceiling(n, k, share, attack) != _RADII[attack](n, k, gap):
            return Finding(False, f"{attack}: n={n} k={k} Δ={share}")
    return Finding(
        True, f"ceil(y - 1) in reals, at 60 and 120 digits, for {len(_LARGE)} settings up to 10^9."
    )


def _ceiling(n: int, k: int, share: Fraction, attack: Attack) -> int:
    import mpmath

    found = set()
    for digits in (60, 120):
        with mpmath.workdps(digits):
            delta = mpmath.mpf(share.numerator) / share.denominator
            base = {Attack.MODIFY: 1 - delta / 2, Attack.DELETE: 1 - delta,
                    Attack.INSERT: 1 + delta}[attack]  # fmt: skip
            y = n * abs(mpmath.root(base, k) - 1)
            nearest = mpmath.nint(y)
            # At k = 1 (or Δ = 1) y is rational and may be an integer: then it is the ceiling.
            whole = abs(y - nearest) < mpmath.mpf(10) ** (-digits // 2)
            found.add(int(nearest if whole else mpmath.ceil(y)) - 1)
    if len(found) != 1:
        raise ArithmeticError("two precisions disagree")
    return found.pop()


def _modify() -> Finding:
    return inverted(Attack.MODIFY)


def _delete() -> Finding:
    return inverted(Attack.DELETE)


def _insert() -> Finding:
    return inverted(Attack.INSERT)


def _claim(number: int, attack: Attack, means: str, symbolic: Callable[[], Finding]) -> Claim:
    return Claim(
        f"corollary-{number}",
        f"Corollary {number}",
        f"Against {means} alone r* = ceil({_ROOTS[attack]} - 1), Δ = G / n^k.",
        refuted_by="A scan over r, or the closed form in reals at 120 digits: another radius than "
        f"the integer root gives for {means}.",
        supports=(
            Evidence(Kind.SYMBOLIC, symbolic),
            Evidence(Kind.EXHAUSTIVE, lambda: _against_the_scan(attack)),
            Evidence(Kind.NUMERIC, lambda: _against_the_reals(attack)),
        ),
    )


CLAIMS = (
    _claim(1, Attack.MODIFY, "modification", _modify),
    _claim(2, Attack.DELETE, "deletion", _delete),
    _claim(3, Attack.INSERT, "insertion", _insert),
)

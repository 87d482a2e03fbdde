"""Eq (7), (82)–(85) and Appendix D: which poisoned size n' is the worst at a budget r."""

from fractions import Fraction
from typing import Any, Final

from bagcert.proofs_checks.evidence.claim import Claim, Evidence, Finding, Kind
from bagcert.proofs_checks.evidence.symbols import Steps, positive
from bagcert.reference.poisoning import Poisoned, kept_examples, poisoned_sizes
from bagcert.reference.theorem1 import left_side, worst_size

__all__ = [
    "CLAIMS",
    "derivative",
    "distinct_neighbours",
    "maximisers",
    "printed_cases",
    "single_sign_change",
    "three_cases",
]

#: Bounds of the exhaustive checks: n, k; every r up to n, or beyond it.
_N, _K = 40, 6
#: The gap G, which no maximiser depends on.
_NO_GAP: Final = Fraction(0)


def derivative(lowered: int = 1) -> Finding:
    """(82)–(84): the left side's slope in n' >= n is k n'^(k-1) (1 - 2 (1 - r/n')^(k-1)).

    ``lowered`` is by how much the exponent of 1 - r/n' is less than k.
    """
    steps = Steps()
    r, t, k = positive("r t k")
    from sympy import Symbol, diff

    x = Symbol("x", positive=True)  # n'
    slope = diff(x**k - 2 * (x - r) ** k, x)
    claimed = k * x ** (k - 1) * (1 - 2 * ((x - r) / x) ** (k - lowered))
    steps.zero("slope - claimed = 0 at n' = r + t, t > 0", (slope - claimed).subs(x, r + t))
    steps.positive("k n'^(k-1) > 0, so 1 - 2q has the slope's sign", k * x ** (k - 1))
    return steps.finding(
        "For real n' > r > 0 and k > 0 the left side of (4) has slope k n'^(k-1) (1 - 2 q) in n', "
        "q = (1 - r/n')^(k-1)."
    )


def single_sign_change(above_one: Any = None) -> Finding:
    """(84), (85): from positive to negative, once, at r / (1 - (1/2)^(1/(k-1))), if k > 1.

    ``above_one`` is k - 1, a positive symbol: the hypothesis.
    """
    from sympy import Rational, diff, log

    steps = Steps()
    r, t = positive("r t")
    j = positive("j") if above_one is None else above_one
    rise = diff(j * log(t / (r + t)), t)
    steps.positive("log q rises: its derivative at n' = r + t is (k-1) r / (n' (n' - r)) > 0", rise)
    root = 2 ** (1 / j)
    steps.positive("2^(1/(k-1)) > 1: its logarithm is positive", log(2) / j)
    # 2^(1/(k-1)) = 1 + u with u > 0, so that x0 = r (1 + u) / u.
    u = positive("u")
    x0 = r * (1 + u) / u
    steps.positive("x0 - r = r / u > 0", x0 - r)
    steps.zero("1 - r/x0 = 2^(-1/(k-1))", (1 - r / x0) - 1 / (1 + u))
    steps.zero("so q(x0) = 2^(-(k-1)/(k-1)) = 1/2", (1 / root) ** j - Rational(1, 2))
    return steps.finding(
        "For real k > 1 and r > 0, 1 - 2q falls strictly on n' > r and is zero at "
        "x0 = r / (1 - (1/2)^(1/(k-1))) alone: the left side rises before x0 and falls after."
    )


def three_cases(lower: Any = None, upper: Any = None) -> Finding:
    """Eq (7): x0 <= n iff r <= n (1-h), x0 >= n + r iff r >= n (1/h - 1), h = (1/2)^(1/(k-1)).

    ``lower`` and ``upper`` are the limits as functions of (n, h).
    """
    steps = Steps()
    n, r, u = positive("n r u")
    h = 1 / (1 + u)  # h < 1, which single_sign_change shows
    low = n * (1 - h) if lower is None else lower(n, h)
    high = n * (1 / h - 1) if upper is None else upper(n, h)
    x0 = r / (1 - h)
    steps.zero("(n - x0) (1 - h) = lower limit - r", (n - x0) * (1 - h) - (low - r))
    steps.zero("(x0 - n - r) (1 - h) / h = r - upper limit", (x0 - n - r) * u - (r - high))
    steps.positive("1 - h > 0", 1 - h)
    steps.positive("(1 - h) / h > 0", (1 - h) / h)
    steps.positive("lower limit < upper limit", high - low)
    return steps.finding(
        "For real n, r > 0 and k > 1: x0 <= n exactly if r <= n (1 - (1/2)^(1/(k-1))), then "
        "n' = n; x0 >= n + r exactly if r >= n (2^(1/(k-1)) - 1), then n' = n + r; between, as the "
        "left side rises before x0 and falls after, the integer maximum is at floor or ceil of x0."
    )


def distinct_neighbours(coefficient: Any = 2) -> Finding:
    """Two neighbouring n' never tie: their left sides differ by an odd number.

    ``coefficient`` is that of m^k in the left side.
    """
    from sympy import Symbol

    steps = Steps()
    k, y = (Symbol(name, integer=True, positive=True) for name in "ky")
    change = Symbol("w", integer=True)
    for name, x in (("even", 2 * y), ("odd", 2 * y - 1)):
        step = x**k - (x - 1) ** k - coefficient * change
        steps.decide(f"n'^k - (n'-1)^k - 2 w is odd for {name} n' and any integer w", step.is_odd)
    return steps.finding(
        "For integers k, n' >= 1 the left sides at n' and n' - 1 differ by an odd number plus "
        "twice an integer. Strictly rising, then strictly falling, a maximum can be shared by two "
        "neighbours only: so it is unique."
    )


def maximisers(n: int, k: int, r: int) -> list[int]:
    """Return every n' that attains the largest left side of (4), by trying them all."""
    sizes = poisoned_sizes(n, r)
    left = {
        size: left_side(n, k, Poisoned(size, kept_examples(n, size, r)), _NO_GAP) for size in sizes
    }
    most = max(left.values())
    return [size for size in sizes if left[size] == most]


def printed_cases(n: int, k: int, r: int) -> int:
    """Eq (7) as its three cases say, for k >= 2 and 0 <= r <= n, decided in integers.

    ``r <= n (1 - (1/2)^(1/(k-1)))`` is ``2 (n-r)^(k-1) >= n^(k-1)``, and likewise the other.
    """
    power = k - 1
    if 2 * (n - r) ** power >= n**power:
        return n
    if (n + r) ** power >= 2 * n**power:
        return n + r
    floor = n
    while (floor + 1) ** power >= 2 * (floor + 1 - r) ** power:
        floor += 1
    return max((floor, floor + 1), key=lambda x: x**k - 2 * (x - r) ** k)


def _cases_against_the_scan() -> Finding:
    cases = dict.fromkeys(("n' = n", "between", "n' = n + r"), 0)
    for n in range(1, _N + 1):
        for k in range(2, _K + 1):
            for r in range(1, n + 1):
                size = printed_cases(n, k, r)
                if [size] != maximisers(n, k, r):
                    return Finding(False, f"eq (7) is wrong at n={n}, k={k}, r={r}")
                cases["n' = n" if size == n else "n' = n + r" if size == n + r else "between"] += 1
    counted = ", ".join(f"{count} with {name}" for name, count in cases.items())
    return Finding(
        min(cases.values()) > 0,
        f"its cases give the only maximiser of a scan for n <= {_N}, 2 <= k <= {_K}, "
        f"1 <= r <= n: {counted}.",
    )


def _bisection_against_the_scan() -> Finding:
    tried = 0
    for n in range(1, _N // 2 + 1):
        for k in range(1, _K + 1):
            for r in range(2 * n + 2):
                if [worst_size(n, k, r)] != maximisers(n, k, r):
                    return Finding(False, f"no unique maximiser at n={n}, k={k}, r={r}")
                tried += 1
    return Finding(
        True,
        f"exactly one n' attains the maximum, and comparing neighbours finds it, in {tried} cases: "
        f"n <= {_N // 2}, k <= {_K} (k = 1 too), r <= 2n + 1.",
    )


def _no_root_at_one() -> Finding:
    """Erratum 8: 1/(k-1) at k = 1."""
    from sympy import Integer, zoo

    exponent = 1 / (Integer(1) - 1)
    falls = all(
        left_side(n, 1, Poisoned(x + 1, x + 1 - r), _NO_GAP)
        < left_side(n, 1, Poisoned(x, x - r), _NO_GAP)
        for n in range(1, 9)
        for r in range(1, n + 1)
        for x in range(n, n + r)
    )
    return Finding(
        exponent == zoo and falls,
        "at k = 1 the exponent 1/(k-1) of (7) and (85) is a division by zero; and the left side, "
        "whose slope is 1 - 2 = -1 there, has no stationary point.",
    )


def _size_at_one() -> Finding:
    for n in range(1, 61):
        for r in range(n + 1):
            if maximisers(n, 1, r) != [n] or worst_size(n, 1, r) != n:
                return Finding(False, f"n' = n is not the only maximiser at n={n}, k=1, r={r}")
    return Finding(True, "n' = n is the only maximiser for k = 1, n <= 60, r <= n.")


def _the_only_lower_limit() -> Finding:
    """Erratum 9: the maximiser leaves n where 2 (n-r)^(k-1) = n^(k-1), and nowhere else."""
    n, k = 12, 2  # n (1 - (1/2)^(1/(k-1))) = 6 and n (2^(1/(k-1)) - 1) = 12, exactly
    level = [r for r in range(n + 1) if n ** (k - 1) == 2 * (n - r) ** (k - 1)]
    at_n = [r for r in range(n + 1) if worst_size(n, k, r) == n]
    return Finding(
        level == [6] and at_n == list(range(7)),
        "at n = 12, k = 2 the slope at n' = n is zero at r = 6 = n (1 - (1/2)^(1/(k-1))) alone, "
        "and n' = n is the maximiser exactly for r <= 6: with any lower limit below 6 the n' of "
        "Case II, n' = 2r < n, is out of range just above it; any above 6 gives n' = n where it "
        "is 2r. (Whatever else is printed is refuted; the misprint itself is not evaluated here.)",
    )


CLAIMS = (
    Claim(
        "derivative",
        "(82)–(84)",
        "For n' >= n the derivative of the left side of (4) in n' is "
        "k (n'^(k-1) - 2 (n'-r)^(k-1)) / n^k, with the sign of 1 - 2 (1 - r/n')^(k-1).",
        refuted_by="sympy: its derivative of n'^k - 2 (n'-r)^k less the claimed slope does not "
        "simplify to 0.",
        supports=(Evidence(Kind.SYMBOLIC, derivative),),
    ),
    Claim(
        "single-sign-change",
        "(84)–(85), Appendix D",
        "For k > 1 that derivative changes its sign once, from positive to negative, at "
        "n' = r / (1 - (1/2)^(1/(k-1))).",
        refuted_by="sympy: the derivative of log q is not found positive, or q at x0 is not 1/2.",
        supports=(Evidence(Kind.SYMBOLIC, single_sign_change),),
    ),
    Claim(
        "eq-7",
        "(7), Appendix D",
        "For k > 1 the n' that maximises the left side of (4) is n up to r = "
        "n (1 - (1/2)^(1/(k-1))), n + r from r = n (2^(1/(k-1)) - 1) on, and between them the "
        "floor or ceiling of r / (1 - (1/2)^(1/(k-1))).",
        refuted_by="Trying every n' at n <= 40, k <= 6: one with a left side above, or equal to, "
        "that of the three cases' n'.",
        supports=(
            Evidence(Kind.SYMBOLIC, single_sign_change),
            Evidence(Kind.SYMBOLIC, three_cases),
            Evidence(Kind.EXHAUSTIVE, _cases_against_the_scan),
        ),
    ),
    Claim(
        "unique-maximiser",
        "(7)",
        "The n' that maximises the left side of (4) is unique at every n, k >= 1 and r.",
        refuted_by="Trying every n': two that share the largest left side, or another than the "
        "program's bisection finds.",
        supports=(
            Evidence(Kind.SYMBOLIC, distinct_neighbours),
            Evidence(Kind.EXHAUSTIVE, _bisection_against_the_scan),
        ),
    ),
    Claim(
        "erratum-8",
        "(7), (85)",
        "Eq (7) and (85) find the maximising n' for every k.",
        refuted_by="A left side that rises somewhere in n' at k = 1, or a maximiser other than n "
        "at k = 1, by trying every n'.",
        refutes=(Evidence(Kind.COUNTEREXAMPLE, _no_root_at_one),),
        repairs=(Evidence(Kind.EXHAUSTIVE, _size_at_one),),
        repair="For k > 1; at k = 1 the left side falls in n' >= n, so n' = n.",
    ),
    Claim(
        "erratum-9",
        "Appendix D, Case II",
        "Case II begins at a lower limit other than that of eq (7) (a misprint).",
        refuted_by="The program's maximiser at n = 12, k = 2: not n at some r <= 6, or n at some "
        "r above 6.",
        refutes=(Evidence(Kind.COUNTEREXAMPLE, _the_only_lower_limit),),
        repairs=(Evidence(Kind.SYMBOLIC, three_cases),),
        repair="It begins at r = n (1 - (1/2)^(1/(k-1))), as in eq (7).",
    ),
)

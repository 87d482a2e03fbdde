"""Writes the test vectors beside it: ``python tests/vectors/generate.py``.

The formulas here are their own: MATHEMATICS.md's definitions in integers and rationals, with no
import of bagcert, so that the vectors are a second route to every number. Tails of many votes are
decided by python-flint's ball arithmetic, those of few by exact sums.
tests/differential/test_vectors.py breaks these formulas one at a time and shows that the vectors
notice.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from math import ceil, comb, floor
from pathlib import Path
from typing import Any

GRID = 2**53
HERE = Path(__file__).parent
ATTACKS = ("any", "modify", "insert", "delete")
RESIDUALS = ("paper", "none", "integral")
METHODS = ("selected", "cohen", "simuem")

FLAGS = {
    "ExactTie": ("boundary", "Eq (4) holds with equality: that is not enough. Catches <= for <."),
    "OneListEitherSide": ("precision", "One list of n^k beside a tie. Catches float arithmetic."),
    "OneUlpEitherSide": ("precision", "A bound or a level beside a tie. Catches a rounded one."),
    "KOne": ("domain", "k = 1: eq (7)'s (k-1)-th root does not exist. Catches a lost certificate."),
    "NOne": ("domain", "n = 1: r = 0 is the only radius. Catches a search that starts at r = 1."),
    "LargeRadius": ("limit", "A radius above 1,500. Catches a cap on r."),
    "InteriorWorstSize": ("formula", "The worst n' lies between n and n + r. Catches end points."),
    "ResidualDecides": ("formula", "The residuals change the radius. Catches leaving them out."),
    "Unanimous": ("domain", "All votes for one label. Catches a bound of 1 there."),
    "ZeroVotes": ("domain", "No vote for a label. Catches a bound of 0 there."),
    "EqualCounts": ("domain", "Equal counts: the smaller label is the label. Catches the other."),
    "OldLibraryBeta": ("precision", "A float beta quantile is not the tightest sound grid point."),
    "Eq6AsPrinted": ("formula", "Eq (6) as printed, Beta(.; n_j, N - n_j + 1): erratum 1."),
    "MaxDropped": ("formula", "m = n - r also where n' > n. Catches a dropped max(n, n')."),
    "NegativeBase": ("formula", "r > n', k even: m is 0, not negative: erratum 7."),
    "FloatRecipe": ("precision", "A threshold where the float64 formula certifies one too many."),
    "CohenHalf": ("formula", "cohen at level a, as usually read, not a / 2: erratum 12."),
    "SelectedLevel": ("formula", "selected spends a / (100 (c-1)) on each sign test."),
    "SignTest": ("formula", "selected abstains where the two top counts are too close."),
    "NoLargerAttack": ("boundary", "delete at radius n - 1: no witness, no larger attack."),
    "Plain": ("none", "An ordinary case."),
}  # fmt: skip


def spell(value: Fraction) -> str:
    """p/q in lowest terms."""
    return f"{value.numerator}/{value.denominator}"


def rational(text: str) -> Fraction:
    """The reverse of :func:`spell`."""
    return Fraction(text)


@cache
def _tail_at_most(N: int, x: int, t: int, beta: Fraction) -> bool:
    """Pr(Bin(N, t 2^-53) >= x) <= beta, 1 <= x <= N, 0 < t < 2^53."""
    if N <= 200:
        total = sum(comb(N, i) * t**i * (GRID - t) ** (N - i) for i in range(x, N + 1))
        return bool(total <= beta * GRID**N)
    from flint import arb, ctx, fmpq

    for precision in (128, 256, 512, 1024):
        ctx.prec = precision
        tail = arb(fmpq(t, GRID)).beta_lower(x, N - x + 1, regularized=True)
        level = arb(fmpq(beta.numerator, beta.denominator))
        if tail < level or tail > level:
            return bool(tail < level)
    raise ArithmeticError(f"undecided: N = {N}, x = {x}, t = {t}")


class Formula:
    """MATHEMATICS.md's definitions. A mutant overrides one of them."""

    def kept(self, n: int, size: int, r: int) -> int:
        return max(0, max(n, size) - r)

    def left(self, n: int, k: int, r: int, size: int) -> int:
        """Eq (4) times n^k, without G."""
        return int(size**k - 2 * self.kept(n, size, r) ** k + n**k)

    def worst(self, n: int, k: int, r: int, attack: str) -> int | None:
        if attack == "modify":
            return n
        if attack == "insert":
            return n + r
        if attack == "delete":
            return n - r if r < n else None
        if r <= 200:
            return max(range(max(1, n - r), n + r + 1), key=lambda s: self.left(n, k, r, s))
        low, high = n, n + r  # unimodal: climb by bisection
        while low < high:
            middle = (low + high) // 2
            if self.left(n, k, r, middle) < self.left(n, k, r, middle + 1):
                low = middle + 1
            else:
                high = middle
        return low

    def below(self, left: int, gap: Fraction) -> bool:
        return left < gap

    def holds(self, n: int, k: int, r: int, gap: Fraction, attack: str) -> bool:
        size = self.worst(n, k, r, attack)
        return size is not None and self.below(self.left(n, k, r, size), gap)

    def gap(self, n: int, k: int, low: Fraction, high: Fraction, residual: str) -> Fraction:
        a, b = low * n**k, high * n**k
        if residual == "none":
            return Fraction(a - b)
        return Fraction(ceil(a) - floor(b) if residual == "integral" else floor(a) - ceil(b))

    def radius(
        self, n: int, k: int, low: Fraction, high: Fraction, attack: str, residual: str
    ) -> int | None:
        gap = self.gap(n, k, low, high, residual)
        if not self.holds(n, k, 0, gap, attack):
            return None
        good, bad = 0, n
        while bad - good > 1:
            middle = (good + bad) // 2
            if self.holds(n, k, middle, gap, attack):
                good = middle
            else:
                bad = middle
        return good

    def lower(self, x: int, N: int, beta: Fraction) -> Fraction:
        """The largest multiple q of 2^-53 with Pr(Bin(N, q) >= x) <= beta."""
        if x == 0:
            return Fraction(0)
        good, bad = 0, GRID
        while bad - good > 1:
            middle = (good + bad) // 2
            if _tail_at_most(N, x, middle, beta):
                good = middle
            else:
                bad = middle
        return Fraction(good, GRID)

    def upper(self, x: int, N: int, beta: Fraction) -> Fraction:
        return 1 - self.lower(N - x, N, beta)

    def levels(self, method: str, a: Fraction, c: int) -> tuple[Fraction, Fraction | None]:
        """beta, and beta' of the sign test."""
        if method == "simuem":
            return a / c, None
        if method == "cohen":
            return a / 2, None
        flip = a / (100 * (c - 1))
        return (a - flip if c == 2 else (a - (c - 1) * flip) / 2), flip

    def order(self, counts: Sequence[int]) -> list[int]:
        return sorted(range(len(counts)), key=lambda j: (-counts[j], j))

    def selects(self, n_l: int, n_s: int, flip: Fraction) -> bool:
        total = n_l + n_s
        return Fraction(sum(comb(total, i) for i in range(n_l, total + 1)), 2**total) <= flip

    def certify(self, case: dict[str, Any]) -> dict[str, Any]:
        counts, n, k = case["counts"], case["n"], case["k"]
        beta, flip = self.levels(case["method"], rational(case["alpha"]), len(counts))
        label, runner_up = self.order(counts)[:2]
        n_l, n_s, N = counts[label], counts[runner_up], sum(counts)
        if flip is not None and not self.selects(n_l, n_s, flip):
            return {"abstain": "selection"}
        low = self.lower(n_l, N, beta)
        high = 1 - low
        if case["method"] != "cohen":
            high = min(high, self.upper(n_s, N, beta))
        if low <= high:
            return {"abstain": "bounds"}
        radius = self.radius(n, k, low, high, case["attack"], case["residual"])
        if radius is None:
            return {"abstain": "residual"}
        return {
            "label": label, "runner_up": runner_up,
            "p_lower": float(low).hex(), "p_upper": float(high).hex(),
            "radius": radius, "worst_size": self.worst(n, k, radius + 1, case["attack"]),
        }  # fmt: skip

    def answer(self, algorithm: str, case: dict[str, Any]) -> Any:
        """The result of one test of a file."""
        if algorithm == "certify":
            return self.certify(case)
        if algorithm == "radius":
            low, high = rational(case["p_lower"]), rational(case["p_upper"])
            return self.radius(case["n"], case["k"], low, high, case["attack"], case["residual"])
        if algorithm == "worst_size":
            n, k, r = case["n"], case["k"], case["r"]
            size = self.worst(n, k, r, "any")
            at = case["size"]
            assert size is not None
            return {
                "worst_size": size,
                "kept": self.kept(n, at, r),
                "left": str(self.left(n, k, r, at)),
            }
        bound = self.lower if case["side"] == "lower" else self.upper
        return float(bound(case["count"], case["total"], rational(case["beta"]))).hex()


Case = tuple[str, list[str], dict[str, Any]]


def radius_cases() -> Iterator[Case]:
    def case(
        comment: str, flags: list[str], n: int, k: int, low: Fraction, high: Fraction,
        attack: str = "any", residual: str = "paper",
    ) -> Case:  # fmt: skip
        return comment, flags, {
            "n": n, "k": k, "p_lower": spell(low), "p_upper": spell(high),
            "attack": attack, "residual": residual,
        }  # fmt: skip

    exact = Formula()
    for n, k, r in ((7, 1, 2), (10, 2, 2), (1000, 2, 11), (1000, 3, 40), (10**6, 3, 777)):
        for attack in ATTACKS:
            size = exact.worst(n, k, r, attack)
            assert size is not None
            lists, tie = n**k, exact.left(n, k, r, size)
            second = (lists - tie) // 3
            for off in (-1, 0, 1):
                flag = "OneListEitherSide" if off else "ExactTie"
                low, high = Fraction(second + tie + off, lists), Fraction(second, lists)
                for residual in RESIDUALS if n <= 10 else ("paper",):
                    yield case(f"{off:+d} lists from the tie at r = {r}", [flag], n, k, low, high,
                               attack, residual)  # fmt: skip
    for r in (1, 33, 100):
        lists, tie = 2**50, exact.left(1024, 5, r, 1024)
        for off in (-1, 0, 1):
            low = Fraction(tie, lists) + Fraction(off, GRID)
            flags = ["OneUlpEitherSide"] if off else ["ExactTie"]
            for attack in ("any", "modify"):
                yield case(f"{off:+d} × 2^-53 from the tie at r = {r}", flags, 1024, 5, low,
                           Fraction(0), attack, "none")  # fmt: skip
    for n, r in ((1000, 7), (1000, 50), (1000, 99), (1000, 123), (1000, 271)):
        tie = exact.left(n, 2, r, n)
        half = Fraction(tie, 2 * n**2)
        yield case("a threshold of Corollary 1", ["FloatRecipe", "ExactTie"], n, 2,
                   Fraction(1, 2) + half, Fraction(1, 2) - half)  # fmt: skip
    for n, k in ((1000, 2), (10**6, 3), (4096, 3)):
        wanted = 12
        for r in range(1, 400):
            lead = Fraction(exact.left(n, k, r, n), n**k)
            low, high = (1 + lead) / 2, (1 - lead) / 2
            # The recipe in float64, on the threshold of r: it must not certify r.
            if ceil(n * (1 - (1 - (float(low) - float(high)) / 2) ** (1 / k)) - 1) >= r and wanted:
                wanted -= 1
                yield case("float64 certifies one too many", ["FloatRecipe", "ExactTie"], n, k,
                           low, high)  # fmt: skip
    for n in (1, 2, 3, 10, 1437, 10**12):
        for attack in ATTACKS:
            flags = ["KOne", "NOne"] if n == 1 else ["KOne"]
            if n == 10**12:
                flags.append("LargeRadius")
            yield case("k = 1", flags, n, 1, Fraction(1), Fraction(0), attack)
            yield case(
                "k = 1",
                ["KOne"],
                max(2, n - 1),
                1,
                Fraction(9, 10),
                Fraction(1, 20),
                attack,
                "none",
            )
    for k in (1, 2, 50):
        for low, high in (
            (Fraction(1), Fraction(0)),
            (Fraction(3, 4), Fraction(1, 4)),
            (Fraction(1, 2), Fraction(1, 2)),
        ):
            for residual in RESIDUALS:
                yield case("n = 1: one list", ["NOne"], 1, k, low, high,
                           "any", residual)  # fmt: skip
    for n, k in ((10**5, 3), (10**6, 50), (10**9, 1000), (10**12, 37)):
        for attack in ATTACKS:
            yield case("no cap", ["LargeRadius"], n, k, Fraction(9, 10), Fraction(1, 20), attack)
    for n, k, lower, upper in (
        (2, 1, "3/5", "2/5"), (3, 1, "3/5", "1/5"), (5, 1, "4/5", "1/7"), (7, 2, "5/7", "2/7"),
        (10, 1, "17/23", "6/23"), (4, 2, "11/13", "2/13"), (40, 1, "31/97", "5/97"),
    ):  # fmt: skip
        for attack in ATTACKS:
            for residual in RESIDUALS:
                yield case("p n^k is not an integer", ["ResidualDecides"], n, k,
                           Fraction(lower), Fraction(upper), attack, residual)  # fmt: skip
    for n, k in ((1437, 20), (60000, 100), (60000, 30), (50000, 500)):
        for attack in ATTACKS:
            for residual in RESIDUALS:
                yield case("", ["Plain"], n, k, Fraction(7, 10), Fraction(1, 5), attack, residual)
    for n, k in ((30, 2), (100, 7)):
        yield case("certain: everything but one may go", ["NoLargerAttack"], n, k, Fraction(1),
                   Fraction(0), "delete", "none")  # fmt: skip
    yield case("equal bounds", ["ExactTie"], 100, 3, Fraction(1, 2), Fraction(1, 2))
    yield case("p_lower below p_upper", ["Plain"], 100, 3, Fraction(1, 3), Fraction(1, 2))


def worst_size_cases() -> Iterator[Case]:
    def case(comment: str, flags: list[str], n: int, k: int, r: int, size: int) -> Case:
        return comment, flags, {"n": n, "k": k, "r": r, "size": size}

    exact = Formula()
    for n, k, r in (
        (10, 2, 6),
        (20, 3, 7),
        (100, 5, 17),
        (1000, 10, 77),
        (60000, 100, 420),
        (97, 2, 60),
    ):
        size = exact.worst(n, k, r, "any")
        assert size is not None
        if not n < size < n + r:
            raise ArithmeticError(f"not interior: {n}, {k}, {r}, {size}")
        for at in (size - 1, size, size + 1, n, n + r):
            flags = ["InteriorWorstSize"] + (["MaxDropped"] if at > n else [])
            yield case("the worst n' is interior", flags, n, k, r, at)
    for n, r in ((1, 0), (1, 1), (5, 2), (5, 5), (5, 9)):
        flags = ["KOne"] + (["NOne"] if n == 1 else [])
        yield case("k = 1: the left side does not rise", flags, n, 1, r, n)
    for n, k, r in ((3, 2, 4), (3, 2, 9), (5, 4, 20), (1, 2, 3)):
        for size in (1, n, r - 1):
            yield case("nothing need be kept", ["NegativeBase"], n, k, r, size)
    for n, k, r in ((60000, 100, 300), (1437, 20, 30), (10**9, 7, 10**6)):
        yield case("the worst n' is n", ["Plain"], n, k, r, n)
        yield case("insertion keeps all", ["MaxDropped"], n, k, r, n + r)


def clopper_pearson_cases() -> Iterator[Case]:
    def both(comment: str, flags: list[str], x: int, N: int, beta: str) -> Iterator[Case]:
        for side in ("lower", "upper"):
            yield comment, flags, {"side": side, "count": x, "total": N, "beta": beta}

    for N in (1, 2, 10, 60, 1000, 100_000):
        for beta in ("1/20", "1/10000000"):
            yield from both("all votes", ["Unanimous"], N, N, beta)
            yield from both("no vote", ["ZeroVotes", "Eq6AsPrinted"], 0, N, beta)
    for x, N, beta in (
        (1, 1, "1/2"),
        (2, 2, "1/4"),
        (10, 10, "1/1024"),
        (1, 2, "3/4"),
        (53, 53, "1/9007199254740992"),
    ):
        yield from both("the bound is a grid point exactly", ["ExactTie"], x, N, beta)
    for N in (60, 1000, 100_000):
        for share in (1, 3, 5, 9, 13, 17, 19):
            for beta in ("1/20", "1/20000", "99/2000000", "1/100000000"):
                yield from both("", ["OldLibraryBeta", "Eq6AsPrinted"], N * share // 20, N, beta)
    for x in (1, 2, 5, 30, 58, 59):
        yield from both("N = 60, where eq (6) as printed breaks", ["Eq6AsPrinted"], x, 60, "1/40")
    for tie in (Fraction(1, 2), Fraction(1, 4), Fraction(3, 4)):
        for off in (-1, 1):
            beta = spell(tie + Fraction(off, 10**18))
            for side, count in (("lower", 1), ("upper", 0)):
                yield "10^-18 beside a grid point", ["OneUlpEitherSide"], {
                    "side": side, "count": count, "total": 1, "beta": beta,
                }  # fmt: skip


def certify_cases() -> Iterator[Case]:
    def case(
        comment: str, flags: list[str], counts: list[int], n: int, k: int, alpha: str,
        method: str = "selected", attack: str = "any", residual: str = "paper",
    ) -> Case:  # fmt: skip
        return comment, flags, {
            "counts": counts, "n": n, "k": k, "alpha": alpha,
            "method": method, "attack": attack, "residual": residual,
        }  # fmt: skip

    for method in METHODS:
        for attack in ATTACKS:
            for residual in RESIDUALS:
                yield case("", ["Plain"], [820, 100, 60, 20], 60000, 100, "1/10000000",
                           method, attack, residual)  # fmt: skip
        for counts in ([100, 0], [0, 100], [0, 0, 100], [1, 0], [1000, 0, 0, 0, 0, 0, 0, 0, 0, 0]):
            yield case("unanimous", ["Unanimous", "ZeroVotes"], counts, 1437, 20, "1/1000", method)
        for counts in (
            [50, 50],
            [40, 20, 40],
            [0, 30, 30, 30],
            [80, 10, 10],
            [10, 80, 10],
            [10, 10, 80],
        ):
            yield case("equal counts", ["EqualCounts"], counts, 1437, 20, "1/100", method)
        for top in (6, 8, 10, 12, 14, 20):
            yield case("few votes", ["Plain"], [top, 20 - top, 0], 50, 3, "1/10", method)
        for top in (900, 950, 990):
            yield case(
                "printed bound", ["Eq6AsPrinted"], [top, 1000 - top, 0], 60000, 100, "1/20", method
            )
    for top in (520, 530, 540, 550, 560, 600, 700):
        yield case("one bound, half of the level", ["CohenHalf"], [top, 1000 - top], 60000, 10,
                   "1/100", "cohen")  # fmt: skip
    for top in (520, 535, 545, 548, 549, 550, 560, 700, 980):
        yield case(
            "two counts", ["SelectedLevel", "SignTest"], [top, 1000 - top, 0], 60000, 50, "1/100"
        )
    for top in (25, 26, 30, 33, 34):
        yield case(
            "close at the top of many", ["SignTest"], [top, 22, *[1] * (53 - top)], 900, 4, "1/10"
        )
    for low in (30, 33, 40, 60):
        for residual in RESIDUALS:
            yield case("n^k is small", ["ResidualDecides"], [low + 40, 60 - low, 0], 2, 1, "1/10",
                       "cohen", "any", residual)  # fmt: skip
            yield case("n^k is small", ["ResidualDecides"], [low + 40, 60 - low, 0], 9, 1, "1/10",
                       "simuem", "modify", residual)  # fmt: skip
    for counts in ([9, 1], [30, 2], [400, 3]):
        yield case("n = 1", ["NOne"], counts, 1, 3, "1/20", "cohen", "any", "integral")
        yield case("k = 1", ["KOne"], counts, 1000, 1, "1/20", "cohen")
        yield case("a large training set", ["LargeRadius"], counts, 10**12, 37, "1/20", "cohen")
    for method in ("cohen", "simuem"):
        for counts in ([2, 0], [0, 3]):
            alpha = "1/2" if counts[0] else "1/4"
            yield case("p_lower = p_upper = 1/2", ["ExactTie"], counts, 60000, 100, alpha, method)
    for n in (2, 3, 5):
        yield case("all may go but one", ["NoLargerAttack"], [10**5, 0], n, 1, "1/2", "cohen",
                   "delete", "integral")  # fmt: skip
    for counts in ([9, 0], [10, 0], [11, 0]):
        for alpha in ("25/256", "24999999/256000000"):
            yield case("beta' at and below 2^-10", ["SignTest", "ExactTie"], counts, 50, 3, alpha)
    for top in (340, 400, 460):
        rest = (1000 - top) // 10
        yield case("fewer than half, far ahead of the next", ["SignTest"], [top, *[rest] * 10],
                   60000, 50, "1/100")  # fmt: skip


FILES: dict[str, tuple[str, Callable[[], Iterator[Case]]]] = {
    "radius": (
        "certified poisoning size r* of Theorem 1; null where not even r = 0 holds",
        radius_cases,
    ),
    "worst_size": (
        "eq (7): the n' that maximises the left side of eq (4) times n^k; m and that side "
        "(without G) at a given n'",
        worst_size_cases,
    ),
    "clopper_pearson": (
        "the tightest sound multiple of 2^-53, as float.hex",
        clopper_pearson_cases,
    ),
    "certify": (
        "label, bounds, radius and witness of one example at level alpha, or why it abstains",
        certify_cases,
    ),
}


def build(algorithm: str, formula: Formula) -> dict[str, Any]:
    """One file's content."""
    description, cases = FILES[algorithm]
    tests: list[dict[str, Any]] = []
    seen = set()
    for comment, flags, case in cases():
        key = json.dumps(case)
        if key not in seen:
            seen.add(key)
            tests.append({"tcId": len(tests) + 1, "comment": comment, "flags": flags, **case,
                          "result": formula.answer(algorithm, case)})  # fmt: skip
    used = {flag for test in tests for flag in test["flags"]}
    return {
        "algorithm": algorithm,
        "schema": f"schema/{algorithm}.json",
        "generatorVersion": "1",
        "header": description,
        "numberOfTests": len(tests),
        "notes": {
            flag: {"bugType": kind, "description": text}
            for flag, (kind, text) in FLAGS.items()
            if flag in used
        },
        "tests": tests,
    }


def spelled(content: dict[str, Any]) -> str:
    """The file: one test a line."""
    head = {key: value for key, value in content.items() if key != "tests"}
    lines = ",\n".join("  " + json.dumps(test, ensure_ascii=True) for test in content["tests"])
    return (
        json.dumps(head, indent=1, ensure_ascii=True)[:-2]
        + ',\n "tests": [\n'
        + lines
        + "\n ]\n}\n"
    )


def main() -> None:
    for algorithm in FILES:
        (HERE / f"{algorithm}.json").write_text(spelled(build(algorithm, Formula())))


if __name__ == "__main__":
    main()

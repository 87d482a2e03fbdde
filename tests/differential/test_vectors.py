"""The test vectors: well formed, agreed to by the reference and the kernel, and able to fail.

Each flag names a mistake. A mutant is the vectors' own formula (tests/vectors/generate.py) with
that mistake in it, and must disagree with a vector that carries the flag.
"""

import importlib.util
import json
import math
import sys
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from scipy.special import betaincinv

from bagcert import reference
from bagcert.reference import Abstention, Certificate, Header, Row
from bagcert.reference.poisoning import Poisoned, kept_examples
from bagcert.reference.theorem1 import left_side, worst_size

if TYPE_CHECKING:
    from tests.vectors import generate
    from tests.vectors.generate import Formula

HERE = Path(__file__).parents[1] / "vectors"
ALGORITHMS = ("radius", "worst_size", "clopper_pearson", "certify")


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bagcert_vectors", HERE / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


if not TYPE_CHECKING:
    generate = _load()
    Formula = generate.Formula
FILES: dict[str, dict[str, Any]] = {
    name: json.loads((HERE / f"{name}.json").read_text()) for name in ALGORITHMS
}
TESTS = {name: content["tests"] for name, content in FILES.items()}

# --- the files ---------------------------------------------------------------------------------


def _closed(schema: object) -> bool:
    """Whether every object in a schema refuses properties that it does not name."""
    if isinstance(schema, list):
        return all(map(_closed, schema))
    if not isinstance(schema, dict):
        return True
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        return False
    return all(map(_closed, schema.values()))


@pytest.mark.parametrize("name", ALGORITHMS)
def test_a_file_is_as_its_schema_says(name: str) -> None:
    content = FILES[name]
    schema = json.loads((HERE / content["schema"]).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(content, schema)
    assert _closed(schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content | {"tests": [content["tests"][0] | {"extra": 1}]}, schema)
    tests = content["tests"]
    assert [test["tcId"] for test in tests] == list(range(1, content["numberOfTests"] + 1))
    assert {flag for test in tests for flag in test["flags"]} == set(content["notes"])


def test_every_flag_is_used_and_has_a_mutant() -> None:
    used = {flag for content in FILES.values() for flag in content["notes"]}
    assert used == set(generate.FLAGS)
    assert {flag for flag, _ in MUTANTS} == used - {"Plain"}


class Stated(Formula):
    """Answers from the file, where computing every bound again takes too long."""

    def answer(self, algorithm: str, case: dict[str, Any]) -> Any:
        return next(t["result"] for t in TESTS[algorithm] if case.items() <= t.items())


@pytest.mark.parametrize("name", ["clopper_pearson"])
def test_the_questions_are_what_the_generator_writes(name: str) -> None:
    assert (HERE / f"{name}.json").read_text() == generate.spelled(generate.build(name, Stated()))


@pytest.mark.parametrize("name", ["radius", "worst_size", "certify"])
def test_the_files_are_what_the_generator_writes(name: str) -> None:
    assert (HERE / f"{name}.json").read_text() == generate.spelled(generate.build(name, Formula()))


def test_the_bounds_are_sound_and_their_neighbours_are_not() -> None:
    for test in TESTS["clopper_pearson"]:
        x, N, beta = test["count"], test["total"], Fraction(test["beta"])
        value = Fraction(float.fromhex(test["result"]))
        if test["side"] == "upper":
            x, value = N - x, 1 - value
        t = value * 2**53
        assert t.denominator == 1
        at_most = generate._tail_at_most
        assert t == 0 or (x > 0 and at_most(N, x, int(t), beta))
        assert x == 0 or t + 1 >= 2**53 or not at_most(N, x, int(t) + 1, beta), test


# --- the project's answers ----------------------------------------------------------------------


def test_the_reference_agrees_on_radii() -> None:
    for test in TESTS["radius"]:
        found = reference.certified_poisoning_size(
            test["n"], test["k"], test["p_lower"], test["p_upper"],
            attack=test["attack"], residual=test["residual"],
        )  # fmt: skip
        assert found == test["result"], test


def test_the_reference_agrees_on_worst_sizes() -> None:
    for test in TESTS["worst_size"]:
        n, k, r, size = test["n"], test["k"], test["r"], test["size"]
        kept = kept_examples(n, size, r)
        left = left_side(n, k, Poisoned(size, kept), Fraction(0))
        assert left.denominator == 1
        assert {"worst_size": worst_size(n, k, r), "kept": kept, "left": str(int(left))} == (
            test["result"]
        ), test


def test_the_reference_agrees_on_bounds() -> None:
    for test in TESTS["clopper_pearson"]:
        bound = getattr(reference, f"clopper_pearson_{test['side']}")
        found = bound(test["count"], test["total"], test["beta"])
        assert found == Fraction(float.fromhex(test["result"])), test


def _outcome(test: dict[str, Any]) -> Certificate | Abstention:
    result = test["result"]
    if "abstain" in result:
        return Abstention(reference.Reason(result["abstain"]))
    low, high = (Fraction(float.fromhex(result[name])) for name in ("p_lower", "p_upper"))
    return Certificate(
        result["label"], result["runner_up"], low, high, result["radius"], result["worst_size"]
    )


def test_the_reference_agrees_on_certificates() -> None:
    for test in TESTS["certify"]:
        found = reference.certify(
            test["counts"], test["n"], test["k"], test["alpha"],
            method=test["method"], attack=test["attack"], residual=test["residual"],
        )  # fmt: skip
        assert found == _outcome(test), test


def test_the_kernel_agrees_on_certificates(tmp_path: Path) -> None:
    path = tmp_path / "cert.jsonl"
    for test in TESTS["certify"]:
        counts = test["counts"]
        header = Header(
            test["n"], test["k"], len(counts), sum(counts), 1, Fraction(test["alpha"]),
            test["method"], reference.Scope.EACH, test["attack"], test["residual"],
        )  # fmt: skip
        row = Row(0, counts, _outcome(test))
        reference.write_certificate(path, header, [row], force=True)
        verdict = reference.check_certificate(path)
        assert verdict.status == "VALID", (test, verdict)


# --- the mistakes ---------------------------------------------------------------------------------


class ExactTie(Formula):
    def below(self, left: int, gap: Fraction) -> bool:
        return left <= gap


class FloatSides(Formula):
    """Both sides of eq (4) in float64, divided by n^k."""

    def holds(self, n: int, k: int, r: int, gap: Fraction, attack: str) -> bool:
        size = self.worst(n, k, r, attack)
        if size is None:
            return False
        kept = max(0, max(n, size) - r)
        left = (size / n) ** k - 2 * (kept / n) ** k + 1
        return bool(left < float(gap / n**k))


class RoundedBounds(Formula):
    """Probabilities as 15 significant decimals, as most files print them."""

    def gap(self, n: int, k: int, low: Fraction, high: Fraction, residual: str) -> Fraction:
        low, high = (Fraction(f"{float(p):.15g}") for p in (low, high))
        return Fraction(super().gap(n, k, low, high, residual))


class RootOfEq7(Formula):
    """Eq (7) by its (k-1)-th root; no certificate where that does not exist."""

    def worst(self, n: int, k: int, r: int, attack: str) -> int | None:
        return None if k == 1 and attack == "any" else super().worst(n, k, r, attack)

    def answer(self, algorithm: str, case: dict[str, Any]) -> Any:
        try:
            return super().answer(algorithm, case)
        except AssertionError:
            return None


class SearchFromOne(Formula):
    def radius(
        self, n: int, k: int, low: Fraction, high: Fraction, attack: str, residual: str
    ) -> int | None:
        found = super().radius(n, k, low, high, attack, residual)
        return found or None if n == 1 else found


class Capped(Formula):
    def radius(self, *case: Any) -> int | None:
        found = super().radius(*case)
        return None if found is None else min(found, 1500)


class EndPoints(Formula):
    def worst(self, n: int, k: int, r: int, attack: str) -> int | None:
        if attack != "any":
            return super().worst(n, k, r, attack)
        return max((n, n + r), key=lambda size: self.left(n, k, r, size))


class NoResiduals(Formula):
    """The paper's code sets them to 1e-50."""

    def gap(self, n: int, k: int, low: Fraction, high: Fraction, residual: str) -> Fraction:
        return (low - high) * Fraction(n**k)


class PlugInAtAll(Formula):
    def lower(self, x: int, N: int, beta: Fraction) -> Fraction:
        return Fraction(1) if x == N else super().lower(x, N, beta)


class PlugInAtNone(Formula):
    def upper(self, x: int, N: int, beta: Fraction) -> Fraction:
        return Fraction(0) if x == 0 else super().upper(x, N, beta)


class LastOfEqual(Formula):
    def order(self, counts: Any) -> list[int]:
        return sorted(range(len(counts)), key=lambda j: (-counts[j], -j))


class FloatBeta(Formula):
    """A library's quantile, rounded down to the grid but not verified."""

    def lower(self, x: int, N: int, beta: Fraction) -> Fraction:
        if x == 0:
            return Fraction(0)
        quantile = float(betaincinv(x, N - x + 1, float(beta)))
        return Fraction(math.floor(Fraction(quantile) * 2**53), 2**53)


class PrintedEq6(Formula):
    def upper(self, x: int, N: int, beta: Fraction) -> Fraction:
        if x == 0:
            return Fraction(0)
        return 1 - self.lower(N - x + 1, N, beta)


class DroppedMax(Formula):
    def kept(self, n: int, size: int, r: int) -> int:
        return max(0, n - r)


class NegativeBase(Formula):
    def kept(self, n: int, size: int, r: int) -> int:
        return max(n, size) - r


class FloatClosedForm(Formula):
    """Corollary 1 in float64."""

    def radius(
        self, n: int, k: int, low: Fraction, high: Fraction, attack: str, residual: str
    ) -> int | None:
        lead = float(low) - float(high)
        return math.ceil(n * (1 - math.pow(1 - lead / 2, 1 / k)) - 1)


class WholeCohen(Formula):
    def levels(self, method: str, a: Fraction, c: int) -> Any:
        return (a, None) if method == "cohen" else super().levels(method, a, c)


class WholeSelected(Formula):
    """No share of the level for the sign tests."""

    def levels(self, method: str, a: Fraction, c: int) -> Any:
        return (a / 2, a / 100) if method == "selected" else super().levels(method, a, c)


class NoSignTest(Formula):
    def selects(self, n_l: int, n_s: int, flip: Fraction) -> bool:
        return True


class StrictSignTest(Formula):
    def selects(self, n_l: int, n_s: int, flip: Fraction) -> bool:
        total = n_l + n_s
        return Fraction(sum(math.comb(total, i) for i in range(n_l, total + 1)), 2**total) < flip


class TwoSidedSignTest(Formula):
    def selects(self, n_l: int, n_s: int, flip: Fraction) -> bool:
        return super().selects(n_l, n_s, flip / 2)


class SignTestOfAll(Formula):
    """The label against all other labels together, not against the next one."""

    def certify(self, case: dict[str, Any]) -> dict[str, Any]:
        self.votes = sum(case["counts"])
        return super().certify(case)

    def selects(self, n_l: int, n_s: int, flip: Fraction) -> bool:
        return super().selects(n_l, self.votes - n_l, flip)


class StrictBound(Formula):
    """The bound must lie below the quantile, also where that is a grid point itself."""

    def lower(self, x: int, N: int, beta: Fraction) -> Fraction:
        found = super().lower(x, N, beta)
        if N > 200 or x == 0:
            return found
        tail = sum(math.comb(N, i) * found**i * (1 - found) ** (N - i) for i in range(x, N + 1))
        return found - Fraction(tail == beta, 2**53)


class FloatLevel(Formula):
    def lower(self, x: int, N: int, beta: Fraction) -> Fraction:
        return super().lower(x, N, Fraction(float(beta)))


class WitnessBeyond(Formula):
    """A witness with n' = 0."""

    def worst(self, n: int, k: int, r: int, attack: str) -> int | None:
        return max(0, n - r) if attack == "delete" else super().worst(n, k, r, attack)

    def radius(self, *case: Any) -> int | None:
        found = super().radius(*case)
        return None if found is None else found + (case[4] == "delete" and found == case[0] - 1)


MUTANTS: list[tuple[str, type[Formula]]] = [
    ("ExactTie", ExactTie),
    ("ExactTie", StrictBound),
    ("ExactTie", StrictSignTest),
    ("OneListEitherSide", FloatSides),
    ("OneUlpEitherSide", RoundedBounds),
    ("OneUlpEitherSide", FloatLevel),
    ("KOne", RootOfEq7),
    ("NOne", SearchFromOne),
    ("LargeRadius", Capped),
    ("InteriorWorstSize", EndPoints),
    ("ResidualDecides", NoResiduals),
    ("Unanimous", PlugInAtAll),
    ("ZeroVotes", PlugInAtNone),
    ("EqualCounts", LastOfEqual),
    ("OldLibraryBeta", FloatBeta),
    ("Eq6AsPrinted", PrintedEq6),
    ("MaxDropped", DroppedMax),
    ("NegativeBase", NegativeBase),
    ("FloatRecipe", FloatClosedForm),
    ("CohenHalf", WholeCohen),
    ("SelectedLevel", WholeSelected),
    ("SignTest", NoSignTest),
    ("SignTest", StrictSignTest),
    ("SignTest", TwoSidedSignTest),
    ("SignTest", SignTestOfAll),
    ("NoLargerAttack", WitnessBeyond),
]


def _killed(mutant: type[Formula], flag: str) -> list[tuple[str, int]]:
    """The vectors with a flag on which a formula answers something else."""
    found = []
    for name, tests in TESTS.items():
        for test in tests:
            if flag not in test["flags"] or test.get("total", 0) > 1000:
                continue
            if mutant().answer(name, test) != test["result"]:
                found.append((name, test["tcId"]))
    return found


@pytest.mark.parametrize("flag", sorted({flag for flag, _ in MUTANTS}))
def test_the_formula_without_a_mistake_agrees_with_a_flag(flag: str) -> None:
    assert not _killed(Formula, flag)


@pytest.mark.parametrize(("flag", "mutant"), MUTANTS)
def test_the_vectors_of_a_flag_kill_its_mutant(flag: str, mutant: type[Formula]) -> None:
    killed = _killed(mutant, flag)
    print(f"{flag}: {mutant.__name__} disagrees on {len(killed)} vectors")
    assert killed

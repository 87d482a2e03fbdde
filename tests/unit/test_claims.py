"""The ledger: what a status follows from, and that each check can fail."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from types import ModuleType
from typing import Any

import pytest
from sympy import Symbol

from bagcert.proofs_checks.claims import (
    appendix_a,
    attacks,
    confidence,
    corollaries,
    equation7,
    gaps,
    lemma1,
    setting,
    theorem1,
    theorem2,
)
from bagcert.proofs_checks.claims import coverage as coverage_claims
from bagcert.proofs_checks.coverage.rules import as_read_cohen
from bagcert.proofs_checks.enumeration import exhaustive as enumeration
from bagcert.proofs_checks.enumeration.exhaustive import QUICK
from bagcert.proofs_checks.evidence.claim import Claim, Evidence, Finding, Kind, Status, status_of
from bagcert.proofs_checks.evidence.symbols import Steps, nonnegative, positive
from bagcert.proofs_checks.ledger import ledger
from bagcert.proofs_checks.ledger.report import as_lines
from bagcert.reference.bounds import clopper_pearson_lower
from bagcert.reference.poisoning import Attack
from bagcert.reference.theorem1 import certified_poisoning_size, gap_of

YES, NO, NOT_HERE = Finding(True, "yes"), Finding(False, "no"), Finding(None, "not here")


def evidence(finding: Finding) -> Evidence:
    return Evidence(Kind.EXHAUSTIVE, lambda: finding)


def status(supports: str = "", refutes: str = "", repairs: str = "") -> Status:
    """Of a claim whose checks find y (yes), n (no) or - (not made here)."""
    found = {"y": YES, "n": NO, "-": NOT_HERE}
    parts = [tuple(evidence(found[c]) for c in text) for text in (supports, refutes, repairs)]
    claim = Claim("a-1", "(1)", "Says.", "This.", *parts, repair="Instead." if repairs else "")  # type: ignore[misc,arg-type]
    return ledger.examine(claim).status


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("y",), Status.HOLDS),
        (("yy",), Status.HOLDS),
        (("yn",), Status.UNSUPPORTED),
        (("y-",), Status.HOLDS),
        (("-",), Status.NOT_CHECKED),
        (("-n",), Status.UNSUPPORTED),
        (("", "y"), Status.FAILS),
        (("", "n"), Status.UNSUPPORTED),
        (("", "-"), Status.NOT_CHECKED),
        (("", "y", "y"), Status.REPAIRED),
        (("", "y", "n"), Status.UNSUPPORTED),
        (("", "n", "y"), Status.UNSUPPORTED),
        (("", "y", "-"), Status.NOT_CHECKED),
        (("", "-", "y"), Status.NOT_CHECKED),
    ],
)
def test_a_status_follows_from_what_was_found(parts: tuple[str, ...], expected: Status) -> None:
    assert status(*parts) is expected


def test_a_kind_of_evidence_that_was_not_made_here_is_marked() -> None:
    coq = Evidence(Kind.COQ, lambda: NOT_HERE)
    claims = [
        Claim("both", "(1)", "Says.", "This.", supports=(evidence(YES), coq)),
        Claim("alone", "(2)", "Says.", "This.", supports=(coq,)),
        Claim("some", "(3)", "Says.", "This.", supports=(coq, Evidence(Kind.COQ, lambda: YES))),
    ]
    lines = [*as_lines(claims, [ledger.examine(claim) for claim in claims])]
    first, second, third = (line for line in lines if " s  " in line)
    assert first.endswith(" s  exhaustive, coq (not here)")
    assert second.endswith(" s  coq (not here)")
    assert "not checked here" in second
    assert third.endswith(" s  coq")
    assert lines[-1] == "3 claims: 2 holds, 1 not checked here"
    assert [*as_lines(claims[:1], [ledger.examine(claims[0])])][-1] == "1 claim: 1 holds"


def test_findings_must_be_those_of_the_evidence() -> None:
    claim = Claim("a", "(1)", "Says.", "This.", supports=(evidence(YES),))
    with pytest.raises(ValueError, match="zip"):
        status_of(claim, (YES, YES))


def test_a_claim_needs_evidence_for_or_against() -> None:
    claim = Claim("a", "(1)", "Says.", "This.", supports=(evidence(YES),))
    for change in (
        {"supports": ()}, {"refutes": (evidence(YES),)}, {"repairs": (evidence(YES),)},
        {"repair": "So."}, {"repair": "So.", "repairs": (evidence(YES),)}, {"id": "A b"},
        {"refuted_by": " "}, {"refuted_by": "This.\nThat."},
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r"must|repair"):
            replace(claim, **change)


def test_a_check_that_raises_supports_nothing() -> None:
    def broken() -> Finding:
        raise ZeroDivisionError("by zero")

    found = ledger.examine(Claim("a", "(1)", "Says.", "This.", (Evidence(Kind.SYMBOLIC, broken),)))
    assert found.status is Status.UNSUPPORTED
    assert "ZeroDivisionError: by zero" in found.findings[0].established


def test_ids_are_unique_and_unknown_ones_are_named() -> None:
    assert [claim.id for claim in ledger.chosen([])] == [claim.id for claim in ledger.LEDGER]
    assert [c.id for c in ledger.chosen(["theorem-2", "lemma-1"])] == ["lemma-1", "theorem-2"]
    with pytest.raises(ValueError, match=r"no 'theorem-9'; the nearest are .*theorem-1"):
        ledger.chosen(["theorem-9"])
    twice = (ledger.LEDGER[0], ledger.LEDGER[0])
    with pytest.raises(ValueError, match="same id"):
        ledger.chosen([], twice)


def test_each_entry_says_in_one_line_what_can_refute_it() -> None:
    said = [claim.refuted_by for claim in ledger.LEDGER if claim.kinds != (Kind.COQ,)]
    assert len(said) > 50
    assert len(set(said)) == len(said)  # none is a phrase that fits every entry
    for line in said:
        assert line.endswith(".")
        assert 60 < len(line) < 200, line


def test_processes_find_what_one_process_finds() -> None:
    claims = ledger.chosen(["eq-55", "regions", "erratum-9"])
    done: list[tuple[int, int]] = []
    apart = ledger.run(claims, 2, progress=lambda *counts: done.append(counts))
    together = ledger.run(claims, 1)
    assert [found._replace(seconds=0) for found in apart] == [
        found._replace(seconds=0) for found in together
    ]
    assert done[-1] == (3, 3)


# Symbols without the hypothesis that a check takes: any real number.
ANY: Any = Symbol("any", real=True)
NEGATIVE: Any = Symbol("minus", negative=True)

HYPOTHESES: list[tuple[Callable[..., Finding], dict[str, Any]]] = [
    # Hypotheses taken away.
    (equation7.single_sign_change, {"above_one": ANY}),
    (equation7.single_sign_change, {"above_one": nonnegative("j")}),  # k = 1 too
    (theorem1.equivalence, {"poisoned": ANY}),  # n' > 0
    (theorem1.side_conditions, {"inserted": ANY}),  # n' >= m
    (theorem1.side_conditions, {"slack": ANY}),  # p_l - δ_l <= 1
    (theorem1.monotone, {"exponent": ANY}),  # k > 0
    (theorem1.radius_range, {"above_one": ANY}),  # k >= 1
    (theorem1.radius_range, {"room": ANY}),  # G <= n^k
    (gaps.without_residuals, {"given": ANY}),
    (gaps.without_residuals, {"taken": ANY}),
    (attacks.smaller_sizes, {"shrunk": ANY}),  # n' <= n
    (attacks.modification_is_worst, {"doubled": ANY}),  # 2 (n-r)^k > n^k
    (attacks.modification_is_worst, {"exponent": ANY}),
    (attacks.insert_after_delete, {"above_one": ANY}),  # k >= 1
    (attacks.insert_after_delete, {"above_one": NEGATIVE}),
    (theorem2.adversary_masses, {"free": ANY}),  # |B| <= L
    (theorem2.adversary_masses, {"room": ANY}),  # L + S <= n^k
    (theorem2.feasible_size, {"above_one": ANY}),  # k >= 1
    (theorem2.feasible_size, {"below": ANY}),  # n + r does not violate
    (appendix_a.masses, {"room_for_l": ANY}),  # |B| <= L
    (appendix_a.masses, {"room_for_s": ANY}),  # S <= |E|
    (setting.transfer, {"lost": ANY}),
    (setting.transfer, {"won": ANY}),
    (lemma1.pointwise, {"rejects": ANY}),  # Pr(M = 1) <= 1
    (corollaries.inverted, {"attack": Attack.MODIFY, "exponent": ANY}),
    # Statements strengthened, or changed as misprints would.
    (corollaries.inverted, {"attack": Attack.MODIFY, "strict": False}),
    (corollaries.inverted, {"attack": Attack.DELETE, "strict": False}),
    (corollaries.inverted, {"attack": Attack.INSERT, "strict": False}),
    (equation7.derivative, {"lowered": 0}),
    (equation7.derivative, {"lowered": 2}),
    (equation7.three_cases, {"lower": lambda n, h: n * (1 - h) + 1}),
    (equation7.three_cases, {"lower": lambda n, h: n * (1 - h**2)}),
    (equation7.three_cases, {"upper": lambda n, h: n * (1 / h - 1) - 1}),
    (equation7.distinct_neighbours, {"coefficient": 3}),
]


@pytest.mark.parametrize(("check", "changed"), HYPOTHESES)
def test_a_symbolic_check_needs_its_hypotheses(
    check: Callable[..., Finding], changed: dict[str, Any]
) -> None:
    kept = {name: value for name, value in changed.items() if name == "attack"}
    assert check(**kept).supported is True
    found = check(**changed)
    assert found.supported is False
    assert "sympy does not decide" in found.established


def test_only_a_yes_counts() -> None:
    steps = Steps()
    steps.positive("x > 0", positive("x"))
    assert steps.finding("So.") == (True, "So. Steps: x > 0")
    steps.zero("x = 0", positive("x"))
    steps.nonnegative("y >= 0", ANY)
    steps.power_order("2^k <= 1^k", positive("x") * 2, positive("x"), positive("k"))
    assert steps.finding("So.").established == ("sympy does not decide: x = 0; y >= 0; 2^k <= 1^k")
    assert Steps().finding("So.").supported is False


def one_more(true: Callable[..., Any]) -> Callable[..., Any]:
    def false(*args: Any, **options: Any) -> Any:
        found = true(*args, **options)
        return None if found is None else found + 1

    return false


def negated(true: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, **options: -true(*args, **options)


def opposite(true: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, **options: not true(*args, **options)


def doubled(true: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, **options: true(*args, **options) + true(*args, **options)


def one_list_lost(true: Callable[..., Any]) -> Callable[..., Any]:
    def false(*args: Any) -> Any:
        first, second = map(list, true(*args))
        return first[1:], second

    return false


def met(true: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, **options: None


def more_for_modify(true: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args: None if (r := true(*args)) is None else r + (args[-1] == Attack.MODIFY)


def at_a_larger_level(true: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args: true(*args[:-1], min(args[-1] * 8, Fraction(9, 10)))


@pytest.mark.parametrize(
    ("module", "broken", "how", "claim"),
    [
        (setting, "kept_examples", one_more, "eq-1"),
        (setting, "_spelled", doubled, "eq-1-copies"),
        (setting, "_spelled", doubled, "transfer-bounds"),
        (setting, "lists_of", one_list_lost, "regions"),
        (setting, "unmet_assumption", met, "eq-2-attained"),
        (appendix_a, "lists_of", one_list_lost, "appendix-a-regions"),
        (theorem1, "survives", opposite, "radius-range"),
        (gaps, "gap", one_more, "residuals"),
        (gaps, "survives", opposite, "erratum-7"),
        (attacks, "left_side", negated, "larger-sizes-only"),
        (attacks, "scanned_radius", more_for_modify, "modification-is-worst"),
        (attacks, "scanned_radius", more_for_modify, "order-of-attacks"),
        (theorem2, "left_side", one_more, "theorem-2-learner"),
        (corollaries, "scanned_radius", one_more, "corollary-2"),
        (corollaries, "scanned_radius", one_more, "corollary-3"),
        (confidence, "clopper_pearson_lower", at_a_larger_level, "simuem-sign-tests"),
        (confidence, "by_method", at_a_larger_level, "simuem-level"),
        (equation7, "worst_size", one_more, "unique-maximiser"),
        (equation7, "worst_size", one_more, "erratum-8"),
        (equation7, "worst_size", one_more, "erratum-9"),
        (equation7, "printed_cases", one_more, "eq-7"),
        (gaps, "certified_poisoning_size", one_more, "erratum-5"),
        (gaps, "certified_poisoning_size", one_more, "integral-gap"),
        (gaps, "scanned_radius", one_more, "erratum-6"),
        (gaps, "kept_examples", one_more, "integral-gap"),
        (theorem1, "certified_poisoning_size", one_more, "eq-4-strict"),
        (theorem1, "left_side", negated, "monotone-in-r"),
        (attacks, "bisected_radius", one_more, "bisection"),
        (attacks, "radius", one_more, "erratum-10"),
        (corollaries, "scanned_radius", one_more, "corollary-1"),
        (theorem2, "certified_poisoning_size", one_more, "theorem-2-integral"),
        (theorem2, "worst_size", lambda true: lambda n, k, r: n + r, "erratum-4"),
    ],
)
def test_an_exact_check_notices_a_wrong_number(
    module: ModuleType, broken: str, how: Any, claim: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, broken, how(getattr(module, broken)))
    (chosen,) = ledger.chosen([claim])
    exact = [e for _, e in chosen.evidence if e.kind not in (Kind.SYMBOLIC, Kind.NUMERIC)]
    findings = [ledger._checked(e) for e in exact]
    noticed = [f.established for f in findings if f.supported is False]
    assert any("the check failed" not in text for text in noticed)  # found, and not by a crash


def test_counterexamples_are_the_papers_own_statements() -> None:
    """Erratum 4's: recomputed here from nothing but integers."""
    found = theorem2.infeasible()
    assert found is not None
    n, k, r, size, p_l = found
    sizes = range(max(1, n - r), n + r + 1)
    left = {x: x**k - 2 * (max(n, x) - r) ** k + n**k - (2 * p_l - 1) * n**k for x in sizes}
    assert left[size] == max(left.values()) >= 0
    assert p_l < 1 - Fraction(max(n, size) - r, n) ** k


@pytest.mark.parametrize(("step", "claim"), [(1, "theorem-1"), (-1, "theorem-2")])
def test_the_theorems_notice_a_radius_off_by_one(
    step: int, claim: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too large: unsound, Theorem 1 is red. Too small: improvable, Theorem 2 is red."""
    tiny = QUICK._replace(n=3, k=2, pairs=20, visits=2)
    monkeypatch.setattr(theorem1, "QUICK", tiny)
    monkeypatch.setattr(theorem2, "_TIGHT", tiny)
    true = certified_poisoning_size
    both = {c.id: c.supports[0] for c in (*theorem1.CLAIMS, *theorem2.CLAIMS) if c.supports}
    assert both[claim].check().supported is True

    def false(*args: Any, **options: Any) -> int | None:
        found = true(*args, **options)
        return None if found is None or found + step < 0 else found + step

    monkeypatch.setattr(enumeration, "certified_poisoning_size", false)
    assert both[claim].check().supported is False


def test_with_the_repair_in_place_no_counterexample_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    true = certified_poisoning_size

    def refuted(name: str) -> bool | None:
        (claim,) = ledger.chosen([name])
        return ledger.examine(replace(claim, repairs=(), repair="")).findings[0].supported

    assert gaps.negative_base().supported
    assert not gaps.negative_base(lambda n, r: max(0, n - r)).supported
    assert lemma1.swapped().supported
    assert lemma1.meant().supported
    assert not lemma1.meant(one_is=0).supported
    assert not lemma1.swapped(one_is=1).supported
    assert refuted("erratum-5")
    assert refuted("erratum-6")
    monkeypatch.setattr(
        gaps, "certified_poisoning_size", lambda *a, residual: true(*a, residual="none")
    )
    monkeypatch.setattr(gaps, "gap_of", lambda *a, residual: gap_of(*a, residual="none"))
    assert not refuted("erratum-5")
    assert not refuted("erratum-6")
    assert refuted("erratum-4")
    monkeypatch.setattr(theorem2, "worst_size", lambda n, k, r: n + r)
    assert not refuted("erratum-4")


def test_an_open_question_is_open_however_its_checks_come_out() -> None:
    open_one = Claim("a-1", "(1)", "Asks.", "This.", (evidence(YES),), open=True)
    assert ledger.examine(open_one).status == Status.OPEN
    assert ledger.examine(replace(open_one, supports=(evidence(NO),))).status == Status.UNSUPPORTED
    with pytest.raises(ValueError, match="an open question is looked at, not refuted"):
        Claim("a-1", "(1)", "Asks.", "This.", refutes=(evidence(YES),), open=True)


def test_the_ledger_depends_on_the_kernel_s_sign_test() -> None:
    """A kernel without it accepts certificates that Algorithm 1 does not give."""
    from bagcert.proofs_checks.coverage.kernel import Disagreement, compare
    from bagcert.reference import checker

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(checker.Judge, "is_selected", lambda self, n_l, n_s: True)
        with pytest.raises(Disagreement):
            compare()


def test_clopper_pearson_s_coverage_is_computed_and_can_fail() -> None:
    assert confidence.covers(most=6).supported

    def loose(x: int, total: int, beta: Fraction) -> Fraction:
        return clopper_pearson_lower(x, total, beta) + (x > 0) * Fraction(1, 2**50)

    assert confidence.covers(loose, most=6).supported is False


def test_property_s_fails_of_bounds_that_are_not_clopper_pearson_s() -> None:
    from bagcert.proofs_checks.coverage.separation import first_exception

    low = [Fraction(part, 100) for part in (0, 0, 0, 0, 0, 30, 31, 55, 56, 57, 58)]

    def lower(x: int, total: int, beta: Fraction) -> Fraction:
        return low[x]

    def upper(y: int, total: int, beta: Fraction) -> Fraction:
        return 1 - lower(total - y, total, beta)

    beta = Fraction(1, 10)
    found = first_exception(10, beta, lower, upper)
    every = [
        (x, y) for x in range(1, 11) for y in range(10) if x + y + 1 <= 10
        and lower(x, 10, beta) > upper(y + 1, 10, beta)
        and lower(x - 1, 10, beta) <= upper(y, 10, beta)
    ]  # fmt: skip
    assert bool(every) == (found is not None)
    assert every
    assert found in every


def test_several_examples_at_one_level_each_are_summed() -> None:
    assert coverage_claims.several().supported
    tenth = Fraction(1, 10)
    assert not coverage_claims.several(as_read_cohen(tenth), tenth).supported

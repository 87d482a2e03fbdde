"""Coverage, exactly: the law, the rules, and that a level a little higher is noticed."""

from fractions import Fraction
from itertools import product
from math import factorial

import numpy as np
import pytest

from bagcert.proofs_checks.claims import confidence, coverage
from bagcert.proofs_checks.coverage import exact as module
from bagcert.proofs_checks.coverage import rules as rules
from bagcert.proofs_checks.coverage.exact import (
    Case,
    beside_bounds,
    binomial_tail,
    grid,
    main,
    probability,
    worst_of_grid,
    worst_of_two,
)
from bagcert.proofs_checks.coverage.rules import (
    as_read_cohen,
    as_read_simuem,
    by_method,
    event_72,
    is_wrong,
    issued,
    vectors,
)
from bagcert.proofs_checks.coverage.search import (
    Labels,
    ThreeCells,
    Worst,
    confirmed,
    search,
    sign_test_inequality,
)
from bagcert.proofs_checks.evidence.claim import Status, status_of
from bagcert.reference.bounds import LabelBounds, Method, clopper_pearson_upper

ULP = Fraction(1, 2**53)
TWENTIETH = Fraction(1, 20)


def test_the_law_sums_to_one_and_is_what_drawing_votes_one_by_one_gives() -> None:
    p = (Fraction(1, 2), Fraction(1, 3), Fraction(1, 6))
    assert probability(list(vectors(7, 3)), p) == 1
    counted = dict.fromkeys(vectors(4, 3), Fraction(0))
    for votes in product(range(3), repeat=4):
        key = tuple(votes.count(j) for j in range(3))
        counted[key] += p[votes[0]] * p[votes[1]] * p[votes[2]] * p[votes[3]]
    for counts, chance in counted.items():
        assert probability([counts], p) == chance
    assert len(list(vectors(150, 3))) == 11_476
    assert probability([], p) == 0
    with pytest.raises(ValueError, match="sum to 1"):
        probability([(1, 0, 0)], (Fraction(1, 2),) * 3)


def test_two_labels_are_a_binomial() -> None:
    q = Fraction(3, 7)
    for x in range(10):
        assert probability([(i, 9 - i) for i in range(x, 10)], (q, 1 - q)) == binomial_tail(9, x, q)
    assert binomial_tail(9, 10, q) == 0


def test_wrong_is_that_eq_2_is_false() -> None:
    bounds = LabelBounds(1, 0, Fraction(1, 2), Fraction(1, 4))
    for p, wrong in (
        (("1/4", "1/2", "1/4"), False),  # both exactly on the bounds
        ((Fraction(1, 4) + ULP, Fraction(1, 2), Fraction(1, 4) - ULP), True),
        ((Fraction(1, 4), Fraction(1, 2) - ULP, Fraction(1, 4) + ULP), True),
        (("0", "3/4", "1/4"), False),
        (("1/4", "1/4", "1/2"), True),
    ):
        assert is_wrong(bounds, tuple(map(Fraction, p))) is wrong


def test_the_printed_upper_bound_is_the_quantile_that_eq_6_names() -> None:
    from flint import arb, ctx, fmpq

    rule = as_read_simuem(TWENTIETH, at_zero=clopper_pearson_upper_at_zero)
    with ctx.workprec(200):
        for counts in ((50, 10), (45, 15), (58, 2)):
            found = rule(counts)
            assert found is not None
            beta, total, second = Fraction(1, 40), 60, counts[1]
            for q, side in ((found.p_upper, 1), (found.p_upper - ULP, -1)):
                at = arb(fmpq(q.numerator, q.denominator))
                mass = at.beta_lower(second, total - second + 1, regularized=True)
                excess = mass - arb(fmpq((1 - beta).numerator, (1 - beta).denominator))
                assert excess > 0 if side > 0 else excess < 0


def clopper_pearson_upper_at_zero(total: int, beta: Fraction) -> Fraction:
    return clopper_pearson_upper(0, total, beta)


def test_cohen_as_read_spends_the_whole_level_on_its_bound() -> None:
    rule = as_read_cohen(TWENTIETH)
    # Pr(Bin(5, 1/2) >= 5) = 1/32 lies between 1/40 and 1/20.
    assert rule((5, 0)) is not None
    assert by_method(Method.COHEN, TWENTIETH)((5, 0)) is None


@pytest.mark.parametrize("method", list(Method))
def test_every_p_of_two_labels_is_enclosed(method: Method) -> None:
    """The bound over all p against a fine grid, and against the breakpoints themselves."""
    rule = by_method(method, TWENTIETH)
    outcomes = issued(17, 2, rule)
    found = worst_of_two(17, rule)
    assert 0 < found.value <= found.bound
    points = [Fraction(i, 400) for i in range(401)]
    points += [one.bounds.p_lower + step for one in outcomes for step in (-ULP, 0, ULP)]
    points += [1 - one.bounds.p_upper + step for one in outcomes for step in (-ULP, 0, ULP)]
    chances = []
    for q in points:
        wrong = [one.counts for one in outcomes if is_wrong(one.bounds, (q, 1 - q))]
        chances.append(probability(wrong, (q, 1 - q)))
    assert max(chances) == found.value


def test_votes_that_are_wrong_in_the_middle_are_refused() -> None:
    def odd(counts: object) -> LabelBounds | None:
        pairs = {(7, 3): 0, (3, 7): 1}
        label = pairs.get(counts)  # type: ignore[call-overload]
        return None if label is None else LabelBounds(label, 1 - label, Fraction(1), Fraction(0))

    with pytest.raises(ArithmeticError, match="extreme"):
        worst_of_two(10, odd)
    with pytest.raises(ArithmeticError, match="differently"):
        worst_of_two(10, lambda counts: odd(counts) if counts[0] > 5 else None)


def test_grids_and_points_beside_bounds() -> None:
    points = list(grid(3, 6))
    assert len(points) == 7  # partitions of 6 into at most 3 parts
    assert all(sum(p) == 1 and p == tuple(sorted(p, reverse=True)) for p in points)
    outcomes = issued(20, 3, by_method(Method.SELECTED, TWENTIETH))
    moved = beside_bounds((Fraction(7, 12), Fraction(3, 12), Fraction(2, 12)), outcomes)
    assert moved is not None
    assert sum(moved) == 1
    assert moved[0] + ULP in {one.bounds.p_lower for one in outcomes}
    assert moved[1] - ULP in {one.bounds.p_upper for one in outcomes}
    assert worst_of_grid(outcomes, iter(points))[0] > 0


@pytest.mark.parametrize("method", list(Method))
def test_a_level_raised_by_a_fiftieth_is_exceeded(method: Method) -> None:
    """Where the proven level is nearly spent. Five equal votes have 2/32 at p = (1/2, 1/2)."""
    if method is Method.SELECTED:
        kept = short = Case(60, 2, TWENTIETH)
    else:
        kept, short = (Case(5, 2, Fraction(1, 16) + step * ULP) for step in (1, -1))
    assert coverage.kept(method, (kept,)).supported
    raised = coverage.kept(method, (short,), raised=Fraction(51, 50))
    assert raised.supported is False
    assert "keeps" not in raised.established


def test_the_level_is_the_proven_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "proven_level", lambda alpha, classes, method: alpha / 3)
    monkeypatch.setattr(coverage, "proven_level", lambda alpha, classes, method: alpha / 3)
    for method in Method:
        assert not coverage.kept(method, (Case(20, 2, TWENTIETH),)).supported


def test_no_case_and_no_certificate_are_no_evidence() -> None:
    assert not coverage.kept(Method.SELECTED, ()).supported
    assert not coverage.kept(Method.SELECTED, (Case(3, 2, TWENTIETH),)).supported


def test_claims_find_what_they_are_there_to_find() -> None:
    for claim in (*coverage.CLAIMS, *confidence.CLAIMS):
        if claim.id in {"selected", "simuem", "erratum-12", "property-s"}:
            continue  # seconds each: `bagcert claims` runs them
        findings = tuple(evidence.check() for _, evidence in claim.evidence)
        due = {
            "erratum-1": Status.REPAIRED, "theorem-3": Status.REPAIRED, "erratum-2": Status.FAILS,
            "property-s-everywhere": Status.OPEN,
        }.get(claim.id, Status.HOLDS)  # fmt: skip
        assert status_of(claim, findings) is due, (claim.id, findings)


def test_corrected_rules_refute_no_erratum(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the repair in the place of the error every counterexample disappears."""
    fixed = by_method(Method.SIMUEM, TWENTIETH)
    assert not coverage.exceeds(fixed, 60, TWENTIETH, Fraction(1)).supported
    assert not coverage.exceeds(
        as_read_simuem(TWENTIETH, at_zero=clopper_pearson_upper_at_zero), 60, TWENTIETH, Fraction(3)
    ).supported
    monkeypatch.setattr(coverage, "as_read_cohen", lambda alpha: by_method(Method.COHEN, alpha))
    claims = {claim.id: claim for claim in coverage.CLAIMS}
    assert not claims["erratum-12"].refutes[0].check().supported
    monkeypatch.setattr(coverage, "event_72", lambda total, alpha, p: event_72(total, alpha / 2, p))
    assert not claims["erratum-2"].refutes[0].check().supported
    monkeypatch.setattr(coverage, "is_wrong", lambda bounds, p: False)
    assert not claims["theorem-3"].refutes[0].check().supported


def test_a_bound_one_step_off_is_not_canonical() -> None:
    for step in (ULP, -ULP):
        found = confidence.canonical(
            lambda x, total, beta, step=step: (  # type: ignore[misc]
                1 - clopper_pearson_upper(total - x, total, beta) + (step if x == 2 else 0)
            ),
            4,
        )
        assert not found.supported


def test_the_chord_is_crossed_below_the_middle() -> None:
    assert coverage.convex().supported
    assert not coverage.convex(start=3).supported


def test_the_sign_test_inequality_needs_the_sum_of_both_counts() -> None:
    """H is smallest at M = x + y - 1 and x + y: nowhere else, where x >= y + 2."""
    half = Fraction(1, 2)
    for x, y in ((5, 2), (9, 0), (12, 11)):
        assert sign_test_inequality(x, y, 60)

        def height(m: int, x: int = x, y: int = y) -> Fraction:
            return binomial_tail(m, x, half) + 1 - binomial_tail(m, y + 1, half)

        flat = [m for m in range(61) if height(m) == height(x + y)]
        assert flat == ([x + y - 1, x + y] if x > y + 1 else list(range(61)))


def test_the_search_agrees_with_exact_sums_at_its_level() -> None:
    """Its running sum is Pr(issued and wrong) just above the level it names."""
    drawn = np.random.Generator(np.random.Philox(5))
    for total, classes in ((6, 3), (9, 3), (5, 4), (11, 2)):
        cases = Labels(total, classes)
        for _ in range(6):
            weights = drawn.integers(1, 40, classes)
            p = weights / weights.sum()
            found = cases.worst(p)
            exact = tuple(Fraction(int(w), int(weights.sum())) for w in weights)
            alpha = Fraction(classes * found.beta * (1 + 1e-9))
            outcomes = issued(total, classes, by_method(Method.SIMUEM, alpha))
            wrong = [one.counts for one in outcomes if is_wrong(one.bounds, exact)]
            ratio = probability(wrong, exact) / alpha * classes
            assert abs(float(ratio) - found.ratio) < 1e-6 * found.ratio


def test_the_search_finds_what_two_labels_reach() -> None:
    found = search(Labels(7, 3), 4, seed=1)
    assert 1.9999 < found.ratio < 2.0001
    exact = confirmed(7, 3, found)
    assert Fraction(666, 1000) < exact.ratio < Fraction(2, 3)
    assert sum(exact.p) == 1
    assert 1.999 < search(ThreeCells(9), 4, seed=1).ratio < 2.0001


def test_three_cells_are_at_least_what_all_labels_make_of_them() -> None:
    p = np.array([0.45, 0.35, 0.2])
    cells, labels = ThreeCells(9), Labels(9, 3)
    assert cells.worst(p[::-1]) == Worst(0.0, 1.0, (0.2, 0.35, 0.45))
    assert cells.worst(p).ratio > 0
    assert labels.worst(p).ratio > 0


def test_the_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "QUICK", (Case(20, 2, TWENTIETH), Case(8, 3, TWENTIETH, 6)))
    assert main([]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 6
    monkeypatch.setattr(module, "proven_level", lambda alpha, classes, method: alpha / 2)
    assert main([]) == 1


def test_multinomial_coefficients() -> None:
    for counts in vectors(9, 4):
        due = factorial(9)
        for x in counts:
            due //= factorial(x)
        assert module._ways(counts) == due
    assert rules.vectors is vectors

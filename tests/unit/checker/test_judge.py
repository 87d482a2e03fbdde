"""The claims of one row, beside exhaustive scans: bounds, abstentions, radii, worst sizes."""

import random
from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from bagcert.reference import checker
from tests.vectors.certificates.oracle import (
    ONE,
    SELECTED,
    exact_bounds,
    exact_claim,
    exact_gap,
    exact_lower,
    hexed,
    scan_left,
    scan_radius,
    scan_sizes,
)

ATTACKS = ("any", "modify", "delete", "insert")
RESIDUALS = ("paper", "none", "integral")


def judge_of(**changes: Any) -> checker.Judge:
    return checker.Judge(SELECTED | {"examples": 1} | changes)


def fault(judge: checker.Judge, row: dict[str, Any]) -> str | None:
    """The field of the first false claim, if there is one."""
    try:
        judge.judge(row)
    except checker.Fault as found:
        return found.field if found.status == "INVALID" else "not a false claim"
    return None


# --- bounds --------------------------------------------------------------------------------------


def test_spelling_is_that_of_float_hex() -> None:
    rng = random.Random(5)
    points = [0, 1, 2, 3, ONE // 2 - 1, ONE // 2, ONE - 1, ONE]
    points += [rng.randrange(1 << rng.randrange(1, 54)) for _ in range(2000)]
    for t in points:
        assert checker.spelled(t) == hexed(t)
        assert checker.grid_point(hexed(t)) == t
    for text in ("0x1.0000000000001p+0", "0x1.8000000000000p+0", "0x1.8000000000001p-2",
                 "0x0.8000000000000p-1", "0x0.0000000000000p+0", "0x1.0000000000000p+9999",
                 "0x1.0000000000000p-54", "0x0.0000000000001p-1022"):  # fmt: skip
        assert checker.HEX.fullmatch(text)
        assert checker.grid_point(text) is None


def test_no_votes_have_only_the_bound_zero_and_no_count_has_the_bound_one() -> None:
    judge = judge_of()
    assert judge.sound(0, 0)
    assert not judge.sound(0, 1)
    assert judge.sound(1, exact_lower(20, 1, judge.beta))
    assert judge.sound(20, 0)
    assert not judge.sound(20, ONE)
    assert not judge.sound(20, ONE + 1)


@pytest.mark.parametrize("method", ["simuem", "cohen", "selected"])
def test_the_opposed_count_gives_the_smaller_upper_bound(method: str) -> None:
    for classes in (2, 3):
        head = SELECTED | {"examples": 1, "method": method, "classes": classes, "models": 9}
        judge = checker.Judge(head)
        for n_l in range(1, 10):
            for n_s in range(min(n_l, 9 - n_l) + 1):
                counts = [n_l, n_s, 9 - n_l - n_s]
                if sum(counts[:classes]) != 9 or max(counts) > n_l or counts[2] > n_s:
                    continue
                _, t_l, t_s = exact_bounds(head, counts[:classes])
                assert exact_lower(9, n_l, judge.beta) == t_l
                assert ONE - exact_lower(9, judge.opposed(n_l, n_s), judge.beta) == t_s


# --- abstentions ---------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["simuem", "cohen", "selected"])
def test_the_reason_is_the_first_that_applies(method: str) -> None:
    """All counts of 12 models and 3 classes; few lists, where gaps vanish, and many."""
    seen = set()
    cases = [(1, 1), (2, 1), (3, 1), (2, 2), (50, 3), (10**6, 9)]
    for (n, k), residual, alpha in product(cases, RESIDUALS, ("1/10", "9/10")):
        head = SELECTED | {"examples": 1, "models": 12, "n": n, "k": k, "residual": residual}
        head |= {"method": method, "alpha": alpha, "attack": "modify"}
        judge = checker.Judge(head)
        for first in range(4, 13):
            for second in range((13 - first) // 2, min(first, 12 - first) + 1):
                _, t_l, t_s = exact_bounds(head, [first, second, 12 - first - second])
                gap = exact_gap(residual, Fraction(t_l, ONE), Fraction(t_s, ONE), n**k)
                due = "residual" if gap <= 0 else None
                due = "bounds" if t_l <= t_s else due
                due = due if judge.selects(first, second) else "selection"
                assert judge.reason(first, second) == due, (head, first, second)
                seen.add(due)
    assert seen == {None, "residual", "selection" if method == "selected" else "bounds"}


@pytest.mark.parametrize("steps", [1, 2, 3, 7, 1000, ONE])
def test_bounds_are_apart_where_a_step_fits_between_them(steps: int) -> None:
    """Beside the grid's nearest points to j / steps: floor(p_l steps) > ceil(p_s steps)."""
    judge = judge_of(models=20, method="simuem")
    middle = steps // 2
    near = {j * ONE // steps + d for j in (middle - 1, middle, middle + 1) for d in (-1, 0, 1, 2)}
    points = sorted(t for t in near if 0 <= t < ONE)
    for t_l, t_s in product(points, points):
        judge.sound = lambda x, t, t_l=t_l, t_s=t_s: t <= (t_l if x == 11 else ONE - t_s)  # type: ignore
        gap = t_l * steps // ONE + (-t_s * steps // ONE)
        assert judge.apart(11, 8, steps) is (gap > 0), (t_l, t_s)


@pytest.mark.parametrize(
    ("n", "k", "due"),
    [(1, 1, "residual"), (1, 54, "residual"), (10**6, 2, "residual"), (3, 33, "residual"),
     (2, 52, "residual"), (2, 53, None), (2**18, 3, None), (3, 35, None), (10**12, 26_214, None)],
)  # fmt: skip
def test_the_narrowest_bounds_have_a_gap_from_2_to_the_54_lists_on(
    n: int, k: int, due: str | None
) -> None:
    """p_s = 1/2, p_l = 1/2 + 2^-53."""
    judge = judge_of(n=n, k=k, method="simuem")
    judge.sound = lambda x, t: t <= (ONE // 2 + 1 if x == 11 else ONE // 2)  # type: ignore
    gap = exact_gap("paper", Fraction(1, 2) + Fraction(1, ONE), Fraction(1, 2), n**k)
    assert (gap > 0) is (due is None)
    assert judge.reason(11, 8) == due


def test_bounds_that_meet_are_bounds() -> None:
    """p_l = p_s = 1/2, although G = 1: ceil(3/2) - floor(3/2)."""
    setting = {"classes": 2, "models": 2, "method": "cohen", "alpha": "1/2"}
    judge = judge_of(n=3, k=1, residual="integral", **setting)
    assert exact_lower(2, 2, judge.beta) == ONE // 2
    assert judge.gap(ONE // 2, ONE // 2, 128) == (1, 1, 0)
    assert judge.reason(2, 0) == "bounds"
    assert fault(judge, {"counts": [2, 0], "abstain": "bounds"}) is None
    row = {"counts": [2, 0], "label": 0, "p_lower": hexed(ONE // 2), "p_upper": hexed(ONE // 2)}
    with pytest.raises(checker.Fault) as found:
        judge.judge(row | {"radius": 0, "worst_size": 3})
    assert found.value.message == "is absent, should be bounds"


def test_true_bounds_do_not_excuse_a_certificate_where_it_must_abstain() -> None:
    head = SELECTED | {"examples": 1, "method": "cohen", "n": 2, "k": 1}
    assert exact_claim(head, [15, 3, 2]) == {"abstain": "residual"}
    t = exact_lower(20, 15, Fraction(1, 20))
    bounds = {"label": 0, "p_lower": hexed(t), "p_upper": hexed(ONE - t)}
    row = {"counts": [15, 3, 2]} | bounds | {"radius": 0, "worst_size": 2}
    with pytest.raises(checker.Fault) as found:
        checker.Judge(head).judge(row)
    assert found.value.message == "is absent, should be residual"


# --- radii ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("short", [0, 4096])
@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("k", [1, 2, 3, 4, 7, 30])
def test_radius_and_worst_size_against_a_scan(
    attack: str, k: int, short: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checker, "SHORT", short)
    monkeypatch.setattr(checker, "POWER_BITS", 1 if short == 0 else 128)  # coarse first, so raised
    for n in (1, 2, 3, 5, 12, 31):
        judge = judge_of(n=n, k=k, attack=attack, residual="none")
        for r in range(1, n + 1):
            sizes = scan_sizes(n, r, attack)
            lefts = {scan_left(n, k, r, size): size for size in sizes}
            worst = lefts[max(lefts)] if lefts else None
            assert judge.worst(r) == worst, (n, k, r)
        for i in range(1, 41, 3):
            t_l = ONE // 80 * (40 + i)
            gap = exact_gap("none", Fraction(t_l, ONE), 1 - Fraction(t_l, ONE), n**k)
            radius, size = scan_radius(n, k, gap, attack)
            judge.judge_radius(radius, size, t_l, ONE - t_l)
            for r in range(n + 2):
                assert judge.holds(r, t_l, ONE - t_l) is (r <= radius)


@pytest.mark.parametrize("residual", RESIDUALS)
def test_gaps_are_exact_and_enclosed(residual: str) -> None:
    rng = random.Random(2)
    for n, k in ((1, 1), (3, 2), (60_000, 3), (10**12, 500)):
        judge = judge_of(n=n, k=k, residual=residual)
        for _ in range(50):
            t_s, t_l = sorted(rng.sample(range(ONE + 1), 2))
            gap = exact_gap(residual, Fraction(t_l, ONE), Fraction(t_s, ONE), n**k)
            whole, again, shift = judge.gap(t_l, t_s, 2**20)
            assert (whole, again, shift) == (-(-gap // 1), -(-gap // 1), 0)
            low, high, shift = judge.gap(t_l, t_s, 128)
            assert low << shift <= -(-gap // 1) <= high << shift


def test_one_list_either_side_of_a_tie_of_many_bits() -> None:
    """G = 2 n^k - 2 (n - r)^k holds at r - 1 only; one list more, and r holds."""
    for n, k in ((10**12, 3), (2**39 + 1, 2000), (997, 100)):
        judge = judge_of(n=n, k=k)
        for r in (1, 2, n // (3 * k) + 1):
            edge = 2 * n**k - 2 * (n - r) ** k
            for gap in (edge - 1, edge, edge + 1):

                def stated(t_l: int, t_s: int, bits: int, gap: int = gap) -> checker.Between:
                    return gap, gap, 0

                judge.gap = stated  # type: ignore[method-assign]
                assert judge.holds(r - 1, 0, 0)
                assert judge.holds(r, 0, 0) is (gap > edge)


def test_the_unit_where_deletion_reaches_n_minus_1_has_no_witness() -> None:
    judge = judge_of(n=7, attack="delete")
    judge.judge_radius(6, None, ONE, 0)
    with pytest.raises(checker.Fault):
        judge.judge_radius(6, 1, ONE, 0)


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_radius_reaches_n(attack: str) -> None:
    judge = judge_of(n=7, k=2, attack=attack, residual="none")
    for r in (7, 8, 10**19):
        assert not judge.holds(r, ONE, 0)
        with pytest.raises(checker.Fault) as found:
            judge.judge_radius(r, None, ONE, 0)
        assert found.value.field == "radius"


def test_a_far_radius_costs_no_more_than_a_near_one() -> None:
    spent = []
    n, k, r = 10**12, 26_214, 10_974_307
    assert 4 * (n - r) ** k > 3 * n**k > 4 * (n - r - 1) ** k  # eq (4) at a lead of 1/2, n' = n
    head = SELECTED | {"examples": 1, "n": n, "k": k}
    judge = checker.Judge(head, lambda steps, bits: spent.append(bits))
    with pytest.raises(checker.Fault) as found:
        judge.judge_radius(n - 1, n, ONE // 4 * 3, ONE // 4)
    assert found.value.message == f"is {n - 1}, should be {r} (unsound)"
    assert len(spent) < 60
    assert max(spent) <= 512

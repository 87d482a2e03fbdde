"""The float filter: its error bound, and that it never decides what float64 cannot."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from flint import arb, ctx, fmpq

from bagcert.fastpath.certification import radius_filter as module
from bagcert.fastpath.certification.radius_filter import (
    RELATIVE_ERROR,
    certified_radii,
    closed_form,
    enclosure,
    gap_ends,
)
from bagcert.fastpath.crosscheck.comparison import Setting, boundary_bounds, crosscheck_bounds
from bagcert.reference import Attack, Residual, certified_poisoning_size

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
ALPHA = Fraction(1, 1000)


def gaps() -> Any:
    """Leads of every size, near 0 and near 1, on the grid."""
    drawn = np.random.Generator(np.random.Philox(3))
    leads = np.concatenate([
        drawn.random(150), 2.0 ** -drawn.uniform(0, 53, 150), 1 - 2.0 ** -drawn.uniform(1, 52, 100),
        [2.0**-53, 1 - 2.0**-53, 0.5, 0.25],
    ])  # fmt: skip
    return np.floor(leads * 2**53)[np.floor(leads * 2**53) > 0] / 2.0**53


def exactly(gap: float, n: int, k: int, attack: Attack) -> Any:
    """x of the corollaries, as a ball of 300 bits."""
    top, below = gap.as_integer_ratio()
    g = arb(fmpq(top, below))
    if attack == Attack.INSERT:
        return n * ((1 + g) ** (arb(1) / k) - 1)
    return n * (1 - (1 - (g if attack == Attack.DELETE else g / 2)) ** (arb(1) / k))


@pytest.mark.parametrize("device", ["numpy", *DEVICES])
def test_the_error_bound_holds_and_a_tenth_of_it_would_not(device: str) -> None:
    ctx.prec = 300
    worst = arb(0)
    for n, k in ((60_000, 100), (10, 1), (10**12, 37), (997, 3), (10**6, 25_000), (1437, 7)):
        for attack in (Attack.MODIFY, Attack.DELETE, Attack.INSERT):
            leads = gaps()
            if device == "numpy":
                found = closed_form(np, leads, n, k, attack)
            else:
                tensor = torch.from_numpy(leads).to(device)
                found = closed_form(torch, tensor, n, k, attack).cpu().numpy()
            for gap, x in zip(leads.tolist(), found.tolist(), strict=True):
                due = exactly(gap, n, k, attack)
                error = abs(arb(fmpq(*x.as_integer_ratio())) - due) / due
                assert error < arb(RELATIVE_ERROR), (n, k, attack, gap)
                worst = error if error > worst else worst
    assert worst > arb(RELATIVE_ERROR / 10)


def test_the_constants_are_those_of_the_derivation() -> None:
    unit = 2.0**-53
    assert 4 * np.spacing(1.0) == module.FUNCTION_ERROR
    derived = 2 * np.log(2) * 10 + 8 + 1 + 1  # in units, before terms of the second order
    assert np.ceil(derived) * unit == RELATIVE_ERROR
    # 2/n^k over the least g and 1 - g: less than the slack that is left.
    assert (24 - derived) * unit > 2**30 * (2 / module.WIDE / 2.0**-54)


@pytest.mark.parametrize("device", ["numpy", *DEVICES])
def test_the_functions_keep_to_four_units_in_the_last_place(device: str) -> None:
    """What the derivation supposes of log1p and expm1."""
    ctx.prec = 300
    leads = gaps()
    for name, points in (("log1p", np.concatenate([-leads, leads])), ("expm1", -40 * leads)):
        if device == "numpy":
            found = getattr(np, name)(points)
        else:
            found = getattr(torch, name)(torch.from_numpy(points).to(device)).cpu().numpy()
        for at, value in zip(points.tolist(), found.tolist(), strict=True):
            due = getattr(arb(fmpq(*at.as_integer_ratio())), name)()
            error = abs(arb(fmpq(*value.as_integer_ratio())) - due) / abs(due)
            assert error < arb(8 * 2.0**-53), (name, at)


@pytest.mark.parametrize("attack", list(Attack))
@pytest.mark.parametrize("residual", list(Residual))
def test_no_difference_on_ties_and_either_side(attack: Attack, residual: Residual) -> None:
    for n, k in ((60_000, 100), (1024, 5), (2, 53), (2**26, 2), (1, 1), (7, 1), (10**12, 37)):
        setting = Setting(n, k, ALPHA, attack=attack, residual=residual)
        report = crosscheck_bounds(*boundary_bounds(n, k, attack, 300, 1), setting)
        assert report.differing == 0, report.smallest
        assert report.rows >= 5


@pytest.mark.parametrize("attack", list(Attack))
def test_a_bound_ten_times_smaller_gives_a_wrong_radius(
    attack: Attack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RELATIVE_ERROR", RELATIVE_ERROR / 10)
    differing = 0
    for n, k in ((10**12, 3), (10**12, 7), (10**12, 2)):
        setting = Setting(n, k, ALPHA, attack=attack, residual=Residual.NONE)
        report = crosscheck_bounds(*boundary_bounds(n, k, attack, 8000, 2), setting)
        differing += report.differing
    assert differing


def test_exact_ties_are_never_decided_in_float() -> None:
    lists = 1024**5
    leads = [Fraction(2 * (lists - (1024 - r) ** 5), lists) for r in range(1, 130)]
    lower = np.array([float(lead) for lead in leads])
    found = certified_radii(1024, 5, lower, np.zeros(129), residual="none")
    assert found.radius.tolist() == list(range(129))
    assert found.asked.all()


def test_random_rows_are_hardly_ever_undecided() -> None:
    drawn = np.random.Generator(np.random.Philox(4))
    lower = np.floor(drawn.random(200_000) * 2**53) / 2.0**53
    upper = np.floor((1 - lower) * drawn.random(200_000) * 2**53) / 2.0**53
    for attack in Attack:
        for residual in Residual:
            found = certified_radii(60_000, 100, lower, upper, attack=attack, residual=residual)
            assert found.undecided < 20  # a share of 10^-4


@pytest.mark.parametrize("device", DEVICES)
def test_tensors_give_tensors_on_their_device(device: str) -> None:
    lower, upper = boundary_bounds(1024, 5, Attack.DELETE, 200, 0)
    due = certified_radii(1024, 5, lower, upper, attack="delete")
    tensors = (torch.from_numpy(bound).to(device) for bound in (lower, upper))
    found = certified_radii(1024, 5, *tensors, attack="delete")
    assert found.radius.device.type == device
    assert found.radius.cpu().tolist() == due.radius.tolist()
    assert found.undecided > 0


def test_without_a_certificate_it_is_minus_one() -> None:
    lower, upper = np.array([0.5, 0.25, 1.0, 0.0]), np.array([0.5, 0.5, 0.0, 0.0])
    for residual in Residual:
        found = certified_radii(3, 1, lower, upper, residual=residual).radius.tolist()
        due = [
            certified_poisoning_size(3, 1, Fraction(a), Fraction(b), residual=residual)
            for a, b in zip(lower.tolist(), upper.tolist(), strict=True)
        ]
        assert found == [-1 if r is None else r for r in due]


@pytest.mark.parametrize("attack", list(Attack))
@pytest.mark.parametrize("residual", list(Residual))
def test_no_lead_at_all_is_the_references_to_answer(attack: Attack, residual: Residual) -> None:
    """Where Δ = 0 one list decides, however many lists there are."""
    at = [0.0, 2.0**-53, 0.25, 0.375, 0.5, 1 - 2.0**-53, 1.0]
    pairs = [(a, b) for a in at for b in (a - 2.0**-53, a, a + 2.0**-53) if 0 <= b <= 1]
    lower, upper = np.array(pairs).T
    certified = 0
    # 2^141 is the width from which residuals are left to the slack; 3 and 60,001 divide no 2^53.
    for n, k in ((1, 1), (3, 2), (3, 89), (3, 90), (3, 100), (2, 141), (2, 142), (2, 1000),
                 (60_001, 8), (60_001, 9), (60_001, 100), (10**12, 3), (10**12, 4)):  # fmt: skip
        found = certified_radii(n, k, lower, upper, attack=attack, residual=residual)
        due = [
            certified_poisoning_size(
                n, k, Fraction(a), Fraction(b), attack=attack, residual=residual
            )
            for a, b in pairs
        ]
        assert found.radius.tolist() == [-1 if r is None else r for r in due], (n, k)
        ties = [r for (a, b), r in zip(pairs, due, strict=True) if a == b]
        certified += sum(r is not None for r in ties)
    assert (certified > 0) == (residual == Residual.INTEGRAL)


@pytest.mark.parametrize("residual", list(Residual))
def test_the_ends_of_the_gap_enclose_it_and_hardly_more(residual: Residual) -> None:
    """Against fractions: 2/n^k beside, above and far below the lead, and beyond 2^141."""
    leads = [0.0, 2.0**-53, 3 * 2.0**-53, 0.25, 0.5, 1 - 2.0**-53, 1.0]
    for n, k in ((1, 1), (2, 1), (3, 1), (3, 33), (2, 53), (2, 54), (3, 34), (2, 60), (997, 7),
                 (10**12, 3), (2, 140), (2, 141), (2, 142), (3, 89), (60_001, 9)):  # fmt: skip
        step = Fraction(2, n**k)
        beside = [np.ceil(float(step) * 2**53) / 2**53 + i * 2.0**-53 for i in (-1, 0, 1)]
        lead = np.array([a for a in {*leads, *beside, *(1 - a for a in beside)} if -1 <= a <= 1])
        lead = np.concatenate([lead, -lead])
        low, high = (end.tolist() for end in gap_ends(lead, n, k, residual))
        for delta, below, above in zip(map(Fraction, lead), low, high, strict=True):
            if n**k > 2**141 and not (delta == 0 and residual == Residual.INTEGRAL):
                assert below == above == delta
                continue
            least = delta - step if residual == Residual.PAPER else delta
            most = min(delta + step, Fraction(1)) if residual == Residual.INTEGRAL else delta
            slack = Fraction(3, 2**51)  # 1.5 · 2^-50, of each term
            assert 0 <= least - Fraction(below) <= slack * (step + abs(least)), (n, k, delta)
            wide = Fraction(2, 2**141) if n**k > 2**141 else slack * (step + abs(most))
            assert 0 <= Fraction(above) - most <= wide, (n, k, delta)
            assert above <= 1


def test_no_positive_gap_is_decided_in_float() -> None:
    """Where no residual can make up for it the reference is not asked."""
    equal, less = np.array([0.5, 0.0, 1.0, 0.25]), np.array([0.5, 0.0, 1.0, 0.75])
    for residual in (Residual.PAPER, Residual.NONE):
        for n, k in ((3, 1), (60_000, 100)):
            found = certified_radii(n, k, equal, less, residual=residual)
            assert found.radius.tolist() == [-1, -1, -1, -1]
            assert found.undecided == 0
    found = certified_radii(60_000, 100, equal, less, residual=Residual.INTEGRAL)
    assert found.asked.tolist() == [True, True, True, False]


@pytest.mark.parametrize("attack", list(Attack))
def test_the_filters_ends_enclose_the_closed_form(attack: Attack) -> None:
    ctx.prec = 300
    for n, k in ((1437, 7), (10**12, 37)):
        low, high = gaps()[:150:3], np.minimum(gaps()[:150:3] * 1.5, 1 - 2.0**-53)
        for most in (low, high):
            ends = enclosure(np, low, most, n, k, attack)
            for end, gap, side in zip(ends, (low, most), (-1, 1), strict=True):
                for x, at in zip(end.tolist(), gap.tolist(), strict=True):
                    due = exactly(at, n, k, attack)
                    distance = (arb(fmpq(*x.as_integer_ratio())) - due) / due * side
                    assert 0 < distance < arb(2 * RELATIVE_ERROR), (n, k, at)


def test_bounds_of_another_type_or_one_grid_step_off() -> None:
    fine = np.array([0.5])
    for kind in (np.float16, np.float32, np.longdouble, np.complex128, np.int64):
        for pair in ((fine.astype(kind), fine), (fine, fine.astype(kind))):
            with pytest.raises(TypeError, match="must be float64"):
                certified_radii(3, 1, *pair)
    one = 2.0**-53
    for good in (0.0, one, 3 * one, 1 - one, 1.0):
        assert len(certified_radii(3, 1, np.array([good]), np.array([0.0])).radius) == 1
    for bad in (-one, one / 2, 3 * one / 2, one * 5 / 4, 1 + 2 * one):
        with pytest.raises(ValueError, match=r"p_upper must be multiples of 2\^-53"):
            certified_radii(3, 1, fine, np.array([bad]))


def test_bounds_outside_their_domain() -> None:
    fine = np.array([0.5])
    with pytest.raises(TypeError, match="float64"):
        certified_radii(3, 1, fine.astype(np.float32), fine)
    with pytest.raises(TypeError, match="numpy array or a tensor"):
        certified_radii(3, 1, [0.5], [0.5])
    for bad in (-0.5, 1.5, 2.0**-60, np.nan, np.inf):
        with pytest.raises(ValueError, match=r"multiples of 2\^-53"):
            certified_radii(3, 1, np.array([bad]), fine)
    with pytest.raises(ValueError, match="k must be at most"):
        certified_radii(10**12, 10**6, fine, fine)
    assert certified_radii(3, 1, np.empty(0), np.empty(0)).radius.tolist() == []

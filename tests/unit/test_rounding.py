"""The interval machine: it runs the real code, encloses what it does, and notices changes."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx, fmpq

from bagcert.fastpath.certification import radius_filter
from bagcert.fastpath.certification.radius_filter import (
    FUNCTION_ERROR,
    RELATIVE_ERROR,
    certified_radii,
)
from bagcert.proofs_checks import rounding as module
from bagcert.proofs_checks.claims import program as claims
from bagcert.proofs_checks.evidence.claim import Status, status_of
from bagcert.proofs_checks.rounding import (
    Machine,
    Tracked,
    check_gap_ends,
    check_rounding,
    gap_boxes,
)
from bagcert.reference.poisoning import Attack

UNIT = 2.0**-53
ATTACKS = (Attack.MODIFY, Attack.DELETE, Attack.INSERT)


@pytest.fixture(autouse=True)
def _coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Boxes of k from 1, from 2 and from 4: the worst of all are among them."""
    monkeypatch.setattr(module, "_K_BITS", 3)


def test_the_bound_holds_in_every_box() -> None:
    found = check_rounding()
    assert found.holds
    assert 22.8 < found.worst < 23
    assert 0 < found.residuals < 1e-9 < found.margin < 1


@pytest.mark.parametrize("share", [1 / 3, 0.9])
def test_a_smaller_bound_is_refuted(share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(radius_filter, "RELATIVE_ERROR", RELATIVE_ERROR * share)
    assert not check_rounding().holds
    assert claims.bounded().supported is False


def test_functions_of_five_ulps_are_too_rough() -> None:
    assert not check_rounding(FUNCTION_ERROR * 1.25).holds
    assert claims.bounded(FUNCTION_ERROR * 1.25).supported is False


def test_neglected_residuals_matter_at_a_smaller_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(radius_filter, "WIDE", 2**90)
    assert not check_rounding().holds


def test_another_program_is_another_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is checked is the code itself: its changes change the result, or are refused."""

    def another_rounding(xp: Any, gap: Any, n: Any, k: Any, attack: Attack) -> Any:
        return xp.expm1(xp.log1p(gap) / k) * 3.0 * n

    def powers(xp: Any, gap: Any, n: Any, k: Any, attack: Attack) -> Any:
        return n - n * (1 - gap) ** (1 / k)

    def rounded_argument(xp: Any, gap: Any, n: Any, k: Any, attack: Attack) -> Any:
        return xp.expm1(xp.log1p(gap * 0.3) / k) * n

    monkeypatch.setattr(radius_filter, "closed_form", another_rounding)
    assert not check_rounding().holds
    monkeypatch.setattr(radius_filter, "closed_form", powers)
    with pytest.raises(TypeError):
        check_rounding()
    monkeypatch.setattr(radius_filter, "closed_form", rounded_argument)
    with pytest.raises(ArithmeticError, match="rounded"):
        check_rounding()


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_machine_encloses_what_float64_does(attack: Attack) -> None:
    """Random inputs of random boxes: value and error lie in what was enclosed."""
    drawn = np.random.Generator(np.random.Philox(8))
    machine = Machine(FUNCTION_ERROR)
    boxes = list(gap_boxes(attack))
    with ctx.workprec(300):
        for i in drawn.choice(len(boxes), 60, replace=False):
            low, high = (float(end.mid()) for end in boxes[i])
            k_bits, n = int(drawn.integers(0, 20)), int(drawn.integers(1, 10**12))
            k = int(drawn.integers(2**k_bits, 2 ** (k_bits + 1) + 1))
            gap = float(low + (high - low) * drawn.random())
            assert low <= gap <= high
            box = [
                Tracked.exactly(*ends)
                for ends in ((low, high), (n, n), (2**k_bits, 2 ** (k_bits + 1)))
            ]
            told = radius_filter.closed_form(machine, box[0], box[1], box[2], attack)  # type: ignore[arg-type]
            found = radius_filter.closed_form(np, np.array([gap]), n, k, attack)[0]
            g = arb(fmpq(*gap.as_integer_ratio()))
            lost = {Attack.MODIFY: -g / 2, Attack.DELETE: -g, Attack.INSERT: g}[attack]
            due = abs((lost.log1p() / k).expm1()) * n
            assert told.low <= due <= told.high
            ratio = arb(fmpq(*float(found).as_integer_ratio())) / due
            assert told.least <= ratio <= told.most
            assert told.error < RELATIVE_ERROR


def test_boxes_meet_and_cover() -> None:
    for attack in ATTACKS:
        boxes = list(gap_boxes(attack))
        assert boxes[0][0] == arb(2) ** -120
        assert all(a[1] == b[0] for a, b in pairwise(boxes))
        assert boxes[-1][1] == (1 - arb(2) ** -53 if attack is Attack.DELETE else 1)


def test_what_the_model_of_rounding_does_not_cover_is_refused() -> None:
    tiny = Tracked.exactly(arb(2) ** -600, arb(2) ** -599)
    with pytest.raises(ArithmeticError, match="subnormal"):
        tiny * tiny
    with pytest.raises(ArithmeticError, match="contains 0"):
        Tracked.exactly(-1, 1) * Tracked.exactly(1, 2)


def test_products_by_powers_of_two_are_exact_and_by_others_are_margins() -> None:
    with ctx.workprec(160):
        one = Tracked.exactly(1, 2)
        half = one * 0.5
        assert (half.least, half.most, half.low, half.high) == (1, 1, 0.5, 1)
        moved = one * (1 + RELATIVE_ERROR)
        assert (moved.low, moved.high) == (1, 2)
        assert moved.least < 1 + RELATIVE_ERROR < moved.most
        assert moved.most - 1 < RELATIVE_ERROR + 1.01 * UNIT
        assert (one / one).error > 1.99 * UNIT  # rounded twice
        assert (one * one).error < 1.01 * UNIT


def test_a_lead_of_one_is_left_to_the_reference() -> None:
    for n, k in ((1, 1), (7, 1), (10**12, 37), (60_000, 100)):
        found = certified_radii(n, k, np.array([1.0]), np.array([0.0]), attack="delete")
        assert found.asked.all()
        assert found.radius.tolist() == [n - 1]


def test_ends_of_the_gap_on_their_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_gap_ends() > 10_000
    ends = radius_filter.gap_ends

    def careless(lead: Any, n: int, k: int, residual: Any) -> Any:
        low, high, refused = ends(lead, n, k, residual)
        return np.nextafter(low, 1) + abs(low) * 2.0**-50, high, refused

    monkeypatch.setattr(radius_filter, "gap_ends", careless)
    with pytest.raises(ArithmeticError, match="ends of g"):
        check_gap_ends()


def test_the_claims_and_what_is_said_without_flint(monkeypatch: pytest.MonkeyPatch) -> None:
    for claim in claims.CLAIMS:
        findings = tuple(evidence.check() for _, evidence in claim.evidence)
        assert status_of(claim, findings) is Status.HOLDS
    monkeypatch.setattr(claims, "find_spec", lambda name: None)
    missing = claims.bounded()
    assert "python-flint is not installed" in missing.established
    assert status_of(claims.CLAIMS[0], (missing,)) is Status.NOT_CHECKED

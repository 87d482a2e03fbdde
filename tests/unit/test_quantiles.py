"""Where a tail crosses a level: the answer from any start, and a start that leaves no search."""

from collections import Counter
from fractions import Fraction
from itertools import product
from math import comb, log
from typing import Any

import pytest

from bagcert.reference.arithmetic import quantiles
from bagcert.reference.arithmetic.quantiles import largest_sound

ONE = 1 << 96
GRID = 2**53


def scanned(count: int, total: int, beta: Fraction, grid: int) -> int:
    """The last t of [0, grid) whose tail is at most beta, by the definition."""
    found = 0
    for t in range(grid):
        q = Fraction(t, grid)
        tail = sum(comb(total, x) * q**x * (1 - q) ** (total - x) for x in range(count, total + 1))
        found = t if tail <= beta else found
    return found


@pytest.mark.parametrize("start", [None, 0, GRID - 1])
@pytest.mark.parametrize(
    "beta",
    [Fraction(1, 10**400), Fraction(1, 10**40), 1 - Fraction(1, 10**40), 1 - Fraction(1, 10**400)],
)
def test_levels_closer_to_0_or_1_than_a_step_of_newton(beta: Fraction, start: int | None) -> None:
    """Where a step would end at 0 or beyond 1: the answer still, by the sums at it and above."""
    for total, count in ((1, 1), (5, 1), (5, 5), (300, 1), (300, 150), (300, 300)):
        t = largest_sound(count, total, beta, GRID, start)
        at, above = (
            sum(comb(total, x) * u**x * (GRID - u) ** (total - x) for x in range(count, total + 1))
            for u in (t, t + 1)
        )
        assert at <= beta * GRID**total < above


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each function of the module is called."""
    calls: Counter[str] = Counter()
    for name in ("tail_at_most", "tail_enclosure"):
        original = getattr(quantiles, name)

        def noted(*given: Any, name: str = name, original: Any = original) -> Any:
            calls[name] += 1
            return original(*given)

        monkeypatch.setattr(quantiles, name, noted)
    return calls


@pytest.mark.parametrize("grid", [1, 2, 3, 7, 40])
@pytest.mark.parametrize("total", [1, 2, 5])
def test_the_answer_is_that_of_a_scan_from_any_start(
    grid: int, total: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A guess, or an answer of Newton's method that is as wrong as it can be."""
    for count, beta in product(
        range(1, total + 1), map(Fraction, ("1/1000", "1/40", "1/4", "1/2", "39/40", "999/1000"))
    ):
        due = scanned(count, total, beta, grid)
        for start in (None, 0, 1, grid - 1, due):
            assert largest_sound(count, total, beta, grid, start) == due
        for found in (1, ONE // grid, ONE // 2, ONE * due // grid + 1, ONE - 1):
            with monkeypatch.context() as patch:
                patch.setattr(quantiles, "_newton", lambda *_, found=found: found)
                assert largest_sound(count, total, beta, grid) == due


@pytest.mark.parametrize("found", [1, ONE // 3, ONE - 1])
@pytest.mark.parametrize("beta", ["1/1000", "1/2", "999/1000"])
def test_a_poor_start_costs_a_bisection_and_no_more(
    found: int, beta: str, counted: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    due = largest_sound(3, 10, Fraction(beta), GRID)
    counted.clear()
    monkeypatch.setattr(quantiles, "_newton", lambda *_: found)
    assert largest_sound(3, 10, Fraction(beta), GRID) == due
    assert counted["tail_at_most"] <= 2 * 53 + 2  # doubling steps up or down, then halves


@pytest.mark.parametrize(("beta", "most"), [("1/1000", 7), ("1/20", 6), ("1/3", 5), ("9/10", 7)])
def test_the_start_is_the_answer_after_few_steps(
    beta: str, most: int, counted: Counter[str]
) -> None:
    """Two tests of a tail prove it: at the answer, and beside it."""
    for total in (1, 2, 20, 1000, 10**5):
        for count in {1, 2, total // 2, total * 9 // 10, total - 1, total} & {*range(1, total + 1)}:
            counted.clear()
            t = largest_sound(count, total, Fraction(beta), GRID)
            assert counted["tail_at_most"] == 2, (count, total)
            assert counted["tail_enclosure"] <= most, (count, total)
            counted.clear()
            assert largest_sound(count, total, Fraction(beta), GRID, t) == t
            assert counted["tail_at_most"] == 2, (count, total)
            assert counted["tail_enclosure"] <= 2, (count, total)


def test_at_unanimity_the_steps_are_linear(counted: Counter[str]) -> None:
    """ln Pr = N ln q: one step from afar, where exp is only approximate, and one or two more."""
    for total, most in ((20, 3), (1000, 3), (10**5, 2)):
        for beta in (Fraction(1, 20), Fraction(1, 3)):
            counted.clear()
            largest_sound(total, total, beta, GRID)
            assert counted["tail_enclosure"] <= most


def test_ln_2_is_rounded_down_at_96_bits() -> None:
    """ln 2 is the sum of 1 / (k 2^k); 200 terms and as many bits leave the 96th undisturbed."""
    series = sum((1 << 200) // (k << k) for k in range(1, 200))
    assert quantiles._LN2 == series >> 104 == (series + 400) >> 104


def test_logarithms_are_right_to_the_last_bits() -> None:
    for value in (1, 2, 3, 4, 5, 7, 10, 1023, 1025, 10**20, 2**96 - 1, 3**200):
        bits = value.bit_length() - 1
        assert abs(quantiles._log(value) / ONE - log(value)) <= 1e-14 * (1 + bits)
    # ln 6 = ln 2 + ln 3 and ln 10^6 = 6 ln 10, far beyond what a float could show.
    for whole, parts in ((6, (2, 3)), (10**6, (10,) * 6), (35, (5, 7)), (2**90 * 3, (2**90, 3))):
        assert abs(quantiles._log(whole) - sum(map(quantiles._log, parts))) < 2**8

"""Ma et al.: the bound to its last digit, against ball arithmetic and in the limits."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from flint import arb, ctx

from bagcert.reference.related import differential_privacy as module
from bagcert.reference.related import private_accuracy, private_accuracy_by_error

GRID = 2**53
STEPS = (1, 2, 3, 5, 34, 35, 50, 101)
EPSILONS = ("0.3", "1/1000", "7/3", "1", "40", "0.00000001")
DELTAS = ("0.00001", "0", "1/8", "1")
ACCURACIES = ("0.99", "1", "1/2", "0.00001", "0")


def ball(value: Fraction) -> arb:
    return arb(value.numerator) / arb(value.denominator)


def floor_of(value: arb) -> Fraction:
    """The grid point below a ball that must not straddle one."""
    if value < 0:  # certainly
        return Fraction(0)
    floor = (value * GRID).floor().unique_fmpz()
    assert floor is not None, value
    return Fraction(int(floor), GRID)


def closed_form(t: int, epsilon: Fraction, delta: Fraction, accuracy: Fraction) -> arb:
    """As the paper prints it, with K = δ / (e^ε - 1)."""
    k = ball(delta) / (ball(epsilon).exp() - 1)
    return (-ball(epsilon * t)).exp() * (ball(accuracy) + k) - k


def error_form(t: int, epsilon: Fraction, delta: Fraction, accuracy: Fraction) -> arb:
    k = ball(delta) / (ball(epsilon).exp() - 1)
    return 1 - ((ball(epsilon * t)).exp() * (ball(1 - accuracy) + k) - k)


@pytest.fixture(autouse=True)
def _precise() -> Iterator[None]:
    before, ctx.prec = ctx.prec, 800
    yield
    ctx.prec = before


@pytest.mark.parametrize("form", ["accuracy", "error"])
def test_the_grid_point_below_the_closed_form(form: str) -> None:
    function, other = {
        "accuracy": (private_accuracy, closed_form),
        "error": (private_accuracy_by_error, error_form),
    }[form]
    inside = 0
    for t, e, d, a in product(STEPS, EPSILONS, DELTAS, ACCURACIES):
        epsilon, delta, accuracy = Fraction(e), Fraction(d), Fraction(a)
        if t == 1 and (accuracy == delta if form == "accuracy" else accuracy == 1):
            continue  # an exact tie: test_exact_ties
        if form == "error" and (accuracy, delta) == (1, 0):
            continue
        if form == "accuracy" and accuracy == delta == 0:
            continue
        found = function(t, epsilon, delta, accuracy)
        assert found == floor_of(other(t, epsilon, delta, accuracy)), (t, e, d, a)
        inside += 0 < found < 1
    assert inside > 100


def test_epsilon_zero_is_accuracy_minus_r_delta() -> None:
    for function in (private_accuracy, private_accuracy_by_error):
        for r, d, a in product(
            (0, 1, 7, 50), ("0", "1/64", "1/3000", "0.00001"), ("0.99", "1/3", "3/4")
        ):
            bound = Fraction(a) - r * Fraction(d)
            found = function(r, 0, d, a)
            assert found == max(Fraction(0), Fraction((bound * GRID).__floor__(), GRID))


def test_small_epsilon_tends_to_the_limit_from_below() -> None:
    """3/4 - 16/64 = 1/2 lies on the grid: the least ε > 0 stays one grid step below it."""
    limit = private_accuracy(16, 0, "1/64", "3/4")
    assert limit == Fraction(1, 2)
    for digits in (17, 20, 30, 37):
        assert limit - private_accuracy(16, f"1/1{'0' * digits}", "1/64", "3/4") == Fraction(
            1, GRID
        )
    found = [private_accuracy(16, f"1/{10**d}", "1/64", "3/4") for d in range(17)]
    assert found == sorted(found)
    assert found[-1] < limit - Fraction(1, GRID)  # ε = 10^-16: 13 grid steps of slope


def test_delta_zero_is_a_power_of_e() -> None:
    for r, e, a in product((1, 3, 50, 10**6), ("0.3", "0.00001", "2"), ("0.99", "1")):
        bound = (-ball(r * Fraction(e))).exp() * ball(Fraction(a))
        assert private_accuracy(r, e, 0, a) == floor_of(bound)


def test_exact_ties() -> None:
    assert private_accuracy(1, "0.3", "1/7", "1/7") == 0
    assert private_accuracy(5, "0.3", 0, 0) == 0
    assert private_accuracy(0, "0.3", "1/7", "3/4") == Fraction(3, 4)
    assert private_accuracy_by_error(0, "0.3", "1/7", "3/4") == Fraction(3, 4)
    assert private_accuracy_by_error(1, "0.3", "1/4", 1) == Fraction(3, 4)
    assert private_accuracy_by_error(9, "0.3", 0, 1) == 1


def test_one_step_at_a_time_is_never_better_than_the_closed_form_allows() -> None:
    """Group privacy is r steps of one: rounding down at each of them loses at most r units."""
    for function in (private_accuracy, private_accuracy_by_error):
        step = Fraction("0.999")
        for r in range(1, 12):
            step = function(1, "1/10", "1/10000", step)
            whole = function(r, "1/10", "1/10000", "0.999")
            assert 0 <= whole - step <= Fraction(3 * r, GRID)


def test_a_replaced_example_counts_once_or_twice() -> None:
    for function in (private_accuracy, private_accuracy_by_error):
        for r in (0, 1, 6):
            twice = function(r, "0.1", "0.00001", "0.99", adjacency="add-remove")
            assert twice == function(2 * r, "0.1", "0.00001", "0.99", adjacency="replace")
    assert private_accuracy(6, "0.1", 0, 1) == private_accuracy(6, "0.1", 0, 1, adjacency="replace")


def test_no_learner_does_worse_than_the_bound() -> None:
    """Randomised response, accuracy 1 or 0: r steps away its worst is e^-r times what it was."""
    for r in (1, 2, 3):
        truth = Fraction(2, 3)  # 2 : 1, so ε = ln 2 < 0.6932
        worst = truth / 2**r
        assert private_accuracy(r, "0.6932", 0, truth) <= worst
        assert worst - private_accuracy(r, "0.6932", 0, truth) < Fraction(1, 10_000)


def test_poisoned_fifty_nothing_is_left() -> None:
    """The paper's ε, δ at r = 50: even a learner that is always right."""
    assert private_accuracy(50, "0.3", "0.00001", 1) == 0
    assert private_accuracy_by_error(50, "0.3", "0.00001", 1) == 0
    assert private_accuracy(34, "0.3", "0.00001", 1) > 0


def test_precision_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    true = module._powers

    def remembered(epsilon: Fraction, t: int, precision: int) -> Any:
        asked.append(precision)
        return true(epsilon, t, precision)

    monkeypatch.setattr(module, "_powers", remembered)
    private_accuracy(16, f"1/1{'0' * 37}", "1/64", "3/4")
    assert len(asked) > 1


def test_intervals_are_the_tightest() -> None:
    third = module._Interval.of(Fraction(1, 3), 3)
    assert third == (2, 3)
    assert module._Interval.of(Fraction(5, 8), 3) == (5, 5)
    assert third.times(third, 3) == (0, 2)  # 4 to 9 of 64ths
    assert third.times(module._Interval(8, 8), 3) == third
    assert third.plus(module._Interval(5, 7)) == (7, 10)


@pytest.mark.parametrize("epsilon", ["1/1000000", "1/3", "1", "3/2", "2", "7/3", "8", "40", "1000"])
@pytest.mark.parametrize("precision", [8, 20, 90, 130])
def test_powers_of_e_are_enclosed_in_a_few_units(epsilon: str, precision: int) -> None:
    unit, rate = arb(2) ** precision, Fraction(epsilon)
    low, high = module._exp_minus(rate, precision)
    assert low <= (-ball(rate)).exp() * unit <= high
    assert 0 <= low < high <= low + 2 * precision
    for steps in (1, 2, 3, 6, 11, 64, 100):
        power, total = module._powers(rate, steps, precision)
        assert power.low <= (-ball(rate * steps)).exp() * unit <= power.high
        due = sum((-ball(rate * i)).exp() for i in range(1, steps + 1))
        assert total.low <= due * unit <= total.high
        assert 0 <= power.low <= power.high <= power.low + 2 * precision * steps
        assert 0 <= total.low <= total.high <= total.low + 2 * precision * steps**2


@pytest.mark.parametrize(("exponent", "precision"), [(8, 8), (87, 87), (4, 9), (43, 87)])
def test_what_a_series_of_whole_terms_leaves_out_is_enclosed(exponent: int, precision: int) -> None:
    """ε = 2^-P or 2^-((P - 1) / 2): the last term is one unit and no term is rounded.

    e^-ε lies above the sum that ends with - ε, and below the one that ends with + ε^2 / 2.
    """
    epsilon = Fraction(1, 2**exponent)
    low, high = module._exp_minus(epsilon, precision)
    assert low <= (-ball(epsilon)).exp() * arb(2) ** precision <= high


def test_a_bound_a_hair_above_a_grid_point_is_that_point() -> None:
    """Where the first precision cannot tell: at one unit, at 1/2, and below 1."""
    hair, epsilon = Fraction(1, 2**110), Fraction(1, 2**140)
    for at in (Fraction(1, GRID), Fraction(1, 2), 1 - Fraction(1, GRID)):
        delta = min(Fraction(1, 2**60), (1 - at) / 32)
        for off, due in ((hair, at), (-hair, at - Fraction(1, GRID))):
            accuracy = at + 16 * delta + off
            assert private_accuracy(16, epsilon, delta, accuracy) == due
            assert private_accuracy_by_error(16, epsilon, delta, accuracy) == due


def test_a_power_too_small_to_divide_by_is_enclosed_more_closely() -> None:
    """e^-400 is below the first precision; the answer is 1 - δ e^360 and a little."""
    assert private_accuracy_by_error(10, 40, Fraction(1, 2**600), 1) == 1 - Fraction(1, GRID)
    assert private_accuracy_by_error(10, 40, Fraction(1, 2**500), 1) == 0
    near = private_accuracy_by_error(10, 40, Fraction(1, 2**525), 1)
    assert near == floor_of(error_form(10, Fraction(40), Fraction(1, 2**525), Fraction(1)))
    assert 0 < near < 1 - Fraction(2, GRID)


def test_the_ends_of_the_domain() -> None:
    for function in (private_accuracy, private_accuracy_by_error):
        assert function(1, 1000, 0, "1/2") == 0
        assert function(10**12, "1/1000", 0, "1/2") == 0
        assert function(10**12, 1000, 1, 1) == 0
        with pytest.raises(ValueError, match="radius"):
            function(10**12 + 1, "1/1000", 0, "1/2")
        with pytest.raises(ValueError, match="epsilon"):
            function(1, "10001/10", 0, "1/2")
    # Always right, and δ = 0: it stays so, far beyond any e^-(tε) that could be divided by.
    assert private_accuracy_by_error(10**12, 1000, 0, 1, adjacency="add-remove") == 1
    assert module.MAX_EPSILON == 1000  # what the message says


def test_domain() -> None:
    for wrong, words in (
        ((-1, 1, 0, 1), "radius"), ((1, 1001, 0, 1), "epsilon"), ((1, 1, 2, 1), "delta"),
        ((1, 1, 0, "3/2"), "accuracy"), ((1, Fraction(-1), 0, 1), "epsilon"),
    ):  # fmt: skip
        for function in (private_accuracy, private_accuracy_by_error):
            with pytest.raises(ValueError, match=words):
                function(*wrong)
    for place, words in enumerate(("radius", "epsilon", "delta", "accuracy")):
        arguments: list[Any] = [1, "0.3", 0, 1]
        arguments[place] = 0.5
        with pytest.raises(TypeError, match=words):
            private_accuracy(*arguments)
    with pytest.raises(ValueError, match="adjacency"):
        private_accuracy(1, 1, 0, 1, adjacency="near")


def test_a_bound_that_cannot_be_told_from_0_is_0() -> None:
    """1 - e (1 - a) is 2^-99 or less, and the first enclosure of it straddles 0."""
    floor = (arb(-1).exp() * 2**100).floor().unique_fmpz()
    assert floor is not None
    error = Fraction(int(floor), 2**100)
    assert private_accuracy_by_error(1, 1, 0, 1 - error) == 0

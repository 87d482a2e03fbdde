"""Libraries that others use, beside the exact answers: how near they come, and where unsound."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from bagcert.reference import certified_poisoning_size, clopper_pearson_lower, clopper_pearson_upper
from bagcert.reference.arithmetic.tails import tail_at_most

LEVELS = (Fraction(1, 20), Fraction(1, 20_000), Fraction(1, 10**8))
COUNTS = [(x, 1000) for x in range(1, 1000, 37)] + [(x, 60) for x in range(1, 60, 5)]


def by_statsmodels(x: int, total: int, beta: Fraction) -> tuple[float, float]:
    low, high = proportion_confint(x, total, alpha=2 * float(beta), method="beta")
    return float(low), float(high)


def by_scipy(x: int, total: int, beta: Fraction) -> tuple[float, float]:
    found = stats.binomtest(x, total).proportion_ci(1 - 2 * float(beta), method="exact")
    return float(found.low), float(found.high)


def by_f_quantiles(x: int, total: int, beta: Fraction) -> tuple[float, float]:
    """R's identity: the beta quantile through Fisher's F."""
    level = float(beta)
    low = x / (x + (total - x + 1) * stats.f.isf(level, 2 * (total - x + 1), 2 * x))
    odds = (x + 1) * stats.f.isf(level, 2 * (x + 1), 2 * (total - x)) / (total - x)
    return float(low), float(odds / (1 + odds))


@pytest.mark.parametrize("witness", [by_statsmodels, by_scipy, by_f_quantiles])
def test_libraries_agree_to_their_accuracy_and_are_unsound_in_many_rows(
    witness: Callable[..., Any],
) -> None:
    unsound = rows = 0
    # binomtest finds a root to some 10^-12; quantiles of F lose a few digits on the way.
    relative, absolute = {
        by_statsmodels: (1e-11, 2.0**-53),
        by_scipy: (0.0, 1e-11),
        by_f_quantiles: (1e-9, 2.0**-53),
    }[witness]
    for beta in LEVELS:
        for x, total in COUNTS:
            low, high = witness(x, total, beta)
            exact_low = clopper_pearson_lower(x, total, beta)
            exact_high = clopper_pearson_upper(x, total, beta)
            assert abs(Fraction(low) - exact_low) <= relative * exact_low + absolute
            assert abs(Fraction(high) - exact_high) <= relative + absolute
            # A lower bound is sound if the tail at it is at most β, and so its mirror image.
            unsound += not tail_at_most(total, x, Fraction(low), beta)
            unsound += not tail_at_most(total, total - x, 1 - Fraction(high), beta)
            rows += 2
    print(f"{witness.__name__}: {unsound} of {rows} bounds are on the wrong side of the exact one")
    assert 0 < unsound < rows


def float_recipe(n: int, k: int, lead: float) -> int:
    """Corollary 1 in float64, as a plain program has it."""
    return math.ceil(n * (1 - math.pow(1 - lead / 2, 1 / k)) - 1)


@pytest.mark.parametrize(("n", "k"), [(10**6, 3), (1000, 2), (60_000, 100)])
def test_a_float_formula_certifies_too_much_on_thresholds(n: int, k: int) -> None:
    """Half of the rows on a threshold, as MATHEMATICS.md says; vectors/radius.json keeps them."""
    drawn = np.random.Generator(np.random.Philox(1))
    over = under = 0
    for i in range(400):
        r = int(drawn.integers(1, n // 10 if k < 10 else 400))
        lead = 2 * (1 - Fraction((n - r) ** k, n**k))
        at = (lead * 2**53).__floor__() if i % 2 else (lead * 2**53).__ceil__()
        # On the grid just below the threshold r is not certified, just above it is.
        bound = Fraction(at, 2**53)
        if bound > 1:
            continue
        exact = certified_poisoning_size(n, k, bound, 0, residual="none")
        found = float_recipe(n, k, float(bound))
        assert exact is not None
        over += found > exact
        under += found < exact
    print(f"n = {n}, k = {k}: {over} certify too much, {under} too little, of 400")
    assert over

"""The lower bound on an expected accuracy: its definition, its guarantee enumerated, its edges."""

from fractions import Fraction
from itertools import product
from math import prod

import pytest

from bagcert.reference import clopper_pearson_lower
from bagcert.reference.related import mean_accuracy, mean_accuracy_lower

STEP = Fraction(1, 2**53)


@pytest.mark.parametrize("correct", [(7, 9, 10), (1, 10), (10,) * 5, (3,), (2147, 2152, 2150)])
def test_it_is_the_largest_on_the_grid(correct: tuple[int, ...]) -> None:
    total = max(10, *correct)
    for alpha in (Fraction(1, 1000), Fraction(1, 3)):
        q = mean_accuracy_lower(correct, total, alpha)
        limit = alpha * prod(Fraction(count, total) for count in correct)
        assert (q / STEP).denominator == 1
        assert q ** len(correct) <= limit < (q + STEP) ** len(correct)
        assert q < mean_accuracy(correct, total)


@pytest.mark.parametrize(
    "law",
    [
        {4: Fraction(1, 2), 2: Fraction(1, 2)},
        {4: Fraction(9, 10), 0: Fraction(1, 10)},
        {4: Fraction(1, 3), 3: Fraction(1, 3), 1: Fraction(1, 3)},
        {3: Fraction(1)},
    ],
)
def test_its_guarantee_by_enumeration(law: dict[int, Fraction]) -> None:
    """Over every outcome of N models: the bound exceeds the mean with probability at most α."""
    mean = sum(Fraction(count, 4) * p for count, p in law.items())
    exceeded = []
    for models, alpha in product((1, 2, 4, 6), (Fraction(1, 2), Fraction(3, 4), Fraction(9, 10))):
        wrong = sum(
            prod(law[count] for count in outcome)
            for outcome in product(law, repeat=models)
            if mean_accuracy_lower(outcome, 4, alpha) > mean
        )
        assert wrong <= alpha
        exceeded.append(wrong)
    assert any(exceeded) == (len(law) > 1)


def test_models_that_are_always_right_are_clopper_and_pearson() -> None:
    for models in (1, 2, 10, 1000):
        bound = clopper_pearson_lower(models, models, "1/1000")
        assert mean_accuracy_lower([5] * models, 5, "1/1000") == bound


def test_domain() -> None:
    assert mean_accuracy_lower([5, 0], 5, "1/2") == 0
    for wrong, words in (
        (([], 5, "1/2"), "models"), (([6], 5, "1/2"), r"correct\[0\]"), (([1], 0, "1/2"), "total"),
        (([1], 5, 1), "alpha"), (([1] * 2**18, 31, "1/2"), "too many"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=words):
            mean_accuracy_lower(*wrong)
    with pytest.raises(TypeError, match="alpha"):
        mean_accuracy_lower([1], 5, 0.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="correct"):
        mean_accuracy([0.5], 1)  # type: ignore[list-item]


def test_averages_at_the_ends_of_their_domain() -> None:
    assert mean_accuracy([1, 2, 3], 4) == Fraction(1, 2)
    assert mean_accuracy([2**15] * 2**16, 2**15) == 1  # 2^16 models of 16 bits each
    with pytest.raises(ValueError, match="65537 models are too many"):
        mean_accuracy([0] * (2**16 + 1), 2**15)
    with pytest.raises(ValueError, match=r"correct\[1\] must be at least 0"):
        mean_accuracy([0, -1], 4)

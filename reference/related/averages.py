"""A lower confidence bound on an expected accuracy, from the accuracies of independent models.

Ma et al.'s bound wants ``E[ACC_0]``, over the learner's randomness, on the fixed test set. The
average of N trained models is only an estimate of it: the paper uses it as it is. The accuracies
are independent and identically distributed in [0, 1]; the (model, example) pairs are not (one
model's errors come together), so a Clopper-Pearson bound over N e pairs would be unsound.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import prod
from typing import Final

from bagcert.reference.arithmetic.arguments import as_integer, as_level
from bagcert.reference.arithmetic.limits import MAX_MODELS, MAX_TESTED
from bagcert.reference.arithmetic.roots import floor_root

__all__ = ["mean_accuracy", "mean_accuracy_lower"]

_GRID: Final = 2**53
#: Largest N * bit_length(e): the size of the integers that the root is taken of.
MAX_PRODUCT_BITS: Final = 2**20


def mean_accuracy(correct: Sequence[int], total: int) -> Fraction:
    """Return the average accuracy of N models: the paper's estimate, no bound.

    >>> mean_accuracy([3, 4], 4)
    Fraction(7, 8)
    """
    counts, total = _checked(correct, total)
    return Fraction(sum(counts), len(counts) * total)


def mean_accuracy_lower(
    correct: Sequence[int], total: int, alpha: Fraction | int | str
) -> Fraction:
    """Return the largest multiple q of 2^-53 with ``q^N <= α Π y_i``, y_i = correct[i] / total.

    Guarantee: for independent models of expected accuracy μ, ``Pr(q > μ) <= α``.
    Proof: ``E[Π y_i] = μ^N``, so by Markov's inequality ``Pr(Π y_i > μ^N / α) <= α``; otherwise
    ``q^N <= α Π y_i <= μ^N``. No variance is estimated and no distribution assumed. At N models of
    one accuracy y it is ``α^(1/N) y``, which for y = 1 is the bound of Clopper and Pearson; at
    N = 1,000 and α = 1/1000 it gives up 0.7 %, where Hoeffding's inequality gives up 5.9 points.

    Args:
        correct: how many of the test examples each model labels rightly.
        total: e, the test examples; N * bit_length(e) <= 2^20.
        alpha: α, an exact rational, 0 < α < 1.

    >>> mean_accuracy_lower([4, 4], 4, "1/4"), mean_accuracy_lower([4, 0], 4, "1/4")
    (Fraction(1, 2), Fraction(0, 1))
    """
    counts, total = _checked(correct, total)
    alpha = as_level("alpha", alpha)
    models = len(counts)
    above = alpha.numerator * prod(counts) << (53 * models)
    return Fraction(floor_root(above // (alpha.denominator * total**models), models), _GRID)


def _checked(correct: Sequence[int], total: object) -> tuple[list[int], int]:
    total = as_integer("total", total, 1, MAX_TESTED)
    models = as_integer("the number of models", len(correct), 1, MAX_MODELS)
    if models * total.bit_length() > MAX_PRODUCT_BITS:
        raise ValueError(f"correct: {models} models are too many (at most 2^20 bits of product)")
    counts = [as_integer(f"correct[{i}]", count, 0, total) for i, count in enumerate(correct)]
    return counts, total

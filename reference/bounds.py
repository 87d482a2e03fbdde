"""Section 3 and Theorem 3: from vote counts to bounds on label probabilities.

Clopper–Pearson bounds are quantiles of a beta distribution, and irrational. The project's
canonical value is the tightest *sound* multiple of 2^-53 (MATHEMATICS.md, Confidence bounds):
exact, unique, and a float64, so that every path of the project can be compared for equality.
"""

from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

from bagcert.reference.arithmetic.arguments import as_integer, as_level, as_member
from bagcert.reference.arithmetic.limits import MAX_CLASSES, MAX_MODELS
from bagcert.reference.arithmetic.quantiles import largest_sound
from bagcert.reference.arithmetic.tails import tail_at_most

__all__ = [
    "Abstention",
    "LabelBounds",
    "Levels",
    "Method",
    "Reason",
    "checked_counts",
    "clopper_pearson_lower",
    "clopper_pearson_upper",
    "label_bounds",
    "levels",
    "proven_level",
    "rank",
]

_GRID: Final = 2**53


class Method(StrEnum):
    """How the level of one example is spent on bounds (MATHEMATICS.md, Confidence bounds)."""

    #: The paper's SimuEM: c bounds at a/c, eq (6) corrected.
    SIMUEM = "simuem"
    #: One lower bound at a/2; p_s = 1 - p_l.
    COHEN = "cohen"
    #: A sign test for the label, then two bounds. The default: the one with a proof of level a.
    SELECTED = "selected"


class Reason(StrEnum):
    """Why there is no certificate; the first that applies is the reason."""

    #: ``selected``: the sign test cannot tell the label from the runner-up.
    SELECTION = "selection"
    #: p_l <= p_s.
    BOUNDS = "bounds"
    #: G <= 0: the residuals take what was left.
    RESIDUAL = "residual"


class LabelBounds(NamedTuple):
    """The predicted label and what is known of the probabilities; labels are 0-based."""

    label: int
    runner_up: int
    p_lower: Fraction
    p_upper: Fraction


class Abstention(NamedTuple):
    """There is no certificate for this example, and why."""

    reason: Reason


class Levels(NamedTuple):
    """The levels of the single tests that ``method`` makes at level a for c classes."""

    #: β: the level of each Clopper–Pearson bound.
    bound: Fraction
    #: β': the level of the sign test; None where the method has none.
    sign_test: Fraction | None


def clopper_pearson_lower(count: int, total: int, beta: Fraction | int | str) -> Fraction:
    """Return the largest multiple q of 2^-53 with ``Pr(Bin(N, q) >= x) <= beta``; 0 at x = 0.

    Guarantee: for X ~ Bin(N, p), ``Pr(clopper_pearson_lower(X, N, beta) > p) <= beta``, for
    every p in [0, 1]; and no larger function on the grid that is monotone in x has it.

    Args:
        count: x, 0 <= x <= N.
        total: N, 1 <= N <= 10**6.
        beta: the level, an exact rational, 0 < beta < 1.

    >>> clopper_pearson_lower(1, 1, "1/4"), clopper_pearson_lower(0, 5, "1/4")
    (Fraction(1, 4), Fraction(0, 1))
    """
    total = as_integer("total", total, 1, MAX_MODELS)
    count = as_integer("count", count, 0, total)
    return _lower(count, total, as_level("beta", beta))


def clopper_pearson_upper(count: int, total: int, beta: Fraction | int | str) -> Fraction:
    """Return the smallest multiple q of 2^-53 with ``Pr(Bin(N, q) <= x) <= beta``; 1 at x = N.

    Guarantee: for X ~ Bin(N, p), ``Pr(clopper_pearson_upper(X, N, beta) < p) <= beta``, for
    every p in [0, 1]. Arguments as :func:`clopper_pearson_lower`, whose mirror image it is:
    hits and misses change places, and the grid is symmetric about 1/2.

    >>> clopper_pearson_upper(0, 1, "1/4"), clopper_pearson_upper(5, 5, "1/4")
    (Fraction(3, 4), Fraction(1, 1))
    """
    total = as_integer("total", total, 1, MAX_MODELS)
    count = as_integer("count", count, 0, total)
    return 1 - _lower(total - count, total, as_level("beta", beta))


def levels(alpha: Fraction, classes: int, method: Method) -> Levels:
    """Return β and β' for one example at level ``alpha`` (MATHEMATICS.md, the table of methods)."""
    match method:
        case Method.SIMUEM:
            return Levels(alpha / classes, None)
        case Method.COHEN:
            return Levels(alpha / 2, None)
        case Method.SELECTED:
            sign = alpha / (100 * (classes - 1))
            rest = alpha - (classes - 1) * sign
            # At c = 2 the two bounds are one event: each fails exactly when the other does.
            return Levels(rest if classes == 2 else rest / 2, sign)


def proven_level(alpha: Fraction, classes: int, method: Method) -> Fraction:
    """Return the proven bound on Pr(a certificate is issued and wrong), for one example.

    ``alpha`` for ``cohen``, ``selected`` and for ``simuem`` at c = 2; ``(1 + 1/c) alpha`` for
    ``simuem`` at c >= 3, whatever the bounds. (``3 alpha / c``, so at most ``alpha``, wherever the
    finite property S(N, alpha/c) holds: MATHEMATICS.md, SimuEM.)
    """
    if method is Method.SIMUEM and classes > 2:
        return alpha * (1 + Fraction(1, classes))
    return alpha


def label_bounds(
    counts: Sequence[int], alpha: Fraction | int | str, *, method: Method | str = Method.SELECTED
) -> LabelBounds | Abstention:
    """Bound the top label's probability from below and every other label's from above.

    Guarantee: over the draw of the N votes, Pr(bounds are returned, ``p_l > p_s``, and eq (2)
    is false of ``label``) is at most :func:`proven_level`. It is a joint event: given that
    bounds are returned they may be wrong more often (MATHEMATICS.md, erratum 3).

    Args:
        counts: votes for each of the c >= 2 labels, summing to 1 <= N <= 10**6. Between equal
            counts the smaller label is the label, and the next the runner-up.
        alpha: a, the level of this one example, an exact rational, 0 < alpha < 1.
        method: how the level is spent.

    Returns:
        The bounds; or an abstention for ``selection`` (the sign test) or ``bounds``
        (``p_l <= p_s``).

    >>> label_bounds([0, 60, 0], "1/1000", method="cohen").label
    1
    >>> label_bounds([31, 29, 0], "1/1000")
    Abstention(reason=<Reason.SELECTION: 'selection'>)
    """
    votes, total = checked_counts(counts)
    alpha = as_level("alpha", alpha)
    method = as_member("method", method, Method)
    label, runner_up = rank(votes)
    level = levels(alpha, len(votes), method)
    if level.sign_test is not None and not _label_selected(
        votes[label], votes[runner_up], level.sign_test
    ):
        return Abstention(Reason.SELECTION)
    p_lower = _lower(votes[label], total, level.bound)
    p_upper = 1 - p_lower
    if method is not Method.COHEN:
        p_upper = min(p_upper, 1 - _lower(total - votes[runner_up], total, level.bound))
    if p_lower <= p_upper:
        return Abstention(Reason.BOUNDS)
    return LabelBounds(label, runner_up, p_lower, p_upper)


def checked_counts(counts: Sequence[int]) -> tuple[list[int], int]:
    """Return the counts as a list of ints >= 0 and their sum N, within the domain."""
    if not 2 <= len(counts) <= MAX_CLASSES:
        raise ValueError(f"counts must name 2 to {MAX_CLASSES} classes, not {len(counts)}")
    votes = [as_integer(f"counts[{j}]", x, 0, MAX_MODELS) for j, x in enumerate(counts)]
    return votes, as_integer("the sum of counts", sum(votes), 1, MAX_MODELS)


def rank(votes: Sequence[int]) -> tuple[int, int]:
    """Return (label, runner-up): the two largest counts, smaller labels first between equals."""
    label = max(range(len(votes)), key=lambda j: (votes[j], -j))
    others = (j for j in range(len(votes)) if j != label)
    return label, max(others, key=lambda j: (votes[j], -j))


@lru_cache(maxsize=65_536)
def _lower(count: int, total: int, beta: Fraction) -> Fraction:
    if count == 0:
        return Fraction(0)
    return Fraction(largest_sound(count, total, beta, _GRID), _GRID)


@lru_cache(maxsize=65_536)
def _label_selected(top: int, second: int, level: Fraction) -> bool:
    """Sign test: ``Pr(Bin(n_l + n_s, 1/2) >= n_l) <= level``."""
    return tail_at_most(top + second, top, Fraction(1, 2), level)

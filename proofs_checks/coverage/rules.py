"""Rules that turn votes into certificates, and when what they issue is wrong.

**Wrong** means that eq (2) is false of what was issued: ``p_l`` exceeds the label's probability, or
``p_s`` lies below another label's. (``p_l > p_s`` is required of every certificate, so a label that
is not the only most probable one is wrong as well.) **Issued** means that a rule returns a label
and bounds with ``p_l > p_s``; residuals and radii come later and can only take certificates back.

The product's own rules are taken from :func:`bagcert.reference.label_bounds` itself; beside them
stand the paper's, as printed and as usually read.
"""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from bagcert.reference.bounds import (
    Abstention,
    LabelBounds,
    Method,
    clopper_pearson_lower,
    clopper_pearson_upper,
    label_bounds,
    rank,
)

__all__ = [
    "Issued",
    "Probabilities",
    "Rule",
    "as_read_cohen",
    "as_read_simuem",
    "by_method",
    "event_72",
    "is_wrong",
    "issued",
    "vectors",
]

#: Label probabilities, summing to 1.
Probabilities = tuple[Fraction, ...]
#: Counts to a label with bounds, or None where there is no certificate.
Rule = Callable[[Sequence[int]], LabelBounds | None]


class Issued(NamedTuple):
    """Votes for which a certificate is issued, and what it says."""

    counts: tuple[int, ...]
    bounds: LabelBounds


def by_method(method: Method, alpha: Fraction) -> Rule:
    """The product's rule for one example at level ``alpha``."""

    def rule(counts: Sequence[int]) -> LabelBounds | None:
        found = label_bounds(counts, alpha, method=method)
        return None if isinstance(found, Abstention) else found

    return rule


def as_read_cohen(alpha: Fraction) -> Rule:
    """The method of [12] as usually read: one lower bound, at level ``alpha`` itself."""
    return by_method(Method.COHEN, 2 * alpha)  # which spends half of its level on the bound


def as_read_simuem(alpha: Fraction, *, at_zero: Callable[[int, Fraction], Fraction]) -> Rule:
    """SimuEM with eq (6) as printed: the upper bound is a quantile of Beta(n_j, N - n_j + 1).

    That is ``1 - lower(N - n_j + 1)``, here rounded up to the grid of 2^-53, in eq (6)'s favour.
    It does not exist at n_j = 0: ``at_zero(N, β)`` stands in.
    """

    def rule(counts: Sequence[int]) -> LabelBounds | None:
        total, beta = sum(counts), alpha / len(counts)
        label, runner_up = rank(counts)
        lower, second = clopper_pearson_lower(counts[label], total, beta), counts[runner_up]
        if second:
            upper = 1 - clopper_pearson_lower(total - second + 1, total, beta)
        else:
            upper = at_zero(total, beta)
        upper = min(upper, 1 - lower)
        return LabelBounds(label, runner_up, lower, upper) if lower > upper else None

    return rule


def is_wrong(bounds: LabelBounds, p: Probabilities) -> bool:
    """Say whether eq (2) is false of the bounds: the definition above."""
    others = max(q for j, q in enumerate(p) if j != bounds.label)
    return bounds.p_lower > p[bounds.label] or bounds.p_upper < others


def vectors(total: int, classes: int) -> Iterator[tuple[int, ...]]:
    """Yield every vector of ``classes`` counts that sum to ``total``."""
    if classes == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in vectors(total - first, classes - 1):
            yield (first, *rest)


def issued(total: int, classes: int, rule: Rule) -> list[Issued]:
    """Return every vector of counts for which the rule issues a certificate."""
    found = ((counts, rule(counts)) for counts in vectors(total, classes))
    return [Issued(counts, bounds) for counts, bounds in found if bounds is not None]


def event_72(total: int, alpha: Fraction, p: Probabilities) -> list[tuple[int, ...]]:
    """Return the counts for which the event of (72) fails: abstaining is no way out of it.

    The event: ``p_l >= lower_l`` and ``p_j <= upper_j`` for every other j, at α/(e c) each, where
    l is the label that the same votes chose; with eq (6) corrected.
    """
    beta = alpha / len(p)
    lower = [clopper_pearson_lower(x, total, beta) for x in range(total + 1)]
    upper = [clopper_pearson_upper(x, total, beta) for x in range(total + 1)]

    def holds(counts: tuple[int, ...]) -> bool:
        label, _ = rank(counts)
        return all(
            lower[x] <= q if j == label else q <= upper[x]
            for j, (x, q) in enumerate(zip(counts, p, strict=True))
        )

    return [counts for counts in vectors(total, len(p)) if not holds(counts)]

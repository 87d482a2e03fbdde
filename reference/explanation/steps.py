"""Why one example is certified as it is: every step of Certify with its exact numbers.

From counts to label (the sign test), bounds (Section 3), gap (eq 21, 39) and radius (eq 4, 7), and
what would certify one poisoned example more: a larger lead, votes that move, or more models.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from bagcert.reference.algorithm1 import Certificate
from bagcert.reference.arithmetic.limits import MAX_MODELS
from bagcert.reference.arithmetic.tails import tail_enclosure
from bagcert.reference.bounds import (
    Abstention,
    Levels,
    Method,
    clopper_pearson_lower,
    clopper_pearson_upper,
    levels,
    rank,
)
from bagcert.reference.certificate.schema import Header, Row
from bagcert.reference.theorem1 import Worst, certified_poisoning_size, gap_of, worst_poisoning

__all__ = ["Explanation", "explain"]

#: Bits of the enclosure of the sign test's probability.
_PRECISION = 96


@dataclass(frozen=True)
class Explanation:
    """The steps of Certify on one row, and what would certify ``target``, one more than it does.

    All numbers are exact, the sign test's probability an enclosure. Bounds and gap are there for
    abstaining rows as well: what Certify would have gone on with.
    """

    row: Row
    label: int
    runner_up: int
    #: β and β': what the level of one example is spent on.
    levels: Levels
    #: ``low <= Pr(Bin(n_l + n_s, 1/2) >= n_l) <= high``.
    sign_test: tuple[Fraction, Fraction]
    p_lower: Fraction
    p_upper: Fraction
    #: G, in lists.
    gap: Fraction
    #: None where the row abstains.
    radius: int | None
    #: The worst poisoning at the radius, where it is certified.
    at_radius: Worst | None
    #: The worst poisoning at ``target``; None where no larger attack exists.
    beyond: Worst | None
    #: The least r that is not certified: 0 where the row abstains.
    target: int
    #: The gap, in lists, that must be exceeded to certify ``target``; None as ``beyond``.
    needed_gap: Fraction | None
    #: The fewest votes that, taken from the strongest other labels and given to this one, certify
    #: ``target``; None if not even a unanimous vote of N models does.
    moved_votes: int | None
    #: N times 2, 4, 8, ...: the first with which the same shares of votes certify ``target``;
    #: None if none within the limit of models does.
    more_models: int | None
    #: The radius that no number of models with these shares of votes can exceed; None if not even
    #: 0 is certified so, or if beta is 1/2 or more (then it is no limit).
    limit: int | None


def explain(header: Header, row: Row) -> Explanation:
    """Take one row of a certificate apart.

    Raises:
        ValueError: the row does not claim what its counts give under the header.
    """
    outcome = header.certify(row.counts)
    if outcome != row.outcome:
        raise ValueError(f"index {row.index}: claims {row.outcome}, its counts give {outcome}")
    n, k = header.n, header.k
    label, runner_up = rank(row.counts)
    top, second, total = row.counts[label], row.counts[runner_up], header.models
    level = levels(header.level, header.classes, header.method)
    low, high = _bounds(top, second, total, level.bound, header.method)
    *_, gap = gap_of(n, k, low, high, attack=header.attack, residual=header.residual)
    radius = outcome.radius if isinstance(outcome, Certificate) else None
    target = 0 if radius is None else radius + 1
    beyond = worst_poisoning(n, k, target, gap, header.attack)
    needed = None if beyond is None else beyond.left + gap
    return Explanation(
        row=row,
        label=label,
        runner_up=runner_up,
        levels=level,
        sign_test=_sign_test(top, second),
        p_lower=low,
        p_upper=high,
        gap=gap,
        radius=radius,
        at_radius=None if radius is None else worst_poisoning(n, k, radius, gap, header.attack),
        beyond=beyond,
        target=target,
        needed_gap=needed,
        moved_votes=None if beyond is None else _moved_votes(header, row.counts, label, target),
        more_models=None if beyond is None else _more_models(header, row.counts, target),
        limit=_limit(header, top, second, level.bound),
    )


def _bounds(
    top: int, second: int, total: int, beta: Fraction, method: Method
) -> tuple[Fraction, Fraction]:
    low = clopper_pearson_lower(top, total, beta)
    if method == Method.COHEN:
        return low, 1 - low
    return low, min(1 - low, clopper_pearson_upper(second, total, beta))


def _sign_test(top: int, second: int) -> tuple[Fraction, Fraction]:
    found = tail_enclosure(top + second, top, Fraction(1, 2), _PRECISION)
    unit = Fraction(2) ** found.exponent
    return found.low * unit, found.high * unit


def _reaches(outcome: Certificate | Abstention, target: int) -> bool:
    return isinstance(outcome, Certificate) and outcome.radius >= target


def _moved_votes(header: Header, counts: Sequence[int], label: int, target: int) -> int | None:
    """Bisect: with each vote moved the label's count grows and no other count does."""
    low, high = 0, header.models - counts[label]
    if not _reaches(header.certify(_after_moving(counts, label, high)), target):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if _reaches(header.certify(_after_moving(counts, label, middle)), target):
            high = middle
        else:
            low = middle
    return high


def _after_moving(counts: Sequence[int], label: int, votes: int) -> list[int]:
    """The counts once ``votes`` have gone to the label, each from the largest other at its time."""
    others = [count for j, count in enumerate(counts) if j != label]
    low, high = -1, max(others)  # the largest other count that is left lies in (low, high]
    while high - low > 1:
        middle = (low + high) // 2
        if sum(max(0, count - middle) for count in others) <= votes:
            high = middle
        else:
            low = middle
    left = votes - sum(max(0, count - high) for count in others)
    found = []
    for j, count in enumerate(counts):
        if j == label:
            found.append(count + votes)
            continue
        count = min(count, high)
        if left and count == high:
            count, left = count - 1, left - 1
        found.append(count)
    return found


def _more_models(header: Header, counts: Sequence[int], target: int) -> int | None:
    times = 2
    while header.models * times <= MAX_MODELS:
        if _reaches(header.certify([count * times for count in counts]), target):
            return header.models * times
        times *= 2
    return None


def _limit(header: Header, top: int, second: int, beta: Fraction) -> int | None:
    """The radius where the bounds are the shares of votes themselves.

    A lower bound at beta < 1/2 lies below its share x/N, whatever N: x is a median of
    Bin(N, x/N), so that Pr(Bin(N, x/N) >= x) >= 1/2 > beta.
    """
    if beta >= Fraction(1, 2):
        return None
    share = Fraction(top, header.models)
    other = 1 - share if header.method == Method.COHEN else Fraction(second, header.models)
    if share < other:
        return None
    return certified_poisoning_size(
        header.n, header.k, share, other, attack=header.attack, residual=header.residual
    )

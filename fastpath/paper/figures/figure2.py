"""Figure 2: what k, α and N do to certified accuracy (Section 4.2, "Impact of k, α, and N")."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from bagcert.fastpath.paper.figures.curves import Curve, Figure, certified_accuracy
from bagcert.fastpath.votes.predictions import count_predictions
from bagcert.fastpath.votes.votes import Votes
from bagcert.reference.bounds import Method

__all__ = ["falls_faster", "figure2"]

#: The votes of N models on k examples each, with every model's predictions.
TrainVotes = Callable[[int], Votes]


def figure2(
    train: TrainVotes,
    *,
    dataset: str,
    n: int,
    k: int,
    alpha: Fraction,
    radii: Sequence[int],
    ks: Sequence[int],
    alphas: Sequence[Fraction],
    prefixes: Sequence[int],
    method: Method | str = Method.SIMUEM,
) -> Figure:
    """Return Figure 2: three panels, of which each varies one of k, α and N.

    ``train(k)`` gives the votes at each k of ``ks`` and at ``k`` itself; the panels of α and N
    are of those at ``k`` alone: α changes no vote, and the N models are prefixes of one another.

    Statements (the paper's, as asserted on these curves; not seen where nothing is certified): at
    r = 0 certified accuracy rises with k, and the radius at which it falls below half of that falls
    as k grows; it never falls as α grows, at any r, exactly; averaged over the radii it rises with
    N.

    Raises:
        ValueError: votes without predictions or labels; otherwise as ``train``.
    """
    sets = {size: train(size) for size in dict.fromkeys((*ks, k))}
    base = sets[k]
    if base.predictions is None or base.labels is None:
        raise ValueError("figure2: the votes must keep predictions and labels")
    labels, predictions, classes = base.labels, base.predictions, base.counts.shape[1]

    def curve(panel: str, series: str, counts: Any, size: int, level: Fraction) -> Curve:
        accuracy = certified_accuracy(
            counts, labels, radii, n=n, k=size, alpha=level, method=method
        )
        return Curve(panel, series, accuracy)

    by_k = [curve("k", f"k = {size}", sets[size].counts, size, alpha) for size in ks]
    by_alpha = [curve("α", f"α = {level}", base.counts, k, level) for level in sorted(alphas)]
    by_models = [
        curve("N", f"N = {size}", count_predictions(predictions[:size], classes), k, alpha)
        for size in sorted(prefixes)
    ]
    statements = (
        ("certified accuracy at r = 0 rises with k", _rises_at_first(by_k, ks)),
        ("it falls below half of that sooner, the larger k is", falls_faster(by_k, ks, radii)),
        ("certified accuracy never falls as α grows", _never_falls(by_alpha)),
        ("certified accuracy rises with N, averaged over r", _rises_on_average(by_models)),
    )
    return Figure(
        "figure2",
        f"Figure 2: k, α and N on {dataset}",
        tuple(radii),
        (*by_k, *by_alpha, *by_models),
        statements,
    )


def falls_faster(curves: Sequence[Curve], ks: Sequence[int], radii: Sequence[int]) -> bool:
    """Return whether curves of several k fall below half of their first value sooner, as k grows.

    Two that are above half at the last radius do not say which falls first. False where no two
    curves say anything.
    """
    halves = [_half(curve, radii) for curve in _by_size(curves, ks) if curve.accuracy[0]]
    told = [pair for pair in pairwise(halves) if min(pair) <= radii[-1]]
    return bool(told) and all(before > after for before, after in told)


def _rises_at_first(curves: Sequence[Curve], ks: Sequence[int]) -> bool:
    """Whether the first values never fall as k grows, and end higher than they begin."""
    firsts = [curve.accuracy[0] for curve in _by_size(curves, ks)]
    return firsts == sorted(firsts) and firsts[0] < firsts[-1]


def _by_size(curves: Sequence[Curve], ks: Sequence[int]) -> list[Curve]:
    return [curve for _, curve in sorted(zip(ks, curves, strict=True), key=lambda pair: pair[0])]


def _half(curve: Curve, radii: Sequence[int]) -> int:
    """The first radius at which a curve is below half of its first value."""
    first = curve.accuracy[0]
    found = (r for r, value in zip(radii, curve.accuracy, strict=True) if 2 * value < first)
    return next(found, radii[-1] + 1)


def _never_falls(curves: Sequence[Curve]) -> bool:
    return _shows(curves) and all(
        low <= high
        for before, after in pairwise(curves)
        for low, high in zip(before.accuracy, after.accuracy, strict=True)
    )


def _rises_on_average(curves: Sequence[Curve]) -> bool:
    totals = [sum(curve.accuracy, Fraction(0)) for curve in curves]
    return _shows(curves) and all(before < after for before, after in pairwise(totals))


def _shows(curves: Sequence[Curve]) -> bool:
    """Whether there is anything to compare: several curves, and something certified."""
    return len(curves) > 1 and any(any(curve.accuracy) for curve in curves)

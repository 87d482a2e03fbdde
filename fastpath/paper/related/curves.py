"""Certified accuracy over r of the two compared methods, exact once the models are trained."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.paper.related.private import PrivateAccuracies
from bagcert.fastpath.paper.related.smoothing import SmoothedVotes
from bagcert.reference.arithmetic.arguments import as_level, as_member
from bagcert.reference.bounds import LabelBounds, Method, label_bounds, once_for_each_pair
from bagcert.reference.certificate.schema import Scope
from bagcert.reference.related import (
    Adjacency,
    certified_bits,
    closed_form_bits,
    mean_accuracy,
    mean_accuracy_lower,
    private_accuracy,
    private_accuracy_by_error,
)

__all__ = ["PrivatePoint", "SmoothingCurve", "ma_curve", "smoothing_curve"]


class PrivatePoint(NamedTuple):
    """Ma et al. at one r: expected certified accuracies, each a multiple of 2^-53 rounded down.

    Only what starts from the lower confidence bound holds with confidence 1 - α.
    """

    radius: int
    #: As the paper compares: from the average accuracy, a replaced example counted once.
    paper: Fraction
    #: Likewise, the bound taken on the error instead.
    paper_by_error: Fraction
    #: The same from the lower confidence bound.
    lower: Fraction
    #: From the lower bound, a replaced example counted twice: what opacus' ε says.
    lower_twice: Fraction
    #: As ``lower`` and ``lower_twice``, the bound taken on the error instead.
    by_error: Fraction
    by_error_twice: Fraction


def ma_curve(
    accuracies: PrivateAccuracies, radii: Sequence[int], alpha: Fraction | int | str
) -> list[PrivatePoint]:
    """Return Ma et al.'s expected certified accuracy at each r.

    Guarantee: with probability 1 - α over the models' training, ``lower`` (for an ε of replaced
    examples) and ``lower_twice`` (for an ε of added or removed ones, which opacus counts) are at
    most the expected accuracy of a model trained on any training set with r modified examples (of
    another size, the gradients would be divided by another batch size);
    likewise ``by_error`` and ``by_error_twice``. That ε and δ hold is opacus' word.

    Raises:
        As :func:`~bagcert.reference.related.private_accuracy`.
    """
    correct, e = accuracies.correct.tolist(), accuracies.examples
    average, lower = mean_accuracy(correct, e), mean_accuracy_lower(correct, e, alpha)
    spent = accuracies.epsilon, accuracies.delta
    once, twice = Adjacency.REPLACE, Adjacency.ADD_REMOVE
    return [
        PrivatePoint(
            r,
            private_accuracy(r, *spent, average, adjacency=once),
            private_accuracy_by_error(r, *spent, average, adjacency=once),
            private_accuracy(r, *spent, lower, adjacency=once),
            private_accuracy(r, *spent, lower, adjacency=twice),
            private_accuracy_by_error(r, *spent, lower, adjacency=once),
            private_accuracy_by_error(r, *spent, lower, adjacency=twice),
        )
        for r in radii
    ]


class SmoothingCurve(NamedTuple):
    """Smoothing's certificates of e test examples; -1 stands for an abstention."""

    #: Certified bits (e,) int64, exactly.
    bits: NDArray[np.int64]
    #: The floor of the published closed form (e,), never more.
    closed_form: NDArray[np.int64]
    #: Certified training examples (e,): ``floor(bits / (d + 1))``.
    radius: NDArray[np.int64]
    #: (r, rows with their true label and radius >= r) at each wanted r.
    accuracy: list[tuple[int, int]]


def smoothing_curve(
    smoothed: SmoothedVotes,
    radii: Sequence[int],
    alpha: Fraction | int | str,
    *,
    method: Method | str = Method.SELECTED,
    scope: Scope | str = Scope.SIMULTANEOUS,
) -> SmoothingCurve:
    """Return the exact radii of a smoothed ensemble, and certified accuracy at each r.

    Guarantee per row: as :func:`~bagcert.reference.label_bounds` at level α/e (``simultaneous``)
    or α (``each``), then :func:`~bagcert.reference.related.certified_bits`. Each distinct pair of
    largest counts is certified once.

    Raises:
        ValueError: votes without true labels, or an argument outside its domain.
    """
    votes, beta = smoothed.votes, smoothed.beta
    if votes.labels is None:
        raise ValueError("votes: certified accuracy needs their true labels")
    method = as_member("method", method, Method)
    level = as_level("alpha", alpha)
    e = len(votes.counts)
    if as_member("scope", scope, Scope) == Scope.SIMULTANEOUS:
        level /= e
    width = smoothed.features + 1

    def both_radii(counts: Sequence[int]) -> tuple[int, int]:
        bounds = label_bounds(counts, level, method=method)
        if not isinstance(bounds, LabelBounds):
            return -1, -1
        given = bounds.p_lower, bounds.p_upper, beta, smoothed.n * width
        return _stated(certified_bits(*given)), _stated(closed_form_bits(*given))

    bits = np.empty((2, e), np.int64)
    right = np.empty(e, np.bool_)
    answers = once_for_each_pair(votes.counts.tolist(), both_radii)
    for i, (label, found) in enumerate(answers):
        bits[:, i] = found
        right[i] = label == votes.labels[i]
    radius = np.where(bits[0] < 0, -1, bits[0] // width)
    accuracy = [(r, int((right & (radius >= r)).sum())) for r in radii]
    return SmoothingCurve(bits[0], bits[1], radius, accuracy)


def _stated(bits: int | None) -> int:
    return -1 if bits is None else bits

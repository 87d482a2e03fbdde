"""The frontier: certified accuracy at every budget r, by the size k of the lists.

Each curve is one ensemble's, certified at level α for all test examples together. Their envelope is
no certificate: whoever chose k after looking would have to certify all of them at once. It says how
far one learner reaches at a budget that is known beforehand.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Final

from bagcert.fastpath.paper.figures.curves import Curve, Figure, certified_accuracy
from bagcert.fastpath.paper.figures.figure2 import falls_faster
from bagcert.fastpath.votes.votes import Votes
from bagcert.reference.bounds import Method

__all__ = ["PUBLISHED", "frontier"]

#: What the paper reports for MNIST in its abstract (AAAI 2021): k = 30 by a secondary source.
PUBLISHED: Final = (30, 100, Fraction(911, 1000))
_METHODS: Final = (Method.SELECTED, Method.SIMUEM)


def frontier(
    train: Callable[[int, int], Votes],
    *,
    dataset: str,
    n: int,
    alpha: Fraction,
    radii: Sequence[int],
    ensembles: Sequence[tuple[int, int]],
) -> Figure:
    """Return one panel for each method of bounds, one curve for each (k, N) of ``ensembles``.

    ``train(k, N)`` gives the votes. Statements: certified accuracy falls faster, the larger k is
    (the paper's, on the curves of the first N, by the SimuEM bounds); and on MNIST, that the curve
    of :data:`PUBLISHED`'s k lies above it.

    Raises:
        ValueError: votes without labels; otherwise as ``train``.
    """
    found: dict[tuple[Method, int, int], Curve] = {}
    for k, models in ensembles:
        votes = train(k, models)
        if votes.labels is None:
            raise ValueError("frontier: the votes must keep labels")
        for method in _METHODS:
            accuracy = certified_accuracy(
                votes.counts, votes.labels, radii, n=n, k=k, alpha=alpha, method=method
            )
            found[method, k, models] = Curve(str(method), f"k = {k}, N = {models}", accuracy)
    first = ensembles[0][1]
    ks = [k for k, models in ensembles if models == first]
    simuem = [found[Method.SIMUEM, k, first] for k in ks]
    statements = [
        ("certified accuracy falls faster, the larger k is", falls_faster(simuem, ks, radii))
    ]
    k, r, value = PUBLISHED
    if dataset == "mnist" and k in ks and r in radii:
        reached = simuem[ks.index(k)].accuracy[list(radii).index(r)]
        statements.append(
            (f"more than the published {float(value):.1%} at k = {k}, r = {r}", reached > value)
        )
    curves = sorted(found.values(), key=lambda curve: curve.panel)
    title = f"Certified accuracy on {dataset} at every budget: several certificates, one for each k"
    return Figure("frontier", title, tuple(radii), tuple(curves), tuple(statements))

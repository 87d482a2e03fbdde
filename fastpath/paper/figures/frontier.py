"""The frontier: certified accuracy at every budget r, by the size k of the lists.

Each curve is one ensemble's, certified at level α for all test examples together. Their envelope is
no certificate: whoever chose k after looking would have to certify all of them at once. It says how
far one learner reaches at a budget that is known beforehand.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from bagcert.fastpath.paper.figures.curves import WITHOUT_D, Curve, Figure, certified_accuracy
from bagcert.fastpath.paper.figures.figure2 import falls_faster
from bagcert.fastpath.paper.reported import load_claims, share
from bagcert.fastpath.votes.votes import Votes
from bagcert.reference.bounds import Method

__all__ = ["PUBLISHED", "Panel", "Train", "frontier"]

#: k, r and certified accuracy that the paper reports for MNIST in its abstract (AAAI 2021).
PUBLISHED: Final = share(load_claims(), "mnist-aaai")
_METHODS: Final = (Method.SELECTED, Method.SIMUEM)

#: Gives the votes of (k, N).
Train = Callable[[int, int], Votes]


class Panel(NamedTuple):
    """Another learner, which uses more than the drawn examples; by the method ``selected``."""

    name: str
    train: Train
    #: Its (k, N).
    ensembles: Sequence[tuple[int, int]]
    #: Share of the test examples that it gets right before any example is drawn, if it does. No
    #: poisoning of the training set reaches that, so it is certified at every r; α is not spent
    #: on it.
    alone: Fraction | None = None


def frontier(
    train: Train,
    *,
    dataset: str,
    n: int,
    alpha: Fraction,
    radii: Sequence[int],
    ensembles: Sequence[tuple[int, int]],
    others: Sequence[Panel] = (),
) -> Figure:
    """Return one panel for each method of bounds, one curve for each (k, N) of ``ensembles``.

    ``train(k, N)`` gives the votes. The panels of ``others`` follow, with the line of what a
    learner knows without D where it knows anything.

    Statements: certified accuracy falls faster, the larger k is (the paper's, on the curves of the
    first N, by the SimuEM bounds); and on MNIST, that the curve of :data:`PUBLISHED`'s k lies
    above it.

    Raises:
        ValueError: votes without labels; otherwise as ``train``.
    """

    def accuracy(votes: Votes, k: int, method: Method) -> tuple[Fraction, ...]:
        if votes.labels is None:
            raise ValueError("frontier: the votes must keep labels")
        return certified_accuracy(
            votes.counts, votes.labels, radii, n=n, k=k, alpha=alpha, method=method
        )

    found: dict[tuple[Method, int, int], Curve] = {}
    for k, models in ensembles:
        votes = train(k, models)
        for method in _METHODS:
            shares = accuracy(votes, k, method)
            found[method, k, models] = Curve(str(method), f"k = {k}, N = {models}", shares)
    beside = []
    for panel in others:
        if panel.alone is not None:
            line = (panel.alone,) * len(radii)
            beside.append(Curve(panel.name, WITHOUT_D, line))
        for k, models in panel.ensembles:
            shares = accuracy(panel.train(k, models), k, Method.SELECTED)
            beside.append(Curve(panel.name, f"k = {k}, N = {models}", shares))
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
    curves = [*sorted(found.values(), key=lambda curve: curve.panel), *beside]
    title = f"Certified accuracy on {dataset} at every budget: several certificates, one for each k"
    return Figure("frontier", title, tuple(radii), tuple(curves), tuple(statements))

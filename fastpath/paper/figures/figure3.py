"""Figure 3: frozen features or none (a), and certified defenses beside each other (b)."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final

from bagcert.fastpath.paper.figures.curves import Curve, Figure

__all__ = ["LINEAR_TO", "figure3a", "figure3b"]

Accuracy = tuple[Fraction, ...]
#: Figure 3(b)'s axis shows each radius up to here.
LINEAR_TO: Final = 10


def figure3a(learners: Mapping[str, Accuracy], *, dataset: str, radii: Sequence[int]) -> Figure:
    """Return Figure 3(a): certified accuracy of learners, those with frozen features first.

    Statement (the paper's, on transfer learning): nowhere is the first below the next, and at
    r = 0 it is above.
    """
    curves = tuple(Curve("learner", series, accuracy) for series, accuracy in learners.items())
    better = all(
        first.accuracy[0] > second.accuracy[0]
        and all(
            above >= below for above, below in zip(first.accuracy, second.accuracy, strict=True)
        )
        for first, second in pairwise(curves)
    )
    statements = (("frozen features raise certified accuracy, and lower it nowhere", better),)
    title = f"Figure 3(a): frozen features on {dataset}"
    return Figure("figure3a", title, tuple(radii), curves, statements)


def figure3b(methods: Mapping[str, Accuracy], *, dataset: str, radii: Sequence[int]) -> Figure:
    """Return Figure 3(b): certified accuracy of bagging, which comes first, and of other defenses.

    A defense may have several curves, one for each way to bound it. Statements (the paper's):
    bagging certifies examples where no other defense does, and at no radius above 0 does another
    certify more.
    """
    ours, *others = (Curve("defense", series, accuracy) for series, accuracy in methods.items())
    beyond = [r for i, r in enumerate(radii) if not any(other.accuracy[i] for other in others)]
    certified = {r for r, value in zip(radii, ours.accuracy, strict=True) if value}
    most = all(
        ours.accuracy[i] >= other.accuracy[i]
        for other in others
        for i, r in enumerate(radii)
        if r > 0
    )
    statements = (
        ("bagging certifies where the others certify nothing", bool(certified & {*beyond})),
        ("no other defense certifies more at any r > 0", bool(certified - {0}) and most),
    )
    title = f"Figure 3(b): certified defenses on {dataset}"
    return Figure("figure3b", title, tuple(radii), (ours, *others), statements, linear_to=LINEAR_TO)

"""Bagging Theorem 2's learner for real: N lists from D, N from D', and the votes counted.

At r* + 1 the overturned margin can be far smaller than N votes can show; the exact probabilities
decide there. :func:`visible_radius` gives the smallest budget whose margin N votes do show.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from bagcert.proofs_checks.tightness.both_sides import Setting
from bagcert.reference.arithmetic.arguments import as_integer, as_level
from bagcert.reference.arithmetic.limits import MAX_MODELS
from bagcert.reference.bounds import clopper_pearson_lower, clopper_pearson_upper
from bagcert.reference.theorem2.learner import AdversarialLearner

__all__ = ["Votes", "simulate", "visible_radius"]

#: A margin of 6 / sqrt(N) is some four standard deviations beyond two bounds at 1/1000.
_VISIBLE = 36


@dataclass(frozen=True)
class Votes:
    """The votes of N models on one data set, beside the exact probabilities."""

    counts: tuple[int, ...]
    probabilities: tuple[Fraction, ...]
    #: Clopper–Pearson bounds of each label, all of them right with probability >= 1 - α.
    bounds: tuple[tuple[Fraction, Fraction], ...]

    @property
    def winner(self) -> int:
        """The label with the most votes; the smallest of several."""
        return self.counts.index(max(self.counts))

    @property
    def agree(self) -> bool:
        """Whether every exact probability lies within its bounds."""
        pairs = zip(self.bounds, self.probabilities, strict=True)
        return all(low <= p <= high for (low, high), p in pairs)

    @property
    def decided(self) -> bool:
        """Whether the winner's lower bound exceeds the upper bound of every other label."""
        best = self.bounds[self.winner][0]
        return all(high < best for j, (_, high) in enumerate(self.bounds) if j != self.winner)


def simulate(
    learner: AdversarialLearner,
    models: int,
    seed: int,
    alpha: Fraction | str = "1/1000",
    *,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> tuple[Votes, Votes]:
    """Bag A*: ``models`` uniform lists from D and as many from D'; the votes on each.

    Both results together are within their bounds with probability at least ``1 - alpha``
    (a union over 2 data sets, c labels and 2 sides). Equal seeds give equal votes.

    Raises:
        TypeError, ValueError: models not in 1..10**6, seed negative, α not in (0, 1).
    """
    models = as_integer("models", models, 1, MAX_MODELS)
    seed, level = as_integer("seed", seed, 0), as_level("alpha", alpha)
    beta = level / (4 * learner.classes)
    n, (size, kept) = learner.n, learner.poisoned
    inserted = size - kept
    drawn = random.Random(seed)
    found = []
    for part, poisoned in enumerate((False, True)):
        # The examples of D' are numbered 0..m-1 and n..n+n'-m-1.
        total = size if poisoned else n
        counts = [0] * learner.classes
        for i in range(models):
            places = (drawn.randrange(total) for _ in range(learner.k))
            if poisoned and inserted:
                indices = [j if j < kept else n + j - kept for j in places]
            else:
                indices = list(places)
            counts[learner.predict(indices, seed=seed + i)] += 1
            if i % 64 == 63 or i + 1 == models:
                progress(part * models + i + 1, 2 * models)
        bounds = {
            x: (
                clopper_pearson_lower(x, models, beta),
                clopper_pearson_upper(x, models, beta),
            )
            for x in set(counts)
        }
        found.append(
            Votes(
                tuple(counts),
                learner.probabilities(poisoned),
                tuple(bounds[x] for x in counts),
            )
        )
    return found[0], found[1]


def visible_radius(where: Setting, smallest: int, models: int) -> int | None:
    """Return the smallest budget >= ``smallest`` at which N votes show the flip; None if none.

    That is ``(max_j Pr'(j) - Pr'(l))^2 N >= 36``: the margin grows with the budget.
    """

    def visible(radius: int) -> bool:
        try:
            after = where.adversary(radius).probabilities(True)
        except ValueError:
            return False
        return bool((max(after[1:]) - after[0]) ** 2 * models >= _VISIBLE)

    low, high = smallest - 1, max(smallest, where.n - 1)
    if not visible(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if visible(middle) else (middle, high)
    return high

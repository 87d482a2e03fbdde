"""Property S(N, β) of the bounds, decided exactly: separated counts stay separated.

SimuEM's level rests on it at c >= 3 (reference/MATHEMATICS.md, SimuEM, Theorem B):

    for x >= 1, y >= 0, x + y + 1 <= N:   lower(x) > upper(y + 1)  implies  lower(x - 1) > upper(y).

It speaks of N + 1 numbers only, whatever the probabilities and however many labels there are.
"""

from collections.abc import Callable
from fractions import Fraction

from bagcert.reference.bounds import clopper_pearson_lower, clopper_pearson_upper

__all__ = ["Bound", "first_exception"]

#: From a count, the number of votes and the level to a bound.
Bound = Callable[[int, int, Fraction], Fraction]


def first_exception(
    total: int,
    beta: Fraction,
    lower: Bound = clopper_pearson_lower,
    upper: Bound = clopper_pearson_upper,
) -> tuple[int, int] | None:
    """Return a pair (x, y) at which S(N, β) fails; None if it holds.

    Bounds do not fall in the count, so for each y the smallest x with ``lower(x) > upper(y + 1)``
    decides: any larger one has a larger ``lower(x - 1)``. 2 N + 2 comparisons of rationals.

    Domain: N >= 1, 0 < β < 1, and bounds that do not fall in the count.
    """
    lows = [lower(x, total, beta) for x in range(total + 1)]
    highs = [upper(y, total, beta) for y in range(total + 1)]
    x = 1
    for y in range(total):
        while x <= total and lows[x] <= highs[y + 1]:
            x += 1
        if x + y + 1 > total:
            return None  # x only grows with y
        if lows[x - 1] <= highs[y]:
            return x, y
    return None

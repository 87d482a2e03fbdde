"""Clopper–Pearson bounds in bulk: a table for each (N, β), equal to ``reference`` bit for bit.

A float guess (scipy's inverse of the incomplete beta function) is rounded down to the grid of 2^-53
and then *verified*: integer enclosures of the binomial tail, their precision raised until they
decide (:mod:`bagcert.reference.arithmetic.tails`), must show that the guess is sound and that its
upper neighbour is not. A wrong guess is searched from, never believed; where scipy is not installed
the reference finds its own start, which takes longer and ends at the same bound. (Ball arithmetic
would do as well; python-flint's incomplete beta function is some ten times slower at this, and
stays the tests' independent witness.)
"""

import math
from fractions import Fraction
from functools import lru_cache
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

from bagcert.fastpath.certification.table_cache import load_table, save_table
from bagcert.reference.arithmetic.arguments import as_integer, as_level
from bagcert.reference.arithmetic.limits import MAX_MODELS
from bagcert.reference.arithmetic.quantiles import largest_sound
from bagcert.reference.arithmetic.tails import tail_at_most

__all__ = ["BoundTable", "SignTests", "bound_table", "sign_tests"]

_Ints = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]
_GRID: Final = 2**53


class BoundTable:
    """Bounds for counts out of N at level β, computed when they are first asked for.

    Guarantee: :meth:`lower` and :meth:`upper` equal
    :func:`~bagcert.reference.clopper_pearson_lower` and ``_upper`` for every count; as float64
    they are exact, because the grid's points are.

    Args:
        total: N, 1 <= N <= 10**6.
        beta: β, an exact rational, 0 < β < 1.
        cached: keep the table on disk (:mod:`bagcert.fastpath.certification.table_cache`).
    """

    def __init__(self, total: int, beta: Fraction | int | str, *, cached: bool = False) -> None:
        self.total = as_integer("total", total, 1, MAX_MODELS)
        self.beta = as_level("beta", beta)
        self.cached = cached
        # The lower bound of each count, in units of 2^-53; -1 where it is not known yet.
        self._t: _Ints = np.full(self.total + 1, -1, np.int64)
        if cached:
            known = load_table(self.total, self.beta)
            if known is not None:
                self._t[known[0]] = known[1]
        self._t[0] = 0

    def lower(self, counts: npt.ArrayLike) -> _Floats:
        """Lower bounds of counts in 0..N, as float64, exactly."""
        return self._units(np.asarray(counts, np.int64)) / float(_GRID)

    def upper(self, counts: npt.ArrayLike) -> _Floats:
        """Upper bounds of counts in 0..N: ``1 - lower(N - count)``, exactly."""
        units = self._units(self.total - np.asarray(counts, np.int64))
        return (_GRID - units) / float(_GRID)

    def _units(self, counts: _Ints) -> _Ints:
        if counts.size and not (counts.min() >= 0 and counts.max() <= self.total):
            raise ValueError(f"counts must lie in 0..{self.total}")
        missing = np.unique(counts[self._t[counts] < 0])
        if missing.size:
            self._t[missing] = self._solve(missing)
            if self.cached:
                known = np.flatnonzero(self._t >= 0)
                save_table(self.total, self.beta, known, self._t[known])
        return self._t[counts]

    def _solve(self, counts: _Ints) -> _Ints:
        guesses = _guesses(counts, self.total, self.beta)
        pairs = zip(counts.tolist(), guesses, strict=True)
        solved = (largest_sound(x, self.total, self.beta, _GRID, start) for x, start in pairs)
        return np.fromiter(solved, np.int64, counts.size)


class SignTests:
    """For each n_l + n_s, the least n_l that passes the sign test of ``selected`` at level β'.

    Guarantee: ``passes(n_l, n_s)`` is ``Pr(Bin(n_l + n_s, 1/2) >= n_l) <= β'``, exactly, for
    ``n_l >= n_s``. Hoeffding's inequality, ``Pr <= exp(-(n_l - n_s)^2 / (2 (n_l + n_s)))``, passes
    most pairs at once, by a factor that no rounding can make up for; the others are asked exactly.
    """

    def __init__(self, total: int, level: Fraction) -> None:
        self.level = level
        self._clear = 2.001 * (math.log(level.denominator) - math.log(level.numerator))
        self._least: _Ints = np.full(total + 1, -1, np.int64)

    def passes(self, top: _Ints, second: _Ints) -> npt.NDArray[np.bool_]:
        """Whether each pair of counts passes."""
        sums, lead = top + second, top - second
        passed: npt.NDArray[np.bool_] = lead * lead > self._clear * sums
        doubtful = np.flatnonzero(~passed)
        asked = sums[doubtful]
        missing = np.unique(asked[self._least[asked] < 0])
        if missing.size:
            guesses = _sign_guesses(missing, self.level)
            pairs = zip(missing.tolist(), guesses.tolist(), strict=True)
            self._least[missing] = [self._solve(total, guess) for total, guess in pairs]
        passed[doubtful] = top[doubtful] >= self._least[asked]
        return passed

    def _solve(self, total: int, guess: int) -> int:
        """The least x with Pr(Bin(total, 1/2) >= x) <= β'; total + 1 has probability 0."""

        def passes(x: int) -> bool:
            return x > total or tail_at_most(total, x, Fraction(1, 2), self.level)

        x = min(max(guess, 1), total + 1)
        while not passes(x):
            x += 1
        while passes(x - 1):  # not at x = 1: any number of votes is certainly at least 0
            x -= 1
        return x


@lru_cache(maxsize=16)
def bound_table(total: int, beta: Fraction, *, cached: bool = False) -> BoundTable:
    """The table for (N, β), kept in this process as well."""
    return BoundTable(total, beta, cached=cached)


@lru_cache(maxsize=16)
def sign_tests(total: int, level: Fraction) -> SignTests:
    """The sign tests for N and β', kept in this process."""
    return SignTests(total, level)


def _guesses(counts: _Ints, total: int, beta: Fraction) -> list[int] | list[None]:
    """Where to look for each bound first; None for each where scipy is not installed."""
    try:
        from scipy.special import betaincinv
    except ModuleNotFoundError:
        return [None] * counts.size
    quantile = betaincinv(counts, total - counts + 1.0, float(beta))
    units = np.floor(np.nan_to_num(quantile) * _GRID)
    guesses: list[int] = np.clip(units, 0, _GRID - 1).astype(np.int64).tolist()
    return guesses


def _sign_guesses(totals: _Ints, level: Fraction) -> _Ints:
    """Where to look for each least count first: the normal approximation."""
    quantile = -NormalDist().inv_cdf(min(max(float(level), 5e-324), 1 - 2**-53))
    guesses: _Ints = np.ceil((totals + quantile * np.sqrt(totals) + 1) / 2).astype(np.int64)
    return guesses

"""A search for the worst p *and the worst level* of ``simuem``: floats propose, rationals decide.

What is open (MATHEMATICS.md): does ``simuem`` at c >= 3 keep Pr(issued and wrong) <= a? For a
fixed p the votes that are issued and wrong only grow with β = a/c: each vector of counts has a
least β from which on it belongs to them. Sorted by it, the running sum of probabilities over cβ is
largest at one of those β, so one pass gives the worst level of all for that p; p is then improved
by random steps. :func:`confirmed` evaluates what was found with the reference's own bounds,
exactly.

**What is proven.** Write t for the true top label, s for the next; say that x *beats* y if
``lower(x) > upper(y)`` or ``lower(x) > 1/2``.

* *Lemma.* If x beats y, then ``π = Pr(Bin(x + y, 1/2) >= x) <= β``: two one-sided intervals that
  do not meet are a sign test. Take q between the two bounds. If q >= 1/2 (or lower(x) > 1/2),
  ``π <= Pr(Bin(N, 1/2) >= x) <= β``. If not, let (X, Y) be the first two counts of a multinomial
  with probabilities (q, q, 1 - 2q), and M = X + Y. Given M, both are Bin(M, 1/2), so
  ``Pr(X >= x) + Pr(Y <= y) = E H(M)`` with ``H(M) = Pr(Bin(M, 1/2) >= x) + Pr(Bin(M, 1/2) <= y)``.
  As ``2 (H(M+1) - H(M)) = Pr(Bin(M, 1/2) = x - 1) - Pr(Bin(M, 1/2) = y)``, which is at most 0 for
  M < x + y - 1, zero there and at least 0 beyond, ``H(M) >= H(x + y) = 2π``. Both probabilities are
  at most β, so ``2π <= 2β``.
* So for each j ≠ t, j is issued with probability at most 2 ρ_j β, ρ_j = p_j / (p_j + p_t) <= 1/2:
  given n_j + n_t, n_j ~ Bin(., ρ_j) passes a sign test of level β, and the chord of claim
  ``erratum-12`` bounds its power. With the two events for l = t,
  Pr(issued and wrong) <= ``(2 + Σ_{j≠t} 2 ρ_j) β <= (c + 1) β = (1 + 1/c) a``. That is a or less
  where ``Σ 2 ρ_j <= c - 2``, as where p_s <= (1 - 2/c) p_t; and at p_s = p_t, where t is issued
  with probability at most β too.
* *What would prove a itself*, for every c >= 3 at once: that
  ``Pr(t beats s, and lower_t > p_t or upper_s < p_s) + Pr(s beats t) <= 2β``, a statement about
  three cells: n_t, n_s and the rest (:class:`ThreeCells`). It holds at p_t = p_s, where each
  summand is at most β by the lemma. Between that and p_s <= (1 - 2/c) p_t it is open.
"""

from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from bagcert.proofs_checks.coverage.exact import binomial_tail, probability
from bagcert.proofs_checks.coverage.rules import Probabilities, by_method, is_wrong, issued, vectors
from bagcert.reference.bounds import Method

__all__ = [
    "Confirmed",
    "Labels",
    "ThreeCells",
    "Worst",
    "confirmed",
    "search",
    "sign_test_inequality",
]

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]
_BISECTIONS: Final = 50
#: Levels β below this are not looked at: float64 tails lose their digits.
_LEAST_BETA: Final = 1e-12


class Worst(NamedTuple):
    """The largest Pr(issued and wrong) over all levels found at some p, in units of β."""

    ratio: float
    beta: float
    p: tuple[float, ...]


class Labels:
    """``simuem`` for N votes and c labels: all levels at once, for one p after another."""

    def __init__(self, total: int, classes: int) -> None:
        self.total, self.classes = total, classes
        self.counts: _Ints = np.array(list(vectors(total, classes)), np.int64)
        self._log_ways = _log_factorials(total)[total] - _log_factorials(total)[self.counts].sum(1)
        order = np.sort(self.counts, axis=1)
        self._label = self.counts.argmax(axis=1)
        self._top, self._next = order[:, -1], order[:, -2]
        #: The β from which on a certificate is issued.
        self._issued = _least_beta_to_beat(total, self._top, self._next)

    def worst(self, p: _Floats) -> Worst:
        """Return the worst level at p."""
        others = np.array([np.delete(p, j).max() for j in range(self.classes)])
        least = self._issued
        fails = _at_least(self.total, p)[self._label, self._top]
        missed = _at_most(self.total, others)[self._label, self._next]
        # If the label is right: from the β at which one of its two bounds is wrong.
        right = p[self._label] > others[self._label]
        least = np.where(right, np.maximum(least, np.minimum(fails, missed)), least)
        return _worst_level(least, self._probabilities(p), p, 1 / self.classes)

    def _probabilities(self, p: _Floats) -> _Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = np.where(self.counts > 0, self.counts * np.log(p), 0.0)
        found: _Floats = np.exp(self._log_ways + terms.sum(axis=1))
        return found


class ThreeCells(Labels):
    """The two events of t and s alone, whatever the rest of the votes says (see above)."""

    def __init__(self, total: int) -> None:
        super().__init__(total, 3)
        first, second = self.counts[:, 0], self.counts[:, 1]
        self._issued = _least_beta_to_beat(
            total, np.maximum(first, second), np.minimum(first, second)
        )

    def worst(self, p: _Floats) -> Worst:
        """Return the worst level at p = (p_t, p_s, rest), for p_t >= p_s; 0 elsewhere."""
        if p[0] < p[1]:
            return Worst(0.0, 1.0, tuple(p.tolist()))
        first, second = self.counts[:, 0], self.counts[:, 1]
        fails = _at_least(self.total, p)[0, first]
        missed = _at_most(self.total, p)[1, second]
        right = (first > second) & (p[0] > p[1])
        least = np.where(right, np.maximum(self._issued, np.minimum(fails, missed)), self._issued)
        return _worst_level(least, self._probabilities(p), p, 0.5)


def search(cases: Labels, starts: int, seed: int) -> Worst:
    """Climb from random p by random steps; return the best of ``starts`` climbs."""
    drawn = np.random.Generator(np.random.Philox(seed))
    best = Worst(0.0, 1.0, ())
    for _ in range(starts):
        p = drawn.dirichlet(np.full(cases.classes, drawn.choice([0.5, 1.0, 5.0])))
        here, step = cases.worst(p), 0.1
        while step > 1e-9:
            better = False
            for _ in range(6):
                moved = np.abs(p + step * drawn.normal(size=p.size) * (drawn.random(p.size) < 0.7))
                there = cases.worst(moved / moved.sum())
                if there.ratio > here.ratio:
                    p, here, better = moved / moved.sum(), there, True
            step *= 1.5 if better else 0.6
        best = max(best, here)
    return best


class Confirmed(NamedTuple):
    """A value of the search, evaluated exactly."""

    #: Pr(issued and wrong) / a, at level a and p.
    ratio: Fraction
    alpha: Fraction
    p: Probabilities


def confirmed(total: int, classes: int, found: Worst, digits: int = 9) -> Confirmed:
    """Evaluate ``simuem`` with rational p and a level just above the one that was found."""
    *rest, _ = sorted((Fraction(round(q * 10**digits), 10**digits) for q in found.p), reverse=True)
    p = (*rest, 1 - sum(rest, Fraction(0)))
    alpha = Fraction(int(classes * found.beta * (1 + 1e-6) * 10**15) + 1, 10**15)
    outcomes = issued(total, classes, by_method(Method.SIMUEM, alpha))
    wrong = [one.counts for one in outcomes if is_wrong(one.bounds, p)]
    return Confirmed(probability(wrong, p) / alpha, alpha, p)


def sign_test_inequality(x: int, y: int, most: int) -> bool:
    """Check the lemma's inequality exactly: ``H(M) >= H(x + y)`` for every M up to ``most``."""
    half = Fraction(1, 2)

    def height(m: int) -> Fraction:
        return binomial_tail(m, x, half) + 1 - binomial_tail(m, y + 1, half)

    return min(map(height, range(most + 1))) >= height(x + y) == 2 * binomial_tail(x + y, x, half)


def _worst_level(least: _Floats, weights: _Floats, p: _Floats, most: float) -> Worst:
    """The largest running sum over β, for β from 10^-12 to ``most``."""
    order = np.argsort(least)
    betas = least[order]
    sums = np.cumsum(weights[order])
    usable = (betas > _LEAST_BETA) & (betas < most)
    if not usable.any():
        return Worst(0.0, 1.0, tuple(p.tolist()))
    ratios = np.where(usable, sums / np.where(usable, betas, 1.0), 0.0)
    i = int(ratios.argmax())
    return Worst(float(ratios[i]), float(betas[i]), tuple(p.tolist()))


def _least_beta_to_beat(total: int, tops: _Ints, seconds: _Ints) -> _Floats:
    """The least β at which the one count beats the other; infinite between equal counts."""
    pairs, back = np.unique(np.stack([tops, seconds]), axis=1, return_inverse=True)
    x, y = pairs
    low, high = np.zeros(x.size), np.ones(x.size)
    rows = np.arange(x.size)
    for _ in range(_BISECTIONS):  # to the q at which both bounds are equal
        middle = (low + high) / 2
        below = _at_least(total, middle)[rows, x] < _at_most(total, middle)[rows, y]
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    half = _at_least(total, np.array([0.5]))[0, x]
    found = np.minimum(_at_least(total, high)[rows, x], half)
    beaten: _Floats = np.where(x > y, found, np.inf)[back.reshape(-1)]
    return beaten


def _at_least(total: int, q: _Floats) -> _Floats:
    """Pr(Bin(total, q) >= x) at [q, x]."""
    tails: _Floats = np.cumsum(_law(total, q)[:, ::-1], axis=1)[:, ::-1]
    return tails


def _at_most(total: int, q: _Floats) -> _Floats:
    """Pr(Bin(total, q) <= x) at [q, x]."""
    tails: _Floats = np.cumsum(_law(total, q), axis=1)
    return tails


def _law(total: int, q: _Floats) -> _Floats:
    x = np.arange(total + 1)
    logs = _log_factorials(total)
    with np.errstate(divide="ignore", invalid="ignore"):
        hits = np.where(x > 0, x * np.log(q)[:, None], 0.0)
        misses = np.where(x < total, (total - x) * np.log1p(-q)[:, None], 0.0)
    law: _Floats = np.exp(logs[total] - logs[x] - logs[total - x] + hits + misses)
    return law


def _log_factorials(total: int) -> _Floats:
    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, total + 1)))])

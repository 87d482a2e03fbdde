"""Theorem 2: above r* some base learner A* and some poisoned set overturn the vote. Here they are.

Regions: E, the m^k lists that D and D' share; B, the other lists of D; B', the other lists of
D' (paper, proof of Theorem 2, eq (57)). With L = p_l n^k and S = p_s n^k lists to deal, A*
answers s on B', and deals D's lists, B first and E last
(:mod:`bagcert.reference.theorem2.ranking`):

    the first L answer l,   the last S answer s,   those between, other labels, at most S each.

So l is wasted on B as far as it goes, and s is kept for E: under D' l has ``max(0, L - |B|)``
lists and s has ``min(S, m^k) + |B'|``, and no learner consistent with eq (2) has less of the one
or more of the other. Where L >= |B| and S <= m^k their difference is the negative left side of
eq (4); where |B| outweighs L, l has nothing left. So A* exists at *every* n' that violates
eq (4), also where the paper's ``R = B ∪ B'`` does not (MATHEMATICS.md, Theorem 2, completed).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from secrets import randbelow

from bagcert.reference.arithmetic.arguments import as_integer, as_member, as_probability
from bagcert.reference.arithmetic.limits import MAX_CLASSES
from bagcert.reference.arithmetic.spelling import decimal_enclosure
from bagcert.reference.poisoning import Attack, Poisoned, kept_examples, poisoned_sizes
from bagcert.reference.residuals import Residual
from bagcert.reference.theorem1 import gap_of, left_side, worst_poisoning
from bagcert.reference.theorem2.assumptions import as_budget, targets, unmet_assumption
from bagcert.reference.theorem2.ranking import Deal, position, uniform_below

__all__ = ["AdversarialLearner", "adversary"]


@dataclass(frozen=True)
class AdversarialLearner:
    """The base learner A* of Theorem 2 with its poisoned set; made by :func:`adversary`.

    Label l is 0, s is 1. Examples 0..m-1 are kept, m..n-1 removed, and n..n+n'-m-1 inserted.
    """

    n: int
    k: int
    classes: int
    radius: int
    attack: Attack
    residual: Residual
    #: n' and m.
    poisoned: Poisoned
    #: Which label answers on which list of D.
    deal: Deal

    @cached_property
    def overturns(self) -> bool:
        """Whether l no longer wins under D': ``Pr'(l) <= max_j Pr'(j)`` (a tie is no win)."""
        masses = self._masses(True)
        return masses[0] <= max(masses[1:])

    def probabilities(self, poisoned: bool) -> tuple[Fraction, ...]:
        """Return the probability of each of the c labels, exactly: under D', or under D."""
        lists = (self.poisoned.size if poisoned else self.n) ** self.k
        seen: dict[int, Fraction] = {}  # most of many labels have equal blocks; reduce them once
        masses = self._masses(poisoned)
        for mass in masses:
            if mass not in seen:
                seen[mass] = Fraction(mass, lists * self.deal.unit)
        return tuple(seen[mass] for mass in masses)

    def law(self, indices: Sequence[int]) -> dict[int, Fraction]:
        """Return the labels that A* may answer on one list, with their exact probabilities.

        One label has probability 1, except on a list that the end of a block cuts
        (residual ``none`` only). Domain and errors as :meth:`predict`.
        """
        _, shares = self._shares(indices)
        return {label: Fraction(parts, self.deal.unit) for label, parts in shares}

    def predict(self, indices: Sequence[int], seed: int | None = None) -> int:
        """Return A*'s answer on one list of k examples, in O(k) big-integer steps.

        On a list that the end of a block cuts the answer is random, with the probabilities of
        :meth:`law`: an exact draw that only ``seed`` and the list decide
        (:func:`bagcert.reference.theorem2.ranking.uniform_below`), a fresh one where there is no
        seed.

        Args:
            indices: k examples; below n clean ones, from n on inserted ones.
            seed: the learner's own randomness, an integer >= 0.

        Raises:
            TypeError: an index or the seed is not an integer.
            ValueError: not k indices, an index outside both data sets, a list with both a
                removed and an inserted example, or a negative seed.
        """
        if seed is not None:
            seed = as_integer("seed", seed, 0)
        checked, shares = self._shares(indices)
        if len(shares) == 1:
            return shares[0][0]
        unit = self.deal.unit
        draw = randbelow(unit) if seed is None else uniform_below(unit, seed, checked)
        for label, parts in shares:
            if draw < parts:
                return label
            draw -= parts
        raise ArithmeticError("the shares of a list do not sum to one")

    def _shares(self, indices: Sequence[int]) -> tuple[list[int], list[tuple[int, int]]]:
        inserted = self.poisoned.size - self.poisoned.kept
        if len(indices) != self.k:
            raise ValueError(f"indices must hold k = {self.k} examples, not {len(indices)}")
        checked = [as_integer("indices", index, 0, self.n + inserted - 1) for index in indices]
        if max(checked) < self.n:
            place = position(checked, self.n, self.poisoned.kept)
            return checked, list(self.deal.shares(place))
        if any(self.poisoned.kept <= index < self.n for index in checked):
            raise ValueError(
                "indices must not hold both a removed and an inserted example: "
                "such a list belongs to neither data set"
            )
        return checked, [(1, self.deal.unit)]

    def _masses(self, poisoned: bool) -> list[int]:
        """Return each label's mass in parts of one list of the data set."""
        n, k, unit = self.n, self.k, self.deal.unit
        shared = self.poisoned.kept**k
        begins = unit * (n**k - shared) if poisoned else 0  # D' sees only E of D
        blocks = (self.deal.block(label) for label in range(self.classes))
        masses = [max(0, end - max(start, begins)) for start, end in blocks]
        if poisoned:
            masses[1] += unit * (self.poisoned.size**k - shared)
        return masses


def adversary(
    n: int,
    k: int,
    p_lower: Fraction | int | str,
    p_upper: Fraction | int | str,
    radius: int,
    classes: int,
    *,
    attack: Attack | str = Attack.ANY,
    size: int | None = None,
    residual: Residual | str = Residual.NONE,
) -> AdversarialLearner:
    """Return a learner and a poisoned set within ``radius`` that overturn the vote (Theorem 2).

    Guarantee, verified on every learner returned: under D it is consistent with eq (2),

        Pr(l) >= p_lower,    Pr(j) <= p_upper for every other label j,

    and under D' ``Pr'(l) <= max_j Pr'(j)``. With ``integral`` or ``paper`` it is deterministic;
    with ``none`` it may answer at random on fewer than c lists. If there is no certificate at
    all (r* is None) there is such a learner at every radius, 0 included.

    For ``any`` n' is n, the worst choice as a probability, where |B| <= L, so that the paper's
    own R = B ∪ B' serves; else n + r, at which B is empty. MATHEMATICS.md's lemma says that this
    one violates eq (4) then, and it is checked.

    Args:
        n: training examples, 1 <= n <= 10**12.
        k: examples in a list, k >= 1 and k * bit_length(n) <= 2**20.
        p_lower: bound of the top label's probability, an exact rational in [0, 1].
        p_upper: bound of every other label's, likewise.
        radius: 0 <= r <= 10**12, with k * bit_length(n + r) <= 2**20 + k; it may exceed n.
        classes: c, from 2 to 65,536.
        attack: what the attacker may do.
        size: n', where the caller wants another than the one above.
        residual: ``none`` for any learner, ``integral`` for deterministic ones, ``paper`` for
            the paper's own statement, which assumes that p_l n^k and p_s n^k are integers.

    Raises:
        TypeError: a float, a bool, or another type where an exact number is due.
        ValueError: an argument outside its domain; no such attack; radius <= r*, or eq (4) not
            violated at ``size`` (with the margin); or an assumption of Theorem 2 that fails.

    >>> learner = adversary(60_000, 100, "0.9", "0.05", 332, 10)
    >>> learner.poisoned, learner.overturns, learner.predict([0] * 100)
    (Poisoned(size=60000, kept=59668), True, 0)
    """
    classes = as_integer("classes", classes, 2, MAX_CLASSES)
    residual = as_member("residual", residual, Residual)
    n, k, attack, excess = gap_of(n, k, p_lower, p_upper, attack=attack, residual=residual)
    low, high = as_probability("p_lower", p_lower), as_probability("p_upper", p_upper)
    radius = as_budget("radius", radius, n, k)
    worst = worst_poisoning(n, k, radius, excess, attack)
    if worst is None:
        raise ValueError(
            f"radius must be below n = {n} for {attack}, not {radius}: nothing would be left"
        )
    sizes = poisoned_sizes(n, radius, attack)
    if size is not None and as_integer("size", size, 1, n + radius) not in sizes:
        raise ValueError(
            f"size must be from {sizes[0]} to {sizes[-1]} for {attack} within {radius}, not {size}"
        )
    _require_violated(n, k, worst.left, f"radius {radius}")
    unmet = unmet_assumption(n, k, low, high, classes, residual)
    if unmet is not None:
        raise ValueError(unmet)
    tops, others = targets(n, k, low, high, residual)
    if size is None:
        feasible = n**k - kept_examples(n, n, radius) ** k <= tops
        size = sizes[0] if attack is not Attack.ANY else n if feasible else n + radius
    poisoned = Poisoned(size, kept_examples(n, size, radius))
    _require_violated(n, k, left_side(n, k, poisoned, excess), f"size {size}")
    unit = lcm(tops.denominator, others.denominator)
    deal = Deal(unit, n**k, int(tops * unit), int(others * unit))
    learner = AdversarialLearner(n, k, classes, radius, attack, residual, poisoned, deal)
    _verify(learner, low, high)
    return learner


def _require_violated(n: int, k: int, left: Fraction, where: str) -> None:
    if left < 0:
        margin = -left / n**k
        shown = decimal_enclosure(margin)
        if margin < Fraction(1, 10**6):
            e = margin.numerator.bit_length() - margin.denominator.bit_length()
            shown = f"between 2^{e - 1} and 2^{e + 1}"
        raise ValueError(
            f"there is none: at {where} eq (4) holds, its left side negative by {shown}"
        )


def _verify(learner: AdversarialLearner, p_lower: Fraction, p_upper: Fraction) -> None:
    """Check eq (2) under D and the overturned vote under D', from the label probabilities."""
    clean = learner.probabilities(False)
    for poisoned, size in ((False, learner.n), (True, learner.poisoned.size)):
        if sum(learner._masses(poisoned)) != learner.deal.unit * size**learner.k:
            raise ArithmeticError("the labels of the adversary do not share out the lists")
    if clean[0] < p_lower or max(clean[1:]) > p_upper:
        raise ArithmeticError("the adversary is not consistent with eq (2)")
    if not learner.overturns:
        raise ArithmeticError("the adversary does not overturn the vote")

"""One setting from both sides: the radius that Theorem 1 certifies, and the attack above it.

Three numbers meet here. r* is Theorem 1's. The smallest radius at which Theorem 2's learner A*
can be built is found by building it. The last radius at which every learner consistent with
eq (2) keeps the vote is the linear programme's (:mod:`bagcert.proofs_checks.tightness.optimum`),
which uses neither theorem. Where Theorem 2's assumptions hold they are r*, r* + 1 and r*.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from bagcert.proofs_checks.tightness.optimum import Optimum, optimum_radius, worst_margin
from bagcert.reference.arithmetic.arguments import as_integer, as_member, as_probability
from bagcert.reference.arithmetic.limits import MAX_CLASSES
from bagcert.reference.poisoning import Attack, Poisoned
from bagcert.reference.residuals import Residual
from bagcert.reference.theorem1 import certified_poisoning_size
from bagcert.reference.theorem2.assumptions import unmet_assumption
from bagcert.reference.theorem2.learner import AdversarialLearner, adversary

__all__ = ["Setting", "Tightness", "changes", "setting", "smallest_overturned", "tightness"]


class Setting(NamedTuple):
    """What a radius depends on, and c, on which an adversary does."""

    n: int
    k: int
    p_lower: Fraction
    p_upper: Fraction
    classes: int
    attack: Attack
    residual: Residual

    def adversary(self, radius: int) -> AdversarialLearner:
        """Theorem 2's learner at one radius; errors as :func:`bagcert.reference.adversary`."""
        n, k, low, high, classes, attack, residual = self
        return adversary(n, k, low, high, radius, classes, attack=attack, residual=residual)

    def worst_margin(self, radius: int) -> Optimum | None:
        """The smallest margin of any consistent learner; None if there is no such attack."""
        n, k, low, high, classes, attack, residual = self
        return worst_margin(n, k, low, high, classes, radius, attack, residual)


def setting(
    n: int,
    k: int,
    p_lower: Fraction | int | str,
    p_upper: Fraction | int | str | None,
    classes: int = 2,
    attack: Attack | str = Attack.ANY,
    residual: Residual | str = Residual.NONE,
) -> Setting:
    """Return a checked setting; p_upper is ``1 - p_lower`` where it is None.

    Raises:
        TypeError: a float, or another type where an exact number is due.
        ValueError: a value outside its domain, or p_lower below p_upper.
    """
    low = as_probability("p_lower", p_lower)
    high = 1 - low if p_upper is None else as_probability("p_upper", p_upper)
    if low < high:
        raise ValueError(f"p_lower must not be below p_upper: {p_lower} < {high}")
    member = as_member("attack", attack, Attack), as_member("residual", residual, Residual)
    return Setting(n, k, low, high, as_integer("classes", classes, 2, MAX_CLASSES), *member)


@dataclass(frozen=True)
class Tightness:
    """What was found for one setting."""

    setting: Setting
    #: r*; None where not even r = 0 is certified.
    radius: int | None
    #: The last r at which every consistent learner keeps the vote; None if r = 0 fails.
    optimum_radius: int | None
    #: Which assumption of Theorem 2 fails, in words; None where all hold.
    unmet: str | None
    #: The smallest margin over all consistent learners at r*, and at r* + 1. None: no such r.
    at_radius: Optimum | None
    beyond: Optimum | None
    #: The smallest radius at which A* exists, and A* there; None where there is none.
    adversary_radius: int | None
    learner: AdversarialLearner | None

    @property
    def exhausted(self) -> bool:
        """Whether no attack larger than r* exists (``delete`` at n - 1)."""
        return self.radius is not None and self.beyond is None

    @property
    def as_claimed(self) -> bool:
        """Whether all that Theorems 1 and 2 say of this setting is so.

        Soundness, always: ``r* <= optimum_radius``. Tightness, where the assumptions hold:
        ``r* = optimum_radius``, and A* exists from r* + 1 on wherever such an attack does.
        """
        reached = -1 if self.radius is None else self.radius
        optimal = -1 if self.optimum_radius is None else self.optimum_radius
        if reached > optimal:
            return False
        if self.unmet is not None:
            return self.adversary_radius is None
        met = self.adversary_radius == (None if self.exhausted else reached + 1)
        return met and reached == optimal


def tightness(where: Setting) -> Tightness:
    """Look at one setting from both sides.

    Raises:
        ValueError: n, k outside the limits of Theorem 1.
    """
    n, k, low, high, classes, attack, residual = where
    radius = certified_poisoning_size(n, k, low, high, attack=attack, residual=residual)
    unmet = unmet_assumption(n, k, low, high, classes, residual)
    smallest = None if unmet else smallest_overturned(where)
    return Tightness(
        setting=where,
        radius=radius,
        optimum_radius=optimum_radius(n, k, low, high, classes, attack, residual),
        unmet=unmet,
        at_radius=None if radius is None else where.worst_margin(radius),
        beyond=where.worst_margin(0 if radius is None else radius + 1),
        adversary_radius=smallest,
        learner=None if smallest is None else where.adversary(smallest),
    )


def smallest_overturned(where: Setting) -> int | None:
    """Return the smallest radius at which A* can be built, by building it; None if at none.

    By bisection up to n: Theorem 1 refutes no more than it certifies, and at ``r = n`` nothing
    need be kept (``delete`` ends at n - 1). Each probe builds and verifies a learner.
    """

    def exists(radius: int) -> bool:
        try:
            return where.adversary(radius).overturns
        except ValueError:
            return False

    low, high = -1, where.n - 1 if where.attack is Attack.DELETE else where.n
    if not exists(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if exists(middle) else (middle, high)
    return high


def changes(n: int, poisoned: Poisoned) -> dict[str, int]:
    """How many examples an attacker modifies, deletes and inserts to turn D into D'.

    >>> changes(10, Poisoned(9, 7))
    {'modified': 2, 'deleted': 1, 'inserted': 0}
    """
    gone, new = n - poisoned.kept, poisoned.size - poisoned.kept
    modified = min(gone, new)
    return {"modified": modified, "deleted": gone - modified, "inserted": new - modified}

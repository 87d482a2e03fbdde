"""Before anyone trains: can a radius be certified, from which votes on, with how many models."""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from bagcert.reference.arithmetic.arguments import as_integer, as_member, as_rational
from bagcert.reference.arithmetic.limits import MAX_LIST_BITS, MAX_MODELS
from bagcert.reference.bounds import Abstention, Method, pair_bounds
from bagcert.reference.certificate.schema import Header, Scope
from bagcert.reference.corollaries import radius as certified
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual, gap
from bagcert.reference.setting import Setting
from bagcert.reference.theorem1 import certified_poisoning_size

__all__ = ["Plan", "largest_list", "plan"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What votes and how many models a target radius needs."""

    #: a, the level of one example.
    level: Fraction
    #: The radius of a unanimous vote of the N models; None if even that abstains.
    largest_radius: int | None
    #: The radius that no number of models can exceed: p_l = 1, p_s = 0.
    limit: int
    #: With this many votes or more for the top label the target is certified, however the
    #: rest are spread; None if N votes are too few.
    sufficient_votes: int | None
    #: With fewer votes than this it is not, however the rest are spread; None likewise.
    necessary_votes: int | None
    #: The smallest N whose unanimous vote certifies the target; None where no N up to the
    #: limit of the kernel does.
    smallest_models: int | None

    @property
    def possible(self) -> bool:
        """Whether N models can certify the target at all."""
        return self.sufficient_votes is not None


def plan(
    n: int,
    k: int,
    classes: int,
    models: int,
    examples: int,
    alpha: Fraction | int | str,
    radius: int,
    *,
    method: Method | str = Method.SELECTED,
    scope: Scope | str = Scope.SIMULTANEOUS,
    attack: Attack | str = Attack.ANY,
    residual: Residual | str = Residual.PAPER,
) -> Plan:
    """Say whether ``radius`` can be certified for one of ``examples`` test examples.

    Guarantee: ``certify`` gives a radius of at least ``radius`` for every vote with
    ``sufficient_votes`` or more for its top label, and for none with fewer than
    ``necessary_votes``. Bounds and radius are monotone in the top count when the rest of the
    votes go to one label, and when they are spread as evenly as can be; so both are found by
    bisection.

    Arguments are those of :class:`~bagcert.reference.certificate.schema.Header`; ``radius`` >= 0.
    """
    header = Header(
        n,
        k,
        classes,
        models,
        examples,
        as_rational("alpha", alpha),
        as_member("method", method, Method),
        as_member("scope", scope, Scope),
        as_member("attack", attack, Attack),
        as_member("residual", residual, Residual),
    )
    radius = as_integer("radius", radius, 0)
    setting, total, others = header.setting, header.models, header.classes - 1

    def together(top: int) -> bool:
        return _reaches(setting, top, total - top, radius)

    def spread(top: int) -> bool:
        return _reaches(setting, top, -(-(total - top) // others), radius)

    limit = certified_poisoning_size(
        setting.n, setting.k, 1, 0, attack=setting.attack, residual=setting.residual
    )
    smallest = None
    if limit is not None and radius <= limit:
        smallest = _first(1, MAX_MODELS, lambda N: _unanimous(setting, N, radius))
    possible = _unanimous(setting, total, radius)
    return Plan(
        level=header.level,
        largest_radius=_radius(setting, total, 0),
        limit=limit if limit is not None else 0,
        sufficient_votes=_first(-(-total // 2), total, together) if possible else None,
        necessary_votes=_first(-(-total // header.classes), total, spread) if possible else None,
        smallest_models=smallest,
    )


def largest_list(setting: Setting, radius: int) -> int | None:
    """Return a k at which a unanimous vote of the N models certifies ``radius``, not at k + 1.

    With the residual ``none`` it is the largest such k: ``n'^k - 2 m^k + n^k``, over n^k, grows
    with k, and the gap, over n^k, does not move. ``paper`` and ``integral`` move the gap by less
    than 2 / n^k, so that above it k may occur that certify where n is small. None where k = 1 does
    not. The setting's own k does not matter.
    """
    most = MAX_LIST_BITS // setting.n.bit_length()

    def fails(k: int) -> bool:
        return not _unanimous(replace(setting, k=k), setting.models, radius)

    high = 1
    while high < most and not fails(high):  # small answers cost small numbers
        high = min(2 * high, most)
    return bisect_left(range(1, high + 1), True, key=fails) or None


def _unanimous(setting: Setting, models: int, radius: int) -> bool:
    return _reaches(replace(setting, models=models), models, 0, radius)


def _reaches(setting: Setting, top: int, second: int, radius: int) -> bool:
    found = _radius(setting, top, second)
    return found is not None and found >= radius


def _radius(setting: Setting, top: int, second: int) -> int | None:
    """Return the radius of a vote with these two largest counts; None if it abstains."""
    bounds = pair_bounds(
        top, second, setting.models, setting.classes, setting.level, setting.method
    )
    if isinstance(bounds, Abstention):
        return None
    excess = gap(setting.n, setting.k, *bounds, setting.residual)
    return certified(setting.n, setting.k, excess, setting.attack) if excess > 0 else None


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int | None:
    """Return the least value in [low, high] from which a monotone property holds, or None."""
    step = 1
    while low + step < high and not holds(low + step):  # small answers cost small numbers
        low, step = low + step, 2 * step
    top = min(high, low + step)
    found = low + bisect_left(range(low, top + 1), True, key=holds)
    return found if found <= top else None

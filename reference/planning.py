"""Before anyone trains: can a radius be certified, from which votes on, with how many models."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from bagcert.reference.algorithm1 import Certificate, certify
from bagcert.reference.arithmetic.arguments import as_integer, as_member
from bagcert.reference.arithmetic.limits import MAX_MODELS
from bagcert.reference.bounds import Method
from bagcert.reference.certificate.schema import Header, Scope
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual
from bagcert.reference.theorem1 import certified_poisoning_size

__all__ = ["Plan", "plan"]


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
    from bagcert.reference.arithmetic.arguments import as_rational

    header = Header(
        n, k, classes, models, examples, as_rational("alpha", alpha),
        as_member("method", method, Method), as_member("scope", scope, Scope),
        as_member("attack", attack, Attack), as_member("residual", residual, Residual),
    )  # fmt: skip
    radius = as_integer("radius", radius, 0)
    reached = partial(_radius, header)
    total, rest_labels = header.models, header.classes - 1

    def together(top: int) -> bool:
        return _at_least(reached(total, top, total - top), radius)

    def spread(top: int) -> bool:
        return _at_least(reached(total, top, -(-(total - top) // rest_labels)), radius)

    limit = certified_poisoning_size(n, k, 1, 0, attack=header.attack, residual=header.residual)
    unanimous = reached(total, total, 0)
    possible = _at_least(unanimous, radius)
    smallest = None
    if limit is not None and radius <= limit:
        smallest = _first(1, MAX_MODELS, lambda N: _at_least(reached(N, N, 0), radius))
    return Plan(
        level=header.level,
        largest_radius=unanimous,
        limit=limit if limit is not None else 0,
        sufficient_votes=_first(-(-total // 2), total, together) if possible else None,
        necessary_votes=_first(-(-total // header.classes), total, spread) if possible else None,
        smallest_models=smallest,
    )


def _radius(header: Header, total: int, top: int, second: int) -> int | None:
    """Return the radius of a vote with these two largest counts; None if it abstains."""
    counts, rest = [top, second], total - top - second
    for place in range(header.classes - 2):  # the rest, as evenly as it goes
        share = -(-rest // (header.classes - 2 - place))
        counts.append(share)
        rest -= share
    outcome = certify(
        counts, header.n, header.k, header.level,
        method=header.method, attack=header.attack, residual=header.residual,
    )  # fmt: skip
    return outcome.radius if isinstance(outcome, Certificate) else None


def _at_least(radius: int | None, target: int) -> bool:
    return radius is not None and radius >= target


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int | None:
    """Return the least value in [low, high] from which a monotone property holds, or None."""
    step = 1
    while low + step < high and not holds(low + step):  # small answers cost small numbers
        low, step = low + step, 2 * step
    top = min(high, low + step)
    if not holds(top):
        return None
    while low < top:
        middle = (low + top) // 2
        low, top = (low, middle) if holds(middle) else (middle + 1, top)
    return low

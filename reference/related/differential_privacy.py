"""Ma, Zhu and Hsu (IJCAI 2019): poisoning an (ε, δ)-differentially private learner.

If learners on neighbouring training sets satisfy ``Pr(M(D) in S) <= e^ε Pr(M(D') in S) + δ``, then
for any accuracy in [0, 1] on a fixed test set ``E[ACC(D')] >= e^(-ε) (E[ACC(D)] - δ)``, and after t
steps between neighbours

    E[ACC_t] >= y^t E[ACC_0] - δ (y + y^2 + ... + y^t),    y = e^(-ε).

With ``K = δ / (e^ε - 1)`` this is the closed form ``e^(-tε) (E[ACC_0] + K) - K`` (the paper of Jia,
Cao and Gong, Section 5, after Ma et al., Theorem 3); the sum is used here because it needs no
division, does not cancel as ε goes to 0, and at ε = 0 is ``E[ACC_0] - t δ``, the limit.
"""

from enum import StrEnum
from fractions import Fraction
from typing import Final, NamedTuple

from bagcert.reference.arithmetic.arguments import (
    as_integer,
    as_member,
    as_probability,
    as_rational,
)

__all__ = ["MAX_EPSILON", "MAX_STEPS", "Adjacency", "private_accuracy", "private_accuracy_by_error"]

#: Largest ε: e^-1000 < 2^-1442, far below the grid.
MAX_EPSILON: Final = 1000
#: Most poisoned examples, r.
MAX_STEPS: Final = 10**12
_GRID_BITS: Final = 53
_GRID: Final = 1 << _GRID_BITS


class Adjacency(StrEnum):
    """Which training sets the learner's (ε, δ) calls neighbours."""

    #: One example replaced by another: a modified example counts once. The reading under which
    #: the paper compares. Says nothing of training sets of another size.
    REPLACE = "replace"
    #: One example added or removed (as under Poisson sampling, opacus): a modified example counts
    #: twice, a removal and an insertion. Every attack of eq (1) is at most 2 r steps away.
    ADD_REMOVE = "add-remove"


class _Interval(NamedTuple):
    """``low <= 2^precision * value <= high``, for a value >= 0."""

    low: int
    high: int

    @classmethod
    def of(cls, value: Fraction, precision: int) -> "_Interval":
        """Return the tightest enclosure of a rational."""
        scaled = value * (1 << precision)
        return cls(scaled.__floor__(), scaled.__ceil__())

    def times(self, other: "_Interval", precision: int) -> "_Interval":
        low, high = self.low * other.low, self.high * other.high
        return _Interval(low >> precision, -(-high >> precision))

    def plus(self, other: "_Interval") -> "_Interval":
        return _Interval(self.low + other.low, self.high + other.high)


def private_accuracy(
    radius: int,
    epsilon: Fraction | int | str,
    delta: Fraction | int | str,
    accuracy: Fraction | int | str,
    *,
    adjacency: Adjacency | str = Adjacency.REPLACE,
) -> Fraction:
    """Return the largest multiple q of 2^-53, q >= 0, that the bound of Ma et al. reaches.

    Guarantee: ``q <= max(e^(-tε) (a + K) - K, 0) < q + 2^-53`` with a the accuracy,
    ``K = δ / (e^ε - 1)``, and t = r steps (``replace``) or t = 2 r (``add-remove``); at ε = 0 the
    limit ``a - t δ`` stands for the bound. So a learner whose (ε, δ) holds and whose expected
    clean accuracy is at least a keeps an expected accuracy of at least q on the same test set,
    however r training examples are modified (``add-remove``: modified, deleted or inserted).

    It is decided by enclosures of e^-ε in integers, whose precision is raised until both ends
    round down to the same q. That ends: for rational ε > 0, e^-ε is transcendental, so the bound
    is a multiple of 2^-53 only where t = 0, a = 0, or t = 1 and a = δ, which are answered first.

    Args:
        radius: r, 0 <= r <= 10**12.
        epsilon: ε, an exact rational in [0, 1000], per step between neighbours.
        delta: δ, an exact rational in [0, 1].
        accuracy: a, a lower bound on the expected clean accuracy, an exact rational in [0, 1].
        adjacency: what the learner's (ε, δ) calls neighbours.

    >>> private_accuracy(10, 0, "1/64", "3/4"), private_accuracy(1, 1, "1/2", "1/2")
    (Fraction(19, 32), Fraction(0, 1))
    >>> round(float(private_accuracy(1, "0.3", "0.00001", "0.99")), 6)
    0.733403
    """
    steps, epsilon, delta, accuracy = _checked(radius, epsilon, delta, accuracy, adjacency)
    if epsilon == 0 or steps == 0 or (steps == 1 and accuracy == delta):
        return _grid_floor(accuracy - steps * delta)
    if accuracy == 0:
        return Fraction(0)
    precision = _first_precision(steps)
    while True:
        power, total = _powers(epsilon, steps, precision)
        kept = power.times(_Interval.of(accuracy, precision), precision)
        lost = total.times(_Interval.of(delta, precision), precision)
        low = (kept.low - lost.high) >> (precision - _GRID_BITS)
        high = (kept.high - lost.low) >> (precision - _GRID_BITS)
        if low == high or high <= 0:
            return Fraction(max(0, low), _GRID)
        precision *= 2


def private_accuracy_by_error(
    radius: int,
    epsilon: Fraction | int | str,
    delta: Fraction | int | str,
    accuracy: Fraction | int | str,
    *,
    adjacency: Adjacency | str = Adjacency.REPLACE,
) -> Fraction:
    """Return the largest multiple q of 2^-53, q >= 0, that the same argument gives for the error.

    The error ``1 - ACC`` lies in [0, 1] too, and ``E[ERR(D')] <= e^ε E[ERR(D)] + δ``: after t
    steps ``E[ACC_t] >= 1 - e^(tε) (1 - a) - δ (1 + e^ε + ... + e^((t-1)ε))``. It is as sound as
    :func:`private_accuracy`, and the larger of the two while the error is small; the paper of
    Jia, Cao and Gong compares with the other one alone.

    Guarantee: ``q <= max(bound, 0) < q + 2^-53``. Arguments as :func:`private_accuracy`.

    >>> round(float(private_accuracy_by_error(1, "0.3", "0.00001", "0.99")), 6)
    0.986491
    """
    steps, epsilon, delta, accuracy = _checked(radius, epsilon, delta, accuracy, adjacency)
    error = 1 - accuracy
    if epsilon == 0 or steps == 0 or (steps == 1 and error == 0):
        return _grid_floor(accuracy - steps * delta)
    if error == delta == 0:
        return Fraction(1)
    precision = _first_precision(steps)
    while True:  # in units of y^t: the error after t steps is error + δ (y + ... + y^t)
        power, total = _powers(epsilon, steps, precision)
        grown = _Interval.of(error, precision).plus(
            total.times(_Interval.of(delta, precision), precision)
        )
        if grown.low >= power.high:
            return Fraction(0)
        if power.low > 0:
            low = _GRID - -(-grown.high * _GRID // power.low)
            high = _GRID - -(-grown.low * _GRID // power.high)
            if low == high or high <= 0:
                return Fraction(max(0, low), _GRID)
        precision *= 2


def _checked(
    radius: object, epsilon: object, delta: object, accuracy: object, adjacency: object
) -> tuple[int, Fraction, Fraction, Fraction]:
    """Return t, ε, δ and a, within the domain."""
    steps = as_integer("radius", radius, 0, MAX_STEPS)
    if as_member("adjacency", adjacency, Adjacency) is Adjacency.ADD_REMOVE:
        steps *= 2
    level = as_rational("epsilon", epsilon)
    if not 0 <= level <= MAX_EPSILON:
        raise ValueError(f"epsilon must lie in [0, {MAX_EPSILON}]")
    return steps, level, as_probability("delta", delta), as_probability("accuracy", accuracy)


def _grid_floor(value: Fraction) -> Fraction:
    return Fraction(max(0, (value * _GRID).__floor__()), _GRID)


def _first_precision(steps: int) -> int:
    """Bits enough to decide all but the closest cases: rounding grows with the steps."""
    return _GRID_BITS + 32 + 2 * steps.bit_length()


def _powers(epsilon: Fraction, steps: int, precision: int) -> tuple[_Interval, _Interval]:
    """Enclose y^t and y + ... + y^t for y = e^-ε, t = steps >= 1: by the bits of t, from the top.

    ``y + ... + y^(2m) = (1 + y^m) (y + ... + y^m)``.
    """
    base = _exp_minus(epsilon, precision)
    power = total = base
    for bit in bin(steps)[3:]:
        total = total.plus(total.times(power, precision))
        power = power.times(power, precision)
        if bit == "1":
            power = power.times(base, precision)
            total = total.plus(power)
    return power, total


def _exp_minus(epsilon: Fraction, precision: int) -> _Interval:
    """Enclose e^-ε, ε > 0: the alternating series at ε / 2^s < 1, then s squarings.

    Its terms fall, so what is left out is at most the next term: one unit where the sum stops.
    """
    halvings = max(0, epsilon.__floor__().bit_length())
    numerator, denominator = epsilon.numerator, epsilon.denominator << halvings
    term = _Interval(1 << precision, 1 << precision)
    low, high, sign, j = term.low, term.high, 1, 0
    while term.high > 1:
        sign, j = -sign, j + 1
        term = _Interval(
            term.low * numerator // (denominator * j),
            -(-term.high * numerator // (denominator * j)),
        )
        low += term.low if sign > 0 else -term.high
        high += term.high if sign > 0 else -term.low
    value = _Interval(max(0, low - 1), high + 1)
    for _ in range(halvings):
        value = value.times(value, precision)
    return value

"""The error bound of the fast path's radii, by running the fast path's own code on intervals.

:mod:`bagcert.fastpath.certification.radius_filter` computes, in float64, two numbers that must lie
below and above ``x = n (1 - (1 - g/2)^(1/k))`` and its siblings. Here the very functions
(:func:`~bagcert.fastpath.certification.radius_filter.closed_form`,
:func:`~bagcert.fastpath.certification.radius_filter.enclosure`) run on :class:`Tracked` values: an
enclosure of the exact value over a whole box of inputs, and of the factor by which the computed
value may differ from it, both as python-flint balls rounded outward. A changed expression is a
changed computation here too, or an operation that this machine does not have: no copy can go stale.

**What is assumed of the machine**, and nothing else:

* IEEE 754 double arithmetic, rounded to nearest: a product is off by a factor 1 + d, |d| <= 2^-53,
  while no result is subnormal or overflows (checked here). Products by powers of two are exact.
* A quotient is off by two such factors: torch on CUDA divides by a number of the host as
  ``a * (1/b)``, which rounds twice.
* ``log1p`` and ``expm1`` err by at most 4 units in the last place, that is 8 · 2^-53 relative, of
  their value at the computed argument
  (:data:`~bagcert.fastpath.certification.radius_filter.FUNCTION_ERROR`).
  Their makers state 1 to 4 ulps: measured by glibc and NVIDIA, not proved. The tests of the
  filter measure it where they run.

**Steps that are mathematics rather than intervals:** log1p and expm1 are increasing, so their
ends on a box are values at its ends. ``expm1(y (1 + d))`` differs from ``expm1(y)`` by a factor
within ``1 ± |d| κ(y) e^(|y d|)``, by the mean value theorem, with ``κ(y) = |y / (1 - e^-y)|``;
and κ increases, because ``1/κ(y)`` is the integral of ``e^(-t y)`` over t in [0, 1].

**Domain:** every float64 g in [2^-120, 1] in boxes between neighbouring powers of two (of 1 - g,
above 1/2), real k in [1, 2^20], real n in [1, 10^12]. Gaps of the filter are multiples of 2^-53, or
such a multiple less a float64 and 2^-50 of itself: at least 2^-107 if positive. For ``delete``
g = 1 is left out: x = n exactly (log1p(-1) is -inf), the two ends lie either side of n, and the
reference is asked; a test holds that.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, NamedTuple

import numpy as np

from bagcert.fastpath.certification import radius_filter
from bagcert.reference.arithmetic.limits import MAX_EXAMPLES, MAX_LIST_BITS
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual

__all__ = [
    "Machine",
    "Rounding",
    "Tracked",
    "check_gap_ends",
    "check_rounding",
    "gap_boxes",
    "residual_move",
]

_PRECISION: Final = 160
#: Smallest and largest magnitudes for which the standard model of rounding is used.
_NORMAL: Final = (-1022, 1023)
#: g is looked at from 2^-_LEAST on.
_LEAST: Final = 120
#: Boxes of k: from 2^i to 2^(i+1).
_K_BITS: Final = MAX_LIST_BITS.bit_length() - 1


def _arb(value: Any) -> Any:
    from flint import arb

    return arb(value)


def _rounding_unit() -> Any:
    """2^-53, the largest relative error of one rounding."""
    return _arb(2) ** -53


@dataclass(frozen=True)
class Tracked:
    """``low <= exact <= high`` and ``least <= computed / exact <= most``, as balls.

    ``exact`` is what the program would hold without rounding, and without being multiplied by
    numbers that are no power of two: those are margins, and what they move counts as error.
    """

    low: Any
    high: Any
    least: Any
    most: Any

    @classmethod
    def exactly(cls, low: Any, high: Any) -> "Tracked":
        """Every number from ``low`` to ``high``, as a float64 without error."""
        return cls(_arb(low), _arb(high), _arb(1), _arb(1))

    def __neg__(self) -> "Tracked":
        return Tracked(-self.high, -self.low, self.least, self.most)

    def __mul__(self, other: "Tracked | float") -> "Tracked":
        if isinstance(other, float):
            if abs(other).as_integer_ratio()[0] == 1 or other == 1:
                return self._scaled(_arb(other))
            return Tracked(self.low, self.high, self.least * other, self.most * other)._rounded(1)
        corners = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Tracked(
            _least(corners), _most(corners), self.least * other.least, self.most * other.most
        )._rounded(1)

    def __truediv__(self, other: "Tracked") -> "Tracked":
        corners = [a / b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Tracked(
            _least(corners), _most(corners), self.least / other.most, self.most / other.least
        )._rounded(2)

    @property
    def magnitude(self) -> tuple[Any, Any]:
        """The least and the largest absolute value; the enclosure must not contain 0."""
        ends = (self.low, self.high) if self.low > 0 else (-self.high, -self.low)
        if not ends[0] > 0:
            raise ArithmeticError(f"an enclosure contains 0: {self.low} to {self.high}")
        return ends

    @property
    def error(self) -> Any:
        """The largest relative error."""
        return _most([self.most - 1, 1 - self.least])

    def with_error(self, error: Any) -> "Tracked":
        """Return the same values after another factor within 1 ± error."""
        error = error.upper()
        found = Tracked(
            self.low.lower(),
            self.high.upper(),
            (self.least * (1 - error)).lower(),
            (self.most * (1 + error)).upper(),
        )
        small, large = found.magnitude
        if not (
            small * found.least > _arb(2) ** _NORMAL[0]
            and large * found.most < _arb(2) ** _NORMAL[1]
        ):
            raise ArithmeticError(f"a result may be subnormal, or overflow: {small} to {large}")
        return found

    def _scaled(self, factor: Any) -> "Tracked":
        ends = [self.low * factor, self.high * factor]
        return Tracked(_least(ends), _most(ends), self.least, self.most).with_error(_arb(0))

    def _rounded(self, times: int) -> "Tracked":
        return self.with_error((1 + _rounding_unit()) ** times - 1)


class Machine:
    """What the fast path's code calls ``xp``: functions on tracked values."""

    def __init__(self, function_error: float) -> None:
        self.function_error = function_error

    def log1p(self, at: Tracked) -> Tracked:
        """ln(1 + v) of a v without error: what an error would become is not needed, so refused."""
        if not (at.least == 1 and at.most == 1):
            raise ArithmeticError("log1p of a value that was rounded")
        found = Tracked(at.low.log1p(), at.high.log1p(), at.least, at.most)
        return found.with_error(_arb(self.function_error))

    def expm1(self, at: Tracked) -> Tracked:
        """e^v - 1: the argument's error times the condition number, then the function's own."""
        condition = -at.high / (-at.high).expm1()
        largest = at.magnitude[1]
        moved = at.error * condition * (largest * at.error).exp()
        found = Tracked(at.low.expm1(), at.high.expm1(), _arb(1), _arb(1)).with_error(moved)
        return found.with_error(_arb(self.function_error))


class Rounding(NamedTuple):
    """What :func:`check_rounding` found, errors in units of 2^-53."""

    boxes: int
    #: The largest ``|computed x - x| / x``, and where: attack, g and k.
    worst: float
    where: str
    #: The largest ``computed / x`` of the filter's lower end and the smallest of its upper end,
    #: each as a distance beyond x: both must be positive.
    margin: float
    #: The largest relative move of x by residuals that the filter neglects.
    residuals: float

    @property
    def holds(self) -> bool:
        """Whether both ends enclose x, residuals included."""
        return self.margin > self.residuals


def check_rounding(function_error: float = radius_filter.FUNCTION_ERROR) -> Rounding:
    """Run the filter's code over every box of g, k and n; report the worst error."""
    from flint import ctx

    machine = Machine(function_error)
    n: Any = Tracked.exactly(1, MAX_EXAMPLES)  # in the place of an int, as k
    boxes, worst, where, margin, residuals = 0, _arb(0), "", None, _arb(0)
    with ctx.workprec(_PRECISION):
        unit = _rounding_unit()
        for attack in (Attack.MODIFY, Attack.DELETE, Attack.INSERT):
            for low, high in gap_boxes(attack):
                gap = Tracked.exactly(low, high)
                residuals = _most([residuals, residual_move(low, high, attack)])
                for i in range(_K_BITS):
                    k: Any = Tracked.exactly(2**i, 2 ** (i + 1))
                    error = radius_filter.closed_form(machine, gap, n, k, attack).error
                    first, last = radius_filter.enclosure(machine, gap, gap, n, k, attack)
                    beyond = _least([1 - first.most, last.least - 1])
                    margin = beyond if margin is None else _least([margin, beyond])
                    boxes += 1
                    if error > worst:
                        worst = error
                        where = f"{attack}, g to {float(high):.3g}, k from {2**i}"
        return Rounding(
            boxes,
            float((worst / unit).upper()),
            where,
            float((margin / unit).lower()),
            float((residuals / unit).upper()),
        )


def gap_boxes(attack: Attack) -> Iterator[tuple[Any, Any]]:
    """Yield boxes that cover [2^-120, 1], for ``delete`` [2^-120, 1 - 2^-53], as exact balls."""
    two = _arb(2)
    for i in range(_LEAST, 1, -1):
        yield two**-i, two ** (1 - i)
    for i in range(1, 53):
        yield 1 - two**-i, 1 - two ** (-i - 1)
    if attack is not Attack.DELETE:
        yield 1 - two**-53, two**0


def residual_move(low: Any, high: Any, attack: Attack) -> Any:
    """Bound the relative change of x by residuals of 2 / n^k < 2^-140, for Δ in a box.

    ``|d ln x / d g| = κ(y) |y' / y|`` with y = ln(1 ± g) / k, so at most
    ``κ / ((1 ± g) |ln(1 ± g)|)``, whose denominator is concave (of 1 - g) or increasing (of
    1 + g) and thus smallest at an end. The box is widened by the residual itself. Leads Δ are
    multiples of 2^-53: below, there is nothing to bound.
    """
    two = _arb(2)
    slack = 2 / _arb(radius_filter.WIDE)
    if high <= two**-53:
        return _arb(0)
    if attack is Attack.INSERT:
        at = (low - slack).log1p()
        return (2 * _arb(2).log() * slack / (at * at.exp())).upper()
    share = 1 if attack is Attack.DELETE else 2  # lost = g / share, which moves with it
    ends = [(1 - lost / share).log() for lost in (low - slack, high + slack)]
    return (slack / share / _least([-at * at.exp() for at in ends])).upper()


def check_gap_ends() -> int:
    """Check exactly that the filter's float ends of g lie below and above what residuals allow.

    For every n^k = 2, ..., 400 and for large ones near powers of two, at leads Δ around 2 / n^k,
    around 0 and around 1. Returns the number of ends compared.

    Raises:
        ArithmeticError: an end lies on the wrong side.
    """
    compared = 0
    sizes = [*((n, 1) for n in range(2, 401)), *((2, k) for k in range(9, 142)), (3, 61), (7, 50)]
    for n, k in sizes:
        residue = Fraction(2, n**k)
        units = {
            int(at * 2**53) + step for at in (residue, Fraction(1, 3)) for step in range(-3, 4)
        }
        units |= {1, 2, 3, 2**53 - 2, 2**53 - 1}
        leads = sorted(unit for unit in units if 0 < unit < 2**53)
        exact = [Fraction(unit, 2**53) for unit in leads]
        lead = np.array([float(one) for one in exact])
        for residual in Residual:
            ends = radius_filter.gap_ends(lead, n, k, residual)
            below = residue if residual is Residual.PAPER else 0
            above = residue if residual is Residual.INTEGRAL else 0
            for one, low, high, refused in zip(exact, *map(np.ndarray.tolist, ends), strict=True):
                if not refused and not Fraction(low) <= one - below <= one + above <= Fraction(
                    high
                ):
                    raise ArithmeticError(f"{residual}: ends of g for n = {n}, k = {k}, Δ = {one}")
                compared += 2
    return compared


def _least(values: list[Any]) -> Any:
    """A ball below all of them."""
    found = values[0].lower()
    for value in values[1:]:
        if value.lower() < found:
            found = value.lower()
    return found


def _most(values: list[Any]) -> Any:
    """A ball above all of them."""
    return -_least([-value for value in values])

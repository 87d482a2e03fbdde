"""Radii in bulk: the corollaries' closed forms in float64, with a proven error bound.

With Δ = p_l - p_s (exact in float64: both are multiples of 2^-53 in [0, 1]) and the gap
g = G / n^k, the radius is ``ceil(x) - 1``, where

    x = n (1 - (1 - g/2)^(1/k))    any, modify   (Corollary 1)
    x = n (1 - (1 - g)^(1/k))      delete        (Corollary 2)
    x = n ((1 + g)^(1/k) - 1)      insert        (Corollary 3)

computed as ``-n expm1(log1p(-g/2) / k)`` and so on, in which nothing cancels.

**The bound.** Write ε = 2^-53, and suppose that log1p and expm1 err by at most 4 units in the last
place, so by a factor 1 + a, |a| <= 8ε (glibc, numpy, torch and CUDA state 1 to 4; the tests hold
them to it). The quotient y = log1p(.)/k then has |relative error| <= 10ε + O(ε²): torch on CUDA
divides by a number of the host as ``a * (1/k)``, which rounds twice. A relative error d of y
becomes one of at most 1.3863 d of expm1(y): for y < 0 the condition number
``|y| e^y / (1 - e^y)`` is at most 1, for 0 < y <= ln 2 ``y e^y / (e^y - 1)`` is at most 2 ln 2.
With expm1's own 8ε, the product's ε, and another for the interval's end that is computed from it,

    |computed x - x| <= (1.3863 · 10 + 8 + 1 + 1) ε x + O(ε²) x  <=  24 ε x.

:mod:`bagcert.proofs_checks.rounding` runs :func:`enclosure` itself on intervals, over every g, k
and n: the bound holds in every box.

**Residuals.** ``paper`` has Δ - 2/n^k < g <= Δ and ``integral`` Δ <= g < Δ + 2/n^k. Where
n^k > 2^141 that moves x by a relative 2^-85 at most (1 - g and g are at least 2^-54, and not
both small), which the slack above 23.87ε holds; below, both ends are computed.

**The filter.** If ``ceil - 1`` is the same at both ends of the interval around x, that is r*. If
not, :func:`~bagcert.reference.certified_poisoning_size` is asked. So every radius is exact,
whatever the bound's width; the width decides how often the reference is asked: on random rows for
some 5e-15 n of them, and for nearly all where n^k is so small that residuals decide.
"""

from fractions import Fraction
from typing import Any, Final, NamedTuple

import numpy as np

from bagcert.reference.arithmetic.arguments import as_member, check_setting
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual
from bagcert.reference.theorem1 import certified_poisoning_size

__all__ = [
    "FUNCTION_ERROR",
    "RELATIVE_ERROR",
    "WIDE",
    "Radii",
    "certified_radii",
    "closed_form",
    "enclosure",
    "gap_ends",
]

#: Proven: ``|computed x - x| <= RELATIVE_ERROR x``.
RELATIVE_ERROR: Final = 24 * 2.0**-53
#: Assumed: the relative error of log1p and expm1, 4 units in the last place.
FUNCTION_ERROR: Final = 8 * 2.0**-53
#: n^k beyond which residuals move x by less than the bound's slack.
WIDE: Final = 2**141


class Radii(NamedTuple):
    """Certified radii, and how many of them float64 could not decide."""

    #: r* as int64, -1 where not even r = 0 holds; on the device of the bounds.
    radius: Any
    #: Which entries float64 could not decide, so that the reference was asked; likewise.
    asked: Any

    @property
    def undecided(self) -> int:
        """How many those are."""
        return int(self.asked.sum())


def certified_radii(
    n: int,
    k: int,
    p_lower: Any,
    p_upper: Any,
    *,
    attack: Attack | str = Attack.ANY,
    residual: Residual | str = Residual.PAPER,
) -> Radii:
    """Return r* for each pair of bounds, equal to ``reference.certified_poisoning_size``.

    Args:
        n, k: as there: n <= 10**12, k * bit_length(n) <= 2**20.
        p_lower, p_upper: float64 numpy arrays or torch tensors of one shape, multiples of 2^-53
            in [0, 1], as :class:`~bagcert.fastpath.certification.bound_table.BoundTable` gives
            them.
        attack, residual: as there.

    Raises:
        TypeError: bounds that are not float64.
        ValueError: n, k outside their domain, or bounds outside [0, 1] or off the grid.
    """
    n, k = check_setting(n, k)
    attack = as_member("attack", attack, Attack)
    residual = as_member("residual", residual, Residual)
    xp = _library(p_lower)
    for name, bound in (("p_lower", p_lower), ("p_upper", p_upper)):
        if bound.dtype != xp.float64:
            raise TypeError(f"{name} must be float64, not {bound.dtype}")
        units = bound * 2.0**53  # exact: a power of two
        # NaN differs from everything, so from its floor as well.
        if bool(((bound < 0) | (bound > 1) | (units != xp.floor(units))).any()):
            raise ValueError(f"{name} must be multiples of 2^-53 in [0, 1]")
    lead = p_lower - p_upper
    low, high = gap_ends(lead, n, k, residual)
    with np.errstate(divide="ignore", invalid="ignore"):  # g = 1 for delete: x = n
        first, last = enclosure(xp, low, high, n, k, attack)
    radius, other = xp.ceil(first) - 1, xp.ceil(last) - 1
    # Certain in float: no gap at all, or the same integer at both ends of a positive gap.
    none = high <= 0
    decided = none | ((low > 0) & (radius == other))
    radius = xp.where(none, xp.full_like(radius, -1.0), radius)
    found = _integers(xp, xp.where(decided, radius, xp.zeros_like(radius)))
    asked = ~decided
    if bool(asked.any()):
        found[asked] = _exact(xp, n, k, p_lower[asked], p_upper[asked], attack, residual)
    return Radii(found, asked)


def closed_form(xp: Any, gap: Any, n: int, k: int, attack: Attack) -> Any:
    """The float64 expression whose error is bounded: x of the module's docstring."""
    if attack == Attack.INSERT:
        return xp.expm1(xp.log1p(gap) / k) * n
    lost = gap if attack == Attack.DELETE else gap * 0.5
    return xp.expm1(xp.log1p(-lost) / k) * -n


def enclosure(xp: Any, low: Any, high: Any, n: int, k: int, attack: Attack) -> tuple[Any, Any]:
    """Return float64 ``first <= x(low)`` and ``last >= x(high)``, for 0 < low <= high <= 1.

    For ``delete`` at g = 1 the argument does not speak, and need not: -inf and -1 are exact there.
    """
    least = closed_form(xp, low, n, k, attack)
    most = least if high is low else closed_form(xp, high, n, k, attack)
    return least * (1 - RELATIVE_ERROR), most * (1 + RELATIVE_ERROR)


def gap_ends(lead: Any, n: int, k: int, residual: Residual) -> tuple[Any, Any]:
    """Return floats at or below g, and at or above it, as far as :func:`enclosure` needs them.

    Where n^k > 2^141 residuals are left to the bound's slack, which is relative to x: only at
    Δ = 0, where x is 0, they decide the sign of g and must be seen.
    """
    xp = _library(lead)
    if residual == Residual.NONE or (residual == Residual.PAPER and n**k > WIDE):
        return lead, lead
    if n**k > WIDE:
        return lead, xp.where(lead == 0, xp.full_like(lead, 2 / WIDE), lead)
    shift = float(Fraction(2, n**k)) * (1 + 2.0**-50)
    if residual == Residual.PAPER:
        low = lead - shift
        return low - abs(low) * 2.0**-50, lead
    high = lead + shift
    high = high + abs(high) * 2.0**-50
    return lead, xp.where(high > 1, xp.ones_like(high), high)  # G <= n^k


def _library(bounds: Any) -> Any:
    """numpy or torch, whichever the bounds are of."""
    if isinstance(bounds, np.ndarray):
        return np
    import torch

    if not isinstance(bounds, torch.Tensor):
        raise TypeError(f"bounds must be a numpy array or a tensor, not {type(bounds).__name__}")
    return torch


def _integers(xp: Any, values: Any) -> Any:
    return values.astype(np.int64) if xp is np else values.to(xp.int64)


def _exact(
    xp: Any, n: int, k: int, lower: Any, upper: Any, attack: Attack, residual: Residual
) -> Any:
    """Ask the reference, once for each distinct pair."""
    known: dict[tuple[float, float], int] = {}
    answers = []
    for pair in zip(lower.tolist(), upper.tolist(), strict=True):
        if pair not in known:
            low, high = map(Fraction, pair)
            found = certified_poisoning_size(n, k, low, high, attack=attack, residual=residual)
            known[pair] = -1 if found is None else found
        answers.append(known[pair])
    if xp is np:
        return np.array(answers, np.int64)
    return xp.tensor(answers, dtype=xp.int64, device=lower.device)

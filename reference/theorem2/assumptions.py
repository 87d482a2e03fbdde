"""Theorem 2's assumptions: where one learner attains both bounds of eq (2), r* is tight."""

from fractions import Fraction

from bagcert.reference.arithmetic.arguments import as_integer
from bagcert.reference.arithmetic.limits import MAX_EXAMPLES, MAX_LIST_BITS
from bagcert.reference.residuals import Residual

__all__ = ["as_budget", "targets", "unmet_assumption"]


def as_budget(name: str, value: object, n: int, k: int) -> int:
    """Return ``value``, a budget r above which nothing is asked, as an integer.

    ``0 <= r <= 10**12`` and ``k * bit_length(n + r) <= 2**20 + k``, which bounds n'^k. For every
    n and k of :func:`bagcert.reference.arithmetic.arguments.check_setting` each r <= n, so r* + 1,
    is allowed.

    Raises:
        TypeError: not an integer.
        ValueError: outside these limits.
    """
    most = (1 << (MAX_LIST_BITS // k + 1)) - 1 - n if k > MAX_LIST_BITS // 64 else MAX_EXAMPLES
    return as_integer(name, value, 0, min(MAX_EXAMPLES, most))


def targets(
    n: int, k: int, p_lower: Fraction, p_upper: Fraction, residual: Residual
) -> tuple[Fraction, Fraction]:
    """Return (L, S), the lists that l and s are dealt: ``L >= p_l n^k`` and ``S <= p_s n^k``.

    Equal, except that ``integral`` has ``P = ceil(p_l n^k)`` and ``S = floor(p_s n^k)``: no
    deterministic learner has less, or more.
    """
    low, high = p_lower * n**k, p_upper * n**k
    if residual is Residual.INTEGRAL:
        return Fraction(low.__ceil__()), Fraction(high.__floor__())
    return low, high


def unmet_assumption(
    n: int, k: int, p_lower: Fraction, p_upper: Fraction, classes: int, residual: Residual
) -> str | None:
    """Say which assumption of Theorem 2 fails; None where all hold and r* is tight.

    ``p_l + p_s <= 1 <= p_l + (c-1) p_s``: some learner attains both bounds; for ``integral``
    ``P + S <= n^k <= P + (c-1) S``: some deterministic learner does; for ``paper`` also
    ``δ_l = δ_s = 0``.
    """
    lists = n**k
    low, high = targets(n, k, p_lower, p_upper, residual)
    exact = residual is not Residual.INTEGRAL
    if residual is Residual.PAPER and not low.denominator == high.denominator == 1:
        return (
            "residual paper needs p_lower * n^k and p_upper * n^k to be integers "
            "(δ_l = δ_s = 0): with a residual the paper's bound is not tight; use none"
        )
    if low + high > lists:
        named = "p_lower + p_upper <= 1" if exact else "P + S <= n^k"
        return f"Theorem 2 assumes {named}: no learner attains both bounds"
    if low + (classes - 1) * high < lists:
        named = "1 <= p_lower + (classes - 1) p_upper" if exact else "n^k <= P + (classes - 1) S"
        return f"Theorem 2 assumes {named}: no learner attains both bounds"
    return None

"""Percentages that never say more than was counted."""

__all__ = ["percent"]


def percent(part: int, whole: int, *, places: int = 2, up: bool = False) -> str:
    """Return ``part`` of ``whole`` in per cent, rounded towards the weaker statement.

    Guarantee: the printed number is at most ``100 part / whole``, and less than
    ``10**-places`` below it; with ``up``, for risks, abstentions and errors, it is at least that,
    and less than ``10**-places`` above. So ``100.00 %`` is printed only of all, and with ``up``
    ``0.00 %`` only of none. Integers throughout.

    Raises:
        ValueError: not ``0 <= part <= whole`` with ``whole >= 1``, or ``places`` below 1.

    >>> percent(20_000, 20_001), percent(20_001, 20_001), percent(1, 20_001, up=True)
    ('99.99 %', '100.00 %', '0.01 %')
    """
    if not 0 <= part <= whole or whole < 1 or places < 1:
        raise ValueError(f"a share of {part} in {whole}, to {places} places, is none")
    unit = 10**places
    scaled = part * 100 * unit
    digits = -(-scaled // whole) if up else scaled // whole
    return f"{digits // unit}.{digits % unit:0{places}d} %"

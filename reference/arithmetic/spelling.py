"""How exact numbers are spelled: grid points as ``float.hex``, big rationals over n^k."""

import re
from fractions import Fraction
from typing import Final

__all__ = ["decimal_enclosure", "grid_point", "over_lists", "spell_grid_point", "spell_rational"]

_BITS: Final = 53
_HEX: Final = re.compile(r"0x1\.([0-9a-f]{13})p([+-](?:0|[1-9][0-9]?))")


def spell_grid_point(value: Fraction) -> str:
    """Spell a multiple of 2^-53 in [0, 1] exactly as ``float.hex`` would, in integers.

    >>> spell_grid_point(Fraction(3, 4)), spell_grid_point(Fraction(0))
    ('0x1.8000000000000p-1', '0x0.0p+0')
    """
    scaled = value * 2**_BITS
    if scaled.denominator != 1 or not 0 <= value <= 1:
        raise ValueError(f"not a multiple of 2^-53 in [0, 1]: {value}")
    t = scaled.numerator
    if t == 0:
        return "0x0.0p+0"
    length = t.bit_length()
    fraction = (t << _BITS >> length - 1) - (1 << _BITS)  # 53 bits behind the leading one
    return f"0x1.{fraction >> 1:013x}p{length - 1 - _BITS:+d}"


def grid_point(text: str) -> Fraction:
    """Return the multiple of 2^-53 in [0, 1] that ``text`` spells as ``float.hex`` does.

    Raises:
        ValueError: another spelling, or a number that is not on the grid.

    >>> grid_point("0x1.8000000000000p-1")
    Fraction(3, 4)
    """
    if text == "0x0.0p+0":
        return Fraction(0)
    match = _HEX.fullmatch(text)
    if match is None:
        raise ValueError(f"not spelled as float.hex does: {text!r:.60}")
    value = Fraction((1 << 52) + int(match[1], 16), 1 << 52) * Fraction(2) ** int(match[2])
    if value > 1 or (value * 2**_BITS).denominator != 1:
        raise ValueError(f"not a multiple of 2^-53 in [0, 1]: {text!r:.60}")
    return value


def spell_rational(value: Fraction) -> str:
    """Spell a rational ``p/q`` in lowest terms, the denominator always there."""
    return f"{value.numerator}/{value.denominator}"


def over_lists(value: Fraction, n: int, k: int) -> str:
    """Spell a rational in units of one list as ``0x…/n^k``, or with a denominator of its own.

    Hexadecimal, because Python refuses to print 4,300 decimal digits.

    >>> over_lists(Fraction(-17), 10, 3), over_lists(Fraction(1, 2), 10, 3)
    ('-0x11/10^3', '0x1/(2*10^3)')
    """
    lists = f"{n}^{k}"
    if value.denominator == 1:
        return f"{value.numerator:#x}/{lists}"
    below = value.denominator
    spelled = f"{below:#x}" if below.bit_length() > 200 else str(below)
    return f"{value.numerator:#x}/({spelled}*{lists})"


def decimal_enclosure(value: Fraction, digits: int = 12) -> str:
    """Enclose a rational between two decimals with ``digits`` places, equal where it is exact.

    >>> decimal_enclosure(Fraction(1, 3), 4), decimal_enclosure(Fraction(-1, 4), 4)
    ('[0.3333, 0.3334]', '-0.2500')
    """
    scaled = value * 10**digits
    low, high = scaled.__floor__(), scaled.__ceil__()
    if low == high:
        return _decimal(low, digits)
    return f"[{_decimal(low, digits)}, {_decimal(high, digits)}]"


def _decimal(scaled: int, digits: int) -> str:
    whole, part = divmod(abs(scaled), 10**digits)
    return f"{'-' if scaled < 0 else ''}{whole}.{part:0{digits}d}"

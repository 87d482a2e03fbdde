"""Integers as text tables spell them: digits, ``12.0``, and R's ``1e+05``."""

import re
from decimal import Decimal
from typing import Final

from bagcert.fastpath.untrusted.errors import shown

__all__ = ["as_integers", "integer_in"]

#: Most digits of a number: it fits 64 bits.
_DIGITS: Final = 18

#: A count as text: digits, digits and zeros after the point, or R's way with round numbers.
_NUMBER: Final = re.compile(
    rf"(?P<plain>[0-9]{{1,{_DIGITS}}})(?:[.,]0{{1,17}})?"
    r"|(?P<power>[0-9](?:\.[0-9]{1,15})?e\+?[0-9]{1,2})",
    re.IGNORECASE,
)


def integer_in(cell: str) -> int:
    """Return the integer that a cell spells, from 0 and below 10**18.

    Raises:
        ValueError: it spells none; the message shows the cell.
    """
    if len(cell) <= _DIGITS and cell.isascii() and cell.isdigit():  # nearly all of them
        return int(cell)
    match = _NUMBER.fullmatch(cell)
    if match is None:
        raise ValueError(f"{shown(cell, 40)} is not a plain integer")
    if match["plain"] is not None:
        return int(match["plain"])
    value = Decimal(cell)
    if value != value.to_integral_value() or value >= 10**18:
        raise ValueError(f"{shown(cell, 40)} is not a plain integer")
    return int(value)


def as_integers(texts: list[str]) -> list[int | None]:
    """Return each text as the integer that it spells in a table, or None."""
    found: list[int | None] = []
    for text in texts:
        try:
            found.append(integer_in(text))
        except ValueError:
            found.append(None)
    return found

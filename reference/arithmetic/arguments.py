"""What may enter exact arithmetic: integers and rationals, refused by name otherwise.

Every public function of :mod:`bagcert.reference` passes its arguments through this module
before any work. A float is never rounded into a rational here: 0.1 is not one tenth, and a
certificate built on the difference would be wrong without anyone noticing.
"""

import operator
import re
from collections.abc import Mapping, Sequence, Set
from difflib import get_close_matches
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

from bagcert.reference.arithmetic.limits import MAX_EXAMPLES, MAX_LIST_BITS, MAX_RATIONAL_CHARACTERS

#: What is accepted where a rational is due: never a float.
Rational = Fraction | int | str

_RATIONAL = re.compile(r"(?P<p>[0-9]+)/(?P<q>[0-9]+)|(?P<whole>[0-9]+)(\.(?P<part>[0-9]+))?")

_EnumT = TypeVar("_EnumT", bound=StrEnum)
_ItemT = TypeVar("_ItemT")


def as_integer(name: str, value: object, least: int, most: int | None = None) -> int:
    """Return ``value`` as an ``int`` with ``least <= value <= most``.

    Anything with ``__index__`` is an integer, except a bool.

    Raises:
        TypeError: ``value`` is a bool, a float, or otherwise not an integer.
        ValueError: ``value`` lies outside ``[least, most]``.
    """
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} must be an integer, not {type(value).__name__} {value!r:.60}")
    number = operator.index(value)
    if number < least:
        raise ValueError(f"{name} must be at least {least}, not {_shown(number)}")
    if most is not None and number > most:
        raise ValueError(f"{name} must be at most {most}, not {_shown(number)}")
    return number


def as_rational(name: str, value: object) -> Fraction:
    """Return ``value`` as a ``Fraction``, exactly.

    Accepted: ``Fraction``, integers, and strings of at most 40 characters spelled ``p/q`` or as
    a plain decimal (``"0.001"`` is exactly 1/1000), without sign or exponent.

    Raises:
        TypeError: a float (which names no decimal exactly) or any other type.
        ValueError: a string that is too long or spells no rational.
    """
    if isinstance(value, Fraction):
        return value
    if isinstance(value, str):
        return _parse(name, value)
    if isinstance(value, float):
        raise TypeError(
            f"{name} must be exact, not the float {value!r}: "
            f"pass a Fraction, an integer or a string such as '1/1000' or '0.001'"
        )
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} must be a rational, not {type(value).__name__} {value!r:.60}")
    return Fraction(operator.index(value))


def as_probability(name: str, value: object) -> Fraction:
    """Return ``value`` as a ``Fraction`` in [0, 1]; errors as :func:`as_rational`."""
    number = as_rational(name, value)
    if not 0 <= number <= 1:
        raise ValueError(f"{name} must lie in [0, 1], not {_shown(number)}")
    return number


def as_level(name: str, value: object) -> Fraction:
    """Return ``value`` as a ``Fraction`` with 0 < value < 1; errors as :func:`as_rational`."""
    number = as_rational(name, value)
    if not 0 < number < 1:
        raise ValueError(f"{name} must lie strictly between 0 and 1, not {_shown(number)}")
    return number


def as_member(name: str, value: object, kind: type[_EnumT]) -> _EnumT:
    """Return ``value``, a member of ``kind`` or its plain string, as a member.

    Raises:
        TypeError: ``value`` is not a string.
        ValueError: no member is spelled like that.
    """
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string, not {type(value).__name__} {value!r:.60}")
    try:
        return kind(value)
    except ValueError:
        allowed = ", ".join(member.value for member in kind)
        raise ValueError(f"{name} must be one of {allowed}; not {value!r:.60}") from None


def nearest(name: str, known: Sequence[str], most: int = 5) -> str:
    """Return those of the known names that are most like ``name``, the nearest first, with commas.

    >>> nearest("GausianNB", ["BernoulliNB", "GaussianNB", "SVC"], most=1)
    'GaussianNB'
    """
    return ", ".join(get_close_matches(name, known, most, 0.0))


def by_position(name: str, values: Sequence[_ItemT]) -> Sequence[_ItemT]:
    """Return ``values`` if its entries stand in places: a sequence or a one-dimensional array.

    Raises:
        TypeError: text or bytes; a mapping, set, Series or DataFrame, which have labels and not
            places; a masked array, which hides entries.
    """
    if isinstance(values, (str, bytes, bytearray, memoryview)):
        reason = "numbers are due, not text or bytes"
    elif isinstance(values, (Mapping, Set)) or hasattr(values, "iloc"):
        reason = "labels are places here: pass a list, in the order of the labels"
    elif hasattr(values, "mask"):
        reason = "entries are hidden by a mask: pass an array with every entry filled in"
    elif not hasattr(values, "__getitem__") or not hasattr(values, "__len__"):
        reason = "a list, tuple or array is due"
    else:
        return values
    raise TypeError(f"{name} must be a sequence, not {type(values).__name__}: {reason}")


def check_setting(n: object, k: object) -> tuple[int, int]:
    """Return ``(n, k)`` with 1 <= n <= 10**12, k >= 1 and k * bit_length(n) <= 2**20.

    The product bounds the integers n^k of eq (4), and with them the time: r* <= n - 1, so no
    integer of the theory is longer than k * bit_length(2 n).
    """
    n = as_integer("n", n, 1, MAX_EXAMPLES)
    k = as_integer("k", k, 1)
    if k * n.bit_length() > MAX_LIST_BITS:
        raise ValueError(
            f"k must be at most {MAX_LIST_BITS // n.bit_length()} for n = {n} "
            f"(k * bit_length(n) <= {MAX_LIST_BITS}), not {_shown(k)}"
        )
    return n, k


def _parse(name: str, text: str) -> Fraction:
    match = _RATIONAL.fullmatch(text) if len(text) <= MAX_RATIONAL_CHARACTERS else None
    if match is None or not text.isascii():
        raise ValueError(
            f"{name} must be spelled p/q or as a plain decimal, in at most "
            f"{MAX_RATIONAL_CHARACTERS} characters, not {text!r:.60}"
        )
    if match["p"] is not None:
        if int(match["q"]) == 0:
            raise ValueError(f"{name} must not have the denominator 0: {text!r}")
        return Fraction(int(match["p"]), int(match["q"]))
    part = match["part"] or ""
    return Fraction(int(match["whole"] + part), 10 ** len(part))


def _shown(number: int | Fraction) -> str:
    """Spell a number for an error message, however long it is."""
    parts = (number.numerator, number.denominator)
    if max(abs(part).bit_length() for part in parts) > 200:
        return "a number of more than 60 digits"
    return str(number)

"""Settings of learners, from the strings of a votes header or of the command line."""

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["flag", "in_interval", "number", "positive", "read_settings", "spelled", "whole"]


def read_settings(
    settings: Mapping[str, str], parsers: Mapping[str, Callable[[str], Any]]
) -> dict[str, Any]:
    """Return each setting's value, by the parser of its name.

    Raises:
        ValueError: a name without a parser, or a value that its parser refuses; both are named.
    """
    if unknown := sorted(set(settings) - set(parsers)):
        known = ", ".join(sorted(parsers))
        raise ValueError(f"learner_settings: {unknown[0]!r:.60} is unknown; there is {known}")
    values = {}
    for name, text in settings.items():
        try:
            values[name] = parsers[name](text)
        except ValueError as error:
            raise ValueError(f"learner_settings: {name}: {error}") from error
    return values


def spelled(learner: Any) -> dict[str, str]:
    """Return every field of a dataclass of plain values: floats as Python reads them back."""
    found = {}
    for field in dataclasses.fields(learner):
        value = getattr(learner, field.name)
        if isinstance(value, bool):
            value = "true" if value else "false"
        found[field.name] = value if isinstance(value, str) else repr(value)
    return found


def flag(text: str) -> bool:
    """Return what ``true`` or ``false`` says.

    Raises:
        ValueError: any other text.
    """
    if text not in ("true", "false"):
        raise ValueError(f"must be true or false, not {text!r:.60}")
    return text == "true"


def number(text: str) -> float:
    """Return a float as Python spells it.

    Raises:
        ValueError: the text spells none.
    """
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"must be a number, not {text!r:.60}") from None


def whole(text: str) -> int:
    """Return an integer as Python spells it.

    Raises:
        ValueError: the text spells none.
    """
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"must be an integer, not {text!r:.60}") from None


def in_interval(name: str, value: object, low: float, high: float) -> None:
    """Refuse what is no finite float in [low, high].

    Raises:
        TypeError: ``value`` is not a float.
        ValueError: it lies outside.
    """
    if not isinstance(value, float):
        raise TypeError(f"{name} must be a float, not {type(value).__name__} {value!r:.60}")
    if not (math.isfinite(value) and low <= value <= high):
        raise ValueError(f"{name} must lie in [{low}, {high}], not {value!r}")


def positive(name: str, value: object) -> None:
    """Refuse what is no finite float above 0.

    Raises:
        TypeError: ``value`` is not a float.
        ValueError: it is not positive, or not finite.
    """
    if not isinstance(value, float):
        raise TypeError(f"{name} must be a float, not {type(value).__name__} {value!r:.60}")
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"{name} must be positive and finite, not {value!r}")

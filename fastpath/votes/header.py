"""The header of a votes file: what the ensemble was, as one flat JSON object."""

import json
import re
from typing import Any, Final

from bagcert.fastpath.draws.lists import MAX_SEED
from bagcert.fastpath.untrusted.arrays import MAX_TEXT
from bagcert.fastpath.untrusted.tables import VotesError
from bagcert.reference.arithmetic.arguments import as_integer
from bagcert.reference.arithmetic.limits import MAX_CLASSES, MAX_EXAMPLES, MAX_LIST_BITS, MAX_MODELS

__all__ = ["FORMAT", "check_header", "header_text", "parse_header"]

#: The only format there is so far.
FORMAT: Final = "bagcert-votes/1"

_INTEGERS: Final = {
    "n": (1, MAX_EXAMPLES),
    "k": (1, MAX_LIST_BITS),
    "models": (1, MAX_MODELS),
    "classes": (2, MAX_CLASSES),
    "seed": (0, MAX_SEED),
    "first_model": (0, MAX_SEED),
}
_REQUIRED: Final = ("format", "n", "k", "models", "classes")
_STRINGS: Final = ("learner", "dataset")
_TABLES: Final = ("learner_settings", "versions")


def header_text(header: dict[str, Any]) -> str:
    """Return the header's one spelling: ASCII JSON, keys sorted, no spaces."""
    return json.dumps(header, sort_keys=True, separators=(",", ":"), allow_nan=False)


def parse_header(text: str) -> dict[str, Any]:
    """Return the checked header that ``text`` spells.

    Raises:
        VotesError: not one JSON object, a repeated key, a float, or what
            :func:`check_header` refuses.
    """
    if len(text) > MAX_TEXT:
        raise VotesError(f"header: longer than {MAX_TEXT} characters")
    try:
        header = json.loads(
            text, object_pairs_hook=_unique, parse_float=_no_float, parse_constant=_no_float
        )
    except VotesError:
        raise
    except (ValueError, RecursionError) as error:
        raise VotesError(f"header: not JSON: {error}") from error
    return check_header(header)


def check_header(header: object) -> dict[str, Any]:
    """Return ``header`` if each key is known, each value has its type and lies in its domain.

    ``format``, ``n``, ``k``, ``models`` and ``classes`` are required; the rest is provenance.

    Raises:
        VotesError: naming the key.
    """
    if not isinstance(header, dict):
        raise VotesError(f"header: must be a JSON object, not {type(header).__name__}")
    for key in _REQUIRED:
        if key not in header:
            raise VotesError(f"header: {key} is missing")
    if header["format"] != FORMAT:
        raise VotesError(f"header: format is {header['format']!r:.60}, not {FORMAT!r}")
    for key, value in header.items():
        _check_value(key, value)
    names = header.get("class_names", [])
    if names and len(names) != header["classes"]:
        raise VotesError(f"header: class_names has {len(names)} names for {header['classes']}")
    return header


def _check_value(key: str, value: object) -> None:
    if key in _INTEGERS:
        try:
            as_integer(f"header: {key}", value, *_INTEGERS[key])
        except (TypeError, ValueError) as error:
            raise VotesError(str(error)) from error
        return
    if key in _STRINGS or key == "format":
        fits = isinstance(value, str)
    elif key in _TABLES:
        fits = isinstance(value, dict) and all(isinstance(s, str) for s in value.values())
    elif key == "class_names":
        fits = isinstance(value, list) and all(isinstance(s, str) for s in value)
    elif key == "ignores_seed":
        fits = isinstance(value, bool)
    elif key == "dataset_digest":
        fits = isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None
    else:
        raise VotesError(f"header: {key!r:.60} is unknown")
    if not fits:
        raise VotesError(f"header: {key} has a value of the wrong kind: {value!r:.60}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise VotesError("header: a key occurs twice")
    return table


def _no_float(text: str) -> None:
    raise VotesError(f"header: {text[:40]} is not an integer or a string")

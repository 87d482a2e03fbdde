"""The header of a votes file: what the ensemble was, as one flat JSON object."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from bagcert.fastpath.draws.streams import MAX_SEED
from bagcert.fastpath.untrusted.arrays import MAX_TEXT
from bagcert.fastpath.untrusted.errors import VotesError
from bagcert.reference.arithmetic.arguments import as_integer
from bagcert.reference.arithmetic.limits import MAX_CLASSES, MAX_EXAMPLES, MAX_LIST_BITS, MAX_MODELS
from bagcert.reference.certificate.schema import MAX_NAME, MAX_NOTES

__all__ = ["BOUNDS", "FORMAT", "VotesHeader", "check_names", "parse_header", "spelled"]

#: The only format there is so far.
FORMAT: Final = "bagcert-votes/1"

#: Least and most of each integer.
BOUNDS: Final = {
    "n": (1, MAX_EXAMPLES),
    "k": (1, MAX_LIST_BITS),
    "models": (1, MAX_MODELS),
    "classes": (2, MAX_CLASSES),
    "seed": (0, MAX_SEED),
    "first_model": (0, MAX_SEED),
}
_REQUIRED: Final = ("format", "n", "k", "models", "classes")
_DIGEST: Final = re.compile("[0-9a-f]{64}")
#: Keys of a certificate's provenance that do not come from here: votes_sha256 and bagcert.
_OTHER_NOTES: Final = 2
#: A run states a handful.
_MOST_VERSIONS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class VotesHeader:
    """What all votes of a file have in common; checked when it is made.

    ``n``, ``k``, ``models`` and ``classes`` are always there; the rest is provenance, and None
    where nobody stated it. ``models`` counts the models of this file, the first of which has the
    index ``first_model`` (0 where it is None). ``looked_at`` names the data sets whose training
    examples were looked at when the learner's default settings were chosen. ``transductive`` is
    True where a label may depend on the other test examples, and None where nobody said so.

    Raises:
        VotesError: naming the field that has the wrong type or lies outside its domain.
    """

    n: int
    k: int
    models: int
    classes: int
    seed: int | None = None
    first_model: int | None = None
    learner: str | None = None
    learner_settings: dict[str, str] | None = None
    looked_at: tuple[str, ...] | None = None
    transductive: bool | None = None
    ignores_seed: bool | None = None
    dataset: str | None = None
    dataset_digest: str | None = None
    class_names: tuple[str, ...] | None = None
    versions: dict[str, str] | None = None

    def __post_init__(self) -> None:
        for name, bounds in BOUNDS.items():
            value = getattr(self, name)
            if value is None and name not in _REQUIRED:
                continue
            try:
                object.__setattr__(self, name, as_integer(f"header: {name}", value, *bounds))
            except (TypeError, ValueError) as error:
                raise VotesError(str(error)) from error
        for name in ("class_names", "looked_at"):
            if isinstance(names := getattr(self, name), list | tuple):
                object.__setattr__(self, name, tuple(names))
        for name, fits in (
            ("learner", _is_text(self.learner)),
            ("dataset", _is_text(self.dataset)),
            ("learner_settings", _is_table(self.learner_settings)),
            ("versions", _is_table(self.versions)),
            ("ignores_seed", _is_flag(self.ignores_seed)),
            ("transductive", _is_flag(self.transductive)),
            ("dataset_digest", _is_digest(self.dataset_digest)),
            ("class_names", _are_names(self.class_names)),
            ("looked_at", _are_names(self.looked_at)),
        ):
            if not fits:
                value = getattr(self, name)
                raise VotesError(f"header: {name} has a value of the wrong kind: {value!r:.60}")
        if self.class_names:
            check_names("header: class_names", self.class_names, self.classes)
        if len(self.text()) > MAX_TEXT:
            raise VotesError(f"header: longer than {MAX_TEXT} characters")

    @property
    def first(self) -> int:
        """The index of the first model."""
        return self.first_model or 0

    def text(self) -> str:
        """Return the header's one spelling: ASCII JSON, keys sorted, no spaces, nothing of None."""
        stated = {field.name: getattr(self, field.name) for field in fields(self)}
        return spelled({"format": FORMAT, **{k: v for k, v in stated.items() if v is not None}})

    def provenance(self) -> dict[str, str]:
        """Return what a certificate states of these votes: flat, and within its limits.

        A string that is too long there stands as ``sha256:`` and the SHA-256 of its UTF-8 bytes;
        settings that have too long a name, or are too many, as one SHA-256 of all of them in
        their one spelling (ASCII JSON, keys sorted, no spaces), ``learner_settings_sha256``.
        So no votes that can be written are refused a certificate for what they state.
        """
        stated = {
            name: getattr(self, name) for name in ("dataset", "dataset_digest", "learner", "seed")
        }
        if self.looked_at is not None:
            stated["looked_at"] = ", ".join(self.looked_at) or "none"
        if self.transductive is not None:
            stated["transductive"] = "true" if self.transductive else "false"
        notes = {name: _short(str(value)) for name, value in stated.items() if value is not None}
        versions = _flat("versions", self.versions or {}, _MOST_VERSIONS)
        room = MAX_NOTES - _OTHER_NOTES - len(notes) - len(versions)
        return notes | _flat("learner_settings", self.learner_settings or {}, room) | versions


def check_names(what: str, names: tuple[str, ...], classes: int) -> None:
    """Refuse names of labels that a certificate refuses: before models are trained, not after.

    Raises:
        VotesError: beginning with ``what``: no strings, not one for each label, one twice, or too
            long.
    """
    if not _are_names(names):
        raise VotesError(f"{what}: must be strings, not {names!r:.60}")
    different = len(set(names))
    if different != classes or different != len(names):
        twice = [name for name, count in Counter(names).most_common(1) if count > 1]
        which = f"; {twice[0]!r:.40} is there twice: rename one" if twice else ""
        raise VotesError(f"{what}: {different} different names for {classes}{which}")
    longest = max(names, key=len)
    if len(longest) > MAX_NAME:
        raise VotesError(f"{what}: {longest!r:.40} is longer than {MAX_NAME} characters")


def spelled(table: Mapping[str, Any]) -> str:
    """Return a table's one spelling: ASCII JSON, keys sorted, no spaces."""
    return json.dumps(table, sort_keys=True, separators=(",", ":"), allow_nan=False)


def parse_header(text: str) -> VotesHeader:
    """Return the checked header that ``text`` spells.

    Raises:
        VotesError: not one JSON object, a repeated key, a float, an unknown or missing key, or
            what :class:`VotesHeader` refuses.
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
    if not isinstance(header, dict):
        raise VotesError(f"header: must be a JSON object, not {type(header).__name__}")
    for key in _REQUIRED:
        if key not in header:
            raise VotesError(f"header: {key} is missing")
    if (found := header.pop("format")) != FORMAT:
        raise VotesError(f"header: format is {found!r:.60}, not {FORMAT!r}")
    known = {field.name for field in fields(VotesHeader)}
    for key, value in header.items():
        if key not in known:
            raise VotesError(f"header: {key!r:.60} is unknown")
        if value is None:
            raise VotesError(f"header: {key} has a value of the wrong kind: None")
    return VotesHeader(**header)


def _is_text(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_table(value: object) -> bool:
    return value is None or (
        isinstance(value, dict) and all(isinstance(s, str) for pair in value.items() for s in pair)
    )


def _is_digest(value: object) -> bool:
    return value is None or (isinstance(value, str) and _DIGEST.fullmatch(value) is not None)


def _is_flag(value: object) -> bool:
    return value is None or isinstance(value, bool)


def _are_names(value: object) -> bool:
    return value is None or (
        isinstance(value, tuple) and all(isinstance(name, str) for name in value)
    )


def _flat(name: str, table: dict[str, str], room: int) -> dict[str, str]:
    """Return ``NAME.KEY`` for each key; one SHA-256 where they are too long or too many."""
    flat = {f"{name}.{key}": _short(value) for key, value in sorted(table.items())}
    if len(flat) > room or any(len(key) > MAX_NAME for key in flat):
        return {f"{name}_sha256": _sha256(spelled(table))}
    return flat


def _short(text: str) -> str:
    return text if len(text) <= MAX_NAME else f"sha256:{_sha256(text)}"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise VotesError("header: a key occurs twice")
    return table


def _no_float(text: str) -> None:
    raise VotesError(f"header: {text[:40]} is not an integer or a string")

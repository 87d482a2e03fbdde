"""What was reported elsewhere, beside what this project measured: ``reported.toml``, checked.

Each claim is stated once, there: `bagcert reproduce` prints the claims beside its own numbers, and
the table of fastpath/README.md is made from them.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

__all__ = [
    "Claim",
    "Measured",
    "about",
    "as_fields",
    "load_claims",
    "markdown",
    "share",
    "stated",
    "text",
]

_FILE: Final = Path(__file__).with_name("reported.toml")
_MOST_BYTES: Final = 2**20
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_PERCENTAGE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?) %")
_COMMIT: Final = re.compile(r"[0-9a-f]{7,40}")
#: What may be left empty: nothing had to be remarked.
_MAY_BE_EMPTY: Final = ("remark",)


@dataclass(frozen=True)
class Measured:
    """One measurement of this project: by which learner, with which command, at which commit."""

    by: str
    value: str
    command: str
    commit: str


@dataclass(frozen=True)
class Claim:
    """One reported number or trend: in which version of which paper, and where it is printed."""

    name: str
    claim: str
    version: str
    setting: str
    value: str
    printed: str
    #: How the report was looked up.
    seen: str
    remark: str
    #: As ``bagcert train --dataset`` names it.
    dataset: str
    k: int | None = None
    r: int | None = None
    measured: tuple[Measured, ...] = ()


def load_claims(path: Path = _FILE) -> tuple[Claim, ...]:
    """Return the claims of a file, in its order.

    Raises:
        ValueError: the file is no such table; claim and field are named.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES + 1)
    try:
        if len(content) > _MOST_BYTES:
            raise ValueError(f"more than {_MOST_BYTES} bytes")
        given = tomllib.loads(content.decode())
        tables = given.pop("claim", None)
        if given or not isinstance(tables, list) or not tables:
            raise ValueError("it must hold tables [[claim]], and nothing else")
        claims = tuple(_claim(f"claim {i}", table) for i, table in enumerate(tables, 1))
        names = [claim.name for claim in claims]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two claims are called {twice[0]}")
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error
    return claims


def about(claims: Sequence[Claim], dataset: str) -> tuple[Claim, ...]:
    """Return the claims about one data set."""
    return tuple(claim for claim in claims if claim.dataset == dataset)


def stated(claims: Sequence[Claim], dataset: str, k: int) -> dict[int, str]:
    """Return what is reported of a data set at one k: its value by radius.

    Where two claims are of the same radius, the value is of the first.
    """
    found: dict[int, str] = {}
    for claim in about(claims, dataset):
        if claim.k == k and claim.r is not None:
            found.setdefault(claim.r, claim.value)
    return found


def share(claims: Sequence[Claim], name: str) -> tuple[int, int, Fraction]:
    """Return k, r and the reported share of the claim called ``name``, as an exact number.

    >>> share(load_claims(), "mnist-preprint")
    (100, 100, Fraction(177, 250))

    Raises:
        ValueError: there is no such claim, or it is of no k and r, or of no percentage.
    """
    for claim in claims:
        percentage = _PERCENTAGE.fullmatch(claim.value)
        if claim.name == name and claim.k and claim.r and percentage:
            return claim.k, claim.r, Fraction(percentage[1]) / 100
    raise ValueError(f"there is no claim {name!r} of a percentage at one k and r")


def text(claims: Sequence[Claim]) -> Iterator[str]:
    """Yield the lines for a terminal: each claim, and what was measured below it."""
    for claim in claims:
        yield f"{claim.setting}: {claim.claim}"
        remark = f" ({claim.remark})" if claim.remark else ""
        yield f"  reported {claim.value}: {claim.version}, {claim.printed}{remark}"
        yield f"    looked up: {claim.seen}"
        for found in claim.measured:
            yield f"  measured {found.value}: {found.by}"
            yield f"    {found.command}, commit {found.commit}"
        if not claim.measured:
            yield "  not measured"


def markdown(claims: Sequence[Claim]) -> str:
    """Return the table for a page: one row for each measurement, one for a claim without any."""
    rows = [
        ("setting", "reported", "where", "here", "by", "command, commit"),
        ("---",) * 6,
    ]
    for claim in claims:
        reported = claim.value if claim.r is not None else claim.claim
        where = f"{claim.version}, {claim.printed}" + (f"; {claim.remark}" if claim.remark else "")
        left = (claim.setting, reported, where)
        for found in claim.measured:
            rows.append((*left, found.value, found.by, f"`{found.command}`, {found.commit}"))
            left = ("", "", "")
        if not claim.measured:
            rows.append((*left, "not measured", "", ""))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def as_fields(claims: Sequence[Claim]) -> dict[str, Any]:
    """Return the claims as JSON values, by name."""
    return {claim.name: asdict(claim) for claim in claims}


def _claim(place: str, table: Any) -> Claim:
    given = dict(_table(place, table))
    found = given.pop("measured", [])
    if not isinstance(found, list):
        raise ValueError(f"{place}: measured must be tables [[claim.measured]]")
    k, r = (_size(place, name, given.pop(name, None)) for name in ("k", "r"))
    texts = _texts(place, given, [f.name for f in fields(Claim) if f.type is str])
    if not _NAME.fullmatch(texts["name"]):
        raise ValueError(f"{place}: name must be small letters, digits and hyphens")
    place = f"{place} ({texts['name']})"
    measured = tuple(_measured(f"{place}, measured {i}", m) for i, m in enumerate(found, 1))
    return Claim(**texts, k=k, r=r, measured=measured)


def _measured(place: str, table: Any) -> Measured:
    texts = _texts(place, _table(place, table), [field.name for field in fields(Measured)])
    if not _COMMIT.fullmatch(texts["commit"]):
        raise ValueError(f"{place}: commit must be 7 to 40 hexadecimal digits")
    return Measured(**texts)


def _table(place: str, table: Any) -> Mapping[str, Any]:
    if not isinstance(table, dict):
        raise ValueError(f"{place}: it must be a table")
    return table


def _texts(place: str, given: Mapping[str, Any], names: Sequence[str]) -> dict[str, str]:
    """Return the named texts; each fits into a cell of a Markdown table, on one line."""
    if wrong := sorted(set(given) ^ set(names)):
        problem = "is unknown" if wrong[0] in given else "is missing"
        raise ValueError(f"{place}: {wrong[0]!r:.60} {problem}; there is {', '.join(names)}")
    for name in names:
        value = given[name]
        if not isinstance(value, str) or not value.isprintable() or "|" in value:
            raise ValueError(f"{place}: {name} must be one line of text without |")
        if not value.strip() and name not in _MAY_BE_EMPTY:
            raise ValueError(f"{place}: {name} is empty")
    return dict(given)


def _size(place: str, name: str, value: Any) -> int | None:
    if value is None:  # left out: there is no null in TOML
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 10**9:
        raise ValueError(f"{place}: {name} must be an integer in [1, 10^9]")
    return value

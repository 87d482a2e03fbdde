"""How commands stand in the help: in groups, each with examples at its end that can be typed."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

__all__ = ["Group", "Listing", "listed", "listing_of"]

_Run = TypeVar("_Run", bound=Callable[..., Any])


class Group(StrEnum):
    """What a command is for; the groups stand in this order."""

    CERTIFY = "Certify"
    READ = "Audit and read"
    PLAN = "Plan"
    RESEARCH = "Research and maintenance"


class Listing(NamedTuple):
    """Where a command stands, and command lines that show what it does."""

    group: Group
    examples: tuple[str, ...]


def listed(group: Group, *examples: str) -> Callable[[_Run], _Run]:
    """Say of a command in which group it stands, and give it examples: whole command lines."""

    def mark(run: _Run) -> _Run:
        vars(run)["listing"] = Listing(group, examples)
        return run

    return mark


def listing_of(run: Callable[..., Any]) -> Listing:
    """Return what :func:`listed` has said of a command."""
    found = vars(run)["listing"]
    assert isinstance(found, Listing)
    return found

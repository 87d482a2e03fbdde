"""A second checker of certificate files: asked what it says, beside the kernel.

None stands here. The house that has one registers it where the commands are assembled, so that
this house need not know it. Importing this module costs nothing.
"""

from collections.abc import Callable
from typing import BinaryIO, Final, NamedTuple, Protocol

from bagcert.reference.certificate.held import Held

__all__ = ["Said", "SecondChecker", "ask", "register", "spelled"]


class Said(Protocol):
    """A verdict, the kernel's or another's: VALID, INVALID or MALFORMED, and what decided it."""

    @property
    def status(self) -> str:
        """VALID, INVALID or MALFORMED."""

    @property
    def line(self) -> int | None:
        """The line that decided it."""

    @property
    def field(self) -> str | None:
        """The field that decided it, where the checker names one."""


class SecondChecker(NamedTuple):
    """A program that judges a certificate file, and what it is called."""

    name: str
    #: Takes the file's bytes. FileNotFoundError: it is not here, and how to get it; ValueError: it
    #: is of other sources than those here, or came to no verdict.
    judge: Callable[[BinaryIO], Said]


_REGISTERED: Final[list[SecondChecker]] = []


def register(checker: SecondChecker) -> None:
    """Make ``checker`` the one that is asked."""
    _REGISTERED[:] = [checker]


def ask(kept: Held) -> tuple[str, Said]:
    """Return the second checker's name and what it says of the bytes in hand.

    Raises:
        ValueError: there is no second checker in this installation, or it came to no verdict.
        FileNotFoundError: it is not built.
    """
    if not _REGISTERED:
        raise ValueError("--second-opinion: this installation has no second checker")
    (checker,) = _REGISTERED
    return checker.name, kept.shown_to(checker.judge)


def spelled(said: Said) -> str:
    """Return a verdict in one line: ``INVALID, line 3, radius``."""
    line = None if said.line is None else f"line {said.line}"
    return ", ".join(part for part in (said.status, line, said.field) if part is not None)

"""What a fuzzed reader must not do, and the limits of one input."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

#: Seconds of processor time that one input may take, the check of what was read included.
SECONDS = 5.0
#: Bytes of address space that a fuzzing process may take beyond what it has when it starts.
ROOM = 2**30


class Finding(AssertionError):
    """A reader broke its promise."""


class Hang(BaseException):
    """One input took too long: no reader's `except Exception` keeps it."""


@contextmanager
def watched(seconds: float = SECONDS) -> Iterator[None]:
    """Raise :class:`Hang` after so many seconds of this process's own time."""

    def stop(number: int, frame: object) -> None:
        raise Hang(f"more than {seconds} seconds of processor time")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def require(fact: bool, told: str) -> None:
    """Raise :class:`Finding` unless it is so."""
    if not fact:
        raise Finding(told)


def one_line(error: Exception, name: str) -> None:
    """Require that an error is one bounded line that names the file."""
    text = str(error)
    require("\n" not in text and "\r" not in text, f"more than one line: {text[:300]!r}")
    require(len(text) < 600, f"a message of {len(text)} characters: {text[:300]!r}")
    require(name in text, f"does not name the file: {text[:300]!r}")

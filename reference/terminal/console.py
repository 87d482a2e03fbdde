"""What the commands of all houses share: one clear line for an error, and an exit status."""

import inspect
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial, wraps
from typing import Any, ParamSpec

import typer

from bagcert.reference.terminal.extras import missing_library
from bagcert.reference.terminal.listing import listing_of
from bagcert.reference.terminal.printable import printable
from bagcert.reference.terminal.streams import CLOSED_PIPE, close_output
from bagcert.reference.terminal.usage import as_typed

__all__ = [
    "FALSE",
    "INTERRUPTED",
    "UNUSABLE",
    "add",
    "command",
    "progress_bar",
    "progress_bars",
    "say",
    "show",
    "tell",
]

#: The claim is false, or the plan impossible.
FALSE = 1
#: Unusable input.
UNUSABLE = 2
#: Ctrl-C.
INTERRUPTED = 130

_P = ParamSpec("_P")


class _Stopped(KeyboardInterrupt):
    """SIGTERM or SIGHUP, taken as an interrupt: every ``finally`` on the way out is run."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.status = 128 + number


def command(run: Callable[_P, int | None]) -> Callable[_P, None]:
    """Wrap a command: its result is the exit status, and an error is one line on stderr.

    ``ValueError`` and ``TypeError`` (arguments outside their domain), ``OSError`` and a library
    that is not installed become exit status 2; an interrupt 130 (its argument says how to go on),
    SIGTERM and SIGHUP 128 more than their number; a pipe that nobody reads any more 141, in
    silence. Anything else is a defect and keeps its traceback.
    """

    @wraps(run)
    def wrapped(*args: _P.args, **kwargs: _P.kwargs) -> None:
        with _signals_as_interrupts():
            status = _status_of(partial(run, *args, **kwargs), lambda text: as_typed(text, run))
        raise typer.Exit(status)

    return wrapped


def add(app: typer.Typer, run: Callable[..., int | None]) -> None:
    """Add a command to ``app``, in its group, its help ending with its examples."""
    group, examples = listing_of(run)
    shown = "\n".join(("Example:" if len(examples) == 1 else "Examples:", *examples))
    paragraphs = inspect.cleandoc(run.__doc__ or "").split("\n\n")
    words = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    app.command(help=words, rich_help_panel=group.value, epilog=shown)(command(run))


def _status_of(run: Callable[[], int | None], worded: Callable[[str], str]) -> int:
    try:
        status = run() or 0
        return close_output() or status
    except BrokenPipeError:
        return close_output() or CLOSED_PIPE
    except (ValueError, TypeError) as error:
        say(f"error: {printable(worded(str(error)))}")
    except ModuleNotFoundError as error:
        say(f"error: {missing_library(error.name)}")
    except ImportError as error:
        say(f"error: {printable(str(error))}")
    except OSError as error:
        what = [error.filename, error.strerror or error]
        text = ": ".join(_spelled(part) for part in what if part is not None)
        say(f"error: {printable(text)}")
    except KeyboardInterrupt as error:
        say(": ".join(["interrupted", *map(str, error.args)]))
        return error.status if isinstance(error, _Stopped) else INTERRUPTED
    return UNUSABLE


@contextmanager
def _signals_as_interrupts() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end a command as Ctrl-C does: with nothing left behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: object) -> None:
        raise _Stopped(number)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _spelled(part: object) -> str:
    return os.fsdecode(part) if isinstance(part, bytes) else str(part)


def say(text: str) -> None:
    """Print progress or an error to standard error, each of its lines printable."""
    print("\n".join(map(printable, f"bagcert: {text}".split("\n"))), file=sys.stderr)


def tell(*lines: str) -> None:
    """Print a result to standard output, one printable line for each argument."""
    for line in lines:
        print(printable(line))


def show(fields: dict[str, Any], as_json: bool) -> None:
    """Print a result to standard output: JSON, or aligned printable ``name  value`` lines.

    A list of texts stands below its name, one line each.
    """
    if as_json:
        print(json.dumps(fields, ensure_ascii=True))
        return
    width = max(len(name) for name in fields)
    for name, value in fields.items():
        title = f"{name.replace('_', ' '):<{width}}"
        if isinstance(value, list) and value and all(isinstance(line, str) for line in value):
            tell(title.rstrip(), *(f"  {line}" for line in value))
        else:
            tell(f"{title}  {'none' if value is None else value}")


@contextmanager
def progress_bar(what: str, total: int) -> Iterator[Callable[[int, int], None]]:
    """Show a bar with rate and time left on standard error; yields ``advance(done, total)``."""
    with progress_bars((what, total)) as (advance,):
        yield advance


@contextmanager
def progress_bars(*stages: tuple[str, int]) -> Iterator[list[Callable[[int, int], None]]]:
    """Show progress on each (what, total); yields an ``advance(done, total)`` for each.

    Bars, each with rate and time left, on a terminal; elsewhere a line every ten seconds.
    """
    from rich.console import Console

    from bagcert.reference.terminal.progress import bars, lines

    console = Console(stderr=True)
    if not console.is_terminal:
        yield [lines(what, say) for what, _ in stages]
        return
    display, advances = bars(stages, console)
    with display:
        yield advances

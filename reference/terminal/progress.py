"""Progress on standard error: bars where somebody watches, a line now and then in a log."""

import time
from collections.abc import Callable
from functools import partial
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

__all__ = ["Advance", "bars", "lines"]

#: Called with (done, total).
Advance = Callable[[int, int], None]

#: Seconds between two lines of one stage: short work says nothing.
EVERY: Final = 10.0


class _Rate(ProgressColumn):
    """So many a second, over the last half minute."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else spelled_rate(speed))


def bars(stages: tuple[tuple[str, int], ...], console: Console) -> tuple[Progress, list[Advance]]:
    """Return a live display with a bar, a rate and the time left for each stage; advances."""
    display = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
    )

    def advance(task: int, done: int, total: int) -> None:
        display.update(display.task_ids[task], completed=done, total=total)

    for what, total in stages:
        display.add_task(what, total=total)
    return display, [partial(advance, task) for task in range(len(stages))]


def lines(
    what: str, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic
) -> Advance:
    """Return an advance that says how far a stage is, at most once in :data:`EVERY` seconds.

    The rate is that since the last line, or since the first step: what came before it may have
    been another stage's time. The time left is what remains at that rate.
    """
    since, before, begun = clock(), 0, False

    def advance(done: int, total: int) -> None:
        nonlocal since, before, begun
        now, first = clock(), not begun
        took, made = now - since, done - before
        if first or (took >= EVERY and made > 0):
            since, before, begun = now, done, True
        if took < EVERY or made <= 0:
            return
        text = f"{what}: {done} of {total}"
        if not first:
            text += f", {spelled_rate(made / took)}, {(total - done) * took / made:.0f} s left"
        say(text)

    return advance


def spelled_rate(rate: float) -> str:
    """Return ``12.3/s``: three digits, or all of them before the point.

    >>> spelled_rate(0.01234), spelled_rate(12.345), spelled_rate(12345.6)
    ('0.0123/s', '12.3/s', '12346/s')
    """
    return f"{rate:.0f}/s" if rate >= 100 else f"{rate:.3g}/s"

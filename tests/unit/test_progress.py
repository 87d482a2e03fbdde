"""Progress: a rate and the time left, on a terminal and in a log."""

import io

import pytest
from rich.console import Console

from bagcert.reference.terminal.console import progress_bars
from bagcert.reference.terminal.progress import EVERY, bars, lines


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_log_gets_a_line_now_and_then() -> None:
    clock = Clock()
    said: list[str] = []
    advance = lines("training", said.append, clock)
    for step, done in ((1, 100), (6, 200), (11, 600), (12, 700), (21, 800), (99, 800)):
        clock.now = float(step)
        advance(done, 1000)
    assert said == [
        "training: 600 of 1000, 50/s, 8 s left",
        "training: 800 of 1000, 20/s, 10 s left",
    ]


def test_the_time_before_the_first_step_is_not_a_stages_own() -> None:
    clock = Clock()
    said: list[str] = []
    advance = lines("training", said.append, clock)
    for step, done in ((100, 100), (100 + EVERY, 300)):
        clock.now = step
        advance(done, 1000)
    assert said == ["training: 100 of 1000", "training: 300 of 1000, 20/s, 35 s left"]


def test_a_terminal_gets_a_rate_and_the_time_left() -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=120)
    display, (advance,) = bars((("training", 1000),), console)
    with display:
        for done in range(100, 700, 100):
            advance(done, 1000)
        display.refresh()
    shown = stream.getvalue()
    assert "600/1000" in shown
    assert "/s" in shown
    assert "0:00:00" in shown


def test_short_work_says_nothing_in_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bars(("a", 2), ("b", 3)) as (first, second):
        first(2, 2)
        second(1, 3)
    assert capsys.readouterr() == ("", "")

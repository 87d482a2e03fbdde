"""Progress: a rate and the time left, on a terminal and in a log."""

import io
from types import SimpleNamespace

import pytest
from rich.console import Console

from bagcert.reference.terminal.console import progress_bars
from bagcert.reference.terminal.progress import EVERY, _Rate, bars, lines, spelled_rate


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


def told(*steps: tuple[float, int]) -> list[str]:
    """What a log says of a stage that was at ``done`` of 1000 at so many seconds."""
    clock, said = Clock(), list[str]()
    advance = lines("training", said.append, clock)
    for clock.now, done in steps:
        advance(done, 1000)
    return said


def test_ten_seconds_and_one_step_are_enough_for_a_line() -> None:
    assert told((1, 1), (10.9, 100)) == []
    assert told((1, 1), (11, 2), (20.9, 3), (21, 4)) == [
        "training: 2 of 1000, 0.1/s, 9980 s left",
        "training: 4 of 1000, 0.2/s, 4980 s left",
    ]


def test_a_stage_that_stood_still_is_told_when_it_goes_on() -> None:
    assert told((0, 1), (30, 1), (31, 63)) == ["training: 63 of 1000, 2/s, 468 s left"]
    assert told((30, 0), (40, 50)) == ["training: 50 of 1000, 5/s, 190 s left"]
    assert told((30, 1)) == ["training: 1 of 1000"]


def test_rates_on_either_side_of_a_hundred() -> None:
    assert [spelled_rate(rate) for rate in (99.4, 99.6, 99.96, 100.0, 100.6, 0.0)] == [
        "99.4/s", "99.6/s", "100/s", "100/s", "101/s", "0/s",
    ]  # fmt: skip


def test_each_stage_has_its_bar_and_its_rate() -> None:
    display, (first, second) = bars((("one", 10), ("two", 20)), Console(file=io.StringIO()))
    (rate,) = (column for column in display.columns if isinstance(column, _Rate))
    for finished, now, shown in ((None, None, ""), (None, 12.34, "12.3/s"), (250.0, 1.0, "250/s")):
        task = SimpleNamespace(finished_speed=finished, speed=now)
        assert rate.render(task).plain == shown  # type: ignore[arg-type]
    second(5, 40)
    first(10, 10)
    assert [(task.completed, task.total) for task in display.tasks] == [(10, 10), (5, 40)]

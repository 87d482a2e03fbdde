"""kill -9 and SIGTERM at each call that changes the folder: whole or absent, and then the rerun."""

import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.conftest import Ended, Host, Quiet, left
from tests.faults.rows import ROWS, WRITING, Row

BOTH = pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGTERM], ids=lambda one: one.name)


def chosen(steps: int, most: int) -> list[int]:
    """So many steps, from the first to the last."""
    count = min(steps, most)
    return sorted({1 + (steps - 1) * i // max(1, count - 1) for i in range(count)})


def assert_status(status: int, error: str, stop: signal.Signals) -> None:
    if stop == signal.SIGKILL:
        assert status == -stop
    else:
        assert status == 128 + stop, error
        assert error.splitlines()[-1].startswith("bagcert: interrupted")


def reported(row: Row, ended: Ended) -> set[str]:
    """The outputs that a command said it had written: all with its answer, some by name before."""
    if ended.out:
        return set(row.outputs)
    said = re.compile(rf"(wrote|drew|and) ({'|'.join(map(re.escape, row.outputs))})\b")
    return {output for _, output in said.findall(ended.error)}


@pytest.mark.parametrize("name", WRITING)
def test_a_command_that_is_done_has_reported_all(name: str, quiet: Callable[[str], Quiet]) -> None:
    assert reported(ROWS[name], quiet(name).ended) == set(ROWS[name].outputs)


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("report", {"page.html", "curve.svg"}),
        ("tightness", {"sweep.png"}),
        ("reproduce", {"figures/figure3a.csv", "figures/figure3a.png"}),
    ],
)
def test_some_name_a_file_as_soon_as_it_is_there(
    name: str, named: set[str], quiet: Callable[[str], Quiet]
) -> None:
    assert reported(ROWS[name], quiet(name).ended._replace(out="")) == named


@BOTH
@pytest.mark.parametrize("name", WRITING)
def test_a_command_that_is_stopped(
    name: str, stop: signal.Signals, host: Host, quiet: Callable[[str], Quiet],
    work: Callable[[], Path], inputs: Path,
) -> None:  # fmt: skip
    row, due, seen = ROWS[name], quiet(name), set()
    for step in chosen(due.ended.steps, row.stops):
        folder = work()
        ended = host.run(row.arguments, folder, signal=stop, step=step)
        assert_status(ended.status, ended.error, stop)
        made = row.made(folder)
        assert made.items() <= due.made.items(), step  # none is half
        # No temporary stays, not even after kill -9.
        assert left(row, folder, inputs) == set(), step
        assert reported(row, ended) <= set(made), step  # what was reported is there
        # The same command again; --force where it had finished a file. Once for each state.
        state = frozenset(str(path.relative_to(folder)) for path in folder.rglob("*"))
        if state not in seen:
            seen.add(state)
            force = ("--force",) if made else ()
            again = host.run((*row.arguments, *force), folder)
            assert again.status == row.status, (step, again.error)
            assert row.made(folder) == due.made
            assert left(row, folder, inputs) == set(), step


@BOTH
@pytest.mark.parametrize("name", ["certify", "tightness"])
def test_a_command_that_is_stopped_while_it_replaces(
    name: str, stop: signal.Signals, host: Host, quiet: Callable[[str], Quiet],
    work: Callable[[], Path], inputs: Path,
) -> None:  # fmt: skip
    row, due = ROWS[name], quiet(name)
    before, step, ended = dict.fromkeys(row.outputs, b"before\n"), 0, None
    while ended is None or ended.status != row.status:
        step, folder = step + 1, work()
        for output, content in before.items():
            (folder / output).write_bytes(content)
        ended = host.run((*row.arguments, "--force"), folder, signal=stop, step=step)
        made = row.made(folder)
        assert set(made) == set(before)
        assert all(made[output] in (before[output], due.made[output]) for output in before)
        # In the instant in which a file is replaced the new one has a name of its own: after
        # kill -9 it stays, whole, and the rerun ignores it.
        remains = left(row, folder, inputs)
        if stop == signal.SIGKILL:
            assert len(remains) <= 1
            assert all(re.fullmatch(r"\.bagcert-[0-9a-f]{8}", place) for place in remains)
            assert all((folder / place).read_bytes() in due.made.values() for place in remains)
        else:
            assert not remains
        if ended.status != row.status:
            assert_status(ended.status, ended.error, stop)
            if remains or step == 1:
                assert host.run((*row.arguments, "--force"), folder).status == row.status
                assert row.made(folder) == due.made
    assert step > 4

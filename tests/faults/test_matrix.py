"""Every command of the CLI has its rows, and a row says what its command writes."""

import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from typer.models import OptionInfo

from bagcert.__main__ import app
from tests.faults.conftest import Quiet
from tests.faults.rows import CACHED, READ, ROWS, WRITING, WRITTEN


def parameters() -> Iterator[tuple[str, inspect.Parameter]]:
    """Each parameter of each command, as its function declares it."""
    for command in app.registered_commands:
        assert command.callback is not None
        for parameter in inspect.signature(command.callback).parameters.values():
            yield command.name or command.callback.__name__, parameter


def kinds(annotation: Any) -> set[Any]:
    """The types that occur in an annotation."""
    return {annotation}.union(*map(kinds, get_args(annotation)))


def spelled(parameter: inspect.Parameter) -> set[str]:
    """How an option is typed."""
    (about,) = (one for one in get_args(parameter.annotation)[1:] if isinstance(one, OptionInfo))
    return set(about.param_decls or (f"--{parameter.name.replace('_', '-')}",))


def test_every_command_has_a_row() -> None:
    assert {row.command for row in ROWS.values()} == {name for name, _ in parameters()}


def test_every_path_is_known_to_be_read_or_written() -> None:
    """A new option that names a file is red here, until a row writes it or it is in READ."""
    paths = {
        (command, parameter.name)
        for command, parameter in parameters()
        if Path in kinds(parameter.annotation)
    }
    assert {(command, name) for command, name in paths if name not in READ} == WRITTEN
    forced = {command for command, parameter in parameters() if parameter.name == "force"}
    assert forced == {command for command, _ in WRITTEN}


def test_every_option_that_names_an_output_is_in_a_row() -> None:
    for command, parameter in parameters():
        if (command, parameter.name) in WRITTEN:
            assert any(
                row.command == command and spelled(parameter) & set(row.arguments)
                for row in ROWS.values()
            ), (command, parameter.name)


def test_the_security_policy_counts_the_rows_and_commands() -> None:
    policy = Path(__file__).parents[2] / "SECURITY.md"
    told = re.findall(r"(?m)^\| faults \| (\d+) rows of all (\d+) commands", policy.read_text())
    assert told == [(str(len(ROWS)), str(len(app.registered_commands)))]


@pytest.mark.parametrize("name", sorted(ROWS))
def test_a_row_writes_what_it_says_and_reports_success(
    name: str, quiet: Callable[[str], Quiet]
) -> None:
    found = quiet(name)
    assert found.ended.status == ROWS[name].status, found.ended.error
    assert set(found.made) == set(ROWS[name].outputs)
    # A command without outputs changes nothing at all in its folder.
    assert (found.ended.steps > 0) == (name in WRITING)
    assert bool(found.cache) == (name in CACHED)

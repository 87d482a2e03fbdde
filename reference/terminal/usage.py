"""Errors in the words of a command line, options as they are typed; and what shells complete."""

import inspect
import io
import os
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from functools import partial
from typing import Any, Final, get_args

from typer.core import TyperGroup
from typer.exceptions import TyperException
from typer.models import OptionInfo

from bagcert.reference.terminal.listing import Group
from bagcert.reference.terminal.printable import printable
from bagcert.reference.terminal.streams import CLOSED_PIPE, close_output, drop_output

__all__ = ["COMPLETING", "Commands", "as_typed", "completion_of"]

#: The variable in which a shell's script says that it asks for what may follow.
COMPLETING: Final = "_BAGCERT_COMPLETE"

#: What begins an error of a function: a parameter's name, and what is wrong with it.
_BEGINNING = re.compile(r"[a-z_]+(?=: | must )")


class Commands(TyperGroup):
    """Commands in groups, whose wrong arguments get one line: the cause, and what to type."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names, in the order of the groups."""
        places = {group.value: place for place, group in enumerate(Group)}
        panel = "rich_help_panel"
        return sorted(self.commands, key=lambda name: places[getattr(self.commands[name], panel)])

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **others: Any,
    ) -> Any:
        """Run a command; where it stands alone, exit with its status, 2 for wrong arguments."""
        asks = complete_var or COMPLETING
        run = partial(super().main, args, prog_name, asks, False, windows_expand_args, **others)
        if os.environ.get(asks):
            sys.exit(_completed(run))
        if not standalone_mode:
            return run()
        try:
            status = run()
        except TyperException as error:
            if text := _in_own_words(error):  # help, where nothing was asked, is printed already
                print(printable(f"bagcert: error: {text}"), file=sys.stderr)
            status = error.exit_code
        except OSError as error:  # help that cannot be written: commands say their own errors
            drop_output()
            print(f"bagcert: error: {error.strerror}", file=sys.stderr)
            status = 2
        except SystemExit:  # how rich says that nobody reads its help any more
            status = CLOSED_PIPE
        sys.exit(status)


def _completed(run: Callable[[], Any]) -> int:
    """Print what a shell may complete, as this terminal's encoding allows; return the status."""
    from typer import completion

    completion.completion_init()  # type: ignore[attr-defined]
    status = 0
    with redirect_stdout(io.StringIO()) as found:  # the library writes UTF-8 on an ASCII terminal
        try:
            run()
        except SystemExit as stop:
            status = int(stop.code or 0)
    try:
        print(found.getvalue(), end="")
    except BrokenPipeError:
        status = CLOSED_PIPE
    return close_output() or status


def completion_of(shell: str, program: str, variable: str) -> str:
    """Return what ``shell`` has to read to complete ``program``, asking it with ``variable``."""
    from typer import completion

    text: str = completion.get_completion_script(  # type: ignore[attr-defined]
        prog_name=program, complete_var=variable, shell=shell
    )
    return text


def as_typed(message: str, run: Callable[..., Any]) -> str:
    """Return an error of the functions below a command with the option in the parameter's place.

    ``data_dir: …`` and ``data_dir must …`` become ``--data-dir: …`` and ``--data-dir must …``
    where ``run``, the command, has that option; any other text stays as it is.
    """
    found = _BEGINNING.match(message)
    parameter = found and inspect.signature(run).parameters.get(found[0])
    if not found or not parameter:
        return message
    for about in get_args(parameter.annotation)[1:]:
        if isinstance(about, OptionInfo):
            spelled = [name for name in about.param_decls or () if name.startswith("--")]
            option = spelled[0].partition("/")[0] if spelled else f"--{found[0].replace('_', '-')}"
            return option + message[found.end() :]
    return message


def _in_own_words(error: TyperException) -> str:
    """The cause in plain words, then what to type; empty if there is nothing to say."""
    text = str(error.format_message()).rstrip(".")
    if not text:
        return ""
    parameter, details = getattr(error, "param", None), getattr(error.__cause__, "errors", None)
    if parameter is not None and details is not None:
        fault = details()[0]
        option = max(getattr(parameter, "opts", [parameter.name]), key=len)
        text = f"{option}{_fault(fault)}"
    else:
        text = text[0].lower() + text[1:]
    context = getattr(error, "ctx", None)
    if context is not None and text.startswith("missing "):
        text += _needed(context.command)
    return text if context is None else f"{text}; type: {context.command_path} --help"


def _needed(command: Any) -> str:
    """All that a command cannot run without, so that nobody is asked for it piece by piece."""
    needed = [
        parameter.opts[0] if parameter.param_type_name == "option" else parameter.name
        for parameter in command.params
        if parameter.required
    ]
    return f"; all that is needed: {', '.join(needed)}" if len(needed) > 1 else ""


def _fault(fault: Any) -> str:
    given = repr(fault["input"])[:60]
    match fault["type"]:
        case "int_parsing" | "int_type" | "int_from_float" | "int_parsing_size":
            return f" must be an integer, not {given}"
        case "greater_than_equal":
            return f" must be at least {fault['ctx']['ge']}, not {given}"
        case _:
            return ": " + str(fault["msg"]).removeprefix("Value error, ").rstrip(".")

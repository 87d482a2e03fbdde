"""Errors in the words of a command line: one line each, options as they are typed."""

import inspect
import re
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, get_args

from typer.core import TyperGroup
from typer.exceptions import TyperException
from typer.models import OptionInfo

from bagcert.reference.terminal.printable import printable
from bagcert.reference.terminal.streams import CLOSED_PIPE, drop_output

__all__ = ["Commands", "as_typed"]

#: What begins an error of a function: a parameter's name, and what is wrong with it.
_BEGINNING = re.compile(r"[a-z_]+(?=: | must )")


class Commands(TyperGroup):
    """Commands whose wrong arguments get one line: the cause, and what to type."""

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
        run = partial(
            super().main, args, prog_name, complete_var, False, windows_expand_args, **others
        )
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
    return text if context is None else f"{text}; type: {context.command_path} --help"


def _fault(fault: Any) -> str:
    given = repr(fault["input"])[:60]
    match fault["type"]:
        case "int_parsing" | "int_type" | "int_from_float" | "int_parsing_size":
            return f" must be an integer, not {given}"
        case "greater_than_equal":
            return f" must be at least {fault['ctx']['ge']}, not {given}"
        case _:
            return ": " + str(fault["msg"]).removeprefix("Value error, ").rstrip(".")

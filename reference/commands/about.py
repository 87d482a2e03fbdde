"""``bagcert`` itself: its version, and what makes a shell complete its commands."""

from enum import StrEnum
from typing import Annotated, Any, Final

import typer

from bagcert.reference.commands.options import Json
from bagcert.reference.terminal.console import command, show, tell
from bagcert.reference.terminal.usage import COMPLETING, completion_of

__all__ = ["about", "versions"]

#: Distributions whose versions may decide a result: a label, a bound, or what a claim's check says.
_DECIDING: Final = (
    "numpy", "scipy", "gmpy2", "mpmath", "sympy", "python-flint", "scikit-learn", "torch", "opacus",
)  # fmt: skip


class _Shell(StrEnum):
    """The shells for which there is a script."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def about(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the versions of bagcert and of the libraries that it uses."
        ),
    ] = False,
    completion: Annotated[
        _Shell | None,
        typer.Option(help="Print what makes a shell complete commands, options and names."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Answer what is asked without a command; otherwise the command follows."""
    if version:
        command(_print_versions)(as_json)
    if completion is not None:
        command(_print_completion)(completion)
    if as_json:
        context.fail("--json stands behind the command")
    if context.invoked_subcommand is None:
        context.fail("missing command")


def versions() -> dict[str, str | None]:
    """Return the versions of bagcert, Python and the libraries that may decide a result.

    None of a library that is not installed. Nothing is imported: what is installed is asked.
    """
    import platform
    from importlib.metadata import PackageNotFoundError, version

    from bagcert import __version__

    found: dict[str, str | None] = {"bagcert": __version__, "python": platform.python_version()}
    for name in _DECIDING:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found


def _print_versions(as_json: bool) -> None:
    found: dict[str, Any] = dict(versions())
    if not as_json:
        found = {name: text or "not installed" for name, text in found.items()}
    show(found, as_json)


def _print_completion(shell: _Shell) -> None:
    for line in completion_of(shell, "bagcert", COMPLETING).splitlines():
        tell(line)

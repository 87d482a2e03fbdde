"""A command as a user types it, run in the process of the test."""

from typer.testing import CliRunner

from bagcert.__main__ import app

__all__ = ["bagcert"]

_RUN = CliRunner()


def bagcert(*args: object, given: bytes = b"") -> tuple[int, str, str]:
    """Return the exit status, standard output and standard error of ``bagcert ARGS``.

    ``given`` is its standard input. An exception that a user would see as a traceback fails.
    """
    result = _RUN.invoke(app, [str(arg) for arg in args], input=given)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr

"""The ``bagcert`` command: gathers the commands that each house keeps in its own ``cli.py``."""

import typer

from bagcert.fastpath import cli as fastpath_cli
from bagcert.proofs_checks import cli as proofs_checks_cli
from bagcert.reference import cli as reference_cli

app = typer.Typer(
    name="bagcert",
    help="Certificates that a bagged classifier's prediction survives data poisoning.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
reference_cli.register(app)
fastpath_cli.register(app)
proofs_checks_cli.register(app)


def main() -> None:
    """Run the command line; the exit status is 0, 1, 2 or 130 (DESIGN.md, Commands)."""
    app()


if __name__ == "__main__":
    main()

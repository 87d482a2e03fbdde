"""The ``bagcert`` command: gathers the commands that each house keeps in its own ``commands``."""

import typer

from bagcert.fastpath import commands as fastpath_commands
from bagcert.fastpath.commands.certify import certify
from bagcert.proofs_checks import commands as proofs_checks_commands
from bagcert.reference import commands as reference_commands
from bagcert.reference.commands.about import about
from bagcert.reference.terminal.listing import listing_of
from bagcert.reference.terminal.streams import spell_unencodable
from bagcert.reference.terminal.usage import Commands

app = typer.Typer(
    name="bagcert",
    cls=Commands,
    help="Certificates that a bagged classifier's prediction survives data poisoning.",
    no_args_is_help=True,
    invoke_without_command=True,
    callback=about,
    epilog="Start with votes in a table, a row for each test example, a column for each label:\n"
    + listing_of(certify).examples[0],
    context_settings={"help_option_names": ["-h", "--help"]},
    add_completion=False,
    pretty_exceptions_enable=False,
)
fastpath_commands.register(app)
reference_commands.register(app)
proofs_checks_commands.register(app)


def main() -> None:
    """Run the command line; the exit status is 0, 1, 2 or 130."""
    spell_unencodable()
    app()


if __name__ == "__main__":
    main()

"""``bagcert certify``: votes in, a certificate file out."""

from pathlib import Path
from typing import Annotated

import typer

from bagcert.fastpath.commands.options import Force, VotesPath
from bagcert.fastpath.commands.reading import Reading, reads_votes
from bagcert.reference.bounds import Method
from bagcert.reference.certificate.schema import Scope
from bagcert.reference.commands.options import (
    AlphaOption,
    AttackOption,
    Json,
    MethodOption,
    ResidualOption,
    ScopeOption,
)
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual
from bagcert.reference.terminal.console import progress_bar, show
from bagcert.reference.terminal.listing import Group, listed

__all__ = ["certify"]


@listed(Group.CERTIFY, "bagcert certify votes.csv --n 60000 --k 100 --alpha 0.001 -o cert.jsonl")
@reads_votes
def certify(
    votes: VotesPath,
    reading: Reading,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="The certificate file to write (.jsonl or .jsonl.gz)."),
    ],
    alpha: AlphaOption = "1/1000",
    method: MethodOption = Method.SELECTED,
    scope: ScopeOption = Scope.SIMULTANEOUS,
    attack: AttackOption = Attack.ANY,
    residual: ResidualOption = Residual.PAPER,
    total_column: Annotated[
        bool,
        typer.Option(
            "--total-column", help="One column is the sum of the others, and yet counts a label."
        ),
    ] = False,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Certify each test example from the votes on it: label, radius, or why there is none.

    The radius is the number of training examples that an attacker may poison without changing
    what bagging predicts.
    """
    from bagcert.fastpath.certification.certificate_file import certify_file, refuse_total
    from bagcert.reference.arithmetic.arguments import as_level, as_rational
    from bagcert.reference.terminal.outputs import refuse_existing, refuse_suffix

    refuse_existing(output, force=force, inputs=[votes, *reading.files()])
    refuse_suffix(output, ".jsonl", ".jsonl.gz")
    budget = as_level("alpha", as_rational("alpha", alpha))
    counted = reading.votes(votes, n=reading.n, k=reading.k)
    if not total_column:
        refuse_total(counted.counts)
    with progress_bar("certifying", counted.counts.shape[0]) as advance:
        made = certify_file(
            counted,
            output,
            budget,
            method=method,
            scope=scope,
            attack=attack,
            residual=residual,
            force=force,
            progress=advance,
        )
    show({"certificate": str(output), **made.as_fields()}, as_json)

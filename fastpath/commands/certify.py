"""``bagcert certify``: votes in, a certificate file out."""

import os
from pathlib import Path
from typing import Annotated

import typer

from bagcert.fastpath.commands.options import (
    Force,
)
from bagcert.reference.bounds import Method
from bagcert.reference.certificate.schema import Scope
from bagcert.reference.commands.options import (
    AttackOption,
    Json,
    MethodOption,
    ResidualOption,
    ScopeOption,
)
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual
from bagcert.reference.terminal.console import (
    progress_bar,
    show,
)

__all__ = ["certify"]


def certify(
    votes: Annotated[Path, typer.Argument(help="Votes: .npz, or .npy/.csv with --n and --k.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The certificate file.")],
    alpha: Annotated[str, typer.Option(help="Level α: 1/1000 or 0.001.")] = "1/1000",
    n: Annotated[int | None, typer.Option("--n", help="Training examples, n.")] = None,
    k: Annotated[int | None, typer.Option("--k", help="Examples in each list, k.")] = None,
    predictions: Annotated[
        bool, typer.Option(help="VOTES holds a row of labels for each model (N × e).")
    ] = False,
    classes: Annotated[
        int | None, typer.Option(help="Classes, c, where --predictions cannot tell.")
    ] = None,
    method: MethodOption = Method.SELECTED,
    scope: ScopeOption = Scope.SIMULTANEOUS,
    attack: AttackOption = Attack.ANY,
    residual: ResidualOption = Residual.PAPER,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Turn vote counts into a certificate file, exactly."""
    from bagcert.fastpath.certification.certificate_file import certify_file, summary
    from bagcert.fastpath.votes.votes import read_votes
    from bagcert.reference.arithmetic.arguments import as_level, as_rational
    from bagcert.reference.terminal.outputs import refuse_existing

    refuse_existing(output, force=force)
    level = as_level("alpha", as_rational("alpha", alpha))
    counted = read_votes(votes, n=n, k=k, predictions=predictions, classes=classes)
    with progress_bar("certifying", counted.counts.shape[0]) as advance:
        made = certify_file(
            counted, output, level,
            method=method, scope=scope, attack=attack, residual=residual,
            force=force, progress=advance, processes=os.cpu_count() or 1,
        )  # fmt: skip
    show({"certificate": str(output), **summary(made)}, as_json)

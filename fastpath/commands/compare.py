"""``bagcert compare``: the same votes under each method."""

from pathlib import Path
from typing import Annotated

import typer

from bagcert.fastpath.commands.options import as_radii
from bagcert.reference.certificate.schema import Scope
from bagcert.reference.commands.options import AttackOption, Json, ResidualOption, ScopeOption
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual
from bagcert.reference.terminal.console import show

__all__ = ["compare"]


def compare(
    votes: Annotated[Path, typer.Argument(help="Votes: .npz, or .npy/.csv with --n and --k.")],
    alpha: Annotated[str, typer.Option(help="Level α: 1/1000 or 0.001.")] = "1/1000",
    radii: Annotated[str, typer.Option(help="Radii to report, comma-separated.")] = "0,5,10,20,30",
    n: Annotated[int | None, typer.Option("--n", help="Training examples, n.")] = None,
    k: Annotated[int | None, typer.Option("--k", help="Examples in each list, k.")] = None,
    scope: ScopeOption = Scope.SIMULTANEOUS,
    attack: AttackOption = Attack.ANY,
    residual: ResidualOption = Residual.PAPER,
    as_json: Json = False,
) -> None:
    """The same votes under selected, simuem and cohen: what each estimator costs."""
    from bagcert.fastpath.report.methods import compare_methods, print_comparison
    from bagcert.fastpath.votes.votes import read_votes

    wanted = as_radii(radii)
    counted = read_votes(votes, n=n, k=k)
    table = compare_methods(counted, alpha, wanted, scope=scope, attack=attack, residual=residual)
    if as_json:
        show(table, as_json)
    else:
        print_comparison(table, counted.counts.shape[0])

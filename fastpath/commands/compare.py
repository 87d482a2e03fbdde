"""``bagcert compare``: the same votes under each method."""

from typing import Annotated

import typer

from bagcert.fastpath.commands.options import (
    PredictionsOption,
    StatedClasses,
    StatedDraws,
    StatedExamples,
    VotesPath,
    as_radii,
    votes_from,
)
from bagcert.reference.certificate.schema import Scope
from bagcert.reference.commands.options import AttackOption, Json, ResidualOption, ScopeOption
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual
from bagcert.reference.terminal.console import show

__all__ = ["compare"]


def compare(
    votes: VotesPath,
    alpha: Annotated[str, typer.Option(help="Level α: 1/1000 or 0.001.")] = "1/1000",
    radii: Annotated[str, typer.Option(help="Radii to report, comma-separated.")] = "0,5,10,20,30",
    n: StatedExamples = None,
    k: StatedDraws = None,
    predictions: PredictionsOption = None,
    classes: StatedClasses = None,
    scope: ScopeOption = Scope.SIMULTANEOUS,
    attack: AttackOption = Attack.ANY,
    residual: ResidualOption = Residual.PAPER,
    as_json: Json = False,
) -> None:
    """The same votes under selected, simuem and cohen: what each estimator costs."""
    from bagcert.fastpath.report.methods import compare_methods, print_comparison

    wanted = as_radii(radii)
    counted = votes_from(votes, n=n, k=k, predictions=predictions, classes=classes)
    table = compare_methods(counted, alpha, wanted, scope=scope, attack=attack, residual=residual)
    if as_json:
        show(table, as_json)
    else:
        print_comparison(table, counted.counts.shape[0])

"""``bagcert plan``: what can be certified, before anyone trains."""

from typing import Annotated

import typer

from bagcert.reference.arithmetic.spelling import spell_rational
from bagcert.reference.bounds import Method
from bagcert.reference.certificate.schema import Scope
from bagcert.reference.commands.options import (
    AttackOption,
    Draws,
    Examples,
    Json,
    MethodOption,
    ResidualOption,
    ScopeOption,
)
from bagcert.reference.planning import plan as make_plan
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual
from bagcert.reference.terminal.console import FALSE, show

__all__ = ["plan"]


def plan(
    n: Examples,
    k: Draws,
    classes: Annotated[int, typer.Option(help="Classes, c.")],
    models: Annotated[int, typer.Option(help="Base models, N.")],
    examples: Annotated[int, typer.Option(help="Test examples, e.")],
    target: Annotated[int, typer.Option("--radius", help="The radius to certify, r.")],
    alpha: Annotated[str, typer.Option(help="Level α: 1/1000 or 0.001.")] = "1/1000",
    method: MethodOption = Method.SELECTED,
    scope: ScopeOption = Scope.SIMULTANEOUS,
    attack: AttackOption = Attack.ANY,
    residual: ResidualOption = Residual.PAPER,
    as_json: Json = False,
) -> int:
    """Before training: can radius r be certified, from which votes on, with how many models."""
    found = make_plan(
        n, k, classes, models, examples, alpha, target,
        method=method, scope=scope, attack=attack, residual=residual,
    )  # fmt: skip
    show(
        {
            "possible": found.possible if as_json else ("yes" if found.possible else "no"),
            "level_of_one_example": spell_rational(found.level),
            "radius_if_unanimous": found.largest_radius,
            "radius_no_N_can_exceed": found.limit,
            "votes_that_always_suffice": found.sufficient_votes,
            "votes_without_which_none": found.necessary_votes,
            "smallest_N_if_unanimous": found.smallest_models,
        },
        as_json,
    )
    return 0 if found.possible else FALSE

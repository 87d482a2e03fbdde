"""Commands that need nothing but exact arithmetic: ``radius`` and ``plan``."""

from fractions import Fraction
from typing import Annotated, Any

import typer

from bagcert.reference.bounds import Method
from bagcert.reference.console import FALSE, command, show
from bagcert.reference.exact import as_probability
from bagcert.reference.planning import plan as make_plan
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual
from bagcert.reference.schema import Scope
from bagcert.reference.spelling import decimal_enclosure, over_lists, spell_rational
from bagcert.reference.theorem1 import (
    certified_poisoning_size,
    gap_of,
    worst_poisoning,
)

Examples = Annotated[int, typer.Option("--n", help="Training examples, n.")]
Draws = Annotated[int, typer.Option("--k", help="Examples in each model's list, k.")]
AttackOption = Annotated[Attack, typer.Option(help="What the attacker may do.")]
ResidualOption = Annotated[
    Residual, typer.Option(help="How bounds become lists; 'integral' for seedless learners only.")
]
MethodOption = Annotated[Method, typer.Option(help="How the level is spent on bounds.")]
ScopeOption = Annotated[Scope, typer.Option(help="α for all examples together, or for each.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def register(app: typer.Typer) -> None:
    """Add this house's commands to ``app``."""
    app.command()(command(radius))
    app.command()(command(plan))


def radius(
    n: Examples,
    k: Draws,
    p_lower: Annotated[str, typer.Option(help="Lower bound of the top label: 9/10 or 0.9.")],
    p_upper: Annotated[str, typer.Option(help="Upper bound of every other label.")],
    attack: AttackOption = Attack.ANY,
    residual: ResidualOption = Residual.PAPER,
    as_json: Json = False,
) -> None:
    """Exact certified poisoning size for label bounds p_l, p_s (Theorem 1)."""
    low, high = as_probability("p_lower", p_lower), as_probability("p_upper", p_upper)
    if low < high:
        raise ValueError(f"p_lower must not be below p_upper: {p_lower} < {p_upper}")
    size = certified_poisoning_size(n, k, low, high, attack=attack, residual=residual)
    *_, excess = gap_of(n, k, low, high, attack=attack, residual=residual)
    fields: dict[str, Any] = {
        "n": n, "k": k, "attack": attack.value, "residual": residual.value, "radius": size,
    }  # fmt: skip
    at_radius = None if size is None else worst_poisoning(n, k, size, excess, attack)
    beyond = worst_poisoning(n, k, 0 if size is None else size + 1, excess, attack)
    if at_radius is not None:
        fields |= {"margin_at_radius": _margin(at_radius.left, n, k, as_json)}
    if beyond is None:
        fields |= {"worst_size": None, "margin_beyond": "no larger attack exists"}
    else:
        fields |= {
            "worst_size": beyond.poisoned.size,
            "kept": beyond.poisoned.kept,
            "margin_beyond": _margin(beyond.left, n, k, as_json),
        }
    show(fields, as_json)


def _margin(left: Fraction, n: int, k: int, whole: bool) -> str:
    """Spell minus the left side of eq (4): positive where the budget is survived."""
    exact = over_lists(-left, n, k)
    if len(exact) > 200 and not whole:
        exact = f"{exact[:40]}… ({len(exact)} characters; --json has all)"
    return f"{decimal_enclosure(-left / n**k)} = {exact}"


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

"""``bagcert radius``: the certified poisoning size for given label bounds."""

from fractions import Fraction
from typing import Annotated, Any

import typer

from bagcert.reference.arithmetic.arguments import as_probability
from bagcert.reference.arithmetic.spelling import grid_point, margin
from bagcert.reference.commands.options import (
    AttackOption,
    Draws,
    Examples,
    Json,
    ResidualOption,
)
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual
from bagcert.reference.terminal.console import show
from bagcert.reference.terminal.listing import Group, listed
from bagcert.reference.theorem1 import certified_poisoning_size, gap_of, worst_poisoning

__all__ = ["radius"]


@listed(Group.PLAN, "bagcert radius --n 60000 --k 100 --p-lower 9/10 --p-upper 1/10")
def radius(
    n: Examples,
    k: Draws,
    p_lower: Annotated[
        str,
        typer.Option(
            help="The winning label's probability is at least this: 9/10, 0.9, or as a certificate "
            "spells it."
        ),
    ],
    p_upper: Annotated[str, typer.Option(help="Every other label's probability is at most this.")],
    attack: AttackOption = Attack.ANY,
    residual: ResidualOption = Residual.PAPER,
    as_json: Json = False,
) -> None:
    """Compute how much poisoning a prediction survives, given bounds on labels' probabilities.

    This is Theorem 1 of the paper, exactly; no votes are needed.
    """
    low, high = _bound("p_lower", p_lower), _bound("p_upper", p_upper)
    if low < high:
        raise ValueError(f"--p-lower must not be below --p-upper: {p_lower} < {p_upper}")
    size = certified_poisoning_size(n, k, low, high, attack=attack, residual=residual)
    *_, excess = gap_of(n, k, low, high, attack=attack, residual=residual)
    fields: dict[str, Any] = {
        "n": n, "k": k, "attack": attack.value, "residual": residual.value, "radius": size,
    }  # fmt: skip
    at_radius = None if size is None else worst_poisoning(n, k, size, excess, attack)
    beyond = worst_poisoning(n, k, 0 if size is None else size + 1, excess, attack)
    if at_radius is not None:
        fields |= {"margin_at_radius": margin(-at_radius.left, n, k, whole=as_json)}
    if beyond is None:
        fields |= {"worst_size": None, "margin_beyond": "no larger attack exists"}
    else:
        fields |= {
            "worst_size": beyond.poisoned.size,
            "kept": beyond.poisoned.kept,
            "margin_beyond": margin(-beyond.left, n, k, whole=as_json),
        }
    show(fields, as_json)


def _bound(name: str, text: str) -> Fraction:
    """A rational, or a bound as a certificate spells it."""
    if not text.startswith("0x"):
        return as_probability(name, text)
    try:
        return grid_point(text)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error

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
from bagcert.reference.theorem1 import certified_poisoning_size, gap_of, worst_poisoning

__all__ = ["radius"]


def radius(
    n: Examples,
    k: Draws,
    p_lower: Annotated[
        str, typer.Option(help="Lower bound of the top label: 9/10, 0.9, or 0x1.…p-1.")
    ],
    p_upper: Annotated[str, typer.Option(help="Upper bound of every other label.")],
    attack: AttackOption = Attack.ANY,
    residual: ResidualOption = Residual.PAPER,
    as_json: Json = False,
) -> None:
    """Exact certified poisoning size for label bounds p_l, p_s (Theorem 1)."""
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

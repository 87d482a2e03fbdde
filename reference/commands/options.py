"""Options that the commands of all houses share: one spelling, one help text."""

from collections.abc import Callable, Iterable
from typing import Annotated

import typer

from bagcert.reference.bounds import Method
from bagcert.reference.certificate.schema import Scope
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual

__all__ = [
    "AlphaOption",
    "AttackOption",
    "Draws",
    "Examples",
    "Json",
    "MethodOption",
    "ResidualOption",
    "ScopeOption",
    "among",
]

Examples = Annotated[int, typer.Option("--n", help="Training examples in all, n.")]
Draws = Annotated[
    int, typer.Option("--k", help="Training examples drawn, with replacement, for each model: k.")
]
AttackOption = Annotated[
    Attack,
    typer.Option(help="What may be done to training examples; any: all three, in any mixture."),
]
ResidualOption = Annotated[
    Residual,
    typer.Option(
        help="How a bound on a label's probability is rounded to whole draws of k examples. "
        "none: not at all; integral: sharper, and sound only for models that use no randomness of "
        "their own; paper: as the paper does."
    ),
]
MethodOption = Annotated[
    Method,
    typer.Option(
        help="How labels' probabilities are bounded from votes. selected: the winner's and the "
        "runner-up's; simuem: every label's, as in the paper; cohen: the winner's alone."
    ),
]
ScopeOption = Annotated[
    Scope,
    typer.Option(
        help="Whether α is shared by all test examples (simultaneous) or is that of each (each)."
    ),
]
AlphaOption = Annotated[
    str,
    typer.Option(
        help="The chance α, over the draw of the models, that a certificate is issued and wrong: "
        "1/1000 or 0.001."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def among(names: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    """Return what completes a value that is one of ``names()``, asked for when a shell asks."""

    def begun(incomplete: str) -> list[str]:
        return [name for name in names() if name.startswith(incomplete)]

    return begun

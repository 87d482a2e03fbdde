"""Options that the commands of all houses share: one spelling, one help text."""

from typing import Annotated

import typer

from bagcert.reference.bounds import Method
from bagcert.reference.certificate.schema import Scope
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual

Examples = Annotated[int, typer.Option("--n", help="Training examples, n.")]
Draws = Annotated[int, typer.Option("--k", help="Examples in each model's list, k.")]
AttackOption = Annotated[Attack, typer.Option(help="What the attacker may do.")]
ResidualOption = Annotated[
    Residual, typer.Option(help="How bounds become lists; 'integral' for seedless learners only.")
]
MethodOption = Annotated[Method, typer.Option(help="How the level is spent on bounds.")]
ScopeOption = Annotated[Scope, typer.Option(help="α for all examples together, or for each.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

"""``bagcert compare``: the same votes under each method."""

from bagcert.fastpath.commands.options import Radii, VotesPath, as_radii
from bagcert.fastpath.commands.reading import Reading, reads_votes
from bagcert.reference.certificate.schema import Scope
from bagcert.reference.commands.options import (
    AlphaOption,
    AttackOption,
    Json,
    ResidualOption,
    ScopeOption,
)
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual
from bagcert.reference.terminal.console import show
from bagcert.reference.terminal.listing import Group, listed

__all__ = ["compare"]


@listed(Group.RESEARCH, "bagcert compare votes.csv --n 60000 --k 100")
@reads_votes
def compare(
    votes: VotesPath,
    reading: Reading,
    alpha: AlphaOption = "1/1000",
    radii: Radii = "0,5,10,20,30",
    scope: ScopeOption = Scope.SIMULTANEOUS,
    attack: AttackOption = Attack.ANY,
    residual: ResidualOption = Residual.PAPER,
    as_json: Json = False,
) -> None:
    """The same votes under each method of bounding labels' probabilities, side by side."""
    from bagcert.fastpath.report.methods import compare_methods, print_comparison

    wanted = as_radii(radii)
    counted = reading.votes(votes, n=reading.n, k=reading.k)
    table = compare_methods(counted, alpha, wanted, scope=scope, attack=attack, residual=residual)
    if as_json:
        show(table, as_json)
    else:
        print_comparison(table, counted.counts.shape[0])

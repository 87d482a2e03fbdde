"""``bagcert compare``: what each way of bounding label probabilities costs, on the same votes."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from bagcert.fastpath.certification.bulk import certify_votes
from bagcert.fastpath.certification.certificate_file import header_for
from bagcert.fastpath.report.shares import percent
from bagcert.fastpath.votes.votes import Votes
from bagcert.reference.arithmetic.spelling import spell_rational
from bagcert.reference.bounds import Method, proven_level
from bagcert.reference.certificate.schema import Scope
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual
from bagcert.reference.terminal.tables import print_table

__all__ = ["compare_methods", "print_comparison"]


def compare_methods(
    votes: Votes,
    alpha: Fraction | int | str,
    radii: Sequence[int],
    *,
    scope: Scope | str,
    attack: Attack | str,
    residual: Residual | str,
) -> dict[str, dict[str, Any]]:
    """Return, for each method, what it certifies: nothing is rounded.

    ``certified`` rows, ``level_proven_for_one_example``, ``radii`` (the sum of r* over all rows,
    an abstention counting nothing, and the least, middle and largest of certified rows), how many
    rows have a larger or a smaller radius than with ``selected`` (an abstention being smaller than
    0), and ``certified_accuracy``, ``[r, rows]`` at each wanted r where the votes state the truth.

    Raises:
        ValueError: votes without n and k; ``integral`` for votes whose header does not say that
            the learner ignores its seed; an argument outside its domain.
    """
    found = {}
    for method in (Method.SELECTED, Method.SIMUEM, Method.COHEN):
        header = header_for(votes, alpha, method, scope, attack, residual)
        found[method] = certify_votes(
            votes.counts,
            header.n,
            header.k,
            header.alpha,
            method=method,
            scope=scope,
            attack=attack,
            residual=residual,
            ignores_seed=True,  # or header_for has refused what needs it
        )
    basis = found[Method.SELECTED].radius
    table: dict[str, dict[str, Any]] = {}
    for method, made in found.items():
        radius = made.radius
        certified = np.sort(radius[radius >= 0])
        fields: dict[str, Any] = {
            "certified": len(certified),
            "abstained": header.examples - len(certified),
            "level_proven_for_one_example": spell_rational(
                proven_level(header.level, header.classes, method)
            ),
            "radius_sum": int(certified.sum()),
            "radius_min_median_max": [
                int(certified[(len(certified) - 1) * part // 2]) for part in range(3)
            ]
            if len(certified)
            else None,
            "rows_above_selected": int((radius > basis).sum()),
            "rows_below_selected": int((radius < basis).sum()),
        }
        if votes.labels is not None:
            right = made.label == votes.labels
            fields["certified_accuracy"] = [[r, int((right & (radius >= r)).sum())] for r in radii]
        table[method.value] = fields
    return table


def print_comparison(table: dict[str, dict[str, Any]], examples: int) -> None:
    """Print one column for each method."""
    lines: list[tuple[object, ...]] = []

    def line(name: str, cells: Sequence[object]) -> None:
        lines.append((name, *cells))

    columns = list(table.values())
    for name in ("certified", "abstained"):
        line(name, [column[name] for column in columns])
    proven = [Fraction(column["level_proven_for_one_example"]) for column in columns]
    line("proven level of one example", [f"{float(level):.3g}" for level in proven])
    line("mean radius, abstentions as 0", [f"{c['radius_sum'] / examples:.2f}" for c in columns])
    for part, name in enumerate(("least radius", "median radius", "largest radius")):
        spread = [column["radius_min_median_max"] for column in columns]
        line(name, [None if s is None else s[part] for s in spread])
    for name in ("rows_above_selected", "rows_below_selected"):
        line(name.replace("_", " "), [column[name] for column in columns])
    if "certified_accuracy" in columns[0]:
        for i, (r, _) in enumerate(columns[0]["certified_accuracy"]):
            right = [column["certified_accuracy"][i][1] for column in columns]
            line(f"certified accuracy, r = {r}", [percent(rows, examples) for rows in right])
    print_table(("", *table), lines)

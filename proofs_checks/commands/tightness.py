"""``bagcert tightness``: the bound met from both sides."""

from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Annotated, Any

import typer

from bagcert.reference.arithmetic.arguments import as_integer
from bagcert.reference.arithmetic.limits import MAX_MODELS
from bagcert.reference.arithmetic.spelling import decimal_enclosure, over_lists
from bagcert.reference.commands.options import Json
from bagcert.reference.terminal.console import FALSE, UNUSABLE, progress_bar, say, show
from bagcert.reference.terminal.listing import Group, listed

__all__ = ["tightness"]

_LABELS = ("l", "s")
#: Labels of A* that are shown; the rest are alike.
_SHOWN = 6


@listed(Group.RESEARCH, "bagcert tightness --n 60 --k 3 --p-lower 4/5 --simulate 1000")
def tightness(
    n: Annotated[
        str,
        typer.Option("--n", help="Training examples in all, n; several with commas for --sweep."),
    ],
    k: Annotated[
        str,
        typer.Option("--k", help="Training examples drawn for each model, k; several for --sweep."),
    ],
    p_lower: Annotated[
        str, typer.Option(help="The winning label's probability is at least this; several, too.")
    ],
    p_upper: Annotated[
        str | None,
        typer.Option(help="Every other label's is at most this; 1 - p_lower if not given."),
    ] = None,
    classes: Annotated[int, typer.Option(help="Labels that an example may have, c.")] = 2,
    attack: Annotated[
        str,
        typer.Option(
            help="What may be done to training examples: any, modify, delete, insert; several, too."
        ),
    ] = "any",
    residual: Annotated[
        str,
        typer.Option(
            help="How bounds are rounded to whole draws: none, integral, paper; several, too."
        ),
    ] = "none",
    simulate: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Train the adversary's model N times on clean and N times on poisoned draws.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the simulation.")] = 0,
    sweep: Annotated[
        bool, typer.Option("--sweep", help="Every combination of the values given.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where --sweep writes its CSV.")
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Where --sweep draws its PNG.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace outputs that exist.")] = False,
    as_json: Json = False,
) -> int:
    """See that a radius cannot be improved: at one more, an adversary overturns the vote.

    The adversary is that of Theorem 2, and is run.
    """
    from bagcert.proofs_checks.tightness.both_sides import setting

    lists = [
        split_list(name, text)
        for name, text in (
            ("n", n),
            ("k", k),
            ("p-lower", p_lower),
            ("attack", attack),
            ("residual", residual),
        )
    ]
    uppers: list[str | None] = [None] if p_upper is None else [*split_list("p-upper", p_upper)]
    if not sweep and max(*map(len, lists), len(uppers)) > 1:
        raise ValueError("several values are for --sweep")
    settings = [
        setting(_integer("n", one), _integer("k", other), low, high, classes, kind, rounding)
        for one, other, low, kind, rounding in product(*lists)
        for high in uppers
    ]
    if sweep:
        if simulate is not None:
            raise ValueError("--simulate is for one setting, without --sweep")
        return _sweep(settings, output, plot, force, as_json)
    if output is not None or plot is not None:
        raise ValueError("--output and --plot are for --sweep")
    return _one(settings[0], simulate, seed, as_json)


def _one(where: Any, models: int | None, seed: int, as_json: bool) -> int:
    from bagcert.proofs_checks.tightness.both_sides import changes
    from bagcert.proofs_checks.tightness.both_sides import tightness as look
    from bagcert.proofs_checks.tightness.simulation import simulate, visible_radius

    if models is not None:
        as_integer("simulate", models, 1, MAX_MODELS)
    found = look(where)
    fields: dict[str, Any] = {
        "n": where.n, "k": where.k, "p_lower": str(where.p_lower), "p_upper": str(where.p_upper),
        "classes": where.classes, "attack": where.attack.value, "residual": where.residual.value,
        "radius": found.radius,
    }  # fmt: skip
    for name, best in (
        ("worst_margin_at_radius", found.at_radius),
        ("worst_margin_beyond", found.beyond),
    ):
        fields[name] = None if best is None else _exact(best.margin, where, as_json)
    fields["radius_of_the_optimum"] = found.optimum_radius
    if found.unmet is not None:
        fields["assumption_that_fails"] = found.unmet
    if found.exhausted:
        fields["adversary"] = "no larger attack exists"
    learner = found.learner
    if learner is not None:
        size, kept = learner.poisoned
        fields |= {"adversary_at_radius": found.adversary_radius, "poisoned_size": size,
                   "kept": kept, **changes(where.n, learner.poisoned)}  # fmt: skip
        fields |= _side_by_side(learner, as_json)
    fields["as_claimed"] = found.as_claimed if as_json else ("yes" if found.as_claimed else "NO")
    fine = found.as_claimed
    if models is not None:
        if learner is None or found.adversary_radius is None:
            raise ValueError("--simulate needs an adversary, and there is none here")
        runs = [("simulated", found.adversary_radius)]
        visible = visible_radius(where, found.adversary_radius, models)
        if visible is None:
            fields["flip_shown_by_N_from_radius"] = None
        elif visible > found.adversary_radius:
            runs.append(("simulated", visible))
        for name, radius in runs:
            with progress_bar(f"bagging A* at r = {radius}", 2 * models) as advance:
                clean, after = simulate(where.adversary(radius), models, seed, progress=advance)
            fields |= _as_votes(f"{name}_at_{radius}", clean, after, as_json)
            fine = fine and clean.agree and after.agree
    show(fields, as_json)
    return 0 if fine else FALSE


def _exact(value: Fraction, where: Any, whole: bool) -> str:
    exact = over_lists(value * where.n**where.k, where.n, where.k)
    if len(exact) > 80 and not whole:
        exact = f"{exact[:24]}… ({len(exact)} characters; --json has all)"
    return f"{decimal_enclosure(value)} = {exact}"


def _side_by_side(learner: Any, as_json: bool) -> dict[str, Any]:
    clean, after = learner.probabilities(False), learner.probabilities(True)
    if as_json:
        both = {"under_D": clean, "under_D_poisoned": after}
        return {
            name: [f"{p.numerator:#x}/{p.denominator:#x}" for p in ps] for name, ps in both.items()
        }
    rows = [
        (
            f"Pr({_LABELS[j] if j < 2 else j})",
            f"D: {decimal_enclosure(p, 6)}   D': {decimal_enclosure(q, 6)}",
        )
        for j, (p, q) in enumerate(zip(clean, after, strict=True))
    ]
    return dict(rows[:_SHOWN]) | ({"…": f"{len(rows) - _SHOWN} more"} if len(rows) > _SHOWN else {})


def _as_votes(name: str, clean: Any, after: Any, as_json: bool) -> dict[str, Any]:
    flipped = clean.winner == 0 and after.winner != 0
    shown = flipped and clean.decided and after.decided
    agree = clean.agree and after.agree
    if as_json:
        return {name: {
            "votes_D": clean.counts, "votes_D_poisoned": after.counts, "flipped": flipped,
            "flip_beyond_doubt": shown, "within_bounds": agree,
        }}  # fmt: skip
    word = (
        "flips, beyond the bounds"
        if shown
        else ("flips, within the bounds" if flipped else "too close for so many votes")
    )
    found = {
        name: f"the vote {word}" if flipped else f"the vote is {word}",
        "  exact probabilities": "within the votes' bounds" if agree else "OUTSIDE the bounds",
    }
    for label in range(2):
        sides = (
            f"{where}: {votes.counts[label]} in [{float(votes.bounds[label][0]):.4f}, "
            f"{float(votes.bounds[label][1]):.4f}], exact {float(votes.probabilities[label]):.4f}"
            for where, votes in (("D", clean), ("D'", after))
        )
        found[f"  votes for {_LABELS[label]}"] = "   ".join(sides)
    # Each run has its own lines: names must differ.
    tag = name.rpartition("_")[2]
    return {key if key == name else f"{key} (r={tag})": text for key, text in found.items()}


def _sweep(
    settings: list[Any], output: Path | None, plot: Path | None, force: bool, as_json: bool
) -> int:
    from bagcert.proofs_checks.tightness import sweep as grid
    from bagcert.reference.terminal.outputs import refuse_existing, refuse_suffix

    for path, suffix in ((output, ".csv"), (plot, ".png")):
        if path is not None:
            refuse_existing(path, force=force)
            refuse_suffix(path, suffix)
    with progress_bar("settings", len(settings)) as advance:
        rows = grid.sweep(settings, progress=lambda done: advance(done, len(settings)))
    if output is not None:
        grid.write_sweep(rows, output, force=force)
    if plot is not None:
        grid.draw_sweep(rows, plot, force=force)
        say(f"drew {plot}")
    wrong = [row for row in rows if not row.as_claimed]
    disorder = grid.order_violations(rows)
    tight = [row for row in rows if row.unmet is None]
    ended = sum(row.exhausted for row in tight)
    by_one = sum(row.adversary_radius is not None and row.as_claimed for row in tight)
    fields: dict[str, Any] = {
        "settings": len(rows),
        "where_the_assumptions_hold": len(tight),
        "radius_and_adversary_differ_by_one": by_one,
        "no_larger_attack_exists": ended,
        "not_as_claimed": len(wrong),
        "out_of_order": disorder,
    }
    costs = [
        f"n = {cost.n}, k = {cost.k}: r* falls in {cost.smaller} of {cost.settings} settings, "
        f"by at most {cost.largest}; {cost.lost} certificates lost"
        for cost in grid.residual_cost(rows)
    ]
    if costs:
        fields["cost_of_the_paper's_residuals"] = costs
    show(fields, as_json)
    if wrong:
        say(f"first setting that is not as claimed: {wrong[0].setting}")
    if wrong or disorder:
        return FALSE
    if not tight:
        say("nothing was checked: in no setting do the assumptions of Theorem 2 hold")
        return UNUSABLE
    return 0


def split_list(name: str, text: str) -> list[str]:
    """Return the values of a list with commas: 1 to 1000 of them, none empty."""
    values = [part.strip() for part in text.split(",")]
    if not all(values) or len(values) > 1000:
        raise ValueError(f"{name} must be up to 1000 values separated by commas, not {text!r:.60}")
    return values


def _integer(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 20):
        raise ValueError(f"{name} must be an integer, not {text!r:.60}")
    return int(text)

"""``bagcert plan``: what can be certified, before anyone trains."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Annotated, Any, Final

import typer

from bagcert.reference.arithmetic.limits import MAX_LIST_BITS
from bagcert.reference.arithmetic.spelling import spell_rational
from bagcert.reference.bounds import Method
from bagcert.reference.certificate.schema import Scope
from bagcert.reference.commands.options import (
    AlphaOption,
    AttackOption,
    Examples,
    Json,
    MethodOption,
    ResidualOption,
    ScopeOption,
)
from bagcert.reference.planning import Plan, largest_list
from bagcert.reference.planning import plan as make_plan
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual
from bagcert.reference.setting import Setting
from bagcert.reference.terminal.console import FALSE, progress_bar, show
from bagcert.reference.terminal.listing import Group, listed
from bagcert.reference.terminal.tables import print_table

__all__ = ["plan"]

#: What is tried where no k, or no N, is named.
_LISTS: Final = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
_MODELS: Final = (100, 1000, 10_000, 100_000)


@listed(
    Group.PLAN,
    "bagcert plan --n 60000 --classes 10 --examples 10000 --radius 100 --k 100 --models 1000",
    "bagcert plan --n 60000 --classes 10 --examples 10000 --radius 100",
)
def plan(
    n: Examples,
    classes: Annotated[int, typer.Option(help="Labels that an example may have, c.")],
    examples: Annotated[int, typer.Option(help="Test examples to certify, e.")],
    target: Annotated[
        int, typer.Option("--radius", help="Poisoned training examples to survive, r.")
    ],
    k: Annotated[
        str | None,
        typer.Option("--k", help="Training examples drawn for each model, k; several with commas."),
    ] = None,
    models: Annotated[str | None, typer.Option(help="Models, N; several with commas.")] = None,
    alpha: AlphaOption = "1/1000",
    method: MethodOption = Method.SELECTED,
    scope: ScopeOption = Scope.SIMULTANEOUS,
    attack: AttackOption = Attack.ANY,
    residual: ResidualOption = Residual.PAPER,
    as_json: Json = False,
) -> int:
    """Say before training whether a radius can be certified, and with how many models.

    With one k and one N, all about them; else the share of votes that each k and N need.
    """
    lists = _lists_for(n) if k is None else _integers("k", k)
    totals = _MODELS if models is None else _integers("models", models)
    plans: dict[tuple[int, int], Plan] = {}
    with progress_bar("planning", len(lists) * len(totals)) as advance:
        for size, total in product(lists, totals):
            plans[size, total] = make_plan(
                n,
                size,
                classes,
                total,
                examples,
                alpha,
                target,
                method=method,
                scope=scope,
                attack=attack,
                residual=residual,
            )
            advance(len(plans), len(lists) * len(totals))
    possible = any(found.possible for found in plans.values())
    if len(plans) == 1:
        (found,) = plans.values()
        show(_single(found, as_json), as_json)
    else:
        some = next(iter(plans.values()))
        setting = Setting(n, 1, classes, max(totals), some.level, method, attack, residual)
        _show_grid(plans, setting, target, as_json)
    return 0 if possible else FALSE


def _lists_for(n: int) -> list[int]:
    most = MAX_LIST_BITS // max(n, 1).bit_length()
    return [k for k in _LISTS if k <= most]


def _integers(name: str, text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdecimal() and len(part) <= 20 for part in parts):
        raise ValueError(f"{name} must be integers separated by commas, not {text!r:.60}")
    return sorted({int(part) for part in parts})


def _single(found: Plan, as_json: bool) -> dict[str, Any]:
    return {
        "possible": found.possible if as_json else ("yes" if found.possible else "no"),
        "level_of_one_example": spell_rational(found.level),
        "radius_if_unanimous": found.largest_radius,
        "radius_no_N_can_exceed": found.limit,
        "votes_that_always_suffice": found.sufficient_votes,
        "votes_without_which_none": found.necessary_votes,
        "smallest_N_if_unanimous": found.smallest_models,
    }


def _show_grid(
    plans: dict[tuple[int, int], Plan], setting: Setting, target: int, as_json: bool
) -> None:
    """Print the grid, the largest k, and what to change where nothing is certified."""
    largest = largest_list(setting, target)
    possible = any(found.possible for found in plans.values())
    advice = [] if possible else list(_advice(plans, setting, target, largest))
    if as_json:
        each = [
            {"k": k, "models": total, **_single(found, as_json)}
            for (k, total), found in plans.items()
        ]
        fields: dict[str, Any] = {"possible": possible, "cells": each}
        show({**fields, "largest_k": largest, "what_to_change": advice}, as_json)
        return
    print(f"votes for the top label that always certify r = {target}, of N")
    totals = sorted({total for _, total in plans})
    print_table(
        ("k", *(f"N = {total}" for total in totals), "at most r"),
        [
            (k, *(_cell(plans[k, total], total) for total in totals), plans[k, totals[0]].limit)
            for k in sorted({k for k, _ in plans})
        ],
    )
    print(f"largest k that certifies r with N = {setting.models}: {largest or 'none'}")
    for words in advice:
        print(words)


def _cell(found: Plan, total: int) -> str | None:
    votes = found.sufficient_votes
    return None if votes is None else f"{votes} ({-(-1000 * votes // total) / 10:.1f} %)"


def _advice(
    plans: dict[tuple[int, int], Plan], setting: Setting, target: int, largest: int | None
) -> Iterator[str]:
    """Say what would have to change for the target to be certified at all."""
    if largest is not None:
        yield f"a smaller k: up to {largest} with N = {setting.models}"
    smallest: Sequence[tuple[int, int]] = sorted(
        {(found.smallest_models, k) for (k, _), found in plans.items() if found.smallest_models}
    )
    if smallest:
        least, at = smallest[0]
        yield f"more models: N = {least} at k = {at}, if they all agree"
    reach = max(found.limit for found in plans.values())
    if reach < target:
        yield f"a smaller radius: no N certifies more than {reach} at these k"
    if setting.attack == Attack.ANY and largest is None:
        weaker = replace(setting, attack=Attack.DELETE)
        if (longest := largest_list(weaker, target)) is not None:
            yield f"a weaker attacker: deletions alone, k up to {longest} with N = {setting.models}"

"""Which rows a crosscheck compares, under which settings."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from bagcert.fastpath.crosscheck.comparison import (
    Setting,
    boundary_bounds,
    crosscheck,
    crosscheck_bounds,
)
from bagcert.fastpath.crosscheck.rows import edge_rows, random_rows
from bagcert.reference.arithmetic.arguments import as_integer, as_level, as_member, check_setting
from bagcert.reference.arithmetic.limits import MAX_TESTED
from bagcert.reference.bounds import Method
from bagcert.reference.certificate.schema import Scope
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual

__all__ = ["Asked", "comparisons"]

_KindT = TypeVar("_KindT", bound=StrEnum)
#: Settings in which n^k divides 2^53, so that ties are hit exactly.
_DYADIC = ((1, 1), (2, 1), (2, 53), (4, 3), (1024, 5), (2**26, 2), (2**17, 3))


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which rows are compared, under which settings."""

    votes: Path | None
    random: int | None
    boundary: bool
    vectors: Path | None
    counts: str | None
    n: int | None
    k: int | None
    alpha: str
    method: str
    scope: Scope
    attack: str
    residual: str
    classes: int
    models: int
    rows: int
    seed: int


def comparisons(asked: Asked) -> Iterator[tuple[str, Any, tuple[Any, ...]]]:
    """Each comparison: a name, a function that makes a report, its arguments."""
    sources: list[tuple[str, Any, int | None, int | None]] = []
    if asked.votes is not None:
        from bagcert.fastpath.votes.votes import read_votes

        votes = read_votes(asked.votes, n=asked.n, k=asked.k)
        header = votes.header or {}
        sources.append((str(asked.votes), votes.counts, header.get("n"), header.get("k")))
    if asked.random is not None:
        rows = as_integer("random", asked.random, 0, MAX_TESTED)
        made = random_rows(rows, asked.classes, asked.models, asked.seed)
        sources.append((f"random {rows}", made, None, None))
    if asked.counts is not None:
        sources.append(("counts", _one_row(asked.counts), None, None))
    if asked.boundary:
        edges = edge_rows(asked.rows, asked.classes, asked.models)
        sources.append(("edges", edges, None, None))
    for name, counts, stated_n, stated_k in sources:
        for setting in _settings(asked, stated_n, stated_k):
            yield f"{name} {_spelled(setting)}", crosscheck, (counts, setting)
    if asked.boundary:
        seen = set()
        for setting in _settings(asked, None, None):
            key = setting.attack, setting.residual
            if key in seen:  # bounds are given: the method does not matter
                continue
            seen.add(key)
            for n, k in {(setting.n, setting.k), *_DYADIC}:
                at = Setting(n, k, setting.alpha, attack=setting.attack, residual=setting.residual)
                bounds = boundary_bounds(n, k, setting.attack, asked.rows, asked.seed)
                yield f"ties {_spelled(at)}", crosscheck_bounds, (*bounds, at)


def _settings(asked: Asked, n: int | None, k: int | None) -> Iterator[Setting]:
    n, k = (asked.n if n is None else n), (asked.k if k is None else k)
    if n is None or k is None:
        n, k = n or 60_000, k or 100
    check_setting(n, k)
    alpha = as_level("alpha", asked.alpha)
    scope = Scope.EACH if asked.counts is not None else asked.scope
    for method, attack, residual in product(
        _chosen("method", asked.method, Method),
        _chosen("attack", asked.attack, Attack),
        _chosen("residual", asked.residual, Residual),
    ):
        yield Setting(n, k, alpha, method, scope, attack, residual)


def _chosen(name: str, text: str, kind: type[_KindT]) -> list[_KindT]:
    if text == "all":
        return list(kind)
    return [as_member(name, part.strip(), kind) for part in text.split(",")]


def _one_row(text: str) -> Any:
    parts = text.split(",")
    if not all(part.isascii() and part.isdecimal() and len(part) <= 8 for part in parts):
        raise ValueError(f"counts must be integers separated by commas, not {text!r:.60}")
    return np.array([[int(part) for part in parts]])


def _spelled(setting: Setting) -> str:
    kinds = f"{setting.method} {setting.attack} {setting.residual}"
    return f"n={setting.n} k={setting.k} {kinds}"

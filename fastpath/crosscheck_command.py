"""``bagcert crosscheck``: which rows, under which settings, and what is said of them."""

from collections.abc import Iterator
from enum import StrEnum
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np

from bagcert.fastpath.crosscheck import (
    Report,
    Setting,
    boundary_bounds,
    crosscheck,
    crosscheck_bounds,
)
from bagcert.fastpath.crosscheck_report import Case, annotations, write_junit
from bagcert.fastpath.crosscheck_rows import edge_rows, random_rows, vector_differences
from bagcert.reference.bounds import Method
from bagcert.reference.console import FALSE, progress_bar, say, show
from bagcert.reference.exact import MAX_TESTED, as_integer, as_level, as_member, check_setting
from bagcert.reference.files import refuse_existing
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual
from bagcert.reference.schema import Scope

__all__ = ["Request", "run"]

_KindT = TypeVar("_KindT", bound=StrEnum)
#: Settings in which n^k divides 2^53, so that ties are hit exactly.
_DYADIC = ((1, 1), (2, 1), (2, 53), (4, 3), (1024, 5), (2**26, 2), (2**17, 3))


class Request(NamedTuple):
    """The command line."""

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


def run(request: Request, junit: Path | None, force: bool, as_json: bool) -> int:
    """Compare, print a summary, write what was asked for; 1 at any difference."""
    chosen = [
        request.votes, request.random, request.boundary or None, request.vectors, request.counts,
    ]  # fmt: skip
    if all(one is None for one in chosen):
        raise ValueError("rows are needed: VOTES, --random, --boundary, --vectors or --counts")
    if junit is not None:
        refuse_existing(junit, force=force)
    work = list(_work(request))
    cases: list[Case] = []
    reports: list[Report] = []
    with progress_bar("comparing", len(work) + (request.vectors is not None)) as advance:
        for done, (name, compare, arguments) in enumerate(work, start=1):
            report = compare(*arguments)
            reports.append(report)
            seconds = report.fast_seconds + report.exact_seconds
            cases.append(Case(name, seconds, _failure(report)))
            advance(done, len(work))
        fields = _summary(reports)
        if request.vectors is not None:
            compared, left_out, faults = vector_differences(request.vectors)
            fields |= {"vectors": compared, "vectors_floats_cannot_state": left_out}
            fields["differences"] += len(faults)
            cases.append(Case("vectors", 0.0, "\n".join(faults[:20]) if faults else None))
    if junit is not None:
        write_junit(cases, junit, force=force)
    failed = [case for case in cases if case.failure is not None]
    show(fields, as_json)
    for line in annotations(cases):
        print(line)
    smallest = [report.smallest for report in reports if report.smallest is not None]
    if smallest:
        worst = min(smallest, key=lambda one: (sum(one.counts), one.counts))
        say(f"{worst.field} is {worst.fast}, exactly {worst.exact}; again with:")
        say(worst.command)
    elif failed:
        say(str(failed[0].failure))
    return FALSE if failed else 0


def _work(request: Request) -> Iterator[tuple[str, Any, tuple[Any, ...]]]:
    """Each comparison: a name, a function that makes a report, its arguments."""
    sources: list[tuple[str, Any, int | None, int | None]] = []
    if request.votes is not None:
        from bagcert.fastpath.votes import read_votes

        votes = read_votes(request.votes, n=request.n, k=request.k)
        header = votes.header or {}
        sources.append((str(request.votes), votes.counts, header.get("n"), header.get("k")))
    if request.random is not None:
        rows = as_integer("random", request.random, 0, MAX_TESTED)
        made = random_rows(rows, request.classes, request.models, request.seed)
        sources.append((f"random {rows}", made, None, None))
    if request.counts is not None:
        sources.append(("counts", _one_row(request.counts), None, None))
    if request.boundary:
        edges = edge_rows(request.rows, request.classes, request.models)
        sources.append(("edges", edges, None, None))
    for name, counts, stated_n, stated_k in sources:
        for setting in _settings(request, stated_n, stated_k):
            yield f"{name} {_spelled(setting)}", crosscheck, (counts, setting)
    if request.boundary:
        seen = set()
        for setting in _settings(request, None, None):
            key = setting.attack, setting.residual
            if key in seen:  # bounds are given: the method does not matter
                continue
            seen.add(key)
            for n, k in {(setting.n, setting.k), *_DYADIC}:
                at = Setting(n, k, setting.alpha, attack=setting.attack, residual=setting.residual)
                bounds = boundary_bounds(n, k, setting.attack, request.rows, request.seed)
                yield f"ties {_spelled(at)}", crosscheck_bounds, (*bounds, at)


def _settings(request: Request, n: int | None, k: int | None) -> Iterator[Setting]:
    n, k = (request.n if n is None else n), (request.k if k is None else k)
    if n is None or k is None:
        n, k = n or 60_000, k or 100
    check_setting(n, k)
    alpha = as_level("alpha", request.alpha)
    scope = Scope.EACH if request.counts is not None else request.scope
    for method, attack, residual in product(
        _chosen("method", request.method, Method),
        _chosen("attack", request.attack, Attack),
        _chosen("residual", request.residual, Residual),
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


def _failure(report: Report) -> str | None:
    if report.smallest is None:
        return None
    worst = report.smallest
    return (
        f"{report.differing} of {report.rows} rows differ; the smallest, {worst.counts}: "
        f"{worst.field} is {worst.fast}, exactly {worst.exact}\n{worst.command}"
    )


def _summary(reports: list[Report]) -> dict[str, Any]:
    rows = sum(report.rows for report in reports)
    fast = sum(report.fast_seconds for report in reports)
    exact = sum(report.exact_seconds for report in reports)
    undecided = sum(report.undecided for report in reports)
    return {
        "comparisons": len(reports),
        "rows": rows,
        "distinct_pairs": sum(report.distinct for report in reports),
        "rows_a_second_fast": round(rows / fast) if fast else None,
        "rows_a_second_exact": round(rows / exact) if exact else None,
        "share_float_could_not_decide": f"{undecided / rows:.2e}" if rows else None,
        "differences": sum(report.differing for report in reports),
    }

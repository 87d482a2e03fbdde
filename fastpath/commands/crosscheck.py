"""``bagcert crosscheck``: both paths on the same rows."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from bagcert.fastpath.crosscheck.comparison import Report

from bagcert.fastpath.commands.options import Force
from bagcert.fastpath.commands.reading import Reading, reads_votes
from bagcert.reference.certificate.schema import Scope
from bagcert.reference.commands.options import AlphaOption, Json, ScopeOption
from bagcert.reference.terminal.console import FALSE, progress_bar, say, show, tell
from bagcert.reference.terminal.listing import Group, listed

__all__ = ["crosscheck"]

#: Classes of rows that are made up.
_CLASSES = 10


@listed(
    Group.RESEARCH,
    "bagcert crosscheck votes.csv --n 60000 --k 100",
    "bagcert crosscheck --random 1000 --n 60000 --k 100",
)
@reads_votes
def crosscheck(
    reading: Reading,
    votes: Annotated[
        Path | None,
        typer.Argument(help="Votes to compare on: .npz, or .npy or .csv with --n and --k."),
    ] = None,
    random: Annotated[
        int | None,
        typer.Option(metavar="ROWS", help="Make up so many rows of votes, of all kinds."),
    ] = None,
    boundary: Annotated[
        bool,
        typer.Option(
            "--boundary",
            help="Make up rows where an answer is about to change: ties, and one step either side.",
        ),
    ] = False,
    vectors: Annotated[
        bool,
        typer.Option(
            "--vectors", help="Compare with the published test vectors, in --vectors-dir."
        ),
    ] = False,
    counts: Annotated[
        str | None, typer.Option(help="Compare on one row: its counts, separated by commas.")
    ] = None,
    vectors_dir: Annotated[Path, typer.Option(help="Where --vectors finds them.")] = Path(
        "tests/vectors"
    ),
    alpha: AlphaOption = "1/1000",
    method: Annotated[
        str, typer.Option(help="selected, simuem, cohen; several with commas, or all.")
    ] = ("selected"),
    scope: ScopeOption = Scope.SIMULTANEOUS,
    attack: Annotated[
        str, typer.Option(help="any, modify, delete, insert; several with commas, or all.")
    ] = "any",
    residual: Annotated[
        str, typer.Option(help="none, integral, paper; several with commas, or all.")
    ] = "paper",
    models: Annotated[int, typer.Option(help="Votes in each row that is made up, N.")] = 1000,
    rows: Annotated[
        int, typer.Option(help="Rows that --boundary makes up, for each setting.")
    ] = 10_000,
    seed: Annotated[int, typer.Option(help="Seed of the rows that are made up.")] = 0,
    junit: Annotated[
        Path | None, typer.Option(help="Write the outcome as JUnit XML, which CI systems show.")
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> int:
    """Certify the same votes by the fast path and by the exact reference, and compare them.

    Exit status 1 at any difference, however small.
    """
    from bagcert.fastpath.crosscheck.junit import Case, annotations, write_junit
    from bagcert.fastpath.crosscheck.rows import vector_differences
    from bagcert.fastpath.crosscheck.work import Asked, comparisons
    from bagcert.reference.terminal.outputs import refuse_existing

    counted = None
    if votes is not None:
        counted = reading.votes(votes, n=reading.n, k=reading.k)
    asked = Asked(
        votes=counted,
        votes_name=str(votes),
        random=random,
        boundary=boundary,
        vectors=vectors_dir if vectors else None,
        counts=counts,
        n=reading.n,
        k=reading.k,
        alpha=alpha,
        method=method,
        scope=scope,
        attack=attack,
        residual=residual,
        classes=_CLASSES if reading.classes is None else reading.classes,
        models=models,
        rows=rows,
        seed=seed,
    )
    chosen = [
        asked.votes, asked.random, asked.boundary or None, asked.vectors, asked.counts,
    ]  # fmt: skip
    if all(one is None for one in chosen):
        raise ValueError("rows are needed: VOTES, --random, --boundary, --vectors or --counts")
    if junit is not None:
        refuse_existing(junit, force=force, inputs=[*([votes] if votes else []), *reading.files()])
    work = list(comparisons(asked))
    cases: list[Case] = []
    reports: list[Report] = []
    with progress_bar("comparing", len(work) + (asked.vectors is not None)) as advance:
        for done, (name, compare, arguments) in enumerate(work, start=1):
            report = compare(*arguments)
            reports.append(report)
            seconds = report.fast_seconds + report.exact_seconds
            cases.append(Case(name, seconds, _failure(report)))
            advance(done, len(work))
        fields = _summary(reports)
        if asked.vectors is not None:
            compared, left_out, faults = vector_differences(asked.vectors)
            fields |= {"vectors": compared, "vectors_floats_cannot_state": left_out}
            fields["differences"] += len(faults)
            cases.append(Case("vectors", 0.0, "\n".join(faults[:20]) if faults else None))
    if junit is not None:
        write_junit(cases, junit, force=force)
    failed = [case for case in cases if case.failure is not None]
    show(fields, as_json)
    for line in annotations(cases):
        tell(line)
    smallest = [report.smallest for report in reports if report.smallest is not None]
    if smallest:
        worst = min(smallest, key=lambda one: (sum(one.counts), one.counts))
        say(f"{worst.field} is {worst.fast}, exactly {worst.exact}; again with:")
        say(worst.command)
    elif failed:
        say(str(failed[0].failure))
    return FALSE if failed else 0


def _failure(report: "Report") -> str | None:
    if report.smallest is None:
        return None
    worst = report.smallest
    return (
        f"{report.differing} of {report.rows} rows differ; the smallest, {worst.counts}: "
        f"{worst.field} is {worst.fast}, exactly {worst.exact}\n{worst.command}"
    )


def _summary(reports: list["Report"]) -> dict[str, Any]:
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

"""Commands from votes to audited certificates: train, certify, audit, report, crosscheck, compare.

Heavy imports happen inside the commands: ``bagcert audit`` without ``--votes`` needs neither
numpy nor scikit-learn, and starts in a blink.
"""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from bagcert.fastpath.figures.scale import Scale
from bagcert.reference.bounds import Method
from bagcert.reference.cli import (
    AttackOption,
    Json,
    MethodOption,
    ResidualOption,
    ScopeOption,
)
from bagcert.reference.console import FALSE, command, progress_bar, say, show
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual
from bagcert.reference.schema import Scope

Force = Annotated[bool, typer.Option("--force", help="Replace the output if it exists.")]
CertificatePath = Annotated[Path, typer.Argument(help="The certificate file (.jsonl, .jsonl.gz).")]


def register(app: typer.Typer) -> None:
    """Add this house's commands to ``app``."""
    for run in (train, merge, certify, audit, report, crosscheck, compare, reproduce):
        app.command()(command(run))


def train(
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the votes go (.npz).")],
    dataset: Annotated[
        str, typer.Option(help="digits, mnist, mnist17, cifar10, or a file of arrays .npz.")
    ] = "digits",
    learner: Annotated[
        str,
        typer.Option(
            help="kernel-ridge, logistic-regression, scattering-ridge, mnist-cnn, cifar10-cnn, or "
            "sklearn with estimator=NAME."
        ),
    ] = "kernel-ridge",
    setting: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A setting of the learner; may be repeated."),
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(
            help="Where the data set's files lie (or BAGCERT_DATA); openml fetches MNIST."
        ),
    ] = None,
    k: Annotated[int, typer.Option("--k", help="Examples in each model's list, k.")] = 20,
    models: Annotated[int, typer.Option(help="Base models, N.")] = 1000,
    seed: Annotated[int, typer.Option(help="Seed of the lists, 0 to 2^64 - 1.")] = 0,
    first_model: Annotated[
        int, typer.Option(help="Index of the first model: for parts that `merge` joins.")
    ] = 0,
    predictions: Annotated[bool, typer.Option(help="Keep every model's predictions.")] = False,
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="Folder that keeps finished shards; OUTPUT.partial, until done."),
    ] = None,
    engine: Annotated[str, typer.Option(help="local, or dask: on many processes.")] = "local",
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="dask: a scheduler that runs already.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="dask, on this machine: processes; one a core if not given.")
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Train N base models on k examples each and count their votes on the test set.

    Interrupted, killed or out of disk, the same command goes on where it stopped, to the same file.
    """
    from bagcert.fastpath.train_command import Request, run

    request = Request(
        output, dataset, learner, _settings(setting or []), data_dir, k, models, seed,
        first_model, predictions, checkpoint, engine, scheduler, workers, force,
    )  # fmt: skip
    show(run(request), as_json)


def merge(
    parts: Annotated[list[Path], typer.Argument(help="Votes of disjoint model ranges (.npz).")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where all votes go (.npz).")],
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Join the votes of parts of one ensemble, trained apart."""
    from bagcert.fastpath.merging import merge_votes
    from bagcert.fastpath.votes import read_votes, write_votes
    from bagcert.reference.files import refuse_existing

    refuse_existing(output, force=force)
    votes = merge_votes([read_votes(part) for part in parts])
    write_votes(votes, output, force=force)
    show({"votes": str(output), "models": int(votes.counts[0].sum()),
          "examples": votes.counts.shape[0], "votes_sha256": votes.digest}, as_json)  # fmt: skip


def certify(
    votes: Annotated[Path, typer.Argument(help="Votes: .npz, or .npy/.csv with --n and --k.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The certificate file.")],
    alpha: Annotated[str, typer.Option(help="Level α: 1/1000 or 0.001.")] = "1/1000",
    n: Annotated[int | None, typer.Option("--n", help="Training examples, n.")] = None,
    k: Annotated[int | None, typer.Option("--k", help="Examples in each list, k.")] = None,
    predictions: Annotated[
        bool, typer.Option(help="VOTES holds a row of labels for each model (N × e).")
    ] = False,
    classes: Annotated[
        int | None, typer.Option(help="Classes, c, where --predictions cannot tell.")
    ] = None,
    method: MethodOption = Method.SELECTED,
    scope: ScopeOption = Scope.SIMULTANEOUS,
    attack: AttackOption = Attack.ANY,
    residual: ResidualOption = Residual.PAPER,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Turn vote counts into a certificate file, exactly."""
    from bagcert.fastpath.certification import certify_file, summary
    from bagcert.fastpath.votes import read_votes
    from bagcert.reference.exact import as_level, as_rational
    from bagcert.reference.files import refuse_existing

    refuse_existing(output, force=force)
    level = as_level("alpha", as_rational("alpha", alpha))
    counted = read_votes(votes, n=n, k=k, predictions=predictions, classes=classes)
    with progress_bar("certifying", counted.counts.shape[0]) as advance:
        made = certify_file(
            counted, output, level,
            method=method, scope=scope, attack=attack, residual=residual,
            force=force, progress=advance, processes=os.cpu_count() or 1,
        )  # fmt: skip
    show({"certificate": str(output), **summary(made)}, as_json)


def audit(
    certificate: CertificatePath,
    votes: Annotated[
        Path | None, typer.Option(help="Votes whose counts, n, k and digest must be those.")
    ] = None,
    data: Annotated[
        str | None, typer.Option(help="Data set whose digest the certificate must state.")
    ] = None,
    replay: Annotated[
        int | None,
        typer.Option(metavar="M", help="Train M models of --votes again, chosen at random."),
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Where the data set's files lie (or BAGCERT_DATA).")
    ] = None,
    as_json: Json = False,
) -> int:
    """Decide whether every number in a certificate file is true. VALID, INVALID or MALFORMED."""
    from bagcert.reference.checker import check

    if replay is not None and votes is None:
        raise ValueError("replay: name the votes whose models are to be trained again: --votes")
    verdict = check(os.fspath(certificate))
    status = verdict.exit_status
    differences: list[str] = []
    lines: list[str] = []
    fields: dict[str, Any] = {}
    if status == 0 and (votes is not None or data is not None):
        from bagcert.fastpath.audit_command import Request, run

        differences, lines, fields = run(Request(certificate, votes, data, replay, data_dir))
    if as_json:
        show(
            {
                "verdict": verdict.status,
                "line": verdict.line,
                "field": verdict.field,
                "message": verdict.message,
                "differences": differences,
                **fields,
            },
            as_json,
        )
    else:
        print(verdict, *(f"DIFFERS {text}" for text in differences), *lines, sep="\n")
    say(verdict.remark)
    return FALSE if status == 0 and differences else status


def report(
    certificate: CertificatePath,
    radii: Annotated[str, typer.Option(help="Radii to report, comma-separated.")] = "0,5,10,20,30",
    plot: Annotated[
        Path | None, typer.Option(help="Draw the certified-accuracy curve (.png).")
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> int:
    """Certified accuracy at chosen radii, and how the radii are distributed."""
    from bagcert.fastpath.reporting import Report, draw, print_report
    from bagcert.reference.checker import check
    from bagcert.reference.document import read_certificate
    from bagcert.reference.files import refuse_existing

    if plot is not None:
        refuse_existing(plot, force=force)
    wanted = [_radius(text) for text in radii.split(",")]
    verdict = check(os.fspath(certificate))
    if verdict.status != "VALID":  # nothing is drawn from a file that is not true
        print(verdict)
        return verdict.exit_status
    found = Report.of(read_certificate(certificate), wanted)
    if as_json:
        show(found.as_fields(), as_json)
    else:
        print_report(found)
    if plot is not None:
        draw(found, plot, force=force)
        say(f"drew {plot}")
    return 0


def crosscheck(
    votes: Annotated[
        Path | None, typer.Argument(help="Votes: .npz, or .npy/.csv with --n and --k.")
    ] = None,
    random: Annotated[
        int | None, typer.Option(metavar="ROWS", help="So many rows of all kinds.")
    ] = None,
    boundary: Annotated[
        bool, typer.Option("--boundary", help="Rows on ties, one list and one ulp either side.")
    ] = False,
    vectors: Annotated[
        bool, typer.Option("--vectors", help="The test vectors in --vectors-dir.")
    ] = False,
    counts: Annotated[str | None, typer.Option(help="One row: counts, with commas.")] = None,
    vectors_dir: Annotated[Path, typer.Option(help="Where --vectors finds them.")] = Path(
        "tests/vectors"
    ),
    n: Annotated[int | None, typer.Option("--n", help="Training examples, n.")] = None,
    k: Annotated[int | None, typer.Option("--k", help="Examples in each list, k.")] = None,
    alpha: Annotated[str, typer.Option(help="Level α: 1/1000 or 0.001.")] = "1/1000",
    method: Annotated[str, typer.Option(help="A method, several with commas, or all.")] = (
        "selected"
    ),
    scope: ScopeOption = Scope.SIMULTANEOUS,
    attack: Annotated[str, typer.Option(help="An attack, several, or all.")] = "any",
    residual: Annotated[str, typer.Option(help="A residual, several, or all.")] = "paper",
    classes: Annotated[int, typer.Option(help="Classes of --random and --boundary.")] = 10,
    models: Annotated[int, typer.Option(help="Models of --random and --boundary.")] = 1000,
    rows: Annotated[int, typer.Option(help="Rows of --boundary, for each setting.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Seed of --random and --boundary.")] = 0,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML.")] = None,
    force: Force = False,
    as_json: Json = False,
) -> int:
    """Both paths on the same rows: exit status 1 at any difference, however small."""
    from bagcert.fastpath.crosscheck_command import Request, run

    request = Request(
        votes, random, boundary, vectors_dir if vectors else None, counts, n, k, alpha,
        method, scope, attack, residual, classes, models, rows, seed,
    )  # fmt: skip
    return run(request, junit, force, as_json)


def compare(
    votes: Annotated[Path, typer.Argument(help="Votes: .npz, or .npy/.csv with --n and --k.")],
    alpha: Annotated[str, typer.Option(help="Level α: 1/1000 or 0.001.")] = "1/1000",
    radii: Annotated[str, typer.Option(help="Radii to report, comma-separated.")] = "0,5,10,20,30",
    n: Annotated[int | None, typer.Option("--n", help="Training examples, n.")] = None,
    k: Annotated[int | None, typer.Option("--k", help="Examples in each list, k.")] = None,
    scope: ScopeOption = Scope.SIMULTANEOUS,
    attack: AttackOption = Attack.ANY,
    residual: ResidualOption = Residual.PAPER,
    as_json: Json = False,
) -> None:
    """The same votes under selected, simuem and cohen: what each estimator costs."""
    from bagcert.fastpath.compare_command import compare_methods, print_comparison
    from bagcert.fastpath.votes import read_votes

    wanted = [_radius(text) for text in radii.split(",")]
    counted = read_votes(votes, n=n, k=k)
    table = compare_methods(counted, alpha, wanted, scope=scope, attack=attack, residual=residual)
    if as_json:
        show(table, as_json)
    else:
        print_comparison(table, counted.counts.shape[0])


def reproduce(
    experiment: Annotated[
        str, typer.Argument(help="mnist, mnist17, figure2, figure3a, figure3b, figure3c, or all.")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A folder; runs/EXPERIMENT if not given.")
    ] = None,
    scale: Annotated[Scale, typer.Option(help="How large a figure is made.")] = Scale.FULL,
    dataset: Annotated[
        str | None, typer.Option(help="Another data set for a figure, such as cifar10.")
    ] = None,
    models: Annotated[
        int | None, typer.Option(help="Base models, N; 1000 if neither this nor --scale says.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the lists.")] = 7,
    alpha: Annotated[str, typer.Option(help="Level α: 1/1000 or 0.001.")] = "1/1000",
    method: MethodOption = Method.SIMUEM,
    normalisation: Annotated[
        str, typer.Option(help="For mnist, mnist17: none (as in the paper), deskew, or both.")
    ] = "both",
    data_dir: Annotated[
        Path | None, typer.Option(help="Where the data set's files lie (or BAGCERT_DATA).")
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> int:
    """Raw files to audited certificates and the paper's figures, beside the paper's numbers."""
    from bagcert.fastpath.reproduce_command import Request, run

    folder = output if output is not None else Path("runs") / experiment
    request = Request(
        experiment, folder, scale, dataset, models, seed, alpha, method, normalisation,
        data_dir, force,
    )  # fmt: skip
    return run(request, as_json)


def _settings(texts: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts]
    if wrong := [text for text, (_, sign, _) in zip(texts, pairs, strict=True) if not sign]:
        raise ValueError(f"setting must be NAME=VALUE, not {wrong[0]!r:.60}")
    return {name: value for name, _, value in pairs}


def _radius(text: str) -> int:
    if not (text.strip().isdecimal() and text.isascii() and len(text) <= 20):
        raise ValueError(f"radii must be integers separated by commas, not {text!r:.60}")
    return int(text)

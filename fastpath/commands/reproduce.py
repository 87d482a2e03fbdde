"""``bagcert reproduce``: the paper's experiments and figures."""

from pathlib import Path
from typing import Annotated

import typer

from bagcert.fastpath.commands.options import Force
from bagcert.fastpath.paper.figures.scale import Scale
from bagcert.reference.bounds import Method
from bagcert.reference.commands.options import Json, MethodOption

__all__ = ["reproduce"]


def reproduce(
    experiment: Annotated[
        str,
        typer.Argument(
            help="mnist, mnist17, figure2, figure3a, figure3b, figure3c, frontier, or all; "
            "reported: what was reported elsewhere, beside what was measured here."
        ),
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
    seed: Annotated[int, typer.Option(help="Seed of the lists.")] = 1,
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
    from bagcert.fastpath.paper.run import Request, run

    folder = output if output is not None else Path("runs") / experiment
    request = Request(
        experiment,
        folder,
        scale,
        dataset,
        models,
        seed,
        alpha,
        method,
        normalisation,
        data_dir,
        force,
    )
    return run(request, as_json)

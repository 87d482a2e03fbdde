"""``bagcert reproduce``: the paper's experiments and figures."""

from pathlib import Path
from typing import Annotated

import typer

from bagcert.fastpath.commands.options import DataDir, Force, datasets
from bagcert.fastpath.paper.figures.scale import Scale
from bagcert.reference.bounds import Method
from bagcert.reference.commands.options import AlphaOption, Json, among
from bagcert.reference.terminal.listing import Group, listed

__all__ = ["reproduce"]


def _experiments() -> list[str]:
    from bagcert.fastpath.paper.run import KNOWN

    return [*KNOWN]


@listed(Group.RESEARCH, "bagcert reproduce mnist17 --data-dir mnist --models 100")
def reproduce(
    experiment: Annotated[
        str,
        typer.Argument(
            help="mnist, mnist17, figure2, figure3a, figure3b, figure3c, frontier, or all, which "
            "is every figure; reported: what was reported elsewhere, beside what was measured "
            "here.",
            autocompletion=among(_experiments),
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A folder; runs/EXPERIMENT if not given.")
    ] = None,
    scale: Annotated[
        Scale, typer.Option(help="How large a figure is made; small: few models, for a look.")
    ] = Scale.FULL,
    dataset: Annotated[
        str | None,
        typer.Option(
            help="Another data set for a figure, such as cifar10.", autocompletion=datasets
        ),
    ] = None,
    models: Annotated[
        int | None, typer.Option(help="Base models, N; 1000 if neither this nor --scale says.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the draws that models are trained on.")] = 1,
    alpha: AlphaOption = "1/1000",
    method: Annotated[
        Method,
        typer.Option(
            help="How labels' probabilities are bounded from votes, as in `bagcert certify`; "
            "frontier always shows selected and simuem."
        ),
    ] = Method.SIMUEM,
    normalisation: Annotated[
        str, typer.Option(help="For mnist, mnist17: none (as in the paper), deskew, or both.")
    ] = "both",
    data_dir: DataDir = None,
    force: Force = False,
    as_json: Json = False,
) -> int:
    """Repeat the paper's experiments and figures, from raw files to audited certificates.

    What it took on two cores: figure2 31 s, figure3a 9 s, figure3b and figure3c together 79
    minutes, frontier --models 1000 17 minutes. Without --models, frontier also trains two
    ensembles of 100,000 models; that has not been run to its end.
    """
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

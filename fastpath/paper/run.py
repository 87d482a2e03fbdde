"""The paper's experiments and figures, run by name."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import Final, NamedTuple

from bagcert.fastpath.paper.experiments import EXPERIMENTS, print_beside_the_reported, reproduce
from bagcert.fastpath.paper.figures import made as figures
from bagcert.fastpath.paper.figures.exhibits import as_fields, print_exhibit
from bagcert.fastpath.paper.figures.scale import Scale
from bagcert.fastpath.paper.reported import Claim, about, load_claims, text
from bagcert.fastpath.paper.reported import as_fields as claims_as_fields
from bagcert.reference.arithmetic.arguments import as_level
from bagcert.reference.bounds import Method
from bagcert.reference.terminal.console import FALSE, progress_bars, say, show
from bagcert.reference.terminal.foreign import own_output

__all__ = ["KNOWN", "Request", "run"]

#: What was reported, beside what was measured: nothing is trained.
_REPORTED: Final = "reported"
#: What can be asked for by name.
KNOWN: Final = (*EXPERIMENTS, *figures.FIGURES, "all", _REPORTED)


class Request(NamedTuple):
    """The command line, as typed."""

    experiment: str
    folder: Path
    scale: Scale
    dataset: str | None
    models: int | None
    seed: int
    alpha: str
    method: Method
    normalisation: str
    data_dir: Path | None
    force: bool


def run(request: Request, as_json: bool) -> int:
    """Make what was asked for; 1 where a certificate is false or a statement is not seen.

    Raises:
        ValueError: no such experiment or figure, or what training and certifying raise.
        OutputError: a file exists already, and ``force`` is false.
    """
    level = as_level("alpha", request.alpha)
    if request.experiment == _REPORTED:
        _reported(load_claims(), as_json)
        return 0
    if request.experiment in EXPERIMENTS:
        with _folder(request.folder):
            return _experiment(request, level, as_json)
    if request.experiment not in KNOWN:
        raise ValueError(
            f"experiment: there is no {request.experiment!r:.60}; there is {', '.join(KNOWN)}"
        )
    every = request.experiment == "all"
    names = tuple(figures.FIGURES) if every else (request.experiment,)
    with _folder(request.folder):
        return _figures(request, names, level, as_json)


def _reported(claims: Sequence[Claim], as_json: bool) -> None:
    if as_json:
        show(claims_as_fields(claims), as_json)
        return
    for line in text(claims):
        print(line)


@contextmanager
def _folder(path: Path) -> Iterator[None]:
    """Make a folder for the block; what the block leaves empty is not left behind."""
    made = [place for place in (path, *path.parents) if not place.exists()]
    path.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        with suppress(OSError):  # from the innermost outwards, up to the first that holds a file
            for place in made:
                place.rmdir()


def _figures(request: Request, names: tuple[str, ...], level: Fraction, as_json: bool) -> int:
    asked = figures.Request(
        request.scale,
        request.folder,
        request.dataset,
        request.models,
        request.seed,
        level,
        request.method,
        request.data_dir,
        request.force,
    )
    made = []
    for name in names:
        with own_output():
            figure = figures.make(name, asked)
        made.append(figure)
        if not as_json:
            print_exhibit(figure)
    if as_json:
        show({figure.name: as_fields(figure) for figure in made}, as_json)
    return 0 if all(seen for figure in made for _, seen in figure.statements) else FALSE


def _experiment(request: Request, level: Fraction, as_json: bool) -> int:
    chosen, models = EXPERIMENTS[request.experiment], request.models or 1000
    kinds = ("deskew", "none") if request.normalisation == "both" else (request.normalisation,)
    outcomes = []
    for kind in kinds:
        stages = ("features", 1), ("training", models), ("certifying", 1)
        say(f"normalisation {kind}")
        with progress_bars(*stages) as (preparing, training, certifying), own_output():
            made = reproduce(
                chosen,
                request.folder,
                normalisation=kind,
                models=models,
                seed=request.seed,
                alpha=level,
                method=request.method,
                data_dir=request.data_dir,
                force=request.force,
                preparing=preparing,
                training=training,
                certifying=certifying,
            )
        outcomes.append(made)
    claims = load_claims()
    if as_json:
        reported = claims_as_fields(about(claims, chosen.dataset))
        measured = {outcome.normalisation: vars(outcome) for outcome in outcomes}
        show({**measured, _REPORTED: reported}, as_json)
    else:
        print_beside_the_reported(chosen, outcomes, claims)
    return 0 if all(outcome.verdict == "VALID" for outcome in outcomes) else FALSE

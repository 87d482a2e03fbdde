"""``bagcert reproduce`` of each figure: train, certify, write."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Final

from bagcert import __version__
from bagcert.fastpath.datasets import Dataset, load_dataset
from bagcert.fastpath.learners import (
    KernelRidge,
    Learner,
    ManifoldRidge,
    MetricRidge,
    PriorRidge,
    ScatteringRidge,
)
from bagcert.fastpath.learners.wavelets.metric import in_blocks
from bagcert.fastpath.paper.figures.curves import Figure, certified_accuracy
from bagcert.fastpath.paper.figures.defenses import Defenses, train_defenses
from bagcert.fastpath.paper.figures.ensembles import Ensembles, Progress
from bagcert.fastpath.paper.figures.exhibits import Exhibit, draw, write_csv
from bagcert.fastpath.paper.figures.figure2 import figure2
from bagcert.fastpath.paper.figures.figure3 import figure3a, figure3b
from bagcert.fastpath.paper.figures.frontier import Panel, Train, frontier
from bagcert.fastpath.paper.figures.scale import Scale
from bagcert.fastpath.paper.figures.settings import FIGURE2, FIGURE3, FRONTIER, Setting
from bagcert.fastpath.paper.figures.times import Times
from bagcert.fastpath.training.versions import source_commit
from bagcert.fastpath.votes.votes import Votes
from bagcert.reference.bounds import Method
from bagcert.reference.terminal.console import progress_bars, say
from bagcert.reference.terminal.outputs import refuse_existing

__all__ = ["FIGURES", "Request", "make"]

#: γ of kernel ridge on MNIST's raw pixels, chosen on the last 5,000 training images (k = 100, 40
#: models of seed 1 on the other 55,000, λ = 0.01; mean accuracy of one model): 0.7624 at 0.005,
#: 0.7799 at 0.01, 0.7862 at 0.02, 0.7695 at 0.04.
_PIXELS: Final = KernelRidge(gamma=0.02, lam=0.01)
#: Figures that show several ways to bound probabilities, whatever ``--method`` says.
_BY_SEVERAL_METHODS: Final = ("frontier",)
#: As in the paper, nothing is done to an image first.
_FROZEN: Final = ScatteringRidge(normalisation="none")


@dataclass(frozen=True)
class Request:
    """The command line, as typed; None where the scale's own setting holds."""

    scale: Scale
    folder: Path
    dataset: str | None
    models: int | None
    seed: int
    alpha: Fraction
    method: Method
    data_dir: Path | None
    force: bool

    def setting(self, of: Setting) -> Setting:
        """Return ``of`` with what the command line states instead."""
        models = self.models or of.models
        prefixes = of.prefixes if models == of.models else (models // 4, models // 2, models)
        return of._replace(
            dataset=self.dataset or of.dataset,
            models=models,
            prefixes=tuple(size for size in prefixes if size),
        )

    def notes(self, name: str, seconds: float) -> dict[str, str]:
        """Return what a figure's file says of how it was made."""
        shown = f"bagcert reproduce {name} --scale {self.scale} --seed {self.seed}"
        for option, value in (("dataset", self.dataset), ("models", self.models)):
            shown += f" --{option} {value}" if value is not None else ""
        shown += f" --alpha {self.alpha}"
        return {
            "command": shown if name in _BY_SEVERAL_METHODS else f"{shown} --method {self.method}",
            "version": __version__,
            "commit": source_commit() or "unknown, not run from a checkout",
            "seconds": f"{seconds:.1f}",
        }


def make(name: str, request: Request) -> Exhibit:
    """Make one figure: ``NAME.csv`` and ``NAME.png`` in the folder, and return it.

    Raises:
        ValueError: there is no such figure, or as its training and certifying raise.
        OutputError: a file exists already.
    """
    if name not in FIGURES:
        raise ValueError(f"figure: there is no {name!r:.60}; there is {', '.join(FIGURES)}")
    request.folder.mkdir(parents=True, exist_ok=True)
    table, picture = (request.folder / f"{name}.{kind}" for kind in ("csv", "png"))
    for path in (table, picture):
        refuse_existing(path, force=request.force)
    say(f"{name}, {request.scale}")
    started = time.perf_counter()
    figure = FIGURES[name](request)
    # Times are of a run that another figure may have made before.
    took = figure.seconds if isinstance(figure, Times) else time.perf_counter() - started
    figure = replace(figure, notes=request.notes(name, took))
    write_csv(figure, table, force=request.force)
    draw(figure, picture, force=request.force)
    say(f"wrote {table} and {picture}")
    return figure


def _figure2(request: Request) -> Figure:
    setting = request.setting(FIGURE2[request.scale])
    data = load_dataset(setting.dataset, request.data_dir)
    ks = tuple(dict.fromkeys((*setting.ks, setting.k)))
    stages = [("features", 1), *((f"k = {k}", setting.models) for k in ks)]
    with progress_bars(*stages) as (preparing, *training):
        bars = dict(zip(ks, training, strict=True))
        ensembles = Ensembles(
            request.folder, setting.models, request.seed, preparing=preparing, force=request.force
        )

        def train(k: int) -> Votes:
            ensembles.progress = bars[k]
            name = f"figure2-{data.name}-k{k}"
            return ensembles.votes(name, data, _FROZEN, k, predictions=k == setting.k)

        return figure2(
            train,
            dataset=setting.dataset,
            n=len(data.train_y),
            k=setting.k,
            alpha=request.alpha,
            radii=setting.radii,
            ks=setting.ks,
            alphas=setting.alphas,
            prefixes=setting.prefixes,
            method=request.method,
        )


def _figure3a(request: Request) -> Figure:
    setting = request.setting(FIGURE3[request.scale])
    data = load_dataset(setting.dataset, request.data_dir)
    learners: dict[str, Learner] = {
        "fixed wavelet features, kernel ridge": _FROZEN,
        "raw pixels, kernel ridge": _PIXELS,
    }
    found = {}
    stages = [(stage, 1) for name in learners for stage in (f"features ({name})", name)]
    with progress_bars(*stages) as bars:
        for place, (series, learner) in enumerate(learners.items()):
            ensembles = Ensembles(
                request.folder,
                setting.models,
                request.seed,
                bars[2 * place + 1],
                bars[2 * place],
                request.force,
            )
            name = f"figure3a-{data.name}-{learner.name}"
            votes = ensembles.votes(name, data, learner, setting.k)
            found[series] = certified_accuracy(
                votes.counts,
                data.test_y,
                setting.radii,
                n=len(data.train_y),
                k=setting.k,
                alpha=request.alpha,
                method=request.method,
            )
    return figure3a(found, dataset=setting.dataset, radii=setting.radii)


def _figure3b(request: Request) -> Figure:
    setting, found = _defenses(request)
    return figure3b(found.accuracy, dataset=setting.dataset, radii=setting.radii)


def _figure3c(request: Request) -> Times:
    setting, found = _defenses(request)
    title = f"Figure 3(c): running time on {setting.dataset}"
    return Times("figure3c", title, found.seconds, found.resumed)


@lru_cache(maxsize=1)
def _defenses(request: Request) -> tuple[Setting, Defenses]:
    """The run behind Figures 3(b) and 3(c): one where both are asked for."""
    setting = request.setting(FIGURE3[request.scale])
    data = load_dataset(setting.dataset, request.data_dir)
    stages = (
        ("bagging", setting.models),
        ("Ma et al.", setting.private),
        ("Rosenfeld et al.", setting.smoothed),
    )
    with progress_bars(*stages) as bars:
        found = train_defenses(
            data,
            _FROZEN,
            setting,
            request.folder,
            seed=request.seed,
            alpha=request.alpha,
            method=request.method,
            progress=bars,
            force=request.force,
        )
    return setting, found


#: The frontier's learners that use more than the drawn examples, by their panels: the other test
#: images, other labelled digits, both.
_AMONG: Final = 8
_OTHERS: Final[dict[str, MetricRidge]] = {
    "transduction": MetricRidge(neighbours=_AMONG),
    "transfer": PriorRidge(),
    "transfer and transduction": PriorRidge(neighbours=_AMONG),
}


def _frontier(request: Request) -> Figure:
    setting = request.setting(FRONTIER[request.scale])
    data = load_dataset(setting.dataset, request.data_dir)
    # With --models there is one number of models: the command line's.
    many = () if request.models else tuple((k, setting.many) for k in setting.many_ks)
    wanted = (*((k, setting.models) for k in setting.ks), *many)
    again = tuple((k, setting.models) for k in setting.other_ks)
    others = _OTHERS if again else {}
    bars = [("features", 1), *((f"k = {k}, N = {models}", models) for k, models in wanted)]
    for name in others:
        bars += [(f"{name}: features", 1), (name, len(again) * setting.models)]
    with progress_bars(*bars) as made:
        shown = dict(zip((stage for stage, _ in bars), made, strict=True))

        def trains(
            learner: Learner, prefix: str, preparing: Progress, bar: Callable[[int, int], Progress]
        ) -> Train:
            ensembles = Ensembles(
                request.folder, setting.models, request.seed,
                preparing=preparing, force=request.force,
            )  # fmt: skip

            def train(k: int, models: int) -> Votes:
                ensembles.models, ensembles.progress = models, bar(k, models)
                name = f"{prefix}-{data.name}-k{k}-{models}"
                return ensembles.votes(name, data, learner, k)

            return train

        def panel(name: str, learner: MetricRidge) -> Panel:
            def bar(k: int, models: int) -> Progress:
                before = again.index((k, models)) * models
                return lambda done, _: shown[name](before + done, len(again) * models)

            train = trains(learner, name.replace(" ", "-"), shown[f"{name}: features"], bar)
            return Panel(name, train, again, _alone(learner, data))

        return frontier(
            trains(
                ManifoldRidge(),
                "frontier",
                shown["features"],
                lambda k, models: shown[f"k = {k}, N = {models}"],
            ),
            dataset=setting.dataset,
            n=len(data.train_y),
            alpha=request.alpha,
            radii=setting.radii,
            ensembles=wanted,
            others=[panel(name, learner) for name, learner in others.items()],
        )


def _alone(learner: Learner, data: Dataset) -> Fraction | None:
    """The share of the test images that a learner gets right without D, if it knows anything."""
    if not isinstance(learner, PriorRidge):
        return None
    known = learner.expected(in_blocks(data.test_x, learner.features_of))
    return Fraction(int((known == data.test_y).sum()), len(data.test_y))


FIGURES: Final[dict[str, Callable[[Request], Figure | Times]]] = {
    "figure2": _figure2,
    "figure3a": _figure3a,
    "figure3b": _figure3b,
    "figure3c": _figure3c,
    "frontier": _frontier,
}

"""Running times of the defenses beside each other: Figure 3(c)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bagcert.fastpath.paper.figures.exhibits import Columns

__all__ = ["Times"]

_COLUMNS: Final = ("defense", "stage", "models", "seconds")


@dataclass(frozen=True)
class Times:
    """Wall-clock seconds by defense and stage, all taken in one run on one machine."""

    name: str
    title: str
    #: For each defense its number of models, and the seconds of each of its stages.
    defenses: Mapping[str, tuple[int, Mapping[str, float]]]
    #: Shards of an interrupted run were at hand, so that the seconds are too few.
    resumed: bool = False
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """Seconds of all stages of all defenses."""
        return sum(sum(stages.values()) for _, stages in self.defenses.values())

    @property
    def statements(self) -> tuple[tuple[str, bool], ...]:
        """The paper's: bagging, which comes first, is the fastest to train for as many models."""
        if self.resumed:
            return (("bagging takes the least time a model (not seen in a resumed run)", False),)
        ours, *others = (sum(times.values()) / n for n, times in self.defenses.values())
        fastest = all(ours < other for other in others)
        return (("bagging takes the least time a model", fastest),)

    def table(self) -> Columns:
        """Return a row for each stage of each defense."""
        return _COLUMNS, [
            (defense, stage, models, f"{seconds:.2f}")
            for defense, (models, stages) in self.defenses.items()
            for stage, seconds in stages.items()
        ]

    def printed(self) -> list[Columns]:
        """Return one row for each defense: its models, seconds in all, milliseconds a model."""
        totals = [
            (defense, models, sum(stages.values()))
            for defense, (models, stages) in self.defenses.items()
        ]
        rows: list[Sequence[object]] = [
            (defense, models, f"{seconds:.1f}", f"{1000 * seconds / models:.1f}")
            for defense, models, seconds in totals
        ]
        return [(("defense", "models", "seconds", "ms a model"), rows)]

    def fields(self) -> dict[str, Any]:
        """Return seconds by defense and stage."""
        return {
            "defenses": {
                defense: {"models": models, "seconds": dict(stages)}
                for defense, (models, stages) in self.defenses.items()
            }
        }

    def paint(self, picture: Any) -> None:
        """Draw a bar for each defense: milliseconds a model, on a logarithmic axis."""
        picture.set_size_inches(6.4, 2.6)
        axes = picture.add_subplot()
        names = list(self.defenses)[::-1]
        costs = (self.defenses[name] for name in names)
        axes.barh(names, [1000 * sum(stages.values()) / models for models, stages in costs])
        axes.set_xscale("log")
        axes.set_xlabel("milliseconds a model, preparation and certificates included")
        axes.grid(alpha=0.3, axis="x")

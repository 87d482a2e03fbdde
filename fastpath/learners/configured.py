"""Learners that are frozen dataclasses of plain values: what they declare, written once."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final, Self

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.learners.settings import flag, number, read_settings, spelled, whole

__all__ = ["Configured", "own_values"]

_PARSERS: Final[dict[Any, Callable[[str], Any]]] = {
    bool: flag, float: number, int: whole, str: str,
}  # fmt: skip


class Configured:
    """Gives a frozen dataclass of strings, integers, floats and booleans what a header needs.

    Its fields are its settings. A subclass declares :attr:`title`, and where they differ from the
    defaults :attr:`uses_seed` and :attr:`needs`.
    """

    #: The name in the registry.
    title: ClassVar[str]
    #: What it is, in a line.
    about: ClassVar[str] = ""
    #: Whether predictions may depend on the model's seed.
    uses_seed: ClassVar[bool] = False
    #: Installed distributions, beside numpy, that decide labels.
    needs: ClassVar[tuple[str, ...]] = ()
    #: Data sets whose training examples were looked at when the defaults were chosen; None if
    #: nobody kept a record.
    chosen_on: ClassVar[tuple[str, ...] | None] = None

    @classmethod
    def from_settings(cls, settings: Mapping[str, str]) -> Self:
        """Return the learner that a votes header describes: inverse of :attr:`settings`.

        Raises:
            ValueError: an unknown setting, or a value outside its domain; the setting is named.
        """
        fields = dataclasses.fields(cls)  # type: ignore[arg-type]
        parsers = {field.name: _PARSERS[field.type] for field in fields}
        values = read_settings(settings, parsers)
        try:
            return cls(**values)
        except ValueError as error:
            raise ValueError(f"learner_settings: {error}") from error

    @classmethod
    def defaults(cls) -> dict[str, str]:
        """Return every setting with the value that it has where none is given."""
        return spelled(cls())

    @property
    def name(self) -> str:
        """The name in the registry, and in the votes' header."""
        return self.title

    @property
    def ignores_seed(self) -> bool:
        """Whether the predictions are a function of the drawn examples alone."""
        return not self.uses_seed

    @property
    def libraries(self) -> tuple[str, ...]:
        """Names of installed distributions; the votes' header states their versions."""
        return self.needs

    @property
    def looked_at(self) -> tuple[str, ...] | None:
        """Names of data sets whose training examples were looked at when the defaults were set."""
        return self.chosen_on

    @property
    def settings(self) -> dict[str, str]:
        """Every setting, as Python spells it (which reads back exactly)."""
        return spelled(self)


def own_values(example: NDArray[Any]) -> NDArray[np.float64]:
    """Return the example's own values, flat, float64 of shape (d,): features that fit nothing."""
    return np.asarray(example, dtype=np.float64).reshape(-1)

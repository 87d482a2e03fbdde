"""What each figure is made of, small for a look and for CI, full as in the paper."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from bagcert.fastpath.paper.figures.scale import Scale

__all__ = ["FIGURE2", "FIGURE3", "FRONTIER", "Setting"]


_ALPHAS: Final = (Fraction(1, 10), Fraction(1, 100), Fraction(1, 1000), Fraction(1, 10_000))


class Setting(NamedTuple):
    """An ensemble's setting, and what the figures vary."""

    dataset: str
    k: int
    models: int
    radii: Sequence[int]
    ks: tuple[int, ...] = ()
    prefixes: tuple[int, ...] = ()
    alphas: tuple[Fraction, ...] = _ALPHAS
    #: Models of the two compared defenses.
    private: int = 0
    smoothed: int = 0
    #: Sizes k that are also made with ``many`` models.
    many_ks: tuple[int, ...] = ()
    many: int = 0
    #: Sizes k of the learners that use more than the drawn examples.
    other_ks: tuple[int, ...] = ()


FIGURE2: Final = {
    Scale.FULL: Setting(
        "mnist", 100, 1000, range(0, 601, 10), (30, 50, 100, 200), (100, 300, 1000)
    ),
    Scale.SMALL: Setting("mnist17", 50, 200, range(0, 301, 10), (30, 50, 100), (50, 100, 200)),
}
#: The compared defenses end early: every radius at first.
_FIGURE3_RADII: Final = (*range(10), *range(10, 201, 5))
FIGURE3: Final = {
    Scale.FULL: Setting("mnist17", 50, 1000, _FIGURE3_RADII, private=1000, smoothed=1000),
    Scale.SMALL: Setting("mnist17", 50, 200, _FIGURE3_RADII, private=10, smoothed=60),
}
FRONTIER: Final = {
    Scale.FULL: Setting(
        "mnist", 30, 1000, range(0, 1001, 10), (20, 30, 50, 70, 100, 150),
        many_ks=(30, 100), many=100_000, other_ks=(20, 30, 50, 70, 100),
    ),
    Scale.SMALL: Setting(
        "mnist17", 30, 100, range(0, 1001, 50), (20, 30, 50), many_ks=(20, 30), many=200
    ),
}  # fmt: skip

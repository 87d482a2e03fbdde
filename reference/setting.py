"""What all examples of one table of votes are certified under: one value, checked once."""

from dataclasses import dataclass
from fractions import Fraction

from bagcert.reference.arithmetic.arguments import as_integer, as_level, as_member, check_setting
from bagcert.reference.arithmetic.limits import MAX_CLASSES, MAX_MODELS
from bagcert.reference.bounds import Method
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual

__all__ = ["Setting"]


@dataclass(frozen=True, slots=True)
class Setting:
    """n, k, c, N, the level of one example, and three choices; checked when it is made.

    Strings become members and integers become ``int``, so whoever holds a setting need not ask.

    Raises:
        TypeError: a float, a bool or another type where an exact number is due.
        ValueError: a value outside its domain.

    >>> Setting(60_000, 100, 10, 1000, "1/1000", attack="delete").attack
    <Attack.DELETE: 'delete'>
    """

    #: Training examples, 1 <= n <= 10**12.
    n: int
    #: Examples in a list, k >= 1 and k * bit_length(n) <= 2**20.
    k: int
    #: c, from 2 to 65,536.
    classes: int
    #: N, from 1 to 10**6.
    models: int
    #: a, what one example gets of α, 0 < a < 1.
    level: Fraction
    #: How the level is spent.
    method: Method = Method.SELECTED
    #: What the attacker may do.
    attack: Attack = Attack.ANY
    #: How the bounds become the gap G.
    residual: Residual = Residual.PAPER

    def __post_init__(self) -> None:
        n, k = check_setting(self.n, self.k)
        checked = {
            "n": n,
            "k": k,
            "classes": as_integer("classes", self.classes, 2, MAX_CLASSES),
            "models": as_integer("models", self.models, 1, MAX_MODELS),
            "level": as_level("level", self.level),
            "method": as_member("method", self.method, Method),
            "attack": as_member("attack", self.attack, Attack),
            "residual": as_member("residual", self.residual, Residual),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)

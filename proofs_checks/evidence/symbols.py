"""Proofs in steps that sympy decides, for symbolic n, k and probabilities.

A hypothesis is an assumption of a symbol (``positive=True``) or a slack: ``a >= b`` is written
``a = b + d`` with ``d`` nonnegative. A step then says that an expression is zero, positive or
not negative. sympy answers yes, no or nothing; only yes counts. Without a hypothesis that a step
needs, sympy answers nothing, and the check is unsupported: the tests take some away.

Powers are ordered through their logarithms, as ``k log(1 + w) > 0`` for positive k and w;
sympy knows the sign of such a product, and of no difference of powers.
"""

from typing import Any

from bagcert.proofs_checks.evidence.claim import Finding

__all__ = ["Steps", "nonnegative", "positive"]


def positive(names: str) -> Any:
    """Return symbols for positive reals."""
    import sympy

    return sympy.symbols(names, positive=True)


def nonnegative(names: str) -> Any:
    """Return symbols for reals that are not negative."""
    import sympy

    return sympy.symbols(names, nonnegative=True)


class Steps:
    """The steps of one proof, and whether sympy decided them all."""

    def __init__(self) -> None:
        self._steps: list[str] = []
        self._undecided: list[str] = []

    def decide(self, says: str, answer: bool | None) -> None:
        """Take a step that ``answer`` decides: anything but True leaves it undecided."""
        self._steps.append(says)
        if answer is not True:
            self._undecided.append(says)

    def zero(self, says: str, expression: Any) -> None:
        """Take the step that an expression is zero."""
        import sympy

        self.decide(says, sympy.simplify(expression) == 0)

    def positive(self, says: str, expression: Any) -> None:
        """Take the step that an expression is positive."""
        self.decide(says, _tidy(expression).is_positive)

    def nonnegative(self, says: str, expression: Any) -> None:
        """Take the step that an expression is not negative."""
        self.decide(says, _tidy(expression).is_nonnegative)

    def power_order(self, says: str, low: Any, high: Any, exponent: Any) -> None:
        """Take the step that ``low**exponent <= high**exponent``, for 0 < low <= high.

        As ``exponent * log(high / low) >= 0``, with high / low written 1 + w.
        """
        from sympy import log

        excess = _tidy(high / low - 1)
        answer = (exponent * log(1 + excess)).is_nonnegative
        self.decide(says, bool(low.is_positive) and bool(excess.is_nonnegative) and answer)

    def finding(self, conclusion: str) -> Finding:
        """Return what was proved, with its steps; or the steps that were not decided."""
        if self._undecided:
            return Finding(False, f"sympy does not decide: {'; '.join(self._undecided)}")
        if not self._steps:
            return Finding(False, "a proof without steps proves nothing")
        return Finding(True, f"{conclusion} Steps: {'; '.join(self._steps)}")


def _tidy(expression: Any) -> Any:
    """Return the expression as it is if its sign is known so, else over one denominator."""
    import sympy

    whole = sympy.sympify(expression)
    if whole.is_positive is not None or whole.is_nonnegative is not None:
        return whole
    return sympy.factor(sympy.together(sympy.expand(whole)))

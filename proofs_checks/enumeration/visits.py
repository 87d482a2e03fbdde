"""Theorem 2's learner asked for its answer on every list: no formula, only counting."""

from collections.abc import Iterator
from fractions import Fraction

from bagcert.proofs_checks.enumeration.learners import lists_of
from bagcert.reference.residuals import Residual
from bagcert.reference.theorem2.learner import AdversarialLearner

__all__ = ["visit"]


def visit(learner: AdversarialLearner, p_lower: Fraction, p_upper: Fraction) -> Iterator[str]:
    """Ask A* for its answer on every list of D and of D'; yield what is not as Theorem 2 says."""
    changed = max(learner.n, learner.poisoned.size) - learner.poisoned.kept
    if changed > learner.radius:
        yield f"{changed} examples are changed"
    laws = []
    for poisoned, lists in enumerate(lists_of(learner.n, learner.k, learner.poisoned)):
        totals = [Fraction(0)] * learner.classes
        for indices in lists:
            law = learner.law(indices)
            if learner.residual is not Residual.NONE and len(law) != 1:
                yield f"it answers at random on {indices}"
            if learner.predict(indices, seed=0) not in law:
                yield f"it predicts another label than its law has on {indices}"
            for label, p in law.items():
                totals[label] += p
        laws.append([total / len(lists) for total in totals])
        if tuple(laws[-1]) != learner.probabilities(bool(poisoned)):
            yield "its label probabilities are not what its answers sum to"
    clean, after = laws
    if clean[0] < p_lower or max(clean[1:]) > p_upper:
        yield "eq (2) does not hold"
    if after[0] > max(after[1:]):
        yield "the vote is not overturned"

"""Theorem 2: the adversarial learner A*, which shows that the radius cannot be improved."""

from bagcert.reference.theorem2.learner import AdversarialLearner, adversary

__all__ = ["AdversarialLearner", "adversary"]

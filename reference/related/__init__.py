"""The certificates of the two defenses that the paper compares with, exact (Section 5)."""

from bagcert.reference.related.averages import mean_accuracy, mean_accuracy_lower
from bagcert.reference.related.closed_form import closed_form_bits
from bagcert.reference.related.differential_privacy import (
    Adjacency,
    private_accuracy,
    private_accuracy_by_error,
)
from bagcert.reference.related.smoothing import attacked_bounds, certified_bits, certified_examples

__all__ = [
    "Adjacency",
    "attacked_bounds",
    "certified_bits",
    "certified_examples",
    "closed_form_bits",
    "mean_accuracy",
    "mean_accuracy_lower",
    "private_accuracy",
    "private_accuracy_by_error",
]

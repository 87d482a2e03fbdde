"""The certificates of the two defenses that the paper compares with, exact (Section 5)."""

from bagcert.reference.related.differential_privacy import (
    Adjacency,
    private_accuracy,
    private_accuracy_by_error,
)

__all__ = ["Adjacency", "private_accuracy", "private_accuracy_by_error"]

"""Rows of predicted labels, one for each model: counted, and digested."""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["count_predictions", "digest_rows"]


def count_predictions(predictions: NDArray[Any], classes: int) -> NDArray[np.int64]:
    """Return counts (e, c) int64 of the label rows (N, e), whose labels lie in [0, c)."""
    counts = np.zeros((predictions.shape[1], classes), dtype=np.int64)
    places = np.arange(predictions.shape[1])
    for row in predictions:  # a model names one label per example, so no place repeats
        counts[places, row] += 1
    return counts


def digest_rows(predictions: NDArray[Any]) -> NDArray[np.uint8]:
    """Return (N, 32) uint8: the SHA-256 of each row (N, e) as little-endian int32."""
    rows = [hashlib.sha256(row.astype("<i4").tobytes()).digest() for row in predictions]
    return np.frombuffer(b"".join(rows), dtype=np.uint8).reshape(len(rows), 32)

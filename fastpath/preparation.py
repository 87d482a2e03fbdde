"""What may be computed ahead of the draws: features of single examples, and their relations.

The soundness rule (DESIGN.md): before the draws, only work that depends on one training example
alone, or on it and the test set. Here is the one place where a learner meets all examples, and it
meets them without labels, in blocks that are checked to be independent of one another.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.learners import BatchedFeatures, Learner, LearnerError, RelatesExamples

__all__ = ["features_of_all", "relations_of_all"]

#: Examples of one call, filled up with zeros: an example's place may decide its rounding.
BLOCK: Final = 256
#: Training examples whose relations are computed in one product.
ROWS: Final = 2048
#: Blocks in which one example is computed again alone.
CHECKED: Final = 8
Progress = Callable[[int], object]


def features_of_all(
    learner: Learner, examples: NDArray[Any], progress: Progress = lambda done: None
) -> NDArray[Any]:
    """Return the features (m, d) of all examples, each a function of its example alone.

    Raises:
        LearnerError: features that are not finite rows of one length, or that change with the
            other examples.
    """
    if not isinstance(learner, BatchedFeatures):
        return np.stack([learner.features(example) for example in examples])
    starts = range(0, len(examples), BLOCK)

    def block(start: int) -> NDArray[Any]:
        part = examples[start : start + BLOCK]
        return _asked(learner, _filled(part))[: len(part)]

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = []
        for found in pool.map(block, starts):
            parts.append(found)
            progress(len(found))
    features = np.concatenate(parts)
    for start in starts[:: max(1, len(starts) // CHECKED)]:
        place = start % 7 % len(examples[start : start + BLOCK])
        alone = np.zeros((BLOCK, *examples.shape[1:]), examples.dtype)
        alone[place] = examples[start + place]
        if not np.array_equal(_asked(learner, alone)[place], features[start + place]):
            raise LearnerError(
                f"features of example {start + place} change with the other examples: "
                "the soundness rule allows a map of single examples only"
            )
    return features


def relations_of_all(
    learner: Learner,
    features: NDArray[Any],
    test_features: NDArray[Any],
    progress: Progress = lambda done: None,
) -> NDArray[Any] | None:
    """Return the (n, e) relations of all training examples; None for a learner that has none."""
    if not isinstance(learner, RelatesExamples):
        return None
    relations = np.empty((len(features), len(test_features)), np.float32)
    for start in range(0, len(features), ROWS):
        part = features[start : start + ROWS]
        found = learner.relation(part, test_features)
        if not isinstance(found, np.ndarray) or found.shape != (len(part), len(test_features)):
            raise LearnerError("relations must be one row for each training example")
        relations[start : start + ROWS] = found
        progress(len(part))
    return relations


def _filled(part: NDArray[Any]) -> NDArray[Any]:
    if len(part) == BLOCK:
        return part
    return np.concatenate([part, np.zeros((BLOCK - len(part), *part.shape[1:]), part.dtype)])


def _asked(learner: BatchedFeatures, block: NDArray[Any]) -> NDArray[Any]:
    found = learner.features_of(block)
    if not isinstance(found, np.ndarray) or found.ndim != 2 or len(found) != len(block):
        raise LearnerError("features must be one row for each example")
    if not np.isfinite(found).all():
        raise LearnerError("features are not finite")
    return found

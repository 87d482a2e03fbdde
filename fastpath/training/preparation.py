"""What may be computed ahead of the draws: features of single examples, and their relations.

The soundness rule (fastpath/README.md): before the draws, only work that depends on one training
example alone, or on it and the test set. Here is the one place where a learner meets all examples,
and it meets them without labels, in blocks that are checked to be independent of one another.
"""

import copy
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.learners import BatchedFeatures, Learner, LearnerError, RelatesExamples
from bagcert.fastpath.learners.threads import side_by_side

__all__ = ["features_of_all", "relations_of_all"]

#: Examples of one call, filled up with zeros: an example's place may decide its rounding.
BLOCK: Final = 256
#: Training examples whose relations are computed in one product.
ROWS: Final = 2048
#: Blocks, or examples, of which one is computed again alone.
CHECKED: Final = 8
#: Most numbers of a Gram block: 40 GB.
MOST_RELATIONS: Final = 10**10
_CHANGES: Final = (
    "{} of example {} change with the other examples: "
    "the soundness rule allows a map of single examples only"
)
Progress = Callable[[int], object]


def features_of_all(
    learner: Learner, examples: NDArray[Any], progress: Progress = lambda done: None
) -> NDArray[Any]:
    """Return the features (m, d) of all examples, each a function of its example alone.

    ``learner`` itself is not asked, only copies of it: what a copy remembers goes with it. Here and
    there an example is asked again of a copy that has seen no other.

    Raises:
        LearnerError: features that are not finite rows of one length, or that change with the
            other examples.
    """
    if isinstance(learner, BatchedFeatures):
        return _in_blocks(learner, examples, progress)
    asked = copy.deepcopy(learner)
    rows: list[NDArray[Any]] = []
    for place, example in enumerate(examples):
        row = asked.features(example)
        if not isinstance(row, np.ndarray) or row.ndim != 1 or not np.isfinite(row).all():
            raise LearnerError(f"features of example {place} are no finite row")
        if rows and row.shape != rows[0].shape:
            raise LearnerError(f"features of example {place} are {len(row)}, not {len(rows[0])}")
        rows.append(row)
        progress(1)
    for place in range(0, len(examples), max(1, len(examples) // CHECKED)):
        if not np.array_equal(copy.deepcopy(learner).features(examples[place]), rows[place]):
            raise LearnerError(_CHANGES.format("features", place))
    return np.stack(rows)


def _in_blocks(
    learner: BatchedFeatures, examples: NDArray[Any], progress: Progress
) -> NDArray[Any]:
    starts = range(0, len(examples), BLOCK)
    asked = copy.deepcopy(learner)

    def block(start: int) -> NDArray[Any]:
        part = examples[start : start + BLOCK]
        return _asked(asked, _filled(part, BLOCK))[: len(part)]

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
        row = _asked(copy.deepcopy(learner), alone)[place]
        if not np.array_equal(row, features[start + place]):
            raise LearnerError(_CHANGES.format("features", start + place))
    return features


def relations_of_all(
    learner: Learner,
    features: NDArray[Any],
    test_features: NDArray[Any],
    progress: Progress = lambda done: None,
) -> NDArray[Any] | None:
    """Return the (n, e) relations of all training examples; None for a learner that has none.

    Blocks of one size, the last filled up with zeros, each in one thread of linear algebra: a row's
    rounding depends neither on n nor on the number of cores. Held to it as features are.

    Raises:
        LearnerError: relations that are not finite rows of floats, that change with the other
            examples, or that are more than :data:`MOST_RELATIONS` numbers.
    """
    if not isinstance(learner, RelatesExamples):
        return None
    if len(features) * len(test_features) > MOST_RELATIONS:
        raise LearnerError(
            f"{len(features)} × {len(test_features)} relations are more than {MOST_RELATIONS}: "
            "test fewer examples at a time, or choose a learner that relates none"
        )
    relations = np.empty((len(features), len(test_features)), np.float32)
    starts = range(0, len(features), ROWS)
    asked = copy.deepcopy(learner)

    def related(who: RelatesExamples, rows: NDArray[Any]) -> NDArray[Any]:
        found = who.relation(rows, test_features)
        if not isinstance(found, np.ndarray) or found.shape != (ROWS, len(test_features)):
            raise LearnerError("relations must be one row for each training example")
        if found.dtype.kind != "f" or not np.isfinite(found).all():
            raise LearnerError("relations must be finite floats")
        return found

    def block(place: int) -> None:
        part = features[starts[place] : starts[place] + ROWS]
        relations[starts[place] : starts[place] + ROWS] = related(asked, _filled(part, ROWS))[
            : len(part)
        ]

    def done(place: int) -> None:
        progress(len(features[starts[place] : starts[place] + ROWS]))

    side_by_side(block, len(starts), done)

    def alone(place: int) -> None:
        start = starts[place]
        row = start % 7 % len(features[start : start + ROWS])
        only = np.zeros((ROWS, *features.shape[1:]), features.dtype)
        only[row] = features[start + row]
        found = related(copy.deepcopy(learner), only)[row].astype(np.float32)
        if not np.array_equal(found, relations[start + row]):
            raise LearnerError(_CHANGES.format("relations", start + row))

    checked = sorted({0, len(starts) - 1})
    side_by_side(lambda place: alone(checked[place]), len(checked))
    return relations


def _filled(part: NDArray[Any], size: int) -> NDArray[Any]:
    if len(part) == size:
        return part
    return np.concatenate([part, np.zeros((size - len(part), *part.shape[1:]), part.dtype)])


def _asked(learner: BatchedFeatures, block: NDArray[Any]) -> NDArray[Any]:
    found = learner.features_of(block)
    if not isinstance(found, np.ndarray) or found.ndim != 2 or len(found) != len(block):
        raise LearnerError("features must be one row for each example")
    if not np.isfinite(found).all():
        raise LearnerError("features are not finite")
    return found

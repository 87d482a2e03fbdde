"""What may be computed ahead of the draws: features of single examples, and their relations.

The soundness rule (fastpath/README.md): before the draws, only work that depends on one training
example alone, or on it and the test set. Here is the one place where a learner meets all examples,
and it meets them without labels, in blocks that are checked to be independent of one another.
"""

import copy
import os
import random
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.learners import BatchedFeatures, Learner, LearnerError, RelatesExamples
from bagcert.fastpath.learners.threads import side_by_side

__all__ = ["check_features", "features_of_all", "relations_of_all"]

#: Examples of one call, filled up with zeros: an example's place may decide its rounding.
BLOCK: Final = 256
#: Training examples whose relations are computed in one product.
ROWS: Final = 2048
#: Blocks that are computed again, with other examples beside each.
CHECKED: Final = 8
#: Examples that are asked for again at once, where each is asked for alone.
ALONE: Final = 16
#: Most numbers of a Gram block: 40 GB.
MOST_RELATIONS: Final = 10**10
#: No learner can foresee which examples are asked for again.
_CHANCE: Final = random.SystemRandom()
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
    features = np.stack(rows)
    for _ in range(CHECKED):
        check_features(learner, examples, features, range(len(examples)))
    return features


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
    for start in _CHANCE.sample(starts, min(CHECKED, len(starts))):
        place = _CHANCE.randrange(len(examples[start : start + BLOCK]))
        alone = {place: start + place}
        again = _asked(copy.deepcopy(learner), _placed(examples, alone, BLOCK))
        _refuse_changes("features", again, features, alone)
    for _ in range(CHECKED):
        check_features(learner, examples, features, range(len(examples)))
    return features


def check_features(
    learner: Learner | BatchedFeatures,
    examples: NDArray[Any],
    features: NDArray[Any],
    among: Sequence[int],
) -> None:
    """Ask for some features again, drawn with the operating system's randomness from ``among``.

    A learner that takes many examples at once is given one block, each example at its own place
    among others than before: up to half of :data:`BLOCK` are compared. Any other is asked for
    :data:`ALONE` examples, each of a copy that has seen no other.

    Raises:
        LearnerError: features that change with the other examples.
    """
    if not isinstance(learner, BatchedFeatures):
        for place in _CHANCE.sample(among, min(ALONE, len(among))):
            if not np.array_equal(
                copy.deepcopy(learner).features(examples[place]), features[place]
            ):
                raise LearnerError(_CHANGES.format("features", place))
        return
    mixed = _mixed(among, BLOCK)
    again = _asked(copy.deepcopy(learner), _placed(examples, mixed, BLOCK))
    _refuse_changes("features", again, features, mixed)


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

    def alone(start: int) -> dict[int, int]:
        row = start % 7 % len(features[start : start + ROWS])
        return {row: start + row}

    checked = [alone(start) for start in sorted({starts[0], starts[-1]})]
    checked.append(_mixed(range(len(features)), ROWS))

    def again(place: int) -> None:
        rows = related(copy.deepcopy(learner), _placed(features, checked[place], ROWS))
        _refuse_changes("relations", rows.astype(np.float32, copy=False), relations, checked[place])

    side_by_side(again, len(checked))
    return relations


def _placed(examples: NDArray[Any], places: Mapping[int, int], size: int) -> NDArray[Any]:
    """A block of ``size`` with some examples, by place, and zeros elsewhere."""
    block = np.zeros((size, *examples.shape[1:]), examples.dtype)
    for place, example in places.items():
        block[place] = examples[example]
    return block


def _refuse_changes(
    what: str, again: NDArray[Any], found: NDArray[Any], places: Mapping[int, int]
) -> None:
    """Refuse what came out otherwise in other company: ``again`` by place, ``found`` by example."""
    for place, example in places.items():
        if not np.array_equal(again[place], found[example]):
            raise LearnerError(_CHANGES.format(what, example))


def _mixed(among: Sequence[int], size: int) -> dict[int, int]:
    """Draw an example of ``among`` for half of a block's places, each one that had that place.

    Half stay empty: where few examples are left to draw from, company changes all the same.
    """
    found: dict[int, int] = {}
    for example in _CHANCE.sample(among, min(len(among), 4 * size)):
        found.setdefault(example % size, example)
    kept = _CHANCE.sample(sorted(found), -(-len(found) // 2))
    return {place: found[place] for place in kept}


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

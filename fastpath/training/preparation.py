"""What may be computed ahead of the draws: features of single examples, and their relations.

The soundness rule (fastpath/README.md): before the draws, only work that depends on one training
example alone, or on it and the test set. Here is the one place where a learner meets all examples,
and it meets them without labels, in blocks that are checked to be independent of one another.
"""

import copy
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.learners import BatchedFeatures, Learner, LearnerError, RelatesExamples
from bagcert.fastpath.learners.threads import side_by_side
from bagcert.fastpath.training.blocks import CHANCE, Blocks, Rows, one_of

__all__ = ["check_features", "prepared_features", "prepared_relations"]

#: Examples of one call, filled up with zeros.
BLOCK: Final = 256
#: Training examples whose relations are computed in one product.
ROWS: Final = 2048
#: Blocks that are computed again, with other examples beside each.
CHECKED: Final = 8
#: Examples that are asked for again at once, where each is asked for alone.
ALONE: Final = 16
#: Most numbers of a Gram block: 40 GB.
MOST_RELATIONS: Final = 10**10
_CHANGES: Final = (
    "{} of example {} change with the other examples: "
    "the soundness rule allows a map of single examples only"
)
Progress = Callable[[int], object]


def prepared_features(
    learner: Learner,
    examples: NDArray[Any],
    progress: Progress = lambda done: None,
    indices: NDArray[np.int64] | None = None,
) -> NDArray[Any]:
    """Return the features (m, d) of m examples, each a function of its example alone.

    Guarantee: row j is that of example ``indices[j]``, bit for bit the same whichever others are
    asked for, and on any number of cores where features come in blocks: BLAS has one thread.
    ``learner`` itself is not asked, only copies of it: what a copy remembers goes with it. Here and
    there an example is asked again of a copy that has seen no other.

    Args:
        learner: under the soundness rule.
        examples: (n, ...), those of a data set.
        progress: called with numbers of examples that are done, which sum up to m.
        indices: (m,), distinct, at least one: which of them; all if None.

    Raises:
        LearnerError: features that are not finite rows of one length, or that change with the
            other examples.
    """
    if indices is None:
        indices = np.arange(len(examples))
    if isinstance(learner, BatchedFeatures):
        features = _in_blocks(learner, examples, indices, progress)
    else:
        features = _one_by_one(learner, examples, indices, progress)
    for _ in range(CHECKED):
        check_features(learner, examples, features, indices, range(len(indices)))
    return features


def _one_by_one(
    learner: Learner, examples: NDArray[Any], indices: NDArray[np.int64], progress: Progress
) -> NDArray[Any]:
    asked = copy.deepcopy(learner)
    rows: list[NDArray[Any]] = []
    for place in indices:
        row = asked.features(examples[place])
        if not isinstance(row, np.ndarray) or row.ndim != 1 or not np.isfinite(row).all():
            raise LearnerError(f"features of example {place} are no finite row")
        if rows and row.shape != rows[0].shape:
            raise LearnerError(f"features of example {place} are {len(row)}, not {len(rows[0])}")
        rows.append(row)
        progress(1)
    return np.stack(rows)


def _in_blocks(
    learner: BatchedFeatures, examples: NDArray[Any], indices: NDArray[np.int64], progress: Progress
) -> NDArray[Any]:
    blocks = Blocks(indices, BLOCK)
    parts = blocks.cover()
    asked = copy.deepcopy(learner)

    def found(rows: Rows) -> NDArray[Any]:
        return blocks.taken(rows, _asked(asked, blocks.filled(rows, examples[indices[rows]])))

    # The first by itself, in this thread: there a learner can hold libraries that it loads to one
    # thread of linear algebra, and what it keeps for all examples is computed once.
    (first,) = side_by_side(lambda _: found(parts[0]), 1)
    features = np.empty((len(indices), first.shape[1]), first.dtype)

    def block(part: int) -> None:
        made = first if part == 0 else found(parts[part])
        if (made.shape[1], made.dtype) != (features.shape[1], features.dtype):
            raise LearnerError("features must be rows of one length and one type")
        features[parts[part]] = made

    side_by_side(block, len(parts), lambda part: progress(len(parts[part])))
    checked = [one_of(rows) for rows in CHANCE.sample(parts, min(CHECKED, len(parts)))]
    _ask_again(learner, examples, features, blocks, checked)
    return features


def check_features(
    learner: Learner | BatchedFeatures,
    examples: NDArray[Any],
    features: NDArray[Any],
    indices: NDArray[np.int64],
    among: Sequence[int],
) -> None:
    """Ask for some features again, drawn with the operating system's randomness.

    A learner that takes many examples at once is given one block, each example at its own place
    among others than before: up to half of :data:`BLOCK` are compared. Any other is asked for
    :data:`ALONE` examples, each of a copy that has seen no other.

    Args:
        learner, examples, indices: as for :func:`prepared_features`.
        features: (m, d), what it returned.
        among: the rows of ``features`` to draw from.

    Raises:
        LearnerError: features that change with the other examples.
    """
    if not isinstance(learner, BatchedFeatures):
        for row in CHANCE.sample(among, min(ALONE, len(among))):
            again = copy.deepcopy(learner).features(examples[indices[row]])
            if not np.array_equal(again, features[row]):
                raise LearnerError(_CHANGES.format("features", indices[row]))
        return
    blocks = Blocks(indices, BLOCK)
    _ask_again(learner, examples, features, blocks, [blocks.mixed(among)])


def _ask_again(
    learner: BatchedFeatures,
    examples: NDArray[Any],
    features: NDArray[Any],
    blocks: Blocks,
    checked: Sequence[Rows],
) -> None:
    def again(check: int) -> None:
        rows = checked[check]
        block = blocks.filled(rows, examples[blocks.indices[rows]])
        _refuse_changes("features", blocks, rows, _asked(copy.deepcopy(learner), block), features)

    side_by_side(again, len(checked))


def prepared_relations(
    learner: Learner,
    features: NDArray[Any],
    test_features: NDArray[Any],
    progress: Progress = lambda done: None,
    indices: NDArray[np.int64] | None = None,
) -> NDArray[Any] | None:
    """Return the (m, e) relations of m training examples; None for a learner that has none.

    Blocks of one size, filled up with zeros, each in one thread of linear algebra: a row's rounding
    depends neither on the other rows nor on the number of cores. Held to it as features are.

    Args:
        learner, progress: as for :func:`prepared_features`.
        indices: (m,), distinct: where each stands in its data set; 0 to m - 1 if None.
        features, test_features: (m, d) and (e, d).

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
    blocks = Blocks(np.arange(len(features)) if indices is None else indices, ROWS)
    parts = blocks.cover()
    asked = copy.deepcopy(learner)

    def related(who: RelatesExamples, rows: Rows) -> NDArray[Any]:
        found = who.relation(blocks.filled(rows, features[rows]), test_features)
        if not isinstance(found, np.ndarray) or found.shape != (ROWS, len(test_features)):
            raise LearnerError("relations must be one row for each training example")
        if found.dtype.kind != "f" or not np.isfinite(found).all():
            raise LearnerError("relations must be finite floats")
        return found

    def block(part: int) -> None:
        relations[parts[part]] = blocks.taken(parts[part], related(asked, parts[part]))

    side_by_side(block, len(parts), lambda part: progress(len(parts[part])))
    # One row of the first block alone, and one of the last; then many, each in other company.
    checked = [one_of(part) for part in (*parts[:1], *parts[1:][-1:])]
    checked.append(blocks.mixed(range(len(features))))

    def again(check: int) -> None:
        rows = related(copy.deepcopy(learner), checked[check]).astype(np.float32, copy=False)
        _refuse_changes("relations", blocks, checked[check], rows, relations)

    side_by_side(again, len(checked))
    return relations


def _refuse_changes(
    what: str, blocks: Blocks, rows: Rows, again: NDArray[Any], found: NDArray[Any]
) -> None:
    """Refuse rows of ``found`` that came out otherwise in other company, in the block ``again``."""
    example = blocks.changed(rows, again, found)
    if example is not None:
        raise LearnerError(_CHANGES.format(what, example))


def _asked(learner: BatchedFeatures, block: NDArray[Any]) -> NDArray[Any]:
    found = learner.features_of(block)
    if not isinstance(found, np.ndarray) or found.ndim != 2 or len(found) != len(block):
        raise LearnerError("features must be one row for each example")
    if not np.isfinite(found).all():
        raise LearnerError("features are not finite")
    return found

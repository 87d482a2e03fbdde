"""Base models by their index: what is prepared once for all of them, and one batch of them."""

import copy
import random
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.datasets import Dataset
from bagcert.fastpath.draws.lists import draw, model_seed
from bagcert.fastpath.learners import Learner, LearnerError, RelatesExamples, Subsamples
from bagcert.fastpath.training.preparation import (
    check_features,
    prepared_features,
    prepared_relations,
)

__all__ = ["TRAINED_ALONE", "BaseModels"]

#: Models of each batch that are trained again, each without the others.
TRAINED_ALONE: Final = 2
_CHANCE: Final = random.SystemRandom()


class BaseModels:
    """Base models of a learner on a data set, each a function of (k, seed, its index) alone.

    Made once, for the training examples that the models draw: their features, each computed from
    its example alone, and for a learner that :class:`~bagcert.fastpath.learners.RelatesExamples`
    their relations to the test set. The arrays may be memory-mapped; nothing here writes to them.
    """

    def __init__(
        self,
        learner: Learner,
        train: NDArray[Any],
        train_y: NDArray[np.int64],
        test: NDArray[Any],
        relations: NDArray[Any] | None,
        indices: NDArray[np.int64],
        examples: NDArray[Any],
        classes: int,
    ) -> None:
        self.learner, self.classes = learner, classes
        self.train_y, self.test = train_y, test
        #: The training examples that are prepared, ascending: row j of the next two is the j-th's.
        self.indices = indices
        self.train, self.relations = train, relations
        #: All training examples themselves: features are asked for again here and there.
        self.examples = examples

    @classmethod
    def prepare(
        cls,
        dataset: Dataset,
        learner: Learner,
        preparing: Callable[[int, int], None] | None = None,
        drawn: NDArray[np.int64] | None = None,
    ) -> "BaseModels":
        """Return the base models of ``learner`` on ``dataset``.

        Args:
            dataset: training and test examples.
            learner: under the soundness rule.
            preparing: called with (examples done, examples): those that are prepared, twice each
                if they are related, and the test examples.
            drawn: the training examples that the models draw, ascending indices, at least one; all
                of them if None. What is computed of an example does not depend on it.

        Raises:
            LearnerError: features or relations that break the learner's contract.
        """
        if drawn is None:
            drawn = np.arange(len(dataset.train_y))
        related = isinstance(learner, RelatesExamples)
        total = len(drawn) * (1 + related) + len(dataset.test_y)
        done = 0

        def advance(examples: int) -> None:
            nonlocal done
            done += examples
            if preparing:
                preparing(done, total)

        advance(0)
        train = prepared_features(learner, dataset.train_x, advance, drawn)
        test = prepared_features(learner, dataset.test_x, advance)
        relations = prepared_relations(learner, train, test, advance, drawn)
        return cls(
            learner,
            train,
            dataset.train_y,
            test,
            relations,
            drawn,
            dataset.train_x,
            dataset.classes,
        )

    def predict(self, k: int, seed: int, models: Sequence[int]) -> NDArray[np.int32]:
        """Return the label rows (len(models), e), int32 in [0, c), of the named models.

        The soundness rule is held to here and there, where chance says: :data:`TRAINED_ALONE` of
        the models are trained again without the others and must come out the same, and some of
        the drawn examples' features are computed again. What a learner keeps outside of itself,
        in a global or a file, is not seen.

        Raises:
            LearnerError: the learner failed or broke its contract; the message names the model.
            ValueError: a model draws an example that is not prepared.
        """
        drawn = np.stack([draw(seed, model, len(self.train_y), k) for model in models])
        prepared = self._rows(drawn)
        seeds = np.array([model_seed(seed, model) for model in models], dtype=np.uint64)
        relations = self.relations
        # One buffer for each thread: a model's rows are megabytes, and fresh memory costs more
        # than the copy.
        buffers = threading.local()

        def related(row: int) -> NDArray[Any]:
            rows: NDArray[Any] | None = getattr(buffers, "rows", None)
            found = np.asarray(relations)
            if rows is None:
                rows = buffers.rows = np.empty((k, found.shape[1]), found.dtype)
            np.take(found, prepared[row], axis=0, out=rows, mode="clip")  # "raise" would copy twice
            return rows

        def fitted(places: Sequence[int]) -> NDArray[np.int32]:
            """The rows of some of the models, by a learner that remembers no others."""
            chosen = list(places)
            batch = Subsamples(
                self.train[prepared[chosen]],
                self.train_y[drawn[chosen]],
                self.classes,
                None if relations is None else lambda row: related(chosen[row]),
            )
            rows = copy.deepcopy(self.learner).fit_predict(
                batch,
                self.test.copy(),
                seeds[chosen],  # theirs to write into
            )
            return _checked(rows, (len(chosen), len(self.test)), self.classes)

        try:
            found = fitted(range(len(models)))
        except LearnerError as error:
            raise LearnerError(f"model {models[error.row]}: {error}", error.row) from error
        if len(models) > 1:
            for place in _CHANCE.sample(range(len(models)), min(TRAINED_ALONE, len(models))):
                if not np.array_equal(fitted([place])[0], found[place]):
                    raise LearnerError(
                        f"model {models[place]} comes out otherwise when it is trained alone: the "
                        f"soundness rule allows it its own k examples only",
                        place,
                    )
        check_features(
            self.learner, self.examples, self.train, self.indices, np.unique(prepared).tolist()
        )
        return found

    def _rows(self, drawn: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows of the prepared arrays in which some training examples stand."""
        rows = np.searchsorted(self.indices, drawn)
        found = self.indices.take(rows, mode="clip") == drawn
        if not found.all():
            raise ValueError(f"training example {drawn[~found][0]} is drawn and was not prepared")
        return rows


def _checked(rows: Any, shape: tuple[int, int], classes: int) -> NDArray[np.int32]:
    """Return a learner's output as int32; what it owes is checked, never assumed."""
    if not isinstance(rows, np.ndarray):
        raise LearnerError(f"labels must be a numpy array, not {type(rows).__name__}")
    if rows.dtype.kind == "f" and rows.shape == shape and np.isnan(rows).any():
        raise LearnerError("a label is NaN", int(np.isnan(rows).any(axis=1).argmax()))
    if rows.dtype.kind not in "iu":
        raise LearnerError(f"labels must be integers, not {rows.dtype}")
    if rows.shape != shape:
        raise LearnerError(f"labels have shape {rows.shape}, where {shape} is due")
    bad = (rows < 0) | (rows >= classes)
    if bad.any():
        row = int(bad.any(axis=1).argmax())
        raise LearnerError(f"label {rows[row][bad[row]][0]} is outside 0..{classes - 1}", row)
    return rows.astype(np.int32)

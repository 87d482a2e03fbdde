"""scikit-learn: a bagging ensemble, fitted or not, or any classifier, and its certificates.

The theorem speaks of hard votes of models that see their own k examples and nothing else.
scikit-learn's ``BaggingClassifier`` averages probabilities, and gives a base estimator that takes
``sample_weight`` every row, those of weight zero as well. So each base model is fitted again here,
to its drawn rows alone, and its hard vote is counted.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.bridges.certified import CertifiedPredictions, Statement
from bagcert.fastpath.bridges.functions import Lists, votes_of
from bagcert.fastpath.bridges.plan import Plan, plan_of
from bagcert.fastpath.draws.lists import draw, model_seed
from bagcert.fastpath.draws.streams import MAX_SEED
from bagcert.fastpath.learners import SklearnLearner
from bagcert.fastpath.learners.sklearn_models import fit_base_model
from bagcert.fastpath.learners.sklearn_parameters import random_states
from bagcert.fastpath.training.versions import software_versions
from bagcert.fastpath.votes.header import VotesHeader
from bagcert.reference.arithmetic.arguments import as_integer
from bagcert.reference.bounds import Method
from bagcert.reference.certificate.schema import Scope
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual

__all__ = ["certify_bagging", "label_codes", "take"]


def certify_bagging(
    estimator: Any,
    X_train: Any,
    y_train: Any,
    X_test: Any,
    y_test: Any = None,
    *,
    k: int | None = None,
    models: int | None = None,
    seed: int = 0,
    alpha: Fraction | int | str = "1/1000",
    method: Method | str = Method.SELECTED,
    scope: Scope | str = Scope.SIMULTANEOUS,
    attack: Attack | str = Attack.ANY,
    residual: Residual | str = Residual.PAPER,
    checkpoint: str | PathLike[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> CertifiedPredictions:
    """Certify the majority vote of a bagging ensemble of scikit-learn.

    Guarantee: as :class:`~bagcert.fastpath.bridges.certified.CertifiedPredictions`, for the vote
    of base models that are each fitted to their k drawn rows alone. A fitted ``BaggingClassifier``
    lends its lists (``estimators_samples_``); otherwise they are drawn here, from ``seed``, and can
    be drawn again. What is certified holds for rows as they are given here: whatever was fitted to
    all of X_train before, such as a scaler, voids it, and only a pipeline *inside* the bag is
    refitted to each list.

    Args:
        estimator: a ``BaggingClassifier``, fitted or not, or any classifier as base learner.
        X_train, y_train: the n training examples, an array or a DataFrame, and their labels, of
            any type that sorts; those that a fitted ensemble was fitted to.
        X_test, y_test: the e test examples, and their labels if they are known.
        k: drawn for each model. Of a BaggingClassifier it is read from how it was fitted, or from
            ``max_samples``; stating another is refused.
        models: N, likewise (``n_estimators``); 1,000 for a plain classifier.
        seed: of the lists that are drawn here, and of the models.
        alpha, method, scope, attack, residual: as in :func:`~bagcert.fastpath.certify_votes`;
            ``integral`` needs a base learner without a ``random_state``.
        checkpoint: a folder that keeps finished models: the same call goes on where it stopped.
        progress: called with (models done, models).

    Raises:
        TypeError: no classifier.
        ValueError: an ensemble that the theorem does not speak of; the message says why, and what
            to change.
        LearnerError: a base model cannot be fitted to its k rows.
    """
    statement = Statement.given(alpha, method, scope, attack, residual)
    rows, asked = _rows(X_train), _rows(X_test)
    n = rows.shape[0]
    classes, codes = _classes(y_train, n)
    truth = None if y_test is None else label_codes("y_test", y_test, classes, asked.shape[0])
    plan = plan_of(estimator, n, k=k, models=models)
    seed = as_integer("seed", seed, 0, MAX_SEED)
    learner = SklearnLearner(plan.base)
    header = VotesHeader(
        n=n,
        k=plan.k,
        models=plan.models,
        classes=len(classes),
        first_model=0,
        seed=seed if plan.lists is None else None,
        learner="sklearn" if plan.lists is None else "sklearn, lists of a fitted ensemble",
        learner_settings=learner.settings,
        ignores_seed=not random_states(plan.base),
        class_names=tuple(str(label) for label in classes.tolist()),
        versions=software_versions(learner.libraries),
    )

    def train_and_predict(indices: NDArray[np.int64], own: int) -> NDArray[np.int64]:
        return fit_base_model(plan.base, take(rows, indices), codes[indices], own).predict(asked)

    votes = votes_of(
        train_and_predict,
        header,
        asked.shape[0],
        lists=_lists(plan, n, seed),
        labels=truth,
        checkpoint=checkpoint,
        progress=progress,
    )
    return CertifiedPredictions.of(votes, classes, statement)


def _lists(plan: Plan, n: int, seed: int) -> Lists:
    if plan.lists is None:
        return partial(_drawn, seed, n, plan.k)
    given = plan.lists
    return lambda model: (given[model], model_seed(seed, model))


def _drawn(seed: int, n: int, k: int, model: int) -> tuple[NDArray[np.int64], int]:
    return draw(seed, model, n, k), model_seed(seed, model)


def _rows(examples: Any) -> Any:
    """Return rows that can be taken: a DataFrame, a sparse matrix by rows, or an array."""
    if hasattr(examples, "iloc"):
        return examples
    if hasattr(examples, "tocsr"):
        return examples.tocsr()
    return np.asarray(examples)


def _classes(labels: Any, n: int) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the distinct labels of the training set, ascending, and each label's place there."""
    from sklearn.utils.multiclass import check_classification_targets

    given = np.asarray(labels)
    _check_shape("y_train", given, n)
    try:
        classes, codes = np.unique(given, return_inverse=True)
    except TypeError as error:
        raise ValueError(
            f"y_train: labels must be of one type, and none may be missing ({error}); leave out "
            f"rows without a label"
        ) from None
    if (classes != classes).any():
        raise ValueError("y_train: nan is no label; leave out rows without a label")
    if given.dtype.kind == "f":
        try:
            check_classification_targets(given)
        except ValueError as error:
            raise ValueError(f"y_train: {error}") from None
    if len(classes) < 2:
        raise ValueError("y_train: holds one class only, and there is nothing to certify")
    return classes, codes


def _check_shape(name: str, labels: NDArray[Any], rows: int) -> None:
    if labels.shape != (rows,):
        raise ValueError(
            f"{name}: must hold {rows} labels, one for each row of {name.replace('y', 'X', 1)}, "
            f"but has shape {labels.shape}"
            + ("; the order is X_train, y_train, X_test, y_test" if name != "y" else "")
        )


def take(rows: Any, indices: NDArray[np.int64]) -> Any:
    """Return the rows at ``indices``, in that order, an index that is there twice twice."""
    return rows.iloc[indices] if hasattr(rows, "iloc") else rows[indices]


def label_codes(name: str, labels: Any, classes: NDArray[Any], examples: int) -> NDArray[np.int64]:
    """Return the place of each label in ``classes``.

    Raises:
        ValueError: another number of labels than examples, or a label that was never trained.
    """
    given = np.asarray(labels)
    _check_shape(name, given, examples)
    codes = np.searchsorted(classes, given).clip(max=len(classes) - 1)
    wrong = classes[codes] != given
    if wrong.any():
        raise ValueError(
            f"{name}: {given[wrong].tolist()[0]!r:.60} is no label of the training set"
        )
    return codes.astype(np.int64)

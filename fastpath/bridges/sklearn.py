"""scikit-learn: a bagging ensemble, fitted or not, or any classifier, and its certificates.

The theorem speaks of hard votes of models that see their own k examples and nothing else.
scikit-learn's ``BaggingClassifier`` averages probabilities, and gives a base estimator that takes
``sample_weight`` every row, those of weight zero as well. So each base model is fitted again here,
to its drawn rows alone, and its hard vote is counted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from os import PathLike
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.bridges.certified import CertifiedPredictions, Statement
from bagcert.fastpath.bridges.functions import Lists, votes_of
from bagcert.fastpath.draws.lists import draw, model_seed
from bagcert.fastpath.draws.streams import MAX_SEED
from bagcert.fastpath.learners import SklearnLearner
from bagcert.fastpath.learners.sklearn_models import fit_base_model
from bagcert.fastpath.learners.sklearn_parameters import random_states
from bagcert.fastpath.training.versions import software_versions
from bagcert.fastpath.votes.header import VotesHeader
from bagcert.reference.arithmetic.arguments import as_integer
from bagcert.reference.arithmetic.limits import MAX_LIST_BITS, MAX_MODELS
from bagcert.reference.bounds import Method
from bagcert.reference.certificate.schema import Scope
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual

__all__ = ["Plan", "certify_bagging", "label_codes", "plan_of", "take"]

#: Base models of a plain classifier for which no number is given.
MODELS: Final = 1000


@dataclass(frozen=True, eq=False)
class Plan:
    """An ensemble as the theorem wants it: base learner, k, N, and the lists if there are any."""

    base: Any
    k: int
    models: int
    #: The drawn indices of each fitted model; None where the lists are drawn here.
    lists: list[NDArray[np.int64]] | None


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
    classes, codes = np.unique(np.asarray(y_train), return_inverse=True)
    n = rows.shape[0]
    if codes.shape != (n,):
        raise ValueError(f"y_train: must hold {n} labels, one for each row of X_train")
    if len(classes) < 2:
        raise ValueError("y_train: holds one class only, and there is nothing to certify")
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


def plan_of(estimator: Any, n: int, *, k: int | None, models: int | None) -> Plan:
    """Return what the theorem speaks of, or say why it does not speak of this estimator.

    Raises:
        TypeError: no classifier.
        ValueError: as :func:`certify_bagging`.
    """
    from sklearn.ensemble import BaggingClassifier
    from sklearn.pipeline import Pipeline

    if isinstance(estimator, Pipeline) and isinstance(estimator[-1], BaggingClassifier):
        raise ValueError(
            "estimator: a pipeline around a BaggingClassifier fits its steps to the whole training "
            "set, which voids the certificate; put the pipeline inside: "
            "BaggingClassifier(make_pipeline(...))"
        )
    if not isinstance(estimator, BaggingClassifier):
        if k is None:
            raise ValueError("k: state how many examples each model draws, such as k=50")
        return Plan(
            estimator,
            as_integer("k", k, 1, MAX_LIST_BITS),
            as_integer("models", MODELS if models is None else models, 1, MAX_MODELS),
            None,
        )
    _refuse_other_sampling(estimator)
    fitted = hasattr(estimator, "estimators_")
    drawn = _k_of(estimator.max_samples, n)
    if fitted:
        drawn = _k_of_fitted(estimator, n, drawn)
    count = len(estimator.estimators_) if fitted else estimator.n_estimators
    for name, stated, found in (("k", k, drawn), ("models", models, count)):
        if stated is not None and stated != found:
            raise ValueError(
                f"{name}: is {found} in this BaggingClassifier, but {stated} is stated"
            )
    lists = None
    if fitted:
        lists = [np.asarray(indices, np.int64) for indices in estimator.estimators_samples_]
    base = estimator.estimator_ if fitted else estimator.estimator
    return Plan(_default_tree() if base is None else base, drawn, count, lists)


def _refuse_other_sampling(bagging: Any) -> None:
    if not bagging.bootstrap:
        raise ValueError(
            "bootstrap: is off, so that lists are drawn without replacement, and the theorem is "
            "about drawing with it; set bootstrap=True"
        )
    if bagging.bootstrap_features or bagging.max_features != 1.0:
        raise ValueError(
            "max_features, bootstrap_features: each model is given a choice of columns that the "
            "ensemble makes for it; leave them alone, and choose columns inside the base estimator"
        )
    if bagging.oob_score:
        raise ValueError(
            "oob_score: scores each model on the examples that it did not draw; nothing chosen by "
            "that score is certified; set oob_score=False"
        )
    if bagging.warm_start:
        raise ValueError(
            "warm_start: models of another k or other data may be among the estimators; fit once, "
            "with warm_start=False"
        )


def _k_of(max_samples: Any, n: int) -> int:
    """What scikit-learn draws for each model: a number, or a share of n, rounded down."""
    if max_samples is None:
        return n
    if isinstance(max_samples, (int, np.integer)) and not isinstance(max_samples, bool):
        return as_integer("max_samples", max_samples, 1, MAX_LIST_BITS)
    return max(1, int(max_samples * n))


def _k_of_fitted(bagging: Any, n: int, due: int) -> int:
    if getattr(bagging, "_sample_weight", None) is not None:
        raise ValueError(
            "sample_weight: this ensemble drew some rows more often than others, and the theorem "
            "is about uniform draws; fit without sample_weight"
        )
    sizes = {len(indices) for indices in bagging.estimators_samples_}
    largest = max(int(np.max(indices)) for indices in bagging.estimators_samples_)
    if getattr(bagging, "_n_samples", n) != n or largest >= n:
        raise ValueError(
            f"X_train: holds {n} rows, but the ensemble was fitted to another number; "
            f"pass what it was fitted to"
        )
    if sizes != {due}:
        fitted = ", ".join(str(size) for size in sorted(sizes))
        raise ValueError(
            f"max_samples: says {due} examples a model, but the fitted models drew {fitted}: it "
            f"was changed after fitting; fit again"
        )
    return due


def _default_tree() -> Any:
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier()


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


def take(rows: Any, indices: NDArray[np.int64]) -> Any:
    """Return the rows at ``indices``, in that order, an index that is there twice twice."""
    return rows.iloc[indices] if hasattr(rows, "iloc") else rows[indices]


def label_codes(name: str, labels: Any, classes: NDArray[Any], examples: int) -> NDArray[np.int64]:
    """Return the place of each label in ``classes``.

    Raises:
        ValueError: another number of labels than examples, or a label that was never trained.
    """
    given = np.asarray(labels)
    if given.shape != (examples,):
        raise ValueError(f"{name}: must hold {examples} labels, one for each row")
    codes = np.searchsorted(classes, given).clip(max=len(classes) - 1)
    wrong = classes[codes] != given
    if wrong.any():
        raise ValueError(
            f"{name}: {given[wrong].tolist()[0]!r:.60} is no label of the training set"
        )
    return codes.astype(np.int64)

"""What a bagging ensemble of scikit-learn draws: its k and its lists, or why it is refused."""

from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.reference.arithmetic.arguments import as_integer
from bagcert.reference.arithmetic.limits import MAX_LIST_BITS, MAX_MODELS

__all__ = ["Plan", "plan_of"]

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


def plan_of(estimator: Any, n: int, *, k: int | None, models: int | None) -> Plan:
    """Return what the theorem speaks of, or say why it does not speak of this estimator.

    Raises:
        TypeError: no classifier.
        ValueError: as :func:`certify_bagging`.
    """
    from sklearn.ensemble import BaggingClassifier

    if not isinstance(estimator, BaggingClassifier):
        _refuse_around(estimator)
        if k is None:
            raise ValueError(
                f"k: state how many examples each model draws, such as k=50{_of_forest(estimator)}"
            )
        return Plan(
            estimator,
            as_integer("k", k, 1, MAX_LIST_BITS),
            as_integer("models", MODELS if models is None else models, 1, MAX_MODELS),
            None,
        )
    _refuse_other_sampling(estimator)
    fitted = hasattr(estimator, "estimators_")
    drawn = _k_of(estimator.max_samples, n)
    lists = _lists_of_fitted(estimator, n, drawn) if fitted else None
    count = len(estimator.estimators_) if fitted else estimator.n_estimators
    for name, stated, found in (("k", k, drawn), ("models", models, count)):
        if stated is not None and stated != found:
            raise ValueError(
                f"{name}: is {found} in this BaggingClassifier, but {stated} is stated"
            )
    base = estimator.estimator_ if fitted else estimator.estimator
    return Plan(_default_tree() if base is None else base, drawn, count, lists)


def _refuse_around(estimator: Any) -> None:
    """Refuse a pipeline or a search that holds the bag: it fits to, or looks at, all of D."""
    from sklearn.ensemble import BaggingClassifier
    from sklearn.pipeline import Pipeline

    if isinstance(estimator, type) or not hasattr(estimator, "get_params"):
        return  # what is no estimator is refused where it is fitted
    if not any(isinstance(part, BaggingClassifier) for part in estimator.get_params().values()):
        return
    if isinstance(estimator, Pipeline):
        raise ValueError(
            "estimator: a pipeline around a BaggingClassifier fits its steps to the whole training "
            "set, which voids the certificate; put the pipeline inside: "
            "BaggingClassifier(make_pipeline(...))"
        )
    raise ValueError(
        f"estimator: a {type(estimator).__name__} around a BaggingClassifier fits or chooses "
        f"something by the whole training set, which voids the certificate; give the "
        f"BaggingClassifier itself, with settings that were fixed beforehand"
    )


def _of_forest(estimator: Any) -> str:
    """What to say to somebody who takes a forest for the bag; its trees are not the models."""
    from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

    if not isinstance(estimator, (ExtraTreesClassifier, RandomForestClassifier)):
        return ""
    return (
        f"; each model is then a whole {type(estimator).__name__}. To certify a forest of trees: "
        f"BaggingClassifier(DecisionTreeClassifier(max_features='sqrt'), max_samples=50)"
    )


def _refuse_other_sampling(bagging: Any) -> None:
    if not bagging.bootstrap:
        raise ValueError(
            "bootstrap: is off, so that lists are drawn without replacement, and the theorem is "
            "about drawing with it; set bootstrap=True"
        )
    columns = bagging.max_features  # 1.0 is all of them, and 1 is one
    if bagging.bootstrap_features or isinstance(columns, Integral) or columns != 1.0:
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
    if isinstance(max_samples, Integral) and not isinstance(max_samples, bool):
        return as_integer("max_samples", max_samples, 1, MAX_LIST_BITS)
    is_share = isinstance(max_samples, Real) and not isinstance(max_samples, bool)
    if not is_share or not 0 < max_samples <= 1:
        raise ValueError(
            f"max_samples: must be a number of examples, such as 50, or a share of them above 0 "
            f"and at most 1.0, not {max_samples!r:.40}"
        )
    return max(1, int(max_samples * n))


def _lists_of_fitted(bagging: Any, n: int, due: int) -> list[NDArray[np.int64]]:
    if getattr(bagging, "_sample_weight", None) is not None:
        raise ValueError(
            "sample_weight: this ensemble drew some rows more often than others, and the theorem "
            "is about uniform draws; fit without sample_weight"
        )
    lists = [np.asarray(indices, np.int64) for indices in bagging.estimators_samples_]
    models = len(bagging.estimators_)
    if len(lists) != models:
        raise ValueError(
            f"warm_start: {models} models were fitted in parts, and the ensemble knows the lists "
            f"of {len(lists)} only; fit once, with warm_start=False"
        )
    if getattr(bagging, "_n_samples", n) != n or max(int(drawn.max()) for drawn in lists) >= n:
        raise ValueError(
            f"X_train: holds {n} rows, but the ensemble was fitted to another number; "
            f"pass what it was fitted to"
        )
    sizes = sorted({len(drawn) for drawn in lists})
    if sizes != [due]:
        raise ValueError(
            f"max_samples: says {due} examples a model, but the fitted models drew "
            f"{', '.join(map(str, sizes))}: it was changed after fitting; fit again"
        )
    return lists


def _default_tree() -> Any:
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier()

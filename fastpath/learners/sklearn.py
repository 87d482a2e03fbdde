"""Any scikit-learn classifier, fitted on the k drawn examples alone."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.learners.base import LearnerError, Subsamples
from bagcert.fastpath.learners.sklearn_models import NoModelError, fit_base_model
from bagcert.fastpath.learners.sklearn_parameters import (
    parse,
    random_states,
    refuse_keyed_by_label,
    spell,
)
from bagcert.reference.arithmetic.arguments import nearest

__all__ = ["ESTIMATORS", "SklearnLearner"]

#: What the command line may name, and the module of scikit-learn that has it.
ESTIMATORS: Final = {
    "BernoulliNB": "naive_bayes",
    "ComplementNB": "naive_bayes",
    "DecisionTreeClassifier": "tree",
    "ExtraTreeClassifier": "tree",
    "ExtraTreesClassifier": "ensemble",
    "GaussianNB": "naive_bayes",
    "GaussianProcessClassifier": "gaussian_process",
    "GradientBoostingClassifier": "ensemble",
    "HistGradientBoostingClassifier": "ensemble",
    "KNeighborsClassifier": "neighbors",
    "LinearDiscriminantAnalysis": "discriminant_analysis",
    "LinearSVC": "svm",
    "LogisticRegression": "linear_model",
    "MLPClassifier": "neural_network",
    "MultinomialNB": "naive_bayes",
    "NearestCentroid": "neighbors",
    "Perceptron": "linear_model",
    "QuadraticDiscriminantAnalysis": "discriminant_analysis",
    "RandomForestClassifier": "ensemble",
    "RidgeClassifier": "linear_model",
    "SGDClassifier": "linear_model",
    "SVC": "svm",
}
_MISSING: Final = "learner sklearn needs scikit-learn; type: pip install 'bagcert[train]'"


class SklearnLearner:
    """A scikit-learn classifier: a fresh clone for each model, ``fit`` on its k rows, ``predict``.

    It is given the k rows as they were drawn, duplicates included, never sample weights (rows of
    weight zero would still be seen). Labels are renumbered from 0 without gaps before ``fit`` and
    mapped back; where the k rows hold one class, that is the label everywhere, and nothing is
    fitted. So a parameter that is keyed by label, such as ``class_weight={0: 2}`` or ``priors``,
    would reach another class, and is refused. Every ``random_state`` is the upper half of the
    model's seed; warnings are silenced. Soundness: an example's own values are its features, and
    whatever the estimator fits, scalers in a pipeline included, it fits on the k rows.

    An estimator that its k rows defeat ends the training. With ``abstaining``, and on a data set
    with a last class that no example bears (``NAME+no-label``), that model votes for this class
    instead: one more label, for which reference/MATHEMATICS.md, section 12 (b), needs no new rule.
    Memory and files that fail are not the k rows' doing, and end the training in any case.

    Args:
        estimator: unfitted or fitted, it is cloned; a ``random_state`` it has is not used.
        abstaining: whether a model that its rows defeat votes for the last class.

    Raises:
        ImportError: scikit-learn is not installed.
        TypeError: ``estimator`` is no classifier that scikit-learn can clone.
        ValueError: a parameter that is keyed by label.
    """

    about: ClassVar[str] = "a classifier of scikit-learn, by its name, with its own parameters"

    def __init__(self, estimator: Any, *, abstaining: bool = False) -> None:
        try:
            from sklearn.base import clone, is_classifier
        except ImportError as error:
            raise ImportError(_MISSING) from error
        if isinstance(estimator, type) or not hasattr(estimator, "get_params"):
            raise TypeError(f"estimator must be a scikit-learn estimator, not {estimator!r:.60}")
        if not is_classifier(estimator):
            raise TypeError(f"estimator must be a classifier, not {type(estimator).__name__}")
        self._estimator, self._abstaining = clone(estimator), abstaining
        refuse_keyed_by_label(self._estimator.get_params(deep=True))

    @classmethod
    def defaults(cls) -> dict[str, str]:
        """Return what stands for the settings: which there are depends on the estimator."""
        return {"estimator": "NAME"}

    @classmethod
    def from_settings(cls, settings: Mapping[str, str]) -> "SklearnLearner":
        """Return the learner that a votes header describes.

        ``estimator`` is one of :data:`ESTIMATORS`; the rest are its parameters, each an integer,
        a float, True, False, None or else a string. ``failing=abstain`` is ``abstaining``.

        Raises:
            ValueError: no such estimator, or no such parameter.
        """
        given = dict(settings)
        failing = given.pop("failing", None)
        if failing not in (None, "abstain"):
            raise ValueError(f"learner_settings: failing must be abstain, not {failing!r:.60}")
        title = given.pop("estimator", "")
        if not title:
            known = ", ".join(sorted(ESTIMATORS))
            raise ValueError(
                f"learner_settings: estimator=NAME is needed, and NAME is one of {known}"
            )
        if title not in ESTIMATORS:
            raise ValueError(
                f"learner_settings: estimator: there is no {title!r:.60}; the nearest are "
                f"{nearest(title, sorted(ESTIMATORS))}"
            )
        try:
            estimator = _kind(title)()
        except ImportError as error:
            raise ImportError(_MISSING) from error
        names = set(estimator.get_params(deep=False)) - {"random_state"}
        if unknown := sorted(set(given) - names):
            known = ", ".join(sorted(names))
            raise ValueError(f"learner_settings: {unknown[0]!r:.60} is unknown; there is {known}")
        estimator.set_params(**{n: parse(text) for n, text in given.items()})
        return cls(estimator, abstaining=failing is not None)

    @property
    def name(self) -> str:
        """``sklearn``."""
        return "sklearn"

    @property
    def ignores_seed(self) -> bool:
        """True for estimators of :data:`ESTIMATORS` that have no ``random_state``.

        Of others, made elsewhere or made of several, it is not claimed.
        """
        return self._named() and not random_states(self._estimator)

    @property
    def libraries(self) -> tuple[str, ...]:
        """``scikit-learn``."""
        return ("scikit-learn",)

    @property
    def settings(self) -> dict[str, str]:
        """The estimator's name and its parameters, all but ``random_state``.

        They read back where the parameters are plain values; an estimator made of others is only
        described. A parameter called ``estimator`` is spelled ``base_estimator`` here.

        Raises:
            ValueError: a parameter that no header can spell: a function or an object without a
                name of its own.
        """
        kind = type(self._estimator)
        title = kind.__name__ if self._named() else f"{kind.__module__}.{kind.__qualname__}"
        parameters = self._estimator.get_params(deep=False)
        parameters.pop("random_state", None)
        if "estimator" in parameters:
            parameters["base_estimator"] = parameters.pop("estimator")
        failing = {"failing": "abstain"} if self._abstaining else {}
        spelled = {n: spell(n, value) for n, value in parameters.items()}
        return {"estimator": title, **failing, **spelled}

    def features(self, example: NDArray[Any]) -> NDArray[np.float64]:
        """Return the example's own values, flat, float64 of shape (d,)."""
        return np.asarray(example, dtype=np.float64).reshape(-1)

    def fit_predict(
        self, batch: Subsamples, test_features: NDArray[Any], seeds: NDArray[np.uint64]
    ) -> NDArray[np.int64]:
        """Return hard labels (B, e). Models are fitted one by one.

        Raises:
            LearnerError: the estimator failed, or returned what is no label; ``row`` says whose.
        """
        no_label = batch.classes - 1
        labels = np.empty((len(batch.labels), len(test_features)), dtype=np.int64)
        for row, seed in enumerate(seeds):
            if self._abstaining and (batch.labels[row] == no_label).any():
                raise LearnerError(
                    "sklearn: failing=abstain wants a data set whose last class no example "
                    "bears; add +no-label to its name",
                    row,
                )
            try:
                model = fit_base_model(
                    self._estimator, batch.features[row], batch.labels[row], int(seed)
                )
                labels[row] = model.predict(test_features)
            except LearnerError as error:
                if self._abstaining and isinstance(error, NoModelError):
                    labels[row] = no_label
                    continue
                raise LearnerError(str(error), row) from error
        return labels

    def _named(self) -> bool:
        kind = type(self._estimator)
        return kind.__name__ in ESTIMATORS and kind is _kind(kind.__name__)


def _kind(title: str) -> Any:
    return getattr(import_module(f"sklearn.{ESTIMATORS[title]}"), title)

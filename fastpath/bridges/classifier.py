"""A classifier of scikit-learn's kind whose predictions come with certificates."""

from fractions import Fraction
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from bagcert.fastpath.bridges.certified import CertifiedPredictions, Statement
from bagcert.fastpath.bridges.plan import Plan
from bagcert.fastpath.bridges.sklearn import label_codes, take
from bagcert.fastpath.draws.lists import draw, model_seed
from bagcert.fastpath.learners import SklearnLearner
from bagcert.fastpath.learners.sklearn_models import fit_base_model
from bagcert.fastpath.learners.sklearn_parameters import random_states
from bagcert.fastpath.training.versions import software_versions
from bagcert.fastpath.votes.header import VotesHeader
from bagcert.fastpath.votes.predictions import count_predictions, digest_rows
from bagcert.fastpath.votes.votes import Votes
from bagcert.reference.arithmetic.arguments import as_integer
from bagcert.reference.arithmetic.limits import MAX_LIST_BITS, MAX_MODELS
from bagcert.reference.bounds import Method
from bagcert.reference.certificate.schema import Scope
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual

__all__ = ["CertifiedBaggingClassifier"]


class CertifiedBaggingClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Bagging by majority vote: N models, each fitted to k rows drawn with replacement.

    ``predict`` is the vote, ``certify`` is the vote with certificates. The models see their k rows
    alone, duplicates included, never weights. k is a number, not a share: it is what the radius
    depends on most.

    Args:
        estimator: the base learner; a decision tree if None.
        n_estimators: N.
        max_samples: k.
        random_state: of the lists and the models; None draws a seed.

    Attributes:
        classes_: the labels, ascending.
        n_features_in_: columns of the training examples.
        n_samples_: n.
        seed_: of the lists: ``draw(seed_, i, n_samples_, max_samples)`` are model i's rows.
        estimators_: the fitted models.
    """

    def __init__(
        self,
        estimator: Any = None,
        n_estimators: int = 200,
        max_samples: int = 50,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.max_samples = max_samples
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Draw N lists and fit a model to each.

        Raises:
            ValueError: an argument outside its domain, or data that scikit-learn refuses.
            LearnerError: a model cannot be fitted to its rows.
        """
        X, y = validate_data(self, X, y, accept_sparse="csr")
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        self.n_samples_ = X.shape[0]
        self.seed_ = int(check_random_state(self.random_state).randint(2**31))
        plan = self._plan()
        SklearnLearner(plan.base)  # refuses parameters keyed by label before anything is fitted
        self.estimators_ = [
            fit_base_model(plan.base, take(X, drawn), codes[drawn], model_seed(self.seed_, model))
            for model in range(plan.models)
            for drawn in [draw(self.seed_, model, self.n_samples_, plan.k)]
        ]
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the majority's label of each row; between equal counts the smaller label."""
        counts = count_predictions(self._rows_of(X), len(self.classes_))
        found: NDArray[Any] = self.classes_[counts.argmax(axis=1)]
        return found

    def certify(
        self,
        X: Any,
        y: Any = None,
        *,
        alpha: Fraction | int | str = "1/1000",
        method: Method | str = Method.SELECTED,
        scope: Scope | str = Scope.SIMULTANEOUS,
        attack: Attack | str = Attack.ANY,
        residual: Residual | str = Residual.PAPER,
    ) -> CertifiedPredictions:
        """Return certificates of the rows of X; options as :func:`~bagcert.fastpath.certify_votes`.

        Raises:
            ValueError: labels that were not seen in training; one class only; an option outside
                its domain.
        """
        statement = Statement.given(alpha, method, scope, attack, residual)
        rows = self._rows_of(X)
        plan = self._plan()
        if len(self.classes_) < 2:
            raise ValueError("y: held one class only, and there is nothing to certify")
        learner = SklearnLearner(plan.base)
        header = VotesHeader(
            n=self.n_samples_,
            k=plan.k,
            models=plan.models,
            classes=len(self.classes_),
            seed=self.seed_,
            first_model=0,
            learner="sklearn",
            learner_settings=learner.settings,
            ignores_seed=not random_states(plan.base),
            class_names=tuple(str(label) for label in self.classes_.tolist()),
            versions=software_versions(learner.libraries),
        )
        votes = Votes(
            count_predictions(rows, len(self.classes_)),
            None if y is None else label_codes("y", y, self.classes_, rows.shape[1]),
            rows,
            digest_rows(rows),
            header,
        )
        return CertifiedPredictions.of(votes, self.classes_, statement)

    def __sklearn_tags__(self) -> Any:
        """Sparse rows are accepted; what else is, the base learner decides."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _plan(self) -> Plan:
        from sklearn.ensemble import BaggingClassifier
        from sklearn.tree import DecisionTreeClassifier

        base = DecisionTreeClassifier() if self.estimator is None else self.estimator
        if isinstance(base, BaggingClassifier):
            raise ValueError(
                "estimator: a BaggingClassifier bags already; give its base estimator, or give it "
                "to certify_bagging"
            )
        return Plan(
            base,
            as_integer("max_samples", self.max_samples, 1, MAX_LIST_BITS),
            as_integer("n_estimators", self.n_estimators, 1, MAX_MODELS),
            None,
        )

    def _rows_of(self, X: Any) -> NDArray[np.int32]:
        """The label rows (N, e) of all models."""
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", reset=False)
        return np.stack([model.predict(X) for model in self.estimators_]).astype(np.int32)

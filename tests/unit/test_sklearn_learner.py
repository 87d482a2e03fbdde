"""scikit-learn's classifiers as base learners: the k rows alone, labels mapped, errors named."""

import importlib
import re
import sys
from typing import Any

import numpy as np
import pytest

from bagcert.fastpath.datasets import Dataset, load_dataset
from bagcert.fastpath.learners import LearnerError, SklearnLearner, Subsamples, load_learner
from bagcert.fastpath.learners.sklearn import ESTIMATORS
from bagcert.fastpath.training.ensemble import predict_models, train_votes

pytest.importorskip("sklearn")

from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import AdaBoostClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, Perceptron
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

QUICK = {
    "BernoulliNB": {"binarize": "0.8"},
    "ExtraTreesClassifier": {"n_estimators": "5"},
    "GradientBoostingClassifier": {"n_estimators": "5"},
    "HistGradientBoostingClassifier": {"max_iter": "3", "min_samples_leaf": "2"},
    "MLPClassifier": {"max_iter": "20"},
    "RandomForestClassifier": {"n_estimators": "5"},
}


def batch(models: int = 4, k: int = 24, classes: int = 5) -> Any:
    """Classes 1 and 3 only: gaps in the labels, and labels that were never drawn."""
    rng = np.random.default_rng(0)
    labels = rng.choice([1, 3], (models, k))
    features = rng.random((models, k, 6)) + 0.7 * (labels == 3)[:, :, None]
    tested = rng.random((80, 6)) + 0.7 * (np.arange(80) % 2)[:, None]
    return Subsamples(features, labels, classes), tested, rng.integers(0, 2**64, models, np.uint64)


class Odd(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Returns what it is told to, and remembers nothing between fits."""

    def __init__(self, answer: Any = None) -> None:
        self.answer = answer

    def fit(self, x: Any, y: Any) -> "Odd":
        assert not hasattr(self, "seen_")  # a fresh clone
        self.seen_ = x, y
        return self

    def predict(self, x: Any) -> Any:
        return self.answer(*self.seen_, x)


def odd(answer: Any) -> Odd:
    """An estimator whose function has a name, as a votes header wants."""
    answer.__qualname__ = "answer"
    return Odd(answer)


@pytest.mark.parametrize("title", sorted(ESTIMATORS))
def test_every_named_classifier_learns(title: str) -> None:
    learner = load_learner("sklearn", {"estimator": title, **QUICK.get(title, {})})
    drawn, tested, seeds = batch()
    labels = learner.fit_predict(drawn, tested, seeds)
    assert set(np.unique(labels)) <= {1, 3}
    assert (labels == np.where(np.arange(80) % 2, 3, 1)).mean() > 0.5
    assert load_learner("sklearn", learner.settings).settings == learner.settings
    assert (learner.fit_predict(drawn, tested, seeds) == labels).all()
    one = Subsamples(drawn.features[2:3], drawn.labels[2:3], 5)
    assert (learner.fit_predict(one, tested, seeds[2:3]) == labels[2]).all()
    if learner.ignores_seed:
        assert (learner.fit_predict(drawn, tested, seeds[::-1]) == labels).all()


def test_a_model_is_the_estimator_fitted_on_its_rows() -> None:
    drawn, tested, seeds = batch()
    learner = SklearnLearner(RandomForestClassifier(n_estimators=5))
    labels = learner.fit_predict(drawn, tested, seeds)
    for b in range(4):
        plain = RandomForestClassifier(n_estimators=5, random_state=int(seeds[b]) >> 32)
        due = plain.fit(drawn.features[b], drawn.labels[b]).predict(tested)
        assert (labels[b] == due).all()
    assert (learner.fit_predict(drawn, tested, seeds[::-1]) != labels).any()
    assert not learner.ignores_seed


def test_scalers_are_fitted_inside_and_states_are_set_deep_down() -> None:
    drawn, tested, seeds = batch()
    pipeline = make_pipeline(StandardScaler(), DecisionTreeClassifier(max_features=1))
    learner = SklearnLearner(pipeline)
    labels = learner.fit_predict(drawn, tested, seeds)
    assert (learner.fit_predict(drawn, tested, seeds) == labels).all()
    assert (learner.fit_predict(drawn, tested, seeds[::-1]) != labels).any()
    assert not learner.ignores_seed
    assert learner.settings["estimator"] == "sklearn.pipeline.Pipeline"
    boosted = SklearnLearner(AdaBoostClassifier(DecisionTreeClassifier(max_depth=3)))
    assert "max_depth=3" in boosted.settings["base_estimator"]
    assert boosted.settings["estimator"].endswith("AdaBoostClassifier")


def test_one_class_is_the_constant_and_nothing_is_fitted() -> None:
    learner = SklearnLearner(odd(lambda *_: 1 / 0))
    drawn = Subsamples(np.ones((2, 3, 1)), np.array([[4, 4, 4], [0, 0, 0]]), 5)
    labels = learner.fit_predict(drawn, np.ones((6, 1)), np.zeros(2, np.uint64))
    assert labels.tolist() == [[4] * 6, [0] * 6]


def test_the_estimator_sees_the_drawn_rows_with_labels_without_gaps() -> None:
    drawn, tested, seeds = batch()
    seen = []

    def answer(x: Any, y: Any, asked: Any) -> Any:
        seen.append((x, y))
        return np.ones(len(asked), int)

    assert (SklearnLearner(Odd(answer)).fit_predict(drawn, tested, seeds) == 3).all()
    for b, (x, y) in enumerate(seen):
        assert (x == drawn.features[b]).all()
        assert (y == (drawn.labels[b] == 3)).all()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda n: np.full(n, np.nan), "must be integers, not float64"),
        (lambda n: np.full(n, 2), "none of those that were drawn"),
        (lambda n: np.full(n, -1), "none of those that were drawn"),
        (lambda n: np.zeros(n + 1, int), r"shape \(41,\), where \(40,\) is due"),
        (lambda n: [0] * n, "shape list"),
        (lambda n: 1 // 0, "ZeroDivisionError"),
    ],
)
def test_what_is_no_label_names_the_model(answer: Any, words: str) -> None:
    x, y = np.ones((40, 2)), np.arange(40) % 2
    data = Dataset("ones", x, y, x, y, 2, ("a", "b"))
    learner = SklearnLearner(odd(lambda drawn, given, asked: answer(len(asked))))
    with pytest.raises(LearnerError, match=f"model [0-9]+: sklearn: .*{words}"):
        train_votes(data, learner, 9, 5, 3)


def test_votes_are_replayed_from_their_header() -> None:
    drawn, tested, _ = batch(1, 60)
    y = np.arange(80) % 2
    data = Dataset("two", drawn.features[0], drawn.labels[0] // 2, tested, y, 2, ("a", "b"))
    learner = load_learner("sklearn", {"estimator": "ExtraTreeClassifier", "max_depth": "2"})
    votes = train_votes(data, learner, 12, 9, 1, keep_predictions=True)
    assert votes.header is not None
    assert votes.header.learner is not None
    assert votes.predictions is not None
    again = load_learner(votes.header.learner, votes.header.learner_settings)
    assert (predict_models(data, again, 12, 1, [8, 3]) == votes.predictions[[8, 3]]).all()


def test_settings_and_what_is_refused() -> None:
    settings = {"estimator": "LogisticRegression", "C": "0.5", "max_iter": "7", "tol": "1e-3"}
    found = load_learner("sklearn", settings).settings
    assert {name: found[name] for name in settings} == settings | {"tol": "0.001"}
    assert "random_state" not in found
    assert SklearnLearner(GaussianNB()).ignores_seed
    assert not SklearnLearner(Odd()).ignores_seed
    for bad, words in (
        ({"estimator": "os.system"}, "estimator: there is no 'os.system'"),
        ({}, "estimator=NAME is needed"),
        ({"estimator": "GaussianNB", "width": "1"}, "'width' is unknown"),
        ({"estimator": "SVC", "random_state": "1"}, "'random_state' is unknown"),
    ):
        with pytest.raises(ValueError, match=words):
            load_learner("sklearn", bad)
    states = SklearnLearner(LogisticRegression(random_state=0)), SklearnLearner(Perceptron())
    assert not any("random_state" in learner.settings for learner in states)
    for wrong in (LinearRegression(), GaussianNB, len):
        with pytest.raises(TypeError, match="estimator must be a"):
            SklearnLearner(wrong)
    negative = load_learner("sklearn", {"estimator": "LogisticRegression", "C": "-1"})
    with pytest.raises(LearnerError, match="The 'C' parameter"):
        negative.fit_predict(*batch())


def test_without_sklearn_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("sklearn", "sklearn.base", "sklearn.svm"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=r"pip install 'bagcert\[train\]'"):
        load_learner("sklearn", {"estimator": "SVC"})
    with pytest.raises(ImportError, match=r"pip install 'bagcert\[train\]'"):
        SklearnLearner(None)


@pytest.mark.parametrize("title", sorted(ESTIMATORS))
def test_the_settings_of_every_estimator_read_back(title: str) -> None:
    made = load_learner("sklearn", {"estimator": title})
    assert load_learner("sklearn", made.settings).settings == made.settings
    again = load_learner("sklearn", made.settings)
    assert again._estimator.get_params() == made._estimator.get_params()  # type: ignore[attr-defined]


def _named_metric(a: Any, b: Any) -> float:
    return float(np.abs(a - b).sum())


def test_a_function_is_spelled_by_its_name_and_one_without_a_name_is_refused() -> None:
    neighbours = pytest.importorskip("sklearn.neighbors").KNeighborsClassifier
    spelled = SklearnLearner(neighbours(metric=_named_metric)).settings["metric"]
    assert spelled.endswith("._named_metric")
    with pytest.raises(ValueError, match="metric is a function without a name of its own"):
        _ = SklearnLearner(neighbours(metric=lambda a, b: 0.0)).settings
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    steps = make_pipeline(FunctionTransformer(lambda x: x), neighbours())
    with pytest.raises(ValueError, match="is a function without a name"):
        _ = SklearnLearner(steps).settings
    assert " at 0x" not in str(
        SklearnLearner(make_pipeline(FunctionTransformer(), neighbours())).settings
    )


@pytest.mark.parametrize(
    ("module", "title", "parameter", "value"),
    [
        ("tree", "DecisionTreeClassifier", "class_weight", {0: 1.0, 1: 5.0}),
        ("naive_bayes", "GaussianNB", "priors", [0.1] * 10),
        ("naive_bayes", "MultinomialNB", "class_prior", [0.1] * 10),
        ("discriminant_analysis", "LinearDiscriminantAnalysis", "priors", [0.1] * 10),
    ],
)
def test_what_is_keyed_by_label_is_refused(
    module: str, title: str, parameter: str, value: Any
) -> None:
    kind = getattr(importlib.import_module(f"sklearn.{module}"), title)
    with pytest.raises(ValueError, match=f"{parameter} is keyed by label"):
        SklearnLearner(kind(**{parameter: value}))
    SklearnLearner(kind())


def test_a_balanced_weight_is_fine() -> None:
    from sklearn.tree import DecisionTreeClassifier

    SklearnLearner(DecisionTreeClassifier(class_weight="balanced"))


@pytest.mark.parametrize("k", [1, 20, 39])
def test_a_tree_that_cannot_split_says_so_before_a_model_is_trained(k: int) -> None:
    learner = load_learner("sklearn", {"estimator": "HistGradientBoostingClassifier"})
    if k == 1:  # one class is drawn, and is the label: nothing is fitted
        train_votes(load_dataset("digits"), learner, k, 2, 1)
        return
    with pytest.raises(
        LearnerError, match=r"model 0: .* set min_samples_leaf to 1, or k to at least 40"
    ):
        train_votes(load_dataset("digits"), learner, k, 2, 1)


def test_an_estimator_that_small_samples_defeat_names_what_helps() -> None:
    """What is named does help: the message, then the advice followed."""
    digits, title = load_dataset("digits"), "QuadraticDiscriminantAnalysis"
    learner = load_learner("sklearn", {"estimator": title})
    words = r"cannot be fitted to 20 examples .* set .*, and a k so large that no list"
    with pytest.raises(LearnerError, match=words) as caught:
        train_votes(digits, learner, 20, 2, 1)
    advised = dict(re.findall(r"(solver|shrinkage|reg_param)=(\S+?)(?:,| |$)", str(caught.value)))
    train_votes(digits, load_learner("sklearn", {"estimator": title, **advised}), 300, 2, 1)


def test_a_linear_discriminant_wants_more_examples_than_classes() -> None:
    digits, linear = load_dataset("digits"), {"estimator": "LinearDiscriminantAnalysis"}
    with pytest.raises(LearnerError, match=r"choose a k larger than the number of classes"):
        train_votes(digits, load_learner("sklearn", linear), 5, 20, 0)
    train_votes(digits, load_learner("sklearn", linear), 11, 20, 0)

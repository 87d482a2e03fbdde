"""From scikit-learn's ensembles to certificates: what is certified, and what is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.ensemble import BaggingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from bagcert.fastpath.draws.lists import draw, model_seed
from bagcert.fastpath.learners.base import LearnerError
from bagcert.reference import Certificate, certify, check_certificate
from bagcert.sklearn import CertifiedBaggingClassifier, certify_bagging

IRIS_X, IRIS_Y = load_iris(return_X_y=True)


@pytest.fixture(scope="module")
def cancer() -> tuple[Any, Any, Any, Any]:
    data = load_breast_cancer()
    labels = data.target_names[data.target]
    order = np.random.default_rng(0).permutation(len(labels))
    x, y = data.data[order], labels[order]
    return x[:430], y[:430], x[430:], y[430:]


def bagging(**options: Any) -> BaggingClassifier:
    return BaggingClassifier(
        DecisionTreeClassifier(), **{"max_samples": 50, "n_estimators": 60, **options}
    )


def test_labels_of_any_type_come_back_and_the_file_is_true(
    cancer: tuple[Any, Any, Any, Any], tmp_path: Path
) -> None:
    train, y, tested, truth = cancer
    found = certify_bagging(bagging(n_estimators=200), train, y, tested, truth)
    assert set(found.labels) == {"benign", "malignant"}
    assert (found.labels == truth).mean() > 0.85
    n, k = 430, 50
    level = found.statement.alpha / len(truth)
    for row, counts in enumerate(found.votes.counts[:20].tolist()):
        due = certify(counts, n, k, level)
        assert found.radius[row] == (due.radius if isinstance(due, Certificate) else -1)
    path = tmp_path / "cert.jsonl"
    found.save(path)
    assert check_certificate(path).status == "VALID"
    right = (found.labels == truth) & (found.radius >= 2)
    assert found.certified_accuracy(2) * len(truth) == right.sum()
    # A radius of -1 is an abstention's: it must not count as certified.
    with pytest.raises(ValueError, match="radius must be at least 0, not -1"):
        found.certified_accuracy(-1)
    with pytest.raises(TypeError, match="radius must be an integer, not float"):
        found.certified_accuracy(1.5)  # type: ignore[arg-type]


@pytest.mark.parametrize("base", [GaussianNB(), KNeighborsClassifier(3), LogisticRegression()])
def test_each_model_is_fitted_to_its_rows_alone(base: Any) -> None:
    tested = IRIS_X[::10]
    found = certify_bagging(base, IRIS_X, IRIS_Y, tested, k=15, models=8, seed=5)
    for model, row in enumerate(np.asarray(found.votes.predictions)):
        drawn = draw(5, model, 150, 15)
        base = base.set_params(
            **(
                {"random_state": model_seed(5, model) >> 32}
                if "random_state" in base.get_params()
                else {}
            )
        )
        assert (base.fit(IRIS_X[drawn], IRIS_Y[drawn]).predict(tested) == row).all()


def test_a_fitted_ensemble_lends_its_lists(cancer: tuple[Any, Any, Any, Any]) -> None:
    train, y, tested, _ = cancer
    fitted = BaggingClassifier(GaussianNB(), max_samples=20, n_estimators=30, random_state=3)
    fitted.fit(train, y)
    found = certify_bagging(fitted, train, y, tested)
    assert found.votes.header is not None
    assert (found.votes.header.k, found.votes.header.models) == (20, 30)
    for indices, row in zip(
        fitted.estimators_samples_, np.asarray(found.votes.predictions), strict=True
    ):
        alone = GaussianNB().fit(train[indices], y[indices])
        assert (alone.predict(tested) == found.classes[row]).all()


@pytest.mark.parametrize(("share", "due"), [(0.1, 43), (50, 50), (1.0, 430), (None, 430)])
def test_k_is_read_from_how_it_is_fitted(
    cancer: tuple[Any, Any, Any, Any], share: Any, due: int
) -> None:
    train, y, tested, _ = cancer
    for estimator in (
        bagging(max_samples=share, n_estimators=3),
        bagging(max_samples=share, n_estimators=3).fit(train, y),
    ):
        found = certify_bagging(estimator, train, y, tested)
        assert found.votes.header is not None
        assert found.votes.header.k == due


@pytest.mark.parametrize(
    ("estimator", "why"),
    [
        (bagging(bootstrap=False), "set bootstrap=True"),
        (bagging(max_features=0.5), "choose columns inside the base estimator"),
        (bagging(max_features=1), "choose columns inside the base estimator"),
        (bagging(bootstrap_features=True), "choose columns inside the base estimator"),
        (bagging(max_samples="50"), "max_samples: must be a number of examples, such as 50"),
        (bagging(max_samples=1.5), "at most 1.0, not 1.5"),
        (bagging(max_samples=True), "not True"),
        (bagging(max_samples=0.0), "above 0"),
        (GridSearchCV(bagging(), {"max_samples": [5, 9]}), "fixed beforehand"),
        (RandomForestClassifier(max_samples=50), "a whole RandomForestClassifier. To certify"),
        (bagging(oob_score=True), "set oob_score=False"),
        (bagging(warm_start=True), "with warm_start=False"),
        (make_pipeline(StandardScaler(), bagging()), "put the pipeline inside"),
        (
            BaggingClassifier(DecisionTreeClassifier(class_weight={0: 1.0, 1: 9.0})),
            "keyed by label",
        ),
        (DecisionTreeClassifier(), "k: state how many"),
    ],
)
def test_what_the_theorem_does_not_speak_of_is_refused(
    cancer: tuple[Any, Any, Any, Any], estimator: Any, why: str
) -> None:
    train, y, tested, _ = cancer
    with pytest.raises(ValueError, match=why):
        certify_bagging(estimator, train, y, tested)


def test_what_was_changed_after_fitting_is_refused(cancer: tuple[Any, Any, Any, Any]) -> None:
    train, y, tested, _ = cancer
    fitted = bagging(n_estimators=5).fit(train, y)
    with pytest.raises(ValueError, match="k: is 50 in this BaggingClassifier, but 60 is stated"):
        certify_bagging(fitted, train, y, tested, k=60)
    with pytest.raises(ValueError, match="X_train: holds 429 rows"):
        certify_bagging(fitted, train[:-1], y[:-1], tested)
    fitted.set_params(max_samples=20)
    with pytest.raises(ValueError, match="the fitted models drew 50: it was changed"):
        certify_bagging(fitted, train, y, tested)
    fitted.set_params(max_samples=50, n_estimators=9, warm_start=True).fit(train, y)
    with pytest.raises(ValueError, match=r"9 models were fitted in parts, .* lists of 4 only"):
        certify_bagging(fitted.set_params(warm_start=False), train, y, tested)
    weighted = bagging(n_estimators=5).fit(train, y, sample_weight=np.arange(1.0, 431.0))
    with pytest.raises(ValueError, match="sample_weight: this ensemble drew some rows more often"):
        certify_bagging(weighted, train, y, tested)


def test_a_pipeline_inside_the_bag_is_refitted_to_each_list() -> None:
    inside = make_pipeline(StandardScaler(), KNeighborsClassifier(1))
    found = certify_bagging(inside, IRIS_X, IRIS_Y, IRIS_X[::10], k=20, models=5, seed=2)
    for model, row in enumerate(np.asarray(found.votes.predictions)):
        drawn = draw(2, model, 150, 20)
        assert (inside.fit(IRIS_X[drawn], IRIS_Y[drawn]).predict(IRIS_X[::10]) == row).all()


def test_true_labels_that_were_never_seen_are_refused() -> None:
    with pytest.raises(ValueError, match="y_test: 7 is no label of the training set"):
        certify_bagging(GaussianNB(), IRIS_X, IRIS_Y, IRIS_X[:2], [0, 7], k=20, models=3)


@pytest.mark.parametrize(
    ("labels", "why"),
    [
        (np.where(IRIS_Y == 1, np.nan, IRIS_Y), "nan is no label; leave out"),
        ([None if one else "iris" for one in IRIS_Y == 1], "none may be missing"),
        (IRIS_X[:, 0], "y_train: Unknown label type: continuous"),
        (IRIS_Y[:, None], r"but has shape \(150, 1\); the order is X_train, y_train, X_test"),
        (IRIS_X[:30], "y_train: must hold 150 labels, one for each row of X_train"),
        (np.zeros(150), "one class only"),
    ],
)
def test_labels_that_are_none_are_refused(labels: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        certify_bagging(GaussianNB(), IRIS_X, labels, IRIS_X[:2], k=20, models=3)


def test_true_labels_of_another_number_of_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="y_test: must hold 2 labels, one for each row of X_test"):
        certify_bagging(GaussianNB(), IRIS_X, IRIS_Y, IRIS_X[:2], [0], k=20, models=3)


def test_what_is_found_says_what_it_is_about_in_one_line() -> None:
    found = certify_bagging(bagging(max_samples=0.1), IRIS_X, IRIS_Y, IRIS_X[:2])
    abstained = sum(reason != "" for reason in found.reason)
    assert repr(found) == (
        f"CertifiedPredictions(2 examples, {abstained} abstain; n=150, k=15, models=60, "
        f"alpha=1/1000)"
    )


def test_an_estimator_that_fails_is_quoted_in_one_line() -> None:
    with pytest.raises(LearnerError, match="Input X contains NaN") as caught:
        certify_bagging(
            KNeighborsClassifier(1), np.full((9, 1), np.nan), np.arange(9), [[0.0]], k=5, models=2
        )
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("estimator", "k", "why"),
    [
        (bagging(), 20, "a BaggingClassifier bags already; give its base estimator"),
        (DecisionTreeClassifier(class_weight={0: 1, 1: 2, 2: 3}), 20, "keyed by label"),
        (DecisionTreeClassifier(), 0.1, "max_samples must be an integer"),
        (DecisionTreeClassifier(), 0, "max_samples must be at least 1"),
    ],
)
def test_the_classifier_refuses_before_it_fits(estimator: Any, k: Any, why: str) -> None:
    model = CertifiedBaggingClassifier(estimator, n_estimators=3, max_samples=k)
    with pytest.raises((TypeError, ValueError), match=why):
        model.fit(IRIS_X, IRIS_Y)


def test_data_frames_reach_a_base_learner_as_they_are() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(IRIS_X, columns=["a", "b", "c", "d"])
    plain = certify_bagging(GaussianNB(), IRIS_X, IRIS_Y, IRIS_X[::10], k=20, models=30)
    framed = certify_bagging(
        GaussianNB(), frame, pandas.Series(IRIS_Y), frame[::10], k=20, models=30
    )
    assert (plain.votes.counts == framed.votes.counts).all()


@parametrize_with_checks([CertifiedBaggingClassifier(n_estimators=20, max_samples=30)])  # type: ignore[untyped-decorator,unused-ignore]
def test_it_is_a_classifier_as_scikit_learn_wants_one(estimator: Any, check: Any) -> None:
    check(estimator)


def test_its_certificates_are_those_of_its_votes() -> None:
    model = CertifiedBaggingClassifier(
        GaussianNB(), n_estimators=150, max_samples=20, random_state=1
    )
    found = model.fit(IRIS_X, IRIS_Y).certify(IRIS_X[::15], IRIS_Y[::15])
    assert (found.labels == model.predict(IRIS_X[::15])).all()
    again = certify_bagging(
        GaussianNB(), IRIS_X, IRIS_Y, IRIS_X[::15], k=20, models=150, seed=model.seed_
    )
    assert (again.votes.counts == found.votes.counts).all()
    assert (again.radius == found.radius).all()
    assert found.radius.max() > 0

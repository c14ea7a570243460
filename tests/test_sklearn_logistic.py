"""Logistic regression beside scikit-learn's, to its last digits, and what it does not have."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression as Theirs
from sklearn.preprocessing import scale

import hessopt
from hessopt.sklearn import LogisticRegression

DATA = {
    "two": (
        scale(load_breast_cancer().data),
        load_breast_cancer().target_names[load_breast_cancer().target],
    ),
    "three": load_iris(return_X_y=True),
}


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("C", [0.1, 100.0])
@pytest.mark.parametrize(
    "others", [{}, {"class_weight": "balanced"}, {"fit_intercept": False}], ids=str
)
def test_it_is_the_fit_of_scikit_learn(data, C, others):
    X, y = DATA[data]
    weight = np.random.default_rng(0).uniform(size=len(y))
    ours = LogisticRegression(C=C, **others).fit(X, y, sample_weight=weight)
    theirs = Theirs(C=C, solver="newton-cholesky", tol=1e-13, max_iter=1000, **others)
    theirs.fit(X, y, sample_weight=weight)
    assert np.allclose(ours.coef_, theirs.coef_, rtol=1e-6, atol=1e-7)
    assert np.allclose(ours.intercept_, theirs.intercept_, rtol=1e-6, atol=1e-7)
    assert np.allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-8)
    assert np.array_equal(ours.classes_, theirs.classes_)
    assert np.array_equal(ours.predict(X), theirs.predict(X))
    assert ours.coef_.shape == theirs.coef_.shape
    assert ours.n_iter_.dtype == theirs.n_iter_.dtype


@pytest.mark.parametrize("data", ["two", "three"])
def test_zeros_are_those_of_scikit_learn(data):
    X, y = DATA[data]
    X = scale(X)
    ours = LogisticRegression(C=0.1, l1_ratio=0.9).fit(X, y)
    theirs = Theirs(C=0.1, l1_ratio=0.9, solver="saga", tol=1e-8, max_iter=10_000).fit(X, y)
    assert np.array_equal(ours.coef_ == 0, theirs.coef_ == 0)
    assert (ours.coef_ == 0).sum() > 3
    assert np.allclose(ours.coef_, theirs.coef_, atol=1e-5)


@pytest.mark.parametrize("solver", ["newton", "newton_cg", "trust_region", "lbfgs", "bfgs"])
def test_every_solver_finds_it(solver):
    X, y = DATA["three"]
    ours = LogisticRegression(solver=solver, max_iter=500).fit(X, y)
    assert np.allclose(ours.coef_, LogisticRegression().fit(X, y).coef_, atol=1e-6)


def test_labels_of_any_kind():
    X, y = DATA["three"]
    one = LogisticRegression().fit(X, y)
    for labels in (y * 7 - 3, y.astype(np.uint8), y * 1e6, np.array(["c", "d", "e"])[y], y * 10**9):
        other = LogisticRegression().fit(X, labels)
        assert np.array_equal(other.classes_, np.unique(labels))
        assert other.classes_.dtype == labels.dtype
        assert np.array_equal(one.coef_, other.coef_)


def test_log_probabilities_keep_their_digits():
    X = np.array([[0.0], [1.0], [0.0], [1.0]])
    two = LogisticRegression(C=100).fit(X, [0, 1, 1, 1])
    far = two.predict_log_proba([[1e4]])
    assert far[0, 0] < -1000
    assert -1e-300 < far[0, 1] <= 0
    three = LogisticRegression().fit(*DATA["three"])
    X = DATA["three"][0]
    assert np.allclose(np.exp(three.predict_log_proba(X)), three.predict_proba(X), rtol=1e-12)


def test_noise_is_integrated_out():
    X, y = DATA["two"]
    law = hessopt.Dropout(0.3, seed=5)
    fit = LogisticRegression(noise=law).fit(X, y)
    codes = (y == "malignant").astype(int)
    model = hessopt.objectives.Logistic(X, codes, l2=1 / len(X))
    found = hessopt.minimize(hessopt.expected(model, law, "normal"), np.zeros(31)).x
    assert np.allclose(np.append(fit.coef_, fit.intercept_), found, atol=1e-8)
    X, y = DATA["three"]
    for method in ("auto", "taylor", "sample"):
        noisy = LogisticRegression(noise=law, noise_method=method).fit(X, y)
        assert np.abs(noisy.coef_).sum() < np.abs(LogisticRegression().fit(X, y).coef_).sum()


def test_classes_that_are_separated_are_told():
    with pytest.warns(ConvergenceWarning, match="X\\[:, 0\\] separates the classes"):
        LogisticRegression(C=np.inf).fit([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1])


def test_what_it_cannot_do():
    X, y = DATA["three"]
    with pytest.raises(ValueError, match="method: got 'lbfgs'"):
        LogisticRegression(l1_ratio=0.5, solver="lbfgs").fit(X, y)
    with pytest.raises(ValueError, match="one class: 'a'"):
        LogisticRegression().fit(X, ["a"] * len(X))
    with pytest.raises(ValueError, match="'normal'"):
        LogisticRegression(noise=hessopt.Dropout(0.1), noise_method="normal").fit(X, y)


def test_without_a_penalty_the_first_level_is_the_reference():
    rng = np.random.default_rng(0)
    level, x = rng.choice(["u", "v", "w"], 500), rng.normal(size=500)
    y = rng.random(500) < expit(x + (level == "v"))
    frame = pd.DataFrame({"level": level, "x": x})
    fit = LogisticRegression(C=np.inf).fit(frame, y)
    ones = np.column_stack([level == "v", level == "w", x]).astype(float)
    assert fit.column_names_ == ["level=v", "level=w", "x"]
    assert np.allclose(fit.coef_, LogisticRegression(C=np.inf).fit(ones, y).coef_, atol=1e-8)

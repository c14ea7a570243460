"""Penalties that estimators choose: by leave-one-out, by the evidence, by folds."""

import numpy as np
import pytest
import sklearn.linear_model as theirs
from scipy.special import expit
from sklearn.model_selection import KFold, LeaveOneOut, cross_val_score

import hessopt
import hessopt.sklearn as ours

RNG = np.random.default_rng(0)
X = RNG.normal(size=(150, 8))
ETA = X[:, 0] - 0.5 * X[:, 1]
LABELS = (RNG.random(150) < expit(ETA)).astype(int)
COUNTS = RNG.poisson(np.exp(0.5 * ETA))
NUMBERS = ETA + 2 * RNG.normal(size=150)
GRID = np.logspace(-3, 3, 13)


def test_ridge_leaves_one_out_exactly():
    one = ours.RidgeCV(GRID).fit(X, NUMBERS)
    two = theirs.RidgeCV(GRID).fit(X, NUMBERS)
    assert one.alpha_ == pytest.approx(two.alpha_)
    assert np.allclose(one.coef_, two.coef_, rtol=1e-7)
    best = np.argmax(one.scores_)
    assert one.scores_[best] == pytest.approx(two.best_score_, rel=1e-7)
    each = cross_val_score(
        ours.Ridge(one.alpha_), X, NUMBERS, cv=LeaveOneOut(), scoring="neg_mean_squared_error"
    )
    assert one.scores_[best] == pytest.approx(each.mean(), rel=1e-6)


@pytest.mark.parametrize(
    ("fit", "plain", "y", "scoring", "factor"),
    [
        (ours.LogisticRegressionCV(Cs=GRID), ours.LogisticRegression, LABELS, "neg_log_loss", 1),
        (ours.PoissonRegressorCV(alphas=GRID), ours.PoissonRegressor, COUNTS, None, 1),
        (ours.RidgeCV(GRID), ours.Ridge, NUMBERS, "neg_mean_squared_error", 1),
    ],
    ids=["logistic", "poisson", "ridge"],
)
def test_folds_choose_as_a_search_does(fit, plain, y, scoring, factor):
    folds = KFold(5, shuffle=True, random_state=0)
    fit.set_params(cv=folds).fit(X, y)
    chosen = fit.C_ if hasattr(fit, "C_") else fit.alpha_
    if scoring is None:

        def scoring(estimator, X, y):
            mean = estimator.predict(X)
            return np.mean(y * np.log(mean) - mean)

    name = "C" if hasattr(fit, "C_") else "alpha"
    scores = [
        cross_val_score(plain(**{name: value}), X, y, cv=folds, scoring=scoring).mean()
        for value in GRID
    ]
    assert chosen == pytest.approx(GRID[np.argmax(scores)])
    assert np.max(fit.scores_) == pytest.approx(np.max(scores), rel=1e-5)
    best = plain(**{name: chosen}).fit(X, y)
    assert np.allclose(fit.coef_, best.coef_, rtol=1e-6, atol=1e-7)


def test_leave_one_out_and_the_evidence_are_those_of_the_library():
    for cv, criterion in ((None, "leave_one_out"), ("evidence", "evidence")):
        fit = ours.LogisticRegressionCV(cv=cv).fit(X, LABELS)
        model = hessopt.objectives.Logistic(X, LABELS)
        path = hessopt.select_l2(model, 1 / (150 * fit.Cs_), criterion=criterion)
        assert np.isclose(150 * path.l2[path.best] * fit.C_, 1)
        assert np.allclose(fit.scores_[::-1], -path.score)
    assert len(ours.PoissonRegressorCV().fit(X, COUNTS).alphas_) == 100


def test_several_classes_and_noise_go_by_folds():
    y = np.digitize(ETA, [-0.7, 0.7])
    fit = ours.LogisticRegressionCV(Cs=7).fit(X, y)
    assert fit.coef_.shape == (3, 8)
    plain = ours.LogisticRegression(C=fit.C_).fit(X, y)
    assert np.allclose(fit.coef_, plain.coef_, rtol=1e-5, atol=1e-6)
    noisy = ours.RidgeCV(GRID, noise=hessopt.Dropout(0.2)).fit(X, NUMBERS)
    again = ours.Ridge(noisy.alpha_, noise=hessopt.Dropout(0.2)).fit(X, NUMBERS)
    assert np.allclose(noisy.coef_, again.coef_, rtol=1e-6)
    with pytest.raises(ValueError, match="cv: got 'evidence'; want folds"):
        ours.LogisticRegressionCV(cv="evidence").fit(X, y)
    with pytest.raises(ValueError, match="Cs: got"):
        ours.LogisticRegressionCV(Cs=[1.0, 0.0]).fit(X, y)


def test_a_choice_has_a_summary():
    fit = ours.PoissonRegressorCV().fit(X, COUNTS)
    assert fit.summary(X, COUNTS).effective_degrees_of_freedom < 9
    assert ours.RidgeCV().fit(X, NUMBERS).summary(X, NUMBERS).uses_estimate

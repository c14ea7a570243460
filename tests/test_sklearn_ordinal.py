"""Regression of ordered classes: the objective's fit, labels in their order, statsmodels."""

import importlib

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.stats

import hessopt
import hessopt.sklearn as hs
from hessopt.objectives import Ordinal

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 3))
Y = np.digitize(X @ [1.0, -0.5, 0.0] + RNG.logistic(size=300), [-1.0, 0.0, 1.5])
WEIGHT = RNG.integers(1, 4, 300).astype(float)
LABELS = np.array(["never", "at times", "often", "always"])


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_it_is_the_minimum_of_the_objective(link):
    fit = hs.OrdinalRegression(C=0.5, link=link).fit(X, Y, sample_weight=WEIGHT)
    f = Ordinal(X, Y, link=link, l2=2.0 / WEIGHT.sum(), sample_weight=WEIGHT)
    x = hessopt.minimize(f, f.start(), tol=1e-12).x
    assert np.allclose([*fit.coef_, *fit.thresholds_], x, atol=1e-7)
    assert np.allclose(fit.predict_proba(X), f.probabilities(x, X), atol=1e-8)
    assert np.array_equal(fit.predict(X), f.probabilities(x, X).argmax(axis=1))
    assert fit.score(X, Y) > 0.4
    few = hs.OrdinalRegression(C=0.05, l1_ratio=1.0, link=link).fit(X, Y)
    assert few.coef_[2] == 0 != few.coef_[0]


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_small_probabilities_keep_their_digits(link):
    fit = hs.OrdinalRegression(link=link).fit(X, Y)
    law = {"logit": scipy.stats.logistic, "probit": scipy.stats.norm}[link]
    far = np.array([[-30.0, 20, 0], [0, 0, 0], [30, -20, 0]])
    below = fit.thresholds_ - far @ fit.coef_[:, None]
    said = fit.predict_log_proba(far)
    assert np.isfinite(said).all()
    assert np.allclose(said[:, 0], law.logcdf(below[:, 0]), rtol=1e-12)
    assert np.allclose(said[:, -1], law.logsf(below[:, -1]), rtol=1e-12)
    assert np.allclose(np.exp(said).sum(axis=1), 1, rtol=1e-12)


def test_labels_have_the_order_of_their_categories():
    numbers = hs.OrdinalRegression().fit(X, Y)
    ordered = pd.Series(pd.Categorical(LABELS[Y], [*LABELS, "of no row"], ordered=True))
    enum = pl.Series(LABELS[Y], dtype=pl.Enum([*LABELS, "of no row"]))
    for y in (ordered, enum):
        fit = hs.OrdinalRegression().fit(X, y)
        assert fit.classes_.tolist() == LABELS.tolist()
        assert np.array_equal(fit.coef_, numbers.coef_)
        assert np.array_equal(fit.predict(X), LABELS[numbers.predict(X)])
        names = fit.summary(X, y).names
        assert names[3:] == ["never|at times", "at times|often", "often|always"]
    assert hs.OrdinalRegression().fit(X, LABELS[Y]).classes_.tolist() == sorted(LABELS)


def test_of_two_classes_it_is_logistic_regression():
    one = hs.OrdinalRegression(C=0.3, class_weight="balanced").fit(X, Y > 1)
    two = hs.LogisticRegression(C=0.3, class_weight="balanced").fit(X, Y > 1)
    assert np.allclose(one.coef_, two.coef_[0], atol=1e-7)
    assert np.allclose(one.decision_function(X), two.decision_function(X), atol=1e-6)
    assert np.array_equal(one.predict(X), two.predict(X))


def test_what_it_cannot_do():
    with pytest.raises(ValueError, match="contains only one class"):
        hs.OrdinalRegression().fit(X, np.ones(300))
    with pytest.raises(ValueError, match="sample_weight: got only 0 for class 2"):
        hs.OrdinalRegression().fit(X, Y, sample_weight=Y != 2)
    fit = hs.OrdinalRegression(l1_ratio=0.5).fit(X, Y)
    with pytest.raises(ValueError, match="an l1 term; want a model without"):
        fit.summary(X, Y)
    with pytest.raises(ValueError, match="y: got the label 7"):
        fit.summary(X, np.full(300, 7))


@pytest.mark.agreement
@pytest.mark.parametrize(("link", "law"), [("logit", "logit"), ("probit", "probit")])
def test_it_is_the_table_of_statsmodels(link, law):
    ordered = importlib.import_module("statsmodels.miscmodels.ordinal_model")
    theirs = ordered.OrderedModel(Y, X, distr=law).fit(method="bfgs", disp=False, gtol=1e-9)
    fit = hs.OrdinalRegression(C=np.inf, link=link).fit(X, Y)
    said = fit.summary(X, Y)
    assert np.allclose(fit.coef_, theirs.params[:3], atol=1e-5)
    cuts = theirs.model.transform_threshold_params(theirs.params)[1:-1]
    assert np.allclose(fit.thresholds_, cuts, atol=1e-5)
    # Theirs has logarithms of the distances between thresholds, beyond the first one.
    assert np.allclose(said.standard_errors[:4], theirs.bse[:4], rtol=1e-4)
    assert said.log_likelihood == pytest.approx(theirs.llf, rel=1e-9)

"""The regressor of any family: the regressors of one family, statsmodels, losses of residuals."""

import importlib

import numpy as np
import pytest
import sklearn.metrics
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

import hessopt
import hessopt.sklearn as hs
from hessopt.sklearn.generalized import FAMILIES

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 3))
MEAN = np.exp(X @ [0.5, -0.3, 0] + 0.5)
AMOUNTS = RNG.gamma(2, MEAN / 2)
COUNTS = RNG.poisson(MEAN).astype(float)
NUMBERS = X @ [1.0, -0.5, 0] + RNG.standard_t(2, size=200)
TRIALS = RNG.integers(1, 9, 200)
SHARES = RNG.binomial(TRIALS, 1 / (1 + np.exp(-X[:, 0]))) / TRIALS
OFFSET = RNG.normal(size=200)


@pytest.mark.parametrize(
    ("family", "given", "other", "y"),
    [
        ("Poisson", {}, hs.PoissonRegressor(), COUNTS),
        ("Gamma", {"l1_ratio": 0.3}, hs.GammaRegressor(l1_ratio=0.3), AMOUNTS),
        ("Tweedie", {"family_params": {"power": 1.7}}, hs.TweedieRegressor(power=1.7), AMOUNTS),
        (
            "NegativeBinomial",
            {"family_params": {"theta": 3.0}},
            hs.NegativeBinomialRegressor(theta=3.0),
            COUNTS,
        ),
    ],
)
def test_it_is_the_regressor_of_the_family(family, given, other, y):
    one = hs.GeneralizedLinearRegressor(family, **given).fit(X, y, offset=OFFSET)
    two = other.fit(X, y, offset=OFFSET)
    assert np.array_equal(one.coef_, two.coef_)
    assert np.array_equal(one.predict(X), two.predict(X))
    assert one.score(X, y, offset=OFFSET) == two.score(X, y, offset=OFFSET)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_can_be_fitted_and_searched(family):
    y = {"Binomial": SHARES, "Logistic": SHARES}.get(family, AMOUNTS)
    search = GridSearchCV(hs.GeneralizedLinearRegressor(family), {"alpha": [0.01, 1.0]}, cv=3)
    found = search.fit(X, y).best_estimator_
    assert found.score(X, y) > 0
    noisy = clone(found).set_params(noise=hessopt.GaussianNoise(0.5)).fit(X, y)
    assert np.abs(noisy.coef_).sum() < np.abs(found.coef_).sum()


@pytest.mark.agreement
@pytest.mark.filterwarnings("ignore:The InversePower link function")
@pytest.mark.parametrize(
    ("family", "link", "theirs", "y"),
    [
        ("Binomial", "probit", ("Binomial", "Probit"), SHARES),
        ("Binomial", "cloglog", ("Binomial", "CLogLog"), SHARES),
        ("InverseGaussian", "log", ("InverseGaussian", "Log"), AMOUNTS),
        ("Gamma", "inverse", ("Gamma", "InversePower"), RNG.gamma(20, 1 / 20, 200)),
    ],
)
def test_links_are_those_of_statsmodels(family, link, theirs, y):
    sm = importlib.import_module("statsmodels.api")
    kind, of_mean = theirs
    law = getattr(sm.families, kind)(getattr(sm.families.links, of_mean)())
    weight = TRIALS.astype(float) if family == "Binomial" else np.ones(200)
    fit = hs.GeneralizedLinearRegressor(family, link=link, alpha=0).fit(X, y, sample_weight=weight)
    model = sm.GLM(y, np.column_stack([X, np.ones(200)]), law, freq_weights=weight)
    two = model.fit(method="newton", tol=1e-12)
    assert np.allclose([*fit.coef_, fit.intercept_], two.params, atol=1e-6)
    assert np.allclose(fit.predict(X), two.mu, rtol=1e-6)
    assert fit.score(X, y, weight) == pytest.approx(1 - two.deviance / two.null_deviance, abs=1e-8)
    said = fit.summary(X, y, weight)
    assert np.allclose(said.standard_errors, two.bse, rtol=1e-5)


def test_losses_of_residuals_have_a_score_and_sandwiches():
    level = {"level": 0.8}
    fit = hs.GeneralizedLinearRegressor("Expectile", family_params=level, alpha=0)
    fit.fit(X, NUMBERS)
    left = NUMBERS - fit.predict(X)
    asymmetric = np.where(left < 0, 0.2, 0.8)
    assert np.allclose((asymmetric * left) @ np.column_stack([X, np.ones(200)]), 0, atol=1e-6)
    assert 0 < fit.score(X, NUMBERS) < 1
    said = fit.summary(X, NUMBERS, covariance="HC0")
    assert (said.standard_errors > 0).all()
    with pytest.raises(ValueError, match="the likelihood of no law"):
        fit.summary(X, NUMBERS)
    sharp = {"width": 0.02, "level": 0.7}
    median = hs.GeneralizedLinearRegressor("SmoothedQuantile", family_params=sharp, alpha=0)
    median.fit(X, NUMBERS)
    want = sklearn.metrics.d2_pinball_score(NUMBERS, median.predict(X), alpha=0.7)
    assert median.score(X, NUMBERS) == pytest.approx(want, abs=1e-2)


def test_wrong_families_and_links_are_named():
    with pytest.raises(ValueError, match="'family' parameter of GeneralizedLinearRegressor"):
        hs.GeneralizedLinearRegressor("Weibull").fit(X, AMOUNTS)
    with pytest.raises(ValueError, match="link: got 'inverse'; want one of"):
        hs.GeneralizedLinearRegressor("Poisson", link="inverse").fit(X, COUNTS)
    with pytest.raises(TypeError, match="link: got 'log'"):
        hs.GeneralizedLinearRegressor("Huber", link="log").fit(X, COUNTS)
    with pytest.raises(TypeError, match="theta: got an argument"):
        hs.GeneralizedLinearRegressor("Poisson", family_params={"theta": 1.0}).fit(X, COUNTS)

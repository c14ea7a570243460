"""Regressors whose coefficients are exact zeros: by absolute values, and by a sign that they keep.

Witnesses: the conditions of a minimum by differences of scikit-learn's deviances,
`scipy.optimize.nnls`, scikit-learn's coordinate descent, and glum.
"""

import functools
import importlib

import numpy as np
import pytest
import scipy.sparse
import sklearn.linear_model as theirs
from scipy.optimize import nnls
from scipy.special import xlogy
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import mean_tweedie_deviance

import hessopt
import hessopt.sklearn as ours

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 6))
WEIGHT = RNG.uniform(size=200)
MEAN = np.exp(X @ [0.6, -0.4, 0.2, 0, 0, 0] + 0.5)
COUNTS = RNG.poisson(MEAN).astype(float)
AMOUNTS = RNG.gamma(2, MEAN / 2)
CLAIMS = AMOUNTS * (RNG.random(200) < 0.7)
TARGET = X @ [1.0, -0.7, 0.3, 0.1, 0, -0.2] + 2 + RNG.normal(size=200)
ALPHA, L1_RATIO = 0.2, 0.7


def of_power(power):
    return lambda y, mu: mean_tweedie_deviance(y, mu, sample_weight=WEIGHT, power=power)


def of_counts(y, mu, theta=2.0):
    deviance = 2 * (xlogy(y, y / mu) - (y + theta) * np.log((y + theta) / (mu + theta)))
    return np.average(deviance, weights=WEIGHT)


#: Each with targets and its mean deviance.
REGRESSORS = {
    "Poisson": (ours.PoissonRegressor(), COUNTS, of_power(1)),
    "gamma": (ours.GammaRegressor(), AMOUNTS, of_power(2)),
    "Tweedie": (ours.TweedieRegressor(power=1.5), CLAIMS, of_power(1.5)),
    "normal": (ours.TweedieRegressor(), TARGET, of_power(0)),
    "negative binomial": (ours.NegativeBinomialRegressor(theta=2.0), COUNTS, of_counts),
}


@pytest.mark.parametrize("name", REGRESSORS)
def test_what_the_penalty_leaves_of_the_gradient_is_nothing(name):
    regressor, y, deviance = REGRESSORS[name]
    regressor.set_params(alpha=ALPHA, l1_ratio=L1_RATIO)
    fit = regressor.fit(X, y, sample_weight=WEIGHT)

    def smooth(coef, intercept):
        mu = X @ coef + intercept
        mu = mu if name == "normal" else np.exp(mu)
        return deviance(y, mu) / 2 + ALPHA * (1 - L1_RATIO) / 2 * coef @ coef

    h, coef, b = 1e-5, fit.coef_, fit.intercept_
    slope = np.array(
        [(smooth(coef + h * e, b) - smooth(coef - h * e, b)) / (2 * h) for e in np.eye(6)]
    )
    l1 = ALPHA * L1_RATIO
    assert 0 < np.count_nonzero(coef) < 6
    assert np.abs(slope + l1 * np.sign(coef))[coef != 0].max() < 1e-7
    assert np.abs(slope[coef == 0]).max() < l1
    assert abs(smooth(coef, b + h) - smooth(coef, b - h)) / (2 * h) < 1e-7


def test_it_goes_with_what_else_a_regressor_can():
    sparse = scipy.sparse.csr_array(X * (X > 0))
    given = {"alpha": 0.1, "l1_ratio": 1.0}
    offset = RNG.normal(size=200)
    one = ours.PoissonRegressor(**given).fit(sparse, COUNTS, offset=offset)
    two = ours.PoissonRegressor(**given).fit(sparse.toarray(), COUNTS, offset=offset)
    assert np.allclose(one.coef_, two.coef_, atol=1e-9)
    noisy = ours.PoissonRegressor(**given, noise=hessopt.GaussianNoise(0.5)).fit(X, COUNTS)
    plain = ours.PoissonRegressor(**given).fit(X, COUNTS)
    assert np.count_nonzero(noisy.coef_) < 6
    assert np.abs(noisy.coef_).sum() < np.abs(plain.coef_).sum()
    open_theta = ours.NegativeBinomialRegressor(theta="ml", alpha=0.1, l1_ratio=0.9)
    fit = open_theta.fit(X, RNG.poisson(MEAN * RNG.gamma(1, size=200)))
    assert np.count_nonzero(fit.coef_) < 6
    assert 0.3 < fit.theta_ < 3
    for regressor in (plain, ours.LogisticRegression(l1_ratio=0.5).fit(X, COUNTS > 1)):
        target = COUNTS if regressor is plain else COUNTS > 1
        for method in (regressor.summary, regressor.influence):
            with pytest.raises(ValueError, match="selects; a bootstrap of the fit"):
                method(X, target)


@pytest.mark.agreement
@pytest.mark.parametrize("name", ["poisson", "gamma", "normal"])
def test_it_is_the_fit_of_glum(name):
    glum = importlib.import_module("glum")
    regressor, y, _ = REGRESSORS[name if name != "poisson" else "Poisson"]
    given = {"alpha": ALPHA, "l1_ratio": L1_RATIO}
    one = regressor.set_params(**given).fit(X, y, sample_weight=WEIGHT)
    two = glum.GeneralizedLinearRegressor(
        family=name, **given, gradient_tol=1e-12, solver="irls-cd", max_iter=500
    ).fit(X, y, sample_weight=WEIGHT)
    assert np.allclose(one.coef_, two.coef_, atol=1e-7)
    assert np.array_equal(one.coef_ == 0, two.coef_ == 0)


def positive_parts(l2, weight):
    """Ridge coefficients >= 0 by nnls of rows about their means, and of the penalty."""
    root = np.sqrt(weight)[:, None]
    mean, level = np.average(X, axis=0, weights=weight), np.average(TARGET, weights=weight)
    rows = np.vstack([root * (X - mean), np.sqrt(l2) * np.eye(6)])
    return nnls(rows, np.append(root[:, 0] * (TARGET - level), np.zeros(6)))[0]


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["even", "weighted"])
def test_positive_squares_are_those_of_nnls(weight):
    every = np.ones(200) if weight is None else weight
    for fit, l2 in (
        (ours.LinearRegression(positive=True), 0.0),
        (ours.Ridge(30.0, positive=True), 30.0),
    ):
        want = positive_parts(l2, every)
        for rows in (X, scipy.sparse.csr_array(X)):
            fit.fit(rows, TARGET, sample_weight=weight)
            assert np.array_equal(fit.coef_ == 0, want == 0)
            assert np.allclose(fit.coef_, want, rtol=0, atol=1e-10)
    through = ours.LinearRegression(positive=True, fit_intercept=False).fit(X, TARGET)
    assert np.allclose(through.coef_, nnls(X, TARGET)[0], rtol=0, atol=1e-10)


def test_positive_coefficients_are_those_of_scikit_learn():
    exact = {"tol": 1e-15, "max_iter": 10000}
    for name, given, precise in (
        ("LinearRegression", {}, {}),
        ("Ridge", {"alpha": 3.0}, {"tol": 1e-14, "solver": "lbfgs", "max_iter": 10000}),
        ("Lasso", {"alpha": 0.1}, exact),
        ("ElasticNet", {"alpha": 0.3, "l1_ratio": 0.4, "fit_intercept": False}, exact),
    ):
        one = getattr(ours, name)(**given, positive=True).fit(X, TARGET, sample_weight=WEIGHT)
        two = getattr(theirs, name)(**given, **precise, positive=True)
        two.fit(X, TARGET, sample_weight=WEIGHT)
        assert 0 < np.count_nonzero(one.coef_) < 6
        close = 1e-6 if name == "Ridge" else 1e-10  # theirs is SciPy's L-BFGS-B
        assert np.allclose(one.coef_, two.coef_, rtol=0, atol=close)
        assert np.array_equal(one.coef_ == 0, two.coef_ == 0)
        assert np.allclose(one.intercept_, two.intercept_, atol=1e-6)


def test_positive_goes_with_what_else_there_is():
    both = np.column_stack([TARGET, -TARGET])
    two = ours.Ridge([1.0, 30.0], positive=True).fit(X, both)
    assert np.allclose(two.coef_[1], ours.Ridge(30.0, positive=True).fit(X, -TARGET).coef_)
    assert (two.coef_ >= 0).all()
    noise = hessopt.GaussianNoise(0.5)  # adds its variance to every square: a penalty
    for one, other in (
        (ours.LinearRegression(positive=True, noise=noise), ours.Ridge(50.0, positive=True)),
        (
            ours.ElasticNet(0.2, l1_ratio=0.5, positive=True, noise=noise),
            ours.ElasticNet(0.45, l1_ratio=0.1 / 0.45, positive=True),
        ),
    ):
        assert np.allclose(one.fit(X, TARGET).coef_, other.fit(X, TARGET).coef_, atol=1e-9)
    wide = RNG.normal(size=(20, 50))
    fit = ours.LinearRegression(positive=True).fit(wide, TARGET[:20])
    assert (fit.coef_ >= 0).all()
    least = nnls(wide - wide.mean(0), TARGET[:20] - TARGET[:20].mean())[1]
    left = TARGET[:20] - fit.predict(wide)
    assert np.linalg.norm(left) == pytest.approx(least, abs=1e-7)
    warm = ours.Lasso(0.1, positive=True, warm_start=True).fit(X, TARGET)
    first = warm.n_iter_
    assert warm.fit(X, TARGET).n_iter_ < first
    with pytest.raises(ValueError, match="positive: got True; want False"):
        ours.LinearRegression(positive=True).fit(X, TARGET).summary(X, TARGET)


@pytest.mark.parametrize("given", [{"positive": True}, {"noise": hessopt.Dropout(0.1)}])
def test_squares_that_come_to_no_end_say_so(given, monkeypatch):
    cut = functools.partial(hessopt.minimize, options={"maxiter": 0})
    monkeypatch.setattr("hessopt.sklearn.squares.minimize", cut)
    with pytest.warns(ConvergenceWarning, match="Ridge did not converge. MAX_ITERATIONS"):
        ours.Ridge(**given).fit(X, AMOUNTS)

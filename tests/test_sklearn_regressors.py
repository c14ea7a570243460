"""Regressors beside scikit-learn's, to their last digits, and what is ours alone."""

import numpy as np
import pytest
import scipy.sparse
import sklearn
import sklearn.linear_model as theirs
from sklearn.datasets import load_diabetes
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV

import hessopt
import hessopt.sklearn as ours
from hessopt.sklearn.concordance import concordance

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 5))
MEAN = np.exp(X @ [0.5, -0.3, 0, 0.2, 0.1] + 0.5)
WEIGHT = RNG.uniform(size=300)
AMOUNT = RNG.gamma(2, MEAN / 2)
TARGETS = {
    "PoissonRegressor": RNG.poisson(MEAN),
    "GammaRegressor": AMOUNT,
    "TweedieRegressor": AMOUNT,
    "Ridge": np.log(AMOUNT),
    "ElasticNet": np.log(AMOUNT),
    "Lasso": np.log(AMOUNT),
    "LinearRegression": np.log(AMOUNT),
    "HuberRegressor": X @ np.arange(5.0) + RNG.standard_t(2, size=300),
    "QuantileRegressor": X @ np.arange(5.0) + RNG.standard_t(2, size=300),
}
CLOSE = {"solver": "newton-cholesky", "tol": 1e-13, "max_iter": 1000}
CASES = [
    ("PoissonRegressor", {}, CLOSE),
    ("PoissonRegressor", {"alpha": 0, "fit_intercept": False}, CLOSE),
    ("GammaRegressor", {"alpha": 0}, CLOSE),
    ("TweedieRegressor", {}, CLOSE),
    ("TweedieRegressor", {"power": 1.5, "alpha": 0.1}, CLOSE),
    ("TweedieRegressor", {"power": 1, "link": "identity"}, CLOSE),
    ("Ridge", {"alpha": 3.0}, {"solver": "svd"}),
    ("Ridge", {"alpha": 0.1, "fit_intercept": False}, {"solver": "svd"}),
    ("LinearRegression", {}, {}),
    ("ElasticNet", {"alpha": 0.1, "l1_ratio": 0.7}, {"tol": 1e-14}),
    ("Lasso", {"alpha": 0.05, "fit_intercept": False}, {"tol": 1e-14}),
    ("QuantileRegressor", {}, {}),
    ("QuantileRegressor", {"quantile": 0.2, "alpha": 0.05}, {}),
    ("QuantileRegressor", {"quantile": 0.7, "alpha": 0, "fit_intercept": False}, {}),
]


@pytest.mark.parametrize(("name", "given", "solver"), CASES, ids=lambda a: str(a)[:40])
def test_it_is_the_fit_of_scikit_learn(name, given, solver):
    y = TARGETS[name]
    one = getattr(ours, name)(**given).fit(X, y, sample_weight=WEIGHT)
    two = getattr(theirs, name)(**given, **solver).fit(X, y, sample_weight=WEIGHT)
    assert np.allclose(one.coef_, two.coef_, rtol=1e-7, atol=1e-8)
    assert np.allclose(one.predict(X), two.predict(X), rtol=1e-7)
    assert one.score(X, y, WEIGHT) == pytest.approx(two.score(X, y, WEIGHT), abs=1e-8)


def test_huber_is_below_the_fit_of_scikit_learn():
    y = TARGETS["HuberRegressor"]
    one = ours.HuberRegressor(alpha=0.1).fit(X, y, sample_weight=WEIGHT)
    two = theirs.HuberRegressor(alpha=0.1, tol=1e-9, max_iter=1000)
    two.fit(X, y, sample_weight=WEIGHT)
    l2 = 0.2 / WEIGHT.sum()
    f = hessopt.objectives.HuberWithScale(X, y, l2=l2, sample_weight=WEIGHT)
    values = [
        f.value_and_gradient([*fit.coef_, fit.intercept_, fit.scale_])[0] for fit in (one, two)
    ]
    assert values[0] <= values[1] < values[0] + 1e-7
    assert np.array_equal(one.outliers_, two.outliers_)


def test_squares_of_dependent_columns_are_those_of_least_norm():
    y, dependent = TARGETS["Ridge"], np.column_stack([X, X[:, 0], X[:, 1] + X[:, 2]])
    for rows in (dependent, X[:4], scipy.sparse.csr_array(dependent * (dependent > 0))):
        dense = rows.toarray() if scipy.sparse.issparse(rows) else rows
        target = y[: rows.shape[0]]
        one = ours.LinearRegression().fit(rows, target)
        two = theirs.LinearRegression().fit(dense, target)
        assert np.allclose(one.coef_, two.coef_, atol=1e-10)
        assert one.rank_ == two.rank_
        one, two = ours.Ridge(1e-3).fit(rows, target), theirs.Ridge(1e-3, solver="svd")
        assert np.allclose(one.coef_, two.fit(dense, target).coef_, atol=1e-9)


def test_squares_of_far_columns_keep_their_digits():
    data, y = load_diabetes(return_X_y=True)
    one = ours.LinearRegression().fit(data * 1e-3 + [1e3] * 10, y)
    two = theirs.LinearRegression().fit(data, y)
    assert np.allclose(one.coef_ * 1e-3, two.coef_, rtol=1e-4)


@pytest.mark.parametrize("shift", [0.0, 1e5])
def test_squares_of_many_rows_are_solved_about_a_sample_of_them(shift):
    """Sorted rows, of which one in k is not quite like the others, and a target far from 0."""
    rng = np.random.default_rng(1)
    data = np.sort(rng.standard_t(3, size=(9000, 3)), axis=0)
    y = data @ [1.0, -2.0, 3.0] + 1e3 * (shift + rng.normal(size=9000))
    one = ours.LinearRegression().fit(data * [1, 10, 0.1] + shift, y)
    centred = data - data.mean(axis=0)
    want = np.linalg.lstsq(centred, y - y.mean())[0] / [1, 10, 0.1]
    assert np.allclose(one.coef_, want, rtol=1e-11 if shift == 0 else 1e-6)
    assert np.isclose(one.predict(data * [1, 10, 0.1] + shift).mean(), y.mean(), rtol=1e-13)
    assert np.array_equal(one.coef_, one.fit(data * [1, 10, 0.1] + shift, y).coef_)


def test_exposures_are_offsets():
    exposure = RNG.uniform(0.5, 2, size=300)
    y = RNG.poisson(exposure * MEAN)
    one = ours.PoissonRegressor(alpha=0).fit(X, y, offset=np.log(exposure))
    two = ours.PoissonRegressor(alpha=0).fit(X, y / exposure, sample_weight=exposure)
    assert np.allclose(one.coef_, two.coef_, atol=1e-7)
    assert np.allclose(one.predict(X, offset=np.log(exposure)), exposure * one.predict(X))
    assert one.score(X, y, offset=np.log(exposure)) > one.score(X, y)
    with sklearn.config_context(enable_metadata_routing=True):
        inner = ours.PoissonRegressor().set_fit_request(offset=True, sample_weight=False)
        inner.set_score_request(offset=True, sample_weight=False)
        search = GridSearchCV(inner, {"alpha": [0.0, 1.0]})
        search.fit(X, y, offset=np.log(exposure))
    assert np.allclose(search.best_estimator_.coef_, one.coef_)


def test_what_is_open_of_a_law_is_found():
    y = RNG.poisson(MEAN * RNG.gamma(2, 0.5, 300))
    fit = ours.NegativeBinomialRegressor(theta="ml", alpha=0).fit(X, y)
    found = hessopt.maximize_likelihood(hessopt.objectives.NegativeBinomial(X, y))
    assert fit.theta_ == pytest.approx(found.value)
    assert np.allclose(fit.coef_, found.x[:-1], atol=1e-8)
    assert np.array_equal(fit.coef_, fit.fit(X, y).coef_)
    claims = AMOUNT * (RNG.random(300) < 0.6)
    tweedie = ours.TweedieRegressor(power="ml", alpha=0).fit(X, claims)
    assert 1 < tweedie.power_ < 2
    assert tweedie.score(X, claims) > 0
    even = np.tile([3.0, 4.0], 150)
    with pytest.warns(RuntimeWarning, match="no more spread than Poisson"):
        poisson = ours.NegativeBinomialRegressor(theta="ml").fit(X, even)
    assert poisson.theta_ == np.inf
    assert poisson.score(X, even) <= 1


@pytest.mark.parametrize("name", ["PoissonRegressor", "TweedieRegressor", "Ridge"])
def test_noise_is_integrated_out(name):
    noise, y = hessopt.GaussianNoise(0.5), TARGETS[name]
    noisy = getattr(ours, name)(noise=noise).fit(X, y)
    plain = getattr(ours, name)().fit(X, y)
    assert np.abs(noisy.coef_).sum() < np.abs(plain.coef_).sum()
    if name == "Ridge":  # the noise adds its variance to every square: a penalty
        strong = ours.Ridge(1 + 0.25 * len(y)).fit(X, y)
        assert np.allclose(noisy.coef_, strong.coef_, atol=1e-8)


def test_what_regressors_cannot_do():
    with pytest.raises(ValueError, match="power: got"):
        ours.TweedieRegressor(power=0.5).fit(X, AMOUNT)
    with pytest.raises(ValueError, match="want finite numbers"):
        ours.PoissonRegressor().fit(X, -AMOUNT)
    with pytest.raises(ValueError, match="alpha: got 2 numbers"):
        ours.Ridge([1.0, 2.0]).fit(X, AMOUNT)
    with pytest.warns(ConvergenceWarning, match="no minimum|NO_MINIMUM"):
        ours.PoissonRegressor(alpha=0).fit(X, np.zeros(300))


def test_concordance_counts_pairs():
    rng = np.random.default_rng(1)
    for n in (6, 61):
        time, event = rng.integers(1, n // 2, n).astype(float), rng.integers(0, 2, n)
        risk = rng.integers(0, 5, n).astype(float)
        later = (time > time[:, None]) | ((time == time[:, None]) & (event == 0))
        later &= event[:, None] == 1
        right = (risk < risk[:, None]) + 0.5 * (risk == risk[:, None])
        assert concordance(event, time, risk) == pytest.approx(right[later].mean())


def test_survival_is_that_of_the_model():
    rng = np.random.default_rng(2)
    time, event = rng.exponential(1 / MEAN), rng.random(300) < 0.7
    model = hessopt.objectives.Cox(X, time, event, strata=np.arange(300) % 2)
    found = hessopt.minimize(model, np.zeros(5)).x
    y = np.array(list(zip(event, time, strict=True)), [("seen", bool), ("days", float)])
    strata = np.array(["a", "b"])[np.arange(300) % 2]
    fit = ours.CoxRegressor().fit(X, y, strata=strata)
    assert np.allclose(fit.coef_, found, atol=1e-9)
    want = model.predict_survival_function(found, X[:5], [0, 0.1, 1], strata=[0, 1, 0, 1, 1])
    got = fit.predict_survival_function(X[:5], [0, 0.1, 1], strata=strata[[0, 1, 0, 1, 1]])
    assert np.allclose(got, want, rtol=1e-8)
    assert fit.score(X, y) > 0.6
    one = ours.CoxRegressor().fit(X, np.column_stack([event, time]))
    assert one.predict_cumulative_hazard(X[:2], [0.5]).shape == (2, 1)
    with pytest.raises(ValueError, match="strata: got none"):
        fit.predict_survival_function(X, [1.0])
    with pytest.raises(ValueError, match="strata: got 'c'"):
        fit.predict_survival_function(X[:1], [1.0], strata=["c"])
    with pytest.raises(ValueError, match="y: got 3 columns"):
        ours.CoxRegressor().fit(X, X[:, :3])


@pytest.mark.parametrize("name", ["Ridge", "LinearRegression"])
def test_a_column_of_targets_has_the_shapes_of_scikit_learn(name):
    fits = [getattr(module, name)().fit(X, X[:, :1] + 1) for module in (ours, theirs)]
    for attribute in ("coef_", "intercept_"):
        assert np.shape(getattr(fits[0], attribute)) == np.shape(getattr(fits[1], attribute))
    assert fits[0].predict(X).shape == fits[1].predict(X).shape

"""Penalties and laws of noise that estimators choose by folds, held against searches."""

import numpy as np
import pytest
import sklearn.linear_model as theirs
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score

import hessopt
import hessopt.sklearn as ours

RNG = np.random.default_rng(0)
X = RNG.normal(size=(150, 8)) + 1
ETA = X[:, 0] - 0.5 * X[:, 1] - 0.5
NUMBERS = ETA + 2 * RNG.standard_t(3, size=150)
AMOUNTS = RNG.poisson(np.exp(0.5 * ETA)) * RNG.gamma(2.0, size=150)
COUNTS = RNG.poisson(np.exp(0.5 * ETA) * RNG.gamma(2.0, 0.5, size=150))
WEIGHT = RNG.uniform(0.5, 2, size=150)
GRID = np.logspace(-3, 2, 11)
FOLDS = KFold(4, shuffle=True, random_state=0)


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["plain", "weighted"])
@pytest.mark.parametrize("ratio", [1.0, [0.2, 0.9]], ids=["lasso", "elastic net"])
def test_zeros_are_chosen_as_scikit_learn_chooses_them(weight, ratio):
    lasso = ratio == 1
    one = ours.LassoCV(cv=FOLDS) if lasso else ours.ElasticNetCV(l1_ratio=ratio, cv=FOLDS)
    options = {"cv": FOLDS, "tol": 1e-10, "max_iter": 10**5}
    two = theirs.LassoCV(**options) if lasso else theirs.ElasticNetCV(l1_ratio=ratio, **options)
    one.fit(X, NUMBERS, sample_weight=weight)
    two.fit(X, NUMBERS, sample_weight=weight)
    assert np.allclose(one.mse_path_, two.mse_path_, rtol=1e-6)
    assert np.allclose(one.alphas_, two.alphas_, rtol=1e-10)
    assert one.alpha_ == pytest.approx(two.alpha_)
    assert np.allclose(one.coef_, two.coef_, atol=1e-6)
    assert hasattr(one, "l1_ratio_") == hasattr(two, "l1_ratio_")
    assert lasso or one.l1_ratio_ == two.l1_ratio_


def test_strengths_of_ones_own():
    values = [0.3, 0.01, 0.1]
    one = ours.ElasticNetCV(l1_ratio=[0.0, 0.5], alphas=values).fit(X, NUMBERS)
    assert one.alphas_.tolist() == [0.3, 0.1, 0.01]
    two = theirs.ElasticNetCV(l1_ratio=0.5, alphas=values, tol=1e-10).fit(X, NUMBERS)
    assert np.allclose(one.mse_path_[1], two.mse_path_, rtol=1e-6)
    with pytest.raises(ValueError, match=r"alphas: got 100 of them with an l1_ratio of 0"):
        ours.ElasticNetCV(l1_ratio=0.0).fit(X, NUMBERS)
    with pytest.raises(ValueError, match="l1_ratio: got"):
        ours.ElasticNetCV(l1_ratio=[0.5, 2.0]).fit(X, NUMBERS)
    with pytest.raises(ValueError, match="alphas: got"):
        ours.LassoCV(alphas=[1.0, -1.0]).fit(X, NUMBERS)


def pinball(estimator, X, y):
    r = y - estimator.predict(X)
    return -np.mean(np.maximum(0.7 * r, -0.3 * r))


def huber(estimator, X, y):
    scale = estimator.scale_
    z = np.abs(y - estimator.predict(X)) / scale
    return -np.mean(scale + scale * np.where(z <= 1.35, z**2, 2.7 * z - 1.35**2))


def tweedie(estimator, X, y):
    mean = estimator.predict(X)
    return -np.mean(2 * np.sqrt(mean) + 2 * y / np.sqrt(mean))


def negative_binomial(estimator, X, y):
    mean = estimator.predict(X)
    return np.mean(y * np.log(mean) - (y + 2) * np.log(mean + 2))


@pytest.mark.parametrize(
    ("fit", "plain", "y", "scoring"),
    [
        (
            ours.QuantileRegressorCV(quantile=0.7, alphas=GRID[:6]),
            ours.QuantileRegressor(quantile=0.7),
            NUMBERS,
            pinball,
        ),
        (ours.HuberRegressorCV(alphas=10 * GRID), ours.HuberRegressor(), NUMBERS, huber),
        (
            ours.TweedieRegressorCV(power=1.5, alphas=GRID),
            ours.TweedieRegressor(power=1.5),
            AMOUNTS,
            tweedie,
        ),
        (
            ours.NegativeBinomialRegressorCV(theta=2.0, alphas=GRID),
            ours.NegativeBinomialRegressor(theta=2.0),
            COUNTS,
            negative_binomial,
        ),
    ],
    ids=["quantile", "huber", "tweedie", "negative binomial"],
)
def test_a_choice_by_folds_is_that_of_a_search(fit, plain, y, scoring):
    fit.set_params(cv=FOLDS).fit(X, y)
    each = [
        cross_val_score(plain.set_params(alpha=a), X, y, cv=FOLDS, scoring=scoring).mean()
        for a in fit.alphas_
    ]
    assert fit.alpha_ == fit.alphas_[np.argmax(each)]
    best = plain.set_params(alpha=fit.alpha_).fit(X, y)
    assert np.allclose(fit.coef_, best.coef_, rtol=1e-5, atol=1e-6)
    assert np.isclose(fit.intercept_, best.intercept_, rtol=1e-5, atol=1e-6)
    # But for terms of y alone the scores differ by as much as those of the search.
    k = np.argmax(each)
    assert np.isclose(fit.scores_[k] - fit.scores_[k - 1], each[k] - each[k - 1], rtol=1e-3)


def test_leave_one_out_of_a_family():
    values = [0.1, 0.5, 2.0, 10.0]
    fit = ours.TweedieRegressorCV(power=1.5, alphas=values).fit(X, AMOUNTS)
    others = ~np.eye(150, dtype=bool)
    each = []
    for alpha in values:  # the sum of losses lacks one, the penalty stays
        plain = ours.TweedieRegressor(power=1.5, alpha=alpha * 150 / 149)
        left = [plain.fit(X[s], AMOUNTS[s]).predict(X[~s])[0] for s in others]
        each.append(-np.mean(2 * np.sqrt(left) + 2 * AMOUNTS / np.sqrt(left)))
    assert fit.alpha_ == values[np.argmax(each)]
    assert np.allclose(np.diff(fit.scores_), np.diff(each), rtol=0.1)


def test_proportional_hazards_by_what_rows_add_to_the_likelihood():
    event = RNG.random(150) < 0.7
    until = np.ceil(20 * RNG.exponential(np.exp(-ETA)))
    y = np.column_stack([event, until])
    folds = StratifiedKFold(4)
    fit = ours.CoxRegressorCV(alphas=GRID, cv=folds).fit(X, y)
    whole = hessopt.objectives.Cox(X, until, event)
    scores = np.zeros((4, len(GRID)))
    for i, (train, test) in enumerate(folds.split(X, event)):
        part = hessopt.objectives.Cox(X[train], until[train], event[train])
        for k, alpha in enumerate(GRID):
            x = hessopt.minimize(part.with_l2(alpha), np.zeros(8)).x
            scores[i, k] = (whole.log_likelihood(x) - part.log_likelihood(x)) / len(test)
    assert fit.alpha_ == GRID[np.argmax(scores.mean(axis=0))]
    assert np.max(fit.scores_) == pytest.approx(np.max(scores.mean(axis=0)), rel=1e-6)
    plain = ours.CoxRegressor(alpha=fit.alpha_).fit(X, y)
    assert np.allclose(fit.coef_, plain.coef_, rtol=1e-5, atol=1e-7)
    assert np.allclose(fit.cumulative_hazard_, plain.cumulative_hazard_, rtol=1e-5)
    grouped = ours.CoxRegressorCV(alphas=GRID).fit(X, y, strata=X[:, 2] > 1)
    assert len(grouped.cumulative_hazard_) == 2
    assert len(ours.CoxRegressorCV().fit(X, y).alphas_) == 100


@pytest.mark.parametrize(
    ("fit", "plain", "y", "name"),
    [
        (ours.LogisticRegressionCV(Cs=[0.1, 1.0]), ours.LogisticRegression, NUMBERS > 0, "C"),
        (ours.RidgeCV([1.0, 30.0]), ours.Ridge, NUMBERS, "alpha"),
        (ours.PoissonRegressorCV(alphas=[0.01, 0.1]), ours.PoissonRegressor, COUNTS, "alpha"),
    ],
    ids=["logistic", "ridge", "poisson"],
)
def test_folds_choose_a_rate_of_dropout(fit, plain, y, name):
    laws = [None, hessopt.Dropout(0.1), hessopt.Dropout(0.4)]
    fit.set_params(noise=laws).fit(X, y)
    assert fit.scores_.shape == (3, 2)
    each = [fit.set_params(noise=[law]).fit(X, y).scores_[0] for law in laws]
    scores = fit.set_params(noise=laws).fit(X, y).scores_
    assert np.allclose(scores, each)
    assert fit.noise_ == laws[np.argmax(scores.max(axis=1))]
    same = plain(**{name: getattr(fit, name + "_")}, noise=fit.noise_).fit(X, y)
    assert np.allclose(fit.coef_, same.coef_, rtol=1e-5, atol=1e-6)
    for bad, said in (([], r"noise: got \[\]"), ([0.2], "noise: got 0.2 in a list")):
        with pytest.raises(ValueError, match=said):
            fit.set_params(noise=bad).fit(X, y)
    with pytest.raises(ValueError, match="cv: got 'evidence' and a list of laws"):
        fit.set_params(noise=laws, cv="evidence").fit(X, y)

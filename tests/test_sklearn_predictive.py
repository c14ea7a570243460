"""How certain estimators are of their predictions: closed forms, quadrature, Monte Carlo, peers."""

import itertools
import pickle

import numpy as np
import pandas as pd
import pytest
import scipy.integrate
import scipy.sparse
from scipy.special import expit, softmax
from sklearn.base import clone
from sklearn.linear_model import BayesianRidge

import hessopt
import hessopt.sklearn as hs
from estimators import ESTIMATORS, amounts, columns, counts, numbers, pairs, three_classes
from estimators import two_classes as labels

NEW = columns(7, seed=9)
ONES = np.column_stack([NEW, np.ones(len(NEW))])


def general(family, link):
    kind = hs.GeneralizedLinearRegressor
    return kind(family, link=link, alpha=0.01, store_covariance=True)


GLMS = {
    "Poisson": (hs.PoissonRegressor(alpha=0.1, store_covariance=True), counts),
    "Gamma": (hs.GammaRegressor(alpha=0.1, store_covariance=True), amounts),
    "Tweedie": (hs.TweedieRegressor(power=1.5, alpha=0.1, store_covariance=True), amounts),
    "of normal law": (hs.TweedieRegressor(alpha=0.1, store_covariance=True), numbers),
    "inverse Gaussian": (general("InverseGaussian", "log"), amounts),
    "of shares by probit": (general("Binomial", "probit"), labels),
    "of shares by cloglog": (general("Binomial", "cloglog"), labels),
    "of roots": (general("Poisson", "sqrt"), lambda X: 3 + counts(X)),
    "negative binomial": (
        hs.NegativeBinomialRegressor(theta=2.5, alpha=0.1, store_covariance=True),
        counts,
    ),
}
glm = pytest.mark.parametrize("name", GLMS)


def fitted(name):
    estimator, targets = GLMS[name]
    X = columns()
    return clone(estimator).fit(X, targets(X)), X, targets(X)


def information(estimator, X, y, **others):
    """Σ w H at the fit by the objective itself, and its dispersion by a summary."""
    model, x = estimator._fitted(X, y, None, **others)
    return len(X) * model.hessian(x), estimator.summary(X, y).dispersion


def normal(mean, variance, function):
    """E of a function of a normal number, by a fine sum."""
    nodes = np.linspace(-10, 10, 4001)
    weights = np.exp(-0.5 * nodes**2) / np.exp(-0.5 * nodes**2).sum()
    return function(mean[:, None] + np.sqrt(variance)[:, None] * nodes) @ weights


def integral(function, mean, variance):
    """E of a function of a normal number, by adaptive quadrature on both sides of 0."""

    def weighed(t):
        return function(mean + np.sqrt(variance) * t) * np.exp(-0.5 * t * t) / np.sqrt(2 * np.pi)

    at = float(np.clip(-mean / np.sqrt(variance), -8, 8))
    parts = [scipy.integrate.quad(weighed, *ends, epsabs=1e-13) for ends in ((-9, at), (at, 9))]
    return sum(part[0] for part in parts)


def entropy_of_two(eta):
    return expit(eta) * np.logaddexp(0, -eta) + expit(-eta) * np.logaddexp(0, eta)


@pytest.mark.parametrize("alpha", [0.0, 3.0])
@pytest.mark.parametrize("intercept", [True, False])
def test_the_spread_of_least_squares_is_that_of_its_formulas(alpha, intercept):
    X = columns() + np.arange(4)
    y = numbers(X)
    fit = hs.Ridge(alpha, fit_intercept=intercept).fit(X, y)
    A, B = (np.column_stack([Z, np.ones(len(Z))])[:, : 4 + intercept] for Z in (X, NEW))
    inverse = np.linalg.inv(A.T @ A + alpha * np.diag([1.0] * 4 + [0.0] * intercept))
    free = len(X) - np.trace(inverse @ A.T @ A)
    phi = ((y - fit.predict(X)) ** 2).sum() / free
    variance = phi * ((B @ inverse) * B).sum(axis=1)
    mean, std = fit.predict(NEW, return_std=True)
    np.testing.assert_array_equal(mean, fit.predict(NEW))
    np.testing.assert_allclose(std, np.sqrt(phi + variance), rtol=1e-9)
    np.testing.assert_allclose(fit.covariance_, phi * inverse, rtol=1e-8, atol=1e-12)
    d = fit.predict_distribution(NEW)
    assert d.under == "posterior"
    np.testing.assert_array_equal(d.mean, mean)
    np.testing.assert_allclose(d.variance, variance, rtol=1e-9)
    assert not d.standard_error.any()


def test_it_is_that_of_bayesian_ridge_at_its_precisions():
    X = columns()
    y = numbers(X)
    peer = BayesianRidge().fit(X, y)
    fit = hs.Ridge(peer.lambda_ / peer.alpha_).fit(X, y)
    np.testing.assert_allclose(fit.coef_, peer.coef_, rtol=1e-9)
    ours, theirs = fit.predict(NEW, return_std=True)[1], peer.predict(NEW, return_std=True)[1]
    # Theirs is of another estimate of the variance of y, and of an intercept that is known.
    phi = fit.summary(X, y).dispersion
    np.testing.assert_allclose(ours**2 / phi - 1 / len(X), theirs**2 * peer.alpha_, rtol=1e-9)
    np.testing.assert_allclose(phi, 1 / peer.alpha_, rtol=0.02)


@pytest.mark.agreement
def test_it_is_what_statsmodels_predicts():
    import statsmodels.api as sm

    X = columns()
    y, A = numbers(X), sm.add_constant(X, prepend=False)
    peer = sm.OLS(y, A).fit().get_prediction(ONES)
    fit = hs.LinearRegression().fit(X, y)
    np.testing.assert_allclose(fit.predict(NEW, return_std=True)[1], peer.se_obs, rtol=1e-9)
    d = fit.predict_distribution(NEW)
    np.testing.assert_allclose(np.sqrt(d.variance), peer.se_mean, rtol=1e-9)
    y = counts(X)
    peer = sm.GLM(y, A, sm.families.Poisson()).fit(tol=1e-12).get_prediction(ONES, which="linear")
    d = hs.PoissonRegressor(alpha=0, store_covariance=True).fit(X, y).predict_distribution(NEW)
    of_predictor = np.log1p(d.variance / d.mean**2)
    np.testing.assert_allclose(np.sqrt(of_predictor), peer.se, rtol=1e-6)
    np.testing.assert_allclose(np.log(d.mean) - of_predictor / 2, peer.predicted, rtol=1e-6)


def test_targets_side_by_side_are_as_alone():
    X = columns()
    y = pairs(X)
    for alpha in (2.0, [1.0, 2.0]):
        both = hs.Ridge(alpha).fit(X, y)
        std, d = both.predict(NEW, return_std=True)[1], both.predict_distribution(NEW)
        for k, a in enumerate(np.broadcast_to(alpha, 2)):
            alone = hs.Ridge(a).fit(X, y[:, k])
            np.testing.assert_allclose(std[:, k], alone.predict(NEW, return_std=True)[1])
            np.testing.assert_allclose(d.variance[:, k], alone.predict_distribution(NEW).variance)


def test_more_columns_than_rows_have_a_spread_by_the_prior():
    X = columns(12).repeat(5, axis=1) + np.random.default_rng(3).normal(size=(12, 20))
    y = X[:, 0] + np.random.default_rng(4).normal(size=12)
    new = np.random.default_rng(5).normal(size=(6, 20))
    fit = hs.Ridge(4.0).fit(X, y)
    A, B = (np.column_stack([Z, np.ones(len(Z))]) for Z in (X, new))
    inverse = np.linalg.inv(A.T @ A + np.diag([4.0] * 20 + [0.0]))
    phi = ((y - fit.predict(X)) ** 2).sum() / (12 - np.trace(inverse @ A.T @ A))
    want = np.sqrt(phi * (1 + ((B @ inverse) * B).sum(axis=1)))
    np.testing.assert_allclose(fit.predict(new, return_std=True)[1], want, rtol=1e-8)
    with pytest.raises(ValueError, match="return_std: got True of a fit without a covariance, of"):
        hs.LinearRegression().fit(X, y).predict(new, return_std=True)
    with pytest.raises(ValueError, match="of 0 residual degrees of freedom"):
        hs.LinearRegression().fit(X[:5, :4], y[:5]).predict(new[:, :4], return_std=True)


@glm
def test_the_spread_of_a_new_target_is_that_of_its_law_and_of_the_coefficients(name):
    fit, X, y = fitted(name)
    precision, phi = information(fit, X, y)
    model, x = fit._fitted(X, y, None)
    variance = ((ONES @ np.linalg.inv(precision / phi)) * ONES).sum(axis=1)
    moments = [
        normal(ONES @ x, variance, f)
        for f in (model.mean, lambda e: model.mean(e) ** 2, lambda e: model.variance(model.mean(e)))
    ]
    mean, std = fit.predict(NEW, return_std=True)
    np.testing.assert_array_equal(mean, fit.predict(NEW))
    d = fit.predict_distribution(NEW)
    np.testing.assert_allclose(d.mean, moments[0], rtol=1e-8)
    np.testing.assert_allclose(d.variance, moments[1] - moments[0] ** 2, rtol=1e-6)
    np.testing.assert_allclose(std**2, d.variance + phi * moments[2], rtol=1e-6)
    np.testing.assert_allclose(fit.covariance_, np.linalg.inv(precision / phi), rtol=1e-7)
    drawn = np.random.default_rng(1).multivariate_normal(x, fit.covariance_, 40_000)
    means = model.mean(drawn @ ONES.T)
    error = np.sqrt(d.variance / len(drawn))
    assert (abs(means.mean(axis=0) - d.mean) < 5 * error).all()
    np.testing.assert_allclose(means.var(axis=0), d.variance, rtol=0.1)


def test_an_offset_moves_the_predictor():
    fit, X, _ = fitted("Poisson")
    plain, longer = (fit.predict(NEW, o, return_std=True) for o in (None, np.full(7, np.log(2.0))))
    np.testing.assert_allclose(longer[0], 2 * plain[0])
    d, e = fit.predict_distribution(NEW), fit.predict_distribution(NEW, np.full(7, np.log(2.0)))
    np.testing.assert_allclose(e.variance, 4 * d.variance)
    of_law = plain[1] ** 2 - d.variance
    np.testing.assert_allclose(longer[1] ** 2, 2 * of_law + 4 * d.variance)
    noisy = clone(fit).set_params(noise=hessopt.Dropout(0.2)).fit(X, counts(X))
    d = noisy.predict_distribution(NEW, under="noise")
    e = noisy.predict_distribution(NEW, np.full(7, np.log(2.0)), under="noise")
    np.testing.assert_allclose(e.variance, 4 * d.variance)


def test_probabilities_and_their_entropies_are_integrals():
    X = columns(40)
    fit = hs.LogisticRegression(C=50, store_covariance=True).fit(X, labels(X))
    far = np.vstack([NEW, 30 * NEW])
    d = fit.predict_distribution(far)
    post = hessopt.laplace(*fit._fitted(X, labels(X), None))
    np.testing.assert_allclose(d.mean[:, 1], post.predict(far, method="normal"), atol=2e-8)
    for k, (mean, variance) in enumerate(zip(*post.predictor(far), strict=True)):
        p = integral(expit, mean, variance)
        spread = integral(lambda e, p=p: (expit(e) - p) ** 2, mean, variance)
        within = integral(entropy_of_two, mean, variance)
        assert d.mean[k, 1] == pytest.approx(p, abs=1e-10)
        assert d.variance[k, 1] == pytest.approx(spread, abs=1e-10)
        assert d.expected_entropy[k] == pytest.approx(within, abs=1e-9)
        assert d.entropy[k] == pytest.approx(entropy_of_two(np.log(p / (1 - p))), abs=1e-9)
    np.testing.assert_allclose(d.mutual_information, d.entropy - d.expected_entropy, atol=1e-12)
    assert d.mean.sum(axis=1) == pytest.approx(1)


def test_classes_are_drawn_from_the_posterior():
    X = columns()
    fit = hs.LogisticRegression(store_covariance=True).fit(X, three_classes(X))
    d = fit.predict_distribution(NEW, n_samples=4000)
    assert d.n_samples == 4000
    at = np.hstack([fit.coef_, fit.intercept_[:, None]]).ravel()
    drawn = np.random.default_rng(2).multivariate_normal(at, fit.covariance_, 40_000)
    p = softmax(np.einsum("skj,mj->smk", drawn.reshape(-1, 3, 5), ONES), axis=2)
    error = np.sqrt(d.standard_error**2 + p.var(axis=0) / len(p))
    assert (abs(d.mean - p.mean(axis=0)) < 5 * error).all()
    np.testing.assert_allclose(d.variance, p.var(axis=0), rtol=0.15)
    within = -(p * np.log(p)).sum(axis=2)
    np.testing.assert_allclose(d.expected_entropy, within.mean(axis=0), atol=0.01)
    assert np.array_equal(fit.predict_distribution(NEW).mean, fit.predict_distribution(NEW).mean)


@pytest.mark.parametrize("law", [hessopt.Dropout, hessopt.DropConnect])
@pytest.mark.parametrize("kind", ["squares", "counts", "two", "three"])
def test_the_noise_of_the_fit_is_that_of_all_masks(law, kind):
    X, new, rate = columns()[:, :3], NEW[:, :3], 0.3
    estimator, targets = {
        "squares": (hs.Ridge(), numbers),
        "counts": (hs.PoissonRegressor(alpha=0.1), counts),
        "two": (hs.LogisticRegression(noise_method="normal"), labels),
        "three": (hs.LogisticRegression(noise_method="taylor"), three_classes),
    }[kind]
    y = targets(columns())
    fit = estimator.set_params(noise=law(rate, seed=3))
    if law is hessopt.DropConnect and kind == "three":
        fit.set_params(noise_method="sample")
    fit.fit(X, y)
    d = fit.predict_distribution(new, n_samples=6000)
    assert d.under == "noise"
    w, b = np.atleast_2d(fit.coef_), np.atleast_1d(fit.intercept_)
    many = len(w) if law is hessopt.DropConnect else 1
    masks = np.array(list(itertools.product([0, 1], repeat=3 * many)))
    share = rate ** (masks == 0).sum(axis=1) * (1 - rate) ** masks.sum(axis=1)
    kept = masks.reshape(len(masks), many, 3) / (1 - rate) * np.ones((1, len(w), 1))
    eta = np.einsum("skj,kj,mj->smk", kept, w, new) + b
    out = {
        "squares": lambda e: e[:, :, 0],
        "counts": lambda e: np.exp(e[:, :, 0]),
        "two": lambda e: expit(np.concatenate([-e, e], axis=2)),
        "three": lambda e: softmax(e, axis=2),
    }[kind](eta)
    mean = np.tensordot(share, out, 1)
    variance = np.tensordot(share, (out - mean) ** 2, 1)
    assert (abs(d.mean - mean) < 5 * d.standard_error).all()
    np.testing.assert_allclose(d.variance, variance, rtol=0.15)


@pytest.mark.parametrize(
    "name", [n for n, (e, _) in ESTIMATORS.items() if hasattr(type(e), "covariance_")]
)
def test_what_is_kept_goes_with_the_estimator(name):
    estimator, targets = ESTIMATORS[name]
    if "with zeros" in name or "positive" in name or "Generalized" in name:
        return
    estimator, X = clone(estimator), columns()
    if "store_covariance" in estimator.get_params():
        plain = clone(estimator).fit(X, targets(X))
        with pytest.raises(ValueError, match=r"under: got 'posterior' .*\(store_covariance=True\)"):
            plain.predict_distribution(NEW)
        assert not hasattr(plain, "covariance_")
        estimator.set_params(store_covariance=True)
    fit = estimator.fit(X, targets(X))
    again = pickle.loads(pickle.dumps(fit))
    d, e = fit.predict_distribution(NEW), again.predict_distribution(NEW)
    assert np.array_equal(d.variance, e.variance)
    sparse = fit.predict_distribution(scipy.sparse.csr_array(NEW))
    np.testing.assert_allclose(sparse.variance, d.variance, rtol=1e-9)
    assert np.linalg.eigvalsh(fit.covariance_)[0] > -1e-12
    single = clone(fit).fit(X.astype(np.float32), targets(X))
    assert np.allclose(single.predict_distribution(NEW).variance, d.variance, rtol=1e-3)
    if not hasattr(fit, "classes_"):
        mean, std = single.predict(NEW.astype(np.float32), return_std=True)
        assert mean.dtype == std.dtype == np.float32
        assert (std**2 > single.predict_distribution(NEW).variance).all()


def test_frames_and_weights():
    X = columns()
    y = counts(X)
    frame = pd.DataFrame({"a": X[:, 0], "b": pd.Categorical(np.where(X[:, 1] > 0, "x", "y"))})
    fit = hs.PoissonRegressor(store_covariance=True).fit(frame, y)
    ones = np.column_stack([X[:, 0], X[:, 1] > 0, X[:, 1] <= 0])
    same = clone(fit).fit(ones, y)
    got, want = (f.predict_distribution(Z) for f, Z in ((fit, frame[:5]), (same, ones[:5])))
    np.testing.assert_allclose(got.variance, want.variance, rtol=1e-6)
    times = np.random.default_rng(2).integers(0, 3, len(X))
    for one in (hs.Ridge(), hs.GammaRegressor(alpha=0.1, store_covariance=True)):
        a = clone(one).fit(X, amounts(X), sample_weight=times)
        b = clone(one).fit(X.repeat(times, axis=0), amounts(X).repeat(times))
        stds = [f.predict(NEW, return_std=True)[1] for f in (a, b)]
        np.testing.assert_allclose(*stds, rtol=1e-6)


def test_columns_far_from_zero_keep_their_digits():
    X = columns()
    for one, y in ((hs.Ridge(), numbers(X)), (hs.RidgeCV(), numbers(X))):
        near, far = (clone(one).fit(X + shift, y) for shift in (0.0, 1e5))
        stds = [f.predict_distribution(NEW + s).variance for f, s in ((near, 0.0), (far, 1e5))]
        np.testing.assert_allclose(*stds, rtol=1e-4)


def test_what_cannot_be_said_is_said():
    X = columns()
    y = numbers(X)
    fit = hs.Ridge().fit(X, y)
    with pytest.raises(ValueError, match="under: got 'noise' of a fit without noise"):
        fit.predict_distribution(NEW, under="noise")
    with pytest.raises(ValueError, match="under: got 'both'; want 'posterior' or 'noise'"):
        fit.predict_distribution(NEW, under="both")
    with pytest.raises(ValueError, match="without a covariance, of positive=True"):
        hs.Ridge(positive=True).fit(X, y).predict(NEW, return_std=True)
    sparse = hs.LogisticRegression(l1_ratio=0.5, store_covariance=True).fit(X, labels(X))
    with pytest.raises(ValueError, match="of an l1 term"):
        sparse.predict_distribution(NEW)
    robust = hs.GeneralizedLinearRegressor("Huber", store_covariance=True).fit(X, y)
    with pytest.raises(ValueError, match="of Huber, which is the likelihood of no law"):
        robust.predict(NEW, return_std=True)
    inverse = general("Gamma", "inverse").fit(X, amounts(X))
    with pytest.raises(ValueError, match="link: got 'inverse', under which"):
        inverse.predict_distribution(NEW)
    shares = hs.GeneralizedLinearRegressor("Logistic", noise=hessopt.Dropout(0.1))
    with pytest.raises(ValueError, match=r"offset: got some beside noise; want none, or a link"):
        shares.fit(X, labels(X)).predict_distribution(NEW, np.ones(len(NEW)))
    wide = np.random.default_rng(1).normal(size=(700, 501))
    with pytest.raises(ValueError, match="of more than 500 columns"):
        hs.Ridge().fit(wide, wide[:, 0]).predict(wide, return_std=True)

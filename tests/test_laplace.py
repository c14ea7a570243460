"""Laplace's approximation: its evidence, against exact Bayesian regression and quadrature."""

import pickle

import numpy as np
import pytest
from scipy import integrate, special, stats
from sklearn.linear_model import BayesianRidge

import hessopt
from hessopt import laplace, maximize_evidence, objectives
from laplace_cases import NEW, N, X, Y, fitted


@pytest.mark.parametrize("strengths", [0.05, [0.01, 0.2, 1.0]])
@pytest.mark.parametrize("dispersion", [0.3, 2.0])
def test_the_evidence_of_a_regression_is_exact(strengths, dispersion):
    post = fitted("Squared", l2=strengths, dispersion=dispersion, fit_intercept=False)
    prior = dispersion / (N * np.broadcast_to(strengths, 3))
    law = stats.multivariate_normal(np.zeros(N), dispersion * np.eye(N) + (X * prior) @ X.T)
    np.testing.assert_allclose(post.log_marginal_likelihood, law.logpdf(Y["Squared"]), rtol=1e-11)
    precision = X.T @ X / dispersion + np.diag(1 / prior)
    np.testing.assert_allclose(post.covariance, np.linalg.inv(precision), rtol=1e-9)


def test_an_intercept_has_a_flat_prior():
    post = fitted("Squared", dispersion=0.3)
    wide = 1e6
    cov = 0.3 * np.eye(N) + 0.3 / (N * 0.05) * X @ X.T + wide
    want = stats.multivariate_normal(np.zeros(N), cov).logpdf(Y["Squared"])
    want += 0.5 * np.log(2 * np.pi * wide)  # of density 1 at 0 rather than that of N(0, wide)
    np.testing.assert_allclose(post.log_marginal_likelihood, want, rtol=1e-6)


def test_weights_are_repetitions():
    counts = np.random.default_rng(1).integers(0, 4, N)
    few = fitted("Logistic", sample_weight=counts.astype(float))
    many = fitted("Logistic", X=np.repeat(X, counts, axis=0), y=np.repeat(Y["Logistic"], counts))
    for name in ("log_marginal_likelihood", "covariance", "effective_parameters"):
        np.testing.assert_allclose(getattr(few, name), getattr(many, name), rtol=1e-7)


@pytest.mark.parametrize("kind", Y)
def test_the_log_likelihood_is_that_of_the_law(kind):
    dispersion = {"Squared": 0.7, "Huber": 0.4, "Gamma": 0.5}.get(kind, 1.0)
    post, y = fitted(kind, dispersion=dispersion), Y[kind]
    eta, _ = post.predictor(X)
    if kind == "Squared":
        want = stats.norm.logpdf(y, eta, np.sqrt(0.7))
    elif kind == "Huber":

        def law(r):
            return np.exp(-special.huber(1.0, r) / 0.4)

        total = integrate.quad(law, -50, 50, points=[-1, 1], epsabs=1e-12)[0]
        want = np.log(law(y - eta) / total)
    elif kind == "Logistic":
        want = stats.bernoulli.logpmf(y, special.expit(eta))
    elif kind == "Poisson":
        want = stats.poisson.logpmf(y, np.exp(eta))
    elif kind == "Gamma":
        want = stats.gamma.logpdf(y, 2, scale=np.exp(eta) / 2)
    else:
        want = np.log(special.softmax(eta, axis=1)[np.arange(N), y.astype(int)])
    np.testing.assert_allclose(post.log_likelihood, want.sum(), rtol=1e-8)


def test_the_evidence_of_a_classifier_nears_the_integral():
    """The error of Laplace's method falls as one over the rows."""
    x, y = X[:, :2], Y["Logistic"]
    errors = []
    for times in (1, 4, 16):
        weight = np.full(N, float(times))
        post = fitted("Logistic", X=x, y=y, sample_weight=weight, fit_intercept=False, l2=0.02)
        at, root = post.mean, np.linalg.cholesky(post.covariance)
        nodes, weights = np.polynomial.hermite_e.hermegauss(60)
        grid = np.stack(np.meshgrid(nodes, nodes, indexing="ij"), -1).reshape(-1, 2)
        w = at + grid @ root.T
        log_p = -(np.logaddexp(0, w @ x.T) - y * (w @ x.T)) @ weight
        variance = 1 / (0.02 * weight.sum())
        log_p += stats.norm.logpdf(w, scale=np.sqrt(variance)).sum(axis=1)
        log_w = np.log(np.outer(weights, weights).ravel()) + 0.5 * np.square(grid).sum(axis=1)
        integral = special.logsumexp(log_p + log_w) + np.log(np.linalg.det(root))
        errors.append(post.log_marginal_likelihood - integral)
    assert abs(errors[0]) < 0.05
    np.testing.assert_allclose(np.divide(errors[:-1], errors[1:]), 4, rtol=0.15)


def test_noise_integrated_out():
    """Dropout of a regression is a ridge by columns: a posterior in closed form as well."""
    f = objectives.Squared(X, Y["Squared"], l2=0.05)
    noisy = hessopt.expected(f, hessopt.Dropout(0.3, 1), "exact")
    x = hessopt.minimize(noisy, np.zeros(4)).x
    post = laplace(noisy, x, dispersion=0.4)
    np.testing.assert_allclose(post.covariance, noisy.covariance(x, dispersion=0.4), rtol=1e-9)
    assert post.predictor(NEW)[1].shape == (7,)
    best = maximize_evidence(noisy, x)
    assert best.objective.l2[0] != 0.05
    assert type(best.objective) is type(noisy)


@pytest.mark.parametrize("intercept", [False, True])
def test_the_strongest_evidence_is_that_of_bayesian_ridge(intercept):
    flat = {"alpha_1": 1e-12, "alpha_2": 1e-12, "lambda_1": 1e-12, "lambda_2": 1e-12}
    theirs = BayesianRidge(
        fit_intercept=intercept, tol=1e-12, max_iter=5000, compute_score=True, **flat
    ).fit(X, Y["Squared"])
    f = objectives.Squared(X, Y["Squared"], l2=3.0, fit_intercept=intercept)
    ours = maximize_evidence(f, np.zeros(3 + intercept))
    np.testing.assert_allclose(ours.mean[:3], theirs.coef_, rtol=1e-3)
    if not intercept:  # theirs counts the row that the intercept takes
        np.testing.assert_allclose(ours.dispersion, 1 / theirs.alpha_, rtol=1e-5)
        prior = N * ours.objective.l2[0] / ours.dispersion
        np.testing.assert_allclose(prior, theirs.lambda_, rtol=1e-5)
        np.testing.assert_allclose(ours.mean, theirs.coef_, rtol=1e-6)
        np.testing.assert_allclose(ours.log_marginal_likelihood, theirs.scores_[-1], atol=1e-6)
        np.testing.assert_allclose(ours.covariance, theirs.sigma_, rtol=1e-4)


@pytest.mark.parametrize("strengths", [0.05, [0.01, 0.2, 1.0]])
def test_no_neighbour_has_more_evidence(strengths):
    f = objectives.Squared(X, Y["Squared"], l2=strengths)
    best = maximize_evidence(f, np.zeros(4))
    ratio = best.objective.l2 / strengths
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-12)
    for more in (0.9, 1.1):
        for wider in (0.9, 1.0, 1.1):
            other = f.with_l2(best.objective.l2 * more)
            x = hessopt.minimize(other, best.mean).x
            post = laplace(other, x, dispersion=best.dispersion * wider)
            assert post.log_marginal_likelihood < best.log_marginal_likelihood


@pytest.mark.parametrize("kind", ["Logistic", "Softmax", "Poisson", "Gamma"])
@pytest.mark.parametrize("start", [1e-4, 1.0])
def test_the_strength_of_other_priors(kind, start):
    """Near the largest evidence of all strengths, and where MacKay's condition holds."""
    f = getattr(objectives, kind)(X, Y[kind], l2=start)
    best = maximize_evidence(f, np.zeros(f.n_parameters))
    assert best.dispersion == 1
    size = N * 2 * best._penalty_at_mean()
    held = best.effective_parameters - (2 if kind == "Softmax" else 1)
    np.testing.assert_allclose(size, held, rtol=1e-4)

    def evidence(l2):
        g = f.with_l2(l2)
        return laplace(g, hessopt.minimize(g, best.mean).x).log_marginal_likelihood

    at = best.objective.l2[0]
    most = max(evidence(at * t) for t in np.geomspace(1e-2, 1e2, 41))
    assert best.log_marginal_likelihood > most - 0.05


@pytest.mark.parametrize("structure", ["full", "diagonal"])
@pytest.mark.parametrize("kind", ["Squared", "Softmax", "Logistic"])
def test_another_prior_about_the_same_mean(kind, structure):
    post = fitted(kind, structure, l2=[0.02, 0.1, 0.5])
    f = post.objective
    wide, same = post.with_prior(0.1), post.with_prior(1.0)
    assert same.log_marginal_likelihood == pytest.approx(post.log_marginal_likelihood, rel=1e-12)
    other = laplace(f.with_l2(np.array([0.02, 0.1, 0.5]) / 10), post.mean, structure=structure)
    assert wide.log_likelihood == pytest.approx(other.log_likelihood, rel=1e-12)
    got, want = wide.log_marginal_likelihood, other.log_marginal_likelihood
    np.testing.assert_allclose(got, want, rtol=1e-10)
    np.testing.assert_allclose(wide.covariance, other.covariance, rtol=1e-7, atol=1e-10)
    best = post.with_prior()
    assert wide.with_prior().prior_factor == pytest.approx(best.prior_factor, rel=1e-6)
    for factor in (0.8, 1.25):
        nearby = best.with_prior(factor)
        assert nearby.prior_factor == pytest.approx(best.prior_factor * factor)
        assert nearby.log_marginal_likelihood < best.log_marginal_likelihood
    with pytest.raises(ValueError, match="factor: got 0; want a number > 0"):
        post.with_prior(0)


@pytest.mark.filterwarnings("error")
def test_an_evidence_that_jumps(monkeypatch):
    """As where a direction of a network comes to have no curvature: no factor is ever 1."""
    f = objectives.Squared(X, Y["Squared"], l2=1.0)
    jump = 0.037

    def best_prior(post, free_scale):
        return (0.2 if post.objective.l2[0] < jump else -0.2), 1.0

    monkeypatch.setattr("hessopt.uncertainty.evidence.best_prior", best_prior)
    found = maximize_evidence(f, np.zeros(4)).objective.l2
    np.testing.assert_allclose(found, jump, rtol=1e-5)


def test_an_evidence_without_a_maximum():
    """y that has nothing to do with X, less than by chance."""
    y = np.random.default_rng(2).normal(size=N)
    Q = np.column_stack([np.ones(N), X])
    y -= Q @ np.linalg.lstsq(Q, y, rcond=None)[0]
    with pytest.warns(RuntimeWarning, match="evidence that grows towards no effect of X"):
        maximize_evidence(objectives.Squared(X, y, l2=0.1), np.zeros(4))


def test_effective_parameters_lie_between():
    assert fitted("Logistic", l2=1e-9).effective_parameters == pytest.approx(4, abs=1e-5)
    assert fitted("Logistic", l2=1e9).effective_parameters == pytest.approx(1, abs=1e-5)


class Own:
    """A quadratic of one's own, with all that is asked for."""

    n_rows, n_parameters, response = 10, 2, "identity"

    def __init__(self, l2=0.5):
        self.l2 = float(l2)
        self.l2_of_parameters = np.array([self.l2, 0.0])

    def value_and_gradient(self, x):
        d = x - 1
        return float(d @ d + 0.5 * self.l2 * x[0] ** 2), 2 * d + self.l2_of_parameters * x

    def hessian(self, x):
        return 2 * np.eye(2) + np.diag(self.l2_of_parameters)

    def predict(self, x, X):
        return (X @ x)[:, None]

    def jacobian(self, x, X):
        return np.asarray(X)[:, None, :]

    def with_l2(self, l2):
        return Own(l2)


def test_an_objective_of_ones_own():
    f = Own()
    x = hessopt.minimize(f, np.zeros(2)).x
    post = laplace(f, x)
    np.testing.assert_allclose(post.covariance, np.diag([1 / 25, 1 / 20]), rtol=1e-10)
    rows = np.random.default_rng(3).normal(size=(5, 2))
    mean, variance = post.predictor(rows)
    np.testing.assert_allclose(mean, rows @ x)
    np.testing.assert_allclose(variance, rows**2 @ [1 / 25, 1 / 20])
    np.testing.assert_allclose(post.predict(rows), mean)
    best = maximize_evidence(f, np.zeros(2))
    assert 0 < best.objective.l2 < np.inf


@pytest.mark.parametrize(
    ("error", "message", "call"),
    [
        (
            ValueError,
            "structure: got 'kron'; want 'full' or",
            lambda f: laplace(f, X0, structure="kron"),
        ),
        (
            ValueError,
            "dispersion: got 0; want a number > 0",
            lambda f: laplace(f, X0, dispersion=0),
        ),
        (ValueError, "dispersion: got -1", lambda f: laplace(f, X0, dispersion=-1)),
        (ValueError, "x: got length 2; want length 4", lambda f: laplace(f, [0.0, 1.0])),
        (TypeError, "objective: got function; want one with l2_of", lambda f: laplace(abs_of, X0)),
        (ValueError, "method: got 'mc'", lambda f: laplace(f, X0).predict(NEW, method="mc")),
        (
            ValueError,
            r"X: got shape \(7, 2\); want 3 columns",
            lambda f: laplace(f, X0).predict(NEW[:, :2]),
        ),
        (ValueError, "X: got NaN or inf", lambda f: laplace(f, X0).predict(NEW * np.nan)),
        (ValueError, "n_samples: got 0", lambda f: laplace(f, X0).samples(0)),
        (ValueError, "objective: got no penalty", lambda f: maximize_evidence(f.with_l2(0), X0)),
    ],
)
def test_what_is_wrong_is_named(error, message, call):
    with pytest.raises(error, match=message):
        call(objectives.Logistic(X, Y["Logistic"], l2=0.1))


X0 = np.zeros(4)


def abs_of(x):
    return abs(x)


def test_what_there_is_not():
    f = objectives.Squared(np.column_stack([X, X[:, 0]]), Y["Squared"])
    with pytest.raises(np.linalg.LinAlgError, match="x: got a Hessian that is not positive def"):
        laplace(f, np.zeros(5))
    with pytest.raises(ValueError, match="method: got 'normal'; want 'probit', or the mean"):
        fitted("Softmax", fit_intercept=False).predict(NEW, method="normal")
    boosted = objectives.Exponential(X, Y["Logistic"], l2=0.1)
    post = laplace(boosted, hessopt.minimize(boosted, X0).x)
    with pytest.raises(ValueError, match="objective: got Exponential, which is none; want the"):
        _ = post.log_marginal_likelihood
    with pytest.raises(TypeError, match="objective: got Exponential; want one with a response"):
        post.predict(NEW)


def test_pickled_and_shown():
    post = fitted("Logistic")
    again = pickle.loads(pickle.dumps(post))
    assert again.log_marginal_likelihood == post.log_marginal_likelihood
    assert (
        repr(post)
        == "Laplace(Logistic(40 x 3 float64, l2=0.05, fit_intercept=True), full, dispersion=1)"
    )

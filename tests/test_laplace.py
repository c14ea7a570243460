"""Laplace's approximation: against exact Bayesian regression, quadrature and Monte Carlo."""

import pickle

import numpy as np
import pytest
from scipy import integrate, special, stats
from sklearn.linear_model import BayesianRidge

import hessopt
from hessopt import _core, laplace, maximize_evidence, objectives

rng = np.random.default_rng(0)
N = 40
X = rng.normal([0.0, 1.0, -2.0], size=(N, 3))
ETA = X @ [0.8, -0.5, 0.1] + 0.3
Y = {
    "Squared": ETA + 0.5 * rng.normal(size=N),
    "Huber": ETA + 0.5 * rng.standard_t(3, size=N),
    "Logistic": (rng.random(N) < special.expit(ETA)).astype(float),
    "Poisson": rng.poisson(np.exp(ETA)).astype(float),
    "Gamma": rng.gamma(2.0, np.exp(ETA) / 2),
    "Softmax": np.digitize(ETA + rng.logistic(size=N), [0.5, 2.0]).astype(float),
}
NEW = rng.normal(size=(7, 3))


def fitted(kind, structure="full", dispersion=1.0, **given):
    options = {"l2": 0.05, "fit_intercept": True, **given}
    data = options.pop("X", X)
    f = getattr(objectives, kind)(data, options.pop("y", Y[kind]), **options)
    x = hessopt.minimize(f, np.zeros(f.n_parameters), tol=1e-10).x
    return laplace(f, x, structure=structure, dispersion=dispersion)


def jacobian(post, rows):
    """Written out: (m, K, P)."""
    f = post.objective
    K = getattr(f, "n_classes", 1)
    one = (
        rows if f.n_parameters == K * rows.shape[1] else np.column_stack([rows, np.ones(len(rows))])
    )
    return np.stack([np.kron(np.eye(K), row) for row in one])


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
    counts = rng.integers(0, 4, N)
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


@pytest.mark.parametrize("kind", Y)
@pytest.mark.parametrize("structure", ["full", "diagonal"])
@pytest.mark.parametrize("intercept", [False, True])
def test_the_covariance_of_predictors_is_that_of_the_jacobian(kind, structure, intercept):
    if kind == "Softmax" and intercept and structure == "full":
        return  # whose curvature is singular: of the next test
    post = fitted(kind, structure, fit_intercept=intercept, dispersion=0.8)
    f, J = post.objective, jacobian(post, NEW)
    precision = N * f.hessian(post.mean) / 0.8
    if structure == "diagonal":
        precision = np.diag(np.diag(precision))
    cov = np.linalg.inv(precision)
    np.testing.assert_allclose(post.covariance, cov, rtol=1e-8, atol=1e-12)
    mean, variance = post.predictor(NEW)
    want = J @ cov @ np.swapaxes(J, 1, 2)
    np.testing.assert_allclose(mean, (J @ post.mean).reshape(mean.shape), rtol=1e-12)
    np.testing.assert_allclose(variance, want.reshape(variance.shape), rtol=1e-8, atol=1e-12)
    single = post.predictor(NEW.astype(np.float32))
    np.testing.assert_allclose(single[0], mean, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(single[1], variance, rtol=1e-5, atol=1e-6)
    _, logdet = np.linalg.slogdet(precision)
    held = N * f.l2_of_parameters[f.l2_of_parameters > 0] / 0.8
    size = 0.5 * held @ post.mean[f.l2_of_parameters > 0] ** 2
    want = post.log_likelihood - size + 0.5 * (np.log(held / 2 / np.pi)).sum()
    want += 0.5 * (len(post.mean) * np.log(2 * np.pi) - logdet)
    np.testing.assert_allclose(post.log_marginal_likelihood, want, rtol=1e-9)


def test_intercepts_of_classes_are_held_in_common():
    """As the K - 1 free ones of a parametrisation without the common shift have it."""
    post = fitted("Softmax")
    f, q = post.objective, 4
    own = np.linalg.svd(np.eye(12) - f.null_directions @ f.null_directions.T)[0][:, :11]
    precision = N * own.T @ f.hessian(post.mean) @ own
    cov = own @ np.linalg.inv(precision) @ own.T
    np.testing.assert_allclose(f.null_directions.T @ f.hessian(post.mean), 0, atol=1e-14)
    J = jacobian(post, NEW)
    less = np.eye(3) - 1 / 3  # of outputs, their common share
    got = less @ post.predictor(NEW)[1] @ less
    want = less @ (J @ cov @ np.swapaxes(J, 1, 2)) @ less
    np.testing.assert_allclose(got, want, rtol=1e-8, atol=1e-12)
    held = N * f.l2_of_parameters[f.l2_of_parameters > 0]
    assert len(held) == 9
    size = 0.5 * held @ post.mean[f.l2_of_parameters > 0] ** 2
    want = post.log_likelihood - size + 0.5 * np.log(held / 2 / np.pi).sum()
    want += 0.5 * (11 * np.log(2 * np.pi) - np.linalg.slogdet(precision)[1])
    np.testing.assert_allclose(post.log_marginal_likelihood, want, rtol=1e-9)
    assert 2 < post.effective_parameters < 11
    drawn = post.samples(50_000, seed=2).reshape(-1, 3, q)
    np.testing.assert_allclose(np.cov(drawn[:, 0, 0], drawn[:, 1, 0])[0, 1], cov[0, 4], rtol=0.1)
    p = special.softmax(drawn[:, :, :3] @ NEW.T + drawn[:, :, 3:], axis=1).mean(axis=0).T
    np.testing.assert_allclose(post.predict(NEW), p, atol=0.02)


def test_blocks_of_rows_do_not_matter(monkeypatch):
    post = fitted("Softmax", fit_intercept=False)
    want = post.predictor(NEW)[1]
    monkeypatch.setattr("hessopt.uncertainty.predictors._ELEMENTS", 60)
    np.testing.assert_allclose(post.predictor(NEW)[1], want, rtol=1e-12, atol=1e-15)


def test_columns_far_from_zero_keep_their_digits():
    near, far = fitted("Squared", l2=1e-6), fitted("Squared", l2=1e-6, X=X + 1e5)
    np.testing.assert_allclose(far.predictor(NEW + 1e5)[1], near.predictor(NEW)[1], rtol=1e-6)
    got, want = far.log_marginal_likelihood, near.log_marginal_likelihood
    np.testing.assert_allclose(got, want, rtol=1e-6)
    drawn = far.samples(4000, seed=1)
    about = drawn[:, :3] @ (X + 1e5).mean(axis=0) + drawn[:, 3]
    np.testing.assert_allclose(about.var(), 1 / N, rtol=0.1)


@pytest.mark.parametrize("structure", ["full", "diagonal"])
def test_samples_have_the_covariance(structure):
    post = fitted("Logistic", structure)
    drawn = post.samples(200_000, seed=3)
    scale = np.sqrt(np.diag(post.covariance))
    assert (abs(drawn.mean(axis=0) - post.mean) < 5 * scale / np.sqrt(200_000)).all()
    error = (np.cov(drawn.T) - post.covariance) / scale / scale[:, None]
    assert abs(error).max() < 0.02
    np.testing.assert_array_equal(post.samples(5, seed=3), drawn[:5])


def test_a_sigmoid_of_a_normal_number():
    mean = np.repeat(np.linspace(-30, 30, 61), 7)
    variance = np.tile([0.0, 1e-6, 0.1, 1.0, 9.0, 100.0, 2500.0], 61)
    got = _core.sigmoid_of_normal(mean, variance)
    nodes = np.linspace(-12, 12, 20_001)
    weights = stats.norm.pdf(nodes) * (nodes[1] - nodes[0])
    want = special.expit(mean[:, None] + np.sqrt(variance)[:, None] * nodes) @ weights
    np.testing.assert_allclose(got, want, atol=2e-8)


def test_what_classes_are_predicted():
    post = fitted("Logistic", l2=0.01)
    mean, variance = post.predictor(NEW)
    e = np.random.default_rng(1).normal(size=(400_000, 1))
    want = special.expit(mean + np.sqrt(variance) * e).mean(axis=0)
    np.testing.assert_allclose(post.predict(NEW, method="normal"), want, atol=2e-3)
    np.testing.assert_allclose(post.predict(NEW), want, atol=2e-2)
    drawn = post.samples(50_000, seed=2)
    p = special.expit(drawn[:, :3] @ NEW.T + drawn[:, 3:])
    np.testing.assert_allclose(p.mean(axis=0), want, atol=6e-3)


def test_what_many_classes_are_predicted():
    post = fitted("Softmax", fit_intercept=False, l2=0.005)
    p = post.predict(3 * NEW)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-12)
    drawn = post.samples(20_000, seed=2).reshape(-1, 3, 3)
    want = special.softmax(np.einsum("skj,mj->smk", drawn, 3 * NEW), axis=2).mean(axis=0)
    plain = special.softmax(post.predictor(3 * NEW)[0], axis=1)
    assert abs(p - want).max() < 0.05
    assert abs(p - want).max() < 0.5 * abs(plain - want).max()


def test_two_classes_are_two_classes():
    """As softmax with half of the coefficients each, or as a sigmoid."""
    y = Y["Logistic"]
    two = fitted("Softmax", y=y, fit_intercept=False, l2=0.1)
    one = fitted("Logistic", fit_intercept=False, l2=0.05)
    np.testing.assert_allclose(two.mean[3:] - two.mean[:3], one.mean, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(two.predict(NEW)[:, 1], one.predict(NEW), rtol=1e-6)


def test_other_responses():
    post = fitted("Poisson")
    mean, variance = post.predictor(NEW)
    np.testing.assert_allclose(post.predict(NEW), np.exp(mean + variance / 2), rtol=1e-12)
    post = fitted("Squared")
    np.testing.assert_array_equal(post.predict(NEW), post.predictor(NEW)[0])


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


def test_an_evidence_without_a_maximum():
    """y that has nothing to do with X, less than by chance."""
    y = rng.normal(size=N)
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
    rows = rng.normal(size=(5, 2))
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

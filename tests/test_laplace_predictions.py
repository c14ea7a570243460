"""What Laplace's approximation says of rows, against Jacobians written out and Monte Carlo."""

import numpy as np
import pytest
from scipy import special, stats

from hessopt import _core
from laplace_cases import NEW, N, X, Y, fitted, jacobian


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

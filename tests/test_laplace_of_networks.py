"""Laplace's approximation of networks: Jacobians by differences, linear networks, Monte Carlo."""

import numpy as np
import pytest
from scipy import special

import hessopt
from hessopt import laplace, maximize_evidence, objectives
from hessopt.networks import Dense, Dropout, Network

rng = np.random.default_rng(0)
N = 60
X = rng.normal(size=(N, 3))
ETA = np.sin(X @ [1.0, -1.0, 0.3])
Y = {
    "softmax": np.digitize(ETA, [-0.4, 0.4]),
    "logistic": (rng.random(N) < special.expit(3 * ETA)).astype(float),
    "squared": ETA + 0.1 * rng.normal(size=N),
    "poisson": rng.poisson(np.exp(ETA)).astype(float),
}
NEW = rng.normal(size=(4, 3))
ACTIVATIONS = [
    "identity", "relu", "leaky_relu", "tanh", "sigmoid", "softplus", "gelu", "gelu_tanh", "silu",
]  # fmt: skip


def network(loss, *hidden, **given):
    outputs = 3 if loss == "softmax" else 1
    return Network(X, Y[loss], [*hidden, Dense(outputs)], loss=loss, **{"l2": 0.01, **given})


def fitted(loss, *hidden, **given):
    f = network(loss, *(hidden or (Dense(4, "tanh"),)), **given)
    return f, hessopt.minimize(f, f.initial(1), method="lbfgs", tol=1e-9).x


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_jacobian_is_that_of_differences(activation):
    f = network("softmax", Dense(4, activation, 0.3), Dropout(0.5), Dense(3, activation, 0.3))
    x = rng.normal(size=f.n_parameters)
    J = f.jacobian(x, NEW)
    assert J.shape == (4, 3, f.n_parameters)
    h = 1e-6
    for j, e in enumerate(np.eye(f.n_parameters)):
        slope = (f.predict(x + h * e, NEW) - f.predict(x - h * e, NEW)) / 2 / h
        np.testing.assert_allclose(J[:, :, j], slope, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("loss", Y)
@pytest.mark.parametrize("structure", ["full", "diagonal"])
def test_the_posterior_is_that_of_the_gauss_newton_matrix(loss, structure):
    f, x = fitted(loss)
    J, eta = f.jacobian(x, X), f.predict(x)
    if loss == "softmax":
        p = special.softmax(eta, axis=1)
        H = np.eye(3) * p[:, :, None] - p[:, :, None] * p[:, None, :]
    else:
        p = special.expit(eta[:, 0])
        bend = {"logistic": p * (1 - p), "squared": np.ones(N), "poisson": np.exp(eta[:, 0])}
        H = bend[loss][:, None, None]
    precision = np.einsum("mkp,mkl,mlq->pq", J, H, J) + N * np.diag(f.l2_of_parameters)
    post = laplace(f, x, structure=structure)
    null = f.null_directions
    if structure == "diagonal":
        precision = np.diag(np.diag(precision))
        null = None
    cov = np.linalg.pinv(precision, rcond=1e-13) if null is not None else np.linalg.inv(precision)
    np.testing.assert_allclose(post.covariance, cov, rtol=1e-5, atol=1e-8)
    of_new = f.jacobian(x, NEW)
    want = of_new @ cov @ np.swapaxes(of_new, 1, 2)
    variance = post.predictor(NEW)[1]
    np.testing.assert_allclose(variance, want.reshape(variance.shape), rtol=1e-5, atol=1e-8)
    held = N * f.l2_of_parameters[f.l2_of_parameters > 0]
    values = np.linalg.eigvalsh(precision)[0 if null is None else 1 :]
    want = post.log_likelihood + 0.5 * np.log(held / 2 / np.pi).sum()
    want -= 0.5 * held @ x[f.l2_of_parameters > 0] ** 2
    want += 0.5 * (len(values) * np.log(2 * np.pi) - np.log(values).sum())
    np.testing.assert_allclose(post.log_marginal_likelihood, want, rtol=1e-8)


@pytest.mark.parametrize("loss", Y)
def test_a_network_without_hidden_layers_is_a_linear_model(loss):
    f = network(loss)
    linear = getattr(objectives, loss.capitalize())(X, Y[loss], l2=0.01)
    x = hessopt.minimize(linear, np.zeros(linear.n_parameters), tol=1e-10).x
    by_output = x.reshape(-1, 4)
    flat = f.flatten([(by_output[:, :3].T, by_output[:, 3])])
    ours, theirs = laplace(f, flat), laplace(linear, x)
    np.testing.assert_allclose(ours.log_likelihood, theirs.log_likelihood, rtol=1e-10)
    got, want = ours.log_marginal_likelihood, theirs.log_marginal_likelihood
    np.testing.assert_allclose(got, want, rtol=1e-8)
    np.testing.assert_allclose(ours.effective_parameters, theirs.effective_parameters, rtol=1e-6)
    np.testing.assert_allclose(ours.predict(NEW), theirs.predict(NEW), rtol=1e-6)


@pytest.mark.parametrize("loss", ["softmax", "logistic", "poisson"])
def test_the_last_layer_is_a_linear_model_of_its_inputs(loss):
    f, x = fitted(loss, Dense(4, "tanh"), Dense(2, "softplus"), l2=0.05)
    (W0, b0), (W1, b1), (W, b) = f.unflatten(x)

    def features(rows):
        return np.logaddexp(0, np.tanh(rows @ W0 + b0) @ W1 + b1)

    head = getattr(objectives, loss.capitalize())(features(X), Y[loss], l2=0.05)
    at = np.column_stack([W.T, b]).ravel()
    ours, theirs = laplace(f, x, subset="last_layer"), laplace(head, at)
    assert len(ours.mean) == len(at) == 3 * len(b)
    got, want = ours.log_marginal_likelihood, theirs.log_marginal_likelihood
    np.testing.assert_allclose(got, want, rtol=1e-7)
    np.testing.assert_allclose(ours.predict(NEW), theirs.predict(features(NEW)), rtol=1e-6)
    of_net, of_head = ours.predictor(NEW)[1], theirs.predictor(features(NEW))[1]
    if loss == "softmax":  # what is common to all classes depends on which shift is held
        less = np.eye(3) - 1 / 3
        of_net, of_head = less @ of_net @ less, less @ of_head @ less
    np.testing.assert_allclose(of_net, of_head, rtol=1e-5, atol=1e-9)
    chosen = np.arange(f.n_parameters)[f.last_layer]
    again = laplace(f, x, subset=chosen)
    np.testing.assert_array_equal(again.covariance, ours.covariance)


def test_a_subset_is_a_block_of_the_precision():
    f, x = fitted("logistic")
    some = np.array([3, 0, 7])
    whole, part = laplace(f, x), laplace(f, x, subset=some)
    precision = np.linalg.inv(whole.covariance)[np.ix_(some, some)]
    np.testing.assert_allclose(part.covariance, np.linalg.inv(precision), rtol=1e-5)
    assert part.effective_parameters < 3
    linear = objectives.Logistic(X, Y["logistic"], l2=0.1)
    at = hessopt.minimize(linear, np.zeros(4)).x
    block = laplace(linear, at, subset=[0, 3]).covariance
    precision = np.linalg.inv(linear.covariance(at))[np.ix_([0, 3], [0, 3])]
    np.testing.assert_allclose(block, np.linalg.inv(precision), rtol=1e-8)
    for wrong in ("first", [0, 0], [], [99]):
        with pytest.raises(ValueError, match="subset: got"):
            laplace(f, x, subset=wrong)
    with pytest.raises(ValueError, match="subset: got 'last_layer'; want indices"):
        laplace(linear, at, subset="last_layer")


def test_batches_and_weights():
    weight = rng.random(N)
    f = network("poisson", Dense(2, "tanh"), sample_weight=weight)
    rows = np.arange(10, 40)
    part, alone = f.batch(rows), Network(
        X[rows], Y["poisson"][rows], [Dense(2, "tanh"), Dense(1)],
        loss="poisson", l2=0.01, sample_weight=weight[rows],
    )  # fmt: skip
    assert part.log_constant(1.0) == pytest.approx(alone.log_constant(1.0), rel=1e-12)
    stronger, x = part.with_l2(0.5), part.initial(1)
    assert stronger.n_rows == 30
    assert stronger.value(x) == pytest.approx(alone.with_l2(0.5).value(x), rel=1e-12)


def test_the_strength_of_the_prior_and_the_noise_of_a_regression():
    f = network("squared", Dense(6, "tanh"), l2=1e-2)
    post = maximize_evidence(f, f.initial(2))
    assert 0.05 < np.sqrt(post.dispersion) < 0.15
    np.testing.assert_allclose(post.objective.l2, post.objective.l2[0])
    mean, variance = post.predictor(NEW)
    assert mean.shape == variance.shape == (4,)


def test_classes_of_a_network_against_its_linear_monte_carlo():
    f, x = fitted("softmax", l2=0.02)
    post = laplace(f, x)
    mean, covariance = post.predictor(NEW)
    roots = np.linalg.cholesky(covariance + 1e-12 * np.eye(3))
    e = np.random.default_rng(1).normal(size=(100_000, 1, 3))
    eta = mean + np.einsum("mkl,sml->smk", roots, np.broadcast_to(e, (100_000, 4, 3)))
    want = special.softmax(eta, axis=2).mean(axis=0)
    np.testing.assert_allclose(post.predict(NEW), want, atol=0.04)

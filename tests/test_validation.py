"""Bad input: the error names the argument, before any work."""

import numpy as np
import pytest

import hessopt
from hessopt import (
    Augmentation,
    Bernoulli,
    Discrete,
    Dropout,
    GaussianNoise,
    expectation,
    expected,
    expected_sigmoid,
    minimize,
    predict_distribution,
)
from hessopt.objectives import Huber, Logistic, Softmax, Squared

X, y, labels = np.ones((4, 2)), np.ones(4), np.array([0, 1, 1, 0])
wide = np.ones((4, 25))


class Own:
    def value_and_gradient(self, x, z):
        return square(x)


def sampled(noise, method="sample", **how):
    return expected(Squared(X, y), noise, method, **how)


nan = np.array([[1.0, np.nan], [1.0, 1.0]])
objects = np.array([["a", 1], [2, 3]], dtype=object)


def square(x):
    return float(x @ x), 2 * x


BAD = [
    # weighted_gram
    ("X", ValueError, lambda: hessopt.weighted_gram(np.ones(3), np.ones(3))),
    ("X", ValueError, lambda: hessopt.weighted_gram(np.ones((0, 2)), np.ones(0))),
    ("X", ValueError, lambda: hessopt.weighted_gram(nan, np.ones(2))),
    ("X", TypeError, lambda: hessopt.weighted_gram(objects, np.ones(2))),
    ("X", TypeError, lambda: hessopt.weighted_gram(X * 1j, np.ones(4))),
    ("X", TypeError, lambda: hessopt.weighted_gram(X.astype(np.float16), np.ones(4))),
    ("X", ValueError, lambda: hessopt.weighted_gram([[1, 2], [3]], np.ones(2))),
    ("X", TypeError, lambda: hessopt.weighted_gram("text", np.ones(2))),
    ("Z", ValueError, lambda: hessopt.weighted_gram(X, y, np.ones((3, 2)))),
    ("Z", ValueError, lambda: hessopt.weighted_gram(X, y, np.full((4, 2), np.nan))),
    ("add_to", TypeError, lambda: hessopt.weighted_gram(X, y, add_to=[[1.0]])),
    ("add_to", ValueError, lambda: hessopt.weighted_gram(X, y, add_to=np.ones((3, 3)))),
    ("add_to", ValueError, lambda: hessopt.weighted_gram(X, y, add_to=np.eye(2, dtype="f4"))),
    ("add_to", ValueError, lambda: hessopt.weighted_gram(X, y, add_to=np.ones((4, 4))[::2, ::2])),
    ("w", ValueError, lambda: hessopt.weighted_gram(X, np.ones(3))),
    ("w", ValueError, lambda: hessopt.weighted_gram(X, np.ones((4, 1)))),
    ("w", ValueError, lambda: hessopt.weighted_gram(X, [1, 2, 3, np.inf])),
    # cholesky_solve
    ("H", ValueError, lambda: hessopt.cholesky_solve(np.ones((2, 3)), np.ones(2))),
    ("H", ValueError, lambda: hessopt.cholesky_solve(nan.T, np.ones(2))),
    ("b", ValueError, lambda: hessopt.cholesky_solve(np.eye(2), np.ones(3))),
    ("b", ValueError, lambda: hessopt.cholesky_solve(np.eye(2), np.ones((2, 1, 1)))),
    ("b", ValueError, lambda: hessopt.cholesky_solve(np.eye(2), [np.nan, 1])),
    # two_loop
    ("g", ValueError, lambda: hessopt.two_loop(np.ones((2, 2)), np.eye(2), np.eye(2))),
    ("g", ValueError, lambda: hessopt.two_loop([], np.ones((0, 0)), np.ones((0, 0)))),
    ("S", ValueError, lambda: hessopt.two_loop(np.ones(3), np.eye(2), np.eye(2))),
    ("Y", ValueError, lambda: hessopt.two_loop(np.ones(2), np.eye(2), np.ones((1, 2)))),
    ("S, Y", ValueError, lambda: hessopt.two_loop(np.ones(2), np.eye(2), -np.eye(2))),
    ("S, Y", ValueError, lambda: hessopt.two_loop(np.ones(2), np.eye(2), nan)),
    ("S, Y", ValueError, lambda: hessopt.two_loop(np.ones(2), np.full((2, 2), np.inf), np.eye(2))),
    ("g", ValueError, lambda: hessopt.two_loop([1.0, np.nan], np.eye(2), np.eye(2))),
    # objectives
    ("X", ValueError, lambda: Squared(y, y)),
    ("X", ValueError, lambda: Squared(np.ones((0, 3)), [])),
    ("X", ValueError, lambda: Squared(np.ones((3, 0)), np.ones(3))),
    ("X", ValueError, lambda: Logistic(nan, [0, 1])),
    ("X", TypeError, lambda: Softmax(objects, [0, 1])),
    ("y", ValueError, lambda: Squared(X, np.ones(3))),
    ("y", ValueError, lambda: Squared(X, [1, 2, 3, np.nan])),
    ("y", TypeError, lambda: Logistic(X, list("abab"))),
    ("y", ValueError, lambda: Logistic(X, [0, 1, 2, 1])),
    ("y", ValueError, lambda: Logistic(X, [-1, 1, 1, -1])),
    ("y", ValueError, lambda: Softmax(X, [0, 1, 2, 0.5])),
    ("y", ValueError, lambda: Softmax(X, [0, 1, 2, -1])),
    ("y", ValueError, lambda: Softmax(X, [0, 0, 0, 0])),
    ("y", ValueError, lambda: Softmax(X, [0, 1, 2, 10**9])),
    ("sample_weight", ValueError, lambda: Squared(X, y, sample_weight=np.ones(3))),
    ("sample_weight", ValueError, lambda: Squared(X, y, sample_weight=[1, 1, -1, 1])),
    ("sample_weight", ValueError, lambda: Logistic(X, labels, sample_weight=np.zeros(4))),
    ("l2", ValueError, lambda: Squared(X, y, l2=-1.0)),
    ("l2", ValueError, lambda: Squared(X, y, l2=np.inf)),
    ("l2", TypeError, lambda: Squared(X, y, l2="0.1")),
    ("fit_intercept", TypeError, lambda: Squared(X, y, fit_intercept=1)),
    ("x", ValueError, lambda: Squared(X, y).value_and_gradient(np.ones(2))),
    ("x", ValueError, lambda: Squared(X, y).hessian(np.ones((3, 1)))),
    ("x", TypeError, lambda: Squared(X, y).value_and_gradient(list("abc"))),
    ("v", ValueError, lambda: Squared(X, y).hessp(np.ones(3), np.ones(4))),
    ("X", ValueError, lambda: Squared(np.ones((4, 2, 3)), y)),
    ("y", ValueError, lambda: Squared(X, y[:, None])),
    ("y", ValueError, lambda: Logistic(X, [1.5, 1, 0, 1])),
    ("l2", ValueError, lambda: Squared(X, y, l2=[[1, 2], [3]])),
    ("V", ValueError, lambda: Squared(X, y).evaluate(np.ones(3), V=np.ones(3))),
    ("V", ValueError, lambda: Squared(X, y).evaluate(np.ones(3), V=np.ones((2, 3)))),
    ("gradient", TypeError, lambda: Squared(X, y).evaluate(np.ones(3), gradient=1)),
    ("hessian", TypeError, lambda: Squared(X, y).evaluate(np.ones(3), hessian="yes")),
    ("rough", TypeError, lambda: Squared(X, y).evaluate(np.ones(3), rough="half")),
    ("rough", TypeError, lambda: Squared(X, y).evaluate(np.ones(3), rough=32)),
    ("step", ValueError, lambda: Squared(X, y).every(0)),
    ("step", ValueError, lambda: Softmax(X, labels).every(-3)),
    ("step", ValueError, lambda: Squared(X, y).every(2**70)),
    ("step", TypeError, lambda: Squared(X, y).every(1.5)),
    ("X", ValueError, lambda: Squared(X, y).part(np.ones((5, 2)), 0, 1)),
    ("X", ValueError, lambda: Squared(X, y).part(np.ones((2, 3)), 0, 1)),
    ("X", ValueError, lambda: Softmax(X, labels).part(nan, 0, 1)),
    ("begin", ValueError, lambda: Squared(X, y).part(X[:2], 3, 1)),
    ("begin", ValueError, lambda: Squared(X, y).part(X[:2], -1, 1)),
    ("begin", ValueError, lambda: Softmax(X, labels).part(X, 2**62, 1)),
    ("n_samples", ValueError, lambda: Squared(X, y).part(X, 0, 0)),
    ("n_samples", TypeError, lambda: Squared(X, y).part(X, 0, 1.0)),
    # solvers
    ("x0", ValueError, lambda: hessopt.LBFGS([])),
    ("x0", ValueError, lambda: hessopt.LBFGS([[1.0], [2.0, 3.0]])),
    ("x0", ValueError, lambda: hessopt.LBFGS([[1.0]])),
    ("x0", ValueError, lambda: hessopt.Newton([np.nan])),
    ("x0", TypeError, lambda: hessopt.Adam(["a"])),
    ("x0", ValueError, lambda: hessopt.GradientDescent(1.0)),
    ("maxcor", ValueError, lambda: hessopt.LBFGS([1.0], maxcor=0)),
    ("maxcor", TypeError, lambda: hessopt.LBFGS([1.0], maxcor=2.5)),
    ("gtol", ValueError, lambda: hessopt.Newton([1.0], gtol=-1)),
    ("gtol", ValueError, lambda: hessopt.Newton([1.0], gtol=np.nan)),
    ("maxiter", ValueError, lambda: hessopt.Newton([1.0], maxiter=-1)),
    ("learning_rate", ValueError, lambda: hessopt.Adam([1.0], learning_rate=0)),
    ("learning_rate", TypeError, lambda: hessopt.GradientDescent([1.0], learning_rate="1")),
    ("beta1", ValueError, lambda: hessopt.Adam([1.0], beta1=1.0)),
    ("epsilon", ValueError, lambda: hessopt.Adam([1.0], epsilon=0)),
    ("gtol_rel", ValueError, lambda: hessopt.BFGS([1.0], gtol_rel=-1)),
    ("ftol", ValueError, lambda: hessopt.BFGS([1.0], ftol=np.inf)),
    ("xtol", TypeError, lambda: hessopt.TrustRegion([1.0], xtol="small")),
    ("maxfun", TypeError, lambda: hessopt.NewtonCG([1.0], maxfun=1.5)),
    ("maxtime", ValueError, lambda: hessopt.NewtonCG([1.0], maxtime=-1)),
    ("history", TypeError, lambda: hessopt.Newton([1.0], history=1)),
    ("eps", TypeError, lambda: hessopt.Newton([1.0], eps=1)),
    ("history", TypeError, lambda: hessopt.Newton([1.0]).resume(history=True)),
    ("hessian_every", ValueError, lambda: hessopt.Newton([1.0], hessian_every=0)),
    ("initial_step", ValueError, lambda: hessopt.LBFGS([1.0], initial_step=0)),
    ("initial_step", ValueError, lambda: hessopt.TrustRegion([1.0], initial_step=np.inf)),
    ("initial_step", TypeError, lambda: hessopt.BFGS([1.0], initial_step="1")),
    ("history_dtype", ValueError, lambda: hessopt.LBFGS([1.0], history_dtype="float16")),
    ("preconditioner", ValueError, lambda: hessopt.LBFGS([1.0, 2.0], preconditioner=[1.0])),
    ("preconditioner", ValueError, lambda: hessopt.LBFGS([1.0, 2.0], preconditioner=[1, -1])),
    ("preconditioner", ValueError, lambda: hessopt.NewtonCG([1.0], preconditioner="jacobi")),
    ("preconditioner", ValueError, lambda: hessopt.LBFGS([1.0], preconditioner=[np.nan])),
    ("momentum", ValueError, lambda: hessopt.GradientDescent([1.0], momentum=1.0)),
    ("weight_decay", ValueError, lambda: hessopt.Adam([1.0], weight_decay=-0.1)),
    ("amsgrad", TypeError, lambda: hessopt.Adam([1.0], amsgrad=1)),
    ("g", ValueError, lambda: hessopt.LBFGS([1.0]).tell(1.0, [1.0, 2.0])),
    ("g", TypeError, lambda: hessopt.LBFGS([1.0]).tell(1.0, ["a"])),
    ("f", TypeError, lambda: hessopt.LBFGS([1.0]).tell(None, [1.0])),
    ("f", TypeError, lambda: hessopt.LBFGS([1.0]).tell(1j, [1.0])),
    ("f", ValueError, lambda: hessopt.LBFGS([1.0]).tell([1.0, 2.0], [1.0])),
    ("fun", TypeError, lambda: minimize(lambda x: float(x @ x), [1.0], jac=True)),
    # minimize
    ("fun", TypeError, lambda: minimize(3, [1.0], jac=True)),
    ("jac", ValueError, lambda: minimize(lambda x: 0.0, [1.0], jac=3)),
    ("jac", ValueError, lambda: minimize(Squared(X, y), np.zeros(3), jac=True)),
    ("hess", TypeError, lambda: minimize(square, [1.0], jac=True, hess=np.eye(1))),
    ("hess", ValueError, lambda: minimize(square, [1.0], method="newton", jac=True)),
    ("method", ValueError, lambda: minimize(square, [1.0], method="simplex", jac=True)),
    ("method", ValueError, lambda: minimize(square, [1.0], method=3, jac=True)),
    ("x0", ValueError, lambda: minimize(Squared(X, y), np.zeros(4))),
    ("x0", ValueError, lambda: minimize(Squared(X, y), hessopt.LBFGS(np.zeros(4)))),
    ("x0", ValueError, lambda: minimize(square, [np.inf], jac=True)),
    ("x0", ValueError, lambda: minimize(square, [[5.0]], jac=True)),
    ("x0", TypeError, lambda: minimize(square, 5j, jac=True)),
    ("x0", TypeError, lambda: minimize(square, [{}, 1.0], jac=True)),
    ("tol", ValueError, lambda: minimize(square, hessopt.LBFGS([1.0]), jac=True, tol=1e-3)),
    ("gtol", TypeError, lambda: minimize(square, [1.0], jac=True, tol="small")),
    ("callback", TypeError, lambda: minimize(square, [1.0], jac=True, callback=7)),
    ("eps", TypeError, lambda: minimize(lambda x: 0.0, [1.0], options={"eps": "1"})),
    ("maxiter", TypeError, lambda: minimize(square, [1.0], jac=True, options={"maxiter": "1"})),
    ("norm", ValueError, lambda: minimize(square, [1.0], jac=True, tol=1, options={"norm": -1})),
    ("workers", TypeError, lambda: minimize(lambda x: 0.0, [1.0], options={"workers": 1.5})),
    ("bounds", ValueError, lambda: minimize(square, [1.0], jac=True, bounds=[(1, 0)])),
    ("bounds", ValueError, lambda: minimize(square, [1.0], jac=True, bounds=[(None, None)] * 2)),
    ("constraints", ValueError, lambda: minimize(square, [1.0], jac=True, constraints={"type": 1})),
    ("options", TypeError, lambda: minimize(square, [1.0], jac=True, options=[1])),
    ("progress", TypeError, lambda: minimize(square, [1.0], jac=True, options={"progress": 1})),
    (
        "check_repeatable",
        TypeError,
        lambda: minimize(square, [1.0], jac=True, options={"check_repeatable": 1}),
    ),
    ("jac", ValueError, lambda: minimize(lambda x: 1.0, [1.0], jac="4-point")),
    ("hessp", TypeError, lambda: minimize(square, [1.0], jac=True, hessp=3)),
    ("jac", ValueError, lambda: minimize(lambda x: 0.0, [1.0], method="newton_cg")),
    ("jac", ValueError, lambda: minimize(lambda x: 0.0, [1.0], hess="2-point")),
    ("hess", TypeError, lambda: minimize(square, [1.0], jac=True, hess="4-point")),
    ("fun", TypeError, lambda: minimize(lambda x: None, [1.0, 2.0])),
    ("fun", ValueError, lambda: minimize(lambda x: x, [1.0, 2.0])),
    ("fun", ValueError, lambda: minimize(lambda x: x, [1.0, 2.0], jac=lambda x: x)),
    ("fun", TypeError, lambda: minimize(lambda x: 1j, [1.0], jac=lambda x: x)),
    ("x", ValueError, lambda: hessopt.check_derivatives(square, [])),
    ("x", ValueError, lambda: hessopt.check_derivatives(square, [np.nan])),
    ("tolerance", ValueError, lambda: hessopt.check_derivatives(square, [1.0], tolerance=-1)),
    ("g", ValueError, lambda: hessopt.check_derivatives(lambda x: (1.0, [1.0]), [1.0, 2])),
    (
        "hess",
        ValueError,
        lambda: hessopt.check_derivatives(square, [1.0], hess=lambda x: np.eye(2)),
    ),
    ("g", ValueError, lambda: minimize(lambda x: (1.0, np.ones(2)), [1.0], jac=True)),
    ("H", ValueError, lambda: minimize(square, [1.0], jac=True, hess=lambda x: np.eye(2))),
    # noise
    ("rate", ValueError, lambda: Dropout(1.0)),
    ("rate", ValueError, lambda: Dropout(-0.1)),
    ("rate", ValueError, lambda: Dropout(np.nan)),
    ("rate", TypeError, lambda: Dropout("half")),
    ("seed", ValueError, lambda: Dropout(0.5, seed=-1)),
    ("seed", TypeError, lambda: Dropout(0.5, seed=1.5)),
    ("rate", ValueError, lambda: hessopt.dropout(X, 1, 0)),
    ("seed", ValueError, lambda: hessopt.dropout(X, 0.5, 2**64)),
    ("stream", ValueError, lambda: hessopt.dropout(X, 0.5, 0, stream=2**32)),
    ("x", TypeError, lambda: hessopt.dropout(objects, 0.5, 0)),
    ("out", ValueError, lambda: hessopt.dropout(X, 0.5, 0, out=np.ones(8))),
    ("out", ValueError, lambda: hessopt.dropout(X, 0.5, 0, out=X.astype(np.float32))),
    ("out", ValueError, lambda: hessopt.dropout(X, 0.5, 0, out=np.broadcast_to(X, X.shape))),
    ("out", TypeError, lambda: hessopt.dropout(X, 0.5, 0, out=[1, 2])),
    ("scaling", ValueError, lambda: hessopt.dropout(X, 0.5, 0, scaling="none")),
    ("shared_axes", ValueError, lambda: hessopt.dropout(X, 0.5, 0, shared_axes=2)),
    ("shared_axes", TypeError, lambda: hessopt.dropout(X, 0.5, 0, shared_axes=[0.0])),
    ("offset", ValueError, lambda: hessopt.dropout(X, 0.5, 0, offset=2**63 - 1)),
    ("antithetic", TypeError, lambda: hessopt.dropout(X, 0.5, 0, antithetic=1)),
    ("rate", ValueError, lambda: hessopt.gaussian_dropout(X, 1.0, 0)),
    ("x", TypeError, lambda: hessopt.gaussian_dropout(objects, 0.5, 0)),
    ("keep", ValueError, lambda: hessopt.bernoulli_mask(5, 1.5, 0)),
    ("keep", ValueError, lambda: hessopt.bernoulli_mask(5, np.nan, 0)),
    ("shape", ValueError, lambda: hessopt.bernoulli_mask(-5, 0.5, 0)),
    ("shape", TypeError, lambda: hessopt.bernoulli_mask(2.5, 0.5, 0)),
    ("shape", TypeError, lambda: hessopt.bernoulli_mask((2, "a"), 0.5, 0)),
    ("shape", TypeError, lambda: hessopt.bernoulli_mask("12", 0.5, 0)),
    ("shape", ValueError, lambda: hessopt.bernoulli_mask((2**40, 2**40), 0.5, 0)),
    ("shape", ValueError, lambda: hessopt.bernoulli_mask((2**40, 2**40), 0.5, 0, shared_axes=0)),
    ("offset", ValueError, lambda: hessopt.bernoulli_mask(5, 0.5, 0, offset=-1)),
    ("offset", ValueError, lambda: hessopt.bernoulli_mask(5, 0.5, 0, offset=2**63 - 2)),
    ("packed", TypeError, lambda: hessopt.bernoulli_mask(5, 0.5, 0, packed=1)),
    ("packed", ValueError, lambda: hessopt.bernoulli_mask(5, 0.5, 0, packed=True, shared_axes=0)),
    ("dtype", ValueError, lambda: hessopt.bernoulli_mask(5, 0.5, 0, dtype=int)),
    # expectation
    ("probabilities", ValueError, lambda: Discrete([1, 2], [0.5, 0.6])),
    ("probabilities", ValueError, lambda: Discrete([1, 2], [1.5, -0.5])),
    ("probabilities", ValueError, lambda: Discrete([1, 2], [1.0])),
    ("values", ValueError, lambda: Discrete([], [])),
    ("size", ValueError, lambda: Bernoulli(0.5, size=0)),
    ("keep", ValueError, lambda: Bernoulli(2.0, size=3)),
    ("f", TypeError, lambda: expectation(3, Discrete([1], [1]))),
    ("law", TypeError, lambda: expectation(abs, [1, 2])),
    ("method", ValueError, lambda: expectation(abs, Discrete([1], [1]), method="sample")),
    ("method", ValueError, lambda: expectation(abs, Bernoulli(0.5, 2), method="guess")),
    ("method", ValueError, lambda: expectation(abs, Bernoulli(0.5, 25), method="exact")),
    ("method", ValueError, lambda: expectation(abs, hessopt.Normal([0, 0]), method="adaptive")),
    ("method", ValueError, lambda: expectation(abs, hessopt.Samples([1, 2]), method="sobol")),
    ("law", ValueError, lambda: expectation(abs, hessopt.Normal(np.zeros(6)), method="gauss")),
    ("tol", ValueError, lambda: expectation(abs, hessopt.Normal(), tol=-1)),
    ("tol", TypeError, lambda: expectation(abs, hessopt.Normal(), tol="small")),
    ("max_evaluations", ValueError, lambda: expectation(abs, hessopt.Normal(), max_evaluations=1)),
    (
        "n_samples",
        ValueError,
        lambda: expectation(abs, hessopt.Normal(), method="sample", n_samples=9, tol=0.1),
    ),
    ("n_samples", ValueError, lambda: expectation(abs, hessopt.Samples([1, 2]), n_samples=9)),
    ("values", ValueError, lambda: hessopt.Samples([1.0])),
    ("values", TypeError, lambda: hessopt.Samples(objects)),
    ("weights", ValueError, lambda: hessopt.Samples([1, 2], [1, -1])),
    ("weights", ValueError, lambda: hessopt.Samples([1, 2], [1, 0])),
    ("weights", ValueError, lambda: hessopt.Samples([1, 2], [1, 1, 1])),
    ("mean", ValueError, lambda: hessopt.Normal(np.nan)),
    ("mean", ValueError, lambda: hessopt.Normal(np.eye(2))),
    ("mean", ValueError, lambda: hessopt.Normal([0, 0, 0], cov=np.eye(2))),
    ("scale", ValueError, lambda: hessopt.Normal(0, -1)),
    ("scale", ValueError, lambda: hessopt.Normal([0, 0], [1, 2, 3])),
    ("scale", ValueError, lambda: hessopt.Normal([0, 0], 1.0, cov=np.eye(2))),
    ("cov", ValueError, lambda: hessopt.Normal([0, 0], cov=[[1, 2], [2, 1]])),
    ("cov", ValueError, lambda: hessopt.Normal([0, 0], cov=[[1, 2], [0, 1]])),
    ("seed", ValueError, lambda: hessopt.Normal(seed=-1)),
    ("lower", ValueError, lambda: hessopt.Uniform(1, 0)),
    ("upper", ValueError, lambda: hessopt.Uniform([0, 0], [1, 1, 1])),
    ("upper", ValueError, lambda: hessopt.Uniform(0, np.inf)),
    ("pdf", TypeError, lambda: hessopt.Density(1.0, 0, 1)),
    ("lower", ValueError, lambda: hessopt.Density(abs, 1, 1)),
    ("lower", ValueError, lambda: hessopt.Density(abs, np.nan, 1)),
    ("upper", TypeError, lambda: hessopt.Density(abs, 0, "inf")),
    ("normalized", TypeError, lambda: hessopt.Density(abs, 0, 1, normalized=1)),
    ("pdf(z)", ValueError, lambda: expectation(abs, hessopt.Density(np.negative, 0, 1))),
    ("pdf(z)", ValueError, lambda: expectation(abs, hessopt.Density(lambda z: 1.0, 0, 1))),
    ("pdf", ValueError, lambda: expectation(abs, hessopt.Density(abs, 0, 1))),
    ("n_samples", ValueError, lambda: expectation(abs, Bernoulli(0.5, 2), n_samples=5)),
    (
        "n_samples",
        ValueError,
        lambda: expectation(abs, Bernoulli(0.5, 2), method="sample", n_samples=1),
    ),
    ("f(z)", ValueError, lambda: expectation(np.sum, Discrete([1, 2], [0.5, 0.5]))),
    ("objective", TypeError, lambda: expected(square, Dropout(0.5), "sample")),
    ("noise", TypeError, lambda: expected(Squared(X, y), 0.5, "exact")),
    ("method", ValueError, lambda: expected(Squared(X, y), Dropout(0.5), "quick")),
    ("method", ValueError, lambda: expected(Logistic(wide, labels), Dropout(0.5), "exact")),
    # many masks
    ("n_samples", ValueError, lambda: hessopt.dropout_samples(X, 0.5, 0, 0)),
    ("n_samples", ValueError, lambda: hessopt.dropout_moments(X, 0.5, 0, 1)),
    ("n_samples", TypeError, lambda: hessopt.dropout_linear(X, X, 0.5, 0, 2.5)),
    ("stream", ValueError, lambda: hessopt.dropout_samples(X, 0.5, 0, 2, stream=2**32 - 1)),
    ("rate", ValueError, lambda: hessopt.dropout_moments(X, 1.0, 0, 2)),
    ("seed", ValueError, lambda: hessopt.dropout_linear(X, X, 0.5, -1, 2)),
    ("x", TypeError, lambda: hessopt.dropout_moments(objects, 0.5, 0, 2)),
    ("out", ValueError, lambda: hessopt.dropout_samples(X, 0.5, 0, 3, out=np.ones((2, 4, 2)))),
    ("h", ValueError, lambda: hessopt.dropout_linear(y, X, 0.5, 0, 2)),
    ("W", ValueError, lambda: hessopt.dropout_linear(X, np.ones((3, 3)), 0.5, 0, 2)),
    ("bias", ValueError, lambda: hessopt.dropout_linear(X, X, 0.5, 0, 2, bias=[1.0])),
    ("shared", TypeError, lambda: hessopt.dropout_linear(X, X, 0.5, 0, 2, shared=1)),
    # expected_sigmoid
    ("X", ValueError, lambda: expected_sigmoid(nan, [1, 1], Dropout(0.5), "exact")),
    ("X", ValueError, lambda: expected_sigmoid(wide, wide[0], Dropout(0.5), "exact")),
    ("x", ValueError, lambda: expected_sigmoid(X, [1, 1, 1, 1], Dropout(0.5), "exact")),
    ("x", ValueError, lambda: expected_sigmoid(X, [1, np.nan], Dropout(0.5), "exact")),
    ("noise", TypeError, lambda: expected_sigmoid(X, [1, 1], 0.5, "exact")),
    ("method", ValueError, lambda: expected_sigmoid(X, [1, 1], Dropout(0.5), "sample")),
    ("method", ValueError, lambda: expected_sigmoid(X, [1, 1], GaussianNoise(1), "exact")),
    ("method", ValueError, lambda: expected(Softmax(X, labels), Dropout(0.5), "normal")),
    ("method", ValueError, lambda: expected(Huber(wide, y), Dropout(0.5), "exact")),
    ("method", ValueError, lambda: expected(Huber(X, y), GaussianNoise(1.0), "taylor")),
    ("noise", TypeError, lambda: expected(Softmax(X, labels), 0.5, "taylor")),
    (
        "n_samples",
        ValueError,
        lambda: expected(Softmax(X, labels), Dropout(0.5), "taylor", n_samples=5),
    ),
    (
        "objective",
        TypeError,
        lambda: expected(expected(Squared(X, y), Dropout(0.5), "sample"), Dropout(0.5), "sample"),
    ),
    (
        "n_samples",
        ValueError,
        lambda: expected(Squared(X, y), Dropout(0.5), "sample", n_samples=0),
    ),
    (
        "n_samples",
        ValueError,
        lambda: expected(Squared(X, y), Dropout(0.5), "exact", n_samples=5),
    ),
    ("sampling", ValueError, lambda: sampled(Dropout(0.5), sampling="halton")),
    ("sampling", ValueError, lambda: sampled(Dropout(0.5), "exact", sampling="sobol")),
    ("sampling", ValueError, lambda: sampled(Augmentation(lambda X, rng: X), sampling="sobol")),
    ("n_samples", ValueError, lambda: sampled(Dropout(0.5), n_samples=3, sampling="antithetic")),
    ("n_samples", ValueError, lambda: sampled(Dropout(0.5), n_samples=24, sampling="sobol")),
    ("method", ValueError, lambda: sampled(Augmentation(lambda X, rng: X), "exact")),
    ("sampler", TypeError, lambda: Augmentation(0.5)),
    ("objective", TypeError, lambda: expected(square, hessopt.Normal(), "sample")),
    ("noise", TypeError, lambda: sampled(hessopt.Normal())),
    ("method", ValueError, lambda: expected(Own(), hessopt.Normal(), "exact")),
    ("method", ValueError, lambda: expected(Own(), Discrete([1, 2], [0.5, 0.5]), "sample")),
    ("size", ValueError, lambda: expected(Own(), Bernoulli(0.5, 20), "exact")),
    (
        "n_samples",
        ValueError,
        lambda: expected(Own(), hessopt.Normal(), "sample", n_samples=3, sampling="antithetic"),
    ),
    (
        "sampling",
        ValueError,
        lambda: expected(Own(), Discrete([1, 2], [0.5, 0.5]), "exact", sampling="sobol"),
    ),
    ("seed", ValueError, lambda: Augmentation(lambda X, rng: X, seed=-1)),
    # prediction
    ("predict", TypeError, lambda: predict_distribution(3, X, Dropout(0.5))),
    ("X", ValueError, lambda: predict_distribution(abs, np.ones(3), Dropout(0.5))),
    ("noise", TypeError, lambda: predict_distribution(abs, X, hessopt.DropConnect(0.5))),
    ("noise", TypeError, lambda: predict_distribution(abs, X, 0.5)),
    ("sampling", ValueError, lambda: predict_distribution(abs, X, Dropout(0.5), sampling="qmc")),
    ("shared", TypeError, lambda: predict_distribution(abs, X, Dropout(0.5), shared=1)),
    ("progress", TypeError, lambda: predict_distribution(abs, X, Dropout(0.5), progress=1)),
    ("tol", ValueError, lambda: predict_distribution(abs, X, Dropout(0.5), tol=-0.1)),
    ("n_samples", ValueError, lambda: predict_distribution(abs, X, Dropout(0.5), n_samples=1)),
    ("max_samples", ValueError, lambda: predict_distribution(abs, X, Dropout(0.5), max_samples=1)),
    (
        "n_samples",
        ValueError,
        lambda: predict_distribution(abs, X, Dropout(0.5), n_samples=9, tol=0.1),
    ),
    ("predict(X)", ValueError, lambda: predict_distribution(np.sum, X, Dropout(0.5))),
    ("predict(X)", TypeError, lambda: predict_distribution(lambda x: None, X, Dropout(0.5))),
    ("predictors", ValueError, lambda: hessopt.ensemble_distribution(np.ones((1, 3)))),
    ("predictors", ValueError, lambda: hessopt.ensemble_distribution(np.ones(3))),
    ("predictors", ValueError, lambda: hessopt.ensemble_distribution([abs], X)),
    ("predictors", TypeError, lambda: hessopt.ensemble_distribution(np.ones((2, 4)), X)),
    (
        "predict(X)",
        ValueError,
        lambda: hessopt.ensemble_distribution([lambda x: x, lambda x: x[:, :1]], X),
    ),
    ("mode", ValueError, lambda: hessopt.show_config("json")),
    ("shared_axes", TypeError, lambda: hessopt.dropout(X, 0.5, 1, shared_axes=memoryview(b"a"))),
    ("shape", TypeError, lambda: hessopt.bernoulli_mask(memoryview(b"ab"), 0.5, 1)),
    ("link", TypeError, lambda: Squared(X, y, link="log")),
    ("l1", ValueError, lambda: Logistic(X, y, l1=-0.1)),
    ("l1", ValueError, lambda: Softmax(X, y, l1=[0.1] * 7)),
    ("alpha", TypeError, lambda: Huber(X, y, alpha=0.1)),
]


@pytest.mark.parametrize(
    ("name", "kind", "call"), BAD, ids=[f"{i}-{name}" for i, (name, _, _) in enumerate(BAD)]
)
def test_the_error_names_the_argument(name, kind, call):
    with pytest.raises(kind) as caught:
        call()
    message = str(caught.value)
    assert message.startswith(f"{name}: got "), message
    assert "; want " in message


def test_ordinary_input_of_other_types_is_taken():
    ints = hessopt.weighted_gram([[1, 2], [3, 4]], [1, 1])
    assert ints.dtype == np.float64
    swapped = X.astype(">f8")
    np.testing.assert_array_equal(hessopt.weighted_gram(swapped, y), hessopt.weighted_gram(X, y))
    fields = np.zeros(4, dtype=[("a", "f4"), ("b", "f8")])  # strides that are no multiple of 8
    fields["b"] = [1, 2, 3, 4]
    np.testing.assert_array_equal(
        hessopt.weighted_gram(X, fields["b"]), hessopt.weighted_gram(X, [1, 2, 3, 4])
    )
    assert Squared(X, y, sample_weight=np.array([1, 0, 2, 3], np.int8)).n_parameters == 3
    assert Logistic(X, np.array([True, False, True, True])).n_parameters == 3
    assert minimize(square, np.array([2], np.int32), jac=True).success
    for one in (np.float32(5), np.array([5.0]), np.array(5), 5, True):  # f(x) as it often comes
        solver = hessopt.LBFGS([1.0])
        solver.tell(one, [1.0])
        assert solver.fun == one


def test_broadcast_rows_are_read_in_place():
    A = np.broadcast_to(np.array([1.0, 2.0, 3.0]), (500, 3))  # a row stride of 0
    np.testing.assert_allclose(hessopt.weighted_gram(A, np.ones(500)), A.T @ A)


def test_a_family_that_is_not_here_is_named():
    with pytest.raises(AttributeError, match=r"^hessopt.objectives has no Logistics$"):
        _ = hessopt.objectives.Logistics

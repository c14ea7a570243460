"""Sums over all masks against itertools, mpmath, quadrature and differences."""

import itertools
import math

import mpmath
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

from hessopt import (
    DropConnect,
    Dropout,
    GaussianDropout,
    GaussianNoise,
    expected,
    expected_sigmoid,
    minimize,
)
from hessopt.objectives import Huber, Logistic, Softmax

rng = np.random.default_rng(0)


def masks(p, rate):
    """Every mask of p inputs and its probability."""
    z = np.array(list(itertools.product([0, 1], repeat=p)), dtype=float)
    return z, np.prod(np.where(z == 1, 1 - rate, rate), axis=1)


def precise_sigmoid(row, w, b, rate):
    """The sum over masks in 40 digits."""
    with mpmath.workdps(40):
        keep = 1 - mpmath.mpf(rate)
        total = mpmath.mpf(0)
        for z in itertools.product([0, 1], repeat=len(row)):
            t = mpmath.mpf(b)
            for kept, x, factor in zip(z, row, w, strict=True):
                if kept:
                    t += mpmath.mpf(x) * mpmath.mpf(factor) / keep
            weight = keep ** sum(z) * (1 - keep) ** (len(row) - sum(z))
            total += weight / (1 + mpmath.exp(-t))
        return float(total)


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.5, 0.95])
@pytest.mark.parametrize("scale", [0.1, 3.0, 1000.0])  # the last past the range of one exponential
def test_the_enumerated_sigmoid_to_twelve_digits(rate, scale):
    X, w = scale * rng.normal(size=(3, 7)), rng.normal(size=7)
    X[1, [2, 5]] = 0
    got = expected_sigmoid(X, np.append(w, 0.3), Dropout(rate), "exact")
    want = [precise_sigmoid(row, w, 0.3, rate) for row in X]
    np.testing.assert_allclose(got, want, rtol=0, atol=1e-12)
    connect = expected_sigmoid(X, np.append(w, 0.3), DropConnect(rate), "exact")
    assert np.array_equal(got, connect)


def test_a_million_masks():
    p, rate, b = 20, 0.3, -0.4
    row, w = rng.normal(size=p), rng.normal(size=p)
    terms, weights = np.array([b]), np.array([1.0])
    for a in row * w / (1 - rate):
        terms = np.concatenate([terms, terms + a])
        weights = np.concatenate([weights * rate, weights * (1 - rate)])
    want = math.fsum(weights * expit(terms))
    got = expected_sigmoid(row[None], np.append(w, b), Dropout(rate), "exact")[0]
    assert abs(got - want) < 1e-13


def test_only_inputs_that_matter_are_enumerated():
    X = np.zeros((4, 3000))
    X[:, 2000:2005] = rng.normal(size=(4, 5))
    w = np.zeros(3000)
    w[1995:2003] = 1.5
    got = expected_sigmoid(X, w, Dropout(0.5), "exact")
    want = expected_sigmoid(X[:, 2000:2003], w[2000:2003], Dropout(0.5), "exact")
    np.testing.assert_allclose(got, want, rtol=0, atol=1e-15)
    nothing = expected_sigmoid(X, np.append(0 * w, 0.7), Dropout(0.5), "exact")
    np.testing.assert_allclose(nothing, expit(0.7), atol=1e-16)


def test_the_normal_sigmoid_is_its_integral():
    X, w, b = rng.normal(size=(2, 4)).astype(np.float32), 2 * rng.normal(size=4), 0.2
    wide = X.astype(np.float64)
    for noise, variance in [
        (Dropout(0.4), 0.4 / 0.6 * (wide**2 @ w**2)),
        (DropConnect(0.4), 0.4 / 0.6 * (wide**2 @ w**2)),
        (GaussianDropout(0.4), 0.4 / 0.6 * (wide**2 @ w**2)),
        (GaussianNoise(1.5), np.full(2, 1.5**2 * w @ w)),
    ]:
        got = expected_sigmoid(X, np.append(w, b), noise, "normal")
        for value, mean, s2 in zip(got, wide @ w + b, variance, strict=True):

            def density(t, mean=mean, s2=s2):
                return expit(mean + np.sqrt(s2) * t) * norm.pdf(t)

            want = quad(density, -10, 10, epsabs=1e-12, limit=200, points=[0])[0]
            assert value == pytest.approx(want, abs=1e-8)


def test_a_model_predicts_by_the_gradient_of_its_objective():
    """d/db E l = E sigma - y, so that at y = 0 the gradient in the intercept is the prediction."""
    X = rng.normal(size=(5, 6))
    x = rng.normal(size=7)
    for method in ("exact", "normal"):
        parts = [
            expected(Logistic(row[None], [0]), Dropout(0.3), method).value_and_gradient(x)[1][-1]
            for row in X
        ]
        got = expected_sigmoid(X, x, Dropout(0.3), method)
        np.testing.assert_allclose(got, parts, rtol=1e-12)


def pointwise(kind, eta, y):
    """Loss of predictors (masks, outputs)."""
    if kind is Softmax:
        return np.log(np.exp(eta).sum(axis=1)) - eta[:, int(y)]
    if kind is Logistic:
        return np.logaddexp(0, eta[:, 0]) - y * eta[:, 0]
    r = np.abs(eta[:, 0] - y)
    return np.where(r <= 1, r * r / 2, r - 0.5)


def enumerated(kind, X, y, x, rate, l2, weight, offset, intercept):
    p = X.shape[1]
    z, probability = masks(p, rate)
    each = x.reshape(-1, p + intercept)
    total = 0.5 * l2 * (each[:, :p] ** 2).sum()
    for row, target, w, shift in zip(X, y, weight / weight.sum(), offset, strict=True):
        eta = (z * row / (1 - rate)) @ each[:, :p].T + shift
        if intercept:
            eta = eta + each[:, p]
        total += w * probability @ pointwise(kind, eta, target)
    return total


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("kind", [Logistic, Huber, Softmax])
@pytest.mark.parametrize("p", [1, 3, 11])  # 11 inputs take two blocks of masks
def test_the_enumerated_objective_is_the_sum(kind, p, intercept):
    rng, n = np.random.default_rng(p), 4
    X = rng.normal(size=(n, p))
    X[0, 0] = 0
    y = np.array([0, 2, 1, 2]) if kind is Softmax else np.array([0, 1, 1, 0])
    weight, offset = rng.uniform(1, 2, n), rng.normal(size=(n, 3 if kind is Softmax else 1))
    given = offset if kind is Softmax else offset[:, 0]
    model = kind(X, y, sample_weight=weight, offset=given, l2=0.1, fit_intercept=intercept)
    f = expected(model, Dropout(0.3), "exact")
    x = 0.5 * rng.normal(size=f.n_parameters)

    def value(at):
        return enumerated(kind, X, y, at, 0.3, 0.1, weight, offset, intercept)

    v = rng.normal(size=len(x))
    got, gradient, hessian, product = f.evaluate(x, hessian=True, V=v[:, None])
    assert got == pytest.approx(value(x), rel=1e-13)
    h = 1e-5 * np.eye(len(x))
    slope = [(value(x + e) - value(x - e)) / 2e-5 for e in h]
    np.testing.assert_allclose(gradient, slope, atol=1e-9)
    g = f.value_and_gradient
    curvature = [(g(x + e)[1] - g(x - e)[1]) / 2e-5 for e in h]
    np.testing.assert_allclose(hessian, curvature, atol=2e-3 if kind is Huber else 1e-9)
    assert np.array_equal(hessian, hessian.T)
    np.testing.assert_allclose(product[:, 0], hessian @ v, rtol=1e-11)
    np.testing.assert_allclose(f.hessp(x, v), hessian @ v, rtol=1e-11)
    assert np.array_equal(f.hessian(x), hessian)
    assert np.array_equal(f.value_and_gradient(x)[1], gradient)


def test_no_dropout_is_the_objective_itself():
    X, y = rng.normal(size=(30, 5)).astype(np.float32), rng.integers(0, 3, 30)
    f = Softmax(X, y, l2=0.2)
    x = rng.normal(size=f.n_parameters)
    exact = expected(f, Dropout(0.0), "exact").evaluate(x, hessian=True)
    for a, b in zip(exact[:3], f.evaluate(x, hessian=True)[:3], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


def test_softmax_of_two_classes_is_logistic():
    X, y = rng.normal(size=(12, 4)), rng.integers(0, 2, 12)
    w = rng.normal(size=5)
    soft = expected(Softmax(X, y), Dropout(0.4), "exact").value_and_gradient([*np.zeros(5), *w])
    plain = expected(Logistic(X, y), Dropout(0.4), "exact").value_and_gradient(w)
    assert soft[0] == pytest.approx(plain[0], rel=1e-14)
    np.testing.assert_allclose(soft[1][5:], plain[1], rtol=1e-12)


def test_newton_ends_at_the_enumerated_optimum():
    X, y = rng.normal(size=(40, 6)), rng.integers(0, 2, 40)
    f = expected(Logistic(X, y, l2=1e-3), Dropout(0.5), "exact")
    fit = minimize(f, np.zeros(7), tol=1e-12)
    assert fit.success
    assert fit.nit <= 10
    near = minimize(expected(Logistic(X, y, l2=1e-3), Dropout(0.5), "normal"), np.zeros(7)).x
    assert f.value_and_gradient(near)[0] >= fit.fun
    np.testing.assert_allclose(near, fit.x, atol=0.1)


def test_too_many_masks_are_refused_before_any_work():
    X = np.ones((3000, 20))
    with pytest.raises(ValueError, match="method: got 'exact' for 3000 x 20 inputs; want at most"):
        expected(Logistic(X, np.arange(3000) % 2), Dropout(0.5), "exact")
    with pytest.raises(ValueError, match="X: got a row with 25 inputs that are not zero"):
        expected_sigmoid(np.ones((2, 25)), np.ones(25), Dropout(0.5), "exact")


def test_bits_do_not_depend_on_the_number_of_threads():
    from threadpoolctl import threadpool_limits

    rng = np.random.default_rng(1)
    X, labels = rng.normal(size=(500, 9)), rng.integers(0, 3, 500)
    soft = expected(Softmax(X, labels, l2=0.1), Dropout(0.4), "exact")
    huber = expected(Huber(X.astype(np.float32), labels), Dropout(0.4), "exact")
    x = rng.normal(size=30)
    long = rng.normal(size=(30, 19))

    def everything():
        return [
            *soft.evaluate(x, hessian=True, V=np.outer(x, [1.0, 2.0])),
            *huber.evaluate(x[:10], hessian=True)[:3],
            expected_sigmoid(long, x[:20], Dropout(0.2), "exact"),
            expected_sigmoid(np.tile(long, (60, 1)), x[:20], Dropout(0.2), "normal"),
        ]

    with threadpool_limits(1, user_api="openmp"):
        want = everything()
    for threads in (2, 3, 8):
        with threadpool_limits(threads, user_api="openmp"):
            for a, b in zip(want, everything(), strict=True):
                assert np.array_equal(a, b)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_probabilities_are_between_0_and_1(dtype):
    """Also where they are 0 or 1 to rounding: their weights add up to 1 but for some ulp."""
    laws = [Dropout(0.1), DropConnect(0.3), GaussianDropout(0.1), GaussianNoise(0.1)]
    for law in laws:
        for method in ("exact", "normal") if law in laws[:2] else ("normal",):
            for scale in (1e-300, 1, 10, 40, 1e3, 1e30):
                X = (scale * np.array([[1, 1, 1], [-1, -1, -1], [1, 0, 2]])).astype(dtype)
                p = expected_sigmoid(X, [10.0, 5.0, 3.0, -1.0], law, method)
                assert (p >= 0).all()
                assert (p <= 1).all()

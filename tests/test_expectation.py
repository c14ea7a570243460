"""Closed forms against enumeration and quadrature, Monte Carlo against its own error."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

import hessopt
from hessopt import Bernoulli, Discrete, Dropout, expectation, expected
from hessopt.objectives import Logistic, Squared


def test_the_discrete_example():
    e = expectation(lambda z: z, Discrete([1, 25, 0], [0.03, 0.1, 0.87]))
    assert e.value == 2.53
    assert e.standard_error == 0
    assert e.n_evaluations == 3


def test_four_masks_of_a_quarter():
    """E over two inputs dropped with p = 1/2 of w1 x z1 + w2 y z2 is (w1 x + w2 y) / 2, exactly."""
    for w1, w2, x, y in [(0.3, -1.7, 2.5, 0.1), (1 / 3, 2 / 7, -5.1, 1e-3), (1e8, 1e-8, 1, 1)]:
        e = expectation(lambda z, a=w1 * x, b=w2 * y: z @ [a, b], Bernoulli(0.5, size=2))
        assert e.value == 0.5 * (w1 * x + w2 * y)
        assert e.n_evaluations == 4


@pytest.mark.parametrize("keep", [0.0, 0.2, 0.5, 0.77, 1.0])
def test_enumeration_of_a_product(keep):
    """E prod(1 + a_j z_j) = prod(1 + a_j keep) over 2^15 masks: more than a batch."""
    a = np.random.default_rng(0).normal(size=15)
    e = expectation(lambda z: np.prod(1 + a * z, axis=1), Bernoulli(keep, size=15))
    assert e.value == pytest.approx(np.prod(1 + a * keep), rel=1e-13)
    ones = expectation(lambda z: np.ones(len(z)), Bernoulli(keep, size=15))
    assert ones.value == pytest.approx(1, abs=1e-14)


def test_values_of_any_shape():
    law = Discrete([[0.0, 1.0], [2.0, 3.0]], [0.25, 0.75])
    e = expectation(lambda z: np.einsum("mi,mj->mij", z, z), law)
    want = 0.25 * np.outer([0, 1], [0, 1]) + 0.75 * np.outer([2, 3], [2, 3])
    np.testing.assert_allclose(e.value, want, rtol=1e-15)
    assert e.standard_error.shape == (2, 2)


def test_monte_carlo_covers_the_truth():
    """The 95 % interval covers the enumerated mean in 95 % of 400 repeats, within 3 sigma."""
    a = np.random.default_rng(1).normal(size=6)

    def f(z):
        return np.tanh(z @ a)

    truth = expectation(f, Bernoulli(0.7, size=6)).value
    hits = 0
    for seed in range(400):
        e = expectation(f, Bernoulli(0.7, size=6, seed=seed), method="sample", n_samples=500)
        hits += abs(e.value - truth) <= 1.96 * e.standard_error
    assert 367 <= hits <= 393


def test_more_samples_extend_the_same_sequence():
    seen = []

    def f(z):
        seen.append(z)
        return z.sum(axis=1)

    law = Bernoulli(0.5, size=7, seed=3)
    short = expectation(f, law, method="sample", n_samples=100)
    expectation(f, law, method="sample", n_samples=9000)
    assert np.array_equal(seen[0], seen[1][:100])
    assert len(seen) == 4  # 9000 samples in three batches
    assert short.standard_error == pytest.approx(np.std(f(seen[0]), ddof=1) / 10, rel=1e-12)


def two_inputs(kind):
    rng = np.random.default_rng(2)
    X = rng.normal(size=(12, 6))
    y = rng.normal(size=12) if kind is Squared else rng.integers(0, 2, 12)
    return X, y


def enumerated(kind, X, y, x, rate, l2):
    """E over all masks of a row, row by row, of the value and gradient at x."""
    law = Bernoulli(1 - rate, size=X.shape[1])
    total = 0.0
    for row, target in zip(X, y, strict=True):

        def loss(z, row=row, target=target):
            eta = (z * row / (1 - rate)) @ x[:-1] + x[-1]
            return (
                0.5 * (eta - target) ** 2
                if kind is Squared
                else np.logaddexp(0, eta) - target * eta
            )

        total += expectation(loss, law).value / len(X)
    return total + 0.5 * l2 * x[:-1] @ x[:-1]


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.5, 0.9])
def test_the_squared_closed_form_is_the_enumeration(rate):
    X, y = two_inputs(Squared)
    x = np.random.default_rng(3).normal(size=7)
    f = Squared(X, y, l2=0.1)
    want = enumerated(Squared, X, y, x, rate, 0.1)
    for method in ("exact", "normal"):
        value = expected(f, Dropout(rate), method=method).value_and_gradient(x)[0]
        assert value == pytest.approx(want, rel=1e-13)


def test_the_squared_optimum_is_one_ridge_like_solve():
    """(X'X + c diag(X'X)) w = X'y with c = rate / (1 - rate)."""
    X, y = two_inputs(Squared)
    f = expected(Squared(X, y, fit_intercept=False), Dropout(0.3), method="exact")
    G = X.T @ X
    want = hessopt.cholesky_solve(G + 0.3 / 0.7 * np.diag(np.diag(G)), X.T @ y)
    fit = hessopt.minimize(f, np.zeros(6), tol=1e-12)
    assert fit.nit == 1
    np.testing.assert_allclose(fit.x, want, rtol=1e-10)


@pytest.mark.parametrize("s", [0.0, 1e-3, 0.5, 2.0, 10.0, 50.0])
def test_the_logistic_marginal_is_its_integral(s):
    """One input x = 1 with weight w, rate 1/2: the predictor has mean w and deviation |w| = s."""
    for sign in (1.0, -1.0):
        w = sign * s
        f = expected(Logistic([[1.0]], [1], fit_intercept=False), Dropout(0.5), method="normal")
        value = f.value_and_gradient([w])[0]
        want = quad(
            lambda e, w=w, s=s: np.logaddexp(0, -(w + s * e)) * norm.pdf(e),
            -12,
            12,
            epsabs=1e-13,
            limit=400,
            points=[-1, 0, 1],
        )[0]
        assert value == pytest.approx(want, abs=1.2e-8)


def test_the_logistic_marginal_is_near_the_enumeration():
    """Of many small inputs the predictor is nearly normal, by the central limit theorem."""
    rng = np.random.default_rng(4)
    X, y = rng.choice([-1.0, 1.0], size=(5, 14)), rng.integers(0, 2, 5)
    x = np.append(rng.choice([-0.2, 0.2], 14), 0.3)
    value = expected(Logistic(X, y), Dropout(0.5), method="normal").value_and_gradient(x)[0]
    assert value == pytest.approx(enumerated(Logistic, X, y, x, 0.5, 0.0), rel=1e-3)


@pytest.mark.parametrize("rate", [0.2, 0.5])
def test_newton_on_the_closed_form(rate):
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    f = expected(Logistic(X / 16, y % 2, l2=1e-4), Dropout(rate), method="normal")
    r = hessopt.minimize(f, np.zeros(65), tol=1e-10)
    assert r.success
    assert r.nit <= 12

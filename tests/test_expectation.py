"""Expectations of functions against sums, Monte Carlo against its own error, fixed samples."""

import numpy as np
import pytest

import hessopt
from hessopt import Bernoulli, Discrete, Dropout, expectation, expected
from hessopt.objectives import Logistic, Softmax, Squared


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


@pytest.mark.parametrize("kind", [Squared, Logistic, Softmax])
def test_fixed_samples_are_the_mean_over_masked_data(kind):
    X, y = two_inputs(kind)
    y = np.arange(12) % 3 if kind is Softmax else y
    K, noise = 3, Dropout(0.4, seed=8)
    f = expected(kind(X, y, l2=0.2), noise, method="sample", n_samples=K)
    x = np.random.default_rng(5).normal(size=f.n_parameters)
    parts = [
        kind(hessopt.dropout(X, 0.4, 8, stream=k), y, l2=0.2).value_and_gradient(x)
        for k in range(K)
    ]
    value, gradient = f.value_and_gradient(x)
    assert value == pytest.approx(np.mean([v for v, _ in parts]), rel=1e-13)
    np.testing.assert_allclose(gradient, np.mean([g for _, g in parts], axis=0), atol=1e-13)


def test_fixed_samples_converge_to_the_expectation():
    X, y = two_inputs(Squared)
    f = Squared(X, y)
    x = np.random.default_rng(6).normal(size=7)
    truth = expected(f, Dropout(0.3), method="exact").value_and_gradient(x)[0]

    def rms(K):
        errors = [
            expected(f, Dropout(0.3, seed=s), method="sample", n_samples=K).value_and_gradient(x)[0]
            - truth
            for s in range(100)
        ]
        return np.sqrt(np.mean(np.square(errors)))

    assert rms(4) / rms(256) == pytest.approx(8, rel=0.35)  # sqrt(256 / 4)

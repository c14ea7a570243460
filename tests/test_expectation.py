"""Expectations of functions against sums, Monte Carlo against its own error."""

import numpy as np
import pytest

from hessopt import Bernoulli, Density, Discrete, Normal, Samples, Uniform, expectation


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


LAWS = {
    "table": (Discrete([1, 2, 3], [0.7, 0.2, 0.1 + 5e-10]), ["exact"]),
    "masks": (Bernoulli(0.3, size=12), ["exact", "sample", "antithetic", "sobol"]),
    "weights": (Samples(np.arange(9.0), np.arange(1, 10) / 7), ["sample"]),
    "normal": (Normal(), ["adaptive", "gauss", "sample", "antithetic", "sobol"]),
    "density": (Density(lambda z: (1 + 5e-7) * np.exp(-z), 0, np.inf), ["adaptive"]),
    "square": (Uniform([0, 0], [1, 1]), ["gauss", "sample", "antithetic", "sobol"]),
}


@pytest.mark.filterwarnings("ignore:E f")
@pytest.mark.parametrize("name", LAWS)
def test_a_mean_lies_between_the_values(name):
    """So that a probability is never above 1, nor below 0, however many weights are rounded."""
    law, methods = LAWS[name]
    for method in methods:
        for shift in (0.0, 20.0, 36.0, 40.0, 800.0):

            def f(z, shift=shift):
                p = 1 / (1 + np.exp(-shift - 0.1 * z.reshape(len(z), -1).sum(axis=1)))
                return np.stack([p, 1 - p], axis=1)

            e = expectation(f, law, method=method)
            assert (e.value >= 0).all()
            assert (e.value <= 1).all()
            assert abs(e.value.sum() - 1) < 1e-6 + 2 * e.error.max()
        one = expectation(lambda z: np.full(len(z), 0.1), law, method=method)
        assert one.value == 0.1

"""Initial weights: their variances, and that nothing but seed and layer decides them."""

import numpy as np
import pytest
from scipy import stats

from hessopt.networks import Dense, Dropout, Network, initial_weights

SHAPES = [(300, 80), (80, 200), (200, 3)]


@pytest.mark.parametrize("law", ["uniform", "normal"])
@pytest.mark.parametrize(
    ("scheme", "variance"),
    [
        ("he", lambda i, o: 2 / i),
        ("glorot", lambda i, o: 2 / (i + o)),
        ("lecun", lambda i, o: 1 / i),
    ],
)
def test_weights_have_their_variance_and_law(scheme, variance, law):
    weights = initial_weights(SHAPES, 5, scheme=scheme, law=law)
    for W, shape in zip(weights, SHAPES, strict=True):
        assert W.shape == shape
        deviation = np.sqrt(variance(*shape))
        z = W.ravel() / deviation
        if law == "normal":
            assert stats.kstest(z, "norm").pvalue > 1e-3
        else:
            assert abs(z).max() <= np.sqrt(3)
            assert stats.kstest(z, "uniform", (-np.sqrt(3), 2 * np.sqrt(3))).pvalue > 1e-3
        assert abs(z.var() - 1) < 5 * np.sqrt(2 / z.size)


def test_a_layer_is_a_function_of_seed_and_place():
    a, b = initial_weights(SHAPES, 5), initial_weights([(7, 80), (80, 200)], 5)
    scale = np.sqrt((300 + 80) / (7 + 80))
    np.testing.assert_allclose(b[0], scale * a[0][:7], rtol=1e-12)
    np.testing.assert_array_equal(a[1], b[1])
    other = initial_weights(SHAPES, 6)
    for first, second in [(a[0], other[0]), (a[0][:80, :80], a[1][:, :80])]:
        assert abs(stats.pearsonr(first.ravel(), second.ravel()).statistic) < 0.05


def test_a_network_begins_by_the_scheme_of_its_activations():
    X = np.random.default_rng(0).normal(size=(50, 40))
    layers = [Dense(200, "relu"), Dropout(0.5), Dense(150, "tanh"), Dense(2)]
    f = Network(X, np.arange(50) % 2, layers)
    x = f.initial(3)
    (W0, b0), (W1, b1), (W2, b2) = f.unflatten(x)
    assert not np.concatenate([b0, b1, b2]).any()
    for W, want in [(W0, 2 / 40), (W1, 2 / 350), (W2, 2 / 152)]:
        np.testing.assert_allclose(W.var(), want, rtol=0.15)
    np.testing.assert_array_equal(f.initial(3), x)
    assert (f.initial(4) != x).any()
    mixed = f.initial(3, scheme=["lecun", "he", "glorot"], law="normal")
    np.testing.assert_allclose(f.unflatten(mixed)[0][0].var(), 1 / 40, rtol=0.1)
    assert np.isfinite(f.value_and_gradient(x)[0])


@pytest.mark.parametrize(
    ("message", "options"),
    [
        ("scheme: got 'kaiming'; want one of", {"scheme": "kaiming"}),
        ("scheme: got 2 schemes; want one for each of 3", {"scheme": ["he", "he"]}),
        ("law: got 'cauchy'; want one of", {"law": "cauchy"}),
    ],
)
def test_what_is_wrong_is_named(message, options):
    with pytest.raises(ValueError, match=message):
        initial_weights(SHAPES, 1, **options)
    with pytest.raises(ValueError, match="seed: got -1"):
        initial_weights(SHAPES, -1)

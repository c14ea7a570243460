"""Monte-Carlo dropout inside a network: the masks that it was trained under, written out."""

import numpy as np
import pytest
from scipy import special

from hessopt.networks import Dense, Dropout, Network, predict_distribution
from network_witness import ACTIVATIONS, mask

rng = np.random.default_rng(0)
N = 70
X = rng.normal(size=(N, 5))
LAYERS = {
    "inputs": [Dropout(0.3), Dense(6, "tanh"), Dense(3)],
    "middle": [Dense(6, "silu"), Dense(7, "gelu"), Dropout(0.5), Dense(3)],
    "every": [Dropout(0.1), Dense(6, "relu"), Dropout(0.5), Dense(4), Dropout(0.2), Dense(3)],
    "none of rate 0": [Dense(6, "tanh"), Dropout(0.0), Dense(4, "tanh"), Dropout(0.4), Dense(3)],
}
Y = {
    "softmax": np.arange(N) % 3,
    "logistic": rng.integers(0, 2, (N, 3)),
    "poisson": rng.integers(0, 4, (N, 3)),
    "squared": rng.normal(size=(N, 3)),
}


def written_out(f, x, samples):
    """Outputs of each sample, (samples, rows, outputs)."""
    dense = [layer for layer in f.layers if isinstance(layer, Dense)]
    found = []
    for k in range(samples):
        a = f.X * mask(f, 0, k, f.X.shape[1])
        for place, (layer, (W, b)) in enumerate(zip(dense, f.unflatten(x), strict=True), 1):
            a = ACTIVATIONS[layer.activation](a @ W + b)
            if place < len(dense):
                a = a * mask(f, place, k, layer.units)
        found.append(a)
    return np.array(found)


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("loss", Y)
def test_the_masks_are_those_of_training(name, loss, monkeypatch):
    f = Network(X, Y[loss], LAYERS[name], loss=loss, seed=9, n_samples=6)
    x = f.initial(1)
    z = written_out(f, x, 6)
    law = {
        "softmax": lambda z: special.softmax(z, axis=-1),
        "logistic": special.expit,
        "poisson": np.exp,
        "squared": lambda z: z,
    }
    p = law[loss](z)
    d = predict_distribution(f, x, X, seed=9, n_samples=6)
    np.testing.assert_allclose(d.mean, p.mean(axis=0), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(d.variance, p.var(axis=0, ddof=1), rtol=1e-8, atol=1e-12)
    assert (d.entropy is None) == (loss != "softmax")
    if loss == "softmax":
        log_p = np.log(p)[:, np.arange(N), Y[loss]]
        np.testing.assert_allclose(f.value(x), -log_p.mean(), rtol=1e-12)
    monkeypatch.setattr("hessopt.networks.predictive._ELEMENTS", 1)  # a sample at a time
    again = predict_distribution(f, x, X, seed=9, n_samples=6)
    np.testing.assert_allclose(again.mean, d.mean, rtol=1e-12)


def test_one_output_and_single_precision():
    f = Network(X, X[:, 0], [Dense(5, "tanh"), Dropout(0.5), Dense(1)], loss="squared")
    x = f.initial(1)
    d = predict_distribution(f, x, X, n_samples=50)
    assert d.mean.shape == (N,)
    assert (d.variance > 0).all()
    single = predict_distribution(f, x, X.astype(np.float32), n_samples=50)
    np.testing.assert_allclose(single.mean, d.mean, rtol=1e-4, atol=1e-6)
    other = predict_distribution(f, x, X, seed=1, n_samples=50)
    assert (other.mean != d.mean).all()


def test_what_is_wrong_is_named():
    plain = Network(X, Y["softmax"], [Dense(4, "tanh"), Dense(3)])
    with pytest.raises(ValueError, match="network: got no Dropout; want at least one"):
        predict_distribution(plain, plain.initial(1), X)
    f = Network(X, Y["softmax"], LAYERS["middle"])
    x = f.initial(1)
    for message, call in [
        (r"X: got shape \(70, 2\); want 5 columns", lambda: predict_distribution(f, x, X[:, :2])),
        ("x: got length 1", lambda: predict_distribution(f, [1.0], X)),
        ("n_samples: got 1", lambda: predict_distribution(f, x, X, n_samples=1)),
        ("seed: got -1", lambda: predict_distribution(f, x, X, seed=-1)),
    ]:
        with pytest.raises(ValueError, match=message):
            call()
    with pytest.raises(TypeError, match="network: got function; want a Network"):
        predict_distribution(abs_of, x, X)


def abs_of(x):
    return abs(x)

"""Networks of random architectures against jax in float64: all their derivatives."""

import numpy as np
import pytest

import hessopt
from hessopt.networks import Dense, Dropout, Network
from network_witness import ACTIVATIONS, mask

pytestmark = pytest.mark.agreement

jax = pytest.importorskip("jax")

from jax_witness import LOSSES, THEIRS, check_matrices, check_products  # noqa: E402

jnp = jax.numpy

SEEDS = 16


def drawn(seed, widest=39):
    """A network of up to four layers with dropout here and there, and what it is fitted to."""
    rng = np.random.default_rng(seed)
    n, p, outputs = int(rng.integers(20, 400)), int(rng.integers(1, 20)), int(rng.integers(2, 6))
    layers = [Dropout(0.25)] if rng.random() < 0.2 else []
    for _ in range(rng.integers(0, 4)):
        name = str(rng.choice(list(ACTIVATIONS)))
        layers.append(Dense(int(rng.integers(1, widest + 1)), name))
        if rng.random() < 0.3:
            layers.append(Dropout(float(rng.choice([0.1, 0.5, 0.75]))))
    if layers and isinstance(layers[-1], Dropout) and rng.random() < 0.5:
        layers.pop()
    layers.append(Dense(outputs))
    loss = str(rng.choice(list(LOSSES)))
    X = rng.normal(size=(n, p))
    y = rng.integers(0, 2, (n, outputs)).astype(float)
    if loss == "softmax":
        y = rng.integers(0, outputs, n)
    weight = rng.integers(0, 3, n) + 0.5
    f = Network(
        X,
        y,
        layers,
        loss=loss,
        l2=0.01,
        sample_weight=weight,
        seed=seed,
        n_samples=int(rng.integers(1, 4)),
    )
    x = rng.normal(size=f.n_parameters) / np.sqrt(10)
    return f, jnp.asarray(y), weight / weight.sum(), x, rng.normal(size=f.n_parameters)


def theirs(f, sample):
    """The outputs as jax computes them, a function of the parameters."""
    dense = [p for p in f.layers if isinstance(p, Dense)]
    widths = [f.X.shape[1], *(p.units for p in dense)]
    masks = [mask(f, layer, sample, width) for layer, width in enumerate(widths)]

    def outputs(x):
        a, at = jnp.asarray(f.X, float) * masks[0], 0
        for layer, (piece, (inputs, units)) in enumerate(zip(dense, f.shapes, strict=True), 1):
            W = x[at : at + inputs * units].reshape(inputs, units)
            b = x[at + inputs * units : at + inputs * units + units]
            at += inputs * units + units
            a = THEIRS[piece.activation](a @ W + b) * masks[layer]
        return a

    return outputs


def weights_alone(f, x):
    """x with zeros for the biases."""
    return f.flatten([(W, 0 * b) for W, b in f.unflatten(x)])


def derived(f, y, weight):
    """The objective, and its Gauss-Newton products."""
    named = f._given[1]
    samples, loss = named["n_samples"], LOSSES[named["loss"]]
    free = jnp.asarray(weights_alone(f, np.ones(f.n_parameters)))

    def objective(x):
        told = sum(weight @ loss(theirs(f, k)(x), y) for k in range(samples))
        return told / samples + 0.01 * ((free * x) ** 2).sum() / 2

    def gauss_newton(x, v):
        total = 0.01 * free * v
        for k in range(samples):
            z, along = jax.jvp(theirs(f, k), (x,), (v,))
            curved = jax.jvp(jax.grad(lambda z: weight @ loss(z, y)), (z,), (along,))[1]
            total += jax.vjp(theirs(f, k), x)[1](curved)[0] / samples
        return total

    return objective, gauss_newton


@pytest.mark.parametrize("seed", range(SEEDS))
def test_random_architectures(seed):
    f, y, weight, x, v = drawn(seed)
    check_products(f, *derived(f, y, weight), x, v, tol=1e-12)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whole_matrices(seed):
    f, y, weight, x, _ = drawn(seed, widest=9)
    check_matrices(f, *derived(f, y, weight), x, tol=1e-12)


def test_what_is_drawn_has_everything():
    layers = [piece for seed in range(SEEDS) for piece in drawn(seed)[0].layers]
    names = {piece.activation for piece in layers if isinstance(piece, Dense)}
    assert names == set(ACTIVATIONS) == set(hessopt._core.activations())
    assert any(isinstance(piece, Dropout) for piece in layers)

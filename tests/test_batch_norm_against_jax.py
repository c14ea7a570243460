"""Random networks with batch normalisation against jax in float64: all their derivatives."""

import itertools

import numpy as np
import pytest

from hessopt.networks import BatchNorm, Dense, Dropout, Network
from network_witness import ACTIVATIONS, sampled_outputs

pytestmark = pytest.mark.agreement

jax = pytest.importorskip("jax")

from jax_witness import LOSSES, THEIRS, check_matrices, check_products  # noqa: E402

jnp = jax.numpy
SEEDS = 10


def drawn(seed, widest=30):
    """A network with batch normalisation and dropout here and there, and what it is fitted to."""
    rng = np.random.default_rng(seed)
    n, p, outputs = int(rng.integers(20, 400)), int(rng.integers(1, 15)), int(rng.integers(2, 6))

    def norm():
        return BatchNorm(
            str(rng.choice(list(ACTIVATIONS))),
            eps=float(rng.choice([1e-5, 1e-3, 0.1])),
            ddof=int(rng.integers(2)),
        )

    layers = [Dropout(0.25)] if rng.random() < 0.2 else []
    if rng.random() < 0.3:
        layers.append(norm())
    for _ in range(rng.integers(1, 4)):
        before = rng.random() < 0.6
        name = "identity" if before else str(rng.choice(list(ACTIVATIONS)))
        layers.append(Dense(int(rng.integers(1, widest + 1)), name))
        if rng.random() < 0.3:
            layers.append(Dropout(0.5))
        if before or rng.random() < 0.5:
            layers.append(norm())
            if rng.random() < 0.3:
                layers.append(Dropout(float(rng.choice([0.1, 0.5]))))
            if rng.random() < 0.1:
                layers.append(norm())
    if isinstance(layers[-1], Dropout) and rng.random() < 0.5:
        layers.pop()
    layers.append(Dense(outputs))
    loss = str(rng.choice(list(LOSSES)))
    X = rng.normal(size=(n, p)) + rng.normal(size=p)
    y = rng.integers(0, 2, (n, outputs)).astype(float)
    if loss == "softmax":
        y = rng.integers(0, outputs, n)
    f = Network(
        X,
        y,
        layers,
        loss=loss,
        l2=0.01,
        sample_weight=rng.integers(0, 3, n) + 0.5,
        seed=seed,
        n_samples=int(rng.integers(1, 4)),
    )
    x = f.initial(seed) + rng.normal(size=f.n_parameters) / np.sqrt(10)
    return f, jnp.asarray(y), x, rng.normal(size=f.n_parameters)


def derived(f, y):
    """The objective, and its Gauss-Newton products."""
    named = f._given[1]
    weight, loss, free = named["sample_weight"], LOSSES[named["loss"]], f.l2_of_parameters
    share = weight / weight.sum() / named["n_samples"]

    def outputs(x):
        return sampled_outputs(f, x, weight, xp=jnp, activations=THEIRS)

    def of_outputs(z):
        return sum(share @ loss(z_of_sample, y) for z_of_sample in z)

    def objective(x):
        return of_outputs(outputs(x)) + free @ x**2 / 2

    def gauss_newton(x, v):
        z, along = jax.jvp(outputs, (x,), (v,))
        curved = jax.jvp(jax.grad(of_outputs), (z,), (along,))[1]
        return jax.vjp(outputs, x)[1](curved)[0] + free * v

    return objective, gauss_newton


@pytest.mark.parametrize("seed", range(SEEDS))
def test_random_architectures(seed):
    f, y, x, v = drawn(seed)
    check_products(f, *derived(f, y), x, v, tol=1e-11)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whole_matrices(seed):
    f, y, x, _ = drawn(seed, widest=8)
    check_matrices(f, *derived(f, y), x, tol=1e-11)


def test_what_is_drawn_has_everything():
    networks = [drawn(seed)[0].layers for seed in range(SEEDS)]
    norms = [p for layers in networks for p in layers if isinstance(p, BatchNorm)]
    assert {norm.ddof for norm in norms} == {0, 1}
    assert len({norm.activation for norm in norms}) > 6
    assert any(isinstance(layers[0], BatchNorm) for layers in networks)
    assert any(
        isinstance(one, Dropout) and isinstance(two, BatchNorm)
        for layers in networks
        for one, two in itertools.pairwise(layers)
    )

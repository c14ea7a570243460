"""Networks of which some layers are held: exactly the network, in the parameters of the others."""

import copy
import pickle

import numpy as np
import pytest

import hessopt
from hessopt.networks import BatchAdam, Dense, Dropout, Frozen, Network, fit, new_head
from hessopt.noise import images
from network_witness import value

N = 140  # a whole block of rows and a ragged one
X = np.random.default_rng(1).normal(size=(N, 6))
Y = np.arange(N) % 3
WEIGHT = np.random.default_rng(2).integers(0, 3, N) + 0.25
PLAIN = [Dense(7, "tanh"), Dense(6, "gelu"), Dense(5, "silu"), Dense(3)]
MASKED = [Dense(7, "tanh"), Dropout(0.25), Dense(6, "relu"), Dropout(0.5), Dense(3)]
L2 = [0.1, 0.2, 0.3, 0.4]


def network(layers=PLAIN, **given):
    depth = sum(isinstance(layer, Dense) for layer in layers)
    return Network(X, Y, layers, **{"l2": L2[:depth], "sample_weight": WEIGHT, **given})


def places(frozen):
    """Where its parameters stand in the whole vector."""
    n = frozen.n_parameters
    return np.flatnonzero(frozen.whole(np.zeros(n)) != frozen.whole(np.ones(n)))


def of(f, held):
    """A frozen network and a point of it."""
    frozen = Frozen(f, f.initial(seed=3), held)
    return frozen, frozen.x + 0.1 * np.random.default_rng(4).normal(size=frozen.n_parameters)


@pytest.mark.parametrize("held", [0, [0], [0, 1], [2, 1, 0], [1], [3], [0, 2], [1, 3]])
@pytest.mark.parametrize("view", ["all", "batch"])
def test_it_is_the_network_in_the_free_parameters(held, view):
    f = network() if view == "all" else network().batch(np.arange(0, N, 3))
    frozen, x = of(f, held)
    whole, chosen = frozen.whole(x), places(frozen)
    assert frozen.held == tuple(np.atleast_1d(sorted(np.atleast_1d(held))))
    np.testing.assert_array_equal(whole[chosen], x)
    others = np.setdiff1d(np.arange(f.n_parameters), chosen)
    np.testing.assert_array_equal(whole[others], f.initial(seed=3)[others])
    told, gradient = frozen.value_and_gradient(x)
    want, whole_gradient = f.value_and_gradient(whole)
    assert told == frozen.value(x) == pytest.approx(want, rel=1e-14)
    np.testing.assert_allclose(gradient, whole_gradient[chosen], rtol=0, atol=1e-14)
    v = np.random.default_rng(5).normal(size=len(x))
    along = np.zeros(f.n_parameters)
    along[chosen] = v
    for name in ("hessp", "ggnp"):
        product = getattr(f, name)(whole, along)[chosen]
        np.testing.assert_allclose(getattr(frozen, name)(x, v), product, rtol=0, atol=1e-13)
    for name in ("hessian", "ggn"):
        matrix = getattr(f, name)(whole)[np.ix_(chosen, chosen)]
        np.testing.assert_allclose(getattr(frozen, name)(x), matrix, rtol=0, atol=1e-13)
    np.testing.assert_array_equal(frozen.predict(x, X[:9]), f.predict(whole, X[:9]))
    assert frozen.convex == (frozen.held == (0, 1, 2))
    assert frozen.hessian_cost == frozen.rest.hessian_cost


def test_derivatives_by_differences():
    for held in ([0], [1]):
        frozen, x = of(network(MASKED, n_samples=2), held)
        hessopt.check_derivatives(frozen, x)


def test_a_frozen_prefix_is_computed_once():
    f = network()
    assert of(f, [0, 1])[0].rest.X.shape == (N, 6)
    assert of(f, [0, 1, 2])[0].rest.n_parameters == 18
    assert of(f, [1])[0].rest is f
    assert of(f, [0, 2])[0].rest.X.shape == (N, 7)
    narrow = Network(X.astype(np.float32), Y, PLAIN)
    frozen, x = of(narrow, [0, 1])
    assert frozen.rest.X.dtype == np.float32
    assert frozen.value(x) == pytest.approx(narrow.value(frozen.whole(x)), rel=1e-7)
    one = Network(X, Y * 1.0, [Dense(1, "tanh"), Dense(1)], loss="squared")
    frozen, x = of(one, 0)
    assert frozen.value(x) == pytest.approx(one.value(frozen.whole(x)), rel=1e-14)


def test_masks():
    """Those of the rest where it is a network of its own, as in the witness; else the network's."""
    f = network(MASKED, n_samples=3, seed=8)
    frozen, x = of(f, [0])
    assert frozen.rest.layers == tuple(MASKED[1:])
    penalty = 0.05 * (f.unflatten(frozen.whole(x))[0][0] ** 2).sum()
    want = value(frozen.rest, x, Y, "softmax", WEIGHT, np.array(L2[1:3])) + penalty
    assert frozen.value(x) == pytest.approx(want, rel=1e-13)
    fresh = frozen.with_masks(seed=9, n_samples=400)
    assert fresh.value(x) != frozen.value(x)
    whole = f.with_masks(seed=9, n_samples=400).value(frozen.whole(x))
    assert fresh.value(x) == pytest.approx(whole, rel=0.01)  # of one law
    for held in ([1], [0, 1], [2]):  # noise before or between what is held
        frozen, x = of(f, held)
        assert frozen.rest is f
        assert frozen.value(x) == f.value(frozen.whole(x))
        other = f.with_masks(seed=1, n_samples=2)
        assert frozen.with_masks(seed=1, n_samples=2).value(x) == other.value(frozen.whole(x))
    quiet = network([Dense(7, "tanh"), Dropout(0.0), Dense(6, "relu"), Dense(3)])
    assert of(quiet, [0, 1])[0].rest.X.shape == (N, 6)


@pytest.mark.parametrize("method", ["adam", "adamw", "adam+lbfgs", "lbfgs", "trust_region"])
def test_fit(method):
    how = {"epochs": 30, "learning_rate": 0.02} if "adam" in method else {"maxiter": 40}
    f = network()
    frozen = Frozen(f, f.initial(seed=3), [0, 1])
    held_out = (X[:40], Y[:40])
    result = fit(frozen, method=method, validation=held_out, **how)
    whole = result.network.whole(result.x)
    np.testing.assert_array_equal(whole[:97], f.initial(seed=3)[:97])
    assert result.fun == pytest.approx(f.value(whole), rel=1e-13)
    assert result.fun < frozen.value(frozen.x)
    plain = Network(*held_out, PLAIN)
    assert result.fun_validation == pytest.approx(plain.value(whole), rel=1e-13)
    if method in ("adam", "adamw"):  # as of a network on the features
        plain = fit(frozen.rest, frozen.x, method=method, **how)
        fun = result.history["fun"]
        np.testing.assert_allclose(fun, plain.history["fun"] + frozen.penalty_of_held, rtol=1e-13)


def test_layers_let_go_one_after_another():
    f = network()
    x, values = f.initial(seed=3), []
    for held in ([0, 1, 2], [0, 1], [0]):
        frozen = Frozen(f, x, held)
        x = frozen.whole(fit(frozen, method="lbfgs", maxiter=20).x)
        values.append(f.value(x))
    assert fit(f, x, method="lbfgs").fun < values[2] < values[1] < values[0]


def test_adam_with_layers_held_that_it_would_move():
    f = network(MASKED)
    for held in ([1], [2], [0, 1]):
        frozen = Frozen(f, f.initial(seed=3), held)
        with pytest.raises(
            ValueError, match=r"method: got Adam with the layers .* held; want a so"
        ):
            fit(frozen, epochs=2)
        assert fit(frozen, method="lbfgs", maxiter=5).fun < frozen.with_masks(
            seed=0, n_samples=16
        ).value(frozen.x)
    with pytest.raises(TypeError, match="network: got Frozen; want a Network, as the `rest`"):
        BatchAdam(frozen, frozen.x, epochs=1)


def test_augmentation_is_of_the_rows_of_the_network():
    f = network()
    frozen = Frozen(f, f.initial(seed=3), [0, 1])
    noise = hessopt.Augmentation(images.Images(images.Noise(0.3), shape=(2, 3)), seed=7)
    result = fit(frozen, epochs=2, augmentation=noise, batch_size=N, learning_rate=1e-13)
    for epoch, told in enumerate(result.history["fun"]):
        views = noise.sampler.views(X, seed=7, sample=epoch)
        other = Network(views, Y, PLAIN, l2=L2, sample_weight=WEIGHT)
        assert told == pytest.approx(other.value(f.initial(seed=3)), rel=1e-9)


def test_a_checkpoint_is_of_what_is_held(tmp_path):
    f, path = network(), tmp_path / "fit"
    frozen = Frozen(f, f.initial(seed=3), [1])
    one = fit(frozen, method="lbfgs", maxiter=6, checkpoint=path)
    two = fit(frozen, method="lbfgs", maxiter=6, checkpoint=path)
    np.testing.assert_array_equal(one.x, two.x)
    start = f.initial(seed=3)
    start[60:] += 1e-3
    for other in (Frozen(f, start, [1]), Frozen(f, f.initial(seed=3), [0])):
        with pytest.raises(ValueError, match=r"checkpoint: got .*of another fit"):
            fit(other, method="lbfgs", checkpoint=path)


def test_minimize_tells_a_minimum_of_a_head():
    f = network()
    frozen = Frozen(f, f.initial(seed=3), [0, 1, 2])
    result = hessopt.minimize(frozen, frozen.x, method="newton_cg")
    assert result.success, result.message
    head = hessopt.objectives.Softmax(frozen.rest.X, Y, l2=0.4, sample_weight=WEIGHT)
    want = hessopt.minimize(head, np.zeros(head.n_parameters)).fun
    assert result.fun - frozen.penalty_of_held == pytest.approx(want, rel=1e-10)


def test_copies():
    for held in ([0, 1], [1]):
        frozen, x = of(network(MASKED, n_samples=2), held)
        frozen = frozen.with_masks(seed=5)
        for other in (pickle.loads(pickle.dumps(frozen)), copy.deepcopy(frozen), copy.copy(frozen)):
            assert other.value(x) == frozen.value(x)
            assert repr(other) == repr(frozen)
            np.testing.assert_array_equal(other.x, frozen.x)
    assert repr(frozen).startswith("Frozen(Network(140 x 6")
    assert repr(frozen).endswith(", layers=[1])")


def test_threads():
    threadpoolctl = pytest.importorskip("threadpoolctl")
    big = np.random.default_rng(0).normal(size=(3000, 6))
    f = Network(big, np.arange(3000) % 3, PLAIN)

    def look(threads):
        with threadpoolctl.threadpool_limits(threads):
            frozen, x = of(f, [0, 1])
            return [frozen.value_and_gradient(x)[1], frozen.hessian(x), frozen.hessp(x, x)]

    for one, two in zip(look(1), look(2), strict=True):
        np.testing.assert_array_equal(one, two)


def test_what_does_not_do():
    f = network()
    x = f.initial(seed=3)
    with pytest.raises(TypeError, match="network: got int; want a Network"):
        Frozen(3, x, 0)
    with pytest.raises(ValueError, match="x: got length 3"):
        Frozen(f, np.zeros(3), 0)
    for layers in ([], [4], [-1], [0, 0], [0, 1, 2, 3], 7):
        with pytest.raises(
            ValueError, match=r"layers: got \[.*; want some of the dense layers 0 .. 3"
        ):
            Frozen(f, x, layers)
    with pytest.raises(ValueError, match=r"layers: got the number 0\.5"):
        Frozen(f, x, 0.5)
    with pytest.raises(TypeError, match="layers: got dtype"):
        Frozen(f, x, "all")
    frozen = Frozen(f, x, 0)
    with pytest.raises(ValueError, match="x: got length 3; want length 101"):
        frozen.value(np.zeros(3))
    with pytest.raises(ValueError, match="v: got length 3; want length 101"):
        frozen.hessp(frozen.x, np.zeros(3))


# A head for other classes.


def test_a_new_head():
    f = network(MASKED)
    weights = f.unflatten(f.initial(seed=3))
    layers, parts = new_head(f.layers, weights, 10, seed=6)
    assert layers == [*MASKED[:-1], Dense(10)]
    g = Network(X, np.arange(N) % 10, layers)
    x = g.flatten(parts)
    for (W, b), (V, c) in zip(weights[:-1], g.unflatten(x)[:-1], strict=True):
        np.testing.assert_array_equal(W, V)
        np.testing.assert_array_equal(b, c)
    np.testing.assert_array_equal(g.unflatten(x)[-1][0], g.unflatten(g.initial(seed=6))[-1][0])
    assert not parts[-1][1].any()
    normal = new_head(layers, parts, 10, seed=6, scheme="he", law="normal")[1][-1][0]
    drawn = g.initial(seed=6, scheme=["he"] * 3, law="normal")
    np.testing.assert_array_equal(normal, g.unflatten(drawn)[-1][0])
    with pytest.raises(ValueError, match="n_outputs: got 0"):
        new_head(layers, parts, 0, seed=6)
    with pytest.raises(ValueError, match="seed: got -1"):
        new_head(layers, parts, 2, seed=-1)
    with pytest.raises(ValueError, match="scheme: got 'xavier'"):
        new_head(layers, parts, 2, seed=1, scheme="xavier")
    with pytest.raises(ValueError, match="law: got 'cauchy'"):
        new_head(layers, parts, 2, seed=1, law="cauchy")
    with pytest.raises(ValueError, match=r"weights: got 2 pairs; want \(W, b\) of 3"):
        new_head(layers, parts[1:], 2, seed=1)
    with pytest.raises(
        ValueError, match=r"layers: got .*; want layers of which the last is a Dense"
    ):
        new_head(layers[:-1], parts[:2], 2, seed=1)

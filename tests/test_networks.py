"""Networks against a plain writing in NumPy, differences and jax."""

import copy
import pickle

import numpy as np
import pytest

import hessopt
from hessopt.networks import Dense, Dropout, Network
from network_witness import ACTIVATIONS, ggn_form, outputs, value

N = 300  # two whole blocks of rows and a ragged one
X = np.random.default_rng(3).normal(size=(N, 5))
WEIGHT = np.random.default_rng(4).integers(0, 3, N) + 0.25


def targets(loss, outputs):
    rng = np.random.default_rng(20 + outputs)
    if loss == "softmax":
        y = rng.integers(0, outputs, N)
        y[:outputs] = np.arange(outputs)
        return y
    if loss == "squared":
        return rng.normal(size=(N, outputs))
    return rng.integers(0, 2, (N, outputs)).astype(float)


def point(f, scale=0.5):
    return scale * np.random.default_rng(f.n_parameters).normal(size=f.n_parameters)


def along(f, x, v, h=1e-4):
    """d/dt of value and gradient at x + t v, by differences of order four."""
    steps = [(1, 8 / 12), (-1, -8 / 12), (2, -1 / 12), (-2, 1 / 12)]
    told = [(c, f.value_and_gradient(x + k * h * v)) for k, c in steps]
    return sum(c * f for c, (f, _) in told) / h, sum(c * g for c, (_, g) in told) / h


ARCHITECTURES = {
    "deep": [Dense(7, "tanh"), Dense(6, "silu"), Dense(9, "softplus"), Dense(3)],
    "linear": [Dense(3)],
    "wide": [Dense(37, "sigmoid"), Dense(3)],
    "narrow": [Dense(1, "gelu"), Dense(2, "gelu_tanh"), Dense(3)],
    "inputs": [Dropout(0.25), Dense(7, "tanh"), Dense(3)],
    "masks": [Dense(7, "tanh"), Dropout(0.5), Dense(11, "gelu"), Dropout(0.2), Dense(3)],
    "late": [Dense(7, "tanh"), Dense(11, "silu"), Dropout(0.4), Dense(3)],
}
TABLE = [
    (name, loss, samples)
    for name in ARCHITECTURES
    for loss in ("softmax", "squared", "logistic", "poisson")
    for samples in ((1, 3) if name in ("inputs", "masks", "late") else (1,))
]


def made(name, loss, samples=1, **options):
    y = targets(loss, 3)
    given = {"l2": 0.1, "sample_weight": WEIGHT, "seed": 5, **options}
    return Network(X, y, ARCHITECTURES[name], loss=loss, n_samples=samples, **given), y


@pytest.mark.parametrize(("name", "loss", "samples"), TABLE)
def test_value_and_derivatives(name, loss, samples):
    f, y = made(name, loss, samples)
    x = point(f)
    v = np.random.default_rng(1).normal(size=len(x))
    told, gradient = f.value_and_gradient(x)
    assert told == f.value(x)
    assert told == pytest.approx(value(f, x, y, loss, WEIGHT, 0.1), rel=1e-13)
    slope, product = along(f, x, v)
    assert v @ gradient == pytest.approx(slope, rel=1e-9)
    np.testing.assert_allclose(f.hessp(x, v), product, rtol=0, atol=1e-9 * np.abs(product).max())
    form = ggn_form(f, x, x, v, loss, WEIGHT, 0.1)
    assert x @ f.ggnp(x, v) == pytest.approx(form, rel=1e-9)
    np.testing.assert_allclose(v @ f.ggnp(x, x), form, rtol=1e-9)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activations(activation):
    y = np.random.default_rng(7).normal(size=N)
    f = Network(X, y, [Dense(6, activation), Dense(4, activation), Dense(1)], loss="squared")
    x = point(f, 1.0)
    v = np.random.default_rng(1).normal(size=len(x))
    told, gradient = f.value_and_gradient(x)
    assert told == pytest.approx(value(f, x, y, "squared"), rel=1e-13)
    h = 1e-7 if "relu" in activation else 1e-4  # within a smooth piece
    slope, product = along(f, x, v, h)
    assert v @ gradient == pytest.approx(slope, rel=1e-6 if "relu" in activation else 1e-9)
    bound = 1e-5 if "relu" in activation else 1e-9
    np.testing.assert_allclose(f.hessp(x, v), product, rtol=0, atol=bound * np.abs(product).max())


def test_float32_is_near_and_values_nearer():
    y = targets("softmax", 3)
    layers = ARCHITECTURES["masks"]
    narrow = X.astype(np.float32)
    f = Network(narrow, y, layers, n_samples=2, l2=0.1)
    g = Network(narrow.astype(float), y, layers, n_samples=2, l2=0.1)
    x = point(f)
    v = np.random.default_rng(1).normal(size=len(x))
    (a, da), (b, db) = f.value_and_gradient(x), g.value_and_gradient(x)
    assert a == pytest.approx(b, rel=1e-6)
    for low, high in ((da, db), (f.hessp(x, v), g.hessp(x, v)), (f.ggnp(x, v), g.ggnp(x, v))):
        np.testing.assert_allclose(low, high, rtol=0, atol=2e-6 * np.abs(high).max())


def test_float32_has_no_subnormal_derivatives():
    f = Network(X.astype(np.float32), targets("softmax", 2), [Dense(3)])
    x = np.append(np.zeros(15), [0, 0, -90])  # the last class has a probability of 4e-40
    gradient = f.value_and_gradient(x)[1]
    assert ((gradient == 0) | (np.abs(gradient) > 1e-30)).all()
    assert (f.unflatten(gradient)[0][0][:, 2] == 0).all()


@pytest.mark.parametrize("name", ["deep", "masks", "inputs"])
def test_batches_have_the_masks_of_their_rows(name):
    f, _ = made(name, "softmax", 2)
    x = point(f)
    rows = np.array([7, 3, 299, 4, 4, 150])
    batch = f.batch(rows)
    assert batch.n_rows == 6
    one = [f.batch([i]) for i in rows]
    values = np.array([g.value(x) - 0.1 * penalty(f, x) for g in one])
    weight = WEIGHT[rows]
    mean = weight @ values / weight.sum() + 0.1 * penalty(f, x)
    assert batch.value(x) == pytest.approx(mean, rel=1e-13)
    gradients = np.stack([g.value_and_gradient(x)[1] for g in one])
    np.testing.assert_allclose(
        batch.value_and_gradient(x)[1], weight @ gradients / weight.sum(), rtol=0, atol=1e-13
    )
    np.testing.assert_array_equal(batch.predict(x), f.predict(x, X[rows]))
    every = f.every(50)
    assert every.value(x) == f.batch(np.arange(0, N, 50)).value(x)
    assert batch.batch([2, 0]).value(x) == f.batch([299, 7]).value(x)
    assert f.batch(np.arange(N)).value(x) == pytest.approx(f.value(x), rel=1e-14)


def penalty(f, x):
    return sum((W**2).sum() / 2 for W, _ in f.unflatten(x))


def test_fresh_masks():
    f, y = made("masks", "softmax", 2)
    x = point(f)
    fresh = f.with_masks(seed=6, n_samples=4)
    assert fresh.value(x) == pytest.approx(value(fresh, x, y, "softmax", WEIGHT, 0.1), rel=1e-13)
    assert fresh.value(x) != f.value(x)
    assert f.with_masks(seed=5).value(x) == f.value(x)


def test_predict_has_no_masks():
    f, _ = made("masks", "softmax", 2)
    x = point(f)
    plain = Network(X, targets("softmax", 3), [p for p in f.layers if isinstance(p, Dense)])
    np.testing.assert_allclose(f.predict(x), outputs(plain, x, 0), rtol=0, atol=1e-12)
    assert f.predict(x, X[:1]).shape == (1, 3)


def test_parameters_as_arrays():
    f, _ = made("deep", "softmax")
    x = point(f)
    weights = f.unflatten(x)
    assert [W.shape for W, _ in weights] == [(5, 7), (7, 6), (6, 9), (9, 3)] == f.shapes
    np.testing.assert_array_equal(f.flatten(weights), x)
    weights[0][0][0, 0] = 7.0
    assert x[0] == 7.0
    with pytest.raises(ValueError, match="weights"):
        f.flatten(weights[:-1])
    with pytest.raises(ValueError, match="weights: got shape"):
        f.flatten([(W.T, b) for W, b in weights])


def test_copies():
    f, _ = made("masks", "squared", 2)
    x = point(f)
    for g in (f, f.batch([5, 2]), f.with_masks(seed=9).batch([5, 2])):
        for other in (pickle.loads(pickle.dumps(g)), copy.deepcopy(g), copy.copy(g)):
            assert other.value(x) == g.value(x)
            assert repr(other) == repr(g)
    assert repr(f).startswith("Network(300 x 5 float64, layers=[Dense(units=7")


@pytest.mark.parametrize("method", ["lbfgs", "newton_cg"])
def test_minimize(method):
    y = np.sin(2 * X[:, 0]) + X[:, 1]
    f = Network(X, y, [Dense(6, "tanh"), Dense(1)], loss="squared", l2=1e-3)
    result = hessopt.minimize(f, point(f), method=method)
    assert result.success, result.message
    assert np.abs(f.value_and_gradient(result.x)[1]).max() < 1e-5
    assert result.fun < 0.1


def test_what_does_not_do():
    y = targets("softmax", 3)
    with pytest.raises(ValueError, match="activation: got 'swish'; want one of"):
        Dense(3, "swish")
    with pytest.raises(ValueError, match="loss: got 'mse'; want one of"):
        Network(X, y, [Dense(3)], loss="mse")
    with pytest.raises(ValueError, match="tanh on the outputs"):
        Network(X, y, [Dense(3, "tanh")])
    with pytest.raises(ValueError, match="dropout of the outputs"):
        Network(X, y, [Dense(3), Dropout(0.5)])
    with pytest.raises(ValueError, match="two Dropout in a row"):
        Network(X, y, [Dense(3), Dropout(0.5), Dropout(0.5), Dense(3)])
    with pytest.raises(ValueError, match="no Dense"):
        Network(X, y, [])
    with pytest.raises(TypeError, match="layers: got 3; want Dense, BatchNorm or Dropout"):
        Network(X, y, [3])
    with pytest.raises(ValueError, match="the target 2; want integer labels"):
        Network(X, y, [Dense(2)])
    with pytest.raises(ValueError, match="y: got shape"):
        Network(X, y, [Dense(2)], loss="squared")
    with pytest.raises(ValueError, match="l2"):
        Network(X, y, [Dense(3)], l2=[1.0, 2.0])
    with pytest.raises(ValueError, match="l2: got the number -1"):
        Network(X, y, [Dense(3)], l2=[-1.0])
    f = Network(X, y, [Dense(3)])
    with pytest.raises(ValueError, match="rows: got the row 300"):
        f.batch([300])
    with pytest.raises(ValueError, match=r"rows: got the number 0\.5; want integers"):
        f.batch([0.5])
    with pytest.raises(ValueError, match=r"x: got shape \(3,\)"):
        f.value(np.zeros(3))
    with pytest.raises(ValueError, match="X: got shape"):
        f.predict(np.zeros(18), X[:, :2])


@pytest.mark.parametrize("name", ["deep", "linear", "masks"])
def test_products_at_one_point_are_those_of_a_new_network(name):
    f, y = made(name, "softmax")
    x, z = point(f), point(f, 0.3)
    directions = np.random.default_rng(1).normal(size=(3, len(x)))

    def fresh():
        return Network(X, y, ARCHITECTURES[name], l2=0.1, sample_weight=WEIGHT, seed=5)

    for at in (x, z, x):
        for v in directions:
            np.testing.assert_array_equal(f.hessp(at, v), fresh().hessp(at, v))
            np.testing.assert_array_equal(f.ggnp(at, v), fresh().ggnp(at, v))
    g = fresh()
    g.ggnp(x, x)  # knows no second derivatives
    np.testing.assert_array_equal(g.hessp(x, x), f.hessp(x, x))

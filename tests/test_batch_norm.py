"""Batch normalisation in networks against a plain writing in NumPy and differences."""

import copy
import pickle

import numpy as np
import pytest

import hessopt
from hessopt.networks import (
    BatchAdam,
    BatchNorm,
    Dense,
    Dropout,
    Frozen,
    Network,
    fit,
    new_head,
    predict_distribution,
    to_torch,
)
from network_witness import LOSSES, sampled_outputs

rng = np.random.default_rng(0)
N = 300  # two whole blocks of rows and a ragged one
X = rng.normal(size=(N, 4)) * [1.0, 3.0, 0.2, 1.0] + [0.0, 5.0, 0.0, -1.0]
WEIGHT = rng.integers(0, 3, N) + 0.25
LABELS = rng.integers(0, 3, N)
Y = {
    "softmax": LABELS,
    "squared": rng.normal(size=(N, 3)),
    "logistic": np.eye(3)[LABELS],
}
LAYERS = {
    "before": [Dense(5, "identity"), BatchNorm("tanh"), Dense(3)],
    "inputs": [BatchNorm(), Dense(5, "tanh"), Dense(3)],
    "after": [BatchNorm("silu"), Dense(5, "tanh"), BatchNorm(ddof=1), Dense(3)],
    "two": [
        Dense(6), BatchNorm("silu", ddof=1), Dense(5, "softplus"), Dense(4),
        BatchNorm("gelu", eps=0.1), Dense(3),
    ],
    "in a row": [Dense(4, "tanh"), BatchNorm("tanh"), BatchNorm(eps=0.01, ddof=1), Dense(3)],
    "masks behind": [Dense(5), BatchNorm("tanh"), Dropout(0.4), Dense(4, "silu"), Dense(3)],
    "masks before": [Dense(5, "tanh"), Dropout(0.3), BatchNorm(), Dense(4, "tanh"), Dense(3)],
    "masks between": [
        Dense(5), BatchNorm("tanh"), Dense(4), Dropout(0.3), BatchNorm("silu", ddof=1), Dense(3),
    ],
    "masked inputs": [Dropout(0.2), BatchNorm(), Dense(4), BatchNorm("tanh"), Dense(3)],
    "fixed": [
        Dense(5), BatchNorm("tanh", statistics=([0.1, 0, 0, 5, 1], [4, 1, 9, 10, 0.5])),
        Dense(4, "tanh"), BatchNorm(), Dense(3),
    ],
}  # fmt: skip


def made(name, loss="softmax", X=X, **options):
    samples = 3 if any(isinstance(p, Dropout) for p in LAYERS[name]) else 1
    given = {"l2": 0.1, "sample_weight": WEIGHT, "seed": 5, "n_samples": samples, **options}
    return Network(X, Y[loss], LAYERS[name], loss=loss, **given)


def point(f):
    own = np.random.default_rng(f.n_parameters)
    return f.initial(1) + 0.3 * own.normal(size=f.n_parameters)


def value(f, x, loss, weight=WEIGHT):
    z, y = sampled_outputs(f, x, weight), Y[loss].reshape(N, -1)
    told = [weight @ LOSSES[loss](z_of_sample, y) / weight.sum() for z_of_sample in z]
    return np.mean(told) + f.l2_of_parameters @ x**2 / 2


def along(f, x, v, h=1e-4):
    """d/dt of value and gradient at x + t v, by differences of order four."""
    steps = [(1, 8 / 12), (-1, -8 / 12), (2, -1 / 12), (-2, 1 / 12)]
    told = [(c, f.value_and_gradient(x + k * h * v)) for k, c in steps]
    return sum(c * f for c, (f, _) in told) / h, sum(c * g for c, (_, g) in told) / h


@pytest.mark.parametrize("loss", Y)
@pytest.mark.parametrize("name", LAYERS)
def test_value_and_derivatives(name, loss):
    f = made(name, loss)
    x = point(f)
    v = np.random.default_rng(1).normal(size=len(x))
    told, gradient = f.value_and_gradient(x)
    assert told == f.value(x)
    assert told == pytest.approx(value(f, x, loss), rel=1e-12)
    slope, product = along(f, x, v)
    assert v @ gradient == pytest.approx(slope, rel=1e-8)
    np.testing.assert_allclose(f.hessp(x, v), product, rtol=0, atol=1e-8 * abs(product).max())
    h = 1e-4
    steps = [(1, 8 / 12), (-1, -8 / 12), (2, -1 / 12), (-2, 1 / 12)]
    moved = sum(c * sampled_outputs(f, x + k * h * v, WEIGHT) for k, c in steps) / h
    z = sampled_outputs(f, x, WEIGHT)
    if loss == "softmax":
        p = np.exp(z - np.logaddexp.reduce(z, axis=-1)[..., None])
        turned = p * (moved - (p * moved).sum(axis=-1)[..., None])
    else:
        p = 1 / (1 + np.exp(-z))
        turned = moved * (p * (1 - p) if loss == "logistic" else 1)
    form = np.mean((moved * turned).sum(axis=-1) @ WEIGHT) / WEIGHT.sum()
    assert v @ f.ggnp(x, v) == pytest.approx(form + f.l2_of_parameters @ v**2, rel=1e-8)


@pytest.mark.parametrize("name", LAYERS)
def test_the_matrices_are_those_of_the_products(name):
    f = made(name)
    x = point(f)
    for matrix, product in ((f.hessian(x), f.hessp), (f.ggn(x), f.ggnp)):
        columns = np.stack([product(x, unit) for unit in np.eye(len(x))])
        np.testing.assert_array_equal(matrix, matrix.T)
        np.testing.assert_allclose(matrix, columns, rtol=0, atol=2e-13 * abs(columns).max())


def test_float32_is_near():
    layers = [Dense(6), BatchNorm("silu"), Dropout(0.3), Dense(5), BatchNorm("tanh"), Dense(3)]
    narrow = X.astype(np.float32)
    f, g = (
        Network(data, LABELS, layers, n_samples=2, l2=0.1, sample_weight=WEIGHT)
        for data in (narrow, narrow.astype(float))
    )
    x = point(f)
    v = np.random.default_rng(1).normal(size=len(x))
    (a, da), (b, db) = f.value_and_gradient(x), g.value_and_gradient(x)
    assert a == pytest.approx(b, rel=1e-6)
    for low, high in (
        (da, db),
        (f.hessp(x, v), g.hessp(x, v)),
        (f.ggnp(x, v), g.ggnp(x, v)),
        (f.hessian(x), g.hessian(x)),
        (f.ggn(x), g.ggn(x)),
    ):
        np.testing.assert_allclose(low, high, rtol=0, atol=1e-5 * abs(high).max())


def test_a_mean_far_from_zero_costs_float32_no_more_than_its_own_rounding():
    far = (X + 1e4).astype(np.float32)
    f, g = (
        Network(data, LABELS, [BatchNorm(), Dense(4, "tanh"), Dense(3)])
        for data in (far, far.astype(float))
    )
    x = point(f)
    assert f.value(x) == pytest.approx(g.value(x), rel=1e-2)


@pytest.mark.parametrize("name", ["two", "masks between"])
def test_threads_change_no_bit(name):
    threadpoolctl = pytest.importorskip("threadpoolctl")
    X = np.random.default_rng(1).normal(size=(3000, 4))
    y = np.arange(3000) % 3

    def everything():
        f = Network(X, y, LAYERS[name], n_samples=2)
        x = point(f)
        training = BatchAdam(f, x, epochs=1, batch_size=1100)
        training.run_epoch(f)
        parts = f.value_and_gradient(x)[1], f.hessp(x, x), f.ggnp(x, x), f.predict(x)
        return np.concatenate([*map(np.ravel, parts), f.hessian(x).ravel(), training.x])

    told = []
    for threads in (1, 2, 5):
        with threadpoolctl.threadpool_limits(threads):
            told.append(everything())
    assert all((bits == told[0]).all() for bits in told)


def test_a_weight_of_two_is_the_row_twice_and_a_weight_of_zero_none():
    layers = LAYERS["before"]
    weight = np.arange(N) % 3.0
    f = Network(X, LABELS, layers, sample_weight=weight)
    rows = np.repeat(np.arange(N), weight.astype(int))
    g = Network(X[rows], LABELS[rows], layers)
    x = point(f)
    assert f.value(x) == pytest.approx(g.value(x), rel=1e-13)
    np.testing.assert_allclose(f.statistics(x)[0], g.statistics(x)[0], rtol=1e-12, atol=1e-13)
    kept = Network(
        X[weight > 0], LABELS[weight > 0], LAYERS["two"], sample_weight=weight[weight > 0]
    )
    of_all = Network(X, LABELS, LAYERS["two"], sample_weight=weight)
    x = point(of_all)
    np.testing.assert_allclose(
        of_all.value_and_gradient(x)[1], kept.value_and_gradient(x)[1], rtol=0, atol=1e-13
    )


def test_batches_have_statistics_of_their_own():
    f = made("two")
    rows = np.array([7, 3, 299, 4, 4, 150])
    g = Network(X[rows], LABELS[rows], LAYERS["two"], l2=0.1, sample_weight=WEIGHT[rows])
    x = point(f)
    assert f.batch(rows).value(x) == pytest.approx(g.value(x), rel=1e-13)
    assert np.isfinite(f.batch([5]).value_and_gradient(x)[1]).all()


@pytest.mark.parametrize("name", LAYERS)
def test_predictions(name):
    f = made(name)
    x = point(f)
    plain = Network(X, LABELS, [Dropout(0) if isinstance(p, Dropout) else p for p in f.layers])
    told = sampled_outputs(plain, x, WEIGHT)[0]
    np.testing.assert_allclose(f.predict(x), told, rtol=0, atol=1e-12 * abs(told).max())
    np.testing.assert_allclose(f.predict(x, X[:3]), told[:3], rtol=0, atol=1e-12 * abs(told).max())
    fixed = f.with_statistics(f.statistics(x))
    np.testing.assert_array_equal(fixed.predict(x), f.predict(x))
    assert fixed.batch([1, 2]).predict(x) == pytest.approx(told[1:3], rel=1e-10)
    # Under the masks of f its statistics are those of f.
    held = f.with_statistics(f.statistics(x, dropout=True))
    assert held.value(x) == pytest.approx(f.value(x), rel=1e-13)
    if name != "fixed":
        assert held.with_statistics(None).layers == f.layers


@pytest.mark.parametrize("name", LAYERS)
def test_the_jacobian_is_that_of_held_statistics(name):
    f = made(name)
    x = point(f)
    held = f.with_statistics(f.statistics(x))
    J, h = f.jacobian(x, X[:4]), 1e-6
    for j, unit in enumerate(np.eye(len(x))):
        slope = (held.predict(x + h * unit, X[:4]) - held.predict(x - h * unit, X[:4])) / 2 / h
        np.testing.assert_allclose(J[:, :, j], slope, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("name", LAYERS)
def test_folding(name):
    f = made(name)
    x = point(f)
    plain, at = f.fold(x)
    assert not any(isinstance(layer, BatchNorm) for layer in plain.layers)
    assert (plain.l2 == 0).all()
    told = f.predict(x)
    np.testing.assert_allclose(plain.predict(at), told, rtol=0, atol=1e-12 * abs(told).max())
    narrow = f.with_statistics(f.statistics(x)).batch([3, 4])
    plain, at = narrow.fold(x)
    np.testing.assert_allclose(plain.predict(at), told[3:5], rtol=0, atol=1e-12 * abs(told).max())


@pytest.mark.parametrize("name", ["masks behind", "masks before", "masks between"])
def test_masks_in_prediction_are_those_of_training(name):
    f = made(name)
    x = point(f)
    d = predict_distribution(f, x, X, seed=5, n_samples=3)
    z = sampled_outputs(f, x, WEIGHT)
    p = np.exp(z - np.logaddexp.reduce(z, axis=-1)[..., None])
    np.testing.assert_allclose(d.mean, p.mean(axis=0), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(d.variance, p.var(axis=0, ddof=1), rtol=1e-7, atol=1e-12)


def test_laplace_holds_the_statistics():
    f = Network(X, Y["squared"][:, 0], [*LAYERS["before"][:-1], Dense(1)], loss="squared", l2=1e-2)
    x = hessopt.minimize(f, f.initial(1), method="lbfgs").x
    held = f.with_statistics(f.statistics(x))
    for subset in (None, "last_layer"):
        post, other = (hessopt.laplace(g, x, subset=subset) for g in (f, held))
        for ours, theirs in zip(post.predictor(X[:5]), other.predictor(X[:5]), strict=True):
            np.testing.assert_array_equal(ours, theirs)
        assert post.log_marginal_likelihood == other.log_marginal_likelihood
    J = f.jacobian(x, X)[:, 0]
    G = J.T @ J / N + np.diag(f.l2_of_parameters)
    np.testing.assert_allclose(held.ggn(x), G, rtol=0, atol=1e-11 * abs(G).max())
    with pytest.raises(ValueError, match="objective: got a BatchNorm with statistics of the rows"):
        hessopt.maximize_evidence(f, x)


def test_parameters_as_arrays():
    f = made("two")
    x = f.initial(3)
    weights = f.unflatten(x)
    assert [(W.shape, b.shape) for W, b in weights] == [
        ((4, 6), (0,)), ((6,), (6,)), ((6, 5), (5,)), ((5, 4), (0,)), ((4,), (4,)), ((4, 3), (3,)),
    ]  # fmt: skip
    assert (weights[1][0] == 1).all()
    assert (weights[1][1] == 0).all()
    np.testing.assert_array_equal(f.flatten(weights), x)
    free = f.flatten([(0 * W, 0 * b) if W.ndim == 2 else (W, b) for W, b in weights])
    assert f.l2_of_parameters @ free == 0
    with pytest.raises(
        ValueError, match=r"weights: got 5 pairs; want \(W, b\) of 4 dense layers and"
    ):
        f.flatten(weights[:-1])


def test_a_new_head_behind_batch_normalisation():
    f = made("two")
    layers, weights = new_head(f.layers, f.unflatten(point(f)), 5, seed=1)
    g = Network(X, np.arange(N) % 5, layers)
    assert g.flatten(weights).size == g.n_parameters == f.n_parameters + 2 * 5
    plain, x = f.fold(point(f))
    assert Frozen(plain, x, [0, 1, 2]).n_parameters == 5 * 3


def test_copies():
    f = made("masks between")
    x = point(f)
    for g in (f, f.batch([5, 2, 9]), f.with_statistics(f.statistics(x)), f.with_masks(seed=9)):
        for other in (pickle.loads(pickle.dumps(g)), copy.deepcopy(g), copy.copy(g)):
            assert other.value(x) == g.value(x)
            assert repr(other) == repr(g)
            np.testing.assert_array_equal(other.predict(x), g.predict(x))
    assert "statistics=<5 units, " in repr(f.with_statistics(f.statistics(x)))


def test_a_fit_and_what_it_predicts_by():
    labels = (X[:, 0] + X[:, 2] > 0).astype(int)
    layers = [Dense(16), BatchNorm("relu"), Dropout(0.2), Dense(2)]
    f = Network(X[:200], labels[:200], layers, l2=1e-4)
    result = fit(f, epochs=60, batch_size=32, validation=(X[200:], labels[200:]))
    assert len(result.running) == 1
    exact = f.statistics(result.x)
    held_out = Network(X[200:], labels[200:], f.with_statistics(exact).layers)
    without = held_out._with_data(X[200:])
    told = np.logaddexp.reduce(f.predict(result.x, X[200:]), axis=1)
    told -= f.predict(result.x, X[200:])[np.arange(100), labels[200:]]
    assert result.fun_validation == pytest.approx(told.mean(), rel=1e-12)
    assert without.n_rows == 100
    by_running = f.with_statistics(result.running).predict(result.x, X[200:])
    accuracy = (by_running.argmax(axis=1) == labels[200:]).mean()
    assert accuracy > 0.85
    assert fit(f, method="lbfgs", maxiter=5).running is None


def test_running_averages():
    """Moved on by each batch, and a part of the state."""
    layers = [Dense(5), BatchNorm("tanh", momentum=0.3), Dense(3)]
    f = Network(X, LABELS, layers, sample_weight=WEIGHT)
    x = point(f)
    training = BatchAdam(f, x, epochs=2, batch_size=N)
    training.run_epoch(f)
    mean, variance = f.statistics(x)[0]
    q = (WEIGHT**2).sum() / WEIGHT.sum() ** 2
    running = training.running[0]
    np.testing.assert_allclose(running[0], 0.3 * mean, rtol=1e-12)
    np.testing.assert_allclose(running[1], 0.7 + 0.3 * variance / (1 - q), rtol=1e-12)
    other = pickle.loads(pickle.dumps(training))
    assert training.run_epoch(f) == other.run_epoch(f)
    np.testing.assert_array_equal(training.running[0], other.running[0])
    np.testing.assert_array_equal(training.x, other.x)
    with pytest.raises(ValueError, match="network: got other layers of batch normalisation"):
        training.run_epoch(Network(X, LABELS, [Dense(1), Dense(8), Dense(3)]))
    one = BatchAdam(f, x, epochs=1, batch_size=N - 1)  # a batch of one row moves nothing on
    one.run_epoch(f)
    assert np.isfinite(one.x).all()
    assert (one.running[0][1] > 0.7).all()


@pytest.mark.parametrize("name", ["two", "masks between", "fixed"])
def test_a_step_is_one_of_the_exact_gradient_of_its_batch(name):
    f = made(name, l2=0.0)
    x = point(f)
    training = BatchAdam(f, x, epochs=1, batch_size=N, learning_rate=0.1, epsilon=1e8, beta1=0.0)
    told = training.run_epoch(f)
    if name == "masks between":
        return
    value, gradient = f.value_and_gradient(x)
    assert told == pytest.approx(value, rel=1e-12)
    moved = (x - training.x) / 0.1 * 1e8
    np.testing.assert_allclose(moved, gradient, rtol=0, atol=1e-5 * abs(gradient).max())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_torch_in_training(dtype):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    layers = [
        BatchNorm(momentum=0.7), Dense(6, "tanh"), BatchNorm(eps=0.01, momentum=0.2), Dense(5),
        BatchNorm("silu", momentum=0.4), Dense(3),
    ]  # fmt: skip
    f = Network(X.astype(dtype), LABELS, layers)
    x = point(f)
    start = [(np.zeros(len(m)), np.ones(len(m))) for m, _ in f.statistics(x)]
    module = to_torch(f.with_statistics(start), x).train()
    loss = torch.nn.functional.cross_entropy(
        module(torch.from_numpy(f.X)), torch.from_numpy(LABELS)
    )
    loss.backward()
    theirs = [p.grad.double().numpy().T for p in module.parameters()]
    value, gradient = f.value_and_gradient(x)
    bound = 1e-5 if dtype == np.float32 else 1e-12
    assert value == pytest.approx(loss.item(), rel=bound)
    ours = [part for pair in f.unflatten(gradient) for part in pair if part.size]
    for our, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(our, their, rtol=0, atol=bound * abs(gradient).max())
    training = BatchAdam(f, x, epochs=1, batch_size=N)
    training.run_epoch(f)
    norms = [part for part in module if isinstance(part, torch.nn.BatchNorm1d)]
    for (mean, variance), norm in zip(training.running, norms, strict=True):
        for ours, theirs in ((mean, norm.running_mean), (variance, norm.running_var)):
            np.testing.assert_allclose(ours, theirs.numpy(), rtol=10 * bound, atol=10 * bound)


def test_what_does_not_do():
    for message, make in [
        ("activation: got 'swish'; want one of", lambda: BatchNorm("swish")),
        ("eps: got 0; want", lambda: BatchNorm(eps=0)),
        (r"momentum: got 1\.5; want", lambda: BatchNorm(momentum=1.5)),
        ("ddof: got 2; want", lambda: BatchNorm(ddof=2)),
        (r"statistics: got 3; want \(mean, variance\)", lambda: BatchNorm(statistics=3)),
        (
            "statistics: got length 2; want length 1",
            lambda: BatchNorm(statistics=([1.0], [1.0, 2])),
        ),
        ("statistics: got -1; want variances >= 0", lambda: BatchNorm(statistics=([1.0], [-1.0]))),
        ("batch normalisation of the outputs", lambda: Network(X, LABELS, [Dense(3), BatchNorm()])),
        ("layers: got no Dense", lambda: Network(X, LABELS, [BatchNorm()])),
        (
            "statistics: got length 1; want length 4",
            lambda: Network(X, LABELS, [BatchNorm(statistics=([1.0], [1.0])), Dense(3)]),
        ),
        (
            "network: got a BatchNorm; want none, as Network.fold gives it",
            lambda: Frozen(made("before"), point(made("before")), 0),
        ),
        (
            r"statistics: got 0 pairs; want \(mean, variance\) of 1 BatchNorm",
            lambda: made("before").with_statistics([]),
        ),
    ]:
        with pytest.raises(ValueError, match=message):
            make()

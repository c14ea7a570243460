"""Networks from and to scikit-learn, .npz files and torch, where that is installed."""

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier, MLPRegressor

from hessopt.networks import (
    BatchNorm,
    Dense,
    Dropout,
    Network,
    from_sklearn,
    from_torch,
    load_npz,
    save_npz,
    to_sklearn,
    to_torch,
)

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 5))
Y = {
    "softmax": np.arange(60) % 3,
    "logistic": np.arange(60) % 2,
    "squared": rng.normal(size=60),
}
ACTIVATIONS = [
    "identity", "relu", "leaky_relu", "tanh", "sigmoid", "softplus", "gelu", "gelu_tanh", "silu",
]  # fmt: skip


def network(loss="softmax", dtype=np.float32, hidden=("tanh", "tanh")):
    outputs = 3 if loss == "softmax" else 1
    layers = [Dense(7, hidden[0], 0.3), Dropout(0.4), Dense(4, hidden[1], 0.3), Dense(outputs)]
    return Network(X.astype(dtype), Y[loss], layers, loss=loss)


def point(f):
    return np.random.default_rng(1).normal(size=f.n_parameters)


@pytest.mark.parametrize("loss", Y)
@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_round_trip_with_scikit_learn(loss, activation):
    kind = MLPRegressor if loss == "squared" else MLPClassifier
    theirs = kind(hidden_layer_sizes=(6, 4), activation=activation, max_iter=5, random_state=0).fit(
        X, Y[loss]
    )
    layers, weights = from_sklearn(theirs)
    f = Network(X, Y[loss], layers, loss=loss)
    x = f.flatten(weights)
    eta = f.predict(x)
    again = to_sklearn(f, x)
    np.testing.assert_allclose(again.predict(X), theirs.predict(X), rtol=1e-10)
    if loss == "squared":
        np.testing.assert_allclose(eta[:, 0], theirs.predict(X), rtol=1e-10, atol=1e-12)
        return
    p = theirs.predict_proba(X)
    np.testing.assert_allclose(again.predict_proba(X), p, rtol=1e-10)
    if loss == "softmax":
        e = np.exp(eta - eta.max(axis=1, keepdims=True))
        np.testing.assert_allclose(e / e.sum(axis=1, keepdims=True), p, rtol=1e-10)
    else:
        np.testing.assert_allclose(1 / (1 + np.exp(-eta[:, 0])), p[:, 1], rtol=1e-10)


def test_the_loss_is_that_of_scikit_learn():
    """alpha / n is l2, as their loss has it."""
    options = {"alpha": 0.3, "max_iter": 9000, "max_fun": 10**6, "tol": 1e-12, "random_state": 0}
    theirs = MLPClassifier((6,), activation="tanh", solver="lbfgs", **options)
    theirs.fit(X, Y["softmax"])
    layers, weights = from_sklearn(theirs)
    f = Network(X, Y["softmax"], layers, l2=0.3 / 60)
    value, gradient = f.value_and_gradient(f.flatten(weights))
    np.testing.assert_allclose(value, theirs.loss_, rtol=1e-6)
    assert abs(gradient).max() < 1e-4


@pytest.mark.parametrize("loss", Y)
def test_a_round_trip_with_a_file(loss, tmp_path):
    f = network(loss, hidden=("leaky_relu", "gelu"))
    x = point(f)
    save_npz(tmp_path / "network.npz", f, x)
    layers, weights = load_npz(tmp_path / "network.npz")
    assert layers == list(f.layers)
    np.testing.assert_array_equal(f.flatten(weights), x)
    with np.load(tmp_path / "network.npz", allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["W1"], f.unflatten(x)[1][0])
    np.savez(tmp_path / "other.npz", W0=np.ones(3))
    with pytest.raises(ValueError, match="file: got no array 'layers'"):
        load_npz(tmp_path / "other.npz")


def test_what_scikit_learn_does_not_have():
    f = network(hidden=("tanh", "relu"))
    with pytest.raises(ValueError, match=r"network: got activations \['relu', 'tanh'\]; want one"):
        to_sklearn(f, point(f))
    f = network(hidden=("silu", "silu"))
    with pytest.raises(ValueError, match=r"network: got activations \['silu'\]"):
        to_sklearn(f, point(f))
    f = Network(X, abs(Y["squared"]), [Dense(1)], loss="poisson")
    with pytest.raises(ValueError, match="network: got loss 'poisson' of 1 outputs"):
        to_sklearn(f, point(f))
    with pytest.raises(TypeError, match="estimator: got MLPClassifier without coefs_"):
        from_sklearn(MLPClassifier())


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="torch is not installed")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_round_trip_with_torch(torch, activation, dtype):
    f = network(dtype=dtype, hidden=(activation, activation))
    x = point(f)
    module = to_torch(f, x).eval()
    tolerance = 1e-6 if dtype == np.float32 else 1e-13
    with torch.no_grad():
        theirs = module(torch.from_numpy(X.astype(dtype))).numpy()
    ours = f.predict(x)
    assert abs(ours - theirs).max() <= 4 * tolerance * abs(ours).max()
    layers, weights = from_torch(module)
    assert [type(layer) for layer in layers] == [type(layer) for layer in f.layers]
    back = f.flatten(weights)
    assert abs(back - x).max() <= tolerance * abs(x).max()
    g = Network(X.astype(dtype), Y["softmax"], layers)
    assert abs(g.predict(back) - theirs).max() <= 4 * tolerance * abs(ours).max()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_batch_normalisation_of_torch(torch, dtype):
    """With statistics, scales, eps, momentum and slope that are not the default ones."""
    nn = torch.nn
    torch.manual_seed(0)
    module = nn.Sequential(
        nn.BatchNorm1d(5, eps=0.1, momentum=0.3),
        nn.Linear(5, 8),
        nn.BatchNorm1d(8, eps=0.01, momentum=0.5),
        nn.LeakyReLU(0.3),
        nn.Dropout(0.25),
        nn.BatchNorm1d(8, affine=False),
        nn.Sequential(nn.Identity(), nn.Linear(8, 6), nn.GELU(approximate="tanh")),
        nn.BatchNorm1d(6),
        nn.Dropout(0.1),
        nn.Linear(6, 3, bias=False),
        nn.BatchNorm1d(3, eps=1e-3),
    ).to(torch.float32 if dtype == np.float32 else torch.float64)
    data = torch.from_numpy(X.astype(dtype))
    for _ in range(3):
        module(data * 2 + 1)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm1d) and part.affine:
            nn.init.normal_(part.weight)
            nn.init.normal_(part.bias)
    before = {k: v.clone() for k, v in module.state_dict().items()}
    layers, weights = from_torch(module)
    assert module.training
    assert all((v == before[k]).all() for k, v in module.state_dict().items())
    kinds = [(type(layer).__name__, getattr(layer, "activation", None)) for layer in layers]
    assert kinds == [
        ("BatchNorm", "identity"), ("Dense", "identity"), ("BatchNorm", "leaky_relu"),
        ("Dropout", None), ("BatchNorm", "identity"), ("Dense", "gelu_tanh"),
        ("BatchNorm", "identity"), ("Dropout", None), ("Dense", "identity"),
    ]  # fmt: skip
    assert layers[2].slope == pytest.approx(0.3)
    assert (layers[0].eps, layers[0].momentum, layers[2].momentum) == (0.1, 0.3, 0.5)
    assert weights[1][1].size == 0
    f = Network(X.astype(dtype), Y["softmax"], layers)
    x = f.flatten(weights)
    with torch.no_grad():
        theirs = module.eval()(data).numpy()
    bound = (1e-6 if dtype == np.float32 else 1e-13) * abs(theirs).max()
    assert abs(f.predict(x) - theirs).max() <= 4 * bound
    with torch.no_grad():
        again = to_torch(f, x).eval()(data).numpy()
    assert abs(again - theirs).max() <= 4 * bound
    same, others = from_torch(to_torch(f, x))
    assert [(type(p), getattr(p, "activation", 0)) for p in same] == [
        (type(p), getattr(p, "activation", 0)) for p in layers
    ]
    assert abs(f.flatten(others) - x).max() <= 1e-6 * abs(x).max()
    plain, at = f.fold(x)
    assert not any(isinstance(layer, BatchNorm) for layer in plain.layers)
    assert abs(plain.predict(at) - theirs).max() <= 4 * bound


def test_batch_normalisation_in_a_file(tmp_path):
    layers = [Dense(7), BatchNorm("silu", eps=0.1, momentum=0.2, ddof=1), Dropout(0.3), Dense(3)]
    f = Network(X, Y["softmax"], layers)
    x = point(f)
    save_npz(tmp_path / "network.npz", f, x)
    found, weights = load_npz(tmp_path / "network.npz")
    assert found == list(f.with_statistics(f.statistics(x)).layers)
    g = Network(X[:9], Y["softmax"][:9], found)
    np.testing.assert_array_equal(g.flatten(weights), x)
    np.testing.assert_array_equal(g.predict(x), f.predict(x)[:9])
    with np.load(tmp_path / "network.npz", allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["mean1"], f.statistics(x)[0][0])
    with pytest.raises(ValueError, match="network: got a BatchNorm; want none"):
        to_sklearn(f, x)


def test_modules_that_have_no_counterpart(torch):
    nn = torch.nn
    line = nn.Linear(5, 5)
    for module, message in [
        (nn.Sequential(line, nn.ELU()), "module: got a layer ELU"),
        (nn.Sequential(line, nn.Softplus(beta=2.0)), "module: got a layer Softplus"),
        (nn.Sequential(line, nn.LayerNorm(5)), "module: got a layer LayerNorm"),
        (line, "module: got Linear; want a torch.nn.Sequential"),
        (nn.Sequential(nn.ReLU(), line), "module: got relu after no Linear"),
        (nn.Sequential(line, nn.ReLU(), nn.ReLU()), "module: got relu after no Linear"),
        (nn.Sequential(nn.Dropout(0.5)), "module: got no Linear"),
        (
            nn.Sequential(nn.BatchNorm1d(5, momentum=None), line),
            "module: got BatchNorm1d with momentum=None; want a number",
        ),
        (nn.Sequential(line, nn.ReLU(), nn.BatchNorm1d(5)), "BatchNorm1d behind the last"),
        (
            nn.Sequential(line, nn.BatchNorm1d(5, track_running_stats=False)),
            "module: got BatchNorm1d without running statistics",
        ),
    ]:
        with pytest.raises((TypeError, ValueError), match=message):
            from_torch(module)

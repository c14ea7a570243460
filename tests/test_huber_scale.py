"""Huber's loss with its scale: its formula, its derivatives, scikit-learn's minimum."""

import pickle

import numpy as np
import pytest

import hessopt
from hessopt.objectives import HuberWithScale
from problems import central_gradient

X = np.random.default_rng(0).normal(size=(200, 3))
Y = X @ [1.0, -0.5, 0.2] + 0.3 + np.random.default_rng(1).standard_t(2, size=200)
WEIGHT = np.random.default_rng(2).integers(0, 3, 200)
OFFSET = np.random.default_rng(3).normal(size=200)
CASES = [
    {},
    {"l2": [0.1, 0.0, 2.0], "epsilon": 1.1},
    {"sample_weight": WEIGHT, "offset": OFFSET, "l2": 0.3},
    {"fit_intercept": False, "epsilon": 3.0},
]


@pytest.mark.parametrize("case", CASES)
def test_value_and_derivatives(case):
    f = HuberWithScale(X, Y, **case)
    intercept, epsilon = case.get("fit_intercept", True), case.get("epsilon", 1.35)
    x = np.array([0.7, -0.2, 0.1, 0.2, 0.6] if intercept else [0.7, -0.2, 0.1, 0.6])
    w, scale = x[:3], x[-1]
    r = X @ w + (0.2 if intercept else 0) + case.get("offset", 0) - Y
    z = np.abs(r) / scale
    losses = np.where(z <= epsilon, z**2, 2 * epsilon * z - epsilon**2)
    want = scale + scale * np.average(losses, weights=case.get("sample_weight"))
    want += (np.array(case.get("l2", 0.0)) * w**2).sum() / 2
    value, gradient = f.value_and_gradient(x)
    assert value == pytest.approx(want, rel=1e-13)
    differences = central_gradient(lambda z: f.value_and_gradient(z)[0], x)
    np.testing.assert_allclose(gradient, differences, rtol=1e-6, atol=1e-8)
    hessian = f.hessian(x)
    differences = central_gradient(lambda z: f.value_and_gradient(z)[1], x)
    np.testing.assert_allclose(hessian, differences, rtol=1e-5, atol=1e-7)
    v = np.arange(1.0, len(x) + 1)
    np.testing.assert_allclose(f.hessp(x, v), hessian @ v, rtol=1e-12)
    assert np.linalg.eigvalsh(hessian).min() > 0
    x[-1] = 0
    assert f.value_and_gradient(x)[0] == np.inf
    twin = pickle.loads(pickle.dumps(f))
    assert repr(twin) == repr(f)
    assert twin.value_and_gradient(x + 1)[0] == f.value_and_gradient(x + 1)[0]


@pytest.mark.parametrize("method", ["newton", "trust_region", "newton_cg", "lbfgs", "bfgs"])
@pytest.mark.parametrize("case", CASES)
def test_solvers_find_the_minimum(case, method):
    f = HuberWithScale(X, Y, **case)
    found = hessopt.minimize(f, f.start(), method=method)
    assert found.success, found.message
    _, gradient = f.value_and_gradient(found.x)
    assert np.abs(gradient).max() < 1e-6


def test_sparse_rows_say_the_same():
    sparse = pytest.importorskip("scipy.sparse")
    x = np.array([0.7, -0.2, 0.1, 0.2, 0.6])
    dense, like = (HuberWithScale(A, Y, offset=OFFSET) for A in (X, sparse.csr_array(X)))
    assert like.value_and_gradient(x)[0] == pytest.approx(dense.value_and_gradient(x)[0], rel=1e-13)
    np.testing.assert_allclose(like.hessian(x), dense.hessian(x), rtol=1e-12)


def test_what_is_wrong_is_said():
    for bad in (1.0, 0, np.inf):
        with pytest.raises(ValueError, match=r"^epsilon: got .*; want a finite number > 1"):
            HuberWithScale(X, Y, epsilon=bad)
    with pytest.raises(ValueError, match=r"^x: got length 4; want length 5"):
        HuberWithScale(X, Y).value_and_gradient(np.ones(4))
    assert "its start() is a point" in hessopt.minimize(HuberWithScale(X, Y), np.zeros(5)).message


@pytest.mark.agreement
@pytest.mark.parametrize("alpha", [0.0, 0.5])
@pytest.mark.parametrize("weight", [None, WEIGHT])
def test_scikit_learn_has_the_same_minimum(alpha, weight):
    linear = pytest.importorskip("sklearn.linear_model")
    total = 200 if weight is None else weight.sum()
    f = HuberWithScale(X, Y, l2=2 * alpha / total, sample_weight=weight)
    x = hessopt.minimize(f, f.start(), tol=1e-13).x
    peer = linear.HuberRegressor(alpha=alpha, tol=1e-12, max_iter=10_000)
    peer.fit(X, Y, sample_weight=weight)
    theirs = np.array([*peer.coef_, peer.intercept_, peer.scale_])
    # Their L-BFGS stops where the value no longer falls by much: half the digits.
    np.testing.assert_allclose(x, theirs, rtol=1e-4, atol=1e-5)
    assert 0 <= f.value_and_gradient(theirs)[0] - f.value_and_gradient(x)[0] + 1e-15 < 1e-9


@pytest.mark.parametrize("method", [None, "newton_cg", "lbfgs"])
@pytest.mark.parametrize("outliers", [0, 8])
def test_a_scale_of_0_is_an_end_within_bounds(outliers, method):
    rng = np.random.default_rng(1)
    X = rng.normal(size=(80, 2))
    y = X @ [1.0, 2.0] + 3
    y[:outliers] += rng.normal(size=outliers) * 50
    f = HuberWithScale(X, y)
    found = hessopt.minimize(f, f.start(), method=method, bounds=f.bounds())
    assert found.success, found.message
    assert np.allclose(found.x[:3], [1, 2, 3], atol=1e-7)
    assert found.x[3] == f.bounds()[3][0] < 1e-8
    lost = hessopt.minimize(f, f.start(), method=method)
    assert lost.success or "its bounds() keep from there" in lost.message


def test_an_estimator_ends_there_in_silence():
    X = np.arange(20.0)[:, None]
    y = 2 * X[:, 0] + 1
    y[3] = 100
    fit = pytest.importorskip("hessopt.sklearn").HuberRegressor(alpha=0).fit(X, y)
    assert np.allclose([fit.coef_[0], fit.intercept_], [2, 1], atol=1e-7)
    assert fit.scale_ < 1e-8
    assert np.flatnonzero(fit.outliers_).tolist() == [3]

"""Whole Hessians and Gauss-Newton matrices of networks against products and differences."""

import numpy as np
import pytest

import hessopt
from hessopt.networks import Dense, Dropout, GaussNewton, Network
from network_witness import ACTIVATIONS, ggn_form
from test_networks import ARCHITECTURES, WEIGHT, X, point

DEEP = [Dense(7, "tanh"), Dense(5, "silu"), Dense(6, "gelu"), Dropout(0.4), Dense(4, "tanh")]
LAYERS = ARCHITECTURES | {"deep masks": [*DEEP, Dense(3)]}
TABLE = [
    (name, loss, samples)
    for name in LAYERS
    for loss in ("softmax", "squared", "logistic", "poisson")
    for samples in ((1, 3) if "mask" in name or name in ("inputs", "late") else (1,))
]


def network(name, loss, samples=1, X=X, **options):
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, (len(X), 3)).astype(float)
    if loss == "softmax":
        y = rng.integers(0, 3, len(X))
    given = {"l2": [0.1] * sum(isinstance(p, Dense) for p in LAYERS[name]), **options}
    return Network(
        X, y, LAYERS[name], loss=loss, sample_weight=WEIGHT, seed=5, n_samples=samples, **given
    )


def by_products(product, n):
    return np.stack([product(unit) for unit in np.eye(n)])


@pytest.mark.parametrize(("name", "loss", "samples"), TABLE)
def test_the_matrices_are_those_of_the_products(name, loss, samples):
    f = network(name, loss, samples)
    x = point(f)
    for matrix, product in ((f.hessian(x), f.hessp), (f.ggn(x), f.ggnp)):
        columns = by_products(lambda v, product=product: product(x, v), len(x))
        np.testing.assert_array_equal(matrix, matrix.T)
        np.testing.assert_allclose(matrix, columns, rtol=0, atol=1e-14 * np.abs(columns).max())


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_hessian_is_that_of_differences(activation):
    y = np.random.default_rng(0).normal(size=300)
    f = Network(X, y, [Dense(4, activation), Dense(3, activation), Dense(1)], loss="squared")
    assert hessopt.check_derivatives(
        f, point(f, 1.0), tolerance=1e-5 if "relu" in activation else 1e-7
    )


@pytest.mark.parametrize("name", ["masks", "deep masks"])
def test_the_gauss_newton_matrix_is_that_of_its_definition(name):
    f = network(name, "softmax", 2)
    x = point(f)
    u, v = np.random.default_rng(0).normal(size=(2, len(x)))
    assert u @ f.ggn(x) @ v == pytest.approx(ggn_form(f, x, u, v, "softmax", WEIGHT, 0.1), rel=1e-8)


@pytest.mark.parametrize("name", ["deep", "deep masks", "inputs"])
def test_float32(name):
    narrow = X.astype(np.float32)
    low, high = (network(name, "softmax", 2, data) for data in (narrow, narrow.astype(float)))
    x = point(low)
    for a, b in ((low.hessian(x), high.hessian(x)), (low.ggn(x), high.ggn(x))):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-6 * np.abs(b).max())


def many_rows(samples):
    """So many blocks of rows and samples of masks that not all are looked at together."""
    rng = np.random.default_rng(0)
    layers = [Dense(40, "tanh"), Dropout(0.5), Dense(3)]
    big = rng.normal(size=(2500, 4))
    return Network(big, rng.integers(0, 3, 2500), layers, n_samples=samples)


@pytest.mark.parametrize("samples", [1, 40])
def test_rows_and_samples_in_turns(samples):
    f = many_rows(samples)
    x = point(f)
    v = np.random.default_rng(1).normal(size=len(x))
    np.testing.assert_allclose(f.hessian(x) @ v, f.hessp(x, v), rtol=0, atol=1e-14)
    np.testing.assert_allclose(f.ggn(x) @ v, f.ggnp(x, v), rtol=0, atol=1e-14)


def test_the_same_bits_for_any_number_of_threads():
    threadpoolctl = pytest.importorskip("threadpoolctl")
    f = many_rows(3)
    x = point(f)

    def look(threads):
        with threadpoolctl.threadpool_limits(threads):
            return f.hessian(x), f.ggn(x)

    for one, many in zip(look(1), look(3), strict=True):
        np.testing.assert_array_equal(one, many)


def test_batches_have_hessians():
    f = network("masks", "softmax", 2)
    x, batch = point(f), f.batch([7, 3, 299, 4, 4])
    v = np.random.default_rng(1).normal(size=len(x))
    np.testing.assert_allclose(batch.hessian(x) @ v, batch.hessp(x, v), rtol=0, atol=1e-13)


def test_what_there_is_no_memory_for():
    f = Network(X[:2, :1], [0.0, 1.0], [Dense(10**6), Dense(1)], loss="squared")
    x = np.zeros(f.n_parameters)
    with pytest.raises(MemoryError, match=r"Hessian: no memory for .* 72000048000008 bytes"):
        f.hessian(x)
    with pytest.raises(MemoryError, match="Gauss-Newton matrix: no memory"):
        f.ggn(x)


def test_a_hessian_costs_more_where_it_is_larger():
    costs = [
        Network(X, X[:, 0], [Dense(w, "tanh"), Dense(1)], loss="squared").hessian_cost
        for w in (2, 8, 32)
    ]
    assert costs == sorted(costs)
    f = network("masks", "softmax", 1)
    assert f.hessian_cost < f.n_parameters / 4  # of products


def test_the_view():
    f = network("deep", "softmax")
    g, x = f.with_ggn(), point(f)
    assert isinstance(g, GaussNewton)
    assert g.convex
    assert not f.convex
    assert g.value(x) == f.value(x)
    assert g.hessian_cost == f.hessian_cost
    np.testing.assert_array_equal(g.hessian(x), f.ggn(x))
    np.testing.assert_array_equal(g.hessp(x, x), f.ggnp(x, x))
    np.testing.assert_array_equal(g.value_and_gradient(x)[1], f.value_and_gradient(x)[1])
    assert repr(g) == repr(f) + ".with_ggn()"


class Counted:
    """An objective that counts its matrices."""

    def __init__(self, f):
        self.f, self.n_parameters, self.matrices = f, f.n_parameters, 0
        self.value_and_gradient = f.value_and_gradient

    def hessian(self, x):
        self.matrices += 1
        return self.f.hessian(x)


@pytest.mark.parametrize("method", ["trust_region", "newton"])
@pytest.mark.parametrize("gauss_newton", [True, False])
def test_minimize(method, gauss_newton):
    y = np.sin(2 * X[:, 0]) + X[:, 1]
    f = Network(X, y, [Dense(6, "tanh"), Dense(1)], loss="squared", l2=1e-3)
    start = point(f)
    g = f.with_ggn() if gauss_newton else f
    result = hessopt.minimize(g, start, method=method, tol=1e-7)
    assert result.success, result.message
    assert np.abs(f.value_and_gradient(result.x)[1]).max() < 1e-6
    assert result.fun < 0.1
    counted = Counted(g)
    same = hessopt.minimize(counted, start, method="trust_region", tol=1e-7)
    assert same.nfev > same.nit + 2  # trial points were turned down, and needed no matrix
    assert counted.matrices <= same.nit + 1

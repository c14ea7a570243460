"""What the columns of a model tell, and the variables that solvers without a Hessian make of it."""

from __future__ import annotations

import numpy as np
import pytest

import hessopt
from hessopt._minimize import columns
from hessopt.objectives import Logistic, Poisson, Softmax

N, P = 4000, 12
FIRST_ORDER = ["lbfgs", "bfgs"]


def table(condition, seed=0, n=N, p=P):
    """Normal columns whose covariance has this condition, far from 0."""
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.normal(size=(p, p)))[0]
    return rng.normal(size=(n, p)) * np.logspace(0, -0.5 * np.log10(condition), p) @ turn + 1


def labels(X, seed=1):
    rng = np.random.default_rng(seed)
    z = (X - X.mean(0)) / X.std(0)
    return (z @ rng.normal(size=X.shape[1]) / 3 + rng.logistic(size=len(X)) > 0).astype(int)


@pytest.mark.parametrize("dtype", [float, np.float32])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("weighted", [False, True])
def test_products_of_columns(dtype, order, weighted):
    rng = np.random.default_rng(2)
    X = np.asarray(table(1e4), dtype, order=order)
    weight = rng.uniform(size=N) * (rng.random(N) < 0.7) if weighted else None
    mean, scale = rng.normal(size=P), rng.uniform(0.5, 2, size=P)
    f = Logistic(X, labels(X), sample_weight=weight)
    z = (X.astype(float) - mean) / scale
    want = (
        (z.T * (np.ones(N) if weight is None else weight))
        @ z
        / (N if weight is None else weight.sum())
    )
    got = f.column_products(mean, scale)
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-14)
    assert np.array_equal(got, got.T)


def test_rows_that_weigh_nothing_have_no_part_in_the_products():
    X = np.array([[1e300, -3.0], [1.0, 2.0], [3.0, 4.0], [-1e300, 1e9]])
    f = Poisson(X, [1, 1, 2, 3], sample_weight=[0, 1, 1, 0])
    np.testing.assert_allclose(f.column_products([2, 3], [1, 1]), np.ones((2, 2)), rtol=1e-15)


@pytest.mark.parametrize("threads", [2, 3, 8])
def test_any_number_of_threads_gives_the_same_products(threads):
    threadpoolctl = pytest.importorskip("threadpoolctl")
    f = Logistic(table(10, n=30_000), np.arange(30_000) % 2)
    found = []
    for team in (1, threads):
        with threadpoolctl.threadpool_limits(team):
            found.append(f.column_products(np.zeros(P), np.ones(P)))
    assert np.array_equal(*found)


@pytest.mark.parametrize("method", FIRST_ORDER)
@pytest.mark.parametrize("condition", [1e4, 1e8, 1e12])
def test_correlated_columns_cost_little_more_than_independent_ones(condition, method):
    X = table(condition)
    found = hessopt.minimize(Logistic(X, labels(X)), np.zeros(P + 1), method=method)
    newton = hessopt.minimize(Logistic(X, labels(X)), np.zeros(P + 1), method="newton")
    assert found.success, found.message
    assert found.nfev <= 25
    spread = np.sqrt(np.diag(Logistic(X, labels(X)).covariance(newton.x)))
    assert (np.abs(found.x - newton.x) <= 1e-6 * spread).all()


def test_newton_cg_needs_few_products_on_correlated_columns():
    X = table(1e8)
    found = hessopt.minimize(Logistic(X, labels(X)), np.zeros(P + 1), method="newton_cg")
    assert found.success, found.message
    assert found.nhev <= 60


def test_classes_share_the_correlations():
    X = table(1e8, n=6000)
    rng = np.random.default_rng(4)
    z = (X - X.mean(0)) / X.std(0)
    y = (z @ rng.normal(size=(P, 3)) + rng.gumbel(size=(6000, 3))).argmax(1)
    f = Softmax(X, y, l2=1e-6)
    start = np.zeros(f.n_parameters)
    found = hessopt.minimize(f, start, method="lbfgs")
    newton = hessopt.minimize(f, start, method="newton")
    assert found.success, found.message
    assert found.nfev <= 80  # 956 in the variables of the standardised columns
    np.testing.assert_allclose(found.fun, newton.fun, rtol=1e-13)


def factor_of(f):
    mean, scale, alike = columns.moments(f)
    return alike and columns.correlation_factor(f, mean, columns.units(scale, f.l2))


def test_independent_columns_are_left_alone():
    X = np.random.default_rng(5).normal(size=(N, P))
    assert factor_of(Logistic(X, labels(X))) is None


def test_columns_that_few_rows_make_are_left_alone():
    X = (np.random.default_rng(6).random((20_000, P)) < 2e-4).astype(float)
    assert not factor_of(Logistic(X, np.arange(20_000) % 2, fit_intercept=False))


def test_the_look_is_left_out_where_rows_are_few():
    X = table(1e8, n=60)
    assert factor_of(Logistic(X, np.arange(60) % 2)) is None


@pytest.mark.parametrize("method", [*FIRST_ORDER, "newton_cg", "gradient_descent"])
def test_a_run_in_uncorrelated_variables_goes_on_bit_for_bit(method, tmp_path):
    X = table(1e6)
    f, start = Logistic(X, labels(X)), np.zeros(P + 1)
    whole = hessopt.minimize(f, start, method=method, options={"maxiter": 12})
    file = tmp_path / "run"
    for limit in (4, 12):
        found = hessopt.minimize(
            f, start, method=method, options={"maxiter": limit}, checkpoint=file
        )
    assert np.array_equal(found.x, whole.x)


@pytest.mark.parametrize("method", FIRST_ORDER)
def test_the_inverse_hessian_is_that_of_the_callers_variables(method):
    X = table(1e4)
    f = Logistic(X, labels(X))
    found = hessopt.minimize(f, np.zeros(P + 1), method=method)
    inverse = np.linalg.inv(f.hessian(found.x))
    for v in np.random.default_rng(7).normal(size=(6, P + 1)):
        near = found.hess_inv @ v if method == "bfgs" else found.hess_inv.dot(v)
        assert 0.8 < v @ near / (v @ inverse @ v) < 1.25

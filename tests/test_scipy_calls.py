"""Calls of scipy.optimize.minimize as they stand in other people's code, against SciPy itself."""

import pickle
import subprocess
import sys
from decimal import Decimal
from multiprocessing.pool import ThreadPool

import numpy as np
import pytest
from scipy import optimize, sparse
from scipy.optimize import rosen, rosen_der, rosen_hess
from scipy.sparse.linalg import aslinearoperator

import hessopt
from hessopt import minimize, scipy_method
from scipy_calls import METHODS, SQUARE, START, WAYS, adapter, bowl, bowl_der, derivatives, here


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("method", METHODS)
def test_methods_by_scipys_names(way, method):
    more = derivatives(method)
    with np.errstate(all="ignore"):
        theirs = optimize.minimize(rosen, START, method=method, tol=1e-9, **more)
    ours = way(rosen, START, method=method, tol=1e-9, **more)
    assert ours.success
    np.testing.assert_allclose(ours.x, theirs.x, atol=1e-6)
    assert way(rosen, START, method=method.lower(), **more).success


def test_conjugate_gradients_are_named():
    for call in (here, adapter):
        with pytest.raises(ValueError, match=r"^method: got 'CG'; want 'lbfgs'"):
            call(rosen, START, method="CG", jac=rosen_der)


# derivatives


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("jac", [None, False, "2-point", "3-point", "cs"])
@pytest.mark.parametrize("method", ["BFGS", "L-BFGS-B"])
def test_without_a_gradient(way, jac, method):
    calls = []

    def fun(x):
        calls.append(1)
        return rosen(x)

    ours = way(fun, START, method=method, jac=jac, tol=1e-5)
    assert ours.success
    np.testing.assert_allclose(ours.x, 1, atol=1e-4)
    assert len(calls) == ours.nfev > ours.njev
    theirs = optimize.minimize(rosen, START, method=method, jac=jac, tol=1e-5)
    assert np.abs(ours.x - 1).max() <= max(10 * np.abs(theirs.x - 1).max(), 1e-5)


def test_differences_need_no_scipy():
    program = """
import sys
sys.modules["scipy"] = None
import hessopt
result = hessopt.minimize(lambda x: float((x[0] - 1) ** 2 + (x[1] - x[0]) ** 4), [3.0, 2.0])
assert result.success and abs(result.x[0] - 1) < 1e-4, result
"""
    subprocess.run([sys.executable, "-c", program], check=True)


HESSIANS = {
    "array": lambda: rosen_hess,
    "matrix": lambda: lambda x: np.matrix(rosen_hess(x)),
    "lists": lambda: lambda x: rosen_hess(x).tolist(),
    "csr": lambda: lambda x: sparse.csr_array(rosen_hess(x)),
    "coo": lambda: lambda x: sparse.coo_matrix(rosen_hess(x)),
    "operator": lambda: lambda x: aslinearoperator(rosen_hess(x)),
    "2-point": lambda: "2-point",
    "3-point": lambda: "3-point",
    "cs": lambda: "cs",
    "BFGS": optimize.BFGS,  # has a state
    "SR1": optimize.SR1,
}


@pytest.mark.filterwarnings("ignore:the matrix subclass")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("method", ["Newton-CG", "trust-ncg", "trust-exact", "newton"])
@pytest.mark.parametrize("kind", HESSIANS)
def test_hessians_in_every_form(way, method, kind):
    result = way(rosen, START, method=method, jac=rosen_der, hess=HESSIANS[kind](), tol=1e-7)
    assert result.success
    np.testing.assert_allclose(result.x, 1, atol=1e-6)
    assert result.njev >= result.nfev


@pytest.mark.parametrize("way", WAYS)
def test_newton_cg_without_a_hessian(way):
    gradients = []

    def jac(x):
        gradients.append(1)
        return rosen_der(x)

    result = way(rosen, START, method="Newton-CG", jac=jac, tol=1e-7)
    assert result.success
    np.testing.assert_allclose(result.x, 1, atol=1e-6)
    assert len(gradients) == result.njev > result.nfev
    both = minimize(lambda x: (rosen(x), rosen_der(x)), START, method="Newton-CG", jac=True)
    assert both.success
    assert both.nfev == both.njev


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("method", ["dogleg", "trust-ncg", "trust-krylov", "trust-exact"])
def test_trust_regions_want_a_hessian(way, method):
    with pytest.raises(ValueError, match=r"^hess: got nothing; want .*2-point"):
        way(rosen, START, method=method, jac=rosen_der)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("method", ["Newton-CG", "trust-ncg", "trust-exact", "newton"])
@pytest.mark.parametrize("kind", ["2-point", "3-point", "cs", "BFGS", "SR1"])
def test_a_flat_direction_is_no_saddle(way, method, kind):
    """However the error of differences, or a model of no step, curves it."""

    def fun(x):
        return np.sum(np.cosh(x[1:] - 0.3)) + np.sum(np.exp(0.1 * x[1:]))

    def jac(x):
        g = np.sinh(x - 0.3) + 0.1 * np.exp(0.1 * x)
        g[0] = 0
        return g

    result = way(fun, np.zeros(4), method=method, jac=jac, hess=HESSIANS[kind]())
    assert result.success, result.message
    np.testing.assert_allclose(jac(result.x), 0, atol=1e-6)


# bounds and constraints

FREE = [
    {"bounds": None},
    {"bounds": [(None, None)] * 3},
    {"bounds": [(-np.inf, np.inf)] * 3},
    {"bounds": ((None, np.inf),) * 3},
    {"bounds": optimize.Bounds()},
    {"bounds": optimize.Bounds([-np.inf] * 3, np.inf)},
    {"bounds": np.array([[-np.inf, np.inf]] * 3)},
    {"bounds": []},
    {"constraints": ()},
    {"constraints": []},
    {"constraints": {}},
    {"constraints": None},
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("free", FREE, ids=repr)
def test_bounds_that_bind_nothing(way, free):
    assert way(rosen, START, jac=rosen_der, **free).success


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "constraints",
    [optimize.LinearConstraint(np.eye(3), 0, 1), [{"type": "eq", "fun": sum}]],
    ids=["linear", "equality"],
)
def test_constraints_are_refused_with_the_way_round(way, constraints):
    match = r"^constraints: got .*scipy\.optimize\.minimize.*trust-constr"
    with pytest.raises(ValueError, match=match):
        way(rosen, START, jac=rosen_der, constraints=constraints)


def test_by_position():
    args = (rosen, START, (), "L-BFGS-B", rosen_der, None, None, [(None, None)] * 3, (), 1e-8)
    ours, theirs = minimize(*args, None, {}), optimize.minimize(*args)
    np.testing.assert_allclose(ours.x, theirs.x, atol=1e-6)


# starts


STARTS = [
    17,
    2.0,
    np.float64(2),
    np.array(2.0),
    [2],
    (2.0,),
    np.array([2], np.float16),
    np.array([2], np.longdouble),
    np.array([2], object),
    [Decimal(2)],
    np.array([2], np.float32),
    np.array([2], ">f8"),
    np.array([True]),
    np.arange(6.0)[::3][:1],
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("x0", STARTS, ids=repr)
@pytest.mark.parametrize("jac", [None, bowl_der])
def test_starts(way, x0, jac):
    result = way(bowl, x0, jac=jac, tol=1e-8)
    assert result.success
    assert result.x.dtype == np.float64
    np.testing.assert_allclose(result.x, SQUARE, atol=1e-6)


@pytest.mark.parametrize("way", WAYS)
def test_float32_starts_run_in_the_precision_of_f(way):
    start = np.array([1.3, 0.7, 0.8, 1.9, 1.2], np.float32)
    result = way(rosen, start, jac=rosen_der, method="BFGS", tol=1e-8)
    assert result.x.dtype == result.jac.dtype == np.float64
    np.testing.assert_allclose(result.x, 1, atol=1e-6)

    def single(x):
        return np.float32(rosen(x)), rosen_der(x).astype(np.float32)

    for jac, fun in ((True, single), (lambda x: single(x)[1], lambda x: single(x)[0])):
        result = way(fun, start, jac=jac)
        assert result.x.dtype == np.float32 or way is adapter  # SciPy hands over what it likes
        assert way(fun, start.astype(float), jac=jac).x.dtype == np.float64
    model = hessopt.objectives.Squared(np.eye(5, dtype=np.float32), np.ones(5), l2=0.1)
    assert minimize(model, np.zeros(6, np.float32)).x.dtype == np.float64
    asked = minimize(single, hessopt.LBFGS(start), jac=True)
    assert asked.x.dtype == np.float32


# the rest of SciPy


def test_global_minimisers_take_the_adapter():
    def waves(x):
        return np.sum(x**2) / 20 - np.sum(np.cos(2 * x))

    local = {"method": scipy_method("lbfgs")}
    result = optimize.basinhopping(waves, [4.0, -5.0], stepsize=3, minimizer_kwargs=local, seed=0)
    np.testing.assert_allclose(result.x, 0, atol=1e-4)
    assert isinstance(result.lowest_optimization_result, optimize.OptimizeResult)
    result = optimize.dual_annealing(
        waves, [(-8, 8)] * 2, minimizer_kwargs=local, maxiter=50, seed=0
    )
    np.testing.assert_allclose(result.x, 0, atol=1e-4)


def test_the_adapter_pickles():
    method = pickle.loads(pickle.dumps(scipy_method("lbfgs", maxcor=5)))
    assert optimize.minimize(rosen, START, jac=rosen_der, method=method).success


def test_workers_map_the_points():
    with ThreadPool(2) as pool:
        mapped = minimize(rosen, START, options={"workers": pool.map})
        alone = minimize(rosen, START)
        np.testing.assert_array_equal(mapped.x, alone.x)
        assert mapped.nfev == alone.nfev
        hess = minimize(
            rosen,
            START,
            method="newton",
            jac=rosen_der,
            hess="2-point",
            options={"workers": pool.map},
        )
        assert hess.success

"""What functions return and what callers get, by the rules of scipy.optimize.minimize."""

import functools
import pickle
from decimal import Decimal

import numpy as np
import pytest
from scipy import optimize
from scipy.optimize import rosen, rosen_der, rosen_hess, rosen_hess_prod
from scipy.sparse.linalg import aslinearoperator

import hessopt
from hessopt import minimize
from scipy_calls import METHODS, SQUARE, START, WAYS, adapter, bowl, derivatives

# what functions return

GRADIENTS = [
    lambda g: g[:, None],
    lambda g: g[None],
    np.matrix,
    list,
    tuple,
    lambda g: g.astype(np.float32),
    lambda g: g.astype(object),
    lambda g: g[::-1].copy()[::-1],
    lambda g: np.ma.masked_array(g),
    lambda g: __import__("pandas").Series(g),
]
VALUES = [
    float,
    lambda f: np.array([f]),
    lambda f: np.array([[f]]),
    np.array,
    lambda f: [f],
    np.float32,
    np.longdouble,
    Decimal,
    lambda f: np.array([f], object),
    lambda f: __import__("pandas").Series([f]),
]


@pytest.mark.filterwarnings("ignore:the matrix subclass")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("shape", GRADIENTS, ids=range(len(GRADIENTS)))
def test_gradients_of_any_shape(way, shape):
    if shape is GRADIENTS[-1]:
        pytest.importorskip("pandas")
    expected = way(rosen, START, jac=rosen_der)
    result = way(rosen, START, jac=lambda x: shape(rosen_der(x)))
    np.testing.assert_allclose(result.x, expected.x, atol=1e-3)
    assert result.jac.shape == (3,)
    products = way(
        rosen,
        START,
        method="Newton-CG",
        jac=lambda x: shape(rosen_der(x)),
        hessp=lambda x, v: shape(rosen_hess_prod(x, v)),
    )
    np.testing.assert_allclose(products.x, 1, atol=1e-3)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("shape", VALUES, ids=range(len(VALUES)))
@pytest.mark.parametrize("jac", [None, rosen_der])
def test_values_of_any_shape(way, shape, jac):
    if shape is VALUES[-1]:
        pytest.importorskip("pandas")
    result = way(lambda x: shape(rosen(x)), START, jac=jac)
    assert isinstance(result.fun, float)
    assert result.fun < 1e-2


@pytest.mark.parametrize("way", WAYS)
def test_numbers_for_one_variable(way):
    for jac in (lambda x: 2 * (x[0] - 1.5), lambda x: np.array([[2 * (x[0] - 1.5)]])):
        for hess in (lambda x: 2.0, lambda x: [2.0], lambda x: [[2.0]], lambda x: np.array(2.0)):
            for method in ("trust-exact", "Newton-CG"):
                result = way(bowl, 4.0, jac=jac, hess=hess, method=method)
                np.testing.assert_allclose(result.x, SQUARE, atol=1e-6)
    assert way(lambda x: x**2, [3.0], jac=lambda x: 2 * x).success


BAD_VALUES = [(lambda x: x, ValueError), (lambda x: None, TypeError), (lambda x: "1", TypeError)]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("fun", "error"), BAD_VALUES)
@pytest.mark.parametrize("jac", [None, "3-point", rosen_der])
def test_what_is_no_number_is_named(way, fun, error, jac):
    with pytest.raises(error, match=r"^fun: got .*; want one real number"):
        way(fun, START, jac=jac)


# what functions do to their arguments


def test_functions_may_overwrite_what_they_are_given():
    target = np.arange(5.0)

    def fun(x):
        x -= target
        x *= x
        return np.sum(x)

    def jac(x):
        x -= target
        x *= 2
        return x

    def hess(x):
        x[:] = np.nan
        return 2 * np.eye(5)

    def hessp(x, v):
        x[:] = np.nan
        v *= 2
        return v

    def both(x):
        f, g = fun(x.copy()), jac(x)
        return f, g

    def spoil(x):
        x[:] = np.nan

    def spoil_result(intermediate_result):
        intermediate_result.x[:] = np.nan

    for method in [*METHODS, "newton", "gradient_descent"]:
        for way in WAYS:
            for given in (
                {"fun": fun, "jac": jac},
                {"fun": both, "jac": True},
                {"fun": fun} if method in ("BFGS", "L-BFGS-B") else {"fun": fun, "jac": jac},
            ):
                for second in ({"hess": hess}, {"hessp": hessp}, {"hess": "2-point"}):
                    for callback in (spoil, spoil_result):
                        more = {} if method in ("BFGS", "L-BFGS-B") else second
                        if method == "gradient_descent":
                            more = {"options": {"learning_rate": 0.3}}
                        run = functools.partial(way, x0=np.full(5, 1.5), method=method)
                        result = run(**given, **more, callback=callback)
                        np.testing.assert_allclose(result.x, target, atol=1e-4)


# results


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("method", METHODS)
def test_results_are_scipys(way, method):
    result = way(rosen, START, method=method, **derivatives(method))
    assert isinstance(result, optimize.OptimizeResult)
    assert isinstance(result, hessopt.OptimizeResult)
    assert isinstance(result, dict)
    assert result.status == 0
    for copy in (pickle.loads(pickle.dumps(result)), __import__("copy").deepcopy(result)):
        assert type(copy) is type(result)
        assert copy.keys() == result.keys()
        np.testing.assert_array_equal(copy.x, result.x)
    with pytest.raises(AttributeError):
        _ = result.nothing


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("method", ["BFGS", "L-BFGS-B"])
def test_the_inverse_hessian_is_a_matrix_to_all(way, method):
    result = way(rosen, START, method=method, jac=rosen_der, tol=1e-9)
    h, v = result.hess_inv, np.array([1.0, -2.0, 0.5])
    dense = np.asarray(h)
    assert dense.shape == h.shape == (3, 3)
    assert np.asarray(h, np.float32).dtype == np.float32
    np.testing.assert_allclose(dense, dense.T, rtol=1e-12)
    np.testing.assert_allclose(dense, np.linalg.inv(rosen_hess(result.x)), rtol=0.3, atol=0.1)
    assert (np.sqrt(np.diag(h)) > 0).all()
    np.testing.assert_allclose([h[0, 0], h[2, 1], *h[1]], [dense[0, 0], dense[2, 1], *dense[1]])
    for product in (h @ v, h.dot(v), v @ h, np.dot(h, v)):
        np.testing.assert_allclose(product, dense @ v, rtol=1e-12)
    np.testing.assert_allclose(h @ np.eye(3), dense, rtol=1e-12)
    np.testing.assert_allclose(h.T @ v, dense.T @ v, rtol=1e-12)
    np.testing.assert_allclose(np.linalg.eigvalsh(h), np.linalg.eigvalsh(dense))
    np.testing.assert_allclose(np.asarray(pickle.loads(pickle.dumps(h))), dense)
    assert isinstance(h, np.ndarray) == (method == "BFGS")  # as SciPy's are
    if method == "L-BFGS-B":
        for product in (h.matvec(v), h.rmatvec(v), h(v), aslinearoperator(h) @ v):
            np.testing.assert_allclose(product, dense @ v, rtol=1e-12)
        np.testing.assert_array_equal(h.todense(), dense)


# callbacks


@pytest.mark.parametrize("method", METHODS)
def test_callbacks_by_scipys_rules(method):
    def stop_late(xk):
        seen.append(xk)
        if len(seen) == 3:
            raise StopIteration

    def say_true(xk):
        return True

    more = derivatives(method)
    for scipys in (False, True):
        seen = []
        run = (
            functools.partial(optimize.minimize, method=method)
            if scipys
            else functools.partial(adapter, method=method)
        )
        result = run(rosen, START, callback=stop_late, **more)
        assert (result.status, result.success, result.nit) == (99, False, 3)
        assert result.message == "`callback` raised `StopIteration`."
        assert run(rosen, START, callback=say_true, **more).success
    # here True ends a run, as the documentation says
    assert minimize(rosen, START, method=method, callback=say_true, **more).nit == 1

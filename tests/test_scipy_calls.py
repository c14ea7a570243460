"""Calls of scipy.optimize.minimize as they stand in other people's code, against SciPy itself."""

import functools
import pickle
import subprocess
import sys
import warnings
from decimal import Decimal
from multiprocessing.pool import ThreadPool

import numpy as np
import pytest
from scipy import optimize, sparse
from scipy.optimize import rosen, rosen_der, rosen_hess, rosen_hess_prod
from scipy.sparse.linalg import aslinearoperator

import hessopt
from hessopt import minimize, scipy_method

START = np.array([-1.2, 1.0, 0.8])
SQUARE = np.array([1.5])  # minimum of the functions of one variable

# The ways in: the function itself, and the adapter, by SciPy's names of the methods.
METHODS = [
    *("BFGS", "L-BFGS-B", "Newton-CG", "dogleg", "trust-ncg", "trust-krylov", "trust-exact"),
]


def here(*args, **more):
    return minimize(*args, **more)


def adapter(fun, x0, *args, method="BFGS", **more):
    words = more.get("jac") if isinstance(more.get("jac"), str) else None
    return optimize.minimize(fun, x0, *args, method=scipy_method(method, jac=words), **more)


WAYS = [here, adapter]


def derivatives(method):
    """What SciPy wants to be given for a method."""
    more = {} if method in ("BFGS", "L-BFGS-B") else {"hess": rosen_hess}
    return {"jac": rosen_der, **more}


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


# options

BFGS, LBFGSB, TRUST, NCG = "BFGS", "L-BFGS-B", "trust-exact", "Newton-CG"
OPTIONS = [
    (BFGS, {"disp": False}),
    (BFGS, {"disp": True}),
    (BFGS, {"disp": 0, "maxiter": 1e4}),
    (LBFGSB, {"disp": None, "iprint": -1}),
    (BFGS, {"gtol": 1e-6, "norm": np.inf}),
    (BFGS, {"gtol": 1e-6, "norm": -np.inf}),
    (BFGS, {"gtol": 1e-6, "norm": 2}),
    (BFGS, {"eps": 1e-8}),
    (BFGS, {"finite_diff_rel_step": 1e-7}),
    (BFGS, {"xrtol": 1e-9}),
    (BFGS, {"c1": 1e-3, "c2": 0.5}),
    (BFGS, {"hess_inv0": np.diag([1e-2, 1e-2, 5e-3])}),
    (BFGS, {"workers": 1}),
    (BFGS, {"workers": map}),
    (LBFGSB, {"maxls": 40, "maxcor": 30, "ftol": 1e-14, "gtol": 1e-8, "eps": 1e-8}),
    (LBFGSB, {"maxfun": 1e4, "maxiter": 1e3}),
    (LBFGSB, {"maxfun": np.inf, "maxiter": None}),
    (LBFGSB, {"maxiter": 100.5}),
    (NCG, {"xtol": 1e-9, "maxiter": 200, "c1": 1e-4, "c2": 0.9}),
    (TRUST, {"initial_trust_radius": 0.5, "max_trust_radius": 100.0, "eta": 0.1, "gtol": 1e-8}),
    (TRUST, {"subproblem_maxiter": 20}),
    ("trust-krylov", {"inexact": False}),
    ("trust-ncg", {"workers": None, "maxiter": 500}),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("method", "options"), OPTIONS, ids=repr)
def test_options(way, method, options, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ours = way(rosen, START, method=method, options=options, **derivatives(method))
    assert ours.success
    np.testing.assert_allclose(ours.x, 1, atol=1e-4)
    assert bool(capsys.readouterr().out) == bool(options.get("disp"))


@pytest.mark.parametrize("way", WAYS)
def test_unknown_options_warn_and_do_not_stop(way):
    with pytest.warns(optimize.OptimizeWarning, match="^Unknown solver options: maxcorr, gtoll"):
        result = way(rosen, START, method="L-BFGS-B", options={"maxcorr": 9, "gtoll": 1})
    assert result.success
    with pytest.raises(TypeError, match="maxcorr"):  # of a solver's own they are an error
        hessopt.LBFGS(START, maxcorr=9)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("limit", [{"maxiter": -1}, {"maxiter": 0}, {"maxiter": 3}])
def test_limits_are_a_status(way, method, limit):
    result = way(rosen, START, method=method, options=limit, **derivatives(method))
    assert not result.success
    assert result.nit == max(0, limit["maxiter"])
    assert result.status == (1 if way is adapter else hessopt.Status.MAX_ITERATIONS)
    assert result.fun == rosen(result.x)


@pytest.mark.parametrize("way", WAYS)
def test_maxfev_and_maxfun_count_every_call(way):
    for key in ("maxfun", "maxfev"):
        for most in (0, 2, 15, 40):
            calls = []
            result = way(
                lambda x, calls=calls: (calls.append(1), rosen(x))[1],
                np.zeros(6),
                method="L-BFGS-B",
                options={key: most},
            )
            assert not result.success
            assert len(calls) == result.nfev
            assert most <= result.nfev <= most + 7  # a gradient is finished


@pytest.mark.parametrize("way", WAYS)
def test_what_the_line_search_is_told_it_does(way):
    start = [1.3, 0.7, 0.8, 1.9, 1.2]
    runs = {
        c2: way(rosen, start, method="BFGS", jac=rosen_der, options={"c2": c2})
        for c2 in (0.01, 0.9)
    }
    assert runs[0.01].nit < runs[0.9].nit
    assert runs[0.01].nfev / runs[0.01].nit > runs[0.9].nfev / runs[0.9].nit
    for bad in ({"c1": 0.5, "c2": 0.1}, {"c1": -0.1}, {"c2": 1.5}):
        with pytest.raises(ValueError, match=r"^c1, c2: got .*; want 0 < c1 < c2 < 1"):
            way(rosen, start, method="L-BFGS-B", jac=rosen_der, options=bad)
    with pytest.raises(ValueError, match=r"^maxls: got 0"):
        way(rosen, start, method="L-BFGS-B", jac=rosen_der, options={"maxls": 0})


@pytest.mark.parametrize("way", WAYS)
def test_the_first_inverse_hessian(way):
    h = np.array([[3.0, 1.0], [1.0, 1.0]])  # whose inverse is exact

    def fun(x):
        return x @ h @ x / 2

    exact = np.array([[0.5, -0.5], [-0.5, 1.5]])
    first = functools.partial(way, fun, [1.0, -2.0], method="BFGS", jac=lambda x: h @ x)
    assert first(options={"hess_inv0": exact}).nit == 1
    assert first().nit > 1
    np.testing.assert_allclose(
        first(options={"hess_inv0": exact, "maxiter": 0}).hess_inv, exact, rtol=1e-12
    )
    for bad in (-np.eye(2), np.diag([1.0, 0.0]), np.array([[1.0, 2.0], [2.0, 1.0]])):
        with pytest.raises(ValueError, match=r"^hess_inv0: got .*isn't positive definite"):
            first(options={"hess_inv0": bad})
    with pytest.raises(ValueError, match=r"^hess_inv0: got shape"):
        first(options={"hess_inv0": np.eye(3)})


@pytest.mark.parametrize("way", WAYS)
def test_disp_warns_where_there_is_no_minimum(way):
    with pytest.warns(optimize.OptimizeWarning, match=r"^Maximum number of iterations .*3 >= 3"):
        way(rosen, START, jac=rosen_der, options={"disp": True, "maxiter": 3})


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("method", ["BFGS", "Newton-CG", "trust-exact"])
def test_return_all(way, method):
    result = way(rosen, START, method=method, options={"return_all": True}, **derivatives(method))
    assert len(result.allvecs) == result.nit + 1
    np.testing.assert_array_equal(result.allvecs[0], START)
    np.testing.assert_array_equal(result.allvecs[-1], result.x)
    assert not np.shares_memory(result.allvecs[-1], result.x)


@pytest.mark.parametrize("order", [1, 2, 3.0, np.inf])
def test_the_norm_of_the_gradient_is_what_is_bounded(order):
    result = minimize(rosen, START, jac=rosen_der, options={"gtol": 1e-3, "norm": order})
    assert result.success
    assert np.linalg.norm(result.jac, order) <= 1e-3


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
    "bound",
    [
        {"bounds": [(0, None)] * 3},
        {"bounds": [(None, 2.0)] * 3},
        {"bounds": optimize.Bounds(0, 2)},
        {"constraints": optimize.LinearConstraint(np.eye(3), 0, 1)},
        {"constraints": [{"type": "eq", "fun": sum}]},
    ],
    ids=lambda b: next(iter(b)),
)
def test_bounds_that_bind_are_refused_with_the_way_round(way, bound):
    (name,) = bound
    with pytest.raises(
        ValueError, match=rf"^{name}: got .*scipy\.optimize\.minimize.*trust-constr"
    ):
        way(rosen, START, jac=rosen_der, **bound)


def test_by_position():
    args = (rosen, START, (), "L-BFGS-B", rosen_der, None, None, [(None, None)] * 3, (), 1e-8)
    ours, theirs = minimize(*args, None, {}), optimize.minimize(*args)
    np.testing.assert_allclose(ours.x, theirs.x, atol=1e-6)


# starts


def bowl(x):
    return np.sum((x - 1.5) ** 2)


def bowl_der(x):
    return 2 * (x - 1.5)


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

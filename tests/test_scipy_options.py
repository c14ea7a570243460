"""Options of scipy.optimize.minimize, with SciPy's meaning and its effect."""

import functools
import warnings

import numpy as np
import pytest
from scipy import optimize
from scipy.optimize import rosen, rosen_der

import hessopt
from hessopt import minimize
from scipy_calls import METHODS, START, WAYS, adapter, derivatives

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

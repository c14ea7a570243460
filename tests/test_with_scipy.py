"""hessopt inside SciPy, and SciPy inside hessopt."""

import sys

import numpy as np
import pytest
from scipy import optimize
from scipy.sparse.linalg import aslinearoperator

import hessopt
from hessopt import minimize, scipy_method
from hessopt.solvers import METHODS
from problems import rosenbrock

PROBLEM = rosenbrock(4)


def value(x):
    return PROBLEM.fun(x)[0]


def gradient(x):
    return PROBLEM.fun(x)[1]


@pytest.mark.parametrize("method", [None, "newton", "trust_region", "newton_cg", "lbfgs", "bfgs"])
def test_every_method_runs_under_scipy(method):
    result = optimize.minimize(
        value, PROBLEM.start, jac=gradient, hess=PROBLEM.hess, method=scipy_method(method), tol=1e-9
    )
    assert result.success
    np.testing.assert_allclose(result.x, 1, atol=1e-8)
    here = minimize(value, PROBLEM.start, method=method, jac=gradient, hess=PROBLEM.hess, tol=1e-9)
    assert np.array_equal(result.x, here.x)


def test_what_scipy_hands_over_arrives():
    seen = []

    def shifted(x, a, b):
        f, g = PROBLEM.fun(x - a)
        return f + b, g

    result = optimize.minimize(
        shifted,
        PROBLEM.start + 2,
        args=(2.0, 5.0),
        jac=True,
        method=scipy_method("lbfgs", maxcor=7, gtol=1e-3),
        callback=lambda xk: seen.append(xk),
        options={"gtol": 1e-9, "history": True},
    )
    assert result.success
    assert result.fun == pytest.approx(5)
    assert len(seen) == result.nit
    assert len(result.history["fun"]) == result.nit + 1
    assert result.message.endswith("<= 1e-09")  # SciPy's options go before the method's own


def test_options_alone_may_be_fixed():
    result = optimize.minimize(
        value,
        PROBLEM.start,
        jac=gradient,
        method=scipy_method("adam", maxiter=9),
    )
    assert result.nit == 9


def test_hessp_under_scipy():
    result = optimize.minimize(
        value,
        PROBLEM.start,
        jac=gradient,
        hessp=lambda x, v: PROBLEM.hess(x) @ v,
        method=scipy_method("newton_cg"),
        tol=1e-8,
    )
    assert result.success


def test_what_hessopt_does_not_take_is_named():
    line = optimize.LinearConstraint(np.eye(4), 0, 1)
    with pytest.raises(ValueError, match=r"^constraints: got .*scipy\.optimize"):
        optimize.minimize(
            value, PROBLEM.start, jac=gradient, method=scipy_method("lbfgs"), constraints=line
        )
    with pytest.raises(ValueError, match=r"^bounds: got some for method='adam'; want none, or"):
        optimize.minimize(
            value, PROBLEM.start, jac=gradient, method=scipy_method("adam"), bounds=[(0, 1)] * 4
        )
    with pytest.raises(ValueError, match=r"^method: got 'simplex'"):
        scipy_method("simplex")


def test_hess_inv_is_a_linear_operator_to_scipy():
    result = minimize(value, PROBLEM.start, method="lbfgs", jac=gradient, tol=1e-9)
    operator = aslinearoperator(result.hess_inv)
    v = np.arange(8.0).reshape(4, 2)
    np.testing.assert_allclose(operator @ v, result.hess_inv.todense() @ v, rtol=1e-12)
    both = np.ones(4)  # the run was the same in both valleys, and knows no more than their sum
    exact = np.linalg.solve(PROBLEM.hess(result.x), both)
    np.testing.assert_allclose(result.hess_inv @ both, exact, rtol=0.1)
    assert repr(result.hess_inv) == "InverseHessian(shape=(4, 4))"


@pytest.mark.parametrize("spelt", ["L-BFGS", "lbfgs", "LBFGS", "l_bfgs"])
def test_names_are_taken_as_they_are_spelt_elsewhere(spelt):
    assert minimize(value, PROBLEM.start, method=spelt, jac=gradient).success


def test_arguments_in_scipys_order():
    result = minimize(lambda x, a: PROBLEM.fun(x - a), PROBLEM.start, (1.0,), "bfgs", True)
    np.testing.assert_allclose(result.x, 2, atol=1e-3)
    assert set(METHODS) == {
        "newton",
        "trust_region",
        "newton_cg",
        "lbfgs",
        "bfgs",
        "owl_qn",
        "proximal_newton",
        "gradient_descent",
        "adam",
    }


# beside them: what minimize adds


def test_the_history_of_a_run():
    result = minimize(
        value,
        PROBLEM.start,
        method="lbfgs",
        jac=gradient,
        options={"history": True, "gtol": 1e-8},
    )
    h = result.history
    assert {len(column) for column in h.values()} == {result.nit + 1}
    assert h["fun"][0] == value(PROBLEM.start)
    assert h["fun"][-1] == result.fun
    assert h["grad"][-1] == np.abs(result.jac).max()
    assert h["step"][0] == 0
    assert (h["step"][1:] > 0).all()
    assert (np.diff(h["nfev"]) >= 1).all()
    assert h["nfev"][-1] == result.nfev
    assert (np.diff(h["seconds"]) >= 0).all()
    assert "history" not in minimize(value, PROBLEM.start, method="lbfgs", jac=gradient)


def test_progress_shows_a_bar(capsys):
    result = minimize(
        value, PROBLEM.start, method="lbfgs", jac=gradient, options={"progress": True}
    )
    shown = capsys.readouterr().err
    assert f"{result.nit}/15000" in shown
    assert f"{result.nfev} evaluations" in shown
    minimize(value, PROBLEM.start, method="lbfgs", jac=gradient)
    assert capsys.readouterr() == ("", "")


def test_without_tqdm_progress_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(ImportError, match="pip install tqdm"):
        minimize(value, PROBLEM.start, jac=gradient, options={"progress": True})


# check_derivatives


def test_right_derivatives_pass():
    assert hessopt.check_derivatives(PROBLEM.fun, PROBLEM.start, hess=PROBLEM.hess)
    assert hessopt.check_derivatives(
        value, PROBLEM.start, gradient, hessp=lambda x, v: PROBLEM.hess(x) @ v
    )
    rng = np.random.default_rng(0)
    model = hessopt.objectives.Logistic(rng.normal(size=(50, 3)), rng.integers(0, 2, 50))
    check = hessopt.check_derivatives(model, rng.normal(size=4))
    assert check
    assert check.what == "Hessian"
    assert str(check).startswith("the Hessian agrees with central differences")


@pytest.mark.parametrize("j", range(4))
@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
def test_the_worst_component_is_named(j, scale):
    def fun(x):
        f, g = PROBLEM.fun(x)
        g = g.copy()
        g[j] += 0.05 * np.abs(g).max()
        return scale * f, scale * g

    check = hessopt.check_derivatives(fun, PROBLEM.start)
    assert not check
    assert (check.what, check.worst) == ("gradient", (j,))
    assert check.error == pytest.approx(0.05, rel=0.2)
    assert f"component [{j}]" in str(check)

    def hess(x):
        H = PROBLEM.hess(x)
        H[j, 1] += 0.05 * np.abs(H).max()
        return H

    check = hessopt.check_derivatives(PROBLEM.fun, PROBLEM.start, hess=hess)
    assert not check
    assert (check.what, check.worst) == ("Hessian", (j, 1))


def test_nan_is_a_disagreement():
    check = hessopt.check_derivatives(lambda x: (float(x @ x), [np.nan, 2.0]), [1.0, 1.0])
    assert not check
    assert check.worst == (0,)

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits

import hessopt
from hessopt import minimize
from hessopt.objectives import Logistic, Softmax
from problems import PROBLEMS, rosenbrock


def digits(l2=1e-3):
    X, y = load_digits(return_X_y=True)
    return Softmax(X / 16, y, l2=l2)


def breast_cancer(l2=1e-3):
    X, y = load_breast_cancer(return_X_y=True)
    return Logistic((X - X.mean(0)) / X.std(0), y, l2=l2)


@pytest.mark.parametrize("make", [digits, breast_cancer])
def test_newton_needs_no_more_than_twelve_iterations(make):
    f = make()
    zero = np.zeros(f.n_parameters)
    newton = minimize(f, zero, method="newton", tol=1e-10, options={"hessian_every": 1})
    assert newton.success
    assert np.abs(newton.jac).max() <= 1e-10
    assert newton.nit <= 12
    lbfgs = minimize(f, zero, method="lbfgs", tol=1e-11)
    assert lbfgs.success
    assert lbfgs.fun == pytest.approx(newton.fun, rel=1e-12)
    # The softmax leaves a common shift of all intercepts free.
    if isinstance(f, Softmax):
        for r in (newton, lbfgs):
            r.x = r.x.reshape(10, -1)
            r.x[:, -1] -= r.x[:, -1].mean()
    np.testing.assert_allclose(lbfgs.x, newton.x, atol=1e-6)


def test_lbfgs_and_newton_agree_in_the_optimum():
    f = breast_cancer(l2=1e-2)
    zero = np.zeros(f.n_parameters)
    newton, lbfgs = (minimize(f, zero, method=m, tol=1e-12) for m in ("newton", "lbfgs"))
    np.testing.assert_allclose(lbfgs.x, newton.x, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("problem", [rosenbrock(2), *PROBLEMS[2:]], ids=lambda p: p.name)
def test_every_way_to_give_the_derivatives(problem):
    def value(x):
        return problem.fun(x)[0]

    def gradient(x):
        return problem.fun(x)[1]

    results = [
        minimize(problem.fun, problem.start, jac=True, hess=problem.hess, tol=1e-9),
        minimize(value, problem.start, jac=gradient, hess=problem.hess, tol=1e-9),
        minimize(
            problem.fun,
            problem.start,
            method="Newton",
            jac=True,
            hessp=lambda x, v: problem.hess(x) @ v,
            tol=1e-9,
        ),
    ]
    for r in results:
        assert r.success
        assert r.nit == results[0].nit
        np.testing.assert_allclose(r.x, results[0].x, atol=1e-6)
    assert results[0].nhev == results[0].nit  # at accepted points only, and not at the last


def test_products_come_from_one_matrix_a_point():
    problem = rosenbrock(10)
    points = []

    def hess(x):
        points.append(x.tobytes())
        return problem.hess(x)

    r = minimize(problem.fun, problem.start, method="newton_cg", jac=True, hess=hess, tol=1e-8)
    assert r.success
    assert len(points) == len(set(points)) <= r.nit + 1 < r.nhev


def test_the_result_has_scipys_fields():
    from scipy.optimize import OptimizeResult

    problem = rosenbrock(2)
    r = minimize(problem.fun, problem.start, jac=True)
    for field in ("x", "fun", "jac", "success", "status", "message", "nit", "nfev", "njev"):
        assert getattr(r, field) is r[field]
    assert r.fun == problem.fun(r.x)[0]
    assert "GRADIENT" in repr(r)
    assert OptimizeResult(r).x is r.x
    with pytest.raises(AttributeError):
        _ = r.nothing


def test_the_default_method():
    problem = rosenbrock(4)
    assert "nhev" in minimize(problem.fun, problem.start, jac=True, hess=problem.hess)
    assert "nhev" not in minimize(problem.fun, problem.start, jac=True)
    assert "nhev" in minimize(breast_cancer(), np.zeros(31))


def test_callbacks_see_what_scipys_see():
    problem = rosenbrock(4)
    points, results = [], []

    def on_point(xk):
        points.append(xk)

    def on_result(intermediate_result):
        results.append(intermediate_result)

    r = minimize(problem.fun, problem.start, jac=True, callback=on_point)
    minimize(problem.fun, problem.start, jac=True, callback=on_result)
    assert len(points) == len(results) == r.nit
    np.testing.assert_array_equal(points[-1], r.x)
    assert [s.nit for s in results] == list(range(1, r.nit + 1))
    assert all(s.fun == problem.fun(s.x)[0] for s in results)


@pytest.mark.parametrize("how", ["true", "stop-iteration"])
def test_a_callback_stops_the_run(how):
    problem = rosenbrock(4)
    seen = []

    def callback(x):
        seen.append(x)
        if len(seen) == 3:
            if how == "true":
                return True
            raise StopIteration
        return None

    r = minimize(problem.fun, problem.start, jac=True, callback=callback)
    assert r.nit == 3
    assert r.status == hessopt.Status.CALLBACK
    assert not r.success
    assert r.fun == problem.fun(r.x)[0]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
@pytest.mark.parametrize("where", ["fun", "callback"])
def test_exceptions_arrive_unchanged_and_lose_nothing(error, where):
    problem = rosenbrock(6)
    raised = error("from outside")
    calls = []

    def raiser(kind):
        calls.append(kind)
        if calls.count(where) == 8:
            calls.clear()
            raise raised

    def fun(x):
        raiser("fun")
        return problem.fun(x)

    solver = hessopt.LBFGS(problem.start, gtol=1e-10)
    with pytest.raises(error) as caught:
        minimize(fun, solver, jac=True, callback=lambda x: raiser("callback"))
    assert caught.value is raised
    assert problem.fun(problem.start)[0] > solver.fun == problem.fun(solver.x)[0]
    # The same state goes on to the end, bit for bit as if nothing had happened.
    resumed = minimize(problem.fun, solver, jac=True)
    straight = minimize(problem.fun, problem.start, method="lbfgs", jac=True, tol=1e-10)
    assert np.array_equal(resumed.x, straight.x)
    assert resumed.nfev == straight.nfev


def test_an_objective_of_ones_own():
    class Quadratic:
        n_parameters = 3

        def value_and_gradient(self, x):
            return float(x @ x), 2 * x

        def hessian(self, x):
            return 2 * np.eye(3)

    assert minimize(Quadratic(), np.ones(3)).nit == 1
    assert minimize(Quadratic(), np.ones(3), method="lbfgs").success


@pytest.mark.parametrize(("rate", "make"), [(0.5, digits), (0.2, breast_cancer)])
def test_newton_on_sampled_dropout(rate, make):
    f = hessopt.expected(make(), hessopt.Dropout(rate, seed=3), method="sample", n_samples=4)
    r = minimize(f, np.zeros(f.n_parameters), tol=1e-10, options={"hessian_every": 1})
    assert r.success
    assert r.nit <= 12


def test_eight_fits_in_eight_threads_equal_the_serial_ones():
    from concurrent.futures import ThreadPoolExecutor

    f = breast_cancer()
    starts = [np.full(31, 0.1 * k) for k in range(8)]
    serial = [minimize(f, x, method="lbfgs").x for x in starts]
    with ThreadPoolExecutor(8) as pool:
        threaded = list(pool.map(lambda x: minimize(f, x, method="lbfgs").x, starts))
    assert all(np.array_equal(a, b) for a, b in zip(serial, threaded, strict=True))

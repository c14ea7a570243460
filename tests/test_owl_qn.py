"""L-BFGS beside an l1 term: the minima of proximal Newton, from gradients alone."""

import pickle

import numpy as np
import pytest

import hessopt
from hessopt import OWLQN, Status, minimize
from hessopt.objectives import Logistic, Squared
from test_l1 import correlated, residual


def logistic(n=120, p=60, rho=0.8):
    X, eta, rng = correlated(n, p, rho)
    f = Logistic(X, eta + rng.logistic(size=n) > 0)
    return f.with_l1(0.05 * hessopt.l1_max(f))


def test_the_minimum_of_proximal_newton():
    f = logistic()
    n = f.n_parameters
    newton = minimize(f, np.zeros(n), options={"gtol": 1e-12})
    found = minimize(f, np.zeros(n), method="owl_qn", options={"gtol": 1e-9})
    assert found.success, found.message
    assert residual(f, found.x) <= 1e-9
    np.testing.assert_allclose(found.x, newton.x, atol=1e-6)
    np.testing.assert_array_equal(found.x == 0, newton.x == 0)
    assert found.n_nonzero == newton.n_nonzero


def test_it_is_the_method_of_functions_without_a_hessian():
    f = logistic()
    l1 = f.l1_of_parameters
    found = minimize(f.value_and_gradient, np.zeros(len(l1)), jac=True, l1=l1)
    assert found.success, found.message
    assert residual(f, found.x) < 1e-6
    assert "nhev" not in found
    again = minimize(f, np.zeros(len(l1)), method="OWL-QN")
    np.testing.assert_allclose(found.x, again.x, atol=1e-9)


def test_differences_do():
    f = logistic(p=10)
    l1 = f.l1_of_parameters
    found = minimize(lambda x: f.value_and_gradient(x)[0], np.zeros(11), l1=l1)
    assert found.success, found.message
    assert residual(f, found.x) < 1e-5
    assert 0 < found.n_nonzero < 10


def test_left_alone_it_ends_at_rounding():
    f = logistic()
    found = minimize(f, np.zeros(f.n_parameters), method="owl_qn")
    assert found.success, found.message
    assert residual(f, found.x) < 1e-6


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_the_unit_of_f_does_not_matter(scale):
    f = logistic(p=10)

    def fun(x):
        value, g = f.value_and_gradient(x)
        return scale * value, scale * g

    found = minimize(fun, np.zeros(11), jac=True, l1=scale * f.l1_of_parameters)
    assert found.success, found.message
    assert residual(f, found.x) < 1e-6


def test_a_wrong_gradient_is_no_success():
    f = logistic(p=10)

    def fun(x):
        value, g = f.value_and_gradient(x)
        return value, -g

    found = minimize(fun, np.full(11, 0.5), jac=True, l1=f.l1_of_parameters)
    assert found.status == Status.LINE_SEARCH


def test_outside_of_the_domain_steps_are_shortened():
    def fun(x):
        return (np.inf, x) if (x <= -1).any() else (np.sum(x - np.log1p(x)), 1 - 1 / (1 + x))

    def reversed_(x):
        value, g = fun(x)
        return value + 3 * x.sum(), g + 3

    found = minimize(reversed_, np.full(4, 2.0), jac=True, l1=[0.0, 1.0, 2.0, 3.5])
    assert found.success, found.message
    np.testing.assert_allclose(found.x, [-0.75, -2 / 3, -0.5, 0], atol=1e-7)
    assert found.x[3] == 0


def test_float32_stays_so():
    X, eta, _ = correlated(60, 8)
    A, b = X.astype(np.float32), eta.astype(np.float32)

    def fun(x):
        r = A @ x.astype(np.float32) - b
        return (r @ r) / np.float32(120), A.T @ r / np.float32(60)

    found = minimize(fun, np.zeros(8, np.float32), jac=True, l1=0.2)
    assert found.x.dtype == np.float32
    assert found.success, found.message
    assert 0 < found.n_nonzero < 8


def test_a_saved_run_goes_on_bit_for_bit():
    f = logistic()
    solver = OWLQN(np.zeros(f.n_parameters), l1=f.l1_of_parameters, gtol=1e-8)
    for _ in range(9):
        solver.tell(*f.value_and_gradient(solver.ask()))
    other = pickle.loads(pickle.dumps(solver))
    while not solver.done:
        solver.tell(*f.value_and_gradient(solver.ask()))
        other.tell(*f.value_and_gradient(other.ask()))
    assert other.message == solver.message
    np.testing.assert_array_equal(other.x, solver.x)


def test_many_parameters():
    X, eta, _ = correlated(40, 3000, 0.3)
    f = Squared(X, eta)
    f = f.with_l1(0.2 * hessopt.l1_max(f))
    found = minimize(f, np.zeros(3001), method="owl_qn", options={"gtol_rel": 1e-8})
    assert found.success, found.message
    assert found.n_nonzero < 40


def test_correlated_columns_take_few_evaluations():
    # The method of the paper takes 317 and 1351 here (bench/python/bench_l1.py).
    X, eta, rng = correlated(500, 100, 0.9, seed=1)
    f = Logistic(X, eta + rng.logistic(size=500) > 0, fit_intercept=False)
    for share, most in ((0.1, 140), (0.01, 300)):
        held = f.with_l1(share * hessopt.l1_max(f))
        found = minimize(held, np.zeros(100), method="owl_qn", options={"gtol_rel": 1e-8})
        assert found.success
        assert found.nfev <= most

"""Functions on which a solver has stopped short of a minimum, or claimed one that was not there."""

import numpy as np
import pytest
from scipy.optimize import rosen, rosen_der

import hessopt
from hessopt import Status
from hessopt.objectives import Gamma, Softmax

QUASI_NEWTON = ["lbfgs", "bfgs"]
SECOND_ORDER = ["newton", "trust_region", "newton_cg"]
every_method = pytest.mark.parametrize("method", QUASI_NEWTON + SECOND_ORDER)


@pytest.fixture(autouse=True)
def _quiet():
    with np.errstate(all="ignore"):
        yield


def run(fun, start, method, hess, **more):
    second = {} if method in QUASI_NEWTON else {"hess": hess}
    return hessopt.minimize(fun, start, jac=True, method=method, **second, **more)


@pytest.mark.parametrize("method", QUASI_NEWTON)
@pytest.mark.parametrize(("wall", "tol"), [(1e3, None), (1e6, None), (1e6, 1e-6), (1e9, 1e-6)])
def test_along_a_wall_whose_curvature_hides_all_other(method, wall, tol):
    """After one pair across the wall the model promises next to nothing along it."""

    def fun(x):
        across = wall * x[1] - np.exp(-x[0])
        slope = 100 * (x[0] - 3) + across * np.exp(-x[0])
        return 30 + 50 * (x[0] - 3) ** 2 + across**2 / 2, np.array([slope, across * wall])

    found = hessopt.minimize(fun, [0.0, 0.0], jac=True, method=method, tol=tol)
    assert found.fun == pytest.approx(30, abs=1e-6)


@pytest.mark.parametrize("method", SECOND_ORDER)
@pytest.mark.parametrize("start", [[1.0, 5.0], [1.0, 3.0], [1e-3, 1.0], [-2.0, 0.0], [0.0, 4.0]])
def test_from_a_saddle_in_few_steps(method, start):
    """Of curvature -1e-4 along x_0 and 50 across; the minima are a thousand such steps away."""

    def fun(x):
        f = 0.01 * np.cos(0.1 * x[0]) + 50 * np.cosh(x[1])
        return f, np.array([-1e-3 * np.sin(0.1 * x[0]), 50 * np.sinh(x[1])])

    def hess(x):
        return np.diag([-1e-4 * np.cos(0.1 * x[0]), 50 * np.cosh(x[1])])

    found = run(fun, start, method, hess)
    assert found.success, found.message
    assert found.fun == pytest.approx(49.99, abs=1e-6)
    assert found.nfev < 60


TIME = np.linspace(0, 4, 30)


def decay(b):
    """Squares of b_0 exp(-b_1 t) against the curve of (2, 0.9), and both derivatives."""
    e = np.exp(-b[1] * TIME)
    r, J = b[0] * e - 2 * np.exp(-0.9 * TIME), np.stack([e, -b[0] * TIME * e])
    mixed, second = -(TIME * e) @ r, b[0] * (TIME**2 * e) @ r
    return r @ r, 2 * J @ r, 2 * (J @ J.T + np.array([[0, mixed], [mixed, second]]))


def steep_starts():
    for rate in (-1, -2, -4, -5, -6, -8):
        for tol in (1e-9, None):
            for method in QUASI_NEWTON + SECOND_ORDER:
                yield rate, tol, method


@pytest.mark.parametrize(("rate", "tol", "method"), list(steep_starts()))
def test_a_steep_start_is_not_the_measure(rate, tol, method):
    """Curvature is up to 1e14 there, the gradient 1e9 times what it is at the end."""
    found = run(lambda b: decay(b)[:2], [1.0, rate], method, lambda b: decay(b)[2], tol=tol)
    assert found.fun < 1e-8 or not found.success, found.message
    if method in SECOND_ORDER and rate > -8:
        assert found.fun < 1e-12, found.message


@every_method
@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
def test_a_slope_without_end(method, scale):
    found = run(
        lambda x: (scale * x.sum(), np.full(2, scale)),
        [1.0, 1.0],
        method,
        lambda x: np.zeros((2, 2)),
    )
    assert found.status == Status.UNBOUNDED
    assert not found.success


@every_method
@pytest.mark.parametrize("unit", [1e-155, 1e-100, 1e100, 1e140])
def test_units_near_the_ends_of_float64(method, unit):
    c, to = np.array([1.0, 2.0, 5.0]), np.array([2.0, -1.0, 1.0])

    def fun(x):
        z = x / unit - to
        return 1 + c @ z**2 / 2, c * z / unit

    found = run(fun, unit * np.array([1.0, 1.0, -1.0]), method, lambda x: np.diag(c / unit / unit))
    if np.isfinite(c / unit / unit).all():  # else there is no Hessian
        assert found.success, found.message
        np.testing.assert_allclose(found.x / unit, to, atol=1e-6)


@every_method
@pytest.mark.parametrize("scale", [1e-305, 1e-309, 1e-315])
def test_a_gradient_below_the_normal_numbers(method, scale):
    def fun(x):
        return scale * (x @ x), 2 * scale * x

    found = run(fun, [1.0, 2.0], method, lambda x: 2 * scale * np.eye(2))
    assert found.success, found.message
    np.testing.assert_allclose(found.x, 0, atol=1e-6)


@every_method
@pytest.mark.parametrize("f", [np.nan, np.inf, -np.inf])
def test_outside_the_domain_at_the_start(method, f):
    found = run(lambda x: (f, np.ones(2)), [1.0, 2.0], method, lambda x: np.eye(2))
    assert found.status == Status.NON_FINITE
    np.testing.assert_equal((found.fun, found.jac.shape), (f, (2,)))
    np.testing.assert_array_equal(found.x, [1.0, 2.0])


@every_method
@pytest.mark.parametrize("wall", [np.nan, np.inf])
@pytest.mark.parametrize("edge", [1.0, 2.5])
def test_f_falls_towards_the_edge_of_its_domain(method, wall, edge):
    def fun(x):
        if x[0] >= edge:
            return wall, np.full(2, wall)
        r = np.array([x[0] - 3, x.sum()])
        return r @ r, 2 * np.array([r[0] + r[1], r[1]])

    found = run(fun, [-1.0, 0.5], method, lambda x: np.array([[4.0, 2.0], [2.0, 2.0]]))
    assert not found.success
    assert found.status == Status.NON_FINITE
    assert "domain" in found.message
    assert edge - 0.01 < found.x[0] < edge


@pytest.mark.parametrize("method", QUASI_NEWTON)
@pytest.mark.parametrize("height", [1e10, 1e25, 1e300])
@pytest.mark.parametrize("start", [[40.0, 0.02], [2e-3, 1e-3], [90.0, 120.0], [0.4, 8.0]])
def test_a_plateau_for_what_is_not_allowed(method, height, start):
    def fun(x):
        if (x <= 0).any():
            return height, np.zeros(2)
        return x.sum() - np.array([4.0, 5.0]) @ np.log(x), 1 - np.array([4.0, 5.0]) / x

    found = hessopt.minimize(fun, start, jac=True, method=method)
    assert found.success, found.message
    np.testing.assert_allclose(found.x, [4, 5], rtol=1e-6)


@pytest.mark.parametrize("method", QUASI_NEWTON)
@pytest.mark.parametrize("start", [[1.3, 0.7, 0.8, 1.9, 1.2], [-1.0, 2.0] * 3, [4.0, -3.0, 2.0]])
@pytest.mark.parametrize("gtol", [None, 1e-5])
def test_float32_claims_no_more_than_it_knows(method, start, gtol):
    def fun(x):
        return np.float32(rosen(x)), rosen_der(x).astype(np.float32)

    found = hessopt.minimize(
        fun, np.array(start, np.float32), jac=True, method=method, options={"gtol": gtol}
    )
    assert found.x.dtype == np.float32
    exact = np.abs(rosen_der(found.x.astype(float))).max()
    assert not found.success or (found.fun < 4 and exact < 0.1), found.message


@pytest.mark.parametrize("start", [-40.0, -100.0, -200.0, 30.0])
@pytest.mark.parametrize("options", [{}, {"gtol": 1e-7}, {"gtol": 1e-7, "hessian_every": 1}])
def test_an_old_hessian_from_far_away(start, options):
    rng = np.random.default_rng(31)
    X = rng.normal(size=(400, 3))
    f = Gamma(X, rng.gamma(2, np.exp(X @ [0.4, -0.1, 0.2]) / 2))
    least = hessopt.minimize(f, np.zeros(4), tol=1e-10).fun
    found = hessopt.minimize(f, [0, 0, 0, start], options=options)
    assert not found.success or found.fun - least < 1e-9, found.message


@every_method
def test_coefficients_that_span_many_scales(method):
    rng = np.random.default_rng(11)
    X, w = rng.normal(size=(3000, 4)), np.array([0.0, 2.0, 6.0, 9.0])
    f = Gamma(X, rng.gamma(2.0, np.exp(X @ w) / 2))
    found = hessopt.minimize(f, np.zeros(5), method=method)
    if found.success:
        np.testing.assert_allclose(found.x, np.append(w, 0), atol=0.1)
    assert found.success or method == "newton_cg", found.message


@pytest.mark.parametrize("method", ["newton", "trust_region", "newton_cg", "lbfgs"])
@pytest.mark.parametrize("counts", [[200_000, 30, 7, 2, 1], [100_000, 1, 1]])
def test_a_class_that_dominates(method, counts):
    y = np.repeat(np.arange(len(counts)), counts)
    found = hessopt.minimize(
        Softmax(np.zeros((len(y), 1)), y, l2=1e-3), np.zeros(2 * len(counts)), method=method
    )
    assert found.success, found.message
    b = found.x[1::2]
    np.testing.assert_allclose(b - b[0], np.log(np.array(counts) / counts[0]), atol=1e-3)


@pytest.mark.parametrize("method", QUASI_NEWTON)
@pytest.mark.parametrize("jac", ["2-point", "3-point"])
@pytest.mark.parametrize("n", [5, 25])
def test_a_rotated_valley_by_differences(method, jac, n):
    Q = np.linalg.qr(np.random.default_rng(n).normal(size=(n, n)))[0]
    stiffness = np.r_[1, np.full(n - 1, 1e6)]
    found = hessopt.minimize(lambda x: stiffness @ (Q @ x) ** 2, np.ones(n), jac=jac, method=method)
    assert found.fun < 1e-6 or not found.success, found.message

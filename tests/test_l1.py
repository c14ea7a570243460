"""An l1 term: KKT by NumPy, closed forms, exact zeros, refusals, states that go on."""

import pickle

import numpy as np
import pytest

import hessopt
from hessopt import ProximalNewton, Status, minimize
from hessopt.objectives import Cox, Logistic, Multinomial, Ordinal, Poisson, Softmax, Squared


def correlated(n, p, rho=0.5, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    for j in range(1, p):
        X[:, j] = rho * X[:, j - 1] + np.sqrt(1 - rho**2) * X[:, j]
    w = np.zeros(p)
    w[: p // 10 + 1] = 1
    return X, X @ w, rng


def residual(f, x):
    """The largest component of the pseudo-gradient, by its definition."""
    g, l1 = f.value_and_gradient(x)[1], f.l1_of_parameters
    at_zero = np.maximum(np.abs(g) - l1, 0)
    return np.where(x == 0, at_zero, np.abs(g + l1 * np.sign(x))).max()


def models(n=120, p=30):
    X, eta, rng = correlated(n, p)
    noisy = eta + rng.logistic(size=n)
    classes = np.digitize(noisy, [-1, 1])
    return {
        "squared": Squared(X, noisy),
        "logistic": Logistic(X, noisy > 0),
        "poisson": Poisson(X, rng.poisson(np.exp(0.3 * eta))),
        "weighted": Squared(
            X, noisy, sample_weight=rng.uniform(0.1, 2, n), offset=rng.normal(size=n)
        ),
        "elastic": Logistic(X, noisy > 0, l2=0.01),
        "float32": Squared(X.astype(np.float32), noisy),
        "no intercept": Logistic(X, noisy > 0, fit_intercept=False),
        "softmax": Softmax(X, classes, l2=1e-3),
        "multinomial": Multinomial(X, classes),
        "ordinal": Ordinal(X, classes),
        "cox": Cox(X, np.exp(-eta + rng.gumbel(size=n)), rng.random(n) < 0.7),
    }


def start_of(f):
    return f.start() if callable(getattr(f, "start", None)) else np.zeros(f.n_parameters)


@pytest.mark.parametrize("name", models())
@pytest.mark.parametrize("share", [0.5, 0.05])
def test_nothing_is_left_of_the_gradient(name, share):
    f = models()[name]
    most = hessopt.l1_max(f)
    held = f.with_l1(share * most)
    found = minimize(held, start_of(f), options={"gtol": 1e-10 * most})
    assert found.success, found.message
    assert residual(held, found.x) <= 1e-9 * most
    penalised = held.l1_of_parameters > 0
    assert found.n_nonzero == np.count_nonzero(found.x[penalised]) < penalised.sum()
    whole = held.value_and_gradient(found.x)[0] + held.l1_of_parameters @ np.abs(found.x)
    np.testing.assert_allclose(found.fun, whole, rtol=1e-14)
    np.testing.assert_allclose(found.jac, held.value_and_gradient(found.x)[1], atol=1e-15)


@pytest.mark.parametrize("name", models())
def test_from_l1_max_on_all_are_zero(name):
    f = models()[name]
    most = hessopt.l1_max(f)
    for share, some in [(1.0, False), (1.001, False), (0.97, True)]:
        held = f.with_l1(share * most)
        found = minimize(held, start_of(f), options={"gtol": 1e-11 * most})
        assert found.success
        assert bool(found.n_nonzero) is some


def test_orthogonal_columns_are_thresholded():
    n = 64
    X = np.linalg.qr(np.random.default_rng(0).normal(size=(n, 12)))[0] * np.sqrt(n)
    y = X @ np.linspace(-1, 1, 12)
    l1 = np.linspace(0.05, 0.6, 12)
    found = minimize(Squared(X, y, l1=l1, l2=0.5, fit_intercept=False), np.zeros(12))
    z = X.T @ y / n
    want = np.sign(z) * np.maximum(np.abs(z) - l1, 0) / 1.5
    np.testing.assert_allclose(found.x, want, atol=1e-14)
    np.testing.assert_array_equal(found.x == 0, want == 0)


@pytest.mark.parametrize("rho", [0.0, 0.95])
def test_more_columns_than_rows(rho):
    X, eta, rng = correlated(60, 900, rho)
    f = Logistic(X, eta + rng.logistic(size=60) > 0)
    f = f.with_l1(0.05 * hessopt.l1_max(f))
    found = minimize(f, np.zeros(901), options={"gtol": 1e-12})
    assert found.success
    assert residual(f, found.x) <= 1e-12
    assert 0 < found.n_nonzero < 60


def test_twins_constants_and_zeros_among_the_columns():
    X, eta, rng = correlated(80, 12)
    X = np.column_stack([X, X[:, 0], np.ones(80), np.zeros(80)])
    f = Squared(X, eta + rng.normal(size=80), l1=0.1)
    found = minimize(f, np.zeros(16), options={"gtol": 1e-10})
    assert found.success
    assert residual(f, found.x) <= 1e-10
    assert found.x[13] == found.x[14] == 0


def test_separated_classes_have_a_minimum_under_l1():
    x = np.linspace(-1, 1, 40)
    f = Logistic(np.column_stack([x, x**2]), x > 0, l1=1e-3)
    found = minimize(f, np.zeros(3))
    assert found.success
    assert residual(f, found.x) < 1e-8


def test_a_free_coefficient_that_runs_away_is_still_told():
    x = np.linspace(-1, 1, 40)
    f = Logistic(np.column_stack([x, x**2]), x > 0, l1=[0, 1e-3])
    assert minimize(f, np.zeros(3)).status == Status.NO_MINIMUM


def test_sparse_and_dense_rows_agree():
    sparse = pytest.importorskip("scipy.sparse")
    X, _, rng = correlated(150, 300)
    X[rng.random(X.shape) < 0.9] = 0
    y = rng.random(150) < 0.5
    l1 = 0.2 * hessopt.l1_max(Logistic(X, y))
    options = {"gtol": 1e-13}
    dense = minimize(Logistic(X, y, l1=l1), np.zeros(301), options=options)
    for form in (sparse.csr_array, sparse.csc_array):
        found = minimize(Logistic(form(X), y, l1=l1), np.zeros(301), options=options)
        np.testing.assert_allclose(found.x, dense.x, atol=1e-10)
        np.testing.assert_array_equal(found.x == 0, dense.x == 0)


def test_a_start_in_float32_stays_so():
    rng = np.random.default_rng(0)
    A = rng.normal(size=(20, 6)).astype(np.float32)
    b = A[:, 0]

    def fun(x):
        r = A @ x.astype(A.dtype) - b
        return (r @ r) / 2, A.T @ r

    found = minimize(fun, np.zeros(6, np.float32), jac=True, hess=lambda x: A.T @ A, l1=2.0)
    assert found.x.dtype == np.float32
    assert found.success
    assert 0 < found.n_nonzero < 6


def test_a_function_with_a_hessian_that_is_not_convex():
    def fun(x):
        return float(np.sum(np.cos(3 * x) + x**2 / 2)), x - 3 * np.sin(3 * x)

    def hess(x):
        return np.diag(1 - 9 * np.cos(3 * x))

    found = minimize(fun, np.linspace(-2, 2, 9), jac=True, hess=hess, l1=0.3)
    assert found.success
    g = fun(found.x)[1]
    assert np.where(found.x == 0, np.abs(g) - 0.3, np.abs(g + 0.3 * np.sign(found.x))).max() < 1e-7


def test_l1_of_the_model_and_of_minimize_are_one():
    f = models()["logistic"]
    by_model = minimize(f.with_l1(0.02), np.zeros(31))
    by_call = minimize(f, np.zeros(31), l1=0.02)
    np.testing.assert_array_equal(by_model.x, by_call.x)
    assert by_call.x[-1] != 0
    free = np.full(30, 0.02)
    free[7] = 0
    assert minimize(f, np.zeros(31), l1=free).x[7] != 0


def test_zero_is_no_term():
    f = models()["logistic"]
    plain = minimize(f, np.zeros(31))
    np.testing.assert_array_equal(minimize(f.with_l1(0), np.zeros(31)).x, plain.x)
    np.testing.assert_array_equal(minimize(f, np.zeros(31), l1=0).x, plain.x)


@pytest.mark.parametrize(
    "l1", [-1.0, np.nan, np.inf, [0.1] * 29, [[0.1] * 30], "much", [0.1] * 29 + [-0.1]]
)
def test_wrong_strengths_are_named(l1):
    f = models()["logistic"]
    X, y = f.X, f._given[0][1]
    for call in (
        lambda: Logistic(X, y, l1=l1),
        lambda: minimize(f, np.zeros(31), l1=l1),
        lambda: ProximalNewton(np.zeros(30), l1=l1),
        lambda: minimize(np.sum, np.zeros(30), l1=l1),
    ):
        with pytest.raises((ValueError, TypeError), match=r"^l1: got"):
            call()


@pytest.mark.parametrize("method", ["newton", "trust_region", "newton_cg", "lbfgs", "bfgs", "adam"])
def test_methods_without_it_say_so(method):
    f = models()["logistic"].with_l1(0.1)
    with pytest.raises(ValueError, match=r"method: got .*proximal_newton"):
        minimize(f, np.zeros(31), method=method)
    with pytest.raises(ValueError, match="l1: got"):
        minimize(f, hessopt.LBFGS(np.zeros(31)))
    with pytest.raises(ValueError, match=r"l1: got .*has its own"):
        minimize(f, np.zeros(31), l1=0.1)


def test_no_covariance_of_what_was_selected():
    f = models()["logistic"].with_l1(0.01)
    x = minimize(f, np.zeros(31)).x
    for call in (
        f.covariance,
        lambda x: hessopt.leave_one_out(f, x),
        lambda x: hessopt.laplace(f, x),
    ):
        with pytest.raises(ValueError, match="l1 term"):
            call(x)


def test_a_model_keeps_its_l1():
    f = Logistic(np.eye(3), [0, 1, 1], l1=[0.1, 0.2, 0.0])
    for other in (pickle.loads(pickle.dumps(f)), f.with_l2(0.5)):
        np.testing.assert_array_equal(other.l1, [0.1, 0.2, 0.0])
        np.testing.assert_array_equal(other.l1_of_parameters, [0.1, 0.2, 0.0, 0.0])
    assert "l1" in repr(f)


@pytest.mark.parametrize("name", ["logistic", "softmax", "multinomial", "ordinal", "cox"])
def test_a_part_of_the_hessian_is_that(name):
    f = models()[name]
    rng = np.random.default_rng(0)
    x = start_of(f)
    held = f.with_l1(1.0).l1_of_parameters > 0
    which = np.sort(np.r_[rng.choice(np.flatnonzero(held), 5, False), np.flatnonzero(~held)])
    x[which] += 0.1 * rng.normal(size=len(which)) * held[which]
    want = f.hessian(x)[np.ix_(which, which)]
    np.testing.assert_allclose(f.hessian_of(x, which), want, atol=1e-13)


def test_a_saved_run_goes_on_bit_for_bit():
    f = models()["logistic"].with_l1(0.01)
    l1 = f.l1_of_parameters

    def step(solver):
        x = solver.ask()
        if solver.needs == hessopt.Need.VALUE:
            solver.tell(*f.value_and_gradient(x))
        else:
            solver.tell_hessian(f.hessian_of(x, solver.working_set))

    solver = ProximalNewton(np.zeros(31), l1=l1, convex=True)
    for _ in range(4):
        step(solver)
    other = pickle.loads(pickle.dumps(solver))
    while not solver.done:
        step(solver)
        step(other)
    assert other.message == solver.message
    np.testing.assert_array_equal(other.x, solver.x)
    solver.renew(2 * l1)
    while not solver.done:
        step(solver)
    assert residual(f.with_l1(0.02), solver.x) < 1e-7


def test_noise_is_integrated_beside_it():
    f = models()["logistic"].with_l1(0.03)
    noisy = hessopt.expected(f, hessopt.Dropout(0.3), "normal")
    found = minimize(noisy, np.zeros(31))
    assert found.success
    assert residual(noisy, found.x) < 1e-7
    assert 0 < found.n_nonzero < 30


@pytest.mark.parametrize("method", [None, "newton_cg", "lbfgs"])
def test_beside_bounds_that_keep_signs_it_is_linear(method):
    X, y, rng = correlated(120, 6)
    f = Squared(X, y + rng.normal(size=120), l1=[0.1, 0.2, 0.1, 0.0, 0.1, 0.1], l2=0.01)
    signs = np.array([1, 1, -1, 0, 1, -1])
    bounds = [((0, None), (None, None), (None, 0))[1 - sign] for sign in [*signs, 0]]
    bounds[4] = (0, 0)
    found = minimize(f, np.zeros(7), method=method, bounds=bounds)
    assert found.success, found.message
    x = found.x
    assert (x[:6] * signs >= 0).all()
    assert found.fun == pytest.approx(f.value_and_gradient(x)[0] + f.l1 @ np.abs(x[:6]))
    slope = f.value_and_gradient(x)[1] + np.append(f.l1 * signs, 0)
    np.testing.assert_allclose(found.jac, slope, atol=1e-14)
    free = np.append((x[:6] != 0) | (signs == 0), True)
    assert np.abs(slope[free]).max() < 1e-7
    held = ~free & np.array([low != high for low, high in bounds])
    assert (slope[held] * np.append(signs, 0)[held] > 0).all()
    # A number beside the objective means the same as its own.
    plain = f.with_l1(0)
    again = minimize(plain, np.zeros(7), method=method, bounds=bounds, l1=f.l1)
    np.testing.assert_array_equal(again.x, x)
    if method == "lbfgs":
        begun = hessopt.LBFGS(np.zeros(7), lower=0, upper=[9] * 7, maxiter=3)
        minimize(f, begun)
        assert begun.fun == pytest.approx(f.value_and_gradient(begun.x)[0] + f.l1 @ begun.x[:6])
    bounds[0] = (-1, None)
    with pytest.raises(ValueError, match="bounds: got some beside an l1 term"):
        minimize(f, np.zeros(7), method=method, bounds=bounds)

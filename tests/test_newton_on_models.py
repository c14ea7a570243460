"""What Newton does by itself on the models of the library: samples, old Hessians, float32, none."""

import pickle

import numpy as np
import pytest

from hessopt import Need, Newton, Status, minimize
from hessopt.objectives import Exponential, Gamma, Huber, Logistic, Poisson, Softmax, Squared

PURE = {"hessian_every": 1}


def correlated(n, p, condition, seed=0):
    """Columns whose correlation has about this condition."""
    rng = np.random.default_rng(seed)
    basis = np.linalg.qr(rng.normal(size=(p, p)))[0]
    return rng.normal(size=(n, p)) * np.geomspace(1, condition**-0.5, p) @ basis


def model(kind, X, l2=1e-4, seed=1):
    n, p = X.shape
    rng = np.random.default_rng(seed)
    eta = X @ rng.normal(size=p) / np.sqrt(p)
    y = {
        Squared: lambda: eta + rng.normal(size=n),
        Huber: lambda: eta + rng.standard_t(2, size=n),
        Logistic: lambda: eta + rng.logistic(size=n) > 0,
        Exponential: lambda: eta + rng.logistic(size=n) > 0,
        Poisson: lambda: rng.poisson(np.exp(eta)),
        Gamma: lambda: rng.gamma(2.0, np.exp(eta) / 2),
        Softmax: lambda: np.digitize(eta + rng.logistic(size=n), [-1, 1]),
    }[kind]()
    return kind(X, y.astype(float), l2=l2)


def fit(f, tol, **options):
    start = np.zeros(f.n_parameters)
    tol *= np.abs(f.value_and_gradient(start)[1]).max()
    result = minimize(f, start, method="newton", tol=tol, options=options)
    assert result.status == Status.GRADIENT
    assert np.abs(f.value_and_gradient(result.x)[1]).max() <= tol
    return result


@pytest.mark.parametrize("kind", [Squared, Huber, Logistic, Poisson, Gamma, Exponential, Softmax])
@pytest.mark.parametrize("shape", [(40_000, 10), (3000, 150)])
def test_it_ends_where_pure_newton_ends(kind, shape):
    """Coefficients to 1e-10, whatever was rounded, sampled or left out on the way."""
    f = model(kind, correlated(*shape, 100.0), l2=1e-2)
    quick, pure = fit(f, 1e-12), fit(f, 1e-12, **PURE)
    x, want = quick.x, pure.x
    if kind is Softmax:  # a common shift of the intercepts changes nothing
        for a in (x, want):
            a.reshape(3, -1)[:, -1] -= a.reshape(3, -1)[:, -1].mean()
    np.testing.assert_allclose(x, want, rtol=0, atol=1e-10 * np.abs(want).max())
    assert quick.nhev <= pure.nhev
    assert quick.fun == pytest.approx(pure.fun, rel=1e-14)


def test_the_result_says_what_was_done():
    sampled = fit(model(Logistic, correlated(60_000, 12, 10.0)), 1e-8)
    assert [s["rows"] for s in sampled.samples] == [896, 5455]
    assert sampled.n_reused + sampled.nhev + 1 >= sampled.nit
    without = fit(model(Logistic, correlated(3000, 300, 1.0)), 1e-8)
    assert "samples" not in without
    assert without.nhev == without.n_factorizations == without.n_reused == 0
    pure = fit(model(Logistic, correlated(3000, 50, 4.0)), 1e-8, **PURE)
    assert pure.nhev >= pure.nit
    assert pure.n_reused == 0


@pytest.mark.parametrize("condition", [1e4, 1e8])
def test_curvature_is_bought_where_steps_without_it_crawl(condition):
    f = model(Logistic, correlated(5000, 120, condition), l2=1e-9)
    result = fit(f, 1e-8)
    assert result.nhev >= 1
    assert result.nfev < 200


def test_rows_in_an_order_that_samples_badly():
    """Every 11th and every 67th row of another class than the rest: the sample misleads."""
    f = model(Logistic, correlated(60_000, 5, 10.0))
    X = correlated(60_000, 5, 10.0)
    y = np.zeros(60_000)
    y[np.arange(60_000) % 11 == 0] = 1
    y[::5] = np.arange(12_000) % 2
    f = Logistic(X, y, l2=1e-4)
    np.testing.assert_allclose(fit(f, 1e-10).x, fit(f, 1e-10, **PURE).x, atol=1e-8)


def test_weights_that_the_sample_misses():
    X = correlated(60_000, 5, 10.0)
    y, weight = (np.arange(60_000) % 3 == 0).astype(float), np.zeros(60_000)
    weight[1:60:2] = 1
    f = Logistic(X, y, l2=1e-3, sample_weight=weight)
    np.testing.assert_allclose(fit(f, 1e-10).x, fit(f, 1e-10, **PURE).x, atol=1e-8)


def driven(solver, f, steps):
    """At most so many exchanges, with float32 Hessians where they are taken."""
    for _ in range(steps):
        if solver.needs == Need.VALUE:
            solver.tell(*f.value_and_gradient(solver.ask()))
        elif solver.needs == Need.HESSIAN:
            H = f.evaluate(solver.ask(), hessian=True, rough=True)[2]
            solver.tell_hessian(H, rough=solver.takes_rough_hessian)
    return solver


@pytest.mark.parametrize("cost", [1.0, 6.0])
def test_a_pickle_goes_on_bit_for_bit(cost):
    f = model(Logistic, correlated(2000, 30, 1e4))
    start = np.zeros(f.n_parameters)
    whole = driven(Newton(start, hessian_cost=cost, convex=True, gtol_rel=1e-10), f, 100)
    assert whole.success
    for cut in range(1, 12):
        part = driven(Newton(start, hessian_cost=cost, convex=True, gtol_rel=1e-10), f, cut)
        part = driven(pickle.loads(pickle.dumps(part)), f, 100)
        assert np.array_equal(part.x, whole.x)
        assert (part.nit, part.nfev, part.nhev) == (whole.nit, whole.nfev, whole.nhev)


def test_a_proposal_is_taken_where_it_is_lower_and_survives_a_pickle():
    f = model(Logistic, correlated(2000, 30, 1e4))
    start, found = np.zeros(f.n_parameters), fit(f, 1e-3).x
    solver = Newton(start, hessian_cost=5.0, gtol_rel=1e-9)
    solver.tell(*f.value_and_gradient(solver.ask()))
    solver.propose(found, f.hessian(found))
    solver = pickle.loads(pickle.dumps(solver))
    assert np.array_equal(solver.ask(), found)
    solver.tell(*f.value_and_gradient(found))
    assert np.array_equal(solver.x, found)
    assert solver.nit == 1
    with pytest.raises(ValueError, match="propose: got a run under way"):
        solver.propose(found, f.hessian(found))

    solver = Newton(start, hessian_cost=5.0)
    solver.tell(*f.value_and_gradient(solver.ask()))
    solver.propose(1e3 * found, f.hessian(found))
    solver.tell(*f.value_and_gradient(solver.ask()))
    assert np.array_equal(solver.x, start)
    assert solver.needs == Need.HESSIAN


def test_exact_hessians_are_wanted_once_rounded_ones_do_not_do():
    solver = Newton(np.zeros(2), hessian_cost=2.0)
    solver.tell(1.0, [1.0, 1.0])
    assert solver.takes_rough_hessian
    solver.tell_hessian([[np.inf, 0.0], [0.0, 1.0]], rough=True)
    assert solver.needs == Need.HESSIAN
    assert not solver.takes_rough_hessian
    with pytest.raises(ValueError, match="H: got rounded to float32; want an exact Hessian"):
        solver.tell_hessian(np.eye(2), rough=True)
    solver.tell_hessian(np.eye(2))
    assert solver.needs == Need.VALUE


def test_columns_beyond_the_range_of_float32():
    X = correlated(3000, 6, 10.0) * [1e-30, 1e-20, 1.0, 1e10, 1e25, 1e30]
    f = model(Logistic, X, l2=0.0)
    result = minimize(f, np.zeros(7), method="newton", tol=0.0)
    best = minimize(f, np.zeros(7), method="newton", tol=0.0, options=PURE)
    assert result.fun == pytest.approx(best.fun, rel=1e-9)


def test_costs_that_exclude_each_other():
    with pytest.raises(ValueError, match="hessian_cost: got 3; want hessian_every or it"):
        Newton([0.0], hessian_every=2, hessian_cost=3)
    with pytest.raises(ValueError, match="hessian_cost: got -1"):
        Newton([0.0], hessian_cost=-1)
    with pytest.raises(TypeError, match="convex: got 1"):
        Newton([0.0], convex=1)


# Softmax too large to store: Newton-CG with a bound on the Hessian


def test_no_hessian_exceeds_the_bound_of_softmax():
    f = model(Softmax, correlated(500, 4, 10.0), l2=0.1)
    bound = f.curvature_bound()
    rng = np.random.default_rng(2)
    for size in (0.0, 1.0, 10.0):
        gap = np.kron(np.eye(3), bound) - f.hessian(size * rng.normal(size=15))
        assert np.linalg.eigvalsh(gap).min() > -1e-12


@pytest.mark.slow
def test_the_bound_spares_products_on_correlated_columns():
    X = correlated(4000, 40, 1e6)
    y = np.random.default_rng(3).integers(0, 5, len(X))
    f = Softmax(X, y, l2=1e-8)
    start = np.zeros(f.n_parameters)
    tol = 1e-8 * np.abs(f.value_and_gradient(start)[1]).max()
    bounded = minimize(f, start, method="newton_cg", tol=tol)
    none = np.ones(len(start))
    plain = minimize(f, start, method="newton_cg", tol=tol, options={"preconditioner": none})
    assert bounded.status == Status.GRADIENT
    assert bounded.nhev < plain.nhev / 3
    assert bounded.fun <= plain.fun + 1e-10


def test_newton_cg_on_softmax_takes_the_bound_by_itself():
    X = correlated(300, 210, 10.0)
    f = Softmax(X, np.arange(300) % 10, l2=1e-2)
    result = minimize(f, np.zeros(f.n_parameters), method="newton_cg")
    assert result.success
    assert result.nhev > result.nit


def test_an_objective_with_a_price_is_not_taken_for_a_convex_one():

    class Well:
        n_parameters = 1
        hessian_cost = 10.0

        def value_and_gradient(self, x):
            return float(x[0] ** 4 - 2 * x[0] ** 2), 4 * x**3 - 4 * x

        def hessian(self, x):
            return np.array([[12 * x[0] ** 2 - 4]])

    result = minimize(Well(), [0.0], method="newton")
    assert result.success
    assert result.fun == pytest.approx(-1)


@pytest.mark.parametrize("options", [{}, {"hessian_every": 1}])
def test_no_drift_along_flat_directions(options):
    """The minimum nearest the start, in class sums and where there are more columns than rows."""
    rng = np.random.default_rng(17)
    X = rng.normal(size=(300, 4)) * [1, 10, 1e3, 0.1] + [0, 5, 1e4, 0]
    Z = (X - X.mean(0)) / X.std(0)
    y = (Z @ rng.normal(size=(4, 3)) + rng.gumbel(size=(300, 3))).argmax(1)
    found = minimize(Softmax(X, y), np.zeros(15), method="newton", options=options)
    sums = found.x.reshape(3, 5).sum(0) * np.append(X.std(0), 1)
    assert found.success
    assert np.abs(sums).max() < 1e-6
    X = rng.normal(size=(20, 40))
    y = X @ rng.normal(size=40)
    start = rng.normal(size=40)
    nearest = start + np.linalg.pinv(X) @ (y - X @ start)
    f = Squared(X, y, fit_intercept=False)
    found = minimize(f, start, method="newton", options=options)
    assert found.success
    np.testing.assert_allclose(found.x, nearest, atol=1e-6)


def test_a_start_at_the_minimum_is_no_search():
    """A gradient of rounding promises nothing, however its step is shortened."""
    X = np.random.default_rng(0).normal(size=(50, 100))
    f = Squared(X, 50 * X[:, :5] @ np.array([1.3, -0.2, 0.4, -0.9, 0.1]) + 10, l2=2e14)
    x = minimize(f, np.zeros(101)).x
    for start in (x, np.nextafter(x, 1)):
        found = minimize(f, start, method="newton")
        assert found.success
        assert found.nfev < 20

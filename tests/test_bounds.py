"""Bounds: no point outside, what holds x back, and minima that are minima."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

import hessopt
from bounded_problems import PROBLEMS
from hessopt.objectives import Logistic, Squared
from problems import chained_rosenbrock, rosenbrock

KINDS = [hessopt.LBFGS, hessopt.BFGS]
METHODS = ["lbfgs", "bfgs"]
each_kind = pytest.mark.parametrize("kind", KINDS)
each_method = pytest.mark.parametrize("method", METHODS)


def left(x, g, lower, upper):
    """x - P(x - g), which vanishes at a minimum."""
    return np.abs(x - np.clip(x - g, lower, upper)).max()


def recorded(fun, lower, upper):
    """The function, which asserts that it is asked for nothing outside; and where it was asked."""
    points = []

    def inside(x):
        assert ((lower <= x) & (x <= upper)).all(), x
        points.append(x.copy())
        return fun(x)

    return inside, points


def shifted(x):
    """Lowest at 2, -1, 0.5, ...; not separable."""
    d = x - np.resize([2, -1, 0.5], len(x))
    s = d.sum()
    return d @ d + 0.3 * s**2 + 0.1 * (d**4).sum(), 2 * d + 0.6 * s + 0.4 * d**3


# every point lies in the box


@st.composite
def boxes(draw):
    """A box with sides open, narrow and shut, and a start that may lie outside."""
    n = draw(st.integers(1, 7))
    edges = st.floats(-4, 4, allow_subnormal=False)
    ends = [sorted((draw(edges), draw(edges))) for _ in range(n)]
    kinds = [draw(st.sampled_from(["both", "low", "high", "none", "fixed"])) for _ in range(n)]
    lower = [-np.inf if k in ("high", "none") else a for (a, _), k in zip(ends, kinds, strict=True)]
    upper = [
        {"low": np.inf, "none": np.inf, "fixed": a}.get(k, b)
        for (a, b), k in zip(ends, kinds, strict=True)
    ]
    start = [draw(st.one_of(edges, st.sampled_from(end))) for end in ends]
    return np.array(start), np.array(lower), np.array(upper)


@each_kind
@given(box=boxes(), hole=st.floats(0.5, 30), seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_no_point_lies_outside_and_a_success_is_a_minimum(kind, box, hole, seed):
    start, lower, upper = box
    n = len(start)
    A = np.random.default_rng(seed).normal(size=(n, n))

    def fun(x):
        if x @ x > hole**2:  # outside of the domain of f
            return np.nan, np.full(n, np.nan)
        f, g = shifted(A @ x)
        return f, A.T @ g

    inside, _ = recorded(fun, lower, upper)
    solver = kind(start, lower=lower, upper=upper)
    first = None
    while solver.needs:
        solver.tell(*inside(solver.ask()))
        first = np.abs(solver.projected_gradient).max() if first is None else first
        solver = pickle.loads(pickle.dumps(solver))
    if solver.success:
        assert left(solver.x, solver.jac, lower, upper) <= 1e-5 * max(1, first)
    x, g = solver.x, solver.jac
    held = np.where((x <= lower) & (g > 0), -1, np.where((x >= upper) & (g < 0), 1, 0))
    is_fixed = lower == upper
    np.testing.assert_array_equal(solver.active[~is_fixed], held[~is_fixed])
    assert (solver.active[is_fixed] != 0).all()
    np.testing.assert_array_equal(solver.projected_gradient, np.where(solver.active == 0, g, 0))


@each_method
@pytest.mark.parametrize("jac", ["2-point", "3-point"])
def test_differences_stay_inside(method, jac):
    lower, upper = np.array([0, -1, 0.25, -1]), np.array([1, 0, 0.25, -1 + 1e-9])
    inside, points = recorded(lambda x: shifted(x)[0], lower, upper)
    result = hessopt.minimize(
        inside, [3, 3, 3, 3], method=method, jac=jac, bounds=list(zip(lower, upper, strict=True))
    )
    assert result.success, result.message
    assert result.nfev == len(points)
    exact = optimize.minimize(
        shifted, np.clip(3, lower, upper), jac=True, bounds=list(zip(lower, upper, strict=True))
    )
    np.testing.assert_allclose(result.x, exact.x, atol=1e-5)


# where nothing binds it is the method without bounds


@each_kind
@pytest.mark.parametrize("far", [np.inf, 1e300])
@pytest.mark.parametrize("problem", [rosenbrock(8), chained_rosenbrock(5)], ids=lambda p: p.name)
def test_bounds_that_are_never_met_change_no_bit(kind, far, problem):
    free, bounded = kind(problem.start), kind(problem.start, lower=-far, upper=far)
    while free.needs:
        np.testing.assert_array_equal(free.ask(), bounded.ask())
        told = problem.fun(free.ask())
        assert free.tell(*told) == bounded.tell(*told)
    np.testing.assert_array_equal(free.x, bounded.x)
    assert bounded.done


# starts, fixed variables


@each_method
def test_a_start_outside_is_moved_in_and_the_message_says_so(method):
    bounds = [(0, 1), (None, -2), (5, None)]
    inside, points = recorded(shifted, np.array([0, -np.inf, 5]), np.array([1, -2, np.inf]))
    result = hessopt.minimize(inside, [7, 7, 7], method=method, jac=True, bounds=bounds)
    np.testing.assert_array_equal(points[0], [1, -2, 7])
    assert result.success
    assert result.message.endswith("; x0 was moved into the bounds")
    within = hessopt.minimize(inside, [1, -2, 7], method=method, jac=True, bounds=bounds)
    assert "moved" not in within.message
    np.testing.assert_array_equal(within.x, result.x)


@each_method
def test_fixed_variables_stay_and_the_function_sees_them(method):
    bounds = [(None, None), (0.25, 0.25), (None, None)]
    result = hessopt.minimize(shifted, [0.0, 9.0, 0.0], method=method, jac=True, bounds=bounds)

    def rest(z):
        f, g = shifted(np.array([z[0], 0.25, z[1]]))
        return f, g[[0, 2]]

    alone = hessopt.minimize(rest, [0.0, 0.0], method=method, jac=True)
    np.testing.assert_allclose(result.x[[0, 2]], alone.x, atol=1e-7)
    assert result.x[1] == 0.25
    assert result.active[1] == np.where(result.jac[1] < 0, 1, -1)


@each_method
def test_all_variables_fixed(method):
    result = hessopt.minimize(shifted, [3.0, 3], method=method, jac=True, bounds=[(1, 1), (2, 2)])
    assert result.success
    assert result.nfev == 1
    np.testing.assert_array_equal(result.x, [1, 2])
    np.testing.assert_array_equal(result.projected_gradient, 0)
    assert "a single point" in result.message
    assert "saddle" not in result.message


@each_method
def test_a_start_on_a_bound_leaves_it(method):
    result = hessopt.minimize(shifted, [0.0, 0, 0], method=method, jac=True, bounds=[(0, None)] * 3)
    exact = optimize.minimize(shifted, [0.0, 0, 0], jac=True, bounds=[(0, None)] * 3, tol=1e-12)
    np.testing.assert_allclose(result.x, exact.x, atol=1e-6)
    np.testing.assert_array_equal(result.active, [0, -1, 0])
    assert result.x[1] == 0


# minima


def run(problem, kind, **options):
    solver = kind(problem.start, lower=problem.lower, upper=problem.upper, **options)
    inside, points = recorded(problem.fun, problem.lower, problem.upper)
    while solver.needs:
        solver.tell(*inside(solver.ask()))
    at_start = np.abs(problem.projected(points[0])).max()
    return solver, np.abs(problem.projected(solver.x, solver.jac)).max() / max(1, at_start)


@pytest.mark.slow
@each_kind
def test_problems_are_solved(kind):
    """SciPy's L-BFGS-B brings 67 of 79 to 1e-8 in 600 evaluations."""
    ends = [run(p, kind, maxfun=600) for p in PROBLEMS]
    assert sum(size <= 1e-8 for _, size in ends) >= 70
    for problem, (solver, size) in zip(PROBLEMS, ends, strict=True):
        assert not solver.success or size <= 1e-5, (problem.name, solver.message)


@pytest.mark.slow
def test_evaluations_beside_those_of_l_bfgs_b():
    """To 1e-8, on what both solve; L-BFGS-B with the memory that SciPy gives it."""
    ratios = []
    for problem in PROBLEMS:
        counts = []

        class Solved(Exception):
            pass

        def counted(x, problem=problem, counts=counts):
            f, g = problem.fun(x)
            size = np.abs(problem.projected(x, g)).max()
            counts.append(size if np.isfinite(f) else np.inf)
            if len(counts) > 600 or counts[-1] <= 1e-8 * max(1, counts[0]):
                raise Solved
            return f, g

        needed = []
        for theirs in (False, True):
            counts.clear()
            try:
                if theirs:
                    optimize.minimize(
                        counted,
                        problem.start,
                        jac=True,
                        method="L-BFGS-B",
                        bounds=optimize.Bounds(problem.lower, problem.upper),
                        options={"ftol": 0, "gtol": 0, "maxfun": 9999, "maxiter": 9999},
                    )
                else:
                    solver = hessopt.LBFGS(
                        problem.start, lower=problem.lower, upper=problem.upper, gtol=0
                    )
                    while solver.needs:
                        solver.tell(*counted(solver.ask()))
            except Solved:
                needed.append(len(counts) if len(counts) <= 600 else None)
        if len(needed) == 2 and None not in needed:
            ratios.append(needed[0] / needed[1])
    assert len(ratios) >= 60
    assert np.exp(np.log(ratios).mean()) <= 1.1


# models


def data(n=300, p=6, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) * 10.0 ** rng.uniform(-2, 2, p) + rng.normal(size=p)
    w = rng.normal(size=p) / X.std(0)
    return X, X @ w + 0.5 + rng.normal(size=n)


@each_method
@pytest.mark.parametrize("fit_intercept", [False, True])
def test_nonnegative_regression(method, fit_intercept):
    X, y = data()
    p = X.shape[1]
    model = Squared(X, y, fit_intercept=fit_intercept)
    bounds = [(0, None)] * p + [(None, None)] * fit_intercept
    result = hessopt.minimize(model, np.zeros(len(bounds)), method=method, bounds=bounds)
    assert result.success, result.message
    A = np.c_[X, np.ones(len(X))] if fit_intercept else X
    low = np.r_[np.zeros(p), np.full(int(fit_intercept), -np.inf)]
    exact = optimize.lsq_linear(A, y, (low, np.inf), method="bvls", tol=1e-14).x
    np.testing.assert_allclose(result.x, exact, rtol=1e-6, atol=1e-9)
    np.testing.assert_array_equal(result.x == 0, exact == 0)
    np.testing.assert_array_equal(result.active[result.x != 0], 0)


@pytest.mark.parametrize("method", [None, *METHODS])
@pytest.mark.parametrize("held", ["coefficients", "intercept"])
def test_logistic_regression_within_bounds(method, held):
    X, y = data(seed=1)
    model = Logistic(X, (y > np.median(y)).astype(float), l2=1e-3)
    p = X.shape[1]
    lower, upper = np.full(p + 1, -np.inf), np.full(p + 1, np.inf)
    if held == "coefficients":
        lower[:3], upper[:3] = -0.1 / X.std(0)[:3], 0.3 / X.std(0)[:3]  # not powers of two
    else:
        lower[p], upper[p] = 0.1, 0.1000001
    inside, _ = recorded(model.value_and_gradient, lower, upper)
    plain = hessopt.minimize(
        inside, np.zeros(p + 1), jac=True, bounds=optimize.Bounds(lower, upper), tol=1e-10
    )
    result = hessopt.minimize(
        model, np.zeros(p + 1), method=method, bounds=optimize.Bounds(lower, upper)
    )
    assert result.success, result.message
    assert ((lower <= result.x) & (result.x <= upper)).all()
    np.testing.assert_allclose(result.fun, plain.fun, rtol=1e-12)
    g = model.value_and_gradient(result.x)[1]
    assert left(result.x, g, lower, upper) <= 1e-6
    assert (result.active != 0).any()


def test_a_model_that_falls_without_end_is_held_by_bounds():
    X = np.linspace(-1, 1, 20)[:, None]
    model = Logistic(X, (X[:, 0] > 0).astype(float), fit_intercept=False)
    result = hessopt.minimize(model, [0.0], bounds=[(-3, 3)])
    assert result.success
    np.testing.assert_array_equal(result.x, [3])
    np.testing.assert_array_equal(result.active, [1])


# as SciPy is called


@pytest.mark.parametrize(
    "bounds",
    [
        [(0, 1), (None, 2), (0.25, None)],
        ((0, 1), (-np.inf, 2), (0.25, np.inf)),
        np.array([[0, 1], [-np.inf, 2], [0.25, np.inf]]),
        optimize.Bounds([0, -np.inf, 0.25], [1, 2, np.inf]),
        optimize.Bounds([0, -np.inf, 0.25], [1, 2, np.inf], keep_feasible=True),
        zip([0, -np.inf, 0.25], [1, 2, None], strict=True),
    ],
    ids=["pairs", "tuples", "array", "Bounds", "kept", "zip"],
)
def test_forms_of_bounds(bounds):
    result = hessopt.minimize(shifted, np.zeros(3), method="L-BFGS-B", jac=True, bounds=bounds)
    exact = optimize.minimize(
        shifted, np.zeros(3), jac=True, bounds=[(0, 1), (None, 2), (0.25, None)], tol=1e-12
    )
    np.testing.assert_allclose(result.x, exact.x, atol=1e-6)
    np.testing.assert_array_equal(result.active, [1, 0, 0])


def test_one_number_for_all():
    result = hessopt.minimize(shifted, np.zeros(3), jac=True, bounds=optimize.Bounds(0, 1))
    np.testing.assert_array_equal(result.active, [1, -1, 0])
    solver = hessopt.LBFGS([5.0, 5.0], upper=1)
    np.testing.assert_array_equal(solver.ask(), [1, 1])
    np.testing.assert_array_equal(solver.lower, -np.inf)


def test_the_method_of_scipy():
    for method in (None, "bfgs"):
        result = optimize.minimize(
            shifted,
            np.zeros(3),
            jac=True,
            method=hessopt.scipy_method(method),
            bounds=[(0, 1), (0, None), (None, None)],
        )
        assert result.success
        np.testing.assert_array_equal(result.active, [1, -1, 0])


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ([(0, 1)], "2 pairs"),
        ([(0, 1, 2)] * 2, "2 pairs"),
        ([(0, 1), (2, 1)], "2 at 1; want at most upper, 1"),
        ([(np.nan, 1)] * 2, "NaN"),
        ([(np.inf, np.inf)] * 2, "inf at 0"),
        ([(None, -np.inf)] * 2, "-inf at 0"),
        (optimize.Bounds([0, 0, 0], 1), r"shape \(3,\)"),
        ([("a", 1)] * 2, "dtype"),
        (7, "2 pairs"),
    ],
)
def test_bounds_that_are_none(bounds, words):
    with pytest.raises((ValueError, TypeError), match=rf"^bounds: got .*{words}"):
        hessopt.minimize(shifted, np.zeros(2), jac=True, bounds=bounds)


@pytest.mark.parametrize("method", ["gradient_descent", "adam"])
def test_methods_without_bounds_say_so(method):
    with pytest.raises(ValueError, match=rf"^bounds: got some for method='{method}'.*lbfgs"):
        hessopt.minimize(shifted, np.zeros(2), method=method, jac=True, bounds=[(0, 1)] * 2)


def test_a_solver_has_bounds_of_its_own():
    solver = hessopt.LBFGS(np.zeros(3), lower=[0, 0, 0.75])
    with pytest.raises(ValueError, match=r"^bounds: got"):
        hessopt.minimize(shifted, solver, jac=True, bounds=[(0, 1)] * 3)
    inside, _ = recorded(lambda x: shifted(x)[0], solver.lower, solver.upper)
    result = hessopt.minimize(inside, solver)  # by differences
    assert result.success
    np.testing.assert_array_equal(result.active, [0, -1, -1])


# what else a solver is told


@pytest.mark.parametrize(
    "options",
    [
        {"maxcor": 3},
        {"history_dtype": "float32"},
        {"initial_step": 0.1},
        {"preconditioner": np.array([0.5, 0.4, 0.3, 0.5, 0.4, 0.3])},
        {"preconditioner": np.diag([0.5, 0.4, 0.3, 0.5, 0.4, 0.3])},
    ],
    ids=lambda o: next(iter(o)),
)
def test_options_of_l_bfgs(options):
    bounds = [(0, 1), (0, None), (None, None)] * 2
    exact = optimize.minimize(shifted, np.zeros(6), jac=True, bounds=bounds, tol=1e-13).x
    for tol in (None, 1e-9):
        result = hessopt.minimize(
            shifted, np.zeros(6), method="lbfgs", jac=True, bounds=bounds, tol=tol, options=options
        )
        assert result.success, result.message
        np.testing.assert_allclose(result.x, exact, atol=1e-6)


def test_the_first_inverse_hessian_of_bfgs():
    H = np.linalg.inv(2 * np.eye(3) + 0.6)
    result = hessopt.minimize(
        shifted,
        np.zeros(3),
        method="bfgs",
        jac=True,
        bounds=[(0, 1)] * 3,
        options={"hess_inv0": H},
    )
    np.testing.assert_array_equal(result.active, [1, -1, 0])


def test_float32_stays_inside_what_it_cannot_hold():
    lower, upper = np.array([-1.0, 0.1, 0.3]), np.array([0.1, 0.1, np.inf])
    solver = hessopt.LBFGS(np.zeros(3, np.float32), lower=lower, upper=upper)
    while solver.needs:
        x = solver.ask()
        assert x.dtype == np.float32
        wide = x.astype(float)
        assert ((lower <= wide) & (wide <= upper))[[0, 2]].all()
        assert abs(wide[1] - 0.1) < 1e-8
        f, g = shifted(wide)
        solver.tell(f, g.astype(np.float32))
    assert solver.success, solver.message
    assert solver.active[0] == 1


def test_a_checkpoint_is_of_its_bounds(tmp_path):
    problem = chained_rosenbrock(6)
    arguments = {"jac": True, "method": "lbfgs", "checkpoint": tmp_path / "run"}
    whole = hessopt.minimize(
        problem.fun, problem.start, jac=True, method="lbfgs", bounds=[(-2, 0.75)] * 6
    )
    hessopt.minimize(
        problem.fun,
        problem.start,
        bounds=[(-2, 0.75)] * 6,
        options={"maxiter": 7},
        checkpoint_every=1,
        **arguments,
    )
    with pytest.raises(ValueError, match=r"of other options .*upper"):
        hessopt.minimize(problem.fun, problem.start, bounds=[(-2, 0.5)] * 6, **arguments)
    again = hessopt.minimize(problem.fun, problem.start, bounds=[(-2, 0.75)] * 6, **arguments)
    np.testing.assert_array_equal(again.x, whole.x)
    assert again.nit == whole.nit
    np.testing.assert_array_equal(again.active, whole.active)


@each_kind
def test_long_vectors_with_bounds(kind):
    """Past the length from which the recursion runs on inner products."""
    n = 20_000 if kind is hessopt.LBFGS else 300
    scale = 1 + np.arange(n) % 7
    target = np.resize([2.0, -1.0, 0.5, -3.0], n)

    def fun(x):
        d = x - target
        return 0.5 * float(d @ (scale * d)), scale * d

    solver = kind(np.full(n, 0.1), lower=0.0)
    while solver.needs:
        solver.tell(*fun(solver.ask()))
    assert solver.success
    np.testing.assert_allclose(solver.x, np.maximum(target, 0), atol=1e-7)
    np.testing.assert_array_equal(solver.active, np.where(target < 0, -1, 0))


@pytest.mark.parametrize("method", ["lbfgs", "bfgs"])
def test_an_end_where_f_is_too_small_for_its_digits(method):
    """Both f and its gradient fall to 1e-311, where what they are divided by is infinite."""
    problem = next(p for p in PROBLEMS if p.name == "bdexp")

    def fun(x):
        assert problem.inside(x)
        return problem.fun(x)

    bounds = optimize.Bounds(problem.lower, problem.upper)
    result = hessopt.minimize(fun, problem.start, jac=True, method=method, bounds=bounds)
    assert result.success
    assert result.fun < 1e-300


@pytest.mark.parametrize(("high", "wanted"), [([1.0, 2.0], 1), ([1.0, 3.0], None)])
def test_no_differences_are_taken_along_what_bounds_fix(high, wanted):
    calls = []

    def fun(x):
        calls.append(x[0])
        return (x - 5) @ (x - 5)

    found = hessopt.minimize(
        fun, [1.0, 2.0], bounds=optimize.Bounds([1.0, 2.0], high), method="lbfgs"
    )
    assert found.x.tolist() == high
    assert found.nfev == len(calls)
    assert wanted is None or len(calls) == wanted

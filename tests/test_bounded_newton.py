"""Newton's methods within bounds."""

import pickle

import numpy as np
import pytest
from scipy import optimize

import hessopt
from bounded_problems import PROBLEMS
from hessopt import NewtonCG, minimize
from hessopt._minimize.differences import Differences, Rules
from problems import chained_rosenbrock, rosenbrock
from solving import finish

METHODS = ("newton", "trust_region", "newton_cg")
# Not to 1e-8 in 600 evaluations.
MISSES = {("sineali", m) for m in METHODS} | {("pfit1ls", "newton_cg")}


def pairs(problem):
    return list(zip(problem.lower, problem.upper, strict=True))


class Watched:
    """The function of a problem, that notes what leaves the box."""

    def __init__(self, fun, lower, upper):
        self.fun, self.lower, self.upper, self.outside, self.calls = fun, lower, upper, 0, 0

    def __call__(self, x):
        self.calls += 1
        self.outside += not ((self.lower <= x) & (x <= self.upper)).all()
        return self.fun(x)


def run(problem, method, **options):
    fun = Watched(problem.fun, problem.lower, problem.upper)
    x0 = np.clip(problem.start, problem.lower, problem.upper)
    bound = 1e-8 * max(1, np.abs(problem.projected(x0)).max())
    result = minimize(
        fun, problem.start, jac=True, hess=problem.hess, method=method, bounds=pairs(problem),
        options={"gtol": bound, "maxfun": 600, **options},
    )  # fmt: skip
    assert fun.outside == 0
    return result, np.abs(problem.projected(result.x)).max() <= bound


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "problem", few := [p for p in PROBLEMS if len(p.start) <= 60], ids=[p.name for p in few]
)
def test_problems_with_bounds(problem, method):
    result, solved = run(problem, method)
    assert solved or (problem.name, method) in MISSES
    assert solved == result.success
    held = result.active
    np.testing.assert_array_equal(result.x[held < 0], problem.lower[held < 0])
    np.testing.assert_array_equal(result.x[held > 0], problem.upper[held > 0])
    moves = problem.lower < problem.upper
    assert (held * result.jac <= 0)[moves].all()
    np.testing.assert_array_equal(result.projected_gradient, np.where(held, 0, result.jac))


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "problem", many := [p for p in PROBLEMS if len(p.start) > 60], ids=[p.name for p in many]
)
def test_larger_problems_with_bounds(problem, method):
    assert run(problem, method)[1]


@pytest.mark.parametrize("bound", [np.inf, 1e300])
@pytest.mark.parametrize(
    ("method", "options"),
    [(m, {}) for m in METHODS] + [("newton_cg", {"preconditioner": "lbfgs"})],
)
@pytest.mark.parametrize("problem", [rosenbrock(6), chained_rosenbrock(7)], ids=lambda p: p.name)
def test_bounds_far_off_change_no_bit(problem, method, options, bound):
    free, held = (
        minimize(
            problem.fun, problem.start, jac=True, hess=problem.hess, method=method,
            bounds=bounds, options={"return_all": True, **options},
        )
        for bounds in (None, [(-bound, bound)] * len(problem.start))
    )  # fmt: skip
    np.testing.assert_array_equal(free.allvecs, held.allvecs)
    assert (free.fun, free.nfev, free.nhev) == (held.fun, held.nfev, held.nhev)


@pytest.mark.parametrize("method", METHODS)
def test_fixed_variables_are_taken_out(method):
    problem = chained_rosenbrock(6)
    at = np.array([0, 3])
    rest = np.setdiff1d(np.arange(6), at)

    def whole(z):
        x = np.full(6, 0.4)
        x[rest] = z
        return x

    bounds = [(0.4, 0.4) if j in at else (None, None) for j in range(6)]
    fun = Watched(problem.fun, *(np.array(b) for b in ([0.4 if j in at else s for j in range(6)]
                                                       for s in (-np.inf, np.inf))))  # fmt: skip
    held = minimize(fun, problem.start, jac=True, hess=problem.hess, method=method, bounds=bounds)
    assert fun.outside == 0
    assert "moved into the bounds" in held.message
    out = minimize(
        lambda z: (problem.fun(whole(z))[0], problem.fun(whole(z))[1][rest]),
        problem.start[rest], jac=True, hess=lambda z: problem.hess(whole(z))[np.ix_(rest, rest)],
        method=method,
    )  # fmt: skip
    np.testing.assert_allclose(held.x, whole(out.x), rtol=1e-7)
    one = minimize(
        problem.fun, problem.start, jac=True, hess=problem.hess, method=method,
        bounds=[(0.5, 0.5)] * 6,
    )  # fmt: skip
    assert one.success
    assert one.nfev == 1
    assert set(one.active) <= {-1, 1}


@pytest.mark.parametrize("method", METHODS)
def test_convex_quadratics_in_boxes_at_random(method):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        n = 12
        half = rng.standard_normal((n, n)) * 10.0 ** rng.uniform(-2, 1, n)
        h, c = half.T @ half + 1e-3 * np.eye(n), rng.standard_normal(n)
        low = np.where(rng.random(n) < 0.3, -np.inf, -rng.random(n))
        high = np.where(rng.random(n) < 0.3, np.inf, rng.random(n))
        high = np.where(rng.random(n) < 0.1, low, high)
        free = np.isfinite(low) | np.isfinite(high)
        high, low = np.where(high == -np.inf, 0, high), np.where(free, low, -1)
        fun = Watched(lambda x, h=h, c=c: (x @ h @ x / 2 + c @ x, h @ x + c), low, high)
        result = minimize(
            fun, rng.standard_normal(n), jac=True, hess=lambda x, h=h: h, method=method,
            bounds=optimize.Bounds(low, high),
        )  # fmt: skip
        assert fun.outside == 0
        assert result.success, result.message
        left = result.x - np.clip(result.x - result.jac, low, high)
        off = np.flatnonzero(left)
        # What the quadratic would still fall by where only these may move: less than f shows.
        fall = left[off] @ np.linalg.solve(h[np.ix_(off, off)], left[off]) / 2
        assert fall < 1e-14 * abs(result.fun)
        assert fun.calls <= (30 if method == "newton_cg" else 4)


@pytest.mark.parametrize("method", METHODS)
def test_where_f_is_not_finite_the_step_is_shortened(method):
    """Its minimum lies near the edge of its domain, inside of the box."""

    def fun(x):
        with np.errstate(all="ignore"):
            f = (x - np.log(x)).sum() + (x[0] - x[1]) ** 2
        return f, 1 - 1 / x + 2 * (x[0] - x[1]) * np.array([1, -1, 0])

    def hess(x):
        h = np.diag(1 / x**2)
        h[:2, :2] += [[2, -2], [-2, 2]]
        return h

    bounds = [(-5, 40), (2, 50), (-1, 0.25)]
    result = minimize(fun, [30, 30, 0.01], jac=True, hess=hess, method=method, bounds=bounds)
    assert result.success
    np.testing.assert_array_equal(result.active, [0, -1, 1])
    np.testing.assert_allclose(result.x[0], (3 + np.sqrt(17)) / 4, rtol=1e-7)


@pytest.mark.parametrize("method", METHODS)
def test_saddles_of_what_is_free_are_left_and_no_others(method):
    h = np.diag([1.0, -1.0, 0.0])

    def fun(x):
        return x @ h @ x / 2 + x[1] ** 4, h @ x + [0, 4 * x[1] ** 3, 0]

    def hess(x):
        return h + np.diag([0, 12 * x[1] ** 2, 0])

    def solve(start, bounds):
        return minimize(fun, start, jac=True, hess=hess, method=method, bounds=bounds)

    free = [(-1, 1)] * 3
    assert solve([0, 0, 0], free).fun == pytest.approx(-1 / 16)
    # On a bound with a gradient of 0 there is one side.
    assert solve([0, 0, 0], [(-1, 1), (0, 1), (-1, 1)]).x[1] == pytest.approx(0.5)
    assert solve([0, 0, 0], [(-1, 1), (-1, 0), (-1, 1)]).x[1] == pytest.approx(-0.5)
    # Held from both sides, as by a gradient: a minimum of what is left.
    assert solve([0.3, 0, 0], [(-1, 1), (0, 0), (-1, 1)]).fun == 0
    held = solve([0.3, 0.7, 0], [(-1, 1), (0.6, 0.8), (-1, 1)])
    np.testing.assert_allclose(held.x[:2], [0, 0.6], atol=1e-12)
    # One that lies on its bound with a gradient of 0 does not hide another.
    two = np.array([[0.0, 1.0], [1.0, 0.0]])

    def corner(x):
        f, slope = x[0] * x[1] - x[1] ** 2 / 4 + x[1] ** 4, -x[1] / 2 + 4 * x[1] ** 3
        return f, two @ x + [0, slope]

    ends = minimize(
        corner, [0.0, 0.0], jac=True, hess=lambda x: two + np.diag([0, -0.5 + 12 * x[1] ** 2]),
        method=method, bounds=[(0, 1), (0, 1)],
    )  # fmt: skip
    assert ends.fun == pytest.approx(-1 / 64)


@pytest.mark.parametrize("method", METHODS)
def test_a_run_goes_on_from_its_state_and_from_its_file(method, tmp_path):
    problem = chained_rosenbrock(10)
    given = {"jac": True, "hess": problem.hess, "method": method}
    given["bounds"] = [(-0.5, 0.6)] * 5 + [(0.3, 0.9)] * 5
    whole = minimize(problem.fun, problem.start, **given)
    part = minimize(
        problem.fun, problem.start, **given, checkpoint=tmp_path / "run", options={"maxiter": 3}
    )
    assert part.nit == 3
    rest = minimize(problem.fun, problem.start, **given, checkpoint=tmp_path / "run")
    np.testing.assert_array_equal(rest.x, whole.x)
    assert rest.nfev == whole.nfev + 1  # f at the best point, to compare

    solver = hessopt.solvers.METHODS[method](problem.start, lower=-0.5, upper=0.8)
    end = finish(pickle.loads(pickle.dumps(solver)), problem.fun, problem.hess)
    kept = solver
    while not kept.done:
        kept = pickle.loads(pickle.dumps(kept))
        one = kept.ask()
        if kept.needs == hessopt.Need.VALUE:
            kept.tell(*problem.fun(one))
        elif kept.needs == hessopt.Need.HESSIAN:
            kept.tell_hessian(problem.hess(one))
        else:
            kept.tell_product(problem.hess(one) @ kept.operand)
    np.testing.assert_array_equal(kept.x, end.x)
    assert pickle.dumps(kept.jac) == pickle.dumps(end.jac)
    assert kept.nfev == end.nfev
    assert kept.success


@pytest.mark.parametrize("method", METHODS)
def test_single_precision_and_differences(method):
    problem = chained_rosenbrock(6)
    bounds = [(-0.5, 0.7)] * 6
    want = minimize(
        problem.fun, problem.start, jac=True, hess=problem.hess, method=method, bounds=bounds
    )
    kind = hessopt.solvers.METHODS[method]
    solver = kind(problem.start.astype(np.float32), lower=-0.5, upper=0.7)
    single = finish(solver, lambda x: problem.fun(x.astype(float)),
                    lambda x: problem.hess(x.astype(float)))  # fmt: skip
    assert single.x.dtype == np.float32
    np.testing.assert_allclose(single.x, want.x, atol=1e-4)
    assert (single.x <= np.float32(0.7)).all()

    fun = Watched(problem.fun, np.full(6, -0.5), np.full(6, 0.7))
    for hess in ("2-point", "3-point", *([None] if method == "newton_cg" else [])):
        result = minimize(fun, problem.start, jac=True, hess=hess, method=method, bounds=bounds)
        np.testing.assert_allclose(result.x, want.x, rtol=1e-6)
    assert fun.outside == 0


def test_products_by_differences_within_narrow_bounds():
    rng = np.random.default_rng(0)
    half = rng.standard_normal((8, 8))
    h = half + half.T
    low, high = np.zeros(8), np.array([1e-12, 1, 1, 0, np.inf, 1e-9, 1, 1])
    x = np.array([0, 1, 0, 0, 0.5, 5e-10, 1e-9, 1])
    fun = Watched(lambda x: h @ x, low, high)
    for word in ("2-point", "3-point"):
        rules = Rules(lower=low, upper=high)
        for v in rng.standard_normal((20, 8)):
            product, calls = Differences(word, rules).along(fun, np.asarray, x, v, h @ x)
            np.testing.assert_allclose(product, h @ np.where(low < high, v, 0), atol=1e-2)
            assert calls <= 2
    assert fun.outside == 0


def test_preconditioners_within_bounds():
    problem = chained_rosenbrock(20)
    bounds = [(-0.5, 0.7)] * 20
    inverse = 1 / np.abs(np.diag(problem.hess(np.full(20, 0.5))))
    want, *others = (
        minimize(
            problem.fun, problem.start, jac=True, hess=problem.hess, method="newton_cg",
            bounds=bounds, options={"preconditioner": given},
        )
        for given in (None, inverse, "lbfgs", lambda v: inverse * v)
    )  # fmt: skip
    for other in others:
        np.testing.assert_allclose(other.x, want.x, atol=1e-8)
    with pytest.raises(ValueError, match="lower: got 2 at 0; want at most upper, 1"):
        NewtonCG(np.zeros(2), lower=2, upper=1)


@pytest.mark.parametrize("method", METHODS)
def test_models_within_bounds(method):
    rng = np.random.default_rng(3)
    X = rng.standard_normal((400, 5)) * [1, 20, 1, 0.1, 1] + [0, 100, 0, 0, 0]
    y = (rng.random(400) < 1 / (1 + np.exp(-X[:, 0] + X[:, 2]))).astype(float)
    model = hessopt.objectives.Logistic(X, y, l2=1e-3)
    bounds = [(0, None)] * 5 + [(None, None)]
    theirs = optimize.minimize(
        model.value_and_gradient, np.zeros(6), jac=True, method="trust-constr",
        hess=model.hessian, bounds=bounds, options={"gtol": 1e-10, "xtol": 1e-14},
    )  # fmt: skip
    result = minimize(model, np.zeros(6), method=method, bounds=bounds)
    assert result.success
    assert result.fun <= theirs.fun + 1e-12
    np.testing.assert_allclose(result.x, theirs.x, atol=1e-5)
    assert (result.x[result.active < 0] == 0).all()


def test_a_hessian_for_several_steps():
    problem = chained_rosenbrock(8)
    given = {"jac": True, "hess": problem.hess, "method": "newton", "bounds": [(-0.5, 0.8)] * 8}
    each = minimize(problem.fun, problem.start, **given)
    some = minimize(problem.fun, problem.start, **given, options={"hessian_every": 3})
    np.testing.assert_allclose(some.x, each.x, rtol=1e-6)
    assert some.success
    assert some.nhev <= each.nhev


def test_differences_tell_nothing_along_fixed_variables():
    given = {"method": "newton", "hess": optimize.rosen_hess, "bounds": [(0, 2), (2, 2), (0, 5)]}
    known = minimize(optimize.rosen, [1.0, 2.0, 3.0], jac=optimize.rosen_der, **given)
    found = minimize(optimize.rosen, [1.0, 2.0, 3.0], **given)
    np.testing.assert_allclose(found.x, known.x, rtol=1e-6)
    np.testing.assert_array_equal(np.isnan(found.jac), [False, True, False])
    assert known.jac[1] != 0
    assert found.projected_gradient[1] == 0


def test_a_step_that_promises_a_rise_is_no_end_at_rounding():
    rng = np.random.default_rng(3)  # rows that a combination of columns meets: f falls to 0
    model = hessopt.objectives.HuberWithScale(rng.normal(size=(30, 40)), rng.normal(size=30))
    start = np.append(np.zeros(41), 1.0)
    options = {"maxiter": 100}
    result = minimize(model, start, method="newton_cg", bounds=model.bounds(), options=options)
    assert result.fun < 0.2 * model.value_and_gradient(start)[0]
    assert not result.success

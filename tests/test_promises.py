"""What every solver promises, whatever the problem."""

import gc
import pickle
import tracemalloc
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import hessopt
from hessopt import BFGS, LBFGS, Newton, NewtonCG, Status, TrustRegion, minimize
from mgh import PROBLEMS as MGH
from problems import rosenbrock
from solving import EXACT, SOLVERS, finish, step

SECOND_ORDER = [(kind, options) for kind, options in EXACT if kind not in (LBFGS, BFGS)]
FIRST_ORDER = [(kind, options) for kind, options in EXACT if kind in (LBFGS, BFGS)]
FIXED_RATES = [(kind, options) for kind, options in SOLVERS if kind.trusting]


# 1. scale


@pytest.mark.parametrize(("kind", "options"), EXACT)
@pytest.mark.parametrize("exponent", [-40, -27, 27, 40])
def test_powers_of_two_change_no_digit(kind, options, exponent):
    problem, c = rosenbrock(6), 2.0**exponent

    def scaled(solver, of_f, of_x):
        return finish(
            solver,
            lambda x: (of_f * problem.fun(of_x * x)[0], of_f * of_x * problem.fun(of_x * x)[1]),
            lambda x: of_f * of_x**2 * problem.hess(of_x * x),
        )

    plain = scaled(kind(problem.start, **options), 1, 1)
    taller = scaled(kind(problem.start, **options), c, 1)
    wider = scaled(kind(problem.start / c, **options), 1, c)
    assert plain.success
    for other, x in ((taller, taller.x), (wider, c * wider.x)):
        assert (other.nit, other.nfev, other.status) == (plain.nit, plain.nfev, plain.status)
        assert np.array_equal(x, plain.x)
    assert taller.fun == c * plain.fun


@pytest.mark.parametrize(("kind", "options"), EXACT)
@pytest.mark.parametrize("c", [1e-8, 1e-3, 1e3, 1e8])
def test_powers_of_ten_change_no_verdict(kind, options, c):
    problem = rosenbrock(2)
    for of_f, of_x in ((c, 1.0), (1.0, c)):
        solver = finish(
            kind(problem.start / of_x, gtol_rel=1e-9, **options),
            lambda x, a=of_f, b=of_x: (a * problem.fun(b * x)[0], a * b * problem.fun(b * x)[1]),
            lambda x, a=of_f, b=of_x: a * b * b * problem.hess(b * x),
        )
        assert solver.status == Status.GRADIENT
        np.testing.assert_allclose(of_x * solver.x, 1, atol=1e-6)


@pytest.mark.parametrize(("kind", "options"), EXACT)
@pytest.mark.parametrize("size", [1e-300, 1e-150, 1e150, 1e300])
def test_values_at_the_ends_of_the_range(kind, options, size):
    problem = rosenbrock(2)
    solver = finish(
        kind(problem.start, **options),
        lambda x: tuple(size / 1e3 * part for part in problem.fun(x)),
        lambda x: size / 1e3 * problem.hess(x),
    )
    assert solver.success
    np.testing.assert_allclose(solver.x, 1, atol=1e-3)


# 2. the best point, and its own f


@pytest.mark.parametrize(("kind", "options"), SOLVERS)
@pytest.mark.parametrize("maxfun", [1, 2, 3, 5, 8, 13, 40])
def test_the_best_point_and_its_exact_value(kind, options, maxfun):
    """Rosenbrock with a hole, ripples that the gradient does not know, and early ends."""
    problem = rosenbrock(2)
    seen = {}

    def fun(x):
        f, g = problem.fun(x)
        f += 1e-2 * np.sin(1e6 * x[0])
        if x[0] > 0.5:
            f = np.nan
        seen[x.tobytes()] = f
        return f, g

    solver = kind(problem.start, maxfun=maxfun, **options)
    finish(solver, fun, problem.hess)
    assert solver.nfev <= maxfun
    assert solver.fun == seen[solver.x.tobytes()]
    assert solver.fun == np.nanmin(list(seen.values()))
    assert np.array_equal(solver.jac, problem.fun(solver.x)[1])


# 3. NaN, inf and declared errors


@pytest.mark.parametrize(("kind", "options"), EXACT)
@pytest.mark.parametrize("outside", [np.nan, np.inf, -np.inf, ArithmeticError])
def test_outside_the_domain_the_step_is_shortened(kind, options, outside):
    """Minimum of sum(x - log x) at 1; x <= 0 is outside."""

    def fun(x):
        if (x <= 0).any():
            if outside is ArithmeticError:
                raise ArithmeticError("log of a negative number")
            return outside, np.full(3, outside)
        return np.sum(x - np.log(x)), 1 - 1 / x

    method = next(m for m, k in hessopt.solvers.METHODS.items() if k is kind)
    result = minimize(
        fun,
        np.array([30.0, 0.1, 3.0]),
        method=method,
        jac=True,
        hess=lambda x: np.diag(1 / x**2),
        options={"gtol": 1e-9, "domain_errors": ArithmeticError, **options},
    )
    assert result.success
    np.testing.assert_allclose(result.x, 1, atol=1e-8)


def test_errors_that_are_not_declared_arrive():
    with pytest.raises(ZeroDivisionError):
        minimize(lambda x: 1 / 0, [1.0], jac=True, options={"domain_errors": (ValueError,)})
    with pytest.raises(TypeError, match="domain_errors: got"):
        minimize(lambda x: 1.0, [1.0], jac=True, options={"domain_errors": "all"})


# 4. a stop has a name and numbers


def linear(x):
    return float(x.sum()), np.ones(len(x))


@pytest.mark.parametrize(("kind", "options"), FIRST_ORDER)
def test_a_function_without_a_minimum(kind, options):
    solver = finish(kind([1.0, 2.0], **options), linear)
    assert solver.status == Status.UNBOUNDED
    assert not solver.success
    assert solver.message.startswith("UNBOUNDED: f still falls (slope")


@pytest.mark.parametrize(("kind", "options"), SECOND_ORDER)
def test_a_function_without_a_minimum_is_given_up(kind, options):
    solver = finish(kind([1.0, 2.0], maxiter=200, **options), linear, lambda x: np.zeros((2, 2)))
    assert not solver.success


@pytest.mark.parametrize(("kind", "options"), EXACT)
@pytest.mark.parametrize(
    ("limit", "status"),
    [
        ({"ftol": 0.5}, Status.DECREASE),
        ({"xtol": 0.5}, Status.STEP),
        ({"gtol": 1e-3}, Status.GRADIENT),
        ({"gtol_rel": 1e-2}, Status.GRADIENT),
        ({"maxtime": 0.0}, Status.MAX_TIME),
    ],
)
def test_stopping_rules_name_themselves_and_their_numbers(kind, options, limit, status):
    problem = rosenbrock(4)

    def fun(x):
        f, g = problem.fun(x)
        return f + 10, g

    solver = finish(kind(problem.start, **({"gtol": 0.0} | limit), **options), fun, problem.hess)
    assert solver.status == status
    assert solver.message.startswith(f"{status.name}: ")
    numbers = [float(w) for w in solver.message.replace("|g_i|", "").split() if w[0].isdigit()]
    assert len(numbers) == 2
    if status == Status.MAX_TIME:
        assert numbers[0] >= numbers[1] == 0
    else:
        assert numbers[0] <= numbers[1]


# 5. the inverse Hessian


SIZES = [1, 2, 7, 50]
LONG = 9000  # for L-BFGS alone: BFGS holds a dense matrix


@pytest.mark.parametrize(
    ("kind", "options", "n"),
    [(*solver, n) for solver in FIRST_ORDER for n in SIZES]
    + [(*solver, LONG) for solver in FIRST_ORDER if solver[0] is not BFGS],
)
def test_the_secant_equation_of_the_last_pair(kind, options, n):
    scale = np.geomspace(1, 100, n)

    def fun(x):
        return float(np.sum(scale * x**2 + x**4)), 2 * scale * x + 4 * x**3

    solver = kind(np.linspace(1, 2, n), gtol=0.0, **options)
    points = []
    for _ in range(12):
        if solver.done:
            break
        step(solver, type("", (), {"fun": staticmethod(fun), "hess": None}))
        if not points or not np.array_equal(points[-1], solver.x):
            points.append(solver.x)
        if len(points) > 1:
            s = points[-1] - points[-2]
            y = fun(points[-1])[1] - fun(points[-2])[1]
            error = np.linalg.norm(solver.hess_inv @ y - s)
            assert error <= 1e-12 * np.linalg.norm(s)
    assert len(points) > 3
    if n == 7:
        dense = solver.hess_inv.todense()
        np.testing.assert_allclose(dense, dense.T, atol=1e-12)
        assert np.linalg.eigvalsh(dense).min() > 0
        v = np.arange(7.0)
        np.testing.assert_allclose(solver.hess_inv.matvec(v), dense @ v, rtol=1e-12)


# 6. one state, however it is run


@pytest.mark.parametrize(("kind", "options"), SOLVERS)
def test_two_hundred_are_ten_times_twenty(kind, options):
    problem = MGH[24]  # variably dimensioned enough to be long for first-order solvers
    options = {"gtol": 0.0, **options}
    whole = kind(problem.start, maxiter=200, **options)
    finish(whole, problem.fun, problem.hess)
    parts = kind(problem.start, maxiter=20, **options)
    for k in range(1, 11):
        finish(parts, problem.fun, problem.hess)
        parts = pickle.loads(pickle.dumps(parts))
        if parts.status != Status.MAX_ITERATIONS:
            break
        assert parts.nit == 20 * k
        if k < 10:
            parts.resume(maxiter=20 * (k + 1))
    assert np.array_equal(parts.x, whole.x)
    assert (parts.nit, parts.nfev, parts.fun) == (whole.nit, whole.nfev, whole.fun)
    assert parts.status == whole.status


@pytest.mark.parametrize("kind", [Newton, TrustRegion, NewtonCG, LBFGS, BFGS])
@pytest.mark.parametrize("tolerance", ["gtol", "gtol_rel", "ftol", "xtol"])
def test_a_tighter_tolerance_goes_on_bit_for_bit(kind, tolerance):
    d = np.arange(1.0, 7.0)

    def fun(x):
        return float((d * x**4).sum() + x.sum()), 4 * d * x**3 + 1

    def hess(x):
        return np.diag(12 * d * x**2)

    off = {"gtol": 0.0} if tolerance != "gtol_rel" else {}
    steps = [10.0**-k for k in range(1, 10, 2)]
    parts = kind(np.full(6, 3.0), **off | {tolerance: steps[0]})
    for bound in steps:
        straight = finish(kind(np.full(6, 3.0), **off | {tolerance: bound}), fun, hess)
        if bound < steps[0]:
            parts.resume(**{tolerance: bound})
        finish(parts, fun, hess)
        assert parts.success
        assert (parts.nit, parts.nfev, parts.status) == (
            straight.nit,
            straight.nfev,
            straight.status,
        )
        assert np.array_equal(parts.x, straight.x)
        assert parts.message == straight.message


@pytest.mark.parametrize(("kind", "options"), FIXED_RATES)
def test_a_tighter_tolerance_at_a_fixed_rate(kind, options):
    def fun(x):
        return float(x @ x), 2 * x

    parts = finish(kind(np.ones(3), gtol=1e-1, maxiter=9999, **options), fun)
    assert parts.success
    parts.resume(gtol=1e-3, maxiter=9999)
    finish(parts, fun)
    straight = finish(kind(np.ones(3), gtol=1e-3, maxiter=9999, **options), fun)
    assert np.array_equal(parts.x, straight.x)
    assert (parts.nit, parts.status) == (straight.nit, straight.status)


def test_what_has_ended_for_good_does_not_resume():
    solver = finish(LBFGS([1.0], gtol=0.5), lambda x: (float(x @ x), 2 * x))
    with pytest.raises(ValueError, match=r"resume: got GRADIENT: .*; want a run that met a limit"):
        solver.resume(gtol=0.5)
    with pytest.raises(ValueError, match="or a tighter tolerance than the one it met"):
        solver.resume(gtol=1.0)
    running = LBFGS([1.0], maxiter=1)
    running.resume(maxiter=7, gtol=1e-3)  # new limits for one that goes on anyway
    assert (running.limits.maxiter, running.limits.gtol) == (7, 1e-3)


@pytest.mark.parametrize(("kind", "options"), SOLVERS)
def test_eight_threads_give_the_serial_results(kind, options):
    problem = rosenbrock(10)
    starts = [problem.start + 0.05 * k for k in range(8)]

    def solve(x):
        return finish(kind(x, maxiter=40, **options), problem.fun, problem.hess)

    serial = [solve(x) for x in starts]
    with ThreadPoolExecutor(8) as pool:
        threaded = list(pool.map(solve, starts))
    for a, b in zip(serial, threaded, strict=True):
        assert np.array_equal(a.x, b.x)
        assert (a.nit, a.nfev, a.fun) == (b.nit, b.nfev, b.fun)


def test_the_warnings_filter_is_left_alone():
    before = list(warnings.filters)
    problem = rosenbrock(2)
    for method in ("newton", "trust_region", "newton_cg", "lbfgs", "bfgs", "adam"):
        minimize(problem.fun, problem.start, method=method, jac=True, hess=problem.hess)
    assert warnings.filters == before


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "options"), SOLVERS)
def test_a_hundred_thousand_solvers_leak_nothing(kind, options):
    """1e5 over the table; memory of the process itself, for the native part."""
    problem = rosenbrock(2)

    def some(count):
        for _ in range(count):
            solver = kind(problem.start, **options)
            step(solver, problem)
            step(solver, problem)

    def resident():
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * 4096

    some(500)
    gc.collect()
    before = resident()
    tracemalloc.start()
    start = tracemalloc.get_traced_memory()[0]
    some(100)
    assert tracemalloc.get_traced_memory()[0] - start < 20_000
    tracemalloc.stop()
    some(100_000 // len(SOLVERS))
    gc.collect()
    assert resident() - before < 3e6  # one leaked start each would make some 1e6 more


# 7. callbacks


@pytest.mark.parametrize("method", list(hessopt.solvers.METHODS))
def test_callbacks_are_honoured_by_every_method(method):
    problem = rosenbrock(4)
    states = []

    def on_state(state):
        states.append((state.nit, state.fun, state.nfev, state.step))
        assert state.status == Status.RUNNING
        assert state.fun == problem.fun(state.x)[0]
        return state.nit == 3

    def on_point(x):
        on_point.calls += 1
        if on_point.calls == 3:
            raise StopIteration

    on_point.calls = 0
    for callback in (on_state, on_point):
        result = minimize(
            problem.fun,
            problem.start,
            method=method,
            jac=True,
            hess=problem.hess,
            callback=callback,
            options={"gtol": 0.0},
        )
        assert result.status == Status.CALLBACK
        assert result.message.startswith("CALLBACK")
        assert result.nit == 3
    assert [s[0] for s in states] == [1, 2, 3]
    assert all(s[3] > 0 for s in states)


# 8. second-order honesty


def double_well(p):
    x, y = p
    return x**4 - 2 * x**2 + y**2, np.array([4 * x**3 - 4 * x, 2 * y])


def double_well_hessian(p):
    return np.diag([12 * p[0] ** 2 - 4, 2.0])


def hill(p):
    """A maximum at 0, a ring of minima at |p| = 1."""
    r = p @ p
    return float(r * r - 2 * r), 4 * (r - 1) * p


def hill_hessian(p):
    return 4 * (p @ p - 1) * np.eye(len(p)) + 8 * np.outer(p, p)


@pytest.mark.parametrize(("kind", "options"), SECOND_ORDER)
@pytest.mark.parametrize(
    ("fun", "hess", "n"), [(double_well, double_well_hessian, 2), (hill, hill_hessian, 5)]
)
def test_a_saddle_or_a_maximum_is_left(kind, options, fun, hess, n):
    solver = finish(kind(np.zeros(n), gtol=1e-9, **options), fun, hess)
    assert solver.success
    assert solver.fun == pytest.approx(-1, abs=1e-12)


@pytest.mark.parametrize(("kind", "options"), SECOND_ORDER)
def test_a_saddle_met_on_the_way_is_left(kind, options):
    """From x = 0 all steps stay on the ridge that ends in the saddle."""
    solver = finish(kind([0.0, 1.0], gtol=1e-9, **options), double_well, double_well_hessian)
    assert solver.success
    assert solver.fun == pytest.approx(-1, abs=1e-12)


@pytest.mark.parametrize(("kind", "options"), SECOND_ORDER)
def test_negative_curvature_that_leads_nowhere_is_called_a_saddle(kind, options):
    """A Hessian that promises a descent which f does not have."""
    solver = finish(
        kind([0.0, 0.0], **options),
        lambda x: (float(x @ x), 2 * x),
        lambda x: np.diag([2.0, -1.0]),
    )
    assert solver.status == Status.SADDLE
    assert not solver.success
    curvature = float(solver.message.split("direction is ")[1].split(",")[0])
    assert -1 - 1e-6 <= curvature < 0


@pytest.mark.parametrize(("kind", "options"), FIRST_ORDER)
def test_without_curvature_a_stationary_start_says_what_it_may_be(kind, options):
    solver = finish(kind([0.0, 0.0], **options), double_well)
    assert solver.status == Status.GRADIENT
    assert solver.nit == 0
    assert "a saddle or a maximum" in solver.message
    moved = finish(kind([0.5, 0.5], **options), double_well)
    assert "saddle" not in moved.message


@pytest.mark.parametrize(("kind", "options"), SECOND_ORDER)
def test_curvature_is_asked_for_at_accepted_points_only(kind, options):
    problem = rosenbrock(4)
    solver = kind(problem.start, **options)
    asked = []

    def hess(x):
        asked.append(x)
        assert solver.fun == problem.fun(x)[0]  # the current point is the best one
        return problem.hess(x)

    finish(solver, problem.fun, hess)
    assert solver.success
    assert solver.nfev > solver.nit + 1  # some steps were turned down
    assert len({x.tobytes() for x in asked}) <= solver.nit + 1
    if kind is NewtonCG:
        assert solver.inner_stop in hessopt.InnerStop
        assert solver.inner_stop != hessopt.InnerStop.NONE
        assert solver.nhev == len(asked)
    else:
        assert solver.nhev == len(asked)


def test_conjugate_gradients_say_why_they_ended():
    ends = set()
    problem = rosenbrock(10)
    solver = NewtonCG(problem.start)
    while not solver.done:
        step(solver, problem)
        ends.add(solver.inner_stop)
    names = {"TOLERANCE", "BOUNDARY", "NEGATIVE_CURVATURE"}
    assert {e.name for e in ends} & names
    assert TrustRegion([1.0]).nhev == Newton([1.0]).nhev == 0


@pytest.mark.parametrize(("kind", "options"), SECOND_ORDER)
def test_flat_directions_are_no_saddle(kind, options):
    """A Hessian of rank one, whose other curvatures are rounding of either sign."""
    v = 1 / np.arange(1.0, 9.0)

    def fun(x):
        r = v @ x - 1
        return 0.5 * r * r + 3, r * v

    H = np.outer(v, v) - 1e-18 * np.diag(np.arange(8.0))
    solver = finish(kind(np.zeros(8), gtol=1e-12, maxfun=100, **options), fun, lambda x: H)
    assert solver.success
    assert solver.nfev < 20
    assert v @ solver.x == pytest.approx(1, abs=1e-6)

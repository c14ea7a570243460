"""Derivatives by differences, against derivatives by hand, and SciPy's own differences."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime, rosen, rosen_der, rosen_hess
from scipy.optimize import minimize as scipy_minimize
from scipy.optimize._numdiff import approx_derivative

import hessopt
from hessopt import BFGS, LBFGS, Need, Status, minimize
from hessopt._minimize.differences import Differences, Rules
from problems import PROBLEMS, rosenbrock
from solving import EXACT, exchange, finish

POINTS = [
    np.array([-1.2, 1.0, 0.5]),
    np.array([0.0, 0.0, 0.0]),
    np.array([1e-9, -3e5, 2e8]),
    np.array([1e-300, -1.0, 7.0]),
]
WORDS = {"2-point": 1e-6, "3-point": 1e-9, "cs": 1e-13}


def smooth(x):
    return np.sin(x[0]) + x[1] ** 2 / 2 + x[0] * x[1] + np.sqrt(1 + x[2] ** 2)


def smooth_gradient(x):
    return np.array([np.cos(x[0]) + x[1], x[1] + x[0], x[2] / np.sqrt(1 + x[2] ** 2)])


@pytest.mark.parametrize("x", POINTS, ids=range(len(POINTS)))
@pytest.mark.parametrize("word", WORDS)
def test_along_the_axes(x, word):
    calls = []

    def fun(x):
        calls.append(x.copy())
        x[:] = np.nan  # it may
        return smooth(calls[-1])

    read = complex if word == "cs" else float
    g, told, count = Differences(word, Rules()).along_axes(fun, read, x, smooth(x))
    assert count == len(calls) == (2 if word == "3-point" else 1) * len(x)
    exact, size = smooth_gradient(x), np.abs(smooth(x)) + np.abs(x) * np.abs(smooth_gradient(x))
    assert (np.abs(g - exact) <= WORDS[word] * (1 + size.max())).all()
    if word == "3-point":
        assert np.abs(g - exact).max() <= told <= 1e-3 * (1 + size.max())
    theirs = approx_derivative(smooth, x, method=word)
    np.testing.assert_allclose(g, theirs, rtol=1e-8, atol=WORDS[word] * (1 + size.max()))
    np.testing.assert_array_equal(x, POINTS[[p is x for p in POINTS].index(True)])


def test_steps_by_the_caller():
    x = np.array([2.0, -3.0, 0.5])
    for rules, steps in (
        (Rules(relative=1e-3), 1e-3 * x),
        (Rules(relative=[1e-3, 1e-4, 0.0]), [2e-3, -3e-4, 1.5e-8]),
        (Rules(absolute=1e-4), np.copysign(1e-4, x)),
        (Rules(absolute=[1e-4, 1e-5, 1e-6]), np.copysign([1e-4, 1e-5, 1e-6], x)),
    ):
        points = []
        Differences("2-point", rules).along_axes(
            lambda p, points=points: (points.append(p), smooth(p))[1], float, x, smooth(x)
        )
        np.testing.assert_allclose(np.diag(np.array(points) - x), steps, rtol=1e-2)
    central = Differences("2-point", Rules(absolute=1e-6)).central()
    points = []
    central.along_axes(lambda p: (points.append(p), smooth(p))[1], float, x, smooth(x))
    np.testing.assert_allclose(np.abs(np.array(points) - x).max(axis=1), 1e-4, rtol=1e-6)


@pytest.mark.parametrize("word", ["2-point", "3-point"])
@pytest.mark.parametrize("wall", [np.nan, np.inf])
def test_at_an_edge_the_other_side_is_taken(word, wall):
    def fun(x):
        return wall if x[0] > 2 or x[1] < 1 else smooth(x)

    x = np.array([2.0, 1.0, 0.5])
    g = Differences(word, Rules()).along_axes(fun, float, x, fun(x))[0]
    np.testing.assert_allclose(g, smooth_gradient(x), rtol=2e-5)
    nowhere = Differences(word, Rules()).along_axes(
        lambda p: smooth(p) if p[0] == 2 else wall, float, x, smooth(x)
    )[0]
    assert np.isnan(nowhere[0])
    assert np.isfinite(nowhere[1:]).all()


@pytest.mark.parametrize("word", WORDS)
def test_hessians_and_products(word):
    x, v = np.array([-1.2, 1.0, 0.5]), np.array([1.0, -2.0, 3.0])
    differences, read = Differences(word, Rules()), np.asarray
    rows = differences.along_axes(rosen_der, read, x, rosen_der(x))[0]
    np.testing.assert_allclose(rows, rosen_hess(x), rtol=WORDS[word], atol=1e2 * WORDS[word])
    for scale in (1e-12, 1.0, 1e12):
        product = differences.along(rosen_der, read, x, scale * v, rosen_der(x))[0]
        np.testing.assert_allclose(
            product, scale * (rosen_hess(x) @ v), rtol=100 * WORDS[word], atol=1e-12 * scale
        )


@pytest.mark.parametrize(("solver", "options"), EXACT, ids=lambda x: getattr(x, "__name__", ""))
def test_a_more_accurate_gradient_takes_a_run_on(solver, options):
    problem = rosenbrock(4)
    bias = np.array([0.3, -0.2, 0.1, 0.4])

    def biased(x):
        f, g = problem.fun(x)
        return f + bias @ x, g + bias

    run = solver(problem.start, gtol=1e-8, **options)
    with pytest.raises(ValueError, match=r"^refine: got RUNNING"):
        run.refine(np.zeros(4))
    finish(run, biased, problem.hess)
    counts = run.nit, run.nfev, run.njev
    assert not run.refined
    with pytest.raises(ValueError, match=r"^g: got"):
        run.refine(np.full(4, np.nan))
    assert run.refine(biased(run.x)[1] + 1e-3) == run.needs != 0
    assert run.refined
    assert (run.nit, run.nfev, run.njev) == counts
    exchange(run, biased, problem.hess)
    # In the middle of a run as well.
    early = solver(problem.start, gtol=1e-8, **options)
    for _ in range(9):
        exchange(early, biased, problem.hess)
    while early.needs != Need.VALUE:
        exchange(early, biased, problem.hess)
    early.refine(biased(early.x)[1])
    assert finish(early, biased, problem.hess).success
    np.testing.assert_allclose(early.x, finish(run, biased, problem.hess).x, atol=1e-6)


@pytest.mark.parametrize(("solver", "options"), EXACT, ids=lambda x: getattr(x, "__name__", ""))
def test_a_gradient_ends_a_run_where_it_is_no_larger_than_its_error(solver, options):
    problem = rosenbrock(4)

    def drive(run, blurred):
        while not run.done:
            if run.needs == Need.VALUE:
                run.tell(*blurred(run.ask()))
            else:
                exchange(run, problem.fun, problem.hess)
        return run

    for tight in ({}, {"gtol": 1e-300}):
        run = drive(
            solver(problem.start, **options, **tight), lambda x: (*problem.fun(x), None, 0.1)
        )
        assert run.status == Status.ROUNDING_FLOOR
        assert "what its differences are unsure of" in run.message
        assert 1e-12 < np.abs(run.jac).max() <= 0.1


@pytest.mark.parametrize("solver", [LBFGS, BFGS])
def test_an_error_larger_than_told_does_not_keep_a_run_for_ever(solver):
    problem = rosenbrock(4)
    run = solver(problem.start, gtol=1e-12)
    while not run.done:
        f, g = problem.fun(run.ask())
        run.tell(f + 1, g + 1e-4 * np.sin(1e6 * run.ask()), error=1e-9)
    assert run.nfev < 1000
    assert np.abs(run.x - 1).max() < 1e-2


@pytest.mark.parametrize("problem", PROBLEMS[2:], ids=lambda p: p.name)
@pytest.mark.parametrize("method", ["lbfgs", "bfgs"])
@pytest.mark.parametrize("jac", [None, "3-point"])
def test_runs_by_differences_get_as_far_as_scipys(problem, method, jac):
    def fun(x):
        return problem.fun(x)[0]

    ours = minimize(fun, problem.start, jac=jac, method=method)
    name = {"lbfgs": "L-BFGS-B", "bfgs": "BFGS"}[method]
    theirs = scipy_minimize(fun, problem.start, jac=jac, method=name)
    assert ours.success
    assert ours.fun <= max(10 * theirs.fun, 1e-8)
    # What forward differences say of the gradient is not what the result says.
    exact = problem.fun(ours.x)[1]
    np.testing.assert_allclose(ours.jac, exact, atol=1e-6 * max(1, np.abs(exact).max()))


@pytest.mark.parametrize("method", ["bfgs", "lbfgs"])
@pytest.mark.parametrize("jac", ["2-point", "3-point"])
@pytest.mark.parametrize(("n", "condition"), [(30, 1e6), (10, 1e8), (5, 1e4)])
def test_no_success_where_the_differences_blur_a_long_valley(method, jac, n, condition):
    q = np.linalg.qr(np.random.default_rng(n).normal(size=(n, n)))[0]

    def cigar(x):
        z = q @ x
        return z[0] ** 2 + condition * np.sum(z[1:] ** 2)

    result = minimize(cigar, np.ones(n), jac=jac, method=method)
    assert result.fun < 1e-6 or not result.success


def test_a_run_by_differences_goes_on_from_a_checkpoint(tmp_path):
    path = tmp_path / "run"
    whole = minimize(rosen, np.zeros(5))
    for most in (5, 12, whole.nit, 1000):
        result = minimize(rosen, np.zeros(5), checkpoint=path, options={"maxiter": most})
    assert np.array_equal(result.x, whole.x)
    assert result.njev == whole.njev


def test_noise_of_f_is_met_by_longer_steps():
    rng = np.random.default_rng(0)

    def noisy(x):
        return np.sum((x - 1) ** 2) * (1 + 1e-9 * rng.normal())

    result = minimize(noisy, np.zeros(4), options={"eps": 1e-4, "gtol": 1e-3})
    np.testing.assert_allclose(result.x, 1, atol=1e-3)


def test_scipys_first_order_check_agrees():
    x = np.array([0.3, -0.4, 2.0])
    g = Differences("2-point", Rules()).along_axes(smooth, float, x, smooth(x))[0]
    np.testing.assert_allclose(g, approx_fprime(x, smooth), rtol=1e-6)
    assert hessopt.check_derivatives(smooth, x, smooth_gradient)

import pickle
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import hessopt
from hessopt import LBFGS, Adam, GradientDescent, Newton, Status
from problems import PROBLEMS, rosenbrock

SOLVERS = [
    (Newton, {}),
    (LBFGS, {}),
    (LBFGS, {"maxcor": 3}),
    (GradientDescent, {"learning_rate": 1e-3}),
    (Adam, {"learning_rate": 1e-2}),
]


def step(solver, problem):
    """One exchange with a solver."""
    f, g = problem.fun(solver.ask())
    solver.tell(f, g)
    if isinstance(solver, Newton) and solver.needs_hessian:
        solver.tell_hessian(problem.hess(solver.ask()))


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p.name)
@pytest.mark.parametrize("kind", [Newton, LBFGS])
def test_known_minima(kind, problem):
    solver = kind(problem.start, gtol=1e-10)
    while not solver.done:
        step(solver, problem)
    assert solver.status == Status.GRADIENT
    assert solver.success
    assert np.abs(solver.jac).max() <= 1e-10
    assert solver.fun <= 1e-8
    # The Hessian of Powell's function is singular at its minimum, where f grows as x^4.
    atol = 1e-2 if problem.name == "powell-singular" else 1e-8
    np.testing.assert_allclose(solver.x, problem.solution, atol=atol)
    assert solver.fun == problem.fun(solver.x)[0]
    assert np.array_equal(solver.jac, problem.fun(solver.x)[1])


@pytest.mark.parametrize(("kind", "options"), SOLVERS)
@pytest.mark.parametrize("cut", [0, 1, 7, 20])
def test_a_pickle_resumes_bit_for_bit(kind, options, cut):
    problem = rosenbrock(10)
    solver = kind(problem.start, gtol=0.0, maxiter=60, **options)
    for _ in range(cut):
        step(solver, problem)
    copy = pickle.loads(pickle.dumps(solver))
    assert type(copy) is kind
    for _ in range(15):
        assert np.array_equal(solver.ask(), copy.ask())
        step(solver, problem)
        step(copy, problem)
    assert (solver.nit, solver.nfev, solver.fun) == (copy.nit, copy.nfev, copy.fun)


@pytest.mark.parametrize(("kind", "options"), SOLVERS)
def test_a_pickle_resumes_in_another_process(kind, options, tmp_path):
    problem = rosenbrock(4)
    solver = kind(problem.start, gtol=0.0, **options)
    for _ in range(9):
        step(solver, problem)
    (tmp_path / "state").write_bytes(pickle.dumps(solver))
    program = """
        import pickle, sys
        sys.path.insert(0, sys.argv[1])
        from problems import rosenbrock
        from test_solvers import step
        solver = pickle.load(open(sys.argv[2], "rb"))
        for _ in range(20):
            step(solver, rosenbrock(4))
        print(solver.ask().tobytes().hex(), solver.nfev)
    """
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            textwrap.dedent(program),
            __file__.rsplit("/", 1)[0],
            tmp_path / "state",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    for _ in range(20):
        step(solver, problem)
    assert done.stdout.split() == [solver.ask().tobytes().hex(), str(solver.nfev)]


def test_a_pickle_names_no_instruction_set():
    text = pickle.dumps(LBFGS([1.0]))
    assert b"_core_" not in text
    assert b"_native" not in text


@pytest.mark.parametrize("kind", [Newton, LBFGS, GradientDescent, Adam])
def test_damaged_pickles_are_refused(kind):
    solver = kind([1.0, 2.0])
    solver.tell(5.0, [2.0, 4.0])
    (state,) = [a for a in solver.__reduce_ex__(2) if isinstance(a, bytes)]
    for damaged in (b"", b"nonsense", state[:-1], state[: len(state) // 2], state + b"x"):
        with pytest.raises(ValueError, match="saved state"):
            kind.__new__(kind).__setstate__(damaged)


def test_newton_takes_full_steps_and_asks_for_few_hessians():
    A = np.diag([1.0, 100.0, 1e4])
    solver = Newton([1.0, 1.0, 1.0], gtol=1e-12)
    while not solver.done:
        x = solver.ask()
        solver.tell(0.5 * x @ A @ x, A @ x)
        if solver.needs_hessian:
            solver.tell_hessian(A)
    assert (solver.nit, solver.nfev, solver.nhev) == (1, 2, 1)


@pytest.mark.parametrize("order", ["C", "F"])
def test_newton_on_an_indefinite_start(order):
    """f = x^4 - 2 x^2 + y^2 with its maximum in x at 0: the Hessian at the start is indefinite."""
    solver = Newton([0.1, 1.0], gtol=1e-10)
    while not solver.done:
        x, y = solver.ask()
        solver.tell(x**4 - 2 * x**2 + y**2, [4 * x**3 - 4 * x, 2 * y])
        if solver.needs_hessian:
            solver.tell_hessian(np.array([[12 * x**2 - 4, 0], [0, 2.0]], order=order))
    assert solver.success
    np.testing.assert_allclose(np.abs(solver.x), [1, 0], atol=1e-8)


def test_newton_on_a_singular_hessian():
    v = np.array([1.0, 2.0, 3.0])
    solver = Newton(np.zeros(3), gtol=1e-10)
    while not solver.done:
        r = v @ solver.ask() - 1
        solver.tell(0.5 * r * r, r * v)
        if solver.needs_hessian:
            solver.tell_hessian(np.outer(v, v))
    assert solver.success
    assert solver.nit <= 4
    # The touch of a shift leaves the step in the row space.
    np.testing.assert_allclose(solver.x, v / (v @ v), atol=1e-5)


@pytest.mark.parametrize("kind", [Newton, LBFGS])
def test_a_domain_with_an_edge(kind):
    """Minimum of sum(x - log x) at 1, reached from 30 although full steps leave x > 0."""
    solver = kind(np.full(3, 30.0), gtol=1e-10)
    with np.errstate(invalid="ignore", divide="ignore"):
        while not solver.done:
            x = solver.ask()
            solver.tell(np.sum(x - np.log(x)), 1 - 1 / x)
            if kind is Newton and solver.needs_hessian:
                solver.tell_hessian(np.diag(1 / x**2))
    assert solver.success
    np.testing.assert_allclose(solver.x, 1, atol=1e-9)


@pytest.mark.parametrize(("kind", "options"), SOLVERS)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_not_finite_at_the_start(kind, options, bad):
    solver = kind([1.0, 2.0], **options)
    solver.tell(bad, [1.0, 1.0])
    assert solver.done
    assert solver.status == Status.NON_FINITE
    assert not solver.success
    assert np.array_equal(solver.x, [1.0, 2.0])


@pytest.mark.parametrize("kind", [Newton, LBFGS, GradientDescent, Adam])
def test_a_start_with_nan_all_around(kind):
    solver = kind([1.0])
    solver.tell(1.0, [1.0])
    if kind is Newton:
        solver.tell_hessian([[1.0]])
    while not solver.done:
        solver.tell(np.nan, [np.nan])
    assert solver.status == Status.NON_FINITE
    assert (solver.fun, solver.x[0]) == (1.0, 1.0)
    assert solver.nfev < 200


@pytest.mark.parametrize("kind", [Newton, LBFGS])
def test_a_gradient_of_another_function_is_not_called_success(kind):
    solver = kind([3.0, -2.0])
    while not solver.done:
        x = solver.ask()
        solver.tell(float(x @ x), -2 * x)  # uphill
        if kind is Newton and solver.needs_hessian:
            solver.tell_hessian(2 * np.eye(2))
    assert solver.status == Status.LINE_SEARCH
    assert not solver.success
    assert solver.fun == float(solver.x @ solver.x)


@pytest.mark.parametrize("kind", [Newton, LBFGS])
def test_the_rounding_floor_is_a_clean_end(kind):
    """With a large constant in f and gtol = 0 there is a floor and no gradient test to save it."""
    problem = rosenbrock(2)
    solver = kind(problem.start, gtol=0.0)
    while not solver.done:
        f, g = problem.fun(solver.ask())
        solver.tell(1e6 + f, g + 1e-13)
        if kind is Newton and solver.needs_hessian:
            solver.tell_hessian(problem.hess(solver.ask()))
    assert solver.status in (Status.ROUNDING_FLOOR, Status.GRADIENT)
    assert solver.success
    np.testing.assert_allclose(solver.x, 1, atol=1e-3)


@pytest.mark.parametrize("scale", [1e-100, 1e-8, 1e8, 1e100])
def test_the_scale_of_f_does_not_matter(scale):
    problem = rosenbrock(2)
    for kind in (Newton, LBFGS):
        solver = kind(problem.start)
        while not solver.done:
            f, g = problem.fun(solver.ask())
            solver.tell(scale * f, scale * g)
            if kind is Newton and solver.needs_hessian:
                solver.tell_hessian(scale * problem.hess(solver.ask()))
        assert solver.success, (kind, solver.message)
        np.testing.assert_allclose(solver.x, 1, atol=1e-4)


def test_adam_is_the_published_recurrence():
    problem = rosenbrock(4)
    solver = Adam(problem.start, learning_rate=0.01, gtol=0.0)
    x, m, v = problem.start.copy(), np.zeros(4), np.zeros(4)
    for t in range(1, 100):
        np.testing.assert_allclose(solver.ask(), x, rtol=1e-13)
        step(solver, problem)
        g = problem.fun(x)[1]
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        x = x - 0.01 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)


def test_gradient_descent_is_a_fixed_rate():
    solver = GradientDescent([4.0], learning_rate=0.25, gtol=1e-12)
    xs = []
    while not solver.done:
        xs.append(solver.ask()[0])
        solver.tell(xs[-1] ** 2, [2 * xs[-1]])
    np.testing.assert_array_equal(xs[:4], [4.0, 2.0, 1.0, 0.5])


@pytest.mark.parametrize("kind", [GradientDescent, Adam])
def test_fixed_rates_back_out_of_nan(kind):
    solver = kind([0.5], learning_rate=10.0, maxiter=200)
    with np.errstate(invalid="ignore", divide="ignore"):
        while not solver.done:
            x = solver.ask()
            solver.tell(float(x[0] - np.log(x[0])), 1 - 1 / x)
    assert np.isfinite(solver.fun)
    assert solver.x[0] > 0


@pytest.mark.parametrize(("kind", "options"), SOLVERS)
def test_limits_are_kept_and_named(kind, options):
    problem = rosenbrock(10)
    for key, status in [("maxiter", Status.MAX_ITERATIONS), ("maxfun", Status.MAX_EVALUATIONS)]:
        solver = kind(problem.start, gtol=0.0, **{key: 5}, **options)
        while not solver.done:
            step(solver, problem)
        assert solver.status == status
        assert (solver.nit if key == "maxiter" else solver.nfev) == 5
        assert solver.message.startswith(status.name)
        with pytest.raises(ValueError, match="the run has ended"):
            solver.tell(0.0, np.zeros(10))


def test_state_before_the_first_tell():
    solver = LBFGS([1.0, 2.0])
    assert np.array_equal(solver.x, [1.0, 2.0])
    assert np.isnan(solver.fun)
    assert solver.status == Status.RUNNING
    asked = solver.ask()
    asked[:] = 99  # a copy
    assert np.array_equal(solver.ask(), [1.0, 2.0])


def test_newton_wants_messages_in_order():
    solver = Newton([1.0])
    with pytest.raises(ValueError, match="tell_hessian"):
        solver.tell_hessian(np.eye(1))
    solver.tell(1.0, [2.0])
    with pytest.raises(ValueError, match="tell_hessian first"):
        solver.tell(1.0, [2.0])
    with pytest.raises(ValueError, match=r"H: got shape \(2, 2\); want shape \(1, 1\)"):
        solver.tell_hessian(np.eye(2))
    solver.tell_hessian([[2.0]])
    assert solver.ask()[0] == pytest.approx(0.0, abs=1e-15)


def test_a_hessian_with_nan_ends_the_run():
    solver = Newton([1.0])
    solver.tell(1.0, [2.0])
    solver.tell_hessian([[np.nan]])
    assert solver.status == Status.NON_FINITE


def test_status_is_public():
    assert hessopt.Status.GRADIENT == 0

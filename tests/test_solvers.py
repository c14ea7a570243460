import pickle
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import hessopt
from hessopt import LBFGS, Adam, GradientDescent, Need, Newton, NewtonCG, Status, TrustRegion
from problems import PROBLEMS, rosenbrock
from solving import EXACT, SOLVERS, finish, step


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p.name)
@pytest.mark.parametrize(("kind", "options"), EXACT)
def test_known_minima(kind, options, problem):
    solver = finish(kind(problem.start, gtol=1e-10, **options), problem.fun, problem.hess)
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
        from solving import step
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
    assert b"_kernels_" not in text
    assert b"_native" not in text


@pytest.mark.parametrize(("kind", "options"), SOLVERS)
def test_damaged_pickles_are_refused(kind, options):
    solver = kind([1.0, 2.0], history=True, **options)
    solver.tell(5.0, [2.0, 4.0])
    (state,) = [a for a in solver.__reduce_ex__(2) if isinstance(a, bytes)]
    for damaged in (b"", b"nonsense", state[:-1], state[: len(state) // 2], state + b"x"):
        with pytest.raises(ValueError, match="saved state"):
            kind.__new__(kind).__setstate__(damaged)


def test_newton_takes_full_steps_and_asks_for_few_hessians():
    A = np.diag([1.0, 100.0, 1e4])
    for kind in (Newton, TrustRegion):
        solver = kind([1.0, 1.0, 1.0], gtol=1e-12)
        finish(solver, lambda x: (0.5 * x @ A @ x, A @ x), lambda x: A)
        assert (solver.nit, solver.nfev, solver.nhev) == (1, 2, 1)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("kind", [Newton, TrustRegion, NewtonCG])
def test_an_indefinite_start(kind, order):
    """f = x^4 - 2 x^2 + y^2 with its maximum in x at 0: the Hessian at the start is indefinite."""
    solver = finish(
        kind([0.1, 1.0], gtol=1e-10),
        lambda p: (p[0] ** 4 - 2 * p[0] ** 2 + p[1] ** 2, [4 * p[0] ** 3 - 4 * p[0], 2 * p[1]]),
        lambda p: np.array([[12 * p[0] ** 2 - 4, 0], [0, 2.0]], order=order),
    )
    assert solver.success
    np.testing.assert_allclose(np.abs(solver.x), [1, 0], atol=1e-8)


@pytest.mark.parametrize("kind", [Newton, TrustRegion])
def test_a_singular_hessian(kind):
    v = np.array([1.0, 2.0, 3.0])

    def fun(x):
        r = v @ x - 1
        return 0.5 * r * r, r * v

    solver = finish(kind(np.zeros(3), gtol=1e-10), fun, lambda x: np.outer(v, v))
    assert solver.success
    assert solver.nit <= 4
    assert v @ solver.x == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(("kind", "options"), EXACT)
def test_a_domain_with_an_edge(kind, options):
    """Minimum of sum(x - log x) at 1, reached from 30 although full steps leave x > 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        solver = finish(
            kind(np.full(3, 30.0), gtol=1e-10, **options),
            lambda x: (np.sum(x - np.log(x)), 1 - 1 / x),
            lambda x: np.diag(1 / x**2),
        )
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


@pytest.mark.parametrize(("kind", "options"), SOLVERS)
def test_a_start_with_nan_all_around(kind, options):
    solver = kind([1.0], **options)
    first = iter([(1.0, [1.0])])
    finish(solver, lambda x: next(first, (np.nan, [np.nan])), lambda x: np.eye(1))
    assert solver.status == Status.NON_FINITE
    assert (solver.fun, solver.x[0]) == (1.0, 1.0)
    assert solver.nfev < 200


@pytest.mark.parametrize(("kind", "options"), EXACT)
def test_a_gradient_of_another_function_is_not_called_success(kind, options):
    uphill = kind([3.0, -2.0], **options)
    finish(uphill, lambda x: (float(x @ x), -2 * x), lambda x: 2 * np.eye(2))
    assert uphill.status == Status.LINE_SEARCH
    assert not uphill.success
    assert uphill.fun == float(uphill.x @ uphill.x)


@pytest.mark.parametrize(("kind", "options"), EXACT)
def test_the_rounding_floor_is_a_clean_end(kind, options):
    """With a large constant in f and gtol = 0 there is a floor and no gradient test to save it."""
    problem = rosenbrock(2)

    def fun(x):
        f, g = problem.fun(x)
        return 1e6 + f, g + 1e-13

    solver = finish(kind(problem.start, gtol=0.0, **options), fun, problem.hess)
    assert solver.status in (Status.ROUNDING_FLOOR, Status.GRADIENT)
    assert solver.success
    np.testing.assert_allclose(solver.x, 1, atol=1e-3)


@pytest.mark.parametrize("amsgrad", [False, True])
@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_adam_is_the_published_recurrence(decay, amsgrad):
    """Algorithm 2 of AdamW, with AMSGrad's largest second moment as torch takes it."""
    problem = rosenbrock(4)
    solver = Adam(problem.start, learning_rate=0.01, gtol=0.0, weight_decay=decay, amsgrad=amsgrad)
    x, m, v, largest = problem.start.copy(), np.zeros(4), np.zeros(4), np.zeros(4)
    for t in range(1, 100):
        np.testing.assert_allclose(solver.ask(), x, rtol=1e-12)
        step(solver, problem)
        g = problem.fun(x)[1]
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        largest = np.maximum(largest, v)
        second = largest if amsgrad else v
        x = x - 0.01 * decay * x
        x = x - 0.01 * (m / (1 - 0.9**t)) / (np.sqrt(second / (1 - 0.999**t)) + 1e-8)


def test_momentum_is_the_published_recurrence():
    problem = rosenbrock(4)
    solver = GradientDescent(problem.start, learning_rate=1e-4, momentum=0.9, gtol=0.0)
    x, v = problem.start.copy(), np.zeros(4)
    for _ in range(50):
        np.testing.assert_allclose(solver.ask(), x, rtol=1e-13)
        step(solver, problem)
        v = 0.9 * v + problem.fun(x)[1]
        x = x - 1e-4 * v


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


def test_messages_out_of_order_are_named():
    solver = Newton([1.0])
    with pytest.raises(ValueError, match=r"tell_hessian: got .*; want tell\(f, g\)"):
        solver.tell_hessian(np.eye(1))
    assert solver.tell(1.0, [2.0]) == Need.HESSIAN
    with pytest.raises(ValueError, match=r"tell: got .*; want tell_hessian"):
        solver.tell(1.0, [2.0])
    with pytest.raises(ValueError, match=r"H: got shape \(2, 2\); want shape \(1, 1\)"):
        solver.tell_hessian(np.eye(2))
    assert solver.tell_hessian([[2.0]]) == Need.VALUE
    assert solver.ask()[0] == pytest.approx(0.0, abs=1e-15)
    cg = NewtonCG([1.0, 2.0])
    with pytest.raises(ValueError, match="tell_product: got"):
        cg.tell_product([1.0, 2.0])
    assert cg.tell(5.0, [2.0, 4.0]) == Need.PRODUCT
    with pytest.raises(ValueError, match=r"product: got shape \(1,\)"):
        cg.tell_product([1.0])


def test_a_hessian_with_nan_ends_the_run():
    solver = Newton([1.0])
    solver.tell(1.0, [2.0])
    solver.tell_hessian([[np.nan]])
    assert solver.status == Status.NON_FINITE


def test_status_is_public():
    assert hessopt.Status.GRADIENT == 0


def test_no_step_of_newton_cg_takes_more_than_a_thousand_products():
    n, products = 2000, []
    curvature = np.logspace(-7, 0, n)

    class Valley:
        def value_and_gradient(self, x):
            return 0.5 * curvature @ x**2 + x @ curvature**0.5, curvature * x + curvature**0.5

        def hessp(self, x, v):
            return curvature * v

    options = {"maxiter": 30, "initial_step": 1e9, "gtol": 1e-12}
    hessopt.minimize(
        Valley(),
        np.zeros(n),
        method="newton_cg",
        options=options,
        callback=lambda state: products.append(state.nhev),
    )
    assert 1000 in np.diff([0, *products])
    assert max(np.diff([0, *products])) == 1000

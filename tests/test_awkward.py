"""Functions that break other solvers: kinks, jumps, plateaus, noise, wrong gradients, float32."""

import numpy as np
import pytest

import hessopt
from hessopt import BFGS, LBFGS, Newton, NewtonCG, Status, TrustRegion, minimize
from problems import rosenbrock
from solving import EXACT, SOLVERS, finish


@pytest.mark.parametrize(("kind", "options"), EXACT)
def test_one_parameter(kind, options):
    solver = finish(
        kind([3.0], gtol=1e-10, **options),
        lambda x: (float(np.cosh(x[0] - 1)), np.sinh(x - 1)),
        lambda x: np.cosh(x - 1).reshape(1, 1),
    )
    assert solver.success
    assert solver.x[0] == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize(("kind", "options"), SOLVERS)
def test_no_parameters(kind, options):
    with pytest.raises(ValueError, match="x0: got length 0; want at least one parameter"):
        kind(np.empty(0), **options)


# Not smooth: no solver here is made for it, but all end, at the best point they saw.


def kink(x):
    return float(np.abs(x).sum()), np.sign(x)


def jump(x):
    """A bowl with a step of 1 at x0 = 0.3, which its gradient does not know."""
    return float(x @ x + (x[0] > 0.3)), 2 * x


def plateau(x):
    """Flat outside the unit ball."""
    r = float(x @ x)
    return (r * r - 2 * r, 4 * (r - 1) * x) if r < 1 else (-1.0, np.zeros(len(x)))


def cliff(x):
    """Value and slope are huge on one side: overflow on the way."""
    with np.errstate(over="ignore"):
        e = np.exp(np.minimum(100 * x, 800))
        return float(np.sum(e - 100 * x)), 100 * (e - 1)


@pytest.mark.parametrize(("kind", "options"), SOLVERS)
@pytest.mark.parametrize("fun", [kink, jump, plateau, cliff])
@pytest.mark.parametrize("start", [[1.0, 2.0], [-0.7, 0.2], [0.31, 0.0]])
def test_every_run_ends_at_its_best_point(kind, options, fun, start):
    seen = []

    def record(x):
        f, g = fun(x)
        seen.append(f)
        return f, g

    solver = finish(kind(start, maxfun=2000, **options), record, lambda x: np.eye(2))
    assert solver.done
    assert solver.fun == fun(solver.x)[0]
    assert solver.fun == np.nanmin(seen) or solver.status == Status.GRADIENT
    f0 = fun(np.array(start))[0]
    assert solver.fun <= f0 + 1e-7 * abs(f0)


@pytest.mark.parametrize(("kind", "options"), EXACT)
def test_a_kink_is_not_called_a_minimum_far_from_it(kind, options):
    solver = finish(kind([3.0, 1.0], maxfun=2000, **options), kink, lambda x: np.zeros((2, 2)))
    assert not solver.success or solver.fun < 1e-6


@pytest.mark.parametrize(("kind", "options"), EXACT)
@pytest.mark.parametrize("factor", [-1.0, 0.0, 1e3])
def test_gradients_of_something_else_are_reported(kind, options, factor):
    """Pointing up; zero in one component; a thousandfold."""
    problem = rosenbrock(2)

    def fun(x):
        f, g = problem.fun(x)
        return f, g * (factor if factor else np.array([0.0, 1.0])) + (0 if factor else 3e-3)

    solver = finish(kind(problem.start, maxfun=3000, **options), fun, problem.hess)
    assert solver.status != Status.RUNNING
    if solver.success:  # then the gradient that was told does vanish there
        assert np.abs(fun(solver.x)[1]).max() <= 1e-5 * np.abs(fun(problem.start)[1]).max()
    assert not hessopt.check_derivatives(fun, problem.start)


# f that changes from call to call


class Noisy:
    """Least squares over a fresh tenth of the rows at every call, as with fresh dropout masks."""

    def __init__(self):
        rng = np.random.default_rng(0)
        self.A, self.b = rng.normal(size=(200, 5)), rng.normal(size=200)
        self.rng, self.calls = np.random.default_rng(1), 0

    def __call__(self, x):
        self.calls += 1
        rows = self.rng.choice(200, 20, replace=False)
        A, r = self.A[rows], self.A[rows] @ x - self.b[rows]
        return float(r @ r), 2 * A.T @ r

    def hess(self, x):
        return 2 * self.A.T @ self.A / 10


@pytest.mark.parametrize("method", ["lbfgs", "bfgs", "newton", "trust_region", "newton_cg"])
def test_fresh_noise_is_named_instead_of_reporting_success(method):
    f = Noisy()
    result = minimize(
        f, np.ones(5), method=method, jac=True, hess=f.hess, options={"gtol": 0.0, "maxiter": 300}
    )
    assert result.status == Status.NOT_REPEATABLE
    assert not result.success
    assert "f was" in result.message
    assert "when evaluated again at the same point" in result.message
    assert result.nfev == f.calls


def test_fresh_noise_is_named_at_once_on_request():
    f = Noisy()
    result = minimize(f, np.ones(5), method="lbfgs", jac=True, options={"check_repeatable": True})
    assert result.status == Status.NOT_REPEATABLE
    assert f.calls == 2


def test_the_guard_costs_one_evaluation_at_most_and_none_at_a_clean_end():
    problem = rosenbrock(4)
    calls = []

    def fun(x):
        calls.append(1)
        return problem.fun(x)

    clean = minimize(fun, problem.start, method="lbfgs", jac=True)
    assert clean.success
    assert len(calls) == clean.nfev
    calls.clear()
    limited = minimize(fun, problem.start, method="lbfgs", jac=True, options={"maxiter": 5})
    assert limited.status == Status.MAX_ITERATIONS
    state = hessopt.LBFGS(problem.start, maxiter=5)
    finish(state, problem.fun)
    assert len(calls) == limited.nfev == state.nfev + 1


@pytest.mark.parametrize("method", ["adam", "gradient_descent"])
def test_baselines_take_noise(method):
    f = Noisy()
    result = minimize(
        f,
        np.ones(5),
        method=method,
        jac=True,
        options={"learning_rate": 2e-3, "maxiter": 500},
    )
    assert result.status == Status.MAX_ITERATIONS
    solution = np.linalg.lstsq(f.A, f.b, rcond=None)[0]
    assert np.linalg.norm(result.x - solution) < np.linalg.norm(np.ones(5) - solution)


# float32


@pytest.mark.parametrize(("kind", "options"), EXACT)
@pytest.mark.parametrize("gtol", [None, 0.0])
def test_float32_reaches_its_floor_and_stops(kind, options, gtol):
    """A badly scaled ridge regression, evaluated in float32 throughout."""
    rng = np.random.default_rng(0)
    A = (rng.normal(size=(300, 20)) * np.geomspace(0.1, 10, 20)).astype(np.float32)
    b = (A @ rng.normal(size=20) + rng.normal(size=300)).astype(np.float32)

    def fun(x):
        assert x.dtype == np.float32
        r = A @ x - b
        return np.float32(r @ r / 300), A.T @ r * np.float32(2 / 300)

    H = 2 / 300 * A.T.astype(float) @ A
    solver = finish(
        kind(np.zeros(20, np.float32), gtol=gtol, maxfun=3000, **options), fun, lambda x: H
    )
    assert solver.success
    assert solver.status in ({Status.GRADIENT} if gtol is None else {Status.ROUNDING_FLOOR})
    assert solver.x.dtype == solver.jac.dtype == np.float32
    exact = np.linalg.lstsq(A.astype(float), b.astype(float), rcond=None)[0]
    if gtol == 0:
        r, best = A.astype(float) @ solver.x - b, A.astype(float) @ exact - b
        assert r @ r <= (1 + 1e-5) * (best @ best)
    else:
        slope = np.abs(A.T.astype(float) @ (A @ solver.x - b)).max()
        assert slope <= 1.1e-3 * np.abs(A.T.astype(float) @ b).max()


@pytest.mark.parametrize(("kind", "options"), EXACT)
@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_float32_near_its_ends(kind, options, scale):
    """Products of such gradients would under- or overflow in float32."""

    def fun(x):
        return np.float32(scale) * np.float32(x @ x), np.float32(2 * scale) * x

    solver = finish(
        kind(np.array([3, -2, 1], np.float32), **options), fun, lambda x: 2 * scale * np.eye(3)
    )
    assert solver.status == Status.GRADIENT
    np.testing.assert_allclose(solver.x, 0, atol=1e-2)


def test_float32_pairs_of_a_float64_problem():
    problem = rosenbrock(10_000)
    results = [
        minimize(
            problem.fun,
            problem.start,
            method="lbfgs",
            jac=True,
            options={"history_dtype": dtype, "gtol": 1e-8},
        )
        for dtype in ("float64", "float32")
    ]
    for r in results:
        assert r.success
        np.testing.assert_allclose(r.x, 1, atol=1e-7)


# what the solvers are given


def ill_conditioned(n=60):
    d = np.geomspace(1, 1e6, n)
    return d, lambda x: (float(0.5 * x @ (d * x)), d * x), lambda x: np.diag(d)


@pytest.mark.parametrize("form", ["diagonal", "function", "matrix", "linear operator"])
@pytest.mark.parametrize("method", ["lbfgs", "newton_cg"])
def test_a_preconditioner_in_every_form_saves_work(method, form):
    from scipy.sparse.linalg import aslinearoperator

    d, fun, hess = ill_conditioned()
    forms = {
        "diagonal": 1 / d,
        "function": lambda v: v / d,
        "matrix": np.diag(1 / d),
        "linear operator": aslinearoperator(np.diag(1 / d)),
    }

    def run(preconditioner):
        options = {"gtol": 1e-8, "preconditioner": preconditioner}
        return minimize(fun, np.ones(60), method=method, jac=True, hess=hess, options=options)

    plain, helped = run(None), run(forms[form])
    assert plain.success
    assert helped.success
    work = "nhev" if method == "newton_cg" else "nfev"
    assert helped[work] <= 16 < plain[work]
    np.testing.assert_allclose(helped.x, 0, atol=1e-8)


@pytest.mark.parametrize("kind", [LBFGS, NewtonCG])
def test_a_preconditioner_by_ask_and_tell(kind):
    d, fun, hess = ill_conditioned(5)
    solver = kind(np.ones(5), preconditioner="operator", gtol=1e-10)
    needs = set()
    while not solver.done:
        needs.add(hessopt.Need(solver.needs).name)
        if solver.needs == hessopt.Need.VALUE:
            solver.tell(*fun(solver.ask()))
        elif solver.needs == hessopt.Need.PRODUCT:
            solver.tell_product(hess(solver.ask()) @ solver.operand)
        else:
            solver.tell_product(solver.operand / d)
    assert solver.success
    assert needs >= {"VALUE", "PRECONDITIONER"}


@pytest.mark.parametrize("kind", [LBFGS, BFGS, TrustRegion, NewtonCG])
def test_the_first_step_has_the_length_given(kind):
    problem = rosenbrock(2)
    solver = kind(problem.start, initial_step=1e-3)
    first = solver.ask()
    solver.tell(*problem.fun(first))
    while solver.needs > hessopt.Need.VALUE:
        if solver.needs == hessopt.Need.HESSIAN:
            solver.tell_hessian(problem.hess(first))
        else:
            solver.tell_product(problem.hess(first) @ solver.operand)
    # To the tenth that an exact trust region step may be off.
    assert np.linalg.norm(solver.ask() - first) == pytest.approx(1e-3, rel=0.11)


def test_pairs_without_curvature_are_counted():
    """A straight stretch: s'y = 0 there, and the pair is left out."""
    linear = finish(LBFGS([0.0], maxiter=4), lambda x: (float(x[0]), [1.0]))
    assert linear.n_skipped == linear.nit > 0


def test_an_old_hessian_serves_while_it_is_good():
    problem = rosenbrock(20)
    often, rarely = (
        finish(Newton(problem.start, hessian_every=k, gtol=1e-9), problem.fun, problem.hess)
        for k in (1, 4)
    )
    assert often.success
    assert rarely.success
    assert rarely.nhev < 0.8 * often.nhev
    assert rarely.nfev > often.nfev

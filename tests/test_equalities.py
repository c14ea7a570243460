"""Minima among the points with A x = b: the same for every solver, every function, every form."""

import pickle

import numpy as np
import pytest
import scipy.sparse
from scipy import optimize
from scipy.optimize import LinearConstraint

import hessopt
from hessopt import minimize
from problems import chained_rosenbrock

METHODS = ("newton", "trust_region", "newton_cg", "lbfgs", "bfgs")
N, K = 10, 3
PROBLEM = chained_rosenbrock(N)
RNG = np.random.default_rng(7)
A = RNG.standard_normal((K, N))
B = A @ np.full(N, 0.5) + RNG.standard_normal(K) / 10
PLANE = LinearConstraint(A, B, B)


def null_space(a):
    return np.linalg.svd(a)[2][np.linalg.matrix_rank(a) :].T


def solve(method="newton", constraints=PLANE, **more):
    given = {"jac": True, "hess": PROBLEM.hess} | more
    return minimize(PROBLEM.fun, PROBLEM.start, method=method, constraints=constraints, **given)


def assert_minimum(result, tolerance=1e-7, a=A, b=B):
    """First and second order conditions, by NumPy's null space."""
    assert result.success, result.message
    x = result.x
    scale = np.abs(a).sum(axis=1) * np.abs(x).max() + np.abs(b)
    assert (np.abs(a @ x - b) <= 4e-15 * scale).all()
    g, z = PROBLEM.fun(x)[1], null_space(a)
    size = np.abs(g).max()
    assert np.abs(z.T @ g).max() <= tolerance * size
    np.testing.assert_array_equal(result.jac, g)
    np.testing.assert_allclose(a.T @ result.multipliers, g, atol=tolerance * size)
    assert (np.linalg.eigvalsh(z.T @ PROBLEM.hess(x) @ z) > 0).all()


@pytest.mark.parametrize("method", METHODS)
def test_every_method_finds_the_minimum_on_the_plane(method):
    result = solve(method)
    assert_minimum(result)
    assert result.constr_violation < 1e-14
    assert "onto the constraints" in result.message


@pytest.mark.parametrize("method", ["gradient_descent", "adam"])
def test_fixed_rates_stay_on_the_plane(method):
    result = solve(method, options={"learning_rate": 1e-4, "maxiter": 20}, hess=None)
    assert result.constr_violation < 1e-14
    assert result.fun < PROBLEM.fun(result.x - result.jac * 0 + 1)[0]


def test_a_quadratic_is_its_linear_system():
    half = RNG.standard_normal((N, N))
    h, c = half @ half.T + np.eye(N), RNG.standard_normal(N)
    system = np.block([[h, A.T], [A, np.zeros((K, K))]])
    want = np.linalg.solve(system, np.r_[c, B])
    result = minimize(
        lambda x: (x @ h @ x / 2 - c @ x, h @ x - c), np.zeros(N), jac=True, hess=lambda x: h,
        constraints=PLANE,
    )  # fmt: skip
    np.testing.assert_allclose(result.x, want[:N], rtol=1e-10)
    np.testing.assert_allclose(result.multipliers, -want[N:], rtol=1e-10)
    assert result.nit == 1


def test_multipliers_are_what_the_minimum_rises_by():
    y, step = solve().multipliers, 1e-5
    for i in range(K):
        b = B + step * np.eye(K)[i], B - step * np.eye(K)[i]
        up, down = (solve(constraints=LinearConstraint(A, b_, b_)).fun for b_ in b)
        assert (up - down) / (2 * step) == pytest.approx(y[i], rel=1e-6)


def test_multipliers_have_the_sign_of_slsqp():
    theirs = optimize.minimize(
        PROBLEM.fun, np.full(N, 0.5), jac=True, method="SLSQP", constraints=PLANE, tol=1e-12
    )
    np.testing.assert_allclose(solve().multipliers, theirs.multipliers, rtol=1e-3)


@pytest.mark.parametrize(
    "given",
    [
        {"jac": None},
        {"jac": "3-point"},
        {"jac": "cs"},
        {"hess": "2-point", "method": "newton"},
        {"hess": None, "method": "newton_cg"},
    ],
    ids=str,
)
def test_differences_do_not_leave_the_plane(given):
    seen = []

    def both(x):
        seen.append(x)
        u, v = x[:-1], x[1:]
        f = ((1 - u) ** 2 + 100 * (v - u**2) ** 2).sum()
        return (f, PROBLEM.fun(x.real)[1]) if given.get("jac", True) is True else f

    options = {"method": "lbfgs", "jac": True} | given
    result = minimize(both, PROBLEM.start, constraints=PLANE, **options)
    seen = np.array(seen)
    scale = np.abs(A).sum(axis=1) * np.abs(seen).max()
    assert (np.abs(seen.real @ A.T - B) <= 1e-14 * scale).all()
    assert np.abs(seen.imag @ A.T).max() <= 1e-14
    assert result.fun == pytest.approx(solve().fun, rel=1e-8)
    assert np.isnan(result.multipliers).all() == (options["jac"] is not True)
    # What is told is the part along the plane.
    z = null_space(A)
    np.testing.assert_allclose(z.T @ result.jac, z.T @ PROBLEM.fun(result.x)[1], atol=1e-3)


def test_steps_of_differences_are_no_axes():
    def value_alone(**more):
        return minimize(lambda x: PROBLEM.fun(x)[0], PROBLEM.start, constraints=PLANE, **more)

    with pytest.raises(ValueError, match=r"eps: got shape \(10,\); want one number"):
        value_alone(options={"eps": np.full(N, 1e-8)})
    result = value_alone(options={"eps": 1e-8})
    assert result.fun == pytest.approx(solve().fun, rel=1e-6)


# forms


@pytest.mark.parametrize(
    "constraints",
    [
        [PLANE],
        (PLANE,),
        [LinearConstraint(row, b, b) for row, b in zip(A, B, strict=True)],
        LinearConstraint(scipy.sparse.csr_array(A), B, B),
        [LinearConstraint(A.tolist(), B.tolist(), B.tolist(), keep_feasible=True)],
        [PLANE, LinearConstraint(np.ones(N), -np.inf, np.inf)],
    ],
)
def test_the_forms_of_scipy(constraints):
    result = solve(constraints=constraints)
    np.testing.assert_allclose(result.x, solve().x, rtol=1e-9)
    np.testing.assert_array_equal(result.multipliers[K:], 0)


def test_through_scipy():
    result = optimize.minimize(
        PROBLEM.fun, PROBLEM.start, jac=True, hess=PROBLEM.hess, constraints=PLANE,
        method=hessopt.scipy_method("newton"),
    )  # fmt: skip
    assert_minimum(result)


def test_rows_that_follow_from_others():
    a, b = np.vstack([A, A[0] + 2 * A[1]]), np.r_[B, B[0] + 2 * B[1]]
    result = solve(constraints=LinearConstraint(a, b, b))
    assert_minimum(result, a=a, b=b)
    assert "1 of 4 constraints follow from the others" in result.message
    np.testing.assert_allclose(result.x, solve().x, rtol=1e-9)


def test_rows_of_any_scale():
    d = 10.0 ** np.arange(-8, 9, 8)
    result = solve(constraints=LinearConstraint(A * d[:, None], B * d, B * d))
    np.testing.assert_allclose(result.x, solve().x, rtol=1e-9)
    np.testing.assert_allclose(result.multipliers * d, solve().multipliers, rtol=1e-6)


def test_contradictions_are_named():
    a, b = np.vstack([A, A[0] + A[1]]), np.r_[B, B[0] + B[1] + 0.25]
    with pytest.raises(ValueError, match=r"constraints: got row 3, whose A x lies 0.25 from"):
        solve(constraints=LinearConstraint(a, b, b))
    with pytest.raises(ValueError, match=r"constraints: got row 0"):
        solve(constraints=LinearConstraint(np.zeros(N), 1, 1))


@pytest.mark.parametrize("method", METHODS)
def test_a_single_point(method):
    a = RNG.standard_normal((N, N))
    b = a @ np.arange(N)
    result = solve(method, constraints=LinearConstraint(a, b, b))
    assert result.success
    assert result.nfev == 1
    np.testing.assert_allclose(result.x, np.arange(N), atol=1e-11)
    assert "leave a single point" in result.message
    assert "saddle" not in result.message


def test_a_start_on_the_plane_is_not_moved():
    start = solve().x
    result = minimize(PROBLEM.fun, start, jac=True, hess=PROBLEM.hess, constraints=PLANE)
    assert "moved" not in result.message
    assert result.nit == 0


@pytest.mark.parametrize(
    ("constraint", "text"),
    [
        (LinearConstraint(A, B, B + 1), r"lb = .* and ub = .* in row 0; want both equal.*SLSQP"),
        (LinearConstraint(A, -np.inf, B), r"lb = -inf.*trust-constr"),
        (LinearConstraint(A, np.inf, np.inf), r"lb = inf and ub = inf"),
        (LinearConstraint(A, np.nan, np.nan), r"lb = nan"),
        (LinearConstraint(A[:, 1:], B, B), r"A of shape \(3, 9\); want 10 columns"),
        (optimize.NonlinearConstraint(np.sum, 1, 1), r"trust-constr.*SLSQP"),
        ({"type": "eq", "fun": np.sum}, r"trust-constr.*SLSQP"),
        ([{"type": "ineq", "fun": np.sum}], r"trust-constr.*SLSQP"),
        ("A x = b", r"want scipy.optimize.LinearConstraint"),
        (LinearConstraint(np.where(A > 2, np.inf, A * 0 + np.nan), B, B), "want finite numbers"),
    ],
)
def test_what_is_refused(constraint, text):
    def untouched(x):
        raise AssertionError

    with pytest.raises(ValueError, match="constraints: got " + r"[\s\S]*" + text):
        minimize(untouched, PROBLEM.start, jac=True, constraints=constraint)


def test_bounds_beside_constraints_are_refused():
    with pytest.raises(ValueError, match=r"constraints: got .* want none beside bounds.*SLSQP"):
        solve(bounds=[(0, 1)] * N)
    assert_minimum(solve(bounds=[(None, None)] * N))


# the run


def test_callbacks_and_points_are_of_x():
    seen = []

    def callback(intermediate_result):
        seen.append(intermediate_result.x)

    result = solve("lbfgs", callback=callback, options={"return_all": True}, hess=None)
    np.testing.assert_array_equal(result.allvecs[1:], seen)
    np.testing.assert_array_equal(seen[-1], result.x)
    np.testing.assert_allclose(np.array(result.allvecs) @ A.T, np.tile(B, (len(seen) + 1, 1)))


@pytest.mark.parametrize("method", METHODS)
def test_a_run_goes_on_from_its_file_and_from_its_state(method, tmp_path):
    file = tmp_path / "run"
    whole = solve(method)
    part = solve(method, options={"maxiter": 4}, checkpoint=file)
    assert part.status == hessopt.Status.MAX_ITERATIONS
    rest = solve(method, checkpoint=file)
    np.testing.assert_array_equal(rest.x, whole.x)
    np.testing.assert_array_equal(rest.multipliers, whole.multipliers)
    other = LinearConstraint(A, B + 1, B + 1)
    with pytest.raises(ValueError, match=r"another start|other options"):
        solve(method, checkpoint=file, constraints=other)

    kept = []
    solve(method, callback=lambda state: kept.append(pickle.dumps(state)) or len(kept) == 3)
    solver = pickle.loads(kept[2])
    assert len(solver.ask()) == N
    again = minimize(PROBLEM.fun, solver, jac=True, hess=PROBLEM.hess)
    np.testing.assert_array_equal(again.x, whole.x)
    np.testing.assert_array_equal(again.multipliers, whole.multipliers)
    with pytest.raises(ValueError, match=r"constraints: got .* want nothing: x0 is a solver"):
        minimize(PROBLEM.fun, solver, jac=True, hess=PROBLEM.hess, constraints=PLANE)


def test_single_precision():
    def single(x):
        f, g = PROBLEM.fun(x.astype(float))
        return np.float32(f), g.astype(np.float32)

    start = PROBLEM.start.astype(np.float32)
    result = minimize(single, start, jac=True, constraints=PLANE, method="lbfgs")
    assert result.x.dtype == np.float32
    np.testing.assert_allclose(result.x, solve().x, atol=2e-3)
    assert result.constr_violation < 1e-5


def test_preconditioners_are_of_x():
    inverse = 1 / np.diag(PROBLEM.hess(solve().x))
    for method in ("lbfgs", "newton_cg"):
        diagonal = solve(method, options={"preconditioner": inverse})
        function = solve(method, options={"preconditioner": lambda v: inverse * v})
        np.testing.assert_array_equal(diagonal.x, function.x)
        assert_minimum(diagonal, 1e-6)
    with pytest.raises(ValueError, match="preconditioner: got length 3; want length 10"):
        solve("lbfgs", options={"preconditioner": np.ones(3)})
    with pytest.raises(ValueError, match="preconditioner: got a number <= 0"):
        solve("lbfgs", options={"preconditioner": -inverse})
    assert_minimum(solve("bfgs", options={"hess_inv0": np.diag(inverse)}), 1e-6)
    with pytest.raises(ValueError, match=r"hess_inv0: got shape \(3, 3\)"):
        solve("bfgs", options={"hess_inv0": np.eye(3)})


@pytest.mark.parametrize("method", ["lbfgs", "bfgs"])
def test_the_inverse_hessian_is_that_along_the_plane(method):
    result = solve(method, hess=None)
    z = null_space(A)
    want = z @ np.linalg.inv(z.T @ PROBLEM.hess(result.x) @ z) @ z.T
    got = np.asarray(result.hess_inv)
    np.testing.assert_allclose(got, want, atol=0.3 * np.abs(want).max())
    np.testing.assert_allclose(A @ got, 0, atol=1e-14)


@pytest.mark.parametrize("method", [None, "newton", "trust_region", "newton_cg", "lbfgs"])
def test_models_keep_constraints(method):
    """Coefficients that sum to 0, against the same fit in NumPy's coordinates of the plane."""
    x = RNG.standard_normal((300, 4)) * [1, 10, 1, 0.1] + [0, 50, 0, 0]
    y = (RNG.random(300) < 0.4).astype(float)
    model = hessopt.objectives.Logistic(x, y, l2=1e-3)
    n = model.n_parameters
    row = np.r_[np.ones(4), np.zeros(n - 4)]
    result = minimize(model, np.zeros(n), method=method, constraints=LinearConstraint(row, 0, 0))
    z = null_space(row[None])

    def reduced(c):
        f, g = model.value_and_gradient(z @ c)
        return f, z.T @ g

    c = minimize(
        reduced, np.zeros(n - 1), jac=True, hess=lambda c: z.T @ model.hessian(z @ c) @ z
    ).x
    assert result.success
    assert abs(result.x[:4].sum()) < 1e-14
    np.testing.assert_allclose(result.x, z @ c, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(result.jac, row * result.multipliers, atol=1e-7)


def test_negative_curvature_counts_only_along_the_plane():
    """f falls without end off the plane, and has a minimum on it."""
    h = np.diag([-2.0, 3.0])
    ask = {"jac": True, "constraints": LinearConstraint([1, 0], 1, 1)}

    def saddle(x):
        return x @ h @ x / 2, h @ x

    for method in ("newton", "trust_region", "newton_cg"):
        result = minimize(saddle, [1.0, 0.0], method=method, hess=lambda x: h, **ask)
        assert result.success
        np.testing.assert_allclose(result.x, [1, 0], atol=1e-15)
        # And a start on a saddle of the plane is left.
        bowl = minimize(
            lambda x: (np.cos(x[1]), np.array([0, -np.sin(x[1])])), [1.0, 0.0], method=method,
            hess=lambda x: np.diag([0, -np.cos(x[1])]), **ask,
        )  # fmt: skip
        assert bowl.fun == pytest.approx(-1)

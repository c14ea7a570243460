"""Nonlinear least squares against certified fits, SciPy's, and what a covariance may say."""

import functools
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

import hessopt
import nist
from decays import Y, decay, decay_jacobian, t
from hessopt import LevenbergMarquardt, curve_fit, least_squares
from jets import variables


def residuals(x):
    return decay(t, *x) - Y


def jacobian(x):
    return decay_jacobian(t, *x)


@functools.cache
def certified(**options):
    """Digits of every parameter, and counts, of NIST's regressions from both starts."""
    digits, nfev, njev = [], 0, 0
    for problem in nist.REGRESSIONS:

        def jet(b, problem=problem):
            return problem.model(variables(b, 1), problem.x) - problem.y

        for start in problem.starts:
            given = {"jac": lambda b: jet(b).gradient} | options
            result = least_squares(lambda b: jet(b).value, start, **given)
            assert result.success, (problem.name, result.message)
            error = np.abs(result.x / problem.values - 1).max()
            digits.append(-np.log10(max(error, 1e-16)))
            nfev, njev = nfev + result.nfev, njev + result.njev
    return np.array(digits), nfev, njev


def test_certified_parameters_from_both_starts():
    digits, _, _ = certified()
    assert len(digits) == 54
    assert (digits >= 6).all()
    assert (digits >= 8).sum() >= 52


@pytest.mark.slow
def test_certified_parameters_of_a_model_alone():
    digits, _, _ = certified(jac="3-point")
    assert (digits >= 6).all()
    assert (digits >= 8).sum() >= 48


def test_the_acceleration_halves_the_jacobians():
    digits, _, njev = certified(acceleration=True)
    assert (digits >= 6).all()
    assert njev < 0.6 * certified()[2]


@pytest.mark.parametrize("problem", nist.REGRESSIONS, ids=lambda p: p.name)
def test_certified_standard_errors(problem):
    def model(x, *b):
        return problem.model(variables(np.array(b), 1), x).value

    def slopes(x, *b):
        return problem.model(variables(np.array(b), 1), x).gradient

    _, pcov = curve_fit(model, problem.x, problem.y, problem.values, jac=slopes)
    if problem.name == "Lanczos1":  # an exact fit: what is left is rounding
        return
    errors = nist.TABLE["nonlinear"][problem.name]["errors"]
    np.testing.assert_allclose(np.sqrt(np.diag(pcov)), errors, rtol=1e-8)


@pytest.mark.parametrize("loss", ["linear", "huber", "soft_l1", "cauchy", "arctan"])
def test_robust_losses_against_scipy(loss):
    y = Y.copy()
    y[::7] += 3
    given = {"loss": loss, "f_scale": 0.1}

    def r(x):
        return decay(t, *x) - y

    ours = least_squares(r, [2.0, 1.0, 0.0], jac=jacobian, **given)
    theirs = optimize.least_squares(
        r, [2.0, 1.0, 0.0], jacobian, ftol=1e-15, xtol=1e-15, gtol=1e-15, **given
    )
    assert ours.success
    assert ours.cost <= theirs.cost * (1 + 1e-12)
    np.testing.assert_allclose(ours.x, theirs.x, rtol=1e-6)
    np.testing.assert_allclose(ours.grad, 0, atol=1e-7)


def test_an_own_loss():
    ours = least_squares(
        residuals,
        [1.0, 1.0, 0.0],
        loss=lambda z: np.array([np.log1p(z), 1 / (1 + z), -1 / (1 + z) ** 2]),
    )
    named = least_squares(residuals, [1.0, 1.0, 0.0], loss="cauchy")
    np.testing.assert_allclose(ours.x, named.x, rtol=1e-9)


def test_a_pickle_resumes_bit_for_bit():
    def step(solver):
        x = solver.ask()
        if solver.needs == solver.RESIDUALS:
            solver.tell(residuals(x))
        else:
            solver.tell_jacobian(jacobian(x))

    for options in ({}, {"acceleration": True}, {"lower": 0.1, "upper": 2.0}):
        whole = LevenbergMarquardt([1.0, 1.0, 0.2], **options)
        cut = LevenbergMarquardt([1.0, 1.0, 0.2], **options)
        while whole.needs:
            step(whole)
            step(cut)
            cut = pickle.loads(pickle.dumps(cut))
            np.testing.assert_array_equal(cut.ask(), whole.ask())
        assert cut.message == whole.message
        assert cut.success


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from(["3-point", "2-point", "exact"]))
def test_no_point_outside_the_bounds(seed, how):
    rng = np.random.default_rng(seed)
    centre, half = rng.normal(size=3), np.abs(rng.normal(size=3)) * rng.integers(0, 2, 3)
    lower, upper = centre - half, centre + half
    lower[rng.random(3) < 0.2] = -np.inf
    start = rng.normal(size=3) * 2
    seen = []

    def inside(x):
        seen.append(x)
        assert ((lower <= x) & (x <= upper)).all()
        return np.where(x[0] > 0.9 * upper[0], np.nan, residuals(x)) if seed % 3 else residuals(x)

    try:
        result = least_squares(
            inside, start, jac=jacobian if how == "exact" else how, bounds=(lower, upper)
        )
    except ValueError:  # the start is where they are NaN
        assert np.isnan(inside(np.clip(start, lower, upper))).any()
        return
    fixed = lower == upper
    np.testing.assert_array_equal(result.x[fixed], lower[fixed])
    assert len(seen) >= result.nfev
    if result.success and how == "exact" and not seed % 3:
        free = result.active_mask == 0
        size = np.linalg.norm(result.jac, axis=0) * np.linalg.norm(result.fun)
        assert (np.abs(result.grad) <= 1e-6 * size)[free & ~fixed].all()


def test_a_start_outside_is_moved_and_said():
    result = least_squares(residuals, [5.0, 9.0, 0.0], bounds=([0, 0, 0], [3, 3, 3]))
    assert result.success
    assert "x0 was moved into the bounds" in result.message
    np.testing.assert_allclose(result.x, least_squares(residuals, [2.0, 1.0, 0.0]).x, rtol=1e-8)


def test_active_bounds_have_multipliers_of_their_sign():
    result = least_squares(residuals, [1.0, 1.0, 0.2], jacobian, ([0, 0, 0], [2, 5, 1]))
    assert result.x[0] == 2
    np.testing.assert_array_equal(result.active_mask, [1, 0, 0])
    assert result.grad[0] < 0
    theirs = optimize.least_squares(residuals, [1.0, 1.0, 0.2], jacobian, ([0, 0, 0], [2, 5, 1]))
    assert result.cost <= theirs.cost


def test_infinite_bounds_change_no_bit():
    free = least_squares(residuals, [1.0, 1.0, 0.2], jacobian)
    for far in (np.inf, 1e300):
        bound = least_squares(residuals, [1.0, 1.0, 0.2], jacobian, (-far, far))
        np.testing.assert_array_equal(free.x, bound.x)
        assert free.nfev == bound.nfev


def test_a_wrong_jacobian_is_no_success():
    for wrong in (-1.0, 30.0):
        result = least_squares(
            residuals, [1.0, 1.0, 0.2], lambda x, wrong=wrong: wrong * jacobian(x)
        )
        far = np.abs(result.x - least_squares(residuals, [1.0, 1.0, 0.2]).x).max() > 1e-6
        assert not (result.success and far), result.message


def test_a_step_to_the_same_value_is_no_end():
    """From 2 the first step leads to 4, where (x - 3)² + 5 is the same."""
    result = least_squares(lambda x: (x - 3) ** 2 + 5, 2.0, lambda x: 2 * (x - 3))
    np.testing.assert_allclose(result.x, 3, rtol=1e-6)


def test_covariance_of_what_the_data_leave_open():
    def f(t, a, b, k, unused):
        return a * b * np.exp(-k * t)

    with pytest.warns(optimize.OptimizeWarning, match=r"leave open parameters \[0, 1, 3\]"):
        popt, pcov, info, _, _ = curve_fit(f, t, Y - 0.5, [1.0, 2, 1, 7], full_output=True)
    assert info["rank"] == 2
    assert np.isinf(np.diag(pcov)[[0, 1, 3]]).all()
    assert np.isnan(pcov[0, 2])
    _, plain = curve_fit(lambda t, a, k: a * np.exp(-k * t), t, Y - 0.5, [2.0, 1.0])
    np.testing.assert_allclose(pcov[2, 2], plain[1, 1], rtol=1e-6)
    null = info["null_space"]
    assert null.shape == (4, 2)
    # Along a null direction the product a b stands still.
    np.testing.assert_allclose(popt[1] * null[0] + popt[0] * null[1], 0, atol=1e-8)


def test_covariance_of_one_on_its_bound():
    popt, pcov = curve_fit(decay, t, Y, bounds=([0, 0, 0], [2.0, 5, 1]))
    assert popt[0] == 2.0
    assert np.isnan(pcov[0]).all()
    _, plain = curve_fit(lambda t, k, c: decay(t, 2.0, k, c), t, Y, [1.0, 0.5])
    np.testing.assert_allclose(pcov[1:, 1:], plain, rtol=1e-6)


@pytest.mark.parametrize("absolute", [False, True])
@pytest.mark.parametrize("kind", ["none", "vector", "matrix", "number"])
def test_curve_fit_against_scipy(kind, absolute):
    size = 0.05 * (1 + t / 4)
    sigma = {"none": None, "vector": size, "number": 0.05, "matrix": None}[kind]
    if kind == "matrix":
        sigma = np.outer(size, size) * (0.5 ** np.abs(np.subtract.outer(range(60), range(60))))
    given = {"p0": [2.0, 1.0, 0.0], "sigma": sigma, "absolute_sigma": absolute}
    theirs = dict(given, sigma=np.full(60, 0.05) if kind == "number" else sigma)
    popt, pcov = curve_fit(decay, t, Y, jac=decay_jacobian, **given)
    p, c = optimize.curve_fit(
        decay, t, Y, jac=decay_jacobian, xtol=1e-15, ftol=1e-15, gtol=1e-15, **theirs
    )
    np.testing.assert_allclose(popt, p, rtol=1e-7)
    np.testing.assert_allclose(pcov, c, rtol=1e-6)


def test_float32_residuals_have_differences_of_their_own():
    x32, y32 = t.astype(np.float32), Y.astype(np.float32)
    result = least_squares(lambda p: (p[0] + p[1] * x32 - y32).astype(np.float32), [-1.0, -1.0])
    np.testing.assert_allclose(result.x, np.polyfit(t, Y, 1)[::-1], atol=1e-3)


def test_nan_is_omitted_or_refused():
    y = Y.copy()
    y[3] = np.nan
    with pytest.raises(ValueError, match="ydata: got NaN or inf"):
        curve_fit(decay, t, y)
    kept = np.isfinite(y)
    np.testing.assert_array_equal(
        curve_fit(decay, t, y, nan_policy="omit")[0], curve_fit(decay, t[kept], y[kept])[0]
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"jac": "4-point"}, "jac: got '4-point'"),
        ({"loss": "hinge"}, "loss: got 'hinge'"),
        ({"bounds": (1, 2, 3)}, r"bounds: got \(1, 2, 3\); want a pair"),
        ({"bounds": (1.0, 0.0)}, "lower: got 1 at 0; want at most upper, 0"),
        ({"bounds": ([0.0, 1.0], 2.0)}, r"lower: got shape \(2,\)"),
        ({"method": "newton"}, "method: got 'newton'"),
        ({"f_scale": 0.0}, "f_scale: got 0"),
        ({"x_scale": [1.0, -1.0, 1.0]}, "x_scale: got"),
        ({"max_nfev": 0}, "max_nfev: got 0"),
        ({"acceleration": True, "loss": "huber"}, "acceleration: got True"),
        ({"fun": lambda x: np.full(3, np.nan)}, "x0: got NaN or inf among the residuals"),
        ({"fun": lambda x: np.ones((3, 2))}, r"fun: got a value of shape \(3, 2\)"),
        ({"jac": lambda x: np.ones((2, 3))}, r"jac: got a value of shape \(2, 3\)"),
    ],
)
def test_bad_input_is_named(change, message):
    given = {"fun": residuals, "x0": [1.0, 1.0, 0.2]} | change
    with pytest.raises(ValueError, match=message):
        least_squares(**given)


def test_a_solver_wants_what_it_asked_for():
    solver = LevenbergMarquardt([1.0, 1.0, 0.2])
    with pytest.raises(ValueError, match="tell_jacobian"):
        solver.tell_jacobian(jacobian(solver.ask()))
    assert solver.tell(residuals(solver.ask())) == solver.JACOBIAN
    with pytest.raises(ValueError, match=r"J: got shape \(2, 3\)"):
        solver.tell_jacobian(np.ones((2, 3)))
    assert hessopt.LevenbergMarquardt is LevenbergMarquardt

"""The table of problems with bounds: its derivatives, its boxes, its minima."""

import numpy as np
import pytest
from scipy import optimize

from bounded_problems import GAY, PROBLEMS


def names(problems):
    return {"ids": [p.name for p in problems]}


def test_each_has_a_name_and_a_box():
    assert len({p.name for p in PROBLEMS}) == len(PROBLEMS) >= 60
    assert len(GAY) == 22
    for p in PROBLEMS:
        assert (p.lower <= p.upper).all(), p.name
        assert len(p.start) <= 200


@pytest.mark.parametrize("problem", PROBLEMS, **names(PROBLEMS))
def test_derivatives(problem):
    """Along directions at random, from a point at random in the box and near the start."""
    rng = np.random.default_rng(0)
    x = np.clip(problem.start, problem.lower, problem.upper)
    x = x + 0.01 * (1 + abs(x)) * rng.uniform(0.5, 1, len(x)) * np.where(x < problem.upper, 1, -1)
    f, g = problem.fun(x)
    H = problem.hess(x)
    np.testing.assert_allclose(H, H.T, rtol=1e-12, atol=1e-12 * abs(H).max())
    for _ in range(2):
        v = rng.normal(size=len(x)) * (1 + abs(x))
        h = 1e-6
        (ahead, g1), (behind, g0) = problem.fun(x + h * v), problem.fun(x - h * v)
        noise = 1e-9 * (abs(ahead) + abs(f))
        np.testing.assert_allclose((ahead - behind) / (2 * h), g @ v, rtol=1e-5, atol=noise)
        change = (g1 - g0) / (2 * h)
        np.testing.assert_allclose(change, H @ v, rtol=1e-4, atol=1e-5 * abs(H @ v).max())
    if problem.residuals is not None:
        assert f >= 0


# Where L-BFGS-B stops at once: a first step to where f is infinite, and a flat start.
STOPS = {"chardis02", "powellbc", "hs25"}
OTHER_MINIMA = {"sineali", "levymont", "ncvxbqp3"}


@pytest.mark.parametrize(
    "problem", known := [p for p in PROBLEMS if p.minima and p.name not in STOPS], **names(known)
)
def test_published_minima_are_found(problem):
    def fun(x):
        return problem.fun(x)

    result = optimize.minimize(
        fun,
        problem.start,
        jac=True,
        method="L-BFGS-B",
        bounds=optimize.Bounds(problem.lower, problem.upper),
        options={"ftol": 1e-15, "gtol": 1e-9, "maxfun": 3000, "maxiter": 3000},
    )
    if problem.name in OTHER_MINIMA:  # f has others, too
        assert np.abs(problem.projected(result.x)).max() < 1e-4
    else:
        assert np.abs(result.fun - np.array(problem.minima)).min() <= 1e-5 * max(1, abs(result.fun))

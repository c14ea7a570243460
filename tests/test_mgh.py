"""The Moré-Garbow-Hillstrom table, by every solver, and by SciPy's of the same kind beside it."""

import warnings

import numpy as np
import pytest
from scipy import optimize

from hessopt import BFGS, LBFGS, Newton, NewtonCG, TrustRegion
from mgh import PROBLEMS
from solving import finish

BUDGET = 3000
GTOL = 1e-7  # of every contestant; a run counts as solved by the looser test below


def test_all_thirty_five_are_there():
    assert {p.number for p in PROBLEMS} == set(range(1, 36))


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p.name)
def test_derivatives_are_those_of_the_residuals(problem):
    rng = np.random.default_rng(0)
    x = problem.start + 0.01 * rng.uniform(0.5, 1, len(problem.start)) * (1 + abs(problem.start))
    f, g = problem.fun(x)
    H = problem.hess(x)
    assert np.array_equal(H, H.T) or np.allclose(H, H.T, rtol=1e-13)
    for j in range(len(x)):
        step = 1e-5 * (1 + abs(x[j]))
        ahead, behind = x.copy(), x.copy()
        ahead[j] += step
        behind[j] -= step
        (f1, g1), (f0, g0) = problem.fun(ahead), problem.fun(behind)
        slope, curvature = (f1 - f0) / (2 * step), (g1 - g0) / (2 * step)
        assert slope == pytest.approx(g[j], rel=1e-4, abs=1e-5 * (abs(g).max() + abs(f)))
        np.testing.assert_allclose(curvature, H[:, j], rtol=1e-3, atol=1e-4 * abs(H).max())


def is_solved(problem, x):
    """By its gradient, or by a minimum that the paper gives."""
    f, g = problem.fun(x)
    stationary = np.abs(g).max() <= 1e-6 * max(1, abs(f))
    return stationary or any(abs(f - m) <= 1e-6 * abs(m) + 1e-12 for m in problem.minima)


def score(run):
    """`run(problem, fun)` -> x over the table; evaluations of each problem that it solves."""
    evaluations = {}
    for problem in PROBLEMS:
        calls = []

        def fun(x, problem=problem, calls=calls):
            calls.append(1)
            return problem.fun(x)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            x = run(problem, fun)
        if is_solved(problem, x):
            evaluations[problem.name] = len(calls)
    return evaluations


def ours(kind, options):
    def run(problem, fun):
        limits = {"gtol": GTOL, "maxiter": BUDGET, "maxfun": BUDGET}
        return finish(kind(problem.start, **limits, **options), fun, problem.hess).x

    return score(run)


SCIPY = {
    "L-BFGS-B": {"gtol": GTOL, "ftol": 0, "maxfun": BUDGET},
    "BFGS": {"gtol": GTOL},
    "trust-exact": {"gtol": GTOL},
    "trust-ncg": {"gtol": GTOL},
}


@pytest.fixture(scope="module")
def theirs():
    """Scores of SciPy's solvers, each run once."""
    scores = {}

    def of(method):
        def run(problem, fun):
            more = {"hess": problem.hess} if method.startswith("trust") else {}
            options = {"maxiter": BUDGET, **SCIPY[method]}
            return optimize.minimize(
                fun, problem.start, jac=True, method=method, options=options, **more
            ).x

        if method not in scores:
            scores[method] = score(run)
        return scores[method]

    return of


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "options", "peer"),
    [
        (LBFGS, {}, "L-BFGS-B"),
        (BFGS, {}, "BFGS"),
        (Newton, {}, "trust-exact"),
        (TrustRegion, {}, "trust-exact"),
        (NewtonCG, {}, "trust-ncg"),
        (NewtonCG, {"preconditioner": "lbfgs"}, "trust-ncg"),
    ],
)
def test_more_problems_with_fewer_evaluations_than_scipy(kind, options, peer, theirs):
    here, there = ours(kind, options), theirs(peer)
    assert len(here) >= 0.95 * len(PROBLEMS)
    assert len(here) >= len(there)
    # On what both solve: to give up early is no thrift.
    both = here.keys() & there.keys()
    assert sum(here[name] for name in both) <= sum(there[name] for name in both)


@pytest.mark.parametrize(
    ("kind", "options"), [(Newton, {"hessian_every": 3}), (LBFGS, {"maxcor": 10})]
)
def test_other_settings_solve_the_table_too(kind, options):
    assert len(ours(kind, options)) >= 0.95 * len(PROBLEMS)

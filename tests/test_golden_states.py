"""Saved solvers of every release go on where they stood: tests/states/<version>/<solver>.pickle.

`python tests/test_golden_states.py` writes those of a release, once. Later versions read them.
"""

import pickle
from pathlib import Path

import numpy as np
import pytest

import hessopt
from problems import rosenbrock
from solving import exchange

STATES = Path(__file__).parent / "states"
PROBLEM = rosenbrock(6)
BEFORE, AFTER = 25, 12  # exchanges
SOLVERS = {
    "newton": (hessopt.Newton, {"history": True}),
    "newton-lazy": (hessopt.Newton, {"hessian_cost": 3.0}),
    "trust-region": (hessopt.TrustRegion, {}),
    "newton-cg": (hessopt.NewtonCG, {"preconditioner": "lbfgs"}),
    "lbfgs": (hessopt.LBFGS, {}),
    "lbfgs-float32": (hessopt.LBFGS, {"history_dtype": "float32"}),
    "bfgs": (hessopt.BFGS, {}),
    "gradient-descent": (hessopt.GradientDescent, {"learning_rate": 1e-4, "momentum": 0.9}),
    "adam": (hessopt.Adam, {"learning_rate": 1e-2, "amsgrad": True}),
    "owl-qn": (hessopt.OWLQN, {"l1": 0.1}),
    "proximal-newton": (hessopt.ProximalNewton, {"l1": 0.1, "restrict": False}),
    "levenberg-marquardt": (hessopt.LevenbergMarquardt, {"acceleration": True}),
    "batch-newton": (hessopt.BatchNewton, {"bounds": [(-5, 5)] * 6}),
    "batch-bfgs": (hessopt.BatchBFGS, {}),
    "batch-lbfgs": (hessopt.BatchLBFGS, {"memory": 3}),
    "batch-levenberg-marquardt": (hessopt.BatchLevenbergMarquardt, {}),
}


def residuals(x):
    """Rosenbrock's function as a sum of squares."""
    return np.r_[10 * (x[1::2] - x[::2] ** 2), 1 - x[::2]]


def jacobian(x):
    J = np.zeros((6, 6))
    J[[0, 1, 2], [0, 2, 4]], J[[0, 1, 2], [1, 3, 5]] = -20 * x[::2], 10
    J[[3, 4, 5], [0, 2, 4]] = -1
    return J


def exchange_squares(solver):
    x = solver.ask()
    if solver.needs == solver.RESIDUALS:
        return solver.tell(residuals(x))
    return solver.tell_jacobian(jacobian(x))


def exchange_batch(solver):
    """The same from several starts."""
    if isinstance(solver, hessopt.BatchLevenbergMarquardt):
        found = [(residuals(x), jacobian(x)) for x in solver.ask()]
    elif isinstance(solver, hessopt.BatchNewton):
        found = [(*PROBLEM.fun(x), PROBLEM.hess(x)) for x in solver.ask()]
    else:
        found = [PROBLEM.fun(x) for x in solver.ask()]
    solver.tell(*(np.array(part) for part in zip(*found, strict=True)))


def is_batch(kind):
    return kind.__name__.startswith("Batch")


def start_of(kind):
    return np.outer([1.0, 0.5, -0.25], PROBLEM.start) if is_batch(kind) else PROBLEM.start


def advance(solver, exchanges):
    for _ in range(exchanges):
        if solver.done:
            break
        if is_batch(type(solver)):
            exchange_batch(solver)
        elif isinstance(solver, hessopt.LevenbergMarquardt):
            exchange_squares(solver)
        else:
            exchange(solver, PROBLEM.fun, PROBLEM.hess)
    return solver


def golden():
    return sorted(STATES.glob("*/*.pickle"))


@pytest.mark.parametrize("path", golden(), ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_a_saved_solver_goes_on(path):
    saved = pickle.loads(path.read_bytes())
    solver = pickle.loads(saved["solver"])
    np.testing.assert_array_equal((solver.nit, solver.nfev), saved["counts"])
    np.testing.assert_array_equal(solver.x, saved["x"])
    np.testing.assert_array_equal(solver.ask(), saved["ask"])
    # What it does next is the same but for rounding, which differs between machines.
    np.testing.assert_allclose(advance(solver, AFTER).x, saved["later"], rtol=1e-6)


def test_every_solver_has_its_state():
    have = {path.stem for path in golden() if path.parent.name == hessopt.__version__}
    assert have == set(SOLVERS)


def write():
    folder = STATES / hessopt.__version__
    folder.mkdir(parents=True, exist_ok=True)
    for name, (kind, options) in SOLVERS.items():
        solver = advance(kind(start_of(kind), **options), 5 if is_batch(kind) else BEFORE)
        saved = {
            "solver": pickle.dumps(solver),
            "counts": (solver.nit, solver.nfev),
            "x": solver.x,
            "ask": solver.ask(),
        }
        saved["later"] = advance(solver, AFTER).x
        (folder / f"{name}.pickle").write_bytes(pickle.dumps(saved))


if __name__ == "__main__":
    write()

"""Estimators beside scikit-learn's: time of `fit`, validation included, and the gradient reached.

Run: python bench/python/bench_estimators.py [--smoke] [--threads 1 2]

Beside each time stands the gradient of the objective, the largest component, relative to that at
zero: a peer's tolerance is the loosest power of ten with which it reaches ours or 1e-6.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

import harness
import hessopt

GOOD = 1e-6
SIZES = [(100, 5), (1000, 10), (10_000, 20), (100_000, 50), (1_000_000, 50)]


class Case(NamedTuple):
    """An estimator with its peers."""

    name: str
    targets: Callable[[Any, Any], Any]  # of a predictor and a generator
    objective: Callable[[Any, Any], Any]  # of X and y, whose gradient is measured
    ours: Any
    theirs: dict[str, Callable[[float], Any]]  # of a tolerance


def cases(linear: Any) -> list[Case]:
    """All of them."""
    import hessopt.sklearn as hs

    return [
        Case(
            "LogisticRegression",
            lambda eta, rng: (eta + rng.logistic(size=len(eta)) > 0).astype(int),
            lambda X, y: hessopt.objectives.Logistic(X, y, l2=1 / len(y)),
            hs.LogisticRegression(),
            {
                solver: lambda tol, solver=solver: linear.LogisticRegression(
                    solver=solver, tol=tol, max_iter=10_000
                )
                for solver in ("lbfgs", "newton-cholesky", "newton-cg")
            },
        ),
        Case(
            "PoissonRegressor",
            lambda eta, rng: rng.poisson(np.exp(eta)),
            lambda X, y: hessopt.objectives.Poisson(X, y, l2=1e-3),
            hs.PoissonRegressor(alpha=1e-3),
            {
                solver: lambda tol, solver=solver: linear.PoissonRegressor(
                    alpha=1e-3, solver=solver, tol=tol, max_iter=10_000
                )
                for solver in ("lbfgs", "newton-cholesky")
            },
        ),
        Case(
            "Ridge",
            lambda eta, rng: eta + rng.normal(size=len(eta)),
            lambda X, y: hessopt.objectives.Squared(X, y, l2=1 / len(y)),
            hs.Ridge(),
            {
                solver: lambda tol, solver=solver: linear.Ridge(solver=solver, tol=tol)
                for solver in ("cholesky", "lsqr")
            },
        ),
    ]


def gradient(model: Any, estimator: Any) -> float:
    """The largest component where the estimator is, relative to that at zero."""
    at = np.append(estimator.coef_, estimator.intercept_)
    return float(
        np.abs(model.value_and_gradient(at)[1]).max()
        / np.abs(model.value_and_gradient(0 * at)[1]).max()
    )


def tuned(make: Callable[[float], Any], model: Any, X: Any, y: Any, wanted: float) -> Any:
    """The peer with the loosest tolerance that reaches a gradient, else with the tightest."""
    for tol in 10.0 ** -np.arange(4, 13, 2):
        peer = make(tol).fit(X, y)
        if gradient(model, peer) <= wanted:
            break
    return peer


def main() -> None:
    """A table for each case, size and number of threads."""
    options = harness.options()
    linear = harness.peer("sklearn.linear_model")
    if linear is None:
        return
    harness.header(harness.peer("sklearn"))
    warnings.simplefilter("ignore")
    for case in cases(linear):
        for n, p in SIZES[:1] if options.smoke else SIZES:
            rng = np.random.default_rng(0)
            X = rng.normal(size=(n, p))
            y = case.targets(X @ rng.normal(size=p) / np.sqrt(p), rng)
            model = case.objective(X, y)
            reached = gradient(model, case.ours.fit(X, y))
            estimators = {"hessopt": case.ours} | {
                name: tuned(make, model, X, y, max(reached, GOOD))
                for name, make in case.theirs.items()
            }
            notes = {name: f"[{gradient(model, e):.0e}]" for name, e in estimators.items()}
            for threads in options.threads:
                with harness.team(threads):
                    harness.contest(
                        f"{case.name}, {n} x {p}, {threads} threads",
                        {k: partial(e.fit, X, y) for k, e in estimators.items()},
                        smoke=options.smoke,
                        notes=notes,
                    )


if __name__ == "__main__":
    main()

"""Estimators beside scikit-learn's: time of `fit`, validation included, and the gradient reached.

Run: python bench/python/bench_estimators.py [--smoke] [--threads 1 2] [--sizes 0 4] [--only Ridge]

Of all estimators or those named, of all sizes or some, by their places. Beside each time stands the
gradient of the objective, the largest component, relative to that at zero, where there is one; of
an l1 term what its subgradients leave of it. A peer's tolerance is the loosest power of ten with
which it reaches ours or 1e-6.
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
    objective: Callable[[Any, Any], Any] | None  # of X and y, whose gradient is measured
    ours: Any
    theirs: dict[str, Callable[[float], Any]]  # of a tolerance


def normal(eta: Any, rng: Any) -> Any:
    """Targets with normal errors."""
    return eta + rng.normal(size=len(eta))


def amounts(eta: Any, rng: Any) -> Any:
    """Targets > 0 of a gamma law."""
    return rng.gamma(2, np.exp(eta) / 2) + 1e-9


def solvers(kind: Any, names: tuple[str, ...], **given: Any) -> dict[str, Callable[[float], Any]]:
    """A peer's estimator by each of its solvers."""
    return {
        name: lambda tol, name=name: kind(solver=name, tol=tol, **given)  # type: ignore[misc]
        for name in names
    }


def cases(linear: Any) -> list[Case]:
    """All of them."""
    import hessopt.sklearn as hs

    newton, long = ("lbfgs", "newton-cholesky"), {"max_iter": 10_000}
    of = hessopt.objectives
    return [
        Case(
            "LogisticRegression",
            lambda eta, rng: (eta + rng.logistic(size=len(eta)) > 0).astype(int),
            lambda X, y: of.Logistic(X, y, l2=1 / len(y)),
            hs.LogisticRegression(),
            solvers(linear.LogisticRegression, (*newton, "newton-cg"), **long),
        ),
        Case(
            "PoissonRegressor",
            lambda eta, rng: rng.poisson(np.exp(eta)),
            lambda X, y: of.Poisson(X, y, l2=1e-3),
            hs.PoissonRegressor(alpha=1e-3),
            solvers(linear.PoissonRegressor, newton, alpha=1e-3, **long),
        ),
        Case(
            "Ridge",
            normal,
            lambda X, y: of.Squared(X, y, l2=1 / len(y)),
            hs.Ridge(),
            solvers(linear.Ridge, ("cholesky", "lsqr")),
        ),
        Case(
            "LinearRegression",
            normal,
            of.Squared,
            hs.LinearRegression(),
            {"lstsq": lambda tol: linear.LinearRegression()},
        ),
        Case(
            "GammaRegressor",
            amounts,
            lambda X, y: of.Gamma(X, y, l2=1e-3),
            hs.GammaRegressor(alpha=1e-3),
            solvers(linear.GammaRegressor, newton, alpha=1e-3, **long),
        ),
        Case(
            "TweedieRegressor",
            amounts,
            lambda X, y: of.Tweedie(X, y, power=1.5, l2=1e-3),
            hs.TweedieRegressor(power=1.5, alpha=1e-3),
            solvers(linear.TweedieRegressor, newton, power=1.5, alpha=1e-3, **long),
        ),
        Case(
            "Lasso",
            normal,
            lambda X, y: of.Squared(X, y, l1=0.05),
            hs.Lasso(alpha=0.05),
            {"descent": lambda tol: linear.Lasso(alpha=0.05, tol=tol, **long)},
        ),
        Case(
            "ElasticNet",
            normal,
            lambda X, y: of.Squared(X, y, l1=0.025, l2=0.025),
            hs.ElasticNet(alpha=0.05),
            {"descent": lambda tol: linear.ElasticNet(alpha=0.05, tol=tol, **long)},
        ),
        Case(
            "HuberRegressor",
            normal,
            lambda X, y: of.HuberWithScale(X, y, l2=2e-4 / len(y)),
            hs.HuberRegressor(),
            {"lbfgs": lambda tol: linear.HuberRegressor(tol=tol, **long)},
        ),
        Case(
            "QuantileRegressor",
            normal,
            None,
            hs.QuantileRegressor(alpha=0.01),
            {"highs": lambda tol: linear.QuantileRegressor(alpha=0.01)},
        ),
    ]


def gradient(model: Any, estimator: Any) -> float:
    """The largest component where the estimator is, relative to that at zero."""
    if model is None:
        return 0.0
    at = np.append(estimator.coef_, estimator.intercept_)
    start = np.zeros(model.n_parameters)
    if hasattr(estimator, "scale_"):
        at, start[-1] = np.append(at, estimator.scale_), 1.0
    here, there = model.value_and_gradient(at)[1], model.value_and_gradient(start)[1]
    l1 = getattr(model, "l1_of_parameters", np.zeros(len(at)))
    left = np.where(at == 0, np.maximum(np.abs(here) - l1, 0), np.abs(here + l1 * np.sign(at)))
    return float(left.max() / np.abs(there).max())


def tuned(make: Callable[[float], Any], model: Any, X: Any, y: Any, wanted: float) -> Any:
    """The peer with the loosest tolerance that reaches a gradient, else with the tightest."""
    for tol in 10.0 ** -np.arange(4, 13, 2):
        peer = make(tol).fit(X, y)
        if gradient(model, peer) <= wanted:
            break
    return peer


def main() -> None:
    """A table for each case, size and number of threads."""
    parser = harness.parser()
    parser.add_argument("--only", nargs="+", default=[], help="names of estimators")
    parser.add_argument("--sizes", type=int, nargs="+", default=range(len(SIZES)))
    options = parser.parse_args()
    linear = harness.peer("sklearn.linear_model")
    if linear is None:
        return
    harness.header(harness.peer("sklearn"))
    warnings.simplefilter("ignore")
    for case in cases(linear):
        if options.only and case.name not in options.only:
            continue
        for n, p in [SIZES[k] for k in ([0] if options.smoke else options.sizes)]:
            if case.objective is None and n > 1000 and not options.smoke:
                break  # bench_quantile.py has these
            rng = np.random.default_rng(0)
            X = rng.normal(size=(n, p))
            y = case.targets(X @ rng.normal(size=p) / np.sqrt(p), rng)
            model = case.objective(X, y) if case.objective else None
            reached = gradient(model, case.ours.fit(X, y))
            estimators = {"hessopt": case.ours} | {
                name: tuned(make, model, X, y, max(reached, GOOD))
                for name, make in case.theirs.items()
            }
            notes = {name: f"[{gradient(model, e):.0e}]" for name, e in estimators.items() if model}
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

"""Exact quantile regression: hessopt against HiGHS (SciPy) and scikit-learn.

Run: python bench/python/bench_quantile.py [--smoke]

The pinball loss of each is printed beside its time, above the least of them and relative to it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np

import harness
import hessopt

CASES = [(2000, 5), (4000, 10), (8000, 10)]
LEVEL = 0.3


def data(n: int, p: int) -> tuple[Any, Any]:
    """Normal columns, and residuals of Student's law with three degrees of freedom."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, p))
    return X, X @ rng.normal(size=p) + rng.standard_t(3, size=n)


def ours(X: Any, y: Any, found: dict[str, Any]) -> None:
    """With an intercept."""
    found["hessopt"] = hessopt.quantile_regression(X, y, LEVEL).x


def highs(optimize: ModuleType, Z: Any, y: Any, found: dict[str, Any]) -> None:
    """The linear program of both parts of the residuals, with sparse constraints."""
    n, p = Z.shape
    cost = np.r_[np.zeros(p), np.full(n, LEVEL), np.full(n, 1 - LEVEL)] / n
    sparse = importlib.import_module("scipy.sparse")
    rows = sparse.hstack([sparse.csc_array(Z), sparse.eye_array(n), -sparse.eye_array(n)])
    ends = [(None, None)] * p + [(0, None)] * (2 * n)
    program = optimize.linprog(cost, A_eq=rows.tocsc(), b_eq=y, bounds=ends, method="highs")
    found["HiGHS"] = program.x[:p]


def theirs(linear: ModuleType, X: Any, y: Any, found: dict[str, Any]) -> None:
    """The estimator without its penalty."""
    peer = linear.QuantileRegressor(quantile=LEVEL, alpha=0).fit(X, y)
    found["scikit-learn"] = np.append(peer.coef_, peer.intercept_)


def main() -> None:
    """Table of times and losses."""
    options = harness.options()
    optimize = harness.peer("scipy.optimize")
    linear = harness.peer("sklearn.linear_model")
    for n, p in [(100, 2)] if options.smoke else CASES:
        X, y = data(n, p)
        Z = np.column_stack([X, np.ones(n)])
        found: dict[str, Any] = {}
        contenders: dict[str, Callable[[], Any]] = {"hessopt": partial(ours, X, y, found)}
        if optimize is not None:
            contenders["HiGHS"] = partial(highs, optimize, Z, y, found)
        if linear is not None:
            contenders["scikit-learn"] = partial(theirs, linear, X, y, found)
        with harness.team(1):
            times = harness.seconds(contenders, 1 if options.smoke else 3)
        losses = {name: loss(y - Z @ x) for name, x in found.items()}
        least = min(losses.values())
        for name, taken in times.items():
            above = losses[name] / least - 1
            print(f"{n} x {p}  {name:13} {1e3 * taken:9.1f} ms   loss above the least {above:.1e}")


def loss(u: Any) -> float:
    """The mean pinball loss of residuals."""
    return float(np.maximum(LEVEL * u, (LEVEL - 1) * u).mean())


if __name__ == "__main__":
    main()

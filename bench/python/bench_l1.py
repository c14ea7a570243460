"""Paths of an l1 term beside celer, glum, liblinear and scikit-learn; OWL-QN in evaluations.

Run: python bench/python/bench_l1.py [--smoke]

A path is of 50 strengths from l1_max to a hundredth of it, without an intercept, which liblinear
would penalise. Beside each time stands the largest pseudo-gradient over l1_max along the path, as
NumPy finds it: each peer is run at falling tolerances until its residual is at most 1e-6, and the
first of these runs counts. Times are of one thread.

OWL-QN is counted in evaluations to 1e-8 of the pseudo-gradient at the start, beside the method of
the paper ("aligned", H of all coordinates), as liblbfgs has it, coded here from it.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

import harness
import hessopt
from hessopt.objectives import Logistic, Squared

WANTED = 1e-6
TOLERANCES = (1e-4, 1e-6, 1e-8, 1e-10)

linear: Any = harness.peer("sklearn.linear_model")
celer: Any = harness.peer("celer")
glum: Any = harness.peer("glum")


def data(n: int, p: int, rho: float, support: int = 20) -> tuple[Any, Any, Any]:
    """Columns each correlated with the last, a response of some of them, and its sign."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(n, p))
    for j in range(1, p):
        X[:, j] = rho * X[:, j - 1] + np.sqrt(1 - rho**2) * X[:, j]
    w = np.zeros(p)
    w[rng.choice(p, support, replace=False)] = rng.normal(size=support)
    eta = X @ w
    return X, eta + 2 * rng.normal(size=n), (eta + rng.logistic(size=n) > 0).astype(float)


def left(x: Any, g: Any, l1: float) -> float:
    """The largest component of the pseudo-gradient."""
    at_zero = np.maximum(np.abs(g) - l1, 0)
    return float(np.where(x == 0, at_zero, np.abs(g + l1 * np.sign(x))).max())


def worst(X: Any, y: Any, l1s: Any, path: Any, of_squares: bool) -> float:
    """Along a path, by the definition of the gradient."""
    eta = X @ path.T
    slopes = eta - y[:, None] if of_squares else 1 / (1 + np.exp(-eta)) - y[:, None]
    gradients = (X.T @ slopes).T / len(y)
    return float(max(left(*at) for at in zip(path, gradients, l1s, strict=True)) / l1s[0])


def of_squares(X: Any, y: Any, l1s: Any) -> dict[str, Callable[[float], Any]]:
    """Peers by name: of a tolerance, the path."""
    F = np.asfortranarray(X)
    peers: dict[str, Callable[[float], Any]] = {}
    if celer is not None:
        peers["celer"] = lambda tol: celer.celer_path(F, y, "lasso", alphas=l1s, tol=tol)[1].T
    if linear is not None:
        peers["scikit-learn lasso_path"] = lambda tol: (
            linear.lasso_path(F, y, alphas=l1s, tol=tol, max_iter=10**5)[1].T
        )
    if glum is not None:
        peers["glum"] = lambda tol: by_glum("normal", X, y, l1s, tol)
    return peers


def of_classes(X: Any, y: Any, l1s: Any) -> dict[str, Callable[[float], Any]]:
    """The same of a logistic regression."""
    F, n = np.asfortranarray(X), len(y)
    peers: dict[str, Callable[[float], Any]] = {}
    if celer is not None:
        peers["celer"] = lambda tol: (
            celer.celer_path(F, 2 * y - 1, "logreg", alphas=l1s * n, tol=tol)[1].T
        )
    if linear is not None:
        peers["liblinear"] = lambda tol: by_classes("liblinear", X, y, l1s, tol)
        peers["saga"] = lambda tol: by_classes("saga", X, y, l1s, tol)
    if glum is not None:
        peers["glum"] = lambda tol: by_glum("binomial", X, y, l1s, tol)
    return peers


def by_classes(solver: str, X: Any, y: Any, l1s: Any, tol: float) -> Any:
    """One fit a strength, warm where the solver can."""
    named = {"solver": solver, "tol": tol, "max_iter": 1000, "fit_intercept": False}
    model = linear.LogisticRegression(l1_ratio=1, warm_start=solver == "saga", **named)
    return np.array([model.set_params(C=1 / (len(y) * l1)).fit(X, y).coef_[0].copy() for l1 in l1s])


def by_glum(family: str, X: Any, y: Any, l1s: Any, tol: float) -> Any:
    """Its own path."""
    model = glum.GeneralizedLinearRegressor(
        family=family, l1_ratio=1, alpha=l1s, alpha_search=True, fit_intercept=False,
        gradient_tol=tol, solver="irls-cd", max_iter=1000,
    )  # fmt: skip
    return np.asarray(model.fit(X, y).coef_path_)


def race(n: int, p: int, smoke: bool, patience: float) -> None:
    """Both losses: a row for each contender."""
    X, response, labels = data(n, p, 0.5, min(20, p))
    for kind, y, peers_of in ((Squared, response, of_squares), (Logistic, labels, of_classes)):
        f = kind(X, y, fit_intercept=False)
        l1s = hessopt.l1_max(f) * np.geomspace(1, 1e-2, 5 if smoke else 50)

        def ours(f: Any = f, l1s: Any = l1s) -> Any:
            return hessopt.l1_path(f, l1s=l1s, tol=WANTED).x

        print(f"\n{n} x {p}, {kind.__name__}: {len(l1s)} strengths")
        ours()
        begin = time.perf_counter()
        path = ours()
        mine = time.perf_counter() - begin
        is_squared = kind is Squared
        row("hessopt", mine, mine, worst(X, y, l1s, path, is_squared), path)
        for name, run in peers_of(X, y, l1s).items():
            for tol in TOLERANCES:
                begin = time.perf_counter()
                path = run(tol)
                taken = time.perf_counter() - begin
                residual = worst(X, y, l1s, path, is_squared)
                if residual <= WANTED or smoke or taken > patience:
                    break
            row(name, taken, mine, residual, path)


def row(name: str, taken: float, ours: float, residual: float, path: Any) -> None:
    """One line of the table."""
    nonzero = np.count_nonzero(path[-1])
    note = "" if residual <= WANTED else "  (not reached)"
    print(f"  {name:<24} {1e3 * taken:>10.1f} ms {taken / ours:>7.1f}x  residual {residual:.1e}"
          f"  {nonzero} not 0{note}", flush=True)  # fmt: skip


def aligned(f: Any, x: Any, l1: float, bound: float, m: int = 10) -> tuple[int, float]:
    """OWL-QN as in the paper: evaluations, and the pseudo-gradient over that at the start."""

    def pseudo(x: Any, g: Any) -> Any:
        at_zero = np.sign(g) * np.maximum(np.abs(g) - l1, 0)
        return np.where(x == 0, at_zero, g + l1 * np.sign(x))

    value, g = f(x)
    pairs: list[tuple[Any, Any]] = []
    F, n = value + l1 * np.abs(x).sum(), 1
    p = pseudo(x, g)
    first = np.abs(p).max()
    while np.abs(p).max() > bound * first and n < 5000:
        q, kept = p.copy(), []
        for s, y in reversed(pairs):
            a = (s @ q) / (s @ y)
            kept.append(a)
            q -= a * y
        if pairs:
            s, y = pairs[-1]
            q *= (s @ y) / (y @ y)
        for (s, y), a in zip(pairs, reversed(kept), strict=True):
            q += (a - (y @ q) / (s @ y)) * s
        d = np.where(q * p > 0, -q, 0)
        step = 1.0 if pairs else 1 / np.linalg.norm(p)
        orthant = np.where(x != 0, np.sign(x), -np.sign(p))
        for _ in range(40):
            z = x + step * d
            z = np.where(z * orthant > 0, z, 0)
            value, new = f(z)
            n += 1
            now = value + l1 * np.abs(z).sum()
            if now <= F + 1e-4 * p @ (z - x):
                break
            step /= 2
        else:
            break
        pairs = [*pairs, (z - x, new - g)][-m:]
        x, g, F = z, new, now
        p = pseudo(x, g)
    return n, np.abs(p).max() / first


def evaluations(n: int, p: int, rho: float, share: float) -> None:
    """A row: evaluations of both, and of proximal Newton."""
    X, _, y = data(n, p, rho, min(20, p))
    f = Logistic(X, y, fit_intercept=False)
    l1 = share * float(hessopt.l1_max(f))
    options = {"gtol": 1e-8 * (left(np.zeros(p), f.value_and_gradient(np.zeros(p))[1], l1))}

    def fit(method: str) -> int:
        found = hessopt.minimize(f, np.zeros(p), l1=l1, method=method, options=options)
        assert found.success, found.message
        return int(found.nfev)

    ours = fit("owl_qn")
    theirs, reached = aligned(f.value_and_gradient, np.zeros(p), l1, 1e-8)
    print(
        f"  {n} x {p}, correlation {rho}, {share} of l1_max: {ours:>5}  "
        f"as in the paper {theirs:>5} [{reached:.0e}]  {ours / theirs:.2f}  "
        f"proximal Newton {fit('proximal_newton')}"
    )


def main() -> None:
    """Tables."""
    options = harness.options()
    warnings.simplefilter("ignore")  # of peers that do not converge
    harness.header(harness.peer("sklearn"), celer, glum)
    with harness.team(1):
        for n, p in [(40, 60), (200, 10)] if options.smoke else [(200, 5000), (100_000, 300)]:
            race(n, p, options.smoke, 1.0 if options.smoke else 60.0)
        print("\nOWL-QN: evaluations to 1e-8")
        cases = [(500, 100, 0.0), (500, 100, 0.9), (200, 500, 0.5)]
        for n, p, rho in cases[:1] if options.smoke else cases:
            for share in (0.1, 0.01):
                evaluations(n, p, rho, share)


if __name__ == "__main__":
    main()

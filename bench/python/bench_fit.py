"""Whole fits of generalised linear models to max |g| <= 1e-8 max |g(0)|, beside the usual peers.

Run: python bench/python/bench_fit.py [--smoke] [--threads 2] [--case NAME ...]

Every row shows the relative gradient it reached, measured by hessopt's objective. A peer is run at
tolerances of increasing strictness; the time of the first that reaches the target counts. One that
has used up its budget (20 seconds in a case, 12 in a run) before it gets there is not asked for
more, and its row says so. Each fit begins with arrays, and includes the checks of its library.
Nothing has an intercept, which liblinear would penalise.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import multiprocessing
import resource
import statistics
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import harness
import hessopt

sklearn = harness.peer("sklearn")
glum = harness.peer("glum")
statsmodels = harness.peer("statsmodels")

TARGET = 1e-8
TOLERANCES = (1e-4, 1e-6, 1e-8, 1e-10, 1e-12, 1e-14)
BUDGET, LONGEST = 20.0, 12.0  # seconds of a peer in a case, and of a run that is not its last
Fit = Callable[[float], Any]  # tolerance -> parameters


@dataclass
class Problem:
    """A mean loss of X and y plus ½ |x|² / n, which is what C = 1 is elsewhere."""

    X: Any
    y: Any
    kind: str  # name of the objective

    def model(self, l2: float | None = None) -> Any:
        """The objective."""
        kind = getattr(hessopt.objectives, self.kind)
        l2 = 1 / len(self.y) if l2 is None else l2
        return kind(self.X, self.y, l2=l2, fit_intercept=False)


def labels(X: Any, w: Any, rng: np.random.Generator) -> Any:
    """Draws of two classes with log-odds Xw, in blocks: the memory of a fit is measured."""
    blocks = np.array_split(np.arange(len(X)), max(1, len(X) // 10_000))
    return np.concatenate([X[b[0] : b[-1] + 1] @ w + rng.logistic(size=len(b)) > 0 for b in blocks])


def logistic(n: int, p: int) -> Problem:
    """Independent normal features."""
    rng = np.random.default_rng(3)
    X = rng.standard_normal((n, p))
    return Problem(X, labels(X, rng.normal(size=p) / np.sqrt(p), rng).astype(int), "Logistic")


def correlated(n: int, p: int) -> Problem:
    """Features whose covariance has a condition number of 1e8."""
    rng = np.random.default_rng(4)
    turn = np.linalg.qr(rng.normal(size=(p, p)))[0]
    X = rng.standard_normal((n, p)) * np.logspace(0, -4, p) @ turn
    return Problem(X, labels(X, rng.normal(size=p), rng).astype(int), "Logistic")


def rare(n: int, p: int) -> Problem:
    """One constant feature, the others 1 in one row of a thousand."""
    rng = np.random.default_rng(5)
    X = (rng.random((n, p)) < 1e-3).astype(float)
    X[:, 0] = 1
    w = 2 * rng.normal(size=p)
    w[0] = -2
    return Problem(X, labels(X, w, rng).astype(int), "Logistic")


def softmax(n: int, p: int) -> Problem:
    """Ten classes."""
    rng = np.random.default_rng(6)
    X, W = rng.standard_normal((n, p)), rng.normal(size=(p, 10)) / np.sqrt(p)
    return Problem(X, (X @ W + rng.gumbel(size=(n, 10))).argmax(1), "Softmax")


def poisson(n: int, p: int) -> Problem:
    """Counts of mean 1 or so."""
    rng = np.random.default_rng(7)
    X, w = rng.standard_normal((n, p)), rng.normal(size=p) / np.sqrt(2 * p)
    return Problem(X, rng.poisson(np.exp(X @ w)).astype(float), "Poisson")


CASES: dict[str, tuple[Callable[[int, int], Problem], int, int]] = {
    "logistic-50": (logistic, 1_000_000, 50),
    "logistic-300": (logistic, 200_000, 300),
    "logistic-1000": (logistic, 20_000, 1000),
    "correlated": (correlated, 100_000, 100),
    "rare": (rare, 200_000, 200),
    "softmax": (softmax, 50_000, 100),
    "poisson": (poisson, 1_000_000, 50),
}


def scikit_learn(problem: Problem, solver: str) -> Fit:
    """LogisticRegression or PoissonRegressor."""
    from sklearn.linear_model import LogisticRegression, PoissonRegressor

    X, y = problem.X, problem.y
    shared = {"solver": solver, "fit_intercept": False, "max_iter": 2000}

    def fit(tol: float) -> Any:
        if problem.kind == "Poisson":
            return PoissonRegressor(alpha=1 / len(y), tol=tol, **shared).fit(X, y).coef_
        return LogisticRegression(C=1.0, tol=tol, **shared).fit(X, y).coef_.ravel()

    return fit


def irls(problem: Problem, solver: str) -> Fit:
    """The estimator of glum, its data in the order it would otherwise copy it to."""
    family = {"Logistic": "binomial", "Poisson": "poisson"}[problem.kind]
    X, y = np.asfortranarray(problem.X), problem.y.astype(float)
    shared = {"alpha": 1 / len(y), "l1_ratio": 0, "fit_intercept": False, "max_iter": 2000}

    def fit(tol: float) -> Any:
        kind = glum.GeneralizedLinearRegressor
        return kind(family=family, solver=solver, gradient_tol=tol, **shared).fit(X, y).coef_

    return fit


def newton_of_statsmodels(problem: Problem) -> Fit:
    """Logit or Poisson, which have no penalty."""
    discrete = importlib.import_module("statsmodels.discrete.discrete_model")
    kind = discrete.Logit if problem.kind == "Logistic" else discrete.Poisson
    shared = {"method": "newton", "maxiter": 100, "disp": False}
    return lambda tol: kind(problem.y, problem.X).fit(tol=tol, **shared).params


def peers(problem: Problem) -> dict[str, Fit]:
    """All that solve this problem."""
    fits: dict[str, Fit] = {}
    if sklearn is not None:
        solvers = ["newton-cholesky", "lbfgs"]
        solvers += [] if problem.kind == "Poisson" else ["newton-cg"]
        solvers += ["liblinear"] if problem.kind == "Logistic" else []
        fits |= {f"scikit-learn {s}": scikit_learn(problem, s) for s in solvers}
    if problem.kind == "Softmax":
        return fits
    if glum is not None:
        fits |= {f"glum {s}": irls(problem, s) for s in ("irls-ls", "irls-cd")}
    if statsmodels is not None:
        fits["statsmodels newton, no penalty"] = newton_of_statsmodels(problem)
    return fits


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Median of three runs, or of as many as start within two seconds."""
    times: list[float] = []
    while len(times) < 3 and sum(times) < 2:
        time.sleep(0.1)  # idle threads of other libraries spin for a while after their calls
        begin = time.perf_counter()
        found = call()
        times.append(time.perf_counter() - begin)
    return statistics.median(times), found


def first_that_reaches(fit: Fit, relative: Callable[[Any], float]) -> tuple[float, str]:
    """Time of the least strict tolerance that reaches the target, and what to say of it."""
    best, longest, spent = np.inf, 0.0, 0.0
    for tol in TOLERANCES:
        begin = time.perf_counter()
        try:
            reached = relative(fit(tol))
        except (ValueError, ArithmeticError, np.linalg.LinAlgError) as error:
            return np.nan, f"failed: {type(error).__name__}"
        longest = time.perf_counter() - begin
        spent += longest
        best = min(best, reached)
        if reached <= TARGET:
            t = longest if longest > 2 else timed(lambda tol=tol: fit(tol))[0]
            return t, f"|g| {reached:.1e}  tol {tol:.0e}"
        if spent > BUDGET or longest > LONGEST:
            return longest, f"|g| {best:.1e}  never reached: out of budget at tol {tol:.0e}"
    return longest, f"|g| {best:.1e}  never reached"


def compete(title: str, problem: Problem) -> None:
    """Ours by its default and by L-BFGS, then every peer."""
    model, zero = problem.model(), np.zeros(problem.model().n_parameters)
    start = np.abs(model.value_and_gradient(zero)[1]).max()
    print(f"\n{title}")
    ours = 0.0
    for name, method in (("hessopt", None), ("hessopt lbfgs", "lbfgs")):
        t, r = timed(
            lambda method=method: hessopt.minimize(
                problem.model(), zero, method=method, options={"gtol_rel": TARGET}
            )
        )
        ours = ours or t
        counts = f"nit {r.nit}, nfev {r.nfev}, nhev {r.get('nhev', 0)}, {r.status.name}"
        reached = f"|g| {abs(r.jac).max() / start:.1e}"
        print(f"  {name:<32}{t:>8.3f} s{t / ours:>8.2f}x  {reached}  {counts}", flush=True)
    unpenalised = problem.model(l2=0.0)
    for name, fit in peers(problem).items():
        judge = unpenalised if "no penalty" in name else model
        t, note = first_that_reaches(
            fit, lambda x, f=judge: abs(f.value_and_gradient(x)[1]).max() / start
        )
        print(f"  {name:<32}{t:>8.3f} s{t / ours:>8.2f}x  {note}", flush=True)


def resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def extra_memory(name: str, n: int, p: int, threads: int) -> float:
    """Peak of a logistic fit above what was resident before it, as a fraction of X."""

    def fit(problem: Problem) -> None:
        if name == "hessopt":
            hessopt.minimize(problem.model(), np.zeros(problem.X.shape[1]))
        elif name == "hessopt lbfgs":
            hessopt.minimize(problem.model(), np.zeros(problem.X.shape[1]), method="lbfgs")
        else:
            scikit_learn(problem, name.split()[1])(1e-8)

    with harness.team(threads):
        fit(logistic(2000, p))  # imports, threads
        problem = logistic(n, p)
        gc.collect()
        before = resident()
        fit(problem)
    peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return (peak - before) / problem.X.nbytes


def memory(n: int, p: int, threads: int) -> None:
    """Each fit in a process of its own."""
    names = ["hessopt", "hessopt lbfgs"]
    if sklearn is not None:
        names += ["scikit-learn newton-cholesky", "scikit-learn lbfgs"]
    print(f"\nmemory: logistic fit {n} x {p}, peak above what was resident, in % of X")
    for name in names:
        fresh = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=fresh) as pool:
            extra = pool.submit(extra_memory, name, n, p, threads).result()
        print(f"  {name:<32}{extra:>8.1%}", flush=True)


def main() -> None:
    """Every case, for every number of threads."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--smoke", action="store_true", help="tiny sizes, to see that it runs")
    parser.add_argument("--threads", type=int, nargs="+", default=[2])
    names = ["memory", *CASES]
    parser.add_argument("--case", choices=names, nargs="+", default=names)
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # a peer's failure to converge is seen in its gradient
    harness.header(sklearn, glum, statsmodels)
    for threads in options.threads:
        print(f"\n=== {threads} thread(s)")
        if "memory" in options.case:  # while this process is small: a child's peak includes it
            memory(*((2000, 20) if options.smoke else (1_000_000, 50)), threads)
        for name in options.case:
            if name != "memory":
                make, n, p = CASES[name]
                n, p = (2000, 20) if options.smoke else (n, p)
                with harness.team(threads):
                    compete(f"{name}: {make.__name__} {n} x {p}", make(n, p))


if __name__ == "__main__":
    main()

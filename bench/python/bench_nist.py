"""NIST's certified regressions at default options: digits reached, and whether success is true.

Run: python bench/python/bench_nist.py [--smoke] [--each] [--tol 1e-9]

Nonlinear: 27 sums of squares from NIST's far and near start, given with analytic derivatives. A run
is solved with four digits of every parameter. A success with fewer is "other" where the gradient
and a positive Hessian agree that f has a minimum of its own there (a local one, or the same curve
with terms exchanged), else false. Linear: the `Squared` model on NIST's raw columns.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

import harness
import hessopt

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests"))
nist = __import__("nist")

METHODS = ("newton", "trust_region", "newton_cg", "lbfgs", "bfgs")
LIMITS = {"maxiter": 3000, "maxfun": 3000}


def is_minimum(problem: Any, x: Any) -> bool:
    """Whether Newton's model promises less than 1e-8 of f, in units of the Hessian's diagonal."""
    g, H = problem.fun(x)[1], problem.hess(x)
    if not np.isfinite(H).all() or np.diag(H).min() <= 0:
        return False
    unit = 1 / np.sqrt(np.diag(H))
    try:
        L = np.linalg.cholesky(H * unit * unit[:, None])
    except np.linalg.LinAlgError:
        return False
    fall = float(np.sum(np.linalg.solve(L, g * unit) ** 2)) / 2
    return fall <= 1e-8 * problem.fun(x)[0] + 1e-24


def verdict(problem: Any, r: Any) -> str:
    """One of the columns of the table."""
    if problem.digits(r.x) >= 4:
        return "solved" if r.success else "unsaid"
    if not r.success:
        return "failed"
    return "other" if is_minimum(problem, r.x) else "false"


def nonlinear(problems: list[Any], each: bool, tol: float | None) -> None:
    """54 runs of every method."""
    print(f"\n{'nonlinear':<14}  solved  unsaid   other   false  failed     nfev    nhev")
    for method in METHODS:
        count = dict.fromkeys(("solved", "unsaid", "other", "false", "failed"), 0)
        nfev = nhev = 0
        for problem in problems:
            for k, start in enumerate(problem.starts):
                second = {} if "bfgs" in method else {"hess": problem.hess}
                r = hessopt.minimize(
                    problem.fun, start, jac=True, method=method, tol=tol, options=LIMITS, **second
                )
                what = verdict(problem, r)
                count[what] += 1
                nfev, nhev = nfev + r.nfev, nhev + r.get("nhev", 0)
                if each:
                    digits, ratio = problem.digits(r.x), r.fun / problem.squares
                    name = f"{problem.name} {k + 1}"
                    figures = f"{digits:5.1f} digits  f/least {ratio:9.3g}  nfev {r.nfev:4}"
                    print(f"  {method:<13}{name:<12}{what:<8}{figures}  {r.status.name}")
        columns = "".join(f"{n:>8}" for n in count.values())
        print(f"{method:<14}{columns}{nfev:>9}{nhev:>8}", flush=True)


def linear(names: list[str]) -> None:
    """Digits of the worst coefficient of the linear sets."""
    print(f"\n{'linear':<14}{''.join(f'{m:>18}' for m in METHODS)}")
    for name in names:
        X, y, values = nist.linear(name)
        cells = ""
        for method in METHODS:
            r = hessopt.minimize(
                hessopt.objectives.Squared(X, y), np.zeros(len(values)), method=method
            )
            error = np.abs(r.x / values - 1).max()
            digits = -np.log10(np.clip(error, 1e-15, 10))
            cells += f"{digits:>7.1f}{'' if r.success else ' no':<3}{r.nfev:>8}"
        print(f"{name:<14}{cells}", flush=True)
    print("(digits; 'no' where the run says that it has not succeeded; nfev)")


def main() -> None:
    """Both tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--smoke", action="store_true", help="two problems of each kind")
    parser.add_argument("--each", action="store_true", help="a line for every run")
    parser.add_argument("--tol", type=float, help="gtol instead of the default")
    options = parser.parse_args()
    harness.header()
    some = slice(2 if options.smoke else None)
    with warnings.catch_warnings(), np.errstate(all="ignore"), harness.team(1):
        warnings.simplefilter("ignore")
        nonlinear(nist.REGRESSIONS[some], options.each, options.tol)
        linear(list(nist.TABLE["linear"])[some])


if __name__ == "__main__":
    main()

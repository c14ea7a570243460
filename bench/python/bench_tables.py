"""Tables of coefficients at default options: every digit that statsmodels prints, right or not.

Run: python bench/python/bench_tables.py [--smoke] [--each] [--methods NAME ...]

Data sets of statsmodels and scikit-learn on their raw columns, from zero, by every method. A table
is right where every coefficient is within 1e-6 of its standard error of the minimum, and every
standard error within 1e-5 of itself; the minimum is that of `tests/witness.py`.
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
tables = __import__("tables")

METHODS = ("newton", "trust_region", "newton_cg", "lbfgs", "bfgs")


def errors(fit: Any, model: Any, x: Any) -> tuple[float, float]:
    """The worst coefficient in standard errors, and the worst standard error relative to itself."""
    want, spread = fit.coefficients()
    coefficient = float(np.abs((fit.raw(x) - want) / spread).max())
    try:
        if fit.loss == "Softmax":  # a class held fixed
            p = fit.A.shape[1]
            covariance = np.linalg.inv(len(fit.y) * model.hessian(x)[p:, p:])
        else:
            covariance = model.covariance(x, dispersion=fit.dispersion)
    except (np.linalg.LinAlgError, ValueError):
        return coefficient, np.inf
    with np.errstate(invalid="ignore"):
        found = np.sqrt(np.diag(covariance))
    return coefficient, float(np.nan_to_num(np.abs(found / spread - 1), nan=np.inf).max())


def main() -> None:
    """A line for each method, or for each fit."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--smoke", action="store_true", help="the small data sets of each loss")
    parser.add_argument("--each", action="store_true", help="a line for every fit")
    parser.add_argument("--methods", choices=METHODS, nargs="+", default=METHODS)
    options = parser.parse_args()
    for needed in ("statsmodels", "sklearn"):
        if harness.peer(needed) is None:
            return
    harness.header()
    names = ["spector", "cpunish", "heart"] if options.smoke else list(tables.TABLES)
    print(f"{'':<14}  tables   right  errors right   false  failed     nfev    nhev")
    for method in options.methods:
        right = sure = false = failed = nfev = nhev = 0
        for name in names:
            with warnings.catch_warnings(), harness.team(1):
                warnings.simplefilter("ignore")
                fit = tables.fit(name)
                model = fit.objective()
                r = hessopt.minimize(model, np.zeros(model.n_parameters), method=method)
            coefficient, error = errors(fit, model, r.x)
            right += coefficient <= 1e-6
            sure += error <= 1e-5
            false += r.success and coefficient > 1e-6
            failed += not r.success
            nfev, nhev = nfev + r.nfev, nhev + r.get("nhev", 0)
            if options.each:
                off = f"off {coefficient:8.1e} se  standard errors {error:8.1e}"
                evaluations = f"nfev {r.nfev:5} nhev {r.get('nhev', 0):5}"
                print(
                    f"  {method:<13}{name:<20}{fit.loss:<10}{off}  {evaluations}  {r.status.name}"
                )
        counts = f"{len(names):>8}{right:>8}{sure:>14}{false:>8}{failed:>8}"
        print(f"{method:<14}{counts}{nfev:>9}{nhev:>8}", flush=True)


if __name__ == "__main__":
    main()

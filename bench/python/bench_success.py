"""Whether "success" is true: fits on raw columns at default options, held against a witness.

Run: python bench/python/bench_success.py [--smoke] [--csv FILE]

Columns have means and scales of 1 to 1e6. A success is false where more than 1e-6 of the fall from
the start to the minimum is left, or a coefficient is more than 1e-4 standard errors off; the
minimum is that of `tests/witness.py`.
"""

from __future__ import annotations

import argparse
import csv
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import harness
import hessopt

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests"))
raw_columns = __import__("raw_columns")

# name: number of data sets
SETS = {"plain": 200, "weak": 200, "away": 200, "collinear": 10, "float32": 50}


def runs(name: str, sets: int) -> Iterator[dict[str, Any]]:
    """Every loss by every method on the same data sets."""
    for loss in raw_columns.LOSSES:
        for k in range(sets):
            fit, start = raw_columns.draw(name, loss, k)
            model = fit.objective()
            for method in raw_columns.METHODS:
                r = hessopt.minimize(model, start, method=method)
                left, error = fit.excess(r.x, start), fit.error(r.x)
                yield {
                    "experiment": name,
                    "loss": loss,
                    "method": method,
                    "set": k,
                    "success": r.success,
                    "status": r.status.name,
                    "nfev": r.nfev,
                    "nhev": r.get("nhev", 0),
                    "left": left,
                    "error": error,
                    "high": r.success and left > 1e-6 < error,
                    "off": r.success and error > 1e-4,
                }


def row(title: str, found: list[dict[str, Any]]) -> None:
    """Counts of some runs; the worst error is that of the successes."""
    high, off = (sum(r[kind] for r in found) for kind in ("high", "off"))
    failed = sum(not r["success"] for r in found)
    worst = max((r["error"] for r in found if r["success"]), default=0.0)
    beyond = sum(r["error"] > 1e-6 for r in found)
    nfev, nhev = sum(r["nfev"] for r in found), sum(r["nhev"] for r in found)
    counts = f"{len(found):>6}{high:>7}{off:>7}{failed:>7}{beyond:>7}"
    print(f"{title:<36}{counts}{worst:>10.1e}{nfev:>9}{nhev:>8}", flush=True)


def main() -> None:
    """All experiments, or some."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--smoke", action="store_true", help="two data sets of each kind")
    parser.add_argument("--csv", metavar="FILE", help="a line for every run")
    names = list(SETS)
    parser.add_argument("--case", choices=names, nargs="+", default=names)
    options = parser.parse_args()
    harness.header()
    print(
        "high: success above 1e-6 of the fall; off: success beyond 1e-4 standard errors;\n"
        "failed: no success; >1e-6: any end beyond 1e-6 standard errors; worst: of the successes"
    )
    title = f"{'':<36}{'runs':>6}{'high':>7}{'off':>7}{'failed':>7}{'>1e-6':>7}{'worst':>10}"
    print(f"{title}{'nfev':>9}{'nhev':>8}")
    found: list[dict[str, Any]] = []
    with warnings.catch_warnings(), harness.team(1):
        warnings.simplefilter("ignore")
        for name in options.case:
            mine = list(runs(name, 2 if options.smoke else SETS[name]))
            for loss in raw_columns.LOSSES:
                for method in raw_columns.METHODS:
                    some = [r for r in mine if (r["loss"], r["method"]) == (loss, method)]
                    row(f"{name:<12}{loss:<11}{method}", some)
            for method in raw_columns.METHODS:
                row(f"{name:<12}{'all':<11}{method}", [r for r in mine if r["method"] == method])
            found += mine
    if options.csv:
        with Path(options.csv).open("w", newline="") as file:
            table = csv.DictWriter(file, found[0].keys())
            table.writeheader()
            table.writerows(found)
    row("total", found)


if __name__ == "__main__":
    main()

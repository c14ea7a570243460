"""Performance profiles of the solvers and of SciPy's on the Moré-Garbow-Hillstrom functions.

Run: python bench/python/bench_profiles.py [--smoke] [--save docs/profiles.png]

A curve shows the fraction of the problems that a solver solves within a multiple of what the best
solver of each problem needed. E. D. Dolan, J. J. Moré, "Benchmarking optimization software with
performance profiles", Math. Programming 91 (2002).
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import harness
import hessopt

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests"))
mgh = __import__("mgh")
optimize = harness.peer("scipy.optimize")

BUDGET = 3000
GTOL = 1e-7
# kind: (ours, SciPy's)
KINDS = {
    "L-BFGS": ("lbfgs", "L-BFGS-B"),
    "BFGS": ("bfgs", "BFGS"),
    "Newton": ("newton", "Newton-CG"),
    "trust region": ("trust_region", "trust-exact"),
    "Newton-CG": ("newton_cg", "trust-ncg"),
}
# "Newton-CG" has no test of the gradient.
THEIRS: dict[str, dict[str, Any]] = {
    "L-BFGS-B": {"gtol": GTOL, "ftol": 0, "maxfun": BUDGET},
    "BFGS": {"gtol": GTOL},
    "Newton-CG": {"xtol": 1e-12},
    "trust-exact": {"gtol": GTOL},
    "trust-ncg": {"gtol": GTOL},
}


def solved(problem: Any, f: float, g: Any) -> bool:
    """By the gradient, or by a minimum that the paper gives."""
    known = any(abs(f - m) <= 1e-6 * abs(m) + 1e-12 for m in problem.minima)
    return bool(np.abs(g).max() <= 1e-6 * max(1, abs(f)) or known)


def ours(method: str) -> Callable[[Any, Any], Any]:
    """A run of hessopt."""
    options: dict[str, Any] = {"gtol": GTOL, "maxiter": BUDGET, "maxfun": BUDGET}
    if method == "newton_cg":
        options["preconditioner"] = "lbfgs"
    return lambda p, fun: hessopt.minimize(
        fun, p.start, method=method, jac=True, hess=p.hess, options=options
    )


def theirs(method: str) -> Callable[[Any, Any], Any]:
    """A run of SciPy."""
    options = {"maxiter": BUDGET, **THEIRS[method]}
    return lambda p, fun: optimize.minimize(
        fun,
        p.start,
        jac=True,
        method=method,
        options=options,
        **({"hess": p.hess} if method[:5] in ("trust", "Newto") else {}),
    )


def measure(run: Callable[[Any, Any], Any], problem: Any, repeats: int) -> tuple[float, float]:
    """Evaluations of f with its gradient up to the first solved point, and seconds in all.

    Solvers stop by tests of their own, some long after that. inf where one ended elsewhere.
    """
    first, best = 0, np.inf
    for _ in range(repeats):
        count = first = 0

        def fun(x: Any) -> Any:
            nonlocal count, first
            count += 1
            f, g = problem.fun(x)
            if not first and solved(problem, f, g):
                first = count
            return f, g

        begin = time.perf_counter()
        try:
            x = run(problem, fun).x
        except (ValueError, ArithmeticError, np.linalg.LinAlgError):
            return np.inf, np.inf
        best = min(best, time.perf_counter() - begin)
        if not solved(problem, *problem.fun(x)) or count > BUDGET:
            return np.inf, np.inf
        if best > 0.2:
            break
    return first, best


def draw(costs: dict[str, Any], path: str) -> None:
    """Two panels, evaluations and time; one colour for a kind, dashes for SciPy."""
    from matplotlib.figure import Figure

    from hessopt.plot import PerformanceProfileDisplay

    figure = Figure(figsize=(11, 4.6), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    looks = {}
    for place, (kind, pair) in enumerate(KINDS.items()):
        for name, style, whose in zip(
            pair, ("-", "--"), ("hessopt", f"SciPy {pair[1]}"), strict=True
        ):
            looks[name] = {
                "color": f"C{place}",
                "ls": style,
                "lw": 1.8,
                "label": f"{kind}: {whose}",
            }
    for k, (panel, what) in enumerate(zip(panels, ("evaluations", "time"), strict=True)):
        of_what = {name: cost[:, k] for name, cost in costs.items()}
        PerformanceProfileDisplay.from_costs(of_what, ax=panel, line_kwargs=looks)
        panel.set_xlabel(f"{what}, as a multiple of the best solver's")
        panel.get_legend().remove()
    panels[1].set_ylabel("")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right center", fontsize=9)
    figure.savefig(path, dpi=110)
    print(f"wrote {path}")


def main() -> None:
    """All solvers on all problems, with a table and a picture."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--smoke", action="store_true", help="three problems, once")
    parser.add_argument("--save", metavar="FILE", help="draw the profiles")
    options = parser.parse_args()
    problems = mgh.PROBLEMS[:3] if options.smoke else mgh.PROBLEMS
    harness.header(optimize and __import__("scipy"))
    print(f"{'':<16}{'solved':>8}{'evaluations':>13}{'on the same':>13}{'seconds':>9}")
    costs = {}
    for pair in KINDS.values():
        for make, name in zip((ours, theirs), pair, strict=True):
            if make is theirs and optimize is None:
                continue
            with warnings.catch_warnings(), harness.team(1):
                warnings.simplefilter("ignore")
                run, repeats = make(name), 1 if options.smoke else 3
                costs[name] = np.array([measure(run, p, repeats) for p in problems])
        shared = np.all([np.isfinite(costs[name][:, 0]) for name in pair if name in costs], axis=0)
        for name in pair:
            if name in costs:
                done = np.isfinite(costs[name][:, 0])
                total, seconds = costs[name][done].sum(0)
                same = costs[name][shared, 0].sum()
                counts = f"{done.sum():>5}/{len(problems)}{total:>13.0f}{same:>13.0f}"
                print(f"{name:<16}{counts}{seconds:>9.2f}")
    if options.save:
        draw(costs, options.save)


if __name__ == "__main__":
    main()

"""Problems with bounds: how many are solved, and in how many evaluations.

Run: python bench/python/bench_bounds.py [--smoke] [--each] [--only NAME ...]

A problem is solved at the first evaluation where max|x - P(x - g)| is at most 1e-5, or 1e-8, of
what it is at the start, or of 1 where that is less; no contestant stops by anything else before its
600 or 3000 evaluations. Counts are compared on what both solve to 1e-8 in 600, with L-BFGS-B of ten
pairs. "outside" counts evaluations that leave the bounds. "false" are runs at default options that
end with a success where the measure is above 1e-3.
"""

from __future__ import annotations

import argparse
import contextlib
import inspect
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import scipy
from scipy import optimize

import harness
import hessopt

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests"))
PROBLEMS = __import__("bounded_problems").PROBLEMS

BUDGETS = (600, 3000)
#: That take bounds.
METHODS = [
    name
    for name, kind in hessopt.solvers.METHODS.items()
    if "lower" in inspect.signature(kind).parameters
]
LOOSE, TIGHT = 1e-5, 1e-8
FALSE = 1e-3


class Over(Exception):
    """Nothing more is to be learnt from the run."""


@dataclass
class Watch:
    """A problem's function, which notes when each accuracy is reached."""

    problem: Any
    budget: int = BUDGETS[-1]
    ends: bool = True  # once the tight accuracy is reached
    calls: int = 0
    hessians: int = 0
    outside: int = 0
    reached: dict[float, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        p = self.problem
        start = np.clip(p.start, p.lower, p.upper)
        self.unit = max(1.0, float(np.abs(p.projected(start)).max()))

    def measure(self, x: Any, g: Any = None) -> float:
        """max|x - P(x - g)|, in units of the start."""
        return float(np.abs(self.problem.projected(x, g)).max()) / self.unit

    def fun(self, x: Any) -> tuple[float, Any]:
        """Value and gradient; ends the run once there is nothing more to see."""
        if self.calls >= self.budget:
            raise Over
        self.calls += 1
        self.outside += not self.problem.inside(x)
        f, g = self.problem.fun(x)
        size = self.measure(x, g)
        for accuracy in (LOOSE, TIGHT):
            if size <= accuracy:
                self.reached.setdefault(accuracy, self.calls)
        if self.ends and TIGHT in self.reached:
            raise Over
        return f, g

    def hess(self, x: Any) -> Any:
        """Hessian."""
        self.hessians += 1
        return self.problem.hess(x)


#: What runs a watched problem, to its end or by default options; (x, success) of the latter.
Contestant = Callable[[Watch, bool], tuple[Any, bool]]


def box(p: Any) -> Any:
    return optimize.Bounds(p.lower, p.upper)


def ours(method: str, **options: Any) -> Contestant:
    def run(w: Watch, by_default: bool) -> tuple[Any, bool]:
        limits = {} if by_default else {"gtol": 0.0, "maxiter": 10**6}
        second = {} if "bfgs" in method else {"hess": w.hess}
        r = hessopt.minimize(
            w.fun,
            w.problem.start,
            jac=True,
            method=method,
            bounds=box(w.problem),
            options={"maxfun": w.budget + 1, **limits, **options},
            **second,
        )
        return r.x, r.success

    return run


def scipys(method: str, tight: dict[str, Any], limit: str, **options: Any) -> Contestant:
    def run(w: Watch, by_default: bool) -> tuple[Any, bool]:
        more = {limit: w.budget + 1, **options, **({} if by_default else tight)}
        p = w.problem
        r = optimize.minimize(w.fun, p.start, jac=True, method=method, bounds=box(p), options=more)
        return r.x, r.success

    return run


def nlopts(name: str) -> Contestant:
    nlopt = harness.peer("nlopt")

    def run(w: Watch, by_default: bool) -> tuple[Any, bool]:
        p = w.problem
        solver = nlopt.opt(getattr(nlopt, name), len(p.start))
        solver.set_lower_bounds(p.lower)
        solver.set_upper_bounds(p.upper)

        def fun(x: Any, gradient: Any) -> float:
            f, g = w.fun(x.copy())
            if gradient.size:  # SLSQP asks for the value alone as well
                gradient[:] = g
            return f

        solver.set_min_objective(fun)
        solver.set_maxeval(w.budget)
        if by_default:
            solver.set_ftol_rel(1e-9)
        start = np.clip(p.start, p.lower, p.upper)
        try:
            x = solver.optimize(start)
        except Over:
            raise
        except Exception:  # how NLopt says that it has failed; its classes have changed names
            return start, False
        return x, solver.last_optimize_result() in (1, 3, 4)

    return run


def contestants() -> dict[str, Contestant]:
    """Those compared with first."""
    zero = {"ftol": 0.0, "gtol": 0.0, "maxiter": 10**6}
    table = {
        "L-BFGS-B m=10": scipys("L-BFGS-B", zero, "maxfun", maxcor=10),
        "L-BFGS-B m=30": scipys("L-BFGS-B", zero, "maxfun", maxcor=30),
        "TNC": scipys("TNC", {"ftol": 0.0, "xtol": 0.0, "gtol": 0.0}, "maxfun"),
        "lbfgs": ours("lbfgs"),
        "lbfgs m=10": ours("lbfgs", maxcor=10),
        "lbfgs m=30": ours("lbfgs", maxcor=30),
    }
    table |= {name: ours(name) for name in METHODS if name != "lbfgs"}
    if harness.peer("nlopt"):
        names = ("LD_LBFGS", "LD_TNEWTON_PRECOND_RESTART", "LD_SLSQP")
        table |= {f"NLopt {name[3:]}": nlopts(name) for name in names}
    return table


def score(run: Contestant, problem: Any) -> tuple[Watch, bool]:
    """A run to the end, and whether that at default options is a false success."""
    watch = Watch(problem)
    with contextlib.suppress(Over):
        run(watch, False)
    again = Watch(problem, ends=False)
    is_false = False
    with contextlib.suppress(Over):
        x, success = run(again, True)
        is_false = bool(success) and again.measure(x) > FALSE
    watch.outside += again.outside
    return watch, is_false


def row(name: str, scores: list[tuple[Watch, bool]], base: list[tuple[Watch, bool]]) -> str:
    """A line of the table."""
    solved = [
        sum(w.reached.get(accuracy, np.inf) <= budget for w, _ in scores)
        for budget in BUDGETS
        for accuracy in (LOOSE, TIGHT)
    ]
    pairs = np.array(
        [
            (w.reached[TIGHT], b.reached[TIGHT])
            for (w, _), (b, _) in zip(scores, base, strict=True)
            if max(w.reached.get(TIGHT, np.inf), b.reached.get(TIGHT, np.inf)) <= BUDGETS[0]
        ],
        float,
    ).reshape(-1, 2)
    mean = float(np.exp(np.log(pairs[:, 0] / pairs[:, 1]).mean())) if len(pairs) else np.nan
    total = pairs.sum(0)
    ratio = total[0] / total[1] if len(pairs) else np.nan
    outside, false = sum(w.outside for w, _ in scores), sum(f for _, f in scores)
    hessians = sum(w.hessians for w, _ in scores)
    cells = "".join(f"{n:>6}" for n in solved)
    return f"{name:<28}{cells}{mean:>8.2f}{ratio:>7.2f}{outside:>9}{false:>7}{hessians:>9}"


def main() -> None:
    """The table, and with --each a line for each run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--smoke", action="store_true", help="four problems")
    parser.add_argument("--each", action="store_true", help="a line for every run")
    parser.add_argument("--only", nargs="+", help="names of contestants")
    options = parser.parse_args()
    harness.header(scipy)
    problems = PROBLEMS[::20] if options.smoke else PROBLEMS
    table = contestants()
    first = next(iter(table))
    chosen = [first, *(n for n in options.only or table if n != first)]
    print(f"{len(problems)} problems; solved in {BUDGETS[0]} and {BUDGETS[1]} evaluations\n")
    print(f"{'':<28}{'1e-5':>6}{'1e-8':>6}{'1e-5':>6}{'1e-8':>6}{'mean':>8}{'sum':>7}", end="")
    print(f"{'outside':>9}{'false':>7}{'hessians':>9}")
    base: list[tuple[Watch, bool]] = []
    with warnings.catch_warnings(), np.errstate(all="ignore"), harness.team(1):
        warnings.simplefilter("ignore")
        for name in chosen:
            scores = [score(table[name], p) for p in problems]
            base = base or scores
            print(row(name, scores, base), flush=True)
            if options.each:
                for p, (w, false), (b, _) in zip(problems, scores, base, strict=True):
                    reached = " ".join(f"{w.reached.get(a, '-'):>6}" for a in (LOOSE, TIGHT))
                    then = b.reached.get(TIGHT, "-")
                    notes = f"{'  FALSE' if false else ''}{'  OUTSIDE' if w.outside else ''}"
                    print(f"    {p.name:<24}{reached}  ({first}: {then}){notes}")


if __name__ == "__main__":
    main()

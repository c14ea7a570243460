"""Nonlinear least squares beside SciPy's: problems solved and calls of residuals and Jacobians.

Run: python bench/python/bench_least_squares.py [--smoke] [--each]

NIST's 27 certified regressions from both starts, with exact Jacobians and tight tolerances, at
default options, and without Jacobians: digits of the worst parameter. Sums of squares within
bounds (tests/bounded_problems.py): runs that end, within 1e-8 of f or rounding, at the lowest f
that any contestant found.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy
from scipy import optimize

import harness
import hessopt

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests"))
nist = __import__("nist")
variables = __import__("jets").variables
PROBLEMS = [p for p in __import__("bounded_problems").PROBLEMS if p.residuals is not None]

TIGHT = {"ftol": 1e-15, "xtol": 1e-15, "gtol": 1e-15}


@dataclass
class Calls:
    """Residuals and their Jacobian from a jet of them, counted."""

    jet: Callable[[Any], Any]
    residuals: int = 0
    jacobians: int = 0

    def fun(self, x: Any) -> Any:
        """R."""
        self.residuals += 1
        return self.jet(variables(x, 1)).value

    def jac(self, x: Any) -> Any:
        """dr/dx."""
        self.jacobians += 1
        return self.jet(variables(x, 1)).gradient


#: Runs least squares on a function, a start, a Jacobian or none, and bounds.
Contestant = Callable[..., Any]


def ours(**options: Any) -> Contestant:
    return lambda fun, x0, **given: hessopt.least_squares(fun, x0, **given, **options).x


def scipys(method: str, **options: Any) -> Contestant:
    def run(fun: Any, x0: Any, **given: Any) -> Any:
        p = np.asarray(x0, float)
        if "bounds" in given:  # SciPy refuses a start outside
            p = np.clip(p, *given["bounds"])
        return optimize.least_squares(fun, p, **given, method=method, max_nfev=3000, **options).x

    return run


def digits(problem: Any, run: Contestant, start: Any, exact: bool) -> tuple[float, Calls]:
    """Of the worst parameter, none where the run fails."""
    calls = Calls(lambda b: problem.model(b, problem.x) - problem.y)
    given = {"jac": calls.jac} if exact else {}
    try:
        return _digits(problem, run(calls.fun, start, **given)), calls
    except (ValueError, RuntimeError, np.linalg.LinAlgError):
        return -1.0, calls


def separated(problem: Any, start: Any) -> tuple[float, Calls]:
    """The same of a fit over the parameters that the model is not linear in."""
    calls, linear = Calls(lambda b: problem.model(b, problem.x)), nist.LINEAR[problem.name]
    x, _ = hessopt.curve_fit(
        lambda _, *p: calls.fun(np.array(p)),
        problem.x,
        problem.y,
        start,
        jac=lambda _, *p: calls.jac(np.array(p)),
        linear=linear,
    )
    calls.residuals //= 1 + len(linear)
    return _digits(problem, x), calls


def _digits(problem: Any, x: Any) -> float:
    error = np.abs(x / problem.values - 1).max()
    return -np.log10(max(error, 1e-16)) if np.isfinite(error) else -1.0


def certified(problems: list[Any], each: bool) -> None:
    """The table of NIST's."""
    print(
        f"\n{'NIST, both starts':<42}{'>= 4':>6}{'>= 6':>6}{'>= 8':>6}{'>= 10':>6}{'r':>8}{'J':>8}"
    )
    table: dict[str, tuple[Callable[[Any], Contestant], bool]] = {
        "least_squares": (lambda _: ours(), True),
        "least_squares, acceleration": (lambda _: ours(acceleration=True), True),
        "SciPy lm, tight": (lambda _: scipys("lm", **TIGHT), True),
        "SciPy trf, tight": (lambda _: scipys("trf", **TIGHT), True),
        "SciPy trf, tight, x_scale='jac'": (lambda _: scipys("trf", x_scale="jac", **TIGHT), True),
        "SciPy dogbox, tight": (lambda _: scipys("dogbox", **TIGHT), True),
        "SciPy lm, default": (lambda _: scipys("lm"), True),
        "SciPy trf, default": (lambda _: scipys("trf"), True),
        "least_squares, r alone": (lambda _: ours(), False),
        "SciPy lm, default, r alone": (lambda _: scipys("lm"), False),
        "SciPy trf, default, r alone": (lambda _: scipys("trf"), False),
    }
    for name, (of, exact) in table.items():
        found = [(p, *digits(p, of(p), s, exact)) for p in problems for s in p.starts]
        _row(name, found)
        if each:
            for p, d, calls in found:
                print(f"    {p.name:<12}{d:6.1f} {calls.residuals:>6}{calls.jacobians:>6}")
    some = [p for p in problems if p.name in nist.LINEAR]
    print(f"{len(some)} separable of these")
    _row("least_squares", [(p, *digits(p, ours(), s, True)) for p in some for s in p.starts])
    name = "curve_fit(linear=...), r / (1 + linear)"
    _row(name, [(p, *separated(p, s)) for p in some for s in p.starts])


def _row(name: str, found: list[tuple[Any, float, Calls]]) -> None:
    reached = "".join(f"{sum(d >= least for _, d, _ in found):>6}" for least in (4, 6, 8, 10))
    r, J = sum(c.residuals for *_, c in found), sum(c.jacobians for *_, c in found)
    print(f"{name:<42}{reached}{r:>8}{J:>8}", flush=True)


def bounded(problems: list[Any], each: bool) -> None:
    """The table of problems with bounds."""
    table = {
        "least_squares": ours(),
        "SciPy trf, tight": scipys("trf", **TIGHT),
        "SciPy trf, tight, x_scale='jac'": scipys("trf", x_scale="jac", **TIGHT),
        "SciPy dogbox, tight": scipys("dogbox", **TIGHT),
    }
    runs: dict[str, list[tuple[float, Calls, int]]] = {name: [] for name in table}
    for p in problems:
        for name, run in table.items():
            calls = Calls(p.residuals)
            x = run(calls.fun, p.start, jac=calls.jac, bounds=(p.lower, p.upper))
            runs[name].append((p.fun(x)[0], calls, p.inside(x)))
    lowest = [min(found[k][0] for found in runs.values()) for k in range(len(problems))]
    print(f"\n{f'{len(problems)} with bounds':<42}{'lowest f':>12}{'r':>8}{'J':>8}")
    for name, found in runs.items():
        reached = [f <= (1 + 1e-8) * g + 1e-15 for (f, *_), g in zip(found, lowest, strict=True)]
        r, J = sum(c.residuals for _, c, _ in found), sum(c.jacobians for _, c, _ in found)
        print(f"{name:<42}{sum(reached):>12}{r:>8}{J:>8}", flush=True)
        if each:
            for p, (f, c, _), is_lowest in zip(problems, found, reached, strict=True):
                mark = "" if is_lowest else "  higher"
                print(f"    {p.name:<24}{f:>14.8g}{c.residuals:>8}{c.jacobians:>8}{mark}")


def main() -> None:
    """Both tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--smoke", action="store_true", help="two problems of each kind")
    parser.add_argument("--each", action="store_true", help="a line for every run")
    options = parser.parse_args()
    harness.header(scipy)
    some = slice(2 if options.smoke else None)
    with warnings.catch_warnings(), np.errstate(all="ignore"), harness.team(1):
        warnings.simplefilter("ignore")
        certified(nist.REGRESSIONS[some], options.each)
        bounded(PROBLEMS[some], options.each)


if __name__ == "__main__":
    main()

"""SciPy's own tests of `scipy.optimize.minimize`, run through `hessopt.scipy_method`.

    python tests/scipy_suite.py [-v]

The tests are those in the installed SciPy (test_optimize and test_trustregion*). While they run,
`scipy.optimize.minimize` hands the methods below to hessopt, with all other arguments and options
as they are. A test applies if it gets there; it counts as passed if it passes unchanged. Those that
are known to fail are listed with the reason; any other failure, and any of these that passes, ends
the program with status 1.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import io
import sys
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy
from scipy import optimize

import hessopt

METHODS = (
    *("bfgs", "l-bfgs-b", "newton-cg", "dogleg", "trust-ncg", "trust-krylov", "trust-exact"),
)
FILES = ("test_optimize", "test_trustregion", "test_trustregion_exact", "test_trustregion_krylov")
# Tests of other things, some of them slow.
OTHERS = ("equal_bounds", "powell", "neldermead", "cobyla", "slsqp", "tnc", "Brute")

VERSION = "1.17"  # of SciPy, that the list was made with
FORMS = tuple(f"TestOptimize{w}{d}" for w in ("Wrapper", "NoWrapper") for d in ("Disp", "NoDisp"))
WRAPPED, SIMPLE = FORMS[:2], "TestOptimizeSimple"
REGION = "TestTrustRegionSolvers"


def of_each(forms: tuple[str, ...], *names: str) -> list[str]:
    return [f"{form}::{name}" for form in forms for name in names]


KNOWN = {
    "pins SciPy's own iterates, lengths of steps or numbers of calls": [
        *of_each(WRAPPED, "test_bfgs", "test_ncg", "test_ncg_hess", "test_ncg_hessp"),
        f"{SIMPLE}::test_initial_step_scaling",
        f"{REGION}::test_solver_concordance",
    ],
    "wants more calls at a small c1, from a start where the methods here take no more": [
        *of_each(FORMS, "test_bfgs_c1"),
    ],
    "wants the last point where f is infinite or NaN; here the best finite one is kept": [
        *of_each(WRAPPED, "test_bfgs_infinite"),
        f"{SIMPLE}::test_bfgs_nan_return",
    ],
    "wants a RuntimeWarning, where all methods but dogleg give an OptimizeWarning": [
        f"{REGION}::test_dogleg_user_warning"
    ],
    "wants the very words of L-BFGS-B": [f"{SIMPLE}::test_l_bfgs_b_maxiter"],
}


def ours(method: Any, bounds: Any, constraints: Any) -> str | None:
    """The method here that a call of SciPy's goes to."""
    if method is None and not constraints:
        method = "BFGS"  # as SciPy does
    is_known = isinstance(method, str) and method.lower() in METHODS
    return method if is_known and bounds is None else None


class Handed:
    """What stands for scipy.optimize.minimize, and how often it went to hessopt.

    Parameters
    ----------
    ours : callable
        Of method, bounds and constraints: the method here that takes the call, or None.
    options : collection of str, optional
        Those that the method here knows, where it is not to be handed all, nor Hessians.
    """

    def __init__(
        self, ours: Callable[[Any, Any, Any], str | None], options: Collection[str] | None = None
    ) -> None:
        self.minimize = optimize.minimize
        self.count = 0
        self._ours, self._options = ours, options

    def __call__(
        self,
        fun: Any,
        x0: Any,
        args: Any = (),
        method: Any = None,
        jac: Any = None,
        hess: Any = None,
        hessp: Any = None,
        bounds: Any = None,
        constraints: Any = (),
        tol: Any = None,
        callback: Any = None,
        options: Any = None,
    ) -> Any:
        here = self._ours(method, bounds, constraints)
        if here is not None:
            self.count += 1
            # SciPy keeps these words from custom methods.
            method = hessopt.scipy_method(here, jac=jac if isinstance(jac, str) else None)
            if self._options is not None:
                options = {k: v for k, v in (options or {}).items() if k in self._options}
                hess = hessp = None
        rest = bounds, constraints, tol, callback, options
        return self.minimize(fun, x0, args, method, jac, hess, hessp, *rest)


class Watch:
    """A pytest plugin: the outcome of each test that applies."""

    def __init__(self, handed: Any) -> None:
        self._handed = handed
        self.failures: dict[str, str] = {}
        self.passed: list[str] = []

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Leave out what is of other methods."""
        items[:] = [i for i in items if not any(o.lower() in i.nodeid.lower() for o in OTHERS)]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: Any) -> Any:
        """Run a test."""
        before, name = self._handed.count, item.nodeid.split("::", 1)[1]
        try:
            found = yield
        except (Exception, pytest.fail.Exception) as error:
            if self._handed.count > before:
                self.failures[name] = f"{type(error).__name__}: {error}".split("\n")[0][:100]
            raise
        if self._handed.count > before:
            self.passed.append(name)
        return found


def run(handed: Any, files: tuple[str, ...], known: dict[str, list[str]], words: str) -> int:
    """Run test files of SciPy's, and say what became of those that apply."""
    parser = argparse.ArgumentParser(description=words)
    parser.add_argument("-v", action="store_true", help="show each test that passes, too")
    arguments = parser.parse_args()
    watch = Watch(handed)
    root = Path(scipy.__file__).parent
    paths = [str(root / "optimize" / "tests" / f"{name}.py") for name in files]
    plain = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=no", "-c", "/dev/null"]
    with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
        pytest.main([*plain, f"--rootdir={root}", *paths], plugins=[watch])
    if arguments.v:
        print("\n".join(f"passed  {name}" for name in watch.passed))
    listed = {name: reason for reason, names in known.items() for name in names}
    reasons = collections.defaultdict(list)
    for name in watch.failures:
        reasons[listed.get(name, "")].append(name)
    for reason, names in sorted(reasons.items(), reverse=True):
        print(f"\n{reason or 'NOT KNOWN'}")
        for name in names:
            print(f"  {name}" + ("" if reason else f"  ({watch.failures[name]})"))
    mended = [name for name in listed if name in watch.passed]
    if mended:
        print("\nlisted as failing, but passed:", *mended, sep="\n  ")
    total = len(watch.passed) + len(watch.failures)
    print(f"\nSciPy {scipy.__version__}: {len(watch.passed)} of {total} tests that apply pass")
    if not scipy.__version__.startswith(f"{VERSION}."):
        print(f"The list of those that fail is of SciPy {VERSION}.")
        return int(total == 0)
    return int("" in reasons or bool(mended) or total == 0)


if __name__ == "__main__":
    handed = Handed(ours)
    optimize.minimize = handed  # before the tests import it
    sys.exit(run(handed, FILES, KNOWN, __doc__.split("\n")[0]))

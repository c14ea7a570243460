"""SciPy's own tests of `minimize` within bounds, run through `hessopt.scipy_method`.

    python tests/scipy_bounds_suite.py [-v]

As in scipy_suite.py. The calls that have bounds, no constraints, and a method that works by
gradients, whichever it is, go to L-BFGS here; of the options those that its name has in SciPy.
"""

from __future__ import annotations

import sys
from typing import Any

from scipy import optimize

import hessopt
import scipy_suite

FILES = ("test_optimize", "test_tnc", "test_slsqp", "test_minimize_constrained", "test_regression")
METHODS = ("l-bfgs-b", "tnc", "slsqp", "trust-constr")
OTHERS = ("powell", "neldermead", "cobyla", "cobyqa", "Brute", "shgo", "fmin")
OPTIONS = ("maxcor", "ftol", "gtol", "eps", "maxiter", "maxfun", "disp", "finite_diff_rel_step")

LISTED = "TestTrustRegionConstr::test_list_of_problems"
GRADIENTS = ("prob.grad", "3-point", "False")
KNOWN = {
    "wants the very words of SciPy's errors and messages": [
        *(
            f"TestOptimizeSimple::test_minimize_invalid_bounds[{method}]"
            for method in ("l-bfgs-b", "tnc", "trust-constr")
        ),
        *(f"test_all_bounds_equal[{method}]" for method in ("L-BFGS-B", "SLSQP", "TNC")),
    ],
    "wants trust-constr's own numbers of ends, where 0 is not one of success": [
        *(f"{LISTED}[prob.hess-{word}-prob12]" for word in GRADIENTS),
        *(f"{LISTED}[<lambda>0-{word}-prob12]" for word in GRADIENTS),
        *(f"{LISTED}[<lambda>{k}-{word}-prob12]" for k in (1, 2) for word in GRADIENTS[::2]),
        f"{LISTED}[3-point-prob.grad-prob12]",
    ],
}


class Handed:
    """What stands for scipy.optimize.minimize, and how often it went to hessopt."""

    def __init__(self) -> None:
        self.minimize = optimize.minimize
        self.count = 0

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
        word = method.lower() if isinstance(method, str) else "l-bfgs-b" if method is None else ""
        if bounds is not None and not constraints and word in METHODS:
            self.count += 1
            words = jac if isinstance(jac, str) else None
            method = hessopt.scipy_method("l-bfgs-b", jac=words)
            options = {k: v for k, v in (options or {}).items() if k in OPTIONS}
            hess = hessp = None
        rest = constraints, tol, callback, options
        return self.minimize(fun, x0, args, method, jac, hess, hessp, bounds, *rest)


if __name__ == "__main__":
    scipy_suite.OTHERS = OTHERS
    handed = Handed()
    optimize.minimize = handed  # before the tests import it
    sys.exit(scipy_suite.run(handed, FILES, KNOWN, __doc__.split("\n")[0]))

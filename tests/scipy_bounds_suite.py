"""SciPy's own tests of `minimize` within bounds, run through `hessopt.scipy_method`.

    python tests/scipy_bounds_suite.py [-v]

As in scipy_suite.py. The calls that have bounds, no constraints, and a method that works by
gradients, whichever it is, go to L-BFGS here; of the options those that its name has in SciPy.
"""

from __future__ import annotations

import sys
from typing import Any

from scipy import optimize

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


def ours(method: Any, bounds: Any, constraints: Any) -> str | None:
    """The method here that a call of SciPy's goes to."""
    word = method.lower() if isinstance(method, str) else "l-bfgs-b" if method is None else ""
    return "l-bfgs-b" if bounds is not None and not constraints and word in METHODS else None


if __name__ == "__main__":
    scipy_suite.OTHERS = OTHERS
    handed = scipy_suite.Handed(ours, OPTIONS)
    optimize.minimize = handed  # before the tests import it
    sys.exit(scipy_suite.run(handed, FILES, KNOWN, __doc__.split("\n")[0]))

"""Two ways to make a call of scipy.optimize.minimize: the function itself, and the adapter."""

import numpy as np
from scipy import optimize
from scipy.optimize import rosen_der, rosen_hess

from hessopt import minimize, scipy_method

START = np.array([-1.2, 1.0, 0.8])
SQUARE = np.array([1.5])  # minimum of the functions of one variable

# The ways in: the function itself, and the adapter, by SciPy's names of the methods.
METHODS = [
    *("BFGS", "L-BFGS-B", "Newton-CG", "dogleg", "trust-ncg", "trust-krylov", "trust-exact"),
]


def here(*args, **more):
    return minimize(*args, **more)


def adapter(fun, x0, *args, method="BFGS", **more):
    words = more.get("jac") if isinstance(more.get("jac"), str) else None
    return optimize.minimize(fun, x0, *args, method=scipy_method(method, jac=words), **more)


WAYS = [here, adapter]


def derivatives(method):
    """What SciPy wants to be given for a method."""
    more = {} if method in ("BFGS", "L-BFGS-B") else {"hess": rosen_hess}
    return {"jac": rosen_der, **more}


def bowl(x):
    return np.sum((x - 1.5) ** 2)


def bowl_der(x):
    return 2 * (x - 1.5)

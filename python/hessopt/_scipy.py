"""hessopt's solvers as methods of `scipy.optimize.minimize`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import _validation
from ._minimize import minimize
from ._result import OptimizeResult
from ._solvers import METHODS


def scipy_method(method: str | None = None, **options: Any) -> Callable[..., OptimizeResult]:
    """A solver for ``scipy.optimize.minimize(fun, x0, method=...)``.

    Parameters
    ----------
    method : str, optional
        As in `hessopt.minimize`.
    **options
        As in `hessopt.minimize`; those given to SciPy as ``options`` go before them.

    Returns
    -------
    callable
        With the signature that SciPy calls its custom methods by.

    Raises
    ------
    ValueError
        When called with bounds or constraints, which hessopt does not take.

    Examples
    --------
    >>> import scipy.optimize, hessopt
    >>> from scipy.optimize import rosen, rosen_der
    >>> result = scipy.optimize.minimize(
    ...     rosen, [-1.2, 1.0], jac=rosen_der, method=hessopt.scipy_method("lbfgs"), tol=1e-8
    ... )
    >>> result.x.round(6)
    array([1., 1.])
    """
    if method is not None and method not in METHODS:
        raise _validation.error("method", repr(method), f"one of {sorted(METHODS)}")

    def run(
        fun: Any,
        x0: Any,
        args: Any = (),
        *,
        jac: Any = None,
        hess: Any = None,
        hessp: Any = None,
        bounds: Any = None,
        constraints: Any = (),
        callback: Any = None,
        tol: float | None = None,
        **more: Any,
    ) -> OptimizeResult:
        for name, given in (("bounds", bounds), ("constraints", constraints)):
            if given is not None and given != ():
                raise _validation.error(name, given, "nothing: hessopt solves without them")
        # SciPy's own default where no gradient is given.
        jac = "2-point" if jac is None or jac is False else jac
        return minimize(fun, x0, args, method, jac, hess, hessp, tol, callback, {**options, **more})

    return run

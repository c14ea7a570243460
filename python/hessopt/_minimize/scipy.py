"""hessopt's solvers as methods of `scipy.optimize.minimize`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from .._result import OptimizeResult
from ..solvers import Solver, Status
from . import reporting, spelling
from .run import minimize

#: SciPy's numbers for the ends of a run, which its callers test; 0 is a success.
_LIMIT, _PRECISION, _NAN, _CALLBACK = 1, 2, 3, 99
_STATUS = {
    Status.MAX_ITERATIONS: _LIMIT,
    Status.MAX_EVALUATIONS: _LIMIT,
    Status.MAX_TIME: _LIMIT,
    Status.NON_FINITE: _NAN,
    Status.CALLBACK: _CALLBACK,
}


def scipy_method(
    method: str | None = None, *, jac: str | None = None, **options: Any
) -> Callable[..., OptimizeResult]:
    """A solver for ``scipy.optimize.minimize(fun, x0, method=...)``.

    Parameters
    ----------
    method : str, optional
        As in `hessopt.minimize`.
    jac : {"2-point", "3-point", "cs"}, optional
        Differences where SciPy is given no gradient: it keeps such words from custom methods.
    **options
        As in `hessopt.minimize`; those given to SciPy as ``options`` go before them.

    Returns
    -------
    callable
        With the signature that SciPy calls its custom methods by. The `status` of its results is
        SciPy's: 0 for a success, 1 at a limit, 3 for NaN, 99 for a callback that raised
        StopIteration, which alone ends a run, and 2 for the rest.

    Raises
    ------
    ValueError
        When called with constraints other than linear equalities, which hessopt does not take.

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
    if method is not None:
        spelling.method(method)  # or an error
    return functools.partial(_run, method, jac, options)


def _run(
    method: str | None,
    words: str | None,
    fixed: dict[str, Any],
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
    **options: Any,
) -> OptimizeResult:
    notify = None if callback is None else reporting.notify(callback)

    def after(state: Solver) -> None:  # what a callback returns means nothing to SciPy
        if notify is not None:
            notify(state)

    result = minimize(
        fun,
        x0,
        args,
        method,
        jac or words,
        hess,
        hessp,
        bounds,
        constraints,
        tol,
        None if callback is None else after,
        {**fixed, **options},
    )
    status = 0 if result.success else _STATUS.get(result["status"], _PRECISION)
    result["status"] = status
    if status == _CALLBACK:
        result["message"] = "`callback` raised `StopIteration`."
    return result

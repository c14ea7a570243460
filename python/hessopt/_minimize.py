"""The one driver loop, for every solver and every objective."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _validation
from ._result import OptimizeResult
from ._solvers import METHODS, Newton, Solver

_Vector = npt.NDArray[np.float64]
_NEWTON_LARGEST = 2000  # parameters up to which a dense Hessian is the default


class _Evaluator:
    """The objective protocol over Python callables."""

    def __init__(self, fun: Any, jac: Any, hess: Any, hessp: Any) -> None:
        if hasattr(fun, "value_and_gradient"):
            for name, given in (("jac", jac), ("hess", hess), ("hessp", hessp)):
                if given is not None:
                    raise _validation.error(name, given, "nothing: the objective has its own")
            self.value_and_gradient = fun.value_and_gradient
            hess, hessp = getattr(fun, "hessian", None), getattr(fun, "hessp", None)
        elif not callable(fun):
            raise TypeError(f"fun: got {fun!r}; want a function or an objective")
        elif jac is True:
            self.value_and_gradient = lambda x: _pair(fun(x))
        elif callable(jac):
            self.value_and_gradient = lambda x: (fun(x), jac(x))
        else:
            raise _validation.error(
                "jac", repr(jac), "a function, or True where fun returns (f, gradient)"
            )
        for name, given in (("hess", hess), ("hessp", hessp)):
            if given is not None and not callable(given):
                raise TypeError(f"{name}: got {given!r}; want a function")
        self.has_hessian = hess is not None or hessp is not None
        self._hess, self._hessp = hess, hessp

    def hessian(self, x: _Vector) -> Any:
        if self._hess is not None:
            return self._hess(x)
        return np.stack([self._hessp(x, unit) for unit in np.eye(len(x))])


def _pair(returned: Any) -> tuple[Any, Any]:
    """What fun returned under jac=True."""
    if not isinstance(returned, (tuple, list)) or len(returned) != 2:
        raise TypeError(f"fun: got {type(returned).__name__}; want (f, gradient), as jac=True says")
    return returned[0], returned[1]


def _notify(callback: Callable[..., Any]) -> Callable[[Solver], Any]:
    """SciPy's rule: a parameter named intermediate_result gets the result so far, any other x."""
    try:
        names = list(inspect.signature(callback).parameters)
    except (TypeError, ValueError):  # built-in functions without a signature
        names = []
    if names == ["intermediate_result"]:
        return lambda solver: callback(intermediate_result=result_of(solver))
    return lambda solver: callback(solver.x)


def result_of(solver: Solver) -> OptimizeResult:
    """The result a solver has to show so far."""
    counts = {"nit": solver.nit, "nfev": solver.nfev, "njev": solver.nfev}
    if isinstance(solver, Newton):
        counts["nhev"] = solver.nhev
    return OptimizeResult(
        x=solver.x,
        fun=solver.fun,
        jac=solver.jac,
        success=solver.success,
        status=solver.status,
        message=solver.message,
        **counts,
    )


def _solver_for(
    x0: Any, method: Any, tol: Any, options: Any, evaluator: _Evaluator, n_parameters: int | None
) -> Solver:
    if isinstance(x0, Solver):
        for name, given in (("method", method), ("tol", tol), ("options", options)):
            if given is not None:
                raise _validation.error(name, given, "nothing: x0 is a solver that has its own")
        solver = x0
    else:
        start = _validation.array("x0", x0, 1)
        if method is None:
            small = len(start) <= _NEWTON_LARGEST
            method = "newton" if evaluator.has_hessian and small else "lbfgs"
        if not isinstance(method, str) or method.lower() not in METHODS:
            raise _validation.error("method", repr(method), f"one of {sorted(METHODS)}")
        if options is not None and not isinstance(options, Mapping):
            raise TypeError(f"options: got {options!r}; want a dictionary")
        keywords = dict(options or {})
        if tol is not None:
            keywords.setdefault("gtol", tol)
        kind = METHODS[method.lower()]
        known = [p for p in inspect.signature(kind).parameters if p != "x0"]
        for key in keywords:
            if key not in known:
                raise _validation.error("options", repr(key), f"keys among {known}")
        solver = kind(start, **keywords)
    n = len(solver.ask())
    if n_parameters is not None and n != n_parameters:
        raise _validation.error("x0", f"length {n}", f"length {n_parameters}, as the objective has")
    if isinstance(solver, Newton) and not evaluator.has_hessian:
        raise _validation.error("hess", "nothing", "a function, or hessp: Newton needs the Hessian")
    return solver


def minimize(
    fun: Any,
    x0: npt.ArrayLike | Solver,
    method: str | None = None,
    jac: Callable[[_Vector], npt.ArrayLike] | bool | None = None,
    hess: Callable[[_Vector], npt.ArrayLike] | None = None,
    hessp: Callable[[_Vector, _Vector], npt.ArrayLike] | None = None,
    tol: float | None = None,
    callback: Callable[..., Any] | None = None,
    options: Mapping[str, Any] | None = None,
) -> OptimizeResult:
    """Minimise a smooth function.

    Parameters
    ----------
    fun : objective or callable
        An objective, that is anything with ``value_and_gradient(x)`` and, for Newton,
        ``hessian(x)``; or a function ``fun(x) -> float``.
    x0 : array_like, shape (n,), or solver
        The start. Or a solver such as ``hessopt.LBFGS(start)``, to go on from its state: after an
        exception its ``x`` and ``fun`` still hold the best point so far.
    method : {"newton", "lbfgs", "gradient_descent", "adam"}, optional
        By default "newton" where there is a Hessian and n <= 2000, else "lbfgs".
    jac : callable or True
        ``jac(x) -> gradient, shape (n,)``, or True if ``fun(x)`` returns ``(f, gradient)``.
    hess : callable, optional
        ``hess(x) -> ndarray, shape (n, n)``, symmetric; for Newton.
    hessp : callable, optional
        ``hessp(x, v) -> ndarray, shape (n,)``. Without `hess`, Newton builds H from n products.
    tol : float, optional
        Stop when max |gᵢ| <= tol; short for ``options={"gtol": tol}``.
    callback : callable, optional
        Called after every iteration as SciPy does: ``callback(intermediate_result=result)`` if its
        one parameter has that name, else ``callback(x)``. Returning True or raising StopIteration
        ends the run.
    options : dict, optional
        Keyword arguments of the solver's class: `Newton`, `LBFGS`, `GradientDescent`, `Adam`.

    Returns
    -------
    OptimizeResult
        With the fields of SciPy's. Not to converge is no exception: see `success` and `message`.

    Raises
    ------
    ValueError, TypeError
        On arguments that do not fit, before anything is evaluated; and for a gradient or Hessian of
        the wrong shape. Exceptions of `fun` and `callback` pass through unchanged.

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> def rosenbrock(x):
    ...     a, b = 1 - x[0], x[1] - x[0] ** 2
    ...     return a * a + 100 * b * b, np.array([-2 * a - 400 * x[0] * b, 200 * b])
    >>> result = hessopt.minimize(rosenbrock, [-1.2, 1.0], jac=True, tol=1e-10)
    >>> result.x.round(8)
    array([1., 1.])
    """
    evaluator = _Evaluator(fun, jac, hess, hessp)
    if callback is not None and not callable(callback):
        raise TypeError(f"callback: got {callback!r}; want a function")
    n_parameters = getattr(fun, "n_parameters", None)
    solver = _solver_for(x0, method, tol, options, evaluator, n_parameters)
    notify = None if callback is None else _notify(callback)

    while not solver.done:
        if isinstance(solver, Newton) and solver.needs_hessian:
            solver.tell_hessian(evaluator.hessian(solver.ask()))
            continue
        iterations = solver.nit
        f, g = evaluator.value_and_gradient(solver.ask())
        solver.tell(f, g)
        if notify is not None and solver.nit > iterations:
            try:
                stop = notify(solver)
            except StopIteration:
                stop = True
            if stop is True:
                solver.stop()
    return result_of(solver)

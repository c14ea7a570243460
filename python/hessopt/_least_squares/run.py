"""`least_squares`: SciPy's call on Levenberg and Marquardt's method."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _validation
from .._minimize.bounds import sides
from .._minimize.differences import Rules, mapping
from .._result import OptimizeResult
from ..solvers import LevenbergMarquardt, Status
from .losses import Loss, loss_of
from .model import Call, Model, binding, jac_error

_Doubles = npt.NDArray[np.float64]
_METHODS = ("trf", "dogbox", "lm")
#: SciPy's numbers.
_CODES = {
    Status.GRADIENT: 1,
    Status.ROUNDING_FLOOR: 2,
    Status.DECREASE: 2,
    Status.STEP: 3,
    Status.MAX_EVALUATIONS: 0,
    Status.CALLBACK: -2,
}


def least_squares(
    fun: Callable[..., npt.ArrayLike],
    x0: npt.ArrayLike,
    jac: str | Callable[..., Any] = "3-point",
    bounds: Any = (-np.inf, np.inf),
    method: str = "trf",
    ftol: float | None = None,
    xtol: float | None = None,
    gtol: float | None = None,
    x_scale: npt.ArrayLike | str | None = None,
    loss: str | Callable[[_Doubles], npt.ArrayLike] = "linear",
    f_scale: float = 1.0,
    diff_step: npt.ArrayLike | None = None,
    tr_solver: Any = None,
    tr_options: Any = None,
    jac_sparsity: Any = None,
    max_nfev: int | None = None,
    verbose: int = 0,
    args: Any = (),
    kwargs: Mapping[str, Any] | None = None,
    callback: Callable[..., Any] | None = None,
    workers: Any = None,
    *,
    acceleration: bool = False,
) -> OptimizeResult:
    """Minimise ½ Σᵢ C² ρ(rᵢ(x)² / C²) within bounds. A call of SciPy's works as it stands.

    Without a tolerance it runs to the last digits: Σ rᵢ² has twice as many as x, and a run that
    ends by its decrease leaves half of them.

    Parameters
    ----------
    fun : callable
        ``fun(x, *args, **kwargs) -> r, shape (m,)``. Where it is NaN or infinite the step is
        shortened.
    x0 : array_like, shape (n,), or float
        The start. It is moved into the bounds; the result says so.
    jac : callable, "3-point", "2-point" or "cs"
        ``jac(x, *args, **kwargs) -> dr/dx, shape (m, n)``; or central, forward or complex
        differences, which stay within the bounds.
    bounds : (lower, upper) or scipy.optimize.Bounds
        A number for all or one for each; where both are equal x stays.
    method : {"trf", "dogbox", "lm"}
        SciPy's names, for one method: Levenberg and Marquardt's step in Moré's radius.
    ftol, xtol : float, optional
        Stop when f falls by at most this fraction in a step; when a step is at most this fraction
        of x. By default neither ends a run before rounding does.
    gtol : float, optional
        Stop when the cosine of r with every column of the Jacobian is at most this; 1e-13.
    x_scale : array_like, float or "jac", optional
        Sizes of the variables; by default, "jac", those of the largest columns so far tell.
    loss : str or callable
        "linear", "huber", "soft_l1", "cauchy", "arctan"; or ``loss(z)`` that returns ρ and its
        first and second derivative, shape (3, m), of z = (r / f_scale)².
    f_scale : float
        C, the size of a residual from which on it counts as an outlier.
    diff_step : array_like, optional
        Steps of differences, relative to x.
    tr_solver, tr_options, jac_sparsity
        How SciPy solves inside; no minimum depends on them. A sparse Jacobian is made dense.
    max_nfev : int, optional
        Most evaluations of r, those for differences not counted. 100 n by default, and at least
        1000.
    verbose : {0, 1, 2}
        Print how the run ended; and every iteration.
    args, kwargs
        Further arguments of `fun` and `jac`.
    callback : callable, optional
        After every iteration: ``callback(x)``, or ``callback(intermediate_result=result)`` if its
        one parameter has that name. Returning True or raising StopIteration ends the run.
    workers : int or map-like, optional
        For the points of differences.
    acceleration : bool
        One r more a step, to follow what it bends by: fewer Jacobians, where these are dear.

    Returns
    -------
    OptimizeResult
        ``x``; ``cost``, half of the sum; ``fun``, r there; ``jac``, with the weights of a loss;
        ``grad`` of cost; ``optimality``, its largest component that no bound holds;
        ``active_mask``, −1 and 1 on a bound that holds x back; ``nfev``, ``njev``, ``nit``;
        ``success``, ``status`` by SciPy's numbers, ``message``.

    Raises
    ------
    ValueError, TypeError
        On arguments that do not fit, before anything is evaluated; for r that is not finite at the
        start; and for r or a Jacobian of the wrong shape.

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> t = np.linspace(0, 4, 9)
    >>> y = 3 * np.exp(-0.7 * t)
    >>> fit = hessopt.least_squares(lambda x: x[0] * np.exp(-x[1] * t) - y, [1.0, 1.0])
    >>> fit.x.round(10)
    array([3. , 0.7])
    """
    for name, word, known in (
        ("method", method, _METHODS),
        ("tr_solver", tr_solver, (None, "exact", "lsmr")),
    ):
        if word not in known:
            raise _validation.error(name, repr(word), f"one of {list(known)}")
    rho = loss_of(loss)
    scale = _validation.at_least("f_scale", f_scale, 0)
    if scale == 0:
        raise _validation.error("f_scale", f_scale, "a number > 0")
    if _validation.flag("acceleration", acceleration) and rho is not None:
        raise _validation.error("acceleration", acceleration, "False beside a loss")
    start = np.atleast_1d(_validation.array("x0", x0)).astype(np.float64)
    lower, upper = pair(bounds)
    limit = max(1000, 100 * start.size) if max_nfev is None else max_nfev
    solver = LevenbergMarquardt(
        start,
        lower,
        upper,
        x_scale=None if _is_word(x_scale, "jac") else x_scale,
        acceleration=acceleration,
        jac_error=jac_error(jac),
        gtol=1e-13 if gtol is None else gtol,
        xtol=1e-15 if xtol is None else xtol,
        ftol=0.0 if ftol is None else ftol,
        max_nfev=_validation.integer("max_nfev", limit, 1),
    )
    further = dict(kwargs or {})
    model = Model(
        Call(fun, _tuple(args), further),
        Call(jac, _tuple(args), further) if callable(jac) else jac,
        Rules(
            None if diff_step is None else _validation.array("diff_step", diff_step),
            None,
            mapping(workers),
            *binding(solver),
        ),
    )
    result = _drive(solver, model, rho, scale, _calls(callback), verbose)
    if not np.array_equal(solver.start, start):
        result["message"] += "; x0 was moved into the bounds"
    if verbose:
        print(result.message, f"nfev: {result.nfev}, cost: {result.cost:.10g}", sep="\n")
    return result


def _is_word(value: Any, word: str) -> bool:
    return isinstance(value, str) and value == word


def _tuple(args: Any) -> tuple[Any, ...]:
    return args if isinstance(args, tuple) else (args,)


def pair(bounds: Any) -> tuple[Any, Any]:
    """Lower and upper bounds, in either of SciPy's forms."""
    try:
        lower, upper = sides(bounds) or bounds
    except (TypeError, ValueError):
        raise _validation.error("bounds", repr(bounds), "a pair (lower, upper)") from None
    return lower, upper


def _calls(callback: Callable[..., Any] | None) -> Callable[[OptimizeResult], bool]:
    """Whether to stop, asked after an iteration."""
    if callback is None:
        return lambda result: False
    if not callable(callback):
        raise TypeError(f"callback: got {callback!r}; want a function")
    try:
        by_name = list(inspect.signature(callback).parameters) == ["intermediate_result"]
    except (TypeError, ValueError):  # built-in functions without a signature
        by_name = False

    def call(result: OptimizeResult) -> bool:
        try:
            if by_name:
                return callback(intermediate_result=result) is True
            return callback(result.x.copy()) is True
        except StopIteration:
            return True

    return call


def _drive(
    solver: LevenbergMarquardt,
    model: Model,
    rho: Loss | None,
    scale: float,
    stops: Callable[[OptimizeResult], bool],
    verbose: int,
) -> OptimizeResult:
    """Ask and tell until the run ends."""
    at = here = model.residuals(solver.ask())
    J = np.empty((len(at), len(solver.ask())))
    if not np.isfinite(at).all():
        raise _validation.error("x0", "NaN or inf among the residuals there", "a start where r is")
    iterations = 0
    with np.errstate(all="ignore"):
        need = _tell(solver, at, rho, scale)
        while need:
            if need == solver.JACOBIAN:
                here = at
                J = model.jacobian(solver.ask(), at)
                need = solver.tell_jacobian(J)
                if solver.nit > iterations:
                    iterations = solver.nit
                    if verbose > 1:
                        print(f"{iterations:6d} {solver.nfev:6d} {solver.cost:.10e}")
                    found = OptimizeResult(
                        x=solver.x, cost=solver.cost, fun=here, nit=solver.nit, nfev=solver.nfev
                    )
                    if stops(found) and need:
                        solver.stop()
                        break
            else:
                at = model.residuals(solver.ask())
                need = _tell(solver, at, rho, scale)
    x, grad = solver.x, solver.grad
    weights = solver.weights
    below, above = (x <= solver.lower) & (grad > 0), (x >= solver.upper) & (grad < 0)
    return OptimizeResult(
        x=x,
        cost=solver.cost,
        fun=here,
        jac=J if weights.size == 0 else weights[:, None] * J,
        grad=grad,
        optimality=float(np.abs(np.where(below | above, 0.0, grad)).max()),
        active_mask=np.where(below, -1, np.where(above, 1, 0)),
        nfev=solver.nfev,
        njev=solver.njev,
        nit=solver.nit,
        status=_CODES.get(solver.status, -3),
        message=solver.message,
        success=solver.success,
        triangle=solver.triangle,
    )


def _tell(solver: LevenbergMarquardt, r: _Doubles, rho: Loss | None, scale: float) -> int:
    need: int = solver.tell(r) if rho is None else solver.tell(r, rho((r / scale) ** 2), scale)
    return need

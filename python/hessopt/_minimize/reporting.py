"""What a run tells the caller: results, calls after every iteration, the points it went through."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from .._result import OptimizeResult
from ..solvers import Solver, Status
from . import spelling

_CHANGE = 2.0**-30  # of x, at which derivatives change in proportion
_ULPS = 2.0**-48  # up to which one that is met leaves them: 2^-50 over many fits


def result_of(solver: Solver) -> OptimizeResult:
    """The result a solver has to show so far."""
    more: dict[str, Any] = {name: getattr(solver, name) for name in solver.shown}
    if solver._is_bounded:
        more |= {"active": solver.active, "projected_gradient": solver.projected_gradient}
    history = solver.history
    if len(history["fun"]):
        more["history"] = history
    return OptimizeResult(
        x=solver.x,
        fun=solver.fun,
        jac=solver.jac,
        success=solver.success,
        status=solver.status,
        message=solver.message,
        step=solver.step,
        nit=solver.nit,
        nfev=solver.nfev,
        njev=solver.njev,
        **more,
    )


def of_differences(solver: Solver) -> dict[str, Any]:
    """The gradient of a run by differences: nothing is known along variables that bounds fix."""
    if not solver._is_bounded:
        return {}
    return {"jac": np.where(solver.lower == solver.upper, np.nan, solver.jac)}


def runaway(reason: str | None) -> dict[str, Any]:
    """What becomes of a result where there is no minimum, for a reason."""
    if reason is None:
        return {}
    message = f"NO_MINIMUM: f falls without end: {reason}"
    return {"success": False, "status": Status.NO_MINIMUM, "message": message}


def outside(solver: Solver, fun: Any) -> dict[str, Any]:
    """The same of a run that the domain of f stopped, where the objective knows more of it."""
    if solver.status != Status.NON_FINITE:
        return {}
    if not solver.nit and callable(getattr(fun, "start", 0)):
        return {"message": f"{solver.message}; its start() is a point where they are not"}
    if not solver._is_bounded and callable(getattr(fun, "bounds", 0)):
        return {"message": f"{solver.message}; its bounds() keep from there"}
    return {}


def met(solver: Solver, fun: Any) -> dict[str, Any]:
    """The same where rounding hides what scores are of, of rows that are all met.

    Their derivatives ℓ′ are then what rounding of the predictors makes of them: no more than a
    relative change of x by some ulps does, of all of x or of every second coefficient. Rows that
    are met to fewer digits may have noise as small.
    """
    if solver.status != Status.LINE_SEARCH or not hasattr(fun, "value_gradient_and_residual"):
        return {}
    x = solver.x.astype(np.float64)

    def sizes(at: Any) -> Any:
        return np.asarray(fun.value_gradient_and_residual(at)[2])

    second = np.where(np.arange(len(x)) % 2, 1.0, -1.0)
    with np.errstate(all="ignore"):
        moved = np.maximum(sizes(x * (1 + _CHANGE)), sizes(x * (1 + _CHANGE * second)))
        change = _CHANGE * float(np.max(sizes(x) / moved))
    if np.any(fun.l2) or not change <= _ULPS:
        return {}
    message = f"ROUNDING_FLOOR: every row is met as well as a change of x by {change:.3g} tells"
    return {"success": True, "status": Status.ROUNDING_FLOOR, "message": message}


def notify(
    callback: Any, result_so_far: Callable[[Any], OptimizeResult] = result_of
) -> Callable[[Any], Any]:
    """SciPy's rule: a parameter named intermediate_result gets the result so far, any other x.

    One named state gets the solver.
    """
    if not callable(callback):
        raise TypeError(f"callback: got {callback!r}; want a function")
    try:
        names = list(inspect.signature(callback).parameters)
    except (TypeError, ValueError):  # built-in functions without a signature
        names = []
    if names == ["intermediate_result"]:
        return lambda solver: callback(intermediate_result=result_so_far(solver))
    if names == ["state"]:
        return lambda solver: callback(state=solver)
    return lambda solver: callback(solver.x)


def show(result: OptimizeResult) -> None:
    """SciPy's `disp`: print how the run ended, or warn where that is no minimum."""
    if not result.success:
        at_limit = result["status"] == Status.MAX_ITERATIONS
        words = "Maximum number of iterations has been exceeded. " if at_limit else ""
        return spelling.warn(words + result["message"])
    counts = ("nit", "nfev", "njev", "nhev")
    print(result.message, f"fun: {result.fun:.10g}", sep="\n")
    print(", ".join(f"{key}: {result[key]}" for key in counts if key in result))
    return None

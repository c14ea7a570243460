"""`minimize_batch`: the driver of many small problems."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _core, _progress, _validation
from .._minimize import reporting
from .._minimize.driver import run_all
from .._result import OptimizeResult
from ..solvers import Status
from ..solvers.batched import (
    BatchBFGS,
    BatchLBFGS,
    BatchLevenbergMarquardt,
    BatchNewton,
    BatchSolver,
    starts,
)
from .covariance import covariances
from .working_set import WorkingSet

_SHARES = 100  # of the problems, after each of which a bar is drawn anew
_METHODS: dict[str, type[BatchSolver]] = {
    "newton": BatchNewton,
    "bfgs": BatchBFGS,
    "lbfgs": BatchLBFGS,
    "lm": BatchLevenbergMarquardt,
}


def minimize_batch(
    fun: Any,
    X0: npt.ArrayLike | BatchSolver,
    method: str | None = None,
    *,
    bounds: Any = None,
    gtol: float | None = None,
    maxiter: int | None = None,
    covariance: bool = False,
    absolute_sigma: bool = False,
    callback: Callable[..., Any] | None = None,
    progress: bool = False,
) -> OptimizeResult:
    """Minimise B functions of n variables each, from a vectorised function of all of them.

    Every problem is a run of its own: it ends by its own test, nothing that happens to another
    changes a bit of it, and those that have ended are asked for no more.

    Parameters
    ----------
    fun : callable
        ``fun(X, index) -> f, g, H`` of shapes (b,), (b, n), (b, n, n), or ``f, g``; for least
        squares ``r, J`` of shapes (b, m), (b, m, n). X has shape (b, n), `index` says which b of
        the B problems its rows are of. An object with ``take(positions)``, which returns one of a
        part of its problems, need not look at `index`: its problems are those that it was left,
        and it is asked for a part once half of them have ended. NaN and infinities shorten the
        step of the problem that they are of. Or a `BatchModel`, a model of the library compiled.
    X0 : array_like, shape (B, n), or solver
        A start for each problem. Or a state as `BatchNewton`, to go on from: after an exception
        it holds all that was told.
    method : {"newton", "bfgs", "lbfgs", "lm"}, optional
        By default what fun returns tells: "newton" for f, g, H, "bfgs" for f, g, "lm" for r, J.
    bounds : array_like, shape (n, 2) or (B, n, 2), or scipy.optimize.Bounds, optional
        Lowest and highest value of each variable, for all problems or of each. No point is
        evaluated outside.
    gtol : float, optional
        A problem ends when max |gᵢ| is at most this fraction of what it was at its own start; for
        "lm" when the cosine of r with every column of J is at most this. 1e-8 by default. 0: only
        where rounding hides what a step changes.
    maxiter : int, optional
        Most iterations of each problem; 1000 by default.
    covariance : bool
        For "lm": return the covariance of every estimate, for which fun is asked once more.
    absolute_sigma : bool
        Whether residuals are in units of their standard deviations; else the residuals of each
        problem tell their scale, as in `curve_fit`.
    callback : callable, optional
        Called after every round: ``callback(intermediate_result=result)`` if its one parameter has
        that name, ``callback(state=solver)`` if that, else ``callback(X)``. Returning True or
        raising StopIteration ends those that run.
    progress : bool
        Show a bar (tqdm) of the problems that have ended.

    Returns
    -------
    OptimizeResult
        ``x``, shape (B, n); ``fun``, the values there, shape (B,); ``jac``, the gradients, shape
        (B, n), for "lm" ``grad``, and ``cost``, which is `fun`; ``success``, ``status``, numbers of
        `Status`, ``nit``, ``nfev``, shape (B,); ``optimality``, what `gtol` is held against, shape
        (B,); ``active``, −1, 1 on a bound that holds x back, else 0, shape (B, n); ``message``, how
        many ended in which way. If asked for, ``covariance``, shape (B, n, n): inf on the diagonal
        for parameters that the data leave open, nan for those on a bound and in problems that did
        not end at a minimum.

    Raises
    ------
    ValueError, TypeError
        On arguments that do not fit, and for arrays of the wrong shape. Exceptions of `fun` and
        `callback` pass through unchanged.

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> t = np.linspace(0, 4, 9)
    >>> y = np.array([[3.0], [2.0]]) * np.exp(np.array([[-0.7], [-0.2]]) * t)
    >>> def decays(X, index):
    ...     a, k = X.T[:, :, None]
    ...     e = np.exp(-k * t)
    ...     return a * e - y[index], np.stack([e, -a * t * e], axis=-1)
    >>> hessopt.minimize_batch(decays, np.ones((2, 2))).x.round(8)
    array([[3. , 0.7],
           [2. , 0.2]])
    """
    if method is not None and method not in _METHODS:
        raise _validation.error("method", repr(method), f"one of {list(_METHODS)}")
    options = {"bounds": bounds, "gtol": gtol, "maxiter": maxiter}
    given = {name: value for name, value in options.items() if value is not None}
    wants_covariance = _validation.flag("covariance", covariance)
    is_absolute = _validation.flag("absolute_sigma", absolute_sigma)
    shows = _progress.asked(progress)
    hooks = [] if callback is None else [reporting.notify(callback, result_of)]
    kind: type[BatchSolver] | None
    if isinstance(X0, BatchSolver):
        for name, value in ({"method": method} if method is not None else given).items():
            raise _validation.error(name, repr(value), "nothing: X0 is a state that has its own")
        solver, start, kind = X0, X0.x, type(X0)
    else:
        start = starts(X0)
        known = method or ("newton" if hasattr(fun, "run_problems") else None)
        kind = None if known is None else _METHODS[known]
        # Of any kind, until what is returned tells which.
        solver = (kind or BatchNewton)(start, **given)
    if wants_covariance and kind is not None:
        _squares(solver)
    if hasattr(fun, "run_problems") and isinstance(solver, BatchLevenbergMarquardt):
        raise _validation.error("method", "'lm'", "another: the objective has no residuals")
    # One that can takes chunks of problems to their ends, where nobody looks on in between.
    runs_alone = hasattr(fun, "run_problems") and not hooks
    share = -(-solver.n_problems // _SHARES) if shows else solver.n_problems
    function = WorkingSet(fun, solver)
    n_moved = 0 if isinstance(X0, BatchSolver) else int((solver.x != start).any(axis=1).sum())
    with np.errstate(all="ignore"), _progress.counter(shows, "problem") as count:
        while not solver.done:
            if runs_alone:
                fun.run_problems(solver, share)
                count(solver.n_problems - len(solver.index), solver.n_problems)
                continue
            found, rows = function(solver)
            if kind is None:
                kind = _kind_of(found)
                solver = kind(start, **given)
            if wants_covariance:
                _squares(solver)
            _tell(solver, found, rows)
            count(solver.n_problems - len(solver.index), solver.n_problems)
            if run_all(hooks, solver):
                solver.stop()
        result = result_of(solver)
        if wants_covariance:
            result["covariance"] = covariances(fun, _squares(solver), is_absolute)
    if n_moved:
        result["message"] += f"\n{n_moved} starts were moved into the bounds"
    return result


def _kind_of(found: tuple[Any, ...]) -> type[BatchSolver]:
    if len(found) == 3:
        return BatchNewton
    return BatchBFGS if np.ndim(found[0]) == 1 else BatchLevenbergMarquardt


def _squares(solver: BatchSolver) -> BatchLevenbergMarquardt:
    if not isinstance(solver, BatchLevenbergMarquardt):
        raise _validation.error("covariance", "True", "the method 'lm', of residuals")
    return solver


def _tell(solver: BatchSolver, found: tuple[Any, ...], rows: Any) -> None:
    if isinstance(solver, BatchNewton):
        if len(found) < 3:
            raise _validation.error("fun", "(f, g) returned", "(f, g, H) for 'newton'")
        solver.tell(found[0], found[1], found[2], rows)
    elif isinstance(solver, BatchLevenbergMarquardt):
        if len(found) > 2:
            raise _validation.error("fun", "(f, g, H) returned", "(r, J) for 'lm'")
        solver.tell(found[0], found[1], rows)
    else:  # a Hessian says nothing to it
        solver.tell(found[0], found[1], rows)


def result_of(solver: BatchSolver) -> OptimizeResult:
    """What the problems have come to so far."""
    status = solver.status
    is_squares = isinstance(solver, BatchLevenbergMarquardt)
    value, gradient = solver.fun, solver.jac
    return OptimizeResult(
        x=solver.x,
        fun=value,
        **({"cost": value, "grad": gradient} if is_squares else {"jac": gradient}),
        success=solver.success,
        status=status,
        message=_message(status),
        nit=solver.nit,
        nfev=solver.nfev,
        optimality=solver.optimality,
        active=solver.active,
    )


def _message(status: npt.NDArray[np.int32]) -> str:
    """How many ended in which way, a line for each."""
    numbers, counts = np.unique(status, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    lines = (f"{counts[k]}: {_core.batch_message(Status(int(numbers[k])))}" for k in order)
    return "\n".join(lines) or "no problems"

"""The one driver loop, for every solver and every objective."""

from __future__ import annotations

import contextlib
import inspect
import os
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _checkpoint, _progress, _stopping, _validation
from ._driver import drive, repeat
from ._evaluator import Evaluator, as_options, is_model, operator
from ._preconditioning import ClassBound
from ._result import OptimizeResult
from ._sampling import Sampled
from ._solvers import BFGS, FIXED_RATE, LBFGS, METHODS, Newton, NewtonCG, Solver, Status
from ._solvers import TrustRegion as _TrustRegion

_NEWTON_LARGEST = 2000  # parameters up to which a dense Hessian is the default
# What is asked of the driver, not of the solver.
_DRIVER = ("check_repeatable", "domain_errors", "progress")


def _name(method: Any) -> str:
    """The key of a method, however its name is spelt."""
    if isinstance(method, str):
        spelt = method.lower().replace("-", "").replace("_", "").replace(" ", "")
        for name in METHODS:
            if name.replace("_", "") == spelt:
                return name
    raise _validation.error("method", repr(method), f"one of {sorted(METHODS)}")


def _known(kind: type[Solver]) -> list[str]:
    """The options of a solver."""
    parameters = inspect.signature(kind).parameters
    own = [p for p in parameters if p not in ("x0", "stopping")]
    return [*own, *_stopping.NAMES]


def _choose(method: Any, n: int, fun: Any, evaluator: Evaluator) -> str:
    """The method asked for, or the one that suits."""
    if method is not None:
        return _name(method)
    if evaluator.has_hessian and n <= _NEWTON_LARGEST:
        return "newton"
    return "newton_cg" if hasattr(fun, "curvature_bound") else "lbfgs"


def _make(x0: npt.NDArray[Any], name: str, tol: Any, options: dict[str, Any], fun: Any) -> Solver:
    """A solver for a start."""
    if tol is not None:
        options.setdefault("gtol", tol)
    kind = METHODS[name]
    known = _known(kind)
    for key in options:
        if key not in known:
            raise _validation.error("options", repr(key), f"keys among {[*known, *_DRIVER]}")
    if kind is Newton and is_model(fun) and "hessian_every" not in options:
        options.setdefault("hessian_cost", fun.hessian_cost)
        options.setdefault("convex", True)
    return kind(x0, **options)


def _notify(callback: Callable[..., Any]) -> Callable[[Solver], Any]:
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
        return lambda solver: callback(intermediate_result=result_of(solver))
    if names == ["state"]:
        return lambda solver: callback(state=solver)
    return lambda solver: callback(solver.x)


def result_of(solver: Solver) -> OptimizeResult:
    """The result a solver has to show so far."""
    more: dict[str, Any] = {}
    if isinstance(solver, (Newton, _TrustRegion, NewtonCG)):
        more["nhev"] = solver.nhev
    if isinstance(solver, (Newton, _TrustRegion)):
        more["n_factorizations"] = solver.n_factorizations
    if isinstance(solver, Newton):
        more["n_reused"] = solver.n_reused
    if isinstance(solver, (LBFGS, BFGS)):
        more |= {"n_skipped": solver.n_skipped, "hess_inv": solver.hess_inv}
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
        njev=solver.nfev,
        **more,
    )


def _is_doubtful(solver: Solver) -> bool:
    """Whether the end of a run may be the work of an f that changes from call to call."""
    certain = (
        Status.GRADIENT,
        Status.CALLBACK,
        Status.MAX_EVALUATIONS,
        Status.MAX_TIME,
        Status.NOT_REPEATABLE,
    )
    no_search = isinstance(solver, FIXED_RATE) or np.isnan(solver.fun)
    return solver.status not in certain and not no_search


def minimize(
    fun: Any,
    x0: npt.ArrayLike | Solver,
    args: Any = (),
    method: str | None = None,
    jac: Callable[..., npt.ArrayLike] | bool | str | None = None,
    hess: Callable[..., npt.ArrayLike] | None = None,
    hessp: Callable[..., npt.ArrayLike] | None = None,
    tol: float | None = None,
    callback: Callable[..., Any] | None = None,
    options: Mapping[str, Any] | None = None,
    *,
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: int = 10,
) -> OptimizeResult:
    """Minimise a smooth function.

    Parameters
    ----------
    fun : objective or callable
        An objective, that is anything with ``value_and_gradient(x)`` and, for Newton's methods,
        ``hessian(x)`` or ``hessp(x, v)``; or a function ``fun(x, *args) -> float``. Where it is NaN
        or infinite the step is shortened.
    x0 : array_like, shape (n,), or solver
        The start; float32 is kept. Or a solver such as ``hessopt.LBFGS(start)``, to go on from its
        state: after an exception its ``x`` and ``fun`` still hold the best point so far.
    args : tuple
        Further arguments of `fun`, `jac`, `hess` and `hessp`.
    method : {"newton", "trust_region", "newton_cg", "lbfgs", "bfgs", "gradient_descent", "adam"}
        By default "newton" where there is a Hessian and n <= 2000; else "newton_cg" for softmax,
        preconditioned by a bound on its Hessian, and "lbfgs" for the rest.
    jac : callable, True, "2-point" or "3-point"
        ``jac(x, *args) -> gradient, shape (n,)``; True if ``fun`` returns ``(f, gradient)``; or
        differences by SciPy.
    hess : callable, optional
        ``hess(x, *args) -> ndarray, shape (n, n)``, symmetric.
    hessp : callable, optional
        ``hessp(x, v, *args) -> ndarray, shape (n,)``. "newton_cg" wants no more; without `hess`,
        "newton" and "trust_region" build H from n products.
    tol : float, optional
        Stop when max |gᵢ| <= tol; short for ``options={"gtol": tol}``.
    callback : callable, optional
        Called after every iteration: ``callback(intermediate_result=result)`` if its one parameter
        has that name, ``callback(state=solver)`` if that, else ``callback(x)``. Returning True or
        raising StopIteration ends the run.
    options : dict, optional
        Keyword arguments of the solver's class: `Newton`, `TrustRegion`, `NewtonCG`, `LBFGS`,
        `BFGS`, `GradientDescent`, `Adam`, and of `Stopping`. A ``preconditioner`` may also be a
        function ``M(v)``, a matrix or a linear operator. And ``progress``: show a bar (tqdm).
        ``check_repeatable``: evaluate the start twice, to see at once whether f changes from call
        to call. ``domain_errors``: exception types of `fun` that mean f = inf.
    checkpoint : path, optional
        The run is saved there, and goes on from there where the file exists, bit for bit; what
        `options` say of stopping holds anew. The file has to be of this run: of its method, start
        and options, and with the same f at the best point, where it is evaluated once more.
        Written in one step: the process can be killed at any moment. Where that fails in the middle
        of a run it is a warning, and the run goes on.
    checkpoint_every : int
        Iterations between two savings; the end is saved too.

    Returns
    -------
    OptimizeResult
        With the fields of SciPy's. Not to converge is no exception: see `success` and `message`. A
        run that ends other than by its gradient evaluates f once more at the same point, and says
        NOT_REPEATABLE where that differs.

    Raises
    ------
    ValueError, TypeError, OSError
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
    evaluator = Evaluator(fun, jac, hess, hessp, args)
    keywords = as_options(options)
    hooks = {key: keywords.pop(key) for key in _DRIVER if key in keywords}
    for key in ("progress", "check_repeatable"):
        _validation.flag(key, hooks.get(key, False))
    if "domain_errors" in hooks:
        evaluator.outside(hooks["domain_errors"])
    precondition = operator(keywords.get("preconditioner"))
    if precondition is not None:
        keywords["preconditioner"] = "operator"

    start: npt.NDArray[Any] | None = None
    sampled: Sampled | None = None
    if isinstance(x0, Solver):
        for name, given in (("method", method), ("tol", tol), ("options", keywords or None)):
            if given is not None:
                raise _validation.error(name, given, "nothing: x0 is a solver that has its own")
        if checkpoint is not None:
            raise _validation.error("checkpoint", checkpoint, "nothing: x0 is a solver")
        solver = x0
    else:
        start = _validation.array("x0", x0, 1)
        name = _choose(method, len(start), fun, evaluator)
        bounded = name == "newton_cg" and hasattr(fun, "curvature_bound")
        if bounded and "preconditioner" not in keywords:
            precondition, keywords["preconditioner"] = ClassBound(fun), "operator"
        solver = _make(start, name, tol, keywords, fun)
        if isinstance(solver, Newton) and "hessian_cost" in keywords and is_model(fun):
            sampled = Sampled(fun, start)
    n, wanted = len(solver.ask()), evaluator.n_parameters
    if wanted is not None and n != wanted:
        raise _validation.error("x0", f"length {n}", f"length {wanted}, as the objective has")
    if isinstance(solver, (Newton, _TrustRegion, NewtonCG)) and not evaluator.has_hessian:
        raise _validation.error("hess", "nothing", "a function, or hessp: Newton needs curvature")
    every = _validation.integer("checkpoint_every", checkpoint_every, 1)

    after = [] if callback is None else [_notify(callback)]
    file = None
    if checkpoint is not None and start is not None:
        file = _checkpoint.Checkpoint(checkpoint, start, keywords, every)
        solver = file.load(solver, lambda x: evaluator.value_and_gradient(x)[0])
        after.append(file.after_iteration)
    if not solver.done:
        try:
            with _progress.bar(hooks.get("progress", False), solver.limits.maxiter) as update:
                if update is not None:
                    after.append(update)
                drive(
                    solver,
                    evaluator,
                    precondition=precondition,
                    propose=sampled,
                    after=after,
                    check_repeatable=hooks.get("check_repeatable", False),
                )
            if _is_doubtful(solver):
                repeat(solver, evaluator)
        except BaseException:  # loses nothing either, and is what the caller wants to hear of
            if file is not None:
                with contextlib.suppress(Exception):
                    file.save(solver)
            raise
        if file is not None:
            file.save(solver)
    result = result_of(solver)
    if sampled is not None and sampled.work:
        result["samples"] = sampled.work
    return result

"""The one driver loop, for every solver and every objective."""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _progress, _validation
from .._result import OptimizeResult
from ..solvers import METHODS, Solver, Status
from . import l1 as sparsity
from . import reporting, spelling
from .checkpoint import Checkpoint
from .choice import choose, is_sparse, known_options, make
from .differences import Rules, mapping
from .driver import drive, repeat
from .evaluator import Evaluator
from .feasible import region
from .preconditioning import operator
from .runaway import Runaway
from .subsample import Subsampled


def _check_length(n: int, evaluator: Evaluator) -> None:
    wanted = evaluator.n_parameters
    if wanted is not None and n != wanted:
        raise _validation.error("x0", f"length {n}", f"length {wanted}, as the objective has")


def _bound_gradient(tol: Any, norm: Any, n: int, options: dict[str, Any]) -> None:
    """Turn a bound on a norm of the gradient into one on its largest component, which is tested."""
    if tol is not None:
        options.setdefault("gtol", tol)
    if norm in (math.inf, -math.inf) or options.get("gtol") is None:
        return
    order = _validation.real("norm", norm, "an order > 0")
    if order <= 0:
        raise _validation.error("norm", norm, "an order > 0")
    options["gtol"] = _validation.at_least("gtol", options["gtol"], 0) / n ** (1 / order)


def _is_doubtful(solver: Solver) -> bool:
    """Whether the end of a run may be the work of an f that changes from call to call."""
    certain = (
        Status.GRADIENT,
        Status.CALLBACK,
        Status.MAX_EVALUATIONS,
        Status.MAX_TIME,
        Status.NOT_REPEATABLE,
    )
    no_search = solver.trusting or np.isnan(solver.fun)
    return solver.status not in certain and not no_search


def minimize(
    fun: Any,
    x0: npt.ArrayLike | Solver,
    args: Any = (),
    method: str | None = None,
    jac: Callable[..., npt.ArrayLike] | bool | str | None = None,
    hess: Callable[..., Any] | Any = None,
    hessp: Callable[..., npt.ArrayLike] | None = None,
    bounds: Any = None,
    constraints: Any = (),
    tol: float | None = None,
    callback: Callable[..., Any] | None = None,
    options: Mapping[str, Any] | None = None,
    *,
    l1: npt.ArrayLike | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: int = 10,
) -> OptimizeResult:
    """Minimise a smooth function. A call of `scipy.optimize.minimize` works as it stands.

    Parameters
    ----------
    fun : objective or callable
        An objective, that is anything with ``value_and_gradient(x)`` and, for Newton's methods,
        ``hessian(x)`` or ``hessp(x, v)``; or a function ``fun(x, *args) -> float``. Where it is NaN
        or infinite the step is shortened. It may overwrite the x it is given. What else an
        objective may say of itself (``convex``, ``hessian_cost``, ``without_minimum(x)`` and the
        like) stands in the guide "Extending and building".
    x0 : array_like, shape (n,), float, or solver
        The start. From a float32 one the run is in float32 where `fun` and `jac` return float32 at
        a float64 x too, in float64 elsewhere. Or a solver such as ``hessopt.LBFGS(start)``, whose
        precision is kept, to go on from its state: after an exception its ``x`` and ``fun`` still
        hold the best point so far.
    args : tuple
        Further arguments of `fun`, `jac`, `hess` and `hessp`.
    method : str, optional
        "newton", "trust_region", "newton_cg", "lbfgs", "bfgs", "gradient_descent", "adam", and with
        an `l1` "proximal_newton" or "owl_qn".
        By default "newton" where there is a Hessian and n <= 2000; else "newton_cg" for an f with
        a preconditioner of its own, for sparse X, also below n = 2000 where a Hessian costs too
        many evaluations, and for Hessians by differences; and "lbfgs" for the rest, softmax among
        them. Also by SciPy's names, "L-BFGS-B", "trust-exact", "trust-ncg" and the like.
    jac : callable, True, "2-point", "3-point" or "cs", optional
        ``jac(x, *args) -> gradient, shape (n,)``; True if ``fun`` returns ``(f, gradient)``; or
        differences of `fun`: forward ones, which give way to central ones where the run would end
        by them (the default, "2-point"), central ones, or by complex steps.
    hess : callable, "2-point", "3-point", "cs", or quasi-Newton strategy of SciPy's, optional
        ``hess(x, *args) -> shape (n, n)``, symmetric: an array, a sparse matrix or a linear
        operator; or differences of `jac`, which "newton_cg" takes by itself.
    hessp : callable, optional
        ``hessp(x, v, *args) -> ndarray, shape (n,)``. "newton_cg" wants no more; without `hess`,
        "newton" and "trust_region" build H from n products.
    bounds : sequence of n pairs (low, high), or scipy.optimize.Bounds, optional
        Within which x stays, at every evaluation; None or an infinity for no bound. A start outside
        is moved in, and the message says so. Where both are equal x stays. Not with every method:
        without one asked for, one that takes them is chosen.
    constraints : scipy.optimize.LinearConstraint, or list of them, optional
        Equalities A x = b, ``LinearConstraint(A, b, b)`` with A dense or sparse, for every method.
        Every x evaluated keeps them to rounding, those of differences too: differences are taken
        along the constraints, and tell no more of the gradient. Gradients that end a run are what
        the constraints leave of g. Rows that follow from others are left out; such as contradict
        them are an error. x0 is moved to the nearest point that keeps them.
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
        to call. ``domain_errors``: exception types of `fun` that mean f = inf. SciPy's ``disp``,
        ``return_all``, ``norm``, ``eps``, ``finite_diff_rel_step``, ``workers``, ``xrtol``,
        ``maxfev``, ``initial_trust_radius`` mean what they mean there; those that only tune its
        solvers do nothing; unknown ones give a warning.
    l1 : float or array_like, shape (n,), optional
        Minimise `fun` + Σᵢ l1ᵢ |xᵢ|, whose minima have exact zeros: one number >= 0, or one for
        each parameter, 0 where there is no penalty. Models of the library have an ``l1`` of their
        own for their coefficients, and take it from here too: one number, or one per coefficient.
        By "proximal_newton", or "owl_qn" where there is no Hessian. In the result `fun` has the
        term, `jac` has not. Beside `bounds` an objective can have one where these keep the signs of
        all that it is of: it is linear there, every method takes it, and `jac` has it too.
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
        NOT_REPEATABLE where that differs. With constraints `multipliers` y has a number for each
        row, jac = Aᵀy at a minimum: what the minimum rises by as b does; NaN where the gradient is
        by differences. `constr_violation` is max |A x − b|.

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
    l1, fun = sparsity.taken_up(l1, fun)
    asked, keywords = spelling.options(options)
    start = x0.ask() if isinstance(x0, Solver) else spelling.start(x0)
    n = len(start)
    box, equalities = region(x0, n, bounds, constraints)
    l1, fun = sparsity.of_one_sign(l1, fun, box, n)
    is_whole = box is None and equalities is None
    rules = Rules(asked.finite_diff_rel_step, asked.eps, mapping(asked.workers), *(box or ()))
    if equalities is not None:
        rules = equalities.rules(rules)
    evaluator = Evaluator(fun, jac, hess, hessp, args, outside=asked.domain_errors, rules=rules)
    precondition = operator(keywords.get("preconditioner"), None if equalities is None else n)
    if precondition is not None:
        keywords["preconditioner"] = "operator"

    every = _validation.integer("checkpoint_every", checkpoint_every, 1)

    file: Checkpoint | None = None
    subsampled: Subsampled | None = None
    notes = ""
    if isinstance(x0, Solver):
        for name, given in (("method", method), ("tol", tol), ("options", keywords or None)):
            if given is not None:
                raise _validation.error(name, given, "nothing: x0 is a solver that has its own")
        if checkpoint is not None:
            raise _validation.error("checkpoint", checkpoint, "nothing: x0 is a solver")
        solver = x0
        _check_length(n, evaluator)
        strengths = sparsity.of_solver(l1, fun, solver)
    else:
        _check_length(n, evaluator)
        strengths = sparsity.strengths(l1, fun, n, bounds=box, constraints=equalities)
        _bound_gradient(tol, asked.norm, n, keywords)
        if checkpoint is not None:
            file = Checkpoint(checkpoint, every)
        name = choose(method, n, fun, evaluator, box, strengths)
        if strengths is not None:
            keywords["l1"] = strengths
        # One that is a matrix of the columns would be larger than sparse ones are.
        has_own = name == "newton_cg" and hasattr(fun, "preconditioner") and not is_sparse(fun)
        if has_own and "preconditioner" not in keywords:
            precondition, keywords["preconditioner"] = fun.preconditioner(), "operator"
        kind = METHODS[name]
        keywords = spelling.known(keywords, known_options(kind))
        if box is not None:
            keywords |= {"lower": box[0], "upper": box[1]}
        solver = make(start, kind, keywords, fun, evaluator, equalities)
        if equalities is not None:
            notes = equalities.notes(start, solver.ask())
        elif box is not None:
            if not np.array_equal(solver.ask(), start):
                notes = "; x0 was moved into the bounds"
            if np.array_equal(*box):
                notes += "; the bounds leave a single point"
        start = solver.ask()
        # A preconditioner is in the units of x, and knows them, as an l1 term is.
        changes = evaluator.knows_columns and equalities is None and strengths is None
        if changes and keywords.get("preconditioner") is None and name != "adam":
            evaluator.standardize(solver, fun)
        takes_proposals = hasattr(solver, "propose") and "hessian_every" not in keywords
        # A rare level without an event in a sample has no minimum: the start would be far off.
        is_alike = getattr(fun, "convex", False) and not is_sparse(fun)
        if takes_proposals and hasattr(fun, "every") and is_alike and is_whole:
            subsampled = Subsampled(fun, start, evaluator)
    if solver.curvature is not None:
        if solver.curvature == "product" and spelling.takes_differences(method):
            evaluator.take_differences()
        if not evaluator.has_hessian:
            want = "a function, a word such as '2-point', or hessp"
            raise _validation.error("hess", "nothing", want)
        if hasattr(solver, "_expect_curvature_error"):
            solver._expect_curvature_error(evaluator.curvature_error)

    after = [] if callback is None else [reporting.notify(callback)]
    if evaluator.metric is not None:
        after.append(evaluator.metric)
    if file is not None:
        told = keywords if equalities is None else keywords | {"constraints": equalities.table}
        solver = file.load(solver, told, lambda x: evaluator.value(x.copy()))
        after.append(file.after_iteration)
    # Where f falls without end, bounds and constraints may still hold it.
    runaway = Runaway(fun) if hasattr(fun, "without_minimum") and is_whole else None
    if runaway is not None:
        after.append(runaway)
    points = [solver.x]
    if asked.return_all:
        after.append(lambda solver: points.append(solver.x))
    if not solver.done:
        if evaluator.metric is not None:  # an interrupted run may have been about to renew
            evaluator.metric(solver)
        try:
            with _progress.bar(asked.progress, solver.limits.maxiter) as update:
                if update is not None:
                    after.append(update)
                drive(
                    solver,
                    evaluator,
                    precondition=precondition,
                    propose=subsampled,
                    after=after,
                    check_repeatable=asked.check_repeatable,
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
    result = reporting.result_of(solver)
    if runaway is not None and (runaway.reason or solver.status != Status.CALLBACK):
        result |= reporting.runaway(runaway.at_end(solver))
    result |= reporting.outside(solver, fun) | solver.at_end()
    if is_whole and strengths is None:
        result |= reporting.met(solver, fun)
    if evaluator.is_differenced:
        result |= reporting.of_differences(solver)
    if equalities is not None:
        result |= equalities.found(solver, not evaluator.is_differenced)
    result["message"] += notes
    if subsampled is not None and subsampled.work:
        result["samples"] = subsampled.work
    if asked.return_all:
        result["allvecs"] = points
    if asked.disp:
        reporting.show(result)
    return result

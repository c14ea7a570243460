"""Which solver minimises an objective, and how it is made."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _validation
from ..solvers import METHODS, Solver
from ..solvers.stopping import NAMES
from . import spelling
from .equalities import Equalities
from .evaluator import Evaluator

_NEWTON_LARGEST = 2000  # parameters up to which a dense Hessian is the default
#: What a Hessian may cost for that, in evaluations, where X is sparse: a fit takes two, or about 80
#: products.
_DEAR = 40


# Read once: a signature takes as long as a small fit.
_OPTIONS: dict[Any, list[str]] = {
    kind: [*(p for p in inspect.signature(kind).parameters if p not in ("x0", "stopping")), *NAMES]
    for kind in METHODS.values()
}


def known_options(kind: type[Solver]) -> list[str]:
    """The options of a solver."""
    return _OPTIONS[kind]


def is_sparse(fun: Any) -> bool:
    """Whether most columns of a model's data are zeros in most rows."""
    return getattr(fun, "has_rare_columns", False)


def choose(method: Any, n: int, fun: Any, evaluator: Evaluator, box: Any, l1: Any) -> str:
    """The method asked for, or the one that suits, which takes the bounds where there are any.

    And the l1 term, which none takes along with them.
    """
    if l1 is not None:
        return _with_l1(method, n, fun, evaluator)
    name = _suiting(n, fun, evaluator) if method is None else spelling.method(method)
    able = [name for name in METHODS if "lower" in known_options(METHODS[name])]
    if box is None or name in able:
        return name
    if method is None and "lbfgs" in able:
        return "lbfgs"
    raise _validation.error("bounds", f"some for method={name!r}", f"none, or a method of {able}")


def _with_l1(method: Any, n: int, fun: Any, evaluator: Evaluator) -> str:
    able = [name for name in METHODS if "l1" in known_options(METHODS[name])]
    is_second = evaluator.has_hessian and not evaluator.hessian_is_differenced
    is_second = is_second and (n <= _NEWTON_LARGEST or getattr(fun, "has_columns", False))
    suiting = "proximal_newton" if is_second else "owl_qn"
    name = suiting if method is None else spelling.method(method)
    if name not in able:
        raise _validation.error("method", repr(name), f"one of {able}, which take an l1 term")
    return name


def _suiting(n: int, fun: Any, evaluator: Evaluator) -> str:
    if evaluator.hessian_is_differenced:
        return "newton_cg"
    sparse = is_sparse(fun)
    if evaluator.has_hessian and n <= _NEWTON_LARGEST:
        return "newton_cg" if sparse and fun.hessian_cost > _DEAR else "newton"
    has_metric = hasattr(fun, "class_metric") and not sparse
    learns = has_metric or not (sparse or hasattr(fun, "preconditioner"))
    return "lbfgs" if learns else "newton_cg"


def make(
    start: npt.NDArray[Any],
    kind: type[Solver],
    given: dict[str, Any],
    fun: Any,
    evaluator: Evaluator,
    equalities: Equalities | None,
) -> Solver:
    """A solver for a start, in float32 only where that is what f is of."""
    options = dict(given)

    def begin(x: npt.NDArray[Any]) -> Solver:
        return kind(x, **options) if equalities is None else equalities.begin(kind, x, options)

    if "hessian_cost" in known_options(kind) and "hessian_every" not in options:
        if hasattr(fun, "hessian_cost"):
            options.setdefault("hessian_cost", fun.hessian_cost)
            options.setdefault("convex", getattr(fun, "convex", False))
        elif evaluator.hessian_is_differenced:
            options.setdefault("hessian_cost", len(start))
    solver = begin(start.astype(np.float64))
    if start.dtype == np.float64:
        return solver
    if evaluator.is_single(solver.ask()):
        solver = begin(start)
    solver.spend(1, 1)
    return solver

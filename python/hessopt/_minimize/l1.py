"""What `minimize` is told of an l1 term, by its argument or by the objective."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _validation

_Doubles = npt.NDArray[np.float64]


def taken_up(l1: Any, fun: Any) -> tuple[Any, Any]:
    """An l1 and an objective, or nothing and the objective with it, where that can have one."""
    if l1 is None or not hasattr(fun, "l1_of_parameters"):
        return l1, fun
    if np.any(fun.l1_of_parameters):
        raise _validation.error("l1", repr(l1), "nothing: the objective has its own")
    return (None, fun.with_l1(l1)) if hasattr(fun, "with_l1") else (l1, fun)


def strengths(l1: Any, fun: Any, n: int, **others: Any) -> _Doubles | None:
    """The strength of the l1 term of each parameter, None where there is no such term.

    `others`: what else confines a run, by its name, which no l1 term goes with.
    """
    if l1 is None:
        l1 = getattr(fun, "l1_of_parameters", 0.0)
    found = np.broadcast_to(_validation.strengths("l1", l1, n), n)
    if not found.any():
        return None
    for name, value in others.items():
        if value is not None:
            raise _validation.error(name, "some beside an l1 term", "none, or no l1 term")
    return np.ascontiguousarray(found)


def of_solver(l1: Any, fun: Any, solver: Any) -> _Doubles | None:
    """The same where a solver was given, which has its own."""
    found = strengths(l1, fun, len(solver.ask()))
    if found is not None and not np.array_equal(getattr(solver, "l1", []), found):
        raise _validation.error("l1", "an l1 term", "none that the solver has not, which x0 is")
    return found

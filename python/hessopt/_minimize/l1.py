"""What `minimize` is told of an l1 term, by its argument or by the objective."""

from __future__ import annotations

from collections.abc import Callable
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


class Tilted:
    """An objective and a linear term beside it, with all else that the objective has."""

    l1_of_parameters = 0.0

    def __init__(self, objective: Any, slope: _Doubles) -> None:
        self._objective, self._slope = objective, slope
        for name in ("value_and_gradient", "value_gradient_and_residual"):
            if hasattr(objective, name):
                setattr(self, name, self._tilted(getattr(objective, name)))

    def _tilted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def tilted(x: Any) -> tuple[Any, ...]:
            f, g, *others = call(x)
            return f + self._slope @ x, g + self._slope, *others

        return tilted

    def __getattr__(self, name: str) -> Any:
        return getattr(self._objective, name)


def of_one_sign(l1: Any, fun: Any, box: Any, n: int) -> tuple[Any, Any]:
    """An l1 and an objective; nothing and an objective that has the term, where it is linear.

    That it is where bounds keep the sign of all parameters that it is of.
    """
    if box is None or getattr(fun, "n_parameters", None) != n:
        return l1, fun
    found = _found(l1, fun, n)
    signs = np.where(box[0] >= 0, 1.0, np.where(box[1] <= 0, -1.0, 0.0))
    if not found.any() or (signs[found > 0] == 0).any():
        return l1, fun
    return None, Tilted(fun, found * signs)


def strengths(l1: Any, fun: Any, n: int, **others: Any) -> _Doubles | None:
    """The strength of the l1 term of each parameter, None where there is no such term.

    `others`: what else confines a run, by its name, which no l1 term goes with.
    """
    found = _found(l1, fun, n)
    if not found.any():
        return None
    for name, value in others.items():
        if value is not None:
            want = "none, or no l1 term"
            if name == "bounds":
                want += ", or of an objective bounds that keep the signs of what the term is of"
            raise _validation.error(name, "some beside an l1 term", want)
    return np.ascontiguousarray(found)


def _found(l1: Any, fun: Any, n: int) -> _Doubles:
    own = getattr(fun, "l1_of_parameters", 0.0) if l1 is None else l1
    return np.broadcast_to(_validation.strengths("l1", own, n), n)


def of_solver(l1: Any, fun: Any, solver: Any) -> _Doubles | None:
    """The same where a solver was given, which has its own."""
    found = strengths(l1, fun, len(solver.ask()))
    if found is not None and not np.array_equal(getattr(solver, "l1", []), found):
        raise _validation.error("l1", "an l1 term", "none that the solver has not, which x0 is")
    return found

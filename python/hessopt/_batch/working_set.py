"""The caller's function of many problems, asked for those that run."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _validation
from ..solvers.batched import BatchBFGS, BatchLBFGS, BatchSolver

_Indices = npt.NDArray[np.int64]
#: What the function returns, by how many arrays that is.
_NAMES = {2: "(f, g) or (r, J)", 3: "(f, g, H)"}


class WorkingSet:
    """A function and the problems that it holds the data of.

    One with ``take(positions)`` lets go of data: once half of its problems have ended it is asked
    for one of the others alone. In between, those that have ended are evaluated along, where they
    ended. One without is asked for those that run, and finds their data by their indices.
    """

    def __init__(self, fun: Any, solver: BatchSolver) -> None:
        if not callable(fun):
            raise TypeError(f"fun: got {fun!r}; want a function of X and index")
        n_problems = getattr(fun, "n_problems", solver.n_problems)
        n = getattr(fun, "n_parameters", solver.n_parameters)
        if (solver.n_problems, solver.n_parameters) != (n_problems, n):
            got = f"shape ({solver.n_problems}, {solver.n_parameters})"
            raise _validation.error("X0", got, f"shape ({n_problems}, {n}), as the objective has")
        self._fun = fun
        # Of an objective that has a Hessian but need not make it.
        self._has_gradients = hasattr(fun, "value_and_gradient")
        self._wants_gradients = isinstance(solver, (BatchBFGS, BatchLBFGS))
        self._takes = callable(getattr(fun, "take", None))
        self._held: _Indices = np.arange(solver.n_problems)

    def __call__(self, solver: BatchSolver) -> tuple[tuple[Any, ...], _Indices | None]:
        """What was found, and in which rows of it the problems that run are; None: in all."""
        running = solver.index
        if not self._takes:
            return self._returned(solver.ask(), running), None
        if 2 * len(running) <= len(self._held):
            self._fun = self._fun.take(np.searchsorted(self._held, running))
            self._held = running
        if len(running) == len(self._held):
            return self._returned(solver.ask(), running), None
        rows = np.searchsorted(self._held, running)
        X = solver.x[self._held]
        X[rows] = solver.ask()
        return self._returned(X, self._held.copy()), rows

    def _returned(self, X: npt.NDArray[np.float64], index: _Indices) -> tuple[Any, ...]:
        alone = self._has_gradients and self._wants_gradients
        found = (self._fun.value_and_gradient if alone else self._fun)(X, index)
        if not isinstance(found, (tuple, list)) or len(found) not in _NAMES:
            got = (
                f"{len(found)} arrays" if isinstance(found, (tuple, list)) else type(found).__name__
            )
            raise _validation.error("fun", f"{got} returned", " or ".join(_NAMES.values()))
        return tuple(found)

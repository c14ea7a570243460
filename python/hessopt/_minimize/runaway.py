"""Whether f falls without end, asked of an objective that can tell."""

from __future__ import annotations

from typing import Any

from ..solvers import Solver

#: Of f, after which the question is worth its passes over the data.
_VANISHED = 1e-12


class Runaway:
    """Ends a run whose f vanishes because the objective has no minimum.

    By steps that halve f a run would go on down to the least number there is: L-BFGS took 81,000
    evaluations on 600 rows of two classes that a plane separates.

    Attributes
    ----------
    reason : str or None
        Why there is no minimum, where the objective said so.
    """

    def __init__(self, fun: Any) -> None:
        self.reason: str | None = None
        self._without_minimum = fun.without_minimum
        self._asked_at: float | None = None

    def __call__(self, solver: Solver) -> bool:
        """After an iteration; True ends the run."""
        f = solver.fun
        if self._asked_at is None:
            self._asked_at = f
        if 0 < f < _VANISHED * self._asked_at:
            self._asked_at = f
            self.reason = self._without_minimum(solver.x)
        return self.reason is not None

    def at_end(self, solver: Solver) -> str | None:
        """The reason, for a run that has come to its end."""
        return self.reason or self._without_minimum(solver.x)

"""Where a run may go: within bounds, or on the plane of linear equalities."""

from __future__ import annotations

from typing import Any

from .. import _validation
from ..solvers import Solver
from .bounds import of_pairs
from .equalities import Equalities

Box = tuple[Any, Any]


def region(x0: Any, n: int, bounds: Any, constraints: Any) -> tuple[Box | None, Equalities | None]:
    """Lower and upper bounds, and constraints, as `minimize` is given them; None for none.

    A solver has its own.
    """
    box, equalities = of_pairs(bounds, n), Equalities.read(constraints, n)
    if isinstance(x0, Solver):
        for name, given, read in (
            ("bounds", bounds, box),
            ("constraints", constraints, equalities),
        ):
            if read is not None:
                raise _validation.error(name, given, "nothing: x0 is a solver that has its own")
        box = (x0.lower, x0.upper) if x0._is_bounded else None
        equalities = Equalities.of_solver(x0)
    if box is not None and equalities is not None:
        want = "none beside bounds; scipy.optimize.minimize has method='trust-constr' and 'SLSQP'"
        raise _validation.error("constraints", constraints, want)
    return box, equalities

"""Linear equality constraints, and what a run that keeps to them does otherwise.

The solver works on coordinates z of the plane, x = Y w + Z z; what it asks and is told is of x. So
the caller's functions, callbacks and checkpoints never see z.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _arrays, _core, _validation
from ..solvers import Solver
from .differences import Rules

Vector = npt.NDArray[Any]
_OTHERS = "scipy.optimize.minimize has method='trust-constr' and 'SLSQP' for others"
_WANT = f"scipy.optimize.LinearConstraint(A, b, b), or a list of them: {_OTHERS}"


@dataclass(frozen=True)
class Equalities:
    """The points x with A x = b.

    Attributes
    ----------
    plane : hessopt._core.Equalities
    table : ndarray, shape (k, n + 1), or None
        A and b, where they are known.
    """

    plane: _core.Equalities
    table: Vector | None = None

    @classmethod
    def of_solver(cls, solver: Solver) -> Equalities | None:
        """Those that a run keeps to."""
        plane = solver._plane
        return None if plane is None else cls(plane)

    @classmethod
    def read(cls, constraints: Any, n: int) -> Equalities | None:
        """Those that SciPy's constraints on n parameters are; None where there are none."""
        if isinstance(constraints, dict) and not constraints:
            return None
        parts = [part for one in _listed(constraints) if (part := _rows(one, n)) is not None]
        if not parts:
            return None
        table = np.vstack(parts)
        return cls(_core.Equalities(table[:, :n], table[:, n]), table)

    def begin(self, kind: Callable[..., Solver], x0: Vector, options: dict[str, Any]) -> Solver:
        """A solver that begins at the point nearest to x0."""
        z = self.plane.to_z(x0.astype(np.float64))
        if options.get("hess_inv0") is not None:
            inverse = _arrays.real("hess_inv0", options["hess_inv0"])
            if inverse.shape != (len(x0), len(x0)):
                want = f"shape ({len(x0)}, {len(x0)})"
                raise _validation.error("hess_inv0", f"shape {inverse.shape}", want)
            options = options | {"hess_inv0": self.plane.hessian_to_z(inverse)}
        solver = kind(z.astype(x0.dtype), **options)
        solver._lie_on(self.plane)
        return solver

    def rules(self, rules: Rules) -> Rules:
        """For differences along Z, of points that keep the constraints."""
        for name, step in (("finite_diff_rel_step", rules.relative), ("eps", rules.absolute)):
            if step is not None and np.size(step) > 1:
                want = "one number: differences are taken along the constraints"
                raise _validation.error(name, f"shape {np.shape(step)}", want)
        return replace(rules, plane=self)

    def to_z(self, x: Vector) -> Vector:
        """Coordinates of the point nearest to x."""
        return self.plane.to_z(x)

    def along(self, function: Callable[[Vector], Any]) -> Callable[[Vector], Any]:
        """The function of z, which may be complex."""

        def of_z(z: Vector) -> Any:
            x = self.plane.to_x(z.real)
            if np.iscomplexobj(z):
                x = x + 1j * self.plane.direction(z.imag)
            return function(x)

        return of_z

    def spread(self, rows: Vector) -> Vector:
        """Z times derivatives along its columns, shape (n,) or (n, m)."""
        return self.plane.direction(rows) if rows.ndim == 1 else self.plane.directions(rows)

    def found(self, solver: Solver, has_gradient: bool) -> dict[str, Any]:
        """What a result has beside.

        No multipliers where differences tell only the part of the gradient along the constraints.
        """
        y = self.plane.multipliers(solver.jac)
        return {
            "multipliers": y if has_gradient else np.full_like(y, np.nan),
            "constr_violation": self.plane.violation(solver.x),
        }

    def notes(self, x0: Vector, start: Vector) -> str:
        """What the message of a run from x0, which was moved to `start`, has to say."""
        moved = np.linalg.norm(start.astype(np.float64) - x0)
        size = np.linalg.norm(x0.astype(np.float64))
        text = ""
        if moved > 1e3 * np.finfo(x0.dtype).eps * size:
            text = f"; x0 was moved by {moved:.3g} onto the constraints"
        rows = len(self.plane.multipliers(np.zeros(len(x0))))
        spare = rows - self.plane.rank
        if spare:
            text += f"; {spare} of {rows} constraints follow from the others"
        if self.plane.rank == len(x0):
            text += "; the constraints leave a single point"
        return text


def _listed(constraints: Any) -> Iterator[Any]:
    if constraints is None:
        return
    if isinstance(constraints, (list, tuple)):
        yield from constraints
    else:
        yield constraints


def _rows(constraint: Any, n: int) -> Vector | None:
    """A beside b, a row of zeros for one that bounds nothing; None where none does."""
    if not all(hasattr(constraint, name) for name in ("A", "lb", "ub")):
        raise _validation.error("constraints", repr(constraint), _WANT)
    given = constraint.A
    dense = given.toarray() if hasattr(given, "toarray") else given
    a = np.atleast_2d(_arrays.real("constraints", dense)).astype(np.float64)
    if a.ndim != 2 or a.shape[1] != n:
        raise _validation.error("constraints", f"A of shape {a.shape}", f"{n} columns, as x0 has")
    _validation.finite("constraints", a)
    try:
        low, high = (
            np.broadcast_to(np.asarray(bound, np.float64), len(a))
            for bound in (constraint.lb, constraint.ub)
        )
    except ValueError:
        got = f"lb and ub of shapes {np.shape(constraint.lb)} and {np.shape(constraint.ub)}"
        raise _validation.error("constraints", got, f"one for each of {len(a)} rows") from None
    binds = (low != -np.inf) | (high != np.inf)
    wrong = np.flatnonzero(binds & ~((low == high) & np.isfinite(low)))
    if len(wrong):
        i = wrong[0]
        raise _validation.error(
            "constraints",
            f"lb = {low[i]:g} and ub = {high[i]:g} in row {i}",
            f"both equal: {_OTHERS}",
        )
    if not binds.any():
        return None
    rows = np.column_stack([a, low])
    rows[~binds] = 0
    return rows

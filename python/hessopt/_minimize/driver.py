"""The one loop that asks a solver and tells it what was found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy.typing as npt

from .. import _validation
from ..solvers import Need, Solver
from .evaluator import Evaluator

Vector = npt.NDArray[Any]
#: Called at the start: a point to go to and a Hessian from there, or nothing.
Proposal = Callable[[], tuple[Vector, npt.NDArray[Any]] | None]


def repeat(solver: Solver, evaluator: Evaluator) -> None:
    """Evaluate f once more at the best point, and hold it against what was told."""
    solver.repeat(evaluator.value(solver.x))


def drive(
    solver: Solver,
    evaluator: Evaluator,
    *,
    precondition: Callable[[Vector], Any] | None = None,
    propose: Proposal | None = None,
    after: list[Callable[[Solver], Any]] | None = None,
    check_repeatable: bool = False,
) -> None:
    """Ask and tell until the run ends."""
    need, iterations = solver.needs, solver.nit
    value_needed = int(Need.VALUE)
    ask, tell, value_and_gradient = solver.ask, solver.tell, evaluator.value_and_gradient
    spends = evaluator.spends
    if solver.refined:
        evaluator.refine()
    while need:
        if need == value_needed:
            told = value_and_gradient(ask())
            if spends:
                evaluator.report(solver)
            need = tell(*told)
            if check_repeatable:
                check_repeatable = False
                repeat(solver, evaluator)
                need = solver.needs
            if propose is not None:
                found = propose() if need and solver.nfev == 1 else None
                propose = None
                if found is not None:
                    need = solver.propose(*found)  # type: ignore[union-attr]
            if after and solver.nit > iterations:
                iterations = solver.nit
                if run_all(after, solver):
                    solver.stop()
                    return
        elif need == Need.HESSIAN:
            need = evaluator.tell_hessian(solver)
        elif need == Need.PRODUCT:
            v = solver.operand  # type: ignore[union-attr]
            need = solver.tell_product(evaluator.product(ask(), v))  # type: ignore[union-attr]
        elif precondition is None:
            raise _validation.error(
                "preconditioner", "a solver that asks for one", "minimize to have made the solver"
            )
        else:
            need = solver.tell_product(precondition(solver.operand))  # type: ignore[union-attr]
        if spends:
            evaluator.report(solver)
            need = _refine(solver, evaluator, need)


def _refine(solver: Solver, evaluator: Evaluator, need: int) -> int:
    """Go on by a more accurate gradient, where that is called for."""
    found = evaluator.refined(solver)
    if found is None:
        return need
    evaluator.report(solver)
    needs: int = solver.refine(*found)  # type: ignore[union-attr]
    return needs


def run_all(after: list[Callable[[Any], Any]], solver: Any) -> bool:
    """Call every hook; whether one of them wants to stop."""
    stop = False
    for call in after:
        try:
            stop = call(solver) is True or stop
        except StopIteration:
            stop = True
    return stop

"""First steps on a sample of the rows.

Newton's first steps need few digits, and a mean over n rows is known to about √(p / m) from m of
them. So a model of rows is fitted to a sample first, to a larger one from there, and the Hessian of
the last is the first that the whole fit works with.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..solvers import Newton
from .driver import drive
from .evaluator import Evaluator

Vector = npt.NDArray[Any]

_LEAST = 20  # rows a parameter in the smallest sample
_STEPS = (67, 11)  # primes, which periods in the data are seldom multiples of
_DIGITS = 1e-2  # of a sample's gradient, which is noise from there on


def steps(n_rows: int, n_parameters: int) -> list[int]:
    """Every how many rows one is taken, from the smallest sample to the largest."""
    return [k for k in _STEPS if n_rows // k >= _LEAST * n_parameters]


class Subsampled:
    """A start from samples of the model's rows.

    Attributes
    ----------
    work : list of dict
        What each sample took: rows, evaluations, Hessians.
    """

    def __init__(self, model: Any, x0: Vector, whole: Evaluator) -> None:
        self._model, self._x0, self._whole = model, x0, whole
        self.work: list[dict[str, int]] = []

    def __call__(self) -> tuple[Vector, npt.NDArray[Any]] | None:
        """The point and its Hessian; None where there are too few rows for a sample."""
        x = self._x0
        hessian: npt.NDArray[Any] | None = None
        for k in steps(self._model.n_rows, self._model.n_parameters):
            part = self._model.every(k)
            solver = Newton(
                x, gtol_rel=_DIGITS, maxiter=30, hessian_cost=part.hessian_cost, convex=True
            )
            evaluator = Evaluator(part)
            evaluator.standardize(solver, part, self._whole.moments)
            drive(solver, evaluator)
            x = solver.x
            hessian = (
                part.rough_hessian(x)
                if self._whole.origin is None
                else part.hessian_about(x, self._whole.origin, rough=True)
            )
            self.work.append({"rows": part.n_rows, "nfev": solver.nfev, "nhev": solver.nhev + 1})
        if hessian is None or not np.isfinite(hessian).all():
            return None
        return x, hessian

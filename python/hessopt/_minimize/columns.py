"""What the columns of a model's data say of good variables for a solver."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..linalg.cholesky import Cholesky

Vector = npt.NDArray[Any]
Matrix = npt.NDArray[Any]

_FEW_ROWS = 4096  # from which the scale of a column of normal numbers is known to a hundredth
#: Columns whose scales differ by no more keep them: where these are all that the columns tell of
#: independent causes, as of rotated axes, to change them took L-BFGS a quarter more evaluations.
_ALIKE = 4
#: Rows a column, of a first look and of correlations to work with: of independent columns the least
#: pivot is .7 in the first, and the condition of what is left 3 in the second.
_LOOK, _ENOUGH = 4, 16
#: Rows a column of a sample that tells how a loss is curved.
_DOUBTED = 6
#: Columns below which the correlations at the start serve a whole run, evaluations that a metric
#: may cost, at least and at most from one to the next, and the part of X's memory that it may take.
_FEW_COLUMNS, _LEAST_BETWEEN, _MOST_COST, _MOST_MEMORY = 128, 10, 40, 0.3
_INDEPENDENT = 0.3  # the least pivot; below it a change of variables saves more than it costs
#: Times the penalty counts in the units of sparse columns, to products: the diagonal of a Hessian
#: alone makes as much of the many rare columns, which the penalty holds, as of those that tell
#: something. Text took a sixth fewer products than in equal units, by it alone twice as many.
#: C.-Y. Hsia, W.-L. Chiang, C.-J. Lin, "Preconditioned conjugate gradient methods in truncated
#: Newton frameworks for large-scale linear classification", ACML 2018, whose mixture this is.
HELD = 100
_MOST_LOOK = 2.0  # evaluations that the look may cost
_PERTURBATION = 1e-10  # of correlations: what columns differ by below it is left to the solver


def moments(model: Any) -> tuple[Vector, Vector, bool]:
    """Mean and scale of the columns, by two samples of the rows where these agree.

    Any will do for a change of variables. Where few rows make a column what it is, all are read.

    Returns
    -------
    mean, scale : ndarray, shape (p,)
    alike : bool
        Whether a sample of the rows tells what all do.
    """
    step = model.n_rows // _FEW_ROWS
    if step > 1 and not getattr(model, "has_rare_columns", False):
        (mean, scale), (_, other) = (model.every(k).column_moments for k in (step, step + 1))
        is_constant = (scale == np.abs(mean)) | ((scale == 1) & (mean == 0))
        if not is_constant.any() and np.abs(np.log(other / scale)).max() < 0.2:
            return mean, scale, True
    mean, scale = model.column_moments
    return mean, scale, step <= 1


def units(scale: Vector, l2: Vector) -> Vector:
    """In which each column is measured, a penalty among what curves f along it."""
    scale = np.hypot(scale, np.sqrt(l2))
    if scale.max() <= _ALIKE * scale.min():
        scale = np.full_like(scale, np.sqrt(scale.max() * scale.min()))
    return scale


def exact(scale: Vector) -> Vector:
    """The powers of two next to them, in whose units a bound has the same digits."""
    return np.exp2(np.round(np.log2(scale)))


def bounds_intercept(solver: Any, p: int) -> bool:
    """Whether an intercept has bounds, which no other variables can have for it."""
    sides = (solver.lower, solver.upper)
    return any(bool(np.isfinite(side.reshape(-1, p + 1)[:, p]).any()) for side in sides)


class ClassMetric:
    """Variables of L-BFGS in which all classes of a model are curved alike, renewed as it goes.

    Called after an iteration. What the correlations of the columns are to a run at its start, those
    of the rows still in doubt are to it later on; each change costs a Gram matrix and a factor. So
    the first is made when as many evaluations have been spent as it costs, which no shorter run
    regrets, and another after as many once the gradient has fallen to a twentieth.
    """

    def __init__(self, model: Any, scale: Vector) -> None:
        n, p = model.X.shape
        self._model, self._scale = model, scale
        self._step = max(1, n // (_DOUBTED * p))
        rows = n // self._step
        # Evaluations: of four products with X for every class, and a factor in float64.
        self._cost = (rows / 4 + p / 6) * p / (n * model.n_classes)

    @classmethod
    def of(cls, model: Any, scale: Vector) -> ClassMetric | None:
        """Where the model tells one, and a factor neither costs nor takes too much."""
        p = len(scale)
        if p < _FEW_COLUMNS or not hasattr(model, "class_metric"):
            return None
        if not isinstance(model.X, np.ndarray):  # columns of other kinds
            return None
        metric = cls(model, scale)
        fits = 3 * 8 * p * p <= _MOST_MEMORY * model.X.nbytes
        return metric if fits and metric._cost <= _MOST_COST else None

    def __call__(self, solver: Any) -> None:
        """Renew the solver's variables, where that is due."""
        if not solver._is_due(max(self._cost, _LEAST_BETWEEN)):
            return
        found = self._model.class_metric(solver.x, self._scale, self._step)
        if found is not None:
            solver._renew(*found)


def correlation_factor(model: Any, mean: Vector, scale: Vector) -> Matrix | None:
    """The Cholesky factor of the columns' correlations, where they have any worth a change.

    Of a sample of the rows. None also where the look would cost more than it may bring.
    """
    n, p = model.n_rows, len(scale)
    outputs = model.n_parameters // p
    if p < 2 or not hasattr(model, "column_products") or p * p > _MOST_LOOK * n * outputs:
        return None
    factor = None
    for rows in (_LOOK * p, max(_ENOUGH * p, _FEW_ROWS)):
        sample = model.every(max(1, n // rows))
        products = sample.column_products(mean, scale) + np.diag(model.l2 / scale**2)
        own = np.sqrt(np.diag(products))
        products[np.diag_indices(p)] += _PERTURBATION * own**2
        if not (np.isfinite(products).all() and (own > 0).all()):
            return None
        factor = Cholesky(products).factor
        if (np.diag(factor) / own).min() ** 2 > _INDEPENDENT:
            return None
    return factor

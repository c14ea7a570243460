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
_INDEPENDENT = 0.3  # the least pivot; below it a change of variables saves more than it costs
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

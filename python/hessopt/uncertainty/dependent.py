"""Columns that are combinations of others, and the fit without them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..linalg.solve import cholesky_solve
from ..objectives import Multinomial
from ..objectives.information import undetermined

_Doubles = npt.NDArray[np.float64]
_Places = npt.NDArray[np.intp]
_HELD = 1e30  # of a curvature: a penalty beside which nothing else counts
_MOST = 2000  # parameters up to which they are looked for


def without_dependent(model: Any, x: _Doubles) -> tuple[Any, _Doubles, _Places] | None:
    """The model with the coefficients of dependent columns held at 0, and its parameters.

    As R does, of columns that depend on each other the last is left out; those that are not
    columns of X, as the intercept is, come before all. The predictors of all rows are those at x.
    To leave a column out is to penalise its coefficient without bound, which X need not be copied
    for.

    Parameters
    ----------
    model : LinearModel, Multinomial, Ordinal or Cox
        What was fitted.
    x : ndarray, shape (P,)
        A minimum, one of many.

    Returns
    -------
    tuple or None
        The model, its parameters, and the places of those that are held; None where the data leave
        something else undetermined, or where there is no telling.
    """
    p, size = model.X.shape[1], len(x)
    if size > _MOST:
        return None
    information, mean = model._information(x)
    stride = size // (model.n_classes if isinstance(model, Multinomial) else 1)
    is_column = np.arange(size) % stride < p
    order = np.argsort(is_column, kind="stable")
    kept, held = _split(information, order)
    columns = np.unique(held % stride)
    if len(held) == 0 or not is_column[held].all() or len(held) != len(columns) * size // stride:
        return None
    strengths = np.array(model.l2_of_parameters[:p], np.float64)
    curvature = information.diagonal()[:p]
    strengths[columns] = _HELD * np.where(curvature > 0, curvature, 1.0)[columns]
    unit = np.sqrt(information.diagonal()[kept])
    block = information[np.ix_(kept, kept)] / unit / unit[:, None]
    moved = information[np.ix_(kept, held)] @ x[held] / unit
    step = np.zeros(size)
    step[kept] = cholesky_solve(block, moved[:, None])[:, 0] / unit
    step[held] = -x[held]
    if mean is not None:  # intercepts are those of X less its means
        each = step.reshape(-1, stride)
        each[:, p] -= each[:, :p] @ mean
    at = x + step
    at[held] = 0
    return model.with_l2(strengths), at, held


def _split(information: _Doubles, order: _Places) -> tuple[_Places, _Places]:
    """Places that are determined given those before them, and the others, both rising."""
    unit = np.sqrt(information.diagonal())
    unit[unit == 0] = 1
    rest = (information / unit / unit[:, None])[np.ix_(order, order)]
    kept = np.ones(len(order), bool)
    for k in range(len(order)):
        if undetermined(rest[k, k], len(order)):
            kept[k] = False
            continue
        column = rest[k:, k] / np.sqrt(rest[k, k])
        rest[k:, k:] -= np.outer(column, column)
    return np.sort(order[kept]), np.sort(order[~kept])

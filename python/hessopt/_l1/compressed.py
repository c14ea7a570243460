"""Squares of many rows as squares of few: all that a path needs to read of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..linalg.cholesky import Cholesky
from ..objectives import Squared


def compressed(model: Any) -> Any | None:
    """The same objective of as many rows as there are parameters, and one more.

    With C = LLᵀ the covariance of the columns it is ½‖Lᵀw − L⁻¹ cov(X, y)‖², the square of what the
    means leave, and a constant: no mean is squared, so that columns may lie far from 0. None where
    the model is not one of squares, or C is singular, as where columns are combinations of others.
    """
    if getattr(model, "loss", "") != "Squared":
        return None
    plain, p = model.with_l1(0).with_l2(0), model.X.shape[1]
    mean, scale = plain.column_moments
    intercept = plain.n_parameters > p
    at = np.zeros(plain.n_parameters)
    if intercept:
        at[-1] = -plain.value_and_gradient(at)[1][-1]  # the mean of y
    value, gradient = plain.value_and_gradient(at)
    try:
        lower = Cholesky(plain.column_products(mean, scale)).factor
    except np.linalg.LinAlgError:
        return None
    explained = np.linalg.solve(lower, -gradient[:p] / scale)
    rows, targets = [lower.T * scale], [explained]
    if intercept:
        rows = [np.column_stack([*rows, np.zeros(p)]), np.append(mean, 1.0)[None]]
        targets.append(at[-1:])
    rows.append(np.zeros((1, plain.n_parameters)))
    targets.append(np.sqrt(np.maximum([2 * value - explained @ explained], 0)))
    A, t = np.concatenate(rows), np.concatenate(targets)
    of_parameters = {"l2": model.l2_of_parameters, "l1": model.l1_of_parameters}
    unit = np.sqrt(len(t))  # f is a mean
    return Squared(unit * A, unit * t, fit_intercept=False, **of_parameters)

"""Outputs of a model, and their covariance J Σ Jᵀ under a normal law of its parameters."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from .. import _core, _validation
from ..rows import Rows, block_of, products, rows_of
from .curvature import Diagonal, Doubles, Whole

_ELEMENTS = 1 << 20  # of what is made for a block of rows


class Predictor(Protocol):
    """What a model says of rows."""

    def outputs(self, x: Doubles, X: npt.ArrayLike) -> Doubles:
        """Shape (m,) for one output, else (m, outputs)."""
        ...

    def covariance(self, x: Doubles, X: npt.ArrayLike, curvature: Whole | Diagonal) -> Doubles:
        """J H⁻¹ Jᵀ, shape (m,) for one output, else (m, outputs, outputs)."""
        ...


class Linear:
    """A predictor that is linear in its parameters, (w, b) for each output.

    Its Jacobian is never formed: it has a row of X for every output.
    """

    def __init__(self, n_columns: int, n_outputs: int, n_parameters: int) -> None:
        self._columns, self._outputs = n_columns, n_outputs
        self._intercept = n_parameters > n_outputs * n_columns

    def outputs(self, x: Doubles, X: npt.ArrayLike) -> Doubles:
        """As of every predictor."""
        rows, W = self._rows(X), x.reshape(self._outputs, -1)
        add = W[:, -1] if self._intercept else np.zeros(self._outputs)
        eta = products(rows, W[:, : self._columns].T, add)
        return eta[:, 0] if self._outputs == 1 else eta

    def covariance(self, x: Doubles, X: npt.ArrayLike, curvature: Whole | Diagonal) -> Doubles:
        """As of every predictor."""
        rows, inverse, K = self._rows(X), curvature.inverse, self._outputs
        out = np.empty((rows.shape[0], K, K))
        step = max(1, _ELEMENTS // (len(x) * (K if inverse.ndim == 2 else 1)))
        for begin in range(0, len(out), step):
            block = block_of(rows, begin, begin + step)
            if curvature.mean is not None:
                block = block - curvature.mean
            if self._intercept:
                block = np.column_stack([block, np.ones(len(block))])
            out[begin : begin + step] = _forms(block, inverse, K)
        return out[:, 0, 0] if K == 1 else out

    def _rows(self, X: npt.ArrayLike) -> Rows:
        rows = rows_of("X", X)
        if rows.shape[1] != self._columns:
            raise _validation.error("X", f"shape {rows.shape}", f"{self._columns} columns")
        return rows


class Differentiable:
    """A predictor of any kind: ``objective.predict(x, X)`` and ``objective.jacobian(x, X)``."""

    def __init__(self, objective: Any) -> None:
        self._objective = objective

    def outputs(self, x: Doubles, X: npt.ArrayLike) -> Doubles:
        """As of every predictor."""
        eta = np.asarray(self._objective.predict(x, X), np.float64)
        return eta[:, 0] if eta.ndim == 2 and eta.shape[1] == 1 else eta

    def covariance(self, x: Doubles, X: npt.ArrayLike, curvature: Whole | Diagonal) -> Doubles:
        """As of every predictor."""
        rows, inverse, found = _validation.filled("X", X), curvature.inverse, []
        some = max(1, _ELEMENTS // getattr(self._objective, "n_of_jacobian", len(x)))
        for begin in range(0, len(rows), some):
            J = np.asarray(self._objective.jacobian(x, rows[begin : begin + some]), np.float64)
            times = J @ inverse if inverse.ndim == 2 else J * inverse
            found.append(times @ np.swapaxes(J, 1, 2))
        out = np.concatenate(found)
        return out[:, 0, 0] if out.shape[1] == 1 else out


def predictor_of(objective: Any) -> Predictor:
    """Of a linear model, under noise or not, or of what has outputs and their Jacobian."""
    model = getattr(objective, "objective", objective)
    if isinstance(model, (_core.LinearModel, _core.Softmax)):
        outputs = getattr(model, "n_classes", 1)
        return Linear(model.X.shape[1], outputs, model.n_parameters)
    if not (hasattr(objective, "predict") and hasattr(objective, "jacobian")):
        want = "one with predict(x, X) and jacobian(x, X)"
        raise TypeError(f"objective: got {type(objective).__name__}; want {want}")
    return Differentiable(objective)


def _forms(rows: Doubles, inverse: Doubles, K: int) -> Doubles:
    """x'Σ_kl x for each row x and pair of outputs, shape (m, K, K)."""
    m, q = rows.shape
    if inverse.ndim == 1:
        of_output = np.square(rows) @ inverse.reshape(K, q).T
        return np.asarray(of_output[:, :, None] * np.eye(K))
    pairs = inverse.reshape(K, q, K, q).transpose(1, 0, 2, 3).reshape(q, K * K * q)
    times = (rows @ pairs).reshape(m, K * K, q)
    return np.asarray((times @ rows[:, :, None]).reshape(m, K, K))

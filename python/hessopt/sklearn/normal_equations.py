"""The normal equations of least squares, and the spectrum of what has no solution of its own."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ..linalg.cholesky import Cholesky

_Doubles = npt.NDArray[np.float64]
_LEAST_RCOND = 1e-9  # of X'X, below which singular values of X itself are taken
_GOOD_RCOND = 1e-3  # of X'X, above which one solution has all digits but three or so
_SAMPLE = 4096  # rows whose means are near enough to those of all


class NormalEquations:
    """The normal equations of a model, in units that make their diagonal 1, from one pass over it.

    They are about an origin near the means where columns are far from 0 beside their spread.
    """

    def __init__(self, model: Any, strength: float) -> None:
        self.strength = strength
        mean, scale = _moments(model)
        self._origin = mean if (np.abs(mean) > scale).any() else np.zeros(len(mean))
        start = _start(model)
        if self._origin.any():
            value, slope, H = model.evaluate_about(start, self._origin)
        else:
            value, slope, H, _ = model.evaluate(start, hessian=True)
        # Until that model is solved, which is the first to be.
        self._first: tuple[float, _Doubles] | None = value, slope
        self._unit = np.sqrt(H.diagonal())
        if not (self._unit > 0).all():
            raise np.linalg.LinAlgError("a column of zeros")
        self._factor = Cholesky(H / self._unit / self._unit[:, None])
        if self._factor.rcond < _LEAST_RCOND:
            raise np.linalg.LinAlgError("columns that are nearly dependent")

    @property
    def mean(self) -> _Doubles | None:
        """Near that of the columns, about which the parameters are, with an intercept."""
        return self._origin if len(self._unit) > len(self._origin) else None

    @cached_property
    def inverse(self) -> _Doubles:
        """That of the matrix."""
        return np.asarray(self._factor.inverse() / self._unit / self._unit[:, None])

    def solve(self, model: Any) -> tuple[_Doubles, float]:
        """The minimum and the value there, corrected where rounding may have cost digits."""
        x = _start(model)
        first, slope = self._first or model.value_and_gradient(x)
        self._first = None
        step = self._step(slope)
        x, value = x + step, first + float(slope @ step) / 2
        is_good = self._factor.rcond > _GOOD_RCOND and value > _GOOD_RCOND * first
        if is_good and not self._origin.any():
            return x, value
        value, slope = model.value_and_gradient(x)
        return x + self._step(slope), value

    def _step(self, slope: _Doubles) -> _Doubles:
        p = len(self._origin)
        right = np.append(slope[:p] - slope[p:].sum() * self._origin, slope[p:])
        step = -self._factor.solve(right / self._unit) / self._unit
        step[p:] -= step[:p] @ self._origin
        return np.asarray(step)


class Spectral:
    """The same where X'X is not of full rank, by the eigenvectors that it has in units of rows."""

    def __init__(
        self, mean: _Doubles, V: _Doubles, values: _Doubles, strength: float, has_intercept: bool
    ) -> None:
        self.mean = mean if has_intercept else None
        self._V, self._values, self.strength = V, values, strength

    @cached_property
    def inverse(self) -> _Doubles:
        """That of the matrix, the intercept being of mean 1 and uncorrelated."""
        V, p = self._V, self._V.shape[1]
        P = p + (self.mean is not None)
        inverse = np.eye(P)
        inverse[:p, :p] = (V.T / (self._values + self.strength)) @ V
        if len(V) < p:
            inverse[:p, :p] += (np.eye(p) - V.T @ V) / self.strength
        return inverse


def _moments(model: Any) -> tuple[_Doubles, _Doubles]:
    """Means and scales of the columns, of many rows those of a sample.

    A mean of one row in k, all of one weight, is within √k scales of that of all.
    """
    step = model.n_rows // _SAMPLE
    if step > 1 and isinstance(model.X, np.ndarray) and model._given[1]["sample_weight"] is None:
        model = model.every(step)
    mean, scale = model.column_moments
    return mean, scale


def _start(model: Any) -> _Doubles:
    """The best constant, from which the slopes have no more digits to lose."""
    x = np.zeros(model.n_parameters)
    y, weight = model._given[0][1], model._given[1]["sample_weight"]
    x[model.X.shape[1] :] = np.average(y, weights=weight)
    return x


def normal_equations(known: dict[float, NormalEquations], model: Any) -> NormalEquations:
    """That of the penalty of a model, made once."""
    strength = float(model.l2[0])
    if strength not in known:
        known[strength] = NormalEquations(model, strength)
    return known[strength]

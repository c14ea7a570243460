"""Fits of a model along a path of penalties, one from another, and a score of each.

A fit at one penalty knows its curvature, with which the fit at the next is found but for what the
curvature changes on the way: (H + Δ P) step = −Δ P w, P the penalty and Δ the change of its factor.
Its limit is the derivative of the solution, dw / d log l2 = −H⁻¹ l2 P w.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .._minimize import minimize
from ..linalg.cholesky import Cholesky

Doubles = npt.NDArray[np.float64]

_MOST_STEPS = 12
_ROUGH_FROM = 2e7  # multiply-adds of a Hessian, from which float32 is worth it
# Squared step in squares of the solution, which is the last: with the curvature before it leverages
# are good to its root, which where there are many rows is less of a score than is worth a Hessian.
_NEAR, _NEAR_ROUGH = 1e-13, 1e-7
_SHRINKS = 0.1  # squared steps of one Hessian, by which a new one costs more than it saves
_COARSE = 9  # penalties that are fitted in any case
_LEAST_RCOND = 1e-4  # of a Hessian of unit diagonal, that float32 is good enough for


@dataclass(frozen=True)
class Fit:
    """At one penalty; parameters are (w, b + mean'w)."""

    factor: float  # of the penalty
    x: Doubles
    H: Doubles
    slope: Doubles  # of x in log l2
    score: float
    standard_error: float


class Path:
    """The fits at penalties that rise along a grid, as they are asked for.

    Parameters
    ----------
    model : LinearModel
        Whose penalty is replaced.
    pattern : ndarray, shape (p,)
        Penalty of each coefficient where the factor is 1.
    grid : ndarray, shape (m,)
        Factors, rising.
    score : callable
        Of a model, its minimum, H about the means and the value there: the score and its standard
        error.
    """

    def __init__(
        self,
        model: Any,
        pattern: Doubles,
        grid: Doubles,
        score: Callable[[Any, Doubles, Doubles, float], tuple[float, float]],
    ) -> None:
        self._model, self._pattern, self._grid, self._score = model, pattern, grid, score
        n, p = model.n_rows, len(pattern)
        self._mean = model.column_moments[0]
        self._intercept = model.n_parameters > p
        self._penalty = np.zeros(model.n_parameters)
        self._penalty[:p] = pattern
        self._rough = n * p * p >= _ROUGH_FROM
        self.fits: dict[int, Fit] = {}
        self._curved: list[int] = []  # those with a Hessian of their own

    def fit(self, k: int, *, curved: bool = False) -> Fit:
        """At grid[k], from the nearest fits there are; with a Hessian of its own where `curved`."""
        if k not in self.fits:
            factor = float(self._grid[k])
            model = self._model.with_l2(self._pattern * factor)
            try:
                x, H, value = self._minimum(model, k, curved)
                slope = -Cholesky(H).solve(factor * self._penalty * x)
                score, error = self._score(model, self.of_objective(x), H, value)
            except np.linalg.LinAlgError:
                got = f"{factor:.3g}, which leaves coefficients of dependent columns undetermined"
                raise np.linalg.LinAlgError(f"grid: got {got}; want larger values") from None
            self.fits[k] = Fit(factor, x, H, slope, score, error)
        return self.fits[k]

    def scores(self) -> tuple[list[int], Doubles, Doubles, Doubles]:
        """Indices of the fits, log l2 there, scores and their standard errors."""
        known = sorted(self.fits)
        both = np.array([(self.fits[k].score, self.fits[k].standard_error) for k in known])
        return known, np.log(self._grid[known]), both[:, 0], both[:, 1]

    def interpolated(self) -> tuple[Doubles, Doubles, Doubles]:
        """Parameters, scores and their standard errors at the whole grid."""
        known, t, scores, errors = self.scores()
        fits, all_t = [self.fits[k] for k in known], np.log(self._grid)
        slopes = np.array([fit.slope for fit in fits])
        x = cubics(all_t, t, np.array([fit.x for fit in fits]), slopes)
        between = cubics(all_t, t, np.column_stack([scores, errors]))
        return self.of_objective(x), between[:, 0], between[:, 1]

    def of_objective(self, x: Doubles) -> Doubles:
        """Parameters (w, b + mean'w), one or rows of them, as (w, b)."""
        if not self._intercept:
            return x
        return np.concatenate([x[..., :-1], x[..., -1:] - x[..., :-1] @ self._mean[:, None]], -1)

    def _start(self, k: int) -> Doubles:
        """By the curvature of the nearest fit, corrected by what it has missed at the next."""
        if not self.fits:
            return self._centred(self._begin())
        near, *others = sorted(self.fits, key=lambda j: abs(j - k))
        start = self._extrapolated(self.fits[near], self._grid[k])
        beyond = [j for j in others if (j - k) * (near - k) < 0]
        if beyond:
            far = self.fits[beyond[0]]
            missed = far.x - self._extrapolated(self.fits[near], far.factor)
            t = np.log(self._grid[[near, k, beyond[0]]])
            start = start + missed * ((t[1] - t[0]) / (t[2] - t[0])) ** 2
        return np.asarray(start)

    def _extrapolated(self, fit: Fit, factor: float) -> Doubles:
        change = (factor - fit.factor) * self._penalty
        try:
            return np.asarray(fit.x - Cholesky(fit.H + np.diag(change)).solve(change * fit.x))
        except np.linalg.LinAlgError:  # of columns that a penalty alone determines
            return fit.x

    def _minimum(self, model: Any, k: int, curved: bool) -> tuple[Doubles, Doubles, float]:
        """The minimum, the Hessian there or at a step that changes it no more, and the value."""
        start = self._start(k)
        H = None if curved else self._between(k, start)
        if H is not None and (found := self._by_steps(model, start, H)) is not None:
            return found
        self._curved.append(k)
        if (found := self._by_newton(model, start)) is not None:
            return found
        at = self.of_objective(start)
        if not np.isfinite(model.value_and_gradient(at)[0]):
            at = self._begin()
        result = minimize(model, at)
        return self._centred(result.x), model.hessian_about(result.x, self._mean), result.fun

    def _begin(self) -> Doubles:
        if hasattr(self._model, "start"):
            return np.asarray(self._model.start())
        return np.zeros(self._model.n_parameters)

    def _between(self, k: int, start: Doubles) -> Doubles | None:
        """The Hessian of a fit beside it or by cubics between some, where by rows it takes long."""
        known = sorted(self._curved)
        if not self._rough or not known:
            return None
        penalty = self._grid[:, None] * self._penalty
        near = min(known, key=lambda j: abs(j - k))
        moved, H = start - self.fits[near].x, self.fits[near].H
        if moved @ H @ moved <= _NEAR_ROUGH * (start @ H @ start):
            return np.asarray(H + np.diag(penalty[k] - penalty[near]))
        if len(known) < 4 or not known[0] < k < known[-1]:
            return None
        size = len(self._penalty)
        each = np.array([self.fits[j].H.ravel() for j in known])
        each[:, :: size + 1] -= penalty[known]
        t = np.log(self._grid)
        between = cubics(t[[k]], t[known], each)[0].reshape(size, size)
        return np.asarray(between + np.diag(penalty[k]))

    def _by_steps(
        self, model: Any, x: Doubles, H: Doubles
    ) -> tuple[Doubles, Doubles, float] | None:
        """Newton's method with one Hessian, as long as steps shrink; None where they do not."""
        try:
            factor = Cholesky(H)
        except np.linalg.LinAlgError:
            return None
        last = np.inf
        for _ in range(_MOST_STEPS):
            f, gradient = model.value_and_gradient(self.of_objective(x))
            if not np.isfinite(f):
                return None
            step = factor.solve(-self._centred_gradient(gradient))
            size = float(step @ H @ step)
            if size > _SHRINKS * last:
                return None
            x, last = x + step, size
            if size <= _NEAR_ROUGH * (x @ H @ x):
                return x, H, f - size / 2
        return None

    def _by_newton(self, model: Any, x: Doubles) -> tuple[Doubles, Doubles, float] | None:
        """Newton's method as long as it falls; None where it does not."""
        last = np.inf
        for _ in range(_MOST_STEPS):
            f, gradient, H = model.evaluate_about(
                self.of_objective(x), self._mean, rough=self._rough
            )
            if not (np.isfinite(f) and np.isfinite(H).all() and f <= last + 1e-10 * abs(last)):
                return None
            if self._rough and not _well_determined(H):
                self._rough = False
                continue
            try:
                factor = Cholesky(H)
            except np.linalg.LinAlgError:
                return None
            step = factor.solve(-self._centred_gradient(gradient))
            x, last, size = x + step, f, step @ H @ step
            if size <= (_NEAR_ROUGH if self._rough else _NEAR) * (x @ H @ x):
                return x, H, float(f - size / 2)
        return None

    def _centred_gradient(self, gradient: Doubles) -> Doubles:
        if self._intercept:
            gradient[:-1] -= gradient[-1] * self._mean
        return gradient

    def _centred(self, x: Doubles) -> Doubles:
        out = x.copy()
        if self._intercept:
            out[-1] += self._mean @ x[:-1]
        return out


def _well_determined(H: Doubles) -> bool:
    """Whether the solution hardly depends on rounding to float32."""
    unit = np.sqrt(np.maximum(H.diagonal(), np.finfo(float).tiny))
    try:
        return Cholesky(H / unit / unit[:, None]).rcond >= _LEAST_RCOND
    except np.linalg.LinAlgError:
        return False


def coarse(m: int) -> list[int]:
    """Indices of a grid of m that are fitted in any case, the strongest penalty first."""
    return sorted({round(k) for k in np.linspace(0, m - 1, min(m, _COARSE))}, reverse=True)


def cubics(at: Doubles, t: Doubles, y: Doubles, slope: Doubles | None = None) -> Doubles:
    """Cubics between the t with these values and slopes, those of parabolas by default.

    y has a column for each function.
    """
    if len(t) == 1:
        return np.repeat(y, len(at), axis=0)
    with np.errstate(invalid="ignore"):  # a score may be infinite
        if slope is None:
            slope = np.gradient(y, t, axis=0, edge_order=1 if len(t) < 3 else 2)
            slope = np.where(np.isfinite(slope), slope, 0.0)
        left = np.clip(np.searchsorted(t, at, side="right") - 1, 0, len(t) - 2)
        h = (t[left + 1] - t[left])[:, None]
        s = (at - t[left])[:, None] / h
        rise, d0, d1 = y[left + 1] - y[left], h * slope[left], h * slope[left + 1]
        between = y[left] + s * s * (3 - 2 * s) * rise + s * (1 - s) * ((1 - s) * d0 - s * d1)
    return np.asarray(np.where(s == 0, y[left], np.where(s == 1, y[left + 1], between)))

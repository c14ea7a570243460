"""Quantile regression to its last digit: a smoothed fit, then the vertex that it points to."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _validation
from .._result import OptimizeResult
from ..objectives import SmoothedQuantile
from ..objectives.data import weights_of
from ..rows.sparse import is_sparse
from ..solvers import Status
from .run import minimize
from .tables import beside, csr, dense, root_squares

_Doubles = npt.NDArray[np.float64]
_WIDTHS = 5.0 ** -np.arange(8.0)  # of the spread of the residuals, down to about 1e-5
_ROUNDING = 1e-9  # of a multiplier beyond its range
_HAIR = 1e-11  # of the largest target
_LEAST_EXCHANGES = 200  # before it gives up


def quantile_regression(
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    quantile: float = 0.5,
    *,
    sample_weight: npt.ArrayLike | None = None,
    fit_intercept: bool = True,
) -> OptimizeResult:
    """Linear quantile regression: the exact minimum of the pinball loss.

    Minimises Σᵢ weightᵢ ρ(yᵢ − xᵢᵀw − b) / Σᵢ weightᵢ with ρ(u) = max(τu, (τ − 1)u), τ = quantile,
    to the vertex that linear programming finds.

    Parameters
    ----------
    X : array_like or sparse matrix, shape (n, p)
        Data, finite, its columns with the ones of the intercept linearly independent. Sparse rows
        stay so; arrays of p x p numbers there are.
    y : array_like, shape (n,)
        Targets.
    quantile : float
        In (0, 1); 0.5 is the median.
    sample_weight : array_like, shape (n,), optional
        Weights >= 0 of the rows; only their ratios matter.
    fit_intercept : bool
        Append the intercept b to the parameters (w, b).

    Returns
    -------
    OptimizeResult
        ``x``: (w, b), on as many rows as parameters exactly; where the minimum is not unique, one
        of them. ``fun``: the mean loss. ``basis``: these rows. ``multipliers``: of all rows, the
        subgradient of ρ at each residual, in [quantile − 1, quantile], whose weighted sum with the
        rows of X is 0: what proves the minimum. ``success`` says that it has. ``nit``: Newton's
        steps and exchanges of a row of the basis, ``n_exchanges``: the latter.

    Raises
    ------
    numpy.linalg.LinAlgError
        If the columns are linearly dependent, or the rows that weigh fewer than the parameters.

    Notes
    -----
    `hessopt.objectives.SmoothedQuantile` is fitted by Newton's method at widths from the spread of
    the residuals down to 1e-5 of it, each from the last. The rows of the least residuals are a
    vertex; if its multipliers leave their range, edges of descent lead to others, each to the
    weighted median of the ratios along it, as in the simplex method of Barrodale and Roberts.

    References
    ----------
    R. Koenker, G. Bassett, "Regression quantiles", Econometrica 46 (1978). I. Barrodale,
    F. D. K. Roberts, "An improved algorithm for discrete l1 linear approximation", SIAM J. Numer.
    Anal. 10 (1973).

    Examples
    --------
    >>> import hessopt
    >>> fit = hessopt.quantile_regression([[0], [1], [2], [3], [4]], [0.0, 1, 2, 3, 99])
    >>> fit.x.round(12) + 0.0, fit.fun
    (array([1., 0.]), 9.5)
    """
    Z: Any = csr(X) if is_sparse(X) else _validation.matrix("X", X)
    Z = Z.astype(np.float64, copy=False)
    n = Z.shape[0]
    target = _validation.doubles("y", y, n)
    want = "a number in (0, 1)"
    level = _validation.real("quantile", quantile, want)
    if not 0 < level < 1:
        raise _validation.error("quantile", quantile, want)
    given = weights_of(sample_weight, n)
    intercept = _validation.flag("fit_intercept", fit_intercept)
    kept = np.flatnonzero(given) if given.size else np.arange(n)
    weight = given[kept] / given.sum() if given.size else np.full(n, 1 / n)
    rows = beside(Z[kept], np.ones((len(kept), 1))) if intercept else Z[kept]
    x, steps = _smoothed(Z[kept], target[kept], level, weight, intercept)
    vertex = _Vertex(rows, target[kept], level, weight)
    certified = vertex.descend(x)
    multipliers = np.zeros(n)
    multipliers[kept] = vertex.multipliers
    message = (
        "the multipliers of a vertex prove the minimum"
        if certified
        else "no multipliers prove that the vertex is the minimum"
    )
    return OptimizeResult(
        x=vertex.x,
        fun=vertex.value,
        success=certified,
        status=Status.GRADIENT if certified else Status.MAX_ITERATIONS,
        message=message,
        nit=steps + vertex.exchanges,
        n_exchanges=vertex.exchanges,
        basis=kept[vertex.basis],
        multipliers=multipliers,
    )


def _smoothed(
    X: Any, y: _Doubles, level: float, weight: _Doubles, intercept: bool
) -> tuple[_Doubles, int]:
    """A minimum smoothed by as little as Newton's method bears, and its steps."""
    x, steps = np.zeros(X.shape[1] + intercept), 0
    spread = float(np.sqrt(weight @ (y - weight @ y) ** 2)) or 1.0
    for width in _WIDTHS:
        f = SmoothedQuantile(
            X,
            y,
            level=level,
            width=spread * width,
            sample_weight=weight,
            fit_intercept=intercept,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = minimize(f, x, method="newton", options={"maxiter": 50})
        steps += fit.nit
        if np.isfinite(fit.x).all():
            x = fit.x
    return x, steps


class _Vertex:
    """A point on as many rows as it has coordinates, and the way down from there.

    Where more residuals are 0 than that, as with ties, edges lead nowhere: signs are those of
    targets that have been moved by a hair each. A residual of 0 may have any multiplier of its
    range, so that multipliers which prove the one minimum prove the other.
    """

    def __init__(self, rows: Any, y: _Doubles, level: float, weight: _Doubles) -> None:
        self._rows, self._y, self._level, self._weight = rows, y, level, weight
        self._unit = float(np.abs(y).max()) or 1.0
        moves = np.random.default_rng(0).uniform(-1, 1, len(y))
        self._moved = y + _HAIR * self._unit * moves
        self.exchanges = 0

    def descend(self, x: _Doubles) -> bool:
        """From the rows that x is nearest to; whether the end is the minimum for certain."""
        rows, weight, level = self._rows, self._weight, self._level
        basis = self._nearest(x)
        for self.exchanges in range(_LEAST_EXCHANGES + 20 * rows.shape[1]):
            at = dense(rows[basis])
            u = self._moved - rows @ np.linalg.solve(at, self._moved[basis])
            slope = weight * np.where(u > 0, level, level - 1)
            slope[basis] = 0
            slope[basis] = -np.linalg.solve(at.T, rows.T @ slope)
            beyond = np.abs(slope[basis] - weight[basis] * (level - 0.5)) - 0.5 * weight[basis]
            beyond /= weight[basis]
            worst = int(np.argmax(beyond))
            if beyond[worst] <= _ROUNDING:
                break
            leaves = basis[worst]
            side = np.zeros(len(basis))
            side[worst] = -1 if slope[leaves] > 0 else 1
            along = rows @ np.linalg.solve(at, side)
            basis[worst] = self._end_of_edge(u, along, basis, beyond[worst] * weight[leaves])
        self.basis, self.multipliers = basis, slope / weight
        self.x = np.linalg.solve(dense(rows[basis]), self._y[basis])
        u = self._y - rows @ self.x
        u[basis] = 0
        self.value = float(weight @ np.maximum(level * u, (level - 1) * u))
        seen = np.abs(u) > 10 * _HAIR * self._unit
        agree = (self.multipliers > level - 0.5) == (u > 0)
        return bool(beyond[worst] <= _ROUNDING and agree[seen].all())

    def _end_of_edge(
        self, u: _Doubles, along: _Doubles, basis: npt.NDArray[np.intp], fall: float
    ) -> int:
        """The row at which f no longer falls: at each that is crossed its slope rises."""
        others = np.ones(len(u), bool)
        others[basis] = False
        crossed = np.flatnonzero(others & (u * along > 0))
        length = u[crossed] / along[crossed]
        order = np.argsort(length, kind="stable")
        rise = np.cumsum((self._weight * np.abs(along))[crossed[order]])
        return int(crossed[order[min(int(np.searchsorted(rise, fall)), len(order) - 1)]])

    def _nearest(self, x: _Doubles) -> npt.NDArray[np.intp]:
        """Of the rows by their residuals, the first that are linearly independent."""
        scale = root_squares(self._rows).clip(np.finfo(float).tiny)
        order = np.argsort(np.abs(self._y - self._rows @ x), kind="stable")
        count = self._rows.shape[1]
        chosen: list[int] = []
        units = np.empty((0, count))  # orthonormal, of those chosen
        for begin in range(0, len(order), 16 * count):
            some = order[begin : begin + 16 * count]
            left = dense(self._rows[some]) / scale
            sizes = np.linalg.norm(left, axis=1)
            left -= left @ units.T @ units
            while len(chosen) < count:
                is_new = np.flatnonzero(np.linalg.norm(left, axis=1) > 1e-7 * sizes)
                if not is_new.size:
                    break
                first = int(is_new[0])
                chosen.append(int(some[first]))
                unit = left[first] / np.linalg.norm(left[first])
                unit -= unit @ units.T @ units
                unit /= np.linalg.norm(unit)
                left -= np.outer(left @ unit, unit)
                units = np.vstack([units, unit])
            if len(chosen) == count:
                return np.array(chosen)
        raise np.linalg.LinAlgError(
            "X: got columns that are linearly dependent, or fewer rows than parameters; "
            "want rows that determine the parameters"
        )

"""Huber's loss in units of a scale that is estimated with the coefficients."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _core, _validation
from ..rows import products, read
from .data import FromArrays, lasso, offset_of, ridge, weights_of

_Doubles = npt.NDArray[np.float64]
_LEAST_SCALE = 1e-10  # of that at the start


class HuberWithScale(FromArrays):
    """Huber's loss of residuals in units of their scale σ, convex in all parameters together.

    f(w, b, σ) = σ + σ Σᵢ weightᵢ H(rᵢ/σ) / Σᵢ weightᵢ + ½ Σⱼ l2ⱼ wⱼ² with rᵢ = ηᵢ − yᵢ and
    H(z) = z² up to |z| = epsilon, 2·epsilon·|z| − epsilon² from there on. The parameters are
    (w, b, σ), σ > 0: a run starts at `start`, and keeps to `bounds` where σ may be 0, of rows that
    some (w, b) meets exactly but for few.

    Parameters
    ----------
    X : array_like or sparse matrix, shape (n, p)
        Data, finite.
    y : array_like, shape (n,)
        Targets.
    epsilon : float
        Residual in units of σ from which on the loss is linear, > 1.
    l2 : float or array_like, shape (p,)
        Strength of the penalty, >= 0, of all coefficients or of each. Of scikit-learn's
        ``HuberRegressor`` it is 2·alpha / n.
    l1 : float or array_like, shape (p,)
        Strength of the l1 term of all coefficients or of each, as in `LinearModel`.
    sample_weight : array_like, shape (n,), optional
        Weights >= 0 of the rows in the mean; only their ratios matter.
    offset : array_like, shape (n,), optional
        Added to the predictor.
    fit_intercept : bool
        Append the intercept b, which is not penalised.

    References
    ----------
    A. B. Owen, "A robust hybrid of lasso and ridge regression", Contemp. Math. 443 (2007).

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> X, y = np.arange(50.0)[:, None], np.arange(50.0) + np.tile([-0.1, 0.1], 25)
    >>> y[7] = 1000.0
    >>> f = hessopt.objectives.HuberWithScale(X, y)
    >>> hessopt.minimize(f, f.start()).x[[0, 2]].round(2)  # the slope, and the scale of ±0.1
    array([1. , 0.1])
    """

    #: No Hessian is needed to tell a minimum.
    convex = True

    def __init__(
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        epsilon: float = 1.35,
        l2: npt.ArrayLike = 0.0,
        l1: npt.ArrayLike = 0.0,
        sample_weight: npt.ArrayLike | None = None,
        offset: npt.ArrayLike | None = None,
        fit_intercept: bool = True,
    ) -> None:
        self._rows, kept = read("X", X)
        n, p = self._rows.shape
        target = _validation.doubles("y", y, n)
        weight, column = weights_of(sample_weight, n), offset_of(offset, n, 1)
        want = "a finite number > 1"
        self._epsilon = _validation.real("epsilon", epsilon, want)
        if self._epsilon <= 1:
            raise _validation.error("epsilon", epsilon, want)
        strength, intercept = ridge(l2, p), _validation.flag("fit_intercept", fit_intercept)
        #: Length of x.
        self.n_parameters = p + intercept + 1
        self._l2 = np.zeros(p + intercept)
        self._l2[:p] = strength
        self._given = (
            (kept, target),
            {
                "epsilon": self._epsilon,
                "l2": strength if strength.size > 1 else strength.item(),
                "l1": lasso(l1, p),
                "sample_weight": weight if weight.size else None,
                "offset": column[:, 0] if column.size else None,
                "fit_intercept": intercept,
            },
        )

    @property
    def X(self) -> Any:
        """The data where it lies."""
        return self._given[0][0]

    def start(self) -> _Doubles:
        """The mean and the standard deviation of y, less the offset, and coefficients 0."""
        (_, y), named = self._given
        rest = y if named["offset"] is None else y - named["offset"]
        x, mean = np.zeros(self.n_parameters), 0.0
        if named["fit_intercept"]:
            x[-2] = mean = np.average(rest, weights=named["sample_weight"])
        x[-1] = np.sqrt(np.average((rest - mean) ** 2, weights=named["sample_weight"])) or 1.0
        return x

    def bounds(self) -> list[tuple[float | None, None]]:
        """For `minimize`: σ is at least 1e-10 of what it is at `start`.

        Where the minimum is at 0 a run without them ends at the edge of the domain, which it
        cannot tell from a fault.
        """
        free: list[tuple[float | None, None]] = [(None, None)] * (self.n_parameters - 1)
        return [*free, (_LEAST_SCALE * float(self.start()[-1]), None)]

    def value_and_gradient(self, x: npt.ArrayLike) -> tuple[float, _Doubles]:
        """Value and gradient at x, infinite and NaN where σ is not positive."""
        w, scale = self._split(x)
        if not scale > 0:
            return np.inf, np.full(self.n_parameters, np.nan)
        value, gradient, root, *_ = self._huber(scale).value_gradient_and_residual(w)
        of_weights = 2 / scale * gradient + self._l2 * w
        penalty = 0.5 * float(self._l2 @ w**2)
        # The derivative of the loss is the residual, clipped: σ has that of its mean square.
        of_scale = 1 - (root[0] / scale) ** 2
        return scale + 2 / scale * value + penalty, np.append(of_weights, of_scale)

    def hessian(self, x: npt.ArrayLike) -> _Doubles:
        """Hessian at x, shape (n_parameters, n_parameters)."""
        w, scale = self._split(x)
        if not scale > 0:
            return np.full((self.n_parameters, self.n_parameters), np.nan)
        H = np.empty((self.n_parameters, self.n_parameters))
        H[:-1, :-1] = 2 / scale * self._huber(scale).hessian(w) + np.diag(self._l2)
        cross, H[-1, -1] = self._of_scale(w, scale)
        H[-1, :-1] = H[:-1, -1] = cross
        return H

    def hessp(self, x: npt.ArrayLike, v: npt.ArrayLike) -> _Doubles:
        """Hessian at x times v, shape (n_parameters,)."""
        w, scale = self._split(x)
        u = _validation.vector("v", v, self.n_parameters).astype(np.float64)
        if not scale > 0:
            return np.full(self.n_parameters, np.nan)
        cross, corner = self._of_scale(w, scale)
        product = 2 / scale * self._huber(scale).hessp(w, u[:-1]) + self._l2 * u[:-1]
        return np.append(product + cross * u[-1], cross @ u[:-1] + corner * u[-1])

    def _split(self, x: npt.ArrayLike) -> tuple[_Doubles, float]:
        at = _validation.array("x", x, 1).astype(np.float64)
        if len(at) != self.n_parameters:
            raise _validation.error("x", f"length {len(at)}", f"length {self.n_parameters}")
        return at[:-1], float(at[-1])

    def _huber(self, scale: float) -> _core.LinearModel:
        named = self._given[1]
        column = offset_of(named["offset"], len(self._given[0][1]), 1)
        return self._model("Huber", [self._epsilon * scale], self._given[0][1], column)

    def _model(
        self, loss: str, numbers: list[float], y: _Doubles, column: _Doubles
    ) -> _core.LinearModel:
        named = self._given[1]
        weight = np.empty(0) if named["sample_weight"] is None else named["sample_weight"]
        intercept = named["fit_intercept"]
        return _core.LinearModel(
            loss, numbers, self._rows, y, weight, column, np.zeros(1), intercept
        )

    def _of_scale(self, w: _Doubles, scale: float) -> tuple[_Doubles, float]:
        """The second derivatives in σ and the coefficients, and in σ alone: of inner residuals."""
        (_, y), named = self._given
        slopes, intercept = np.split(w, [self._rows.shape[1]])
        r = products(self._rows, slopes[:, None], np.array([intercept.sum()]))[:, 0] - y
        if named["offset"] is not None:
            r = r + named["offset"]
        r = np.where(np.abs(r) <= self._epsilon * scale, r, 0.0)
        # The columns times r, as the gradient of half the squares at 0.
        _, of_columns = self._model("Squared", [], r, np.empty((0, 0))).value_and_gradient(0 * w)
        squares = float(np.average(r**2, weights=named["sample_weight"]))
        return 2 / scale**2 * of_columns, 2 / scale**3 * squares

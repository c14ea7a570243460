"""Regression that outliers do not move: Huber's with its scale, and quantiles."""

from __future__ import annotations

import warnings
from numbers import Real
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from sklearn.base import RegressorMixin, _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils._param_validation import Interval

from .._minimize import minimize, quantile_regression
from .._minimize.tables import below, beside, csr, dense
from .._result import OptimizeResult
from ..objectives import HuberWithScale, Squared
from ..rows.sparse import is_sparse
from .base import NOISE, LinearEstimator, Predictor, under_noise
from .callbacks import Watch, with_callbacks
from .data import checked, is_single, rows, weights
from .regression import LinearRegressor

_Doubles = npt.NDArray[np.float64]
_Array = npt.NDArray[Any]


class HuberRegressor(LinearRegressor):
    """Huber's regression: squares up to `epsilon` times a scale that is fitted too, then linear.

    Minimises Σᵢ wᵢ (σ + σ H(rᵢ / σ)) + alpha ‖coef‖² over the coefficients and σ, as scikit-learn's
    estimator of this name.

    Parameters
    ----------
    epsilon : float
        Residual in units of σ from which on the loss is linear, > 1.
    max_iter : int
        Most iterations.
    alpha : float
        Strength of the penalty, >= 0.
    warm_start : bool
        Begin from the last fit.
    fit_intercept : bool
        Whether there is an intercept, which is not penalised.
    tol : float, optional
        End a fit where no component of the gradient of the mean is larger. By default it ends by
        itself.
    solver : {"auto", "newton", "newton_cg", "trust_region", "lbfgs", "bfgs"}
        As `hessopt.minimize` has them.
    verbose : int
        Whether to print how the fit ended.
    noise : Dropout, GaussianDropout, GaussianNoise, DropConnect or Augmentation, optional
        A law of `hessopt` whose mean over fixed samples the loss is, of dense X: 32 copies of it.

    Attributes
    ----------
    coef_ : ndarray, shape (p,)
        Of float32 where X is.
    intercept_, scale_ : float
        σ is `scale_`, under noise that of noisy residuals. It is 1e-10 of the spread of y where all
        rows but few are met.
    outliers_ : ndarray of bool, shape (n,)
        Rows whose residual is more than `epsilon` times that.
    n_iter_ : int
        Iterations.
    categories_, column_names_ : dict, list
        Of a frame with categorical columns: their levels, and what each coefficient is of.
    n_features_in_, feature_names_in_
        As in scikit-learn.

    References
    ----------
    A. B. Owen, "A robust hybrid of lasso and ridge regression", Contemp. Math. 443 (2007).

    Examples
    --------
    >>> import numpy as np
    >>> from hessopt.sklearn import HuberRegressor
    >>> X, y = np.arange(50.0)[:, None], np.arange(50.0) + np.tile([-0.1, 0.1], 25)
    >>> y[7] = 1000.0
    >>> fit = HuberRegressor().fit(X, y)
    >>> fit.coef_.round(2), np.flatnonzero(fit.outliers_)
    (array([1.]), array([7]))
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **LinearEstimator._parameter_constraints,
        "epsilon": [Interval(Real, 1, None, closed="neither")],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "noise": NOISE["noise"],
    }

    def __init__(
        self,
        *,
        epsilon: float = 1.35,
        max_iter: int = 100,
        alpha: float = 0.0001,
        warm_start: bool = False,
        fit_intercept: bool = True,
        tol: float | None = None,
        solver: str = "auto",
        verbose: int = 0,
        noise: Any = None,
    ) -> None:
        self.epsilon = epsilon
        self.max_iter = max_iter
        self.alpha = alpha
        self.warm_start = warm_start
        self.fit_intercept = fit_intercept
        self.tol = tol
        self.solver = solver
        self.verbose = verbose
        self.noise = noise

    @with_callbacks
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> HuberRegressor:
        """Fit the coefficients and the scale.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.
        y : array_like, shape (n,)
            Targets.
        sample_weight : array_like, shape (n,), optional
            Weights >= 0 of the rows.

        Returns
        -------
        self
        """
        watch = Watch(self, X, y, sample_weight)
        X, y = rows(self, X, y, reference=self.fit_intercept and self.alpha == 0, y_numeric=True)
        weight, single = weights(sample_weight, X), is_single(X)
        total = len(y) if weight is None else weight.sum()
        model = HuberWithScale(
            checked(X),
            y,
            epsilon=self.epsilon,
            l2=2 * self.alpha / total,
            sample_weight=weight,
            fit_intercept=self.fit_intercept,
        )
        last = self._last(model.n_parameters - 1)
        start = _by_squares(model) if last is None else np.append(last, self.scale_)
        result = self._minimum(
            under_noise(model, self.noise, "auto"),
            start,
            lambda x: self._attributes(x, single),
            watch,
            model.bounds(),
        )
        self.n_iter_ = result.nit
        self.outliers_ = np.abs(y - self._products(X)) > self.epsilon * self.scale_
        return self

    def _attributes(self, x: _Doubles, single: bool) -> dict[str, Any]:
        return {**super()._attributes(x[:-1], single), "scale_": float(x[-1])}

    def predict(self, X: Any) -> _Array:
        """Targets.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.

        Returns
        -------
        ndarray, shape (n,)
        """
        return self._predictor(X)


def _by_squares(model: HuberWithScale) -> _Doubles:
    """Least squares and their spread: a start that saves Newton's method a third of its steps."""
    (X, y), named = model._given
    start, weight = model.start(), named["sample_weight"]
    l2 = 0.5 * start[-1] * named["l2"]
    squares = Squared(X, y, l2=l2, sample_weight=weight, fit_intercept=named["fit_intercept"])
    start[:-1] = minimize(squares, start[:-1]).x
    spread = np.sqrt(np.average((y - squares.predictor(start[:-1])) ** 2, weights=weight))
    start[-1] = max(spread, model.bounds()[-1][0] or 0.0)
    return start


class QuantileRegressor(RegressorMixin, Predictor):
    """A quantile of y as a linear function: the exact minimum of the pinball loss.

    Minimises Σᵢ wᵢ ρ(yᵢ − xᵢᵀ coef − intercept) / Σᵢ wᵢ + alpha Σⱼ |coefⱼ| with τ the quantile and
    ρ(u) = max(τu, (τ − 1)u), to the vertex that linear programming finds.

    Parameters
    ----------
    quantile : float
        In (0, 1).
    alpha : float
        Strength of the penalty of absolute values, >= 0.
    fit_intercept : bool
        Whether there is an intercept, which is not penalised.

    Attributes
    ----------
    coef_ : ndarray, shape (p,)
        Of float32 where X is.
    intercept_ : float
        Its intercept.
    n_iter_ : int
        Newton's steps and exchanges of a vertex.
    categories_, column_names_ : dict, list
        Of a frame with categorical columns: their levels, and what each coefficient is of.
    n_features_in_, feature_names_in_
        As in scikit-learn.

    Notes
    -----
    ρ(u) + ρ(−u) = |u|: the penalty is that of two rows more for each column. There is no `noise`: a
    vertex is on rows of the data, and noise leaves none where it was. Of a smoothed loss,
    ``GeneralizedLinearRegressor("SmoothedQuantile")``, it can be integrated out.

    Examples
    --------
    >>> from hessopt.sklearn import QuantileRegressor
    >>> X, y = [[0.0], [1.0], [2.0], [3.0], [4.0]], [0.0, 1.0, 2.0, 3.0, 99.0]
    >>> QuantileRegressor(alpha=0).fit(X, y).coef_.round(12)
    array([1.])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **Predictor._parameter_constraints,
        "quantile": [Interval(Real, 0, 1, closed="neither")],
        "alpha": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self, *, quantile: float = 0.5, alpha: float = 1.0, fit_intercept: bool = True
    ) -> None:
        self.quantile = quantile
        self.alpha = alpha
        self.fit_intercept = fit_intercept

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> QuantileRegressor:
        """Fit the coefficients.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows; categories are made dense.
        y : array_like, shape (n,)
            Targets.
        sample_weight : array_like, shape (n,), optional
            Weights >= 0 of the rows.

        Returns
        -------
        self
        """
        X, y = rows(self, X, y, reference=self.fit_intercept and self.alpha == 0, y_numeric=True)
        weight, single = weights(sample_weight, X), is_single(X)
        share = np.ones(len(y)) if weight is None else weight
        found = self._vertex(self._table(X), y.astype(np.float64), share, self.alpha)
        if not found.success:
            said = f"QuantileRegressor did not converge. {found.message}"
            warnings.warn(said, ConvergenceWarning, stacklevel=3)
        self._keep(found, single)
        return self

    def _table(self, X: Any) -> Any:
        """X in float64, and a column of ones for the intercept."""
        Z: Any = csr(X) if is_sparse(X) else dense(X)
        Z = Z.astype(np.float64, copy=False)
        return beside(Z, np.ones((Z.shape[0], 1))) if self.fit_intercept else Z

    def _vertex(self, Z: Any, y: _Doubles, weight: _Doubles, alpha: float) -> OptimizeResult:
        """The minimum, with zeros among the coefficients of the columns of `_table`."""
        n, p = Z.shape[0], Z.shape[1] - self.fit_intercept
        share = weight / weight.sum()
        if alpha > 0:
            ends = np.eye(p, Z.shape[1])
            Z, y = below(Z, np.vstack([ends, -ends])), np.append(y, np.zeros(2 * p))
            share = np.append(share, np.full(2 * p, alpha))
        found = quantile_regression(Z, y, self.quantile, sample_weight=share, fit_intercept=False)
        found.x[(found.basis[found.basis >= n] - n) % p] = 0  # those rows are met: but for rounding
        return found

    def _keep(self, found: OptimizeResult, single: bool) -> None:
        dtype, p = np.float32 if single else np.float64, len(found.x) - self.fit_intercept
        self.coef_ = found.x[:p].astype(dtype)
        self.intercept_ = dtype(found.x[p:].sum())
        self.n_iter_ = max(1, found.nit)

    def predict(self, X: Any) -> _Array:
        """The quantile of y.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.

        Returns
        -------
        ndarray, shape (n,)
        """
        return self._predictor(X)

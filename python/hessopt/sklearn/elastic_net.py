"""Least squares with a penalty of absolute values."""

from __future__ import annotations

from numbers import Real
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from sklearn.base import _fit_context
from sklearn.utils._param_validation import Interval

from ..objectives import Squared
from .base import NOISE, LinearEstimator, signs, under_noise
from .callbacks import Watch, with_callbacks
from .data import checked, is_single, rows, weights
from .regression import LinearRegressor
from .summary import Summarised

_Doubles = npt.NDArray[np.float64]
_Array = npt.NDArray[Any]


class ElasticNet(Summarised, LinearRegressor):
    """Least squares with penalties of absolute values and of squares: some coefficients are 0.

    Minimises Σᵢ wᵢ (yᵢ − xᵢᵀ coef − intercept)² / (2 Σᵢ wᵢ) + alpha (l1_ratio ‖coef‖₁ +
    ½ (1 − l1_ratio) ‖coef‖²), to its last digits.

    Parameters
    ----------
    alpha : float
        Strength of both penalties, >= 0.
    l1_ratio : float
        Share of that of absolute values, in [0, 1].
    fit_intercept : bool
        Whether there is an intercept, which is not penalised.
    max_iter : int
        Most iterations.
    tol : float, optional
        End a fit where what the penalty leaves of the gradient is at most that in each component.
        By default it ends by itself.
    warm_start : bool
        Begin from the last fit.
    positive : bool
        Whether coefficients are to be >= 0, the intercept aside.
    noise : Dropout, GaussianDropout, GaussianNoise, DropConnect or Augmentation, optional
        A law of `hessopt` that is integrated out of the squares.

    Attributes
    ----------
    coef_ : ndarray, shape (p,)
        Of float32 where X is.
    intercept_ : float
        Without the noise that was integrated out.
    n_iter_ : int
        Iterations.
    categories_, column_names_ : dict, list
        Of a frame with categorical columns: their levels, and what each coefficient is of.
    n_features_in_, feature_names_in_
        As in scikit-learn.

    See Also
    --------
    hessopt.l1_path, hessopt.l1_max

    Examples
    --------
    >>> from hessopt.sklearn import ElasticNet
    >>> X, y = [[0.0, 1.0], [1.0, -1.0], [2.0, -1.0], [3.0, 1.0]], [1.0, 3.0, 5.0, 7.0]
    >>> ElasticNet(alpha=0.5, l1_ratio=0.8).fit(X, y).coef_.round(6) + 0.0
    array([1.555556, 0.      ])
    """

    solver, verbose = "auto", 0
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **LinearEstimator._parameter_constraints,
        "alpha": [Interval(Real, 0, None, closed="left")],
        "l1_ratio": [Interval(Real, 0, 1, closed="both")],
        "positive": ["boolean"],
        "noise": NOISE["noise"],
    }
    del _parameter_constraints["solver"], _parameter_constraints["verbose"]

    def __init__(
        self,
        alpha: float = 1.0,
        *,
        l1_ratio: float = 0.5,
        fit_intercept: bool = True,
        max_iter: int = 1000,
        tol: float | None = None,
        warm_start: bool = False,
        positive: bool = False,
        noise: Any = None,
    ) -> None:
        self.alpha = alpha
        self.l1_ratio = l1_ratio
        self.fit_intercept = fit_intercept
        self.max_iter = max_iter
        self.tol = tol
        self.warm_start = warm_start
        self.positive = positive
        self.noise = noise

    @with_callbacks
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> ElasticNet:
        """Fit the coefficients.

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
        model, single = self._model(X, y, sample_weight), is_single(X)
        result = self._minimum(
            under_noise(model, self.noise, "auto"),
            self._start(model),
            lambda x: self._attributes(x, single),
            watch,
            signs(X.shape[1], model.n_parameters, self.positive),
        )
        self.n_iter_ = result.nit
        return self

    def _model(self, X: Any, y: _Array, sample_weight: Any) -> Squared:
        return Squared(
            checked(X),
            y,
            l1=self.alpha * self.l1_ratio,
            l2=self.alpha * (1 - self.l1_ratio),
            sample_weight=weights(sample_weight, X),
            fit_intercept=self.fit_intercept,
        )

    def _fitted(self, X: Any, y: Any, sample_weight: Any) -> tuple[Any, _Doubles]:
        X, y = rows(self, X, y, reset=False, y_numeric=True)
        model = self._model(X, y, sample_weight)
        return under_noise(model, self.noise, "auto"), self._parameters()

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


class Lasso(ElasticNet):
    """Least squares with a penalty of absolute values: `ElasticNet` with an l1_ratio of 1.

    Parameters and attributes are those of `ElasticNet`.

    Examples
    --------
    >>> from hessopt.sklearn import Lasso
    >>> X, y = [[0.0, 1.0], [1.0, -1.0], [2.0, -1.0], [3.0, 1.0]], [1.0, 3.0, 5.0, 7.0]
    >>> Lasso(alpha=0.5).fit(X, y).coef_.round(6) + 0.0
    array([1.6, 0. ])
    """

    l1_ratio = 1.0
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {**ElasticNet._parameter_constraints}
    del _parameter_constraints["l1_ratio"]

    def __init__(
        self,
        alpha: float = 1.0,
        *,
        fit_intercept: bool = True,
        max_iter: int = 1000,
        tol: float | None = None,
        warm_start: bool = False,
        positive: bool = False,
        noise: Any = None,
    ) -> None:
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.max_iter = max_iter
        self.tol = tol
        self.warm_start = warm_start
        self.positive = positive
        self.noise = noise

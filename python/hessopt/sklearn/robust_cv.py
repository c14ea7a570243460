"""Regression that outliers do not move, with a penalty that folds choose."""

from __future__ import annotations

from numbers import Integral
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from sklearn.base import _fit_context
from sklearn.utils._param_validation import Interval

from ..objectives import HuberWithScale, Squared
from .base import Predictor
from .data import is_single, rows, weights
from .robust import HuberRegressor, QuantileRegressor
from .selection import alphas_of, chosen, folds, rising

_Doubles = npt.NDArray[np.float64]
_LEAST = 1e-3  # of a path of absolute values, over its first


class HuberRegressorCV(HuberRegressor):
    """Huber's regression whose penalty is that which predicts rows best that it has not seen.

    Parameters
    ----------
    epsilon : float
        Residual in units of the scale from which on the loss is linear, > 1.
    alphas : array_like, optional
        Values of alpha, > 0. By default 100, from where the penalty is as strong as the losses
        downwards.
    fit_intercept : bool
        Whether there is an intercept, which is not penalised.
    cv : None, int, splitter or iterable of splits
        Folds, five by default.

    Attributes
    ----------
    alpha_ : float
        The choice.
    alphas_, scores_ : ndarray, shape (m,)
        Values of alpha, rising, and of each minus the mean loss of a row that was left out, with
        the scale of the others: the larger the better. Between some of them scores are
        interpolated.
    coef_, intercept_, scale_, outliers_, categories_, column_names_, n_features_in_, \
feature_names_in_
        As of `HuberRegressor`, at `alpha_`.

    Examples
    --------
    >>> import numpy as np
    >>> from hessopt.sklearn import HuberRegressorCV
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 10))
    >>> 1 < HuberRegressorCV().fit(X, X[:, 0] + 3 * rng.standard_t(2, size=200)).alpha_ < 1000
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **Predictor._parameter_constraints,
        "epsilon": HuberRegressor._parameter_constraints["epsilon"],
        "alphas": ["array-like", None],
        "cv": ["cv_object"],
    }

    noise = None

    def __init__(
        self,
        *,
        epsilon: float = 1.35,
        alphas: Any = None,
        fit_intercept: bool = True,
        cv: Any = None,
    ) -> None:
        self.epsilon = epsilon
        self.alphas = alphas
        self.fit_intercept = fit_intercept
        self.cv = cv

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> HuberRegressorCV:
        """Choose alpha and fit the coefficients and the scale.

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
        given = X
        X, y = rows(self, X, y, y_numeric=True, ensure_min_samples=2)
        weight = weights(sample_weight, X)

        def model(w: Any, strength: float) -> Any:
            return HuberWithScale(
                X,
                y,
                epsilon=self.epsilon,
                l2=strength / (len(y) if w is None else w.sum()),
                sample_weight=w,
                fit_intercept=self.fit_intercept,
            )

        total = len(y) if weight is None else weight.sum()
        squares = Squared(X, y, sample_weight=weight, fit_intercept=self.fit_intercept)
        self.alphas_ = alphas_of(self.alphas, squares, total / model(weight, 1.0).start()[-1])
        choice = chosen(model, 2 * self.alphas_, weight, self.cv, y)
        self.alpha_, self.scores_ = float(self.alphas_[choice.best]), -choice.scores
        for name, value in self._attributes(choice.x, is_single(X)).items():
            setattr(self, name, value)
        self.outliers_ = np.abs(y - self.predict(given)) > self.epsilon * self.scale_
        return self


class QuantileRegressorCV(QuantileRegressor):
    """A quantile as a linear function, with the penalty that predicts unseen rows best.

    Parameters
    ----------
    quantile : float
        In (0, 1).
    alphas : int or array_like
        Values of alpha, >= 0; a number of them falls from where all coefficients are 0 to a
        thousandth of that.
    fit_intercept : bool
        Whether there is an intercept, which is not penalised.
    cv : None, int, splitter or iterable of splits
        Folds, five by default.

    Attributes
    ----------
    alpha_ : float
        The choice.
    alphas_, scores_ : ndarray, shape (m,)
        Values of alpha, rising, and of each minus the mean pinball loss of a row that was left out:
        the larger the better.
    coef_, intercept_, n_iter_, categories_, column_names_, n_features_in_, feature_names_in_
        As of `QuantileRegressor`, at `alpha_`.

    Notes
    -----
    Each fold has a fit at each alpha, to its exact vertex: nothing is interpolated.

    Examples
    --------
    >>> import numpy as np
    >>> from hessopt.sklearn import QuantileRegressorCV
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 5))
    >>> fit = QuantileRegressorCV(alphas=20).fit(X, X[:, 0] + rng.normal(size=200))
    >>> 0 < fit.alpha_ < 0.1
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **QuantileRegressor._parameter_constraints,
        "alphas": [Interval(Integral, 1, None, closed="left"), "array-like"],
        "cv": ["cv_object"],
    }
    del _parameter_constraints["alpha"]

    def __init__(
        self,
        *,
        quantile: float = 0.5,
        alphas: Any = 100,
        fit_intercept: bool = True,
        cv: Any = None,
    ) -> None:
        self.quantile = quantile
        self.alphas = alphas
        self.fit_intercept = fit_intercept
        self.cv = cv

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> QuantileRegressorCV:
        """Choose alpha and fit the coefficients.

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
        X, y = rows(self, X, y, y_numeric=True, ensure_min_samples=2)
        weight, single = weights(sample_weight, X), is_single(X)
        Z, target = self._table(X), y.astype(np.float64)
        share = np.ones(len(y)) if weight is None else weight
        self.alphas_ = self._alphas(Z, target, share)
        losses = np.array(
            [
                [
                    self._loss(self._vertex(Z, target, fold, alpha), Z, target, left)
                    for alpha in self.alphas_
                ]
                for fold, left in folds(self.cv, y, weight)
            ]
        )
        self.scores_ = -losses.mean(axis=0)
        self.alpha_ = float(self.alphas_[np.argmax(self.scores_)])
        self._keep(self._vertex(Z, target, share, self.alpha_), single)
        return self

    def _alphas(self, Z: Any, y: _Doubles, weight: _Doubles) -> _Doubles:
        if not isinstance(self.alphas, Integral):
            return rising("alphas", self.alphas)
        p = Z.shape[1] - self.fit_intercept
        least = 0.0
        if self.fit_intercept:
            order = np.argsort(y)
            below = np.cumsum(weight[order]) / weight.sum()
            least = y[order][np.searchsorted(below, self.quantile)]
        slope = weight * (self.quantile - (y < least)) / weight.sum()
        top = float(np.abs(slope @ Z[:, :p]).max())
        return np.asarray(top * np.geomspace(_LEAST, 1, self.alphas)) if top > 0 else np.ones(1)

    def _loss(self, found: Any, Z: Any, y: _Doubles, left: _Doubles) -> float:
        some = left > 0
        r = y[some] - Z[some] @ found.x
        pinball = np.maximum(self.quantile * r, (self.quantile - 1) * r)
        return float(np.average(pinball, weights=left[some]))

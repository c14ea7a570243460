"""Least squares with exact zeros, whose penalty folds choose."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from sklearn.base import _fit_context
from sklearn.utils._param_validation import Interval

from .._l1 import l1_max, l1_path
from .._l1.compressed import compressed
from .._minimize import minimize
from ..objectives import Squared
from ..rows import products, rows_of
from .base import Predictor
from .data import is_single, rows, weights
from .elastic_net import ElasticNet
from .selection import folds

_Doubles = npt.NDArray[np.float64]
_AT_ONCE = 16  # penalties whose predictions are made in one pass
_TOLERANCE = 1e-9  # of a path, relative to the first strength


class ElasticNetCV(ElasticNet):
    """`ElasticNet` whose penalty predicts rows best that it has not seen, by folds.

    Parameters
    ----------
    l1_ratio : float or array_like
        Share of the penalty of absolute values, in [0, 1], or several to choose from.
    eps : float
        The last alpha of a path over its first.
    alphas : int or array_like
        Values of alpha, >= 0; a number of them falls from where all coefficients are 0.
    fit_intercept : bool
        Whether there is an intercept, which is not penalised.
    cv : None, int, splitter or iterable of splits
        Folds, five by default.

    Attributes
    ----------
    alpha_, l1_ratio_ : float
        The choice.
    alphas_ : ndarray, shape (m,) or (k, m)
        Values of alpha, falling, of each l1_ratio where there are k and no alphas were given.
    mse_path_ : ndarray, shape (m, n_folds) or (k, m, n_folds)
        Mean square of the errors of the rows that each fold leaves out.
    coef_, intercept_, categories_, column_names_, n_features_in_, feature_names_in_
        As of `ElasticNet`, at the choice.

    See Also
    --------
    hessopt.l1_path

    Notes
    -----
    Folds are weights of 0 and 1 over rows that nobody copies. Where there are more rows than
    columns, a path reads X once.

    Examples
    --------
    >>> import numpy as np
    >>> from hessopt.sklearn import ElasticNetCV
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(100, 20))
    >>> fit = ElasticNetCV(l1_ratio=[0.5, 1.0]).fit(X, 3 * X[:, 0] + rng.normal(size=100))
    >>> fit.mse_path_.shape, fit.l1_ratio_
    ((2, 100, 5), 1.0)
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **Predictor._parameter_constraints,
        "l1_ratio": [Interval(Real, 0, 1, closed="both"), "array-like"],
        "eps": [Interval(Real, 0, 1, closed="neither")],
        "alphas": [Interval(Integral, 1, None, closed="left"), "array-like"],
        "cv": ["cv_object"],
    }
    noise = None

    def __init__(
        self,
        *,
        l1_ratio: Any = 0.5,
        eps: float = 1e-3,
        alphas: Any = 100,
        fit_intercept: bool = True,
        cv: Any = None,
    ) -> None:
        self.l1_ratio = l1_ratio
        self.eps = eps
        self.alphas = alphas
        self.fit_intercept = fit_intercept
        self.cv = cv

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> ElasticNetCV:
        """Choose the penalty and fit the coefficients.

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
        X, y = rows(self, X, y, y_numeric=True, ensure_min_samples=2)
        weight = weights(sample_weight, X)
        whole = self._squares(X, y, weight)
        ratios = np.atleast_1d(np.asarray(self.l1_ratio, np.float64))
        if not ratios.size or ratios.min() < 0 or ratios.max() > 1:
            raise ValueError(f"l1_ratio: got {self.l1_ratio!r}; want numbers in [0, 1]")
        alphas = self._alphas(whole, ratios)
        each = [
            _Fold(self._squares(X, y, fold), y, left) for fold, left in folds(self.cv, y, weight)
        ]
        errors = np.array(
            [
                np.transpose([fold.errors(of_ratio, ratio) for fold in each])
                for of_ratio, ratio in zip(alphas, ratios, strict=True)
            ]
        )
        mean = errors.mean(axis=2)
        k, best = np.unravel_index(np.argmin(mean), mean.shape)
        self.mse_path_ = errors if len(ratios) > 1 else errors[0]
        is_one = len(ratios) == 1 or not isinstance(self.alphas, Integral)
        self.alphas_ = alphas[0] if is_one else alphas
        self.alpha_, ratio = float(alphas[k, best]), float(ratios[k])
        self._keep_ratio(ratio)
        x = minimize(
            whole.with_l2(self.alpha_ * (1 - ratio)).with_l1(self.alpha_ * ratio),
            np.zeros(whole.n_parameters),
        ).x
        for name, value in self._attributes(x, is_single(X)).items():
            setattr(self, name, value)
        return self

    def _keep_ratio(self, ratio: float) -> None:
        self.l1_ratio_ = ratio

    def _squares(self, X: Any, y: Any, weight: _Doubles | None) -> Any:
        return Squared(X, y, sample_weight=weight, fit_intercept=self.fit_intercept)

    def _alphas(self, whole: Any, ratios: _Doubles) -> _Doubles:
        """Those of each ratio, falling."""
        if not isinstance(self.alphas, Integral):
            given = np.sort(np.asarray(self.alphas, np.float64))[::-1]
            if not given.size or not (given[-1] >= 0 and np.isfinite(given[0])):
                raise ValueError(f"alphas: got {self.alphas!r}; want finite numbers >= 0")
            return np.tile(given, (len(ratios), 1))
        if not ratios.all():
            raise ValueError(
                f"alphas: got {self.alphas} of them with an l1_ratio of 0; want values, of which "
                "none makes all coefficients 0"
            )
        top = max(float(l1_max(whole)), float(np.finfo(np.float64).resolution))
        path = np.geomspace(1, self.eps, self.alphas)
        return np.asarray(top / ratios[:, None] * path)

    def _model(self, X: Any, y: Any, sample_weight: Any) -> Any:
        ratio = getattr(self, "l1_ratio_", 1.0)
        model = self._squares(X, y, weights(sample_weight, X))
        return model.with_l2(self.alpha_ * (1 - ratio)).with_l1(self.alpha_ * ratio)


class LassoCV(ElasticNetCV):
    """`Lasso` whose penalty predicts rows best that it has not seen, by folds.

    Parameters and attributes are those of `ElasticNetCV` with an l1_ratio of 1.

    Examples
    --------
    >>> import numpy as np
    >>> from hessopt.sklearn import LassoCV
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(100, 20))
    >>> fit = LassoCV().fit(X, 3 * X[:, 0] + rng.normal(size=100))
    >>> fit.mse_path_.shape, 0.01 < fit.alpha_ < 1
    ((100, 5), True)
    """

    l1_ratio = 1.0
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {**ElasticNetCV._parameter_constraints}
    del _parameter_constraints["l1_ratio"]

    def __init__(
        self,
        *,
        eps: float = 1e-3,
        alphas: Any = 100,
        fit_intercept: bool = True,
        cv: Any = None,
    ) -> None:
        self.eps = eps
        self.alphas = alphas
        self.fit_intercept = fit_intercept
        self.cv = cv

    def _keep_ratio(self, ratio: float) -> None:
        """It is no attribute, as of scikit-learn's."""


class _Fold:
    """Fits of the rows that a fold has, and the errors of those that it leaves out."""

    def __init__(self, model: Any, y: Any, left: _Doubles) -> None:
        self._some, self._model = left > 0, model
        self._left, self._y = left[self._some], y[self._some, None]
        n, p = model.X.shape
        small = compressed(model) if n > p and isinstance(model.X, np.ndarray) else None
        self._small = model if small is None else small

    def errors(self, alphas: _Doubles, ratio: float) -> _Doubles:
        """Mean squares of falling strengths."""
        x = self._along(alphas, ratio)
        X = rows_of("X", self._model.X)
        p, found = X.shape[1], []
        for part in np.split(x, range(_AT_ONCE, len(x), _AT_ONCE)):
            eta = products(X, np.ascontiguousarray(part[:, :p].T), part[:, p:].sum(axis=1))
            squares = (eta[self._some] - self._y) ** 2
            found.append(np.average(squares, weights=self._left, axis=0))
        return np.concatenate(found)

    def _along(self, alphas: _Doubles, ratio: float) -> _Doubles:
        """Minima, each from the last."""
        if ratio == 1:
            return l1_path(self._model, l1s=alphas, tol=_TOLERANCE).x
        x, found = np.zeros(self._model.n_parameters), []
        p = self._model.X.shape[1]
        pattern = (np.arange(len(x)) < p)[: self._small.X.shape[1]].astype(np.float64)
        for alpha in alphas:
            here = self._small.with_l2(alpha * (1 - ratio) * pattern)
            x = minimize(here.with_l1(alpha * ratio * pattern), x).x
            found.append(x)
        return np.array(found)

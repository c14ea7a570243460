"""Linear and ridge regression: one matrix X'X and its factor for all targets."""

from __future__ import annotations

from numbers import Real
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from sklearn.base import MultiOutputMixin, RegressorMixin, _fit_context
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted

from .._minimize import minimize
from ..objectives import Squared
from .base import NOISE, Predictor, signs, under_noise, warn_of_no_end
from .data import checked, is_single, rows, weights
from .normal_equations import NormalEquations, Spectral, normal_equations
from .posterior import KEPT, Posterior, posterior_of_squares
from .predictive import Predictive
from .summary import Summarised

_Doubles = npt.NDArray[np.float64]
_Array = npt.NDArray[Any]
_LARGEST = 2000  # columns up to which X'X is formed where X is sparse
_EPS = float(np.finfo(np.float64).eps)


class LeastSquares(Summarised, Predictive, MultiOutputMixin, RegressorMixin, Predictor):
    """Least squares of one target or several, with a penalty or without."""

    positive = False
    # Of each target what a posterior is made of, where somebody asks for it: the curvature, Σ w,
    # the minimum and the value there; or why there is none.
    _ends: list[tuple[Any, float, _Doubles, float]] | str

    def _fit(self, X: Any, y: Any, sample_weight: Any, alpha: Any) -> None:
        """Set the coefficients of every target."""
        plain = self.fit_intercept and not np.any(alpha)
        X, y = rows(self, X, y, reference=plain, y_numeric=True, multi_output=True)
        weight = weights(sample_weight, X)
        models = self._models(X, y, weight, alpha)
        x = self._solutions(models)
        if not self.fit_intercept:
            x = np.column_stack([x, np.zeros(len(x))])
        x = x.astype(np.float32 if is_single(X) else np.float64)
        one = 0 if y.ndim == 1 else slice(None)
        self.coef_: Any = x[:, :-1].copy()[one]
        self.intercept_: Any = x[:, -1].copy()[one]

    def _models(self, X: Any, y: _Array, weight: _Doubles | None, alpha: Any) -> list[Any]:
        """One of each target."""
        total = float(len(y) if weight is None else weight.sum())
        targets = y.reshape(len(y), -1).astype(np.float64, copy=False)
        strengths = np.asarray(alpha, np.float64)
        if strengths.ndim and len(strengths) != targets.shape[1]:
            got, want = f"{len(strengths)} numbers", f"one, or one for each of {targets.shape[1]}"
            raise ValueError(f"alpha: got {got}; want {want} targets")
        return [
            Squared(
                checked(X), t, l2=a / total, sample_weight=weight, fit_intercept=self.fit_intercept
            )
            for t, a in zip(targets.T, np.broadcast_to(strengths, targets.shape[1]), strict=True)
        ]

    def _fitted(self, X: Any, y: Any, sample_weight: Any) -> tuple[Any, _Doubles]:
        if self.coef_.ndim > 1:
            raise ValueError(f"y: got {len(self.coef_)} targets in the fit; want a fit of one")
        X, y = rows(self, X, y, reset=False, y_numeric=True)
        alpha = getattr(self, "alpha_", getattr(self, "alpha", 0.0))
        (model,) = self._models(X, y, weights(sample_weight, X), alpha)
        x = np.append(self.coef_, [self.intercept_] * self.fit_intercept)
        return under_noise(model, self._noise, "auto"), x.astype(np.float64)

    def _solutions(self, models: list[Any]) -> _Doubles:
        """Minima, each as (w, b)."""
        X = models[0].X
        (n, p), is_dense = X.shape, isinstance(X, np.ndarray)
        self.rank_, self._ends = p, f"more than {KEPT} columns"
        if self.noise is not None:
            models = [under_noise(model, self.noise, "auto") for model in models]
        if self.noise is not None or self.positive or (p > _LARGEST and not is_dense):
            k = models[0].n_parameters
            bounds = signs(p, k, self.positive)
            if self.positive or self.noise is not None:
                self._ends = "positive=True" if self.positive else "noise integrated out"
            results = [minimize(model, np.zeros(k), bounds=bounds) for model in models]
            for result in results:
                warn_of_no_end(self, result)
            return np.array([result.x for result in results])
        if n > p or not is_dense:
            known: dict[float, NormalEquations] = {}
            try:
                ends = []
                for model in models:
                    normal = normal_equations(known, model)
                    ends.append((normal, model._total_weight, *normal.solve(model)))
            except np.linalg.LinAlgError:
                pass
            else:
                if p <= KEPT:
                    self._ends = ends
                return np.array([end[2] for end in ends])
        return self._of_least_norm(models)

    def _of_least_norm(self, models: list[Any]) -> _Doubles:
        """By the singular values of X less its means, or by the eigenvalues of X'X."""
        first, found = models[0], []
        (n, p), mean = first.X.shape, first.column_moments[0]
        total = first._total_weight
        has_intercept = first.n_parameters > p
        if isinstance(first.X, np.ndarray):
            A = first.X.astype(np.float64) - mean * has_intercept
            root = np.sqrt(first.row_weights * total)
            _, s, V = np.linalg.svd(root[:, None] * A, full_matrices=False)
            kept = s > max(n, p) * _EPS * s[0]
            values, V = s[kept] ** 2, V[kept]
        else:
            H = first.hessian_about(np.zeros(first.n_parameters), mean)[:p, :p]
            values, vectors = np.linalg.eigh(total * (H - np.diag(first.l2)))
            kept = values > p * _EPS * values[-1]
            values, V = values[kept], vectors.T[kept]
        self.rank_ = int(np.count_nonzero(kept))
        curvatures = []
        for model in models:
            gradient = -total * model.value_and_gradient(np.zeros(model.n_parameters))[1]
            constant = gradient[p:] / total
            w = V.T @ (
                V @ (gradient[:p] - gradient[p:].sum() * mean) / (values + total * model.l2[0])
            )
            found.append(np.append(w, constant - mean @ w))
            strength = float(model.l2[0])
            curvatures.append(Spectral(mean, V, values / total, strength, has_intercept))
        if self.rank_ < p and not all(model.l2[0] > 0 for model in models):
            self._ends = "columns that are dependent, or rows fewer than they"
        elif p <= KEPT:
            self._ends = [
                (curvature, total, x, model.value_and_gradient(x)[0])
                for curvature, x, model in zip(curvatures, found, models, strict=True)
            ]
        return np.array(found)

    @property
    def _response(self) -> str:
        return "identity"

    def _kept(self) -> Posterior | str | None:
        return self._posteriors[0]

    @property
    def _posteriors(self) -> list[Posterior | str]:
        """Of every target."""
        if isinstance(self._ends, str):
            return [self._ends]
        return [posterior_of_squares(self.coef_.shape[-1], *end) for end in self._ends]

    def _law(self, X: Any, offset: Any, asked: str) -> tuple[_Array, _Array]:
        mean, variance, _ = self._certainty(X, asked)
        return mean, variance

    def _certainty(self, X: Any, asked: str) -> tuple[_Array, _Array, _Array]:
        """Predictions, their variance by the posterior, and the variance of y about them."""
        check_is_fitted(self)
        kept = [self._known(asked, posterior) for posterior in self._posteriors]
        mean, X = self._predictor(X), rows(self, X, reset=False)
        # Of one penalty for all targets one form is that of all.
        forms = {id(one.curvature): one._replace(dispersion=1.0).covariance(X, 1) for one in kept}
        noise = np.array([posterior.dispersion for posterior in kept])
        variance = noise * np.column_stack([forms[id(one.curvature)] for one in kept])
        return mean, variance.reshape(mean.shape), noise

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """Targets.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.
        return_std : bool
            Whether the standard deviation of a new y is returned too: √(φ + xᵀΣx), φ the variance
            of y about its mean, Σᵢ wᵢ rᵢ² over the residual degrees of freedom, and Σ the
            covariance of the coefficients, intercept included, under the prior that the penalty
            is. `predict_distribution` has the part of the coefficients alone.

        Returns
        -------
        y : ndarray, shape (n,) or (n, k)
        std : ndarray, as y
            With `return_std`.

        Raises
        ------
        ValueError
            With `return_std`, of more than 500 columns, dependent ones without a penalty, under
            noise or with ``positive=True``: there `summary` or `hessopt.laplace` of the rows may
            say more.
        """
        if not return_std:
            return self._predictor(X)
        mean, variance, noise = self._certainty(X, "return_std: got True")
        return mean, np.sqrt(variance + noise).astype(mean.dtype)


class LinearRegression(LeastSquares):
    """Ordinary least squares, of one target or several.

    Where columns are dependent, or rows fewer than they, coefficients are those of least norm; of
    several that are to be positive, some.

    Parameters
    ----------
    fit_intercept : bool
        Whether there is an intercept.
    positive : bool
        Whether coefficients are to be >= 0, the intercept aside.
    noise : Dropout, GaussianDropout, GaussianNoise, DropConnect or Augmentation, optional
        A law of `hessopt` that is integrated out of the squares.

    Attributes
    ----------
    coef_ : ndarray, shape (p,) or (k, p)
        Of float32 where X is.
    intercept_ : float or ndarray, shape (k,)
        Without the noise that was integrated out.
    rank_ : int
        Of X, its means taken off where there is an intercept. Under noise, with `positive`, and of
        more than 2000 sparse columns it is not looked for: p.
    categories_, column_names_ : dict, list
        Of a frame with categorical columns: their levels, and what each coefficient is of.
    n_features_in_, feature_names_in_
        As in scikit-learn.

    Examples
    --------
    >>> from hessopt.sklearn import LinearRegression
    >>> fit = LinearRegression().fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0])
    >>> fit.coef_.round(12), round(float(fit.intercept_), 12)
    (array([2.]), 1.0)
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **Predictor._parameter_constraints,
        "positive": ["boolean"],
        "noise": NOISE["noise"],
    }

    def __init__(
        self, *, fit_intercept: bool = True, positive: bool = False, noise: Any = None
    ) -> None:
        self.fit_intercept = fit_intercept
        self.positive = positive
        self.noise = noise

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> LinearRegression:
        """Fit the coefficients.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.
        y : array_like, shape (n,) or (n, k)
            Targets.
        sample_weight : array_like, shape (n,), optional
            Weights >= 0 of the rows.

        Returns
        -------
        self
        """
        self._fit(X, y, sample_weight, 0.0)
        return self


class Ridge(LeastSquares):
    """Least squares with a penalty: Σᵢ wᵢ (yᵢ − xᵢᵀ coef − intercept)² + alpha ‖coef‖².

    Parameters
    ----------
    alpha : float or array_like, shape (k,)
        Strength of the penalty, >= 0, of all targets or of each.
    fit_intercept : bool
        Whether there is an intercept, which is not penalised.
    positive : bool
        Whether coefficients are to be >= 0, the intercept aside.
    noise : Dropout, GaussianDropout, GaussianNoise, DropConnect or Augmentation, optional
        A law of `hessopt` that is integrated out of the squares.

    Attributes
    ----------
    coef_, intercept_, rank_, categories_, column_names_, n_features_in_, feature_names_in_
        As of `LinearRegression`.

    Examples
    --------
    >>> from hessopt.sklearn import Ridge
    >>> Ridge(alpha=2.0).fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0]).coef_.round(12)
    array([1.])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **Predictor._parameter_constraints,
        "alpha": [Interval(Real, 0, None, closed="left"), "array-like"],
        "positive": ["boolean"],
        "noise": NOISE["noise"],
    }

    def __init__(
        self,
        alpha: Any = 1.0,
        *,
        fit_intercept: bool = True,
        positive: bool = False,
        noise: Any = None,
    ) -> None:
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.positive = positive
        self.noise = noise

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Ridge:
        """Fit the coefficients.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.
        y : array_like, shape (n,) or (n, k)
            Targets.
        sample_weight : array_like, shape (n,), optional
            Weights >= 0 of the rows.

        Returns
        -------
        self
        """
        self._fit(X, y, sample_weight, self.alpha)
        if len(self.coef_) == 1 and self.coef_.ndim == 2:  # as scikit-learn has it, of Ridge alone
            self.coef_ = self.coef_[0]
        return self

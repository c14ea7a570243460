"""What regressors of one linear predictor, and of those generalized linear models, share."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from numbers import Real
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from sklearn.base import RegressorMixin, _fit_context
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import column_or_1d

from ..integrate import PredictiveDistribution
from ..objectives import Squared
from ..objectives.links import LINKS
from ..uncertainty.response_spread import moments_of_response, spread_of_mean
from .base import NOISE, LinearEstimator, under_noise
from .callbacks import Watch, with_callbacks
from .data import checked, is_single, rows, weights
from .posterior import variance_powers
from .predictive import Predictive
from .summary import Summarised

_Doubles = npt.NDArray[np.float64]
_Array = npt.NDArray[Any]


class LinearRegressor(RegressorMixin, LinearEstimator):
    """An estimator of one linear predictor."""

    def _last(self, n_parameters: int) -> _Doubles | None:
        """The coefficients of the last fit, where that is wanted and fits."""
        if not self.warm_start or not hasattr(self, "coef_"):
            return None
        last = self._parameters()
        return last if len(last) == n_parameters else None

    def _parameters(self) -> _Doubles:
        both = np.append(self.coef_, [self.intercept_] * self.fit_intercept)
        return both.astype(np.float64)

    def _start(self, model: Any) -> _Doubles:
        """The last fit, else what the model says, or zeros."""
        last = self._last(model.n_parameters)
        if last is not None:
            return last
        begins = hasattr(model, "start") and self.fit_intercept
        return np.asarray(model.start()) if begins else np.zeros(model.n_parameters)

    def _attributes(self, x: _Doubles, single: bool) -> dict[str, Any]:
        dtype = np.float32 if single else np.float64
        coef, intercept = (x[:-1], x[-1]) if self.fit_intercept else (x, 0.0)
        return {"coef_": coef.astype(dtype), "intercept_": dtype(intercept)}


class FamilyRegressor(Summarised, Predictive, LinearRegressor, metaclass=ABCMeta):
    """A family of laws at a link."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **LinearEstimator._parameter_constraints,
        **NOISE,
        "alpha": [Interval(Real, 0, None, closed="left")],
        "l1_ratio": [Interval(Real, 0, 1, closed="both")],
        "store_covariance": ["boolean"],
    }

    def __init__(
        self,
        *,
        alpha: float = 1.0,
        l1_ratio: float = 0.0,
        fit_intercept: bool = True,
        solver: str = "auto",
        max_iter: int = 100,
        tol: float | None = None,
        warm_start: bool = False,
        verbose: int = 0,
        noise: Any = None,
        noise_method: str = "auto",
        store_covariance: bool = False,
    ) -> None:
        self.alpha = alpha
        self.l1_ratio = l1_ratio
        self.fit_intercept = fit_intercept
        self.solver = solver
        self.max_iter = max_iter
        self.tol = tol
        self.warm_start = warm_start
        self.verbose = verbose
        self.noise = noise
        self.noise_method = noise_method
        self.store_covariance = store_covariance

    @abstractmethod
    def _family(self, fitted: bool) -> tuple[Any, dict[str, Any]]:
        """The family and what it is given beside data: as asked for, or as a fit has found it."""

    @with_callbacks
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None, offset: Any = None) -> FamilyRegressor:
        """Fit the coefficients.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.
        y : array_like, shape (n,)
            Targets, in the domain of the law.
        sample_weight : array_like, shape (n,), optional
            Weights >= 0 of the rows.
        offset : array_like, shape (n,), optional
            Added to the predictor, with no coefficient of its own: of counts the log of the
            exposure.

        Returns
        -------
        self
        """
        watch = Watch(self, X, y, sample_weight)
        X, y = rows(self, X, y, reference=self.fit_intercept and self.alpha == 0, y_numeric=True)
        model, start = self._found(
            self._model(False, X, y, weights(sample_weight, X), offset, self.alpha)
        )
        single, noisy = is_single(X), under_noise(model, self._noise, self.noise_method)
        result = self._minimum(noisy, start, lambda x: self._attributes(x, single), watch)
        self.n_iter_ = result.nit
        self._store(noisy, result.x)
        return self

    def _found(self, model: Any) -> tuple[Any, _Doubles]:
        """The model, what is left open of its law settled, and a start."""
        return model, self._start(model)

    @property
    def _strength(self) -> float:
        """Of the penalty of the mean."""
        return self.alpha

    def _model(
        self, fitted: bool, X: Any, y: Any, weight: Any, offset: Any, strength: float
    ) -> Any:
        family, given = self._family(fitted)
        return family(
            checked(X),
            y,
            l2=(1 - self.l1_ratio) * strength,
            l1=self.l1_ratio * strength,
            sample_weight=weight,
            offset=offset,
            fit_intercept=self.fit_intercept,
            **given,
        )

    def _fitted(
        self, X: Any, y: Any, sample_weight: Any, offset: Any = None
    ) -> tuple[Any, _Doubles]:
        X, y = rows(self, X, y, reset=False, y_numeric=True)
        model = self._model(True, X, y, weights(sample_weight, X), offset, self._strength)
        return under_noise(model, self._noise, self.noise_method), self._parameters()

    @property
    def _link(self) -> str:
        family, given = self._family(True)
        return str(given.get("link") or next(iter(family._links)))

    @property
    def _response(self) -> str:
        response = LINKS[self._link].response
        if response is None:
            got = f"{self._link!r}, under which a mean of a normal predictor has no moments"
            raise ValueError(f"link: got {got}; want another")
        return response

    def predict(self, X: Any, offset: Any = None, return_std: bool = False) -> Any:
        """The means of y.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.
        offset : array_like, shape (n,), optional
            Added to the predictor.
        return_std : bool
            Whether the standard deviation of a new y is returned too, of its law and of what the
            coefficients leave open: √(φ E V(μ) + Var μ) over their posterior, φ V(μ) being the
            variance of the law. Wants ``store_covariance=True``, but after a choice of the penalty.
            `predict_distribution` has the part of the coefficients alone, √(Var μ).

        Returns
        -------
        y : ndarray, shape (n,)
            At the coefficients of the fit.
        std : ndarray, shape (n,)
            With `return_std`.
        """
        offset = None if offset is None else column_or_1d(offset)
        eta = self._predictor(X)
        mean = np.asarray(LINKS[self._link].mean(eta if offset is None else eta + offset))
        if not return_std:
            return mean
        at, variance = self._law(X, offset, "return_std: got True")
        dispersion = self._known("", self._kept()).dispersion
        of_mean = spread_of_mean(self._response, at, variance).variance
        factors, powers = zip(*variance_powers(*self._family(True)), strict=True)
        of_law = np.array(factors) @ moments_of_response(self._response, powers, at, variance)
        return mean, np.sqrt(of_mean + dispersion * of_law).astype(mean.dtype)

    def predict_distribution(
        self,
        X: Any,
        offset: Any = None,
        *,
        under: Literal["posterior", "noise"] | None = None,
        n_samples: int | None = None,
    ) -> PredictiveDistribution:
        """Mean and spread of the mean of y.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.
        offset : array_like, shape (n,), optional
            Added to the predictor.
        under : {"posterior", "noise"}, optional
            What predictions vary over: the Laplace posterior of the coefficients, which takes
            ``store_covariance=True`` or a choice of the penalty, or the `noise` of the fit, put on
            these rows by Monte Carlo. By default the noise, where there is some.
        n_samples : int, optional
            Of the noise, 128 by default. Posteriors are formulas, whose standard errors are 0.

        Returns
        -------
        hessopt.PredictiveDistribution
            Labelled by its ``under``.

        Raises
        ------
        ValueError
            Without a covariance, which the error says how to have, or without noise; on an offset
            beside noise where it neither moves nor scales the mean, as at a logit link.
        """
        at = None if offset is None else column_or_1d(offset).astype(np.float64)
        return self._distribution(X, at, under, n_samples)

    def score(self, X: Any, y: Any, sample_weight: Any = None, offset: Any = None) -> float:
        """D², the share of the deviance that the fit explains, 1 at best.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.
        y : array_like, shape (n,)
            Targets, in the domain of the law.
        sample_weight : array_like, shape (n,), optional
            Weights >= 0 of the rows.
        offset : array_like, shape (n,), optional
            Added to the predictor.

        Returns
        -------
        float
            1 less the deviance over that of the best constant.
        """
        X = rows(self, X, reset=False)
        model = self._model(
            True, X, column_or_1d(y), weights(sample_weight, X), offset, self._strength
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.float64(model.deviance(self._parameters())) / model.null_deviance()
        return float(1 - share)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.positive_only = self._family(False)[0] is not Squared
        return tags

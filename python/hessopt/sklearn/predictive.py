"""What estimators say of new rows beside a prediction: how far it may be off, and by what."""

from __future__ import annotations

import dataclasses
from abc import ABCMeta, abstractmethod
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import check_is_fitted

from ..integrate import PredictiveDistribution, predict_distribution
from ..noise import DropConnect, Dropout
from ..objectives.likelihood import mean_of_target
from ..uncertainty.response_spread import spread_of_mean
from .data import rows
from .posterior import Posterior, posterior_of

_Doubles = npt.NDArray[np.float64]


class Predictive(metaclass=ABCMeta):
    """`predict_distribution` of an estimator with a posterior, or with noise."""

    _posterior: Posterior | str | None  # or why there is none, or None where nobody asked
    store_covariance: bool
    coef_: Any
    intercept_: Any

    @property
    @abstractmethod
    def _response(self) -> str:
        """What the mean of y is of the predictor, by a name of `RESPONSES`."""

    def _kept(self) -> Posterior | str | None:
        """Of the only target, or of all classes."""
        return self._posterior

    def _store(self, objective: Any, x: _Doubles) -> None:
        """Keep the posterior of a fit, where that was asked for."""
        self._posterior = posterior_of(objective, x) if self.store_covariance else None

    def _known(self, asked: str, kept: Posterior | str | None) -> Posterior:
        """The posterior, or an error that says what was asked for."""
        if isinstance(kept, Posterior):
            return kept
        if kept is None:
            got = f"{asked} of a fit that keeps no covariance"
            raise ValueError(f"{got}; want {type(self).__name__}(store_covariance=True)")
        raise ValueError(f"{asked} of a fit without a covariance, of {kept}")

    @property
    def covariance_(self) -> _Doubles:
        """Of the coefficients and then the intercept, of one class after the other."""
        check_is_fitted(self)
        kept = self._kept()
        if not isinstance(kept, Posterior):
            raise AttributeError(f"{type(self).__name__} has no attribute 'covariance_'")
        mean, inverse = kept.curvature.mean, kept.curvature.inverse
        if mean is not None:
            for _ in range(2):  # its rows, then its columns
                each = inverse.T.reshape(len(inverse), -1, len(mean) + 1).copy()
                each[:, :, -1] -= each[:, :, :-1] @ mean
                inverse = each.reshape(inverse.shape)
        return np.asarray(inverse * (kept.dispersion / kept.total))

    def predict_distribution(
        self,
        X: Any,
        *,
        under: Literal["posterior", "noise"] | None = None,
        n_samples: int | None = None,
    ) -> PredictiveDistribution:
        """Mean and spread of predictions: of the mean of y, of the probabilities of classes.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.
        under : {"posterior", "noise"}, optional
            What predictions vary over: the Laplace posterior of the coefficients, or the `noise` of
            the fit, put on these rows by Monte Carlo. By default the noise, where there is some.
        n_samples : int, optional
            What is sampled: of the noise, 128 by default, and of the posterior of more than two
            classes, 1024. Other posteriors are integrals, whose standard errors are 0.

        Returns
        -------
        hessopt.PredictiveDistribution
            Labelled by its ``under``; of probabilities with their entropies.

        Raises
        ------
        ValueError
            Without a covariance, which the error says how to have, or without noise.
        """
        return self._distribution(X, None, under, n_samples)

    def _distribution(
        self, X: Any, offset: _Doubles | None, under: str | None, n_samples: int | None
    ) -> PredictiveDistribution:
        check_is_fitted(self)
        noise: Any = getattr(self, "noise_", getattr(self, "noise", None))
        if under not in ("posterior", "noise", None):
            raise ValueError(f"under: got {under!r}; want 'posterior' or 'noise'")
        if under == "posterior" or (under is None and noise is None):
            return self._spread(*self._law(X, offset, "under: got 'posterior'"), n_samples)
        if noise is None:
            raise ValueError("under: got 'noise' of a fit without noise; want a law as noise=")
        if offset is not None and self._response not in ("identity", "exponential"):
            want = "none, or a link of which an offset moves or scales the mean: identity or log"
            raise ValueError(f"offset: got some beside noise; want {want}")
        X = rows(self, X, reset=False)
        X = X.toarray() if hasattr(X, "toarray") else X
        w = np.atleast_2d(self.coef_).astype(np.float64)
        if isinstance(noise, DropConnect):  # drops terms of a predictor, each class its own
            noise, X = Dropout(noise.rate, noise.seed), np.tile(X, len(w))
            w = np.hstack([w[k] * np.eye(len(w))[:, [k]] for k in range(len(w))])
        found = predict_distribution(
            lambda Z: self._outputs(Z @ w.T + self.intercept_), X, noise, n_samples=n_samples
        )
        return found if offset is None else _moved(found, self._response, offset)

    def _spread(
        self, mean: _Doubles, covariance: _Doubles, n_samples: int | None
    ) -> PredictiveDistribution:
        """Of a normal predictor."""
        return spread_of_mean(self._response, mean, covariance)

    def _outputs(self, eta: _Doubles) -> _Doubles:
        """Of predictors, shape (m, K): what is predicted."""
        out = mean_of_target(self._response, eta)
        return out[:, 0] if out.shape[1] == 1 else out

    def _law(self, X: Any, offset: _Doubles | None, asked: str) -> tuple[_Doubles, _Doubles]:
        """Mean and covariance of the predictors of rows, by the posterior."""
        check_is_fitted(self)
        kept = self._known(asked, self._kept())
        X = rows(self, X, reset=False)
        w = np.atleast_2d(self.coef_).astype(np.float64)
        mean = np.asarray(X @ w.T + self.intercept_, np.float64)
        if offset is not None:
            mean += offset[:, None]
        covariance = kept.covariance(X, len(w))
        return (mean[:, 0] if len(w) == 1 else mean), covariance


def _moved(
    found: PredictiveDistribution, response: str, offset: _Doubles
) -> PredictiveDistribution:
    """With something added to every predictor: to the mean of y, or to its logarithm."""
    if response == "identity":
        return dataclasses.replace(found, mean=found.mean + offset)
    factor = np.exp(offset)
    return dataclasses.replace(
        found,
        mean=found.mean * factor,
        variance=found.variance * factor**2,
        standard_error=found.standard_error * factor,
    )

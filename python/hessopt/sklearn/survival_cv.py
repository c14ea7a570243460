"""Proportional hazards with a penalty that folds choose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from sklearn.base import _fit_context

from .data import is_single, rows, weights
from .selection import alphas_of, chosen
from .survival import CoxRegressor, outcome

_Doubles = npt.NDArray[np.float64]


class CoxRegressorCV(CoxRegressor):
    """Cox's model whose penalty is that under which folds predict best what they have not seen.

    Parameters
    ----------
    alphas : array_like, optional
        Values of alpha, > 0. By default 100, from where the penalty is as strong as the losses
        downwards.
    ties : {"efron", "breslow"}
        What tied events count as.
    cv : None, int, splitter or iterable of splits
        Folds, five by default, of even shares of the events.

    Attributes
    ----------
    alpha_ : float
        The choice.
    alphas_, scores_ : ndarray, shape (m,)
        Values of alpha, rising, and of each the mean over folds of what their rows add to the log
        of the partial likelihood, a row: the larger the better. Between some of them scores are
        interpolated.
    coef_, event_times_, cumulative_hazard_, strata_, categories_, column_names_, n_features_in_, \
feature_names_in_
        As of `CoxRegressor`, at `alpha_`.

    Notes
    -----
    A few rows have risk sets that tell little, so that a fold's share of the likelihood is that of
    all rows less that of the others, at the fit of the others.

    References
    ----------
    P. J. M. Verweij, H. C. van Houwelingen, "Cross-validation in survival analysis", Statist. Med.
    12 (1993).

    Examples
    --------
    >>> import numpy as np
    >>> from hessopt.sklearn import CoxRegressorCV
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 10))
    >>> times = rng.exponential(np.exp(-0.5 * X[:, 0]))
    >>> 0.001 < CoxRegressorCV().fit(X, times).alpha_ < 1
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "alphas": ["array-like", None],
        "ties": CoxRegressor._parameter_constraints["ties"],
        "cv": ["cv_object"],
    }

    noise = None

    def __init__(
        self, *, alphas: Any = None, ties: Literal["efron", "breslow"] = "efron", cv: Any = None
    ) -> None:
        self.alphas = alphas
        self.ties = ties
        self.cv = cv

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        entry: Any = None,
        strata: Any = None,
    ) -> CoxRegressorCV:
        """Choose alpha, and fit the coefficients and the baseline hazard.

        Parameters
        ----------
        X, y, sample_weight, entry, strata
            As of `CoxRegressor.fit`.

        Returns
        -------
        self
        """
        event, time = outcome(y)
        X, time = rows(self, X, time, y_numeric=True, ensure_min_samples=2)
        numbers = self._numbered(strata)
        weight = weights(sample_weight, X)

        def model(w: Any, alpha: float) -> Any:
            return self._model(X, time, event, w, entry, numbers, alpha)

        whole = model(weight, 1.0)
        self.alphas_ = alphas_of(self.alphas, whole, 1.0)
        choice = chosen(
            model,
            self.alphas_,
            weight,
            self.cv,
            np.asarray(event, int),
            summed=False,
            classifier=True,
            left_out=_added(whole.with_l2(0.0)),
        )
        self.alpha_, self.scores_ = float(self.alphas_[choice.best]), -choice.scores
        self.coef_ = choice.x.astype(np.float32 if is_single(X) else np.float64)
        self._keep_baseline(whole, choice.x)
        return self

    @property
    def _strength(self) -> float:
        return self.alpha_


def _added(whole: Any) -> Any:
    """What rows that are left out add to the likelihood, at parameters."""

    def left_out(
        model: Callable[[_Doubles, float], Any], fold: _Doubles, left: _Doubles
    ) -> Callable[[_Doubles], float]:
        others = model(fold, 0.0)
        count = float(left.sum())
        return lambda x: float(others.log_likelihood(x) - whole.log_likelihood(x)) / count

    return left_out

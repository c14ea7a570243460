"""Families of shares: labels of two classes, and fractions of trials."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from .. import _validation
from .family import Family
from .separation import OF_CLASSES
from .special import log_gamma, y_log

_Doubles = npt.NDArray[np.float64]


class Logistic(Family):
    """The logistic loss of two classes, y in {0, 1}: ℓ(η, y) = log(1 + e^η) − yη.

    The parameters are those of `LinearModel`. y may be the fraction k / m of m cases too: with m as
    `sample_weight` that is the objective of the m rows. `Binomial` has other links, and `trials`.
    """

    dispersion_is_free = False
    _loss = "Logistic"
    _links: ClassVar = {"logit": ("Logistic", {})}
    _takes_link = False
    _means: ClassVar = (0.0, 1.0)
    _runs_away = OF_CLASSES

    def _variance(self, mu: _Doubles) -> _Doubles:
        return mu * (1 - mu)

    def _saturated_rows(self, y: _Doubles, dispersion: _Doubles) -> _Doubles:
        return y_log(y, y) + y_log(1 - y, 1 - y)


class Binomial(Family):
    """Binomial regression: y is the fraction of `trials` that succeed, of probability μ.

    ℓ(η, y) = y log(y/μ) + (1 − y) log((1 − y)/(1 − μ)), half the deviance of a trial, and
    f = Σᵢ weightᵢ trialsᵢ ℓ(ηᵢ, yᵢ) / Σᵢ weightᵢ trialsᵢ + ½ Σⱼ l2ⱼ wⱼ². Of labels 0 and 1 with the
    link "logit" it is the objective of `Logistic`.

    Parameters
    ----------
    X : array_like, shape (n, p)
        Data, finite.
    y : array_like, shape (n,)
        Successes / trials, in [0, 1].
    trials : array_like, shape (n,), optional
        How many there were, > 0; 1 by default.
    link : {"logit", "probit", "cloglog", "cauchit"}, optional
        μ is 1/(1 + e^−η), the normal distribution function, 1 − e^(−e^η), or ½ + arctan(η)/π, which
        is not convex.
    l2, l1, sample_weight, offset, fit_intercept
        As in `LinearModel`; weights are those of whole rows.

    Examples
    --------
    >>> import hessopt
    >>> beetles, died = [[1.7], [1.75], [1.8], [1.85]], [6 / 59, 18 / 62, 52 / 56, 53 / 63]
    >>> f = hessopt.objectives.Binomial(beetles, died, trials=[59, 62, 56, 63], link="probit")
    >>> x = hessopt.minimize(f, f.start()).x
    >>> f.deviance(x) < f.null_deviance()
    True
    """

    _links: ClassVar = {
        link: (f"Binomial({link})", {}) for link in ("logit", "probit", "cloglog", "cauchit")
    }
    _means: ClassVar = (0.0, 1.0)
    dispersion_is_free = False
    _runs_away = OF_CLASSES

    def __init__(
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        trials: npt.ArrayLike | None = None,
        link: str | None = None,
        l2: npt.ArrayLike = 0.0,
        l1: npt.ArrayLike = 0.0,
        sample_weight: npt.ArrayLike | None = None,
        offset: npt.ArrayLike | None = None,
        fit_intercept: bool = True,
        **others: Any,
    ) -> None:
        self._trials = trials
        super().__init__(
            X,
            y,
            link=link,
            l2=l2,
            l1=l1,
            sample_weight=sample_weight,
            offset=offset,
            fit_intercept=fit_intercept,
            **others,
        )

    def _weights_of_losses(self, weight: _Doubles, n_rows: int) -> _Doubles:
        if self._trials is None:
            return weight
        trials = _validation.doubles("trials", self._trials, n_rows)
        if (trials <= 0).any():
            raise _validation.error("trials", f"the number {trials.min():g}", "numbers > 0")
        self._trials = trials
        return weight * trials if weight.size else trials

    def _options(self) -> dict[str, Any]:
        return {**super()._options(), "trials": self._trials}

    def _variance(self, mu: _Doubles) -> _Doubles:
        return mu * (1 - mu)

    def _weights(self) -> _Doubles:
        weight, trials = super()._weights(), self._given[1]["trials"]
        return weight if trials is None else weight * trials

    def _saturated_rows(self, y: _Doubles, dispersion: _Doubles) -> _Doubles:
        trials = self._given[1]["trials"]
        m = np.ones_like(y) if trials is None else trials
        k = m * y
        choices = log_gamma(m + 1) - log_gamma(k + 1) - log_gamma(m - k + 1)
        return np.asarray(choices + y_log(k, y) + y_log(m - k, 1 - y))

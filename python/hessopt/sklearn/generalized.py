"""A regressor of any law and loss of one predictor that the library has."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from sklearn.utils._param_validation import StrOptions

from .. import objectives
from .._minimize import minimize
from ..objectives import LinearModel
from ..objectives.family import Family
from ..objectives.links import LINKS
from .data import rows, weights
from .regression import FamilyRegressor

_Doubles = npt.NDArray[np.float64]


#: Of `hessopt.objectives`, those whose targets are numbers.
FAMILIES = [
    name
    for name in objectives.__all__
    if name not in ("LinearModel", "Exponential")
    and issubclass(getattr(objectives, name), LinearModel)
]


class GeneralizedLinearRegressor(FamilyRegressor):
    """A generalized linear model: a law of y, a link of its mean; or a loss of the residual.

    Minimises the mean of the loss + alpha (l1_ratio ‖coef‖₁ + ½ (1 − l1_ratio) ‖coef‖²).

    Parameters
    ----------
    family : str
        A law or loss of `hessopt.objectives` by its name: "Squared", "Poisson", "Gamma",
        "InverseGaussian", "NegativeBinomial", "Tweedie", "Binomial" and "Logistic", whose y is a
        fraction; "Huber", "PseudoHuber", "Expectile", "SmoothedQuantile".
    link : str
        Of the mean, one that the family has; "auto" takes its first.
    family_params : dict, optional
        Numbers of the family by their names there: ``{"theta": 2.0}`` of "NegativeBinomial",
        ``{"power": 1.5}`` of "Tweedie", ``{"delta": 0.5}``, ``{"level": 0.9}``.
    alpha, l1_ratio, fit_intercept, solver, max_iter, tol, warm_start, verbose
        As of `PoissonRegressor`.
    noise, noise_method, store_covariance
        As of `PoissonRegressor`.

    Attributes
    ----------
    coef_, intercept_, n_iter_, categories_, column_names_, n_features_in_, feature_names_in_
        As of `PoissonRegressor`.

    See Also
    --------
    PoissonRegressor, GammaRegressor, TweedieRegressor, NegativeBinomialRegressor, HuberRegressor

    Notes
    -----
    Fractions k / m of "Binomial" have m as their `sample_weight`. `summary` is of likelihoods, and
    of losses that are none by ``covariance="HC0"`` and the other sandwiches. `score` of a loss is
    the share that the fit takes off the loss of the best constant.

    Examples
    --------
    >>> from hessopt.sklearn import GeneralizedLinearRegressor
    >>> dose, died = [[1.7], [1.75], [1.8], [1.85]], [6 / 59, 18 / 62, 52 / 56, 53 / 63]
    >>> probit = GeneralizedLinearRegressor("Binomial", link="probit", alpha=0)
    >>> probit.fit(dose, died, sample_weight=[59, 62, 56, 63]).predict([[1.78]]).round(2)
    array([0.58])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **FamilyRegressor._parameter_constraints,
        "family": [StrOptions(set(FAMILIES))],
        "link": [StrOptions({"auto", *LINKS})],
        "family_params": [dict, None],
    }

    def __init__(
        self,
        family: str = "Squared",
        *,
        link: str = "auto",
        family_params: dict[str, float] | None = None,
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
        super().__init__(
            alpha=alpha,
            l1_ratio=l1_ratio,
            fit_intercept=fit_intercept,
            solver=solver,
            max_iter=max_iter,
            tol=tol,
            warm_start=warm_start,
            verbose=verbose,
            noise=noise,
            noise_method=noise_method,
            store_covariance=store_covariance,
        )
        self.family = family
        self.link = link
        self.family_params = family_params

    def _family(self, fitted: bool) -> tuple[type[LinearModel], dict[str, Any]]:
        link = {} if self.link == "auto" else {"link": self.link}
        return getattr(objectives, self.family), {**(self.family_params or {}), **link}

    @property
    def _link(self) -> str:
        return super()._link if issubclass(self._family(True)[0], Family) else "identity"

    def score(self, X: Any, y: Any, sample_weight: Any = None, offset: Any = None) -> float:
        """D², the share of the deviance, or of a loss that is none, that the fit explains.

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
            1 less the deviance or loss over that of the best constant; 1 at best.
        """
        kind, given = self._family(True)
        if issubclass(kind, Family):
            return super().score(X, y, sample_weight, offset)
        X = rows(self, X, reset=False)
        named = {"sample_weight": weights(sample_weight, X), "offset": offset, **given}
        model = kind(X, y, fit_intercept=self.fit_intercept, **named)
        constant = kind(np.ones((len(y), 1)), y, fit_intercept=False, **named)
        null = minimize(constant, np.array([np.median(y)])).fun
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(1 - np.float64(model.value_and_gradient(self._parameters())[0]) / null)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.positive_only = issubclass(self._family(True)[0], Family) and (
            self.family != "Squared"
        )
        return tags

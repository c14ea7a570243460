"""Regressors of counts and amounts: Poisson, gamma, Tweedie and negative binomial laws."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from sklearn.utils._param_validation import Interval, StrOptions

from ..objectives import Gamma, NegativeBinomial, Poisson, Squared, Tweedie
from ..objectives.family import Family
from ..uncertainty import maximize_likelihood
from .regression import FamilyRegressor

_Doubles = npt.NDArray[np.float64]
_BEGIN_POWER = 1.5  # where the search for a power begins


class PoissonRegressor(FamilyRegressor):
    """Poisson regression of counts and rates, with mean exp(X coef + intercept + offset).

    Minimises half the mean deviance + alpha (l1_ratio ‖coef‖₁ + ½ (1 − l1_ratio) ‖coef‖²), the mean
    weighted, to its last digits: what scikit-learn's estimator of this name converges to.

    Parameters
    ----------
    alpha : float
        Strength of the penalty, >= 0.
    l1_ratio : float
        Share of absolute values in it, in [0, 1]: above 0 some coefficients are 0, and there is no
        `summary`.
    fit_intercept : bool
        Whether there is an intercept, which is not penalised.
    solver : {"auto", "newton", "newton_cg", "trust_region", "lbfgs", "bfgs"}
        "auto" takes what suits the size and kind of the data, see `hessopt.minimize`.
    max_iter : int
        Most iterations.
    tol : float, optional
        End a fit where no component of the gradient is larger. By default it ends by itself, with
        six digits of a standard error or more.
    warm_start : bool
        Begin from the last fit.
    verbose : int
        Whether to print how the fit ended.
    noise : Dropout, GaussianDropout, GaussianNoise, DropConnect or Augmentation, optional
        A law of `hessopt` that is integrated out of the loss.
    noise_method : {"auto", "exact", "normal", "taylor", "sample"}
        How, see `hessopt.expected`. "auto" is "exact" where that is a formula, else "sample".
    store_covariance : bool
        Whether the covariance of the coefficients is kept, as `predict` with ``return_std`` and
        `predict_distribution` want it. It takes one Hessian more, and (p + 1)² numbers.

    Attributes
    ----------
    coef_ : ndarray, shape (p,)
        Of float32 where X is.
    intercept_ : float
        Without the noise that was integrated out.
    n_iter_ : int
        Iterations.
    covariance_ : ndarray, shape (p + 1, p + 1)
        Of the coefficients, then the intercept, with ``store_covariance=True``.
    categories_, column_names_ : dict, list
        Of a frame with categorical columns: their levels, and what each coefficient is of.
    n_features_in_, feature_names_in_
        As in scikit-learn.

    Examples
    --------
    >>> import numpy as np
    >>> from hessopt.sklearn import PoissonRegressor
    >>> X, claims, years = [[0.0], [0.0], [1.0], [1.0]], [2, 1, 3, 9], [1.0, 2.0, 1.0, 3.0]
    >>> fit = PoissonRegressor(alpha=0).fit(X, claims, offset=np.log(years))
    >>> fit.predict([[0.0], [1.0]]).round(6)  # a year
    array([1., 3.])
    """

    def _family(self, fitted: bool) -> tuple[type[Family], dict[str, Any]]:
        return Poisson, {}


class GammaRegressor(FamilyRegressor):
    """Gamma regression of amounts > 0, with mean exp(X coef + intercept + offset).

    Parameters and attributes are those of `PoissonRegressor`.

    Examples
    --------
    >>> from hessopt.sklearn import GammaRegressor
    >>> fit = GammaRegressor(alpha=0).fit([[0.0], [0.0], [1.0], [1.0]], [1.0, 3.0, 4.0, 8.0])
    >>> fit.predict([[0.0], [1.0]]).round(6)
    array([2., 6.])
    """

    def _family(self, fitted: bool) -> tuple[type[Family], dict[str, Any]]:
        return Gamma, {}


class TweedieRegressor(FamilyRegressor):
    """Regression of amounts whose variance grows as a power of the mean.

    Parameters and attributes are those of `PoissonRegressor`, and

    Parameters
    ----------
    power : float or "ml"
        0, the normal law, or >= 1: 1 is Poisson's, 2 the gamma law, 3 the inverse Gaussian; between
        1 and 2 amounts are often 0, as claims are. "ml" finds that of largest likelihood there.
    link : {"auto", "identity", "log"}
        Of the mean: "auto" is "identity" for power 0, else "log". "identity" for 0, 1 and 2 alone.

    Attributes
    ----------
    power_ : float
        The power.

    Examples
    --------
    >>> from hessopt.sklearn import TweedieRegressor
    >>> fit = TweedieRegressor(power=1.5, alpha=0).fit([[0.0], [0.0], [1.0]], [0.0, 4.0, 9.0])
    >>> fit.predict([[0.0], [1.0]]).round(6)
    array([2., 9.])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **FamilyRegressor._parameter_constraints,
        "power": [Interval(Real, None, None, closed="neither"), StrOptions({"ml"})],
        "link": [StrOptions({"auto", "identity", "log"})],
    }

    def __init__(
        self,
        *,
        power: Any = 0.0,
        alpha: float = 1.0,
        l1_ratio: float = 0.0,
        fit_intercept: bool = True,
        link: str = "auto",
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
        self.power = power
        self.link = link

    def _family(self, fitted: bool) -> tuple[type[Family], dict[str, Any]]:
        power = self.power_ if fitted else _BEGIN_POWER if self.power == "ml" else self.power
        return tweedie(power, self.link)

    def _found(self, model: Any) -> tuple[Any, _Doubles]:
        if self.power != "ml":
            self.power_ = float(self.power)
            return super()._found(model)
        found = maximize_likelihood(model, self._start(model))
        self.power_ = found.value
        return found.objective, found.x

    def __sklearn_tags__(self) -> Any:
        tags = super(FamilyRegressor, self).__sklearn_tags__()
        tags.target_tags.positive_only = self.power != 0
        return tags


def tweedie(power: float, link: str) -> tuple[type[Family], dict[str, Any]]:
    """The family of a power and a link, with what it is given beside data."""
    link = ("identity" if power == 0 else "log") if link == "auto" else link
    found: dict[tuple[float, str], tuple[type[Family], dict[str, Any]]] = {
        (0, "identity"): (Squared, {}),
        (1, "identity"): (Poisson, {"link": "identity"}),
        (1, "log"): (Poisson, {}),
        (2, "identity"): (Gamma, {"link": "identity"}),
        (2, "log"): (Gamma, {}),
    }
    if (power, link) in found:
        return found[power, link]
    if power < 1 or link == "identity":
        want = "1 or more with the link 'log'; 0, 1 or 2 with 'identity'"
        raise ValueError(f"power: got {power} with the link {link!r}; want {want}")
    return Tweedie, {"power": power}


class NegativeBinomialRegressor(FamilyRegressor):
    """Regression of counts with more spread than Poisson's: variance μ + μ² / theta of the mean μ.

    Parameters and attributes are those of `PoissonRegressor`, and

    Parameters
    ----------
    theta : float or "ml"
        > 0; the larger, the nearer to Poisson's, and 1 / theta is the alpha of statsmodels. "ml"
        finds that of largest likelihood, infinite where counts have no more spread than Poisson's.

    Attributes
    ----------
    theta_ : float
        The theta.

    Examples
    --------
    >>> from hessopt.sklearn import NegativeBinomialRegressor
    >>> X, counts = [[0.0]] * 6 + [[1.0]] * 6, [0, 0, 1, 2, 3, 6, 0, 1, 2, 5, 9, 19]
    >>> fit = NegativeBinomialRegressor(theta="ml", alpha=0).fit(X, counts)
    >>> fit.predict([[0.0], [1.0]]).round(6), round(fit.theta_, 3)
    (array([2., 6.]), 0.902)
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **FamilyRegressor._parameter_constraints,
        "theta": [Interval(Real, 0, None, closed="neither"), StrOptions({"ml"})],
    }

    def __init__(
        self,
        *,
        theta: Any = 1.0,
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
        self.theta = theta

    def _family(self, fitted: bool) -> tuple[type[Family], dict[str, Any]]:
        theta = self.theta_ if fitted else 1.0 if self.theta == "ml" else self.theta
        return (Poisson, {}) if math.isinf(theta) else (NegativeBinomial, {"theta": theta})

    def _found(self, model: Any) -> tuple[Any, _Doubles]:
        if self.theta != "ml":
            self.theta_ = float(self.theta)
            return super()._found(model)
        found = maximize_likelihood(model, self._start(model))
        self.theta_ = found.value
        return found.objective, found.x

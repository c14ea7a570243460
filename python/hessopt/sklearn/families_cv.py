"""Regressions of counts and amounts that choose the strength of their penalty."""

from __future__ import annotations

from numbers import Real
from typing import Any, ClassVar

from sklearn.base import _fit_context
from sklearn.utils._param_validation import Interval, StrOptions

from ..objectives import NegativeBinomial
from .base import Predictor, under_noise
from .data import is_single, rows, weights
from .families import GammaRegressor, PoissonRegressor, tweedie
from .posterior import posterior_of_choice
from .regression import FamilyRegressor
from .selection import CV, LAWS, Choice, alphas_of, among_laws, chosen


class ChosenRegressor(FamilyRegressor):
    """A regression of counts or amounts that chooses its penalty, and a law of noise."""

    l1_ratio = 0.0  # leave-one-out and the evidence know of squares alone
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **Predictor._parameter_constraints,
        **LAWS,
        "alphas": ["array-like", None],
        "cv": CV,
    }

    def __init__(
        self,
        *,
        alphas: Any = None,
        fit_intercept: bool = True,
        cv: Any = None,
        noise: Any = None,
        noise_method: str = "auto",
    ) -> None:
        self.alphas = alphas
        self.fit_intercept = fit_intercept
        self.cv = cv
        self.noise = noise
        self.noise_method = noise_method

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None, offset: Any = None) -> Any:
        """Choose alpha and fit the coefficients.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.
        y : array_like, shape (n,)
            Targets, in the domain of the law.
        sample_weight : array_like, shape (n,), optional
            Weights >= 0 of the rows.
        offset : array_like, shape (n,), optional
            Added to the predictor, with no coefficient of its own.

        Returns
        -------
        self
        """
        X, y = rows(self, X, y, y_numeric=True, ensure_min_samples=2)
        weight = weights(sample_weight, X)

        self.alphas_ = alphas_of(self.alphas, self._model(False, X, y, weight, offset, 1.0), 1.0)

        def choose(law: Any, cv: Any) -> Choice:
            def model(w: Any, alpha: float) -> Any:
                made = self._model(False, X, y, w, offset, alpha)
                return under_noise(made, law, self.noise_method)

            return chosen(model, self.alphas_, weight, cv, y, summed=False)

        self.noise_, choice, scores = among_laws(self.noise, self.cv, y, choose)
        self.scores_, self.alpha_ = -scores, float(self.alphas_[choice.best])
        for name, value in self._attributes(choice.x, is_single(X)).items():
            setattr(self, name, value)
        at_best = self._model(False, X, y, weight, offset, self.alpha_)
        at_best = under_noise(at_best, self.noise_, self.noise_method)
        self._posterior = posterior_of_choice(at_best, choice.x)
        return self

    @property
    def _strength(self) -> float:
        return self.alpha_

    @property
    def _noise(self) -> Any:
        return self.noise_


class PoissonRegressorCV(ChosenRegressor):
    """Poisson regression whose penalty is that which predicts rows best that it has not seen.

    Parameters
    ----------
    alphas : array_like, optional
        Values of alpha, > 0. By default 100, from where the penalty is as strong as the losses
        downwards.
    fit_intercept : bool
        Whether there is an intercept, which is not penalised.
    cv : None, "evidence", int, splitter or iterable of splits
        None is leave-one-out from one fit at each alpha, and five folds under noise; "evidence" is
        that of the Laplace approximation; a number of folds, or what scikit-learn takes for such.
    noise : Dropout, GaussianDropout, GaussianNoise, DropConnect or Augmentation, or list, optional
        A law of `hessopt` that is integrated out of the loss. Of a list of laws, and of None for
        none, folds choose one.
    noise_method : {"auto", "exact", "normal", "taylor", "sample"}
        How, see `hessopt.expected`.

    Attributes
    ----------
    alpha_ : float
        The choice.
    noise_ : law or None
        That of the fit.
    alphas_, scores_ : ndarray, shape (m,)
        Values of alpha, rising, and of each minus the mean loss of a row that was left out, or the
        logarithm of the evidence over the weights' sum: the larger the better. Between some of them
        scores are interpolated. Of k laws in a list `scores_` has shape (k, m).
    coef_, intercept_, categories_, column_names_, n_features_in_, feature_names_in_
        As of `PoissonRegressor`, at `alpha_`.

    See Also
    --------
    hessopt.select_l2

    Examples
    --------
    >>> import numpy as np
    >>> from hessopt.sklearn import PoissonRegressorCV
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 10))
    >>> fit = PoissonRegressorCV().fit(X, rng.poisson(np.exp(0.3 * X[:, 0])))
    >>> 0.01 < fit.alpha_ < 10
    True
    """

    _family = PoissonRegressor._family


class GammaRegressorCV(ChosenRegressor):
    """Gamma regression whose penalty is that which predicts rows best that it has not seen.

    Parameters and attributes are those of `PoissonRegressorCV`.
    """

    _family = GammaRegressor._family


class TweedieRegressorCV(ChosenRegressor):
    """Tweedie regression whose penalty is that which predicts rows best that it has not seen.

    Parameters and attributes are those of `PoissonRegressorCV`, and

    Parameters
    ----------
    power : float
        Of the variance, as of `TweedieRegressor`, which finds that of largest likelihood as well.
    link : {"auto", "identity", "log"}
        Of the mean.

    Examples
    --------
    >>> import numpy as np
    >>> from hessopt.sklearn import TweedieRegressorCV
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 10))
    >>> claims = rng.poisson(np.exp(0.5 * X[:, 0])) * rng.gamma(2.0, size=200)
    >>> 0.01 < TweedieRegressorCV(power=1.5).fit(X, claims).alpha_ < 10
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **ChosenRegressor._parameter_constraints,
        "power": [Interval(Real, None, None, closed="neither")],
        "link": [StrOptions({"auto", "identity", "log"})],
    }

    def __init__(
        self,
        *,
        power: float = 0.0,
        alphas: Any = None,
        fit_intercept: bool = True,
        link: str = "auto",
        cv: Any = None,
        noise: Any = None,
        noise_method: str = "auto",
    ) -> None:
        super().__init__(
            alphas=alphas,
            fit_intercept=fit_intercept,
            cv=cv,
            noise=noise,
            noise_method=noise_method,
        )
        self.power = power
        self.link = link

    def _family(self, fitted: bool) -> tuple[Any, dict[str, Any]]:
        return tweedie(self.power, self.link)


class NegativeBinomialRegressorCV(ChosenRegressor):
    """Negative binomial regression whose penalty is that which predicts best what it has not seen.

    Parameters and attributes are those of `PoissonRegressorCV`, and

    Parameters
    ----------
    theta : float
        > 0, as of `NegativeBinomialRegressor`, which finds that of largest likelihood as well.

    Examples
    --------
    >>> import numpy as np
    >>> from hessopt.sklearn import NegativeBinomialRegressorCV
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 10))
    >>> counts = rng.poisson(np.exp(0.5 * X[:, 0]) * rng.gamma(2.0, 0.5, size=200))
    >>> 0.01 < NegativeBinomialRegressorCV(theta=2.0).fit(X, counts).alpha_ < 10
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **ChosenRegressor._parameter_constraints,
        "theta": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self,
        *,
        theta: float = 1.0,
        alphas: Any = None,
        fit_intercept: bool = True,
        cv: Any = None,
        noise: Any = None,
        noise_method: str = "auto",
    ) -> None:
        super().__init__(
            alphas=alphas,
            fit_intercept=fit_intercept,
            cv=cv,
            noise=noise,
            noise_method=noise_method,
        )
        self.theta = theta

    def _family(self, fitted: bool) -> tuple[Any, dict[str, Any]]:
        return NegativeBinomial, {"theta": self.theta}

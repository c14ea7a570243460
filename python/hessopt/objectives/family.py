"""What families of laws share: a link, a variance function, deviances, likelihoods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from .. import _core, _validation
from ..rows import products, rows_of
from .data import Weights, kind_of_weights, offset_of
from .linear_model import LinearModel
from .links import LINKS

_Doubles = npt.NDArray[np.float64]


class Family(LinearModel):
    """A law of y in the exponential family, whose mean is the inverse of a link of the predictor.

    What `Squared`, `Logistic`, `Binomial`, `Poisson`, `NegativeBinomial`, `Gamma`,
    `InverseGaussian` and `Tweedie` have beside `LinearModel`.

    Notes
    -----
    A link at which predictors must be positive, "identity", "sqrt", "inverse" or "inverse_squared",
    makes the objective infinite outside, where solvers shorten their steps. They must begin inside:
    `start` is a point there.

    References
    ----------
    P. McCullagh, J. A. Nelder, "Generalized Linear Models", 2nd ed., 1989.
    """

    #: Name of the link.
    link: str
    #: Whether the variance of y has a factor φ that is not known.
    dispersion_is_free = True
    # Of each link the loss in the table and the parameters of it that the link sets; the default
    # is the first.
    _links: ClassVar[dict[str, tuple[str, dict[str, float]]]] = {}
    _takes_link: ClassVar[bool] = True  # as an argument
    _means: ClassVar[tuple[float, float]] = (0.0, np.inf)  # between which the mean of y lies
    # Every law says these two: V at means, and the log-likelihood of each row where its mean is y,
    # at a dispersion of all rows or of each.
    _variance: Callable[[_Doubles], _Doubles]
    _saturated_rows: Callable[[_Doubles, _Doubles], _Doubles]

    def _row(self, others: dict[str, Any]) -> tuple[str, dict[str, float]]:
        default = next(iter(self._links))
        link = others.pop("link", None) if self._takes_link else None
        # As Stata calls it.
        self.link = default if link is None else "inverse" if link == "reciprocal" else link
        if self.link not in list(self._links):
            raise _validation.error("link", repr(link), f"one of {list(self._links)}")
        self.response = LINKS[self.link].response
        return self._links[self.link]

    def _options(self) -> dict[str, Any]:
        if not self._takes_link:
            return {}
        default = next(iter(self._links))
        return {"link": None if self.link == default else self.link}

    def mean(self, predictor: npt.ArrayLike) -> _Doubles:
        """The mean of y at predictors η, the inverse of the link, of their shape."""
        eta = _validation.array("predictor", predictor).astype(np.float64, order="C")
        return np.asarray(LINKS[self.link].mean(eta))

    def variance(self, mean: npt.ArrayLike) -> _Doubles:
        """V(μ) at means μ, of their shape: the variance of y is dispersion · V(μ)."""
        return np.asarray(self._variance(_validation.array("mean", mean).astype(float, order="C")))

    def start(self) -> _Doubles:
        """A start inside the domain: the intercept that gives the mean of y, coefficients 0.

        Returns
        -------
        ndarray, shape (n_parameters,)

        Raises
        ------
        ValueError
            Without an intercept, where predictors must be positive.
        """
        x = np.zeros(self.n_parameters)
        if self._given[1]["fit_intercept"]:
            lowest, highest = self._means
            mean = self._mean_of_target()
            x[-1] = self._constant(mean) if lowest < mean < highest else 0.0
        elif not np.isfinite(self.value_and_gradient(x)[0]):
            want = "fit_intercept=True, or a start of your own at which predictors are positive"
            raise _validation.error("fit_intercept", "False", want)
        return x

    def deviance(self, x: npt.ArrayLike) -> float:
        """Σᵢ weightᵢ d(yᵢ, μᵢ), twice the log-likelihood that x falls short of a perfect fit.

        In units of the dispersion; the penalty has no part in it.

        Parameters
        ----------
        x : array_like, shape (n_parameters,)
            The minimum, as `hessopt.minimize` finds it.
        """
        given = self._given[1]
        model = self._half_deviance(self.X, given["offset"], given["fit_intercept"])
        return float(2 * self._total_weight * model.value_and_gradient(x)[0])

    def null_deviance(self) -> float:
        """The deviance of the best model with an intercept alone, and the offset."""
        mean, offset = self._mean_of_target(), self._given[1]["offset"]
        lowest, highest = self._means
        if not lowest < mean < highest:  # all y are at that end
            return 0.0
        constant = self._constant(mean)
        model = self._half_deviance(np.ones((len(self._given[0][1]), 1)), offset, False)
        if offset is not None:
            constant = _least(model, constant)
        return float(2 * self._total_weight * model.value_and_gradient([constant])[0])

    def dispersion(
        self,
        x: npt.ArrayLike,
        *,
        method: Literal["pearson", "deviance", "ml"] = "pearson",
        weights: Weights = "frequency",
    ) -> float:
        """An estimate of the dispersion φ, by which the variance of y is φ · V(μ).

        For `covariance`; with it `Poisson` and `Binomial` are the quasi-likelihoods of
        overdispersed counts.

        Parameters
        ----------
        x : array_like, shape (n_parameters,)
            The minimum, as `hessopt.minimize` finds it.
        method : {"pearson", "deviance", "ml"}
            Of Σᵢ weightᵢ (yᵢ − μᵢ)² / V(μᵢ), or of the deviance, over n − n_parameters; or that of
            largest likelihood, where the law has one.
        weights : {"frequency", "variance"}
            What `sample_weight` is: repetitions of a row, n being their sum, or by what a row is
            less spread than others, Var yᵢ = φ V(μᵢ) / weightᵢ, n being the number of rows that
            weigh something.

        Raises
        ------
        ValueError
            Where there are no more rows than parameters; "ml" where there is no such likelihood.
        """
        if method == "ml":
            return self._likeliest_dispersion(x, weights)
        if method not in ("pearson", "deviance"):
            raise _validation.error("method", repr(method), "'pearson', 'deviance' or 'ml'")
        rows = self.n_observations(weights)
        freedom = rows - self.n_parameters
        if freedom <= 0:
            want = f"more than {self.n_parameters} rows, as many as parameters"
            raise _validation.error("X", f"{rows:g} rows", want)
        if method == "deviance":
            return self.deviance(x) / freedom
        return self.pearson_chi2(x) / freedom

    def pearson_chi2(self, x: npt.ArrayLike) -> float:
        """Pearson's Σᵢ weightᵢ (yᵢ − μᵢ)² / V(μᵢ), in units of the dispersion.

        Parameters
        ----------
        x : array_like, shape (n_parameters,)
            The minimum, as `hessopt.minimize` finds it.
        """
        weight, mean, y = self._weights(), self.mean(self.predictor(x)), self._given[0][1]
        some = weight > 0
        squares = (y[some] - mean[some]) ** 2 / self.variance(mean[some])
        return float(weight[some] @ squares)

    def _likeliest_dispersion(self, x: npt.ArrayLike, weights: str) -> float:
        want = f"'pearson' or 'deviance': the likelihood of {type(self).__name__} has no dispersion"
        raise _validation.error("method", "'ml'", want)

    def predictor(self, x: npt.ArrayLike) -> _Doubles:
        """The predictors Xw + b + offset of all rows, shape (n,)."""
        at = _validation.vector("x", x, self.n_parameters).astype(np.float64)
        rows, offset = rows_of("X", self.X), self._given[1]["offset"]
        w, intercept = np.split(at, [rows.shape[1]])
        eta = products(rows, w[:, None], np.array([intercept.sum()]))[:, 0]
        return eta if offset is None else eta + offset

    def log_likelihood(
        self,
        x: npt.ArrayLike,
        *,
        dispersion: float = 1.0,
        weights: Weights = "frequency",
    ) -> float:
        """Log-likelihood of all rows with its constants, as AIC and BIC want it.

        Parameters
        ----------
        x : array_like, shape (n_parameters,)
            The minimum, as `hessopt.minimize` finds it.
        dispersion : float
            Scale φ of the law of y, > 0; 1 for `Binomial`, `Poisson` and `NegativeBinomial`.
        weights : {"frequency", "variance"}
            As in `dispersion`. Where the law has no dispersion both multiply its rows.
        """
        scale = _validation.at_least("dispersion", dispersion, 0)
        if scale == 0:
            raise _validation.error("dispersion", dispersion, "a number > 0")
        return self._saturated(scale, weights) - self.deviance(x) / (2 * scale)

    def log_constant(self, dispersion: float) -> float:
        """What the log-likelihood has beside the losses of all rows over the dispersion."""
        if self.loss in self._as_deviance:
            return super().log_constant(dispersion)
        return self._saturated(dispersion)

    def _expected_derivatives(self, x: npt.ArrayLike) -> _Doubles:
        eta, weight = self.predictor(x), self._weights()
        slope, variance = LINKS[self.link].slope(eta), self.variance(self.mean(eta))
        some = (weight > 0) & (variance > 0)  # 0 where probabilities are 0 or 1 to the last digit
        of_row = np.divide(slope**2, variance, out=np.zeros_like(eta), where=some)
        return np.asarray(weight * of_row / self._total_weight)

    # The loss as half a deviance, which the losses of this name are not.
    _as_deviance: ClassVar[dict[str, tuple[str, dict[str, float]]]] = {
        "Logistic": ("Binomial(logit)", {}),
        "Poisson": ("Tweedie(log)", {"power": 1.0}),
        "Gamma": ("Tweedie(log)", {"power": 2.0}),
    }

    def _half_deviance(self, X: Any, offset: _Doubles | None, intercept: bool) -> _core.LinearModel:
        loss, own = self._as_deviance.get(self.loss, self._links[self.link])
        named = self._given[1] | own
        numbers = [named[name] for name, *_ in _core.parameters_of_loss(loss)]
        y, n = self._given[0][1], self.n_rows
        weight, column = self._weights(), offset_of(offset, n, 1)
        return _core.LinearModel(
            loss, numbers, rows_of("X", X), y, weight, column, np.zeros(1), intercept
        )

    def _weights(self) -> _Doubles:
        """Of the rows in the loss."""
        weight = self._given[1]["sample_weight"]
        return np.ones(self.n_rows) if weight is None else weight

    def _mean_deviance(self, x: npt.ArrayLike, weights: str) -> float:
        return self.deviance(x) / self.n_observations(kind_of_weights(weights))

    def _mean_of_target(self) -> float:
        return float(np.average(self._given[0][1], weights=self._weights()))

    def _constant(self, mean: float) -> float:
        """An intercept with about that mean, and with which all predictors are in the domain."""
        constant, offset = LINKS[self.link].predictor(mean), self._given[1]["offset"]
        if offset is None:
            return constant
        return float(constant - (offset.min() if self.loss == "Tweedie(power)" else offset.mean()))

    def _saturated(self, dispersion: float, weights: str = "frequency") -> float:
        """The log-likelihood where every mean is y."""
        weight, y = self._given[1]["sample_weight"], self._given[0][1]
        if (
            kind_of_weights(weights) == "variance"
            and self.dispersion_is_free
            and weight is not None
        ):
            some = weight > 0
            return float(self._saturated_rows(y[some], dispersion / weight[some]).sum())
        rows = np.broadcast_to(self._saturated_rows(y, np.array(dispersion)), y.shape)
        return float(rows.sum() if weight is None else weight @ rows)


def _least(model: _core.LinearModel, x: float) -> float:
    """The minimum of a model of one parameter, by Newton's method with halved steps."""
    value, gradient, hessian, _ = model.evaluate([x], hessian=True)
    for _ in range(100):
        step = -gradient[0] / (abs(hessian[0, 0]) or 1.0)
        for _ in range(60):
            f, g, h, _ = model.evaluate([x + step], hessian=True)
            if f < value or (f == value and abs(g[0]) < abs(gradient[0])):
                break
            step /= 2
        else:
            return x
        x, value, gradient, hessian = x + step, f, g, h
    return x

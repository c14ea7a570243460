"""Families of laws with their links: a class each."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from .. import _core
from .data import kind_of_weights
from .family import Family
from .special import log_gamma, y_log
from .tweedie_density import log_density

_Doubles = npt.NDArray[np.float64]


def _powers(power: float, **exponents: float) -> dict[str, tuple[str, dict[str, float]]]:
    """The links with mean η^exponent of the family with variance μ^power."""
    return {
        link: ("Tweedie(power)", {"power": power, "exponent": exponent})
        for link, exponent in exponents.items()
    }


class Squared(Family):
    """Half the mean squared error of a linear model: ℓ(η, y) = ½(η − y)².

    The parameters are those of `LinearModel`.

    Examples
    --------
    >>> import hessopt
    >>> f = hessopt.objectives.Squared([[1.0], [2.0]], [3.0, 5.0])
    >>> hessopt.minimize(f, [0.0, 0.0]).x.round(12)
    array([2., 1.])
    """

    has_dispersion = True
    _loss = "Squared"
    _links: ClassVar = {"identity": ("Squared", {})}
    _takes_link = False
    _means: ClassVar = (-math.inf, math.inf)

    def _variance(self, mu: _Doubles) -> _Doubles:
        return np.ones_like(mu)

    def _likeliest_dispersion(self, x: npt.ArrayLike, weights: str) -> float:
        return self._mean_deviance(x, weights)

    def _saturated_rows(self, y: _Doubles, dispersion: _Doubles) -> _Doubles:
        return -0.5 * np.log(2 * math.pi * dispersion)


class Poisson(Family):
    """Poisson regression, y >= 0 with mean e^η: ℓ(η, y) = e^η − yη, the constant log y! left out.

    The parameters are those of `LinearModel`, and

    link : {"log", "sqrt", "identity"}, optional
        The mean is e^η, η² or η, the last two with η > 0, and ℓ then half the deviance,
        y log(y/μ) − y + μ.

    Notes
    -----
    `Tweedie` of power 1 is half the deviance at the link "log" too.

    Examples
    --------
    >>> import hessopt
    >>> f = hessopt.objectives.Poisson([[0.0], [1.0], [2.0]], [1, 2, 3], link="identity")
    >>> hessopt.minimize(f, f.start()).x.round(6)
    array([1., 1.])
    """

    dispersion_is_free = False
    _loss = "Poisson"
    _links: ClassVar = {"log": ("Poisson", {}), **_powers(1, sqrt=2, identity=1)}
    _runs_away = "tells {rows} rows, of which y is 0 in all, from the others"

    def _variance(self, mu: _Doubles) -> _Doubles:
        return mu

    def _saturated_rows(self, y: _Doubles, dispersion: _Doubles) -> _Doubles:
        return np.asarray(y_log(y, y) - y - log_gamma(y + 1))


class Gamma(Family):
    """Gamma regression, y > 0 with mean e^η: ℓ(η, y) = η + y e^−η, up to the shape and constants.

    The parameters are those of `LinearModel`, and

    link : {"log", "inverse", "identity"}, optional
        The mean is e^η, 1/η (also called "reciprocal") or η, the last two with η > 0, and ℓ then
        half the deviance, y/μ − 1 − log(y/μ). "identity" is not convex.

    Notes
    -----
    `Tweedie` of power 2 is half the deviance at the link "log" too.

    Examples
    --------
    >>> import hessopt
    >>> f = hessopt.objectives.Gamma([[1.0], [2.0], [4.0]], [1.0, 0.5, 0.25], link="inverse")
    >>> hessopt.minimize(f, f.start()).x.round(6) + 0.0
    array([1., 0.])
    """

    _loss = "Gamma"
    _links: ClassVar = {"log": ("Gamma", {}), **_powers(2, inverse=-1, identity=1)}

    def _variance(self, mu: _Doubles) -> _Doubles:
        return mu**2

    def _saturated_rows(self, y: _Doubles, dispersion: _Doubles) -> _Doubles:
        a = 1 / dispersion
        return np.asarray(a * np.log(a) - log_gamma(a) - a - np.log(y))

    def _likeliest_dispersion(self, x: npt.ArrayLike, weights: str) -> float:
        weight = self._given[1]["sample_weight"]
        if kind_of_weights(weights) == "frequency" or weight is None:
            return 1 / _core.gamma_shape(np.ones(1), self._mean_deviance(x, weights) / 2)
        return 1 / _core.gamma_shape(weight, self.deviance(x) / 2)


class InverseGaussian(Family):
    """Inverse Gaussian regression, y > 0: ℓ = ½(y − μ)² / (yμ²), half the deviance.

    The parameters are those of `LinearModel`, and

    link : {"log", "inverse_squared"}, optional
        The mean is e^η, which is not convex, or η^−½ with η > 0.

    References
    ----------
    M. C. K. Tweedie, "Statistical properties of inverse Gaussian distributions", Ann. Math.
    Statist. 28 (1957).
    """

    _links: ClassVar = {
        "log": ("Tweedie(log)", {"power": 3.0}),
        **_powers(3, inverse_squared=-0.5),
    }

    def _variance(self, mu: _Doubles) -> _Doubles:
        return mu**3

    def _saturated_rows(self, y: _Doubles, dispersion: _Doubles) -> _Doubles:
        return np.asarray(-0.5 * np.log(2 * math.pi * dispersion * y**3))

    def _likeliest_dispersion(self, x: npt.ArrayLike, weights: str) -> float:
        return self._mean_deviance(x, weights)


class Tweedie(Family):
    """A law whose variance grows as μ^power, with the mean μ = e^η: ℓ is half the deviance.

    ℓ = μ^(2−q)/(2−q) − yμ^(1−q)/(1−q) + y^(2−q)/((1−q)(2−q)) with q the power, in the limit at 1
    and 2. Between 1 and 2 y is the sum of a Poisson number of gamma amounts, often 0, as claims
    are. The parameters are those of `LinearModel`, and

    power : float
        >= 1; 1 is Poisson's, 2 the gamma law, 3 the inverse Gaussian. Convex up to 2. Targets are
        >= 0, and from 2 on > 0.

    References
    ----------
    B. Jørgensen, "Exponential dispersion models", J. R. Statist. Soc. B 49 (1987).

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> f = hessopt.objectives.Tweedie([[0.0], [1.0]] * 3, [0, 2, 1, 5, 2, 8], power=1.5)
    >>> np.exp(hessopt.minimize(f, [0.0, 0.0]).x).round(6)  # five times the first mean, 1
    array([5., 1.])
    """

    _links: ClassVar = {"log": ("Tweedie(log)", {})}
    _runs_away = Poisson._runs_away

    @property
    def power(self) -> float:
        """Of the mean in the variance."""
        power: float = self._given[1]["power"]
        return power

    def _variance(self, mu: _Doubles) -> _Doubles:
        return mu**self.power

    def _saturated_rows(self, y: _Doubles, dispersion: _Doubles) -> _Doubles:
        return log_density(y, y, self.power, dispersion)

    def _likeliest_dispersion(self, x: npt.ArrayLike, weights: str) -> float:
        """By parabolas through the log-likelihood about the best log φ so far."""
        at, width = math.log(self.dispersion(x, weights=kind_of_weights(weights))), 0.5
        half = self.deviance(x) / 2

        def of(log_dispersion: float) -> float:
            dispersion = math.exp(log_dispersion)
            return self._saturated(dispersion, weights) - half / dispersion

        for _ in range(100):
            below, here, above = (of(at + step) for step in (-width, 0.0, width))
            bend = below - 2 * here + above
            step = width * (below - above) / (2 * bend) if bend < 0 else math.inf
            if not abs(step) <= 2 * width:
                step = math.copysign(2 * width, above - below)
            at += step
            width = max(min(width, abs(step)), 1e-4)
            if abs(step) <= 1e-9:
                break
        return math.exp(at)


class NegativeBinomial(Family):
    """Counts with more spread than Poisson's, y >= 0: variance μ + μ²/θ of the mean μ = e^η.

    ℓ = y log(y/μ) − (y + θ) log((y + θ)/(μ + θ)), half the deviance, and convex. The parameters
    are those of `LinearModel`, and

    theta : float
        > 0; the larger, the nearer to Poisson's. 1/theta is the alpha of statsmodels.

    References
    ----------
    J. M. Hilbe, "Negative Binomial Regression", 2nd ed., 2011.

    Examples
    --------
    >>> import hessopt
    >>> f = hessopt.objectives.NegativeBinomial([[0.0], [0.0], [1.0], [1.0]], [0, 2, 3, 9], theta=2)
    >>> f.mean(hessopt.minimize(f, [0.0, 0.0]).x).round(6)  # of the second group over the first
    array([6., 1.])
    """

    dispersion_is_free = False
    _links: ClassVar = {"log": ("NegativeBinomial", {})}
    _runs_away = Poisson._runs_away

    @property
    def theta(self) -> float:
        """Of the spread."""
        theta: float = self._given[1]["theta"]
        return theta

    def _variance(self, mu: _Doubles) -> _Doubles:
        return mu + mu**2 / self.theta

    def _saturated_rows(self, y: _Doubles, dispersion: _Doubles) -> _Doubles:
        theta = self.theta
        choices = log_gamma(y + theta) - math.lgamma(theta) - log_gamma(y + 1)
        at_y = y_log(y, y / (y + theta)) - theta * np.log1p(y / theta)
        return np.asarray(choices + at_y)

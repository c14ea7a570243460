"""The parameter of a family that makes the data likeliest, with the coefficients fitted to it."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _core, _validation
from .._minimize import minimize
from ..linalg.solve import cholesky_solve
from ..objectives import NegativeBinomial, Poisson, Tweedie
from ..objectives.information import undetermined
from ..rows import rows_of

_Doubles = npt.NDArray[np.float64]

_MOST_STEPS = 60
_ROUNDING = 1e-11  # of log theta


@dataclass(frozen=True)
class LikeliestFamily:
    """What `maximize_likelihood` found."""

    #: The objective with the parameter that was found.
    objective: Any
    #: Its minimum.
    x: _Doubles
    #: theta or power.
    value: float
    #: Of that parameter, from the information of all parameters together.
    standard_error: float
    #: The dispersion φ, 1 for counts.
    dispersion: float
    #: Covariance of x, and of theta as the last of them; for a power that of x alone. NaN where
    #: the data leave a coefficient undetermined.
    covariance: _Doubles

    @property
    def log_likelihood(self) -> float:
        """Of all rows, with its constants."""
        return float(self.objective.log_likelihood(self.x, dispersion=self.dispersion))


def maximize_likelihood(objective: Any, x0: npt.ArrayLike | None = None) -> LikeliestFamily:
    """Fit the coefficients and what is left open of the law: theta of counts, the power of amounts.

    Parameters
    ----------
    objective : hessopt.objectives.NegativeBinomial or Tweedie
        Where the search begins: its theta, or its power between 1 and 2.
    x0 : array_like, shape (n_parameters,), optional
        Start of the first fit, zeros by default.

    Returns
    -------
    LikeliestFamily
        The objective with that parameter, its minimum, and what is said of them.

    Warns
    -----
    RuntimeWarning
        If counts have no more spread than Poisson's: theta is then infinite, the objective is a
        `Poisson`; or if a power runs to 1 or 2.

    Raises
    ------
    ValueError, TypeError
        On another objective, on targets that are no counts, on a power outside (1, 2).

    Notes
    -----
    theta by Newton's method on the profile likelihood, with Σₖ Tₖ/(θ + k), Tₖ = Σ weightᵢ [yᵢ > k],
    for the differences of digammas: no digit is lost at large theta. The power and the dispersion
    by BFGS on the profile likelihood, whose coefficients do not depend on the dispersion; the
    density is the series of Dunn and Smyth.

    References
    ----------
    J. F. Lawless, "Negative binomial and mixed Poisson regression", Canad. J. Statist. 15 (1987).
    P. K. Dunn, G. K. Smyth, "Series evaluation of Tweedie exponential dispersion model densities",
    Statist. Comput. 15 (2005).

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(2000, 2))
    >>> mean = np.exp(X @ [0.5, -0.3] + 1)
    >>> y = rng.poisson(mean * rng.gamma(2.0, 1 / 2.0, 2000))
    >>> found = hessopt.maximize_likelihood(hessopt.objectives.NegativeBinomial(X, y))
    >>> abs(found.value - 2.0) < 3 * found.standard_error
    True
    """
    n = getattr(objective, "n_parameters", 0)
    if isinstance(objective, NegativeBinomial):
        x = np.zeros(n) if x0 is None else _validation.doubles("x0", x0, n)
        return _likeliest_theta(objective, x)
    if isinstance(objective, Tweedie):
        x = np.zeros(n) if x0 is None else _validation.doubles("x0", x0, n)
        return _likeliest_power(objective, x)
    want = "a NegativeBinomial or a Tweedie"
    raise TypeError(f"objective: got {type(objective).__name__}; want {want}")


def _with(objective: Any, **others: Any) -> Any:
    """The same objective with other parameters."""
    positional, named = objective._given
    return type(objective)(*positional, **{**named, **others})


class _Counts:
    """The derivatives of the negative log-likelihood in theta at fixed predictors."""

    def __init__(self, y: _Doubles, weight: _Doubles) -> None:
        if (y != np.floor(y)).any():
            raise _validation.error("objective", "targets that are no integers", "counts")
        self.y, self.weight = y, weight
        of_count = np.bincount(y.astype(np.int64), weights=weight)
        self.tail = np.append(of_count[::-1].cumsum()[::-1][1:], 0.0)  # weight of y > k
        self.k = np.arange(len(self.tail))

    def first_and_second(self, mean: _Doubles, theta: float) -> tuple[float, float]:
        """In theta."""
        y, both = self.y, theta + mean
        first = self.weight @ (np.log1p(mean / theta) + (y - mean) / both)
        second = -self.weight @ (mean / (theta * both) + (y - mean) / both**2)
        inverse = 1 / (theta + self.k)
        return float(first - self.tail @ inverse), float(second + self.tail @ inverse**2)

    def cross(self, mean: _Doubles, theta: float) -> _Doubles:
        """In theta and each predictor, without the weight."""
        return np.asarray(mean * (mean - self.y) / (theta + mean) ** 2)


def _likeliest_theta(objective: NegativeBinomial, x: _Doubles) -> LikeliestFamily:
    (X, y), named = objective._given
    weight = objective._weights()
    counts = _Counts(y, weight)
    poisson = Poisson(X, y, **{k: v for k, v in named.items() if k not in ("theta", "link")})
    x = minimize(poisson, x).x
    mean = poisson.mean(poisson.predictor(x))
    if weight @ ((y - mean) ** 2 - y) <= 0:
        got = "counts with no more spread than Poisson's: theta is infinite"
        warnings.warn(f"objective: got {got}; want more", RuntimeWarning, stacklevel=3)
        covariance = _covariance(poisson, x)
        return LikeliestFamily(poisson, x, math.inf, math.inf, 1.0, covariance)
    log_theta, step = math.log(named["theta"]), math.inf
    low, high = -math.inf, math.inf  # between which the root lies
    for _ in range(_MOST_STEPS):
        theta = math.exp(log_theta)
        objective = _with(objective, theta=theta)
        x = minimize(objective, x, tol=1e-12).x
        mean = objective.mean(objective.predictor(x))
        first, second = counts.first_and_second(mean, theta)
        cross = _transposed(objective, weight * counts.cross(mean, theta))
        information = weight.sum() * objective.hessian(x)
        unit = _unit(information)  # columns may depend on each other: no row sees that direction
        reach = np.linalg.lstsq(information / unit / unit[:, None], cross / unit)[0] / unit
        schur = float(second - cross @ reach)
        if abs(step) <= _ROUNDING:
            break
        low, high = (log_theta, high) if first < 0 else (low, log_theta)
        curvature = theta * theta * schur + theta * first  # in log theta
        step = -theta * first / curvature if curvature > 0 else math.copysign(1.0, -first)
        step = min(max(step, -2.0), 2.0)
        if not low < log_theta + step < high:
            step = 0.5 * (low + high) - log_theta if math.isfinite(low + high) else step
        log_theta += step
    joint = np.block([[information, cross[:, None]], [cross[None], np.array([[second]])]])
    return LikeliestFamily(objective, x, theta, math.sqrt(1 / schur), 1.0, _inverse(joint))


def _unit(information: _Doubles) -> _Doubles:
    """Roots of the diagonal, 1 where there is none."""
    unit = np.sqrt(information.diagonal())
    unit[unit == 0] = 1
    return np.asarray(unit)


def _inverse(information: _Doubles) -> _Doubles:
    """Of the information, NaN where it is singular."""
    unit, n = _unit(information), len(information)
    try:
        inverse = cholesky_solve(information / unit / unit[:, None], np.eye(n))
    except np.linalg.LinAlgError:
        return np.full((n, n), np.nan)
    if undetermined(1 / inverse.diagonal().max(), n):
        return np.full((n, n), np.nan)
    return np.asarray(inverse + inverse.T) / unit / unit[:, None] / 2


def _covariance(objective: Any, x: _Doubles, dispersion: float = 1.0) -> _Doubles:
    """Of the objective, NaN where its information is singular."""
    try:
        return np.asarray(objective.covariance(x, dispersion=dispersion))
    except np.linalg.LinAlgError:
        return np.full((len(x), len(x)), np.nan)


def _transposed(objective: Any, v: _Doubles) -> _Doubles:
    """The columns of the data, and of ones for the intercept, times v: a gradient at 0."""
    given = objective._given[1]
    none, rows = np.zeros((0, 0)), rows_of("X", objective.X)
    linear = _core.LinearModel(
        "Squared", [], rows, -v, none.ravel(), none, np.zeros(1), given["fit_intercept"]
    )
    gradient = linear.value_and_gradient(np.zeros(objective.n_parameters))[1]
    return np.asarray(len(v) * gradient)


def _likeliest_power(objective: Tweedie, x: _Doubles) -> LikeliestFamily:
    if not 1 < objective.power < 2:
        raise _validation.error("objective", f"the power {objective.power:g}", "one in (1, 2)")
    least, most = 1.01, 1.99
    at = x

    def model_of(z: _Doubles) -> tuple[Any, float]:
        power = least + (most - least) / (1 + math.exp(-z[0]))
        return _with(objective, power=power), math.exp(z[1])

    def fun(z: _Doubles) -> float:
        nonlocal at
        if abs(z[0]) > 15:
            return math.inf
        model, dispersion = model_of(z)
        at = minimize(model, at, tol=1e-12).x
        return float(-model.log_likelihood(at, dispersion=dispersion) / rows)

    rows = float(objective._weights().sum())
    start = minimize(objective, at).x
    part = min(max((objective.power - least) / (most - least), 0.02), 0.98)
    at = start
    z0 = [math.log(part / (1 - part)), math.log(objective.dispersion(start))]
    found = minimize(fun, z0, method="bfgs")
    z = np.asarray(found.x, np.float64)
    model, dispersion = model_of(z)
    if abs(z[0]) > 10:
        got = f"a likelihood that grows towards the power {1 if z[0] < 0 else 2}"
        warnings.warn(f"objective: got {got}; want a maximum between", RuntimeWarning, stacklevel=3)
    x = minimize(model, at, tol=1e-12).x
    # The profile's curvature in z by differences, then in the power.
    h = 1e-3
    corners = [
        [fun(z + a + b) - fun(z + a - b) - fun(z - a + b) + fun(z - a - b) for b in h * np.eye(2)]
        for a in h * np.eye(2)
    ]
    variance = np.linalg.inv(rows * np.array(corners) / (4 * h * h))[0, 0]
    slope = (most - least) / (2 + math.exp(z[0]) + math.exp(-z[0]))
    error = slope * math.sqrt(variance) if variance > 0 else math.nan
    covariance = _covariance(model, x, dispersion)
    return LikeliestFamily(model, x, model.power, error, dispersion, covariance)

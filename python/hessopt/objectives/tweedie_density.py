"""The density of Tweedie's laws, by a series between the powers 1 and 2."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from .. import _validation
from .special import log_gamma

_Doubles = npt.NDArray[np.float64]


def log_density(
    y: _Doubles, mean: _Doubles, power: float, dispersion: float | _Doubles
) -> _Doubles:
    """Log p(y), for y > 0 of the density, for y = 0 of the probability.

    Parameters
    ----------
    y : ndarray, shape (n,)
        Targets, >= 0.
    mean : ndarray, shape (n,)
        Means; where y is 0 and so is its mean, the probability is 1.
    power : float
        Of the variance function, between 1 and 2, or 1, 2 or 3.
    dispersion : float or ndarray, shape (n,)
        Scale φ of the law.

    Raises
    ------
    ValueError
        On other powers, whose densities are not known in closed form or as a short series.

    Notes
    -----
    p(y) = e^([yμ^(1−q)/(1−q) − μ^(2−q)/(2−q)]/φ) Σⱼ Wⱼ / y, log Wⱼ = j log z − log j! − log Γ(ja)
    with a = (2 − q)/(q − 1) and z = (y^a (q − 1)^−a) / (φ^(1+a) (2 − q)). The largest term is near
    j = y^(2−q)/(φ(2 − q)), and those that are e^−37 of it are left out.

    References
    ----------
    P. K. Dunn, G. K. Smyth, "Series evaluation of Tweedie exponential dispersion model densities",
    Statist. Comput. 15 (2005).
    """
    dispersion = np.asarray(dispersion, np.float64)
    if power == 1 and (dispersion == 1).all():
        return np.asarray(y * np.log(np.where(y > 0, mean, 1.0)) - mean - log_gamma(y + 1))
    if power == 2:
        a = 1 / dispersion
        gamma = a * (np.log(a) - np.log(mean)) - log_gamma(a)
        return np.asarray(gamma + (a - 1) * np.log(y) - a * y / mean)
    if power == 3:
        deviance = (y - mean) ** 2 / (y * mean**2)
        return np.asarray(
            -0.5 * np.log(2 * math.pi * dispersion * y**3) - deviance / 2 / dispersion
        )
    if not 1 < power < 2:
        want = "one with a density in closed form: between 1 and 2, 2, 3, or 1 with dispersion 1"
        raise _validation.error("power", power, want)
    dispersion = np.broadcast_to(dispersion, y.shape)
    out = -(mean ** (2 - power)) / (2 - power) / dispersion
    some = y > 0
    out[some] += y[some] * mean[some] ** (1 - power) / (1 - power) / dispersion[some]
    # y / c has the dispersion φ c^(q−2): one for all rows, and a series for each number of them.
    common = float(dispersion.min())
    unit = (dispersion[some] / common) ** (1 / (2 - power))
    values, where = np.unique(y[some] / unit, return_inverse=True)
    out[some] += _log_series(values, power, common)[where] - np.log(y[some])
    return np.asarray(out)


def _log_series(y: _Doubles, power: float, dispersion: float) -> _Doubles:
    """Log Σⱼ Wⱼ for each y, a run of as many terms about the largest as count for any of them."""
    a = (2 - power) / (power - 1)
    log_z = a * np.log(y / (power - 1)) - (1 + a) * math.log(dispersion) - math.log(2 - power)
    largest = np.maximum(1, np.rint(y ** (2 - power) / (dispersion * (2 - power))))
    # Near its largest term the series is a normal density of variance largest / (1 + a).
    reach = np.ceil(9 * np.sqrt(largest / (1 + a)) + 20)
    first = np.maximum(1, largest - reach)
    out, width = np.empty_like(y), int(2 * reach.max() + 1)
    least = first.min()
    of_j = np.arange(least, first.max() + width)
    gammas = log_gamma(of_j + 1) + log_gamma(a * of_j)
    rows = max(1, 2**20 // width)
    for begin in range(0, len(y), rows):
        part = slice(begin, begin + rows)
        j = first[part, None] + np.arange(width)
        terms = j * log_z[part, None] - gammas[(j - least).astype(int)]
        top = terms.max(axis=1)
        out[part] = top + np.log(np.exp(terms - top[:, None]).sum(axis=1))
    return out

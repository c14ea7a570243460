"""The mean of y where its predictor is normal, as it is where the parameters are.

λ² = π / 8 makes Φ(λt) and σ(t) touch at 0 with one slope, so that E σ(η) ≈ σ(μ / √(1 + λ²v))
for η of mean μ and variance v.
"""

from __future__ import annotations

import numpy as np

from .. import _core
from ..objectives.likelihood import mean_of_target
from .curvature import Doubles

_SQUARE = np.pi / 8
# Gauss and Hermite's rule for the standard normal law.
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(40)
_WEIGHTS /= _WEIGHTS.sum()


def mean_response(kind: str, mean: Doubles, covariance: Doubles, method: str) -> Doubles:
    """E of the response of a normal predictor.

    Parameters
    ----------
    kind : {"identity", "exponential", "square", "normal", "sigmoid", "gumbel", "cauchy", "softmax"}
        The response: what the mean of y is of the predictor.
    mean : ndarray, shape (m,) or (m, K)
        Of the predictor.
    covariance : ndarray, shape (m,) or (m, K, K)
        Of the predictor.
    method : {"probit", "normal"}
        "normal" is the integral itself, which softmax has not.

    References
    ----------
    D. J. C. MacKay, "The evidence framework applied to classification networks", Neural
    Computation 4 (1992). Z. Lu, E. Ie, F. Sha, "Mean-field approximation to Gaussian-softmax
    integral with application to uncertainty estimation", 2020 (pairs of classes).
    """
    if kind == "identity":
        return mean
    if kind == "exponential":
        return mean_of_target(kind, mean + 0.5 * covariance)
    if kind == "sigmoid":
        if method == "normal":
            return _core.sigmoid_of_normal(mean, covariance)
        return mean_of_target(kind, mean / np.sqrt(1 + _SQUARE * covariance))
    if kind == "square":
        return np.asarray(mean**2 + covariance)
    if kind == "normal":  # the probability of one normal number below another
        return mean_of_target(kind, mean / np.sqrt(1 + covariance))
    if kind in ("gumbel", "cauchy"):
        eta = mean[:, None] + np.sqrt(covariance)[:, None] * _NODES
        return np.asarray(mean_of_target(kind, eta) @ _WEIGHTS)
    return _softmax(mean, covariance)


def _softmax(mean: Doubles, covariance: Doubles) -> Doubles:
    """1 / Σ_l e^((μ_l - μ_k) / √(1 + λ² d_kl)), then brought to a sum of one.

    d is the variance of the difference: of two classes this is the sigmoid of theirs.
    """
    of_class = np.diagonal(covariance, axis1=1, axis2=2)
    d = of_class[:, :, None] + of_class[:, None, :] - covariance - np.swapaxes(covariance, 1, 2)
    apart = (mean[:, None, :] - mean[:, :, None]) / np.sqrt(1 + _SQUARE * np.maximum(d, 0))
    most = apart.max(axis=2)  # at least that with itself, which is 0
    log_p = -(most + np.log(np.exp(apart - most[:, :, None]).sum(axis=2)))
    p = np.exp(log_p)
    return np.asarray(p / p.sum(axis=1, keepdims=True))

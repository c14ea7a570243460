"""The law of the mean of y where its predictor is normal: moments and entropies of each row."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from .. import _validation
from ..integrate import PredictiveDistribution
from ..integrate.distribution import Statistics
from ..objectives.likelihood import mean_of_target
from .curvature import Doubles

_SAMPLES = 1024
_ELEMENTS = 1 << 20  # of what is made at a time
_REACH = 9.0  # standard deviations that integrals go to: 2e-19 of the law is outside
_STEP = 0.4  # between their nodes, where the response is wide
_IN_RESPONSE = 0.25  # largest step in units of the predictor: responses have poles from ± i on
_MOST_NODES = 4001


def moments_of_response(
    kind: str, powers: Sequence[float], mean: Doubles, variance: Doubles
) -> Doubles:
    """E μ^power for each power, μ the response of a normal predictor.

    Parameters
    ----------
    kind : {"identity", "exponential", "sigmoid", "square", "normal", "gumbel", "cauchy"}
        The response: what the mean of y is of the predictor.
    powers : sequence of float
        Of "identity" 0, 1, 2 and 3.
    mean, variance : ndarray, shape (m,)
        Of the predictor.

    Returns
    -------
    ndarray, shape (powers, m)

    Notes
    -----
    Trapezoids in the predictor err by exp(−2π a / step) where the response is narrower than the
    law, a the height of its nearest pole: by 2e-11 for the lowest, and by less elsewhere. L. N.
    Trefethen, J. A. C. Weideman, "The exponentially convergent trapezoidal rule", SIAM Review 56
    (2014).
    """
    if kind == "exponential":
        return np.array([np.exp(a * mean + 0.5 * a * a * variance) for a in powers])
    if kind == "identity":
        square = mean**2
        own = {
            0: np.ones_like(mean),
            1: mean,
            2: square + variance,
            3: mean * (square + 3 * variance),
        }
        if other := set(powers) - set(own):
            got = f"the power {other.pop():g} of a normal number"
            raise _validation.error("link", got + ", which has no mean", "another link")
        return np.array([own[int(a)] for a in powers])

    def integrals(eta: Doubles, weights: Doubles) -> Doubles:
        mu = mean_of_target(kind, eta)
        return np.array([mu**a @ weights for a in powers])

    return _by_rows(integrals, len(powers), mean, variance)


def spread_of_mean(kind: str, mean: Doubles, variance: Doubles) -> PredictiveDistribution:
    """Mean and spread of a response of a normal predictor, without an error to speak of.

    Parameters
    ----------
    kind : {"identity", "exponential", "sigmoid", "square", "normal", "gumbel", "cauchy"}
        The response.
    mean, variance : ndarray, shape (m,), of "identity" of any
        Of the predictor.
    """
    if kind == "identity":
        return _exact(mean, variance)
    if kind == "exponential":
        middle = np.exp(mean + 0.5 * variance)
        return _exact(middle, middle**2 * np.expm1(variance))

    def integrals(eta: Doubles, weights: Doubles) -> Doubles:
        mu = mean_of_target(kind, eta)
        middle = mu @ weights
        return np.array([middle, (mu - middle[:, None]) ** 2 @ weights])

    return _exact(*_by_rows(integrals, 2, mean, variance))


def spread_of_classes(
    mean: Doubles, covariance: Doubles, *, n_samples: int | None = None, seed: int = 0
) -> PredictiveDistribution:
    """Mean, spread and entropies of the probabilities of classes.

    Parameters
    ----------
    mean : ndarray, shape (m,) or (m, K)
        Of the predictor of class 1 of two, or of those of all.
    covariance : ndarray, shape (m,) or (m, K, K)
        Of the same.
    n_samples : int, optional
        For more than two classes, 1024 by default, in pairs that mirror each other; those of two
        are integrals.
    seed : int
        Of the samples.
    """
    if mean.ndim == 2:
        return _sampled(mean, covariance, n_samples, seed)

    def integrals(eta: Doubles, weights: Doubles) -> Doubles:
        one, zero = mean_of_target("sigmoid", eta), mean_of_target("sigmoid", -eta)
        p = one @ weights
        spread = (one - p[:, None]) ** 2 @ weights
        within = (np.logaddexp(0, -eta) * one + np.logaddexp(0, eta) * zero) @ weights
        return np.array([zero @ weights, p, spread, within])

    zero, one, spread, within = _by_rows(integrals, 4, mean, covariance)
    p = np.column_stack([zero, one])
    total = -(p * np.log(np.where(p > 0, p, 1))).sum(axis=1)
    return _exact(p, np.column_stack([spread, spread]), total, within)


def _exact(
    mean: Doubles, variance: Doubles, total: Doubles | None = None, within: Doubles | None = None
) -> PredictiveDistribution:
    """Of a formula, with the entropy of the mean and the mean entropy where there are classes."""
    apart = None if total is None or within is None else np.maximum(total - within, 0)
    no_error = None if total is None else np.zeros(len(mean))
    return PredictiveDistribution(
        mean=mean,
        variance=variance,
        standard_error=np.zeros_like(mean),
        entropy=total,
        expected_entropy=within,
        mutual_information=apart,
        entropy_error=no_error,
        expected_entropy_error=no_error,
        mutual_information_error=no_error,
        n_samples=0,
        converged=True,
        under="posterior",
    )


def _by_rows(
    integrals: Callable[[Doubles, Doubles], Doubles], count: int, mean: Doubles, variance: Doubles
) -> Doubles:
    """Integrals of predictors at nodes with weights, shape (count, m).

    Rows of much spread need more nodes, and go together.
    """
    deviation = np.sqrt(np.maximum(variance, 0))
    order = np.argsort(deviation, kind="stable")
    found = np.empty((count, len(mean)))
    begin = 0
    while begin < len(order):
        # As many as have room, by the nodes of the widest of as many as would at the fewest.
        end = min(begin + max(1, _ELEMENTS // _n_nodes(deviation[order[begin]])), len(order))
        end = min(end, begin + max(1, _ELEMENTS // _n_nodes(deviation[order[end - 1]])))
        some = order[begin:end]
        nodes = np.linspace(-_REACH, _REACH, _n_nodes(deviation[some].max()))
        weights = np.exp(-0.5 * nodes**2)
        eta = mean[some, None] + deviation[some, None] * nodes
        found[:, some] = integrals(eta, weights / weights.sum())
        begin = end
    return found


def _n_nodes(deviation: float) -> int:
    step = min(_STEP, _IN_RESPONSE / max(deviation, 1e-300))
    return int(min(2 * _REACH / step + 2, _MOST_NODES))


def _sampled(
    mean: Doubles, covariance: Doubles, n_samples: int | None, seed: int
) -> PredictiveDistribution:
    """Of a softmax, of pairs of draws that mirror each other."""
    asked = _SAMPLES if n_samples is None else _validation.integer("n_samples", n_samples, 2, 2**31)
    pairs = (asked + 1) // 2
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0))[:, None, :]
    generator = np.random.Generator(np.random.Philox(key=_validation.seed(seed)))
    statistics = Statistics(2, "posterior")
    at_once = max(1, _ELEMENTS // (2 * mean.size))
    for first in range(0, pairs, at_once):
        e = generator.standard_normal((min(at_once, pairs - first), *mean.shape))
        apart = np.einsum("mkl,sml->smk", root, e)
        both = np.stack([mean + apart, mean - apart], axis=1)
        statistics.add(mean_of_target("softmax", both.reshape(-1, *mean.shape)))
    return statistics.result()

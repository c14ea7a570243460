"""What a loss says as a likelihood: the mean of its target, and the constants beside it."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from .. import _validation
from .links import RESPONSES

_Doubles = npt.NDArray[np.float64]


def mean_of_target(response: str | None, predictor: npt.ArrayLike) -> _Doubles:
    """The mean of y that predictors stand for, of their shape.

    Parameters
    ----------
    response : str, optional
        Of the objective, a name of `links.RESPONSES`; nothing: the predictor itself.
    predictor : array_like
        Of "softmax" with the classes along the last axis.
    """
    eta = np.asarray(predictor, np.float64)
    return eta if response is None else np.asarray(RESPONSES[response](eta))


def log_constant(
    loss: str, y: _Doubles, weight: _Doubles | None, dispersion: float, delta: float = 1.0
) -> float:
    """Log p(y | η) + ℓ(η, y) / dispersion, summed over rows and outputs.

    Parameters
    ----------
    loss : str
        Its name in the table.
    y : ndarray, shape (n,) or (n, outputs)
        Targets.
    weight : ndarray, shape (n,), optional
        Of the rows.
    dispersion : float
        Scale of the law of y.
    delta : float
        Of 'Huber', whose law is normal up to delta and exponential from there on.
    """

    def total(of_y: _Doubles) -> float:
        of_row = of_y.reshape(len(of_y), -1).sum(axis=1)
        return float(of_row.sum() if weight is None else weight @ of_row)

    if loss in ("Logistic", "Softmax"):
        return 0.0
    numbers = total(np.ones_like(y))
    if loss == "Squared":
        return -0.5 * numbers * math.log(2 * math.pi * dispersion)
    if loss == "Huber":
        root = math.sqrt(dispersion)
        inner = root * math.sqrt(2 * math.pi) * math.erf(delta / root / math.sqrt(2))
        outer = 2 * dispersion / delta * math.exp(-0.5 * delta * delta / dispersion)
        return -numbers * math.log(inner + outer)
    if loss == "Poisson":
        return -total(np.vectorize(math.lgamma, otypes=[float])(y + 1))
    if loss == "Gamma":
        a = 1 / dispersion
        return numbers * (a * math.log(a) - math.lgamma(a)) + (a - 1) * total(np.log(y))
    raise _validation.error("objective", f"{loss}, which is none", "the loss of a likelihood")

"""How the mean of a target and the linear predictor η are made of each other."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

_Doubles = npt.NDArray[np.float64]


class Link(NamedTuple):
    """One link of a generalized linear model."""

    response: str | None  # the mean as a function of η, by a name of RESPONSES, if η is free
    mean: Callable[[_Doubles], _Doubles]  # of η
    slope: Callable[[_Doubles], _Doubles]  # its derivative
    predictor: Callable[[float], float]  # of a mean within its domain


def _sigmoid(eta: _Doubles) -> _Doubles:
    e = np.exp(-abs(eta))
    return np.asarray(np.where(eta >= 0, 1, e) / (1 + e))


def _softmax(eta: _Doubles) -> _Doubles:
    e = np.exp(eta - eta.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def _normal(eta: _Doubles) -> _Doubles:
    below = np.vectorize(lambda t: math.erfc(-t / math.sqrt(2)) / 2, otypes=[float])
    return np.asarray(below(eta))


def _sigmoid_slope(eta: _Doubles) -> _Doubles:
    e = np.exp(-abs(eta))
    return np.asarray(e / (1 + e) ** 2)


def _gumbel(eta: _Doubles) -> _Doubles:
    with np.errstate(over="ignore"):
        return np.asarray(-np.expm1(-np.exp(eta)))


def _gumbel_slope(eta: _Doubles) -> _Doubles:
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(eta - np.exp(eta)))


def _cauchy(eta: _Doubles) -> _Doubles:
    return np.asarray(np.arctan2(1, -eta) / np.pi)


#: The mean of y as a function of the predictor, by the name that an objective has in `response`.
RESPONSES: dict[str, Callable[[_Doubles], _Doubles]] = {
    "identity": lambda eta: eta,
    "exponential": np.exp,
    "sigmoid": _sigmoid,
    "softmax": _softmax,
    "normal": _normal,
    "gumbel": _gumbel,
    "cauchy": _cauchy,
    "square": np.square,
}

#: By their names in statsmodels, in lower case.
LINKS = {
    "identity": Link("identity", RESPONSES["identity"], np.ones_like, lambda mu: mu),
    "log": Link("exponential", np.exp, np.exp, math.log),
    "sqrt": Link("square", np.square, lambda eta: 2 * eta, math.sqrt),
    "inverse": Link(None, np.reciprocal, lambda eta: -(eta**-2.0), lambda mu: 1 / mu),
    "inverse_squared": Link(
        None, lambda eta: eta**-0.5, lambda eta: -0.5 * eta**-1.5, lambda mu: mu**-2
    ),
    "logit": Link("sigmoid", _sigmoid, _sigmoid_slope, lambda mu: math.log(mu / (1 - mu))),
    "probit": Link(
        "normal",
        _normal,
        lambda eta: np.exp(-0.5 * eta**2) / math.sqrt(2 * math.pi),
        NormalDist().inv_cdf,
    ),
    "cloglog": Link("gumbel", _gumbel, _gumbel_slope, lambda mu: math.log(-math.log1p(-mu))),
    "cauchit": Link(
        "cauchy",
        _cauchy,
        lambda eta: 1 / (math.pi * (1 + eta**2)),
        lambda mu: math.tan(math.pi * (mu - 0.5)),
    ),
}

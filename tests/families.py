"""The table of families and links: how each is made, its targets, its formula, where it is asked.

A formula is half the deviance for mpmath, from the mean. Predictors are those of the ranges that
the derivatives are held to 1e-12 over.
"""

from functools import partial
from typing import Any, NamedTuple

import mpmath
import numpy as np

from hessopt.objectives import (
    Binomial,
    Gamma,
    InverseGaussian,
    Logistic,
    NegativeBinomial,
    Poisson,
    Squared,
    Tweedie,
)


class Case(NamedTuple):
    kind: Any
    options: dict
    formula: Any  # of eta and y
    targets: list
    predictors: list
    draw: Any  # of a random generator and means
    coefficients: list  # of three columns in [0, 1] and the intercept, inside the domain


def split(y, p, rest):
    """Half the deviance of a fraction from probabilities p and 1 - p."""

    def log(p, rest):
        return mpmath.log(p) if p < rest else mpmath.log1p(-rest)

    one = y * (mpmath.log(y) - log(p, rest)) if y > 0 else mpmath.mpf(0)
    return one + ((1 - y) * (mpmath.log(1 - y) - log(rest, p)) if y < 1 else 0)


def power(q, y, mu):
    """Half the deviance under the variance mu^q."""
    if q == 1:
        return (y * mpmath.log(y / mu) if y > 0 else 0) - y + mu
    if q == 2:
        return y / mu - 1 - mpmath.log(y / mu)
    at_y = y ** (2 - q) / ((1 - q) * (2 - q)) if y > 0 else 0
    return mu ** (2 - q) / (2 - q) - y * mu ** (1 - q) / (1 - q) + at_y


def spread(theta, y, mu):
    one = y * mpmath.log(y / mu) if y > 0 else 0
    return one - (y + theta) * mpmath.log((y + theta) / (mu + theta))


PROBABILITIES = {
    "logit": lambda e: (1 / (1 + mpmath.exp(-e)), 1 / (1 + mpmath.exp(e))),
    "probit": lambda e: (mpmath.erfc(-e / mpmath.sqrt(2)) / 2, mpmath.erfc(e / mpmath.sqrt(2)) / 2),
    "cloglog": lambda e: (-mpmath.expm1(-mpmath.exp(e)), mpmath.exp(-mpmath.exp(e))),
    "cauchit": lambda e: (mpmath.atan2(1, -e) / mpmath.pi, mpmath.atan2(1, e) / mpmath.pi),
}
MEANS = {
    "log": mpmath.exp,
    "identity": lambda e: e,
    "sqrt": lambda e: e**2,
    "inverse": lambda e: 1 / e,
    "inverse_squared": lambda e: e ** (-mpmath.mpf(1) / 2),
}
NEAR = [-26.0, -24.0, -10.0, -3.0, -1.0, -0.3, -1e-3, 1e-6, 0.1, 0.9, 2.0, 6.0]
RANGES = {
    "logit": [*NEAR, -700.0, -40.0, 37.0, 700.0],
    "probit": [*NEAR, -36.0, 7.0, 20.0, 37.0],
    "cloglog": [*NEAR, -700.0, -40.0],
    "cauchit": [*NEAR, -700.0, -40.0, 37.0, 700.0],
    "log": [-300.0, -50.0, -3.0, -0.5, 0.3, 1.7, 5.0, 50.0, 300.0],
}
POSITIVE = [1e-6, 1e-2, 0.3, 0.9, 3.0, 50.0, 1e4, 1e8]


def of_power(kind, q, link, draw, coefficients, **options):
    def formula(e, y):
        return power(mpmath.mpf(q), mpmath.mpf(y), MEANS[link](e))

    targets = [0.0, 2.5, 1e-3, 1e5] if q < 2 else [2.5, 1e-3, 1e5]
    if kind is not Tweedie:
        options = {"link": link}
    predictors = RANGES.get(link, POSITIVE)
    return Case(kind, options, formula, targets, predictors, draw, coefficients)


def gamma(rng, mu):
    return rng.gamma(3.0, mu / 3)


def poisson(rng, mu):
    return rng.poisson(mu).astype(float)


def compound(rng, mu):
    """Tweedie's law of power 1.5 and dispersion 1: a Poisson number of exponential amounts."""
    counts = rng.poisson(2 * np.sqrt(mu))
    return np.where(counts > 0, rng.gamma(np.maximum(counts, 1), np.sqrt(mu) / 2), 0.0)


def fractions(rng, p):
    return rng.binomial(7, p) / 7


LOG, INSIDE = [0.5, -0.3, 0.2, 0.4], [0.5, 0.3, 1.0, 1.0]
CASES = {
    **{
        f"binomial, {link}": Case(
            Binomial,
            {"link": link},
            lambda e, y, of=of: split(mpmath.mpf(y), *of(e)),
            [0.0, 1.0, 0.3, 0.999],
            RANGES[link],
            fractions,
            [0.5, -1.0, 0.7, 0.1],
        )
        for link, of in PROBABILITIES.items()
    },
    "Poisson, sqrt": of_power(Poisson, 1, "sqrt", poisson, INSIDE),
    "Poisson, identity": of_power(Poisson, 1, "identity", poisson, INSIDE),
    "gamma, inverse": of_power(Gamma, 2, "inverse", gamma, INSIDE),
    "gamma, identity": of_power(Gamma, 2, "identity", gamma, INSIDE),
    "inverse Gaussian, log": of_power(
        InverseGaussian, 3, "log", lambda rng, mu: rng.wald(mu, 4.0), LOG
    ),
    "inverse Gaussian, inverse square": of_power(
        InverseGaussian, 3, "inverse_squared", lambda rng, mu: rng.wald(mu, 4.0), INSIDE
    ),
    **{
        f"Tweedie {q}": of_power(Tweedie, q, "log", draw, LOG, power=q)
        for q, draw in (
            (1.0, poisson),
            (1.1, compound),
            (1.5, compound),
            (1.9, compound),
            (2.0, gamma),
        )
    },
    **{
        f"negative binomial {theta}": Case(
            NegativeBinomial,
            {"theta": theta},
            lambda e, y, theta=theta: spread(mpmath.mpf(theta), mpmath.mpf(y), mpmath.exp(e)),
            [0.0, 3.0, 1e6],
            [-600.0, -50.0, -3.0, 0.0, 1.0, 1.2, 5.0, 13.7, 14.0, 50.0, 700.0],
            lambda rng, mu, theta=theta: poisson(rng, mu * rng.gamma(theta, 1 / theta, mu.shape)),
            LOG,
        )
        for theta in (0.5, 10.0, 1e8)
    },
}
NAMES = list(CASES)


def data(name, n=300, seed=0):
    """Columns in [0, 1] and targets drawn from the model."""
    case = CASES[name]
    rng = np.random.default_rng([seed, *name.encode()])
    X = rng.uniform(size=(n, 3))
    eta = X @ case.coefficients[:3] + case.coefficients[3]
    y = case.draw(rng, case.kind(X, np.ones(n), **case.options).mean(eta))
    return X, y


def model(name, n=300, seed=0, **others):
    case = CASES[name]
    X, y = data(name, n, seed)
    return case.kind(X, y, **case.options, **others)


def at(name, y):
    """The formula at a target."""
    return partial(CASES[name].formula, y=y)


def drawn(kind, mean, trials=1, theta=1.5):
    """Targets of a family with that mean, the same at every call."""
    draw = np.random.default_rng(5)
    if kind is Binomial:
        return draw.binomial(trials, mean) / trials
    if kind is Logistic:
        return (draw.random(len(mean)) < mean).astype(float)
    if kind is Squared:
        return mean + draw.normal(size=len(mean))
    if kind is NegativeBinomial:
        return draw.negative_binomial(theta, theta / (theta + mean)).astype(float)
    if kind is InverseGaussian:
        return draw.wald(mean, 3.0)
    if kind is Tweedie:
        counts = draw.poisson(2 * np.sqrt(mean))
        return np.where(counts, draw.gamma(np.maximum(counts, 1), np.sqrt(mean) / 2), 0.0)
    return draw.gamma(4.0, mean / 4) if kind is Gamma else draw.poisson(mean).astype(float)

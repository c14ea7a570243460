"""Fits on raw columns, whose means and scales lie between 1 and 1e6, from starts near and far.

An experiment draws a fit with its witness (see `witness`), and a start.
"""

from __future__ import annotations

import numpy as np

from witness import Fit, NoMinimum

METHODS = ("newton", "trust_region", "newton_cg", "lbfgs", "bfgs")
LOSSES = ("Squared", "Logistic", "Poisson", "Gamma")
DISTANCES = (0, 1, 10, 100, 1000)  # standard errors


def draw(experiment, loss, k):
    """Fit and start number k of an experiment."""
    rng = np.random.default_rng([*experiment.encode(), LOSSES.index(loss), k])
    return EXPERIMENTS[experiment](loss, rng, k)


def plain(loss, rng, k):
    """60 x 6 from zero."""
    return drawn(loss, columns(rng), rng), np.zeros(7)


def weak(loss, rng, k):
    """With f at the start 1e-6 to 1e-3 of itself above the minimum."""
    return weakly_drawn(loss, columns(rng), rng), np.zeros(7)


def away(loss, rng, k):
    """From 0, 1, 10, 100 or 1000 standard errors away."""
    fit = drawn(loss, columns(rng), rng)
    return fit, fit.start(DISTANCES[k % len(DISTANCES)], rng)


def collinear(loss, rng, k):
    """2000 x 20, three columns nearly copies of others."""
    return drawn(loss, with_copies(rng), rng), np.zeros(21)


def float32(loss, rng, k):
    """60 x 6, in float32."""
    return drawn(loss, columns(rng).astype(np.float32), rng), np.zeros(7)


EXPERIMENTS = {f.__name__: f for f in (plain, weak, away, collinear, float32)}


def columns(rng, n=60, p=6):
    """Normal columns with means and scales between 1 and 1e6."""
    mean = 10 ** rng.uniform(0, 6, p) * rng.choice([-1, 1], p)
    return mean + 10 ** rng.uniform(0, 6, p) * rng.normal(size=(n, p))


def with_copies(rng, n=2000, p=20):
    """The same; three columns repeat others up to 1e-2 to 1e-4 of their spread."""
    X = columns(rng, n, p)
    for j in range(3):
        noise = X[:, j].std() * rng.normal(size=n)
        X[:, p - 1 - j] = 10 ** rng.uniform(-3, 3) * (X[:, j] + 10.0 ** -(2 + j) * noise)
    return X


def _predictor(X, rng):
    Z = (X - X.mean(0)) / X.std(0)
    return Z @ rng.normal(size=X.shape[1]) / np.sqrt(X.shape[1])


def drawn(loss, X, rng):
    """Targets of moderate signal, drawn again while there is no minimum."""
    while True:
        e = _predictor(X, rng)
        n = len(e)
        y = {
            "Squared": lambda e, n: 2 + e + rng.normal(size=n),
            "Logistic": lambda e, n: (rng.logistic(size=n) < e).astype(float),
            "Poisson": lambda e, n: rng.poisson(np.exp(0.5 + e)).astype(float),
            "Gamma": lambda e, n: rng.gamma(2.0, np.exp(0.5 + e) / 2),
        }[loss](e, n)
        try:
            return Fit(loss, X, y)
        except NoMinimum:
            continue


def weakly_drawn(loss, X, rng):
    """Targets whose best fit lies 1e-6 to 1e-3 of f below f at zero.

    Residuals orthogonal to the columns are added to a small predictor. Logistic rows come twice,
    once for each class, with the probabilities as weights.
    """
    e = _predictor(X, rng) * np.sqrt(2 * 10 ** rng.uniform(-6, -3))
    n = len(e)
    Q = np.linalg.qr(np.column_stack([(X - X.mean(0)) / X.std(0), np.ones(n)]))[0]
    r = rng.uniform(-1, 1, n)
    r -= Q @ (Q.T @ r)
    r *= 0.4 / np.abs(r).max()
    if loss == "Logistic":
        p = 1 / (1 + np.exp(-e)) + r
        y = np.repeat([1.0, 0.0], n)
        return Fit(loss, np.concatenate([X, X]), y, np.concatenate([p, 1 - p]))
    y = {"Squared": e + r, "Poisson": np.exp(e) + r, "Gamma": np.exp(e) * (1 + r)}[loss]
    return Fit(loss, X, y)

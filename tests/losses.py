"""The table of losses: targets, formulas, cases, and values written as the docstrings have them."""

import mpmath
import numpy as np

import hessopt
from hessopt.objectives import (
    Expectile,
    Exponential,
    Gamma,
    Huber,
    Logistic,
    NegativeBinomial,
    Poisson,
    PseudoHuber,
    SmoothedQuantile,
    Softmax,
    Squared,
)

# A loss: targets as they are drawn, and its formula for mpmath, its parameters at their defaults.
# Those with links: families.py.
LOSSES = {
    Squared: (lambda rng, n: rng.normal(size=n), lambda e, y: (e - y) ** 2 / 2),
    Huber: (
        lambda rng, n: 2 * rng.normal(size=n),
        lambda e, y: (e - y) ** 2 / 2 if abs(e - y) <= 1 else abs(e - y) - mpmath.mpf(1) / 2,
    ),
    PseudoHuber: (
        lambda rng, n: 2 * rng.normal(size=n),
        lambda e, y: mpmath.sqrt(1 + (e - y) ** 2) - 1,
    ),
    Expectile: (lambda rng, n: rng.normal(size=n), lambda e, y: (e - y) ** 2 / 4),
    SmoothedQuantile: (
        lambda rng, n: 2 * rng.normal(size=n),
        lambda e, y: (y - e) / 2 + mpmath.log(1 + mpmath.exp(e - y)),
    ),
    Logistic: (
        lambda rng, n: rng.integers(0, 2, n),
        lambda e, y: mpmath.log(1 + mpmath.exp(e)) - y * e,
    ),
    Poisson: (lambda rng, n: rng.poisson(2.0, n), lambda e, y: mpmath.exp(e) - y * e),
    NegativeBinomial: (
        lambda rng, n: rng.negative_binomial(1, 0.3, n),
        lambda e, y: (
            (y * mpmath.log(y) if y else 0)
            - y * e
            + (y + 1) * (mpmath.log(1 + mpmath.exp(e)) - mpmath.log(1 + mpmath.mpf(int(y))))
        ),
    ),
    Gamma: (lambda rng, n: rng.gamma(2.0, size=n), lambda e, y: e + y * mpmath.exp(-e)),
    Exponential: (
        lambda rng, n: rng.integers(0, 2, n),
        lambda e, y: mpmath.exp((1 - 2 * int(y)) * e),
    ),
}
ALL = [*LOSSES, Softmax]


def data(kind, n=90, p=4, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    y = rng.permutation(np.arange(n) % 3) if kind is Softmax else LOSSES[kind][0](rng, n)
    return X, y


def reference(kind, X, y, x, l2, weight, intercept, offset=0.0):
    """The value, written as the docstring has it."""
    weight = np.ones(len(X)) if weight is None else weight
    A = np.column_stack([X, np.ones(len(X))]) if intercept else X
    if kind is Softmax:
        W = x.reshape(3, -1)
        eta = A @ W.T + offset
        losses = np.log(np.exp(eta).sum(1)) - eta[np.arange(len(X)), y]
        coefficients = W[:, : X.shape[1]]
    else:
        formula = LOSSES[kind][1]
        losses = [float(formula(mpmath.mpf(e), t)) for e, t in zip(A @ x + offset, y, strict=True)]
        coefficients = x[: X.shape[1]]
    return np.average(losses, weights=weight) + 0.5 * (l2 * coefficients**2).sum()


CASES = [
    dict(),
    dict(l2=0.3),
    dict(fit_intercept=False, l2=0.1),
    dict(l2=0.2, sample_weight=np.random.default_rng(5).uniform(0, 2, 90)),
    dict(l2=[0.0, 1.0, 0.5, 2.0]),
]


def build(kind, case, noise):
    X, y = data(kind)
    f = kind(X, y, **case)
    if noise == "none":
        return f
    return hessopt.expected(f, hessopt.Dropout(0.3, seed=4), method="sample", n_samples=5)


VARIANTS = [(kind, noise) for kind in ALL for noise in ("none", "sample")]

"""Small data of every loss, and Laplace's approximation of their fits."""

import numpy as np
from scipy import special

import hessopt
from hessopt import laplace, objectives

rng = np.random.default_rng(0)
N = 40
X = rng.normal([0.0, 1.0, -2.0], size=(N, 3))
ETA = X @ [0.8, -0.5, 0.1] + 0.3
Y = {
    "Squared": ETA + 0.5 * rng.normal(size=N),
    "Huber": ETA + 0.5 * rng.standard_t(3, size=N),
    "Logistic": (rng.random(N) < special.expit(ETA)).astype(float),
    "Poisson": rng.poisson(np.exp(ETA)).astype(float),
    "Gamma": rng.gamma(2.0, np.exp(ETA) / 2),
    "Softmax": np.digitize(ETA + rng.logistic(size=N), [0.5, 2.0]).astype(float),
}
NEW = rng.normal(size=(7, 3))


def fitted(kind, structure="full", dispersion=1.0, **given):
    options = {"l2": 0.05, "fit_intercept": True, **given}
    data = options.pop("X", X)
    f = getattr(objectives, kind)(data, options.pop("y", Y[kind]), **options)
    x = hessopt.minimize(f, np.zeros(f.n_parameters), tol=1e-10).x
    return laplace(f, x, structure=structure, dispersion=dispersion)


def jacobian(post, rows):
    """Written out: (m, K, P)."""
    f = post.objective
    K = getattr(f, "n_classes", 1)
    one = (
        rows if f.n_parameters == K * rows.shape[1] else np.column_stack([rows, np.ones(len(rows))])
    )
    return np.stack([np.kron(np.eye(K), row) for row in one])

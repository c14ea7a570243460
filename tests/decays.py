"""A decay to a constant with noise, which fits of curves are tried on."""

import numpy as np

t = np.linspace(0, 4, 60)
NOISE = np.random.default_rng(0).normal(size=t.size)
Y = 2.5 * np.exp(-1.3 * t) + 0.5 + 0.05 * NOISE


def decay(t, a, k, c):
    return a * np.exp(-k * t) + c


def decay_jacobian(t, a, k, c):
    e = np.exp(-k * t)
    return np.c_[e, -a * t * e, np.ones_like(t)]

"""Arithmetic on vectors of functions with their first and second derivatives.

A `Jet` holds m functions of n variables at a point: values (m,), gradients (m, n), Hessians
(m, n, n). Sums, products, powers and elementary functions follow the chain rule exactly, so that a
formula written once is its own analytic derivative.
"""

from __future__ import annotations

import numpy as np


class Jet:
    """Values, gradients and (unless None) Hessians of m functions."""

    __array_ufunc__ = None  # let NumPy operands come to the methods here

    def __init__(self, value, gradient, hessian):
        self.value, self.gradient, self.hessian = value, gradient, hessian

    def __len__(self):
        return len(self.value)

    def __getitem__(self, index):
        index = [index] if np.isscalar(index) else index
        h = None if self.hessian is None else self.hessian[index]
        return Jet(self.value[index], self.gradient[index], h)

    def chain(self, value, first, second):
        """phi(self), from phi and its first two derivatives at the values."""
        g = self.gradient
        h = None
        if self.hessian is not None:
            h = first[:, None, None] * self.hessian
            h = h + second[:, None, None] * g[:, :, None] * g[:, None, :]
        return Jet(value, first[:, None] * g, h)

    def __add__(self, other):
        if not isinstance(other, Jet):
            value = self.value + other
            return Jet(value, *_stretch(self, len(value)))
        h = None if self.hessian is None else self.hessian + other.hessian
        return Jet(self.value + other.value, self.gradient + other.gradient, h)

    __radd__ = __add__

    def __mul__(self, other):
        if not isinstance(other, Jet):
            other = np.broadcast_to(np.asarray(other, float), np.broadcast(self.value, other).shape)
            h = None if self.hessian is None else other[:, None, None] * self.hessian
            return Jet(other * self.value, other[:, None] * self.gradient, h)
        a, b = self, other
        h = None
        if a.hessian is not None:
            cross = a.gradient[:, :, None] * b.gradient[:, None, :]
            h = b.value[:, None, None] * a.hessian + a.value[:, None, None] * b.hessian
            h = h + cross + cross.transpose(0, 2, 1)
        g = b.value[:, None] * a.gradient + a.value[:, None] * b.gradient
        return Jet(a.value * b.value, g, h)

    __rmul__ = __mul__

    def __neg__(self):
        return -1.0 * self

    def __sub__(self, other):
        return self + (-1.0) * other if isinstance(other, Jet) else self + (-np.asarray(other))

    def __rsub__(self, other):
        return -self + other

    def __pow__(self, p):
        v = self.value
        p = np.asarray(p, float)
        with np.errstate(all="ignore"):
            first = np.where(p == 0, 0.0, p * v ** np.where(p == 0, 0.0, p - 1))
            flat = (p == 0) | (p == 1)
            second = np.where(flat, 0.0, p * (p - 1) * v ** np.where(flat, 0.0, p - 2))
        shape = np.broadcast(v, p).shape
        wide = self if shape == v.shape else self * np.ones(shape)
        return wide.chain(v**p, np.broadcast_to(first, shape), np.broadcast_to(second, shape))

    def __truediv__(self, other):
        return self * other**-1 if isinstance(other, Jet) else self * (1 / np.asarray(other, float))

    def __rtruediv__(self, other):
        return other * self**-1

    def sum(self):
        """The sum of all functions, as a jet of one."""
        h = None if self.hessian is None else self.hessian.sum(0, keepdims=True)
        return Jet(self.value.sum(keepdims=True), self.gradient.sum(0, keepdims=True), h)


def _stretch(jet, m):
    g = np.broadcast_to(jet.gradient, (m, *jet.gradient.shape[1:]))
    h = jet.hessian
    return g, None if h is None else np.broadcast_to(h, (m, *h.shape[1:]))


def variables(x, order):
    """The coordinates themselves; order 1 or 2."""
    n = len(x)
    return Jet(np.asarray(x, float), np.eye(n), np.zeros((n, n, n)) if order == 2 else None)


def stack(*jets):
    """Functions of several jets, one after the other."""
    h = None
    if jets[0].hessian is not None:
        h = np.concatenate([j.hessian for j in jets])
    value = np.concatenate([j.value for j in jets])
    return Jet(value, np.concatenate([j.gradient for j in jets]), h)


def exp(a):
    """e^a."""
    e = np.exp(a.value)
    return a.chain(e, e, e)


def log(a):
    """log a."""
    return a.chain(np.log(a.value), 1 / a.value, -1 / a.value**2)


def sin(a):
    """sin a."""
    s = np.sin(a.value)
    return a.chain(s, np.cos(a.value), -s)


def cos(a):
    """cos a."""
    c = np.cos(a.value)
    return a.chain(c, -np.sin(a.value), -c)


def arctan(a):
    """arctan a."""
    d = 1 / (1 + a.value**2)
    return a.chain(np.arctan(a.value), d, -2 * a.value * d**2)

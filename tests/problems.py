"""Test problems with start, known minimum and analytic derivatives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Problem:
    name: str
    start: np.ndarray
    solution: np.ndarray
    fun: Callable  # x -> (f, g)
    hess: Callable


def rosenbrock(n):
    """Extended Rosenbrock, Moré–Garbow–Hillstrom 21: n / 2 valleys side by side."""

    def fun(x):
        u, v = x[::2], x[1::2]
        a, b = 1 - u, v - u**2
        g = np.empty(n)
        g[::2], g[1::2] = -2 * a - 400 * u * b, 200 * b
        return float(a @ a + 100 * b @ b), g

    def hess(x):
        u, v = x[::2], x[1::2]
        h = np.zeros((n, n))
        i = np.arange(0, n, 2)
        h[i, i] = 2 + 1200 * u**2 - 400 * v
        h[i + 1, i + 1] = 200
        h[i, i + 1] = h[i + 1, i] = -400 * u
        return h

    start = np.tile([-1.2, 1.0], n // 2)
    return Problem(f"rosenbrock-{n}", start, np.ones(n), fun, hess)


def chained_rosenbrock(n):
    """One bent valley through n dimensions; from 0 there is no local minimum on the way."""

    def fun(x):
        a, b = 1 - x[:-1], x[1:] - x[:-1] ** 2
        g = np.zeros(n)
        g[:-1] = -2 * a - 400 * x[:-1] * b
        g[1:] += 200 * b
        return float(a @ a + 100 * b @ b), g

    def hess(x):
        h = np.zeros((n, n))
        i = np.arange(n - 1)
        h[i, i] = 2 + 1200 * x[:-1] ** 2 - 400 * x[1:]
        h[i + 1, i + 1] += 200
        h[i, i + 1] = h[i + 1, i] = -400 * x[:-1]
        return h

    return Problem(f"chained-rosenbrock-{n}", np.zeros(n), np.ones(n), fun, hess)


def beale():
    c = np.array([1.5, 2.25, 2.625])
    k = np.array([1, 2, 3])

    def residuals(x):
        powers = x[1] ** k
        r = c - x[0] * (1 - powers)
        jac = np.stack([powers - 1, x[0] * k * x[1] ** (k - 1)], axis=1)
        second = np.zeros((3, 2, 2))
        second[:, 0, 1] = second[:, 1, 0] = k * x[1] ** (k - 1)
        second[:, 1, 1] = x[0] * k * (k - 1) * np.array([0.0, 1.0, x[1]])
        return r, jac, second

    def fun(x):
        r, jac, _ = residuals(x)
        return float(r @ r), 2 * jac.T @ r

    def hess(x):
        r, jac, second = residuals(x)
        return 2 * (jac.T @ jac + np.einsum("i,ijk->jk", r, second))

    return Problem("beale", np.array([1.0, 1.0]), np.array([3.0, 0.5]), fun, hess)


def powell_singular():
    def parts(x):
        r = np.array(
            [
                x[0] + 10 * x[1],
                np.sqrt(5) * (x[2] - x[3]),
                (x[1] - 2 * x[2]) ** 2,
                np.sqrt(10) * (x[0] - x[3]) ** 2,
            ]
        )
        u, v = x[1] - 2 * x[2], x[0] - x[3]
        jac = np.array(
            [
                [1, 10, 0, 0],
                [0, 0, np.sqrt(5), -np.sqrt(5)],
                [0, 2 * u, -4 * u, 0],
                [2 * np.sqrt(10) * v, 0, 0, -2 * np.sqrt(10) * v],
            ]
        )
        return r, jac

    def fun(x):
        r, jac = parts(x)
        return float(r @ r), 2 * jac.T @ r

    def hess(x):
        r, jac = parts(x)
        a, b = np.array([0.0, 1, -2, 0]), np.array([1.0, 0, 0, -1])
        curved = r[2] * 2 * np.outer(a, a) + r[3] * 2 * np.sqrt(10) * np.outer(b, b)
        return 2 * (jac.T @ jac + curved)

    return Problem("powell-singular", np.array([3.0, -1, 0, 1]), np.zeros(4), fun, hess)


PROBLEMS = [rosenbrock(2), rosenbrock(1000), chained_rosenbrock(30), beale(), powell_singular()]


def central_gradient(fun, x, step=1e-6):
    """Gradient of a scalar or Jacobian of a vector function, row j along x_j."""
    rows = []
    for j in range(len(x)):
        e = np.zeros_like(x)
        e[j] = step
        rows.append((np.asarray(fun(x + e)) - np.asarray(fun(x - e))) / (2 * step))
    return np.array(rows)

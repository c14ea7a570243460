"""Quadratic forms within bounds, of fifty to a hundred variables, of the CUTEst collection.

N. I. M. Gould, D. Orban, Ph. L. Toint, "CUTEst", 2015; by their names there, with the minima that
these give for the size. Variables whose bounds are equal are part of the problem.
"""

from __future__ import annotations

import numpy as np

from bounded import Table, of_quadratic

QUADRATICS = Table()
INF = np.inf


def count(n):
    """1, ..., n."""
    return np.arange(1.0, n + 1)


def quadratic(name, Q, c, start, lower, upper, *minima, **more):
    QUADRATICS.append(of_quadratic(name, Q, c, start, lower, upper, *minima, **more))


def slope(n):
    """Differences of neighbours, and of the first and last with 0."""
    return np.eye(n + 1, n) - np.eye(n + 1, n, k=-1)


def grid(rows, columns):
    """Numbers of the points of a grid, and which of them are no edge."""
    points = np.arange(rows * columns).reshape(rows, columns)
    inner = np.zeros((rows, columns))
    inner[1:-1, 1:-1] = 1
    return points, inner


def of_differences(points, down, right):
    """Q of sum wₐᵦ (xₐ - xᵦ)² over neighbours on a grid, with weights (rows - 1, columns) of those
    down and (rows, columns - 1) of those to the right.
    """
    Q = np.zeros((points.size, points.size))
    for a, b, w in (
        (points[:-1], points[1:], down),
        (points[:, :-1], points[:, 1:], right),
    ):
        a, b, w = a.ravel(), b.ravel(), 2 * w.ravel()
        np.add.at(Q, (np.r_[a, b], np.r_[a, b]), np.r_[w, w])
        np.add.at(Q, (np.r_[a, b], np.r_[b, a]), -np.r_[w, w])
    return Q


def membrane(name, n, force, lower, upper, start, *minima):
    """A membrane on the unit square, fixed on its edge, under a force, between obstacles."""
    points, inner = grid(n, n)
    Q = of_differences(points, (inner[:-1] + inner[1:]) / 4, (inner[:, :-1] + inner[:, 1:]) / 4)
    h = 1 / (n - 1)
    box = (np.where(inner > 0, b, 0.0).ravel() for b in (start, lower, upper))
    quadratic(name, Q, -force * h**2 * inner.ravel(), *box, *minima)


def membranes(n):
    """An elastic bar in torsion, and a membrane above or between obstacles."""
    t = np.arange(n) / (n - 1)
    u, v = t[:, None], t[None, :]
    edge = np.minimum(np.minimum(u, 1 - u), np.minimum(v, 1 - v))  # how far away
    membrane("torsion1", n, 5, -edge, edge, edge, -4.9234185e-1)
    membrane("torsion6", n, 20, -edge, edge, 0, -2.8971193358)
    hill = np.sin(3.2 * u) * np.sin(3.3 * v)
    membrane("obstclae", n, 1, hill, 2000, 1, 1.397897560)
    hills = np.sin(9.2 * u) * np.sin(9.3 * v)
    membrane("obstclbl", n, 1, hills**3, hills**2 + 0.02, hills**3, 2.87503823)


membranes(10)


def bearing(name, n, eccentricity, *minima):
    """The pressure in a journal bearing, on (0, 2 pi) x (0, 20)."""
    points, inner = grid(n, n)
    angle = np.arange(n) * (2 * np.pi / (n - 1))
    ht, hy = 2 * np.pi / (n - 1), 20 / (n - 1)
    w = (1 + eccentricity * np.cos(angle)) ** 3
    ahead, behind = (2 * w[:-1] + w[1:]) / 6, (2 * w[1:] + w[:-1]) / 6
    not_last, not_first = np.arange(n) < n - 1, np.arange(n) > 0
    down = hy / ht / 2 * (np.outer(ahead, not_last) + np.outer(behind, not_first))
    right = ht / hy / 2 * (np.r_[ahead, 0] + np.r_[0, behind])
    sine = np.sin(angle)[:, None] * inner
    quadratic(
        name,
        of_differences(points, down, np.repeat(right[:, None], n - 1, 1)),
        -(eccentricity * ht * hy * sine).ravel(),
        sine.ravel(),
        0,
        np.where(inner > 0, INF, 0).ravel(),
        *minima,
    )


bearing("jnlbrng1", 10, 0.1, -0.17896)
bearing("jnlbrng2", 10, 0.5)


def chain(n):
    """|differences of neighbours|² from 1 to 1, with all but the last below 0.9."""
    A = slope(n) * 2**0.5
    ends = np.r_[1, np.zeros(n - 1), -1] * 2**0.5
    lower, upper = np.r_[np.zeros(n - 1), -INF], np.r_[np.full(n - 1, 0.9), INF]
    quadratic("biggsb1", A.T @ A, -A.T @ ends, np.zeros(n), lower, upper, constant=2.0)


chain(100)


def tripled(n, positive, *minima):
    """sum ± i (xᵢ + x₍₂ᵢ₋₁₎ + x₍₃ᵢ₋₁₎)² / 2, concave for those beyond a share of the terms."""
    i = np.arange(1, n + 1)
    A = np.zeros((n, n))
    for j in (i - 1, (2 * i - 1) % n, (3 * i - 1) % n):
        A[i - 1, j] += 1
    size = np.where(i <= positive, i, -i)
    name = f"ncvxbqp{1 + np.searchsorted([n // 4, n // 2, 3 * n // 4], positive)}"
    quadratic(name, A.T @ (size[:, None] * A), np.zeros(n), np.full(n, 0.5), 0.1, 10, *minima)


tripled(100, 25, -1.99558e6)
tripled(100, 50, -1.33305e6)
tripled(100, 75, -6.60133e5)


def complementarity(n):
    """Half of the variables free at the minimum, a fifth degenerate."""
    A = np.diff(slope(n), axis=0, prepend=0, append=0)
    M = A.T @ A
    solution = (np.arange(n) < n // 2).astype(float)
    slack = (np.arange(n) >= n // 2 + n // 5).astype(float)
    least = -0.5 * float(solution @ M @ solution)
    quadratic("chenhark", M, slack - M @ solution, np.full(n, 0.5), 0, INF, least)


complementarity(50)


def harker(n):
    tails = np.triu(np.ones((n, n)))
    weight = np.r_[2, np.full(n - 1, 4)]
    Q = tails.T @ (weight[:, None] * tails) - np.eye(n)
    quadratic("harkerp2", Q, np.full(n, -1), count(n), 0, INF)


harker(50)


def pentadiagonal(n):
    Q = 12 * np.eye(n) - 4 * (np.eye(n, k=1) + np.eye(n, k=-1))
    Q += np.eye(n, k=2) + np.eye(n, k=-2)
    Q[-1, -2] = Q[-2, -1] = 0
    c, h = np.zeros(n), n // 2
    c[[0, 1, h - 2, h - 1, h]] = -3, 1, 1, -3, 4
    c[h + 2 :] = 1
    quadratic("pentdi", Q, c, np.zeros(n), 0, INF, -0.75)


pentadiagonal(50)


def degenerate(n, lower):
    Q = np.eye(n) + 0.5 * (np.eye(n, k=1) + np.eye(n, k=-1))
    c = np.r_[-0.5, -1.5, np.full(n - 3, -2), -1.5]
    name = "degtrid2" if lower else "degtrid"
    quadratic(name, Q, c, np.full(n, 2), np.r_[0, np.full(n - 1, lower)], INF)


degenerate(51, 0.0)
degenerate(51, 1.0)

"""Problems with bounds of ten to a hundred and twenty variables, no quadratic forms, of the CUTEst
collection.

N. I. M. Gould, D. Orban, Ph. L. Toint, "CUTEst", 2015; by their names there, with the minima that
these give for the size.
"""

from __future__ import annotations

import numpy as np

from bounded import Table
from jets import exp, sin, stack

SUMS = Table()
INF = np.inf


def count(n):
    """1, ..., n."""
    return np.arange(1.0, n + 1)


def inclined(x):
    return (-10 * count(len(x)) * x).sum()


def neighbours(x, m):
    """Products of each of the first m with the next."""
    return x[:m] * x[1 : m + 1]


def bowls(x, m):
    """4 xᵢ² + 2 xₙ² + xᵢ xₙ from the m-th on."""
    inner = x[m:-1]
    last = x[-1] * np.ones(len(inner))
    return 4 * inner**2 + 2 * last**2 + inner * last


@SUMS.terms(np.zeros(120), 0, 10)
def explin(x):
    return stack(inclined(x), exp(0.1 * neighbours(x, 10)))


@SUMS.terms(np.zeros(120), 0, 10)
def explin2(x):
    return stack(inclined(x), exp(count(10) / 100 * neighbours(x, 10)))


@SUMS.terms(
    np.zeros(120),
    np.r_[np.zeros(10), np.full(110, -INF)],
    np.r_[np.full(10, 10), np.full(110, INF)],
)
def expquad(x):
    return stack(inclined(x), exp(count(10) / 100 * neighbours(x, 10)), bowls(x, 10))


@SUMS.terms(np.zeros(120), 0, 10)
def qrtquad(x):
    return stack(inclined(x), count(10) / 10 * neighbours(x, 10) ** 4, bowls(x, 10))


@SUMS.terms(np.zeros(120), 0, 10)
def qudlin(x):
    return stack(inclined(x), neighbours(x, 10))


@SUMS.terms(np.ones(100), 0, INF)
def bdexp(x):
    both = x[:-2] + x[1:-1]
    return both * exp(-both * x[2:])


def charges_start(n):
    i = count(n)
    angle, radius = 2 * np.pi / (n - 1) * i, 5 / (n - 1) * (n - i)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).ravel()


def squared_distances(x):
    """Between points of the plane."""
    a, b = np.triu_indices(len(x) // 2, 1)
    return (x[2 * a] - x[2 * b]) ** 2 + (x[2 * a + 1] - x[2 * b + 1]) ** 2


@SUMS.terms(charges_start(20), -10, 10)
def chardis02(x):
    return 100 / squared_distances(x)


@SUMS.terms((count(24) / 24) ** 2, 0, 1)
def powellbc(x):
    return squared_distances(x) ** -0.5


@SUMS.squares(count(50) / 51, 0.2, 0.5)
def genroseb(x):
    return stack(10 * (x[1:] - x[:-1] ** 2), x[1:] - 1, 0 * x[0] + 1)


@SUMS.squares(np.r_[-8, np.full(4, 8)], -10, 10, 0)
def levymont(x):
    n = len(x)
    root = (10 * np.pi / n) ** 0.5
    return stack(
        (np.pi / n) ** 0.5 * (x - 1),
        root * sin(np.pi * x[0]),
        root * (x[:-1] - 1) * sin(np.pi * x[1:]),
    )


@SUMS.terms(np.zeros(50), -1.5, 3)
def mccormck(x):
    a, b = x[:-1], x[1:]
    return -1.5 * a + 2.5 * b + 1 + (a - b) ** 2 + sin(a + b)


@SUMS.squares(np.full(50, 3), np.where(np.arange(50) % 2 == 0, 1, -100), 100, 0)
def nonscomp(x):
    return stack(x[0] - 1, 2 * (x[1:] - x[:-1] ** 2))


@SUMS.terms(count(10) / 11, 0, 1)
def s368(x):
    # sum over all pairs of xᵢ³ xⱼ³ - xᵢ² xⱼ⁴
    return (x**3).sum() ** 2 - (x**2).sum() * (x**4).sum()


def sine_upper(n):
    upper = [np.pi / 2]
    for _ in range(n - 1):
        upper.append((upper[-1] + np.pi / 2) ** 0.5)
    return np.array(upper)


@SUMS.terms(np.zeros(20), sine_upper(20) - 2 * np.pi, sine_upper(20), -1901)
def sineali(x):
    return stack(sin(x[0] - 1), 100 * sin(x[1:] - x[:-1] ** 2))


def surface_grid(n):
    t = np.arange(n) / (n - 1)
    arch = np.repeat((1 - (2 * t - 1) ** 2)[:, None], n, 1)
    lower, upper = np.full((n, n), -INF), np.full((n, n), INF)
    middle = slice(int(0.25 * (n - 1)), int(np.ceil(0.75 * (n - 1))) + 1)
    lower[middle, middle] = 1
    for edge in (np.s_[:, 0], np.s_[:, -1], np.s_[0, :], np.s_[-1, :]):
        lower[edge] = upper[edge] = arch[edge]
    return arch.ravel(), lower.ravel(), upper.ravel()


@SUMS.terms(*surface_grid(10))
def minsurfo(x):
    n = 10
    points = np.arange(n * n).reshape(n, n)
    down = (x[points[1:].ravel()] - x[points[:-1].ravel()]) * (n - 1)
    right = (x[points[:, 1:].ravel()] - x[points[:, :-1].ravel()]) * (n - 1)
    d, r = np.arange(n * (n - 1)).reshape(n - 1, n), np.arange(n * (n - 1)).reshape(n, n - 1)
    area = 0.5 / (n - 1) ** 2
    lower = 1 + down[d[:, :-1].ravel()] ** 2 + right[r[:-1].ravel()] ** 2
    upper = 1 + down[d[:, 1:].ravel()] ** 2 + right[r[1:].ravel()] ** 2
    return area * stack(lower, upper) ** 0.5


def bidiagonal(n):
    """Lower entries of T(i, j) = sin i cos j within two of the diagonal, as a symmetric matrix."""
    i = count(n)
    T = np.tril(np.outer(np.sin(i), np.cos(i))) * (np.subtract.outer(i, i) <= 2)
    return T + np.tril(T, -1).T


@SUMS.squares(np.full(19, -1), np.where(np.arange(19) % 2 == 0, 1e-8, -INF), INF, 6)
def linverse(x):
    # L T L' - I, within two of the diagonal and there without a product of two below it, for L of
    # diagonal x0, x2, ... and x1, x3, ... below.
    T = bidiagonal(10)
    rows = []
    for i in range(10):
        for j in range(max(i - 2, 0), i + 1):
            entry = T[i, j] * x[2 * i] * x[2 * j]
            if i:
                entry = entry + T[i - 1, j] * x[2 * i - 1] * x[2 * j]
            if j:
                entry = entry + T[i, j - 1] * x[2 * i] * x[2 * j - 1]
            if j and i - j < 2:
                entry = entry + T[i - 1, j - 1] * x[2 * i - 1] * x[2 * j - 1]
            rows.append((entry - float(i == j)) * (1 if i == j else 2**0.5))
    return stack(*rows)

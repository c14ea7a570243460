"""The 35 test functions for unconstrained optimisation of Moré, Garbow and Hillstrom.

J. J. Moré, B. S. Garbow, K. E. Hillstrom, "Testing unconstrained optimization software", ACM TOMS 7
(1981), section 3. Each is f(x) = sum rᵢ(x)², written as the paper writes its residuals; values,
gradients and Hessians follow from that one formula by `jets`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from jets import arctan, cos, exp, log, sin, stack, variables


@dataclass(frozen=True)
class Problem:
    """A sum of squares with its start and known minima of f, local ones included."""

    number: int
    name: str
    start: np.ndarray
    minima: tuple[float, ...]
    residuals: Callable  # jet of the variables -> jet of the residuals

    def fun(self, x):
        """Value and gradient."""
        with np.errstate(all="ignore"):
            r = self.residuals(variables(x, 1))
            return float(r.value @ r.value), 2 * r.gradient.T @ r.value

    def hess(self, x):
        """Hessian: 2 (J'J + sum rᵢ Hᵢ)."""
        with np.errstate(all="ignore"):
            r = self.residuals(variables(x, 2))
            curved = np.tensordot(r.value, r.hessian, 1)
            return 2 * (r.gradient.T @ r.gradient + curved)


PROBLEMS: list[Problem] = []


def problem(number, start, *minima):
    """Enter a function of residuals into the table."""

    def enter(residuals):
        x = np.asarray(start, float)
        name = residuals.__name__ + (f"-{len(x)}" if len(x) > 4 else "")
        PROBLEMS.append(Problem(number, name, x, minima, residuals))
        return residuals

    return enter


def count(m):
    """1, ..., m."""
    return np.arange(1.0, m + 1)


def odd_even(x):
    return x[0::2], x[1::2]


@problem(1, [-1.2, 1], 0)
def rosenbrock(x):
    return stack(10 * (x[1] - x[0] ** 2), 1 - x[0])


@problem(2, [0.5, -2], 0, 48.98425)
def freudenstein_roth(x):
    a, b = x[0], x[1]
    return stack(-13 + a + ((5 - b) * b - 2) * b, -29 + a + ((b + 1) * b - 14) * b)


@problem(3, [0, 1], 0)
def powell_badly_scaled(x):
    return stack(1e4 * x[0] * x[1] - 1, exp(-x[0]) + exp(-x[1]) - 1.0001)


@problem(4, [1, 1], 0)
def brown_badly_scaled(x):
    return stack(x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2)


@problem(5, [1, 1], 0)
def beale(x):
    return np.array([1.5, 2.25, 2.625]) - x[0] * (1 - x[1] ** count(3))


@problem(6, [0.3, 0.4], 124.3622)
def jennrich_sampson(x):
    i = count(10)
    return 2 + 2 * i - (exp(x[0] * i) + exp(x[1] * i))


@problem(7, [-1, 0, 0], 0)
def helical_valley(x):
    a, b, c = x[0], x[1], x[2]
    theta = arctan(b / a) * (1 / (2 * np.pi)) + (0.5 if a.value[0] < 0 else 0.0)
    return stack(10 * (c - 10 * theta), 10 * ((a**2 + b**2) ** 0.5 - 1), c)


@problem(8, [1, 1, 1], 8.214877e-3, 17.42869)
def bard(x):
    y = "14 18 22 25 29 32 35 39 37 58 73 96 134 210 439"
    y = np.array(y.split(), float) / 100
    u = count(15)
    v, w = 16 - u, np.minimum(u, 16 - u)
    return y - (x[0] + u / (x[1] * v + x[2] * w))


@problem(9, [0.4, 1, 0], 1.127933e-8)
def gaussian(x):
    half = np.array([9, 44, 175, 540, 1295, 2420, 3521]) / 1e4
    y = np.concatenate([half, [0.3989], half[::-1]])
    t = (8 - count(15)) / 2
    return x[0] * exp(-0.5 * x[1] * (t - x[2]) ** 2) - y


@problem(10, [0.02, 4000, 250], 87.94586)
def meyer(x):
    y = "34780 28610 23650 19630 16370 13720 11540 9744 8261 7030 6005 5147 4427 3820 3307 2872"
    t = 45 + 5 * count(16)
    return x[0] * exp(x[1] / (t + x[2])) - np.array(y.split(), float)


@problem(11, [5, 2.5, 0.15], 0)
def gulf(x):
    t = count(99) / 100
    y = 25 + (-50 * np.log(t)) ** (2 / 3)
    d = y - x[1]
    # |d|^x3 = e^(x3 log|d|)
    size = d * np.sign(d.value)
    return exp(-1 * exp(x[2] * np.ones(99) * log(size)) / x[0]) - t


@problem(12, [0, 10, 20], 0)
def box(x):
    t = count(10) / 10
    return exp(-x[0] * t) - exp(-x[1] * t) - x[2] * (np.exp(-t) - np.exp(-10 * t))


@problem(13, [3, -1, 0, 1], 0)
def powell_singular(x):
    a, b, c, d = x[0], x[1], x[2], x[3]
    return stack(a + 10 * b, 5**0.5 * (c - d), (b - 2 * c) ** 2, 10**0.5 * (a - d) ** 2)


@problem(14, [-3, -1, -3, -1], 0)
def wood(x):
    a, b, c, d = x[0], x[1], x[2], x[3]
    return stack(
        10 * (b - a**2),
        1 - a,
        90**0.5 * (d - c**2),
        1 - c,
        10**0.5 * (b + d - 2),
        10**-0.5 * (b - d),
    )


@problem(15, [0.25, 0.39, 0.415, 0.39], 3.075056e-4, 1.027342e-3)
def kowalik_osborne(x):
    y = "1957 1947 1735 1600 844 627 456 342 323 235 246"
    y = np.array(y.split(), float) / 1e4
    u = 1 / np.array([0.25, 0.5, 1, 2, 4, 6, 8, 10, 12, 14, 16])
    return y - x[0] * (x[1] * u + u**2) / (x[2] * u + x[3] + u**2)


@problem(16, [25, 5, -5, -1], 85822.20)
def brown_dennis(x):
    t = count(20) / 5
    return (x[0] + x[1] * t - np.exp(t)) ** 2 + (x[2] + x[3] * np.sin(t) - np.cos(t)) ** 2


@problem(17, [0.5, 1.5, -1, 0.01, 0.02], 5.464895e-5)
def osborne_1(x):
    y = (
        "844 908 932 936 925 908 881 850 818 784 751 718 685 658 628 603 580 558 538 522 506 490 "
        "478 467 457 448 438 431 424 420 414 411 406"
    )
    t = 10 * (count(33) - 1)
    fit = x[0] + x[1] * exp(-x[3] * t) + x[2] * exp(-x[4] * t)
    return np.array(y.split(), float) / 1e3 - fit


@problem(18, [1, 2, 1, 1, 1, 1], 0, 5.655650e-3)
def biggs_exp6(x):
    t = count(13) / 10
    y = np.exp(-t) - 5 * np.exp(-10 * t) + 3 * np.exp(-4 * t)
    return x[2] * exp(-x[0] * t) - x[3] * exp(-x[1] * t) + x[5] * exp(-x[4] * t) - y


@problem(19, [1.3, 0.65, 0.65, 0.7, 0.6, 3, 5, 7, 2, 4.5, 5.5], 4.013774e-2)
def osborne_2(x):
    y = (
        "1366 1191 1112 1013 991 885 831 847 786 725 746 679 608 655 616 606 602 626 651 724 649 "
        "649 694 644 624 661 612 558 533 495 500 423 395 375 372 391 396 405 428 429 523 562 607 "
        "653 672 708 633 668 645 632 591 559 597 625 739 710 729 720 636 581 428 292 162 98 54"
    )
    t = (count(65) - 1) / 10
    fit = x[0] * exp(-x[4] * t)
    for k in (1, 2, 3):
        fit = fit + x[k] * exp(-x[k + 4] * (t - x[k + 7]) ** 2)
    return np.array(y.split(), float) / 1e3 - fit


def watson(x):
    n = len(x)
    t = count(29)[:, None] / 29
    j = count(n)
    slope = (j[1:] - 1) * t ** (j[1:] - 2)
    r = _linear(slope, x[1:]) - _linear(t ** (j - 1), x) ** 2 - 1
    return stack(r, x[0], x[1] - x[0] ** 2 - 1)


def _linear(matrix, x):
    """Matrix times jet."""
    h = None if x.hessian is None else np.tensordot(matrix, x.hessian, 1)
    return type(x)(matrix @ x.value, matrix @ x.gradient, h)


problem(20, np.zeros(6), 2.287670e-3)(watson)
problem(20, np.zeros(9), 1.399760e-6)(watson)


@problem(21, np.tile([-1.2, 1], 10), 0)
def extended_rosenbrock(x):
    a, b = odd_even(x)
    return stack(10 * (b - a**2), 1 - a)


@problem(22, np.tile([3, -1, 0, 1], 5), 0)
def extended_powell_singular(x):
    a, b, c, d = (x[k::4] for k in range(4))
    return stack(a + 10 * b, 5**0.5 * (c - d), (b - 2 * c) ** 2, 10**0.5 * (a - d) ** 2)


@problem(23, count(10), 7.087651e-5)
def penalty_1(x):
    return stack(1e-5**0.5 * (x - 1), (x**2).sum() - 0.25)


@problem(24, np.full(10, 0.5), 2.936605e-4)
def penalty_2(x):
    n = len(x)
    e = exp(x / 10)
    i = count(n)
    y = np.exp(i[1:] / 10) + np.exp((i[1:] - 1) / 10)
    small = 1e-5**0.5
    return stack(
        x[0] - 0.2,
        small * (e[1:] + e[:-1] - y),
        small * (e[1:] - np.exp(-0.1)),
        ((n - i + 1) * x**2).sum() - 1,
    )


@problem(25, 1 - count(10) / 10, 0)
def variably_dimensioned(x):
    s = (count(len(x)) * (x - 1)).sum()
    return stack(x - 1, s, s**2)


@problem(26, np.full(10, 0.1), 0, 2.795056e-5)
def trigonometric(x):
    n = len(x)
    c = cos(x)
    return n - c.sum() + count(n) * (1 - c) - sin(x)


@problem(27, np.full(10, 0.5), 0, 1)
def brown_almost_linear(x):
    n = len(x)
    product = x[0]
    for k in range(1, n):
        product = product * x[k]
    return stack(x[:-1] + x.sum() * np.ones(n - 1) - (n + 1), product - 1)


def _grid(n):
    return count(n) / (n + 1)


@problem(28, _grid(10) * (_grid(10) - 1), 0)
def discrete_boundary_value(x):
    n = len(x)
    h, t = 1 / (n + 1), _grid(n)
    second = 2 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)
    return _linear(second, x) + h**2 / 2 * (x + t + 1) ** 3


@problem(29, _grid(10) * (_grid(10) - 1), 0)
def discrete_integral_equation(x):
    n = len(x)
    h, t = 1 / (n + 1), _grid(n)
    left = np.tril((1 - t)[:, None] * t[None, :])
    right = np.triu(t[:, None] * (1 - t)[None, :], 1)
    return x + _linear(h / 2 * (left + right), (x + t + 1) ** 3)


@problem(30, np.full(10, -1), 0)
def broyden_tridiagonal(x):
    n = len(x)
    return (3 - 2 * x) * x - _linear(np.eye(n, k=-1) + 2 * np.eye(n, k=1), x) + 1


@problem(31, np.full(10, -1), 0)
def broyden_banded(x):
    n = len(x)
    i = np.arange(n)
    band = (i[None, :] >= i[:, None] - 5) & (i[None, :] <= i[:, None] + 1) & ~np.eye(n, dtype=bool)
    return x * (2 + 5 * x**2) + 1 - _linear(band.astype(float), x * (1 + x))


@problem(32, np.ones(10), 10)
def linear_full_rank(x):
    n, m = len(x), 20
    return stack(x, x[0] * np.zeros(m - n)) - (2 / m) * x.sum() * np.ones(m) - 1


@problem(33, np.ones(10), 20 * 19 / (2 * 41))
def linear_rank_1(x):
    return count(20) * (count(len(x)) * x).sum() - 1


@problem(34, np.ones(10), (400 + 60 - 6) / (2 * 37))
def linear_rank_1_with_zeros(x):
    n, m = len(x), 20
    weights = count(n)
    weights[[0, -1]] = 0
    i = count(m) - 1
    i[-1] = 0
    return i * (weights * x).sum() - 1


def chebyquad(x):
    n = len(x)
    u = 2 * x - 1
    before, now = 1 + 0 * u, u
    rows = []
    for i in range(1, n + 1):
        integral = -1 / (i**2 - 1) if i % 2 == 0 else 0.0
        rows.append(now.sum() / n - integral)
        before, now = now, 2 * u * now - before
    return stack(*rows)


problem(35, _grid(8), 3.516873e-3)(chebyquad)
problem(35, _grid(9), 0)(chebyquad)

"""Problems with bounds of a few variables.

From W. Hock, K. Schittkowski, "Test examples for nonlinear programming codes" (1981), named by
their numbers there, and from the CUTEst collection (N. I. M. Gould, D. Orban, Ph. L. Toint, 2015),
by their names there; the minima are those that these give.
"""

from __future__ import annotations

import numpy as np

from bounded import Table
from jets import cos, exp, log, sin, stack

SMALL = Table()
INF = np.inf


def count(m):
    """1, ..., m."""
    return np.arange(1.0, m + 1)


def numbers(text):
    return np.array(text.split(), float)


def valley(x):
    return stack(10 * (x[1] - x[0] ** 2), 1 - x[0])


@SMALL.squares([-2, 1], [-INF, -1.5], INF, 0)
def hs1(x):
    return valley(x)


@SMALL.squares([-2, 1], [-INF, 1.5], INF, 0.0504261879, 4.941229318)
def hs2(x):
    return valley(x)


@SMALL.terms([10, 1], [-INF, 0], INF, 0)
def hs3(x):
    return stack(x[1], 1e-5 * (x[1] - x[0]) ** 2)


@SMALL.terms([10, 1], [-INF, 0], INF, 0)
def hs3mod(x):
    return stack(x[1], (x[1] - x[0]) ** 2)


@SMALL.terms([1.125, 0.125], [1, 0], INF, 8 / 3)
def hs4(x):
    return stack((x[0] + 1) ** 3 / 3, x[1])


@SMALL.terms([0, 0], [-1.5, -3], [4, 3], -np.sqrt(3) / 2 - np.pi / 3)
def hs5(x):
    a, b = x[0], x[1]
    return stack(sin(a + b), (a - b) ** 2, -1.5 * a + 2.5 * b + 1)


@SMALL.squares([100, 12.5, 3], [0.1, 0, 0], [100, 25.6, 5], 0)
def hs25(x):
    t = count(99) / 100
    u = 25 + (-50 * np.log(t)) ** (2 / 3)
    return exp(-exp(x[2] * np.ones(99) * log(u - x[1])) / x[0]) - t


@SMALL.squares([-3, -1, -3, -1], -10, 10, 0)
def hs38(x):
    a, b, c, d = x[0], x[1], x[2], x[3]
    return stack(
        *(10 * (b - a**2), 1 - a, 90**0.5 * (d - c**2), 1 - c),
        *(10**0.5 * (b + d - 2), 0.1**0.5 * (b - d)),
    )


@SMALL.terms(np.full(5, 2), 0, count(5), 1)
def hs45(x):
    return 2 - x[0] * x[1] * x[2] * x[3] * x[4] / 120


@SMALL.terms(np.full(10, 9), 2.001, 9.999, -45.77846971)
def hs110(x):
    return stack(log(x - 2) ** 2, log(10 - x) ** 2, -exp(0.2 * log(x).sum()))


@SMALL.terms(np.zeros(4), [-INF, 1, -1e10, 2], [INF, INF, 1, 2])
def allinit(x):
    a, b, c, d = x[0], x[1], x[2], x[3]
    return stack(
        *(c - 1, a**2, b**2 + (c + d) ** 2, d - 3 + sin(c) ** 2 + (a * b) ** 2, sin(c) ** 2),
        *((d - 1) ** 2, b**4, (c**2 + (d + a) ** 2) ** 2),
        *((a - 4 + sin(d) ** 2 + (b * c) ** 2) ** 2, sin(d) ** 4),
    )


@SMALL.terms([1.1, 1.1], [-3, -1.5], [3, 1.5], -1.031628453, -0.2154638, 2.1042503)
def camel6(x):
    a, b = x[0], x[1]
    return stack(4 * a**2 - 2.1 * a**4 + a**6 / 3, a * b, -4 * b**2 + 4 * b**4)


@SMALL.terms(np.zeros(3), [-INF, -1, 1], [INF, 1, 2])
def eg1(x):
    a, b, c = x[0], x[1], x[2]
    return stack(a**2, (b * c) ** 4, b * sin(a + c) + a * c + b)


@SMALL.squares([1, 5], 0, 20, 0)
def exp2b(x):
    t = np.arange(10) / 10
    y = np.exp(-t) - 5 * np.exp(-10 * t)
    return exp(-t * x[0]) - 5 * exp(-t * x[1]) - y


def hatfld(x):
    return stack(x[0] - 1, x[:-1] - x[1:] ** 0.5)


@SMALL.squares(np.full(4, 0.1), 1e-7, INF, 0)
def hatflda(x):
    return hatfld(x)


@SMALL.squares(np.full(4, 0.1), 1e-7, [INF, 0.8, INF, INF], 5.57281e-3)
def hatfldb(x):
    return hatfld(x)


@SMALL.squares(np.full(25, 0.9), np.r_[np.zeros(24), -INF], np.r_[np.full(24, 10), INF], 0)
def hatfldc(x):
    return stack(x[0] - 1, x[2:] - x[1:-1] ** 2, x[-1] - 1)


@SMALL.terms([-1.2, 1], 0, INF, 0)
def logros(x):
    return log(1 + 1e4 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2)


@SMALL.terms([10, 1], [0, -INF], INF, 0)
def mdhole(x):
    return stack(100 * (sin(x[0]) - x[1]) ** 2, x[0])


@SMALL.terms(np.full(4, 3), -INF, [-1, INF, INF, INF], 2.414213562)
def pspdoc(x):
    return (1 + x[:2] ** 2 + (x[1:3] - x[2:]) ** 2) ** 0.5


@SMALL.squares([0.6, -0.6, 20], [-INF, -INF, 0], INF, 0)
def yfit(x):
    half = (
        "21.158931 17.591719 14.046854 10.519732 7.0058392 3.5007293 0 -3.5007293 -7.0058392 "
        "-10.519732 -14.046854 -17.591719 -21.158931 -24.753206 -28.379405 -32.042552 -35.747869"
    )
    share = np.arange(17) / 16
    angle = (1 - share) * x[0] + share * x[1]
    return x[2] * np.ones(17) * sin(angle) / cos(angle) - numbers(half)


@SMALL.squares(np.ones(3), 0, [INF, INF, 3], 2.587277)
def weeds(x):
    y = "5.308 7.24 9.638 12.866 17.069 23.192 31.443 38.558 50.156 62.948 75.995 91.972"
    return x[0] / (1 + x[1] * np.ones(12) * exp(-count(12) * x[2])) - numbers(y)


@SMALL.terms(np.full(6, 0.2), 0, 1, -3.32288689158)
def hart6(x):
    a = numbers(
        "10 .05 17 3.5 1.7 8  .05 10 17 .1 8 14  3 3.5 1.7 10 17 8  17 8 .05 10 .1 14"
    ).reshape(4, 6)
    p = numbers(
        ".1312 .1696 .5569 .0124 .8283 .5886  .2329 .4135 .8307 .3736 .1004 .9991 "
        ".2348 .1451 .3522 .2883 .3047 .6650  .4047 .8828 .8732 .5743 .1091 .0381"
    ).reshape(4, 6)
    return stack(
        *(
            -c * exp(-(w * (x - q) ** 2).sum())
            for c, w, q in zip((1, 1.2, 3, 3.2), a, p, strict=True)
        )
    )


# Angles and energies of A. Palmer; each is there for -t as well, the twelfth but once.
ANGLES = numbers(
    "1.788963 1.745329 1.658063 1.570796 1.483530 1.396263 1.308997 1.218612 1.134464 1.047198 "
    "0.872665 0.698132 0.523599 0.349066 0.174533"
)
ENERGIES = numbers(
    "78.596218 65.77963 43.96947 27.038816 14.6126 6.2614 1.538330 0 1.188045 4.6841 16.9321 "
    "33.6988 52.3664 70.1630 83.4221"
)


@SMALL.squares(np.ones(4), [-INF, 1e-5, 1e-5, 1e-5], INF, 11754.6025)
def palmer1(x):
    t = np.r_[ANGLES, 0, ANGLES] ** 2
    fit = t * x[0] + x[1] / (x[2] + t / x[3])
    return fit - np.r_[ENERGIES, 88.3995, ENERGIES]


@SMALL.squares(np.ones(6), [-INF, -INF, -INF, -INF, 1e-5, 1e-5], INF, 8.98830e-2)
def palmer1a(x):
    angles, energies = (
        np.r_[1.8762289, 1.8325957, ANGLES],
        np.r_[108.18086, 92.733676, ENERGIES],
    )
    t = np.r_[angles, 0, angles] ** 2
    fit = x[0] + t * x[1] + t**2 * x[2] + t**3 * x[3] + x[4] / (x[5] + t)
    return fit - np.r_[energies, 88.3995, energies]


@SMALL.squares([1, 0, 1], [-INF, -INF, -0.5], INF, 0)
def pfit1ls(x):
    a, r, h = x[0], x[1], x[2]
    grown = exp(-a * log(1 + h))
    bent = a * (a + 1) * r * h**2
    return stack(
        a * r * h - 0.5 * bent - r * (1 - grown) + 8,
        a * r * h * (1 - grown / (1 + h)) - bent + 56 / 3,
        23.1111111111 - bent * (1 - grown / (1 + h) ** 2),
    )

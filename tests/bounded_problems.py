"""Problems with bounds: f within a box, with a start and, where published, the minima."""

from __future__ import annotations

import numpy as np

import mgh
from bounded import of_squares
from bounded_quadratics import QUADRATICS
from bounded_small import SMALL
from bounded_sums import SUMS

# D. M. Gay, "A trust-region approach to linearly constrained optimization" (1984): boxes for the
# sums of squares of Moré, Garbow and Hillstrom, as the benchmarks of scipy.optimize give them.
INF = np.inf
ten = np.arange(10.0)
BOXES = [
    (mgh.rosenbrock, [-1.2, 1], [-50, 0], [0.5, 100]),
    (mgh.powell_badly_scaled, [0, 1], [0, 1], [1, 9]),
    (mgh.brown_badly_scaled, [1, 1], [0, 3e-5], [1e6, 100]),
    (mgh.beale, [1, 1], [0.6, 0.5], [10, 100]),
    (mgh.helical_valley, [-1, 0, 0], [-100, -1, -1], [0.8, 1, 1]),
    (mgh.gaussian, [0.4, 1, 0], [0.398, 1, -0.5], [4.2, 2, 0.1]),
    (mgh.gulf, [5, 2.5, 0.15], 0, 10),
    (mgh.box, [0, 7.5, 20], [0, 5, 0], [2, 9.5, 20]),
    (mgh.wood, [-3, -1, -3, -1], -100, [0, 10, 100, 100]),
    (mgh.biggs_exp6, [1, 2, 1, 1, 1, 1], [0, 0, 0, 1, 0, 0], [2, 8, 1, 7, 5, 5]),
    (mgh.powell_singular, [3, -1, 0, 1], [0.1, -20, -1, -1], [100, 20, 1, 50]),
    (mgh.brown_dennis, [25, 5, -5, -1], [-10, 0, -100, -20], [100, 15, 0, 0.2]),
    (mgh.variably_dimensioned, 1 - (ten + 1) / 10, 0, [10, 20, 30, 40, 50, 60, 70, 80, 90, 0.5]),
    (
        mgh.watson,
        np.zeros(9),
        [-1e-5, 0, 0, 0, 0, -3, 0, -3, 0],
        [1e-5, 0.9, 0.1, 1, 1, 0, 4, 0, 2],
    ),
    (
        mgh.watson,
        np.zeros(12),
        [-1, 0, -1, -1, -1, 0, -3, 0, -10, 0, -5, 0],
        [0, 0.9, 0, 0.3, 0, 1, 0, 10, 0, 10, 0, 1],
    ),
    (mgh.penalty_1, ten + 1, [0, 1, 0, 0, 0, 1, 0, 0, 0, 1], 100),
    (mgh.penalty_2, np.full(4, 0.5), [-10, 0.3, 0, -1], [50, 50, 50, 0.5]),
    (
        mgh.penalty_2,
        np.full(10, 0.5),
        [-10, 0.1, 0, 0.05, 0, -10, 0, 0.2, 0, 0],
        np.r_[np.full(9, 50), 0.5],
    ),
    (mgh.trigonometric, 5 + 10 * ten, 10 * ten, 10 * ten + 10),
    (
        mgh.chebyquad,
        np.r_[0.025, 0.1, 0.15, np.arange(4, 8) / 8],
        0,
        [0.05, 0.23, 0.333, 1, 1, 1, 1],
    ),
    (
        mgh.chebyquad,
        np.r_[0.02, 0.1, 0.2, np.arange(4, 9) / 9],
        [0, 0, 0.1, 0, 0, 0, 0, 0],
        [0.04, 0.2, 0.3, 1, 1, 1, 1, 1],
    ),
    (
        mgh.chebyquad,
        (ten + 1) / 11,
        [0, 0.1, 0.2, 0, 0, 0.5, 0.5, 0.5, 0.5, 0.5],
        [1, 0.2, 0.3, 0.4, 0.5, 1, 1, 1, 1, 1],
    ),
]


def _gay(residuals, start, lower, upper):
    n = len(start)
    name = residuals.__name__ + (f"-{n}" if n > 4 else "")
    return of_squares(name, residuals, start, lower, upper)


GAY = [_gay(*box) for box in BOXES]
PROBLEMS = [*GAY, *SMALL, *SUMS, *QUADRATICS]

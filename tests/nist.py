"""NIST's Statistical Reference Datasets: regressions with certified coefficients.

27 nonlinear ones, each a sum of squares with two starts, far and near, whose gradients and Hessians
follow from the formula of the model by `jets`; and linear ones, whose raw columns are the test.
https://www.itl.nist.gov/div898/strd/
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jets import arctan, cos, exp, log, sin, variables

TABLE = json.loads((Path(__file__).parent / "data" / "nist.json").read_text())


@dataclass(frozen=True)
class Regression:
    """The sum of squares of model - y; `squares` is what NIST certifies at `values`."""

    name: str
    starts: np.ndarray  # (2, parameters)
    values: np.ndarray
    squares: float
    y: np.ndarray
    x: np.ndarray
    model: Callable  # jet of the parameters, x -> jet of predictions

    def fun(self, b):
        """Value and gradient."""
        with np.errstate(all="ignore"):
            r = self.model(variables(b, 1), self.x) - self.y
            return float(r.value @ r.value), 2 * r.gradient.T @ r.value

    def hess(self, b):
        """Hessian: 2 (J'J + sum rᵢ Hᵢ)."""
        with np.errstate(all="ignore"):
            r = self.model(variables(b, 2), self.x) - self.y
            return 2 * (r.gradient.T @ r.gradient + np.tensordot(r.value, r.hessian, 1))

    def digits(self, b):
        """Correct significant digits of the worst parameter, at most 11."""
        with np.errstate(all="ignore"):
            error = np.abs(b - self.values) / np.abs(self.values)
        return float(-np.log10(np.clip(error.max(), 1e-11, 10))) if np.isfinite(error).all() else -1


REGRESSIONS: list[Regression] = []


def regression(*names):
    """Enter a model into the table, for some data sets."""

    def enter(model):
        for name in names:
            row = TABLE["nonlinear"][name]
            y = np.array(row["y"], float)
            more = np.array(row["starts"], float), np.array(row["values"]), row["squares"]
            target = np.log(y) if name == "Nelson" else y
            REGRESSIONS.append(Regression(name, *more, target, np.array(row["x"], float), model))
        return model

    return enter


@regression("Misra1a", "BoxBOD")
def saturation(b, x):
    return b[0] * (1 - exp(-x * b[1]))


@regression("Misra1b")
def misra_b(b, x):
    return b[0] * (1 - (1 + x / 2 * b[1]) ** -2)


@regression("Misra1c")
def misra_c(b, x):
    return b[0] * (1 - (1 + 2 * x * b[1]) ** -0.5)


@regression("Misra1d")
def misra_d(b, x):
    return b[0] * b[1] * x / (1 + x * b[1])


@regression("Chwirut1", "Chwirut2")
def chwirut(b, x):
    return exp(-x * b[0]) / (b[1] + x * b[2])


@regression("Lanczos1", "Lanczos2", "Lanczos3")
def lanczos(b, x):
    return sum(b[k] * exp(-x * b[k + 1]) for k in (0, 2, 4))


@regression("Gauss1", "Gauss2", "Gauss3")
def gauss(b, x):
    peaks = (b[k] * exp(-(((x - b[k + 1]) / b[k + 2]) ** 2)) for k in (2, 5))
    return sum(peaks, b[0] * exp(-x * b[1]))


@regression("DanWood")
def dan_wood(b, x):
    return b[0] * exp(np.log(x) * b[1])


@regression("Kirby2")
def kirby(b, x):
    return (b[0] + x * b[1] + x**2 * b[2]) / (1 + x * b[3] + x**2 * b[4])


@regression("Hahn1", "Thurber")
def cubic_over_cubic(b, x):
    above = b[0] + x * b[1] + x**2 * b[2] + x**3 * b[3]
    return above / (1 + x * b[4] + x**2 * b[5] + x**3 * b[6])


@regression("Nelson")
def nelson(b, x):
    return b[0] - x[0] * b[1] * exp(-x[1] * b[2])


@regression("MGH17")
def mgh17(b, x):
    return b[0] + b[1] * exp(-x * b[3]) + b[2] * exp(-x * b[4])


@regression("Roszman1")
def roszman(b, x):
    return b[0] - x * b[1] - arctan(b[2] / (x - b[3])) * (1 / np.pi)


@regression("ENSO")
def enso(b, x):
    year = 2 * np.pi * x / 12
    waves = b[0] + np.cos(year) * b[1] + np.sin(year) * b[2]
    for k in (3, 6):
        angle = 2 * np.pi * x / b[k]
        waves = waves + b[k + 1] * cos(angle) + b[k + 2] * sin(angle)
    return waves


@regression("MGH09")
def mgh09(b, x):
    return b[0] * (x**2 + x * b[1]) / (x**2 + x * b[2] + b[3])


@regression("Rat42")
def rat42(b, x):
    return b[0] / (1 + exp(b[1] - x * b[2]))


@regression("MGH10")
def mgh10(b, x):
    return b[0] * exp(b[1] / (x + b[2]))


@regression("Eckerle4")
def eckerle(b, x):
    return b[0] / b[1] * exp(-0.5 * ((x - b[2]) / b[1]) ** 2)


@regression("Rat43")
def rat43(b, x):
    return b[0] * exp(-(log(1 + exp(b[1] - x * b[2])) / b[3]))


@regression("Bennett5")
def bennett(b, x):
    return b[0] * exp(-(log(b[1] + x) / b[2]))


def linear(name):
    """Columns without the intercept, target, and coefficients with the intercept last."""
    row = TABLE["linear"][name]
    x = np.array(row["x"], float)
    X = x.T if row["degree"] == 0 else x[:, None] ** np.arange(1, row["degree"] + 1)
    return X, np.array(row["y"], float), np.roll(row["values"], -1)


#: Where the parameters stand that a model is linear in; the two of Chwirut have none.
LINEAR = {
    **dict.fromkeys(("Misra1a", "Misra1b", "Misra1c", "Misra1d", "BoxBOD", "DanWood"), (0,)),
    **dict.fromkeys(("MGH09", "MGH10", "Rat42", "Rat43", "Eckerle4", "Bennett5"), (0,)),
    **dict.fromkeys(("Lanczos1", "Lanczos2", "Lanczos3"), (0, 2, 4)),
    **dict.fromkeys(("Gauss1", "Gauss2", "Gauss3"), (0, 2, 5)),
    **dict.fromkeys(("Kirby2", "MGH17"), (0, 1, 2)),
    **dict.fromkeys(("Hahn1", "Thurber"), (0, 1, 2, 3)),
    **dict.fromkeys(("Nelson", "Roszman1"), (0, 1)),
    "ENSO": (0, 1, 2, 4, 5, 7, 8),
}

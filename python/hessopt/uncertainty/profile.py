"""Intervals by the profile likelihood: where the others are at their best for one coefficient."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from .._minimize import minimize
from .curvature import curvature_of

_Doubles = npt.NDArray[np.float64]
_MOST_STEPS, _MOST_DOUBLINGS = 30, 60
_CLOSE = 1e-10  # of the fall that is wanted
_ROUNDING = 2.0**-50  # of a value, which many rows make large beside it


class Profile:
    """The profile of an objective about its minimum.

    Parameters
    ----------
    objective : object
        With ``value_and_gradient(x)`` and ``hessian(x)``.
    x : ndarray, shape (P,)
        Its minimum.
    unit : float
        What twice the difference of values is multiplied by, which makes it a difference of
        deviances: Σᵢ weightᵢ / φ.
    errors : ndarray, shape (P,)
        Standard errors, with which the search begins.

    References
    ----------
    D. J. Venzon, S. H. Moolgavkar, "A method for computing profile-likelihood-based confidence
    intervals", Appl. Statist. 37 (1988).
    """

    def __init__(self, objective: Any, x: _Doubles, unit: float, errors: _Doubles) -> None:
        self._objective, self._x, self._unit, self._errors = objective, x, unit, errors
        self._least = float(objective.value_and_gradient(x)[0])
        self._inverse = _inverse(objective, x)

    def bound(self, j: int, side: int, rise: float) -> float:
        """Where the deviance, least in the others, is `rise` above its least; ±inf: nowhere.

        `side` is −1 for the lower bound of coefficient j, 1 for the upper.
        """
        with np.errstate(all="ignore"):  # where a likelihood has no maximum variances overflow
            found = self._by_newton(j, side, rise)
            return self._by_bisection(j, side, rise) if found is None else found

    def _by_newton(self, j: int, side: int, rise: float) -> float | None:
        """Newton's method for the equations of the bound, None where it does not settle.

        Of the quadratic model at hand the least value at xⱼ + δ is its minimum and
        (δ − dⱼ)² / 2Vⱼⱼ, V the inverse Hessian and d the step −Vg to that minimum: the δ at which
        that is the wanted value, and all others at their best for it.
        """
        x, target = self._x, self._least + rise / (2 * self._unit)
        close = max(_CLOSE * (target - self._least), _ROUNDING * abs(self._least))
        value, gradient, V = self._least, np.zeros_like(x), self._inverse
        for _ in range(_MOST_STEPS):
            if V is None or not V[j, j] > 0:
                return None
            step = -V @ gradient
            room = target - value - 0.5 * float(gradient @ step)
            if not room >= 0:
                return None
            delta = step[j] + side * math.sqrt(2 * V[j, j] * room)
            step = step + (delta - step[j]) * V[:, j] / V[j, j]
            longest = 4 * (self._errors[j] + abs(x[j] - self._x[j]))
            step = step * min(1.0, longest / max(abs(delta), 1e-300))
            for _ in range(_MOST_STEPS):
                value, gradient = self._objective.value_and_gradient(x + step)
                if value - self._least <= 10 * (target - self._least):
                    break
                step = step / 2
            else:
                return None
            x = x + step
            if side * (x[j] - self._x[j]) <= 0:
                return None
            V = _inverse(self._objective, x)
            if V is None:
                return None
            # What a step of the others alone would still gain counts as well.
            gain = float(gradient @ V @ gradient) - float((V @ gradient)[j]) ** 2 / V[j, j]
            if max(abs(value - target), gain) <= close:
                return float(x[j])
        return None

    def _by_bisection(self, j: int, side: int, rise: float) -> float:
        """By whole fits of the others, between values that are known to be on either side."""
        others = np.delete(np.arange(len(self._x)), j)
        start, wanted = self._x[others], math.sqrt(rise)

        def root_at(b: float) -> float:
            """The root of the deviance there."""
            nonlocal start
            held = _Held(self._objective, j, b)
            value = float(held.value_and_gradient(start)[0])
            if len(others) and math.isfinite(value):
                found = minimize(held, start)
                start, value = np.asarray(found.x, np.float64), float(found.fun)
            return math.sqrt(max(2 * self._unit * (value - self._least), 0.0))

        # Where there is no maximum, errors are far beyond where a bound may be.
        at_zero = abs(self._x[j]) / 10 or math.inf
        near, root_near = self._x[j], 0.0
        far = near + side * min(self._errors[j], at_zero)
        root_far = root_at(far)
        for _ in range(_MOST_DOUBLINGS):
            if not root_far < wanted:
                break
            is_past = abs(far - self._x[j]) > 1e3 * abs(self._x[j])
            if is_past and root_far - root_near <= 1e-6 * wanted:
                return side * math.inf
            near, root_near = far, root_far
            far = self._x[j] + 2 * (far - self._x[j])
            root_far = root_at(far)
        else:
            return side * math.inf
        for _ in range(200):
            part = (wanted - root_near) / (root_far - root_near) if root_far < 1e3 else 0.5
            b = near + min(max(part, 0.05), 0.95) * (far - near)
            root = root_at(b)
            if root < wanted:
                near, root_near = b, root
            else:
                far, root_far = b, root
            close = abs(root - wanted) <= _CLOSE * wanted
            if close or abs(far - near) <= 1e-12 * abs(far - self._x[j]):
                break
        return float(b)


class _Held:
    """An objective of all coefficients but one."""

    def __init__(self, objective: Any, j: int, b: float) -> None:
        self._objective, self._j, self._b = objective, j, b
        self.convex = getattr(objective, "convex", False)

    def _whole(self, x: _Doubles) -> _Doubles:
        return np.insert(x, self._j, self._b)

    def value_and_gradient(self, x: _Doubles) -> tuple[float, _Doubles]:
        value, gradient = self._objective.value_and_gradient(self._whole(x))
        return value, np.delete(gradient, self._j)

    def hessian(self, x: _Doubles) -> _Doubles:
        H = self._objective.hessian(self._whole(x))
        return np.delete(np.delete(H, self._j, axis=0), self._j, axis=1)


def _inverse(objective: Any, x: _Doubles) -> _Doubles | None:
    """Of the Hessian, None where it is not positive definite."""
    try:
        return curvature_of(objective, x, "full").covariance()
    except (np.linalg.LinAlgError, ValueError):
        return None

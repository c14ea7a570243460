"""How a problem with bounds is written: a formula, a start, a box, and the minima that are known.

Values, gradients and Hessians follow from the one formula by `jets`; a quadratic form is its own
derivative.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from jets import variables


@dataclass(frozen=True)
class Problem:
    """The minimum of f where lower <= x <= upper; `start` may lie outside, as published."""

    name: str
    start: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    minima: tuple[float, ...]  # published values, local ones included
    fun: Callable  # x -> value and gradient
    hess: Callable
    residuals: Callable | None = None  # jet of the variables -> jet of r, where f = sum rᵢ(x)²

    def projected(self, x, g=None):
        """x - P(x - g): 0 at a minimum."""
        g = self.fun(x)[1] if g is None else g
        return x - np.clip(x - g, self.lower, self.upper)

    def inside(self, x):
        """Whether x lies in the box, exactly."""
        return bool(((self.lower <= x) & (x <= self.upper)).all())


def of_squares(name, residuals, start, lower, upper, *minima):
    """f = sum rᵢ(x)²."""

    def fun(x):
        with np.errstate(all="ignore"):
            r = residuals(variables(x, 1))
            return float(r.value @ r.value), 2 * r.gradient.T @ r.value

    def hess(x):
        with np.errstate(all="ignore"):
            r = residuals(variables(x, 2))
            return 2 * (r.gradient.T @ r.gradient + np.tensordot(r.value, r.hessian, 1))

    return Problem(name, *_box(start, lower, upper), minima, fun, hess, residuals)


def of_terms(name, terms, start, lower, upper, *minima):
    """f = sum tᵢ(x)."""

    def fun(x):
        with np.errstate(all="ignore"):
            t = terms(variables(x, 1))
            return float(t.value.sum()), t.gradient.sum(0)

    def hess(x):
        with np.errstate(all="ignore"):
            return terms(variables(x, 2)).hessian.sum(0)

    return Problem(name, *_box(start, lower, upper), minima, fun, hess)


def of_quadratic(name, Q, c, start, lower, upper, *minima, constant=0.0):
    """f = x'Qx / 2 + c'x + constant."""

    def fun(x):
        product = Q @ x
        return float(0.5 * x @ product + c @ x) + constant, product + c

    return Problem(name, *_box(start, lower, upper), minima, fun, lambda x: Q)


def _box(start, lower, upper):
    start = np.asarray(start, float)
    return start, *(np.broadcast_to(np.asarray(b, float), start.shape) for b in (lower, upper))


class Table(list):
    """Problems, entered by a decorator on their formula, whose name they take."""

    def squares(self, start, lower, upper, *minima):
        """Enter residuals."""
        return self._enter(of_squares, start, lower, upper, *minima)

    def terms(self, start, lower, upper, *minima):
        """Enter terms of a sum."""
        return self._enter(of_terms, start, lower, upper, *minima)

    def _enter(self, kind, *given):
        def enter(formula):
            self.append(kind(formula.__name__, formula, *given))
            return formula

        return enter

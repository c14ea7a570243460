"""Hessians, in the forms that a caller can give them: each as a matrix and by products.

The caller's functions get arrays of their own: they may be overwritten.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from . import returned
from .differences import Differences
from .first_order import Gradient

Vector = npt.NDArray[Any]


class SecondOrder(Protocol):
    """The Hessian at x."""

    error: float  #: Of curvatures, relative to the largest.

    def matrix(self, x: Vector) -> Any:
        """H, shape (n, n)."""

    def product(self, x: Vector, v: Vector) -> Any:
        """H v; x is the same for all products between two steps."""


class Matrices:
    """From a function that returns an array, a sparse matrix or a linear operator."""

    error = 0.0

    def __init__(self, hess: Callable[[Vector], Any]) -> None:
        self._hess = hess
        self._at: Vector = np.empty(0)
        self._matrix: Any = None

    def matrix(self, x: Vector) -> Any:
        """What the function returns."""
        return returned.matrix(self._hess(x), len(x))

    def product(self, x: Vector, v: Vector) -> Any:
        """One matrix serves all the products at x."""
        if not np.array_equal(x, self._at):
            self._at, self._matrix = x.copy(), self._hess(x)
        return returned.times(self._matrix, v)


class Products:
    """From a function of x and v that returns H v."""

    error = 0.0

    def __init__(self, hessp: Callable[[Vector, Vector], Any]) -> None:
        self._hessp = hessp

    def matrix(self, x: Vector) -> Any:
        """The products with the n unit vectors."""
        return np.stack([self.product(x.copy(), unit) for unit in np.eye(len(x))])

    def product(self, x: Vector, v: Vector) -> Any:
        """What the function returns."""
        n = len(v)
        return returned.vector(self._hessp(x, v), n, "product")


class GradientDifferences:
    """By differences of a gradient.

    Parameters
    ----------
    differences : Differences
    gradient : pair of callables
        The gradient at x is read(function(x)).
    known : callable
        The same, where it may be known already.
    count : callable
        Told how many gradients were taken.
    """

    error = 1e-6

    def __init__(
        self,
        differences: Differences,
        gradient: Gradient,
        known: Callable[[Vector], Vector],
        count: Callable[[int], None],
    ) -> None:
        self._differences, self._gradient = differences, gradient
        self._known, self._count = known, count
        self._at: Vector = np.empty(0)
        self._here: Vector = np.empty(0)

    def matrix(self, x: Vector) -> Any:
        """A gradient a column; the mean of that and its transpose."""
        rows, _, calls = self._differences.along_axes(*self._gradient, x, self._gradient_at(x))
        self._count(calls)
        return (rows + rows.T) / 2

    def product(self, x: Vector, v: Vector) -> Any:
        """One gradient more."""
        product, calls = self._differences.along(*self._gradient, x, v, self._gradient_at(x))
        self._count(calls)
        return product

    def _gradient_at(self, x: Vector) -> Vector:
        if not np.array_equal(x, self._at):
            self._at, self._here = x.copy(), self._known(x)
        return self._here


class Updates:
    """By a quasi-Newton strategy of SciPy's, which learns from the steps.

    It knows nothing of directions that no step has taken: negative curvature means nothing.
    """

    error = 1.0

    def __init__(self, strategy: Any, known: Callable[[Vector], Vector]) -> None:
        self._strategy, self._known = strategy, known
        self._at: Vector = np.empty(0)
        self._gradient: Vector = np.empty(0)

    def matrix(self, x: Vector) -> Any:
        """Its matrix."""
        self._move(x)
        return self._strategy.get_matrix()

    def product(self, x: Vector, v: Vector) -> Any:
        """Its product."""
        self._move(x)
        return self._strategy.dot(v)

    def _move(self, x: Vector) -> None:
        if np.array_equal(x, self._at):
            return
        gradient = self._known(x)
        if len(self._at) == 0:
            self._strategy.initialize(len(x), "hess")
        else:
            self._strategy.update(x - self._at, gradient - self._gradient)
        self._at, self._gradient = x.copy(), gradient


def is_strategy(hess: Any) -> bool:
    """Whether it is a quasi-Newton strategy of SciPy's."""
    return all(hasattr(hess, name) for name in ("initialize", "update", "dot", "get_matrix"))

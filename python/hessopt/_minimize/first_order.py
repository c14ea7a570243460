"""f and its gradient, in the forms that a caller can give them.

The caller's functions get arrays of their own: they may be overwritten.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from . import returned
from .differences import Differences

Vector = npt.NDArray[Any]
_DOUBLE = np.dtype(np.float64)
#: The gradient at x is read(function(x)).
Gradient = tuple[Callable[[Vector], Any], Callable[[Any], Vector]]


def inf(x: Vector) -> float:
    """What f is outside of its domain."""
    return math.inf


def nan(x: Vector) -> Vector:
    """Its gradient there."""
    return np.full(len(x), math.nan)


def inf_and_nan(x: Vector) -> tuple[float, Vector]:
    """Both."""
    return inf(x), nan(x)


class Call:
    """A function without its further arguments, which pickles where the function does.

    Exceptions of the kinds `outside` mean that x is outside of its domain: `there(x)`.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        outside: tuple[type[Exception], ...] = (),
        there: Callable[[Vector], Any] = nan,
    ) -> None:
        self._function, self._args = function, args
        self._outside, self._there = outside, there

    def __call__(self, *x: Vector) -> Any:
        """The value."""
        try:
            return self._function(*x, *self._args)
        except self._outside:
            return self._there(x[0])


class FirstOrder(Protocol):
    """f and its gradient."""

    gradient: Gradient | None  #: None where there is only f

    def is_single(self, x: Vector) -> bool:
        """Whether what the caller returns is of float32 whatever x is."""

    def value(self, x: Vector) -> float:
        """The value alone."""

    def value_and_gradient(self, x: Vector) -> tuple[Any, ...]:
        """Both, and what else a solver is told with them; the gradient of shape (n,)."""


class Joint:
    """From one function that returns both."""

    def __init__(self, fun: Callable[[Vector], Any]) -> None:
        self._fun = fun
        self.gradient: Gradient | None = (fun, _gradient_of_pair)

    def is_single(self, x: Vector) -> bool:
        """Whether both are."""
        return returned.is_single(*returned.pair(self._fun(x)))

    def value(self, x: Vector) -> float:
        """What the function returns first."""
        return returned.number(returned.pair(self._fun(x))[0])

    def value_and_gradient(self, x: Vector) -> tuple[float, Vector]:
        """What the function returns."""
        n = len(x)
        f, g = returned.pair(self._fun(x))
        if not isinstance(f, float):
            f = returned.number(f)
        if type(g) is not np.ndarray or g.dtype is not _DOUBLE or g.ndim != 1:
            g = returned.vector(g, n)
        return f, g


class Separate:
    """From two functions."""

    def __init__(self, fun: Callable[[Vector], Any], jac: Callable[[Vector], Any]) -> None:
        self._fun, self._jac = fun, jac
        self.gradient: Gradient | None = (jac, returned.flat)

    def is_single(self, x: Vector) -> bool:
        """Whether both are."""
        return returned.is_single(self._fun(x.copy()), self._jac(x))

    def value(self, x: Vector) -> float:
        """What the first returns."""
        return returned.number(self._fun(x))

    def value_and_gradient(self, x: Vector) -> tuple[float, Vector]:
        """What both return."""
        n = len(x)
        f = self._fun(x.copy())
        if not isinstance(f, float):
            f = returned.number(f)
        g = self._jac(x)
        if type(g) is not np.ndarray or g.dtype is not _DOUBLE or g.ndim != 1:
            g = returned.vector(g, n)
        return f, g


class Differenced:
    """From f alone, by differences, whose calls are counted."""

    gradient: Gradient | None = None

    def __init__(
        self,
        fun: Callable[[Vector], Any],
        differences: Differences,
        count: Callable[[int], None],
    ) -> None:
        self._fun, self._differences, self._count = fun, differences, count
        self._eps = returned.precision(1.0)
        self._read = returned.complex_number if differences.word == "cs" else returned.number

    def is_single(self, x: Vector) -> bool:
        """Whether f is."""
        return returned.is_single(self._fun(x))

    def value(self, x: Vector) -> float:
        """What the function returns."""
        return returned.number(self._fun(x))

    def value_and_gradient(self, x: Vector) -> tuple[float, Vector, None, float]:
        """The value, its differences, and their error, as solvers are told them."""
        told = self._fun(x.copy())
        f = returned.number(told)
        if not math.isfinite(f):
            return f, nan(x), None, 0.0
        self._eps = returned.precision(told)
        slopes, error = self.slopes(x, f)
        return f, slopes, None, error

    @property
    def is_rough(self) -> bool:
        """Whether central differences would know more."""
        return self._differences.word == "2-point"

    def refine(self) -> None:
        """Take central differences from now on."""
        if self.is_rough:
            self._differences = self._differences.central()

    def slopes(self, x: Vector, f: float) -> tuple[Vector, float]:
        """The differences at x, where f is known, and their error."""
        g, error, calls = self._differences.along_axes(self._fun, self._read, x, f, self._eps)
        self._count(calls)
        return g, error


def _gradient_of_pair(told: Any) -> Vector:
    return returned.flat(returned.pair(told)[1])

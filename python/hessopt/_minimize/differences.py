"""Derivatives by finite differences of the caller's function.

One-sided differences, "2-point", cost a call a derivative and know it to half the digits of f;
central ones, "3-point", cost two and know two thirds; "cs" takes the imaginary part of f a small
way into the complex plane: one call and all digits, where f can be evaluated there. Steps are
SciPy's. Where f is not finite on one side, the other side is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from .. import _validation

Vector = npt.NDArray[Any]
Map = Callable[[Callable[..., Any], Iterable[Any]], Iterable[Any]]
WORDS = ("2-point", "3-point", "cs")
_EPS = float(np.finfo(np.float64).eps)


class Plane(Protocol):
    """Linear constraints, whose points x have coordinates z of their own."""

    def to_z(self, x: Vector) -> Vector:
        """The coordinates."""

    def along(self, function: Callable[[Vector], Any]) -> Callable[[Vector], Any]:
        """A function of x as one of z."""

    def spread(self, rows: Vector) -> Vector:
        """Derivatives along x of rows of those along z."""


@dataclass(frozen=True)
class Rules:
    """How differences are taken along the axes.

    Attributes
    ----------
    relative, absolute : array_like, optional
        Steps, relative to x or not.
    mapping : callable
        As `map`, for the points.
    lower, upper : ndarray, shape (n,), optional
        Bounds that no point is outside of.
    plane : optional
        Linear constraints that every point keeps: derivatives are along these alone.
    """

    relative: Any = None
    absolute: Any = None
    mapping: Map = map
    lower: Vector | None = None
    upper: Vector | None = None
    plane: Plane | None = None


class Differences:
    """Differences of a function of x, of one value or of many.

    Parameters
    ----------
    word : {"2-point", "3-point", "cs"}
    rules : Rules
    """

    def __init__(self, word: str, rules: Rules) -> None:
        self.word, self._rules = word, rules
        self._relative = _lengths("finite_diff_rel_step", rules.relative)
        self._absolute = _lengths("eps", rules.absolute)

    def central(self) -> Differences:
        """Central differences, whose best steps h^(2/3) follow from the one-sided h."""
        relative, absolute = (
            None if h is None else h ** (2 / 3) for h in (self._relative, self._absolute)
        )
        return Differences("3-point", replace(self._rules, relative=relative, absolute=absolute))

    def along_axes(
        self,
        function: Callable[[Vector], Any],
        read: Callable[[Any], Any],
        x: Vector,
        at_x: Any,
        eps: float = _EPS,
    ) -> tuple[Vector, float, int]:
        """Row j: the derivative of read(function(x)) along x_j.

        And what its largest component is off by as far as can be told, and the number of calls.
        `at_x` is the value at x, and `eps` its relative precision.
        """
        x = x.astype(np.float64)
        plane = self._rules.plane
        if plane is not None:
            free = Differences(self.word, replace(self._rules, plane=None))
            of_z = plane.along(function), read, plane.to_z(x), at_x, eps
            rows, worst, calls = free.along_axes(*of_z)
            return plane.spread(rows), worst, calls
        h, calls = self._steps(x, eps), 0

        def values(steps: Vector) -> Vector:
            nonlocal calls
            moved = np.flatnonzero(steps)  # not what bounds fix
            calls += len(moved)
            points = (self._inside(_shifted(x, j, steps[j])) for j in moved.tolist())
            told = [read(v) for v in self._rules.mapping(function, points)]
            out = np.empty((len(x), *np.shape(at_x)), np.result_type(float, *told[:1]))
            out[:] = at_x
            if told:
                out[moved] = told
            return _or_nan(out)

        if self.word == "cs":
            return _divided(values(1j * h).imag, h), 0.0, calls
        error = 2 * eps * np.abs(at_x).max() / np.abs(h)  # by rounding
        if self._rules.lower is not None:
            rows = self._within_bounds(values, x, h, at_x)
        elif self.word == "2-point":
            rows = _divided(values(h) - at_x, h)
        else:
            ahead, behind = values(h), values(-h)
            rows = _divided(ahead - behind, 2 * h)
            # h² / 6 of the third derivative, which is guessed to be up to ten times the second
            # over the scale that h has.
            bend = np.abs(_divided(ahead + behind - 2 * at_x, h)).reshape(len(x), -1).max(axis=1)
            error += 10 * np.nan_to_num(bend) / np.maximum(1, np.abs(x)) * np.abs(h) / 6
        for j in np.flatnonzero(~np.isfinite(rows.reshape(len(x), -1)).all(axis=1)).tolist():
            for side in (-h[j], h[j]):
                if self._inside(x + side)[j] != x[j] + side:
                    continue
                rows[j] = (_or_nan(read(function(_shifted(x, j, side)))) - at_x) / side
                calls += 1
                if np.isfinite(rows[j]).all():
                    break
        return rows, float(error.max()), calls

    def _within_bounds(
        self, values: Callable[[Vector], Vector], x: Vector, h: Vector, at_x: Any
    ) -> Vector:
        """The rows of `along_axes`, of points within the bounds; 0 along variables that these fix.

        Where there is no room on both sides central differences give way to those of two points on
        the side that has more, of the same order.
        """
        below, above = x - self._rules.lower, self._rules.upper - x
        room, side = np.maximum(below, above), np.where(above >= below, 1.0, -1.0)
        if self.word == "2-point":
            there = np.where(h > 0, above, below) >= np.abs(h)
            h = np.where(there, h, side * np.minimum(np.abs(h), room))
            h = self._inside(x + h) - x
            return _divided(values(h) - at_x, np.where(h == 0, 1.0, h))
        is_central = np.minimum(below, above) >= np.abs(h)
        near = np.where(is_central, h, side * np.minimum(np.abs(h), room / 2))
        near = self._inside(x + near) - x
        far = self._inside(x + np.where(is_central, -near, 2 * near)) - x
        # The slope of the parabola through x and both.
        a, b = values(near) - at_x, values(far) - at_x
        share = near / np.where(far == 0, 1.0, far)
        return _divided(a - (b.T * share**2).T, np.where(near == 0, 1.0, near * (1 - share)))

    def _inside(self, point: Vector) -> Vector:
        """The same, where rounding has moved it across a bound."""
        if self._rules.lower is None or np.iscomplexobj(point):
            return point
        return np.clip(point, self._rules.lower, self._rules.upper)

    def along(
        self,
        function: Callable[[Vector], Any],
        read: Callable[[Any], Any],
        x: Vector,
        v: Vector,
        at_x: Any,
    ) -> tuple[Any, int]:
        """The derivative of read(function(x)) along v, and the number of calls."""

        def at(h: complex) -> Any:
            return _or_nan(read(function(x + h * v)))

        x = x.astype(np.float64)
        length = float(np.linalg.norm(v))
        if length == 0:
            return np.zeros_like(at_x), 0
        h = _usual(self.word, float(np.abs(x).max()), _EPS) / length
        if self.word == "cs":
            return at(1j * h).imag / h, 1
        if self._rules.lower is not None:
            return self._along_within_bounds(lambda p: _or_nan(read(function(p))), x, v, h, at_x)
        if self.word == "2-point":
            derivative, calls = (at(h) - at_x) / h, 1
        else:
            derivative, calls = (at(h) - at(-h)) / (2 * h), 2
        for side in (-h, h):
            if np.isfinite(derivative).all():
                break
            derivative = (at(side) - at_x) / side
            calls += 1
        return derivative, calls

    def _along_within_bounds(
        self, value: Callable[[Vector], Vector], x: Vector, v: Vector, h: float, at_x: Any
    ) -> tuple[Any, int]:
        """The same, of points within the bounds.

        What has no room ahead along v is taken behind, in a difference of its own.
        """
        below, above = x - self._rules.lower, self._rules.upper - x
        v = np.where(below + above > 0, v, 0.0)
        size, ahead = np.abs(v), np.where(v > 0, above, below)
        behind = np.where(v > 0, below, above)
        moving = size > 0
        h = min(h, float(np.min(np.maximum(ahead, behind)[moving] / size[moving], initial=h)))
        if self.word == "3-point" and (h * size <= np.minimum(ahead, behind)).all():
            both = (value(self._inside(x + side * h * v)) for side in (1, -1))
            return (next(both) - next(both)) / (2 * h), 2
        fits = h * size <= ahead
        derivative, calls = np.zeros_like(at_x), 0
        for side, part in (1, np.where(fits, v, 0.0)), (-1, np.where(fits, 0.0, v)):
            if part.any():
                slope = (value(self._inside(x + side * h * part)) - at_x) / h
                derivative, calls = derivative + side * slope, calls + 1
        return derivative, calls

    def _steps(self, x: Vector, eps: float) -> Vector:
        """The steps along the axes, away from 0."""
        usual = np.broadcast_to(_usual(self.word, np.abs(x), eps), x.shape)
        h = usual
        if self._relative is not None:
            h = self._relative * np.abs(x)
        elif self._absolute is not None:
            h = np.broadcast_to(self._absolute, x.shape)
        if h.shape != x.shape:
            raise _validation.error("finite_diff_rel_step", f"shape {h.shape}", f"{x.shape}")
        if self.word == "cs":
            return np.where(h > 0, h, usual)
        away = np.where(x >= 0, 1.0, -1.0)
        h = away * np.where(x + away * h == x, usual, h)
        return np.asarray((x + h) - x)  # what rounding leaves of it


def _or_nan(value: Any) -> Vector:
    """Infinities subtract to what looks like a number, or make NumPy warn."""
    return np.where(np.isfinite(value), value, np.nan)


def _usual(word: str, size: Any, eps: float) -> Any:
    """The step that balances what rounding and curvature cost, for x of a size."""
    return eps ** (1 / 3 if word == "3-point" else 1 / 2) * np.maximum(1.0, size)


def _lengths(name: str, value: Any) -> Vector | None:
    if value is None:
        return None
    return np.abs(_validation.finite(name, np.atleast_1d(_validation.array(name, value))))


def _shifted(x: Vector, j: int, h: complex) -> Vector:
    point = x.astype(np.result_type(x, h))
    point[j] += h
    return point


def _divided(rows: Vector, h: Vector) -> Vector:
    return np.asarray((rows.T / h).T)


def mapping(workers: Any) -> Map:
    """What maps a function over points: `workers` itself, or as many processes."""
    if workers is None or callable(workers):
        return workers or map
    count = _validation.integer("workers", workers, -1)
    if count == 1:
        return map

    def mapped(function: Callable[..., Any], points: Iterable[Any]) -> Iterable[Any]:
        import multiprocessing

        with multiprocessing.Pool(count if count > 0 else None) as pool:
            return pool.map(function, points)

    return mapped

"""The caller's residuals and Jacobian, or differences in its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _arrays, _validation
from .._minimize.differences import WORDS, Differences, Rules
from ..solvers import LevenbergMarquardt

_Doubles = npt.NDArray[np.float64]
_EPS = float(np.finfo(np.float64).eps)
#: Part of what all variables make r that one has to make to be measured by itself.
_LEAST = 1e-6
_ERRORS = {"2-point": 1e-7, "3-point": 1e-9}


def jac_error(jac: Any) -> float:
    """What columns of a Jacobian are off by, relative to their length."""
    if isinstance(jac, str):
        return _ERRORS.get(jac, 1e-13)
    told: float = getattr(jac, "jac_error", 1e-13)
    return told


@dataclass(frozen=True)
class Call:
    """A function with further arguments, which processes can be sent."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def __call__(self, x: Any) -> Any:
        return self.function(x, *self.args, **self.kwargs)


def binding(solver: LevenbergMarquardt) -> tuple[_Doubles | None, _Doubles | None]:
    """Bounds for differences, if any variable has one."""
    if np.isinf(solver.lower).all() and np.isinf(solver.upper).all():
        return None, None
    return solver.lower, solver.upper


class Model:
    """Residuals and their Jacobian, as the caller gave them."""

    def __init__(
        self, residuals: Callable[[_Doubles], Any], jac: str | Callable[..., Any], rules: Rules
    ) -> None:
        self._residuals, self._jac, self._rules = residuals, jac, rules
        self._columns: _Doubles | None = None  # norms of those of the last Jacobian
        self._eps = _EPS  # of the precision that r comes in
        if not callable(jac) and (not isinstance(jac, str) or jac not in WORDS):
            raise _validation.error("jac", repr(jac), f"a function or one of {list(WORDS)}")

    def residuals(self, x: _Doubles) -> _Doubles:
        r = np.atleast_1d(_arrays.returned("fun", self._residuals(x.copy()), "real numbers"))
        if r.ndim != 1:
            raise _validation.error("fun", f"a value of shape {r.shape}", "shape (m,)")
        if r.dtype.kind == "f":
            self._eps = max(_EPS, float(np.finfo(r.dtype).eps))
        return r.astype(np.float64)

    def jacobian(self, x: _Doubles, r: _Doubles) -> _Doubles:
        shape = len(r), len(x)
        if callable(self._jac):
            value = self._jac(x.copy())
            if hasattr(value, "matvec") and not hasattr(value, "toarray"):
                raise _validation.error("jac", "a linear operator", f"an array of shape {shape}")
            value = value.toarray() if hasattr(value, "toarray") else value
            J = np.atleast_2d(_arrays.returned("jac", value, "real numbers")).astype(np.float64)
            if J.shape != shape:
                raise _validation.error("jac", f"a value of shape {J.shape}", f"shape {shape}")
            return J
        rules = self._rules
        if rules.relative is None:
            power = 1 / 3 if self._jac == "3-point" else 1 / 2
            rules = replace(rules, absolute=self._eps**power * self._sizes(x))
        differences = Differences(self._jac, rules)
        rows, _, _ = differences.along_axes(self._residuals, self._read(len(r)), x, r)
        self._columns = np.linalg.norm(rows, axis=1)
        return np.ascontiguousarray(rows.T)

    def _sizes(self, x: _Doubles) -> _Doubles:
        """Of the variables: their own, but where they are too near 0 for r to tell."""
        size = np.abs(x)
        if self._columns is not None:
            told = self._columns > 0
            whole = np.linalg.norm(self._columns * x)
            least = _LEAST * whole / np.where(told, self._columns, 1.0)
            size = np.where(told, np.maximum(size, least), size)
        return np.where(size > 0, size, 1.0)

    def _read(self, m: int) -> Callable[[Any], Any]:
        def read(value: Any) -> Any:
            r = np.atleast_1d(_arrays.returned("fun", value, "numbers", "fiubc"))
            if r.shape != (m,):
                raise _validation.error("fun", f"a value of shape {r.shape}", f"shape ({m},)")
            return r

        return read

"""Models that are linear in some of their parameters, fitted over the others alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _core, _validation
from .._minimize.differences import Rules
from .._result import OptimizeResult
from .model import Model, jac_error

_Doubles = npt.NDArray[np.float64]
_LINEAR = 1e-6  # of the largest prediction: what a model that is linear may be off by
_DEPENDENT = 1e-13  # of its length: what is left of a column that follows from others


@dataclass(frozen=True)
class Split:
    """Which parameters are linear.

    Attributes
    ----------
    linear, others : ndarray of int
        Places of those that are and of those that are not.
    names : list of str or None
        Of the others.
    """

    linear: npt.NDArray[np.intp]
    others: npt.NDArray[np.intp]
    names: list[str] | None

    @classmethod
    def of(cls, linear: Any, names: list[str] | None, p0: Any) -> Split:
        """From names or places; how many parameters there are, `p0` tells if f does not."""
        if isinstance(linear, (str, int)) or not len(linear):
            raise _validation.error("linear", repr(linear), "names or places of parameters")
        if names is None and p0 is None:
            raise _validation.error("p0", "nothing", "a start: f does not name its parameters")
        n = np.size(p0) if names is None else len(names)
        found = [_place(one, names, n) for one in linear]
        if len(set(found)) < len(found):
            raise _validation.error("linear", repr(linear), "every parameter once")
        if len(found) == n:
            raise _validation.error("linear", "all", "some: numpy.linalg.lstsq fits the rest")
        others = np.setdiff1d(np.arange(n), found)
        return cls(np.array(found), others, None if names is None else [names[j] for j in others])

    @property
    def n(self) -> int:
        """Number of all parameters."""
        return len(self.linear) + len(self.others)

    def filled(self, others: Any, linear: Any) -> _Doubles:
        """All parameters from both."""
        p = np.empty(self.n, np.result_type(np.asarray(others), np.float64))
        p[self.others], p[self.linear] = others, linear
        return p

    def start(self, p0: Any) -> Any:
        """Of the others, whether or not p0 has the linear ones too."""
        if p0 is None or np.size(p0) == len(self.others):
            return p0
        if np.size(p0) != self.n:
            want = f"{self.n} numbers, or {len(self.others)} of those that are not linear"
            raise _validation.error("p0", f"{np.size(p0)} numbers", want)
        return np.asarray(p0)[self.others]

    def bounds(self, name: str, value: Any) -> Any:
        """Of the others."""
        if np.ndim(value) == 0 or np.size(value) != self.n:
            return value
        if np.isfinite(np.asarray(value)[self.linear]).any():
            raise _validation.error(name, "one of a linear parameter", "-inf and inf there")
        return np.asarray(value)[self.others]


def _place(one: Any, names: list[str] | None, n: int) -> int:
    if isinstance(one, str):
        if names is None or one not in names:
            want = "places: f does not name its parameters" if names is None else f"some of {names}"
            raise _validation.error("linear", repr(one), want)
        return names.index(one)
    place = _validation.integer("linear", one, -n)
    if place >= n:
        raise _validation.error("linear", place, f"a place among {n} parameters")
    return place % n


@dataclass
class _Here:
    """Of the last point that was asked for."""

    alpha: _Doubles
    columns: _Doubles  # that the linear parameters multiply, (m, k)
    p: _Doubles  # all parameters, the linear ones at their best
    r: _Doubles


class Separable:
    """Residuals as a function of the other parameters α, the linear ones c at their best for each.

    Of a prediction φ₀(α) + Φ(α) c, with Φ = QR, these are r = (QQᵀ − I)(y − φ₀). The part of their
    Jacobian that is used, (I − QQᵀ) ∂(φ₀ + Φ c)/∂α, gives the whole of the gradient: what it
    leaves out is orthogonal to r.

    G. H. Golub, V. Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares
    problems whose variables separate", 1973; L. Kaufman, "A variable projection method for solving
    separable nonlinear least squares problems", 1975, for the part.

    Parameters
    ----------
    split : Split
    predict : callable
        All parameters to predictions, shape (m,).
    y : ndarray, shape (m,)
        What they are to be.
    jac : callable or str
        Derivative of `predict` in all parameters, shape (m, n), or how its differences are taken.
    rules : Rules
        Of these, along α.
    """

    def __init__(
        self,
        split: Split,
        predict: Callable[[_Doubles], Any],
        y: _Doubles,
        jac: Callable[[_Doubles], _Doubles] | str,
        rules: Rules,
    ) -> None:
        self._split, self._predict, self._y = split, predict, y
        self._jac = jac if callable(jac) else Model(self._moved, jac, rules)
        self.jac_error = jac_error(jac)
        self._here: _Here | None = None

    def residuals(self, alpha: _Doubles) -> _Doubles:
        """(QQᵀ − I)(y − φ₀), shape (m,)."""
        return self._at(alpha).r

    def __call__(self, alpha: _Doubles) -> _Doubles:
        """(I − QQᵀ) ∂(φ₀ + Φ c)/∂α, shape (m, n − k)."""
        here = self._at(alpha)
        slopes = self._slopes(here)
        if not np.isfinite(slopes).all():
            return slopes
        left: _Doubles = _core.linear_fit(here.columns, slopes, _DEPENDENT)[1]
        return left

    def whole(self, result: OptimizeResult) -> OptimizeResult:
        """A result for α as one for all parameters."""
        here, split = self._at(result.x), self._split
        J = np.empty((len(self._y), split.n))
        J[:, split.linear] = here.columns
        J[:, split.others] = self._slopes(here)
        grad = here.r @ J
        mask = split.filled(result.active_mask, 0).astype(int)
        return OptimizeResult(
            result,
            x=here.p,
            jac=J,
            grad=grad,
            active_mask=mask,
            optimality=float(np.abs(grad[mask == 0]).max()),
            triangle=np.linalg.qr(J, mode="r"),
        )

    def _at(self, alpha: _Doubles) -> _Here:
        here, filled = self._here, self._split.filled
        if here is not None and np.array_equal(here.alpha, alpha):
            return here
        bare = np.asarray(self._predict(filled(alpha, 0.0)), np.float64)
        columns = np.stack(
            [self._predict(filled(alpha, one)) - bare for one in np.eye(len(self._split.linear))],
            axis=1,
        )
        c, r = np.full(columns.shape[1], np.nan), np.full(len(bare), np.nan)
        if np.isfinite(bare).all() and np.isfinite(columns).all():
            fit = _core.linear_fit(columns, (self._y - bare)[:, None], _DEPENDENT)
            c, r = fit[0][:, 0], -fit[1][:, 0]
            if here is None:
                self._check(filled(alpha, c), bare, columns, c)
        self._here = _Here(alpha.copy(), columns, filled(alpha, c), r)
        return self._here

    def _check(self, p: _Doubles, bare: _Doubles, columns: _Doubles, c: _Doubles) -> None:
        """Whether the prediction is linear in c, as far as one point tells."""
        size = (np.abs(bare) + np.abs(columns) @ np.abs(c)).max(initial=0.0)
        off = np.abs(self._predict(p) - bare - columns @ c).max(initial=0.0)
        if not off <= _LINEAR * size:
            linear = f"parameters {self._split.linear.tolist()}"
            raise _validation.error("linear", linear, "those that f is linear in")

    def _slopes(self, here: _Here) -> _Doubles:
        """∂(φ₀ + Φ c)/∂α."""
        if isinstance(self._jac, Model):
            return self._jac.jacobian(here.alpha, self._jac.residuals(here.alpha))
        return np.ascontiguousarray(self._jac(here.p)[:, self._split.others])

    def _moved(self, alpha: _Doubles) -> Any:
        """Predictions beside c of the last point."""
        assert self._here is not None
        return self._predict(self._split.filled(alpha, self._here.p[self._split.linear]))

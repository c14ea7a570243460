"""Bounds in the forms that SciPy takes them in."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _arrays, _validation
from ..solvers.bounds import box

_Doubles = npt.NDArray[np.float64]


def sides(bounds: Any) -> tuple[Any, Any] | None:
    """Lower and upper bounds of SciPy's `Bounds`, whose points are always kept feasible here."""
    has_both = hasattr(bounds, "lb") and hasattr(bounds, "ub")
    return (bounds.lb, bounds.ub) if has_both else None


def of_pairs(bounds: Any, n: int) -> tuple[_Doubles, _Doubles] | None:
    """Lower and upper bounds of `minimize`: n pairs (low, high) or a `Bounds`.

    None where none is finite. A side that is None is infinite.
    """
    if bounds is None or (isinstance(bounds, (list, tuple)) and not bounds):
        return None
    lower, upper = sides(bounds) or _columns(bounds, n)
    low, high = box(lower, upper, n, ("bounds", "bounds"))
    return (low, high) if (low > -np.inf).any() or (high < np.inf).any() else None


def _columns(bounds: Any, n: int) -> tuple[Any, Any]:
    want = f"{n} pairs (low, high), or a scipy.optimize.Bounds"
    try:
        pairs = [tuple(_validation.scalar(side) for side in pair) for pair in bounds]
    except TypeError:
        raise TypeError(f"bounds: got {bounds!r}; want {want}") from None
    if len(pairs) != n or any(len(pair) != 2 for pair in pairs):
        raise _validation.error("bounds", repr(bounds), want)
    low = [-np.inf if low is None else low for low, _ in pairs]
    high = [np.inf if high is None else high for _, high in pairs]
    want = "real numbers, or None"
    return _arrays.returned("bounds", low, want), _arrays.returned("bounds", high, want)

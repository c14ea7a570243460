"""Bounds of x, as every solver that takes them is given them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _validation

_Doubles = npt.NDArray[np.float64]
_NAMES = "lower", "upper"


def box(
    lower: npt.ArrayLike, upper: npt.ArrayLike, n: int, names: tuple[str, str] = _NAMES
) -> tuple[_Doubles, _Doubles]:
    """Lower and upper bounds of n variables, which may be infinite.

    Parameters
    ----------
    lower, upper : float or array_like, shape (n,)
        A number for all, or one for each.
    n : int
    names : pair of str
        What errors call them.

    Returns
    -------
    lower, upper : ndarray, shape (n,)
        lower <= upper, and some number between.
    """
    low, high = (_side(name, side, n) for name, side in zip(names, (lower, upper), strict=True))
    if (low > high).any():
        j = int(np.flatnonzero(low > high)[0])
        raise _validation.error(names[0], f"{low[j]:g} at {j}", f"at most upper, {high[j]:g}")
    for name, side, out in (names[0], low, np.inf), (names[1], high, -np.inf):
        if (side == out).any():
            j = int(np.flatnonzero(side == out)[0])
            raise _validation.error(name, f"{out:g} at {j}", "bounds with numbers between")
    return low, high


def _side(name: str, value: Any, n: int) -> _Doubles:
    a = _validation.array(name, value)
    if a.shape not in ((), (1,), (n,)):
        raise _validation.error(name, f"shape {a.shape}", f"one number, or shape ({n},)")
    if np.isnan(a).any():
        raise _validation.error(name, "NaN", "numbers, or -inf and inf")
    return np.broadcast_to(a, (n,)).astype(np.float64)

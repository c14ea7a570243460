"""The data of a fit: rows that are kept, and residuals made of variance 1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _arrays, _validation

_Doubles = npt.NDArray[np.float64]


def kept_data(
    xdata: Any, ydata: Any, check_finite: bool | None, nan_policy: str | None
) -> tuple[Any, _Doubles, npt.NDArray[np.bool_]]:
    """The data, and which of the rows are kept."""
    if nan_policy not in (None, "raise", "omit"):
        raise _validation.error("nan_policy", repr(nan_policy), "'raise' or 'omit'")
    y = _arrays.real("ydata", ydata).astype(np.float64)
    if y.size == 0:
        raise ValueError("`ydata` must not be empty!")
    y = np.atleast_1d(y)
    is_array = isinstance(xdata, (list, tuple, np.ndarray))
    x = _arrays.real("xdata", xdata).astype(np.float64) if is_array else xdata
    kept = np.ones(y.shape, bool)
    if nan_policy == "omit":
        kept = ~np.isnan(y)
        if is_array:
            kept &= ~np.isnan(x).any(axis=tuple(range(x.ndim - 1)))
            x = x[..., kept]
        y = y[kept]
    elif check_finite or (check_finite is None and nan_policy is None) or nan_policy == "raise":
        for name, a in (("ydata", y), ("xdata", x if is_array else np.zeros(1))):
            if not np.isfinite(a).all():
                raise _validation.error(name, "NaN or inf", "finite numbers, or nan_policy='omit'")
    return x, y, kept


def whitening(
    sigma: Any, kept: npt.NDArray[np.bool_], y: _Doubles
) -> Callable[[_Doubles], _Doubles]:
    """What makes of residuals, or rows of a Jacobian, those of variance 1."""
    if sigma is None:
        return lambda r: r
    s = _arrays.real("sigma", sigma).astype(np.float64)
    m = kept.size
    if s.ndim == 0 or s.shape == (1,):
        s = np.broadcast_to(s, (m,))
    if s.shape not in ((m,), (m, m)):
        raise _validation.error("sigma", f"shape {s.shape}", f"shape ({m},) or ({m}, {m})")
    if s.ndim == 1:
        size = s[kept]
        return lambda r: (r.T / size).T
    chosen = s[np.ix_(kept, kept)]
    try:
        factor = np.linalg.cholesky(chosen)
    except np.linalg.LinAlgError:
        raise _validation.error("sigma", "a matrix", "a positive definite one") from None
    return lambda r: np.linalg.solve(factor, r)


def of_length(value: Any, y: _Doubles) -> _Doubles:
    """Predictions; one number stands for all."""
    a = _arrays.returned("f", value, "real numbers")
    if a.shape not in (y.shape, ()):
        raise _validation.error("f", f"a value of shape {a.shape}", f"that of ydata, {y.shape}")
    return a

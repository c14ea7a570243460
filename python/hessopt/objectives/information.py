"""What of an information matrix is no more than rounding."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_Doubles = npt.NDArray[np.float64]
_EPS = float(np.finfo(np.float64).eps)
# Of a pivot, for each parameter. A variance inflated by its inverse has no certain digit.
_ROUNDING = 100 * _EPS


def undetermined(share: float, n_parameters: int) -> bool:
    """Whether a parameter has no certain digit, of whose curvature others leave this share."""
    return share <= _ROUNDING * n_parameters


def of_varying(information: _Doubles, mean: _Doubles, X: object) -> _Doubles:
    """The information about means of the columns, 0 for those that are constant but for rounding.

    Dense rows are taken less the means one by one, sums over others less sums.
    """
    tolerance = (64 * _EPS) ** (2 if isinstance(X, np.ndarray) else 1)
    each = information.diagonal().reshape(-1, len(mean) + 1)
    columns, whole = each[:, :-1], each[:, :-1] + mean**2 * each[:, -1:]
    constant = np.zeros(each.shape, bool)
    constant[:, :-1] = (columns <= tolerance * whole) & (columns != 0)
    if constant.any():
        information = np.where(constant.ravel(), 0.0, information)
        information[constant.ravel()] = 0
    return information

"""Robust losses of squared residuals: ρ and its first two derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _validation

_Doubles = npt.NDArray[np.float64]
#: z = (r / f_scale)², shape (m,), to ρ(z), ρ′(z), ρ″(z), shape (3, m).
Loss = Callable[[_Doubles], _Doubles]


def _huber(z: _Doubles) -> _Doubles:
    outside = z > 1
    root = np.sqrt(np.where(outside, z, 1.0))
    return np.array(
        [
            np.where(outside, 2 * root - 1, z),
            1 / root,
            np.where(outside, -0.5 / root**3, 0.0),
        ]
    )


def _soft_l1(z: _Doubles) -> _Doubles:
    root = np.sqrt(1 + z)
    return np.array([2 * z / (1 + root), 1 / root, -0.5 / root**3])


def _cauchy(z: _Doubles) -> _Doubles:
    inverse = 1 / (1 + z)
    return np.array([np.log1p(z), inverse, -(inverse**2)])


def _arctan(z: _Doubles) -> _Doubles:
    inverse = 1 / (1 + z**2)
    return np.array([np.arctan(z), inverse, -2 * z * inverse**2])


LOSSES: dict[str, Loss] = {
    "huber": _huber,
    "soft_l1": _soft_l1,
    "cauchy": _cauchy,
    "arctan": _arctan,
}


def loss_of(value: Any) -> Loss | None:
    """A loss by its name or as a function; none where it is that of squares."""
    if value == "linear":
        return None
    if isinstance(value, str) and value in LOSSES:
        return LOSSES[value]
    if callable(value):
        return lambda z: _own(value, z)
    raise _validation.error("loss", repr(value), f"'linear', one of {list(LOSSES)}, or a function")


def _own(function: Callable[[_Doubles], Any], z: _Doubles) -> _Doubles:
    rho = _validation.array("loss", function(z))
    if rho.shape != (3, len(z)):
        raise _validation.error("loss", f"a value of shape {rho.shape}", f"shape (3, {len(z)})")
    return rho.astype(np.float64)

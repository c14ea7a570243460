"""Functions of the densities of families."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

_Doubles = npt.NDArray[np.float64]

#: log Γ(x) of each x.
log_gamma = np.vectorize(math.lgamma, otypes=[float])


def y_log(y: _Doubles, of: _Doubles) -> _Doubles:
    """Y log(of), 0 where y is."""
    return y * np.log(np.where(y > 0, of, 1.0))

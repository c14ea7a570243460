"""Covariances of many estimates by least squares."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _core, _validation
from ..solvers.batched import BatchLevenbergMarquardt


def covariances(
    fun: Any, solver: BatchLevenbergMarquardt, is_absolute: bool
) -> npt.NDArray[np.float64]:
    """Of every problem, shape (B, n, n): fun is asked for all of them once more."""
    B, n = solver.n_problems, solver.n_parameters
    if B == 0:
        return np.empty((0, n, n))
    r, J = fun(solver.x, np.arange(B))
    if np.shape(r)[:1] != (B,):
        want = f"residuals of all {B} problems, of which it was asked"
        raise _validation.error("fun", f"r of shape {np.shape(r)}", want)
    return _core.batch_covariances(r, J, solver.free, solver.success, is_absolute)

"""The covariance of an estimate by least squares, which says what the data leave open."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .. import _core

_Doubles = npt.NDArray[np.float64]


class Covariance(NamedTuple):
    """Of parameters in the order of x.

    Attributes
    ----------
    matrix : ndarray, shape (n, n)
        inf on the diagonal and nan beside it of parameters that the data leave open; nan of those
        on a bound.
    rank : int
        Parameters, or combinations of them, that the data tell.
    null_space : ndarray, shape (n, free − rank)
        Directions that change no residual, to first order, of length 1.
    """

    matrix: _Doubles
    rank: int
    null_space: _Doubles


def covariance(triangle: _Doubles, free: npt.NDArray[np.bool_], error: float) -> Covariance:
    """(JᵀJ)⁻¹ of the parameters that are free.

    Parameters
    ----------
    triangle : ndarray, shape (k, n)
        R of J = QR.
    free : ndarray of bool, shape (n,)
        Those that lie on no bound.
    error : float
        Of J, relative to each column: smaller singular values are none.
    """
    return Covariance(*_core.squares_covariance(triangle, free, error))

"""The covariance of an estimate by least squares, which says what the data leave open."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

_Doubles = npt.NDArray[np.float64]
_MOVED = 1e-6  # of a null vector, in units of the columns: a parameter that has a part in it


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
    triangle : ndarray, shape (n, n)
        R of J = QR.
    free : ndarray of bool, shape (n,)
        Those that lie on no bound.
    error : float
        Of J, relative to each column: smaller singular values are none.
    """
    n = len(triangle)
    columns = triangle[:, free]
    unit = np.linalg.norm(columns, axis=0)
    unit = np.where(unit > 0, unit, 1.0)
    # Of columns of length 1: what is a small singular value depends on no unit of x.
    _, values, turned = np.linalg.svd(columns / unit)
    is_told = values > error * values.max(initial=0.0)
    rank = int(is_told.sum())
    rows = turned[:rank].T / values[:rank]
    part = rows @ rows.T / np.outer(unit, unit)
    null = turned[rank:]
    is_open = (np.abs(null) > _MOVED).any(axis=0)
    part[is_open] = part[:, is_open] = np.nan
    part[is_open, is_open] = np.inf
    matrix = np.full((n, n), np.nan)
    matrix[np.ix_(free, free)] = part
    directions = np.zeros((n, len(null)))
    directions[free] = (null / unit).T
    lengths = np.linalg.norm(directions, axis=0)
    return Covariance(matrix, rank, directions / np.where(lengths > 0, lengths, 1.0))

"""Solves of symmetric positive definite systems that keep no factor."""

from __future__ import annotations

import numpy.typing as npt

from .. import _core, _validation
from .._validation import Array
from .systems import naming_non_finite, right_hand_side, square


def cholesky_solve(H: npt.ArrayLike, b: npt.ArrayLike) -> Array:
    """Solve H x = b for a symmetric positive definite H, or for a stack of small ones.

    Parameters
    ----------
    H : array_like, shape (n, n) or (B, n, n)
        Only the lower triangles are read. It is not changed.
    b : array_like, shape (n,) or (n, k); for a stack (B, n) or (B, n, k)
        One or several right-hand sides for each matrix.

    Returns
    -------
    ndarray, of the shape of `b`
        In the wider dtype of the two, float32 or float64.

    Raises
    ------
    numpy.linalg.LinAlgError
        If a matrix is not positive definite; the message names the first pivot that is not
        positive, and the first such matrix of a stack.
    ValueError
        On wrong shapes, NaN or inf.

    Examples
    --------
    >>> import hessopt
    >>> hessopt.cholesky_solve([[4.0, 2.0], [2.0, 3.0]], [8.0, 7.0])
    array([1.25, 1.5 ])
    >>> hessopt.cholesky_solve([[[4.0]], [[2.0]]], [[8.0], [1.0]])
    array([[2. ],
           [0.5]])
    """
    matrix = _validation.array("H", H)
    if matrix.ndim == 3:
        return _solve_stack(matrix, _validation.array("b", b))
    matrix = square(matrix)
    matrix, rhs = _validation.common_dtype(matrix, right_hand_side(b, len(matrix)))
    columns = rhs if rhs.ndim == 2 else rhs[:, None]
    with naming_non_finite(matrix):
        return _core.cholesky_solve(matrix, columns).reshape(rhs.shape)


def _solve_stack(matrices: Array, rhs: Array) -> Array:
    count, n = matrices.shape[:2]
    if matrices.shape[2] != n or n == 0:
        raise _validation.error("H", f"shape {matrices.shape}", "square matrices")
    if rhs.ndim not in (2, 3) or rhs.shape[:2] != (count, n):
        want = f"shape ({count}, {n}) or ({count}, {n}, k)"
        raise _validation.error("b", f"shape {rhs.shape}", want)
    columns = rhs if rhs.ndim == 3 else rhs[:, :, None]
    _validation.finite("b", columns.reshape(count * n, columns.shape[2]))
    matrices, columns = _validation.common_dtype(matrices, columns)
    with naming_non_finite(matrices):
        return _core.cholesky_solve_stack(matrices, columns).reshape(rhs.shape)

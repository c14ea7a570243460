"""Curvature and its solves on plain arrays."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .. import _core, _validation
from .._validation import Array


def weighted_gram(
    X: npt.ArrayLike,
    w: npt.ArrayLike,
    Z: npt.ArrayLike | None = None,
    *,
    add_to: Array | None = None,
) -> Array:
    """The weighted Gram matrix XᵀWX, or XᵀWZ, with W = diag(w).

    Parameters
    ----------
    X : array_like, shape (n, p)
        float32 or float64, in C or Fortran order or strided; it is never copied as a whole.
    w : array_like, shape (n,)
        Weights of any sign.
    Z : array_like, shape (n, q), optional
        A second matrix, as `X`. By default `X` itself, at half the cost.
    add_to : ndarray, shape (p, p) or (p, q), optional
        An array in C order, of the dtype of the result, that the product is added to.

    Returns
    -------
    ndarray, shape (p, p) or (p, q)
        `add_to`, or a new array in the dtype of `X`, or in float64 if either matrix is; without `Z`
        symmetric to the last bit. float32 products are summed over slices of rows in float64.

    Raises
    ------
    ValueError
        On wrong shapes, NaN or inf.
    TypeError
        On dtypes that are not real numbers.

    Examples
    --------
    >>> import hessopt
    >>> hessopt.weighted_gram([[1.0, 2.0], [3.0, 4.0]], [1.0, 0.5])
    array([[ 5.5,  8. ],
           [ 8. , 12. ]])
    >>> hessopt.weighted_gram([[1.0, 2.0], [3.0, 4.0]], [1.0, 0.5], [[1.0], [2.0]])
    array([[4.],
           [6.]])
    """
    data = _validation.filled("X", X)
    weight = _validation.vector("w", w, data.shape[0])
    second = None
    if Z is not None:
        second = _validation.filled("Z", Z)
        if second.shape[0] != data.shape[0]:
            raise _validation.error("Z", f"shape {second.shape}", f"{data.shape[0]} rows, as X has")
        data, second = _validation.common_dtype(data, second)
    shape = (data.shape[1], (data if second is None else second).shape[1])
    if add_to is not None:
        _validation.writable("add_to", add_to, shape, data.dtype)
    out = np.zeros(shape, data.dtype)
    _core.weighted_gram(out, data, weight.astype(data.dtype, copy=False), second)
    # NaN or inf anywhere in a matrix shows in its products: no separate pass checks for them.
    if not _core.all_finite(out):
        _validation.finite("X", data)
        if second is not None:
            _validation.finite("Z", second)
    if add_to is None:
        return out
    add_to += out
    return add_to


def two_loop(g: npt.ArrayLike, S: npt.ArrayLike, Y: npt.ArrayLike) -> Array:
    """Multiply a vector by the L-BFGS inverse Hessian, by the two-loop recursion.

    Parameters
    ----------
    g : array_like, shape (n,)
        The vector, as a rule the gradient.
    S, Y : array_like, shape (m, n)
        Steps and gradient changes, a pair per row, the oldest first; m may be 0. Every pair needs
        positive curvature, sᵀy > 0.

    Returns
    -------
    ndarray, shape (n,)
        H g; the descent direction is its negative. The initial matrix is γI with γ = sᵀy / yᵀy of
        the newest pair; with no pairs it is I.

    Raises
    ------
    ValueError
        On wrong shapes, NaN or inf, or a pair without positive curvature.

    References
    ----------
    J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., algorithm 7.4.

    Examples
    --------
    >>> import hessopt
    >>> hessopt.two_loop([2.0, 4.0], S=[[1.0, 0.0]], Y=[[2.0, 0.0]])
    array([1., 2.])
    """
    gradient = _validation.array("g", g, 1)
    n = gradient.shape[0]
    if n == 0:
        raise _validation.error("g", "length 0", "at least one element")
    steps, changes = _validation.array("S", S, 2), _validation.array("Y", Y, 2)
    if steps.shape[1] != n:
        raise _validation.error("S", f"shape {steps.shape}", f"shape (m, {n})")
    if changes.shape != steps.shape:
        raise _validation.error("Y", f"shape {changes.shape}", f"the shape of S, {steps.shape}")
    _validation.finite("g", gradient)
    return _core.two_loop(*_validation.common_dtype(gradient, steps, changes))


__all__ = ["two_loop", "weighted_gram"]

"""Dropout masks as functions of (seed, stream, element), and dropout itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from . import _core, _validation
from ._validation import Array


def bernoulli_mask(
    shape: int | Sequence[int],
    keep: float,
    seed: int,
    *,
    stream: int = 0,
    offset: int = 0,
    packed: bool = False,
) -> Array:
    """A mask of independent Bernoulli elements.

    Each element is a function of `seed`, `stream`, `keep` and its flat index alone: the same on
    every machine, for any number of threads and however the range is split.

    Parameters
    ----------
    shape : int or sequence of int
        Shape of the mask; elements are counted in C order.
    keep : float
        Probability of True, in [0, 1], exact to 2^-64.
    seed : int
        In [0, 2**64).
    stream : int
        In [0, 2**32); streams of one seed are independent.
    offset : int
        Flat index of the first element: ``mask[a:]`` of a long mask is the mask with ``offset=a``.
    packed : bool
        Return the bits themselves, as ``np.packbits(mask, axis=None, bitorder="little")`` would.

    Returns
    -------
    ndarray of bool, of shape `shape`; or of uint8, shape (ceil(size / 8),), if `packed`.

    Notes
    -----
    Masks are monotone in `keep`: with all else equal, what is True for a smaller `keep` is True for
    a larger one. The bits come from Philox4x32-10 [1]_.

    References
    ----------
    .. [1] J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.

    Examples
    --------
    >>> import hessopt
    >>> hessopt.bernoulli_mask((2, 4), 0.5, seed=1).shape
    (2, 4)
    """
    if isinstance(shape, (int, np.integer)):
        shape = (int(shape),)
    if not isinstance(shape, Sequence):
        raise TypeError(f"shape: got {shape!r}; want an integer or a sequence of integers")
    dims = tuple(_validation.integer("shape", n) for n in shape)
    size = 1
    for n in dims:
        size *= n
    keep = _validation.probability("keep", keep)
    seed, stream = _validation.seed(seed), _validation.stream(stream)
    first = _validation.integer("offset", offset)
    if first + size >= 2**63:
        raise _validation.error("offset", offset, "offset + size below 2**63")
    if _validation.flag("packed", packed):
        return _core.packed_mask(size, keep, seed, stream, first)
    return _core.bool_mask(size, keep, seed, stream, first).reshape(dims)


def dropout(
    x: npt.ArrayLike, rate: float, seed: int, *, stream: int = 0, out: Array | None = None
) -> Array:
    """Drop a fraction of the elements and divide the others by 1 − rate.

    Parameters
    ----------
    x : array_like, any shape
        float32 or float64; integers become float64.
    rate : float
        Fraction dropped, in [0, 1).
    seed : int
        In [0, 2**64).
    stream : int
        In [0, 2**32): the sample index, or the layer.
    out : ndarray, optional
        C-contiguous, of the shape and dtype of `x`; it may be `x` itself.

    Returns
    -------
    ndarray
        `out`, or a new array. Element e, counted in C order whatever the layout of `x`, is kept
        where ``bernoulli_mask(x.shape, 1 - rate, seed, stream=stream)`` is True. A dropped element
        is +0, also where `x` is NaN or inf.

    Notes
    -----
    The mask is stored nowhere: the backward pass is the same call on the gradient.

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> x = np.ones(1000)
    >>> y = hessopt.dropout(x, 0.5, seed=0)
    >>> sorted(set(y.tolist()))
    [0.0, 2.0]
    """
    fraction = _validation.rate(rate)
    seed, stream = _validation.seed(seed), _validation.stream(stream)
    a = _validation.array("x", x)
    if out is None:
        out = np.empty(a.shape, a.dtype)
    elif not isinstance(out, np.ndarray):
        raise TypeError(f"out: got {type(out).__name__}; want a NumPy array")
    elif out.shape != a.shape or out.dtype != a.dtype:
        raise _validation.error(
            "out", f"shape {out.shape}, {out.dtype}", f"shape {a.shape}, {a.dtype}, as x has"
        )
    elif not (out.flags.c_contiguous and out.flags.writeable and out.flags.aligned):
        raise _validation.error("out", "another kind", "a writeable C-contiguous array")
    # The kernel may read and write the same elements, but not overlapping others.
    same = a.ctypes.data == out.ctypes.data
    if not a.flags.c_contiguous or (np.may_share_memory(a, out) and not same):
        np.copyto(out, a)
        a = out
    _core.dropout_into(a, out, fraction, seed, stream)
    return out

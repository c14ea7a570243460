"""Dropout masks as functions of (seed, stream, element), and dropout itself."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .. import _core, _validation
from .._validation import Array


def bernoulli_mask(
    shape: int | Sequence[int],
    keep: float,
    seed: int,
    *,
    stream: int = 0,
    offset: int = 0,
    packed: bool = False,
    antithetic: bool = False,
    shared_axes: int | Sequence[int] = (),
    dtype: npt.DTypeLike = bool,
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
    antithetic : bool
        The mask of the complements of the same random numbers: an element is True where
        1 − U < `keep` instead of U < `keep`. It is as likely to be True, and as little as can be
        where it is True in the other mask: the mean of a function over such a pair of masks often
        has far less variance than over two independent ones.
    shared_axes : int or sequence of int
        Axes along which the mask is one and the same, as one drops whole channels, or the same
        features in all rows or steps: the mask of the shape with those axes 1, broadcast.
    dtype : bool, float32 or float64
        Type of the elements; numbers are 1 and 0.

    Returns
    -------
    ndarray of `dtype`, of shape `shape`; or of uint8, shape (ceil(size / 8),), if `packed`. With
    shared axes it is a read-only view, which takes no more memory than its different elements.

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

    At 1/2 an antithetic mask is the other half:

    >>> mask = hessopt.bernoulli_mask(1000, 0.5, seed=1)
    >>> bool((mask ^ hessopt.bernoulli_mask(1000, 0.5, seed=1, antithetic=True)).all())
    True
    """
    dims = _validation.shape("shape", shape)
    shared = _shared(shared_axes, len(dims))
    own = tuple(1 if s else n for n, s in zip(dims, shared, strict=True))
    keep = _validation.probability("keep", keep)
    mirrored = _validation.flag("antithetic", antithetic)
    source = (_validation.seed(seed), _validation.stream(stream), mirrored, _first(offset, own))
    kind = np.dtype(dtype)
    if kind not in (np.dtype(bool), np.dtype(np.float32), np.dtype(np.float64)):
        raise _validation.error("dtype", kind, "bool, float32 or float64")
    if _validation.flag("packed", packed):
        if any(shared) or kind != np.dtype(bool):
            other = "shared axes" if any(shared) else str(kind)
            raise _validation.error("packed", f"True with {other}", "False, or a plain mask")
        size = math.prod(dims)
        _core.require_memory("shape", 1, (size + 7) // 8, 1)
        return _core.packed_mask(size, keep, *source)
    mask = _validation.new("shape", own, kind)
    _core.mask_into(mask, keep, *source)
    return np.broadcast_to(mask, dims) if any(shared) else mask


def dropout(
    x: npt.ArrayLike,
    rate: float,
    seed: int,
    *,
    stream: int = 0,
    offset: int = 0,
    out: Array | None = None,
    scaling: str = "inverted",
    shared_axes: int | Sequence[int] = (),
    antithetic: bool = False,
) -> Array:
    """Drop a fraction of the elements and divide the others by 1 − rate.

    On weights this is DropConnect [2]_; with shared axes it is spatial dropout (the pixels of a
    channel) or variational dropout (the steps of a sequence).

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
    offset : int
        Flat index of the first element, where `x` is a part of a larger tensor.
    out : ndarray, optional
        Of the shape and dtype of `x`; it may be `x` itself.
    scaling : {"inverted", "vanilla"}
        Divide what is kept by 1 − `rate`, so that the mean is `x` and prediction needs no change,
        or keep it as it is, as the first paper did [1]_.
    shared_axes : int or sequence of int
        Axes along which the mask is one and the same.
    antithetic : bool
        Take the antithetic mask, see `bernoulli_mask`.

    Returns
    -------
    ndarray
        `out`, or a new array. Element e, counted in C order whatever the layout of `x`, is kept
        where ``bernoulli_mask(x.shape, 1 - rate, seed, ...)`` with the same options is True. A
        dropped element is +0, also where `x` is NaN or inf.

    Notes
    -----
    The mask is stored nowhere: the backward pass is the same call on the gradient.

    References
    ----------
    .. [1] N. Srivastava et al., "Dropout: a simple way to prevent neural networks from
       overfitting", JMLR 15 (2014).
    .. [2] L. Wan et al., "Regularization of neural networks using DropConnect", ICML 2013.

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> x = np.ones(1000)
    >>> y = hessopt.dropout(x, 0.5, seed=0)
    >>> sorted(set(y.tolist()))
    [0.0, 2.0]

    Backward, for a loss whose gradient in y is g:

    >>> g = np.arange(1000.0)
    >>> bool((hessopt.dropout(g, 0.5, seed=0) == g * y).all())
    True
    """
    fraction = _validation.rate(rate)
    if scaling not in ("inverted", "vanilla"):
        raise _validation.error("scaling", repr(scaling), '"inverted" or "vanilla"')
    scale = 1 / (1 - fraction) if scaling == "inverted" else 1.0
    a, target, shared, source = _arguments(x, out, seed, stream, offset, shared_axes, antithetic)
    _core.dropout_into(a, target, shared, fraction, scale, *source)
    return target


def gaussian_dropout(
    x: npt.ArrayLike,
    rate: float,
    seed: int,
    *,
    stream: int = 0,
    offset: int = 0,
    out: Array | None = None,
    shared_axes: int | Sequence[int] = (),
    antithetic: bool = False,
) -> Array:
    """Multiply by normal numbers of the mean and variance of dropout's factors.

    Parameters
    ----------
    x : array_like, any shape
        float32 or float64; integers become float64.
    rate : float
        The factors are N(1, rate / (1 − rate)); in [0, 1).
    seed, stream, offset, out, shared_axes
        As in `dropout`.
    antithetic : bool
        Factors as far on the other side of 1, from the same random numbers.

    Returns
    -------
    ndarray
        `out`, or a new array. The factor of an element is a function of `seed`, `stream` and its
        flat index, the same to rounding on every machine and for both dtypes, and bit for bit for
        any number of threads and any split.

    Notes
    -----
    As with `dropout`, the backward pass is the same call on the gradient [1]_.

    References
    ----------
    .. [1] N. Srivastava et al., "Dropout: a simple way to prevent neural networks from
       overfitting", JMLR 15 (2014), section 10.

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> y = hessopt.gaussian_dropout(np.ones(100_000), 0.2, seed=0)
    >>> round(y.mean(), 1), round(y.std(), 1)
    (np.float64(1.0), np.float64(0.5))
    """
    fraction = _validation.rate(rate)
    a, target, shared, source = _arguments(x, out, seed, stream, offset, shared_axes, antithetic)
    _core.gaussian_dropout_into(a, target, shared, fraction, *source)
    return target


def _arguments(
    x: npt.ArrayLike,
    out: Array | None,
    seed: int,
    stream: int,
    offset: int,
    shared_axes: int | Sequence[int],
    antithetic: bool,
) -> tuple[Array, Array, list[bool], tuple[int, int, bool, int]]:
    """What `dropout` and its Gaussian kin share: arrays, which axes are shared, and the source."""
    a = _validation.array("x", x)
    shared = _shared(shared_axes, a.ndim)
    first = _first(offset, [1 if s else n for n, s in zip(a.shape, shared, strict=True)])
    mirrored = _validation.flag("antithetic", antithetic)
    source = (_validation.seed(seed), _validation.stream(stream), mirrored, first)
    if out is None:
        return a, _validation.new("x", a.shape, a.dtype), shared, source
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out: got {type(out).__name__}; want a NumPy array")
    if out.shape != a.shape or out.dtype != a.dtype:
        raise _validation.error(
            "out", f"shape {out.shape}, {out.dtype}", f"shape {a.shape}, {a.dtype}, as x has"
        )
    whole = all(s % out.itemsize == 0 for s in out.strides)
    if not (out.flags.writeable and out.flags.aligned and whole):
        raise _validation.error("out", "another kind", "a writeable and aligned array")
    # The kernel may read and write the same elements, but not overlapping others.
    same = a.ctypes.data == out.ctypes.data and a.strides == out.strides
    if not same and np.may_share_memory(a, out):
        a = a.copy()
    return a, out, shared, source


def _shared(axes: int | Sequence[int], ndim: int) -> list[bool]:
    """Whether each of `ndim` axes is among `axes`, which may count from the end."""
    shared = [False] * ndim
    for axis in _validation.items("shared_axes", axes):
        if isinstance(axis, (bool, np.bool_)) or not isinstance(axis, (int, np.integer)):
            raise TypeError(f"shared_axes: got {axes!r}; want integers")
        if not -ndim <= axis < ndim:
            raise _validation.error("shared_axes", axis, f"axes of an array of {ndim} dimensions")
        shared[axis] = True
    return shared


def _first(offset: int, dims: Sequence[int]) -> int:
    """The index of the first element, if that of the last one can be counted."""
    first = _validation.integer("offset", offset)
    if first + math.prod(dims) >= 2**63:
        raise _validation.error("offset", offset, "offset + size below 2**63")
    return first

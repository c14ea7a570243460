"""K masks at once: dropout of one array by the masks of K streams, and what is made of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .. import _core, _validation
from .._validation import Array


def _samples(n_samples: object, stream: object, lowest: int = 1) -> tuple[int, int]:
    """How many streams, and the first of them."""
    first = _validation.stream(stream)
    count = _validation.integer("n_samples", n_samples, lowest, 2**31)
    if first + count > 2**32:
        raise _validation.error("stream", stream, "stream + n_samples at most 2**32")
    return count, first


def dropout_samples(
    x: npt.ArrayLike,
    rate: float,
    seed: int,
    n_samples: int,
    *,
    stream: int = 0,
    out: Array | None = None,
) -> Array:
    """Dropout of one array by many masks.

    Parameters
    ----------
    x : array_like, any shape
        float32 or float64; integers become float64.
    rate : float
        Fraction dropped, in [0, 1).
    seed : int
        In [0, 2**64).
    n_samples : int
        Masks K, in [1, 2**31).
    stream : int
        The first of the K streams, in [0, 2**32 - K].
    out : ndarray, optional
        C-contiguous, of shape (K,) + x.shape and the dtype of `x`.

    Returns
    -------
    ndarray, shape (K,) + x.shape
        `out`, or a new array; row k is ``dropout(x, rate, seed, stream=stream + k)``.

    See Also
    --------
    dropout_moments : Mean and variance over the masks, without an array of all.

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> many = hessopt.dropout_samples(np.ones(8), 0.5, seed=0, n_samples=3)
    >>> bool((many[2] == hessopt.dropout(np.ones(8), 0.5, seed=0, stream=2)).all())
    True
    """
    fraction, seed = _validation.rate(rate), _validation.seed(seed)
    count, first = _samples(n_samples, stream)
    a = np.asarray(_validation.array("x", x), order="C")
    shape = (count, *a.shape)
    if out is None:
        out = _validation.new("n_samples", shape, a.dtype)
    else:
        _validation.writable("out", out, shape, a.dtype)
        if np.may_share_memory(a, out):
            a = a.copy()
    _core.dropout_samples_into(a, out, fraction, seed, first)
    return out


def dropout_moments(
    x: npt.ArrayLike, rate: float, seed: int, n_samples: int, *, stream: int = 0
) -> tuple[Array, Array]:
    """Mean and variance of each element over many dropout masks.

    Parameters
    ----------
    x : array_like, any shape
        float32 or float64; integers become float64.
    rate : float
        Fraction dropped, in [0, 1).
    seed : int
        In [0, 2**64).
    n_samples : int
        Masks K, in [2, 2**31).
    stream : int
        The first of the K streams, in [0, 2**32 - K].

    Returns
    -------
    mean, variance : ndarray
        Of the shape and dtype of `x`: those of `dropout_samples` over its first axis, the variance
        unbiased (divided by K - 1). No memory is used but theirs.

    Notes
    -----
    What is kept is v = x / (1 - rate), what is dropped 0. So both follow from the number c of masks
    that keep an element: v c / K and v² c (K - c) / (K (K - 1)). The masks are counted 32 elements
    to a word.

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> mean, variance = hessopt.dropout_moments(np.ones(5), 0.5, seed=0, n_samples=10_000)
    >>> bool((abs(mean - 1) < 0.05).all() and (abs(variance - 1) < 0.05).all())
    True
    """
    fraction, seed = _validation.rate(rate), _validation.seed(seed)
    count, first = _samples(n_samples, stream, 2)
    a = np.asarray(_validation.array("x", x), order="C")
    moments: tuple[Array, Array] = _core.dropout_moments(a, fraction, seed, count, first)
    return moments


def dropout_linear(
    h: npt.ArrayLike,
    W: npt.ArrayLike,
    rate: float,
    seed: int,
    n_samples: int,
    *,
    bias: npt.ArrayLike | None = None,
    stream: int = 0,
    shared: bool = False,
) -> Array:
    """A linear layer on many dropout samples of its input: Monte-Carlo dropout of a last layer.

    Parameters
    ----------
    h : array_like, shape (m, p) or (..., p)
        Activations of m cases, or of the steps of sequences or the pixels of images. float32 or
        float64.
    W : array_like, shape (q, p)
        Weights, a row per output. All are taken in the widest dtype of `h`, `W` and `bias`.
    rate : float
        Fraction of the activations dropped, in [0, 1).
    seed : int
        In [0, 2**64).
    n_samples : int
        Masks K, in [1, 2**31).
    bias : array_like, shape (q,), optional
        Added to the outputs.
    stream : int
        The first of the K streams, in [0, 2**32 - K].
    shared : bool
        One mask of p elements per sample for all cases, instead of one per case.

    Returns
    -------
    ndarray, shape (K, m, q) or (K, ..., q)
        ``dropout(h, rate, seed, stream=stream + k) @ W.T + bias`` for each k, up to rounding: the
        sums over p are made in the dtype of the result.

    Notes
    -----
    No copy of `h` is made for a mask; beside the result there is one copy of `W`.

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> h, W = np.ones((2, 100)), np.full((3, 100), 0.01)
    >>> y = hessopt.dropout_linear(h, W, 0.5, seed=0, n_samples=1000)
    >>> y.shape, bool((abs(y.mean(axis=0) - 1) < 0.02).all())
    ((1000, 2, 3), True)
    """
    fraction, seed = _validation.rate(rate), _validation.seed(seed)
    count, first = _samples(n_samples, stream)
    one_mask = _validation.flag("shared", shared)
    given = _validation.array("h", h)
    rows = given.reshape(-1, given.shape[-1]) if given.ndim > 2 and given.size else given
    inputs, weights = _validation.filled("h", rows), _validation.filled("W", W)
    if weights.shape[1] != inputs.shape[1]:
        raise _validation.error("W", f"shape {weights.shape}", f"{inputs.shape[1]} columns, as h")
    shift = np.empty(0, inputs.dtype) if bias is None else _validation.array("bias", bias, 1)
    if bias is not None and len(shift) != len(weights):
        raise _validation.error("bias", f"length {len(shift)}", f"length {len(weights)}")
    inputs, weights, shift = _validation.common_dtype(inputs, weights, np.ascontiguousarray(shift))
    _core.require_memory("n_samples", count, len(inputs) * len(weights), inputs.itemsize)
    samples: Array = _core.dropout_linear(
        inputs, weights, shift, fraction, seed, count, first, one_mask
    )
    return samples.reshape(count, *given.shape[:-1], len(weights))

"""Augmentation of images: shifts, flips, crops, rotations, brightness, contrast and noise."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .. import _validation
from .._validation import Array
from .changes import Brightness, Change, Contrast, Crop, Flip, Noise, Rotation, Shift
from .counters import Numbers

_PIXELS = 2**15  # that changes are made to at a time: what they hold then stays in L2

__all__ = [
    "Brightness",
    "Contrast",
    "Crop",
    "Flip",
    "Images",
    "Noise",
    "Rotation",
    "Shift",
]


class Images:
    """Images changed at random, for `hessopt.Augmentation`.

    The view of an image is a function of the seed, the sample (or epoch) and the index of its row,
    whatever batch it comes in. Nothing is cut off at a range of pixels.

    Parameters
    ----------
    *changes : Shift, Flip, Crop, Rotation, Brightness, Contrast or Noise
        Applied one after the other. Others have ``apply(images, numbers)`` as these: images of
        shape (n, height, width, channels) to as many of the same shape and dtype, of the random
        numbers of each, ``numbers.uniform(count)`` and ``numbers.normal(count)``, shape (n, count).
    shape : sequence of int, optional
        (height, width) or (height, width, channels) of images whose pixels lie in one row, in C
        order, as objectives take them.

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> from hessopt.noise import images
    >>> change = images.Images(images.Flip(), images.Shift(1), images.Noise(0.1), shape=(8, 8))
    >>> X = np.arange(128.0).reshape(2, 64) / 128
    >>> views = change.views(X, seed=1)
    >>> views.shape, bool((views[1] == change.views(X[1:], [1], seed=1)).all())
    ((2, 64), True)
    >>> f = hessopt.objectives.Logistic(X, [0, 1])
    >>> noisy = hessopt.expected(f, hessopt.Augmentation(change, seed=1), "sample", n_samples=4)
    >>> round(noisy.value_and_gradient(np.zeros(65))[0], 6)
    0.693147
    """

    def __init__(self, *changes: Change, shape: Sequence[int] | None = None) -> None:
        for change in changes:
            if isinstance(change, type) or not callable(getattr(change, "apply", None)):
                raise TypeError(f"changes: got {change!r}; want changes such as Shift(2)")
        self._changes = changes
        self._shape = None if shape is None else _validation.shape("shape", shape)
        if self._shape is not None and (len(self._shape) not in (2, 3) or 0 in self._shape):
            want = "(height, width) or (height, width, channels)"
            raise _validation.error("shape", shape, want)

    def __repr__(self) -> str:
        shape = [] if self._shape is None else [f"shape={self._shape}"]
        return f"Images({', '.join([*map(repr, self._changes), *shape])})"

    def views(
        self,
        X: npt.ArrayLike,
        rows: npt.ArrayLike | None = None,
        *,
        seed: int,
        sample: int = 0,
    ) -> Array:
        """The images, changed.

        Parameters
        ----------
        X : array_like, shape (n, height, width), (n, height, width, channels) or (n, pixels)
            Images; the last with the `shape` given. float32 stays float32.
        rows : array_like of int, shape (n,), optional
            Their indices in the whole data, >= 0; 0 .. n - 1 by default.
        seed : int
            In [0, 2**64).
        sample : int
            The sample or the epoch, in [0, 2**32).

        Returns
        -------
        ndarray
            New, of the shape of `X`.
        """
        given = _validation.array("X", X)
        indices = _indices(rows, len(given) if given.ndim else 0)
        source = _validation.seed(seed), _validation.integer("sample", sample, 0, 2**32)
        shape = self._image_shape(given.shape)
        views = np.empty(given.shape, given.dtype)
        step = max(1, _PIXELS // math.prod(shape[1:]))
        for begin in range(0, len(given), step):
            some = slice(begin, begin + step)
            images = np.ascontiguousarray(given[some]).reshape(-1, *shape[1:])
            for place, change in enumerate(self._changes):
                changed = change.apply(images, Numbers(indices[some], *source, place))
                if changed.shape != images.shape or changed.dtype != images.dtype:
                    got = f"{changed.dtype} of shape {changed.shape} from {change!r}"
                    want = f"{images.dtype} of shape {images.shape}"
                    raise _validation.error("changes", got, want)
                images = changed
            views[some] = images.reshape(-1, *given.shape[1:])
        return views

    def _image_shape(self, given: tuple[int, ...]) -> tuple[int, ...]:
        """(n, height, width, channels) of arrays of a shape."""
        if self._shape is None:
            if len(given) not in (3, 4) or 0 in given:
                want = "(n, height, width) or (n, height, width, channels), or images with a shape"
                raise _validation.error("X", f"shape {given}", want)
            return given if len(given) == 4 else (*given, 1)
        height, width, channels = (*self._shape, 1)[:3]
        pixels = height * width * channels
        if given[1:] not in (self._shape, (pixels,)) or not given[0]:
            raise _validation.error("X", f"shape {given}", f"(n, {pixels}) or (n, *{self._shape})")
        return (given[0], height, width, channels)


def _indices(rows: npt.ArrayLike | None, count: int) -> npt.NDArray[np.int64]:
    """Of rows, in C order."""
    if rows is None:
        return np.arange(count)
    indices = np.asarray(rows)
    if indices.dtype.kind not in "iu" or indices.shape != (count,):
        got = f"{indices.dtype} of shape {indices.shape}"
        raise _validation.error("rows", got, f"integers of shape ({count},)")
    if count and (indices.min() < 0 or indices.max() >= 2**32):
        raise _validation.error("rows", f"the row {indices.min()}", "rows in [0, 2**32)")
    return np.ascontiguousarray(indices, np.int64)

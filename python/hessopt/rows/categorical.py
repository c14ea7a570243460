"""Categorical variables as codes: a column of zeros and ones for each level, never stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _arrays, _core, _validation


class Categorical:
    """A categorical variable, a column for each of its levels.

    Parameters
    ----------
    codes : array_like of integers, shape (n,)
        The level of each row, 0 .. n_levels − 1; or none, where all columns are 0: the largest
        number of an unsigned type, else −1. Codes of 8, 16 and 32 bits are read where they lie.
    n_levels : int
        How many there are, >= 1, also of those that no row has.
    names : sequence, optional
        Of the levels, in the order of their codes.

    Attributes
    ----------
    shape : tuple
        (n, n_levels).

    Notes
    -----
    An intercept and all levels together are collinear: without ``l2`` their coefficients are known
    up to a constant. Codes are matched by number: data to predict from must have the same levels
    in the same order.

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> region = hessopt.Categorical(np.array([0, 2, 2, -1], np.int8), 3)
    >>> region.toarray()
    array([[1., 0., 0.],
           [0., 0., 1.],
           [0., 0., 1.],
           [0., 0., 0.]])
    >>> f = hessopt.objectives.Squared(region, [1.0, 2, 4, 0], fit_intercept=False, l2=1e-9)
    >>> hessopt.minimize(f, np.zeros(3)).x.round(3)
    array([1., 0., 3.])
    """

    def __init__(
        self, codes: npt.ArrayLike, n_levels: int, names: Sequence[Any] | None = None
    ) -> None:
        self.n_levels = _validation.integer("n_levels", n_levels, 1, 2**32 - 1)
        self.codes = _unsigned(codes, self.n_levels)
        self.names = None if names is None else list(names)
        if self.names is not None and len(self.names) != self.n_levels:
            raise _arrays.error("names", f"{len(self.names)}", f"one for each of {n_levels} levels")
        self.shape = len(self.codes), self.n_levels
        if 0 in self.shape:
            raise _arrays.error("codes", "no rows", "at least one")
        self.rows: _core.Rows = _core.mixed_rows(
            *self.shape, None, [], [(self.codes, n_levels, 0)], None, 0
        )

    @property
    def column_names(self) -> list[str]:
        """Of its levels."""
        return [str(name) for name in self.names or range(self.n_levels)]

    def toarray(self) -> npt.NDArray[np.float64]:
        """The zeros and ones, shape (n, n_levels)."""
        return _core.dense_rows(self.rows, 0, self.shape[0])

    def __matmul__(self, w: npt.ArrayLike) -> npt.NDArray[np.float64]:
        return times(self.rows, w)

    def __reduce__(self) -> tuple[Any, ...]:
        return Categorical, (self.codes, self.n_levels, self.names)

    def __repr__(self) -> str:
        return f"Categorical({self.shape[0]} rows, {self.n_levels} levels)"


def times(rows: _core.Rows, w: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """X w, for w of shape (p,) or (p, k)."""
    columns = _validation.array("w", w)
    several = columns if columns.ndim == 2 else columns[:, None]
    out = _core.products_with_rows(rows, several, np.zeros(several.shape[1]))
    return out if columns.ndim == 2 else out[:, 0]


def _unsigned(codes: npt.ArrayLike, n_levels: int) -> npt.NDArray[Any]:
    """Codes of a type without a sign, whose largest number is none of the levels."""
    a = _arrays.real("codes", codes)
    if a.dtype.kind not in "iu" or a.ndim != 1:
        a = _validation.indices("codes", a)
    if not a.dtype.isnative or not a.flags.aligned or a.strides[0] % a.itemsize:
        a = a.astype(a.dtype.newbyteorder("="))
    signed, bits = a.dtype.kind == "i", 8 * a.itemsize
    none = -1 if signed else 2**bits - 1
    wrong = (a >= n_levels) | (a < 0) if signed else a >= n_levels
    if (at := np.flatnonzero(wrong & (a != none))).size:
        want = f"levels 0 .. {n_levels - 1}, or {none} for none of them"
        raise _arrays.error("codes", f"the code {a[at[0]]}", want)
    if bits <= 32 and n_levels <= 2**bits - (1 if signed else 0):
        return a.view(f"u{a.itemsize}")
    narrow = next(t for t in (np.uint8, np.uint16, np.uint32) if n_levels <= np.iinfo(t).max)
    return np.where(wrong, np.iinfo(narrow).max, a).astype(narrow)

"""Data of any kind, as rows that a compiled model reads: the one way in for its X.

Arrays and whatever NumPy reads as one, and sparse matrices of SciPy's, which need not be installed.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from .. import _arrays, _core, _validation
from .sparse import is_sparse, sparse_rows

_Doubles = npt.NDArray[np.float64]
#: A dense array, or rows of another kind; both have a shape.
Rows: TypeAlias = _arrays.Array | _core.Rows


def rows_of(name: str, value: Any) -> Rows:
    """Finite rows, with at least one row and one column, their memory used wherever it can be."""
    if is_sparse(value):
        return sparse_rows(name, value)
    if isinstance(value, _core.Rows):
        return value
    return _validation.matrix(name, value)


def products(rows: Rows, w: _Doubles, add: _Doubles) -> _Doubles:
    """X w + add, shape (n, k), of w of shape (p, k)."""
    if isinstance(rows, np.ndarray):
        return np.asarray(np.ascontiguousarray(rows) @ w + add, np.float64)
    return _core.products_with_rows(rows, w, add)


def block_of(rows: Rows, begin: int, end: int) -> _Doubles:
    """Rows begin .. end, or up to the last, as an array in float64 and C order."""
    if isinstance(rows, np.ndarray):
        return np.ascontiguousarray(rows[begin:end], np.float64)
    return _core.dense_rows(rows, begin, min(end, rows.shape[0]) - begin)


__all__ = ["Rows", "block_of", "products", "rows_of"]

"""Data of any kind, as rows that a compiled model reads: the one way in for its X.

Arrays and whatever NumPy reads as one, sparse matrices of SciPy's, `Categorical` variables, and
`Columns` of all these, also as frames of pandas, polars and Arrow. None of these is imported.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from .. import _arrays, _core, _validation
from .categorical import Categorical
from .columns import Columns
from .frames import categorical as categorical_of
from .frames import has_categories, is_categorical
from .sparse import is_sparse, sparse_rows

_Doubles = npt.NDArray[np.float64]
#: A dense array, or rows of another kind; both have a shape.
Rows: TypeAlias = _arrays.Array | _core.Rows


def rows_of(name: str, value: Any) -> Rows:
    """Finite rows, with at least one row and one column, their memory used wherever it can be."""
    return read(name, value)[0]


def read(name: str, value: Any) -> tuple[Rows, Any]:
    """The same, and X as a model keeps it: the array, or what came instead."""
    if is_sparse(value):
        return sparse_rows(name, value), value
    if isinstance(value, _core.Rows):
        return value, value
    if has_categories(value):
        value = Columns(value)
    elif is_categorical(value):
        value = categorical_of(value)
    if isinstance(value, (Categorical, Columns)):
        return value.rows, value
    array = _validation.matrix(name, value)
    return array, array


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


__all__ = ["Categorical", "Columns", "Rows", "block_of", "products", "read", "rows_of"]

"""Data of any kind, as rows that a compiled model reads: the one way in for its X.

Arrays and whatever NumPy reads as one, sparse matrices of SciPy's, `Categorical` variables, and
`Columns` of all these, also as frames of pandas, polars and Arrow; and `RowBlocks` of any of them.
None of the libraries is imported.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _core
from .blocks import RowBlocks
from .categorical import Categorical
from .columns import Columns
from .frames import names_of
from .reading import Rows, read_block

_Doubles = npt.NDArray[np.float64]


def rows_of(name: str, value: Any) -> Rows:
    """Finite rows, with at least one row and one column, their memory used wherever it can be."""
    return read(name, value)[0]


def read(name: str, value: Any) -> tuple[Rows, Any]:
    """The same, and X as a model keeps it: the array, or what came instead."""
    return (value.rows, value) if isinstance(value, RowBlocks) else read_block(name, value)


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


__all__ = [
    "Categorical",
    "Columns",
    "RowBlocks",
    "Rows",
    "block_of",
    "names_of",
    "products",
    "read",
    "rows_of",
]

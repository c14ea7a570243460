"""Sparse matrices of SciPy's, read by their attributes: SciPy itself is not imported."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _arrays, _core, _validation


def is_sparse(value: Any) -> bool:
    """Whether it is a sparse matrix or array, of whatever format."""
    return all(hasattr(value, name) for name in ("format", "shape", "nnz", "tocsr"))


def sparse_rows(name: str, X: Any) -> _core.Rows:
    """Its rows; of CSR and CSC without a copy where indices are in order.

    Formats other than CSR and CSC are converted. Indices that are not in order, or come twice in a
    row, are put in order in a copy, the numbers of one place added up. Numbers that are neither
    float32 nor float64 become float64; those that are all 1 are not kept.
    """
    if len(X.shape) != 2 or 0 in X.shape:
        raise _arrays.error(name, f"shape {X.shape}", "rows and columns, at least one of each")
    if X.format not in ("csr", "csc"):
        X = X.tocsr()
    values: Any = np.asarray(X.data)
    if values.dtype.kind in "iub" and (values == 1).all():
        values = None
    else:
        values = np.ascontiguousarray(_validation.array(name, values, 1))
    make = _core.sparse_rows if X.format == "csr" else _core.sparse_columns
    along = X.shape[1] if X.format == "csr" else X.shape[0]
    return make(values, _indices(X.indices), np.ascontiguousarray(X.indptr, np.int64), along)


def _indices(indices: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """In one piece, of 32 or 64 bits."""
    wide = indices.dtype.itemsize > 4
    return np.ascontiguousarray(indices, np.int64 if wide else np.int32)

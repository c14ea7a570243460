"""Tables of numbers that are dense, or sparse by SciPy, which who has such a one has imported."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

_Doubles = npt.NDArray[np.float64]


def csr(X: Any) -> Any:
    """A sparse matrix by its rows."""
    from scipy import sparse

    return sparse.csr_array(X)


def dense(table: Any) -> _Doubles:
    """The array of all its numbers, zeros too."""
    return np.asarray(table.toarray() if hasattr(table, "toarray") else table)


def beside(table: Any, columns: _Doubles) -> Any:
    """The table with further columns at its right, sparse if it is."""
    if isinstance(table, np.ndarray):
        return np.hstack([table, columns])
    from scipy import sparse

    return sparse.hstack([table, columns], format="csr")


def below(table: Any, rows: _Doubles) -> Any:
    """The table with further rows below it, sparse if it is."""
    if isinstance(table, np.ndarray):
        return np.vstack([table, rows])
    from scipy import sparse

    return sparse.vstack([table, sparse.csr_array(rows)], format="csr")


def root_squares(table: Any) -> _Doubles:
    """Euclidean norm of every column."""
    if isinstance(table, np.ndarray):
        return np.asarray(np.linalg.norm(table, axis=0))
    return np.sqrt(np.bincount(table.indices, table.data**2, table.shape[1]))

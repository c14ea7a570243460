"""Tables of dense, categorical and sparse columns side by side, and frames that have such."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _arrays, _core, _validation
from .categorical import Categorical, times
from .frames import categorical, columns_of, is_categorical
from .sparse import is_sparse, sparse_rows


class Columns:
    """Blocks of columns side by side: numbers, categorical variables, a sparse matrix.

    Parameters
    ----------
    blocks : sequence, mapping from names, or frame
        Arrays of numbers of shape (n,) or (n, k), `Categorical`, categorical series of pandas,
        polars and Arrow, and at most one sparse matrix; or a frame or table of such columns. An
        array that is the only one of numbers is read where it lies; of several a copy is made.

    Attributes
    ----------
    shape : tuple
        (n, p), every level being a column.
    column_names : list of str
        Of the p columns: levels as ``region=north``, those without a name by their number.

    Raises
    ------
    ValueError, TypeError
        On blocks of different lengths, and whatever is no block.

    Notes
    -----
    A missing category is a row of zeros. Frames are matched by the codes of their levels: a frame
    to predict from must have the same levels in the same order, as a common dtype gives them.

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> age, region = np.array([20.0, 30, 40]), hessopt.Categorical([0, 1, 0], 2, ["n", "s"])
    >>> X = hessopt.Columns({"age": age, "region": region})
    >>> X.column_names
    ['age', 'region=n', 'region=s']
    >>> X @ [0.1, 0, 5]
    array([2., 8., 4.])
    """

    def __init__(self, blocks: Any) -> None:
        self.column_names: list[str] = []
        self._blocks: list[tuple[str, Any]] = []
        self._dense: list[_arrays.Array] = []
        self._dense_at: list[int] = []
        self._variables: list[tuple[Any, int, int]] = []
        self._sparse: tuple[_core.Rows | None, int] = (None, 0)
        self._n_rows: int | None = None
        for name, block in _named(blocks):
            self._add(name, block)
        if self._n_rows is None:
            raise _arrays.error("blocks", "none", "one block of columns or more")
        self.shape: tuple[int, int] = self._n_rows, len(self.column_names)
        dense = None
        if self._dense:
            dense = self._dense[0] if len(self._dense) == 1 else np.column_stack(self._dense)
        self.rows: _core.Rows = _core.mixed_rows(
            *self.shape, dense, self._dense_at, self._variables, *self._sparse
        )
        self._dense = []

    def _add(self, name: str, block: Any) -> None:
        at = len(self.column_names)
        called = name or f"block {len(self._blocks)}"
        if is_categorical(block):
            block = categorical(block)
        if isinstance(block, Categorical):
            self._variables.append((block.codes, block.n_levels, at))
            prefix = f"{name}=" if name else f"{at}="
            self.column_names += [prefix + level for level in block.column_names]
        elif is_sparse(block):
            if self._sparse[0] is not None:
                want = "one, as of scipy.sparse.hstack"
                raise _arrays.error("blocks", "two sparse matrices", want)
            self._sparse = sparse_rows(called, block), at
            self._name(name, block.shape[1])
        else:
            given = _arrays.real(called, block)
            numbers = _validation.matrix(called, given[:, None] if given.ndim == 1 else given)
            self._dense.append(numbers)
            self._dense_at += range(at, at + numbers.shape[1])
            self._name(name, numbers.shape[1])
            block = given
        length = block.shape[0]
        if self._n_rows not in (None, length):
            raise _arrays.error(called, f"{length} rows", f"{self._n_rows}, as the others have")
        self._n_rows = length
        self._blocks.append((name, block))

    def _name(self, name: str, count: int) -> None:
        """Names of columns of numbers."""
        at = len(self.column_names)
        own = [name] if name and count == 1 else [f"{name or at}[{j}]" for j in range(count)]
        if not name:
            own = [str(at + j) for j in range(count)]
        self.column_names += own

    def toarray(self) -> npt.NDArray[np.float64]:
        """All of it as one array, shape (n, p)."""
        return _core.dense_rows(self.rows, 0, self.shape[0])

    def __matmul__(self, w: npt.ArrayLike) -> npt.NDArray[np.float64]:
        return times(self.rows, w)

    def __reduce__(self) -> tuple[Any, ...]:
        return _of_pairs, (self._blocks,)

    def __repr__(self) -> str:
        n, p = self.shape
        return f"Columns({n} x {p} of {len(self._blocks)} blocks)"


class _Pairs(list[tuple[str, Any]]):
    """Blocks with their names."""


def _of_pairs(blocks: Iterable[tuple[str, Any]]) -> Columns:
    return Columns(_Pairs(blocks))


def _named(blocks: Any) -> Iterator[tuple[str, Any]]:
    """Blocks and their names, which may be empty."""
    frame = columns_of(blocks)
    if frame is not None:
        yield from frame
    elif isinstance(blocks, _Pairs):
        yield from blocks
    elif isinstance(blocks, Mapping):
        yield from ((str(name), block) for name, block in blocks.items())
    elif isinstance(blocks, (list, tuple)):
        yield from (("", block) for block in blocks)
    else:
        want = "a sequence of blocks, a mapping from names to blocks, or a frame"
        raise TypeError(f"blocks: got a {type(blocks).__name__}; want {want}")

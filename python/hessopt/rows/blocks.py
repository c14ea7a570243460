"""Blocks of rows under one another: data in pieces, and data that is larger than memory."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _arrays, _core
from .categorical import times
from .frames import names_of
from .reading import Rows, read_block


class RowBlocks:
    """Blocks of rows under one another, read where they lie, or loaded one at a time.

    Parameters
    ----------
    blocks : list, tuple, or object with ``len(blocks)`` and ``blocks[k]``
        Blocks of the same columns, of one or more rows each: arrays, also memory-mapped ones; or
        sparse matrices, `Categorical`, `Columns` and frames with categorical columns. Those of a
        list stay in memory. Anything else is asked for them whenever the data is read, and may load
        them from files: ``blocks[k]`` is called for one k after the other, in a thread of its own
        while block k − 1 is worked on. There are never more than these two.

    Attributes
    ----------
    shape : tuple
        (n, p).
    lengths : list of int
        Rows of each block.
    column_names : list of str, or None
        As the blocks have them.

    Raises
    ------
    ValueError, TypeError
        On blocks whose columns or levels differ, or one that has changed since it was loaded first.
        An exception of ``blocks[k]`` passes through.

    Notes
    -----
    The sums do not depend on the number of threads, in their last digits on how rows are cut into
    blocks. A loaded block is read once to learn its length, and then for each evaluation, Hessian
    or product with one; `hessopt.minimize` takes no sample of its rows.

    Examples
    --------
    >>> import numpy as np, hessopt
    >>> class Parts:
    ...     def __len__(self):
    ...         return 3
    ...     def __getitem__(self, k):  # of a file, say: np.load(f"part{k}.npy")
    ...         return np.arange(4.0).reshape(2, 2) + k
    >>> X = hessopt.RowBlocks(Parts())
    >>> X.shape
    (6, 2)
    >>> X @ [1, 0]
    array([0., 2., 1., 3., 2., 4.])
    """

    def __init__(self, blocks: Any) -> None:
        is_array = isinstance(blocks, np.ndarray)
        if is_array or not (hasattr(blocks, "__len__") and hasattr(blocks, "__getitem__")):
            got = "an array" if is_array else f"a {type(blocks).__name__}"
            raise TypeError(
                f"blocks: got {got}; want a list of blocks, or an object with blocks[k]"
            )
        if len(blocks) == 0:
            raise _arrays.error("blocks", "none", "at least one")
        self._blocks = blocks
        is_loaded = not isinstance(blocks, (list, tuple))
        parts = _Parts(blocks)
        if is_loaded:
            load: Any = _Ahead(parts, len(blocks))
            for k in range(len(blocks)):
                load(k)
        else:
            load = [parts(k) for k in range(len(blocks))].__getitem__
        self.lengths, self.column_names = parts.lengths, parts.names
        self.rows: _core.Rows = _core.stacked_rows(self.lengths, load, load(0), is_loaded)
        self.shape: tuple[int, int] = self.rows.shape

    def toarray(self) -> npt.NDArray[np.float64]:
        """All of it as one array, shape (n, p)."""
        return _core.dense_rows(self.rows, 0, self.shape[0])

    def __matmul__(self, w: npt.ArrayLike) -> npt.NDArray[np.float64]:
        return times(self.rows, w)

    def __reduce__(self) -> tuple[Any, ...]:
        return RowBlocks, (self._blocks,)

    def __repr__(self) -> str:
        n, p = self.shape
        return f"RowBlocks({n} x {p} in {len(self.lengths)} blocks)"


class _Parts:
    """Block k as rows, which has to fit to the first and to what it was before."""

    def __init__(self, blocks: Any) -> None:
        self._blocks = blocks
        self._n_columns = 0
        self._is_dense = True
        self.names: list[str] | None = None
        self.lengths: list[int] = []

    def __call__(self, k: int) -> Rows:
        """Read it."""
        name, given = f"block {k}", self._blocks[k]
        rows, kept = read_block(name, given)
        n, p = rows.shape
        names, is_dense = names_of(kept, given), isinstance(rows, np.ndarray)
        if not self.lengths:
            self._n_columns, self._is_dense, self.names = p, is_dense, names
        if p != self._n_columns:
            raise _arrays.error(name, f"{p} columns", f"{self._n_columns}, as block 0 has")
        if is_dense != self._is_dense:
            kinds = "sparse or categorical columns", "an array"
            raise _arrays.error(name, kinds[is_dense], f"{kinds[self._is_dense]}, as block 0 is")
        if names != self.names:
            pairs = zip(names or p * [""], self.names or p * [""], strict=True)
            got, want = next((own, first) for own, first in pairs if own != first)
            raise _arrays.error(name, f"the column {got!r}", f"{want!r}, as block 0 has there")
        if k == len(self.lengths):
            self.lengths.append(n)
        elif n != self.lengths[k]:
            raise _arrays.error(name, f"{n} rows", f"{self.lengths[k]}, as it had before")
        return rows


class _Ahead:
    """What a function of k gives, for one k after the other, the next while one is worked on."""

    def __init__(self, read: Callable[[int], Rows], count: int) -> None:
        self._read, self._count = read, count
        self._lock = threading.Lock()
        self._known: tuple[int, Rows] | None = None
        self._next: _Reader | None = None

    def __call__(self, k: int) -> Rows:
        """Wait for it, and begin with the one after it."""
        with self._lock:
            if self._known is None or self._known[0] != k:
                self._known = None
                reader, self._next = self._next, None
                found = None if reader is None else reader.result(k)
                del reader  # and the block that it has read if nobody asked for that
                self._known = k, self._read(k) if found is None else found
            if self._next is None and k + 1 < self._count:
                self._next = _Reader(self._read, k + 1)
                self._next.start()
            return self._known[1]


class _Reader(threading.Thread):
    """A block on its way."""

    def __init__(self, read: Callable[[int], Rows], k: int) -> None:
        super().__init__(name=f"hessopt block {k}", daemon=True)
        self._read, self.k = read, k
        self._rows: Rows | None = None
        self._error: BaseException | None = None

    def run(self) -> None:
        """Read it."""
        try:
            self._rows = self._read(self.k)
        except BaseException as exc:
            self._error = exc

    def result(self, k: int) -> Rows | None:
        """Block k once it is there; None if another was read, or in a process forked meanwhile."""
        self.join()
        if self.k != k:
            return None
        if self._error is not None:
            raise self._error
        return self._rows

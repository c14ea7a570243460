"""Features of rows by any function, computed once: in memory, or in a file that is gone on with.

The file is a .npy file with a line behind its numbers that NumPy does not read: what the features
are of, and how many rows are there. Until all are it has another name.
"""

from __future__ import annotations

import errno
import io
import json
import os
import shutil
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _arrays, _progress, _validation
from .._state_file import blamed, place
from .._validation import Array

try:
    import fcntl
except ImportError:  # Windows, where a file that is open cannot be renamed
    fcntl = None  # type: ignore[assignment]

_MAGIC = b"hessopt features 1 "
_LINE = 4096  # bytes
_KEY = 256  # characters, for which the line has room
_ALIKE = 1e-3  # of the largest feature: other rounding, and no other function


def cached_features(
    function: Callable[[Array], npt.ArrayLike],
    X: npt.ArrayLike,
    *,
    file: str | os.PathLike[str] | None = None,
    key: str = "",
    batch_size: int = 256,
    progress: bool = False,
) -> Array:
    """Features of rows, computed once, block by block.

    Parameters
    ----------
    function : callable
        ``function(block) -> array``, finite features of any shape for each row of the block. The
        block is a copy in C order, of the dtype of `X`.
    X : array_like, shape (n, ...)
        Rows of any shape, as images are. Of what is in files their numbers, ``np.arange(n)``.
    file : path, optional
        A .npy file, where the features are kept, and taken from where it exists. While they are
        computed its name ends with ".part", and after an interrupt or a kill the same call goes on
        behind the last whole block.
    key : str
        For `file`: what tells the function from others, as its name and version.
    batch_size : int
        Rows of a block, the last may have fewer.
    progress : bool
        Show a bar (tqdm).

    Returns
    -------
    ndarray, shape (n, ...)
        In float32 or float64, as the function gives them; with `file` a read-only `numpy.memmap`.

    Raises
    ------
    ValueError
        Where `file` has other features: of another `key`, shape, dtype or block, of other numbers
        in the first row of a block, or where the function gives others for the first block, which
        is computed in every call.
    OSError
        Where the file cannot be read or written, or its disk is full. What has been computed stays.

    Examples
    --------
    >>> import os, tempfile
    >>> import numpy as np
    >>> from hessopt.networks import cached_features
    >>> X = np.arange(12.0).reshape(6, 2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "squares.npy")
    ...     once = np.array(cached_features(np.square, X, file=path, key="squares"))
    ...     again = np.load(path)
    >>> bool((again == once).all())
    True
    """
    if not callable(function):
        raise TypeError(f"function: got {function!r}; want a function of a block of rows")
    rows = _arrays.real("X", X)
    if rows.ndim < 1 or 0 in rows.shape:
        raise _validation.error("X", f"shape {rows.shape}", "rows along the first axis")
    if not isinstance(key, str):
        raise TypeError(f"key: got {key!r}; want a str")
    if len(key) > _KEY:
        raise _validation.error("key", f"{len(key)} characters", f"at most {_KEY}")
    path = None if file is None else place("file", file)
    size = _validation.integer("batch_size", batch_size, 1)
    blocks = _Blocks(function, rows, size, _progress.asked(progress))
    if path is not None:
        return _File(path, key, blocks).features()
    out = _validation.new("features", blocks.shape, blocks.first.dtype)
    for end, features in blocks.computed(0):
        out[end - len(features) : end] = features
    return out


class _Blocks:
    """Blocks of rows, and their features, all like those of the first.

    Parameters
    ----------
    function, rows, size, progress
        As `function`, `X`, `batch_size` and `progress` of `cached_features`.
    """

    def __init__(
        self, function: Callable[[Array], npt.ArrayLike], rows: Array, size: int, progress: bool
    ) -> None:
        self._function, self._rows, self._size, self._progress = function, rows, size, progress
        self._dtype = np.dtype(rows.dtype.type)  # in native byte order
        self.first = self._features(0)
        self.shape = (len(rows), *self.first.shape[1:])

    def facts(self) -> dict[str, str | int]:
        """What the features are of, as far as can be told."""
        begins = np.ascontiguousarray(self._rows[:: self._size], self._dtype)
        return {
            "features": f"{self.first.dtype.name} {self.shape}",
            "X": f"{self._dtype.name} {self._rows.shape}",
            "batch_size": self._size,
            "rows of X": f"{zlib.crc32(begins.data):08x}",
        }

    def computed(self, begin: int) -> Iterator[tuple[int, Array]]:
        """Features of the blocks from a row on, each with the row where it ends."""
        n, done = len(self._rows), begin
        with _progress.counter(self._progress, "row") as show:
            show(done, n)
            while done < n:
                features = self._features(done) if done else self.first
                if (features.dtype, features.shape[1:]) != (self.first.dtype, self.shape[1:]):
                    got = f"{features.dtype} of shape {features.shape} from row {done} on"
                    want = f"{self.first.dtype} of shape {self.first.shape}, as of the first block"
                    raise _validation.error("function", got, want)
                done += len(features)
                yield done, features
                show(done, n)

    def _features(self, begin: int) -> Array:
        block = np.array(self._rows[begin : begin + self._size], self._dtype, order="C")
        count = len(block)
        features = _validation.array("function", self._function(block))
        if features.ndim < 1 or len(features) != count or 0 in features.shape:
            want = f"features for each of {count} rows"
            raise _validation.error("function", f"shape {features.shape}", want)
        _validation.finite("function", features.reshape(count, -1))
        return features


class _File:
    """A file of features.

    Parameters
    ----------
    path : str
        Of the features of all rows.
    key : str
        As of `cached_features`.
    blocks : _Blocks
        Where they come from.
    """

    def __init__(self, path: str, key: str, blocks: _Blocks) -> None:
        self._path, self._blocks = path, blocks
        self._facts = {"key": key, **blocks.facts()}
        header = {
            "descr": np.lib.format.dtype_to_descr(blocks.first.dtype),
            "fortran_order": False,
            "shape": blocks.shape,
        }
        room = io.BytesIO()
        np.lib.format.write_array_header_1_0(room, header)
        self._header = room.getvalue()
        self._row = blocks.first.nbytes // len(blocks.first)
        self._end = len(self._header) + self._row * blocks.shape[0]

    def features(self) -> Array:
        """Those of all rows, where they lie."""
        if not os.path.exists(self._path):
            self._compute()
        with blamed("file", self._path):
            with open(self._path, "rb") as file:
                if self._read(file, self._path) < self._blocks.shape[0]:
                    raise self._refuse(self._path, "which lacks rows")
            features: Array = np.load(self._path, mmap_mode="r")
        return features

    def _compute(self) -> None:
        """What is not there yet; then the file gets its name."""
        part = self._path + ".part"
        with blamed("file", part):
            file = io.FileIO(part, "r+", opener=_made)
        with file:
            with blamed("file", part):
                self._lock(file)
                done = self._read(file, part) if os.fstat(file.fileno()).st_size else 0
                if not done:
                    self._begin(file)
                file.seek(len(self._header) + done * self._row)
            for end, features in self._blocks.computed(done):
                with blamed("file", part):
                    _write(file, np.ascontiguousarray(features))
                    self._note(file, end)
        with blamed("file", part):
            os.replace(part, self._path)

    def _begin(self, file: io.FileIO) -> None:
        """A file without features yet, where there is room for them."""
        need, free = self._end + _LINE, shutil.disk_usage(os.path.dirname(self._path)).free
        if need > free:
            raise OSError(errno.ENOSPC, f"{os.strerror(errno.ENOSPC)}: {need} bytes, {free} free")
        self._note(file, 0)
        file.seek(0)
        _write(file, self._header)

    def _note(self, file: io.FileIO, rows: int) -> None:
        """Say how many rows are there, once the disk has them."""
        here = file.tell()
        os.fsync(file.fileno())
        line = _MAGIC + json.dumps({**self._facts, "rows": rows}).encode()
        file.seek(self._end)
        _write(file, line.ljust(_LINE - 1) + b"\n")
        file.seek(here)

    def _read(self, file: Any, name: str) -> int:
        """How many rows are there, of these features."""
        size = os.fstat(file.fileno()).st_size
        file.seek(max(0, size - _LINE))
        line = file.read(_LINE)
        try:
            if not line.startswith(_MAGIC):
                raise ValueError
            was = json.loads(line[len(_MAGIC) :])
        except ValueError:
            raise self._refuse(name, "which is something else, or truncated") from None
        rows: int = was.pop("rows")
        now = self._facts
        changed = [fact for fact in {**was, **now} if was.get(fact) != now.get(fact)]
        if changed:
            text = ", ".join(f"{fact} {was.get(fact)!r}, not {now.get(fact)!r}" for fact in changed)
            raise self._refuse(name, f"of other features ({text})")
        file.seek(0)
        if rows and (size != self._end + _LINE or file.read(len(self._header)) != self._header):
            raise self._refuse(name, "which is damaged")
        if rows:
            first = self._blocks.first
            there = np.frombuffer(file.read(first.nbytes), first.dtype).reshape(first.shape)
            apart = float(np.abs(there - first).max())
            if not apart <= _ALIKE * float(np.abs(first).max()):
                got = f"of another function: features of the first block differ by {apart:.2g}"
                raise self._refuse(name, got)
        return rows

    def _lock(self, file: io.FileIO) -> None:
        """None but this process is to write there."""
        if fcntl is None:
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BlockingIOError(error.errno, "another process is computing it") from None
        except OSError:  # of a file system that has no locks
            pass

    def _refuse(self, name: str, got: str) -> ValueError:
        return _validation.error("file", f"{name!r}, {got}", "one of these features, or no file")


def _made(path: str, flags: int) -> int:
    """A descriptor of a file, which is made where there is none."""
    return os.open(path, flags | os.O_CREAT, 0o666)


def _write(file: io.FileIO, data: Any) -> None:
    """All of it: a write to a file without a buffer may end early."""
    rest = memoryview(data).cast("B")
    while len(rest):
        rest = rest[file.write(rest) :]

"""Arrays as they come: the same numbers laid out in memory, or wrapped, in every way there is."""

import ctypes
import importlib
import pickle
import tempfile

import numpy as np


class Subclass(np.ndarray):
    """An array of a class of its own."""


class Lazy:
    """A thing of another library that can be read as an array."""

    def __init__(self, array):
        self._array = array

    def __array__(self, dtype=None, copy=None):
        return np.array(self._array, dtype)


def strided(a):
    """Every second element along each axis, NaN between them."""
    wide = np.full([2 * n for n in a.shape], np.nan, a.dtype)
    part = wide[tuple(slice(None, None, 2) for _ in a.shape)]
    part[...] = a
    return part


def of_a_table(a):
    """The middle of three tables whose elements lie side by side."""
    other = np.full_like(a, np.nan)
    return np.stack([other, a, other], axis=-1)[..., 1]


def backwards(a):
    """Every axis reversed in memory."""
    turn = tuple(slice(None, None, -1) for _ in a.shape)
    return np.ascontiguousarray(a[turn])[turn]


def unaligned(a):
    out = np.zeros(a.nbytes + 1, np.uint8)[1:].view(a.dtype).reshape(a.shape)
    out[...] = a
    return out


def of_records(a):
    """A field of packed records: strides that are no multiple of an element."""
    records = np.zeros(a.shape, [("flag", "u1"), ("value", a.dtype)])
    records["value"] = a
    return records["value"]


def read_only(a):
    a = a.copy()
    a.flags.writeable = False
    return a


def memory_mapped(a):
    with tempfile.TemporaryFile() as file:
        out = np.memmap(file, a.dtype, "w+", shape=a.shape)
    out[...] = a
    return out


def of_ctypes(a):
    """Memory of another library, with a dtype object of its own."""
    kind = ctypes.c_float if a.itemsize == 4 else ctypes.c_double
    out = np.ctypeslib.as_array((kind * a.size)()).reshape(a.shape)
    out[...] = a
    return out


def constant(a):
    """The first row everywhere: no such numbers, but a stride of 0."""
    return np.broadcast_to(a[:1], a.shape)


def masked(a):
    mask = np.zeros(a.shape, bool)
    mask[(0,) * a.ndim] = True
    return np.ma.array(a, mask=mask)


# Of float32 and float64, which they keep.
ARRAYS = {
    "strided": strided,
    "part of a table": of_a_table,
    "backwards": backwards,
    "Fortran": np.asfortranarray,
    "unaligned": unaligned,
    "big-endian": lambda a: a.astype(a.dtype.newbyteorder(">")),
    "records": of_records,
    "read-only": read_only,
    "memmap": memory_mapped,
    "unpickled": lambda a: pickle.loads(pickle.dumps(a)),
    "ctypes": of_ctypes,
    "metadata": lambda a: a.view(np.dtype(a.dtype, metadata={"unit": "m"})),
    "subclass": lambda a: strided(a).view(Subclass),
    "nothing masked": lambda a: np.ma.array(strided(a), mask=False),
    "__array__": Lazy,
}


def least_type(column):
    """bool, int64 or float64: the least that holds these numbers."""
    if np.isin(column, (0, 1)).all():
        return "bool"
    return "int64" if (column == np.floor(column)).all() else "float64"


def by_columns(a, series, frame):
    """A series, or a frame whose columns are each of the least type; None beyond two dimensions."""
    if a.ndim > 2:
        return None
    parts = [series(column.astype(least_type(column))) for column in np.atleast_2d(a.T)]
    return parts[0] if a.ndim == 1 else frame({f"c{j}": part for j, part in enumerate(parts)})


def pandas_frame(a):
    import pandas as pd

    return by_columns(a, pd.Series, pd.DataFrame)


def pandas_nullable(a):
    import pandas as pd

    return by_columns(a, lambda column: pd.Series(column).convert_dtypes(), pd.DataFrame)


def pandas_arrow(a):
    import pandas as pd
    import pyarrow  # noqa: F401

    def series(column):
        return pd.Series(column).convert_dtypes(dtype_backend="pyarrow")

    return by_columns(a, series, pd.DataFrame)


def polars_frame(a):
    import polars as pl

    return by_columns(a, pl.Series, pl.DataFrame)


# Of float64, which they are read as.
WRAPPED = {
    "list": lambda a: a.tolist(),
    "tuple": lambda a: tuple(a.tolist()),
    "list of arrays": list,
    "memoryview": memoryview,
    "pandas": pandas_frame,
    "pandas, nullable": pandas_nullable,
    "pandas, Arrow": pandas_arrow,
    "polars": polars_frame,
}


# What holds no real numbers, or lacks some, and a word of what the error says came.


def sparse(a):
    import scipy.sparse

    return scipy.sparse.csr_matrix(a.reshape(len(a), -1))


def ragged(a):
    return [*a.tolist()[:-1], [[0.0], [1.0, 2.0]]]


def with_column(module, dtype, first, others):
    """A series, or a frame whose last column is "age", of elements that are no numbers."""

    def of(a):
        if a.ndim > 2:
            return None
        library = importlib.import_module(module)
        dtype_of = dtype if module == "pandas" else getattr(library, dtype)
        age = library.Series([first, *[others] * (len(a) - 1)], dtype=dtype_of)
        parts = {f"c{j}": library.Series(c) for j, c in enumerate(a.T[:-1])} if a.ndim == 2 else {}
        return library.DataFrame({**parts, "age": age}) if a.ndim == 2 else age

    return of


REFUSED = {
    "sparse": (sparse, "a scipy.sparse matrix; want a dense one"),
    "masked": (masked, "1 masked element"),
    "ragged": (ragged, "a ragged sequence"),
    "objects": (lambda a: a.astype(object), "dtype object"),
    "None": (lambda a: np.full(a.shape, None), "missing values"),
    "text": (lambda a: a.astype(str), "text"),
    "bytes": (lambda a: a.astype("S"), "text"),
    "objects of text": (lambda a: a.astype(str).astype(object), "text"),
    "complex": (lambda a: a.astype(complex), "complex numbers"),
    "records": (lambda a: np.zeros(a.shape, [("a", "f8"), ("b", "f8")]), "records"),
    "dates": (lambda a: a.astype("M8[s]"), "dates"),
    "durations": (lambda a: a.astype("m8[s]"), "durations"),
    "pandas text": (with_column("pandas", "str", "a", "b"), "text"),
    "pandas category": (with_column("pandas", "category", "a", "b"), "text"),
    "pandas date": (with_column("pandas", "datetime64[s]", "2020-01-01", "2021-01-01"), "dates"),
    "pandas missing": (with_column("pandas", "Int64", None, 0), "1 missing value"),
    "polars text": (with_column("polars", "String", "a", "b"), "text"),
    "polars missing": (with_column("polars", "Float64", None, 0.0), "1 missing value"),
}

"""Categorical columns of pandas, polars and Arrow, read from the codes that they hold.

None of these is imported: who has one of their columns has them.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from .categorical import Categorical


def is_categorical(value: Any) -> bool:
    """Whether it is a categorical column."""
    return _kind(value) is not None


def categorical(value: Any) -> Categorical:
    """Its codes and levels; what is missing has no level."""
    kind = _kind(value)
    if kind == "pandas":
        own = getattr(value, "array", value)  # of a series or an index, whose own codes are copies
        return Categorical(np.asarray(own.codes), len(own.categories), list(own.categories))
    if kind == "polars":
        return _of_polars(value)
    return _of_arrow(value)


def columns_of(value: Any) -> list[tuple[str, Any]] | None:
    """Of a frame or table, its columns by their names; else None."""
    pandas, polars = sys.modules.get("pandas"), sys.modules.get("polars")
    arrow = sys.modules.get("pyarrow")
    if pandas is not None and isinstance(value, pandas.DataFrame):
        return [(str(label), series) for label, series in value.items()]
    if polars is not None and isinstance(value, polars.DataFrame):
        return [(series.name, series) for series in value.get_columns()]
    if arrow is not None and isinstance(value, arrow.Table):
        return list(zip(value.column_names, value.columns, strict=True))
    return None


def names_of(rows: Any, given: Any) -> list[str] | None:
    """Names of the columns of what was read, or of the frame that it came as; numbers are none."""
    own: list[str] | None = getattr(rows, "column_names", None)
    names = [name for name, _ in columns_of(given) or ()] if own is None else own
    return None if all(name.isdigit() for name in names) else names


def has_categories(value: Any) -> bool:
    """Whether it is a frame or table with a categorical column."""
    columns = columns_of(value)
    return columns is not None and any(is_categorical(column) for _, column in columns)


def _kind(value: Any) -> str | None:
    """Whose categorical column it is."""
    dtype = getattr(value, "dtype", None)
    if type(dtype).__name__ == "CategoricalDtype":
        return "pandas"
    polars, arrow = sys.modules.get("polars"), sys.modules.get("pyarrow")
    if polars is not None and isinstance(value, polars.Series):
        return "polars" if isinstance(dtype, (polars.Enum, polars.Categorical)) else None
    if arrow is not None and isinstance(value, (arrow.Array, arrow.ChunkedArray)):
        return "arrow" if arrow.types.is_dictionary(value.type) else None
    return None


def _of_polars(series: Any) -> Categorical:
    import polars

    if isinstance(series.dtype, polars.Categorical):  # its codes may be those of other columns too
        names = series.drop_nulls().cast(polars.String).unique().sort()
        series = series.cast(polars.String).cast(polars.Enum(names))
    names = series.dtype.categories.to_list()
    codes = series.to_physical()
    if codes.null_count():
        if len(names) >= np.iinfo(codes.head(0).to_numpy().dtype).max:  # no number is left for none
            codes = codes.cast(polars.UInt32)
        codes = codes.fill_null(np.iinfo(codes.head(0).to_numpy().dtype).max)
    return Categorical(codes.to_numpy(), len(names), names)


def _of_arrow(column: Any) -> Categorical:
    pyarrow: Any = sys.modules["pyarrow"]
    if isinstance(column, pyarrow.ChunkedArray):
        column = column.unify_dictionaries().combine_chunks()
        if isinstance(column, pyarrow.ChunkedArray):  # of no rows, or more than fit in one
            column = pyarrow.concat_arrays(column.chunks)
    indices, names = column.indices, column.dictionary.to_pylist()
    codes = np.asarray(indices.fill_null(0).to_numpy(zero_copy_only=False))
    if indices.null_count:
        missing = np.asarray(indices.is_null().to_numpy(zero_copy_only=False))
        codes = np.where(missing, -1, codes.astype(np.int64))
    return Categorical(codes, len(names), names)

"""Whatever holds real numbers, as a NumPy array: the one way in from Python.

NumPy's own arrays and their subclasses, lists, frames and series of pandas and polars, and all else
that has ``__array__``. Memory is shared wherever it holds such numbers already. What is refused is
named: what came, where in it, and what to do.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from numbers import Real
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

# By NumPy's letters for the kinds that are no real numbers: what they are, and what to do.
_TEXT = ("text", "numbers: classes as codes 0, 1, ...")
_OTHERS = {
    "c": ("complex numbers", "real ones: {0}.real"),
    "U": _TEXT,
    "S": _TEXT,
    "T": _TEXT,
    "M": ("dates", "numbers: ({0} - {0}.min()) / numpy.timedelta64(1, 's')"),
    "m": ("durations", "numbers: {0} / numpy.timedelta64(1, 's')"),
}
_WITHOUT = "numbers alone: leave these rows out, or fill them in"


def error(name: str, got: object, want: str) -> ValueError:
    """The error of a value that does not do."""
    return ValueError(f"{name}: got {got}; want {want}")


def as_array(name: str, value: Any) -> Array:
    """A NumPy array of whatever it is that the value holds."""
    if type(value) is np.ndarray:
        return value
    if isinstance(value, np.ma.MaskedArray):
        return _unmasked(name, value)
    if isinstance(value, (list, tuple)):
        return _from_sequence(name, value)
    sparse = sys.modules.get("scipy.sparse")
    if sparse is not None and sparse.issparse(value):
        raise TypeError(f"{name}: got a scipy.sparse matrix; want a dense one: {name}.toarray()")
    pandas, polars = sys.modules.get("pandas"), sys.modules.get("polars")
    if pandas is not None:
        if isinstance(value, (pandas.Index, pandas.api.extensions.ExtensionArray)):
            value = pandas.Series(value)
        if isinstance(value, (pandas.DataFrame, pandas.Series)):
            return _from_frame(name, value)
    if polars is not None and isinstance(value, (polars.DataFrame, polars.Series)):
        return _from_frame(name, value)
    try:
        return np.asarray(value)
    except Exception as exc:  # of the object's own __array__: as it came, with a note
        if hasattr(exc, "add_note"):
            exc.add_note(f"{name}: got a {type(value).__name__} that NumPy could not read")
        raise


def real(name: str, value: object) -> Array:
    """A NumPy array of floating-point numbers, integers or booleans, and of no subclass."""
    a = as_array(name, value)
    if a.dtype.kind not in "fiub":
        content, want = _content(name, a)
        raise TypeError(f"{name}: got dtype {a.dtype}, {content}; want {want}")
    return a


def returned(name: str, value: object, want: str, kinds: str = "fiub") -> Array:
    """The same of what a function returns: also of objects that are numbers, as symbols make."""
    a = as_array(name, value)
    if a.dtype.kind == "O" and all(hasattr(element, "__float__") for element in a.flat):
        a = a.astype(np.float64)
    if a.dtype.kind not in kinds:
        raise TypeError(f"{name}: got dtype {a.dtype}, {_content(name, a)[0]}; want {want}")
    return a


def _content(name: str, a: Array) -> tuple[str, str]:
    """What an array holds instead of real numbers, and what to do."""
    if a.dtype.names is not None:
        return "records", "one of their fields, or recfunctions.structured_to_unstructured"
    if a.dtype.kind != "O":
        content, want = _OTHERS.get(a.dtype.kind, ("something else", "numbers: {0}.astype(float)"))
        return content, want.format(name)
    if a.ndim == 0:
        return f"{type(a[()]).__name__} {a[()]!r:.40}", "numbers"
    some = a.ravel()[:1000].tolist()
    if any(isinstance(element, (str, bytes)) for element in some):
        return _TEXT
    if any(map(_is_missing, some)):
        return "missing values", _WITHOUT
    if all(isinstance(element, Real) for element in some):
        return "numbers as objects", f"a dtype of numbers: {name}.astype(float)"
    kinds = sorted({type(element).__name__ for element in some})
    return f"objects of type {', '.join(kinds)}", "numbers"


def _is_missing(element: Any) -> bool:
    return element is None or type(element).__name__ in ("NAType", "NaTType")


def _unmasked(name: str, value: Any) -> Array:
    masked = np.count_nonzero(value.mask)
    if masked:
        plural = "s" if masked > 1 else ""
        raise error(name, f"{masked} masked element{plural}", f"none: {name}.filled(...)")
    return np.asarray(value.data)


def _from_sequence(name: str, value: Iterable[Any]) -> Array:
    for part in value:  # whose masks NumPy would look beneath
        if isinstance(part, np.ma.MaskedArray):
            _unmasked(name, part)
    try:
        return np.asarray(value)
    except ValueError as exc:
        raise error(name, "a ragged sequence", "as many numbers in each row") from exc


# Frames and series of pandas and polars. Where the types of columns differ, or numbers may be
# missing, NumPy by itself would make objects of them.


def _from_frame(name: str, value: Any) -> Array:
    if len(value.shape) == 1:
        parts = [("", value)]
    elif hasattr(value, "get_columns"):
        parts = [(f"column {s.name!r}", s) for s in value.get_columns()]
    else:
        parts = [(f"column {label!r}", s) for label, s in value.items()]
    types = {_number_type(name, column, series) for column, series in parts}
    if hasattr(value, "null_count"):  # polars, whose numbers are NumPy's
        return np.asarray(value.to_numpy())
    return np.asarray(value.to_numpy(dtype=np.result_type(*types or [float])))


def _number_type(name: str, column: str, series: Any) -> np.dtype[Any]:
    """NumPy's type of the numbers in a column."""
    own = series.dtype
    plain = isinstance(own, np.dtype) and own.kind in "fiub"  # NaN is for others to find
    if not plain:
        missing = series.null_count() if hasattr(series, "null_count") else series.isna().sum()
        if missing:
            raise _lacking(name, column, missing)
    kind: np.dtype[Any]
    if getattr(own, "kind", "O") in "fiub":
        kind = np.dtype(getattr(own, "numpy_dtype", getattr(own, "subtype", own)))
        return kind
    numbers = np.asarray(series.to_numpy())
    if numbers.dtype.kind not in "fiub":
        content, want = _content(name, numbers)
        got = f"a frame whose {column} holds {content}" if column else f"a series of {content}"
        raise TypeError(f"{name}: got {got}; want {want}")
    return numbers.dtype


def refuse_column(name: str, labels: Any, a: Array) -> NoReturn:
    """The error of a frame's numbers that are not all finite."""
    j = int(np.flatnonzero(~np.isfinite(a).all(axis=0))[0])
    missing = int(np.count_nonzero(np.isnan(a[:, j])))
    if missing:
        raise _lacking(name, f"column {labels[j]!r}", missing)
    raise error(name, f"inf in column {labels[j]!r}", "finite numbers")


def _lacking(name: str, column: str, missing: int) -> ValueError:
    got = f"{missing} missing value{'s' if missing > 1 else ''}"
    return error(name, f"{got} in {column}" if column else got, _WITHOUT)

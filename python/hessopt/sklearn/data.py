"""Rows as scikit-learn checks them, and frames with categorical columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _check_sample_weight,
    assert_all_finite,
    check_array,
    check_consistent_length,
    column_or_1d,
    validate_data,
)

from .. import _core
from ..rows import Categorical, Columns
from ..rows.frames import categorical, columns_of, is_categorical
from ..rows.reading import Finite

_FLOATS = [np.float64, np.float32]
_SPARSE = ["csr", "csc"]
_MOST_LABELS = 1000  # between the least and the largest integer, up to which they are counted


def rows(
    estimator: Any,
    X: Any,
    y: Any = "no_validation",
    *,
    reset: bool = True,
    reference: bool = False,
    **checks: Any,
) -> Any:
    """X, or X and y, checked by scikit-learn: arrays and sparse matrices of float32 or float64.

    Frames with categorical or string columns become `Columns`. Their levels are those of the fit,
    which are kept in ``estimator.categories_`` by the names of the columns.

    Parameters
    ----------
    estimator : estimator
        Whose feature names and numbers are set, or compared where `reset` is False.
    X : array_like, sparse matrix or frame, shape (n, p)
        Rows.
    y : array_like, shape (n,), None, or "no_validation"
        Targets, whose checks are `checks`; the string stands for none, as in scikit-learn.
    reset : bool
        Whether this is a fit.
    reference : bool
        In a fit, whether the first level of each variable is that which the others are compared
        with, and has no column: with an intercept, all together are determined by a penalty alone.
    """
    named = [] if hasattr(X, "format") else columns_of(X) or []
    variables = {name for name, column in named if _is_variable(column)}
    known = set() if reset else set(getattr(estimator, "categories_", ()))
    if not variables and not known:
        if reset:
            for name in ("categories_", "column_names_"):
                estimator.__dict__.pop(name, None)
        is_array = isinstance(X, np.ndarray)
        read = validate_data(
            estimator,
            X,
            y,
            reset=reset,
            dtype=_FLOATS,
            accept_sparse=_SPARSE,
            ensure_all_finite=not is_array,
            **checks,
        )
        if is_array:
            _refuse_missing(read if isinstance(y, str) else read[0], estimator)
        return read
    if not isinstance(y, str) and reset:  # before X, whose names it would forget
        least = checks.pop("ensure_min_samples", 1)
        y = validate_data(estimator, y=y, **checks)
        if len(y) < least:
            raise ValueError(f"Found array with {len(y)} sample(s) while {least} is required.")
    elif not isinstance(y, str):
        y = column_or_1d(y)
    validate_data(estimator, X, reset=reset, skip_check_array=True)
    if not named:
        raise TypeError(f"X: got a {type(X).__name__}; want a frame with the columns of the fit")
    if reset:
        estimator.categories_, estimator._has_reference = {}, reference
    elif variables != known:
        other = sorted(variables ^ known)[0]
        raise ValueError(f"X: got a column {other!r} of another kind than that of the fit")
    read = {name: _column(estimator, name, column, reset) for name, column in named}
    columns = Columns({name: block for name, block in read.items() if block is not None})
    if reset:
        estimator.column_names_ = columns.column_names
    if isinstance(y, str):
        return columns
    check_consistent_length(columns, y)
    return columns, y


def checked(X: Any) -> Any:
    """The rows, as models take them that need not look through them again."""
    return Finite(X) if isinstance(X, np.ndarray) else X


def weights(sample_weight: Any, X: Any) -> npt.NDArray[np.float64] | None:
    """Weights >= 0 of the rows, or None where all weigh the same."""
    if sample_weight is None:
        return None
    return np.asarray(
        _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
    )


def coded(y: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """The classes, sorted, and the number of each row's."""
    if y.dtype.kind in "biu" and len(y):
        low, high = int(y.min()), int(y.max())
        if high - low <= _MOST_LABELS:
            at = y.astype(np.int64) - low
            seen = np.bincount(at, minlength=high - low + 1) > 0
            labels = np.flatnonzero(seen)
            codes = at if seen.all() else (np.cumsum(seen) - 1)[at]
            return (labels + low).astype(y.dtype), codes
    classes, codes = np.unique(y, return_inverse=True)
    return classes, codes


def order_of(y: Any) -> npt.NDArray[Any] | None:
    """The labels of a categorical series that has an order, in it."""
    dtype = getattr(y, "dtype", None)
    if not (getattr(dtype, "ordered", False) or type(dtype).__name__ == "Enum"):
        return None
    return np.asarray(categorical(y).names)


def classes_and_codes(
    y: npt.NDArray[Any], order: npt.NDArray[Any] | None = None
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Two classes at least, sorted or in an order, and the number of each row's."""
    classes, codes = coded(y)
    if y.dtype.kind not in "biu" or 2 * len(classes) > len(y):  # which sorts them
        check_classification_targets(y)
    if order is not None:
        classes = order[np.isin(order, classes)]
        codes = codes_of(y, classes)
    if len(classes) < 2:
        raise ValueError(
            "This solver needs samples of at least 2 classes in the data, but the data "
            f"contains only one class: {classes.tolist()[0]!r}"
        )
    return classes, codes


def codes_of(y: npt.NDArray[Any], classes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The number of each row's class among those of a fit."""
    order = np.argsort(classes)
    codes = order[np.searchsorted(classes[order], y).clip(max=len(classes) - 1)]
    if (other := classes[codes] != y).any():
        raise ValueError(f"y: got the label {y[other].tolist()[0]!r}; want those of the fit")
    return np.asarray(codes)


def class_weights(
    class_weight: Any,
    classes: npt.NDArray[Any],
    codes: npt.NDArray[Any],
    weight: npt.NDArray[np.float64] | None,
) -> npt.NDArray[np.float64] | None:
    """Weights of the rows, times that of their class."""
    if class_weight is None:
        return weight
    factors = compute_class_weight(
        class_weight, classes=classes, y=classes[codes], sample_weight=weight
    )
    return np.asarray(factors[codes] if weight is None else weight * factors[codes])


def is_single(X: Any) -> bool:
    """Whether the numbers are of float32."""
    return getattr(X, "dtype", None) == np.float32


def _refuse_missing(X: npt.NDArray[Any], estimator: Any) -> None:
    """As scikit-learn, which looks through rows on one thread, and asked only what is wrong."""
    if not _core.all_finite(X):
        assert_all_finite(X, estimator_name=type(estimator).__name__, input_name="X")


def _is_variable(column: Any) -> bool:
    """Whether a column of a frame is of categories or strings."""
    if is_categorical(column):
        return True
    dtype = str(column.dtype).lower()
    if dtype == "object":  # which frames also make of numbers that came one by one
        return any(isinstance(value, str) for value in column)
    return dtype.startswith(("str", "enum", "categorical"))


def _column(estimator: Any, name: str, column: Any, reset: bool) -> Any:
    """Numbers as scikit-learn checks them, a variable with the levels of the fit, or nothing."""
    if not _is_variable(column):
        numbers = check_array(
            column, dtype=_FLOATS, ensure_2d=False, input_name="X", estimator=estimator
        )
        return np.asarray(numbers)
    variable = categorical(_categories(column))
    names, codes = np.asarray(variable.names, object), variable.codes.astype(np.int64)
    if (codes >= variable.n_levels).any():
        raise ValueError(f"Input X contains NaN: column {name!r} has missing categories.")
    if reset:  # levels that no row has would have no coefficient
        seen = np.bincount(codes, minlength=variable.n_levels) > 0
        estimator.categories_[name] = names[seen]
    levels = estimator.categories_[name]
    place = {level: k for k, level in enumerate(levels)}
    of_code = np.array([place.get(level, -1) for level in names])
    at = of_code[codes]
    if (at < 0).any():
        level = names[codes[np.argmin(at)]]
        raise ValueError(
            f"Found unknown categories [{level!r}] in column {name!r}; the fit has seen "
            f"{len(levels)} others"
        )
    if estimator._has_reference:
        at, levels = at - 1, levels[1:]
    return Categorical(at, len(levels), levels) if len(levels) else None


def _categories(column: Any) -> Any:
    """The column as one of categories."""
    if is_categorical(column):
        return column
    if hasattr(column, "astype"):
        return column.astype("category")
    import polars

    return column.cast(polars.Categorical)

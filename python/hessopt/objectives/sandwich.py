"""Covariances that do not trust the law of y: A⁻¹BA⁻¹, B made of the scores of rows."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from .. import _core, _validation
from ..rows import Categorical, rows_of
from ..rows.frames import categorical, is_categorical
from .data import Weights, kind_of_weights
from .information import of_varying

_Doubles = npt.NDArray[np.float64]
_Codes = npt.NDArray[np.int64]

#: Kinds of covariances of an estimate.
Kind = Literal["observed", "expected", "HC0", "HC1", "HC3", "cluster"]
_KINDS = ["observed", "expected", "HC0", "HC1", "HC3", "cluster"]


def kind_of(model: Any, kind: str | None, clusters: object) -> str:
    """The kind that is meant, where the model has it."""
    if kind is None:
        kind = "observed" if clusters is None else "cluster"
    if kind not in _KINDS:
        raise _validation.error("kind", repr(kind), f"one of {_KINDS}")
    if (kind == "cluster") != (clusters is not None):
        got = "none" if clusters is None else f"some, and kind {kind!r}"
        raise _validation.error("clusters", got, "those of the rows, and kind 'cluster'")
    if kind == "expected" and getattr(model, "_expected_is_observed", False):
        return "observed"
    needs = "_expected_derivatives" if kind == "expected" else "row_derivatives"
    if kind != "observed" and not hasattr(model, needs):
        lacks = "expected information" if kind == "expected" else "scores of rows"
        got = f"{kind!r} of {type(model).__name__}, which has no {lacks}"
        others = [k for k in _KINDS[2:] if k != kind and hasattr(model, "row_derivatives")]
        raise _validation.error("kind", got, " or ".join(map(repr, ["observed", *others])))
    return kind


def expected_information(model: Any, x: npt.ArrayLike) -> tuple[_Doubles, _Doubles | None]:
    """As `_information` of the model, of the expected second derivatives."""
    rows, intercept = _rows_of(model)
    origin = model.column_moments[0]
    information = _core.gram_of_rows(rows, model._expected_derivatives(x), origin, intercept)
    information += np.diag(model.l2_of_parameters)
    if not intercept:
        return information, None
    return of_varying(information, origin, model.X), origin


def meat(model: Any, x: npt.ArrayLike, kind: str, clusters: Any, weights: Weights) -> _Doubles:
    """B over the square of the sum of weights, about the means of the columns.

    Parameters
    ----------
    model : LinearModel
        What was fitted.
    x : array_like, shape (n_parameters,)
        Its minimum.
    kind : {"HC0", "HC1", "HC3", "cluster"}
        How B is made.
    clusters : array_like, shape (n,), optional
        Of the kind "cluster".
    weights : {"frequency", "variance"}
        What weights of rows are.
    """
    slopes, _ = model.row_derivatives(x)
    rows, intercept = _rows_of(model)
    origin, weight = model.column_moments[0], model._given[1]["sample_weight"]
    repeated = kind_of_weights(weights) == "frequency" and weight is not None
    n, p = model.n_observations(weights), model.n_parameters
    if kind in ("HC1", "cluster") and n <= p:
        raise _validation.error("X", f"{n:g} rows", f"more than {p} rows, as many as parameters")
    if kind == "cluster":
        codes, count = codes_of(clusters, model.n_rows, weight)
        factor: float = count / (count - 1) * (n - 1) / (n - p)
        return factor * _core.gram_of_clusters(rows, slopes, origin, intercept, codes, count)
    if kind == "HC3":
        leverages = np.where(slopes == 0, 0.0, model.leverages(x))
        if repeated:  # of one row among its repetitions
            leverages = np.divide(leverages, weight, out=leverages, where=weight > 0)
        slopes = slopes / (1 - leverages)
    squares = slopes**2
    if repeated:  # each of so many rows has its part of the slope
        squares = np.divide(squares, weight, out=np.zeros_like(squares), where=weight > 0)
    factor = n / (n - p) if kind == "HC1" else 1.0
    return factor * _core.gram_of_rows(rows, squares, origin, intercept)


def codes_of(clusters: Any, n_rows: int, weight: _Doubles | None) -> tuple[_Codes, int]:
    """The number of each row's cluster, and how many there are; −1 where a row weighs nothing."""
    if isinstance(clusters, Categorical) or is_categorical(clusters):
        made = clusters if isinstance(clusters, Categorical) else categorical(clusters)
        labels = made.codes.astype(np.int64)
        if (labels >= made.n_levels).any():
            raise _validation.error("clusters", "rows of no level", "a cluster for every row")
    else:
        labels = _validation.indices("clusters", clusters)
    if len(labels) != n_rows:
        raise _validation.error("clusters", f"length {len(labels)}", f"length {n_rows}")
    some = np.ones(n_rows, bool) if weight is None else weight > 0
    codes = np.full(n_rows, -1, np.int64)
    names, codes[some] = np.unique(labels[some], return_inverse=True)
    if len(names) < 2:
        raise _validation.error("clusters", "one cluster", "two or more")
    return codes, len(names)


def _rows_of(model: Any) -> tuple[Any, bool]:
    return rows_of("X", model.X), model._given[1]["fit_intercept"]

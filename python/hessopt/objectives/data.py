"""Weights, offsets and penalties, as models are given them."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from .. import _arrays, _validation

_Doubles = npt.NDArray[np.float64]


def weights_of(sample_weight: npt.ArrayLike | None, n_rows: int) -> _Doubles:
    """Weights of the rows, or nothing where all weigh the same."""
    if sample_weight is None:
        return np.empty(0)
    weight = _validation.doubles("sample_weight", sample_weight, n_rows)
    if (weight < 0).any():
        raise _validation.error("sample_weight", f"the weight {weight.min():g}", "weights >= 0")
    if not weight.any():
        raise _validation.error("sample_weight", "weights that are all 0", "at least one > 0")
    with np.errstate(over="ignore"):
        if not np.isfinite(weight.sum()):
            raise _validation.error("sample_weight", "a sum that overflows", "smaller weights")
    return weight


#: What weights of rows are: repetitions, or inverse scales of the variance.
Weights = Literal["frequency", "variance"]


def kind_of_weights(weights: str) -> Weights:
    """One of the two."""
    if weights not in ("frequency", "variance"):
        raise _validation.error("weights", repr(weights), "'frequency' or 'variance'")
    return "frequency" if weights == "frequency" else "variance"


def total_of(weight: _Doubles, n_rows: int) -> float:
    """The sum of the weights, or the number of rows."""
    return float(weight.sum()) if weight.size else float(n_rows)


def offset_of(offset: npt.ArrayLike | None, n_rows: int, n_outputs: int) -> _Doubles:
    """Rows x outputs, or nothing."""
    if offset is None:
        return np.empty((0, 0))
    if n_outputs == 1:
        return _validation.doubles("offset", offset, n_rows)[:, None]
    given = _validation.matrix("offset", offset)
    if given.shape != (n_rows, n_outputs):
        raise _validation.error("offset", f"shape {given.shape}", f"shape ({n_rows}, {n_outputs})")
    return given.astype(np.float64, copy=False)


def ridge(l2: npt.ArrayLike, n_columns: int) -> _Doubles:
    """One number, or one per coefficient."""
    if _arrays.real("l2", l2).ndim == 0:
        return np.array([_validation.at_least("l2", l2, 0)])
    strength = _validation.doubles("l2", l2, n_columns)
    if (strength < 0).any():
        raise _validation.error("l2", f"the number {strength.min():g}", "numbers >= 0")
    return strength


def column_names(X: Any) -> list[str]:
    """Those that the data has, or X[:, 0] and so on."""
    known = getattr(X, "column_names", None)
    return [f"X[:, {j}]" for j in range(X.shape[1])] if known is None else [str(k) for k in known]


def per_parameter(l2: _Doubles, n_columns: int, n_outputs: int, n_parameters: int) -> _Doubles:
    """The penalty of each parameter, 0 for intercepts."""
    strengths = np.zeros((n_outputs, n_parameters // n_outputs))
    strengths[:, :n_columns] = l2
    return strengths.ravel()


class FromArrays:
    """A model that is pickled and copied as the arrays that it was made of, these by reference."""

    _given: tuple[tuple[Any, ...], dict[str, Any]]  # arguments of the class
    _column_names: list[str] | None = None  # of a frame that X was read from

    @property
    def X(self) -> Any:
        """The data where it lies: an array, read-only, shape (n_rows, p), or what came instead."""
        X = self._given[0][0]
        return super().X if isinstance(X, np.ndarray) else X  # type: ignore[misc]

    def with_l2(self, l2: npt.ArrayLike) -> Any:
        """The same objective under another penalty, its data read where it lies."""
        positional, named = self._given
        return type(self)(*positional, **{**named, "l2": l2})

    def __reduce__(self) -> tuple[Any, ...]:
        positional, named = self._given
        return _made, (type(self), positional, named), {"_column_names": self._column_names}

    def __repr__(self) -> str:
        (X, *_), named = self._given
        n, p = X.shape
        said = [f"{n} x {p} {getattr(X, 'dtype', type(X).__name__)}"]
        for name, value in named.items():
            if isinstance(value, np.ndarray):
                said.append(f"{name}=<{value.size} numbers>")
            elif value is not None:
                said.append(f"{name}={value}")
        return f"{type(self).__name__}({', '.join(said)})"


class OfRows(FromArrays):
    """Such a model whose class is compiled, and shares its data with others."""

    def with_l2(self, l2: npt.ArrayLike) -> Any:
        """The same objective under another penalty: the same data, not a copy."""
        strength = ridge(l2, self.X.shape[1])
        other = type(self).__new__(type(self))
        super(FromArrays, other).__init__(self, strength)  # type: ignore[call-arg]
        vars(other).update(vars(self))
        positional, named = self._given
        said = strength if strength.size > 1 else strength.item()
        other._given = positional, {**named, "l2": said}
        return other


def _made(kind: type, positional: tuple[Any, ...], named: dict[str, Any]) -> Any:
    return kind(*positional, **named)

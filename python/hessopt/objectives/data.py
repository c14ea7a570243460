"""Weights, offsets and penalties, as models are given them."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from .. import _validation

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
    return _validation.strengths("l2", l2, n_columns)


def lasso(l1: npt.ArrayLike | None, n_columns: int) -> float | _Doubles | None:
    """The same as a model is given it; None where it is 0, or there is none."""
    if l1 is None:
        return None
    strength = _validation.strengths("l1", l1, n_columns)
    if not strength.any():
        return None
    return strength if strength.size > 1 else float(strength[0])


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
    n_parameters: int

    @property
    def _n_outputs(self) -> int:
        """Blocks of parameters, each of which begins with the coefficients of the columns."""
        return 1

    @property
    def X(self) -> Any:
        """The data where it lies: an array, read-only, shape (n_rows, p), or what came instead."""
        X = self._given[0][0]
        return super().X if isinstance(X, np.ndarray) else X  # type: ignore[misc]

    def with_l2(self, l2: npt.ArrayLike) -> Any:
        """The same objective under another penalty, its data read where it lies."""
        positional, named = self._given
        return type(self)(*positional, **{**named, "l2": l2})

    @property
    def l1(self) -> _Doubles:
        """Strength of the l1 term of each coefficient, shape (p,)."""
        given, p = self._given[1].get("l1"), self.X.shape[1]
        return np.broadcast_to(0.0 if given is None else given, p).astype(np.float64)

    @property
    def l1_of_parameters(self) -> _Doubles:
        """The l1 term of each parameter, shape (n_parameters,): 0 for all but coefficients."""
        return per_parameter(self.l1, self.X.shape[1], self._n_outputs, self.n_parameters)

    def _is_bounded(self) -> bool:
        """Whether it is plain to see that nothing falls without end."""
        return False

    def _is_held(self, direction: _Doubles) -> bool:
        """Whether the l1 term rises along it, so that nothing falls without end."""
        return bool(np.any(direction[self.l1_of_parameters > 0]))

    def with_l1(self, l1: npt.ArrayLike) -> Any:
        """The same objective with another l1 term: the same data, not a copy."""
        positional, named = self._given
        other = self.with_l2(named["l2"])
        other._given = positional, {**named, "l1": lasso(l1, self.X.shape[1])}
        return other

    def hessian_of(self, x: npt.ArrayLike, which: npt.ArrayLike) -> _Doubles:
        """The Hessian at x in some of the parameters alone, x being 0 in all others.

        Of few columns of dense or sparse X no others are read.

        Parameters
        ----------
        x : array_like, shape (n_parameters,)
            0 but in `which`.
        which : array_like of integers, shape (k,)
            Places in x, rising; all parameters that are no coefficients of columns among them.

        Returns
        -------
        ndarray, shape (k, k)
        """
        places, p = _validation.indices("which", which), self.X.shape[1]
        columns = np.unique(places % (self.n_parameters // self._n_outputs))
        columns = columns[columns < p]
        if len(columns) == 0:
            columns = np.zeros(1, np.int64)  # a model has one at least
        if 5 * len(columns) >= 4 * p or not self.has_columns:
            return np.asarray(self.hessian(x)[np.ix_(places, places)])  # type: ignore[attr-defined]
        of_columns = self.parameters_of(columns)
        some = self.of_columns(columns)
        at = _validation.doubles("x", x, self.n_parameters)[of_columns]
        rows = np.searchsorted(of_columns, places)
        return np.asarray(some.hessian(at)[np.ix_(rows, rows)])

    @property
    def has_columns(self) -> bool:
        """Whether some columns of X can be taken, as those of arrays and of sparse matrices."""
        return isinstance(self.X, np.ndarray) or hasattr(self.X, "tocsc")

    def parameters_of(self, columns: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The places in x of the parameters of `of_columns`, rising."""
        stride = self.n_parameters // self._n_outputs
        own = np.concatenate([columns, np.arange(self.X.shape[1], stride)])
        return np.asarray(stride * np.arange(self._n_outputs)[:, None] + own).ravel()

    def of_columns(self, columns: npt.NDArray[np.int64]) -> Any:
        """The same objective of some columns of X alone, which are copied."""
        (X, *rest), named = self._given
        chosen = {
            key: named[key][columns]
            for key in ("l1", "l2")
            if isinstance(named.get(key), np.ndarray)
        }
        return _made(type(self), (X[:, columns], *rest), {**named, **chosen})

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

"""Every argument check, and its sentence: the argument, what came, what is wanted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _arrays, _core

Array = _arrays.Array
error = _arrays.error


def real(name: str, value: object, want: str) -> float:
    """A finite real number."""
    value = scalar(value)
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real):
        raise TypeError(f"{name}: got {value!r}; want {want}")
    number = float(value)
    if not math.isfinite(number):
        raise error(name, value, want)
    return number


def at_least(name: str, value: object, lowest: float) -> float:
    """A finite real number that is not below `lowest`."""
    want = f"a finite number >= {lowest:g}"
    number = real(name, value, want)
    if number < lowest:
        raise error(name, value, want)
    return number


def rate(value: object) -> float:
    """A fraction dropped."""
    want = "a fraction in [0, 1)"
    number = real("rate", value, want)
    if not 0 <= number < 1:
        raise error("rate", value, want)
    return number


def probability(name: str, value: object) -> float:
    """A probability."""
    want = "a probability in [0, 1]"
    number = real(name, value, want)
    if not 0 <= number <= 1:
        raise error(name, value, want)
    return number


def integer(name: str, value: object, lowest: int = 0, below: int = 2**63) -> int:
    """An integer in [lowest, below)."""
    power = below.bit_length() - 1
    end = f"2**{power}" if power > 16 and below == 2**power else str(below)
    want = f"an integer in [{lowest}, {end})"
    value = scalar(value)
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Integral):
        raise TypeError(f"{name}: got {value!r}; want {want}")
    number = int(value)
    if not lowest <= number < below:
        raise error(name, value, want)
    return number


def scalar(value: object) -> object:
    """The number in an array of no dimensions."""
    return value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value


def seed(value: object) -> int:
    """A 64-bit seed."""
    return integer("seed", value, 0, 2**64)


def stream(value: object) -> int:
    """A 32-bit stream."""
    return integer("stream", value, 0, 2**32)


def flag(name: str, value: object) -> bool:
    """True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name}: got {value!r}; want True or False")
    return bool(value)


def store(law: object, **fields: object) -> None:
    """Checked values into the fields of a frozen dataclass."""
    for name, value in fields.items():
        object.__setattr__(law, name, value)


def array(name: str, value: object, ndim: int | None = None) -> Array:
    """A NumPy array of float32 or float64, whose own memory is used wherever it can be.

    Integers and booleans become float64. Nothing is said about finiteness.
    """
    a = _arrays.real(name, value)
    if a.dtype.kind == "f" and a.dtype.itemsize not in (4, 8):
        want = f"float32, float64 or integers: {name}.astype(float)"
        raise TypeError(f"{name}: got dtype {a.dtype}; want {want}")
    if ndim is not None and a.ndim != ndim:
        raise error(name, f"shape {a.shape}", _dimensions(name, a.ndim, ndim))
    dtype = np.dtype(a.dtype.type if a.dtype.kind == "f" else np.float64)  # native byte order
    aligned = a.flags.aligned and all(s % a.itemsize == 0 for s in a.strides)
    return a if a.dtype == dtype and aligned else a.astype(dtype, order="C")


def _dimensions(name: str, got: int, wanted: int) -> str:
    """How many there should be, and the way to get them."""
    if wanted == 1:
        return "1 dimension" + (f": {name}.ravel()" if got > 1 else "")
    if got == 1:
        return f"{wanted} dimensions: {name}[:, None] for one column, {name}[None] for one row"
    return f"{wanted} dimensions" + (f": {name}.reshape(len({name}), -1)" if got > wanted else "")


def finite(name: str, a: Array, frame: object = None) -> Array:
    """An array of one or two dimensions without NaN and inf, looked through block by block.

    `frame` is what the array was made of, which may have names for its columns.
    """
    rows = a if a.ndim == 2 else a[None] if a.flags.c_contiguous else a[:, None]
    if a.size and not _core.all_finite(rows):
        if not hasattr(frame, "columns"):
            raise error(name, "NaN or inf", "finite numbers")
        _arrays.refuse_column(name, frame.columns, a)
    return a


def filled(name: str, value: object) -> Array:
    """A 2-d array with at least one row and one column; nothing is said about finiteness."""
    a = array(name, value, 2)
    if 0 in a.shape:
        raise error(name, f"shape {a.shape}", "at least one row and one column")
    return a


def matrix(name: str, value: object) -> Array:
    """A finite 2-d array with at least one row and one column."""
    return finite(name, filled(name, value), value)


def vector(name: str, value: object, length: int) -> Array:
    """A finite 1-d array of the given length, in one piece: it is small beside a matrix."""
    a = array(name, value, 1)
    if a.shape[0] != length:
        raise error(name, f"length {a.shape[0]}", f"length {length}")
    return finite(name, np.ascontiguousarray(a))


def doubles(name: str, value: object, length: int) -> npt.NDArray[np.float64]:
    """The same in float64."""
    return vector(name, value, length).astype(np.float64, copy=False)


def strengths(name: str, value: object, length: int) -> npt.NDArray[np.float64]:
    """One number >= 0, or one for each of so many coefficients."""
    if _arrays.real(name, value).ndim == 0:
        return np.array([at_least(name, value, 0)])
    strength = doubles(name, value, length)
    if (strength < 0).any():
        raise error(name, f"the number {strength.min():g}", "numbers >= 0")
    return strength


def items(name: str, value: object) -> tuple[object, ...]:
    """An integer alone, or what a sequence has."""
    value = scalar(value)
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, Integral):
        return (value,)
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes, memoryview)):
        raise TypeError(f"{name}: got {value!r}; want an integer or a sequence of integers")
    return tuple(value)


def shape(name: str, value: object) -> tuple[int, ...]:
    """The sizes of an array."""
    dims = tuple(integer(name, n) for n in items(name, value))
    if math.prod(dims) >= 2**63:
        raise error(name, dims, "fewer than 2**63 elements")
    return dims


def new(name: str, dims: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """An array to be filled, where there is memory for it."""
    _core.require_memory(name, math.prod(dims[:1]), math.prod(dims[1:]), dtype.itemsize)
    return np.empty(dims, dtype)


def writable(name: str, a: object, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """An array in C order that a result is written into."""
    if not isinstance(a, np.ndarray):
        raise TypeError(f"{name}: got {type(a).__name__}; want an array")
    if a.shape != shape or a.dtype != dtype:
        raise error(name, f"{a.dtype} of shape {a.shape}", f"{dtype} of shape {shape}")
    if not (a.flags.c_contiguous and a.flags.writeable and a.flags.aligned):
        raise error(name, "an array that is read-only or strided", "a writable one in C order")


def indices(name: str, value: object) -> npt.NDArray[np.int64]:
    """Whole numbers in a row."""
    a = _arrays.real(name, value)
    if a.ndim != 1:
        raise error(name, f"shape {a.shape}", _dimensions(name, a.ndim, 1))
    if a.dtype.kind == "f" and (a != np.floor(a)).any():
        raise error(name, f"the number {a[a != np.floor(a)][0]:g}", "integers")
    return a.astype(np.int64)


def common_dtype(*arrays: Array) -> list[Array]:
    """Arrays of one dtype, the widest among them."""
    dtype = np.result_type(*arrays)
    return [a.astype(dtype, copy=False) for a in arrays]


def labels(y: object, n_rows: int) -> tuple[npt.NDArray[np.float64], int]:
    """Integer labels 0 .. K - 1 as float64, and K."""
    a = doubles("y", y, n_rows)
    if (a < 0).any() or (a != np.floor(a)).any():
        raise error("y", f"the label {a[(a < 0) | (a != np.floor(a))][0]:g}", "integers 0 .. K - 1")
    n_classes = int(a.max()) + 1
    if n_classes < 2:
        raise error("y", "one class", "at least two, labelled 0 .. K - 1")
    if n_classes > n_rows:
        raise error("y", f"the label {n_classes - 1} among {n_rows} rows", "integers 0 .. K - 1")
    return a, n_classes

"""Every argument check, and its sentence: the argument, what came, what is wanted."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core

Array = npt.NDArray[Any]


def error(name: str, got: object, want: str) -> ValueError:
    """The error of a value that does not do."""
    return ValueError(f"{name}: got {got}; want {want}")


def real(name: str, value: object, want: str) -> float:
    """A finite real number."""
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
    want = f"an integer in [{lowest}, 2**{below.bit_length() - 1})"
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Integral):
        raise TypeError(f"{name}: got {value!r}; want {want}")
    number = int(value)
    if not lowest <= number < below:
        raise error(name, value, want)
    return number


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


def array(name: str, value: object, ndim: int | None = None) -> Array:
    """A NumPy array of float32 or float64, whose own memory is used wherever it can be.

    Integers and booleans become float64. Nothing is said about finiteness.
    """
    try:
        a = np.asarray(value)
    except ValueError as exc:  # ragged lists
        raise error(name, "a sequence that is not an array", "numbers") from exc
    if a.dtype.kind not in "fiub" or (a.dtype.kind == "f" and a.dtype.itemsize not in (4, 8)):
        raise TypeError(f"{name}: got dtype {a.dtype}; want float32, float64 or integers")
    if ndim is not None and a.ndim != ndim:
        want = f"{ndim} dimension" + ("s" if ndim > 1 else "")
        raise error(name, f"shape {a.shape}", want)
    if a.dtype.kind != "f":
        a = a.astype(np.float64)
    dtype = np.dtype(a.dtype.type)  # native byte order
    aligned = a.flags.aligned and all(s % a.itemsize == 0 for s in a.strides)
    return a if a.dtype == dtype and aligned else np.ascontiguousarray(a, dtype)


def finite(name: str, a: Array) -> Array:
    """An array without NaN and inf, looked through block by block."""
    rows = a if a.ndim == 2 else a.reshape(1, -1) if a.flags.c_contiguous else a[:, None]
    if a.size and not _core.all_finite(rows):
        raise error(name, "NaN or inf", "finite numbers")
    return a


def filled(name: str, value: object) -> Array:
    """A 2-d array with at least one row and one column; nothing is said about finiteness."""
    a = array(name, value, 2)
    if 0 in a.shape:
        raise error(name, f"shape {a.shape}", "at least one row and one column")
    return a


def matrix(name: str, value: object) -> Array:
    """A finite 2-d array with at least one row and one column."""
    return finite(name, filled(name, value))


def vector(name: str, value: object, length: int) -> Array:
    """A finite 1-d array of the given length."""
    a = array(name, value, 1)
    if a.shape[0] != length:
        raise error(name, f"length {a.shape[0]}", f"length {length}")
    return finite(name, a)


def writable(name: str, a: object, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """An array in C order that a result is written into."""
    if not isinstance(a, np.ndarray):
        raise TypeError(f"{name}: got {type(a).__name__}; want an array")
    if a.shape != shape or a.dtype != dtype:
        raise error(name, f"{a.dtype} of shape {a.shape}", f"{dtype} of shape {shape}")
    if not (a.flags.c_contiguous and a.flags.writeable and a.flags.aligned):
        raise error(name, "an array that is read-only or strided", "a writable one in C order")


def common_dtype(*arrays: Array) -> list[Array]:
    """Arrays of one dtype, the widest among them."""
    dtype = np.result_type(*arrays)
    return [a.astype(dtype, copy=False) for a in arrays]


def labels(y: object, n_rows: int) -> tuple[npt.NDArray[np.float64], int]:
    """Integer labels 0 .. K - 1 as float64, and K."""
    a = vector("y", y, n_rows).astype(np.float64, copy=False)
    if (a < 0).any() or (a != np.floor(a)).any():
        raise error("y", f"the label {a[(a < 0) | (a != np.floor(a))][0]:g}", "integers 0 .. K - 1")
    n_classes = int(a.max()) + 1
    if n_classes < 2:
        raise error("y", "one class", "at least two, labelled 0 .. K - 1")
    if n_classes > n_rows:
        raise error("y", f"the label {n_classes - 1} among {n_rows} rows", "integers 0 .. K - 1")
    return a, n_classes

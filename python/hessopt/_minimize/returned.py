"""What the caller's functions return, as a number, a vector and a matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _arrays, _validation

Vector = npt.NDArray[Any]
# As SciPy says it, for callers that test for its words.
_SCIPYS = "The user-provided objective function must return a scalar value."


def pair(returned: Any) -> tuple[Any, Any]:
    """What fun returned under jac=True."""
    if type(returned) is tuple and len(returned) == 2:
        return returned
    if not isinstance(returned, (tuple, list)) or len(returned) != 2:
        raise TypeError(f"fun: got {type(returned).__name__}; want (f, gradient), as jac=True says")
    return returned[0], returned[1]


def number(f: Any) -> float:
    """The one real number in a scalar, an array, a list, a Series."""
    a = _arrays.returned("fun", f, "one real number")
    if a.size != 1:
        raise _validation.error("fun", f"shape {a.shape}", f"one real number. {_SCIPYS}")
    return float(a.item())


def complex_number(f: Any) -> complex:
    """The same for f of a complex x."""
    a = _arrays.returned("fun", f, "one complex number", "fiubc")
    if a.size != 1:
        raise _validation.error("fun", f"shape {a.shape}", "one complex number")
    return complex(a.item())


def flat(g: Any, name: str = "g") -> Vector:
    """A gradient or a product as an array of one dimension, from a column, a row, or a number."""
    a = _arrays.returned(name, g, "real numbers", "fiubc")  # complex at a complex x
    if a.ndim > 2 or (a.ndim == 2 and 1 not in a.shape):
        raise _validation.error(name, f"shape {a.shape}", "shape (n,)")
    return a.reshape(-1)


def vector(g: Any, n: int, name: str = "g") -> Vector:
    """The same of length n."""
    a = flat(g, name)
    if len(a) != n:
        raise _validation.error(name, f"shape {np.shape(g)}", f"shape ({n},)")
    return a


def is_operator(h: Any) -> bool:
    """Whether a Hessian is a sparse matrix or a linear operator of SciPy's kind."""
    return hasattr(h, "toarray") or (hasattr(h, "matvec") and not isinstance(h, np.ndarray))


def matrix(h: Any, n: int) -> Vector:
    """A Hessian as an array."""
    if hasattr(h, "toarray"):
        return np.asarray(h.toarray())
    if is_operator(h):
        return np.asarray(h @ np.eye(n))
    a = _arrays.returned("H", h, "real numbers")
    return a.reshape(1, 1) if n == a.size == 1 else a


def times(h: Any, v: Vector) -> Vector:
    """The product of a Hessian with a vector."""
    left = h if is_operator(h) else matrix(h, len(v))
    return vector(left @ v, len(v), "product")


def is_single(*returned: Any) -> bool:
    """Whether all that came is float32 of NumPy's."""
    return all(getattr(r, "dtype", None) == np.float32 for r in returned)


def precision(f: Any) -> float:
    """The relative rounding error of what it is returned as."""
    dtype = getattr(f, "dtype", None)
    kind = dtype if dtype in (np.float32, np.float16) else np.float64
    return float(np.finfo(kind).eps)

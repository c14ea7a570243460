"""What symmetric systems are given as: a matrix of which one triangle is read, right-hand sides."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from .. import _validation
from .._validation import Array


def square(value: npt.ArrayLike) -> Array:
    """H as an array; its numbers are not yet checked."""
    matrix = _validation.array("H", value, 2)
    if matrix.shape[1] != matrix.shape[0] or matrix.size == 0:
        raise _validation.error("H", f"shape {matrix.shape}", "a square matrix, not empty")
    return matrix


@contextlib.contextmanager
def naming_non_finite(matrices: Array) -> Iterator[None]:
    """Name NaN and inf in H where its factorisation fails; no other call pays for the check."""
    try:
        yield
    except np.linalg.LinAlgError:
        lower_finite(matrices)
        raise


def lower_finite(matrices: Array) -> None:
    """Refuse NaN and inf in the triangles that are read."""
    _validation.finite("H", np.tril(matrices).reshape(-1, matrices.shape[-1]))


def right_hand_side(value: npt.ArrayLike, n: int, name: str = "b") -> Array:
    """One vector of n numbers, or several as columns."""
    rhs = _validation.array(name, value)
    if rhs.ndim not in (1, 2) or rhs.shape[0] != n:
        raise _validation.error(name, f"shape {rhs.shape}", f"shape ({n},) or ({n}, k)")
    return _validation.finite(name, rhs)

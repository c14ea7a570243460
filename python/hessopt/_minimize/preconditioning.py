"""Preconditioners as users give them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy.typing as npt

Vector = npt.NDArray[Any]


def operator(given: Any) -> Callable[[Vector], Any] | None:
    """The function that applies a preconditioner, or None where it is an array or a word."""
    if callable(given) and not hasattr(given, "matvec"):
        function: Callable[[Vector], Any] = given
        return function
    if hasattr(given, "matvec"):
        matvec: Callable[[Vector], Any] = given.matvec
        return matvec
    matrix = getattr(given, "ndim", 0) == 2
    return (lambda v: given @ v) if matrix else None

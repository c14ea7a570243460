"""Preconditioners as users give them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy.typing as npt

from .. import _validation
from ..solvers.base import preconditioner_of

Vector = npt.NDArray[Any]


def operator(given: Any, constrained: int | None = None) -> Callable[[Vector], Any] | None:
    """The function that applies a preconditioner, or None where it is an array or a word.

    `constrained`: the length of x where constraints leave the solver other variables than x, of
    which an array would be no diagonal.
    """
    if callable(given) and not hasattr(given, "matvec"):
        function: Callable[[Vector], Any] = given
        return function
    if hasattr(given, "matvec"):
        matvec: Callable[[Vector], Any] = given.matvec
        return matvec
    if getattr(given, "ndim", 0) == 2:
        return lambda v: given @ v
    if constrained is not None and given is not None and not isinstance(given, str):
        _, diagonal = preconditioner_of(given, ())
        diagonal = _validation.vector("preconditioner", diagonal, constrained)
        return lambda v: diagonal * v
    return None

"""Linear algebra for curvature: Gram matrices, Cholesky factors, the two-loop recursion."""

from __future__ import annotations

from .cholesky import Cholesky
from .products import two_loop, weighted_gram
from .solve import cholesky_solve

__all__ = [
    "Cholesky",
    "cholesky_solve",
    "two_loop",
    "weighted_gram",
]

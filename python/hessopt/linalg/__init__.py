"""Linear algebra for curvature: Gram matrices, Cholesky factors, the two-loop recursion."""

from __future__ import annotations

from .cholesky import Cholesky, cholesky_solve
from .products import two_loop, weighted_gram

__all__ = [
    "Cholesky",
    "cholesky_solve",
    "two_loop",
    "weighted_gram",
]

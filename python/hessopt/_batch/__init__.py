"""Many small problems at once."""

from __future__ import annotations

from .run import minimize_batch

__all__ = ["minimize_batch"]

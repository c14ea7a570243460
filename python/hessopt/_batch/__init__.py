"""Many small problems at once."""

from __future__ import annotations

from .model import BatchModel
from .run import minimize_batch

__all__ = ["BatchModel", "minimize_batch"]

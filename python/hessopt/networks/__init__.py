"""Dense networks as objectives: exact value, gradient and curvature, dropout by fixed masks."""

from __future__ import annotations

from .layers import Dense, Dropout
from .network import Network

__all__ = ["Dense", "Dropout", "Network"]

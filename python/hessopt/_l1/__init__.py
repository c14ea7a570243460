"""The l1 term of a model: where it leaves nothing, and paths of its strength."""

from __future__ import annotations

from .largest import l1_max
from .path import L1Path, l1_path

__all__ = ["L1Path", "l1_max", "l1_path"]

"""Modules of torch: Monte-Carlo dropout of any, and their losses as objectives.

Needs torch (``pip install hessopt[torch]``), which is imported here and nowhere else.
"""

from __future__ import annotations

try:
    import torch as _torch  # noqa: F401
except ImportError as exc:
    raise ImportError("hessopt.torch needs torch: pip install hessopt[torch]") from exc

from .masks import masked, predict_distribution
from .objective import ModuleObjective

__all__ = ["ModuleObjective", "masked", "predict_distribution"]

"""How sure a fit is: Laplace's approximation, the evidence, calibration."""

from __future__ import annotations

from .evidence import maximize_evidence
from .posterior import Laplace, laplace
from .reliability import Calibration, calibration

__all__ = [
    "Calibration",
    "Laplace",
    "calibration",
    "laplace",
    "maximize_evidence",
]

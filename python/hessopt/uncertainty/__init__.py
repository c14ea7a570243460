"""How sure a fit is: Laplace's approximation, the evidence, calibration."""

from __future__ import annotations

from .evidence import maximize_evidence
from .likeliest import LikeliestFamily, maximize_likelihood
from .posterior import Laplace, laplace
from .reliability import Calibration, calibration

__all__ = [
    "Calibration",
    "Laplace",
    "LikeliestFamily",
    "calibration",
    "laplace",
    "maximize_evidence",
    "maximize_likelihood",
]
